"""Figures in words: captions, legends, and the texts that stand for a picture, in either language."""

from dataclasses import dataclass

import numpy as np

from truecurve import authority, describe, facts
from truecurve.catalog import Catalog
from truecurve.comparison import Compared, Comparison
from truecurve.comparison_figures import SAMPLES, Line, lines
from truecurve.comparison_figures import settings as comparison_settings
from truecurve.describe import Words
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.expression import parse
from truecurve.layer import Layer
from truecurve.values import number


@dataclass(frozen=True)
class Key:
    """One curve in the legend of a comparison; `of` is the entry, '' for a formula."""

    line: Line
    of: str
    latex: str


def caption(entry: Entry, role: str, t: Words) -> str:
    """What the figure shows, in one line of Markdown; '' for a thumbnail, which stands beside the name."""
    if role == "thumb":
        return ""
    if isinstance(entry, Vector) and role == "temperature" and len(entry.plot.temperatures) == 1:
        return str(t.figures.outputs)
    text = str(t.figures[role])
    if role == "family" and isinstance(entry, Elementwise):
        return text.replace("{parameter}", rf"\({describe.name_latex(next(iter(entry.plot.family)))}\)")
    return text.replace("{count}", str(SAMPLES))


def legend(comparison: Comparison, catalog: Catalog) -> list[Key]:
    """Beside each curve of a comparison what it is: the name, which leads to its page, and the formula."""
    return [
        Key(line, item.of or "", _formula(item, catalog))
        for item, line in zip(comparison.curves, lines(comparison, catalog), strict=True)
    ]


def _formula(item: Compared, catalog: Catalog) -> str:
    """LaTeX of what a curve shows, with the numbers put in for it; '' for a vector function, whose page has it."""
    if item.formula is not None:
        # A label such as x/2 says it already.
        written = item.formula.text.replace("-", "−").replace(" ", "")
        return "" if written == item.label else item.formula.latex()
    entry = catalog.entry(str(item.of))
    given = [
        rf"{describe.name_latex(name)} = {parse(text, frozenset()).latex()}"
        for name, text in item.given.items()
        if entry.parameters[name].type == "real"
    ]
    given += [rf"{half} = {describe.latex(value)}" for half, value in item.fixed.items()]
    settings = rf" \quad ({', '.join(given)})" if given else ""
    if isinstance(entry, Gated):
        return entry.definition.latex() + settings
    if isinstance(entry, (Vector, Layer)) or item.minus:
        return ""
    by_choice = entry.stated(("f", "df", "d2f").index(item.order))
    return authority.formula(by_choice, comparison_settings(entry, item)).latex() + settings


def alt_comparison(comparison: Comparison, catalog: Catalog, t: Words) -> str:
    """What the figure shows, and the values of its curves at both ends of the window."""
    drawn = lines(comparison, catalog)
    names = t.values.listed.join(line.curve.label for line in drawn)
    if comparison.x is None:
        return str(t.alt.ranked.format(names=names, count=SAMPLES))
    left, right = comparison.x
    texts = []
    for line in drawn:
        values = np.asarray(line.curve.function(np.array([left, right])), dtype=float).tolist()
        ends = dict(zip(("left", "right"), (number(value, 3) for value in values), strict=True))
        texts.append(t.alt.ends.format(name=line.curve.label, **ends))
    points = t.alt.points.format(points=t.values.semicolon.join(texts))
    return str(t.alt.comparison.format(names=names, left=number(left), right=number(right), points=points))


def alt(entry: Entry, role: str, t: Words) -> str:
    """The text that stands for the figure: what is drawn, and the values a reader would take from it. Plain text."""
    name = entry.name.short
    if role == "thumb":
        return str(t.alt.thumb.format(name=name))
    if isinstance(entry, Gated):
        return _alt_gated(entry, t)
    if isinstance(entry, Vector):
        return _alt_vector(entry, role, t)
    if isinstance(entry, Layer):
        raise TypeError(f"the pictures of {entry.id} state their own texts")
    left, right = (number(edge) for edge in entry.plot.x)
    if role == "main":
        text = t.alt.main.format(name=name, left=left, right=right, points=_points(entry, t), shape=_shape(entry, t))
    elif role == "family":
        parameter, values = next(iter(entry.plot.family.items()))
        listed = t.values.listed.join(number(item.mp({})) for item in values)
        text = t.alt.family.format(name=name, parameter=parameter, values=listed, left=left, right=right)
    else:
        text = t.alt[role].format(name=name, left=left, right=right, count=SAMPLES)
    return str(text)


def _points(entry: Elementwise, t: Words) -> str:
    params = facts.shown_parameters(entry)
    xs = sorted({entry.plot.x[0], *([0.0] if entry.plot.x[0] < 0 < entry.plot.x[1] else []), entry.plot.x[1]})
    ys = entry.forward(np.array(xs), **params)
    texts = [t.alt.point.format(x=number(x), y=number(y, 3)) for x, y in zip(xs, ys, strict=True)]
    texts.append(t.alt.derivative_point.format(x="0", y=number(facts.df(entry, 0.0, params), 3)))
    return str(t.alt.points.format(points=t.values.comma.join(texts)))


def _shape(entry: Elementwise, t: Words) -> str:
    found = describe.current(entry)
    text = str(t.alt.shape.format(monotonic=t.words[describe.vocabulary(found["monotonic"])]))
    if "minimum" in found and found["monotonic"].word == "none":
        fact = found["minimum"]
        text += t.alt.minimum.format(value=number(fact.number), at=number(fact.at))
    return text.strip()


def _alt_gated(entry: Gated, t: Words) -> str:
    (low_a, high_a), (low_b, high_b) = entry.plot.a, entry.plot.b
    texts = [
        t.alt.surface_point.format(a=number(a), b=number(b), y=number(float(entry.forward(np.array([a, b]))[0]), 3))
        for a, b in ((high_a, high_b), (high_a, low_b), (low_a, high_b))
    ]
    left, right = (number(edge) for edge in entry.plot.a)
    points = t.alt.points.format(points=t.values.comma.join(texts))
    return str(t.alt.surface.format(name=entry.name.short, left=left, right=right, points=points)).strip()


def _alt_vector(entry: Vector, role: str, t: Words) -> str:
    logits = np.array(entry.plot.logits)
    name, shown = entry.name.short, number(list(logits))
    if role == "jacobian":
        outputs, matrix = entry.at(logits)
        if len(outputs) > len(logits):
            rows = t.values.listed.join(number(list(row), 3) for row in matrix)
            return str(t.alt.matrix.format(name=name, logits=shown, rows=rows))
        diagonal = np.diag(matrix)
        return str(t.alt.jacobian.format(name=name, logits=shown, diagonal=number(list(diagonal), 3)))
    first = entry.plot.temperatures[0]
    outputs, _ = entry.at(logits / first)
    if len(entry.plot.temperatures) == 1:
        return str(t.alt.outputs.format(name=name, logits=shown, outputs=number(list(outputs), 3)))
    temperatures = t.values.listed.join(number(item) for item in entry.plot.temperatures)
    return str(
        t.alt.temperature.format(
            name=name, logits=shown, temperatures=temperatures, first=number(first), outputs=number(list(outputs), 3)
        )
    )
