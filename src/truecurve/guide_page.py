"""The page of a guide: everything its template shows, in one language."""

from typing import Any

from truecurve import prose, snippets
from truecurve.figures import Drawing
from truecurve.guide import Guide, Section, Table, Task
from truecurve.subject_page import SubjectPage


class GuidePage(SubjectPage[Guide]):
    """What the template of a guide is filled with."""

    def context(self, drawings: list[Drawing]) -> dict[str, Any]:
        guide = self.subject
        return {
            "guide": guide,
            "title": getattr(guide.title, self.language),
            "summary": self.say(guide.summary),
            "description": prose.plain(guide.summary, guide, self.language, self.catalog),
            "way": self.way,
            "sections": [self.section(section, drawings) for section in guide.sections],
            "references": self.references(),
        }

    def section(self, section: Section, drawings: list[Drawing]) -> dict[str, Any]:
        return {
            "id": section.id,
            "title": self.say(section.title),
            "text": self.say(section.text) if section.text else "",
            "comparisons": self.comparisons(section.comparisons, drawings),
            "table": self.table(section.table) if section.table else None,
            "tasks": [self.task(task) for task in section.tasks],
            "items": [{"id": item.id, "text": self.say(item.text)} for item in section.items],
            "samples": self.samples(snippets.executed(sample) for sample in section.samples),
            "mistakes": self.mistakes(section.mistakes),
            "questions": self.questions(section.questions),
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
