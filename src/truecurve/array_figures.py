"""Figures of functions of several numbers: level lines of a gate; outputs and Jacobian of a vector function."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from truecurve import canvas
from truecurve.canvas import COLOUR, Box, Layout
from truecurve.curves import Array, Surface, View, ticks
from truecurve.entry import Gated, Vector

SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_ROW = 0.24
"""Level lines carry their number at this share of the height from the top, so that the numbers stand in a row."""


def surface_box(layout: Layout) -> Box:
    """Where the level lines lie; above them stands the name of the second half."""
    room = 18 * layout.scale if layout.ticks else 0
    return layout.left, layout.top + room, layout.right, layout.bottom


def surface(entry: Gated, figure: Figure, layout: Layout, name: str) -> None:
    """Level lines of the value over the two halves of the input; the tint deepens with the distance from 0."""

    def value(a: Array, b: Array) -> Array:
        return np.asarray(entry.forward(np.stack([a, b], axis=-1), dim=-1)[..., 0])

    view = View(entry.plot.a, entry.plot.b, *surface_box(layout))
    axes = canvas.axes(figure, layout, view, name)
    field = Surface(value, view)
    low, high = field.values.min(), field.values.max()
    levels = [level for level in ticks(low, high, 9 if layout.ticks else 6) if low < level < high]
    for index, level in enumerate(levels):
        for sign, key in ((1, "f"), (-1, "df")):
            rings = field.region(level, sign) if sign * level >= 0 else []
            if rings:
                gid = f"{name}-tint-{key}-{index}"
                canvas.area(axes, gid, rings, facecolor=COLOUR[key], alpha=0.1, lw=0, zorder=0.2)
    for index, level in enumerate(levels):
        colour = COLOUR["f" if level > 0 else "df" if level < 0 else "soft"]
        parts: list[Array] = []
        for line in field.lines(level):
            # Level 0, where the tints meet, needs no number: in many gates it lies on the axes.
            shown = layout.ticks and level != 0
            parts += (shown and _numbered(axes, layout, view, line, canvas.number(level), colour)) or [line]
        canvas.curve(axes, f"{name}-level-{index}", parts, color=colour, lw=1.5 * layout.scale, zorder=2)
    if layout.ticks:
        x, y = view.pixels(np.zeros(2))
        canvas.write(axes, layout, (view.right, y), "a", 19, move=(15, 0), style="italic")
        canvas.write(axes, layout, (x, view.top), "b", 19, move=(0, -14), style="italic")


def _numbered(axes: Axes, layout: Layout, view: View, line: Array, text: str, colour: str) -> list[Array]:
    """Write the number on the line; the line without what lies under it. Nothing for a line that is too short."""
    pixels = view.pixels(line)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(pixels, axis=0).T))])
    half = np.array([0.3 * 15 * len(text) + 3, 9]) * layout.scale
    if along[-1] < 8 * half.max():
        return []
    fine = np.linspace(0, along[-1], 400)
    places = np.column_stack([np.interp(fine, along, pixels[:, axis]) for axis in (0, 1)])
    row = view.top + _ROW * (view.bottom - view.top)
    room = (fine > 3 * half.max()) & (fine < along[-1] - 3 * half.max())
    best = int(np.where(room, np.abs(places[:, 1] - row), np.inf).argmin())
    canvas.write(axes, layout, places[best], text, 15, color=colour)
    covered = fine[(np.abs(places - places[best]) < half).all(axis=1)]
    parts = []
    for start, end in ((0, covered.min()), (covered.max(), along[-1])):
        marks = np.concatenate([[start], along[(along > start) & (along < end)], [end]])
        parts.append(np.column_stack([np.interp(marks, along, line[:, axis]) for axis in (0, 1)]))
    return parts


def temperature(entry: Vector, figure: Figure, layout: Layout, name: str) -> None:
    """Bars of the output for the logits divided by each temperature; in a thumb for temperature 1 only."""
    logits = np.array(entry.plot.logits)
    temperatures = entry.plot.temperatures if layout.ticks else [1.0]
    rows = [entry.at(logits / value)[0] for value in temperatures]
    span = (1.08 * min(0.0, *map(np.min, rows)), 1.08 * max(0.0, *map(np.max, rows)))
    room = 22 * layout.scale if layout.ticks else 0
    view = View((0, len(rows)), span, layout.left, layout.top + room, layout.right, layout.bottom - room)
    axes = canvas.axes(figure, layout, view, name)
    canvas.mark(axes, "x", [], layout.scale)
    step = 0.84 / len(rows[0])
    # Five digits and signs fit above a bar.
    size = min(14, step * (view.right - view.left) / len(rows) / layout.scale / 3.3)
    for group, row in enumerate(rows):
        for index, height in enumerate(row):
            left = group + 0.08 + step * (index + 0.09)
            right = left + 0.82 * step
            corners = np.array([(left, 0), (left, height), (right, height), (right, 0)])
            canvas.area(axes, f"{name}-bar-{group}-{index}", [corners], facecolor=COLOUR["f"], lw=0, zorder=0.9)
            if layout.ticks:
                head = view.pixels(np.array([(left + right) / 2, height]))
                canvas.write(axes, layout, head, _decimal(height), size, move=(0, -12 if height >= 0 else 12))
                text = canvas.number(logits[index % len(logits)])
                canvas.write(axes, layout, (head[0], view.bottom), text, 14, move=(0, 15), color=COLOUR["soft"])
        if layout.ticks and len(rows) > 1:
            foot = view.pixels(np.array([group + 0.5, 0]))[0], view.bottom
            canvas.write(axes, layout, foot, f"T = {canvas.number(temperatures[group])}", 18, move=(0, 38))
    if layout.ticks:
        end = view.pixels(np.array([len(rows), 0]))
        canvas.write(axes, layout, (view.left, view.top), entry.plot.symbol, 19, move=(-24, -14), style="italic")
        canvas.write(axes, layout, end, "x", 17, move=(8, 15), style="italic")


def jacobian(entry: Vector, figure: Figure, layout: Layout, name: str) -> None:
    """The Jacobian at the logits: the cell in row i, column j is the derivative of output i with respect to input j."""
    logits = np.array(entry.plot.logits)
    outputs, values = entry.at(logits)
    (height, width), scale = values.shape, layout.scale
    left, top = layout.left + 70 * scale, layout.top + 46 * scale
    view = View((0.5, width + 0.5), (height + 0.5, 0.5), left, top, layout.right, layout.bottom + 20 * scale)
    axes = canvas.axes(figure, layout, view, name)
    canvas.mark(axes, "x", [], scale)
    canvas.mark(axes, "y", [], scale)
    symbol, soft = entry.plot.symbol, COLOUR["soft"]
    canvas.write(axes, layout, (left, top), f"∂{symbol} / ∂x", 18, move=(-62, -26), style="italic", color=soft)
    for index, logit in enumerate(logits, start=1):
        column = view.pixels(np.array((index, 0.5)))
        canvas.write(axes, layout, column, f"x{SUBSCRIPTS[index]} = {canvas.number(logit)}", 17, move=(0, -26))
    for index, output in enumerate(outputs, start=1):
        row = view.pixels(np.array((0.5, index)))
        canvas.write(axes, layout, row, f"{symbol}{SUBSCRIPTS[index]} = {_decimal(output)}", 17, move=(-62, 0))
    square = 0.485 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    strongest = np.abs(values).max()
    for i, j in np.ndindex(height, width):
        value, middle = float(values[i, j]), np.array([j + 1, i + 1])
        style = {"facecolor": COLOUR["f" if value >= 0 else "df"], "alpha": 0.06 + 0.5 * abs(value) / strongest}
        canvas.area(axes, f"{name}-cell-{i}-{j}", [middle + square], lw=0, zorder=2, **style)
        text = f"{'+' if value > 0 else ''}{_decimal(value)}"
        canvas.write(axes, layout, view.pixels(middle), text, 21, gid=f"{name}-value-{i}-{j}")


def _decimal(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
