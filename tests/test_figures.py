"""What a figure shows is what NumPy computes: every drawing is read back from its SVG through its tick positions."""

import hashlib
import math
import os
import re
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import truecurve
from curve_checker import (
    ALLOWED,
    SUBJECTS,
    Drawn,
    drawings,
    drawn_in,
    faults,
    from_graph,
    jumps,
    parameters,
    roles,
    stated,
)
from svg_reader import Picture, distances, number
from truecurve import cell_figures, figures, sections
from truecurve.curves import View, sample
from truecurve.entry import Elementwise, Gated, Vector
from truecurve.fields import parts
from truecurve.functions import FUNCTIONS
from truecurve.layer import Layer
from truecurve.sections import Subject
from truecurve.svg import COLOURS

ROOT = Path(__file__).parents[1]
CATALOG = list(truecurve.catalog())
OF_KIND = {kind: [entry for entry in CATALOG if isinstance(entry, kind)] for kind in (Elementwise, Gated, Vector)}


def each(kind):
    return pytest.mark.parametrize("entry", OF_KIND[kind], ids=lambda entry: entry.id)


EVERY = [
    pytest.param(subject, role, id=f"{prefix}-{role}")
    for prefix, subject in SUBJECTS.items()
    for role in roles(subject)
]
SPELLED = {
    "DyT",
    "SDPA",
    "MHA",
    "GQA",
    "MQA",
    "mean",
    "tri",
    "onehot",
    "mm",
    "bmm",
    "matmul",
    "linear",
    "embedding",
    "einsum",
    "QKᵀ",
    "W₂W₁",
}
"""Names that figures of cells write besides those of the catalogue."""
KNOWN = sorted({*(entry.name.short for entry in CATALOG), *FUNCTIONS, *SPELLED}, key=len, reverse=True)
NAMES = re.compile("|".join(map(re.escape, KNOWN)))
"""Names of functions are the same in every language."""
every_drawing = pytest.mark.parametrize(("subject", "role"), EVERY)
CURVES = [case for case in EVERY if drawn_in(*case.values)]
RANKED = [
    pytest.param(subject, role, curves, id=f"{prefix}-{role}")
    for prefix, subject in SUBJECTS.items()
    for role, curves in [
        *((one.id, [stated(item)[0] for item in one.curves]) for one in subject.comparisons if one.x is None),
        *([("sorted", [partial(subject.forward, **parameters(subject))])] if isinstance(subject, Elementwise) else []),
    ]
]


# --- Scalar curves --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("subject", "role"), CURVES)
def test_curves_are_the_numpy_function(subject: Subject, role: str) -> None:
    picture = Picture(drawings(subject.prefix)[role].svg)
    for curve in drawn_in(subject, role):
        found, _ = faults(picture, curve)
        assert not found, f"{curve.key}: {'; '.join(found)}"


def test_every_drawing_is_looked_at() -> None:
    """By the test of curves, of ranks, of cells, or of what gated and vector functions show instead."""
    looked_at = {case.id for case in [*CURVES, *RANKED]}
    others = {case.id for case in EVERY if case.id not in looked_at}
    arrays = {f"{entry.id}-{role}" for entry in CATALOG if not isinstance(entry, Elementwise) for role in roles(entry)}
    cells = {f"{subject.prefix}-cells-{picture.id}" for subject, picture in CELLS if picture is not first(subject)}
    assert others == (arrays | cells) - looked_at


@pytest.mark.parametrize(("subject", "role", "functions"), RANKED)
def test_dots_are_the_values_at_sorted_random_numbers(subject: Subject, role: str, functions: list) -> None:
    drawing = drawings(subject.prefix)[role]
    picture = Picture(drawing.svg)
    scale = picture.scale(drawing.name)
    _, (low, high) = scale.view
    groups = sorted(key for key in picture.ids if re.fullmatch(rf"{drawing.name}-(input|f|curve-\d+)", key))
    (inputs,) = [key for key in groups if key.endswith("-input")]
    dots = {key: scale.data(np.array([piece.mean(axis=0) for piece in picture.pieces(key)])) for key in groups}
    ranks, x = dots[inputs].T
    assert len(x) >= 50
    assert (np.diff(x) >= 0).all()
    assert np.abs(ranks - np.arange(1, len(x) + 1)).max() < 0.01
    # A sample of N(0, 1): its quantiles are those of the distribution, as far as its size allows.
    normal = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in x])
    assert np.abs(normal - (ranks - 0.5) / len(x)).max() < 1.36 / np.sqrt(len(x))
    curves = [key for key in groups if key != inputs]
    assert len(curves) == len(functions)
    for key, function in zip(curves, functions, strict=True):
        want = np.asarray(function(x), dtype=float)
        inside = (want >= low) & (want <= high)
        assert len(dots[key]) == inside.sum()
        # The input is read from hundredths of a pixel too: allow what they make of it.
        away = np.abs(dots[key][:, 1] - want[inside]) * abs(scale.y[0])
        steep = (
            np.abs(np.asarray(function(x + 1e-3)) - np.asarray(function(x - 1e-3)))[inside] * abs(scale.y[0]) > ALLOWED
        )
        assert (away <= ALLOWED)[~steep].all(), f"{key}: {away[~steep].max():.2f} px off"
        assert np.abs(dots[key][:, 0] - ranks[inside]).max() < 0.01


@each(Elementwise)
def test_main_drawing_shows_the_curve_over_the_whole_width(entry: Elementwise) -> None:
    picture = Picture(drawings(entry.id)["main"].svg)
    (low, high), _ = picture.scale(entry.id).view
    assert (low, high) == pytest.approx(entry.plot.x, abs=1e-3)
    points = np.concatenate(picture.pieces(f"{entry.id}-f"))
    assert np.ptp(points[:, 0]) > 0.5 * (picture.scale(entry.id).frame[2] - picture.scale(entry.id).frame[0])
    assert np.ptp(points[:, 1]) > 0.3 * (picture.scale(entry.id).frame[3] - picture.scale(entry.id).frame[1])


@each(Elementwise)
def test_dots_tell_value_and_limits_at_a_jump(entry: Elementwise) -> None:
    picture = Picture(drawings(entry.id)["main"].svg)
    for curve in drawn_in(entry, "main"):
        scale = picture.scale(curve.axes)
        (low_x, high_x), (low_y, high_y) = scale.view
        expected = set()
        for at in curve.breakpoints:
            if not low_x < at < high_x or not jumps(curve, scale, at):
                continue
            step = 1e-9 * max(1.0, abs(at))
            value, *ends = np.asarray(curve.function(np.array([at, at - step, at + step])), dtype=float)
            levels = {value: True} | {y: False for y in ends if abs((y - value) * scale.y[0]) > ALLOWED}
            expected |= {(at, y, filled) for y, filled in levels.items() if low_y <= y <= high_y}
        keys = [key for key in picture.ids if key.startswith(f"{curve.key}-dot-")]
        shown = [(picture.centre(key), picture.style(key)["fill"] == "var(--tc-ground)") for key in keys]
        assert len(shown) == len(expected), f"{curve.key}: {len(shown)} dots, want {sorted(expected)}"
        for at, y, filled in expected:
            near = [is_open for place, is_open in shown if np.abs(place - scale.pixels([at, y])).max() < ALLOWED]
            assert near == [not filled], f"{curve.key}: no {'full' if filled else 'open'} dot at ({at}, {y})"


@pytest.mark.parametrize("entry", [e for e in OF_KIND[Elementwise] if e.plot.band], ids=lambda entry: entry.id)
def test_band_lies_between_its_bounds(entry: Elementwise) -> None:
    picture = Picture(drawings(entry.id)["band"].svg)
    name = f"{entry.id}-band"
    scale = picture.scale(name)
    (ring,) = picture.pieces(f"{name}-band")
    points = np.concatenate([np.linspace(start, end, 9) for start, end in pairwise(ring)])
    (low_x, high_x), (low_y, high_y) = scale.view
    bounds = [curve for curve in drawn_in(entry, "band") if "-bound-" in curve.key]
    clipped = [Drawn(b.key, name, lambda x, f=b.function: np.clip(f(x), low_y, high_y), b.breakpoints) for b in bounds]
    on_edge = np.min([from_graph(points, bound, scale) for bound in clipped], axis=0)
    upright = np.minimum(np.abs(points[:, 0] - scale.frame[0]), np.abs(points[:, 0] - scale.frame[2]))
    assert np.minimum(on_edge, upright).max() <= ALLOWED
    x = np.linspace(low_x, high_x, 501)
    for bound in clipped:
        assert distances(scale.pixels(np.column_stack([x, bound.function(x)])), [ring]).max() <= ALLOWED


@pytest.mark.parametrize("entry", [e for e in OF_KIND[Elementwise] if e.plot.family], ids=lambda entry: entry.id)
def test_family_names_the_value_of_each_curve_beside_it(entry: Elementwise) -> None:
    picture = Picture(drawings(entry.id)["family"].svg)
    curves = drawn_in(entry, "family")
    ((parameter, formulas),) = entry.plot.family.items()
    labels = [text for text in picture.root.iter("text") if text.attrib["font-size"] == "17.5"]
    assert len(labels) == len(formulas)
    for formula, curve in zip(formulas, curves, strict=True):
        value = parameters(entry, **{parameter: formula})[parameter]
        shown = [text for text in labels if np.isclose(number(text.text.rpartition(" ")[2]), value, rtol=5e-3)]
        assert len(shown) == 1, f"no label for {parameter} = {value}"
        # The baseline is below the middle of the text by a third of its size.
        middle = np.array([[float(shown[0].attrib["x"]), float(shown[0].attrib["y"]) - 17.5 / 3]])
        away = {other.key: distances(middle, picture.pieces(other.key))[0] for other in curves}
        nearest = min(set(away) - {curve.key}, key=away.__getitem__)
        dots = [picture.centre(key) for key in picture.ids if key.startswith(f"{curve.key}-dot-")]
        beside_dot = any(np.hypot(*(dot - middle[0])) < 50 for dot in dots)
        assert beside_dot or away[curve.key] + 2 < away[nearest], (
            f"{parameter} = {value} would be read with {nearest}: choose values whose curves lie further apart"
        )


# --- The checker can fail -------------------------------------------------------------------------------------------


def stepped(x):
    return np.where(np.abs(x) <= 0.5, 0.0, x)


def planted(path: str, ticks: str = "0 1") -> tuple[Picture, Drawn]:
    """A picture 100 px wide and high of x in [-1, 1], y in [-1, 1], with this path for a curve."""
    grid = "".join(
        f'<g id="t-xtick-{i}"><path d="M {p} 100 L {p} 0"/><text>{v}</text></g>'
        f'<g id="t-ytick-{i}"><path d="M 0 {100 - p} L 100 {100 - p}"/><text>{v}</text></g>'
        for i, (p, v) in enumerate([(0, "−1"), (50, ticks.split()[0]), (100, ticks.split()[1])])
    )
    svg = f'<svg viewBox="0 0 100 100">{grid}<g id="t-f"><path d="{path}"/></g></svg>'
    return Picture(svg), Drawn("t-f", "t", stepped, (-0.5, 0.5))


TRUE_PATH = "M 0 100 L 25 75 M 25 50 L 75 50 M 75 25 L 100 0"


def test_checker_accepts_the_true_path() -> None:
    found, worst = faults(*planted(TRUE_PATH))
    assert not found
    assert worst < 0.02


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("M 0 99.7 L 25 74.7 M 25 49.7 L 75 49.7 M 75 24.7 L 100 0", "px from the function"),
        ("M 0 100 L 25 75 M 25 50 L 75 50", "px from the path"),
        ("M 0 100 L 25 75 M 25 50 L 75 50 M 75 25 L 99 1", "px from the path"),
        ("M 0 100 L 25 75 L 25 50 L 75 50 L 75 25 L 100 0", "a vertical line"),
        ("M 0 100 L 24.9 75.1 L 25.1 50 L 75 50 M 75 25 L 100 0", "crosses the jump"),
        ("M -2 102 L 25 75 M 25 50 L 75 50 M 75 25 L 100 0", "leaves the view"),
        ("M 0 100 L 25 75 M 25 50 L 75 50 M 75 25 L 87 12.6 L 100 0", "px from the function"),
    ],
    ids=["shifted", "branch missing", "end missing", "gap closed", "gap bridged", "outside the view", "one point off"],
)
def test_checker_rejects(path: str, complaint: str) -> None:
    found, _ = faults(*planted(path))
    assert any(complaint in fault for fault in found), found


def test_checker_rejects_wrong_numbers_at_the_ticks() -> None:
    with pytest.raises(AssertionError, match="ticks are not where"):
        faults(*planted(TRUE_PATH, ticks="0 2"))


@each(Elementwise)
def test_checker_rejects_the_drawing_of_another_function(entry: Elementwise) -> None:
    picture = Picture(drawings(entry.id)["main"].svg)
    curve = drawn_in(entry, "main")[0]
    other = Drawn(curve.key, curve.axes, lambda x: curve.function(x) + 0.01 * np.abs(x), curve.breakpoints)
    assert faults(picture, other)[0]


# --- Gated and vector functions -------------------------------------------------------------------------------------


@each(Gated)
@pytest.mark.parametrize("role", ["surface", "thumb"])
def test_level_lines_are_where_the_level_is(entry: Gated, role: str) -> None:
    drawing = drawings(entry.id)[role]
    picture = Picture(drawing.svg)
    scale = picture.scale(drawing.name)
    left, top, right, bottom = scale.frame

    def value(pixels):
        return np.asarray(entry.forward(scale.data(pixels), dim=-1))[..., 0]

    def away(pixels, level):
        slope = [(value(pixels + step) - value(pixels - step)) / 2e-3 for step in ([1e-3, 0], [0, 1e-3])]
        return np.abs(value(pixels) - level) / np.maximum(np.hypot(*slope), 1e-12)

    levels = {}
    for key in [key for key in picture.ids if re.fullmatch(rf"{drawing.name}-level-\d+", key)]:
        points = np.concatenate(
            [np.linspace(start, end, 5) for piece in picture.pieces(key) for start, end in pairwise(piece)]
        )
        # Which level it is the line itself must say: all of it lies on one.
        level = round(float(np.median(value(points))), 2)
        levels[key.rpartition("-")[2]] = level
        assert away(points, level).max() <= ALLOWED, f"{key} is not the level {level}"
        # A line in a corner has no room for its number, and 0, where the tints meet, needs none.
        length = max(float(np.hypot(*np.diff(piece, axis=0).T).sum()) for piece in picture.pieces(key))
        if role == "surface" and level and length > 200:
            assert any(text == f"{level:g}".replace("-", "−") for text in picture.texts), f"no number {level}"
        # Wherever a row or column of the picture passes the level there is a line, or the number on it.
        spans = [
            np.column_stack([np.linspace(left, right, 2001), np.full(2001, y)]) for y in np.linspace(top, bottom, 23)
        ]
        spans += [
            np.column_stack([np.full(2001, x), np.linspace(top, bottom, 2001)]) for x in np.linspace(left, right, 23)
        ]
        for span in spans:
            above = value(span) > level
            crossings = span[:-1][above[1:] != above[:-1]]
            labels = [text for text in picture.root.iter("text") if text.text == f"{level:g}".replace("-", "−")]
            for crossing in crossings:
                near = distances(crossing[None], picture.pieces(key))[0]
                named = any(
                    np.hypot(float(t.get("x")) - crossing[0], float(t.get("y")) - crossing[1]) < 24 for t in labels
                )
                assert near <= 0.6 or named, f"{key}: the level {level} is missing at {scale.data(crossing)}"
    assert len(levels) >= 3
    for key in [key for key in picture.ids if "-tint-" in key]:
        level, sign = levels[key.rpartition("-")[2]], 1 if "-tint-f-" in key else -1
        points = np.concatenate(picture.pieces(key))
        edge = np.min([np.abs(points - [left, top]), np.abs(points - [right, bottom])], axis=(0, 2))
        assert np.minimum(away(points, level), edge).max() <= ALLOWED, f"{key} does not end at the level {level}"
        assert (sign * (value(points) - level) >= -0.02).all(), f"{key} lies on the wrong side"


@each(Vector)
def test_bars_are_the_outputs(entry: Vector) -> None:
    for role, temperatures in (("temperature", entry.plot.temperatures), ("thumb", [1.0])):
        drawing = drawings(entry.id)[role]
        picture = Picture(drawing.svg)
        slope, offset = picture.scale(drawing.name).y
        bars = 0
        for group, temperature in enumerate(temperatures):
            outputs, _ = entry.at(np.array(entry.plot.logits) / temperature)
            for index, output in enumerate(outputs):
                (ring,) = picture.pieces(f"{drawing.name}-bar-{group}-{index}")
                ends = sorted([offset, offset + slope * output])
                assert [ring[:, 1].min(), ring[:, 1].max()] == pytest.approx(ends, abs=ALLOWED)
                bars += 1
            if role == "temperature":
                assert (f"T = {temperature:g}" in picture.texts) == (len(temperatures) > 1)
                assert all(f"{output:.3f}".replace("-", "−") in picture.texts for output in outputs)
        assert bars == sum("-bar-" in key for key in picture.ids)


@each(Vector)
def test_heat_map_is_the_jacobian(entry: Vector) -> None:
    drawing = drawings(entry.id)["jacobian"]
    picture = Picture(drawing.svg)
    _, jacobian = entry.at(np.array(entry.plot.logits))
    strength = {}
    for (i, j), value in np.ndenumerate(jacobian):
        text = picture.text(f"{drawing.name}-value-{i}-{j}")
        assert number(text) == pytest.approx(value, abs=5.001e-4)
        assert text.startswith("+" if value > 0 else "−" if value < 0 else "0")
        style = picture.style(f"{drawing.name}-cell-{i}-{j}")
        assert style["fill"] == ("var(--tc-f)" if value >= 0 else "var(--tc-df)")
        strength[float(style["opacity"])] = abs(value)
        (ring,) = picture.pieces(f"{drawing.name}-cell-{i}-{j}")
        label = picture.ids[f"{drawing.name}-value-{i}-{j}"].find("text")
        centre = (ring.min(axis=0) + ring.max(axis=0)) / 2
        assert abs(float(label.get("x")) - centre[0]) < 1
        assert abs(float(label.get("y")) - centre[1]) < 12
    assert sorted(strength.values()) == [strength[key] for key in sorted(strength)], "a stronger tint is a larger value"


# --- The files ------------------------------------------------------------------------------------------------------


@every_drawing
def test_drawing_can_stand_in_a_page(subject: Subject, role: str) -> None:
    drawing = drawings(subject.prefix)[role]
    picture = Picture(drawing.svg)
    assert drawing.svg.startswith("<svg viewBox=")
    assert picture.root.attrib["viewBox"] == f"0 0 {drawing.width} {drawing.height}"
    assert "\n" not in drawing.svg, "a blank line would end the HTML block of a Markdown page"
    assert not re.search(r"<style|<script|<\?xml|<!DOCTYPE|url\(|href|#[0-9a-f]{3}|clip-path", drawing.svg)
    assert all(key.startswith(f"{drawing.name}-") for key in picture.ids)
    for text in picture.texts:
        assert not re.search(r"[^\W\d_]{3,}", NAMES.sub("", text)), f"{text!r} is a word"
        assert not re.search(r"[\u2e80-\u9fff\uff00-\uffef]", text), f"{text!r} needs a CJK font"
    used = set(re.findall(r"var\(--tc-(\w+)\)", drawing.svg))
    assert used <= set(COLOURS["light"])


@every_drawing
def test_standalone_file_has_literal_colours(subject: Subject, role: str) -> None:
    drawing = drawings(subject.prefix)[role]
    for scheme, ground in (("light", "#ffffff"), ("dark", "#14171f"), ("transparent", None)):
        text = figures.standalone(drawing, scheme)
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in text
        assert (root.get("width"), root.get("height")) == (str(drawing.width), str(drawing.height))
        assert (root[0].get("fill") if root[0].tag.endswith("rect") else None) == ground
        assert set(re.findall(r"#[0-9a-f]+\b", text)) <= set(COLOURS[scheme].values())


def test_schemes_name_the_same_colours() -> None:
    assert set(COLOURS["light"]) == set(COLOURS["dark"]) == set(COLOURS["transparent"])
    assert len(set(COLOURS["light"].values())) == len(COLOURS["light"]), "each colour stands for one variable"


def test_schemes_are_those_of_the_site() -> None:
    css = (Path(figures.__file__).parent / "web" / "site.css").read_text(encoding="utf-8")
    for name in COLOURS["light"]:
        light, dark, *_ = re.findall(rf"--tc-{name}:\s*(#\w+)", css)
        full = [re.sub(r"^#(\w)(\w)(\w)$", r"#\1\1\2\2\3\3", colour) for colour in (light, dark)]
        assert full == [COLOURS["light"][name], COLOURS["dark"][name]], f"--tc-{name}"


# --- Cells -----------------------------------------------------------------------------------------------------------

CELLS = [(subject, picture) for subject in SUBJECTS.values() for _, picture in parts(subject, sections.Picture)]


def first(subject):
    """The picture of a layer that stands on the first screen."""
    return subject.plot.pictures[0] if isinstance(subject, Layer) else None


def shown_numbers(svg: str) -> list[str]:
    """The texts in the cells of a drawing, in order."""
    return re.findall(r'<g id="[^"]*-value-\d+-\d+"[^>]*>.*?<text[^>]*>([^<]*)</text>', svg, re.DOTALL)


@pytest.mark.parametrize(("subject", "picture"), CELLS, ids=lambda one: getattr(one, "prefix", getattr(one, "id", "")))
def test_cells_show_the_arrays(subject, picture) -> None:
    """Every number of the arrays that the code of the picture makes stands in its cell, rounded to its digits."""
    made = drawings(subject.prefix)
    svg = made["cells" if picture is first(subject) else f"cells-{picture.id}"].svg
    want = []
    for row in cell_figures.panels(subject, picture, truecurve.catalog()):
        for panel in row:
            if isinstance(panel, cell_figures.Grid):
                want += [(value, panel.digits) for value in np.atleast_2d(np.asarray(panel.values)).ravel()]
    texts = shown_numbers(svg)
    numbers = [(value, digits) for value, digits in want if not (isinstance(value, float) and np.isnan(value))]
    numbers = [(value, digits) for value, digits in numbers if str(value)]
    assert len(texts) == len(numbers)
    for text, (value, digits) in zip(texts, numbers, strict=True):
        if isinstance(value, (int, float, np.number)) and np.isfinite(value):
            assert abs(float(text.replace("−", "-")) - float(value)) <= 0.5001 * 10.0**-digits


def test_a_wrong_number_in_a_cell_is_seen() -> None:
    svg = drawings("matmul")["cells"].svg
    assert "8" in shown_numbers(svg)
    assert shown_numbers(svg.replace(">8<", ">9<")) != shown_numbers(svg)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_roles_and_names(entry) -> None:
    made = drawings(entry.id)
    assert list(made) == (named := roles(entry))
    assert named[-1] == "thumb"
    assert [made[role].name for role in named] == [
        entry.id,
        *(f"{entry.id}-{role.removeprefix('cells-')}" for role in named[1:]),
    ]
    if isinstance(entry, Elementwise):
        assert ("family" in named, "band" in named) == (bool(entry.plot.family), bool(entry.plot.band))


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_preview_is_a_png_of_the_usual_size(entry, site) -> None:
    data = (ROOT / "docs" / "figures" / f"{entry.id}.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1200, 630)


BACKWARDS = """
import hashlib, truecurve
from truecurve import figures
catalog = truecurve.catalog()
for subject in sorted(catalog.subjects, key=lambda subject: subject.prefix, reverse=True):
    for drawing in figures.draw(subject, catalog):
        print(drawing.name, hashlib.sha256(drawing.svg.encode()).hexdigest())
"""


def test_every_byte_is_the_same_in_another_process_and_order() -> None:
    """The files, pictures as PNG and PDF among them, are compared between two builds in test_site.py."""
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    run = subprocess.run([sys.executable, "-c", BACKWARDS], env=environment, capture_output=True, text=True, check=True)
    here = {
        f"{d.name} {hashlib.sha256(d.svg.encode()).hexdigest()}"
        for prefix in SUBJECTS
        for d in drawings(prefix).values()
    }
    assert set(run.stdout.splitlines()) == here


def test_an_undeclared_jump_is_refused() -> None:
    view = View((-1, 1), (-1, 1), 0, 0, 800, 500)
    assert len(sample(stepped, view, (-0.5, 0.5))) == 3
    with pytest.raises(ValueError, match="not declared as a kink"):
        sample(stepped, view)
