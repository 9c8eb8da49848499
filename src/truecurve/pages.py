"""The Markdown of the whole site: one template per kind of page, both languages from the same data."""

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import jinja2

from truecurve import compare_page, course_kit, data_page, describe, figures, handout_page, prose, recordings, widget
from truecurve.catalog import Catalog
from truecurve.describe import Words, words
from truecurve.entry import Elementwise, Entry
from truecurve.function_page import FunctionPage, function_picture
from truecurve.gallery import gallery
from truecurve.guide import EXAMPLES, Guide
from truecurve.guide_page import GuidePage
from truecurve.subject_page import deviation, torch_version
from truecurve.values import number

LANGUAGES = ("zh", "en")
Draw = Callable[[Entry | Guide], list[figures.Drawing]]
COLUMNS = ("range", "monotonic", "smooth", "zero_centered", "saturates", "slope_at_0", "max_slope")
NUMERIC = {"range", "slope_at_0", "max_slope"}
ORDERED = NUMERIC | {"smooth"}
PROPER = {"python": "Python", "torch": "PyTorch", "numpy": "NumPy"}
MEASURED = ("f64", "f32", "df64", "df32", "d2f64", "torch", "js")
RUNGS = range(1, 10)


def render(catalog: Catalog, draw: Draw | None = None) -> dict[str, str]:
    """Every page, by its path below docs/; `draw` may know the drawings of an entry or a guide already."""
    drawn = {subject.prefix: (draw or partial(figures.draw, catalog=catalog))(subject) for subject in catalog.subjects}
    made = {"index.html": _template("redirect.html.j2").render(zh=words("zh"), en=words("en"))}
    for language in LANGUAGES:
        t, sheets = words(language), _sheets(catalog, language)
        shown = _examples(catalog, language, t)
        pages = {name: text for name, text in shown.items() if course_kit.is_page(text)}
        made |= {f"examples/{language}/{name}": course_kit.published(text) for name, text in pages.items()}
        thumbs = {entry.id: function_picture(entry, drawn[entry.id][-1], t) for entry in catalog}
        for page, template, more in (
            ("index.md", "home.md.j2", {"tally": _tally(catalog, t), "gallery": gallery(catalog, language)}),
            ("functions/index.md", "functions.md.j2", _index(catalog, catalog.functions, "functions", t)),
            ("layers.md", "functions.md.j2", _index(catalog, catalog.layers, "layers", t)),
            ("table.md", "table.md.j2", {"table": _table(catalog, t), "others": _others(catalog, t)}),
            ("compare.md", "compare.md.j2", {"table": _table(catalog, t)} | compare_page.context(catalog, t)),
            ("verification.md", "verification.md.j2", _verification(catalog, t)),
            ("data.md", "data.md.j2", data_page.context(catalog, language)),
            ("cheatsheet.md", "cheatsheet.md.j2", {"sheets": handout_page.cheatsheet(catalog, t)}),
        ):
            made[f"{language}/{page}"] = _text(template, _shared(catalog, language, page) | {"thumbs": thumbs} | more)
        for entry in catalog:
            made[f"{language}/{entry.page}"] = function_page(entry, catalog, language, drawn[entry.id])
            made[f"{language}/embed/{entry.id}/index.html"] = embed_page(entry, catalog, language, drawn[entry.id])
        for guide in catalog.guides:
            context = GuidePage(guide, catalog, language).context(drawn[guide.prefix], shown)
            members = [entry for entry in catalog if guide.of_family and entry.family == guide.id]
            table = _table(members, t)
            context |= {"thumbs": thumbs, "members": members, "table": table if table["rows"] else None}
            context["image"] = members[0].id if members else catalog[0].id
            context["links"] = {"paper": sheets} if guide.id == "teaching" else {}
            made[f"{language}/{guide.page}"] = _text("guide.md.j2", _shared(catalog, language, guide.page) | context)
            if guide.of_family and members[0].kind != "layer":
                page = f"handouts/{guide.id}.md"
                context = handout_page.handout(guide, catalog, language, drawn[guide.prefix])
                made[f"{language}/{page}"] = _text("handout.md.j2", _shared(catalog, language, page) | context)
    return made


def function_page(entry: Entry, catalog: Catalog, language: str, drawings: list[figures.Drawing]) -> str:
    """The page of one function."""
    context = FunctionPage(entry, catalog, language).context(drawings)
    context["family"] = catalog.guide(f"families/{entry.family}")
    return _text("function.md.j2", _shared(catalog, language, entry.page) | context)


def embed_page(entry: Entry, catalog: Catalog, language: str, drawings: list[figures.Drawing]) -> str:
    """The live figure of one function, for a frame in another page."""
    page, t = FunctionPage(entry, catalog, language), words(language)
    context = {
        "entry": entry,
        "t": t,
        "language": language,
        "live": page.live(drawings[0]),
        "svg": page.picture(drawings[0])["svg"],
        "scripts": widget.scripts(entry) or ["assets/special.js"],  # which says what is wrong with an address
        "title": t.embed.titles[entry.kind].format(name=entry.name.short),
    }
    return _template("embed.html.j2").render(context)


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([Path(__file__).parent / "templates", EXAMPLES])
    made = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    made.filters["number"] = number
    made.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return made


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _text(template: str, context: Mapping[str, Any]) -> str:
    """The rendered page; outside of code, runs of empty lines that templates leave behind become one."""
    kept: list[str] = []
    code = False
    for line in _template(template).render(context).split("\n"):
        code ^= line.startswith("```")
        if line.strip() or code or (kept and kept[-1]):
            kept.append(line if code else line.rstrip())
    return "\n".join(kept).strip() + "\n"


def _shared(catalog: Catalog, language: str, page: str) -> dict[str, Any]:
    """What every template may use."""
    return {
        "t": words(language),
        "language": language,
        "catalog": catalog,
        "cover": catalog[0].id,
        "inline": describe.inline,
        "say": lambda text, subject: prose.markdown(text, subject, language, catalog, page),
        "way": partial(prose.way, page),
        "folder": prose.way(page, "../figures") + "/",
    }


def _examples(catalog: Catalog, language: str, t: Words) -> dict[str, str]:
    """Every example by its name."""
    year = str(recordings.read(recordings.VERIFICATION).get("date", ""))[:4]
    context = course_kit.context(catalog, language, t, year)
    return {name: _template(name).render(context) for name in course_kit.names()}


def _sheets(catalog: Catalog, language: str) -> list[tuple[str, str]]:
    """Titles and pages of what is made to be printed."""
    families = [
        (getattr(family.title, language), f"handouts/{family.id}.md")
        for family, _ in _families(catalog, catalog.functions)
    ]
    return [(words(language).handout.cheatsheet, "cheatsheet.md"), *families]


def _tally(catalog: Catalog, t: Words) -> list[str]:
    record = recordings.read(recordings.VERIFICATION)
    tally = [t.site.tally.format(functions=len(catalog.functions), layers=len(catalog.layers))]
    if record:
        checks = t.site.tally_checks.format(checks=_count(record["total"]["checks"]))
        tally.append(f"[{checks}](verification.md){{ .tc-plain }}")
        tally.append(t.site.tally_torch.format(version=torch_version(record)))
    return tally


def _index(catalog: Catalog, entries: Sequence[Entry], anchor: str, t: Words) -> dict[str, Any]:
    return {"families": _families(catalog, entries), "anchor": anchor, "words": t[anchor]}


def _families(catalog: Catalog, entries: Sequence[Entry]) -> list[tuple[Guide, list[Entry]]]:
    grouped = itertools.groupby(entries, key=lambda entry: entry.family)
    return [(catalog.guide(f"families/{family}"), list(entries)) for family, entries in grouped]


def _table(entries: Sequence[Entry], t: Words) -> dict[str, Any]:
    """The properties of the elementwise ones among the entries."""
    rows = []
    for entry in entries:
        if isinstance(entry, Elementwise):
            found = describe.current(entry)
            cells = [describe.cell(entry, key, found, t) for key in COLUMNS]
            rows.append({"entry": entry, "given": describe.given(entry, t), "cells": cells})
    columns = [
        {"heading": describe.inline(t.table[key]), "numeric": key in NUMERIC, "ordered": key in ORDERED}
        for key in ("function", *COLUMNS)
    ]
    return {"columns": columns, "rows": rows}


def _others(catalog: Catalog, t: Words) -> str:
    others = [entry for entry in catalog.functions if not isinstance(entry, Elementwise)]
    return str(t.values.listed.join(f"[{entry.name.short}]({entry.page})" for entry in others))


# --- Verification ----------------------------------------------------------------------------------------------------


def _verification(catalog: Catalog, t: Words) -> dict[str, Any]:
    recorded = recordings.read(recordings.VERIFICATION)
    checks = {row["row"]: row["checks"] for row in recorded.get("rows", [])}
    ladder = [
        {
            "row": row,
            "promise": t.verification.rows[row].promise,
            "authority": t.verification.rows[row].authority,
            "checks": _count(checks.get(row, 0)),
        }
        for row in RUNGS
    ]
    return {"ladder": ladder, "record": _record(recorded, catalog, t) if recorded else None}


def _count(checks: int) -> str:
    return f"{checks:,}".replace(",", "\u202f") if checks >= 10_000 else str(checks)


def _record(recorded: Mapping[str, Any], catalog: Catalog, t: Words) -> dict[str, Any]:
    rows = []
    for entry in catalog:
        row = recorded["entries"].get(entry.id)
        if row:
            cells = [_error(row.get(key), placed=isinstance(entry, Elementwise)) for key in MEASURED]
            rows.append({"entry": entry, "checks": row["checks"], "cells": cells})
    known = {entry.id: entry for entry in catalog}
    deviations = [
        {"entry": known[row["id"]], **deviation(row, t), "x": number(float(row["x"]))}
        for row in recorded.get("deviations", [])
        if row["id"] in known
    ]
    return {
        "total": _count(recorded["total"]["checks"]),
        "date": recorded["date"],
        "versions": [(PROPER.get(name, name), version) for name, version in recorded["versions"].items()],
        "processor": f"{recorded['machine']}, {recorded['cpu_capability']}",
        "headings": [describe.inline(t.verification.measured[key]) for key in MEASURED],
        "entries": rows,
        "deviations": deviations,
    }


def _error(measured: Mapping[str, Any] | None, placed: bool) -> describe.Cell:
    """A worst error and, for a scalar function, where it occurred; a dash for what was not measured."""
    if not measured:
        return describe.Cell("–", -1.0, True)
    worst = float(measured["worst"])
    shown = number(worst, 2)
    if placed and worst > 0:
        at = describe.math(f"x = {describe.latex(float(measured['x']), 3)}")
        shown += f' <span class="tc-given">{at}</span>'
    return describe.Cell(shown, worst if math.isfinite(worst) else 1e300, True)
