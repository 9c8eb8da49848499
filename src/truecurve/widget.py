"""From an entry to its live figure: the JavaScript of the function, printed from the formulas of the entry."""

import json
import math
import re
from typing import Any

import numpy as np

from truecurve.array_figures import surface_box
from truecurve.canvas import MAIN, Layout
from truecurve.catalog import Catalog
from truecurve.describe import Words
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.expression import Expression
from truecurve.javascript import javascript
from truecurve.layer import Layer
from truecurve.scalar_figures import GREEK, SYMBOLS, curves, settings, span

POINT = 2
"""Where the slice of a gated function lies at first, in both halves."""
TEMPERATURE = (0.1, 5)
SLICE = Layout(800, 340, 58, 14, 772, 302)
ORDERS = list(SYMBOLS.items())
SLICE_ORDERS = [("f", "f"), ("df", "∂f")]


def script(entry: Entry) -> str:
    """The file that registers the function with web/special.js, which hands it the functions that it calls."""
    match entry:
        case Elementwise():
            fields = _elementwise(entry)
        case Gated():
            fields = _gated(entry)
        case Vector():
            fields = _vector(entry)
        case Layer():
            raise TypeError(f"the widget of {entry.id} is written by hand")
    body = ",\n".join(f"  {name}: {value}" for name, value in fields.items())
    called = sorted(set(re.findall(r"\b(\w+)\(|\b(PI|E)\b", body)))
    names = ", ".join(sorted({one or other for one, other in called}))
    return f'truecurve.add("{entry.id}", ({{ {names} }}) => ({{\n{body}\n}}));\n'


def scripts(entry: Entry) -> list[str]:
    """What a page with the live figure loads, in order."""
    if isinstance(entry, Layer):
        return [f"assets/{name}.js" for name in ("special", entry.plot.live) if entry.plot.live]
    own = {"elementwise": ["live"], "gated": ["live", "gated"], "vector": ["vector"]}[entry.kind]
    return [f"assets/{name}.js" for name in ("special", f"fn/{entry.id}", *own)]


def figure(entry: Entry, catalog: Catalog, t: Words, alt: str) -> dict[str, Any]:
    """What the controls are filled with; `alt` stands for the picture until a reader changes it."""
    if isinstance(entry, Layer):
        return {"alt": alt}
    others = [other for other in catalog if isinstance(entry, Elementwise) and isinstance(other, Elementwise)]
    return {
        "id": entry.id,
        "alt": alt,
        "label": (t.live.label_vector if isinstance(entry, Vector) else t.live.label).format(name=entry.name.short),
        "orders": SLICE_ORDERS if isinstance(entry, Gated) else ORDERS,
        "parameters": [{"name": name, **parameter} for name, parameter in _parameters(entry).items()],
        "known": " ".join(other.id for other in others),
        "others": [(other.id, other.name.short) for other in others if other is not entry],
        "logits": entry.plot.logits if isinstance(entry, Vector) else [],
        "start": "",
        **frame(SLICE if isinstance(entry, Gated) else MAIN),
        "surface": " ".join(f"{edge:g}" for edge in surface_box(MAIN)),
    }


def frame(layout: Layout) -> dict[str, str]:
    """Where the axes of the live figure lie: as in the static one, so that nothing moves."""
    box = (layout.left, layout.top, layout.right, layout.bottom)
    return {"size": f"{layout.width} {layout.height}", "box": " ".join(f"{edge:g}" for edge in box)}


def _parameters(entry: Elementwise | Gated | Vector) -> dict[str, dict[str, Any]]:
    if isinstance(entry, Gated):
        along = {"symbol": "∂", "value": "a", "choices": ["a", "b"]}
        return {"along": along, **{half: _slider(half, POINT, getattr(entry.plot, half)) for half in ("a", "b")}}
    if isinstance(entry, Vector):
        return {"T": _slider("T", 1, TEMPERATURE)}
    shown, made = settings(entry), {}
    for name, parameter in entry.parameters.items():
        if parameter.choices:
            made[name] = {"symbol": name, "value": parameter.choices[0], "choices": parameter.choices}
        elif parameter.slider:
            made[name] = _slider(GREEK.get(name, name), shown[name], parameter.slider)
    return made


def _slider(symbol: str, value: float, ends: tuple[float, float]) -> dict[str, Any]:
    """A slider has at most 200 steps, of 1, 2 or 5 times a power of ten."""
    low, high = ends
    power = 10 ** math.floor(math.log10((high - low) / 200))
    step = next(digit * power for digit in (1, 2, 5, 10) if (high - low) / (digit * power) <= 200)
    return {"symbol": symbol, "value": value, "low": low, "high": high, "step": float(f"{step:.1g}")}


def _elementwise(entry: Elementwise) -> dict[str, str]:
    values = settings(entry)
    window = entry.plot.y or span(curves(entry, ("f", "df"), values), entry.plot.x)
    if entry.implementation:
        own = entry.implementation
        by_order = [{"": formula} for formula in (own.definition, own.derivative, own.second_derivative)]
    else:
        by_order = [entry.resolvable(order) for order in range(3)]
    places = [kink.at for kink in entry.kinks]
    places += entry.implementation.definition.boundaries() if entry.implementation else []
    kinks = ", ".join(dict.fromkeys(javascript(place.root) for place in places))
    return {
        "name": json.dumps(entry.name.short),
        "parameters": _json(_parameters(entry)),
        "x": f"() => {_json(entry.plot.x)}",
        "y": _json([float(f"{end:.9g}") for end in window]),
        "kinks": f"{_taken(entry, kinks)[1]} => [{kinks}]",
        "f": _list(_arrow(entry, formulas) for formulas in by_order),
    }


def _taken(entry: Elementwise, code: str) -> tuple[str, str]:
    """The parameters that the code names, as the second argument of an arrow function, and as its only one."""
    names = [name for name in _parameters(entry) if re.search(rf"\b{name}\b", code)]
    pattern = f"{{ {', '.join(names)} }}" if names else ""
    return (f"(x, {pattern})" if names else "(x)"), f"({pattern})"


def _arrow(entry: Elementwise, by_choice: dict[str, Expression]) -> str:
    """One function of x and the parameters; with choices, the formula of the choice."""
    choice = next((name for name, parameter in entry.parameters.items() if parameter.choices), "")
    *others, (_, last) = by_choice.items()
    code = "".join(f'{choice} === "{value}" ? {javascript(formula.root)} : ' for value, formula in others)
    code += javascript(last.root)
    return f"{_taken(entry, code)[0]} => {code}"


def _gated(entry: Gated) -> dict[str, str]:
    """A slice: a function of the half that `along` names, with the other half as a parameter."""
    grids = [np.linspace(*ends, 101) for ends in (entry.plot.a, entry.plot.b)]
    pairs = np.stack(np.meshgrid(*grids), axis=-1)
    heights = [entry.forward(pairs), *entry.derivative(pairs)]
    low, high = min(map(np.min, heights)), max(map(np.max, heights))
    pad = 0.06 * (high - low)
    formulas = [(entry.definition, entry.definition), (entry.derivatives["a"], entry.derivatives["b"])]
    printed = []
    for pair in formulas:
        first, second = (f"((a, b) => {javascript(formula.root)})" for formula in pair)
        printed.append(f'(x, {{ along, a, b }}) => along === "a" ? {first}(x, b) : {second}(a, x)')
    return {
        "name": json.dumps(entry.name.short),
        "parameters": _json(_parameters(entry)),
        "variable": "({ along }) => along",
        "labels": '({ along }) => ["f", "∂f/∂" + along]',
        "x": f'({{ along }}) => along === "a" ? {_json(entry.plot.a)} : {_json(entry.plot.b)}',
        "y": _json([float(f"{end:.9g}") for end in (low - pad, high + pad)]),
        "kinks": "() => [0]",
        "f": _list(printed),
    }


def _vector(entry: Vector) -> dict[str, str]:
    """The formulas of `components`, each a function of one object that holds all names."""
    stated = entry.components
    names = "{ x, maximum, minimum, w, total, rest, y, delta, gap }"

    def arrows(formulas: list[Expression]) -> str:
        return _list(f"({names}) => {javascript(formula.root)}" for formula in formulas)

    return {
        "name": json.dumps(entry.name.short),
        "parameters": _json(_parameters(entry)),
        "symbol": json.dumps(entry.plot.symbol),
        "logits": _json(entry.plot.logits),
        "weight": f"({names}) => {javascript(stated.weight.root)}",
        "outputs": arrows(stated.outputs),
        "jacobian": arrows(stated.jacobian),
    }


def _list(items: Any) -> str:
    return "[\n    " + ",\n    ".join(items) + "\n  ]"


def _json(value: Any) -> str:
    """Numbers without needless zeros."""
    return re.sub(r"(\d)\.0(?=[,\]}])", r"\1", json.dumps(value, ensure_ascii=False))
