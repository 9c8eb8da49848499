"""The one Matplotlib figure all drawings share: layouts, axes on a fixed rectangle, curves, dots, labels."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D, Transform
from PIL import Image

from truecurve import svg
from truecurve.curves import Array, View, ticks

COLOUR = svg.COLOURS["light"]
STYLE = matplotlib.rc_params_from_file(
    Path(__file__).parent / "styles" / "truecurve.mplstyle", use_default_template=True
)
_FIGURE = Figure(frameon=False)
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Layout:
    """Size and frame in pixels. `scale` multiplies text and lines; `ticks`: whether there are numbers and a grid."""

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    scale: float = 1
    ticks: bool = True

    def view(self, x: tuple[float, float], y: tuple[float, float]) -> View:
        return View(x, y, self.left, self.top, self.right, self.bottom)


MAIN = Layout(800, 500, 58, 14, 772, 462)
THUMB = Layout(160, 110, 5, 5, 155, 105, 0.8, ticks=False)
CARD = Layout(1200, 630, 96, 124, 1140, 566, 1.7)

Role = Literal[
    "main", "second", "family", "band", "surface", "temperature", "jacobian", "sorted", "comparison", "thumb", "cells"
]
Paint = Callable[[Figure, Layout, str], None]
"""Draws on the figure in this layout; the text begins every id."""


def vector(paint: Paint, layout: Layout, name: str) -> str:
    """The painted figure as SVG with CSS variables. Depends on the arguments only: no time, no random ids.

    Without ticks the scale goes into the attributes data-x and data-y: low, high, and their pixels.
    """
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
        _painted(paint, layout, name)
        target = io.StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        _FIGURE.savefig(target, format="svg", metadata=nothing)
        (left, right), (low, high) = _FIGURE.axes[0].get_xlim(), _FIGURE.axes[0].get_ylim()
    scale = {
        "x": f"{left:.9g} {right:.9g} {layout.left:g} {layout.right:g}",
        "y": f"{low:.9g} {high:.9g} {layout.bottom:g} {layout.top:g}",
    }
    return svg.clean(target.getvalue(), name, {} if layout.ticks else scale)


def raster(paint: Paint, layout: Layout, name: str) -> bytes:
    """The painted figure as PNG on white."""
    with matplotlib.rc_context(STYLE):
        _painted(paint, layout, name)
        return _image(1)


def prints(paint: Paint, layout: Layout, name: str) -> tuple[bytes, bytes, bytes]:
    """The painted figure as PNG on white, once more with twice the pixels, and as PDF of one page with its fonts, a
    point to a pixel. Depends on the arguments only, as the SVG."""
    with matplotlib.rc_context({**STYLE, "pdf.fonttype": 42}):
        _painted(paint, layout, name)
        target = io.BytesIO()
        _FIGURE.savefig(target, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
        return _image(1), _image(2), target.getvalue()


def _image(scale: int) -> bytes:
    """PNG of what is painted, on white, with so many pixels to a pixel of the layout."""
    raw, target = io.BytesIO(), io.BytesIO()
    _FIGURE.savefig(raw, format="rgba", dpi=72 * scale)
    size = round(_FIGURE.get_figwidth() * 72 * scale), round(_FIGURE.get_figheight() * 72 * scale)
    painted = Image.frombytes("RGBA", size, raw.getvalue())
    ground = Image.new("RGBA", size, COLOUR["ground"])
    # Of the 256 colours one is exactly that of each line and area; the file is a third as large as with all shades.
    Image.alpha_composite(ground, painted).convert("RGB").quantize().save(target, "PNG", optimize=True)
    return target.getvalue()


def _painted(paint: Paint, layout: Layout, name: str) -> None:
    _FIGURE.clear()
    _FIGURE.set_size_inches(layout.width / 72, layout.height / 72)
    paint(_FIGURE, layout, name)


def number(value: float, digits: int = 6) -> str:
    """Digits with a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def axes(
    figure: Figure, layout: Layout, view: View, prefix: str, most: tuple[int, int] = (9, 8), text: float = 15
) -> Axes:
    """Axes on the pixels of the view, with a hairline cross through the origin and a grid at round values.

    `prefix` begins the ids, `most` is how many ticks x and y have at most, `text` the size of their numbers.
    """
    left, bottom = view.left / layout.width, 1 - view.bottom / layout.height
    made = figure.add_axes(
        (left, bottom, (view.right - view.left) / layout.width, (view.bottom - view.top) / layout.height)
    )
    made.set_gid(f"{prefix}-axes")
    made.set(xlim=view.x, ylim=view.y, frame_on=False)
    mark(made, "x", ticks(*view.x, most[0]) if layout.ticks else [], layout.scale, text)
    mark(made, "y", ticks(*view.y, most[1]) if layout.ticks else [], layout.scale, text)
    style: dict[str, Any] = {"color": COLOUR["soft"], "alpha": 0.55, "lw": layout.scale, "zorder": 1, "clip_on": False}
    if view.x[0] <= 0 <= view.x[1]:
        made.plot([0, 0], view.y, **style)
    if view.y[0] <= 0 <= view.y[1]:
        made.plot(view.x, [0, 0], **style)
    return made


def mark(on: Axes, axis: Literal["x", "y"], values: Iterable[float], scale: float, text: float = 15) -> None:
    """Ticks with grid lines, each in a group with an id such as elu-xtick-0, from which a test reads the scale."""
    values = list(values)
    prefix = str(on.get_gid()).removesuffix("-axes")
    of = on.xaxis if axis == "x" else on.yaxis
    of.set_ticks(values, labels=[number(value) for value in values])
    on.tick_params(
        axis=axis, labelsize=text * scale, pad=(0.8 if axis == "x" else 0.6) * text * scale, grid_linewidth=scale
    )
    for index, tick in enumerate(of.get_major_ticks()):
        tick.set_gid(f"{prefix}-{axis}tick-{index}")
        tick.gridline.set_clip_on(False)


def curve(on: Axes, gid: str, pieces: list[Array], **style: Any) -> None:
    """Pieces of a curve, each of shape (n, 2), as one path with gaps."""
    on.plot(*gapped(pieces).T, gid=gid, clip_on=False, **style)


def gapped(pieces: list[Array]) -> Array:
    """The pieces one after another, shape (n, 2), with nan between them."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)] or [gap])


def area(on: Axes, gid: str, rings: list[Array], **style: Any) -> None:
    """Closed rings, each of shape (n, 2), filled as one path."""
    # Matplotlib reads the last vertex of a closed path as a mere mark.
    closed = [Outline(np.concatenate([ring, ring[:1]]), closed=True) for ring in rings]
    outline = Outline.make_compound_path(*closed)
    on.add_patch(PathPatch(outline, gid=gid, clip_on=False, **style))


def _pixels(on: Axes) -> Transform:
    """From pixels of the layout, counted from below, to those of the image, which may be finer."""
    figure = on.get_figure()
    assert isinstance(figure, Figure)
    return Affine2D().scale(1 / 72) + figure.dpi_scale_trans


def box(on: Axes, layout: Layout, corners: Box, **style: Any) -> None:
    """A rectangle given in pixels."""
    left, top, right, bottom = corners
    low = (left, layout.height - bottom)
    on.add_patch(Rectangle(low, right - left, bottom - top, transform=_pixels(on), clip_on=False, **style))


def segment(on: Axes, layout: Layout, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
    """A straight line between two points given in pixels."""
    xs, ys = zip(start, end, strict=True)
    on.plot(xs, [layout.height - y for y in ys], transform=_pixels(on), clip_on=False, **style)


def dot(on: Axes, gid: str, view: View, layout: Layout, at: tuple[float, float], colour: str, filled: bool) -> None:
    """A round dot at a jump: filled where the value belongs to the curve, open where it does not."""
    x, y = view.pixels(np.array(at))
    face = colour if filled else COLOUR["ground"]
    style: dict[str, Any] = {
        "facecolor": face,
        "edgecolor": colour,
        "lw": 1.8 * layout.scale,
        "zorder": 5,
        "clip_on": False,
    }
    on.add_patch(Circle((x, layout.height - y), 4 * layout.scale, transform=_pixels(on), gid=gid, **style))


def write(
    on: Axes,
    layout: Layout,
    at: Sequence[float] | Array,
    text: str,
    size: float,
    move: tuple[float, float] = (0, 0),
    **style: Any,
) -> None:
    """Text centred on a point given in pixels, or `move` (times the scale of the layout) beside it."""
    x, y = at[0] + move[0] * layout.scale, at[1] + move[1] * layout.scale
    look = {"color": COLOUR["ink"], "ha": "center", "va": "center_baseline", "zorder": 6, **style}
    on.text(x, layout.height - y, text, transform=_pixels(on), fontsize=size * layout.scale, **look)
