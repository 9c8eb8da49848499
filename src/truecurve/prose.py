"""Bilingual text of an entry or guide -> Markdown of one language that is safe to publish.

Values are evaluated, formulas parsed and printed, links resolved; everything that could become HTML, an attribute list
or an unintended link is escaped.
"""

import ast
import posixpath
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np

from truecurve import expression, formulas, recordings, values
from truecurve.catalog import Catalog
from truecurve.entry import Entry, Vector
from truecurve.fields import Text, parts
from truecurve.guide import Guide
from truecurve.layer import Layer
from truecurve.printing import GREEK
from truecurve.problem import Fault, Problem
from truecurve.sections import Mistake, Reference, Subject

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
SITE = "https://SITE/"
"""Stands for the address of the site, which the build does not know."""
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def escape(text: str) -> str:
    """Text that Markdown cannot turn into HTML, attributes, links or images."""
    return "".join(ESCAPES.get(character, character) for character in text)


def markdown(text: Text, subject: Subject, language: str, catalog: Catalog, on: str | None = None) -> str:
    """Markdown for the page of the subject, or for the page `on`, from which links then lead.

    Raises Fault with the offset in the text of this language.
    """
    return _render(getattr(text, language), _Markdown(subject, catalog, on or subject.page))


def standalone(text: Text, subject: Subject, language: str, catalog: Catalog) -> str:
    """Markdown for a document outside the site, as Jupyter reads it: full addresses, formulas between dollar signs."""
    return _render(getattr(text, language), _Standalone(subject, catalog, language))


def plain(text: Text, subject: Subject, language: str, catalog: Catalog) -> str:
    """The same without markup, for descriptions and other pages; not escaped for HTML."""
    made = _render(getattr(text, language), _Plain(subject, catalog, subject.page))
    return re.sub(r"\s+", " ", re.sub(r"(\*\*|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*]))", "", made)).strip()


def line(text: Text, subject: Subject, language: str, catalog: Catalog) -> str:
    r"""One line without links, for `describe.inline`: not escaped, with `\( … \)` and `code`."""
    return re.sub(r"\s+", " ", _render(getattr(text, language), _Line(subject, catalog, subject.page))).strip()


def _render(source: str, writer: "_Markdown") -> str:
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
    def __init__(self, subject: Subject, catalog: Catalog, page: str):
        self.subject, self.catalog, self.page = subject, catalog, page
        # Texts compare functions, so they may name the parameters of all.
        self.names = LETTERS.union(*(other.parameters for other in catalog), GREEK, getattr(subject, "parameters", ()))

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
            if isinstance(recorded, list) and any(isinstance(item, str) for item in recorded):
                recorded = ", ".join(map(str, recorded))
            return self.text(recorded) if isinstance(recorded, str) else values.number(recorded, int(digits))
        try:
            if source.startswith(values.CODE):
                return computed(values.run(source.removeprefix(values.CODE), self.catalog), int(digits))
            return values.number(values.Evaluator(self.subject, self.catalog).evaluate(source), int(digits))
        except Fault as fault:
            raise Fault(fault.what, fault.fix, lead + fault.offset) from None
        except ArithmeticError as error:
            raise Fault(f"cannot be computed ({type(error).__name__})", "choose another x", lead) from None

    def cite(self, match: re.Match[str]) -> str:
        return citation(
            self.work(match["cite"]), "" if self.page == self.subject.page else way(self.page, self.subject.page)
        )

    def work(self, identifier: str) -> Reference:
        known = {item if isinstance(item, str) else item.id for item in self.subject.references}
        if identifier not in known:
            raise Fault(f"no reference {identifier!r} in this file", "list it under references", 2)
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
            return way(self.page, f"functions/{identifier}.md")
        if target.startswith("page:"):
            page, mark, anchor = target.removeprefix("page:").partition("#")
            try:
                guide = self.catalog.guide(page)
            except KeyError:
                raise Fault(f"no guide {page!r}", "correct the link", offset) from None
            if mark and anchor not in guide.anchors():
                raise Fault(f"no {anchor!r} on the page {page!r}", "correct the link", offset)
            return way(self.page, guide.page) + mark + anchor
        if target.startswith("https://"):
            return target
        raise Fault(f"link {target!r} is none of entry:, page: and https://", "correct the link", offset)


class _Standalone(_Markdown):
    def __init__(self, subject: Subject, catalog: Catalog, language: str):
        super().__init__(subject, catalog, subject.page)
        self.language = language

    def text(self, text: str) -> str:
        return super().text(text).replace("$", "&#36;")

    def math(self, match: re.Match[str]) -> str:
        return dollars(super().math(match))

    def formula(self, match: re.Match[str]) -> str:
        return dollars(super().formula(match))

    def cite(self, match: re.Match[str]) -> str:
        return citation(self.work(match["cite"]), address(self.language, self.page))

    def target(self, match: re.Match[str]) -> str:
        target = super().target(match)
        if target.startswith("https://"):
            return target
        page, mark, anchor = target.partition("#")
        return address(self.language, posixpath.join(posixpath.dirname(self.page), page)) + mark + anchor


class _Plain(_Markdown):
    def text(self, text: str) -> str:
        return text

    def code(self, match: re.Match[str]) -> str:
        return match["code"].strip("`")

    def math(self, match: re.Match[str]) -> str:
        return re.sub(r"\\mathrm\{(.*?)\}|\\", r"\1", match["math"][2:-2]).strip()

    def formula(self, match: re.Match[str]) -> str:
        super().formula(match)
        return match["formula"].strip()

    def cite(self, match: re.Match[str]) -> str:
        return author_year(self.work(match["cite"]))

    def label(self, match: re.Match[str]) -> str:
        self.target(match)
        return match["label"]


class _Line(_Plain):
    def code(self, match: re.Match[str]) -> str:
        return match["code"]

    def math(self, match: re.Match[str]) -> str:
        return _Markdown.math(self, match)

    def formula(self, match: re.Match[str]) -> str:
        return _Markdown.formula(self, match)


def way(page: str, other: str) -> str:
    """The link that leads from a page to another; both are paths below the folder of a language."""
    return posixpath.relpath(other, posixpath.dirname(page) or ".")


def address(language: str, page: str) -> str:
    """The full address of a page, such as functions/gelu.md."""
    return f"{SITE}{language}/{posixpath.normpath(page).removesuffix('.md')}/"


def dollars(text: str) -> str:
    r"""`\( … \)` and `\[ … \]` as Jupyter marks formulas."""
    text = re.sub(r"\\\(\s*(.+?)\s*\\\)", r"$\1$", text, flags=re.DOTALL)
    return re.sub(r"\\\[\s*(.+?)\s*\\\]", r"$$\1$$", text, flags=re.DOTALL)


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


def citation(work: Reference, page: str = "") -> str:
    """A link to the list of references of the same page, or of another."""
    return f"[{author_year(work)}]({page}#ref-{work.id})"


def computed(value: Any, digits: int = 4) -> str:
    """A value of Python for readers: a tuple in round brackets, text and types as code."""
    if isinstance(value, tuple):
        return f"({', '.join(computed(item, digits) for item in value)})"
    if value is None or isinstance(value, (str, type, np.dtype)):
        return f"`{value.__name__ if isinstance(value, type) else value}`"
    return values.number(value, digits)


def evidence(source: str, subject: Subject, catalog: Catalog) -> str:
    """The refuting line: the expression as the author wrote it, and the number on each side of its comparison.

    Markdown such as `f(-1) < 0`: −0.1587 < 0. Raises Fault if the expression is not true.
    """
    if source.startswith(values.CODE):
        return _code_evidence(source.removeprefix(values.CODE).strip(), catalog)
    tree = values.parse(source)
    evaluator = values.Evaluator(subject, catalog)
    with mpmath.workdps(50):
        if not evaluator.node(tree, 0):
            raise Fault("this does not hold", f"correct it: {_sides(tree, evaluator)}")
        return f"`{source.strip()}`: {_sides(tree, evaluator)}"


def _code_evidence(code: str, catalog: Catalog) -> str:
    """The same of Python: what stands on each side of a comparison."""
    held = values.run(code, catalog)
    tree = ast.parse(code, mode="eval").body
    shown = computed(held)
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in values.COMPARISONS:
        left, right = (values.run(ast.unparse(side), catalog) for side in (tree.left, tree.comparators[0]))
        scalars = [side for side in (left, right) if isinstance(side, float) and np.isfinite(side)]
        digits = values.digits_apart(scalars)
        shown = f"{computed(left, digits)} {escape(values.COMPARISONS[type(tree.ops[0])][0])} {computed(right, digits)}"
    if not np.all(held):
        raise Fault("this does not hold", f"correct it: {shown}")
    return f"`{code}`: {shown}"


def _sides(tree: ast.AST, evaluator: values.Evaluator) -> str:
    if isinstance(tree, ast.BoolOp):
        joint = " ∧ " if isinstance(tree.op, ast.And) else " ∨ "
        return joint.join(_sides(part, evaluator) for part in tree.values)
    if not isinstance(tree, ast.Compare):
        return values.number(evaluator.node(tree, 0))
    sides = [evaluator.node(side, 0) for side in (tree.left, *tree.comparators)]
    digits = values.digits_apart(side for side in sides if isinstance(side, mpmath.mpf) and mpmath.isfinite(side))
    text = escape(values.number(sides[0], digits))
    for op, side in zip(tree.ops, sides[1:], strict=True):
        text += f" {escape(values.COMPARISONS[type(op)][0])} {escape(values.number(side, digits))}"
    return text


def check(subject: Entry | Guide, catalog: Catalog) -> list[Problem]:
    """Every Text in both languages, every shown_by and all LaTeX of an entry or a guide."""
    problems: list[Problem] = []

    def attempt(loc: tuple[Any, ...], action: Callable[[], Any]) -> None:
        try:
            action()
        except Fault as fault:
            problems.append(subject._source.problem(loc, fault.what, fault.fix, fault.offset))

    for loc, text in parts(subject, Text):
        for language in ("zh", "en"):
            attempt((*loc, language), partial(markdown, text, subject, language, catalog))
    if isinstance(subject, Vector):
        attempt(("latex",), partial(check_latex, subject.latex))
        attempt(("jacobian_latex",), partial(check_latex, subject.jacobian_latex))
        for index, form in enumerate(subject.forms):
            attempt(("forms", index, "latex"), partial(check_latex, form.latex))
    if isinstance(subject, Layer):
        attempt(("latex",), partial(check_latex, subject.latex))
        for name, latex in subject.gradients.items():
            attempt(("gradients", name), partial(check_latex, latex))
    for loc, mistake in parts(subject, Mistake):
        for row, source in enumerate(mistake.shown_by):
            attempt((*loc, "shown_by", row), partial(evidence, source, subject, catalog))
    return problems


def recorded_values(subject: Subject) -> set[str]:
    """Every PyTorch expression that the texts quote."""
    found = set()
    for _, text in parts(subject, Text):
        for match in re.finditer(r"\{\{\s*torch:(.+?)(?:\|\s*\d+\s*)?\}\}", text.zh + text.en, re.DOTALL):
            found.add(match[1].strip())
    return found
