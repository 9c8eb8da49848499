"""Facts and figures in words: the cells of the tables of properties, captions and alt texts, in either language."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from truecurve import facts
from truecurve.entry import Approximation, Elementwise, Entry, Gated, Vector
from truecurve.expression import parse
from truecurve.facts import Fact
from truecurve.layer import Layer
from truecurve.values import number

GLANCE = (
    "range",
    "monotonic",
    "smooth",
    "zero_centered",
    "saturates",
    "at_zero",
    "max_slope",
    "limit_left",
    "limit_right",
)
NONE = {"monotonic": "nonmonotonic", "symmetry": "asymmetric", "saturates": "unsaturated"}
"""What the word none means under each key."""
SMOOTHNESS = ("discontinuous", "C0", "C1", "C2", "Cinf")


class Words:
    """The words of one language, by attribute or item. A missing key raises AttributeError, which Jinja2 reports."""

    def __init__(self, data: Mapping[Any, Any]):
        for key, value in data.items():
            self.__dict__[str(key)] = Words(value) if isinstance(value, dict) else value

    def __getattr__(self, key: str) -> Any:
        raise AttributeError(f"the locale has no word {key!r}")

    def __getitem__(self, key: object) -> Any:
        return getattr(self, str(key))


@cache
def words(language: str) -> Words:
    """The locale file of `language`."""
    path = Path(__file__).parent / "locales" / f"{language}.yaml"
    return Words(yaml.safe_load(path.read_text(encoding="utf-8")))


def math(latex: str) -> str:
    """Inline LaTeX as the HTML that pymdownx.arithmatex makes, for places that Markdown does not reach."""
    return rf'<span class="arithmatex">\({html.escape(latex, quote=False)}\)</span>'


def inline(text: str) -> str:
    r"""Plain text with `\( … \)` and `code` as HTML."""
    made = []
    for piece in re.split(r"(\\\(.*?\\\)|`[^`]+`)", text):
        kept = html.escape(piece.strip("`"), quote=False)
        made.append(
            math(piece[2:-2]) if piece.startswith(r"\(") else f"<code>{kept}</code>" if piece[:1] == "`" else kept
        )
    return "".join(made)


@dataclass(frozen=True)
class Row:
    """A line of a table of properties; `label` and `value` are HTML."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Cell:
    """A cell of the sortable table: HTML, and a key by which rows compare (a number, or text)."""

    html: str
    order: float | str
    numeric: bool


def name_latex(name: str) -> str:
    """A parameter's name as LaTeX."""
    return parse(name, {name}).latex()


def setting(name: str, value: float | str) -> str:
    """`name = value` as HTML: numbers as LaTeX, choices as code."""
    if isinstance(value, str):
        return f'<code>{name} = "{html.escape(value, quote=False)}"</code>'
    return math(f"{name_latex(name)} = {latex(value)}")


def latex(value: float, digits: int = 4) -> str:
    """A number as LaTeX, rounded as everywhere."""
    text = number(value, digits).replace("−", "-").replace("∞", r"\infty")
    mantissa, _, power = text.partition("×10")
    power = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return rf"{mantissa} \times 10^{{{power}}}" if power else text


def given(entry: Entry, t: Words) -> str:
    """The numbers and choices of the figure as HTML; '' without any (flags and dimensions do not shape a curve)."""
    values = facts.shown_parameters(entry) if isinstance(entry, Elementwise) else {}
    return str(t.values.comma).join(setting(n, value) for n, value in values.items() if not isinstance(value, bool))


def _cases(entry: Elementwise, key: str) -> list[Any]:
    claims = entry.claims
    side = {"left": "-inf", "right": "+inf"}.get(key.rpartition("_")[2], "")
    if key.startswith("limit_"):
        return claims.limits.get(side, [])  # type: ignore[call-overload, no-any-return]
    if key.startswith("asymptote_"):
        return claims.asymptotes.get(side, [])  # type: ignore[call-overload, no-any-return]
    return getattr(claims, key, None) or []


def current(entry: Elementwise) -> dict[str, Fact]:
    """By key, the fact that holds at the parameters of the figure; keys of which no case holds are absent."""
    params = facts.shown_parameters(entry)
    by_key: dict[str, list[Fact]] = {}
    for fact in facts.facts(entry):
        by_key.setdefault(fact.key, []).append(fact)
    found = {}
    for key, several in by_key.items():
        cases = _cases(entry, key)
        if len(several) == 1 and not several[0].when:
            found[key] = several[0]
            continue
        holding = facts.case_at(cases, params)
        for case, fact in zip(cases, several, strict=False):
            if case.value is holding:
                found[key] = fact
                break
    return found


def _word(fact: Fact, t: Words) -> str:
    """The vocabulary word of a fact as HTML."""
    return inline(t.words[vocabulary(fact)])


def vocabulary(fact: Fact) -> str:
    assert fact.word
    return NONE[fact.key] if fact.word == "none" else fact.word


def _at(x: float, t: Words) -> str:
    return inline(t.values.at.format(at=rf"\(x = {latex(x)}\)"))


def _peaked(entry: Elementwise, at: float) -> bool:
    """Whether |f'| falls off on both sides of `at`; where it is constant, one place of many is not worth naming."""
    params, step = facts.shown_parameters(entry), 0.01
    if abs(at) > 1e6:
        return False
    left, middle, right = np.abs(entry.derivative(np.array([at - step, at, at + step]), **params))
    return bool(max(left, right) < middle * (1 - 1e-9))


def value(entry: Elementwise, fact: Fact, t: Words) -> str:
    """A fact as HTML: word or closed form, the number at the parameters of the figure, and where it occurs."""
    if fact.word:
        return _word(fact, t)
    if fact.latex and fact.key not in ("limit_left", "limit_right", "lipschitz"):
        return math(fact.latex)
    text = "" if fact.number is None else number(fact.number)
    if fact.latex:
        symbolic = bool(re.search(r"[a-z]", fact.latex.replace(r"\infty", "")))
        text = math(fact.latex) + (f" = {text}" if symbolic and text else "")
    if fact.key == "slope_at_0" and _kinked_at_zero(entry):
        return f"{text}{t.values.convention}"
    if fact.at is not None and (fact.key != "max_slope" or _peaked(entry, fact.at)):
        return str(t.values.pair.format(first=text, second=_at(fact.at, t)))
    return text


def _kinked_at_zero(entry: Elementwise) -> bool:
    params = facts.shown_parameters(entry)
    kinks = [kink for kink in facts.kink_points(entry, params) if kink == 0]
    return any(abs(left - right) > 1e-12 for left, right in (facts.sides(entry, kink, params, 1) for kink in kinks))


def properties(entry: Entry, t: Words) -> list[Row]:
    """The whole table of properties, every case with its condition; empty for gated and vector functions."""
    rows: dict[str, list[str]] = {}
    if isinstance(entry, Elementwise):
        found = facts.facts(entry)
        several = {fact.key for fact in found if fact.when}
        for fact in found:
            text = value(entry, fact, t)
            if fact.when:
                text = t.values.case.format(value=text, condition=t.values.when.format(condition=math(fact.when)))
            elif fact.key in several:
                text = t.values.case.format(value=text, condition=t.values.otherwise)
            rows.setdefault(fact.key, []).append(text)
    return [Row(key, inline(t.facts[key]), "<br>".join(values)) for key, values in rows.items()]


def glance(entry: Entry, t: Words) -> list[Row]:
    """The few properties beside the figure, at its parameters."""
    if isinstance(entry, Elementwise):
        return _glance_elementwise(entry, t)
    if isinstance(entry, Layer):
        return []  # it states its own, in texts, which the page prints
    return _glance_gated(entry, t) if isinstance(entry, Gated) else _glance_vector(entry, t)


def interval(entry: Elementwise) -> tuple[str, tuple[float, float]]:
    """The range at the parameters of the figure, as text such as [−0.17, +∞), and its ends."""
    pieces = facts.range_pieces(entry, facts.shown_parameters(entry))
    texts = []
    for bounds, low, high in pieces:
        text = f"{number(low)}, {'+' if high == float('inf') else ''}{number(high)}"
        closed = f"{'(' if bounds.low_open else '['}{text}{')' if bounds.high_open else ']'}"
        texts.append(f"{{{number(low)}}}" if low == high else closed)
    return " ∪ ".join(texts), (float(pieces[0][1]), float(pieces[-1][2]))


def _limit(found: Mapping[str, Fact], side: str, t: Words) -> str:
    limit, asymptote = found[f"limit_{side}"], found.get(f"asymptote_{side}")
    text = "" if limit.number is None else ("+" if limit.number == float("inf") else "") + number(limit.number)
    if asymptote and asymptote.latex and limit.number is not None and not np.isfinite(limit.number):
        return str(t.values.asymptote.format(limit=text, asymptote=math(asymptote.latex)))
    return text


def _glance_elementwise(entry: Elementwise, t: Words) -> list[Row]:
    found, rows = current(entry), []
    for key in GLANCE:
        label = inline(t.facts[key])
        if key == "range":
            text = interval(entry)[0]
        elif key == "at_zero":
            both = [value(entry, found[name], t) for name in ("value_at_0", "slope_at_0")]
            text = t.values.pair.format(first=both[0], second=both[1])
        elif key.startswith("limit_"):
            if key not in found:
                continue
            text = _limit(found, key.removeprefix("limit_"), t)
        elif key in found:
            text = value(entry, found[key], t)
        else:
            continue
        if key == "monotonic" and found[key].word == "none":
            for name in ("minimum", "maximum"):
                if name in found:
                    text += f"<br>{inline(t.facts[name])} {value(entry, found[name], t)}"
        rows.append(Row(key, label, text))
    return rows


def _glance_gated(entry: Gated, t: Words) -> list[Row]:
    rows = [
        Row("input", t.facts.input, inline(t.facts.input_gated)),
        Row("output", t.facts.output, inline(t.facts.output_gated)),
    ]
    for a, b in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0)):
        label = math(rf"a = {latex(a)},\ b = {latex(b)}")
        rows.append(Row("value", label, number(float(entry.forward(np.array([a, b]))[0]))))
    return rows


def _glance_vector(entry: Vector, t: Words) -> list[Row]:
    logits = np.array(entry.plot.logits)
    output, jacobian = entry.at(logits)
    longer = len(output) > len(logits)
    rows = [
        Row("input", t.facts.input, inline(t.facts.input_image if entry.of_images else t.facts.input_vector)),
        Row("output", t.facts.output, inline(t.facts.output_doubled if longer else t.facts.output_vector)),
        Row("sample", t.facts.sample, inline(number(list(logits)))),
        Row("value", t.facts.value, inline(number(list(output), 3))),
    ]
    if entry.plot.symbol == "p":
        rows.append(Row("sum", t.facts.sum, number(float(output.sum()), 6)))
    if not longer:
        rows.append(Row("diagonal", t.facts.diagonal, inline(number(list(np.diag(jacobian)), 3))))
    return rows


def worst_error(entry: Elementwise, approximation: Approximation) -> tuple[float, float]:
    """(largest |approximation - definition|, x) on [-50, 50] at the parameters of the figure, x to about 1e-6."""
    params = facts.shown_parameters(entry)

    def error(x: Any) -> Any:
        return np.abs(approximation.formula.np({"x": x, **params}) - entry.forward(x, **params))

    x = np.linspace(-50, 50, 100_001)
    for width in (1e-3, 1e-6):
        at = float(x[np.argmax(error(x))])
        x = np.linspace(at - width, at + width, 2001)
    values = error(x)
    return float(values.max()), float(x[np.argmax(values)])


def cell(entry: Elementwise, key: str, found: Mapping[str, Fact], t: Words) -> Cell:
    """A cell of the table of all functions, at the parameters of the figure."""
    if key == "range":
        text, ends = interval(entry)
        return Cell(text, _sortable(ends[0]), True)
    fact = found[key]
    if fact.number is not None and not fact.word:
        return Cell(number(fact.number), _sortable(fact.number), True)
    order: float | str = SMOOTHNESS.index(fact.word) if key == "smooth" and fact.word else str(fact.word)
    return Cell(_word(fact, t), order, False)


def _sortable(value: float) -> float:
    return float(np.clip(value, -1e300, 1e300))
