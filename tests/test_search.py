"""The search in Chromium: Chinese words, English words and API names lead to their pages, also as they are typed."""

import pytest
from playwright.sync_api import Browser

import truecurve
from visits import LANGUAGES, RESULTS, SCHEMES, WIDTHS, Visit, first, search

OVERFLOW = {
    "basics/",
    "choose/",
    "functions/softmax/",
    "functions/log_softmax/",
    "functions/softplus/",
    "functions/silu/",
    "families/softmax/",
}
VANISHING = {"functions/", "functions/tanh/", "functions/sigmoid/", "families/s_shaped/", "basics/"}
SATURATION = {*VANISHING, "table/"}
NAMES = {
    "nn.GELU": {"functions/gelu/"},
    "leakyrelu": {"functions/leaky_relu/"},
    "hard_shrink": {"functions/hardshrink/"},
    "nonlinearity": {"functions/", "", "basics/"},
    "F.elu": {"functions/elu/"},
    "nn.ReLU6": {"functions/relu6/"},
    "gelu_new": {"functions/gelu_tanh/"},
}
"""Queries that mean the same in both languages."""
FOUND = {
    "zh": {
        "激活函数": {"functions/"},
        "梯度消失": VANISHING,
        "饱和": SATURATION,
        "上溢": OVERFLOW,
        "怎么选": {"choose/"},
        **NAMES,
    },
    "en": {
        "activation function": {"functions/"},
        "vanishing gradient": VANISHING,
        "saturation": SATURATION,
        "overflow": OVERFLOW,
        "which activation": {"choose/"},
        **NAMES,
    },
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_open_search(browser: Browser, address: str, language: str, scheme: str, width: int) -> None:
    with Visit(browser, address, width, scheme) as visit:
        page = visit.open(f"{language}/")
        assert search(page, "nn.GELU") == "functions/gelu/"
        page.wait_for_timeout(400)  # until it has unfolded: axe would see colours halfway
        visit.accessible().fits()
    assert not visit.faults


@pytest.mark.parametrize(("language", "query"), [(language, query) for language in FOUND for query in FOUND[language]])
def test_search(browser: Browser, address: str, language: str, query: str) -> None:
    with Visit(browser, address) as visit:
        assert search(visit.open(f"{language}/table/"), query) in FOUND[language][query]
    assert not visit.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_finds_its_page_first(browser: Browser, address: str, language: str) -> None:
    """ReLU before ReLU6, GELU before its approximations."""
    with Visit(browser, address) as visit:
        page = visit.open(f"{language}/table/")
        found = {}
        for entry in truecurve.catalog():
            page.locator("[data-md-component=search-query]").fill("")
            page.wait_for_timeout(100)
            found[entry.page.removesuffix(".md") + "/"] = search(page, entry.name.short)
    assert not {(want, got) for want, got in found.items() if want != got}
    assert not visit.faults


def test_search_hears_what_is_not_typed(browser: Browser, address: str) -> None:
    """Input methods and the clipboard insert text without a key event."""
    with Visit(browser, address) as visit:
        page = visit.open("zh/")
        page.locator("[data-md-component=search-query]").click()
        page.keyboard.insert_text("上溢")
        page.locator(RESULTS).first.wait_for()
        assert first(page) in FOUND["zh"]["上溢"]
    assert not visit.faults


def test_a_result_opens_and_marks_what_was_sought(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("en/")
        search(page, "hard_shrink")
        page.locator(f"{RESULTS} > a").first.click()
        page.wait_for_url("**/en/functions/hardshrink/**")
        page.locator("mark").first.wait_for()
        visit.fits()
    assert not visit.faults
