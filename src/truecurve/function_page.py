"""The page of one function: everything its template shows, in one language."""

import html
import itertools
import re
from collections.abc import Mapping
from typing import Any, Literal

from truecurve import captions, describe, prose, snippets, widget
from truecurve.addresses import urls
from truecurve.describe import Words
from truecurve.entry import Elementwise, Entry, Gated, LatexForm, Vector
from truecurve.expression import parse
from truecurve.fields import Text
from truecurve.figures import Drawing
from truecurve.layer import Layer
from truecurve.sections import Picture, Related
from truecurve.subject_page import SubjectPage, deviation, picture, torch_version
from truecurve.values import number

PLACES = {
    "second": "derivative",
    "jacobian": "derivative",
    "family": "parameters",
    "band": "parameters",
    "sorted": "facts",
    "cells": "facts",
}
"""The section that a figure stands in, unless it is the first of its entry."""
HAN = re.compile(r"[\u3400-\u9fff]")


def function_picture(entry: Entry, drawing: Drawing, t: Words) -> dict[str, str]:
    """A drawing of one function, with alt text and caption."""
    return {
        **picture(drawing, captions.alt(entry, drawing.role, t)),
        "id": drawing.role,
        "caption": captions.caption(entry, drawing.role, t),
    }


class FunctionPage(SubjectPage[Entry]):
    """What the template of a function page is filled with."""

    @property
    def entry(self) -> Entry:
        return self.subject

    def context(self, drawings: list[Drawing]) -> dict[str, Any]:
        entry, t = self.entry, self.t
        context = {
            "entry": entry,
            "say": self.say,
            "description": prose.plain(entry.summary, entry, self.language, self.catalog),
            "fullname": self.fullname(),
            "aliases": aliases(entry, self.language),
            "badge": self.badge(),
            "glance": {"given": self.given(), "rows": self.glance()},
            "pictures": self.pictures(drawings),
            "live": self.live(drawings[0]),
            "files": self.files(),
            "scripts": widget.scripts(entry),
            "comparisons": self.comparisons(entry.comparisons, drawings),
            "definition": self.formulas("definition"),
            "derivative": self.formulas("derivative"),
            "second_derivative": self.formulas("second_derivative"),
            "forms": self.forms(),
            "approximations": self.approximations(),
            "kinks": self.kinks(),
            "facts": describe.properties(entry, t),
            "parameters": self.parameters(),
            "samples": self.samples(snippets.shown(entry)),
            "source": snippets.source(entry).strip(),
            "used_by": [f"{self.say(use.what)} {self.cite(use.cite)}" for use in entry.used_by],
            "implementation": self.implementation(),
            "naive": self.naive(),
            "deviations": self.deviations(),
            "mistakes": self.mistakes(entry.mistakes),
            "questions": self.questions(entry.questions),
            "relations": [self.relation(related) for related in entry.related],
            "siblings": self.siblings(),
            "rival": self.rival(),
            "references": self.references(),
            "bibtex": self.bibtex(),
        }
        context["sections"] = self.sections(context)
        return context

    def sections(self, context: Mapping[str, Any]) -> list[str]:
        entry = self.entry
        present = {
            "facts": bool(context["facts"] or entry.properties),
            "parameters": bool(context["parameters"]),
            "derivative": bool(context["derivative"]),
            "used_by": bool(entry.used_by),
            "comparisons": bool(entry.comparisons),
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
        version = self.t.page.badge_torch.format(version=torch_version(self.record))
        return f"{self.t.page.badge.format(checks=row['checks'])} · {version}"

    def glance(self) -> list[describe.Row]:
        """The lines beside the figure."""
        entry = self.entry
        if not isinstance(entry, Layer):
            return describe.glance(entry, self.t)
        return [describe.Row(fact.id, self.inline(fact.label), self.inline(fact.value)) for fact in entry.glance]

    def inline(self, text: Text) -> str:
        """One line as HTML, for places that Markdown does not reach."""
        return describe.inline(prose.line(text, self.entry, self.language, self.catalog))

    def pictures(self, drawings: list[Drawing]) -> dict[str, Any]:
        """The first drawing stands on the first screen, the others in the section they belong to."""
        main, *others, _ = drawings
        placed: dict[str, Any] = {
            "main": {**self.picture(main), "id": "main"},
            **{place: [] for place in PLACES.values()},
        }
        for drawing in others:
            if place := PLACES.get(drawing.role):
                placed[place].append(self.picture(drawing))
        return placed

    def files(self) -> list[tuple[str, str]]:
        """What a reader can take along: its name, of one word where it stands below the figure, and its address."""
        at, scheme = urls(self.entry.id), self.t.page.scheme
        return [
            ("SVG", at.svg),
            (f"SVG {scheme.dark}", at.svg_dark),
            (f"SVG {scheme.transparent}", at.svg_transparent),
            ("PNG", at.png_1600),
            ("PNG 800 × 500", at.png_800),
            ("PDF", at.pdf),
            ("CSV", at.csv),
            ("JSON", at.json_),
            ("LaTeX", at.tex),
            ("Notebook", getattr(at, f"notebook_{self.language}")),
        ]

    def live(self, main: Drawing) -> dict[str, Any]:
        return widget.figure(self.entry, self.catalog, self.t, self.alt(main))

    def alt(self, drawing: Drawing) -> str:
        """What stands for a drawing of this entry, as plain text."""
        stated = self.stated(drawing)
        if stated is None:
            return captions.alt(self.entry, drawing.role, self.t)
        alt = prose.plain(stated.alt, self.entry, self.language, self.catalog)
        return f"{self.entry.name.short}{self.t.values.colon}{alt}"

    def stated(self, drawing: Drawing) -> Picture | None:
        """The figure of a layer, which has its own texts."""
        if not isinstance(self.entry, Layer) or drawing.role == "thumb":
            return None
        first, *others = self.entry.plot.pictures
        return next((one for one in others if drawing.name == f"{self.entry.id}-{one.id}"), first)

    def picture(self, drawing: Drawing) -> dict[str, str]:
        stated = self.stated(drawing)
        if stated is None:
            return function_picture(self.entry, drawing, self.t)
        return self.cells(stated, drawing)

    def symbol(self) -> str:
        return rf"\operatorname{{{self.entry.name.short}}}"

    def formulas(self, which: Literal["definition", "derivative", "second_derivative"]) -> list[dict[str, str]]:
        """Labelled lines of LaTeX: one for each choice or half of the input, or one."""
        entry = self.entry
        if isinstance(entry, Elementwise):
            by_choice, primes = {
                "definition": (entry.definition, ""),
                "derivative": (entry.derivative_formula, "'"),
                "second_derivative": (entry.second_derivative_formula, "''"),
            }[which]
            left = f"{self.symbol()}{primes}(x)"
            return [self.line(left, formula.latex(), choice) for choice, formula in by_choice.items()]
        if which == "second_derivative":
            return []
        if isinstance(entry, Layer):
            several = [entry.latex] if which == "definition" else entry.gradients.values()
            return [{"label": "", "latex": latex} for latex in several]
        if isinstance(entry, Vector):
            return [{"label": "", "latex": entry.latex if which == "definition" else entry.jacobian_latex}]
        left = f"{self.symbol()}(a, b)"
        if which == "definition":
            return [self.line(left, entry.definition.latex())]
        halves = entry.derivatives.items()
        return [self.line(rf"\frac{{\partial}}{{\partial {half}}}\,{left}", part.latex()) for half, part in halves]

    def line(self, left: str, right: str, choice: str = "") -> dict[str, str]:
        names = [name for name, parameter in self.entry.parameters.items() if parameter.type == "choice"]
        label = f"`{self.t.page.choice.format(name=names[0], value=choice)}`" if choice and names else ""
        return {"label": label, "latex": f"{left} = {right}"}

    def forms(self) -> list[dict[str, str]]:
        made: list[dict[str, str]] = []
        if isinstance(self.entry, Layer):
            return made
        left = f"{self.symbol()}({'a, b' if isinstance(self.entry, Gated) else 'x'})"
        for form in self.entry.forms:
            if isinstance(form, LatexForm):
                line = {"label": "", "latex": form.latex}
            else:
                when = rf" \qquad \left({form.when.latex()}\right)" if form.when else ""
                line = self.line(left, form.formula.latex() + when, form.choice or "")
            made.append({"id": form.id, "note": self.note(form.note), **line})
        return made

    def note(self, note: Text | None) -> str:
        return self.say(note) if note else ""

    def approximations(self) -> list[dict[str, str]]:
        made = []
        if isinstance(self.entry, Elementwise):
            for item in self.entry.approximations:
                error, at = describe.worst_error(self.entry, item)
                place = rf"\(x = {describe.latex(at, 3)}\)"
                says = self.t.page.approximation_error.format(error=number(error), at=place)
                latex = rf"{self.symbol()}(x) \approx {item.formula.latex()}"
                made.append({"id": item.id, "latex": latex, "error": says, "note": self.note(item.note)})
        return made

    def kinks(self) -> list[dict[str, str]]:
        made = []
        for kink in getattr(self.entry, "kinks", []):
            sentence = self.t.page.jump if kink.jump else self.t.page.kink
            says = sentence.format(at=rf"\(x = {kink.at.latex()}\)", derivative=rf"\({kink.derivative.latex()}\)")
            made.append({"says": says, "note": self.note(kink.note)})
        return made

    def parameters(self) -> list[dict[str, str]]:
        entry, made = self.entry, []
        if isinstance(entry, Layer):
            for name, given in entry.arguments.items():
                array, option = entry.arrays.get(name), entry.parameters.get(name)
                row = {"name": name, "default": self.t.page.required if given is ... else code(repr(given))}
                if array:
                    made.append({**row, "domain": code(array.shape), "means": self.say(array.means)})
                elif option:
                    made.append({**row, "domain": code(option.takes), "means": self.say(option.means)})
            return made
        for name, parameter in entry.parameters.items():
            if parameter.choices:
                choices = [f'<code>"{choice}"</code>' for choice in parameter.choices]
                default, domain = choices[0], ", ".join(choices)
            elif parameter.type == "flag":
                default, domain = f"<code>{parameter.default}</code>", "<code>True</code>, <code>False</code>"
            else:
                given = parameter.default
                default = describe.math(given.latex()) if given is not None else self.t.page.required
                numbers = r"\mathbb{Z}" if parameter.integer else parameter.domain and parameter.domain.latex()
                domain = describe.math(numbers) if numbers else ""
            made.append({"name": name, "default": default, "domain": domain, "means": self.say(parameter.means)})
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
            lines = [
                (row.dtype, number(row.x), *(number(value, 5) for value in (row.naive, row.stable, row.truth)))
                for row in several
            ]
            made.append({"code": code, "note": self.note(several[0].note), "rows": lines})
        return made

    def deviations(self) -> list[str]:
        made = []
        for row in self.record.get("deviations", []):
            if row["id"] == self.entry.id:
                found = deviation(row, self.t)
                at = rf"\(x = {describe.latex(found.pop('x'), 6)}\)"
                made.append(self.t.page.deviation.format(at=at, version=torch_version(self.record), **found))
        return made

    def relation(self, related: Related) -> str:
        """A sentence about another function, which the tests have verified unless it only says where else to look."""
        other = self.catalog.entry(related.id)
        limit = related.relation == "limit"
        ending = {(True, True): "_both", (True, False): "_given", (False, True): "_theirs", (False, False): ""}
        sentence = self.t.relations[
            related.relation + ending[bool(related.given) and not limit, bool(related.theirs)]
        ].format(
            other=f"[{other.name.short}]({self.way(other.page)})",
            given=self.settings(related.given, self.entry, r"\to" if limit else "="),
            theirs=self.settings(related.theirs, other, "="),
        )
        noted = related.note and self.t.values.noted.format(sentence=sentence, note=self.say(related.note))
        return str(noted or sentence)

    def siblings(self) -> list[Entry]:
        entry = self.entry
        return [other for other in self.catalog if other.family == entry.family and other is not entry]

    def rival(self) -> Elementwise | None:
        """The elementwise function to compare with at first: the first related one, or a sibling."""
        if not isinstance(self.entry, Elementwise):
            return None
        related = [self.catalog.entry(one.id) for one in self.entry.related]
        return next((one for one in [*related, *self.siblings()] if isinstance(one, Elementwise)), None)

    def settings(self, given: Mapping[str, str], owner: Entry, sign: str) -> str:
        """Parameters of `owner` and what they are set to: formulas as LaTeX, choices and flags as code."""
        made = []
        for name, text in given.items():
            if owner.parameters[name].type != "real":
                made.append(f'`{name}="{text}"`')
                continue
            latex = parse(text, frozenset({"x", *self.entry.parameters})).latex()
            latex = "+" + latex if latex == r"\infty" else latex
            made.append(rf"\({describe.name_latex(name)} {sign} {latex}\)")
        return str(self.t.values.comma.join(made))

    def bibtex(self) -> str:
        entry, year = self.entry, str(self.record.get("date", ""))[:4]
        short, full = entry.name.short, entry.name.en
        lines = [
            f"@misc{{truecurve-{entry.id.replace('_', '-')},",
            "  author = {{The Truecurve contributors}},",
            f"  title  = {{{{{short if short == full else f'{short}: {full}'}}}}},",
            "  howpublished = {Truecurve, a field guide to neural-network functions},",
            *([f"  year   = {{{year}}},"] if year else []),
            f"  note   = {{functions/{entry.id}}},",
            "}",
        ]
        return "\n".join(lines)


def code(text: str) -> str:
    return f"<code>{html.escape(text, quote=False)}</code>"


def spellings(entry: Entry) -> str:
    """Every name that a filter finds it by: short and full ones of both languages, and the aliases."""
    return " ".join([entry.name.short, entry.name.zh, entry.name.en, *aliases(entry, "zh")])


def aliases(entry: Entry, language: str) -> list[str]:
    """The names under which a reader may look for it: API names, spellings with and without underscores."""
    torch = [name for name in (entry.torch.module, entry.torch.functional) if name]
    short = [name.replace("torch.nn.functional.", "F.").removeprefix("torch.") for name in torch]
    names = [*short, *torch, *entry.aliases, entry.id, entry.id.replace("_", "")]
    shown = [name for name in names if name != entry.name.short and (language == "zh" or not HAN.search(name))]
    return list(dict.fromkeys(shown))
