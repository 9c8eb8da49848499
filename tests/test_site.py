"""The built HTML, without a browser: links, languages, resources, descriptions, glyphs, search, and equal bytes. Each
check is shown to reject a planted fault."""

import base64
import gzip
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from conftest import ROOT, build
from truecurve import fonts, formulas

LANGUAGES = {"zh": "zh-CN", "en": "en"}
OUTSIDE = re.compile(r"(index|404)\.html|(zh|en)/embed/.*|examples/.*")
"""Pages that speak both languages, stand in frames, or are not ours to lead on from."""
LOADS = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data"), ("embed", "src")}


@dataclass
class Page(HTMLParser):
    """What the checks need of a page."""

    path: Path
    languages: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    headings: list[int] = field(default_factory=list)
    switch: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.html = self.path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.languages.append(given.get("lang", ""))
        if "id" in given:
            self.ids.append(given["id"])
        if tag in ("a", "area"):
            self.links.append(given.get("href", "#"))
            if "data-tc-switch" in given:
                self.switch = given["href"]
        if tag == "link" and given.get("rel") in ("canonical", "alternate"):
            self.links.append(given["href"])
        elif tag == "link":
            self.loads.append(given["href"])
        self.loads += [given[name] for element, name in LOADS if element == tag and name in given]
        if tag == "meta" and (name := given.get("name") or given.get("property")):
            self.meta[name] = given.get("content", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "title" and not self.title:
            self.title = data.strip()


@cache
def read(path: Path) -> Page:
    return Page(path)


def pages(site: Path) -> Iterator[Page]:
    return (read(path) for path in sorted(site.rglob("*.html")))


def target(site: Path, page: Path, link: str) -> Path | str:
    """The file a relative link leads to, or why it leads to none."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "mailto", "doi"):
        return page
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return "does not work below a path or from a file"
    found = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if found.is_dir():
        found /= "index.html"
    if not found.is_relative_to(site.resolve()) or not found.is_file():
        return "leads nowhere"
    if parts.fragment and found.suffix == ".html" and unquote(parts.fragment) not in read(found).ids:
        return "has no such anchor"
    return found


# --- The checks: each gives a sentence for every fault of a site ------------------------------------------------------


def broken_links(site: Path) -> Iterator[str]:
    for page in pages(site.resolve()):
        for link in page.links:
            if isinstance(why := target(site, page.path, link), str):
                yield f"{page.path}: {link} {why}"


def foreign_loads(site: Path) -> Iterator[str]:
    """Anything that a page or a style sheet loads must lie in the site."""
    for page in pages(site.resolve()):
        for load in page.loads:
            if load.startswith("data:"):
                continue
            if urlsplit(load).scheme or isinstance(target(site, page.path, load), str):
                yield f"{page.path}: loads {load}"
    for sheet in sorted(site.resolve().rglob("*.css")):
        css = sheet.read_text(encoding="utf-8")
        for url in re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", css):
            load = url[0] or url[1]
            if load.startswith(("data:", "#")):
                continue
            if urlsplit(load).scheme or isinstance(target(site, sheet, load), str):
                yield f"{sheet}: loads {load}"


def wrong_languages(site: Path) -> Iterator[str]:
    """A page of a language says so, links to pages of its own only, and its switch leads to itself in the other."""
    site = site.resolve()
    for page in pages(site):
        name = page.path.relative_to(site).as_posix()
        language, _, slug = name.partition("/")
        if OUTSIDE.fullmatch(name):
            continue
        other = next(name for name in LANGUAGES if name != language)
        if page.languages != [LANGUAGES[language]]:
            yield f"{name}: says it is in {page.languages}"
        if target(site, page.path, page.switch) != site / other / slug:
            yield f"{name}: the switch leads to {page.switch!r}"
        for link in page.links:
            to = target(site, page.path, link)
            if isinstance(to, Path) and to.is_relative_to(site / other) and link != page.switch:
                yield f"{name}: links to {link} in the other language"


def poor_heads(site: Path) -> Iterator[str]:
    """Title, description and preview of its own for every page; one h1, no level left out; no id twice."""
    site = site.resolve()
    seen: dict[tuple[str, str], str] = {}
    for page in pages(site):
        name = page.path.relative_to(site).as_posix()
        if OUTSIDE.fullmatch(name):
            continue
        if not isinstance(target(site, page.path, page.meta.get("og:image", "?")), Path):
            yield f"{name}: no og:image"
        for key in ("description", "og:title", "og:description"):
            if not page.meta.get(key, "").strip():
                yield f"{name}: no {key}"
        for key, value in (("title", page.title), ("description", page.meta.get("description", ""))):
            if (key, value) in seen:
                yield f"{name}: the same {key} as {seen[key, value]}"
            seen[key, value] = name
        steps = zip(page.headings, page.headings[1:], strict=False)
        if page.headings[:1] != [1] or page.headings.count(1) > 1 or any(b > a + 1 for a, b in steps):
            yield f"{name}: headings of the levels {page.headings}"
        if twice := [one for one, count in Counter(page.ids).items() if count > 1]:
            yield f"{name}: ids given twice: {twice}"


def raw_formulas(site: Path) -> Iterator[str]:
    for page in pages(site.resolve()):
        text = re.sub(r"<(script|pre|code|style|annotation)\b.*?</\1>", "", page.html, flags=re.DOTALL)
        if "katex-error" in page.html or re.search(r"\\[(\[]", text):
            yield f"{page.path}: a formula that is not rendered"


def served_fonts(site: Path) -> dict[str, bytes]:
    """The font files, and those that stand in the style sheet, by the name of the file."""
    folder = site / "assets" / "katex"
    found = {path.stem: path.read_bytes() for path in folder.glob("fonts/*.woff2")}
    for face in re.findall(r"@font-face\{([^}]*)\}", (folder / "katex.min.css").read_text(encoding="utf-8")):
        if within := re.search(r"url\(data:font/woff2;base64,([^)]*)\)", face):
            bold = "Bold" if re.search(r"font-weight:(700|bold)", face) else ""
            style = bold + ("Italic" if "font-style:italic" in face else "") or "Regular"
            found[f"{re.search(r'font-family:(KaTeX_[A-Za-z0-9]+)', face)[1]}-{style}"] = base64.b64decode(within[1])
    return found


def missing_glyphs(site: Path) -> Iterator[str]:
    """Each formula's characters must be in the font file that shows them; a file that shows none is too much."""
    used = fonts.glyphs(page.html for page in pages(site.resolve()))
    served = {name: TTFont(BytesIO(data)).getBestCmap() for name, data in served_fonts(site).items()}
    for (family, face), characters in used.items():
        has = served.pop(f"KaTeX_{family}-{face}", {})
        if missing := {one for one in characters if ord(one) not in has and one != "\u200b"}:
            yield f"{family}-{face} lacks {' '.join(sorted(missing))}"
    yield from (f"{name} is not used" for name in served)


def poor_index(site: Path) -> Iterator[str]:
    """Each language's index holds all its pages and no other; its links resolve from the language's folder."""
    site = site.resolve()
    for language in LANGUAGES:
        index = json.loads((site / language / "search" / "search_index.json").read_text(encoding="utf-8"))
        found = set()
        for document in index["docs"]:
            to = target(site, site / language / "index.html", document["location"] or "index.html")
            if isinstance(to, str) or not to.is_relative_to(site / language):
                yield f"{language}: {document['location']} {to}"
            else:
                found.add(to)
            if re.search(r"\\[(\[\\a-z]", document["text"].replace("\\n", "")) and "<code>" not in document["text"]:
                yield f"{language}: LaTeX in {document['location']}"
        for path in set((site / language).rglob("*.html")) - set((site / language / "embed").rglob("*.html")) - found:
            yield f"{language}: {path} cannot be found"
    if (site / "search").exists():
        yield "an index of both languages"


CHECKS = [
    broken_links,
    foreign_loads,
    wrong_languages,
    poor_heads,
    raw_formulas,
    missing_glyphs,
    poor_index,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_site(check: Callable[[Path], Iterator[str]], site: Path) -> None:
    assert not list(check(site))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_offline(check: Callable[[Path], Iterator[str]], offline: Path) -> None:
    assert not list(check(offline))


def test_both_languages_are_there(site: Path) -> None:
    slugs = {name: {path.relative_to(site / name) for path in (site / name).rglob("*.html")} for name in LANGUAGES}
    assert slugs["zh"] == slugs["en"]
    assert len(slugs["zh"]) > 12


def test_only_what_is_used_is_served(site: Path) -> None:
    names = {path.relative_to(site / "assets").as_posix() for path in (site / "assets").rglob("*") if path.is_file()}
    assert "katex/LICENSE" in names
    assert not {name for name in names if "katex.min.js" in name or "iframe-worker" in name or name.endswith(".ttf")}
    served = sum(map(len, served_fonts(site).values()))
    whole = sum(path.stat().st_size for path in (formulas.KATEX / "fonts").iterdir())
    assert served < 0.25 * whole


# --- Planted faults ---------------------------------------------------------------------------------------------------

HEAD = """<!doctype html><html lang="{lang}"><head><title>{title}</title><meta name="description" content="{title}">
<meta property="og:title" content="t"><meta property="og:description" content="d">
<meta property="og:image" content="../i.png"></head><body><h1 id="a">{title}</h1>
<a data-tc-switch href="../{other}/index.html#a">x</a>"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of two pages in which nothing is wrong."""
    (tmp_path / "i.png").touch()
    for language, other in (("zh", "en"), ("en", "zh")):
        (tmp_path / language / "search").mkdir(parents=True)
        index = {"docs": [{"location": "", "title": "", "text": "x"}]}
        (tmp_path / language / "search" / "search_index.json").write_text(json.dumps(index), encoding="utf-8")
        html = HEAD.format(lang=LANGUAGES[language], other=other, title=language) + formulas.html("x", False)
        (tmp_path / language / "index.html").write_text(html, encoding="utf-8")
    for name, data in fonts.files([html]).items():
        path = tmp_path / "assets" / "katex" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def test_a_good_site_passes(small: Path) -> None:
    assert not [fault for check in CHECKS for fault in check(small)]


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (broken_links, '<a href="nowhere.html">'),
        (broken_links, '<a href="../zh/index.html#nowhere">'),
        (broken_links, '<a href="/zh/index.html">'),
        (broken_links, '<a href="../../outside.html">'),
        (broken_links, '<a href="javascript:void(0)">'),
        (foreign_loads, '<script src="https://example.org/a.js"></script>'),
        (foreign_loads, '<script src="//example.org/a.js"></script>'),
        (foreign_loads, '<link rel="stylesheet" href="http://example.org/a.css">'),
        (foreign_loads, '<img src="missing.png">'),
        (wrong_languages, '<html lang="zh-CN">'),
        (wrong_languages, '<a href="../zh/index.html">'),
        (poor_heads, "<h3>too deep</h3>"),
        (poor_heads, "<h1>another</h1>"),
        (poor_heads, '<p id="a">twice</p>'),
        (raw_formulas, r"\(x\)"),
        (raw_formulas, r"\[x\]"),
        (raw_formulas, '<span class="katex-error">x</span>'),
        (missing_glyphs, formulas.html("y", False)),
        (missing_glyphs, formulas.html(r"\mathbf x", False)),
    ],
)
def test_a_fault_is_found(check: Callable[[Path], Iterator[str]], fault: str, small: Path) -> None:
    page = small / "en" / "index.html"
    page.write_text(page.read_text(encoding="utf-8") + fault, encoding="utf-8")
    read.cache_clear()
    assert list(check(small))


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (wrong_languages, "../zh/index.html#a", "index.html#a"),
        (wrong_languages, 'lang="en"', ""),
        (poor_heads, '"../i.png"', '"../j.png"'),
        (poor_heads, 'name="description" content="en"', 'name="description" content=""'),
        (poor_heads, 'name="description" content="en"', 'name="description" content="zh"'),
        (poor_heads, "h1", "h2"),
    ],
)
def test_a_loss_is_found(check: Callable[[Path], Iterator[str]], old: str, new: str, small: Path) -> None:
    page = small / "en" / "index.html"
    assert old in page.read_text(encoding="utf-8")
    page.write_text(page.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    read.cache_clear()
    assert list(check(small))


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (foreign_loads, "assets/a.css", "@import 'https://example.org/b.css';"),
        (foreign_loads, "assets/a.css", "a { background: url(https://example.org/b.png) }"),
        (foreign_loads, "assets/a.css", "a { background: url(missing.png) }"),
        (poor_index, "en/lost/index.html", "<html>"),
        (poor_index, "en/search/search_index.json", '{"docs": [{"location": "../zh/", "text": ""}]}'),
        (poor_index, "en/search/search_index.json", '{"docs": [{"location": "", "text": "\\\\(x\\\\)"}]}'),
        (poor_index, "search/search_index.json", "{}"),
    ],
)
def test_a_bad_file_is_found(check: Callable[[Path], Iterator[str]], path: str, text: str, small: Path) -> None:
    (small / path).parent.mkdir(parents=True, exist_ok=True)
    (small / path).write_text(text, encoding="utf-8")
    read.cache_clear()
    faults = list(check(small))
    assert faults


def test_a_font_that_nothing_uses_is_found(small: Path) -> None:
    (small / "assets" / "katex" / "fonts").mkdir(exist_ok=True)
    shutil.copy(formulas.KATEX / "fonts" / "KaTeX_Fraktur-Bold.woff2", small / "assets" / "katex" / "fonts")
    assert list(missing_glyphs(small)) == ["KaTeX_Fraktur-Bold is not used"]


# --- Formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latex", "says"),
    [
        (r"\frac{1}", r"'\\frac{1}': Unexpected end of input"),
        (r"\nonsense x", r"Undefined control sequence: \nonsense"),
        ("中", "Unicode text character"),
        (r"\href{https://example.org}{x}", r"\href is not allowed"),
        (r"\includegraphics{https://example.org/a.png}", r"\includegraphics is not allowed"),
    ],
)
def test_a_wrong_formula_is_named(latex: str, says: str) -> None:
    with pytest.raises(formulas.FormulaError, match=re.escape(says)):
        formulas.html_in(f'<p><span class="arithmatex">\\({latex}\\)</span></p>')


def test_a_character_without_a_glyph_is_named() -> None:
    page = formulas.html(r"\text{中}", False)
    with pytest.raises(formulas.FormulaError, match=r"KaTeX_Main-Regular.woff2 has no glyph for 中"):
        fonts.files([page])


def test_escapes_are_undone_once() -> None:
    made = formulas.html_in('<div class="arithmatex">\\[ x &lt; 1 &amp; y \\]</div>'.replace(" &amp; y", ""))
    assert made == f'<div class="formula">{formulas.html("x < 1", True)}</div>'
    assert '<annotation encoding="application/x-tex">x &lt; 1</annotation>' in made


def test_a_heading_of_a_table_has_a_name() -> None:
    made = formulas.html_in('<table><tr><th><span class="arithmatex">\\(f\'(0)\\)</span></th></tr></table>')
    assert '<math aria-label="f′(0)" ' in made


# --- Bytes, and the address of the site -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The site with an address, built twice: here, and in a copy elsewhere with another hash seed and no cache."""
    folder = tmp_path_factory.mktemp("published")
    copied = folder / "another" / "place"
    shutil.copytree(ROOT / "src", copied / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scripts", "overrides"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, copied)
    (copied / "docs").mkdir()
    address = "https://example.org/below/"
    build(ROOT, folder / "first", SITE_URL=address, PYTHONHASHSEED="1", TZ="UTC")
    build(copied, folder / "second", SITE_URL=address, PYTHONHASHSEED="2", TZ="Asia/Shanghai")
    return folder / "first", folder / "second"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_are_equal_in_every_byte(published: tuple[Path, Path]) -> None:
    first, second = map(files, published)
    assert set(first) == set(second)
    assert not [name for name in first if first[name] != second[name]]
    assert "sitemap.xml.gz" in first


def test_two_generated_docs_are_equal_in_every_byte(published: tuple[Path, Path]) -> None:
    here, there = files(ROOT / "docs"), files(published[1].parent / "another" / "place" / "docs")
    here.pop(".gitignore")
    assert here == there


def test_an_address_makes_previews_and_canonical_links_absolute(published: tuple[Path, Path]) -> None:
    page = read(published[0] / "zh" / "functions" / "elu" / "index.html")
    assert page.meta["og:image"] == "https://example.org/below/figures/elu.png"
    assert "https://example.org/below/zh/functions/elu/" in page.links


def test_the_sitemap_pairs_the_languages(published: tuple[Path, Path]) -> None:
    text = (published[0] / "sitemap.xml").read_bytes()
    assert gzip.decompress((published[0] / "sitemap.xml.gz").read_bytes()) == text
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    found = {}
    for url in ElementTree.fromstring(text).findall("s:url", names):
        links = url.findall("x:link", names)
        found[url.findtext("s:loc", "", names)] = {link.get("hreflang"): link.get("href") for link in links}
    base = "https://example.org/below"
    assert found[f"{base}/en/table/"] == {"zh-CN": f"{base}/zh/table/", "en": f"{base}/en/table/"}
    pages = [path.relative_to(published[0]).as_posix() for path in published[0].rglob("index.html")]
    assert len(found) == sum(not OUTSIDE.fullmatch(path) for path in pages)


def test_without_an_address_nothing_pretends_to_have_one(site: Path) -> None:
    assert not (site / "sitemap.xml").exists()
    assert not [page.path for page in pages(site.resolve()) if 'rel="canonical"' in page.html]
