"""The comparison page in Chromium: choosing, the largest difference against a dense search in NumPy, files that hold
the same curves, addresses that say nonsense, and life without JavaScript. Each checker is shown to reject a fault."""

import csv
import io
import json
import re
import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from playwright.sync_api import Browser, Download, Page

import truecurve
from truecurve import compare_page, scalar_figures
from truecurve.describe import words
from truecurve.entry import Elementwise
from visits import Visit

CATALOG = truecurve.catalog()
KNOWN = {entry.id: entry for entry in CATALOG if isinstance(entry, Elementwise)}
ORDERS = ("f", "df", "d2f")
SUFFIXES = dict(zip(compare_page.PUBLIC, ORDERS, strict=True))
SEVEN = "relu,gelu,elu,hardshrink,softplus,tanh,mish"
GROUPS = [",".join(list(KNOWN)[i : i + 7]) for i in range(0, len(KNOWN), 7)]
MANY = (
    "en/compare/?f=gelu,elu,hardshrink,leaky_relu&gelu.approximate=tanh&elu.alpha=2&hardshrink.lambd=0.7&show=f,df"
    "&x=-3,2&y=-2,3"
)


class Comparison(Visit):
    """A window on the comparison page."""

    def open(self, path: str, count: int = 3) -> Page:
        """The page, once that many functions are in the figure."""
        page = super().open(path, "load")
        if count:
            chosen(page, count)
        return page

    def looks_right(self) -> None:
        """Note what axe-core finds, and whether the page scrolls sideways."""
        self.accessible().fits()


def chosen(page: Page, count: int) -> None:
    page.wait_for_function(f"globalThis.truecurve?.figures?.[0].items.length === {count}")


def state(page: Page) -> Any:
    """Functions with parameters and colours, curves, window, place, and the pair of the difference."""
    return page.evaluate(
        """() => { const figure = truecurve.figures[0];
        return [figure.items.map((item) => [item.id, item.parameters, item.colour]), figure.show(), figure.view(),
          figure.at(), [...document.querySelectorAll("[data-tc-pair]")].map((select) => select.value)]; }"""
    )


def settings(page: Page) -> dict[str, dict[str, Any]]:
    return {identifier: parameters for identifier, parameters, _ in state(page)[0]}


def function(identifier: str, order: str, parameters: dict[str, Any]) -> Any:
    entry = KNOWN[identifier]
    orders = dict(zip(ORDERS, (entry.forward, entry.derivative, entry.second_derivative), strict=True))
    return lambda x: orders[order](np.asarray(x, dtype=float), **parameters)


# --- The page as a whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page(browser: Browser, address: str, language: str, scheme: str, width: int) -> None:
    with Comparison(browser, address, width, scheme) as visit:
        page = visit.open(f"{language}/compare/?f={SEVEN}&show=f,df,d2f&at=0.5&gelu.approximate=x&elu.alpha=2", 7)
        page.locator(".tc-listing summary").click()
        page.locator(".tc-listing code", has_text="plt.show()").wait_for()
        visit.looks_right()
        page.emulate_media(media="print")
        assert page.locator(".tc-live .tc-plot").is_visible()
        assert page.locator(".tc-largest").is_visible()
        assert not page.locator(".tc-picker").is_visible()
    assert not visit.faults


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves(browser: Browser, address: str, width: int) -> None:
    """Neither when the scripts arrive nor when the picker hides what was not sought."""
    with Comparison(browser, address, width) as visit:
        visit.context.add_init_script(
            """window.shifts = []; new PerformanceObserver((list) => list.getEntries().forEach((entry) =>
            shifts.push(entry.value))).observe({ type: "layout-shift", buffered: true });"""
        )
        page = visit.open("zh/compare/")
        page.wait_for_timeout(300)
        assert sum(page.evaluate("shifts")) < 0.01
        below = "document.querySelector('#prepared').getBoundingClientRect().top + scrollY"
        before = page.evaluate(below)
        page.locator(".tc-picker [type=search]").fill("mish")
        assert page.locator("[data-tc-function]:visible").count() == 1
        assert page.evaluate(below) == before
    assert not visit.faults


def test_without_javascript(browser: Browser, address: str) -> None:
    with Comparison(browser, address, java_script_enabled=False) as visit:
        page = visit.open("en/compare/", 0)
        assert page.locator("tbody tr").count() == len(KNOWN)
        assert page.locator("tbody tr").last.is_visible()
        assert page.locator(".tc-still a[href$='table/']").is_visible()
        assert page.locator("#prepared").is_visible()
        assert not page.locator(".md-content :is(button, input, select):visible").count()
    assert not visit.faults


# --- Choosing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "query", "found"),
    [
        ("zh", "双曲正切", {"tanh", "hardtanh", "tanhshrink"}),
        ("zh", "nn.ReLU6", {"relu6"}),
        ("en", "swish", {"silu", "swish", "hardswish"}),
        ("en", "F.hardtanh", {"hardtanh"}),
        ("en", "gelu_new", {"gelu", "gelu_tanh"}),
        ("en", "no such function", set()),
    ],
)
def test_search(browser: Browser, address: str, language: str, query: str, found: set[str]) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(f"{language}/compare/")
        page.locator(".tc-picker [type=search]").fill(query)
        shown = page.eval_on_selector_all(
            "[data-tc-function]",
            "all => all.filter((one) => one.checkVisibility()).map((one) => one.dataset.tcFunction)",
        )
        assert set(shown) == found
        assert page.locator(".tc-found").inner_text().endswith(f"{len(found)}")
    assert not visit.faults


def test_filters(browser: Browser, address: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open("en/compare/")
        page.get_by_label("bounded").check()
        page.get_by_label("monotonic").check()
        page.get_by_label("Family", exact=True).select_option("s_shaped")
        shown = page.locator("[data-tc-function]:visible")
        expected = [
            entry.id
            for entry in KNOWN.values()
            if entry.family == "s_shaped"
            and all(compare_page.properties(entry)[key] for key in ("bounded", "monotonic"))
        ]
        assert [shown.nth(i).get_attribute("data-tc-function") for i in range(shown.count())] == expected
        assert "sigmoid" in expected
    assert not visit.faults


def test_keyboard_alone(browser: Browser, address: str) -> None:
    """From the search with Tab to the button, which adds with Enter and removes with Space; then a slider."""
    with Comparison(browser, address) as visit:
        page = visit.open("zh/compare/?f=relu,gelu", 2)
        page.locator(".tc-picker [type=search]").focus()
        page.keyboard.type("celu")
        button = page.locator("[data-tc-function=celu]")
        for _ in range(12):
            page.keyboard.press("Tab")
            if button.evaluate("button => button === document.activeElement"):
                break
        page.keyboard.press("Enter")
        chosen(page, 3)
        assert button.get_attribute("aria-pressed") == "true"
        slider = page.locator(".tc-items [data-tc-parameter=alpha]")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert settings(page)["celu"]["alpha"] > 1
        button.focus()
        page.keyboard.press("Space")
        chosen(page, 2)
        assert button.get_attribute("aria-pressed") == "false"
    assert not visit.faults


def test_seven_is_the_limit(browser: Browser, address: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(f"en/compare/?f={SEVEN},silu,selu", 7)
        assert "f=silu, f=selu" in page.locator(".tc-note").inner_text()
        page.locator("[data-tc-function=silu]").press("Enter")
        assert page.locator(".tc-found").inner_text() == words("en").compare.spoken.full
        assert len(settings(page)) == 7
        page.locator("[data-tc-function=relu]").click()
        page.locator("[data-tc-function=silu]").click()
        chosen(page, 7)
        colours = [colour for _, _, colour in state(page)[0]]
        assert len(set(colours)) == 7
    assert not visit.faults


def test_the_table_lists_the_chosen(browser: Browser, address: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open("en/compare/?f=elu,tanh", 2)
        rows = page.locator("tbody tr:visible")
        assert sorted(rows.nth(i).get_attribute("data-tc-entry") for i in range(rows.count())) == ["elu", "tanh"]
        assert not page.locator(".tc-changed").is_visible()
        page.locator(".tc-items input").fill("2")
        assert "ELU (α = 2)" in page.locator(".tc-changed").inner_text()
    assert not visit.faults


# --- Facts in the picker, checked by sampling ------------------------------------------------------------------------


def refuted(entry: Elementwise, name: str, held: bool) -> bool:
    """Whether samples of the NumPy code contradict that the property holds, or that it does not."""
    parameters = scalar_figures.settings(entry)
    x = np.union1d(
        np.linspace(-40, 40, 160_001),
        [k + s * 1e-9 for k in scalar_figures.breakpoints(entry, parameters) for s in (-1, 0, 1)],
    )
    y, slope, bend = (function(entry.id, order, parameters)(x) for order in ORDERS)
    jumps = [float(np.max(np.abs(np.diff(values)))) for values in (y, slope, bend)]
    far = np.abs(function(entry.id, "f", parameters)(np.array([-1e6, 1e6])))
    truth = {
        "monotonic": bool(np.all(np.diff(y) >= -1e-8)),  # softplus falls by 2e-9 at its threshold
        "differentiable": jumps[0] < 0.02 and jumps[1] < 0.02,
        "smooth": max(jumps) < 0.02,
        "bounded": bool(np.all(far < 1e4)),
        "nonnegative": bool(np.all(y >= 0)),
        "zero_centered": abs(float(np.sum(y * np.exp(-x * x / 2)) * 5e-4)) < 1e-3,
    }
    return truth[name] != held


@pytest.mark.parametrize("entry", KNOWN.values(), ids=list(KNOWN))
def test_properties(entry: Elementwise) -> None:
    assert not [name for name, held in compare_page.properties(entry).items() if refuted(entry, name, held)]


@pytest.mark.parametrize("name", compare_page.FILTERS)
def test_a_wrong_property_is_refuted(name: str) -> None:
    held = compare_page.properties(KNOWN["elu"])[name]
    assert refuted(KNOWN["elu"], name, not held)


# --- The difference --------------------------------------------------------------------------------------------------


def supremum(one: Any, other: Any, window: tuple[float, float], kinks: list[float]) -> tuple[float, float]:
    """(sup |one - other|, where) by a dense search that shares nothing with the page: a grid, both sides of the kinks,
    and finer grids around the best twenty places."""

    def difference(x: Any) -> Any:
        return np.abs(one(x) - other(x))

    sides = [np.nextafter(k, side * np.inf) for k in kinks for side in (-1, 1)]
    x = np.unique([*np.linspace(*window, 200_001), *kinks, *sides])
    x = x[(x >= window[0]) & (x <= window[1])]
    spacing, best = (window[1] - window[0]) / 2e5, []
    for at in x[np.argsort(difference(x))[-20:]]:
        place, width = float(at), spacing
        for _ in range(3):
            fine = np.unique(np.clip([*np.linspace(place - width, place + width, 1001), place], *window))
            place, width = float(fine[np.argmax(difference(fine))]), width / 200
        best.append((float(difference(np.array([place]))[0]), place))
    return max(best)


def wrong_difference(page: Page, stated: float) -> str:
    """Why `stated` is not the largest difference of the chosen pair over the window; '' if it is."""
    (first, second, order), window = state(page)[4], state(page)[2]["x"]
    given = settings(page)
    functions = [function(identifier, order, given[identifier]) for identifier in (first, second)]
    kinks = [k for name in (first, second) for k in scalar_figures.breakpoints(KNOWN[name], given[name])]
    true, at = supremum(*functions, window, kinks)
    return "" if abs(stated - true) <= 1e-9 * true else f"stated {stated}, but {true} at {at}"


DIFFERENCES = {
    "f=gelu,gelu_tanh": "0.00047324, at x = −2.6989, x = 2.6989.",
    "f=gelu,gelu_tanh&gelu.approximate=tanh": "up to rounding",
    "f=silu,gelu": "x = −1.9655, x = 1.9655.",
    "f=relu,gelu": "x = −0.75179, x = 0.75179.",
    "f=elu,celu&elu.alpha=2&celu.alpha=2": "x = −1.3863.",
    "f=elu,celu&elu.alpha=2&celu.alpha=2&diff=celu,elu,df": "is 1, at x = 0.",
    "f=hardshrink,softshrink": "at −2 ≤ x < −0.5, 0.5 < x ≤ 2.",
    "f=relu,leaky_relu&leaky_relu.negative_slope=0.3": "x = −4 (edge of the window).",
    "f=sigmoid,hardsigmoid&diff=sigmoid,hardsigmoid,df": "as x → −3⁺, x → 3⁻, without reaching it.",
    "f=silu,hardswish&diff=silu,hardswish,d2f": "without reaching it",
    "f=softplus,relu,tanh&softplus.beta=5&diff=relu,softplus": "at x = 0.",
    "f=silu,gelu&x=-1000,1000&y=-1,1": "x = −1.9655, x = 1.9655.",
    "f=gelu,gelu_tanh&x=-2.7,-2.69&y=-1,1": "x = −2.6989.",
}


@pytest.mark.parametrize("query", DIFFERENCES)
def test_largest_difference(browser: Browser, address: str, query: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(f"en/compare/?{query}", len(parse_qs(query)["f"][0].split(",")))
        said = page.locator(".tc-largest").inner_text().replace("\u00a0", " ")
        stated = float(page.locator(".tc-largest").get_attribute("data-tc-value"))
        assert DIFFERENCES[query] in said
        if "rounding" in said:
            assert stated < 1e-14
        else:
            assert wrong_difference(page, stated) == ""
            assert wrong_difference(page, stated * (1 + 1e-7))
            assert wrong_difference(page, stated * (1 - 1e-7))
    assert not visit.faults


def test_the_pair_swaps_and_stays(browser: Browser, address: str) -> None:
    """The pair stands in the address, apart from the usual one; what is removed is replaced."""
    with Comparison(browser, address) as visit:
        page = visit.open("en/compare/?f=relu,gelu,silu")
        first, second, order = (page.locator(f"[data-tc-pair='{i}']") for i in range(3))
        first.select_option("gelu")
        assert state(page)[4] == ["gelu", "relu", "f"]
        order.select_option("df")
        assert parse_qs(urlsplit(page.url).query)["diff"] == ["gelu,relu,df"]
        page.locator("[data-tc-function=gelu]").click()
        chosen(page, 2)
        assert state(page)[4] == ["silu", "relu", "df"]
        page.locator("[data-tc-function=silu]").click()
        chosen(page, 1)
        assert page.locator(".tc-largest").inner_text() == words("en").compare.spoken.one
        assert first.is_disabled() and second.is_disabled()
        page.get_by_role("button", name="Remove ReLU").click()
        chosen(page, 0)
        assert page.locator("[data-tc-take=csv]").is_disabled()
        assert page.locator("tbody tr:visible").count() == len(KNOWN)
        page.locator("[data-tc-function=mish]").click()
        chosen(page, 1)
        assert page.locator("[data-tc-take=csv]").is_enabled()
    assert not visit.faults


def test_prepared_comparisons() -> None:
    """The numbers in their sentences are those of the dense search, at both signs of x."""
    for one, other in (("gelu", "gelu_tanh"), ("gelu", "quick_gelu"), ("silu", "hardswish")):
        functions = [function(name, "f", KNOWN[name].defaults()) for name in (one, other)]
        value, at = compare_page.largest(KNOWN[one], KNOWN[other])
        true, _ = supremum(*functions, KNOWN[one].plot.x, [-3.0, 3.0])
        assert value == pytest.approx(true, rel=1e-9)
        mirrored = abs(functions[0](np.array([-at])) - functions[1](np.array([-at])))[0]
        assert mirrored == pytest.approx(true, rel=1e-9)
    for language in ("zh", "en"):
        first, second, third = compare_page.context(CATALOG, words(language))["prepared"]
        for number in ("0.00047", r"\pm 2.70", "0.020", r"\pm 2.27", "43"):
            assert number in first["see"]
        assert "0.01" in second["see"] and "0.050" in second["see"]
        assert r"\pm 3\)" in third["see"] and "0.142" in third["see"]
        for prepared in (first, second, third):
            assert set(parse_qs(prepared["query"])["f"][0].split(",")) <= set(KNOWN)


# --- Files -----------------------------------------------------------------------------------------------------------


def taken(page: Page, kind: str) -> Download:
    with page.expect_download() as waiting:
        page.locator(f"[data-tc-take={kind}]").click()
    return waiting.value


def text(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")


SVG = "{http://www.w3.org/2000/svg}"


def svg_faults(source: str, page: Page) -> list[str]:
    """What is wrong with an exported SVG: its curves against NumPy, colours, ground, legend."""
    root, found = ElementTree.fromstring(source), []
    given, (_, shown, view, _, _) = settings(page), state(page)
    box = [float(edge) for edge in page.locator(".tc-live").get_attribute("data-tc-box").split(" ")]
    curves = {path.get("data-curve"): path for path in root.iter(f"{SVG}path") if path.get("data-curve")}
    if set(curves) != {f"{name} {order}" for name in given for order in shown}:
        found.append(f"curves {sorted(curves)}")
    for key, path in curves.items():
        name, order = key.split(" ")
        points = np.array(re.findall(r"[ML](\S+) (\S+?)(?=[ML]|$)", path.get("d")), dtype=float)
        x = view["x"][0] + (points[:, 0] - box[0]) / (box[2] - box[0]) * (view["x"][1] - view["x"][0])
        y = view["y"][0] + (box[3] - points[:, 1]) / (box[3] - box[1]) * (view["y"][1] - view["y"][0])
        # A hundredth of a pixel either way, along x and along y.
        step, pixel = (
            0.006 * (view["x"][1] - view["x"][0]) / (box[2] - box[0]),
            0.006 * (view["y"][1] - view["y"][0]) / (box[3] - box[1]),
        )
        around = np.array([function(name, order, given[name])(x + shift) for shift in (-step, 0, step)])
        off = np.maximum(around.min(0) - y, y - around.max(0)).max()
        if off > pixel:
            found.append(f"{key} is off by {off}")
        if not re.fullmatch("#[0-9a-f]{6}", path.get("stroke")):
            found.append(f"{key} has the colour {path.get('stroke')}")
    ground = root.find(f"{SVG}rect")
    if ground is None or ground.get("fill") not in ("#fff", "#ffffff") or ground.get("height") != root.get("height"):
        found.append("no white ground")
    if "var(" in source or "class=" in source:
        found.append("needs a style sheet")
    said = [element.text for element in root.iter(f"{SVG}text")]
    found += [
        f"{KNOWN[name].name.short} is not named"
        for name in given
        if not any((one or "").startswith(KNOWN[name].name.short) for one in said)
    ]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_svg(browser: Browser, address: str, scheme: str) -> None:
    with Comparison(browser, address, scheme=scheme) as visit:
        page = visit.open(MANY, 4)
        download = taken(page, "svg")
        source = text(download)
        assert download.suggested_filename == "truecurve-gelu-elu-hardshrink-leaky_relu.svg"
        assert svg_faults(source, page) == []
        live = page.eval_on_selector_all(".tc-live [data-curve]", "all => all.map((path) => path.getAttribute('d'))")
        assert all(d in source for d in live)
        faults = {
            re.sub(r'(data-curve="elu df"[^>]*)', r"\1", source).replace(
                'data-curve="elu df"', 'data-curve="gelu df"'
            ): "curves",
            re.sub(r'd="M58\.00 (\d+)', lambda match: f'd="M58.00 {int(match[1]) + 1}', source): "is off by",
            source.replace('stroke="#2457d6"', 'stroke="var(--tc-f)"'): "needs a style sheet",
            source.replace("#fff", "#14171f"): "no white ground",
            source.replace(">Hardshrink", ">"): "Hardshrink is not named",
        }
        for planted, says in faults.items():
            assert any(says in fault for fault in svg_faults(planted, page)), says
    assert not visit.faults


def test_png(browser: Browser, address: str) -> None:
    with Comparison(browser, address, scheme="dark") as visit:
        page = visit.open(MANY, 4)
        root = ElementTree.fromstring(text(taken(page, "svg")))
        data = Path(taken(page, "png").path()).read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert (width, height) == (1600, round(1600 * float(root.get("height")) / float(root.get("width"))))
        pixels = matplotlib.image.imread(io.BytesIO(data), format="png")
        assert np.allclose(pixels[0, 0, :3], 1)
        for colour in {path.get("stroke") for path in root.iter(f"{SVG}path") if path.get("data-curve")}:
            wanted = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            assert (np.abs(pixels[:, :, :3] - wanted).max(axis=2) < 0.02).sum() > 500, colour
    assert not visit.faults


def csv_faults(source: str, page: Page) -> list[str]:
    """What is wrong with an exported table: columns, places, numbers against NumPy."""
    (head, *lines), found = list(csv.reader(io.StringIO(source))), []
    given, (_, shown, view, _, _) = settings(page), state(page)
    numbers = np.array(lines, dtype=float)
    x = numbers[:, 0]
    if [x[0], x[-1]] != view["x"] or len(x) < 513 or np.any(np.diff(x) <= 0):
        found.append("x does not run through the window")
    for name in given:
        places = [k for k in scalar_figures.breakpoints(KNOWN[name], given[name]) if view["x"][0] < k < view["x"][1]]
        found += [f"no row for the kink at {k}" for k in places if k not in x]
    wanted = [(name, order) for name in given for order in ORDERS if order in shown]
    called = [re.fullmatch(r"(.+?)(_derivative|_second_derivative|)(\(.*\))?", column) for column in head[1:]]
    if [(one[1], SUFFIXES[one[2]]) for one in called] != wanted:
        return [*found, f"columns {head}"]
    for index, (name, order) in enumerate(wanted):
        made = dict(pair.split("=") for pair in (called[index][3] or "()")[1:-1].split(", ") if pair)
        if made != {key: str(value) for key, value in given[name].items()}:
            found.append(f"{head[index + 1]} names other parameters")
        true = function(name, order, given[name])(x)
        off = np.abs(numbers[:, index + 1] - true)
        if np.any(off > 1e-13 * np.maximum(1, np.abs(true))):
            found.append(f"{head[index + 1]} is off by {off.max()}")
    return found


@pytest.mark.parametrize("query", ["en/compare/?f=threshold,rrelu,relu&show=d2f", MANY])
def test_csv(browser: Browser, address: str, query: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(query, 3 if "threshold" in query else 4)
        source = text(taken(page, "csv"))
        assert csv_faults(source, page) == []
        lines = source.splitlines()
        cells = lines[100].split(",")
        cells[1] = repr(float(cells[1]) + 1e-9)
        planted = {
            "\n".join([*lines[:100], ",".join(cells), *lines[101:]]): "is off by",
            "\n".join([lines[0].replace("relu", "elu", 1), *lines[1:]]): "columns",
            "\n".join(line for line in lines if not line.startswith("0,")): "no row for the kink",
            "\n".join(lines[:-1]): "run through the window",
            source.replace("lambd=0.7", "lambd=0.5").replace("lower=0.125", "lower=0.25"): "other parameters",
        }
        for changed, says in planted.items():
            assert any(says in fault for fault in csv_faults(changed, page)), says
    assert not visit.faults


def lines_drawn(code: str) -> dict[str, tuple[Any, Any]]:
    """What the exported code draws: by the call that made it, x and y of every line."""
    matplotlib.use("Agg")
    scope: dict[str, Any] = {"__name__": "exported"}
    with np.errstate(all="ignore"):
        exec(compile(code, "exported", "exec"), scope)
    lines = scope["axes"].get_lines()
    calls = re.findall(r"axes\.plot\(x, (?:np\.where\(np\.isin\(x, \[.*?\]\), np\.nan, )?(\w+\(x[^)]*\))", code)
    drawn = {call: tuple(line.get_data()) for call, line in zip(calls, lines, strict=True)}
    scope["plt"].close("all")
    return drawn


def code_faults(code: str, page: Page) -> list[str]:
    """What is wrong with the exported code: lines drawn against NumPy, and gaps where there is no jump."""
    given, (_, shown, view, _, _), found = settings(page), state(page), []
    drawn = lines_drawn(code)
    wanted = [(name, order) for name in given for order in ORDERS if order in shown]
    named = [re.match(r"(\w+?)(_derivative|_second_derivative|)\(", call) for call in drawn]
    if [(one[1], SUFFIXES[one[2]]) for one in named] != wanted:
        return [f"lines {list(drawn)}"]
    for (name, order), (x, y) in zip(wanted, drawn.values(), strict=True):
        true, gaps = function(name, order, given[name])(x), np.isnan(y)
        if [x[0], x[-1]] != view["x"] or len(x) < 513:
            found.append(f"{name} {order} does not run through the window")
        if not np.array_equal(y[~gaps], true[~gaps]):
            found.append(f"{name} {order} is another curve")
        jumps = [
            k
            for k in x[gaps]
            if abs(np.subtract(*function(name, order, given[name])(np.array([k - 1e-9, k + 1e-9])))) > 1e-6
        ]
        if len(jumps) < gaps.sum() or not set(x[gaps]) <= set(scalar_figures.breakpoints(KNOWN[name], given[name])):
            found.append(f"{name} {order} has gaps at {x[gaps]}")
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_code(browser: Browser, address: str, group: str) -> None:
    """Of every function, with names that do not clash, whatever stands beside it."""
    with Comparison(browser, address) as visit:
        page = visit.open(f"en/compare/?f={group}&show=f,df,d2f", len(group.split(",")))
        download = taken(page, "py")
        assert download.suggested_filename.endswith(".py")
        assert code_faults(text(download), page) == []
    assert not visit.faults


def test_code_with_parameters(browser: Browser, address: str) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(MANY, 4)
        code = text(taken(page, "py"))
        assert code_faults(code, page) == []
        assert "np.where(np.isin(x, [-0.7, 0.7]), np.nan, hardshrink(x, lambd=0.7))" in code
        planted = {
            code.replace("elu(x, alpha=2)", "elu(x, alpha=3)", 1): "elu f is another curve",
            code.replace('approximate="tanh")', 'approximate="none")'): "gelu f is another curve",
            code.replace("[-0.7, 0.7]), np.nan", "[-0.7, 0, 0.7]), np.nan", 1): "has gaps",
            code.replace("linspace(-3,", "linspace(-2,"): "run through the window",
            code.replace("axes.plot(x, gelu(", "axes.plot(x, elu(x)); (lambda *a, **k: a)(gelu(", 1): "lines",
        }
        for changed, says in planted.items():
            assert changed != code
            assert any(says in fault for fault in code_faults(changed, page)), says
    assert not visit.faults


def test_the_code_that_is_shown_is_the_one_to_take(browser: Browser, address: str) -> None:
    with Comparison(browser, address, permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.open("zh/compare/?f=gelu,gelu_tanh", 2)
        page.locator(".tc-listing summary").click()
        page.locator("[data-tc-function=mish]").click()
        shown = page.locator(".tc-listing code", has_text="axes.plot(x, mish(x)")
        shown.wait_for()
        page.locator("[data-tc-take=code]").click()
        page.locator(".tc-copied", has_text=words("zh").compare.spoken.copied).wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == shown.evaluate("code => code.textContent") == text(taken(page, "py"))
    assert not visit.faults


# --- The address -----------------------------------------------------------------------------------------------------


def test_a_copied_link_holds_everything(browser: Browser, address: str) -> None:
    with Comparison(browser, address, permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.open("zh/compare/")
        page.locator("[data-tc-function=celu]").click()
        chosen(page, 4)
        page.locator(".tc-items [data-tc-parameter=approximate]").select_option("tanh")
        page.locator(".tc-items [data-tc-parameter=alpha]").fill("2.5")
        page.locator("[name=show][value=df]").check()
        page.locator("[data-tc-do=in]").click()
        page.locator("[data-tc-pair='0']").select_option("celu")
        page.locator(".tc-live .tc-plot").press("ArrowRight")
        page.locator("[data-tc-take=link]").click()  # at once: the address may lag behind, the link may not
        page.locator(".tc-copied", has_text=words("zh").compare.spoken.copied).wait_for()
        link, before = page.evaluate("navigator.clipboard.readText()"), state(page)
        assert link.startswith(f"{address}zh/compare/?")
        again = state(visit.open(link.removeprefix(address), 4))
        for axis in ("x", "y"):  # in six digits
            assert again[2].pop(axis) == pytest.approx(before[2].pop(axis), rel=1e-5)
        assert again == before
        visit.page.locator("[data-tc-switch]").click()
        visit.page.wait_for_url(f"{address}en/compare/?**")
        chosen(visit.page, 4)
        other = state(visit.page)
        assert [*other[:2], *other[3:]] == [*before[:2], *before[3:]]
    assert not visit.faults


def test_a_link_is_copied_where_the_browser_forbids_it(browser: Browser, address: str) -> None:
    """Without permission, and on pages without https, the old way is taken."""
    with Comparison(browser, address) as visit:
        visit.context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page = visit.open("en/compare/")
        page.locator("[data-tc-take=link]").click()
        page.locator(".tc-copied", has_text=words("en").compare.spoken.copied).wait_for()
        page.locator(".tc-picker [type=search]").focus()
        page.keyboard.press("Control+v")
        assert page.locator(".tc-picker [type=search]").input_value() == page.url
    assert not visit.faults


@pytest.mark.parametrize(
    ("query", "left", "said"),
    [
        ("f=unknown", ["relu", "gelu", "silu"], ["f=unknown"]),
        ("f=gelu,<script>alert(1)</script>", ["gelu"], ["f=<script>alert(1)</script>"]),
        ("f=gelu,<img src=x onerror=alert(1)>", ["gelu"], ["f=<img src=x onerror=alert(1)>"]),
        ("f=../fn/gelu,constructor", ["relu", "gelu", "silu"], ["f=../fn/gelu", "f=constructor"]),
        ("gelu.approximate=x", ["relu", "gelu", "silu"], ["gelu.approximate=x"]),
        ("elu.alpha=1e999", ["relu", "gelu", "silu"], ["elu.alpha=1e999"]),
        ("f=elu&elu.alpha=1e999", ["elu"], ["elu.alpha=1e999"]),
        ("f=elu&elu.alpha=-1&elu.beta=2", ["elu"], ["elu.alpha=-1", "elu.beta=2"]),
        ("f=gelu,gelu,silu&x=3,1&show=g", ["gelu", "silu"], ["x=3,1", "show=g"]),
        ("f=gelu,silu&diff=gelu,nothing", ["gelu", "silu"], ["diff=gelu,nothing"]),
        ("f=gelu,silu&diff=gelu,gelu", ["gelu", "silu"], ["diff=gelu,gelu"]),
        ("f=gelu,silu&diff=gelu,silu,d3f", ["gelu", "silu"], ["diff=gelu,silu,d3f"]),
        ("f=gelu&at=NaN&tangent=yes", ["gelu"], ["at=NaN"]),
        ("f=gelu,silu", ["gelu", "silu"], []),
    ],
)
def test_a_bad_address(browser: Browser, address: str, query: str, left: list[str], said: list[str]) -> None:
    with Comparison(browser, address) as visit:
        page = visit.open(f"en/compare/?{query}", len(left))
        note = page.locator(".tc-note")
        assert note.is_visible() == bool(said)
        assert list(settings(page)) == left
        assert all(one in note.inner_text() for one in said)
        assert not page.locator(".tc-note *").count()
    assert not visit.faults


# --- Everywhere ------------------------------------------------------------------------------------------------------


def test_offline(browser: Browser, offline: Path) -> None:
    """From file://, where nothing can be fetched: functions, sources, files."""
    home = offline.resolve().as_uri() + "/"
    with Comparison(browser, home) as visit:
        page = visit.open("en/compare.html?f=gelu,celu&show=f,df", 2)
        assert code_faults(text(taken(page, "py")), page) == []
        assert csv_faults(text(taken(page, "csv")), page) == []
        assert Path(taken(page, "png").path()).read_bytes()[16:20] == struct.pack(">I", 1600)
        page.locator(".tc-prepared a").first.click()
        chosen(page, 3)
        assert list(settings(page)) == ["gelu", "gelu_tanh", "quick_gelu"]
    assert not visit.faults


def test_every_function_leads_here(site: Path) -> None:
    for name in KNOWN:
        html = (site / "en" / "functions" / name / "index.html").read_text(encoding="utf-8")
        (query,) = re.findall(r'href="\.\./\.\./compare/\?f=([^"&]*)"', html)
        first, other = query.split(",")
        assert first == name and other in KNOWN and other != name


def test_sources_are_those_that_were_checked() -> None:
    """The script of each function holds its NumPy source, whose only changes are names of helpers."""
    taken_names: dict[str, str] = {}
    for name, entry in KNOWN.items():
        registered, _, value = compare_page.numpy_script(entry).partition(" = ")
        assert registered == f"truecurve.numpy.{name}"
        made = json.loads(value.rstrip(";\n"))
        scope: dict[str, Any] = {}
        exec("\n".join([*made["imports"], made["code"]]), scope)
        own = {key for key in scope if not key.startswith("__")} - {"np", "math"}
        assert {name + suffix for suffix in compare_page.PUBLIC} <= own
        assert all(key.removeprefix("_").startswith(name) for key in own)
        assert not own & taken_names.keys()
        taken_names |= dict.fromkeys(own, name)
        x = np.linspace(-8, 8, 1601)
        with np.errstate(all="ignore"):
            for suffix, order in SUFFIXES.items():
                arguments = scalar_figures.settings(entry)
                assert np.array_equal(scope[name + suffix](x, **arguments), function(name, order, arguments)(x))
