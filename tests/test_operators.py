"""Layers: NumPy forward and gradients against PyTorch and against plain loops, over many configurations of each."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import layer_cases
from layer_cases import Case
from truecurve import catalog
from truecurve.entry import Layer

MODULES = [importlib.import_module(f"layer_cases.{found.name}") for found in pkgutil.iter_modules(layer_cases.__path__)]
CASES: dict[str, list[Case]] = {name: cases for module in MODULES for name, cases in module.CASES.items()}
LOOP_CASES = {name: cases for module in MODULES for name, cases in getattr(module, "LOOP_CASES", {}).items()}
TORCH: dict[str, Callable[..., Any]] = {name: call for module in MODULES for name, call in module.TORCH.items()}
LOOPS: dict[str, Callable[..., Any]] = {name: call for module in MODULES for name, call in module.LOOPS.items()}
INVALID: dict[str, list[tuple[Case, str]]] = {name: bad for module in MODULES for name, bad in module.INVALID.items()}
ENTRIES = [entry for entry in catalog() if isinstance(entry, Layer)]
NUMPY = {entry.id: entry._functions[""] for entry in ENTRIES}
LEAST = {"convolution": 200, "pooling": 200, "normalization": 50}
"""How many configurations an entry of a family must have; 40 for others."""
# The order of a sum is not PyTorch's, so a result may differ by some units in the last place of its largest element.
RELATIVE, ABSOLUTE, SMALL = 1e-12, 1e-14, 1e-2


def each(function: Any) -> Any:
    return pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)(function)


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


def tensors(case: Case) -> list[Any]:
    """The arrays as tensors that ask for gradients where they are floating; strides are kept."""
    made = []
    for array in case.arrays:
        tensor = torch.from_numpy(array) if isinstance(array, np.ndarray) else None
        made.append(tensor.requires_grad_() if tensor is not None and tensor.is_floating_point() else tensor)
    return made


def run_torch(name: str, case: Case, seed: int) -> tuple[list[Any], Any, dict[str, Any]]:
    """Results, upstream gradient and gradients by the name of the argument, as PyTorch computes them."""
    given = tensors(case)
    arguments = bound(NUMPY[name], case, given)
    output = TORCH[name](**arguments)
    several = output if isinstance(output, (tuple, list)) else (output,)
    random = np.random.default_rng(seed)
    asked = several if name == "split" else several[:1]
    upstream = [torch.from_numpy(np.asarray(random.normal(size=tuple(one.shape)))) for one in asked]
    wanted = {key: one for key, one in arguments.items() if isinstance(one, torch.Tensor) and one.requires_grad}
    gradients: dict[str, Any] = {}
    if wanted and any(one.requires_grad for one in asked):
        found = torch.autograd.grad(asked, list(wanted.values()), upstream, allow_unused=True)
        gradients = {key: one.numpy() for key, one in zip(wanted, found, strict=True) if one is not None}
    arrays = [one.numpy() for one in upstream]
    return parts(output), tuple(arrays) if name == "split" else arrays[0], gradients


def bound(call: Any, case: Case, arrays: Any = None) -> dict[str, Any]:
    """The arguments of a call by name: arrays fill, in order, the places that the other arguments leave."""
    names = [name for name in inspect.signature(call).parameters if name != "grad_output" and name not in case.params]
    return {**dict(zip(names, case.arrays if arrays is None else arrays, strict=False)), **case.params}


def described(entry: Layer, case: Case) -> str:
    shapes = ", ".join("None" if array is None else str(np.shape(array)) for array in case.arrays)
    return f"{entry.id}({shapes}, {case.params})"


@each
def test_as_pytorch(entry: Layer) -> None:
    assert len(CASES[entry.id]) >= LEAST.get(entry.family, 40)
    for seed, case in enumerate(CASES[entry.id]):
        kept = [None if array is None else np.copy(array) for array in case.arrays]
        theirs, upstream, gradients = run_torch(entry.id, case, seed)
        arguments = bound(NUMPY[entry.id], case)
        ours = parts(entry.forward(**arguments))
        found = entry.backward(upstream, **arguments)
        where = described(entry, case)
        assert len(ours) == len(theirs), where
        for mine, other in zip(ours, theirs, strict=True):
            assert share(mine, other) <= 1, f"{where}: forward is {share(mine, other):.3g} times too far"
        floating = {key for key, one in arguments.items() if isinstance(one, np.ndarray) and one.dtype.kind == "f"}
        assert set(gradients) <= set(found) <= floating, where
        for name, gradient in gradients.items():
            distance = share(found[name], gradient)
            assert distance <= 1, f"{where}: the gradient of {name} is {distance:.3g} times too far"
        for array, before in zip(case.arrays, kept, strict=True):
            assert array is None or np.array_equal(array, before, equal_nan=True), f"{where} changed an argument"


@each
def test_as_plain_loops(entry: Layer) -> None:
    for case in LOOP_CASES.get(entry.id, CASES[entry.id][:12]):
        arguments = bound(NUMPY[entry.id], case)
        ours, theirs = parts(entry.forward(**arguments)), parts(LOOPS[entry.id](**arguments))
        for mine, other in zip(ours, theirs, strict=False):
            assert share(mine, other) <= 1, described(entry, case)


def single(array: Any) -> Any:
    """float64 as float32, the rest as it is; of several arrays each."""
    if isinstance(array, tuple):
        return tuple(map(single, array))
    return array.astype(np.float32) if isinstance(array, np.ndarray) and array.dtype == np.float64 else array


@each
def test_single_precision_stays(entry: Layer) -> None:
    for seed, case in enumerate(CASES[entry.id][:40]):
        where, exact = described(entry, case), bound(NUMPY[entry.id], case)
        rounded = {name: single(value) for name, value in exact.items()}
        for mine, other in zip(parts(entry.forward(**rounded)), parts(entry.forward(**exact)), strict=True):
            assert mine.dtype == (np.float32 if other.dtype == np.float64 else other.dtype), where
            if mine.dtype == np.float32 and np.isfinite(other).all():
                allowed = 1e-4 * max(1, np.abs(other).max(initial=0))
                assert np.abs(mine - other).max(initial=0) <= allowed, where
        upstream = single(run_torch(entry.id, case, seed)[1])
        for name, gradient in entry.backward(upstream, **rounded).items():
            assert gradient.dtype == rounded[name].dtype, f"{where}: {name} is {gradient.dtype}"


@each
def test_wrong_arguments_are_named(entry: Layer) -> None:
    for case, argument in INVALID.get(entry.id, []):
        with pytest.raises((ValueError, IndexError, TypeError), match=rf"\b{argument}\b"):
            entry.forward(**bound(NUMPY[entry.id], case))
        with pytest.raises((ValueError, IndexError, TypeError, RuntimeError)):
            TORCH[entry.id](**bound(NUMPY[entry.id], case, tensors(case)))


def test_every_layer_has_cases() -> None:
    known = {entry.id for entry in ENTRIES}
    assert set(CASES) == set(TORCH) == set(LOOPS) == known
    assert all(INVALID.get(name) for name in known - {"dropout", "dyt", "pointwise"} if name != "global_avg_pool")


def test_a_small_error_is_too_much() -> None:
    """The measure rejects a wrong element, a wrong shape, and nan in place of a number."""
    right = np.random.default_rng(0).normal(size=(3, 4))
    wrong = right.copy()
    wrong[1, 2] += 1e-9
    assert share(right, right) == 0
    assert share(wrong, right) > 1
    assert share(right[:2], right) == float("inf")
    assert share(np.where(wrong == wrong[1, 2], np.nan, right), right) > 1 or np.isnan(share(wrong * np.nan, right))
