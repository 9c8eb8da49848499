"""The cheat sheets and handouts on paper: as many pages as promised, A4, fonts embedded, nothing missing, nothing
beyond its sheet. Each checker is shown to reject a planted fault."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from conftest import ROOT
from truecurve import catalog, paper

LANGUAGES = ("zh", "en")
ENTRIES = catalog().functions
FAMILIES = list(dict.fromkeys(entry.family for entry in ENTRIES))
SHEETS = [f"{language}/{name}" for language in LANGUAGES for name in ("cheatsheet", *FAMILIES)]
A4 = (210 * 72 / 25.4, 297 * 72 / 25.4)
CHINESE = re.compile("CJK|Han|PingFang|YaHei|Song|Hei")
"""In the names of fonts that have Chinese characters."""
ROOM = 15 * 96 / 25.4
"""What a question leaves for an answer, at least: 15 mm in CSS pixels."""

BEYOND = """() => [...document.querySelectorAll(".tc-sheet")].flatMap((sheet, number) => {
  const box = sheet.getBoundingClientRect(), found = [];
  if (Math.abs(box.width - 210 * 96 / 25.4) > 1 || Math.abs(box.height - 297 * 96 / 25.4) > 1)
    found.push(`sheet ${number}: ${box.width} x ${box.height} px`);
  if (sheet.scrollWidth > sheet.clientWidth) found.push(`sheet ${number}: ${sheet.scrollWidth} px wide`);
  for (const element of sheet.querySelectorAll("*")) {
    const one = element.getBoundingClientRect(), hidden = element.closest(".katex-mathml, .tc-hidden");
    if (hidden || element.ownerSVGElement || !one.width || !one.height) continue;
    const over = [one.right - box.right, one.bottom - box.bottom, box.left - one.left, box.top - one.top];
    if (Math.max(...over) > 0.5)
      found.push(`sheet ${number}: <${element.tagName.toLowerCase()} class="${element.className}"> lies outside`);
  }
  return found;
})"""
CUT = """() => [...document.querySelectorAll(".tc-sheet *")]
  .filter(element => element.clientWidth && element.scrollWidth > element.clientWidth + 1)
  .filter(element => !element.closest("svg, .katex"))
  .map(element => `${element.className}: ${element.scrollWidth} px in ${element.clientWidth}`)"""
SMALL = """() => [...document.querySelectorAll(".tc-sheet-formulas .katex")]
  .map(formula => parseFloat(getComputedStyle(formula).fontSize) * 0.75)
  .filter(points => points < 6.5).map(points => `a formula of ${points} pt`)"""
CROWDED = f"""() => [...document.querySelectorAll(".tc-lines")]
  .map(lines => lines.getBoundingClientRect().height)
  .filter(height => height < {ROOM}).map(height => `room of ${{height}} px`)"""
DARK = """() => [...document.querySelectorAll(".tc-sheet, .tc-sheet h1, .tc-sheet p")].flatMap(element => {
  const [red, green, blue] = getComputedStyle(element).color.match(/[0-9.]+/g).map(Number);
  return red + green + blue > 400 ? [`${element.tagName} is as light as ${getComputedStyle(element).color}`] : [];
})"""


@pytest.fixture(scope="module")
def printed(site: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them, as `make handouts` prints them."""
    folder = tmp_path_factory.mktemp("handouts")
    done = subprocess.run(
        [sys.executable, "scripts/handouts.py", "--site", site, "--into", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(SHEETS)
    return folder


# --- The checks: each gives a sentence for every fault ----------------------------------------------------------------


def fonts(pdf: PdfReader) -> dict[str, bool]:
    """Every font by name, and whether the file carries it. Type 3 fonts are made of drawings, which it contains."""
    found = {}
    for page in pdf.pages:
        for reference in page["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            for one in (found_font.get_object() for found_font in font.get("/DescendantFonts", [font])):
                descriptor = one.get("/FontDescriptor", {})
                descriptor = descriptor.get_object() if hasattr(descriptor, "get_object") else descriptor
                carried = "/CharProcs" in one or any(key.startswith("/FontFile") for key in descriptor)
                found[str(descriptor.get("/FontName", one.get("/BaseFont", "?")))] = carried
    return found


def poor_paper(pdf: PdfReader, pages: int, language: str) -> Iterator[str]:
    """Page count, size, fonts."""
    if len(pdf.pages) != pages:
        yield f"{len(pdf.pages)} pages instead of {pages}"
    for page in pdf.pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        if any(abs(got - want) > 1 for got, want in zip(size, A4, strict=True)):
            yield f"a page of {size} points is not A4"
    found = fonts(pdf)
    yield from (f"{name} is not embedded" for name, carried in found.items() if not carried)
    if language == "zh" and not any(CHINESE.search(name) for name in found):
        yield f"no Chinese font among {', '.join(found)}"


def missing(pdf: PdfReader, wanted: Iterable[str]) -> list[str]:
    """What the text of the file lacks, blanks and the forms of characters aside."""

    def plain(text: str) -> str:
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))

    text = plain("".join(page.extract_text() for page in pdf.pages))
    return [one for one in wanted if plain(one) not in text]


def poor_layout(page: Page) -> list[str]:
    """With the media of paper: what lies outside of its sheet, is cut, too small or too light, or leaves no room."""
    page.emulate_media(media="print")
    page.evaluate("document.fonts.ready")
    return [fault for check in (BEYOND, CUT, SMALL, CROWDED, DARK) for fault in page.evaluate(check)]


# --- The sheets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHEETS)
def test_sheet_on_paper(name: str, printed: Path) -> None:
    language, _, sheet = name.partition("/")
    pdf = PdfReader(printed / f"{name}.pdf")
    assert not list(poor_paper(pdf, 2 if sheet == "cheatsheet" else 1, language))
    members = [entry for entry in ENTRIES if sheet in ("cheatsheet", entry.family)]
    assert not missing(pdf, [entry.name.short for entry in members])
    if sheet == "cheatsheet":
        assert len(members) == len(ENTRIES) > 30
    if name == "en/cheatsheet":  # some Chinese characters come back as radicals of the same shape
        assert not missing(pdf, [entry.name.en for entry in ENTRIES])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SHEETS)
def test_layout(name: str, scheme: str, site: Path, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme=scheme)
    page = context.new_page()
    page.goto(paper.sheets(site)[name].resolve().as_uri())
    assert page.evaluate("document.body.dataset.mdColorScheme") == {"light": "default", "dark": "slate"}[scheme]
    faults = poor_layout(page)
    context.close()
    assert not faults


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_handout_has_what_a_lesson_needs(language: str, family: str, site: Path) -> None:
    html = paper.sheets(site)[f"{language}/{family}"].read_text(encoding="utf-8")
    sheet = html[html.index('<section class="tc-sheet') : html.index("</section>")]
    assert len(re.findall("<figure", sheet)) == 2
    assert len(re.findall('class="tc-lines"', sheet)) == 2
    statements = sheet[sheet.index('<ul class="tc-sheet-statements"') :]
    assert len(re.findall("<li", statements[: statements.index("</ul>")])) == 3
    answers = sheet[sheet.index('<details class="tc-question tc-answers"') :]
    assert len(re.findall(r"<strong>[12]\.</strong>", answers)) == 2
    members = [entry for entry in ENTRIES if entry.family == family]
    assert len(re.findall('class="tc-sheet-formulas', sheet)) == len(members)


def test_every_sheet_is_linked(site: Path) -> None:
    for language in LANGUAGES:
        html = (site / language / "teaching" / "index.html").read_text(encoding="utf-8")
        for target in ("../cheatsheet/", *(f"../handouts/{family}/" for family in FAMILIES)):
            assert f'href="{target}"' in html
        for family in FAMILIES:
            html = (site / language / "families" / family / "index.html").read_text(encoding="utf-8")
            assert f'href="../../handouts/{family}/"' in html


def test_without_a_site_the_script_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/handouts.py", "--site", tmp_path, "--into", tmp_path / "out"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "run make site" in done.stderr or "no browser found" in done.stderr
    assert not (tmp_path / "out").exists()


# --- Planted faults ---------------------------------------------------------------------------------------------------

SHEET = """<!doctype html><meta charset=utf-8><style>
@page {{ size: {paper}; margin: 0 }} body {{ margin: 0 }}
.tc-sheet {{ width: 210mm; height: 297mm; position: relative; display: flow-root; color: {ink} }}
.tc-sheet + .tc-sheet {{ break-before: page }}
.tc-lines {{ height: 30mm }}
</style>{body}"""
GOOD = '<section class="tc-sheet"><p>ReLU 修正线性单元</p><div class="tc-lines"></div></section>'


def made(folder: Path, body: str = GOOD, size: str = "A4", ink: str = "#1d2330") -> Path:
    path = folder / "sheet.html"
    path.write_text(SHEET.format(paper=size, ink=ink, body=body), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "size", "says"),
    [
        (GOOD, "A4", ""),
        (GOOD * 2, "A4", "2 pages instead of 1"),
        (GOOD, "letter", "is not A4"),
        ('<section class="tc-sheet"><p>ReLU</p></section>', "A4", "no Chinese font"),
    ],
)
def test_poor_paper_is_found(body: str, size: str, says: str, tmp_path: Path, chromium: str) -> None:
    paper.write_pdf(made(tmp_path, body, size), tmp_path / "sheet.pdf", chromium)
    faults = list(poor_paper(PdfReader(tmp_path / "sheet.pdf"), 1, "zh"))
    assert bool(faults) == bool(says)
    assert not says or any(says in fault for fault in faults)


def test_a_font_that_is_left_out_is_found(tmp_path: Path, chromium: str) -> None:
    paper.write_pdf(made(tmp_path), tmp_path / "sheet.pdf", chromium)
    pdf = PdfReader(tmp_path / "sheet.pdf")
    for reference in pdf.pages[0]["/Resources"]["/Font"].values():
        font = reference.get_object()
        font.pop("/CharProcs", None)
        for one in (found.get_object() for found in font.get("/DescendantFonts", [font])):
            descriptor = one["/FontDescriptor"].get_object()
            for key in [key for key in descriptor if key.startswith("/FontFile")]:
                descriptor.pop(key)
    assert any("is not embedded" in fault for fault in poor_paper(pdf, 1, "zh"))


def test_a_name_that_is_missing_is_found(tmp_path: Path, chromium: str) -> None:
    paper.write_pdf(made(tmp_path), tmp_path / "sheet.pdf", chromium)
    assert missing(PdfReader(tmp_path / "sheet.pdf"), ["ReLU", "修正线性单元", "GELU"]) == ["GELU"]


def test_a_page_that_cannot_be_printed_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="was not printed"):
        paper.write_pdf(tmp_path / "nothing.html", tmp_path / "sheet.pdf", sys.executable)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("", ""),
        ('<div style="position:absolute; top:290mm; height:10mm; width:1mm">x</div>', "lies outside"),
        ('<div style="position:absolute; left:205mm; top:0; height:1mm; width:10mm">x</div>', "lies outside"),
        ('<div style="height:300mm; width:1mm">x</div>', "lies outside"),
        ('<div style="width:20mm; overflow:hidden; white-space:nowrap">a line that is too long for it</div>', "px in"),
        ('<div class="tc-sheet-formulas"><span class="katex" style="font-size:6pt">x</span></div>', "formula of 6 pt"),
        ('<div class="tc-lines" style="height:10mm"></div>', "room of"),
        ('<p style="color:#eee">x</p>', "as light as"),
    ],
)
def test_poor_layout_is_found(fault: str, says: str, tmp_path: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(made(tmp_path, GOOD.replace("</section>", f"{fault}</section>")).as_uri())
    faults = poor_layout(page)
    page.close()
    assert bool(faults) == bool(says)
    assert not says or any(says in one for one in faults)
