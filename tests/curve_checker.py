"""Compares a curve in a served SVG with the NumPy function that it must show, both ways."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import get_args

import numpy as np

import truecurve
from svg_reader import Picture, Scale, distances
from truecurve import figures
from truecurve.comparison import Compared, Comparison
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.fields import parts
from truecurve.sections import Picture as Cells
from truecurve.sections import Subject

ALLOWED = 0.2
"""Pixels at the width of the drawing, 800: a twelfth of the width of a curve."""
ROUNDING = 0.02
"""Pixels: the file holds hundredths, and the scale is read from two of them."""


CATALOG = truecurve.catalog()
SUBJECTS = {subject.prefix: subject for subject in CATALOG.subjects}
"""Entries and guides, by what begins the names of their figures."""


@cache
def drawings(prefix: str) -> dict[str, figures.Drawing]:
    """By role; comparisons by their ids, further pictures of cells as cells-<id>."""
    made = {}
    for drawing in figures.draw(SUBJECTS[prefix], CATALOG):
        rest = drawing.name.removeprefix(prefix).removeprefix("-")
        roles = {"comparison": rest, "cells": f"cells-{rest}" if rest else "cells"}
        made[roles.get(drawing.role, drawing.role)] = drawing
    return made


def roles(subject: Subject) -> list[str]:
    """Those of `drawings`, without drawing anything."""
    own = isinstance(subject, get_args(Entry))
    made = list(figures._paints(subject)) if own else []
    made += [f"cells-{picture.id}" for _, picture in list(parts(subject, Cells))[own:]]
    return [*made, *(comparison.id for comparison in subject.comparisons), *(["thumb"] if own else [])]


@dataclass(frozen=True)
class Drawn:
    """A curve that must be in the picture: its id, the prefix of its axes, the function and where it may jump."""

    key: str
    axes: str
    function: Callable
    breakpoints: tuple[float, ...]


def parameters(entry: Elementwise, **changed) -> dict:
    values = entry.defaults()
    for formulas in (entry.plot.parameters, changed):
        values |= {name: float(formula.mp(values)) for name, formula in formulas.items()}
    return values


def drawn_in(subject: Subject, role: str) -> list[Drawn]:
    """The curves that a drawing must show, from the entry or guide alone; none where it shows other things."""
    name = subject.prefix if role == "main" else f"{subject.prefix}-{role}"
    comparison = next((one for one in subject.comparisons if one.id == role), None)
    if comparison or not isinstance(subject, Elementwise):
        return compared(comparison, name) if comparison and comparison.x else []
    entry = subject
    made = {"f": entry.forward, "df": entry.derivative, "d2f": entry.second_derivative}

    def curves(keys: str, axes: str, suffix: str = "", **changed) -> list[Drawn]:
        values = parameters(entry, **changed)
        places = [kink.at for kink in entry.kinks]
        if entry.implementation:
            places += [place for place in entry.implementation.definition.boundaries() if "x" not in place.names]
        breakpoints = tuple(sorted({float(place.mp(values)) for place in places}))
        return [Drawn(f"{axes}-{key}{suffix}", axes, partial(made[key], **values), breakpoints) for key in keys.split()]

    match role:
        case "main":
            zoom = curves("f df", f"{name}-zoom") if entry.plot.zoom else []
            return curves("f df", name) + zoom
        case "thumb":
            return curves("f df", name)
        case "second":
            return curves("f df d2f", name)
        case "family":
            ((parameter, formulas),) = entry.plot.family.items()
            return [
                curve
                for index, formula in enumerate(formulas)
                for curve in curves("f", name, f"-{index}", **{parameter: formula})
            ]
        case "band":
            bounds = [curves("f", name, **changed)[0] for changed in entry.plot.band]
            return curves("f", name) + [
                Drawn(f"{name}-bound-{index}", name, bound.function, bound.breakpoints)
                for index, bound in enumerate(bounds)
            ]
        case "sorted":
            return []
    raise AssertionError(role)


def compared(comparison: Comparison, name: str) -> list[Drawn]:
    """The curves of a comparison: in its inset too, where it has one."""
    made = []
    for axes in [name, f"{name}-zoom"] if comparison.zoom else [name]:
        for index, item in enumerate(comparison.curves):
            function, breakpoints = stated(item)
            made.append(Drawn(f"{axes}-curve-{index}", axes, function, breakpoints))
    return made


def stated(item: Compared) -> tuple[Callable, tuple[float, ...]]:
    """What a curve of a comparison shows, and where it may jump."""
    if item.formula is not None:
        return lambda x: np.broadcast_to(np.asarray(item.formula.np({"x": x}), dtype=float), np.shape(x)), ()
    entry = CATALOG.entry(item.of)
    given = {key: float(value) if entry.parameters[key].type == "real" else value for key, value in item.given.items()}
    if isinstance(entry, Gated):
        a, b = item.fixed.get("a"), item.fixed.get("b")
        halves = [
            lambda x: x if a is None else np.full(np.shape(x), a),
            lambda x: x if b is None else np.full(np.shape(x), b),
        ]
        return lambda x: entry.forward(np.stack([half(x) for half in halves], -1), **given)[..., 0], ()
    if isinstance(entry, Vector):
        others = np.array(item.others)
        return (
            lambda x: entry.forward(
                np.concatenate([x[..., None], np.broadcast_to(others, (*x.shape, len(others)))], -1), dim=-1
            )[..., 0],
            (),
        )
    values = parameters(entry) | given
    breakpoints = tuple(sorted({float(kink.at.mp(values)) for kink in entry.kinks}))
    function = partial(
        {"f": entry.forward, "df": entry.derivative, "d2f": entry.second_derivative}[item.order], **values
    )
    if item.minus:
        other, more = stated(Compared(of=item.minus))
        return lambda x: function(x) - other(x), tuple(sorted({*breakpoints, *more}))
    return function, breakpoints


def from_graph(points: np.ndarray, curve: Drawn, scale: Scale) -> np.ndarray:
    """The distance in pixels of each of the points (pixels, shape (n, 2)) from the graph of the function."""
    window = np.linspace(-1.5, 1.5, 301)
    x = (points[:, :1] + window - scale.x[1]) / scale.x[0]
    y = np.asarray(curve.function(x), dtype=float)
    graph = scale.pixels(np.stack([x, y], axis=-1))
    start, along = graph[:, :-1], np.diff(graph, axis=1)
    length = np.maximum((along**2).sum(-1), 1e-300)
    share = np.clip(((points[:, None] - start) * along).sum(-1) / length, 0, 1)
    distance = np.hypot(*np.moveaxis(points[:, None] - start - share[..., None] * along, -1, 0))
    for at in curve.breakpoints:
        distance[(x[:, :-1] <= at) & (at <= x[:, 1:])] = np.inf
    return distance.min(axis=1)


def jumps(curve: Drawn, scale: Scale, at: float) -> bool:
    """Whether the function jumps visibly at this place."""
    step = 1e-9 * max(1.0, abs(at))
    ends = np.asarray(curve.function(np.array([at - step, at + step])), dtype=float)
    return bool(abs(np.diff(ends)[0] * scale.y[0]) > ALLOWED)


def faults(picture: Picture, curve: Drawn) -> tuple[list[str], float]:
    """All that is wrong with a curve in a picture, and its worst deviation in pixels, both ways."""
    scale, pieces, found = picture.scale(curve.axes), picture.pieces(curve.key), []
    left, top, right, bottom = scale.frame
    (low_x, high_x), (low_y, high_y) = scale.view

    edges = [np.linspace(start, end, 9) for piece in pieces for start, end in pairwise(piece)]
    points = np.concatenate(edges or [np.empty((0, 2))])
    away = from_graph(points, curve, scale)
    if away.size and away.max() > ALLOWED:
        x, y = scale.data(points[away.argmax()])
        found.append(f"the path is {away.max():.2f} px from the function at ({x:.4g}, {y:.4g})")
    outside = np.max([left - points[:, 0], points[:, 0] - right, top - points[:, 1], points[:, 1] - bottom], initial=0)
    if outside > ROUNDING:
        found.append(f"the path leaves the view by {outside:.2f} px")
    for piece in pieces:
        for (x0, y0), (x1, y1) in pairwise(piece):
            if abs(x1 - x0) <= ROUNDING and abs(y1 - y0) > ALLOWED:
                found.append(f"a vertical line of {abs(y1 - y0):.1f} px at x = {scale.data([x0, y0])[0]:.4g}")
            for at in curve.breakpoints:
                position = scale.pixels([at, 0])[0]
                if x0 + ROUNDING < position < x1 - ROUNDING and jumps(curve, scale, at):
                    found.append(f"a line crosses the jump at x = {at:.4g}")

    x = np.linspace(low_x, high_x, 2003)
    beside = [
        at + side * step * (high_x - low_x) for at in curve.breakpoints for side in (-1, 1) for step in (1e-9, 1e-4)
    ]
    x = np.concatenate([x, [at for at in beside if low_x <= at <= high_x]])
    x = x[~np.isin(x, curve.breakpoints)]  # the values there are shown by dots, which have a test of their own
    y = np.asarray(curve.function(x), dtype=float)
    inside = (y >= low_y) & (y <= high_y)
    samples = scale.pixels(np.column_stack([x, y])[inside])
    missing = distances(samples, pieces)
    if missing.size and missing.max() > ALLOWED:
        x, y = scale.data(samples[missing.argmax()])
        found.append(f"the function is {missing.max():.2f} px from the path at ({x:.4g}, {y:.4g})")
    return found, float(max(away.max(initial=0), missing.max(initial=0)))
