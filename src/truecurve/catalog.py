"""All entries, in order, and what must hold between them: the public way to the data."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

from truecurve.base_entry import Family
from truecurve.comparison import Compared
from truecurve.entry import Entry
from truecurve.fields import Loc, parts
from truecurve.guide import Guide, Table, Task
from truecurve.loader import load, load_guide
from truecurve.problem import InvalidCatalog, Problem
from truecurve.sections import Mistake, Reference, Related, UsedBy

ENTRIES = Path(__file__).parent / "entries"


class Catalog(tuple[Entry, ...]):
    """Entries in the order of the families and of their pages, and the guides that tell of several of them."""

    guides: tuple[Guide, ...] = ()

    @property
    def subjects(self) -> tuple[Entry | Guide, ...]:
        """All that has a page."""
        return (*self, *self.guides)

    def numpy(self) -> dict[str, Callable[..., Any]]:
        """The NumPy functions of all entries by their names, such as conv2d and conv2d_backward."""
        return {entry.id + suffix: function for entry in self for suffix, function in entry._functions.items()}

    @property
    def functions(self) -> tuple[Entry, ...]:
        """The activation functions: all but the layers."""
        return tuple(entry for entry in self if entry.kind != "layer")

    @property
    def layers(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self if entry.kind == "layer")

    def entry(self, identifier: str) -> Entry:
        """The entry with this id. Raises KeyError."""
        for entry in self:
            if entry.id == identifier:
                return entry
        raise KeyError(identifier)

    def guide(self, page: str) -> Guide:
        """The guide of this page, such as choose or families/hard. Raises KeyError."""
        for guide in self.guides:
            if guide.page == f"{page}.md":
                return guide
        raise KeyError(page)

    def reference(self, identifier: str) -> Reference:
        """The work with this id, whichever entry or guide describes it. Raises KeyError."""
        for subject in self.subjects:
            for reference in subject.references:
                if isinstance(reference, Reference) and reference.id == identifier:
                    return reference
        raise KeyError(identifier)


def read(folder: Path = ENTRIES) -> Catalog:
    """Load every YAML file below `folder` and in the folder guides beside it.

    Raises InvalidCatalog with the Problems of all files at once.
    """
    problems: list[Problem] = []
    found: list[Entry] = []
    guides: list[Guide] = []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            found.append(load(path))
        except InvalidCatalog as error:
            problems.extend(error.problems)
    for path in sorted((folder.parent / "guides").rglob("*.yaml")):
        try:
            guides.append(load_guide(path))
        except InvalidCatalog as error:
            problems.extend(error.problems)
    families = get_args(Family)
    first = [name for guide in guides for name in guide.order]

    def place(entry: Entry) -> tuple[int, int, str]:
        order = first.index(entry.id) if entry.id in first else len(first)
        return families.index(entry.family), order, entry.name.short.lower()

    catalog = Catalog(sorted(found, key=place))
    catalog.guides = tuple(guides)
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
    for subject in catalog.subjects:
        for index, work in enumerate(subject.references):
            if isinstance(work, Reference):
                if work.id in works:
                    what = f"{work.id!r} is described in {works[work.id]} too"
                    fix = f"write only - {work.id} here"
                    problems.append(subject._source.problem(("references", index, "id"), what, fix))
                works.setdefault(work.id, subject.id)
    if complete:
        for subject in catalog.subjects:
            for loc, what, fix in [
                *((loc, f"no work {work!r}", "describe it under references") for loc, work in _cited(subject, works)),
                *((loc, f"no entry {name!r}", "correct the id") for loc, name in _named(subject) if name not in seen),
                *_incomparable(subject, catalog, seen),
            ]:
                problems.append(subject._source.problem(loc, what, fix))
        problems += _in_guides(catalog)
    return problems


def _cited(subject: Entry | Guide, works: Collection[str]) -> Iterator[tuple[Loc, str]]:
    """Where a work is named that nobody describes."""
    cited: list[tuple[Loc, str]] = [
        (("references", index), work) for index, work in enumerate(subject.references) if isinstance(work, str)
    ]
    cited += [((*loc, "cite"), use.cite) for loc, use in parts(subject, UsedBy)]
    cited += [
        ((*loc, "cite", i), work) for loc, mistake in parts(subject, Mistake) for i, work in enumerate(mistake.cite)
    ]
    if not isinstance(subject, Guide) and subject.introduced:
        cited.append((("introduced",), subject.introduced))
    return ((loc, work) for loc, work in cited if work not in works)


def _named(subject: Entry | Guide) -> Iterator[tuple[Loc, str]]:
    """Where an entry is named."""
    yield from (((*loc, "id"), related.id) for loc, related in parts(subject, Related))
    if isinstance(subject, Guide):
        yield from ((("order", index), name) for index, name in enumerate(subject.order))
    for loc, task in parts(subject, Task):
        for key in ("first", "also", "avoid"):
            yield from (((*loc, key, index), name) for index, name in enumerate(getattr(task, key)))
    for loc, curve in parts(subject, Compared):
        yield from (((*loc, key), name) for key in ("of", "minus") if (name := getattr(curve, key)))


def _incomparable(subject: Entry | Guide, catalog: Catalog, known: Collection[str]) -> Iterator[tuple[Loc, str, str]]:
    """Curves that a function of this kind does not have, and parameters that it does not have."""
    for loc, curve in parts(subject, Compared):
        if curve.of is None or curve.of not in known or curve.minus not in {None, *known}:
            continue
        entry = catalog.entry(curve.of)
        if curve.order != "f" and entry.kind != "elementwise":
            yield (*loc, "order"), f"{entry.id} is {entry.kind}, its derivative no curve", "compare f"
        if curve.minus and {entry.kind, catalog.entry(curve.minus).kind} != {"elementwise"}:
            yield (*loc, "minus"), "not two elementwise functions", "compare each by itself"
        if (entry.kind == "gated") != bool(curve.fixed):
            yield (
                loc,
                f"{entry.id} is {entry.kind}",
                "give fixed: {a: …} or {b: …} for a gated function, and only there",
            )
        if (entry.kind == "vector") != bool(curve.others) or (entry.kind == "vector" and entry.of_images):
            yield loc, f"{entry.id} is {entry.kind}", "give others: […] for a function of one vector, and only there"
        for name in curve.given.keys() - entry.parameters.keys():
            yield (*loc, "given", name), f"{entry.id} has no parameter {name!r}", "correct the name"


def _in_guides(catalog: Catalog) -> Iterator[Problem]:
    """An id twice on one page; a family without its page, a page without its family."""
    families = {entry.family for entry in catalog}
    for guide in catalog.guides:
        for twice in (name for name, times in Counter(guide.anchors()).items() if times > 1):
            yield guide._source.problem(("sections",), f"the id {twice!r} occurs twice", "choose another id")
        for loc, table in parts(guide, Table):
            for index, row in enumerate(table.rows):
                if len(row.cells) != len(table.columns):
                    what = f"{len(row.cells)} cells in a table of {len(table.columns)} columns"
                    yield guide._source.problem((*loc, "rows", index), what, "give a cell for each column")
        if guide.of_family and guide.id not in families:
            yield guide._source.problem(("id",), f"no entry is of the family {guide.id!r}", "name the file as a family")
    told = {guide.id for guide in catalog.guides if guide.of_family}
    for entry in catalog if catalog.guides else ():
        if entry.family not in told:
            what = f"the family {entry.family!r} has no page"
            yield entry._source.problem(("family",), what, f"write guides/families/{entry.family}.yaml")
