"""From an entry or a guide to its pictures. They hold symbols and names of functions, no words: one file serves every
language."""

from dataclasses import dataclass
from functools import partial

from matplotlib.figure import Figure

from truecurve import array_figures, canvas, cell_figures, comparison_figures, scalar_figures, svg
from truecurve.canvas import CARD, COLOUR, MAIN, THUMB, Layout, Paint, Role
from truecurve.catalog import Catalog
from truecurve.comparison import Comparison
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.fields import parts
from truecurve.guide import Guide
from truecurve.layer import Layer
from truecurve.problem import InvalidCatalog
from truecurve.sections import Picture
from truecurve.svg import Scheme


@dataclass(frozen=True)
class Drawing:
    """One picture. `svg` is coloured by CSS variables and ready to stand in a page; `name` begins all its ids."""

    name: str
    role: Role
    svg: str
    width: int
    height: int


def draw(subject: Entry | Guide, catalog: Catalog) -> list[Drawing]:
    """All pictures of an entry or a guide. The first of an entry says most and is named as the entry, a thumb is the
    last.

    Raises ValueError where a function jumps at a place that the entry does not declare, InvalidCatalog where a
    comparison cannot be drawn.
    """
    drawings = []
    for loc, picture in parts(subject, Picture):
        try:
            cell_figures.panels(subject, picture, catalog)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise InvalidCatalog([subject._source.problem((*loc, "numpy"), what, "correct the code")]) from None
    if not isinstance(subject, Guide):
        for index, (role, paint) in enumerate(_paints(subject).items()):
            name = subject.id if index == 0 else f"{subject.id}-{role}"
            drawings.append(_drawing(name, role, paint, MAIN))
    if isinstance(subject, (Layer, Guide)):
        for _, picture in list(parts(subject, Picture))[isinstance(subject, Layer) :]:
            paint = partial(cell_figures.paint, subject, picture, catalog)
            drawings.append(_drawing(f"{subject.prefix}-{picture.id}", "cells", paint, MAIN))
    for loc, comparison in parts(subject, Comparison):
        name, paint = f"{subject.prefix}-{comparison.id}", partial(comparison_figures.compare, comparison, catalog)
        try:
            drawings.append(_drawing(name, "comparison", paint, MAIN))
        except ValueError as error:
            fix = "choose a window and formulas that are continuous in it"
            raise InvalidCatalog([subject._source.problem(loc, str(error), fix)]) from None
    if not isinstance(subject, Guide):
        first = next(iter(_paints(subject).values()))
        drawings.append(_drawing(f"{subject.id}-thumb", "thumb", first, THUMB))
    return drawings


def first(entry: Entry) -> Drawing:
    """The first picture of an entry alone. Raises ValueError as `draw`."""
    role, paint = next(iter(_paints(entry).items()))
    return _drawing(entry.id, role, paint, MAIN)


def standalone(drawing: Drawing, scheme: Scheme) -> str:
    """The drawing as an SVG file of its own with literal colours."""
    return svg.standalone(drawing.svg, scheme)


def prints(entry: Entry) -> dict[str, bytes]:
    """The first picture, light, by the ending of its file: PNG of 800 × 500 and of 1600 × 1000 pixels, PDF, and for
    previews of links PNG of 1200 × 630 pixels with the name."""
    first = next(iter(_paints(entry).values()))

    def card(figure: Figure, layout: Layout, name: str) -> None:
        first(figure, layout, name)
        side, height = 48 / layout.width, 1 - 66 / layout.height
        figure.text(side, height, entry.name.short, fontsize=52, fontweight="bold", va="center_baseline")
        style = {"fontsize": 28, "color": COLOUR["soft"], "ha": "right", "va": "center_baseline"}
        figure.text(1 - side, height, "Truecurve", style)

    small, large, document = canvas.prints(first, MAIN, entry.id)
    preview = canvas.raster(card, CARD, entry.id)
    return {"-800.png": small, "-1600.png": large, ".pdf": document, ".png": preview}


def _drawing(name: str, role: Role, paint: Paint, layout: Layout) -> Drawing:
    return Drawing(name, role, canvas.vector(paint, layout, name), layout.width, layout.height)


def _paints(entry: Entry) -> dict[Role, Paint]:
    match entry:
        case Elementwise():
            return {**scalar_figures.paints(entry), "sorted": partial(comparison_figures.sorted_inputs, entry)}
        case Gated():
            return {"surface": partial(array_figures.surface, entry)}
        case Vector():
            temperature, jacobian = array_figures.temperature, array_figures.jacobian
            return {"temperature": partial(temperature, entry), "jacobian": partial(jacobian, entry)}
        case Layer():
            return {"cells": partial(cell_figures.paint, entry, entry.plot.pictures[0], Catalog())}
