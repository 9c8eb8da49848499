"""The Markdown of the whole site: one template per kind of page, both languages from the same data."""

import html
import itertools
import json
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from truecurve import describe, figures, prose, recordings, snippets
from truecurve.catalog import Catalog
from truecurve.describe import Words, words
from truecurve.entry import Elementwise, Entry, Gated, Related
from truecurve.expression import parse
from truecurve.fields import ByChoice, Text
from truecurve.values import number

LANGUAGES = ("zh", "en")
Draw = Callable[[Entry], list[figures.Drawing]]
PLACES = {"second": "derivative", "jacobian": "derivative", "family": "parameters", "band": "parameters"}
"""The section that a figure stands in, unless it is the first of its entry."""
COLUMNS = ("range", "monotonic", "smooth", "zero_centered", "saturates", "slope_at_0", "max_slope")
HAN = re.compile(r"[\u3400-\u9fff]")
PROPER = {"python": "Python", "torch": "PyTorch", "numpy": "NumPy"}
MEASURED = ("f64", "f32", "df64", "df32", "d2f64", "torch")
RUNGS = (1, 2, 3, 4, 5, 7, 8, 9)


def render(catalog: Catalog, draw: Draw = figures.draw) -> dict[str, str]:
    """Every page, by its path below docs/; `draw` may know the drawings of an entry already."""
    drawn = {entry.id: draw(entry) for entry in catalog}
    made = {"index.html": _template("redirect.html.j2").render(zh=words("zh"), en=words("en"))}
    for language in LANGUAGES:
        t = words(language)
        thumbs = {entry.id: _picture(entry, drawn[entry.id][-1], t) for entry in catalog}
        for name, template, more in (
            ("index.md", "home.md.j2", {"thumbs": thumbs, "tally": _tally(catalog, t)}),
            ("functions/index.md", "functions.md.j2", {"thumbs": thumbs, "families": _families(catalog)}),
            ("table.md", "table.md.j2", _table(catalog, t)),
            ("verification.md", "verification.md.j2", _verification(catalog, t)),
        ):
            made[f"{language}/{name}"] = _text(template, _shared(catalog, language) | more)
        for entry in catalog:
            made[f"{language}/functions/{entry.id}.md"] = function_page(
                entry, catalog, language, lambda known: drawn[known.id]
            )
    return made


def function_page(entry: Entry, catalog: Catalog, language: str, draw: Draw = figures.draw) -> str:
    """The page of one function."""
    return _text(
        "function.md.j2", _shared(catalog, language) | _Function(entry, catalog, language).context(draw(entry))
    )


@cache
def _environment() -> jinja2.Environment:
    folder = Path(__file__).parent / "templates"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
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


def _picture(entry: Entry, drawing: figures.Drawing, t: Words) -> dict[str, str]:
    """A drawing ready to stand in Markdown: on one line (a blank line would end the HTML block), with its alt text."""
    alt = html.escape(describe.alt(entry, drawing.role, t))
    svg = " ".join(drawing.svg.split("\n")).strip()
    labelled = svg.replace("<svg ", f'<svg role="img" aria-label="{alt}" ', 1)
    return {
        "name": drawing.name,
        "role": drawing.role,
        "svg": labelled,
        "caption": describe.caption(entry, drawing.role, t),
    }


def _shared(catalog: Catalog, language: str) -> dict[str, Any]:
    """What every template may use."""
    return {
        "t": words(language),
        "language": language,
        "catalog": catalog,
        "cover": catalog[0].id,
        "inline": describe.inline,
        "say": lambda text, entry: prose.markdown(text, entry, language, catalog),
    }


def _tally(catalog: Catalog, t: Words) -> list[str]:
    record = recordings.read(recordings.VERIFICATION)
    tally = [t.site.tally.format(functions=len(catalog))]
    if record:
        tally.append(
            f"[{t.site.tally_checks.format(checks=_count(record['total']['checks']))}](verification.md){{ .tc-plain }}"
        )
        tally.append(t.site.tally_torch.format(version=_torch_version(record)))
    return tally


def _torch_version(record: Mapping[str, Any]) -> str:
    return str(record["versions"]["torch"]).partition("+")[0]


def _families(catalog: Catalog) -> list[tuple[str, list[Entry]]]:
    grouped = itertools.groupby(catalog, key=lambda entry: entry.family)
    return [(family, list(entries)) for family, entries in grouped]


def _table(catalog: Catalog, t: Words) -> dict[str, Any]:
    rows = []
    for entry in catalog:
        if isinstance(entry, Elementwise):
            found = describe.current(entry)
            cells = [describe.cell(entry, key, found, t) for key in COLUMNS]
            rows.append({"entry": entry, "given": describe.given(entry, t), "cells": cells})
    others = [entry for entry in catalog if not isinstance(entry, Elementwise)]
    return {
        "columns": ["function", *COLUMNS],
        "numeric": {"range", "slope_at_0", "max_slope"},
        "ordered": {"range", "smooth", "slope_at_0", "max_slope"},
        "rows": rows,
        "others": t.values.listed.join(f"[{entry.name.short}](functions/{entry.id}.md)" for entry in others),
    }


# --- Verification ----------------------------------------------------------------------------------------------------


def _verification(catalog: Catalog, t: Words) -> dict[str, Any]:
    recorded = recordings.read(recordings.VERIFICATION)
    checks = {row["row"]: row["checks"] for row in recorded.get("rows", [])}
    ladder = [
        {
            "row": row,
            "promise": t.verification.rows[row].promise,
            "authority": t.verification.rows[row].authority,
            "checks": _count(checks[row]) if row in checks else "–",
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
        {
            "entry": known[row["id"]],
            "quantity": t.verification.quantities[row["quantity"]],
            "x": _plain_number(row["x"]),
            "torch": _plain_number(row["torch"]),
            "true": _plain_number(row["true"]),
        }
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


def _plain_number(value: Any, digits: int = 6) -> str:
    return number(float(value), digits)


def _error(measured: Mapping[str, Any] | None, placed: bool) -> describe.Cell:
    """A worst error and, for a scalar function, where it occurred; a dash for what was not measured."""
    if not measured:
        return describe.Cell("–", -1.0, True)
    worst = float(measured["worst"])
    html = number(worst, 2)
    if placed and worst > 0:
        at = describe.math(f"x = {describe.latex(float(measured['x']), 3)}")
        html += f' <span class="tc-given">{at}</span>'
    return describe.Cell(html, worst if math.isfinite(worst) else 1e300, True)


# --- A function's page -----------------------------------------------------------------------------------------------


class _Function:
    """What the template of a function page is filled with."""

    def __init__(self, entry: Entry, catalog: Catalog, language: str):
        self.entry, self.catalog, self.language, self.t = entry, catalog, language, words(language)
        self.record = recordings.read(recordings.VERIFICATION)

    def say(self, text: Text) -> str:
        return prose.markdown(text, self.entry, self.language, self.catalog)

    def context(self, drawings: list[figures.Drawing]) -> dict[str, Any]:
        entry, t = self.entry, self.t
        context = {
            "entry": entry,
            "say": self.say,
            "description": prose.plain(entry.summary, entry, self.language, self.catalog),
            "fullname": self.fullname(),
            "aliases": aliases(entry, self.language),
            "badge": self.badge(),
            "glance": {"given": self.given(), "rows": describe.glance(entry, t)},
            "pictures": self.pictures(drawings),
            "definition": self.formulas("definition"),
            "derivative": self.formulas("derivative"),
            "second_derivative": self.formulas("second_derivative"),
            "forms": self.forms(),
            "approximations": self.approximations(),
            "kinks": self.kinks(),
            "facts": describe.properties(entry, t),
            "parameters": self.parameters(),
            "samples": self.samples(),
            "source": snippets.source(entry).strip(),
            "used_by": [f"{self.say(use.what)} {self.cite(use.cite)}" for use in entry.used_by],
            "implementation": self.implementation(),
            "naive": self.naive(),
            "deviations": self.deviations(),
            "mistakes": self.mistakes(),
            "relations": [self.relation(related) for related in entry.related],
            "siblings": [other for other in self.catalog if other.family == entry.family and other.id != entry.id],
            "references": self.references(),
            "bibtex": self.bibtex(),
        }
        context["sections"] = self.sections(context)
        return context

    def sections(self, context: Mapping[str, Any]) -> list[str]:
        entry = self.entry
        present = {
            "facts": bool(context["facts"] or entry.properties),
            "parameters": bool(entry.parameters),
            "used_by": bool(entry.used_by),
            "numerics": any((entry.numerics, context["implementation"], context["naive"], context["deviations"])),
        }
        return [key for key in vars(self.t.headings) if present.get(key, True)]

    def fullname(self) -> str:
        """What stands beside the short name: the full one where it differs, and PyTorch's."""
        name, torch = self.entry.name, self.entry.torch
        parts = [getattr(name, self.language), torch.module or torch.functional]
        return " · ".join(part for part in parts if part and part != name.short)

    def given(self) -> str:
        listed = describe.given(self.entry, self.t)
        return self.t.page.glance_at.format(parameters=listed) if listed else ""

    def badge(self) -> str:
        row = self.record.get("entries", {}).get(self.entry.id)
        if not row:
            return ""
        version = self.t.page.badge_torch.format(version=_torch_version(self.record))
        return f"{self.t.page.badge.format(checks=row['checks'])} · {version}"

    def pictures(self, drawings: list[figures.Drawing]) -> dict[str, Any]:
        """The first drawing stands on the first screen, the others in the section they belong to."""
        main, *others, _ = drawings
        placed: dict[str, Any] = {"main": _picture(self.entry, main, self.t), "derivative": [], "parameters": []}
        for drawing in others:
            placed[PLACES[drawing.role]].append(_picture(self.entry, drawing, self.t))
        return placed

    # Formulas

    def symbol(self) -> str:
        return rf"\operatorname{{{self.entry.name.short}}}"

    def formulas(self, which: str) -> list[dict[str, str]]:
        """Labelled lines of LaTeX: one for each choice, each half, or one."""
        entry, primes = self.entry, {"definition": "", "derivative": "'", "second_derivative": "''"}[which]
        if isinstance(entry, Elementwise):
            by_choice: ByChoice = {
                "definition": entry.definition,
                "derivative": entry.derivative_formula,
                "second_derivative": entry.second_derivative_formula,
            }[which]
            return [
                self.line(f"{self.symbol()}{primes}(x)", formula.latex(), choice)
                for choice, formula in by_choice.items()
            ]
        if isinstance(entry, Gated):
            if which == "definition":
                return [self.line(f"{self.symbol()}(a, b)", entry.definition.latex())]
            if which == "derivative":
                return [
                    self.line(rf"\frac{{\partial}}{{\partial {half}}}\,{self.symbol()}(a, b)", formula.latex())
                    for half, formula in entry.derivatives.items()
                ]
            return []
        return (
            [{"label": "", "latex": {"definition": entry.latex, "derivative": entry.jacobian_latex}[which]}]
            if not primes[1:]
            else []
        )

    def line(self, left: str, right: str, choice: str = "") -> dict[str, str]:
        names = [name for name, parameter in self.entry.parameters.items() if parameter.type == "choice"]
        label = f"`{self.t.page.choice.format(name=names[0], value=choice)}`" if choice and names else ""
        return {"label": label, "latex": f"{left} = {right}"}

    def forms(self) -> list[dict[str, str]]:
        made = []
        for form in self.entry.forms:
            note = self.say(form.note) if form.note else ""
            if hasattr(form, "latex"):
                made.append({"id": form.id, "latex": form.latex, "note": note})
                continue
            arguments = "a, b" if isinstance(self.entry, Gated) else "x"
            when = rf" \qquad \left({form.when.latex()}\right)" if form.when else ""
            made.append(
                {"id": form.id, "latex": f"{self.symbol()}({arguments}) = {form.formula.latex()}{when}", "note": note}
            )
        return made

    def approximations(self) -> list[dict[str, str]]:
        if not isinstance(self.entry, Elementwise):
            return []
        made = []
        for item in self.entry.approximations:
            error, at = describe.worst_error(self.entry, item)
            made.append(
                {
                    "id": item.id,
                    "latex": rf"{self.symbol()}(x) \approx {item.formula.latex()}",
                    "error": self.t.page.approximation_error.format(
                        error=number(error), at=rf"\(x = {describe.latex(at, 3)}\)"
                    ),
                    "note": self.say(item.note) if item.note else "",
                }
            )
        return made

    def kinks(self) -> list[dict[str, str]]:
        made = []
        for kink in getattr(self.entry, "kinks", []):
            sentence = self.t.page.jump if kink.jump else self.t.page.kink
            says = sentence.format(at=rf"\(x = {kink.at.latex()}\)", derivative=rf"\({kink.derivative.latex()}\)")
            made.append({"says": says, "note": self.say(kink.note) if kink.note else ""})
        return made

    # The rest

    def parameters(self) -> list[dict[str, str]]:
        made = []
        for name, parameter in self.entry.parameters.items():
            if parameter.choices:
                default, domain = (
                    f'<code>"{parameter.choices[0]}"</code>',
                    ", ".join(f'<code>"{c}"</code>' for c in parameter.choices),
                )
            elif parameter.type == "flag":
                default, domain = f"<code>{parameter.default}</code>", "<code>True</code>, <code>False</code>"
            else:
                default = (
                    describe.math(parameter.default.latex()) if parameter.default is not None else self.t.page.required
                )
                numbers = r"\mathbb{Z}" if parameter.integer else parameter.domain and parameter.domain.latex()
                domain = describe.math(numbers) if numbers else ""
            made.append({"name": name, "default": default, "domain": domain, "means": self.say(parameter.means)})
        return made

    def samples(self) -> list[dict[str, str]]:
        made = []
        for sample in snippets.shown(self.entry):
            title = self.say(sample.title) if sample.title else self.t.samples[sample.id]
            output = (sample.output or "").strip("\n")
            made.append(
                {
                    "id": sample.id,
                    "label": sample.label,
                    "title": title,
                    "code": sample.code.strip("\n"),
                    "output": output,
                }
            )
        return made

    def cite(self, identifier: str) -> str:
        return f"[{prose.author_year(self.catalog.reference(identifier))}](#ref-{identifier})"

    def implementation(self) -> dict[str, str] | None:
        given = getattr(self.entry, "implementation", None)
        if given is None:
            return None
        return {
            "why": self.say(given.why),
            "definition": f"{self.symbol()}(x) = {given.definition.latex()}",
            "derivative": f"{self.symbol()}'(x) = {given.derivative.latex()}",
        }

    def naive(self) -> list[dict[str, Any]]:
        """One table for each formula that fails somewhere."""
        made = []
        for code, rows in itertools.groupby(snippets.naive_rows(self.entry), key=lambda row: row.code):
            several = list(rows)
            note = several[0].note
            lines = [
                [row.dtype, number(row.x), number(row.naive, 5), number(row.stable, 5), number(row.truth, 5)]
                for row in several
            ]
            made.append({"code": code, "note": self.say(note) if note else "", "rows": lines})
        return made

    def deviations(self) -> list[str]:
        rows = [row for row in self.record.get("deviations", []) if row["id"] == self.entry.id]
        return [
            self.t.page.deviation.format(
                at=rf"\(x = {describe.latex(float(row['x']), 6)}\)",
                version=_torch_version(self.record),
                quantity=self.t.verification.quantities[row["quantity"]],
                torch=_plain_number(row["torch"]),
                truth=_plain_number(row["true"]),
            )
            for row in rows
        ]

    def mistakes(self) -> list[dict[str, Any]]:
        return [
            {
                "id": mistake.id,
                "says": self.say(mistake.says),
                "truth": self.say(mistake.truth),
                "evidence": [prose.evidence(source, self.entry, self.catalog) for source in mistake.shown_by],
            }
            for mistake in self.entry.mistakes
        ]

    def relation(self, related: Related) -> str:
        """A sentence about another function; equality and limits are tested, so it says that they are."""
        other = self.catalog.entry(related.id)
        key = related.relation
        if key != "see":
            key += "_both" if key == "equal" and related.given and related.theirs else ""
            key += "_given" if key == "equal" and related.given else ""
            key += "_theirs" if key in ("equal", "limit") and related.theirs else ""
        sentence = self.t.relations[key].format(
            other=f"[{other.name.short}]({other.id}.md)",
            given=self.settings(related.given, r"\to" if related.relation == "limit" else "="),
            theirs=self.settings(related.theirs, "="),
        )
        noted = related.note and self.t.values.noted.format(sentence=sentence, note=self.say(related.note))
        return str(noted or sentence)

    def settings(self, given: Mapping[str, str], sign: str) -> str:
        made = []
        for name, text in given.items():
            try:
                latex = parse(text, frozenset({"x", *self.entry.parameters})).latex()
                latex = "+" + latex if latex == r"\infty" else latex
                made.append(rf"\({describe.name_latex(name)} {sign} {latex}\)")
            except ValueError:
                made.append(f'`{name}="{text}"`')
        return str(self.t.values.comma.join(made))

    def references(self) -> list[dict[str, Any]]:
        made = []
        for item in self.entry.references:
            work = self.catalog.reference(item) if isinstance(item, str) else item
            shown = f"arXiv:{work.arxiv}" if work.arxiv else f"doi:{work.doi}" if work.doi else (work.url or "")
            year = "" if str(work.year) in (work.venue or "") else work.year
            link = {"link": work.link, "link_text": shown.removeprefix("https://")}
            made.append(
                {**work.model_dump(), "when": ", ".join(str(part) for part in (work.venue, year) if part), **link}
            )
        return made

    def bibtex(self) -> str:
        entry, year = self.entry, str(self.record.get("date", ""))[:4]
        lines = [
            f"@misc{{truecurve-{entry.id.replace('_', '-')},",
            "  author = {{The Truecurve contributors}},",
            f"  title  = {{{{{entry.name.short}: {entry.name.en}}}}},",
            "  howpublished = {Truecurve, a field guide to neural-network functions},",
            *([f"  year   = {{{year}}},"] if year else []),
            f"  note   = {{functions/{entry.id}}},",
            "}",
        ]
        return "\n".join(lines)


def aliases(entry: Entry, language: str) -> list[str]:
    """The names under which a reader may look for it: API names, spellings with and without underscores."""
    torch = [name for name in (entry.torch.module, entry.torch.functional) if name]
    short = [name.replace("torch.nn.functional.", "F.").removeprefix("torch.") for name in torch]
    names = [*short, *torch, *entry.aliases, entry.id, entry.id.replace("_", "")]
    shown = [name for name in names if name != entry.name.short and (language == "zh" or not HAN.search(name))]
    return list(dict.fromkeys(shown))
