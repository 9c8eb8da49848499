"""The page that documents the published data: addresses, examples, columns, fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from truecurve import api, describe, facts, tables
from truecurve.addresses import ADDRESSES, urls
from truecurve.canvas import MAIN
from truecurve.catalog import Catalog
from truecurve.describe import Words, words
from truecurve.entry import Elementwise
from truecurve.expression import parse
from truecurve.functions import CONSTANTS, FUNCTIONS
from truecurve.payload import ZH, Details, Item
from truecurve.values import number


def context(catalog: Catalog, language: str) -> dict[str, Any]:
    """What the template is filled with."""
    t = words(language)
    fields = _fields(api.schema(Details), language)
    return {
        "addresses": _addresses(t),
        "files": [(entry, urls(entry.id)) for entry in catalog],
        "printed": _printed(catalog),
        "csv_note": t.data.csv_note.format(function=t.values.listed.join(_without_defaults(catalog))),
        "columns": _columns(catalog, t),
        "of_catalog": [row for row in fields if row["path"].partition(".")[0] in Item.model_fields],
        "of_entry": [row for row in fields if row["path"].partition(".")[0] not in Item.model_fields],
        "keys": [(key, describe.inline(t.facts[key])) for key in _keys(catalog)],
        "names": list(_names()),
        "release": api.release(),
    }


def _addresses(t: Words) -> list[dict[str, str]]:
    sizes = {name: f"{scale * MAIN.width} × {scale * MAIN.height}" for name, scale in (("small", 1), ("large", 2))}
    rows = []
    for key, address in ADDRESSES.items():
        shown = f"`{address}`" if "ID" in address else f"[`{address}`](../{address})"
        rows.append({"address": shown, "content": t.data.what[key].format(**sizes)})
    return rows


def _without_defaults(catalog: Catalog) -> list[str]:
    """The elementwise functions that must be given parameters."""
    several = [entry for entry in catalog if isinstance(entry, Elementwise)]
    return [entry.name.short for entry in several if None in [one.value for one in entry.parameters.values()]]


def _printed(catalog: Catalog) -> dict[str, str]:
    """What the examples of the template print, from the same data by another way."""
    gelu = catalog.entry("gelu")
    assert isinstance(gelu, Elementwise)
    csv = tables.csv(gelu)
    rows = [line.split(",") for line in csv.splitlines()[1:]]
    x, f, *_ = min(rows, key=lambda row: float(row[1]))
    gated = [entry.id for entry in catalog if entry.kind == "gated"]
    samples = tables.scalar(gelu, tables.COARSE)
    return {
        "curl": "\n".join(csv.splitlines()[:3]),
        "python": f"{len(catalog)} {gated}\n{gelu.definition['none'].text}\n{x} {f}",
        "javascript": f"{gelu.name.en}: f(1) = {samples['f'][samples['x'].index(1.0)]}",
    }


def _columns(catalog: Catalog, t: Words) -> list[tuple[str, str, str]]:
    """Kind, name and meaning of every column of the tables of values."""
    grids, rows = {"x": tables.FINE, "a": tables.GATED_FINE}, []
    for kind in vars(t.data.kinds):
        entry = next(entry for entry in catalog if entry.kind == kind)
        for name in tables.csv(entry).partition("\n")[0].split(","):
            says = t.data.columns[name]
            if name in grids:
                low, high, step = grids[name][0], grids[name][-1], grids[name][1] - grids[name][0]
                says = says.format(low=number(low), high=number(high), step=f"1/{round(1 / step)}")
            rows.append((t.data.kinds[kind], name, says))
    return rows


def _names() -> Iterator[tuple[str, str, str]]:
    """Every function and constant of the formula language: as written, as LaTeX, as NumPy."""
    calls = [f"{name}({', '.join('xy'[: function.arity])})" for name, function in FUNCTIONS.items()]
    for text in [*calls, *CONSTANTS]:
        formula = parse(text, {"x", "y"})
        yield text, describe.math(formula.latex()), formula.code()


def _keys(catalog: Catalog) -> list[str]:
    """Every property that some function has, in the order of the tables of properties."""
    found = dict.fromkeys(fact.key for entry in catalog for fact in facts.facts(entry))
    return [key for key in words("en").facts.__dict__ if key in found]


# --- Fields, from the schema -----------------------------------------------------------------------------------------


def _fields(schema: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Path such as parameters[].means.zh, type and meaning of every field, depth first."""
    return [
        {"path": path, "type": _type(node), "means": node["description" if language == "en" else ZH]}
        for path, node in _walk(schema, schema["$defs"], "")
    ]


def _walk(node: Mapping[str, Any], known: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "$ref" in node:
        node = known[node["$ref"].rpartition("/")[2]]
    for name, field in node.get("properties", {}).items():
        here = f"{path}.{name}".lstrip(".")
        yield here, field
        yield from _walk(field, known, here)
    for variant in node.get("anyOf", []):
        yield from _walk(variant, known, path)
    if "items" in node:
        yield from _walk(node["items"], known, f"{path}[]")


def _type(node: Mapping[str, Any]) -> str:
    """As one writes it in TypeScript: string, Number[], object | null."""
    if "anyOf" in node:
        return " | ".join(dict.fromkeys(map(_type, node["anyOf"])))
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return name if name == "Number" else "object"
    if "enum" in node:
        return " | ".join(f'"{word}"' for word in node["enum"])
    if node["type"] == "array":
        inner = _type(node["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    return str(node["type"])
