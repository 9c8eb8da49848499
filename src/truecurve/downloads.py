"""What readers take with them besides pictures: tables of values, formulas as LaTeX, the data, and llms.txt."""

from truecurve import api, prose, tables
from truecurve.addresses import ADDRESSES, page, urls
from truecurve.catalog import Catalog
from truecurve.describe import words
from truecurve.entry import Entry
from truecurve.function_page import FunctionPage
from truecurve.guide import Guide


def files(catalog: Catalog) -> dict[str, bytes]:
    """Those of the whole catalogue, by path below the root of the site."""
    return {**api.files(catalog), ADDRESSES["llms"]: _llms(catalog).encode()}


def entry_files(entry: Entry, catalog: Catalog) -> dict[str, bytes]:
    """Those of one function."""
    at = urls(entry.id)
    return {
        at.csv: tables.csv(entry).encode(),
        at.tex: _tex(entry, catalog).encode(),
        at.json_: api.entry_file(entry, catalog),
    }


def _tex(entry: Entry, catalog: Catalog) -> str:
    """The formulas of the page, in its order, each under a comment that says what it is."""
    shown, t, at, release = FunctionPage(entry, catalog, "en"), words("en"), urls(entry.id), api.release()
    groups = {
        t.headings.definition: shown.formulas("definition"),
        t.headings.derivative: shown.formulas("derivative"),
        t.page.second_derivative: shown.formulas("second_derivative"),
        t.page.forms: shown.forms(),
    }
    lines = [
        f"% {entry.name.short} ({entry.name.en})",
        f"% Source: Truecurve {release.version}, {at.en} and {at.zh}",
        f"% Licence: {release.licence}, {release.licence_url}",
        r"% Needs \usepackage{amsmath}",
    ]
    for heading, formulas in groups.items():
        for formula in formulas:
            label = f" ({formula['label'].strip('`')})" if formula["label"] else ""
            lines += ["", f"% {heading}{label}", r"\[", f"  {formula['latex']}", r"\]"]
    return "\n".join(lines) + "\n"


def _llms(catalog: Catalog) -> str:
    """An index of the site for language models, after llmstxt.org: in each language functions, other pages, data."""
    languages = ("en", "zh")
    lines = ["# Truecurve", "", *(f"> {words(language).site.description}" for language in languages)]
    for language in languages:
        t = words(language)
        for title, entries in ((t.functions.title, catalog.functions), (t.layers.title, catalog.layers)):
            lines += ["", f"## {title}", ""]
            lines += [_link(entry.name.short, entry, language, catalog) for entry in entries]
        lines += ["", f"## {t.data.guides}", ""]
        lines += [_link(getattr(guide.title, language), guide, language, catalog) for guide in catalog.guides]
        pages = {
            "functions/index": t.functions,
            "layers": t.layers,
            "compare": t.compare,
            "table": t.table,
            "verification": t.verification,
            "data": t.data,
        }
        lines += [f"- [{one.title}]({page(language, path)}): {one.description}" for path, one in pages.items()]
        sheet = page(language, "cheatsheet")
        lines.append(f"- [{t.handout.cheatsheet}]({sheet}): {t.handout.cheatsheet_description}")
        lines += ["", f"## {t.data.title}", "", t.data.llms, ""]
        for key in ("catalog", "catalog_schema", "entry_schema"):
            lines.append(f"- [{ADDRESSES[key].rpartition('/')[2]}]({ADDRESSES[key]}): {t.data.what[key]}")
    return "\n".join(lines) + "\n"


def _link(title: str, subject: Entry | Guide, language: str, catalog: Catalog) -> str:
    summary = prose.plain(subject.summary, subject, language, catalog)
    return f"- [{title}]({page(language, subject.page)}): {summary}"
