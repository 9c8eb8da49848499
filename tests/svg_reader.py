"""Reads a served SVG back: what stands in the file, in data coordinates, found through its own tick positions.

Shares no code with the drawing: it knows the ids and that a tick holds a grid line and a number.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np


@dataclass(frozen=True)
class Scale:
    """The map between data and pixels of one pair of axes, and its frame (left, top, right, bottom) in pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    frame: tuple[float, float, float, float]

    def pixels(self, points):
        """Shape (..., 2), data to pixels."""
        return np.asarray(points) * [self.x[0], self.y[0]] + [self.x[1], self.y[1]]

    def data(self, pixels):
        """Shape (..., 2), pixels to data."""
        return (np.asarray(pixels) - [self.x[1], self.y[1]]) / [self.x[0], self.y[0]]

    @property
    def view(self):
        """Low and high x, low and high y, in data coordinates."""
        left, top, right, bottom = self.frame
        (low_x, low_y), (high_x, high_y) = self.data([(left, bottom), (right, top)])
        return (low_x, high_x), (low_y, high_y)


class Picture:
    def __init__(self, svg: str):
        self.root = ElementTree.fromstring(svg)
        self.ids: dict[str, Element] = {}
        for element in self.root.iter():
            element.tag = element.tag.rpartition("}")[2]
            if "id" in element.attrib:
                assert element.attrib["id"] not in self.ids, f"the id {element.attrib['id']} occurs twice"
                self.ids[element.attrib["id"]] = element
        self.texts = [text.text or "" for text in self.root.iter("text")]

    def scale(self, prefix: str) -> Scale:
        """The scale of the axes whose ids begin with `prefix`; of a picture without ticks from its data attributes."""
        if "data-x" in self.root.attrib:
            low_x, high_x, left, right = map(float, self.root.attrib["data-x"].split())
            low_y, high_y, bottom, top = map(float, self.root.attrib["data-y"].split())
            frame = (left, top, right, bottom)
            return Scale(_line([(low_x, left), (high_x, right)]), _line([(low_y, bottom), (high_y, top)]), frame)
        pairs: dict[str, list[tuple[float, float]]] = {"x": [], "y": []}
        spans: dict[str, tuple[float, float]] = {}
        for key, group in self.ids.items():
            if match := re.fullmatch(rf"{re.escape(prefix)}-([xy])tick-\d+", key):
                axis, across = (0, 1) if match[1] == "x" else (1, 0)
                (grid,) = polylines(group)
                assert np.ptp(grid[:, axis]) == 0, f"{key}: the grid line is not straight"
                pairs[match[1]].append((number(self.text(key)), float(grid[0, axis])))
                spans[match[1]] = (float(grid[:, across].min()), float(grid[:, across].max()))
        nowhere = (np.nan, np.nan)  # an axis without ticks, as that of bars
        (top, bottom), (left, right) = spans.get("x", nowhere), spans.get("y", nowhere)
        return Scale(_line(pairs["x"]), _line(pairs["y"]), (left, top, right, bottom))

    def pieces(self, key: str) -> list[np.ndarray]:
        """The pieces of a curve or of an area, each of shape (n, 2), in pixels; none if nothing of it is drawn."""
        return polylines(self.ids[key]) if key in self.ids else []

    def text(self, key: str) -> str:
        """The one text in a group."""
        (text,) = self.ids[key].iter("text")
        return text.text or ""

    def style(self, key: str) -> dict[str, str]:
        """Attributes and CSS of the one path in a group."""
        (path,) = self.ids[key].iter("path")
        return dict(path.attrib) | dict(re.findall(r"([\w-]+):([^;]+)", path.get("style", "")))

    def centre(self, key: str) -> np.ndarray:
        """Of a dot, in pixels."""
        (path,) = self.ids[key].iter("path")
        points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.attrib["d"]), dtype=float)
        return (points.min(axis=0) + points.max(axis=0)) / 2


def number(text: str) -> float:
    """A number as the figures write it, with a true minus sign."""
    assert "-" not in text, f"{text!r} has a hyphen for a minus sign"
    return float(text.replace("−", "-"))


def polylines(group: Element) -> list[np.ndarray]:
    """The subpaths of all paths in a group; only straight lines may occur."""
    found = []
    for path in group.iter("path"):
        d = path.attrib["d"]
        assert not set(re.findall("[A-Za-z]", d)) - set("MLmlz"), (
            f"{path.get('id')} is not made of straight lines: {d[:60]}"
        )
        here = np.zeros(2)
        for letter, pairs in re.findall(r"([MLmlz])([^MLmlz]*)", d):
            points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", pairs), dtype=float).reshape(-1, 2)
            if letter == "z":
                found[-1] = np.concatenate([found[-1], found[-1][:1]])
                here = found[-1][0]
                continue
            points = here + points.cumsum(axis=0) if letter in "ml" else points
            if letter in "Mm":
                found.append(points)
            else:
                found[-1] = np.concatenate([found[-1], points])
            here = points[-1]
    return found


def _line(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and offset of the straight line through (number, pixel) pairs; all must lie on it. No pairs: nan."""
    if not pairs:
        return (np.nan, np.nan)
    values, pixels = np.array(sorted(pairs)).T
    slope = (pixels[-1] - pixels[0]) / (values[-1] - values[0])
    offset = pixels[0] - slope * values[0]
    # Positions are written to a hundredth of a pixel.
    assert np.abs(slope * values + offset - pixels).max() < 0.03, "the ticks are not where their numbers say"
    return float(slope), float(offset)


def distances(points: np.ndarray, pieces: list[np.ndarray]) -> np.ndarray:
    """From each of the points, shape (n, 2), to the nearest of the polylines."""
    best = np.full(len(points), np.inf)
    for piece in pieces:
        for start, end in pairwise(piece) if len(piece) > 1 else [(piece[0], piece[0])]:
            along = end - start
            length = along @ along
            share = np.clip((points - start) @ along / length, 0, 1) if length else np.zeros(len(points))
            best = np.minimum(best, np.hypot(*(points - start - share[:, None] * along).T))
    return best
