"""Sheets of paper: the cheat sheet of all functions and the handout of each family, made of entries and guides."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

from truecurve import describe, prose
from truecurve.catalog import Catalog
from truecurve.describe import Words, words
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.figures import Drawing
from truecurve.guide import Guide
from truecurve.guide_page import GuidePage
from truecurve.layer import Layer
from truecurve.values import number

FACTS = ("range", "monotonic", "smooth", "zero_centered", "saturates", "slope_at_0", "max_slope")
FIGURES = QUESTIONS = 2
DENSE = 5
"""With more members a handout is set in smaller type."""


def formulas(entry: Entry) -> list[str]:
    """LaTeX of the function and of its derivatives, of the default where there is a choice."""
    if isinstance(entry, Elementwise):
        definition, derivative = (next(iter(entry.stated(order).values())).latex() for order in (0, 1))
        return [f"f(x) = {definition}", f"f'(x) = {derivative}"]
    if isinstance(entry, Gated):
        halves = (rf"\partial f / \partial {half} = {part.latex()}" for half, part in entry.derivatives.items())
        return [f"f(a, b) = {entry.definition.latex()}", *halves]
    if isinstance(entry, Layer):
        return [entry.latex, *entry.gradients.values()]
    return [entry.latex, *re.split(r",?\s*\\qquad\s*", entry.jacobian_latex)]


def _set(latex: str) -> str:
    """As HTML, with brackets in braces: a line may break between terms, not within a factor."""
    unbroken = re.sub(r"(?<= )[(][^()]*[)]", r"{\g<0>}", latex)
    return describe.math(rf"\displaystyle {unbroken}")


def torch_name(entry: Entry) -> str:
    """nn.GELU; '' where PyTorch has no such function."""
    name = entry.torch.module or entry.torch.functional or ""
    return name.replace("torch.nn.functional.", "F.").removeprefix("torch.")


def smoothness(word: str, t: Words) -> str:
    """In one word, as HTML."""
    return describe.inline(t.handout.smooth[word])


def row(entry: Entry, t: Words) -> dict[str, Any]:
    """What the cheat sheet says of a function: formulas, numbers with their labels, and hints, all HTML."""
    made: dict[str, Any] = {
        "entry": entry,
        "torch": torch_name(entry),
        "composed": "" if torch_name(entry) else entry.torch.composed or "",
        "formulas": [_set(latex) for latex in formulas(entry)],
        "given": describe.given(entry, t),
    }
    if not isinstance(entry, Elementwise):
        rows = [(fact.label, fact.value) for fact in describe.glance(entry, t) if fact.key in ("value", "sum")]
        if isinstance(entry, Vector):
            rows[0] = (f"{number(entry.plot.logits)} ↦", rows[0][1])
        return made | {"facts": rows, "hints": []}
    found = describe.current(entry)
    vocabulary = {key: describe.vocabulary(found[key]) for key in ("smooth", "saturates", "monotonic", "symmetry")}
    hints = [smoothness(vocabulary.pop("smooth"), t)]
    hints += [str(t.handout.hints[word]) for word in vocabulary.values() if word in vars(t.handout.hints)]
    slopes = [(describe.inline(t.facts[key]), describe.cell(entry, key, found, t).html) for key in FACTS[-2:]]
    return made | {"facts": [(describe.math(r"f \in"), describe.interval(entry)[0]), *slopes], "hints": hints}


def cheatsheet(catalog: Catalog, t: Words) -> list[list[tuple[Guide, list[dict[str, Any]]]]]:
    """Two sheets of families with their rows, about as many on each."""
    sheets: list[list[tuple[Guide, list[dict[str, Any]]]]] = [[], []]
    placed = 0
    for family, several in itertools.groupby(catalog.functions, key=lambda entry: entry.family):
        rows = [row(entry, t) for entry in several]
        sheets[placed + len(rows) / 2 > len(catalog.functions) / 2].append((catalog.guide(f"families/{family}"), rows))
        placed += len(rows)
    return sheets


def facts(members: Sequence[Entry], t: Words) -> dict[str, Any]:
    """The table of the handout: properties of the elementwise members, sample values of gated and vector functions."""
    scalars = [entry for entry in members if isinstance(entry, Elementwise)]
    if scalars:
        rows = []
        for entry in scalars:
            found = describe.current(entry)
            cells = {key: describe.cell(entry, key, found, t).html for key in FACTS}
            cells["smooth"] = smoothness(describe.vocabulary(found["smooth"]), t)
            rows.append({"entry": entry, "given": describe.given(entry, t), "cells": list(cells.values())})
        return {"columns": [describe.inline(t.facts[key]) for key in FACTS], "rows": rows}
    several = [{fact.label: fact.value for fact in describe.glance(entry, t)} for entry in members]
    columns = list(dict.fromkeys(itertools.chain(*several)))
    return {
        "columns": columns,
        "rows": [
            {"entry": entry, "given": "", "cells": [found.get(label, "–") for label in columns]}
            for entry, found in zip(members, several, strict=True)
        ],
    }


def handout(guide: Guide, catalog: Catalog, language: str, drawings: list[Drawing]) -> dict[str, Any]:
    """One page about a family. Links lead from handouts/, which lies beside families/."""
    page, t = GuidePage(guide, catalog, language), words(language)
    members = [entry for entry in catalog if entry.family == guide.id]
    first = members[0]
    asked = [
        (entry, question)
        for entry in members
        for question in [question for question in entry.questions if question.level == "basic"][:1]
    ]
    summary = prose.plain(guide.summary, guide, language, catalog)
    return {
        "guide": guide,
        "title": getattr(guide.title, language),
        "description": t.handout.description.format(summary=summary),
        "figures": page.comparisons(guide.comparisons[:FIGURES], drawings),
        "rows": [row(entry, t) for entry in members],
        "facts": facts(members, t),
        "dense": len(members) > DENSE,
        "first": first,
        "mistake": first.mistakes[0],
        "questions": asked[:QUESTIONS],
    }
