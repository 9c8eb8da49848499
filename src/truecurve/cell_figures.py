"""Figures of layers: arrays as cells with their numbers, and blocks of small cubes; all computed from real arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from truecurve import canvas
from truecurve.canvas import COLOUR, Layout
from truecurve.catalog import Catalog
from truecurve.curves import Array, View
from truecurve.layer import Layer
from truecurve.sections import Picture, Subject

INKS = ("f", "df", "d2f", "c4", "c5", "c6", "c7")
"""What marks of cells are tinted with: mark 1 is blue, 2 orange, 3 green, ..."""
GAP, HEAD, FOOT = 0.4, 0.75, 0.25
"""Room between panels, above and below them, in cells."""
LARGEST = 64.0


@dataclass(frozen=True)
class Grid:
    """An array of one or two axes as cells. `name` stands above. `marks`, of its shape: 0 is white, n the tint n;
    without marks, `heat` tints by size, blue above 0 and orange below. `pale` cells are padding."""

    values: Any
    name: str = ""
    marks: Any = None
    pale: Any = None
    heat: bool = False
    digits: int = 2

    @property
    def cells(self) -> Any:
        return np.atleast_2d(np.asarray(self.values))

    def of_shape(self, given: Any) -> Any:
        shape = self.cells.shape
        return np.zeros(shape, int) if given is None else np.broadcast_to(np.atleast_2d(np.asarray(given)), shape)


@dataclass(frozen=True)
class Cube:
    """A block of cells with three axes: into the depth, to the right, downwards; `names` stand along them. `marks`, of
    its shape: 0 is white, n the tint n."""

    marks: Any
    name: str = ""
    names: tuple[str, str, str] = ("N", "C", "H, W")


Panel = Grid | Cube | str
"""What stands in a row of panels; text is an operator between them, such as ∗ or =."""


def panels(subject: Subject, picture: Picture, catalog: Catalog) -> list[list[Panel]]:
    """Rows of panels, as the code of the picture computes them; that of a guide knows the functions of all entries."""
    known = subject._functions[""].__globals__ if isinstance(subject, Layer) else catalog.numpy()
    scope: dict[str, Any] = {**known, "grid": Grid, "cube": Cube, "np": np}
    exec(compile(picture.numpy, f"picture {picture.id}", "exec"), scope)
    made = scope["panels"]
    return made if isinstance(made[0], list) else [made]


def grids(entry: Layer, picture: Picture) -> list[Grid]:
    """Those panels that hold numbers, in order."""
    return [panel for row in panels(entry, picture, Catalog()) for panel in row if isinstance(panel, Grid)]


def paint(subject: Subject, picture: Picture, catalog: Catalog, figure: Figure, layout: Layout, name: str) -> None:
    """Rows of panels, centred, with cells as large as fit."""
    rows = panels(subject, picture, catalog)
    view = View((0, 1), (0, 1), layout.left, layout.top, layout.right, layout.bottom)
    if layout.ticks:
        view = View((0, 1), (0, 1), 16 * layout.scale, layout.top, layout.width - 16 * layout.scale, layout.bottom + 24)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_gid(f"{name}-axes")
    axes.set(xlim=(0, layout.width), ylim=(layout.height, 0), frame_on=False)
    canvas.mark(axes, "x", [], layout.scale)
    canvas.mark(axes, "y", [], layout.scale)
    head = HEAD if layout.ticks else 0.1
    widths = [sum(_width(panel) for panel in row) + GAP * (len(row) - 1) for row in rows]
    heights = [max(_height(panel) for panel in row) + head + FOOT for row in rows]
    room = view.right - view.left, view.bottom - view.top
    cell = min(room[0] / max(widths), room[1] / sum(heights), LARGEST * layout.scale)
    top, number = view.top + (room[1] - cell * sum(heights)) / 2, 0
    for row, width, height in zip(rows, widths, heights, strict=True):
        left = view.left + (room[0] - cell * width) / 2
        middle = top + cell * (head + (height - head - FOOT) / 2)
        for panel in row:
            size = cell * _width(panel), cell * _height(panel)
            corner = (left, middle - size[1] / 2)
            if isinstance(panel, str):
                place, text = (left + size[0] / 2, middle), _size(min(0.5 * cell, 26), layout)
                canvas.write(axes, layout, place, panel, text, color=COLOUR["soft"])
            elif isinstance(panel, Cube):
                _cube(axes, layout, f"{name}-{number}", panel, corner, cell)
            else:
                _grid(axes, layout, f"{name}-{number}", panel, corner, cell)
            if layout.ticks and not isinstance(panel, str) and panel.name:
                place = (left + size[0] / 2, corner[1] - 0.36 * cell)
                canvas.write(axes, layout, place, panel.name, _size(min(0.4 * cell, 20), layout), style="italic")
            number += not isinstance(panel, str)
            left += size[0] + cell * GAP
        top += cell * height


def _size(pixels: float, layout: Layout) -> float:
    """A font size for `canvas.write`, which multiplies by the scale."""
    return pixels / layout.scale


def _ink(mark: Any) -> str:
    return INKS[(int(mark) - 1) % len(INKS)]


def _width(panel: Panel) -> float:
    if isinstance(panel, str):
        return 0.32 * max(1, len(panel))
    if isinstance(panel, Cube):
        depth, right, _ = np.shape(panel.marks)
        return float(right + _DEPTH[0] * depth + _SIDE)
    return float(panel.cells.shape[1])


def _height(panel: Panel) -> float:
    if isinstance(panel, str):
        return 1
    if isinstance(panel, Cube):
        depth, _, down = np.shape(panel.marks)
        return float(down + _DEPTH[1] * depth + 0.4)
    return float(panel.cells.shape[0])


def _grid(axes: Axes, layout: Layout, name: str, panel: Grid, corner: tuple[float, float], cell: float) -> None:
    values, marks, pale = panel.cells, panel.of_shape(panel.marks), panel.of_shape(panel.pale)
    texts = [[text(value, panel.digits) for value in row] for row in values]
    longest = max(len(text) for row in texts for text in row)
    # A digit is about 0.6 of its size wide.
    size = _size(min(0.42 * cell, 0.86 * cell / (0.6 * max(longest, 1)), 24), layout)
    strongest = max((abs(float(v)) for v in values.ravel() if is_number(v)), default=0) or 1
    outlines: dict[str, list[Array]] = {"line": [], "soft": []}
    for i, j in np.ndindex(values.shape):
        left, top = corner[0] + cell * j, corner[1] + cell * i
        ring = np.array([(left, top), (left + cell, top), (left + cell, top + cell), (left, top + cell)])
        outlines["line" if pale[i, j] else "soft"].append(ring)
        share = float(values[i, j]) / strongest if panel.heat and is_number(values[i, j]) else 0.0
        if marks[i, j] or share:
            key = _ink(marks[i, j]) if marks[i, j] else "f" if share > 0 else "df"
            alpha = 0.22 if marks[i, j] else 0.04 + 0.5 * abs(share)
            canvas.area(axes, f"{name}-cell-{i}-{j}", [ring], facecolor=COLOUR[key], alpha=alpha, lw=0, zorder=2)
        if layout.ticks and texts[i][j]:
            style: dict[str, Any] = {"color": COLOUR["soft" if pale[i, j] else "ink"], "gid": f"{name}-value-{i}-{j}"}
            canvas.write(axes, layout, (left + cell / 2, top + cell / 2), texts[i][j], size, **style)
    width = layout.scale * (0.9 if layout.ticks else 0.6)
    for key, rings in outlines.items():
        if rings:
            gid = f"{name}-{key}"
            canvas.area(axes, gid, rings, facecolor="none", edgecolor=COLOUR[key], lw=width, zorder=2.5)


_DEPTH = (0.42, 0.36)
"""How far a step into the depth moves to the right and up, in cells."""
_SIDE = 0.6
"""Room on the left for the name of the axis that goes down, in cells."""
_SHADES = {"front": 0.45, "top": 0.3, "side": 0.6}


def _cube(axes: Axes, layout: Layout, name: str, panel: Cube, corner: tuple[float, float], cell: float) -> None:
    """Every small cube by its three faces that can be seen, from the back to the front."""
    marks = np.asarray(panel.marks)
    depth, right, down = marks.shape
    base = np.array([corner[0] + cell * _SIDE, corner[1] + cell * _DEPTH[1] * depth])
    along = np.array([_DEPTH[0] * cell, -_DEPTH[1] * cell])
    x, y = np.array([cell, 0.0]), np.array([0.0, cell])
    for n in reversed(range(depth)):
        for c, h in np.ndindex(right, down):
            at = base + n * along + c * x + (down - 1 - h) * y
            row = down - 1 - h
            colour = _ink(marks[n, c, row]) if marks[n, c, row] else ""
            faces = {"front": [at, at + x, at + x + y, at + y]}
            if row == 0:
                faces["top"] = [at, at + along, at + along + x, at + x]
            if c == right - 1:
                faces["side"] = [at + x, at + x + along, at + x + along + y, at + x + y]
            for face, ring in faces.items():
                gid, rings = f"{name}-{face}-{n}-{c}-{row}", [np.array(ring)]
                outline: dict[str, Any] = {"edgecolor": COLOUR["soft"], "lw": 0.7 * layout.scale}
                canvas.area(axes, f"{gid}-ground", rings, facecolor=COLOUR["ground"], zorder=2, **outline)
                if colour:
                    look = {"facecolor": COLOUR[colour], "alpha": _SHADES[face]}
                    canvas.area(axes, gid, rings, lw=0, zorder=2, **look)
    if layout.ticks:
        size = _size(min(0.42 * cell, 18), layout)
        end = base + depth * along
        bottom = base + down * y
        canvas.write(axes, layout, bottom + right / 2 * x + (0, 0.35 * cell), panel.names[1], size, style="italic")
        canvas.write(
            axes, layout, base + down / 2 * y - (0.4 * cell, 0), panel.names[2], size, style="italic", rotation=90
        )
        canvas.write(axes, layout, (base + end) / 2 - (0.3 * cell, 0.1 * cell), panel.names[0], size, style="italic")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and bool(np.isfinite(value))


def text(value: Any, digits: int) -> str:
    """The number as it stands in its cell, without needless zeros."""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if not isinstance(value, (int, float, np.number)):
        return str(value)
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{float(value):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")
