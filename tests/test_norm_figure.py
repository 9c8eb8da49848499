"""The live figure of the normalisations as a person uses it: mouse, finger and keyboard, the address, frames, files.
What lights up and is read out is compared with PyTorch, from the numbers that stand in the cells."""

# ruff: noqa: F811 (fixtures come from test_live)

import gzip
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from playwright.sync_api import Locator, Page

from test_live import HOST, SHIFT, elsewhere, query, touch, visit  # noqa: F401
from truecurve.describe import words
from visits import LANGUAGES, SCHEMES, Visit

CODE = 5_000
AXES = {
    "batch_norm2d": (0, 2),
    "instance_norm2d": (2,),
    "group_norm": (2, 3),
    "layer_norm": (2,),
    "rms_norm": (2,),
}
"""Which axes of the array share a statistic; that of GroupNorm is (N, 4, C / 4, P)."""


def shape(layer: str) -> tuple[int, int, int]:
    return (2, 8, 3) if layer == "group_norm" else (3, 4, 4)


def shown(page: Page, layer: str, name: str = "x") -> np.ndarray:
    """The numbers in the cells."""
    cells = page.locator(f'[data-of="{name}"]')
    texts = cells.evaluate_all("all => all.map(cell => cell.nextElementSibling.textContent.replace('−', '-'))")
    return np.array([float(text) for text in texts]).reshape(shape(layer))


def lit(page: Page, layer: str, name: str = "x") -> np.ndarray:
    made = page.locator(f'[data-of="{name}"]').evaluate_all("all => all.map(cell => +cell.dataset.lit)")
    return np.array(made, bool).reshape(shape(layer))


def cell(page: Page, layer: str, index: tuple[int, int, int], name: str = "x") -> Locator:
    return page.locator(f'[data-of="{name}"][data-cell="{np.ravel_multi_index(index, shape(layer))}"]')


def read(page: Page, name: str) -> float:
    return float(page.locator(f'[data-tc-out="{name}"]').first.text_content().replace("−", "-"))


def result(layer: str, x: np.ndarray) -> np.ndarray:
    image = torch.from_numpy(x)
    made = {
        "batch_norm2d": lambda: F.batch_norm(image, None, None, training=True),
        "instance_norm2d": lambda: F.instance_norm(image),
        "group_norm": lambda: F.group_norm(image, 4),
        "layer_norm": lambda: F.layer_norm(image, image.shape[-1:]),
        "rms_norm": lambda: F.rms_norm(image, image.shape[-1:]),
    }
    return made[layer]().numpy()


# --- A person ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", AXES)
def test_pointing_lights_what_shares_the_mean(visit, layer):
    page = visit.open(f"en/functions/{layer}/", "load")
    at = (1, 2, 1)
    cell(page, layer, at).hover()
    x = shown(page, layer)
    mask = np.zeros_like(x)
    mask[at] = 1
    grouped = mask.reshape(2, 4, 2, 3) if layer == "group_norm" else mask
    together = (np.broadcast_to(grouped.max(axis=AXES[layer], keepdims=True), grouped.shape) > 0).reshape(x.shape)
    assert (lit(page, layer) == together).all()
    assert (lit(page, layer, "y") == together).all()
    y, values = result(layer, x), x[together]
    assert np.abs(shown(page, layer, "y") - y).max() <= 0.05 + 1e-9
    assert page.locator('[data-tc-out="name"]').text_content() == "x[1, 2, 1]"
    assert read(page, "x") == x[at]
    assert read(page, "y") == pytest.approx(y[at], rel=1e-3)
    if layer == "rms_norm":
        assert read(page, "square") == pytest.approx(np.mean(values**2), rel=1e-3)
    else:
        assert read(page, "mean") == pytest.approx(values.mean(), rel=1e-3)
        assert read(page, "variance") == pytest.approx(values.var(), rel=1e-3)
    told = page.locator("#" + page.locator(".tc-plot").get_attribute("aria-describedby")).inner_text()
    assert told.startswith("Chosen: x[1, 2, 1] = ") or layer == "batch_norm2d"
    assert f"{together.sum()}" in told and "*" not in told and "{" not in told


def test_batch_after_batch(visit):
    """Running statistics, from the cells of each batch, are those of PyTorch; evaluation freezes them."""
    page = visit.open("en/functions/batch_norm2d/", "load")
    norm = words("en").norm
    mean, variance = torch.zeros(4, dtype=torch.float64), torch.ones(4, dtype=torch.float64)
    page.get_by_label("momentum").fill("0.3")
    cell(page, "batch_norm2d", (2, 3, 0)).hover()
    for step in range(1, 6):
        image = torch.from_numpy(shown(page, "batch_norm2d"))
        training = F.batch_norm(image, mean, variance, training=step != 4, momentum=0.3)[2, 3, 0]
        evaluated = F.batch_norm(image, mean, variance, training=False)[2, 3, 0]
        assert read(page, "batch") == step
        assert read(page, "runningMean") == pytest.approx(float(mean[3]), rel=1e-3)
        assert read(page, "runningVariance") == pytest.approx(float(variance[3]), rel=1e-3)
        assert read(page, "unbiased") == pytest.approx(float(image[:, 3].var()), rel=1e-3)
        assert read(page, "later") == pytest.approx(float(evaluated), rel=1e-3)
        if step != 4:
            assert read(page, "y") == pytest.approx(float(training), rel=1e-3)
        page.get_by_label(norm.modes.eval if step == 3 else norm.modes.train).check()
        page.get_by_role("button", name=norm.next).click()
    points = page.locator('[data-running="variance"]').get_attribute("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) == 7 and heights[3] == heights[4] != heights[5], "level where the layer was in evaluation mode"
    assert page.locator(".tc-seen--e").count() == 2
    page.get_by_label(norm.modes.eval).check()
    y = F.batch_norm(torch.from_numpy(shown(page, "batch_norm2d")), mean * 0, variance * 0 + 1, training=False)
    assert np.abs(shown(page, "batch_norm2d", "y") - y.numpy()).max() > 0.1, "not the statistics it began with"
    assert shown(page, "batch_norm2d", "y")[2, 3, 0] == pytest.approx(read(page, "later"), abs=0.051)
    assert query(page) == {"momentum": ["0.3"], "mode": ["eval"], "steps": ["tttett"], "cell": ["2,3,0"]}
    for _ in range(6):
        page.get_by_role("button", name=norm.many).click()
    assert read(page, "batch") == 60 and page.get_by_role("button", name=norm.next).is_disabled()
    page.get_by_role("button", name=words("en").live.reset).click()
    assert query(page) == {"cell": ["2,3,0"]}


def test_the_batch_statistics_approach_those_of_the_data(visit):
    page = visit.open(f"en/embed/batch_norm2d/?steps={'t' * 60}&momentum=0.05", "load")
    for name, aim in (("runningMean", 2), ("runningVariance", 4)):
        assert read(page, name) == pytest.approx(aim, rel=0.25), "channel 1"


def test_groups(visit):
    page = visit.open("en/functions/group_norm/", "load")
    says, slider = words("en").norm.says, page.get_by_label("num_groups")
    slider.focus()
    for key, groups, sentence in (("End", 8, says.each), ("Home", 1, says.one), ("ArrowRight", 2, says.between)):
        page.keyboard.press(key)
        image = torch.from_numpy(shown(page, "group_norm"))
        assert np.abs(shown(page, "group_norm", "y") - F.group_norm(image, groups).numpy()).max() <= 0.05 + 1e-9
        assert read(page, "count") == 24 / groups
        visible = [text for text in page.locator("[data-tc-when]").all() if text.is_visible()]
        assert [text.inner_text() for text in visible] == [sentence.format(groups=2, channels=4)]
        assert slider.get_attribute("aria-valuetext") == str(groups)
    assert query(page) == {"num_groups": ["2"]}


@pytest.mark.parametrize("layer", ["layer_norm", "rms_norm"])
def test_over_one_axis_and_over_two(visit, layer):
    page = visit.open(f"zh/functions/{layer}/", "load")
    page.get_by_label("(L, D)").check()
    function = getattr(F, layer)
    y = function(torch.from_numpy(shown(page, layer)), (4, 4)).numpy()
    assert np.abs(shown(page, layer, "y") - y).max() <= 0.05 + 1e-9
    assert lit(page, layer).sum() == 16
    assert query(page) == {"axes": ["2"]}


def test_keyboard_only(visit):
    page = visit.open("en/functions/batch_norm2d/", "load")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('tc-plot')"):
            break
    plot = page.get_by_role("slider", name=words("en").norm.label.format(name="BatchNorm2d"))
    for key, want in (
        *[("ArrowRight", "0, 1, 3"), ("ArrowRight", "1, 1, 0"), ("ArrowDown", "1, 2, 0"), ("ArrowLeft", "0, 2, 3")],
        *[("End", "2, 3, 3"), ("ArrowRight", "2, 3, 3"), ("ArrowDown", "2, 3, 3"), ("Home", "0, 0, 0")],
    ):
        page.keyboard.press(key)
        assert plot.get_attribute("aria-valuetext").startswith(f"x[{want}] = ")
        assert page.locator('[data-tc-out="name"]').text_content() == f"x[{want}]"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == "eval"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert read(page, "batch") == 2
    while page.evaluate("document.activeElement.name") != "momentum":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert query(page) == {"cell": ["0,0,0"], "mode": ["eval"], "steps": ["te"], "momentum": ["0.11"]}


@pytest.mark.parametrize("layer", ["batch_norm2d", "group_norm"])
def test_touch(browser, address, layer):
    with Visit(browser, address, width=390, has_touch=True, is_mobile=True) as visit:
        page = visit.open(f"zh/functions/{layer}/", "load")
        target = cell(page, layer, (1, 3, 1), "y")
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert page.locator('[data-tc-out="name"]').text_content() == "x[1, 3, 1]"
        fingers = page.context.new_cdp_session(page)
        slider = page.locator(".tc-norm input[type=range]")
        slider.scroll_into_view_if_needed()
        before, box = slider.input_value(), slider.bounding_box()
        touch(fingers, (box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2), kind="touchStart")
        touch(fingers, (box["x"] + box["width"] * 0.98, box["y"] + box["height"] / 2))
        touch(fingers, kind="touchEnd")
        assert slider.input_value() != before
        assert visit.fits().faults == []


# --- The address ------------------------------------------------------------------------------------------------------


ADDRESSES = (
    "batch_norm2d/?cell=1,0,2&mode=eval&momentum=0.5&steps=ttet",
    "group_norm/?cell=1,7,1&num_groups=8",
)


@pytest.mark.parametrize("asked", ADDRESSES)
def test_the_address_holds_everything(visit, asked):
    page = visit.open(f"en/functions/{asked}", "load")

    def state() -> list[str]:
        outs = page.locator("[data-tc-out]").all_text_contents()
        return [*outs, page.locator(".tc-plot").evaluate("plot => plot.innerHTML")]

    first = state()
    page.locator(".tc-plot").press("ArrowRight")
    page.locator(".tc-plot").press("ArrowLeft")
    assert query(page) == parse_qs(urlsplit(asked).query)
    page.reload()
    assert state() == first
    page.locator("[data-tc-switch]").first.click()
    page.wait_for_selector(".tc-live .tc-plot")
    assert "/zh/functions/" in page.url
    assert state() == first


BAD = {
    "batch_norm2d/?momentum=2": "momentum=2",
    "batch_norm2d/?momentum=": "momentum=",
    "batch_norm2d/?mode=test": "mode=test",
    "batch_norm2d/?steps=": "steps=",
    f"batch_norm2d/?steps={'t' * 61}": "steps=ttt",
    "batch_norm2d/?steps=<img src=x onerror=window.evil=1>": "steps=<img src=x onerror=window.evil=1>",
    "batch_norm2d/?cell=3,0,0": "cell=3,0,0",
    "layer_norm/?cell=0,0": "cell=0,0",
    "layer_norm/?cell=0,0,-1": "cell=0,0,-1",
    "layer_norm/?axes=3": "axes=3",
    "group_norm/?num_groups=3": "num_groups=3",
    "group_norm/?num_groups=0": "num_groups=0",
    "instance_norm2d/?theme=pink": "theme=pink",
}


def test_bad_addresses_are_told_politely(visit):
    for asked, complaint in BAD.items():
        page = visit.open(f"en/embed/{asked}", "load")
        note = page.locator(".tc-note")
        assert complaint in note.inner_text() and note.get_attribute("role") == "status", asked
        assert page.locator(".tc-note *").count() == 0, "the note is plain text"
        assert page.evaluate("window.evil") is None
        assert page.locator('[data-tc-out="name"]').text_content() == "x[0, 1, 2]"
    page = visit.open("en/embed/group_norm/?num_groups=1&utm_source=mail", "load")
    assert page.locator(".tc-note").is_hidden()


# --- Frames, files, without a script ---------------------------------------------------------------------------------


def test_in_a_sandboxed_frame_of_another_site(browser, address, elsewhere):
    folder, host = elsewhere
    for layer in ("batch_norm2d", "group_norm"):
        (folder / f"{layer}.html").write_text(HOST.format(f"{address}en/embed/{layer}/?theme=dark"))
        with Visit(browser, "http://127.0.0.1:") as visit:
            page = visit.open(f"{urlsplit(host).port}/{layer}.html", "load")
            page.evaluate("addEventListener('message', ({ data }) => { window.told = data })")
            frame = next(frame for frame in page.frames if "/embed/" in frame.url)
            frame.wait_for_selector(".tc-live .tc-plot")
            assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 31)"
            frame.locator("input[type=range]").focus()
            page.keyboard.press("ArrowLeft")
            frame.evaluate("document.querySelector('main').style.paddingBottom = '9px'")
            page.wait_for_timeout(400)
            assert page.evaluate("window.told.id") == layer
            height, content = page.locator("#figure").bounding_box()["height"], page.evaluate("window.told.height")
            assert 300 < content <= height + 1 < content + 8, "the frame is as high as its content"
            assert visit.faults == []


def test_from_a_file(browser, site: Path):
    with Visit(browser, site.as_uri() + "/") as visit:
        page = visit.open("zh/embed/batch_norm2d/index.html?mode=eval")
        page.get_by_role("button", name=words("zh").norm.next).click()
        assert query(page) == {"mode": ["eval"], "steps": ["te"]}
        assert visit.faults == []


def test_without_a_script(browser, address):
    with Visit(browser, address, java_script_enabled=False) as visit:
        for path in ("en/functions/batch_norm2d/", "en/embed/group_norm/"):
            page = visit.open(path)
            assert page.locator(".tc-live .tc-picture svg[role=img]").is_visible()
            assert page.locator(".tc-controls").is_hidden()
        assert visit.faults == []


@pytest.mark.parametrize(("language", "scheme"), [*zip(LANGUAGES, SCHEMES, strict=True)])
def test_nothing_inaccessible_in_use(browser, address, language, scheme):
    with Visit(browser, address, scheme=scheme) as visit:
        for path in (
            "embed/batch_norm2d/?mode=eval&steps=tte&momentum=7",
            "embed/group_norm/?num_groups=1",
            "embed/rms_norm/",
        ):
            visit.open(f"{language}/{path}", "load")
            assert visit.accessible().faults == []


# --- Weight -----------------------------------------------------------------------------------------------------------


def test_the_script_is_light(site):
    assert len(gzip.compress((site / "assets" / "norm.js").read_bytes())) <= CODE


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves(browser, address, width):
    """Neither when the figure comes alive nor when other cells are chosen."""
    with Visit(browser, address, width=width) as visit:
        visit.page.add_init_script(
            "window.shift = 0; const sum = list => list.getEntries().forEach(one => { window.shift += one.value });"
            "new PerformanceObserver(sum).observe({ type: 'layout-shift', buffered: true })"
        )
        for layer in ("batch_norm2d", "group_norm"):
            page = visit.open(f"zh/functions/{layer}/", "load")
            page.wait_for_selector(".tc-live .tc-plot")
            height = page.locator(".tc-controls").evaluate("form => form.offsetHeight")
            for at in ((0, 0, 0), (1, 3, 1)):
                cell(page, layer, at).hover()
                assert page.locator(".tc-controls").evaluate("form => form.offsetHeight") == height
            page.wait_for_timeout(200)
            assert page.evaluate("window.shift") <= SHIFT
            assert visit.fits().faults == []
