"""From an entry to its pictures. They hold symbols only, no words, so that one file serves every language."""

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from truecurve import array_figures, canvas, scalar_figures, svg
from truecurve.canvas import CARD, COLOUR, MAIN, THUMB, Layout, Paint, Role
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.svg import Scheme


@dataclass(frozen=True)
class Drawing:
    """One picture. `svg` is coloured by CSS variables and ready to stand in a page; `name` begins all its ids."""

    name: str
    role: Role
    svg: str
    width: int
    height: int


def draw(entry: Entry) -> list[Drawing]:
    """All pictures of an entry. The first is the one that says most and is named as the entry; a thumb is the last.

    Raises ValueError where a function jumps at a place that the entry does not declare.
    """
    paints = _paints(entry)
    drawings = []
    for index, (role, paint) in enumerate(paints.items()):
        name = entry.id if index == 0 else f"{entry.id}-{role}"
        drawings.append(_drawing(name, role, paint, MAIN))
    first = next(iter(paints.values()))
    return [*drawings, _drawing(f"{entry.id}-thumb", "thumb", first, THUMB)]


def standalone(drawing: Drawing, scheme: Scheme) -> str:
    """The drawing as an SVG file of its own with literal colours."""
    return svg.standalone(drawing.svg, scheme)


def png(entry: Entry) -> bytes:
    """The first picture and the name, 1200 × 630 pixels, light: for previews of links."""
    first = next(iter(_paints(entry).values()))

    def card(figure: Figure, layout: Layout, name: str) -> None:
        first(figure, layout, name)
        side, height = 48 / layout.width, 1 - 66 / layout.height
        figure.text(side, height, entry.name.short, fontsize=52, fontweight="bold", va="center_baseline")
        style = {"fontsize": 28, "color": COLOUR["soft"], "ha": "right", "va": "center_baseline"}
        figure.text(1 - side, height, "Truecurve", style)

    return canvas.raster(card, CARD, entry.id)


def _drawing(name: str, role: Role, paint: Paint, layout: Layout) -> Drawing:
    return Drawing(name, role, canvas.vector(paint, layout, name), layout.width, layout.height)


def _paints(entry: Entry) -> dict[Role, Paint]:
    match entry:
        case Elementwise():
            return scalar_figures.paints(entry)
        case Gated():
            return {"surface": partial(array_figures.surface, entry)}
        case Vector():
            temperature, jacobian = array_figures.temperature, array_figures.jacobian
            return {"temperature": partial(temperature, entry), "jacobian": partial(jacobian, entry)}
