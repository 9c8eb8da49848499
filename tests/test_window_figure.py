"""The shape calculator of convolution and pooling as a person uses it: mouse, keys, touch, the address, a frame. What
it draws for a setting is PyTorch's; the arithmetic for many settings is in test_window.py."""

import gzip
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page
from torch.nn import functional

from visits import Visit

KINDS = ("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d")
SIZE = 5_000
"""Bytes of the script as it travels, gzipped."""


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with Visit(browser, address) as opened:
        yield opened
        assert opened.faults == []


def query(page: Page) -> dict[str, list[str]]:
    page.wait_for_timeout(400)  # the address follows a quarter of a second behind
    return parse_qs(urlsplit(page.url).query)


def drawn(page: Page, name: str) -> torch.Tensor:
    """The numbers in the cells of an array."""
    cells = page.locator(f'[data-cell^="{name} "]').evaluate_all("all => all.map(g => [g.dataset.cell, g.textContent])")
    made = {
        tuple(int(place) for place in cell.split()[1:]): float(text.replace("−", "-").replace("∞", "inf"))
        for cell, text in cells
    }
    rows, columns = (1 + max(places) for places in zip(*made, strict=True))
    assert len(made) == rows * columns, "a cell is missing"
    return torch.tensor([[made[i, j] for j in range(columns)] for i in range(rows)], dtype=torch.float64)


def lit(page: Page, tint: str) -> list[str]:
    """Names and places of the lit cells of one colour; padding has no name."""
    return page.locator(f'[data-lit="{tint}"]').evaluate_all("all => all.map(g => g.dataset.cell || '')")


def cell(page: Page, name: str) -> Locator:
    return page.locator(f'[data-cell="{name}"] rect')


def result(page: Page, name: str) -> str:
    return page.locator(f"[data-tc-result={name}]").inner_text()


def test_the_script_is_small(site):
    assert len(gzip.compress((site / "assets" / "window.js").read_bytes())) <= SIZE


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_opens_with_its_calculator(visit, kind):
    """Nothing moves when the script takes over, and what is drawn is PyTorch's."""
    moved = "new PerformanceObserver((all) => all.getEntries().forEach((one) => { window.moved += one.value }))"
    visit.page.add_init_script(f"window.moved = 0; {moved}.observe({{ type: 'layout-shift', buffered: true }})")
    page = visit.open(f"en/functions/{kind}/")
    assert page.evaluate("window.moved") <= 0.02
    x, y = drawn(page, "x")[None, None], drawn(page, "y")
    if kind.endswith("pool2d"):
        made = functional.max_pool2d(x, 2) if kind == "max_pool2d" else functional.avg_pool2d(x, 3, 2, 1)
    else:
        weight, options = drawn(page, "w")[None, None], {"conv2d": (1, 1), "conv_transpose2d": (2, 1, 1)}
        made = getattr(functional, kind)(x, weight, None, *options[kind])
    assert y.shape == made.shape[2:] and torch.allclose(y, made[0, 0], atol=5e-3)
    assert result(page, "shape").endswith(f", {y.shape[0]}, {y.shape[1]})")
    page.get_by_label("stride").first.fill("0")
    assert page.locator(".tc-why").inner_text() == "stride = 0, but must be at least 1."
    assert page.locator(".tc-window").is_hidden() and result(page, "shape") == "–"
    page.get_by_role("button", name="Reset").click()
    assert torch.equal(drawn(page, "y"), y) and page.locator(".tc-why").inner_text() == ""


def test_pointing_lights_the_window(visit):
    page = visit.open("en/embed/conv2d/?stride=2")
    cell(page, "y 0 1").hover()
    assert lit(page, "y") == ["y 0 1"] and len(lit(page, "w")) == 9
    assert lit(page, "x") == ["", "", "", "x 0 1", "x 0 2", "x 0 3", "x 1 1", "x 1 2", "x 1 3"]
    said = page.locator(".tc-sum").inner_text()
    products = re.findall(r"(\d)·\(?(−?\d)", said)
    total = sum(int(x) * int(w.replace("−", "-")) for x, w in products)
    assert said.startswith("y[0, 1] = ") and said.endswith(f" = {drawn(page, 'y')[0, 1]:.0f}".replace("-", "−"))
    assert len(products) == 6 and total == drawn(page, "y")[0, 1]
    assert page.locator(".tc-told").inner_text().endswith(said)
    assert query(page) == {"stride": ["2"], "row": ["0"]}


def test_keyboard_only(visit):
    """With Tab to the figure and through the form; the maximum of the window is marked, the first of equal ones."""
    page = visit.open("en/embed/max_pool2d/?kernel_size=3")
    page.keyboard.press("Tab")
    for key in ("End", "ArrowLeft", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    spoken = page.locator(".tc-window").get_attribute("aria-valuetext")
    assert lit(page, "y") == ["y 0 0"] and spoken == page.locator(".tc-sum").inner_text()
    _, places = functional.max_pool2d(drawn(page, "x")[None, None], 3, 2, return_indices=True)
    assert lit(page, "best") == [f"x {int(places[0, 0, 0, 0]) // 6} {int(places[0, 0, 0, 0]) % 6}"]
    assert len(lit(page, "x")) == 8
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "H"
    page.keyboard.press("ArrowUp")
    while page.evaluate("document.activeElement.name") != "ceil_mode":
        page.keyboard.press("Tab")
    page.keyboard.press("T")
    assert result(page, "shape") == "(N, 3, 3, 3)"
    assert query(page) == {"kernel_size": ["3"], "H": ["7"], "ceil_mode": ["True"], "row": ["0"], "column": ["0"]}


def test_touch_and_steps(browser, address):
    """A tap on an output cell lights where it comes from; steps, or a tap on an input cell, stamp one after another."""
    with Visit(browser, address, width=390, has_touch=True, is_mobile=True) as visit:
        page = visit.open("zh/embed/conv_transpose2d/")
        whole = drawn(page, "y")
        cell(page, "y 2 3").tap()
        assert lit(page, "y") == ["y 2 3"] and set(lit(page, "x")) == {"x 1 1", "x 1 2"}
        page.get_by_role("button", name="下一格").tap()
        x, weight = drawn(page, "x"), drawn(page, "w")[None, None]
        assert not drawn(page, "y").any() and lit(page, "x") == ["x 0 0"], "the first input is 0"
        cell(page, "x 1 1").tap()
        first = torch.where(torch.arange(9).reshape(3, 3) < 5, x, 0)[None, None]
        assert torch.equal(drawn(page, "y"), functional.conv_transpose2d(first, weight, None, 2, 1, 1)[0, 0])
        assert sorted(lit(page, "y")) == [f"y {i} {j}" for i in (1, 2, 3) for j in (1, 2, 3)]
        assert "第 5 步，共 9 步" in page.locator(".tc-sum").inner_text()
        assert query(page) == {"step": ["5"], "row": ["2"], "column": ["3"]}
        page.locator("[name=step]").fill("9")
        assert torch.equal(drawn(page, "y"), whole)
        assert visit.fits().accessible().faults == []


def test_the_address_holds_everything(visit):
    address = "en/embed/conv2d/?pad=valid&dilation=1,2&H=6&W=9&in_channels=4&groups=2&kernel_size=3,2&stride=2,1"
    address += "&row=0&column=3"
    page = visit.open(address)
    weight = drawn(page, "w")[None, None]
    made = functional.conv2d(drawn(page, "x")[None, None], weight, None, (2, 1), "valid", (1, 2))[0, 0]
    assert torch.equal(drawn(page, "y"), made) and result(page, "shape") == "(N, 8, 2, 7)"
    assert result(page, "weight") == "(8, 2, 3, 2)" and result(page, "parameters") == "104"
    assert lit(page, "y") == ["y 0 3"] and page.locator(".tc-note").is_hidden()
    assert query(page) == parse_qs(urlsplit(address).query)
    page.get_by_label("height and width differ").uncheck()
    assert result(page, "shape") == "(N, 8, 2, 4)" and "kernel_size" not in query(page)


def test_reasons_and_warnings(visit):
    page = visit.open("zh/embed/max_pool2d/?H=2&W=4&dilation=3&padding=1&stride=1")
    assert torch.isinf(drawn(page, "y")).all()
    assert "全部落在填充里" in page.locator(".tc-warn").inner_text()
    page.get_by_label("padding").first.fill("2")
    assert "padding = 2 超过了 kernel_size = 2 的一半" in page.locator(".tc-why").inner_text()
    page.get_by_label("padding").first.fill("0")
    assert "填充后的输入尺寸是 2" in page.locator(".tc-why").inner_text()
    page.get_by_label("H", exact=True).fill("500")
    page.get_by_label("W", exact=True).fill("500")
    assert page.locator(".tc-why").inner_text().startswith("尺寸太大") and result(page, "shape") == "(N, 3, 497, 497)"
    page.get_by_label("W", exact=True).fill("513")
    assert page.locator(".tc-why").inner_text() == "W = 513，超出了本计算器的上限 512。"
    page.get_by_label("W", exact=True).fill("")
    assert page.locator(".tc-why").inner_text() == "W 必须是整数。" and result(page, "work") == "–"


BAD = [
    "H=0",
    "in_channels=abc",
    "W=1e999",
    "stride=",
    "dilation=1,2,3",
    "kernel_size=<img src=x onerror=window.evil=1>",
    "pad=full",
    "row=-1",
]


def test_bad_addresses_are_told_politely(visit):
    page = visit.open("en/embed/conv2d/?" + "&".join(BAD))
    note = page.locator(".tc-note")
    assert [text for text in BAD if text not in note.inner_text()] == [] and page.locator(".tc-note *").count() == 0
    assert page.evaluate("window.evil") is None
    assert result(page, "shape") == "(N, 8, 5, 5)" and page.locator(".tc-window").is_visible()
    assert query(page) == {}


def test_in_a_sandboxed_frame(browser, address):
    with Visit(browser, address) as visit:
        page = visit.open("en/", "load")
        source = f"{address}en/embed/avg_pool2d/?theme=dark&foo=1&count_include_pad=False"
        page.set_content(f'<iframe sandbox="allow-scripts" width="700" height="900" src="{source}"></iframe>')
        frame = page.frame_locator("iframe")
        frame.locator('[data-cell="y 0 0"] rect').hover()
        assert frame.locator(".tc-sum").inner_text().endswith("= 1.5")
        frame.get_by_label("count_include_pad").select_option("True")
        assert frame.locator(".tc-sum").inner_text().endswith("/ 9 = 0.667")
        page.wait_for_timeout(300)
        assert visit.faults == []


@pytest.mark.parametrize("kind", ["conv2d", "avg_pool2d"])
def test_accessible_in_the_dark(browser, address, kind):
    with Visit(browser, address, scheme="dark") as visit:
        visit.open(f"zh/functions/{kind}/?padding=3&kernel_size=3,4")
        assert visit.accessible().fits().faults == []
