"""`entry.plot()` draws what NumPy computes; Jupyter shows an entry by itself, with nothing loaded from elsewhere."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

import matplotlib.pyplot as plt

import truecurve
from conftest import ROOT
from truecurve import formulas
from truecurve.entry import Elementwise, Gated, Vector
from truecurve.scalar_figures import breakpoints, settings
from truecurve.svg import COLOURS

ENTRIES = truecurve.catalog()
ELEMENTWISE, GATED, VECTOR = (
    [entry for entry in ENTRIES if isinstance(entry, kind)] for kind in (Elementwise, Gated, Vector)
)
LIGHT = COLOURS["light"]


@pytest.fixture(autouse=True)
def _no_figures():
    yield
    plt.close("all")


def drawn(axes, key="f"):
    """Curves of this order, each as its finite points, shape (n, 2)."""
    lines = [line for line in axes.lines if line.get_gid() == f"truecurve-{key}"]
    return [line.get_xydata()[np.isfinite(line.get_xydata()).all(axis=1)] for line in lines]


def off(points, function, breaks):
    """The largest distance of the points from the function; at a jump either limit will do."""
    x, y = points.T
    beside = np.isclose(x[:, None], np.asarray(breaks)[None], rtol=0, atol=1e-9).any(axis=1)
    wanted = [function(x)] + [np.where(beside, function(x + step), np.inf) for step in (-1e-9, 1e-9)]
    return float(np.min([np.abs(y - values) for values in wanted], axis=0).max())


# --- Elementwise -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ELEMENTWISE, ids=lambda entry: entry.id)
def test_the_curves_are_the_functions(entry):
    axes = entry.plot(derivative=2)
    values = settings(entry)
    for key, function in (("f", entry.forward), ("df", entry.derivative), ("d2f", entry.second_derivative)):
        (points,) = drawn(axes, key)
        assert off(points, lambda x, function=function: function(x, **values), breakpoints(entry, values)) < 1e-7
    (points,) = drawn(axes)
    assert len(points) > 1
    if entry.plot.y is None:
        assert (points[0, 0], points[-1, 0]) == entry.plot.x == axes.get_xlim()
    assert axes.get_legend_handles_labels()[1] == [f"{entry.name.short}{prime}" for prime in ("", "′", "″")]


def test_a_wrong_curve_is_seen():
    elu = truecurve.entry("elu")
    (points,) = drawn(elu.plot())
    assert off(points, elu.forward, [0.0]) < 1e-9
    assert off(points + np.array([0, 1e-3]), elu.forward, [0.0]) > 1e-4
    assert off(points, lambda x: elu.forward(x, alpha=1.01), [0.0]) > 1e-4


@pytest.mark.parametrize(("derivative", "keys"), [(False, {"f"}), (True, {"f", "df"}), (2, {"f", "df", "d2f"})])
def test_derivatives_are_drawn_as_asked(derivative, keys):
    axes = truecurve.entry("tanh").plot(derivative=derivative)
    assert {key for key in ("f", "df", "d2f") if drawn(axes, key)} == keys


def test_a_curve_has_gaps_at_jumps():
    (line,) = [line for line in truecurve.entry("hardshrink").plot(lambd=1).lines if line.get_gid() == "truecurve-f"]
    x, y = line.get_data()
    ends = [(x[at - 1], x[at + 1]) for at in np.flatnonzero(np.isnan(y))[:-1]]
    assert ends == [(-1, -1), (1, 1)]


def test_parameters_and_the_window():
    elu = truecurve.entry("elu")
    axes = elu.plot(x=(-3, 2), alpha=2)
    (points,) = drawn(axes)
    assert axes.get_xlim() == (points[0, 0], points[-1, 0]) == (-3, 2)
    assert off(points, lambda x: elu.forward(x, alpha=2), [0.0]) < 1e-9
    assert axes.get_legend_handles_labels()[1] == ["ELU (α = 2)", "ELU′ (α = 2)"]
    gelu = truecurve.entry("gelu")
    (points,) = drawn(gelu.plot(approximate="tanh"))
    assert off(points, lambda x: gelu.forward(x, approximate="tanh"), []) < 1e-9


@pytest.mark.parametrize(
    ("identifier", "given", "says"),
    [
        ("gelu", {"alhpa": 2}, "gelu has no parameter 'alhpa' to draw with; it has approximate"),
        ("relu", {"alpha": 2}, "it has none"),
        ("elu", {"alpha": -1}, r"alpha must lie in \[0, \+inf\), not -1"),
        ("elu", {"alpha": "2"}, "alpha must be a finite number"),
        ("elu", {"alpha": [1, 2]}, "alpha must be a finite number"),
        ("elu", {"alpha": float("nan")}, "alpha must be a finite number"),
        ("gelu", {"approximate": "sigmoid"}, "approximate must be one of 'none', 'tanh', not 'sigmoid'"),
        ("hardtanh", {"min_val": 2}, r"min_val must lie in \(-inf, max_val\)"),
        ("rrelu", {"training": 1}, "training must be True or False"),
        ("rrelu", {"training": True}, "rrelu is random"),
        ("relu", {"x": (2, -2)}, "low < high"),
        ("relu", {"x": 3}, "a pair"),
        ("relu", {"derivative": 3}, "derivative must be"),
        ("glu", {"alpha": 2}, "glu has no parameter 'alpha'"),
        ("softmax", {"temperature": 2}, "softmax has no parameter 'temperature'"),
        ("softmax", {"x": [[1, 2]]}, "x must be a list of numbers"),
    ],
)
def test_a_bad_argument_is_named(identifier, given, says):
    with pytest.raises(ValueError, match=says):
        truecurve.entry(identifier).plot(**given)
    assert not plt.get_fignums(), "nothing is drawn"


def test_several_functions_share_axes():
    _, axes = plt.subplots()
    assert truecurve.entry("swish").plot(axes) is axes
    assert truecurve.entry("silu").plot(axes, derivative=False) is axes
    truecurve.entry("swish").plot(ax=axes, beta=2, derivative=False)
    first, second, third = drawn(axes)
    # At β = 1 Swish is SiLU.
    x = np.linspace(-4, 4, 50)
    assert np.allclose(np.interp(x, *first.T), np.interp(x, *second.T), atol=1e-3)
    assert not np.allclose(np.interp(x, *first.T), np.interp(x, *third.T), atol=1e-3)
    labels = ["Swish", "Swish′", "SiLU", "Swish (β = 2)"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == labels
    colours = [line.get_color() for line in axes.lines if line.get_gid() == "truecurve-f"]
    assert colours[0] == LIGHT["f"]
    assert len(set(colours)) == 3
    assert len(plt.get_fignums()) == 1


# --- Gated and vector ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", GATED, ids=lambda entry: entry.id)
def test_level_lines_lie_on_their_level(entry):
    axes = entry.plot()
    (lines,) = axes.collections
    assert len(lines.levels) > 3
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        points = path.vertices[path.codes != 79]
        assert len(points)
        assert np.abs(entry.forward(points)[:, 0] - level).max() < 0.005
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "b")
    _, own = plt.subplots()
    assert entry.plot(own) is own


@pytest.mark.parametrize("entry", VECTOR, ids=lambda entry: entry.id)
def test_bars_are_the_outputs(entry):
    axes = entry.plot()
    (bars,) = axes.containers
    assert np.allclose([bar.get_height() for bar in bars], entry.at(np.array(entry.plot.logits))[0])
    (bars,) = entry.plot(x=[3.0, 0.0]).containers
    assert np.allclose([bar.get_height() for bar in bars], entry.at(np.array([3.0, 0.0]))[0])


def test_bars_stand_side_by_side():
    axes = truecurve.entry("softmax").plot()
    truecurve.entry("softmin").plot(axes)
    bars = sorted((bar for group in axes.containers for bar in group), key=lambda bar: bar.get_x())
    assert len(bars) == 8
    for one, other in pairwise(bars):
        assert one.get_x() + one.get_width() <= other.get_x() + 1e-9
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Softmax", "Softmin"]


# --- Importing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import truecurve; truecurve.entry('gelu').forward(1.0)", "matplotlib"),
        ("import truecurve; truecurve.entry('gelu')._repr_latex_()", "matplotlib.pyplot"),
    ],
)
def test_who_does_not_draw_does_not_load(code, absent):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nassert {absent!r} not in sys.modules"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_installed_copy_draws(tmp_path):
    """From a wheel, with no checkout near: every file of the package is in it."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "."]
    subprocess.run(pip, cwd=tmp_path, check=True)
    files = [
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        for folder in (tmp_path / "src" / "truecurve", target / "truecurve")
    ]
    assert files[0] == files[1]
    code = "import truecurve; truecurve.entry('gelu').plot(); truecurve.entry('glu')._repr_html_(); print(truecurve)"
    environment = {**os.environ, "PYTHONPATH": str(target), "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-c", code], cwd=target, env=environment, capture_output=True, text=True)
    assert str(target) in done.stdout, done.stderr


# --- Jupyter ---------------------------------------------------------------------------------------------------------


class Shown(HTMLParser):
    """What a representation loads, and whether its elements are closed."""

    def __init__(self, html):
        super().__init__()
        self.loads, self.open, self.tags = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data")]

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_html_holds_name_formula_and_figure(entry):
    html = entry._repr_html_()
    shown = Shown(html)
    assert not shown.open
    assert not shown.loads
    assert not {"script", "link", "style", "img"} & set(shown.tags)
    assert "var(--" not in html
    assert "url(" not in html
    assert entry.name.short in html
    latex = entry._repr_latex_().removeprefix(r"$\displaystyle ").removesuffix("$")
    assert formulas.mathml(latex, display=True) in html
    assert html.count("<math") >= 2 - (entry.kind == "layer" and not entry.gradients), "definition and derivative"
    (svg,) = re.findall(r"<svg .*</svg>", html, re.DOTALL)
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert entry.name.short in root.attrib["aria-label"]
    assert any(element.tag.endswith("path") for element in root.iter())
    # Dark themes: ground and ink of its own.
    assert f"background:{LIGHT['ground']}" in html
    assert f"color:{LIGHT['ink']}" in html


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_latex_renders(entry):
    latex = entry._repr_latex_()
    assert latex.startswith(r"$\displaystyle ")
    assert latex.endswith("$")
    formulas.html(latex[1:-1], display=False)


def test_latex_that_does_not_render_is_refused():
    with pytest.raises(formulas.FormulaError):
        formulas.mathml(r"\frac{1", display=True)
