"""Functions drawn on a reader's own Matplotlib axes, in the colours of this site: what `entry.plot()` does."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from truecurve import canvas, cell_figures, scalar_figures
from truecurve.canvas import COLOUR, MAIN
from truecurve.comparison_figures import PALETTE
from truecurve.curves import sample, ticks
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.layer import Layer
from truecurve.scalar_figures import GREEK, SYMBOLS

_LOOK = {
    name: value
    for name, value in canvas.STYLE.items()
    if name.startswith(("axes.", "grid.", "xtick.", "ytick.", "lines.", "text.color"))
}
"""The parts of the style that suit a figure of any size; fonts and resolution are the reader's."""
_GRID = 201


def curves(entry: Elementwise, ax: Any, derivative: bool | int, x: Any, params: Mapping[str, Any]) -> Axes:
    """f, f' (`derivative` true) and f'' (2) over x, with gaps at jumps. The first function on the axes gets the colours
    of the site; each further one has one colour, its derivatives dashed. Raises ValueError."""
    if derivative not in (0, 1, 2):
        raise ValueError(f"derivative must be False, True or 2, not {derivative!r}")
    values = scalar_figures.settings(entry) | _admitted(entry, params)
    low, high = entry.plot.x if x is None else _window(x)
    drawn = scalar_figures.curves(entry, tuple(SYMBOLS)[: 1 + int(derivative)], values)
    grid = np.linspace(low, high, _GRID)
    if not np.array_equal(entry.forward(grid, **values), entry.forward(grid, **values), equal_nan=True):
        raise ValueError(f"with these parameters {entry.id} is random and has no curve")
    fixed = entry.plot.y if x is None and not params else None
    view = MAIN.view((low, high), fixed or scalar_figures.span(drawn, (low, high)))
    on = _axes(ax, cross=True)
    earlier = sum(line.get_gid() == "truecurve-f" for line in on.lines)
    own = PALETTE[3:][(earlier - 1) % len(PALETTE[3:])]
    for curve in drawn:
        points = canvas.gapped(sample(curve.function, view, curve.breakpoints))
        look = {**curve.style, "color": COLOUR[own if earlier else curve.key]}
        label = _label(entry, params, SYMBOLS[curve.key][1:])
        on.plot(*points.T, gid=f"truecurve-{curve.key}", label=label, lw=2, **look)
    if ax is None:
        on.set(xlim=(low, high), xlabel="x")
    on.legend()
    return on


def level_lines(entry: Gated, ax: Any, params: Mapping[str, Any]) -> Axes:
    """Numbered level lines over the window of the figure, blue above 0 and orange below. Raises ValueError."""
    _admitted(entry, params)
    a, b = (np.linspace(*window, _GRID) for window in (entry.plot.a, entry.plot.b))
    values = entry.forward(np.stack(np.meshgrid(a, b), axis=-1))[..., 0]
    levels = [level for level in ticks(values.min(), values.max(), 9) if values.min() < level < values.max()]
    on = _axes(ax)
    colours = [COLOUR["f" if level > 0 else "df" if level < 0 else "soft"] for level in levels]
    lines = on.contour(a, b, values, levels, colors=colours, linestyles="-")
    # Level 0 needs no number: it is grey, and in many gates it lies on the axes.
    on.clabel(lines, [level for level in levels if level], fmt=canvas.number)
    on.set(xlabel="a", ylabel="b", title=entry.name.short)
    return on


def bars(entry: Vector, ax: Any, x: Any, params: Mapping[str, Any]) -> Axes:
    """A bar for each output, beside those of the functions drawn before. Raises ValueError."""
    _admitted(entry, params)
    logits = np.array(entry.plot.logits if x is None else x, dtype=float)
    if logits.ndim != 1 or not logits.size:
        raise ValueError(f"x must be a list of numbers, not {x!r}")
    outputs, _ = entry.at(logits)
    on = _axes(ax)
    colour = COLOUR[PALETTE[len(on.containers) % len(PALETTE)]]
    on.bar(range(1, len(outputs) + 1), outputs, color=colour, label=_label(entry, params), zorder=2)
    width = 0.8 / len(on.containers)
    for number, group in enumerate(on.containers):
        for place, bar in enumerate(group, start=1):
            bar.set(x=place - 0.4 + number * width, width=0.9 * width)
    on.set_xticks(range(1, max(map(len, on.containers)) + 1))
    if ax is None:
        on.set(xlabel="i", ylabel=f"${entry.plot.symbol}_i$")
        on.grid(axis="x", visible=False)
    on.legend()
    return on


def cells(entry: Layer, ax: Any) -> Axes:
    """The numbers of the first picture as they stand in its cells, one array beside the other."""
    on = _axes(ax)
    left = 0.0
    for grid in cell_figures.grids(entry, entry.plot.pictures[0]):
        width = grid.cells.shape[1]
        for (i, j), value in np.ndenumerate(grid.cells):
            on.add_patch(Rectangle((left + j, i), 1, 1, facecolor="none", edgecolor=COLOUR["soft"]))
            on.text(left + j + 0.5, i + 0.5, cell_figures.text(value, grid.digits), ha="center", va="center")
        on.text(left + width / 2, -0.4, grid.name, ha="center", style="italic")
        left += width + 1
    on.autoscale_view()
    on.set(aspect="equal", xticks=[], yticks=[], title=entry.name.short)
    if ax is None:
        on.invert_yaxis()
    return on


def _admitted(entry: Entry, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, each a number or a choice that the entry admits. Raises ValueError naming one that is not.

    Along which axis an array is taken (dim) is no parameter of a figure.
    """
    known = {name: parameter for name, parameter in entry.parameters.items() if name != "dim"}
    for name, value in params.items():
        if name not in known:
            raise ValueError(f"{entry.id} has no parameter {name!r} to draw with; it has {', '.join(known) or 'none'}")
        if known[name].type == "real" and not (np.ndim(value) == 0 and np.isreal(value) and np.isfinite(float(value))):
            raise ValueError(f"{name} must be a finite number, not {value!r}")
        if known[name].type == "flag" and not isinstance(value, bool):
            raise ValueError(f"{name} must be True or False, not {value!r}")
    others = {**(scalar_figures.settings(entry) if isinstance(entry, Elementwise) else {}), **params}
    for name in params:
        known[name].admit(name, others[name], others)
    return dict(params)


def _window(x: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in x)
    except (TypeError, ValueError):
        raise ValueError(f"x must be a pair (low, high), not {x!r}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"x must be a pair of finite numbers (low, high) with low < high, not {x!r}")
    return low, high


def _label(entry: Entry, params: Mapping[str, Any], primes: str = "") -> str:
    given = ", ".join(
        f"{GREEK.get(name, name)} = {value if isinstance(value, (str, bool)) else canvas.number(value)}"
        for name, value in params.items()
    )
    return f"{entry.name.short}{primes}" + (f" ({given})" if given else "")


def _axes(ax: Any, cross: bool = False) -> Axes:
    """The reader's axes as they are, or new ones as on this site; `cross`: with hairlines through the origin."""
    if ax is not None:
        given: Axes = ax
        return given
    import matplotlib.pyplot as plt  # late: it looks for a window system, which who passes axes need not have

    with matplotlib.rc_context(_LOOK):
        _, made = plt.subplots(layout="constrained")
    made.set_frame_on(False)
    if cross:
        for draw in (made.axhline, made.axvline):
            draw(0, color=COLOUR["soft"], alpha=0.55, lw=1, zorder=1)
    return made
