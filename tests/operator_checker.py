"""Layers against PyTorch: every configuration of tests/layer_cases, forward and gradients, in float64."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch

import layer_cases
from layer_cases import Case
from truecurve import catalog
from truecurve.layer import Layer

MODULES = [importlib.import_module(f"layer_cases.{found.name}") for found in pkgutil.iter_modules(layer_cases.__path__)]
CASES: dict[str, list[Case]] = {name: cases for module in MODULES for name, cases in module.CASES.items()}
LOOP_CASES = {name: cases for module in MODULES for name, cases in getattr(module, "LOOP_CASES", {}).items()}
TORCH: dict[str, Callable[..., Any]] = {name: call for module in MODULES for name, call in module.TORCH.items()}
LOOPS: dict[str, Callable[..., Any]] = {name: call for module in MODULES for name, call in module.LOOPS.items()}
INVALID: dict[str, list[tuple[Case, str]]] = {name: bad for module in MODULES for name, bad in module.INVALID.items()}
ENTRIES = [entry for entry in catalog() if isinstance(entry, Layer)]
NUMPY = {entry.id: entry._functions[""] for entry in ENTRIES}
# The order of a sum is not PyTorch's, so a result may differ by some units in the last place of its largest element.
RELATIVE, ABSOLUTE, SMALL = 1e-12, 1e-14, 1e-2


def parts(output: Any) -> list[Any]:
    """The arrays of a result that is one or several; absent ones left out."""
    several = output if isinstance(output, (tuple, list)) else (output,)
    return [
        one.detach().numpy() if isinstance(one, torch.Tensor) else np.asarray(one) for one in several if one is not None
    ]


def share(ours: Any, theirs: Any) -> float:
    """The largest difference over what is allowed."""
    if ours.shape != theirs.shape:
        return float("inf")
    if not theirs.size:
        return 0.0
    if theirs.dtype.kind in "biu":
        return 0.0 if np.array_equal(ours, theirs) else float("inf")
    finite = np.isfinite(theirs)
    if not np.array_equal(ours[~finite], theirs[~finite], equal_nan=True):
        return float("inf")
    largest = np.abs(theirs[finite]).max(initial=0)
    difference = np.abs(ours[finite] - theirs[finite]).max(initial=0)
    return float(difference / (ABSOLUTE if largest < SMALL else RELATIVE * largest))


def tensors(arguments: dict[str, Any], wanted: Collection[str] = ()) -> dict[str, Any]:
    """The arrays as tensors, with the same strides; those that are wanted ask for a gradient."""
    made = {name: torch.from_numpy(one) if isinstance(one, np.ndarray) else one for name, one in arguments.items()}
    for name in wanted:
        made[name].requires_grad_()
    return made


def upstream(name: str, output: Any, seed: int) -> Any:
    """A random gradient of the output: of split one for each part, of others that have several results of the first."""
    random = np.random.default_rng(seed)
    several = output if isinstance(output, (tuple, list)) else (output,)
    made = [np.asarray(random.normal(size=np.shape(one))) for one in (several if name == "split" else several[:1])]
    return tuple(made) if name == "split" else made[0]


def run_torch(name: str, arguments: dict[str, Any], gradient: Any, wanted: Collection[str]) -> tuple[list[Any], Any]:
    """Results, and the gradients of the wanted arguments by name, as PyTorch computes them."""
    given = tensors(arguments, wanted)
    output = TORCH[name](**given)
    several = output if isinstance(output, (tuple, list)) else (output,)
    asked = several if name == "split" else several[:1]
    gradients: dict[str, Any] = {}
    if wanted and asked and asked[0].requires_grad:
        outer = [torch.from_numpy(one) for one in (gradient if name == "split" else (gradient,))]
        found = torch.autograd.grad(asked, [given[key] for key in wanted], outer, allow_unused=True)
        gradients = {key: one.numpy() for key, one in zip(wanted, found, strict=True) if one is not None}
    return parts(output), gradients


def bound(call: Any, case: Case, arrays: Any = None) -> dict[str, Any]:
    """The arguments of a call by name: arrays fill, in order, the places that the other arguments leave."""
    names = [name for name in inspect.signature(call).parameters if name != "grad_output" and name not in case.params]
    return {**dict(zip(names, case.arrays if arrays is None else arrays, strict=False)), **case.params}


def described(entry: Layer, case: Case) -> str:
    shapes = ", ".join("None" if array is None else str(np.shape(array)) for array in case.arrays)
    return f"{entry.id}({shapes}, {case.params})"


def against_torch(entry: Layer) -> tuple[int, float]:
    """How many arrays were compared, and the largest share of what is allowed. Raises AssertionError with the case."""
    checks, worst = 0, 0.0
    for seed, case in enumerate(CASES[entry.id]):
        arguments, where = bound(NUMPY[entry.id], case), described(entry, case)
        kept = {name: np.copy(one) for name, one in arguments.items() if isinstance(one, np.ndarray)}
        made = entry.forward(**arguments)
        outer = upstream(entry.id, made, seed)
        ours, found = parts(made), entry.backward(outer, **arguments)
        assert all(arguments[name].dtype.kind == "f" for name in found), f"{where}: gradients of {', '.join(found)}"
        theirs, gradients = run_torch(entry.id, arguments, outer, list(found))
        assert len(ours) == len(theirs), where
        pairs = [("forward", mine, other) for mine, other in zip(ours, theirs, strict=True)]
        pairs += [(f"the gradient of {name}", found[name], gradient) for name, gradient in gradients.items()]
        for what, mine, other in pairs:
            distance = share(mine, other)
            assert distance <= 1, f"{where}: {what} is {distance:.3g} times too far"
            checks, worst = checks + 1, max(worst, distance)
        for name, before in kept.items():
            assert np.array_equal(arguments[name], before, equal_nan=True), f"{where} changed {name}"
    return checks, worst
