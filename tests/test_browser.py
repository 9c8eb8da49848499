"""The site in Chromium: no error, no foreign request, nothing inaccessible, nothing wider than the screen; search,
languages and colours work, also from file:// and without JavaScript. Each check is shown to reject a planted fault."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

import truecurve

LANGUAGES = ("zh", "en")
PAGES = (
    *("", "functions/", "functions/elu/", "families/rectified/", "choose/", "basics/", "table/", "teaching/"),
    *("cheatsheet/", "handouts/rectified/", "verification/"),
)
WIDTHS = {1280: 900, 390: 844}
SCHEMES = {"light": "default", "dark": "slate"}
RESULTS = ".md-search-result__item"
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


class Visit:
    """A window, and all that goes wrong in it: errors, failures, and requests that leave `home`."""

    def __init__(self, browser: Browser, home: str, width: int = 1280, scheme: str = "light", **options: object):
        viewport = {"width": width, "height": WIDTHS.get(width, 900)}
        self.context: BrowserContext = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        self.page: Page = self.context.new_page()
        self.home, self.width, self.faults = home, width, []
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        self.page.on("requestfailed", self.failed)
        self.page.on("request", self.asked)

    def asked(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:", "about:")):
            self.faults.append(f"asked for {request.url}")

    def failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # as a page is left: the test's own doing
            self.faults.append(f"failed: {request.url}")

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *raised: object) -> None:
        self.context.close()

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path, wait_until="networkidle")
        return self.page

    def accessible(self) -> "Visit":
        """Note what axe-core finds."""
        for violation in Axe().run(self.page).response["violations"]:
            for node in violation["nodes"]:
                self.faults.append(f"axe {violation['id']}: {node['html'][:200]} {node['failureSummary'][:200]}")
        return self

    def fits(self) -> "Visit":
        """Note whether the page scrolls sideways."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.faults.append(f"{self.page.url} is {wide} px wide")
        return self


def search(page: Page, query: str) -> str:
    """Type the query; the address of the first result below the language's folder."""
    if page.locator(".tc-open-search").is_visible():
        page.locator(".tc-open-search").click()
    box = page.locator("[data-md-component=search-query]")
    box.click()
    before = page.locator(".md-search-result__meta").inner_text()
    box.press_sequentially(query)
    page.wait_for_function(
        "([name, before]) => document.querySelector(name).innerText !== before", arg=[".md-search-result__meta", before]
    )
    page.wait_for_timeout(200)
    return first(page)


def first(page: Page) -> str:
    href = page.locator(f"{RESULTS} > a").first.get_attribute("href") or ""
    return re.sub(r"^.*?/(zh|en)/|[?#].*$", "", href)


# --- Pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_page(browser: Browser, address: str, path: str, language: str, scheme: str, width: int) -> None:
    with Visit(browser, address, width, scheme) as visit:
        page = visit.open(f"{language}/{path}")
        assert page.evaluate("document.body.dataset.mdColorScheme") == SCHEMES[scheme]
        assert page.evaluate("document.documentElement.lang").startswith(language)
        visit.accessible().fits()
    assert not visit.faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_phone(browser: Browser, address: str, site: Path, language: str) -> None:
    with Visit(browser, address, 390) as visit:
        for path in sorted((site / language).rglob("index.html")):
            visit.open(path.parent.relative_to(site).as_posix() + "/")
            visit.fits()
    assert not visit.faults


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


def test_formulas_are_set_in_katex_fonts(browser: Browser, address: str) -> None:
    """Chromium is asked which fonts it drew with: a missing glyph would come from another font."""
    with Visit(browser, address) as visit:
        page = visit.open("en/functions/gelu/")
        page.evaluate("document.fonts.ready")
        devtools = visit.context.new_cdp_session(page)
        devtools.send("DOM.enable")
        devtools.send("CSS.enable")
        root = devtools.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        # KaTeX stands a zero-width space in .vlist-s, which needs no glyph.
        leaves = {"nodeId": root, "selector": ".katex-html :not(.vlist-s):not(:has(*))"}
        formulas = devtools.send("DOM.querySelectorAll", leaves)["nodeIds"]
        drawn = set()
        for node in formulas:
            for font in devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
                drawn.add((font["familyName"], font["isCustomFont"]))
    assert drawn
    assert {(family.partition("_")[0], custom) for family, custom in drawn} == {("KaTeX", True)}


# --- Search --------------------------------------------------------------------------------------------------------


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


# --- Languages and colours -----------------------------------------------------------------------------------------


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


# --- Without a server, without JavaScript, on paper ----------------------------------------------------------------


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


# --- Planted faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("", ""),
        ("<script>throw new Error('planted')</script>", "error: planted"),
        ("<script>console.error('planted')</script>", "console: planted"),
        ("<img alt='' src='missing.png'>", "failed: "),
        ("<img alt='' src='http://127.0.0.1:9/a.png'>", "asked for http://127.0.0.1:9/a.png"),
        ("<script>fetch('http://127.0.0.1:9/a').catch(() => 0)</script>", "asked for http://127.0.0.1:9/a"),
        ("<p style='color: #aaa'>pale</p>", "axe color-contrast"),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "axe image-alt"),
        ("<div style='width: 500px'>wide</div>", "px wide"),
    ],
)
def test_a_fault_is_seen(browser: Browser, tmp_path: Path, fault: str, says: str) -> None:
    head = "<!doctype html><html lang=en><title>t</title><meta name=viewport content='width=device-width'>"
    html = f"{head}<main><h1>t</h1>{fault}</main>"
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    with Visit(browser, tmp_path.as_uri() + "/", 390) as visit:
        visit.open("page.html")
        visit.accessible().fits()
    if says:
        assert any(says in one for one in visit.faults)
    else:
        assert not visit.faults
