"""Bilingual text of an entry -> Markdown of one language that is safe to publish.

Values are evaluated, formulas parsed and printed, links resolved; everything that could become HTML, an attribute list
or an unintended link is escaped.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import mpmath

from truecurve import expression, formulas, recordings, values
from truecurve.catalog import Catalog
from truecurve.entry import Entry, Vector
from truecurve.fields import Text
from truecurve.printing import GREEK
from truecurve.problem import Fault, Problem
from truecurve.sections import Reference

TOKEN = re.compile(
    r"(?P<code>(?P<ticks>`+)[^`].*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<math>\\\(.+?\\\)|\\\[.+?\\\])"
    r"|\[\[(?P<formula>.+?)\]\]"
    r"|\{\{(?P<value>.+?)\}\}"
    r"|\[@(?P<cite>[^\]]*)\]"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<target>[^()\s]*)\)",
    re.DOTALL,
)
ESCAPES = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    "{": "&#123;",
    "}": "&#125;",
    "[": "&#91;",
    "]": "&#93;",
    "!": "&#33;",
}
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def escape(text: str) -> str:
    """Text that Markdown cannot turn into HTML, attributes, links or images."""
    return "".join(ESCAPES.get(character, character) for character in text)


def markdown(text: Text, entry: Entry, language: str, catalog: Catalog) -> str:
    """Markdown for a page in functions/. Raises Fault with the offset in the text of this language."""
    return _render(getattr(text, language), entry, catalog, _Markdown(entry, catalog))


def plain(text: Text, entry: Entry, language: str, catalog: Catalog) -> str:
    """The same without markup, for descriptions and other pages; not escaped for HTML."""
    made = _render(getattr(text, language), entry, catalog, _Plain(entry, catalog))
    return re.sub(r"\s+", " ", re.sub(r"(\*\*|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*]))", "", made)).strip()


def _render(source: str, entry: Entry, catalog: Catalog, writer: "_Markdown") -> str:
    parts, end = [], 0
    for match in TOKEN.finditer(source):
        parts.append(writer.text(source[end : match.start()]))
        kind = match.lastgroup if match.lastgroup != "target" else "label"
        group = "code" if match["code"] else kind or ""
        try:
            parts.append(getattr(writer, group)(match))
        except Fault as fault:
            raise Fault(fault.what, fault.fix, match.start() + fault.offset) from None
        end = match.end()
    parts.append(writer.text(source[end:]))
    return "".join(parts)


class _Markdown:
    def __init__(self, entry: Entry, catalog: Catalog):
        self.entry, self.catalog = entry, catalog
        # Texts compare functions, so they may name the parameters of all.
        self.names = LETTERS.union(*(other.parameters for other in catalog), GREEK, entry.parameters)

    def text(self, text: str) -> str:
        return escape(text)

    def code(self, match: re.Match[str]) -> str:
        return match["code"]

    def math(self, match: re.Match[str]) -> str:
        check_latex(match["math"][2:-2].strip())
        return match["math"]

    def formula(self, match: re.Match[str]) -> str:
        lead = 2 + len(match["formula"]) - len(match["formula"].lstrip())
        try:
            parsed = expression.parse(match["formula"].strip(), self.names)
        except Fault as fault:
            fix = "write a formula in x and parameters of the catalogue" if "unknown name" in fault.what else fault.fix
            raise Fault(fault.what, fix, lead + fault.offset) from None
        return rf"\({parsed.latex()}\)"

    def value(self, match: re.Match[str]) -> str:
        source, _, digits = match["value"].rpartition("|")
        if not source or not digits.strip().isdigit():
            source, digits = match["value"], "4"
        lead = 2 + len(source) - len(source.lstrip())
        source = source.strip()
        if source.startswith("torch:"):
            code = source.removeprefix("torch:").strip()
            recorded = recordings.torch_value(code)
            if recorded is None:
                return f"`{code}`"
            return recorded if isinstance(recorded, str) else values.number(recorded, int(digits))
        try:
            return values.number(values.Evaluator(self.entry, self.catalog).evaluate(source), int(digits))
        except Fault as fault:
            raise Fault(fault.what, fault.fix, lead + fault.offset) from None
        except ArithmeticError as error:
            raise Fault(f"cannot be computed ({type(error).__name__})", "choose another x", lead) from None

    def cite(self, match: re.Match[str]) -> str:
        return citation(self.work(match["cite"]))

    def work(self, identifier: str) -> Reference:
        known = {item if isinstance(item, str) else item.id for item in self.entry.references}
        if identifier not in known:
            raise Fault(f"no reference {identifier!r} in this entry", "list it under references", 2)
        try:
            return self.catalog.reference(identifier)
        except KeyError:
            raise Fault(f"no work {identifier!r}", "describe it under references", 2) from None

    def label(self, match: re.Match[str]) -> str:
        return f"[{escape(match['label'])}]({self.target(match)})"

    def target(self, match: re.Match[str]) -> str:
        target, offset = match["target"], match.start("target") - match.start()
        if target.startswith("entry:"):
            identifier = target.removeprefix("entry:")
            if not any(entry.id == identifier for entry in self.catalog):
                raise Fault(f"no entry {identifier!r}", "correct the link", offset)
            return f"{identifier}.md"
        if target.startswith("https://"):
            return target
        raise Fault(f"link {target!r} is neither entry: nor https://", "correct the link", offset)


class _Plain(_Markdown):
    def text(self, text: str) -> str:
        return text

    def code(self, match: re.Match[str]) -> str:
        return match["code"].strip("`")

    def math(self, match: re.Match[str]) -> str:
        return match["math"][2:-2].replace("\\", "").strip()

    def formula(self, match: re.Match[str]) -> str:
        super().formula(match)
        return match["formula"].strip()

    def cite(self, match: re.Match[str]) -> str:
        return author_year(self.work(match["cite"]))

    def label(self, match: re.Match[str]) -> str:
        self.target(match)
        return match["label"]


def author_year(work: Reference) -> str:
    """Clevert et al. 2015, Glorot & Bengio 2010, Elman 1990."""
    names = [name.split(",")[0].strip() for name in re.split(r";| and ", work.authors)]
    surname = names[0].split()[-1] if "," not in work.authors.split(";")[0] else names[0]
    if len(names) == 2:
        second = names[1].split()[-1] if "," not in work.authors.split(";")[1:2] else names[1]
        surname = f"{surname} & {second}"
    return f"{surname}{' et al.' if len(names) > 2 else ''} {work.year}"


def check_latex(latex: str) -> None:
    """Raise Fault for what KaTeX rejects, and for words, whose glyphs its fonts do not have."""
    if not latex.isascii():
        raise Fault(
            f"a formula with the character {next(c for c in latex if not c.isascii())!r}", "move words out of it"
        )
    try:
        formulas.html(latex, display=False)
    except formulas.FormulaError as error:
        raise Fault(str(error), "correct the formula") from None


def citation(work: Reference) -> str:
    """A link to the list of references of the same page."""
    return f"[{author_year(work)}](#ref-{work.id})"


def evidence(source: str, entry: Entry, catalog: Catalog) -> str:
    """The refuting line: the expression as the author wrote it, and the number on each side of its comparison.

    Markdown such as `f(-1) < 0`: −0.1587 < 0. Raises Fault if the expression is not true.
    """
    tree = values.parse(source)
    evaluator = values.Evaluator(entry, catalog)
    with mpmath.workdps(50):
        if not evaluator.node(tree, 0):
            raise Fault("this does not hold", f"correct it: {_sides(tree, evaluator)}")
        return f"`{source.strip()}`: {_sides(tree, evaluator)}"


def _sides(tree: ast.AST, evaluator: values.Evaluator) -> str:
    if isinstance(tree, ast.BoolOp):
        joint = " ∧ " if isinstance(tree.op, ast.And) else " ∨ "
        return joint.join(_sides(part, evaluator) for part in tree.values)
    if not isinstance(tree, ast.Compare):
        return values.number(evaluator.node(tree, 0))
    sides = [evaluator.node(side, 0) for side in (tree.left, *tree.comparators)]
    # As many digits as the comparison needs to be seen.
    scalars = [side for side in sides if isinstance(side, mpmath.mpf) and mpmath.isfinite(side)]
    distinct = len({+side for side in scalars})
    digits = next((d for d in (4, 6, 8, 12, 17, 30) if len({mpmath.nstr(side, d) for side in scalars}) == distinct), 4)
    text = escape(values.number(sides[0], digits))
    for op, side in zip(tree.ops, sides[1:], strict=True):
        text += f" {escape(values.COMPARISONS[type(op)][0])} {escape(values.number(side, digits))}"
    return text


def texts(model: Any, loc: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Text]]:
    """Every Text of an entry with the path to it."""
    if isinstance(model, Text):
        yield loc, model
    elif hasattr(type(model), "model_fields"):
        for name, field in type(model).model_fields.items():
            yield from texts(getattr(model, name), (*loc, field.alias or name))
    elif isinstance(model, dict):
        for key, item in model.items():
            yield from texts(item, (*loc, key))
    elif isinstance(model, (list, tuple)):
        for index, item in enumerate(model):
            yield from texts(item, (*loc, index))


def check(entry: Entry, catalog: Catalog) -> list[Problem]:
    """Every Text in both languages, every shown_by and every property of one entry."""
    problems: list[Problem] = []

    def attempt(loc: tuple[Any, ...], action: Callable[[], Any]) -> None:
        try:
            action()
        except Fault as fault:
            problems.append(entry._source.problem(loc, fault.what, fault.fix, fault.offset))

    for loc, text in texts(entry):
        for language in ("zh", "en"):
            attempt((*loc, language), partial(markdown, text, entry, language, catalog))
    if isinstance(entry, Vector):
        attempt(("latex",), partial(check_latex, entry.latex))
        attempt(("jacobian_latex",), partial(check_latex, entry.jacobian_latex))
        for index, form in enumerate(entry.forms):
            attempt(("forms", index, "latex"), partial(check_latex, form.latex))
    for index, mistake in enumerate(entry.mistakes):
        for row, source in enumerate(mistake.shown_by):
            attempt(("mistakes", index, "shown_by", row), partial(evidence, source, entry, catalog))
    return problems


def recorded_values(entry: Entry) -> set[str]:
    """Every PyTorch expression that the texts of an entry quote."""
    found = set()
    for _, text in texts(entry):
        for match in re.finditer(r"\{\{\s*torch:(.+?)(?:\|\s*\d+\s*)?\}\}", text.zh + text.en, re.DOTALL):
            found.add(match[1].strip())
    return found
