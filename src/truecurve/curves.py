"""From a function to few, well-chosen points: sampled where it bends, cut at jumps, clipped to the view.

Curves and level lines are returned as polylines that differ from the function by at most `TOLERANCE` pixels.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scalar = Callable[[Array], Array]

TOLERANCE = 0.05
"""Pixels. A fifth is spent on refining, the rest on leaving out points again: that gives fewest points."""
_REFINE, _OMIT = 0.2 * TOLERANCE, 0.8 * TOLERANCE
SIDE = 1e-12
"""One-sided limits are taken this share of the width of the view beside a breakpoint: far below any pixel, far above
the rounding of the breakpoint itself."""
_SCAN, _CELLS = 512, 160


@dataclass(frozen=True)
class View:
    """A rectangle of the plane (`x`, `y`: low, high) and the pixels it covers; pixels grow downwards, as in SVG."""

    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, points: Array) -> Array:
        """Shape (..., 2) in data coordinates to the same shape in pixels."""
        low, high = np.array([self.x[0], self.y[0]]), np.array([self.x[1], self.y[1]])
        start, end = np.array([self.left, self.bottom]), np.array([self.right, self.top])
        return np.asarray(start + (points - low) / (high - low) * (end - start))

    def holds(self, y: Array) -> NDArray[np.bool_]:
        """Where `y` is inside; rounding on the edge counts as inside, nan does not."""
        slack = 1e-9 * (self.y[1] - self.y[0])
        return (y >= self.y[0] - slack) & (y <= self.y[1] + slack)


def sample(function: Scalar, view: View, breakpoints: Iterable[float] = ()) -> list[Array]:
    """The visible pieces of y = function(x), each of shape (n, 2) in data coordinates, left to right.

    A piece ends where the curve leaves the view and where it jumps at a breakpoint by more than `TOLERANCE` pixels.
    Raises ValueError where it jumps elsewhere.
    """
    low, high = view.x
    knots = [low, *sorted({b for b in breakpoints if low < b < high}), high]
    pieces: list[Array] = []
    for left, right in pairwise(knots):
        branch = _one_sided(function, left, right, SIDE * (high - low))
        for start, end in _visible(branch, view, left, right):
            piece = _refined(branch, view, start, end)
            if pieces and np.abs(view.pixels(pieces[-1][-1]) - view.pixels(piece[0])).max() <= TOLERANCE:
                pieces[-1] = np.concatenate([pieces[-1], piece[1:]])
            else:
                pieces.append(piece)
    return pieces


def limits(function: Scalar, at: float, width: float) -> tuple[float, float]:
    """The one-sided limits of `function` at a breakpoint of a view `width` wide."""
    left, right = function(np.array([at - SIDE * width, at + SIDE * width]))
    return float(left), float(right)


def _one_sided(function: Scalar, left: float, right: float, step: float) -> Scalar:
    """The branch between two breakpoints, continued to both of them by its own limits."""
    return lambda x: np.asarray(function(np.clip(x, left + step, right - step)), dtype=np.float64)


def _visible(branch: Scalar, view: View, left: float, right: float) -> list[tuple[float, float]]:
    """The spans of x on which the branch is inside the view, to the last bit."""
    grid = np.linspace(left, right, _SCAN + 1)
    inside = view.holds(branch(grid))
    edges = []
    for k in np.flatnonzero(inside[1:] != inside[:-1]):
        within, without = (grid[k], grid[k + 1]) if inside[k] else (grid[k + 1], grid[k])
        for _ in range(60):
            middle = (within + without) / 2
            if view.holds(branch(np.array([middle])))[0]:
                within = middle
            else:
                without = middle
        edges.append(float(within))
    marks = ([left] if inside[0] else []) + edges + ([right] if inside[-1] else [])
    return list(zip(marks[::2], marks[1::2], strict=True))


def _refined(branch: Scalar, view: View, start: float, end: float) -> Array:
    """Halve every segment until three points within it lie on the chord; drop the points that are not needed."""
    quarters = np.array([0.25, 0.5, 0.75])
    per_x = (view.right - view.left) / (view.x[1] - view.x[0])
    per_y = (view.bottom - view.top) / (view.y[1] - view.y[0])
    xs = np.linspace(start, end, 9)
    while True:
        ys = branch(xs)
        width, rise = np.diff(xs)[:, None], np.diff(ys)[:, None]
        between = branch(xs[:-1, None] + width * quarters)
        vertical = np.abs(between - ys[:-1, None] - rise * quarters) * per_y
        distance = vertical * (width * per_x) / np.hypot(width * per_x, rise * per_y)
        # A jump of more than a pixel hides in a segment that is narrower than the tolerance: look closer.
        steep = (np.abs(rise[:, 0]) * per_y > 1) & (width[:, 0] * per_x < TOLERANCE)
        bad = (distance > _REFINE).any(axis=1) | steep
        if not bad.any():
            break
        if (width[bad] * per_x < 1e-6).any():
            at = xs[:-1][bad][0]
            raise ValueError(f"the function jumps at x = {at:.6g}, which is not declared as a kink")
        xs = np.sort(np.concatenate([xs, (xs[:-1] + width[:, 0] / 2)[bad]]))
    points = np.column_stack([xs, np.clip(ys, *view.y)])
    return points[_needed(view.pixels(points), _OMIT)]


def _needed(pixels: Array, tolerance: float) -> NDArray[np.bool_]:
    """Douglas and Peucker: which points of a polyline stay so that none is further than `tolerance` from the rest."""
    keep = np.zeros(len(pixels), dtype=bool)
    keep[[0, -1]] = True
    open_spans = [(0, len(pixels) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        chord = pixels[last] - pixels[first]
        offset = pixels[first + 1 : last] - pixels[first]
        length = np.hypot(*chord)
        # Beside a chord of no length (a closed ring) the distance to its one point counts.
        distance = np.abs(offset @ [-chord[1], chord[0]]) / length if length > 1e-9 else np.hypot(*offset.T)
        furthest = int(distance.argmax())
        if distance[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            open_spans += [(first, middle), (middle, last)]
    return keep


class Surface:
    """A function of two variables over a view, on a grid fine enough that its level lines bend little within a cell."""

    def __init__(self, function: Callable[[Array, Array], Array], view: View):
        self.function, self.view = function, view
        self.grid = _marks(*view.x), _marks(*view.y)
        self.values = np.asarray(function(*np.meshgrid(*self.grid)), dtype=np.float64)

    def lines(self, level: float) -> list[Array]:
        """The level lines, each of shape (n, 2) in data coordinates."""
        return [self._exact(line, level, 1) for line in self._contours(1).lines(level)]

    def region(self, level: float, sign: int) -> list[Array]:
        """Closed rings (holes among them, even-odd) around where the value is ≥ level (sign 1) or ≤ level (sign -1)."""
        rings = []
        for points, offsets in zip(*self._contours(sign).filled(sign * level, np.inf), strict=True):
            rings += [self._exact(points[start:end], level, sign) for start, end in pairwise(offsets)]
        return rings

    def _contours(self, sign: int) -> Any:
        a, b = self.grid
        return contourpy.contour_generator(a, b, sign * self.values, name="serial", fill_type="OuterOffset")

    def _exact(self, line: Array, level: float, sign: int) -> Array:
        """Move every vertex along its grid line onto the level by bisection, then drop the points that are not needed.

        The straight interpolation that found the vertices is right only to about a pixel.
        """
        line = line.copy()
        on_grid = [np.isin(line[:, axis], self.grid[axis]) for axis in (0, 1)]
        for axis in (0, 1):
            free = on_grid[1 - axis] & ~on_grid[axis]
            marks = self.grid[axis]
            cell = np.searchsorted(marks, line[free, axis])
            low, high = line[free].copy(), line[free].copy()
            low[:, axis], high[:, axis] = marks[cell - 1], marks[cell]
            above = sign * self.function(*low.T) > sign * level
            for _ in range(50):
                middle = (low + high) / 2
                same = ((sign * self.function(*middle.T) > sign * level) == above)[:, None]
                low, high = np.where(same, middle, low), np.where(same, high, middle)
            line[free] = low
        return line[_needed(self.view.pixels(line), _OMIT)]


def _marks(low: float, high: float) -> Array:
    """Grid lines, denser beside 0: where two level lines cross there, as in a product, a cell cuts the corner."""
    marks = np.linspace(low, high, _CELLS + 1)
    beside = np.array([-0.1, -0.02, 0.02, 0.1]) * (marks[1] - marks[0])
    return np.unique(np.concatenate([marks, beside[(low < beside) & (beside < high)]]))


def ticks(low: float, high: float, most: int) -> Array:
    """At most `most` round values from low to high, in steps of 1, 2 or 5 times a power of ten."""
    for power in range(-12, 13):
        for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power):
            first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
            if last - first < most:
                return np.round(np.arange(first, last + 1) * step, 12) + 0.0
    raise ValueError(f"no round values from {low} to {high}")
