"""The live figures as a person uses them: mouse, touch and keyboard, the address, frames, files, weight. Row 6 through
the page: what it computes and draws is the NumPy code. Each check is shown to reject a planted fault."""

import functools
import gzip
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Page

import live_script
from truecurve import catalog, scalar_figures, widget
from truecurve.canvas import MAIN
from truecurve.curves import View
from truecurve.entry import Elementwise
from visits import LANGUAGES, SCHEMES, Visit

ENTRIES = list(catalog().functions)
ELEMENTWISE = [entry for entry in ENTRIES if isinstance(entry, Elementwise)]
WEIGHT, REQUESTS, SHIFT, CODE = 150_000, 20, 0.02, 8_000
"""Bytes of a page as they travel, gzipped, without the search index; and of the script of the live figure."""
each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
each_elementwise = pytest.mark.parametrize("entry", ELEMENTWISE, ids=lambda entry: entry.id)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with Visit(browser, address) as opened:
        yield opened
        assert opened.faults == []


def readout(page: Page) -> str:
    return page.locator(".tc-readout").inner_text().replace("\n", " ")


def query(page: Page) -> dict[str, list[str]]:
    before = None
    while page.url != before:  # the address follows a quarter of a second behind
        before = page.url
        page.wait_for_timeout(600)
    return parse_qs(urlsplit(page.url).query)


def curve(page: Page, identifier: str, order: str = "f") -> np.ndarray:
    """The vertices of a drawn curve, shape (n, 2), in pixels of 800."""
    path = page.locator(f'[data-curve="{identifier} {order}"]').get_attribute("d") or ""
    return np.array([[float(x), float(y)] for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)])


# --- Row 6 in the browser --------------------------------------------------------------------------------------------


@each
def test_the_page_computes_what_numpy_does(visit, entry):
    page = visit.open(f"en/embed/{entry.id}/", "load")
    measurement = live_script.against_numpy(
        entry, lambda code: json.loads(page.evaluate(f"JSON.stringify({code})")), 24
    )
    assert measurement.checks > 50
    assert measurement.worst <= 1, f"{entry.id}: {measurement}"


def worst_distance(points, entry, order, params, view) -> float:
    """The largest vertical distance in pixels of a vertex, kinks aside, from the NumPy function in the view."""
    pixels = view.pixels(np.array([[0.0, 0.0], [1.0, 1.0]]))
    (left, bottom), scale = pixels[0], pixels[1] - pixels[0]
    x, y = (points[:, 0] - left) / scale[0], points[:, 1]
    function = (entry.forward, entry.derivative, entry.second_derivative)[order]
    want = np.clip(bottom + function(x, **params) * scale[1], -1e6, 1e6)
    # Vertices are printed to a hundredth of a pixel: on a steep curve, and beside a kink, that much of x counts.
    steps = np.abs(function(x + 0.01 / scale[0], **params) - function(x - 0.01 / scale[0], **params)) * abs(scale[1])
    beside = np.zeros(len(x), bool)
    for kink in scalar_figures.breakpoints(entry, params):
        beside |= np.abs(x - kink) * scale[0] < 0.02
    return float(np.max(np.where(beside, 0, np.abs(y - want) - steps)))


@each_elementwise
def test_the_page_draws_what_numpy_computes(visit, entry):
    """At the defaults and at the far ends of the sliders; in the first window, which is that of the static figure."""
    for params in (live_script.corners(entry)[0], live_script.corners(entry)[-1]):
        changed = "&".join(f"{name}={value}" for name, value in params.items() if name in widget._parameters(entry))
        page = visit.open(f"en/embed/{entry.id}/?show=f,df,d2f&x=-4,4&y=-4,4&{changed}", "load")
        view = View((-4, 4), (-4, 4), MAIN.left, MAIN.top, MAIN.right, MAIN.bottom)
        assert page.locator(".tc-note").is_hidden(), page.locator(".tc-note").inner_text()
        for order, name in enumerate(("f", "df", "d2f")):
            points = curve(page, entry.id, name)
            assert points[0, 0] == MAIN.left and points[-1, 0] == MAIN.right
            assert np.diff(points[:, 0]).max() < 2, "a gap in x"
            assert worst_distance(points, entry, order, params, view) < 0.1


def test_a_wrong_curve_is_rejected(visit):
    entry = catalog().entry("gelu")
    page = visit.open("en/embed/gelu/?x=-4,4&y=-4,4", "load")
    view = View((-4, 4), (-4, 4), MAIN.left, MAIN.top, MAIN.right, MAIN.bottom)
    assert worst_distance(curve(page, "gelu"), entry, 0, {"approximate": "none"}, view) < 0.1
    assert worst_distance(curve(page, "gelu") + np.array([0, 0.5]), entry, 0, {"approximate": "none"}, view) > 0.3
    assert worst_distance(curve(page, "gelu", "df"), entry, 0, {"approximate": "none"}, view) > 10


# --- A person ---------------------------------------------------------------------------------------------------------


def test_drag_a_slider_with_the_mouse(visit):
    page = visit.open("en/functions/elu/")
    before, slider = curve(page, "elu"), page.locator('[data-tc-parameter="alpha"]')
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 3 / 4, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    alpha = float(slider.input_value())
    assert 2.5 < alpha < 3.5
    assert np.abs(curve(page, "elu")[0] - before[0]).max() > 5
    assert query(page)["alpha"] == [str(alpha).removesuffix(".0")]
    page.get_by_role("button", name="Reset").click()
    assert curve(page, "elu") == pytest.approx(before)
    assert "alpha" not in query(page)


def test_pointing_reads_out(visit):
    page = visit.open("en/functions/gelu/")
    box = page.locator(".tc-plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    x = float(re.search(r"x = (\S+)", readout(page))[1].replace("−", "-"))
    entry = catalog().entry("gelu")
    for name, function in (("f", entry.forward), ("f′", entry.derivative)):
        shown = float(re.search(rf"{name} = (\S+)", readout(page))[1].replace("−", "-"))
        assert shown == pytest.approx(float(function(np.array(x))), rel=1e-3)
    assert page.locator(".tc-plot").get_attribute("aria-valuetext").startswith("x = −")
    page.get_by_label("tangent").check()
    (x1, y1), (x2, y2) = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", page.locator(".tc-tangent").get_attribute("d"))
    slope = -(float(y2) - float(y1)) / (float(x2) - float(x1))
    per_x, per_y = page.evaluate(
        "(() => { const v = truecurve.figures[0].view(); return [8 / (v.x[1] - v.x[0]), v.y[1] - v.y[0]] })()"
    )
    assert per_x == 1
    assert slope == pytest.approx(
        float(entry.derivative(np.array(x))) * (MAIN.bottom - MAIN.top) / per_y / ((MAIN.right - MAIN.left) / 8),
        abs=2e-3,
    )


def test_keyboard_only(visit):
    """From the top of the page with Tab: to the figure, along the curve, in and out, to a slider and a box."""
    page = visit.open("en/functions/elu/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('tc-plot')"):
            break
    page.keyboard.press("ArrowRight")
    first = readout(page)
    page.keyboard.press("ArrowRight")
    assert first.startswith("x = 0.1 ") and readout(page).startswith("x = 0.2 ")
    page.keyboard.press("+")
    assert float(query(page)["x"][0].split(",")[0]) == -2
    page.keyboard.press("Shift+ArrowLeft")
    assert float(query(page)["x"][0].split(",")[0]) < -2
    page.keyboard.press("0")
    assert "x" not in query(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "f"
    page.keyboard.press("Space")
    assert page.locator('[data-curve="elu f"]').count() == 0
    while page.evaluate("document.activeElement.dataset.tcParameter") != "alpha":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert query(page)["alpha"] == ["1.02"]


def touch(session: CDPSession, *points: tuple[float, float], kind: str = "touchMove") -> None:
    listed = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": listed})


def test_touch(browser, address):
    with Visit(browser, address, width=390, has_touch=True, is_mobile=True) as visit:
        page = visit.open("zh/functions/elu/")
        fingers = page.context.new_cdp_session(page)
        box = page.locator(".tc-plot").bounding_box()
        middle = box["y"] + box["height"] / 2
        left, right = box["x"] + box["width"] * 0.3, box["x"] + box["width"] * 0.7
        touch(fingers, (left, middle), kind="touchStart")
        first = readout(page)
        touch(fingers, (right, middle))
        assert first != readout(page) and "x = " in first
        touch(fingers, kind="touchEnd")
        touch(fingers, (left, middle), (right, middle), kind="touchStart")
        touch(fingers, (left - 30, middle), (right + 30, middle))
        touch(fingers, kind="touchEnd")
        low, high = (float(end) for end in query(page)["x"][0].split(","))
        assert high - low < 7.9
        slider = page.locator('[data-tc-parameter="alpha"]')
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        place = (box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
        touch(fingers, (box["x"] + box["width"] * 0.25, place[1]), kind="touchStart")
        touch(fingers, place)
        touch(fingers, kind="touchEnd")
        assert float(slider.input_value()) > 2
        assert visit.fits().faults == []


def test_zoom_and_pan_with_the_mouse(visit):
    page = visit.open("en/functions/gelu/")
    box = page.locator(".tc-plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, 100)
    assert "x" not in query(page), "the wheel alone scrolls the page"
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    low, high = (float(end) for end in query(page)["x"][0].split(","))
    assert high - low < 7
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 100, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert float(query(page)["x"][0].split(",")[0]) < low - 0.3
    page.get_by_role("button", name="Fit the view").click()
    assert "x" not in query(page)
    page.get_by_role("button", name="Zoom out").click()
    assert query(page)["x"] == ["-8,8"]


def test_overlay(visit):
    page = visit.open("zh/functions/elu/")
    page.locator("[data-tc-add]").select_option("swish")
    page.wait_for_selector('[data-curve="swish f"]')
    assert query(page)["with"] == ["swish"]
    page.locator('.tc-items [data-tc-parameter="beta"]').focus()
    page.keyboard.press("ArrowRight")
    assert query(page)["swish.beta"] == ["1.05"]
    assert page.locator(".tc-items a").evaluate("link => link.href").endswith("zh/functions/swish/")
    page.locator(".tc-items button").click()
    assert page.locator('[data-curve="swish f"]').count() == 0
    assert "with" not in query(page)


def test_the_address_holds_everything(visit):
    """A figure that was set comes back when its address is opened again, and in the other language."""
    address = "en/functions/elu/?alpha=2&with=gelu&gelu.approximate=tanh&show=f,d2f&x=-3,3&y=-2,2&at=0.5&tangent=1"
    page = visit.open(address)
    page.wait_for_selector('[data-curve="gelu d2f"]')

    def state():
        return {
            order: curve(page, name, order).tolist() for name in ("elu", "gelu") for order in ("f", "d2f")
        }, readout(page)

    first = state()
    page.keyboard.press("Tab")
    page.get_by_label("tangent").uncheck()
    page.get_by_label("tangent").check()
    assert query(page) == parse_qs(urlsplit(address).query)
    page.reload()
    page.wait_for_selector('[data-curve="gelu d2f"]')
    assert state() == first
    page.locator("[data-tc-switch]").first.click()
    page.wait_for_selector('[data-curve="gelu d2f"]')
    assert "/zh/functions/elu/" in page.url
    assert state() == first


BAD = {
    "functions/elu/?alpha=abc": "alpha=abc",
    "functions/elu/?alpha=1e999": "alpha=1e999",
    "functions/elu/?alpha=": "alpha=",
    "functions/elu/?alpha=-1": "alpha=-1",
    "functions/elu/?with=unknown": "with=unknown",
    "functions/elu/?with=../../evil": "with=../../evil",
    "functions/elu/?show=f,evil": "show=f,evil",
    "functions/elu/?x=3,1": "x=3,1",
    "functions/elu/?y=-1e9,1e9": "y=-1e9,1e9",
    "functions/elu/?at=NaN": "at=NaN",
    "functions/elu/?alpha=<script>window.evil=1</script>": "alpha=<script>window.evil=1</script>",
    "functions/elu/?with=<img src=x onerror=window.evil=1>": "with=<img src=x onerror=window.evil=1>",
    "functions/gelu/?approximate=exact": "approximate=exact",
    "functions/glu/?along=c": "along=c",
    "functions/softmax/?T=0": "T=0",
    "functions/softmax/?x=1,2": "x=1,2",
    "embed/elu/?theme=pink": "theme=pink",
    "embed/elu/?width=9": "width=9",
}


@pytest.mark.parametrize("path", BAD)
def test_bad_addresses_are_told_politely(visit, path):
    page = visit.open(f"en/{path}")
    note = page.locator(".tc-note")
    note.wait_for()
    assert BAD[path] in note.inner_text() and note.get_attribute("role") == "status"
    assert page.locator(".tc-note *").count() == 0, "the note is plain text"
    assert page.evaluate("window.evil") is None
    assert page.locator(".tc-plot").count() >= 1


@pytest.mark.parametrize(
    "path", ["functions/elu/", "functions/elu/?utm_source=mail", "functions/softmax/", "functions/glu/"]
)
def test_good_addresses_are_told_nothing(visit, path):
    page = visit.open(f"zh/{path}")
    page.wait_for_timeout(100)
    assert page.locator(".tc-note").is_hidden()


def test_the_slice_of_a_gate(visit):
    page = visit.open("en/functions/swiglu/")
    surface = page.locator(".tc-surface svg")
    box = surface.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=3)
    page.mouse.up()
    asked = query(page)
    b, a = float(asked["b"][0]), float(asked["at"][0])
    entry = catalog().entry("swiglu")
    shown = re.findall(r"(?:f|∂f/∂a) = (\S+)", readout(page))
    want = [float(entry.forward(np.array([a, b]))[0]), float(entry.derivative(np.array([a, b]))[0][0])]
    assert [float(text.replace("−", "-")) for text in shown] == pytest.approx(want, rel=1e-3)
    page.locator('[data-tc-parameter="along"]').select_option("b")
    assert page.locator('[data-tc-parameter="b"]').is_hidden() and page.locator('[data-tc-parameter="a"]').is_visible()


def test_logits_to_drag(visit):
    page = visit.open("en/functions/softmax/")
    box = page.locator(".tc-plot").bounding_box()
    scale = box["width"] / 800
    page.mouse.move(box["x"] + 30 * scale, box["y"] + 250 * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 30 * scale, box["y"] + 150 * scale, steps=3)
    page.mouse.up()
    page.locator('[data-tc-parameter="T"]').focus()
    page.keyboard.press("ArrowRight")
    asked = query(page)
    logits, temperature = [float(x) for x in asked["x"][0].split(",")], float(asked["T"][0])
    assert logits[0] > 2.5 and temperature == 1.05
    outputs, jacobian = catalog().entry("softmax").at(np.array(logits) / temperature)
    shown = [float(text) for text in re.findall(r"= (\S+)", readout(page))]
    assert shown == pytest.approx(outputs.tolist(), rel=1e-3)
    for i, j in ((0, 0), (0, 1), (3, 2)):
        cell = page.locator(f'[data-cell="{i} {j}"]').text_content().replace("−", "-")
        assert float(cell) == pytest.approx(jacobian[i, j] / temperature, abs=6e-4)


# --- Frames, files, without a script ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A folder that another server serves: another origin."""
    folder = tmp_path_factory.mktemp("elsewhere")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


HOST = """<!doctype html><title>A course</title><link rel="icon" href="data:,">
<iframe id="figure" sandbox="allow-scripts" width="700" height="100" src="{}"></iframe>
<script>
addEventListener("message", ({{ data }}) => {{
  if (data && data.truecurve === "height") document.getElementById("figure").style.height = data.height + "px";
}});
</script>"""


@pytest.mark.parametrize("identifier", ["elu", "swiglu", "softmax"])
def test_in_a_sandboxed_frame_of_another_site(browser, address, elsewhere, identifier):
    folder, host = elsewhere
    asked = {"elu": "?alpha=2&with=silu&theme=dark", "swiglu": "?b=1", "softmax": "?T=2"}[identifier]
    (folder / f"{identifier}.html").write_text(HOST.format(f"{address}en/embed/{identifier}/{asked}"))
    with Visit(browser, "http://127.0.0.1:") as visit:
        page = visit.open(f"{urlsplit(host).port}/{identifier}.html")
        frame = next(frame for frame in page.frames if "/embed/" in frame.url)
        frame.wait_for_selector(".tc-live .tc-plot")
        if identifier == "elu":
            frame.wait_for_selector('[data-curve="silu f"]')
            assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 31)"
        page.wait_for_timeout(300)
        height = page.locator("#figure").bounding_box()["height"]
        content = frame.evaluate("document.body.getBoundingClientRect().height")
        assert 300 < content <= height + 1 < content + 8, "the frame is as high as its content"
        assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
        frame.locator("input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(350)
        assert visit.faults == []


def test_the_frame_obeys_its_address(visit):
    page = visit.open("en/embed/gelu/?theme=light&width=500&controls=0")
    assert page.evaluate("document.documentElement.dataset.mdColorScheme") == "default"
    assert page.locator(".tc-plot").bounding_box()["width"] <= 500
    assert page.locator(".tc-zoom").is_hidden() and page.locator(".tc-readout").is_visible()


@pytest.mark.parametrize("path", ["en/embed/elu/index.html", "zh/functions/elu.html"])
def test_from_files(browser, offline, path):
    with Visit(browser, offline.as_uri() + "/") as visit:
        page = visit.open(f"{path}?alpha=2")
        page.locator("[data-tc-add]").select_option("gelu")
        page.wait_for_selector('[data-curve="gelu f"]')
        page.locator(".tc-plot").focus()
        page.keyboard.press("ArrowRight")
        assert "GELU: f = " in readout(page)
        links = page.locator('.tc-items a, .tc-source a, a[href*="functions/"]').evaluate_all(
            "all => all.map(a => a.href)"
        )
        for link in links:
            if link.startswith("file:"):
                assert Path(urlsplit(link).path).is_file(), link
        assert visit.faults == []


def test_without_a_script(browser, address):
    with Visit(browser, address, java_script_enabled=False) as visit:
        for path in ("en/functions/gelu/", "en/embed/gelu/", "zh/functions/softmax/"):
            page = visit.open(path)
            assert page.locator(".tc-live .tc-picture svg[role=img]").is_visible()
            assert page.locator(".tc-controls").is_hidden()
        assert page.locator(".tc-still").is_visible()
        assert visit.faults == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_inaccessible_in_use(browser, address, language, scheme):
    for path in (
        "functions/elu/?alpha=2&with=swish,gelu&at=1&tangent=1&show=f,df,d2f&x=9",
        "functions/geglu/?along=b",
        "functions/crelu/?T=2",
        "embed/elu/?with=silu",
    ):
        with Visit(browser, address, scheme=scheme) as visit:
            page = visit.open(f"{language}/{path}")
            page.wait_for_selector(".tc-live .tc-plot")
            assert visit.accessible().faults == []


def test_the_text_beside_the_figure_says_what_it_shows(visit):
    page = visit.open("en/functions/elu/")
    told = page.locator("#" + page.locator(".tc-plot").get_attribute("aria-describedby"))
    assert told.inner_text().startswith("Curves of ELU and its derivative")
    page.locator('[data-tc-parameter="alpha"]').fill("2")
    page.locator("[data-tc-add]").select_option("gelu")
    page.wait_for_selector('[data-curve="gelu f"]')
    assert "ELU, alpha = 2; GELU, approximate = none" in told.inner_text()


def test_reduced_motion(browser, address):
    with Visit(browser, address, reduced_motion="reduce") as visit:
        page = visit.open("en/functions/elu/")
        page.locator('[data-tc-parameter="alpha"]').fill("2")
        moving = page.evaluate("document.getAnimations().filter(one => one.effect.target.closest('.tc-live')).length")
        assert moving == 0 and visit.faults == []


# --- Weight -----------------------------------------------------------------------------------------------------------


def travelled(visit: Visit, path: str) -> dict[str, int]:
    """Bytes of everything that a page loads, as static hosting sends it: text gzipped, the search index left out."""
    weights: dict[str, int] = {}

    def weigh(response) -> None:
        body = response.body()
        packed = response.url.endswith((".woff2", ".png"))
        weights[urlsplit(response.url).path] = len(body) if packed else len(gzip.compress(body))

    visit.page.on("requestfinished", lambda request: "search_index" in request.url or weigh(request.response()))
    visit.open(path)
    visit.page.wait_for_timeout(300)
    return weights


@pytest.mark.parametrize("identifier", ["gelu", "elu", "swiglu", "softmax", "conv2d", "batch_norm2d"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_light(visit, language, identifier):
    weights = travelled(visit, f"{language}/functions/{identifier}/")
    assert len(weights) <= REQUESTS, sorted(weights)
    assert sum(weights.values()) <= WEIGHT, sorted(weights.items(), key=lambda item: -item[1])[:6]


def test_the_code_of_the_live_figure_is_light(site):
    code = sum(len(gzip.compress((site / "assets" / name).read_bytes())) for name in ("special.js", "live.js"))
    assert code <= CODE
    for entry in ENTRIES:
        assert len(gzip.compress((site / "assets" / "fn" / f"{entry.id}.js").read_bytes())) < 700


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("identifier", ["elu", "hardtanh", "geglu", "softmax"])
def test_nothing_moves_when_the_figure_comes_alive(browser, address, identifier, width):
    with Visit(browser, address, width=width) as visit:
        visit.page.add_init_script(
            "window.shift = 0; const sum = list => list.getEntries().forEach(one => { window.shift += one.value });"
            "new PerformanceObserver(sum).observe({ type: 'layout-shift', buffered: true })"
        )
        page = visit.open(f"zh/functions/{identifier}/")
        page.wait_for_selector(".tc-live .tc-plot")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") <= SHIFT
        page.evaluate("document.querySelector('h1').style.marginBottom = '300px'")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") > SHIFT, "the observer sees what moves"
