"""The site in Chromium: no error, no foreign request, nothing inaccessible, nothing wider than the screen, formulas in
fonts of their own. Each check is shown to reject a planted fault."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from visits import LANGUAGES, SCHEMES, WIDTHS, Visit

PAGES = (
    "",
    "functions/",
    "functions/elu/",
    "families/rectified/",
    "compare/",
    "choose/",
    "basics/",
    "table/",
    "teaching/",
    "cheatsheet/",
    "handouts/rectified/",
    "data/",
    "verification/",
)


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
