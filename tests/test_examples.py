"""The course kit: each complete example is taken from the page that shows it, built as a reader would build it, and
looked at in Chromium, where its live figure has to appear. Every address in the code leads somewhere. Each checker is
shown to reject a planted fault."""

import contextlib
import functools
import http.server
import io
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import matplotlib.image
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, ConsoleMessage, ElementHandle, Page, Request

from conftest import Quiet
from truecurve import catalog, course_kit
from truecurve.guide import EXAMPLES

LANGUAGES = ("zh", "en")
ENTRIES = {entry.id: entry for entry in catalog()}
OPTIONS = {"show", "with", "x", "y", "at", "theme", "tangent"}
"""What an embedded figure takes besides the parameters of its functions."""
CURVES = {"f", "df", "d2f"}


class Code(HTMLParser):
    """The text of the code below the element with each id that begins with example-."""

    def __init__(self, html: str):
        super().__init__()
        self.found: dict[str, str] = {}
        self.current = ""
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (identifier := dict(attrs).get("id") or "").startswith("example-"):
            self.current = identifier.removeprefix("example-")
        self.inside |= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag != "pre"

    def handle_data(self, data: str) -> None:
        if self.inside and self.current:
            self.found[self.current] = self.found.get(self.current, "") + data


@functools.cache
def shown(site: Path, language: str) -> dict[str, str]:
    """What the page of the course kit shows, by id."""
    return Code((site / language / "teaching" / "index.html").read_text(encoding="utf-8")).found


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Another site than ours."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextlib.contextmanager
def looking(browser: Browser, *homes: str) -> Iterator[tuple[Page, list[str]]]:
    """A window, and what goes wrong in it: errors, failures, requests to other places than `homes`."""
    faults: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # A browser asks for an icon that nobody named.
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            faults.append(f"console: {message.text}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # as a slide is left and its figure unloaded
            faults.append(f"failed: {request.url}")

    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", said)
    page.on("requestfailed", failed)
    page.on(
        "request",
        lambda request: request.url.startswith((*homes, "data:", "blob:")) or faults.append(f"asked for {request.url}"),
    )
    yield page, faults
    page.close()


# --- The checks: each gives a sentence for every fault ----------------------------------------------------------------


def blank(picture: bytes) -> bool:
    """Whether a screenshot shows hardly anything."""
    pixels = (matplotlib.image.imread(io.BytesIO(picture), format="png") * 255).astype(np.uint8)
    return len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) < 16


def dead_figure(frame: ElementHandle, follows: bool) -> Iterator[str]:
    """What is wrong with an iframe; with `follows`, it must be as high as what it shows."""
    inside = frame.content_frame()
    if inside is None or not inside.url.startswith("http"):
        yield "nothing was loaded"
        return
    inside.wait_for_load_state("networkidle")
    drawing = inside.query_selector("svg, canvas")
    box = drawing and drawing.bounding_box()
    if not box or box["width"] < 200 or box["height"] < 100:
        yield "it shows no drawing"
    if inside.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "it scrolls sideways"
    if follows and inside.evaluate("document.documentElement.scrollHeight > innerHeight"):
        yield "it is higher than its frame"
    if blank(frame.screenshot()):
        yield "it is blank"


def unloaded_images(page: Page) -> Iterator[str]:
    for image in page.query_selector_all("img"):
        if not image.evaluate("image => image.complete && image.naturalWidth > 100 && image.alt.length > 5"):
            yield f"{image.get_attribute('src')} does not show, or has no alt text"


def wrong_frames(code: str, language: str) -> Iterator[str]:
    """Iframes that name a function, a parameter, a curve or a language that does not exist, or have no title."""
    for element in re.findall(r"<iframe[^>]*>", code):
        address = unescape(re.search(r'src="([^"]*)"', element)[1])
        path = re.fullmatch(rf"https://SITE/{language}/embed/(\w+)/", address.partition("?")[0])
        given = {key: value for key, (value, *_) in parse_qs(urlsplit(address).query).items()}
        names = [path[1] if path else "", *filter(None, given.get("with", "").split(","))]
        known = OPTIONS.union(*(ENTRIES[name].parameters for name in names if name in ENTRIES))
        if not path or set(names) - set(ENTRIES):
            yield f"{address}: no such figure"
        elif set(given) - known or set(given.get("show", "f").split(",")) - CURVES:
            yield f"{address}: no such parameter"
        title = re.search(r'title="([^"]*)"', element)
        if not title or not all(ENTRIES[name].name.short in title[1] for name in names if name in ENTRIES):
            yield f"{address}: its title does not name it"


def lost_addresses(code: str, site: Path) -> Iterator[str]:
    """Addresses of ours in the code that lead nowhere."""
    for path in re.findall(r"https://SITE/([\w./-]*)", code, re.ASCII):
        found = site / path.rstrip(".")
        if not (found / "index.html" if found.is_dir() else found).is_file():
            yield f"https://SITE/{path} leads nowhere"


# --- The examples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_page(language: str, site: Path, address: str, browser: Browser, tmp_path: Path) -> None:
    code = shown(site, language)["plain"].replace(course_kit.SITE, address)
    (tmp_path / "index.html").write_text(code, encoding="utf-8")
    with served(tmp_path) as home, looking(browser, home, address) as (page, faults):
        page.goto(home, wait_until="networkidle")
        assert not list(dead_figure(page.query_selector("iframe"), follows=True))
        assert not list(unloaded_images(page))
        assert page.get_attribute("a[download]", "href") == f"{address}notebooks/{language}/gelu.ipynb"
        assert not blank(page.screenshot())
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_reveal(language: str, site: Path, address: str, browser: Browser, tmp_path: Path) -> None:
    code = shown(site, language)["reveal"].replace(course_kit.SITE, address)
    (tmp_path / "index.html").write_text(code, encoding="utf-8")
    shutil.copytree(EXAMPLES / "dist", tmp_path / "dist")
    with served(tmp_path) as home, looking(browser, home, address) as (page, faults):
        page.goto(home, wait_until="networkidle")
        assert page.evaluate("Reveal.isReady()")
        assert not list(dead_figure(page.query_selector("section.present iframe"), follows=False))
        page.evaluate("Reveal.next()")
        page.wait_for_load_state("networkidle")
        assert not list(unloaded_images(page))
        assert page.evaluate("document.querySelector('iframe').getAttribute('src')") is None, (
            "unloaded, as the text says"
        )
        assert not blank(page.screenshot())
        page.evaluate("Reveal.next()")
        assert page.locator("section.present a[download]").is_visible()
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_jupyter(language: str, site: Path, address: str, browser: Browser, tmp_path: Path) -> None:
    code = shown(site, language)["jupyter"].replace(course_kit.SITE, address)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [output["data"]["text/html"] for output in notebook.cells[0].outputs]
    assert len(outputs) == 3
    html = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Jupyter</title>{"".join(outputs)}'
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    with served(tmp_path) as home, looking(browser, home, address) as (page, faults):
        page.goto(home, wait_until="networkidle")
        assert not list(dead_figure(page.query_selector("iframe"), follows=False))
        assert not list(unloaded_images(page))
        assert page.get_attribute("a[download]", "href") == f"{address}notebooks/{language}/gelu.ipynb"
        assert not blank(page.screenshot())
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_mkdocs(language: str, site: Path, address: str, browser: Browser, tmp_path: Path) -> None:
    code = shown(site, language)
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(code["mkdocs-config"], encoding="utf-8")
    page_code = code["mkdocs-page"].replace(course_kit.SITE, address)
    (tmp_path / "docs" / "index.md").write_text(page_code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with served(tmp_path / "site") as home, looking(browser, home, address) as (page, faults):
        page.goto(home, wait_until="networkidle")
        assert not list(dead_figure(page.query_selector("article iframe"), follows=True))
        assert not list(unloaded_images(page))
        assert page.locator(f"article a[href='{address}notebooks/{language}/gelu.ipynb']").is_visible()
        assert not blank(page.screenshot())
    assert not faults


@pytest.mark.parametrize("name", ["plain", "reveal"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_published_is_what_is_shown(
    language: str, name: str, site: Path, address: str, browser: Browser, offline: Path
) -> None:
    path = f"examples/{language}/{name}.html"
    assert (site / path).read_text(encoding="utf-8") == course_kit.published(shown(site, language)[name])
    for home in (address, offline.resolve().as_uri() + "/"):
        with looking(browser, home) as (page, faults):
            page.goto(home + path, wait_until="networkidle")
            frame = page.query_selector("iframe").content_frame()
            assert frame.url.startswith(f"{home}{language}/embed/gelu/")
            assert frame.query_selector("svg, canvas")
        assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_leads_somewhere(language: str, site: Path) -> None:
    found = shown(site, language)
    assert len(found) == len(course_kit.names())
    for code in found.values():
        other = next(name for name in LANGUAGES if name != language)
        assert not list(wrong_frames(code, language))
        assert not list(lost_addresses(code, site))
        assert f"/{other}/embed/" not in code


def test_the_snippet_has_the_agreed_form(site: Path) -> None:
    assert shown(site, "en")["frame"].strip() == (
        '<iframe src="https://SITE/en/embed/gelu/" title="GELU: f and f′, live figure" '
        'width="100%" height="460" style="border:0" loading="lazy"></iframe>'
    )
    assert len(shown(site, "en")["listener"].strip().splitlines()) <= 8, "six lines between the tags"


def test_reveal_comes_with_its_licence() -> None:
    files = [path for path in (EXAMPLES / "dist").rglob("*") if path.is_file()]
    assert "Hakim El Hattab" in (EXAMPLES / "dist" / "LICENSE").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in files) < 250_000


# --- Planted faults ---------------------------------------------------------------------------------------------------

GOOD = '<iframe src="https://SITE/en/embed/gelu/?with=elu&amp;alpha=2&amp;show=f,df" title="GELU, ELU: f"></iframe>'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("", "", ""),
        ("https://SITE/", "https://example.org/", "no such figure"),
        ("/en/", "/zh/", "no such figure"),
        ("/gelu/", "/glue/", "no such figure"),
        ("with=elu", "with=elo", "no such figure"),
        ("alpha=2", "alfa=2", "no such parameter"),
        ("f,df", "f,dx", "no such parameter"),
        ("GELU, ELU", "GLU", "does not name it"),
    ],
)
def test_a_wrong_frame_is_found(old: str, new: str, says: str) -> None:
    faults = list(wrong_frames(GOOD.replace(old, new), "en"))
    assert bool(faults) == bool(says)
    assert not says or any(says in fault for fault in faults)


def test_a_lost_address_is_found(site: Path) -> None:
    code = "https://SITE/ https://SITE/figures/gelu.svg, https://SITE/en/functions/elu/。 https://SITE/figures/gone.svg"
    assert list(lost_addresses(code, site)) == ["https://SITE/figures/gone.svg leads nowhere"]


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ('<svg width="300" height="200"><path d="M0 0L300 200L300 0L0 200Z" stroke="red" fill="#00f8"/></svg>', ""),
        ("<p>a page without a figure</p>", "no drawing"),
        ('<svg width="20" height="20"></svg>', "no drawing"),
        ('<svg width="300" height="200"></svg>', "blank"),
        ('<svg width="3000" height="200"><path d="M0 0L300 200" stroke="red"/></svg>', "sideways"),
        ('<svg width="300" height="2000"><path d="M0 0L300 200" stroke="red"/></svg>', "higher than its frame"),
    ],
)
def test_a_dead_figure_is_found(inside: str, says: str, browser: Browser, tmp_path: Path) -> None:
    head = "<!doctype html><meta charset=utf-8><body style='margin:0'>"
    (tmp_path / "inside.html").write_text(head + inside, encoding="utf-8")
    (tmp_path / "index.html").write_text(f'{head}<iframe src="inside.html" width="500" height="300"></iframe>')
    with served(tmp_path) as home, looking(browser, home) as (page, _):
        page.goto(home, wait_until="networkidle")
        faults = list(dead_figure(page.query_selector("iframe"), follows=True))
    assert bool(faults) == bool(says)
    assert not says or any(says in fault for fault in faults)


def test_an_empty_frame_and_a_lost_image_are_found(browser: Browser, tmp_path: Path) -> None:
    html = '<!doctype html><iframe></iframe><img src="gone.png" alt="a picture">'
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    with served(tmp_path) as home, looking(browser, home) as (page, faults):
        page.goto(home, wait_until="networkidle")
        assert list(dead_figure(page.query_selector("iframe"), follows=False)) == ["nothing was loaded"]
        assert list(unloaded_images(page))
    assert faults
