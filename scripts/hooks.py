"""MkDocs hooks: generate docs/ from the catalogue, and make one build a site in two languages.

Every page takes its language from its folder. Its templates see a configuration of that language (site name, words,
navigation), and its `base_url` is the language's folder, where the search script then finds the index of that language.
"""

import copy
import json
import logging
import posixpath
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import jieba
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url, write_file

ROOT = Path(__file__).resolve().parents[1]
NOT_SERVED = ("assets/katex/",)  # on_post_build writes what the pages use of it
SEARCH = "search/search_index.json"  # below a language's folder, and from Material's plugin at the root

jieba.setLogLevel(logging.WARNING)


# --- Generating -------------------------------------------------------------------------------------------------------


def on_startup(command: str, dirty: bool) -> None:
    """Compiled copies of the NumPy files, which `mkdocs serve` watches, would set off a second build."""
    sys.dont_write_bytecode = sys.dont_write_bytecode or command == "serve"


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> None:
    """Only sources are watched: docs/ changes with every build."""
    server.unwatch(config.docs_dir)


def on_pre_build(config: MkDocsConfig) -> None:
    """Generate docs/, with the code as it now is: `mkdocs serve` runs this again after every change."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "truecurve"]:
        del sys.modules[name]
    from truecurve import site
    from truecurve.problem import InvalidCatalog

    try:
        site.write(ROOT)
    except InvalidCatalog as error:
        raise PluginError(str(error)) from error


# --- Configuration ----------------------------------------------------------------------------------------------------


@event_priority(100)
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Offline, pages are named page.html and workers run in a frame, since file:// has neither folders nor workers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    measured = sorted((ROOT / "src" / "truecurve" / "measured").glob("torch-*.json"))
    config.extra["catalogue_version"] = project["version"]
    config.extra["torch_version"] = measured[-1].stem.removeprefix("torch-") if measured else None
    if config.extra["offline"]:
        config.use_directory_urls = False
        config.extra["polyfills"] = ["assets/iframe-worker/shim.js", *config.extra["polyfills"]]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """KaTeX itself stays here: pages get what it printed."""
    for file in list(files):
        if file.src_uri.startswith(NOT_SERVED) or (
            file.src_uri.startswith("assets/iframe-worker/") and not config.extra["offline"]
        ):
            files.remove(file)
    return files


_navigations: dict[str, Navigation] = {}
_counterparts: dict[str, list[tuple[str, Page]]] = {}


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Split the navigation at its first level, the languages."""
    for section in nav.items:
        assert isinstance(section, Section)
        pages = [page for page in nav.pages if page.url.startswith(f"{section.title}/")]
        _navigations[section.title] = Navigation(section.children, pages)
        _navigations[section.title].homepage = pages[0]
        for page in pages:
            page.parent = page.previous_page = page.next_page = None
    return nav


@event_priority(-100)
def on_env(env: Any, config: MkDocsConfig, files: Files) -> Any:
    """Pages exist now: pair them across the languages."""
    pages = {file.src_uri: file.page for file in files.documentation_pages() if file.page}
    _counterparts.clear()
    for uri in pages:
        slug = uri.partition("/")[2]
        try:
            _counterparts[slug] = [(language, pages[f"{language}/{slug}"]) for language in config.extra["languages"]]
        except KeyError as error:
            raise PluginError(f"{uri} has no counterpart {error.args[0]}") from error
    return env


# --- Pages ------------------------------------------------------------------------------------------------------------


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """For the search: a page's short names weigh as much as its title (F.elu is to find ELU), its way up nothing.

    Names with more dots would let "function" find torch.nn.functional.
    """
    if aliases := re.search(r'<p class="tc-aliases">(.*?)</p>', html, re.DOTALL):
        page.meta["tags"] = [name for name in re.findall(r"<code>(.*?)</code>", aliases[1]) if name.count(".") < 2]
    return html.replace('<p class="tc-crumbs">', '<p class="tc-crumbs" data-search-exclude="1">')


def _placed(html: str, page: Page, config: MkDocsConfig) -> str:
    """Addresses from the root of the site: `site:` in links, and in snippets that are copied, where SITE stands for the
    site; without SITE_URL a script in the page knows it."""

    def relative(match: re.Match[str]) -> str:
        path, _, language, slug, place = match.groups()
        target = dict(_counterparts[slug])[language].url if slug else path
        return f'="{get_relative_url(target, page.url)}{place or ""}"'

    html = re.sub(r'="site:(((\w+)/([\w/]+\.md))|[^"#]*)(#[^"]*)?"', relative, html)
    return html.replace("https://SITE/", config.site_url) if config.site_url else html


@event_priority(-100)
def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    """Give a page its language. Runs after the search plugin, which is to index formulas as LaTeX, not as spans."""
    from truecurve import formulas

    try:
        page.content = _placed(formulas.html_in(page.content or ""), page, config)
    except formulas.FormulaError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
    language, _, slug = page.file.src_uri.partition("/")
    settings = config.extra["languages"][language]
    localized = copy.copy(config)
    localized.site_name = settings["site_name"]
    localized["extra"] = dict(config.extra) | {
        "language": language,
        "words": settings["words"],
        # One palette for both languages: Material keeps the choice below this address.
        "scope": get_relative_url(".", page.url),
    }
    context["config"] = localized
    context["nav"] = _navigations[language]
    context["base_url"] = posixpath.relpath(language, posixpath.dirname(page.url))
    context["others"] = [pair for pair in _counterparts[slug] if pair[0] != language]
    return context


def on_template_context(context: dict[str, Any], template_name: str, config: MkDocsConfig) -> dict[str, Any]:
    """The sitemap lists the languages of a page side by side."""
    context["counterparts"] = _counterparts
    return context


# --- After the pages --------------------------------------------------------------------------------------------------


@event_priority(-100)
def on_post_build(config: MkDocsConfig) -> None:
    """Write KaTeX's style sheet and fonts for what the pages show, and split the search index by language."""
    from truecurve import fonts
    from truecurve.formulas import FormulaError

    site = Path(config.site_dir)
    if config.extra["offline"]:
        # Pages in frames are complete before MkDocs runs; only here is it known how it names the pages they link to.
        for frame in site.glob("*/embed/*/index.html"):
            text = frame.read_text(encoding="utf-8")
            write_file(re.sub(r"(functions/[\w*]+)/", r"\1.html", text).encode(), str(frame))
    for taken in (path for ending in ("*.ipynb", "*.tex", "*.txt") for path in site.rglob(ending)):
        text = taken.read_text(encoding="utf-8")
        if "https://SITE/" in text:
            # A file that leaves the site cannot find its way back unless the site has an address.
            known = text.replace("https://SITE/", config.site_url or "")
            bare = re.sub(r"\[([^\]]*)\]\(https://SITE/[^)]*\)", r"\1", text)
            write_file((known if config.site_url else bare).encode(), str(taken))
    pages = (page.read_text(encoding="utf-8") for page in sorted(site.rglob("*.html")))
    try:
        for path, data in fonts.files(pages).items():
            write_file(data, str(site / "assets" / "katex" / path))
    except FormulaError as error:
        raise PluginError(str(error)) from error

    index = json.loads((site / SEARCH).read_text(encoding="utf-8"))
    shutil.rmtree((site / SEARCH).parent)
    for language in config.extra["languages"]:
        own = {"config": index["config"], "docs": [_document(d, language) for d in index["docs"] if _is(d, language)]}
        text = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
        write_file(text.encode(), str(site / language / SEARCH))
        if config.extra["offline"]:
            write_file(f"var __index = {text}".encode(), str((site / language / SEARCH).with_suffix(".js")))


def _is(document: dict[str, Any], language: str) -> bool:
    return bool(document["location"].startswith(f"{language}/"))


def _document(document: dict[str, Any], language: str) -> dict[str, Any]:
    """A section of a page as its language's index has it: links from the language's folder, formulas readable."""
    text = re.sub(r"\\\[.*?\\\]", "", document["text"], flags=re.DOTALL)
    text = re.sub(r"\\\((.*?)\\\)", lambda formula: re.sub(r"[\\{}]", "", formula[1]), text)
    names = document.pop("tags", [])  # the plugin gives them to every section; they name the page
    if "#" not in document["location"]:
        document["names"] = names
    return document | {"location": document["location"].removeprefix(f"{language}/"), "text": text}
