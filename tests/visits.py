"""A window of Chromium that notes all that goes wrong in it, and how to search in it."""

import re
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

LANGUAGES = ("zh", "en")
WIDTHS = {1280: 900, 390: 844}
SCHEMES = {"light": "default", "dark": "slate"}
RESULTS = ".md-search-result__item"


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

    def open(self, path: str, until: Literal["load", "networkidle"] = "networkidle") -> Page:
        self.page.goto(self.home + path, wait_until=until)
        return self.page

    def accessible(self) -> "Visit":
        """Note what axe-core finds; it takes half the time where it need not list all that is right."""
        for violation in Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]:
            for node in violation["nodes"]:
                self.faults.append(f"axe {violation['id']}: {node['html'][:200]} {node['failureSummary'][:200]}")
        return self

    def fits(self) -> "Visit":
        """Note whether the page scrolls sideways."""
        wide = self.page.evaluate("document.fonts.ready.then(() => document.documentElement.scrollWidth)")
        if wide > self.width:
            self.faults.append(f"{self.page.url} is {wide} px wide")
        return self


def search(page: Page, query: str) -> str:
    """Type the query; the address of the first result below the language's folder."""
    if page.locator(".tc-open-search").is_visible():
        page.locator(".tc-open-search").click()
    box = page.locator("[data-md-component=search-query]")
    box.click()
    # The index is fetched now; until it is there the theme says that it loads it.
    page.wait_for_function("!/Loading|正在载入/.test(document.querySelector('.md-search-result__meta').innerText)")
    box.press_sequentially(query)
    # Results of a part of the query come first; the page says which query they answer.
    answered = "query => document.documentElement.dataset.tcAnswered === query"
    page.wait_for_function(answered, arg=re.sub(r"[\W_]", "", query).lower())
    found = None
    while found != (now := first(page)):  # the theme draws them in a frame or two
        found = now
        page.wait_for_timeout(200)
    return found


def first(page: Page) -> str:
    href = page.locator(f"{RESULTS} > a").first.get_attribute("href") or ""
    return re.sub(r"^.*?/(zh|en)/|[?#].*$", "", href)
