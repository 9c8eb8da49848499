"""Where to write the name of a curve so that it is read with its curve and with no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from truecurve.canvas import Box
from truecurve.curves import Array

_STEP, _FAR = 6.0, 36.0
_AROUND = np.array([(np.cos(angle), np.sin(angle)) for angle in np.arange(1, 24, 2) * np.pi / 12])


@dataclass(frozen=True)
class Label:
    """What is to be placed: the pieces of the curve, the size of the box and its gap to the curve, all in pixels.

    `anchors`, shape (n, 2): the label must stand beside one of these points, not anywhere along the curve.
    """

    pieces: list[Array]
    width: float
    height: float
    gap: float
    anchors: Array | None = None

    def candidates(self) -> Iterator[Array]:
        """Centres at which the box comes no closer to the curve than the gap, as far as the nearest point tells."""
        half = np.array([self.width, self.height]) / 2
        if self.anchors is not None:
            # Room for the dot that stands at an anchor.
            yield from (at + side * (np.abs(side) @ half + 2 * self.gap) for at in self.anchors for side in _AROUND)
            return
        for piece in self.pieces:
            points = _dense(piece)
            along = np.gradient(points, axis=0)
            normals = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
            for point, normal in zip(points, normals, strict=True):
                yield from (point + side * (np.abs(side) @ half + self.gap) for side in (normal, -normal))


def place(labels: Sequence[Label], frame: Box, cross: Array, blocked: Sequence[Box] = ()) -> list[Array]:
    """The centre of each label, in pixels; no label leaves the `frame` or touches a `blocked` box.

    `cross`, shape (2,): where the axes meet; labels are kept off the two lines if they can be.

    Of all boxes beside their own curve the one furthest from the other curves, from the labels placed before and from
    the frame wins; the right end is preferred.
    """
    left, top, right, bottom = frame
    curves = [np.concatenate([np.empty((0, 2)), *map(_dense, label.pieces)]) for label in labels]
    edge = _dense(np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]))
    placed: list[Array] = []
    taken = [edge]
    for index, label in enumerate(labels):
        half = np.array([label.width, label.height]) / 2
        others = np.concatenate([points for i, points in enumerate(curves) if i != index] + taken)
        best, centre = -np.inf, np.array([(left + right) / 2, (top + bottom) / 2])
        for at in label.candidates():
            box = (*(at - half), *(at + half))
            if not _within(box, frame) or any(_overlap(box, other) for other in blocked):
                continue
            clear = min(_distance(others, at, half), _FAR)
            touch = min(_distance(curves[index], at, half), 0.7 * label.gap)
            # Beside a bundle of curves a label would be read with any of them.
            mistaken = 100 if clear < 1.8 * label.gap else 0
            crossed = 45 if (np.abs(cross - at) < half).any() else 0
            score = 2 * clear + 8 * touch + 24 * (at[0] - left) / (right - left) - mistaken - crossed
            if score > best + 1e-6:
                best, centre = score, at
        placed.append(centre)
        taken.append(_dense(centre + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])))
    return placed


def _dense(polyline: Array) -> Array:
    """Points every few pixels along a polyline."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(polyline, axis=0).T))])
    wanted = np.linspace(0, length[-1], max(2, int(length[-1] / _STEP) + 1))
    return np.column_stack([np.interp(wanted, length, polyline[:, axis]) for axis in (0, 1)])


def _within(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _distance(points: Array, centre: Array, half: Array) -> float:
    """From a box to the nearest of the points, in pixels."""
    outside = np.maximum(np.abs(points - centre) - half, 0)
    return float(np.hypot(*outside.T).min(initial=np.inf))
