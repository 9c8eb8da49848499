"""The comparison page: its figure, what its picker finds, prepared comparisons with their numbers, NumPy sources."""

import ast
import io
import itertools
import json
import math
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from truecurve import describe, facts, snippets, widget
from truecurve.canvas import MAIN
from truecurve.catalog import Catalog
from truecurve.describe import Words
from truecurve.entry import Elementwise
from truecurve.function_page import spellings
from truecurve.scalar_figures import breakpoints
from truecurve.values import number

START = "relu,gelu,silu"
PUBLIC = ("", "_derivative", "_second_derivative")
FILTERS = ("monotonic", "differentiable", "smooth", "bounded", "nonnegative", "zero_centered")


@dataclass(frozen=True)
class Chip:
    """A function to choose: `names` is what a search finds it by, `properties` those of FILTERS that it has."""

    entry: Elementwise
    names: str
    properties: str
    parameters: str


def context(catalog: Catalog, t: Words) -> dict[str, Any]:
    """What the template is filled with."""
    known = [entry for entry in catalog if isinstance(entry, Elementwise)]
    grouped = itertools.groupby(known, key=lambda entry: entry.family)
    return {
        "live": _figure(known, t),
        "difference": widget.frame(widget.SLICE),
        "families": [(catalog.guide(f"families/{name}"), [_chip(entry) for entry in own]) for name, own in grouped],
        "filters": FILTERS,
        "prepared": _prepared({entry.id: entry for entry in known}, t),
        "spoken": json.dumps(vars(t.compare.spoken) | {"listed": t.values.listed}),
    }


def _figure(known: list[Elementwise], t: Words) -> dict[str, Any]:
    return {
        "id": "",
        "alt": t.compare.alt,
        "label": t.compare.label,
        "orders": widget.ORDERS,
        "parameters": [],
        "known": " ".join(entry.id for entry in known),
        "others": [],
        "start": START,
        "show": "f",
        **widget.frame(MAIN),
    }


def _chip(entry: Elementwise) -> Chip:
    held = [name for name in FILTERS if properties(entry)[name]]
    return Chip(entry, spellings(entry), " ".join(held), " ".join(entry.parameters))


def properties(entry: Elementwise) -> dict[str, bool]:
    """Which of FILTERS hold at the parameters of the figure."""
    found, (low, high) = describe.current(entry), describe.interval(entry)[1]
    smooth = describe.SMOOTHNESS.index(str(found["smooth"].word))
    return {
        "monotonic": found["monotonic"].word != "none",
        "differentiable": smooth >= describe.SMOOTHNESS.index("C1"),
        "smooth": smooth == describe.SMOOTHNESS.index("Cinf"),
        "bounded": math.isfinite(low) and math.isfinite(high),
        "nonnegative": low >= 0,
        "zero_centered": found["zero_centered"].word == "yes",
    }


# --- Prepared comparisons ---------------------------------------------------------------------------------------------


def largest(one: Elementwise, other: Elementwise) -> tuple[float, float]:
    """(largest |one - other|, x) over the window of `one`, both at the parameters of their figures, x to about 1e-6."""
    settings = [facts.shown_parameters(entry) for entry in (one, other)]

    def difference(x: Any) -> Any:
        return np.abs(one.forward(x, **settings[0]) - other.forward(x, **settings[1]))

    kinks = [at for pair in zip((one, other), settings, strict=True) for at in breakpoints(*pair)]
    x = np.unique([*np.linspace(*one.plot.x, 20_001), *kinks])
    x = x[(x >= one.plot.x[0]) & (x <= one.plot.x[1])]
    for width in (1e-3, 1e-6):
        at = float(x[np.argmax(difference(x))])
        x = np.unique(np.clip([*np.linspace(at - width, at + width, 2001), at], *one.plot.x))
    values = difference(x)
    return float(values.max()), float(x[np.argmax(values)])


def _prepared(known: Mapping[str, Elementwise], t: Words) -> list[dict[str, str]]:
    """Three comparisons to begin with: a query, a name, and what to see, with its numbers."""
    gelu, silu, hardswish, elu = (known[name] for name in ("gelu", "silu", "hardswish", "elu"))
    (tanh, tanh_at), (quick, quick_at) = (largest(gelu, known[name]) for name in ("gelu_tanh", "quick_gelu"))
    hard, hard_at = largest(silu, hardswish)
    leaky = known["leaky_relu"]
    slopes = [entry.derivative(np.array(-3.0), **facts.shown_parameters(entry)) for entry in (leaky, elu)]
    numbers = {
        "gelu": {
            "tanh": number(tanh, 2),
            "tanh_at": number(abs(tanh_at), 3),
            "quick": number(quick, 2),
            "quick_at": number(abs(quick_at), 3),
            "times": number(round(quick / tanh)),
        },
        "relu": {"leaky": number(float(slopes[0])), "elu": number(float(slopes[1]), 2)},
        "hard": {"most": number(hard, 3), "at": number(abs(hard_at), 3)},
    }
    queries = {
        "gelu": "f=gelu,gelu_tanh,quick_gelu&diff=gelu,gelu_tanh",
        "relu": "f=relu,leaky_relu,elu&show=df&diff=relu,elu,df",
        "hard": "f=silu,hardswish&show=f,df&diff=silu,hardswish",
    }
    words = {name: t.compare.prepared[name] for name in queries}
    return [
        {"query": query, "name": words[name].name, "see": words[name].see.format(**numbers[name])}
        for name, query in queries.items()
    ]


# --- NumPy sources, to be put together in the browser -------------------------------------------------------------


def numpy_script(entry: Elementwise) -> str:
    """The file that hands the page the NumPy source: its imports, and the rest with names that no other source has."""
    imports, _, code = _renamed(entry).partition("\n\n\n")
    made = {"imports": imports.splitlines(), "code": code.strip()}
    return f"truecurve.numpy.{entry.id} = {json.dumps(made, ensure_ascii=False)};\n"


def _renamed(entry: Elementwise) -> str:
    """The source in which everything but the three functions is named after the entry: _slope is _gelu_slope."""
    text = snippets.source(entry)
    public, private = {entry.id + suffix for suffix in PUBLIC}, dict[str, str]()
    for node in ast.parse(text).body:
        stored = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        for name in [node.name] if isinstance(node, ast.FunctionDef) else stored:
            if name not in public:
                private[name] = f"_{entry.id}_{name.lstrip('_')}"
    lines, before = text.splitlines(), ""
    changes = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string in private and before != ".":
            changes.append(token)
        before = token.string
    for token in reversed(changes):
        (row, start), (_, end) = token.start, token.end
        lines[row - 1] = lines[row - 1][:start] + private[token.string] + lines[row - 1][end:]
    return "\n".join(lines)
