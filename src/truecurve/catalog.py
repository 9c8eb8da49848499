"""All entries, in order, and what must hold between them: the public way to the data."""

from functools import cache
from pathlib import Path
from typing import get_args

from truecurve.entry import Entry, Family
from truecurve.loader import load
from truecurve.problem import InvalidCatalog, Problem
from truecurve.sections import Reference

ENTRIES = Path(__file__).parent / "entries"


class Catalog(tuple[Entry, ...]):
    """Entries in the order of the families, alphabetical within one."""

    def entry(self, identifier: str) -> Entry:
        """The entry with this id. Raises KeyError."""
        for entry in self:
            if entry.id == identifier:
                return entry
        raise KeyError(identifier)

    def reference(self, identifier: str) -> Reference:
        """The work with this id, whichever entry describes it. Raises KeyError."""
        for entry in self:
            for reference in entry.references:
                if isinstance(reference, Reference) and reference.id == identifier:
                    return reference
        raise KeyError(identifier)


def read(folder: Path = ENTRIES) -> Catalog:
    """Load every YAML file below `folder`. Raises InvalidCatalog with the Problems of all files at once."""
    problems: list[Problem] = []
    found: list[Entry] = []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            found.append(load(path))
        except InvalidCatalog as error:
            problems.extend(error.problems)
    families = get_args(Family)
    catalog = Catalog(sorted(found, key=lambda entry: (families.index(entry.family), entry.name.short.lower())))
    problems.extend(_between(catalog, complete=not problems))
    if problems:
        raise InvalidCatalog(problems)
    return catalog


@cache
def catalog() -> Catalog:
    """The catalogue that comes with the package. Raises InvalidCatalog."""
    return read()


def entry(identifier: str) -> Entry:
    """One entry by id. Raises KeyError, InvalidCatalog."""
    return catalog().entry(identifier)


def _between(catalog: Catalog, complete: bool) -> list[Problem]:
    """Duplicate ids; and, if every file could be read, links to entries and works that do not exist."""
    problems: list[Problem] = []
    seen: dict[str, Path] = {}
    works: dict[str, str] = {}
    for entry in catalog:
        if entry.id in seen:
            what = f"{entry.id!r} is also the id of {seen[entry.id].parent.name}/{seen[entry.id].name}"
            problems.append(entry._source.problem(("id",), what, "choose another id"))
        seen.setdefault(entry.id, entry._source.path)
        for index, work in enumerate(entry.references):
            if isinstance(work, Reference):
                if work.id in works:
                    what = f"{work.id!r} is described in {works[work.id]} too"
                    fix = f"write only - {work.id} here"
                    problems.append(entry._source.problem(("references", index, "id"), what, fix))
                works.setdefault(work.id, entry.id)
    if complete:
        for entry in catalog:
            cited: list[tuple[tuple[str | int, ...], str]] = [
                (("references", i), work) for i, work in enumerate(entry.references) if isinstance(work, str)
            ]
            cited += [(("used_by", i, "cite"), use.cite) for i, use in enumerate(entry.used_by)]
            cited += [
                (("mistakes", i, "cite", k), work)
                for i, m in enumerate(entry.mistakes)
                for k, work in enumerate(m.cite)
            ]
            cited += [(("introduced",), entry.introduced)] if entry.introduced else []
            problems += [
                entry._source.problem(loc, f"no work {work!r}", "describe it under references")
                for loc, work in cited
                if work not in works
            ]
            problems += [
                entry._source.problem(("related", i, "id"), f"no entry {related.id!r}", "correct the id")
                for i, related in enumerate(entry.related)
                if related.id not in seen
            ]
    return problems
