"""The code cells of a notebook, the same in every language: NumPy and Matplotlib only, each after those before it."""

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import partial
from textwrap import indent
from typing import Literal

from truecurve import scalar_figures, snippets
from truecurve.canvas import COLOUR
from truecurve.curves import limits
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.layer import Layer
from truecurve.snippets import NaiveRow

Step = Literal["source", "call", "plot", "check", "naive", "attempt", "solution"]
STEP = "1e-5"
ATTEMPT = "# Your code\n"
MISSING = "PyTorch is not installed here. To run this cell: pip install torch"
_POINTS = (-3.5, -2.25, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 2.25, 3.5)


def cells(entry: Entry) -> dict[Step, str]:
    """The code of each step that the entry has, in order. PyTorch, which the build does without, is in `torch`."""
    made: dict[Step, str] = {"source": snippets.source(entry), "call": snippets.numpy_call(entry)}
    match entry:
        case Elementwise():
            made |= {"plot": _curves(entry), "check": _slopes(entry)}
            if rows := snippets.naive_rows(entry):
                made["naive"] = _naive(entry, rows)
        case Gated():
            made |= {"plot": _level_lines(entry), "check": _partials(entry)}
        case Vector():
            made |= {"plot": _bars(entry), "check": _columns(entry)}
        case Layer():
            made["plot"] = _arrays(entry)
            if entry.gradients:
                made["check"] = _differences(entry)
    if entry.exercise:
        made |= {"attempt": ATTEMPT, "solution": entry.exercise.numpy.strip() + "\n"}
    return made


def torch(entry: Entry) -> tuple[str, str] | None:
    """(cell, sample): a PyTorch sample of the page, and the cell that runs it where PyTorch is installed."""
    samples = snippets.torch_samples(entry)
    if not samples:
        return None
    _, sample = samples[-1]
    imports, _, rest = sample.partition("\n\n")
    missing = f'except ImportError:\n    print("{MISSING}")\n'
    return f"try:\n{indent(imports, '    ')}\n{missing}else:\n{indent(rest, '    ')}", sample


def _call(entry: Entry, x: str = "x", suffix: str = "") -> str:
    """A call of the source at the parameters of the figure; a Jacobian does without the axis."""
    arguments = "" if suffix == "_jacobian" else snippets.required_arguments(entry)
    return f"{entry.id}{suffix}({', '.join(filter(None, (x, arguments)))})"


# --- Elementwise -----------------------------------------------------------------------------------------------------


def _curves(entry: Elementwise) -> str:
    """f and f'; where one of them jumps, both are drawn in pieces."""
    low, high = entry.plot.x
    inside = [at for at in breakpoints(entry) if low < at < high and _jumps(entry, at)]
    body = [
        f"x = np.linspace({low:g}, {high:g}, 801)",
        f'axes.plot(x, {_call(entry)}, color="{COLOUR["f"]}", linewidth=2)',
        f'axes.plot(x, {_call(entry, suffix="_derivative")}, "--", color="{COLOUR["df"]}", linewidth=2)',
    ]
    if inside:
        body[0] = "x = np.linspace(low, high, 401)[1:-1]"
        edges = f"edges = {_listed((low, *inside, high))}  # a curve has a gap where it jumps"
        body = [edges, "for low, high in zip(edges, edges[1:]):", *(f"    {line}" for line in body)]
    if entry.plot.y:
        body.append("axes.set_ylim({:g}, {:g})".format(*entry.plot.y))
    lines = "\n".join(body)
    return f"""\
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6.4, 4))
{lines}
axes.axhline(0, color="0.6", linewidth=0.8)
axes.axvline(0, color="0.6", linewidth=0.8)
axes.grid(color="0.92")
axes.set_xlabel("x")
axes.legend(["{entry.name.short}", "{entry.name.short}′"])
plt.show()
"""


def _listed(numbers: Iterable[float]) -> str:
    return f"[{', '.join(f'{number:g}' for number in numbers)}]"


def breakpoints(entry: Elementwise) -> tuple[float, ...]:
    return scalar_figures.breakpoints(entry, scalar_figures.settings(entry))


def _jumps(entry: Elementwise, at: float) -> bool:
    values = scalar_figures.settings(entry)
    several = [limits(partial(function, **values), at, 1) for function in (entry.forward, entry.derivative)]
    return any(abs(left - right) > 1e-6 for left, right in several)


def _slopes(entry: Elementwise) -> str:
    """Central differences beside the derivative, at points that are no kinks; at kinks the slopes on either side."""
    kinks = breakpoints(entry)
    made = f"""\
x = np.array({_listed(x for x in _POINTS if all(abs(x - kink) > 0.01 for kink in kinks))})
h = {STEP}
difference = ({_call(entry, "x + h")} - {_call(entry, "x - h")}) / (2 * h)
derivative = {_call(entry, suffix="_derivative")}
print("{{:>7}} {{:>12}} {{:>12}}".format("x", "Δf / Δx", "f′(x)"))
for row in np.round(np.column_stack([x, difference, derivative]), 6) + 0.0:  # + 0.0: no -0
    print("{{:7.2f}} {{:12.6f}} {{:12.6f}}".format(*row))
assert np.allclose(difference, derivative, rtol=1e-5, atol=1e-8)
"""
    if kinks:
        made += f"""
# Where branches meet: the slope on the left, the slope on the right, and f′ by convention
print("\\n{{:>7}} {{:>9}} {{:>9}} {{:>9}}".format("x", "−", "+", "f′(x)"))
for at in {_listed(kinks)}:
    left = ({_call(entry, "at - h")} - {_call(entry, "at - 2 * h")}) / h
    right = ({_call(entry, "at + 2 * h")} - {_call(entry, "at + h")}) / h
    row = np.round([at, left, right, {_call(entry, "at", "_derivative")}], 3) + 0.0
    print("{{:7.2f}} {{:9.3f}} {{:9.3f}} {{:9.3f}}".format(*row))
"""
    return made


def _naive(entry: Elementwise, rows: Sequence[NaiveRow]) -> str:
    """The printed formula, word for word, at numbers where it fails: the first form of f, and the first of f'."""
    params = scalar_figures.settings(entry)
    parts, erf = [], ""
    for of, several in itertools.groupby(rows, key=lambda row: row.of):
        code, (*shown,) = next(itertools.groupby(several, key=lambda row: row.code))
        # Without the dtype a constant would turn float32 into float64.
        code = re.sub(r"np\.sqrt\(((?:[\d */.]|np\.pi)+)\)", r"np.sqrt(\1, dtype=x.dtype)", code)
        if "erf(" in code:
            erf = "import math\n\n\ndef erf(x):\n    return np.array([math.erf(number) for number in x], x.dtype)\n\n\n"
        given = "".join(f", {name}={value}" for name, value in params.items() if re.search(rf"\b{name}\b", code))
        textbook, suffix = ("textbook", "") if of == "f" else ("textbook_derivative", "_derivative")
        table = "\n".join(f'    ("{row.dtype}", {row.x!r}, {row.truth!r}),' for row in shown)
        parts.append(f"""\
def {textbook}(x{given}):
    return {code}


rows = [  # dtype, x, and the exact value, computed with 50 digits and rounded to the dtype
{table}
]
names = "dtype", "x", "{textbook}", "{entry.id}{suffix}", "exact"
print("{{:>8}} {{:>8}} {{:>22}} {{:>22}} {{:>12}}".format(*names))
for dtype, at, exact in rows:
    x = np.array([at], dtype)
    with np.errstate(all="ignore"):
        row = dtype, at, {textbook}(x)[0], {_call(entry, suffix=suffix)}[0], exact
    print("{{:>8}} {{:8.3g}} {{:22.5g}} {{:22.5g}} {{:12.5g}}".format(*row))
""")
    return erf + "\nprint()\n\n\n".join(parts)


# --- Gated -----------------------------------------------------------------------------------------------------------


def _level_lines(entry: Gated) -> str:
    (left, right), (low, high) = entry.plot.a, entry.plot.b
    return f"""\
import matplotlib.pyplot as plt

a, b = np.meshgrid(np.linspace({left:g}, {right:g}, 161), np.linspace({low:g}, {high:g}, 161))
y = {entry.id}(np.stack([a, b], axis=-1))[..., 0]
figure, axes = plt.subplots(figsize=(5.6, 4))
axes.contourf(a, b, y, levels=8, cmap="coolwarm", vmin=-abs(y).max(), vmax=abs(y).max(), alpha=0.7)
lines = axes.contour(a, b, y, levels=8, colors="0.2", linewidths=0.8)  # dashed below 0
axes.clabel(lines)
axes.set(xlabel="a", ylabel="b", title="{entry.name.short}(a, b)")
axes.grid(color="0.92")
plt.show()
"""


def _partials(entry: Gated) -> str:
    return f"""\
x = np.array([[1.0, 0.5], [-2.0, 1.5], [0.25, -0.75], [-0.5, -3.0]])  # each row: a, b
h = {STEP}
for name, step, derivative in zip("ab", h * np.eye(2), {entry.id}_derivative(x)):
    difference = ({entry.id}(x + step) - {entry.id}(x - step)) / (2 * h)
    print("{{:>7}} {{:>7}} {{:>12}} {{:>12}}".format("a", "b", f"Δf / Δ{{name}}", f"∂f / ∂{{name}}"))
    for row in np.round(np.hstack([x, difference, derivative]), 6) + 0.0:  # + 0.0: no -0
        print("{{:7.2f}} {{:7.2f}} {{:12.6f}} {{:12.6f}}".format(*row))
    assert np.allclose(difference, derivative, rtol=1e-5, atol=1e-8)
"""


# --- Vector ----------------------------------------------------------------------------------------------------------


def _bars(entry: Vector) -> str:
    """The outputs at each temperature and the Jacobian; of images, those of one pixel."""
    several = len(entry.plot.temperatures) > 1
    label = 'label=f"T = {T:g}", ' if several else ""
    outputs, jacobian = _call(entry), _call(entry, suffix="_jacobian")
    if entry.of_images:
        outputs, jacobian = (_call(entry, "x[:, None, None]", suffix) for suffix in ("", "_jacobian"))
        outputs, jacobian = f"{outputs}[:, 0, 0]", f"{jacobian}[0, 0]"
    return f"""\
import matplotlib.pyplot as plt


def outputs(x):
    return {outputs}


def jacobian(x):
    return {jacobian}


logits = np.array({entry.plot.logits})
temperatures = {_listed(entry.plot.temperatures)}
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
width = 0.8 / len(temperatures)
for number, T in enumerate(temperatures):
    y = outputs(logits / T)
    places = np.arange(1, len(y) + 1)
    shift = (number + 0.5) * width - 0.4
    left.bar(places + shift, y, 0.9 * width, {label}color="{COLOUR["f"]}", alpha=1 - 0.2 * number)
left.axhline(0, color="0.6", linewidth=0.8)
left.set(xlabel="i", ylabel="{entry.plot.symbol}", xticks=places{"" if several else f', title="{entry.name.short}"'})
{"left.legend()" if several else ""}
J = jacobian(logits)
right.imshow(J, cmap="coolwarm", vmin=-2 * abs(J).max(), vmax=2 * abs(J).max())
for (i, j), slope in np.ndenumerate(np.round(J, 2) + 0.0):  # + 0.0: no -0
    right.text(j, i, f"{{slope:.2f}}", ha="center", va="center")
right.set(title="∂{entry.plot.symbol} / ∂x", xticks=[], yticks=[])
plt.show()
""".replace("\n\nJ =", "\nJ =")


def _columns(entry: Vector) -> str:
    return f"""\
x = np.array({entry.plot.logits})
h = {STEP}
columns = [(outputs(x + step) - outputs(x - step)) / (2 * h) for step in h * np.eye(len(x))]
difference = np.stack(columns, axis=-1)  # column j: all outputs, with input j moved
J = jacobian(x)
print(np.round(difference, 4) + 0.0)
print(np.round(J, 4) + 0.0)
assert np.allclose(difference, J, rtol=1e-5, atol=1e-8)
print("Σ_j", np.round(J.sum(axis=1), 6) + 0.0)
print("Σ_i", np.round(J.sum(axis=0), 6) + 0.0)
"""


# --- Layers ----------------------------------------------------------------------------------------------------------


def _arrays(entry: Layer) -> str:
    """The arrays of the example and what comes out, every array as rows of its last axis."""
    inputs = [name for name in entry.arrays if re.search(rf"^{name} =", entry.example.setup, re.MULTILINE)]
    listed = ", ".join(f'"{name}": {name}' for name in inputs)
    output = {"array": '"y": y', "parts": "**dict(zip(names, y))", "several": '"y": y[0]'}[entry.example.returns]
    naming = 'names = [f"y[{i}]" for i in range(len(y))]\n' if entry.example.returns == "parts" else ""
    return f"""\
import matplotlib.pyplot as plt

{naming}shown = {{{listed}, {output}}}
figure, several = plt.subplots(1, len(shown), figsize=(2 * len(shown), 2.4), layout="constrained", squeeze=False)
for axes, (name, array) in zip(several[0], shown.items()):
    rows = np.reshape(array, (-1, np.shape(array)[-1] if np.ndim(array) else 1)).astype(float)
    largest = np.abs(rows).max() or 1.0
    axes.imshow(rows, cmap="coolwarm", vmin=-2 * largest, vmax=2 * largest)
    if rows.size <= 40:
        for (i, j), number in np.ndenumerate(np.round(rows, 2) + 0.0):  # + 0.0: no -0
            axes.text(j, i, f"{{number:g}}", ha="center", va="center", fontsize=6)
    axes.set(title=f"{{name}} {{np.shape(array)}}", xticks=[], yticks=[])
plt.show()
"""


def _differences(entry: Layer) -> str:
    """Every gradient of the example beside central differences, for a random upstream gradient."""
    made = {
        "array": ("random.normal(size=np.shape(y))", "np.sum(g * output())"),
        "parts": (
            "tuple(random.normal(size=part.shape) for part in y)",
            "sum(np.sum(u * v) for u, v in zip(g, output()))",
        ),
        "several": ("random.normal(size=y[0].shape)", "np.sum(g * output()[0])"),
    }
    upstream, total = made[entry.example.returns]
    return f"""\
random = np.random.default_rng(0)
g = {upstream}
h = 1e-6


def output():
    return {entry.example.call}


def total():
    return {total}


for name, gradient in {snippets.backward_call(entry)}.items():
    array = globals()[name]
    difference = np.zeros_like(gradient)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + h
        above = total()
        array[index] = kept - h
        difference[index] = (above - total()) / (2 * h)
        array[index] = kept
    print(name, gradient.shape, "largest difference below 1e-6:", np.abs(gradient - difference).max() < 1e-6)
    assert np.allclose(gradient, difference, rtol=1e-5, atol=1e-6)
"""
