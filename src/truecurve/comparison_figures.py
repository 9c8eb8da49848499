"""Figures in which several functions share one view, and of what a function makes of random inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from truecurve import canvas, scalar_figures
from truecurve.canvas import COLOUR, Layout
from truecurve.catalog import Catalog
from truecurve.comparison import Compared, Comparison
from truecurve.curves import Array, Scalar
from truecurve.entry import Elementwise, Entry, Gated
from truecurve.expression import parse
from truecurve.scalar_figures import DASHES, GREEK, SYMBOLS, Curve

PALETTE = ("f", "df", "d2f", "c4", "c5", "c6", "c7")
PRIMES = {key: symbol[1:] for key, symbol in SYMBOLS.items()}
DOTS = (0, (1.6, 1.6))
THIN = [(0, (3, 2.4)), (0, (6, 1.6, 1.2, 1.6)), (0, (1.2, 2)), "-"]
SAMPLES, SEED = 100, 0


@dataclass(frozen=True)
class Line:
    """A curve of a comparison, and how a legend tells it from the others: `colour` is a key of the colours, `dash` one
    of f, df, d2f, minus and formula."""

    curve: Curve
    colour: str
    dash: str


def lines(comparison: Comparison, catalog: Catalog) -> list[Line]:
    """The curves in order. A function keeps its colour through its derivatives; formulas are grey and thin."""
    made: list[Line] = []
    colours: dict[Any, str] = {}
    formulas = 0
    style: dict[str, Any]
    for index, item in enumerate(comparison.curves):
        if item.of is None and comparison.inputs == "window":
            colour, dash, style = "soft", "formula", {"ls": THIN[formulas % len(THIN)], "lw": 1.6}
            formulas += 1
        else:
            group = (item.of or item.label, *sorted(item.given.items()), *item.fixed.items())
            colour = colours.setdefault(group, PALETTE[len(colours) % len(PALETTE)])
            dash, style = ("minus", {"ls": DOTS}) if item.minus else (item.order, {"ls": DASHES[item.order]})
        name, look = label(item, comparison, catalog), {"color": COLOUR[colour], **style}
        made.append(Line(Curve(f"curve-{index}", name, *_function(item, catalog), look), colour, dash))
    return made


def label(item: Compared, comparison: Comparison, catalog: Catalog) -> str:
    """What stands beside the curve: symbols and names of functions, the same in every language."""
    if item.of is None:
        return str(item.label)
    text = catalog.entry(item.of).name.short + PRIMES[item.order]
    if item.minus:
        return f"{text} − {catalog.entry(item.minus).name.short}"
    # The parameters tell apart curves of one function.
    if sum((other.of, other.order, other.minus) == (item.of, item.order, None) for other in comparison.curves) > 1:
        halves = {str(half): canvas.number(value) for half, value in item.fixed.items()}
        values = [f"{GREEK.get(name, name)} = {value}" for name, value in (item.given | halves).items()]
        return ", ".join(values).replace("-", "−") or text
    return text


def settings(entry: Entry, item: Compared) -> dict[str, Any]:
    """The parameters of the curve: those of the figures of the entry, replaced by the given ones."""
    values = scalar_figures.settings(entry) if isinstance(entry, Elementwise) else entry.defaults()
    for name, text in item.given.items():
        real = entry.parameters[name].type == "real"
        values[name] = float(parse(text, frozenset()).mp({})) if real else text
    return values


def _function(item: Compared, catalog: Catalog) -> tuple[Scalar, tuple[float, ...]]:
    """The function of x and where it may jump."""
    if item.of is None:
        formula = item.formula
        assert formula is not None
        places = tuple(float(place.mp({})) for place in formula.boundaries() if "x" not in place.names)
        return lambda x: np.broadcast_to(np.asarray(formula.np({"x": x}), dtype=np.float64), x.shape), places
    entry, values = catalog.entry(item.of), settings(catalog.entry(item.of), item)
    if isinstance(entry, Elementwise):
        function = {"f": entry.forward, "df": entry.derivative, "d2f": entry.second_derivative}[item.order]
        places = scalar_figures.breakpoints(entry, values)
        if item.minus:
            other, more = _function(Compared(of=item.minus), catalog)
            own = partial(function, **values)
            return lambda x: own(x) - other(x), tuple(sorted({*places, *more}))
        return partial(function, **values), places
    if isinstance(entry, Gated):
        ((half, value),) = item.fixed.items()
        return _sliced(entry.forward, values, lambda x: (x, value) if half == "b" else (value, x)), ()
    return _sliced(entry.forward, {**values, "dim": -1}, lambda x: (x, *item.others)), ()


def _sliced(forward: Callable[..., Any], values: dict[str, Any], inputs: Callable[[Array], tuple[Any, ...]]) -> Scalar:
    """The first output of a function of several inputs, of which one varies."""
    return lambda x: forward(np.stack(np.broadcast_arrays(*inputs(x)), axis=-1), **values)[..., 0]


def compare(comparison: Comparison, catalog: Catalog, figure: Figure, layout: Layout, name: str) -> None:
    """All curves over the window, or their values at sorted random inputs."""
    drawn = [line.curve for line in lines(comparison, catalog)]
    if comparison.x is None:
        _ranked(drawn, comparison.y, figure, layout, name)
        return
    view = layout.view(comparison.x, comparison.y or scalar_figures.span(drawn, comparison.x))
    scalar_figures.show(drawn, comparison.zoom, view, figure, layout, name)


def sorted_inputs(entry: Elementwise, figure: Figure, layout: Layout, name: str) -> None:
    """What the function makes of sorted random numbers, beside the numbers themselves."""
    _ranked(scalar_figures.curves(entry, ("f",), scalar_figures.settings(entry)), None, figure, layout, name)


def normal_sample() -> Array:
    """Sorted numbers from N(0, 1), the same for every figure."""
    return np.sort(np.random.default_rng(SEED).standard_normal(SAMPLES))


def _ranked(drawn: list[Curve], y: tuple[float, float] | None, figure: Figure, layout: Layout, name: str) -> None:
    """A dot for each rank: the input in grey, the values of the functions in their colours."""
    x, ranks = normal_sample(), np.arange(1, SAMPLES + 1)
    given = Curve("input", "x", lambda x: x, (), {"color": COLOUR["soft"]})
    low, high = scalar_figures.span([given, *drawn], (float(x[0]), float(x[-1])))
    view = layout.view((0, SAMPLES + 1), y or (low, high))
    axes = scalar_figures.cross(figure, layout, view, name, "k")
    pieces = []
    for index, curve in enumerate((given, *drawn)):
        points = np.column_stack([ranks, np.asarray(curve.function(x), dtype=np.float64)])
        points = points[view.holds(points[:, 1])]
        # A piece of no length with a round end is a dot.
        dots = [np.stack([point, point]) for point in points]
        size = (2.6 if curve is given else 3.6) * layout.scale
        canvas.curve(
            axes,
            f"{name}-{curve.key}",
            dots,
            zorder=2 + index / 10,
            lw=size,
            solid_capstyle="round",
            color=curve.style["color"],
        )
        pieces.append([view.pixels(points)])
    scalar_figures.name_curves(axes, layout, view, (given, *drawn), pieces)
