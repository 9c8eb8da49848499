"""The page of a guide: everything its template shows, in one language."""

from collections.abc import Mapping
from typing import Any

from truecurve import course_kit, prose, snippets
from truecurve.figures import Drawing
from truecurve.guide import Example, Guide, Section, Table, Task
from truecurve.subject_page import SubjectPage


class GuidePage(SubjectPage[Guide]):
    """What the template of a guide is filled with."""

    def context(self, drawings: list[Drawing], shown: Mapping[str, str]) -> dict[str, Any]:
        """`shown` has every example by its name."""
        guide = self.subject
        return {
            "guide": guide,
            "title": getattr(guide.title, self.language),
            "summary": self.say(guide.summary),
            "description": prose.plain(guide.summary, guide, self.language, self.catalog),
            "way": self.way,
            "sections": [self.section(section, drawings, shown) for section in guide.sections],
            "references": self.references(),
        }

    def section(self, section: Section, drawings: list[Drawing], shown: Mapping[str, str]) -> dict[str, Any]:
        guide, drawn = self.subject, {drawing.name: drawing for drawing in drawings}
        return {
            "id": section.id,
            "title": self.say(section.title),
            "text": self.say(section.text) if section.text else "",
            "comparisons": self.comparisons(section.comparisons, drawings),
            "pictures": [self.cells(one, drawn[f"{guide.prefix}-{one.id}"]) for one in section.pictures],
            "table": self.table(section.table) if section.table else None,
            "tasks": [self.task(task) for task in section.tasks],
            "items": [{"id": item.id, "text": self.say(item.text)} for item in section.items],
            "examples": [self.example(example, shown) for example in section.examples],
            "samples": self.samples(snippets.executed(sample) for sample in section.samples),
            "mistakes": self.mistakes(section.mistakes),
            "questions": self.questions(section.questions),
        }

    def example(self, example: Example, shown: Mapping[str, str]) -> dict[str, Any]:
        """Its code, and what can be opened of it: the page, or the live figures."""
        code = shown[example.file]
        pages = [(self.t.teaching.open, f"../examples/{self.language}/{example.file}")]
        opens = pages if course_kit.is_page(code) else course_kit.frames(code, self.language)
        return {
            "id": example.id,
            "title": self.say(example.title),
            "code": code.strip("\n"),
            "lexer": course_kit.lexer(example.file),
            "opens": [(label, self.way(page)) for label, page in opens],
        }

    def table(self, table: Table) -> dict[str, Any]:
        return {
            "columns": [self.say(column) for column in table.columns],
            "rows": [{"id": row.id, "cells": [self.say(cell) for cell in row.cells]} for row in table.rows],
        }

    def task(self, task: Task) -> dict[str, Any]:
        """The names of what is recommended, as links, and why."""
        lists = {}
        for key in ("first", "also", "avoid"):
            entries = [self.catalog.entry(name) for name in getattr(task, key)]
            lists[key] = self.t.values.listed.join(f"[{entry.name.short}]({self.way(entry.page)})" for entry in entries)
        return {"id": task.id, "task": self.say(task.task), "why": self.say(task.why), **lists}
