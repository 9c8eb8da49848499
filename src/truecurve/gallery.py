"""The gallery of the home page: what its cards are filtered, searched and ordered by, and the controls that do it."""

from collections.abc import Iterable
from typing import Any, get_args

from truecurve import describe, facts, prose
from truecurve.catalog import Catalog
from truecurve.compare_page import properties
from truecurve.entry import Elementwise, Entry
from truecurve.function_page import spellings
from truecurve.sections import Network

MARKS = ("smooth", "monotonic", "bounded", "zero_centered", "parameters")
ORDERS = ("name", "slope")


def gallery(catalog: Catalog, language: str) -> dict[str, Any]:
    """What the template of the home page shows; choices that no card has are not offered."""
    t = describe.words(language)
    cards = {entry.id: card(entry, catalog, language) for entry in catalog}

    def choices(key: str, words: Iterable[tuple[str, str]]) -> dict[str, Any]:
        given = {value for data in cards.values() for value in data.get(key, "").split()}
        options = [(value, label) for value, label in words if value in given or key == "sort"]
        return {"name": key, "label": t.gallery.labels[key], "any": t.gallery.any[key], "options": options}

    families = {entry.family: catalog.guide(f"families/{entry.family}").title for entry in catalog}
    sides = {side: t.words["unsaturated" if side == "none" else side] for side in ("left", "right", "both", "none")}
    return {
        "cards": cards,
        "selects": [
            choices("family", [(name, getattr(title, language)) for name, title in families.items()]),
            choices("kind", vars(t.gallery.kinds).items()),
            choices("saturates", sides.items()),
            choices("used", [(name, t.gallery.networks[name]) for name in get_args(Network)]),
            choices("sort", [(order, t.gallery.orders[order]) for order in ORDERS]),
        ],
        "marks": [(mark, t.gallery.marks[mark]) for mark in MARKS],
    }


def card(entry: Entry, catalog: Catalog, language: str) -> dict[str, str]:
    """The data- attributes of a card, facts at the parameters of the figure.

    `family`, `kind`, `saturates` and `used` hold the values of the selects, `is` the marks that are true, `slope` the
    largest slope; saturation, slope and all marks are of elementwise functions only. `names` are the spellings in both
    languages, `summary` the sentence in one.
    """
    networks = {network for use in entry.used_by for network in use.networks}
    made = {
        "family": entry.family,
        "kind": entry.kind,
        "used": " ".join(network for network in get_args(Network) if network in networks),
        "names": spellings(entry),
        "summary": prose.plain(entry.summary, entry, language, catalog),
    }
    if isinstance(entry, Elementwise):
        found = describe.current(entry)
        adjustable = any(not isinstance(value, bool) for value in facts.shown_parameters(entry).values())
        true = properties(entry) | {"parameters": adjustable}
        made |= {
            "is": " ".join(mark for mark in MARKS if true[mark]),
            "saturates": str(found["saturates"].word),
            "slope": f"{found['max_slope'].number:.4g}",
        }
    return made
