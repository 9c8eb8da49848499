"""Rows 2, 3, 4 and 7 of the ladder as measurements: how many comparisons, the worst error and where.

The tests assert on them, `scripts/record.py` writes them down, and the verification page shows them. Tolerances live
here, with their reason.
"""

import contextlib
import io
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from curve_checker import drawings, drawn_in, faults
from golden_latex import GOLDEN
from svg_reader import Picture
from truecurve import authority, pages, proofs, snippets
from truecurve.entry import Elementwise
from truecurve.layer import Layer
from truecurve.sections import Subject

# Errors are judged with conditioning: an input that is itself rounded moves f by eps·|x·f'|, so no code can do better
# than eps·(|f| + |x·f'|); 16 of those in float64 and 8 in float32 allow a handful of rounded operations. Underflow adds
# at most the smallest subnormal number.
UNITS = {"float64": 16, "float32": 8}
TORCH_TOLERANCE = 1e-14


@dataclass
class Measurement:
    """`worst` is the largest error as a multiple of what is allowed; it passes at or below 1."""

    checks: int = 0
    worst: float = 0.0
    x: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)
    got: float = 0.0
    want: float = 0.0

    def add(self, ratio: float, x: float, params: Mapping[str, Any], got: float, want: float) -> None:
        self.checks += 1
        if not ratio <= self.worst:
            self.worst, self.x, self.params, self.got, self.want = ratio, x, dict(params), got, want

    def __str__(self) -> str:
        where = "".join(f", {name} = {value}" for name, value in self.params.items())
        return f"x = {self.x!r}{where}: got {self.got!r}, want {self.want!r}: {self.worst:.3g} times the allowed error"

    def record(self) -> dict[str, Any]:
        return {"checks": self.checks, "worst": float(f"{self.worst:.3g}"), "x": self.x, "params": self.params}


def formulas(entry: Elementwise, params: Mapping[str, Any]) -> list[Any]:
    """[f, f', f''] as NumPy and PyTorch compute them: the implementation's where it differs from the definition."""
    if entry.implementation:
        own = entry.implementation
        return [own.definition, own.derivative, own.second_derivative]
    return [authority.formula(entry.resolvable(order), params) for order in range(3)]


def truth(entry: Elementwise, order: int, x: float, params: Mapping[str, Any]) -> Any:
    """f, f' (PyTorch's value at a kink) or f'' at x, correct to 50 digits."""
    if order == 1:
        for kink in entry.kinks:
            if authority.exact(x) == authority.value(kink.at, mpmath.mpf(0), params):
                return authority.value(kink.derivative, x, params)
    return authority.value(formulas(entry, params)[order], x, params)


def slope(entry: Elementwise, order: int, x: float, params: Mapping[str, Any]) -> Any:
    """The next derivative, for the conditioning term."""
    if order < 2:
        return truth(entry, order + 1, x, params)
    return authority.derivative(formulas(entry, params)[2], x, params)


def numpy_function(entry: Elementwise, order: int) -> Callable[..., Any]:
    return (entry.forward, entry.derivative, entry.second_derivative)[order]


def accuracy(
    entry: Elementwise, order: int, dtype: str, count: int = 200, function: Callable[..., Any] | None = None
) -> Measurement:
    """NumPy f, f' or f'' (or `function` in its place) against the authority at every parameter setting."""
    made = Measurement()
    kind = np.dtype(dtype).type
    eps, tiny = float(np.finfo(kind).eps), float(np.finfo(kind).smallest_subnormal)
    function = function or numpy_function(entry, order)
    for params in authority.settings(entry):
        kinks = set(authority.kinks(entry, params))
        xs = np.array(authority.points(entry, params, count), kind)
        with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
            got = function(xs, **params)
        assert got.dtype == kind, f"{entry.id}: {dtype} in, {got.dtype} out"
        for x, value in zip(xs.tolist(), got.tolist(), strict=True):
            if x in kinks and order == 2:
                continue
            want = truth(entry, order, x, params)
            if abs(want) > np.finfo(kind).max:
                continue
            step = 0 if x in kinks else abs(x * slope(entry, order, x, params))
            allowed = UNITS[dtype] * eps * (abs(want) + step) + tiny
            error = abs(mpmath.mpf(value) - want) if math.isfinite(value) else mpmath.inf
            made.add(float(error / allowed), x, params, value, float(want))
    return made


def torch_value(entry: Elementwise, xs: Any, params: Mapping[str, Any]) -> tuple[Any, Any]:
    """PyTorch's f and gradient in float64, each x in a tensor of its own length class (one long tensor)."""
    import torch

    function = torch_function(entry)
    x = torch.tensor(xs, dtype=torch.float64, requires_grad=True)
    y = function(x, **params)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    return y.detach().numpy(), gradient.numpy()


def against_torch(entry: Elementwise, count: int = 200) -> tuple[Measurement, list[dict[str, Any]]]:
    """Forward and gradient against PyTorch in float64 at finite x, and the deviations of PyTorch: where it is further
    from the true value than the tolerance and ours is not; the worst point of each quantity and setting."""
    made, deviations = Measurement(), []
    for params in authority.settings(entry):
        xs = np.array(authority.points(entry, params, count))
        theirs = torch_value(entry, xs, params)
        ours = entry.forward(xs, **params), entry.derivative(xs, **params)
        for order, quantity in ((0, "f"), (1, "df")):
            worst: dict[str, Any] = {}
            for x, mine, other in zip(xs.tolist(), ours[order].tolist(), theirs[order].tolist(), strict=True):
                allowed = TORCH_TOLERANCE * max(1.0, abs(mine))
                ratio = abs(mine - other) / allowed if math.isfinite(other) else math.inf
                if ratio > 1:
                    true = float(truth(entry, order, x, params))
                    if abs(mine - true) <= allowed:
                        # Of places that are as bad, the one that is written shortest.
                        rank = (float(f"{ratio:.3g}"), -len(repr(x)))
                        if not worst or rank > (float(f"{worst['ratio']:.3g}"), -len(repr(worst["x"]))):
                            keep = {"ratio": ratio, "x": x, "torch": other, "true": true}
                            worst = {"quantity": quantity, "params": params, "count": worst.get("count", 0), **keep}
                        worst["count"] += 1
                        continue
                made.add(ratio, x, params, mine, other)
            if worst:
                deviations.append(worst)
    return made, deviations


def array_measurements(entry: Any, count: int = 60) -> dict[str, Measurement]:
    """Rows 2, 3 and 4 for gated and vector entries on seeded arrays with tails, each element against the authority.

    A gated output is a scalar formula of one element of either half. A vector output is judged with the conditioning of
    its whole row: eps·(|s_i| + sum_j |J_ij·x_j|), from the plain-loop reference.
    """
    made = {name: Measurement() for name in ("f64", "f32", "df64", "torch")}
    random_ = np.random.default_rng(20_240_229)
    for index in range(count):
        x = random_.uniform(-1, 1, 6) * 10.0 ** random_.integers(-3, 3)
        measure = _gated if entry.kind == "gated" else _vector
        for dtype in ("float64", "float32"):
            measure(entry, x.astype(dtype), made, index)
    return made


def _judge(made: Measurement, got: float, want: Any, condition: Any, x: float, dtype: Any) -> None:
    info = np.finfo(dtype)
    allowed = UNITS[str(info.dtype)] * float(info.eps) * (abs(want) + condition) + float(info.smallest_subnormal)
    made.add(float(abs(mpmath.mpf(float(got)) - want) / allowed), x, {}, float(got), float(want))


def _gated(entry: Any, x: Any, made: dict[str, Measurement], index: int) -> None:
    import torch

    a, b = x[:3].tolist(), x[3:].tolist()
    got, partials = entry.forward(x), entry.derivative(x)
    assert got.dtype == x.dtype
    for i in range(3):
        point = {"a": mpmath.mpf(a[i]), "b": mpmath.mpf(b[i])}
        with mpmath.workdps(400):
            want = entry.definition.mp(point)
            slopes = {name: entry.derivatives[name].mp(point) for name in ("a", "b")}
        condition = sum(abs(point[name] * slopes[name]) for name in slopes)
        _judge(made["f64" if x.dtype == np.float64 else "f32"], got[i], want, condition, b[i], x.dtype)
        if x.dtype == np.float64:
            for name, partial in zip(("a", "b"), partials, strict=True):
                bend = sum(
                    abs(
                        point[other]
                        * authority.derivative(
                            entry.derivatives[name],
                            point[other],
                            {k: v for k, v in point.items() if k != other},
                            1,
                            other,
                        )
                    )
                    for other in point
                )
                _judge(made["df64"], partial[i], slopes[name], bend, b[i], x.dtype)
    if x.dtype == np.float64:
        leaf = torch.tensor(x, requires_grad=True)
        y = torch_function(entry)(leaf, dim=-1)
        (gradient,) = torch.autograd.grad(y.sum(), leaf)
        for mine, theirs in ((got, y.detach().numpy()), (np.concatenate(partials), gradient.numpy())):
            for value, other in zip(mine.tolist(), theirs.tolist(), strict=True):
                made["torch"].add(
                    abs(value - other) / (TORCH_TOLERANCE * max(1.0, abs(value))), index, {}, value, other
                )


def _vector(entry: Any, x: Any, made: dict[str, Measurement], index: int) -> None:
    import torch

    from reference import JACOBIAN, REFERENCE

    values = x.tolist()
    got, jacobian = entry.at(x)
    wanted, slopes = REFERENCE[entry.id](values), JACOBIAN[entry.id](values)
    assert got.dtype == x.dtype and jacobian.shape == (len(wanted), len(values))
    for i, want in enumerate(wanted):
        condition = sum(abs(slope_ * mpmath.mpf(value)) for slope_, value in zip(slopes[i], values, strict=True))
        _judge(made["f64" if x.dtype == np.float64 else "f32"], got[i], want, condition, values[i % len(x)], x.dtype)
        if x.dtype == np.float64:
            for j in range(len(values)):
                # The Jacobian is a product of two outputs, so it inherits the conditioning of both.
                spread = abs(slopes[i][j]) * (1 + max(abs(mpmath.mpf(value)) for value in values))
                _judge(made["df64"], jacobian[i, j], slopes[i][j], spread, values[j], x.dtype)
    if x.dtype == np.float64:
        function, tensor = torch_function(entry), torch.tensor(x)

        def of_vector(v: Any) -> Any:
            return function(v[:, None, None]).flatten() if entry.of_images else function(v, dim=-1)

        theirs = of_vector(tensor).numpy(), torch.autograd.functional.jacobian(of_vector, tensor).numpy()
        for mine, other in zip((got, jacobian), theirs, strict=True):
            for value, their in zip(mine.ravel().tolist(), other.ravel().tolist(), strict=True):
                made["torch"].add(
                    abs(value - their) / (TORCH_TOLERANCE * max(1.0, abs(value))), index, {}, value, their
                )


def torch_function(entry: Any) -> Callable[..., Any]:
    """PyTorch's function, or the expression composed of its functions where there is none of this signature."""
    import torch

    if entry.torch.composed:
        code = compile(entry.torch.composed, entry.id, "eval")
        scope = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
        return lambda x, **params: eval(code, {**scope, **entry.defaults(), **params, "x": x})
    assert entry.torch.functional, f"{entry.id}: give torch.functional or torch.composed"
    found: Any = torch
    for part in entry.torch.functional.split(".")[1:]:
        found = getattr(found, part)
    return found


def run_torch(code: str) -> str:
    """What a PyTorch sample prints, with fixed seeds."""
    import torch

    torch.set_printoptions(profile="default")
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "sample", "exec"), {"__name__": "sample"})
    return printed.getvalue()


def evaluate_torch(expression: str) -> Any:
    """The value of a PyTorch expression quoted in prose, as JSON can hold it."""
    import torch

    torch.manual_seed(0)
    scope = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    made = eval(compile(expression, "value", "eval"), scope)
    if isinstance(made, torch.Tensor):
        made = made.detach().tolist()
    if isinstance(made, float) and not math.isfinite(made):
        return {math.inf: "inf", -math.inf: "-inf"}.get(made, "nan")
    return made if isinstance(made, (float, int, bool, str, list)) else str(made)


ROWS = {
    "f64": (0, "float64"),
    "f32": (0, "float32"),
    "df64": (1, "float64"),
    "df32": (1, "float32"),
    "d2f64": (2, "float64"),
}
"""Rows 2 and 3: which function in which dtype."""
ROW_OF = {"f64": 2, "f32": 2, "df64": 3, "df32": 3, "d2f64": 3, "torch": 4, "js": 6}


def figure_deviation(subject: Subject) -> dict[str, Any]:
    """Row 5: how many curves the drawings of an entry or a guide show, and the worst distance from NumPy in pixels of
    800."""
    worst, curves = 0.0, 0
    for role, drawing in drawings(subject.prefix).items():
        for curve in drawn_in(subject, role):
            worst, curves = max(worst, faults(Picture(drawing.svg), curve)[1]), curves + 1
    return {"checks": curves, "worst": float(f"{worst:.3f}")}


def verification(entries: Any) -> dict[str, Any]:
    """`measured/verification.json` without date and versions: comparisons by row and entry, worst errors."""
    import live_script
    import operator_checker

    rows: dict[int, int] = {}
    per_entry: dict[str, Any] = {}
    deviations = []

    def count(row: int, checks: int, entry: Any) -> None:
        rows[row] = rows.get(row, 0) + checks
        per_entry[entry.id]["checks"] = per_entry[entry.id].get("checks", 0) + checks

    for entry in entries:
        per_entry[entry.id] = {}
        if isinstance(entry, Elementwise):
            measured = {name: accuracy(entry, order, dtype) for name, (order, dtype) in ROWS.items()}
            measured["torch"], found = against_torch(entry)
            deviations += [{"id": entry.id, **item} for item in found]
        elif isinstance(entry, Layer):
            checks, worst = operator_checker.against_torch(entry)
            measured = {"torch": Measurement(checks, worst)}
        else:
            measured = array_measurements(entry)
        if not isinstance(entry, Layer):
            measured["js"] = live_script.against_numpy(entry, live_script.engine(entry))
        for name, made in measured.items():
            per_entry[entry.id][name] = made.record()
            count(ROW_OF[name], made.checks, entry)
        if isinstance(entry, Elementwise):
            per_entry[entry.id]["figures"] = figures = figure_deviation(entry)
            count(5, figures["checks"], entry)
        count(7, len(snippets.shown(entry)), entry)
        count(8, proofs.count(entry), entry)
    for guide in entries.guides:
        rows[5] += figure_deviation(guide)["checks"]
        rows[7] += len(snippets.shown(guide))
    rows[1], rows[9] = len(GOLDEN), len(pages.render(entries)) // len(pages.LANGUAGES)
    total = {"checks": sum(rows.values()), "entries": len(per_entry)}
    listed = [{"row": row, "checks": checks} for row, checks in sorted(rows.items())]
    return {"total": total, "rows": listed, "entries": per_entry, "deviations": deviations}
