"""Row 9 of the ladder: both languages of every page have the same headings, ids, formulas, numbers, figures, code and
links, no element is empty, and each is written in its own language. The checker rejects planted faults."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
import yaml

import truecurve
from truecurve import describe, pages

ROOT = Path(__file__).resolve().parents[1]
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "rect", "line", "circle", "use", "source", "wbr"}
MUST_SPEAK = {
    "p",
    "li",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "summary",
    "dt",
    "dd",
    "figcaption",
    "caption",
    "code",
    "a",
    "button",
}
NUMBER = re.compile(r"[−-]?\d+(?:[.,\u202f]\d+)*(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
SYMBOL = re.compile(r"\\\(\s*\\?[A-Za-z]+'*\s*\\\)")  # a pronoun may stand for it in the other language
HAN = re.compile(r"[\u3400-\u9fff]")
SUBJECTS = truecurve.catalog().subjects
SLUGS = ["index", "functions/index", "layers", "compare", "table", "verification", "data", "cheatsheet"]
SLUGS += [one.page.removesuffix(".md") for one in SUBJECTS]
FUNCTIONS = truecurve.catalog().functions
SLUGS += [f"handouts/{family}" for family in dict.fromkeys(entry.family for entry in FUNCTIONS)]


def own(text: str) -> str:
    """A snippet or an address without what must differ: the folder of the language, titles and alt texts."""
    text = re.sub(r"((?:^site:|/))(?:zh|en)/", r"\1L/", text)
    return re.sub(r'(title|alt)="[^"]+"|!\[[^\]]+\]', r"\1", text)


LANGUAGE = re.compile(r"(?<=/)(zh|en)(?=/)")
"""In an address: the folder of a language."""


@dataclass
class Page(HTMLParser):
    """What one page says, read from its HTML."""

    html: str
    headings: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    formulas: set[tuple[str, str]] = field(default_factory=set)
    links: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        super().__init__()
        self.open: list[list] = []  # [tag, attributes, text, has a picture]
        self.feed(self.html)

    @property
    def text(self) -> str:
        return "".join(self.texts.values())

    @property
    def section(self) -> str:
        return self.headings[-1] if self.headings else ""

    @property
    def numbers(self) -> set[tuple[str, str]]:
        """With the section they stand in. Prose may spell out small whole numbers; other cells are compared whole."""
        found = {(name, number) for name, text in self.texts.items() for number in NUMBER.findall(text)}
        return {(name, number) for name, number in found if not number.isdigit() or int(number) > 12}

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.append(found["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(f"{tag}#{found.get('id')}")
        if tag == "a":
            self.links[own(found.get("href", ""))] += 1
        if tag == "svg":
            self.figures.append(re.sub(r"\s+", " ", str(sorted(i for i in found.items() if i[0] != "aria-label"))))
            self.alts.append(found.get("aria-label") or "")
            for step in self.open:
                step[3] = True
        if tag not in VOID:
            self.open.append([tag, found, "", False])

    def handle_startendtag(self, tag, attributes):
        if "id" in dict(attributes):
            self.ids.append(dict(attributes)["id"])

    def handle_data(self, data):
        for step in self.open:
            step[2] += data
        tags = {step[0] for step in self.open}
        classes = {name for step in self.open for name in (step[1].get("class") or "").split()}
        if not tags & {"svg", "pre", "code", "option"} and not classes & {
            "arithmatex",
            "tc-aliases",
            "tc-fullname",
            "tc-card-full",
        }:
            self.texts[self.section] = self.texts.get(self.section, "") + data
        elif "pre" not in tags and "svg" not in tags:
            self.texts[self.section] = self.texts.get(self.section, "") + " "

    def handle_endtag(self, tag):
        while self.open:
            name, attributes, text, picture = self.open.pop()
            filled_later = "hidden" in attributes or any(step[0] == "template" for step in self.open)
            if name in MUST_SPEAK and not text.strip() and not picture and not filled_later:
                self.empty.append(f"<{name}> after {self.text.strip()[-40:]!r}")
            if "arithmatex" in (attributes.get("class") or ""):
                self.formulas |= {(self.section, text)} if not SYMBOL.fullmatch(text) else set()
            if name == "pre":
                self.code.append(own(text))
            if name == "td":
                numbers = NUMBER.findall(text)
                if any("tc-prose" in (step[1].get("class") or "") for step in self.open):
                    numbers = sorted(n for n in numbers if not n.isdigit() or int(n) > 12)
                self.cells.append(" ".join(numbers))
            if name == tag:
                return


def neutral(code: str, language: str) -> str:
    """Code with the words that examples take from the locale as their keys, and addresses without the language."""
    words = vars(describe.words(language).teaching)
    code = re.sub(r'title="[^"]*"', "title", LANGUAGE.sub("L", code)).replace(f'lang="{words["lang"]}"', "lang")
    for key in ("alt", "notebook", "credit"):
        code = code.replace(words[key].format(name="GELU"), key)
    return code


def differences(zh: str, en: str) -> list[str]:
    """Everything in which two HTML pages that should be one another's translation disagree, as sentences."""
    left, right = Page(zh), Page(en)
    for page, language in ((left, "zh"), (right, "en")):
        page.code = [neutral(one, language) for one in page.code]
        page.links = Counter(LANGUAGE.sub("L", href) for href in page.links.elements())
    found = []
    for what in ("headings", "ids", "figures", "code", "cells"):
        ours, theirs = getattr(left, what), getattr(right, what)
        if ours != theirs:
            pair = next(((a, b) for a, b in zip(ours, theirs, strict=False) if a != b), (len(ours), len(theirs)))
            found.append(f"{what} differ: zh {pair[0]!r}, en {pair[1]!r}")
    for what in ("formulas", "numbers", "links"):
        ours, theirs = getattr(left, what), getattr(right, what)
        if ours != theirs:
            only = [
                list(some - others) if isinstance(some, set) else dict(some - others)
                for some, others in ((ours, theirs), (theirs, ours))
            ]
            found.append(f"{what} differ: only zh {only[0]}, only en {only[1]}")
    for language, page in (("zh", left), ("en", right)):
        found += [f"{language}: empty {element}" for element in page.empty]
        found += [f"{language}: a figure without alt text" for alt in page.alts if not alt.strip()]
        found += [f"{language}: id {name!r} occurs {n} times" for name, n in Counter(page.ids).items() if n > 1]
    found += [f"zh: alt text without Chinese: {alt}" for alt in left.alts if alt and not HAN.search(alt)]
    found += [f"en: Chinese in {piece!r}" for piece in re.findall(r".{0,20}[\u3400-\u9fff]+.{0,20}", right.text)]
    found += [f"en: Chinese in the alt text {alt}" for alt in right.alts if HAN.search(alt)]
    # Cells of tables hold names and numbers, so only the text around them has to be in Chinese.
    around = len(re.findall(r"\w", left.text)) - len(re.findall(r"\w", "".join(left.cells)))
    if len(HAN.findall(left.text)) < 0.25 * around:
        found.append("zh: hardly any Chinese")
    return found


@pytest.fixture(scope="session")
def to_html():
    """Markdown to HTML with the extensions and settings of mkdocs.yml."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    config = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)
    settings = {}
    for extension in config["markdown_extensions"]:
        settings |= extension if isinstance(extension, dict) else {extension: {}}

    @cache
    def convert(text: str) -> str:
        body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
        return markdown.markdown(body, extensions=list(settings), extension_configs=settings)

    return convert


@pytest.mark.parametrize("slug", SLUGS)
def test_both_languages_agree(slug, rendered, to_html):
    zh, en = (to_html(rendered[f"{language}/{slug}.md"]) for language in pages.LANGUAGES)
    assert differences(zh, en) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_front_matter(slug, rendered):
    """Each page has its own title and description, in its own language, and a preview image."""
    for language in pages.LANGUAGES:
        meta = yaml.safe_load(rendered[f"{language}/{slug}.md"].split("---\n")[1])
        assert meta["title"].strip()
        assert 20 <= len(meta["description"]) <= 400
        assert bool(HAN.search(meta["description"])) == (language == "zh")
        assert meta["image"].startswith("figures/")
        others = [
            text for path, text in rendered.items() if path.startswith(language) and path != f"{language}/{slug}.md"
        ]
        assert not any(f"description: {meta['description']}" in text for text in others)


@pytest.mark.parametrize("entry", truecurve.catalog(), ids=lambda entry: entry.id)
def test_sections_in_order(entry, rendered, to_html):
    """The order of the sections is the same on every page, and a section without content is absent."""
    order = list(yaml.safe_load((ROOT / "src/truecurve/locales/en.yaml").read_text(encoding="utf-8"))["headings"])
    order = [name.replace("_", "-") for name in order]
    ids = [
        h.partition("#")[2] for h in Page(to_html(rendered[f"zh/functions/{entry.id}.md"])).headings if h[:2] == "h2"
    ]
    assert ids == [name for name in order if name in ids]
    optional = {"facts", "parameters", "used-by", "comparisons", "numerics"}
    assert set(order) - optional <= set(ids)
    assert ("parameters" in ids) == bool(entry.parameters or getattr(entry, "arrays", ()))
    assert ("used-by" in ids) == bool(entry.used_by)


@pytest.mark.parametrize("entry", truecurve.catalog(), ids=lambda entry: entry.id)
def test_every_item_has_its_anchor(entry, rendered, to_html):
    ids = set(Page(to_html(rendered[f"en/functions/{entry.id}.md"])).ids)
    wanted = {f"form-{item.id}" for item in getattr(entry, "forms", [])} | {
        f"property-{item.id}" for item in entry.properties
    }
    wanted |= {f"mistake-{item.id}" for item in entry.mistakes} | {f"q-{item.id}" for item in entry.questions}
    wanted |= {f"sample-{item.id}" for item in entry.samples} | {"intuition", "figure-main", entry.id}
    wanted |= {f"figure-{item.id}" for item in entry.comparisons}
    wanted |= {f"ref-{item if isinstance(item, str) else item.id}" for item in entry.references}
    assert wanted <= ids


@pytest.mark.parametrize("guide", truecurve.catalog().guides, ids=lambda guide: guide.prefix)
def test_every_part_of_a_guide_has_its_anchor(guide, rendered, to_html):
    page = Page(to_html(rendered[f"en/{guide.page}"]))
    wanted = {*guide.anchors(), *(f"ref-{item if isinstance(item, str) else item.id}" for item in guide.references)}
    assert wanted <= set(page.ids)
    assert len(page.figures) >= len(guide.comparisons)


def test_a_comparison_tells_what_its_curves_are(rendered, to_html):
    """The legend names every curve, leads to the page of the function, and shows the formula."""
    html = to_html(rendered["en/functions/elu.md"])
    figure = re.search(r'<figure[^>]*id="figure-with-selu-and-celu".*?</figure>', html, re.DOTALL)[0]
    rows = re.findall(r"<li>(.*?)</li>", figure, re.DOTALL)
    assert len(rows) == 5
    assert ["arithmatex" in row for row in rows] == [True, True, True, False, True], (
        "a label such as -1 says it already"
    )
    assert [re.findall(r'href="([^"]*)"', row) for row in rows] == [["elu.md"], ["selu.md"], ["celu.md"], [], []]


def test_links_lead_to_pages_and_anchors(rendered, to_html):
    """Links between pages and to figures, resolved as MkDocs resolves them; external links are https."""
    anchors = {path: set(Page(to_html(text)).ids) for path, text in rendered.items() if path.endswith(".md")}
    for path in anchors:
        for href in Page(to_html(rendered[path])).links:
            if href.startswith("https://"):
                continue
            target, _, anchor = href.partition("#")
            target = target.partition("?")[0]
            target = target.replace("site:L/", f"/docs/{path[:2]}/").replace("site:", "/docs/")
            target = target.replace("/L/", f"/{path[:2]}/")
            where = str(Path("/docs", path).parent.joinpath(target).resolve().relative_to("/docs")) if target else path
            if where.partition("/")[0] in ("figures", "data", "api", "formulas", "notebooks", "llms.txt"):
                continue  # that they exist, mkdocs --strict sees
            if "/embed/" in where or (where in rendered and not where.endswith(".md")):
                continue  # pages of their own, whose links test_site.py follows
            assert where in anchors, f"{path}: {href}"
            recorded = not (anchor == "entries" and where.endswith("verification.md"))
            assert not anchor or not recorded or anchor in anchors[where], f"{path}: {href}"


def test_every_name_finds_its_page(rendered):
    """Search indexes paragraphs: API names and spellings stand in one on the page of the function."""
    for entry in truecurve.catalog():
        for language in pages.LANGUAGES:
            line = next(
                x for x in rendered[f"{language}/functions/{entry.id}.md"].splitlines() if 'class="tc-aliases"' in x
            )
            assert entry.id in line
            assert entry.id.replace("_", "") in line
            if entry.torch.module:
                assert f"<code>{entry.torch.module.removeprefix('torch.')}</code>" in line
    for word, slug in (
        ("激活函数", "functions/index"),
        ("非线性", "functions/index"),
        ("梯度消失", "index"),
        ("饱和", "index"),
    ):
        assert word in rendered[f"zh/{slug}.md"]
    assert "nonlinearity" in rendered["en/functions/index.md"]


def test_code_is_shown_unchanged(rendered):
    """Blank lines, indentation and every character of the NumPy source survive."""
    from truecurve import snippets

    for entry in truecurve.catalog():
        for language in pages.LANGUAGES:
            assert snippets.source(entry).strip() in rendered[f"{language}/functions/{entry.id}.md"]


def test_redirect_offers_plain_links(rendered):
    page = rendered["index.html"]
    assert 'href="zh/index.html"' in page
    assert 'href="en/index.html"' in page


FAULTS = {
    "a heading less": (r"<h2 id=\"derivative\">.*?</h2>", "", "headings differ"),
    "another anchor": ('id="form-', 'id="fomr-', "ids differ"),
    "another formula": (r"\operatorname{", r"\operatornam{", "formulas differ"),
    "another number in a table": ("<td>0", "<td>7", "cells differ"),
    "another number in prose": ("0.16", "0.17", "numbers differ"),
    "a link less": (r'<a class="tc-plain" href="index\.md">(.*?)</a>', r"\1", "links differ"),
    "a figure less": (r"<svg .*?</svg>", "", "figures differ"),
    "no alt text": (r'aria-label="[^"]+"', 'aria-label=""', "without alt text"),
    "an empty paragraph": ("<h2 ", "<p> </p><h2 ", "empty <p>"),
    "code for the other language": ("<pre", '<pre>lang="en-GB"</pre><pre', "code differ"),
    "other code": (">print</span>", ">pront</span>", "code differ"),
    "an id twice": ("<h2 ", '<p id="definition">0</p><h2 ', "occurs 2 times"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("side", [0, 1], ids=pages.LANGUAGES)
def test_checker_rejects(fault, side, rendered, to_html):
    """Each fault, planted once into a real page of either language, is reported."""
    pair = [to_html(rendered[f"{language}/functions/elu.md"]) for language in pages.LANGUAGES]
    old, new, said = FAULTS[fault]
    pattern = old if fault in ("a heading less", "a link less", "a figure less", "no alt text") else re.escape(old)
    changed = re.sub(pattern, lambda m: m.expand(new) if r"\1" in new else new, pair[side], count=1, flags=re.DOTALL)
    assert changed != pair[side]
    pair[side] = changed
    assert any(said in sentence for sentence in differences(*pair))


def test_checker_rejects_the_wrong_language(rendered, to_html):
    zh, en = (to_html(rendered[f"{language}/functions/elu.md"]) for language in pages.LANGUAGES)
    assert any("hardly any Chinese" in sentence for sentence in differences(en, en))
    assert any("Chinese in" in sentence for sentence in differences(zh, zh))
