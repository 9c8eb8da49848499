"""Code as shown on the page, ready to paste, with what it printed: NumPy run at build, PyTorch from the recording."""

import contextlib
import io
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from truecurve import authority, facts, recordings, values
from truecurve.entry import Elementwise, Entry, Vector
from truecurve.fields import Text
from truecurve.guide import Guide
from truecurve.layer import Layer
from truecurve.sections import Sample

SIBLING = re.compile(r"^from truecurve\.entries\.(\w+)\.(\w+) import (?:\([^)]*\)|.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """`title` is None for the samples every entry has; `output` is None where a PyTorch sample is not recorded."""

    id: str
    title: Text | None
    label: str
    code: str
    output: str | None


@dataclass(frozen=True)
class NaiveRow:
    """What the textbook form (`code`) gives at x in a dtype, beside our code and the truth rounded to that dtype."""

    of: str
    code: str
    note: Text | None
    dtype: str
    x: float
    naive: float
    stable: float
    truth: float


def source(entry: Entry) -> str:
    """The entry's NumPy file, whole; the siblings it imports, and theirs, stand before it: the text runs by itself."""
    bodies: dict[Path, str] = {}
    _collect(entry._source.path.with_suffix(".py"), bodies)
    return _imports_first("\n\n\n".join(bodies.values())).strip() + "\n"


def _collect(path: Path, bodies: dict[Path, str]) -> None:
    """Add the text of a file, without its docstring and after those it imports, each once."""
    text = path.read_text(encoding="utf-8")
    for match in reversed(list(SIBLING.finditer(text))):
        sibling = path.parents[1] / match[1] / f"{match[2]}.py"
        if sibling not in bodies:
            _collect(sibling, bodies)
    body = SIBLING.sub("", text)
    lead = re.match(r'\s*""".*?"""\s*', body, re.DOTALL)
    bodies[path] = (body[lead.end() :] if lead else body).strip()


def _imports_first(text: str) -> str:
    lines = text.split("\n")
    imports = [line for line in lines if re.match(r"(import|from) ", line)]
    rest = "\n".join(line for line in lines if line not in imports)
    return "\n".join(sorted(dict.fromkeys(imports))) + "\n\n\n" + re.sub(r"\n{4,}", "\n\n\n", rest.strip())


def shown(entry: Entry | Guide) -> list[Snippet]:
    """The page's samples: of an entry PyTorch module and gradient, and NumPy; then its own."""
    if isinstance(entry, Guide):
        return [executed(sample) for sample in entry.samples]
    made = [
        Snippet(identifier, None, "PyTorch", code, recordings.torch_output(code))
        for identifier, code in torch_samples(entry)
    ]
    made.append(Snippet("numpy", None, "NumPy", numpy_call(entry), run(source(entry), numpy_call(entry))))
    return made + [executed(sample, source(entry)) for sample in entry.samples]


def executed(sample: Sample, setup: str = "") -> Snippet:
    """A sample with its output: NumPy run now after `setup`, PyTorch from the recording."""
    code = (sample.torch or sample.numpy or "").strip() + "\n"
    if sample.torch is not None:
        return Snippet(sample.id, sample.title, "PyTorch", code, recordings.torch_output(code))
    return Snippet(sample.id, sample.title, "NumPy", code, run(setup, code))


TENSORS = {
    "elementwise": "torch.tensor([-3.0, -1.0, 0.0, 1.0, 3.0]",
    "gated": "torch.tensor([1.0, -2.0, 3.0, 0.0, 1.0, -1.0]",
    "vector": "torch.tensor([1.0, 2.0, 3.0]",
    "image": "torch.tensor([[[1.0]], [[2.0]], [[3.0]]]",
}


def torch_samples(entry: Entry) -> list[tuple[str, str]]:
    """(id, code) of the samples that every entry with a PyTorch counterpart has."""
    if isinstance(entry, Layer):
        return [("pytorch", entry.example.torch)]
    tensor, made = TENSORS["image" if isinstance(entry, Vector) and entry.of_images else entry.kind], []
    if entry.torch.module:
        layer = f"layer = {entry.torch.module.removeprefix('torch.')}({required_arguments(entry)})\n"
        if any(parameter.type == "flag" for parameter in entry.parameters.values()):
            layer += "layer.eval()\n"
        made.append(("pytorch", f"import torch\nfrom torch import nn\n\nx = {tensor})\n{layer}print(layer(x))\n"))
    if call := _torch_call(entry):
        imports = "import torch\n"
        imports += "import torch.nn.functional as F\n" if "F." in call else ""
        imports += "from torch import nn\n" if re.search(r"\bnn\.", call) else ""
        if entry.kind == "vector":
            # Of images: the block of the one pixel.
            block = ".squeeze()" if entry.of_images else ""
            body = f"x = {tensor})\nprint(torch.autograd.functional.jacobian(lambda x: {call}, x){block})\n"
        else:
            body = (
                f"x = {tensor}, requires_grad=True)\ny = {call}\ny.sum().backward()\nprint(y.detach())\nprint(x.grad)\n"
            )
        made.append(("pytorch-gradient", f"{imports}\n{body}"))
    return made


def _torch_call(entry: Entry) -> str | None:
    """PyTorch's function of x as one writes it, or the composed expression with the parameters of the figure in it."""
    if entry.torch.composed:
        values = facts.shown_parameters(entry) if isinstance(entry, Elementwise) else entry.defaults()
        named = re.compile(rf"\b({'|'.join(values) or '(?!)'})\b(?!=)")
        return named.sub(lambda name: repr(values[name[1]]), entry.torch.composed)
    name, arguments = entry.torch.functional, required_arguments(entry)
    if not name:
        return None
    return f"{name.replace('torch.nn.functional.', 'F.')}({', '.join(filter(None, ('x', arguments)))})"


def required_arguments(entry: Entry) -> str:
    """Arguments of the PyTorch call: only parameters that have no default, at the values of the figure."""
    if isinstance(entry, Vector):
        return "" if entry.of_images else "dim=-1"
    shown_at = facts.shown_parameters(entry) if isinstance(entry, Elementwise) else {}
    needed = {name: shown_at[name] for name, parameter in entry.parameters.items() if parameter.value is None}
    return ", ".join(f"{name}={value!r}" for name, value in needed.items())


def numpy_call(entry: Entry) -> str:
    """A call of the NumPy source above it."""
    if isinstance(entry, Layer):
        return _layer_call(entry)
    arguments = required_arguments(entry)
    separator = ", " if arguments else ""
    if isinstance(entry, Elementwise):
        return (
            f"x = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])\nprint({entry.id}(x{separator}{arguments}))\n"
            f"print({entry.id}_derivative(x{separator}{arguments}))\n"
        )
    if entry.kind == "gated":
        lines = ["x = np.array([1.0, -2.0, 3.0, 0.0, 1.0, -1.0])", f"print({entry.id}(x))"]
        return "\n".join([*lines, f"print(*{entry.id}_derivative(x), sep='\\n')", ""])
    array = "[[[1.0]], [[2.0]], [[3.0]]]" if entry.of_images else "[1.0, 2.0, 3.0]"
    return f"x = np.array({array})\nprint({entry.id}(x{separator}{arguments}))\nprint({entry.id}_jacobian(x))\n"


ONES = {
    "array": "np.ones_like(y)",
    "parts": "tuple(np.ones_like(part) for part in y)",
    "several": "np.ones_like(y[0])",
}
"""An upstream gradient of ones for what a layer returns."""


def _layer_call(entry: Layer) -> str:
    lines = [entry.example.setup.strip(), f"y = {entry.example.call}", "print(y)"]
    if entry.gradients:
        lines += ["", "# The gradients of the sum of the output", f"g = {ONES[entry.example.returns]}"]
        lines += [f"for name, gradient in {backward_call(entry)}.items():", '    print(name, gradient, sep="\\n")']
    return "\n".join(lines) + "\n"


def backward_call(entry: Layer) -> str:
    """The gradients of the example for the upstream gradient g."""
    return entry.example.call.replace(f"{entry.id}(", f"{entry.id}_backward(g, ", 1)


@lru_cache(maxsize=1000)
def run(setup: str, code: str) -> str:
    """What `code` prints after `setup` (both our own NumPy code). Raises whatever the code raises."""
    scope: dict[str, Any] = {"__name__": "sample"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"), np.printoptions():
        exec(compile(setup, "source", "exec"), scope)
        exec(compile(code, "sample", "exec"), scope)
    return printed.getvalue()


XS = sorted(
    {
        *np.arange(-20, 20.5, 0.5),
        *(s * 10.0**k for k in range(-8, 0) for s in (1, -1)),
        -1000.0,
        -100.0,
        -50.0,
        50.0,
        100.0,
        1000.0,
    }
)


@cache
def naive_rows(entry: Entry, most: int = 3) -> list[NaiveRow]:
    """Where the textbook form fails: for each stated form and dtype, up to `most` x with more than 0.1 % error."""
    rows: list[NaiveRow] = []
    if not isinstance(entry, Elementwise):
        return rows
    params = facts.shown_parameters(entry)
    for item in entry.naive:
        by_choice = entry.definition if item.of == "f" else entry.derivative_formula
        formula = item.formula or authority.formula(by_choice, params)
        exact, ours = (facts.f, entry.forward) if item.of == "f" else (facts.df, entry.derivative)
        for dtype in (np.float32, np.float64):
            failing = []
            for x in XS:
                at = np.array([x], dtype)
                truth = float(dtype(float(exact(entry, float(at[0]), params))))
                with np.errstate(all="ignore"):
                    got, stable = float(values.naive(formula, at, params)[0]), float(ours(at, **params)[0])
                if not abs(got - truth) <= 1e-3 * abs(truth):
                    failing.append(
                        NaiveRow(item.of, formula.code(), item.note, dtype.__name__, float(at[0]), got, stable, truth)
                    )
            step = max(1, len(failing) // most)
            rows += failing[step // 2 :: step][:most] if len(failing) > most else failing
    return rows
