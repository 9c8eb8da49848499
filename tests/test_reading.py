"""The site in Chromium as it is read: every page on a phone, in either language, in light and dark colours, from
file://, without JavaScript, on paper."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from visits import LANGUAGES, RESULTS, WIDTHS, Visit, search


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_phone(browser: Browser, address: str, site: Path, language: str) -> None:
    with Visit(browser, address, 390) as visit:
        for path in sorted((site / language).rglob("index.html")):
            visit.open(path.parent.relative_to(site).as_posix() + "/", until="load")
            visit.fits()
    assert not visit.faults


def test_the_switch_keeps_page_and_place(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("zh/functions/elu/?a=1#derivative")
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(f"{address}en/functions/elu/?a=1#derivative")
        page.evaluate("location.hash = 'numerics'")
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(f"{address}zh/functions/elu/?a=1#numerics")
    assert not visit.faults


def test_both_languages_share_the_chosen_colours(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        page = visit.open("zh/")
        page.locator("[data-md-component=palette] label:visible").click()
        assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
        visit.open("en/functions/elu/")
        assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert not visit.faults


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("de", "en")])
def test_the_root_leads_to_the_readers_language(browser: Browser, address: str, locale: str, language: str) -> None:
    with Visit(browser, address, locale=locale) as visit:
        page = visit.open("")
        page.wait_for_url(f"{address}{language}/")
    assert not visit.faults


def test_a_lost_reader_finds_home(browser: Browser, address: str) -> None:
    with Visit(browser, address) as visit:
        # The test server has no 404 page of its own; static hosting answers with this file at any depth.
        html = visit.context.request.get(f"{address}404.html").text()
        visit.page.route("**/en/functions/gone/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page = visit.open("en/functions/gone/")
        links = page.locator("a")
        assert [links.nth(i).evaluate("link => link.href") for i in range(2)] == [
            f"{address}zh/index.html",
            f"{address}en/index.html",
        ]
        visit.accessible()
    assert not visit.faults


# --- Without a server, without JavaScript, on paper ------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_offline(browser: Browser, offline: Path, language: str) -> None:
    other = next(name for name in LANGUAGES if name != language)
    home = offline.resolve().as_uri() + "/"
    with Visit(browser, home) as visit:
        page = visit.open(f"{language}/functions/gelu.html#derivative")
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(f"{home}{other}/functions/gelu.html#derivative")
        assert search(page, "leakyrelu") == "functions/leaky_relu.html"
        page.locator(f"{RESULTS} > a").first.click()
        page.wait_for_url(f"{home}{other}/functions/leaky_relu.html**")
        assert page.locator("h1").inner_text().startswith("LeakyReLU")
        visit.fits()
    assert not visit.faults


def test_the_offline_root(browser: Browser, offline: Path) -> None:
    home = offline.resolve().as_uri() + "/"
    with Visit(browser, home, locale="zh-CN") as visit:
        visit.open("index.html").wait_for_url(f"{home}zh/index.html")
    assert not visit.faults


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript(browser: Browser, address: str, language: str, width: int) -> None:
    with Visit(browser, address, width, java_script_enabled=False) as visit:
        page = visit.open(f"{language}/functions/elu/")
        assert page.locator("h1").is_visible()
        assert page.locator(".tc-first svg").is_visible()
        assert page.locator(".tc-formula .katex-html").first.is_visible()
        assert not page.locator("[data-md-component=search-query]").is_visible()
        page.locator(".tc-tabs a[href$='table/']").click()
        page.wait_for_url(f"{address}{language}/table/")
        assert page.locator("tbody tr").count() >= 10
        page.locator("[data-tc-switch]").click()
        page.wait_for_url(re.compile(r"/(zh|en)/table/$"))
        visit.open("")
        assert page.locator("a").count() == 2
    assert not visit.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper(browser: Browser, address: str, language: str) -> None:
    with Visit(browser, address, 672) as visit:  # A4 less the margins, at 96 dots an inch
        page = visit.open(f"{language}/functions/gelu/")
        page.emulate_media(media="print")
        visit.fits()
        assert not page.locator(".md-header").is_visible()
        assert page.locator(".tc-first svg").is_visible()
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert not visit.faults
