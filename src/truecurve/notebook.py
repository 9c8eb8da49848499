"""The Jupyter notebook of an entry in one language: text, formulas, code that runs by itself, and what it printed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from truecurve import captions, describe, facts, notebook_code, prose, recordings
from truecurve.canvas import Role
from truecurve.catalog import Catalog
from truecurve.describe import Words, words
from truecurve.entry import Elementwise, Entry, Gated
from truecurve.execution import Output
from truecurve.function_page import FunctionPage
from truecurve.layer import Layer
from truecurve.notebook_code import Step
from truecurve.subject_page import torch_version

Cell = dict[str, Any]
FOLDED = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
PICTURES: dict[str, tuple[Role, ...]] = {
    "elementwise": ("main",),
    "gated": ("surface",),
    "vector": ("temperature", "jacobian"),
}
"""What the plot cell of each kind shows, by the role of the page's figure that shows the same."""


def render(entry: Entry, catalog: Catalog, language: str, outputs: Mapping[Step, Output]) -> bytes:
    """The notebook, nbformat 4.5, with these outputs. The same bytes for the same entry, recordings and outputs."""
    return _file(_Notebook(entry, catalog, language, outputs).cells())


def _file(cells: list[Cell]) -> bytes:
    """Cells get their number and an id made of their content; twins are told apart by how many came before."""
    seen: dict[str, int] = {}
    executed = 0
    for cell in cells:
        text = "".join(cell["source"])
        seen[text] = seen.get(text, 0) + 1
        cell["id"] = hashlib.sha256(f"{seen[text]} {text}".encode()).hexdigest()[:12]
        if cell["cell_type"] == "code":
            executed += 1
            cell["execution_count"] = executed
    made = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


class _Notebook:
    def __init__(self, entry: Entry, catalog: Catalog, language: str, outputs: Mapping[Step, Output]):
        self.entry, self.catalog, self.language, self.outputs = entry, catalog, language, outputs
        self.t: Words = words(language)
        self.code = notebook_code.cells(entry)
        self.link = f"[{entry.name.short}]({prose.address(language, entry.page)})"

    def cells(self) -> list[Cell]:
        entry, t = self.entry, self.t
        made = [_text(*self.opening()), self.step("source"), _text(f"### {t.notebook.call}"), self.step("call")]
        made += [_text(f"## {t.notebook.plot}"), self.step("plot"), _text(*self.pictured())]
        if "check" in self.code:
            made += [_text(f"## {t.notebook.check}", *map(prose.dollars, self.checks())), self.step("check")]
        if "naive" in self.code:
            made += [_text(f"## {t.page.naive}", t.notebook.naive), self.step("naive")]
        if entry.exercise:
            hint = f"<details><summary>{t.notebook.hint}</summary>\n\n{self.say(entry.exercise.hint)}\n\n</details>"
            made += [_text(f"## {t.notebook.exercise}", self.say(entry.exercise.task), hint), self.step("attempt")]
            made += [_text(t.notebook.solution), self.step("solution") | {"metadata": FOLDED}]
        made += self.torch()
        return [*made, _text("---", t.notebook.licence.format(page=self.link))]

    def opening(self) -> list[str]:
        """Name, summary, formulas, and the heading of the source."""
        t, page = self.t, FunctionPage(self.entry, self.catalog, self.language)
        short, full = self.entry.name.short, getattr(self.entry.name, self.language)
        made = [f"# {short} · {full}" if full != short else f"# {short}", self.say(self.entry.summary)]
        made += [t.notebook.lead.format(page=self.link)]
        if isinstance(self.entry, Elementwise) and (given := self.given(self.entry)):
            made.append(t.notebook.given.format(parameters=given))
        for which in ("definition", "derivative"):
            made.append(f"## {t.headings[which]}")
            for row in page.formulas(which):
                made += [row["label"]] if row["label"] else []
                made.append(f"$$\n{row['latex']}\n$$")
        return [*made, f"## {t.page.source}", t.page.source_note]

    def given(self, entry: Elementwise) -> str:
        """The parameters of the figure, without flags and choices, which shape no curve here or name their default."""
        values = {name: value for name, value in facts.shown_parameters(entry).items() if type(value) in (int, float)}
        return str(self.t.values.comma).join(
            f"${describe.name_latex(name)} = {describe.latex(value)}$" for name, value in values.items()
        )

    def pictured(self) -> list[str]:
        """The plot in words, for who does not see it."""
        if isinstance(self.entry, Layer):
            return []  # the plot shows arrays that the cells above print
        return [prose.escape(captions.alt(self.entry, role, self.t)) for role in PICTURES[self.entry.kind]]

    def checks(self) -> list[str]:
        t = self.t
        if isinstance(self.entry, Elementwise):
            kinks = [t.notebook.check_kinks] if notebook_code.breakpoints(self.entry) else []
            return [t.notebook.check_elementwise, *kinks]
        if isinstance(self.entry, Layer):
            return [t.notebook.check_layer]
        return [t.notebook.check_gated if isinstance(self.entry, Gated) else t.notebook.check_vector]

    def torch(self) -> list[Cell]:
        """PyTorch beside NumPy, with the recorded output."""
        found, t = notebook_code.torch(self.entry), self.t
        if found is None:
            return []
        code, sample = found
        recorded = recordings.torch_output(sample)
        version = torch_version(recordings.read(recordings.TORCH)) if recorded else ""
        note = [t.notebook.torch_note.format(version=version)] if recorded else []
        return [_text(f"## {t.notebook.torch}", *note), _code(code, Output(recorded or ""))]

    def step(self, step: Step) -> Cell:
        return _code(self.code[step], self.outputs[step])

    def say(self, text: Any) -> str:
        return prose.standalone(text, self.entry, self.language, self.catalog).strip()


def _text(*paragraphs: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines("\n\n".join(paragraphs))}


def _code(code: str, output: Output) -> Cell:
    outputs: list[dict[str, Any]] = []
    if output.printed:
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(output.printed)})
    for picture in output.pictures:
        data = {"image/png": picture.png, "text/plain": [picture.text]}
        outputs.append({"data": data, "metadata": {}, "output_type": "display_data"})
    return {"cell_type": "code", "metadata": {}, "outputs": outputs, "source": _lines(code.rstrip("\n"))}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
