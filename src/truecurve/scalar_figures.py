"""Figures of elementwise functions: the function with its derivatives, a family, the band of a random function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from truecurve import canvas, labels
from truecurve.canvas import COLOUR, Box, Layout, Paint, Role
from truecurve.comparison import Zoom
from truecurve.curves import TOLERANCE, Array, Scalar, View, limits, sample
from truecurve.entry import Elementwise

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambd": "λ", "lambda": "λ", "mu": "μ", "theta": "θ"}
DASHES = {"f": "-", "df": (0, (4.2, 2.2)), "d2f": (0, (5, 1.8, 1, 1.8))}
SYMBOLS = {"f": "f", "df": "f′", "d2f": "f″"}


@dataclass(frozen=True)
class Curve:
    """A scalar function as it is drawn: `key` ends its id and names its colour."""

    key: str
    label: str
    function: Scalar
    breakpoints: tuple[float, ...]
    style: Mapping[str, Any]

    @property
    def symbol(self) -> bool:
        """Whether the label is the name of a function, not the value of a parameter."""
        return self.label in SYMBOLS.values()

    @property
    def text(self) -> float:
        """The size of the label in pixels."""
        return 21 if self.symbol else 17.5


def paints(entry: Elementwise) -> dict[Role, Paint]:
    """How to paint each role that the entry has, the main one first."""
    found: dict[Role, Paint] = {"main": partial(_main, entry), "second": partial(_second, entry)}
    if entry.plot.family:
        found["family"] = partial(_family, entry)
    if entry.plot.band:
        found["band"] = partial(_band, entry)
    return found


def settings(entry: Elementwise, changed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Parameters of the figure: PyTorch's defaults, replaced by `plot.parameters`, replaced by `changed` (formulas)."""
    values = entry.defaults()
    for formulas in (entry.plot.parameters, changed or {}):
        values |= {name: float(formula.mp(values)) for name, formula in formulas.items()}
    return values


def breakpoints(entry: Elementwise, values: Mapping[str, Any]) -> tuple[float, ...]:
    """Where branches of the definition or of the implementation meet, at these parameters."""
    places = [kink.at for kink in entry.kinks]
    if entry.implementation:
        places += entry.implementation.definition.boundaries()
    return tuple(sorted({float(place.mp(values)) for place in places if place.names <= values.keys()}))


def curves(entry: Elementwise, orders: tuple[str, ...], values: Mapping[str, Any]) -> list[Curve]:
    """The function and its derivatives at these parameters; `orders` from f, df, d2f."""
    functions = {"f": entry.forward, "df": entry.derivative, "d2f": entry.second_derivative}
    places = breakpoints(entry, values)
    return [
        Curve(key, SYMBOLS[key], partial(functions[key], **values), places, {"color": COLOUR[key], "ls": DASHES[key]})
        for key in orders
    ]


def span(drawn: list[Curve], x: tuple[float, float]) -> tuple[float, float]:
    """Low and high y that show all of the curves over x, and the x axis."""
    grid = np.linspace(*x, 2001)
    heights = np.concatenate([np.asarray(curve.function(grid), dtype=np.float64) for curve in drawn] + [np.zeros(1)])
    low, high = float(heights.min()), float(heights.max())
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _main(entry: Elementwise, figure: Figure, layout: Layout, name: str) -> None:
    drawn = curves(entry, ("f", "df"), settings(entry))
    view = layout.view(entry.plot.x, entry.plot.y or span(drawn, entry.plot.x))
    show(drawn, entry.plot.zoom, view, figure, layout, name)


def show(drawn: list[Curve], zoom: Zoom | None, view: View, figure: Figure, layout: Layout, name: str) -> None:
    """The curves in the view, and once more in the magnified inset."""
    axes = cross(figure, layout, view, name)
    if zoom is None or not layout.ticks:
        _draw(axes, layout, view, name, drawn)
        return
    panel, inset = _inset(zoom, layout)
    _connect(axes, layout, view, inset, panel)
    _draw(axes, layout, view, name, drawn, blocked=(panel,))
    small = canvas.axes(figure, layout, inset, f"{name}-zoom", most=(5, 5), text=12.5)
    canvas.box(small, layout, panel, facecolor=COLOUR["ground"], edgecolor=COLOUR["line"], lw=layout.scale, zorder=0)
    _draw(small, layout, inset, f"{name}-zoom", drawn)


def _second(entry: Elementwise, figure: Figure, layout: Layout, name: str) -> None:
    drawn = curves(entry, ("f", "df", "d2f"), settings(entry))
    low, high = span(drawn[2:], entry.plot.x)
    main = entry.plot.y or span(drawn[:2], entry.plot.x)
    view = layout.view(entry.plot.x, (min(low, main[0]), max(high, main[1])))
    _draw(cross(figure, layout, view, name), layout, view, name, drawn)


def _family(entry: Elementwise, figure: Figure, layout: Layout, name: str) -> None:
    drawn = []
    for parameter, formulas in entry.plot.family.items():
        for index, formula in enumerate(formulas):
            values = settings(entry, {parameter: formula})
            symbol = f"{GREEK[parameter]} = " if parameter in GREEK else ""
            shade = 1 - 0.65 * (1 - (index + 1) / len(formulas))
            style = {"color": COLOUR["f"], "alpha": shade}
            label = symbol + canvas.number(values[parameter], 3)
            drawn.append(
                Curve(f"f-{index}", label, partial(entry.forward, **values), breakpoints(entry, values), style)
            )
    view = layout.view(entry.plot.x, span(drawn, entry.plot.x))
    _draw(cross(figure, layout, view, name), layout, view, name, drawn)


def _band(entry: Elementwise, figure: Figure, layout: Layout, name: str) -> None:
    assert entry.plot.band is not None
    bounds = []
    for index, changed in enumerate(entry.plot.band):
        values = settings(entry, changed)
        style = {"color": COLOUR["f"], "lw": 1.2, "alpha": 0.6}
        function = partial(entry.forward, **values)
        distinct = {values[key] for key in changed}
        label = canvas.number(distinct.pop(), 3) if len(distinct) == 1 else ""
        bounds.append(Curve(f"bound-{index}", label, function, breakpoints(entry, values), style))
    drawn = [*bounds, *curves(entry, ("f",), settings(entry))]
    view = layout.view(entry.plot.x, entry.plot.y or span(drawn, entry.plot.x))
    axes = cross(figure, layout, view, name)
    visible = [np.concatenate(sample(bound.function, view, bound.breakpoints)) for bound in bounds]
    xs = np.union1d(visible[0][:, 0], visible[1][:, 0])
    edges = [np.column_stack([xs, np.clip(bound.function(xs), *view.y)]) for bound in bounds]
    ring = np.concatenate([edges[0], edges[1][::-1]])
    canvas.area(axes, f"{name}-band", [ring], facecolor=COLOUR["f"], alpha=0.16, lw=0, zorder=1.5)
    _draw(axes, layout, view, name, drawn)


def cross(figure: Figure, layout: Layout, view: View, name: str, variable: str = "x") -> Axes:
    """Axes with the name of the variable at the end of the horizontal one."""
    axes = canvas.axes(figure, layout, view, name)
    if layout.ticks:
        height = min(view.pixels(np.zeros(2))[1], view.bottom)
        style = {"style": "italic", "color": COLOUR["soft"]}
        canvas.write(axes, layout, (view.right, height), variable, 17, move=(14, 0), **style)
    return axes


def _inset(zoom: Zoom, layout: Layout) -> tuple[Box, View]:
    """The panel of the magnified window, and the window within it."""
    width, height = 0.46 * (layout.right - layout.left), 0.44 * (layout.bottom - layout.top)
    margin = 14 * layout.scale
    left = layout.left + margin if "left" in zoom.corner else layout.right - margin - width
    top = layout.top + margin if "upper" in zoom.corner else layout.bottom - margin - height
    pads = [pad * layout.scale for pad in (52, 14, 14, 30)]
    window = View(zoom.x, zoom.y, left + pads[0], top + pads[1], left + width - pads[2], top + height - pads[3])
    return (left, top, left + width, top + height), window


def _connect(axes: Axes, layout: Layout, view: View, inset: View, panel: Box) -> None:
    """A hairline around what is magnified, and two from there to the panel."""
    (left, bottom), (right, top) = view.pixels(np.array(list(zip(inset.x, inset.y, strict=True))))
    style = {"color": COLOUR["soft"], "alpha": 0.6, "lw": layout.scale, "zorder": 1.5}
    for start, end in pairwise([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]):
        canvas.segment(axes, layout, start, end, **style)
    near, far = (top, panel[3]) if panel[3] <= top else (bottom, panel[1])
    canvas.segment(axes, layout, (left, near), (panel[0], far), **style)
    canvas.segment(axes, layout, (right, near), (panel[2], far), **style)


def _draw(axes: Axes, layout: Layout, view: View, name: str, drawn: list[Curve], blocked: tuple[Box, ...] = ()) -> None:
    """The curves with their dots and labels."""
    pixels = []
    for index, curve in enumerate(drawn):
        pieces = sample(curve.function, view, curve.breakpoints)
        style = {"lw": 2.4, **curve.style}
        if not layout.ticks and curve.key != "f":
            style |= {"lw": 1.5, "alpha": 0.65}
        style["lw"] *= layout.scale
        canvas.curve(axes, f"{name}-{curve.key}", pieces, zorder=2 + index / 10, **style)
        pixels.append([view.pixels(piece) for piece in pieces])
    if not layout.ticks:
        return
    _dots(axes, layout, view, name, drawn)
    # An inset has no room for the names of functions.
    if view.right - view.left > 0.5 * (layout.right - layout.left) or drawn[0].symbol:
        name_curves(axes, layout, view, drawn, pixels, blocked)


def name_curves(
    axes: Axes,
    layout: Layout,
    view: View,
    drawn: Sequence[Curve],
    pixels: list[list[Array]],
    blocked: tuple[Box, ...] = (),
) -> None:
    """Write the label of each curve beside its pieces, which are given in pixels."""
    wanted = []
    for curve, pieces in zip(drawn, pixels, strict=True):
        size, gap = curve.text * layout.scale, (6 if curve.symbol else 4) * layout.scale
        anchors = None if curve.symbol else _ends(view, pieces)
        wanted.append(labels.Label(pieces, 0.55 * size * len(curve.label), 0.85 * size, gap, anchors))
    frame = (view.left, view.top, view.right, view.bottom)
    places = labels.place(wanted, frame, view.pixels(np.zeros(2)), blocked)
    for curve, place in zip(drawn, places, strict=True):
        slant = "italic" if curve.symbol else "normal"
        canvas.write(axes, layout, place, curve.label, curve.text, color=curve.style["color"], style=slant)


def _ends(view: View, pieces: list[Array]) -> Array | None:
    """Where the pieces, in pixels, end inside the view: all that tells a jumping curve from its family."""
    ends = np.array([end for piece in pieces for end in (piece[0], piece[-1])]).reshape(-1, 2)
    inner = (ends > np.array([view.left, view.top]) + 1) & (ends < np.array([view.right, view.bottom]) - 1)
    return ends[inner.all(axis=1)] if inner.all(axis=1).any() else None


def _dots(axes: Axes, layout: Layout, view: View, name: str, drawn: list[Curve]) -> None:
    """At a jump a full dot shows the value and an open one the limit that is not attained.

    The second derivative has no value where the first jumps, nor where it jumps itself: both limits are open.
    """
    broken: set[float] = set()
    for curve in drawn:
        for index, at in enumerate(curve.breakpoints):
            if not view.x[0] < at < view.x[1]:
                continue
            ends = limits(curve.function, at, view.x[1] - view.x[0])
            value = float(curve.function(np.array([at]))[0])
            heights = view.pixels(np.array([(at, y) for y in (value, *ends)]))[:, 1]
            jumps = abs(heights[1] - heights[2]) > TOLERANCE
            if jumps:
                broken.add(at)
            if curve.key == "d2f":
                shown = {round(y, 9): False for y in ends} if at in broken else {}
            elif jumps:
                apart = np.abs(heights[1:] - heights[0]) > TOLERANCE
                shown = {y: False for y, differs in zip(ends, apart, strict=True) if differs} | {value: True}
            else:
                continue
            for number, (y, filled) in enumerate(shown.items()):
                if view.holds(np.array(y)):
                    gid = f"{name}-{curve.key}-dot-{index}-{number}"
                    canvas.dot(axes, gid, view, layout, (at, y), curve.style["color"], filled)
