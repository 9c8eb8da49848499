"""Layers: NumPy forward and gradients against PyTorch and against plain loops, over many configurations of each."""

import importlib
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
LEAST = {"convolution": 200, "pooling": 200, "normalization": 50}
"""How many configurations an entry of a family must have; 40 for others."""
# The order of a sum is not PyTorch's, so a result may differ by some units in the last place of its largest element.
RELATIVE, ABSOLUTE, SMALL = 1e-12, 1e-14, 1e-2


def each(function: Any) -> Any:
    return pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)(function)


def parts(output: Any) -> list[Any]:
    """The arrays of a result that is one or several; absent ones left out."""
    several = output if isinstance(output, (tuple, list)) else (output,)
    return [one.detach().numpy() if isinstance(one, torch.Tensor) else np.asarray(one) for one in several if one is not None]


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


def run_torch(name: str, case: Case, seed: int) -> tuple[list[Any], Any, dict[int, Any]]:
    """Results, upstream gradient and gradients by the place of the argument, as PyTorch computes them."""
    given = tensors(case)
    output = TORCH[name](*given, **case.params)
    several = output if isinstance(output, (tuple, list)) else (output,)
    random = np.random.default_rng(seed)
    asked = several if name == "split" else several[:1]
    upstream = [torch.from_numpy(np.asarray(random.normal(size=tuple(one.shape)))) for one in asked]
    wanted = [place for place, one in enumerate(given) if one is not None and one.requires_grad]
    gradients: dict[int, Any] = {}
    if wanted and any(one.requires_grad for one in asked):
        found = torch.autograd.grad(asked, [given[place] for place in wanted], upstream, allow_unused=True)
        gradients = {place: one.numpy() for place, one in zip(wanted, found, strict=True) if one is not None}
    arrays = [one.numpy() for one in upstream]
    return parts(output), tuple(arrays) if name == "split" else arrays[0], gradients


def names(entry: Layer) -> list[str]:
    return [*entry.arrays, *entry.parameters]


def described(entry: Layer, case: Case) -> str:
    shapes = ", ".join("None" if array is None else str(np.shape(array)) for array in case.arrays)
    return f"{entry.id}({shapes}, {case.params})"


@each
def test_as_pytorch(entry: Layer) -> None:
    assert len(CASES[entry.id]) >= LEAST.get(entry.family, 40)
    for seed, case in enumerate(CASES[entry.id]):
        kept = [None if array is None else np.copy(array) for array in case.arrays]
        theirs, upstream, gradients = run_torch(entry.id, case, seed)
        ours = parts(entry.forward(*case.arrays, **case.params))
        found = entry.backward(upstream, *case.arrays, **case.params)
        where = described(entry, case)
        assert len(ours) == len(theirs), where
        for mine, other in zip(ours, theirs, strict=True):
            assert share(mine, other) <= 1, f"{where}: forward is {share(mine, other):.3g} times too far"
        assert set(found) >= {names(entry)[place] for place in gradients}, where
        for place, gradient in gradients.items():
            distance = share(found[names(entry)[place]], gradient)
            assert distance <= 1, f"{where}: the gradient of {names(entry)[place]} is {distance:.3g} times too far"
        for array, before in zip(case.arrays, kept, strict=True):
            assert array is None or np.array_equal(array, before, equal_nan=True), f"{where} changed an argument"


@each
def test_as_plain_loops(entry: Layer) -> None:
    for case in LOOP_CASES.get(entry.id, CASES[entry.id][:12]):
        ours, theirs = parts(entry.forward(*case.arrays, **case.params)), parts(LOOPS[entry.id](*case.arrays, **case.params))
        for mine, other in zip(ours, theirs, strict=False):
            assert share(mine, other) <= 1, described(entry, case)


@each
def test_single_precision_stays(entry: Layer) -> None:
    for seed, case in enumerate(CASES[entry.id][:40]):
        single = [np.asarray(a, np.float32) if a is not None and a.dtype == np.float64 else a for a in case.arrays]
        ours, double = (parts(entry.forward(*arrays, **case.params)) for arrays in (single, case.arrays))
        for mine, other in zip(ours, double, strict=True):
            assert mine.dtype == (np.float32 if other.dtype == np.float64 else other.dtype), described(entry, case)
            if mine.dtype == np.float32 and np.isfinite(other).all():
                assert np.abs(mine - other).max(initial=0) <= 1e-4 * max(1, np.abs(other).max(initial=0)), described(entry, case)
        upstream = run_torch(entry.id, case, seed)[1]
        upstream = tuple(g.astype(np.float32) for g in upstream) if isinstance(upstream, tuple) else upstream.astype(np.float32)
        for name, gradient in entry.backward(upstream, *single, **case.params).items():
            given = single[names(entry).index(name)] if names(entry).index(name) < len(single) else None
            assert given is None or gradient.dtype == given.dtype, f"{described(entry, case)}: {name} is {gradient.dtype}"


@each
def test_wrong_arguments_are_named(entry: Layer) -> None:
    for case, argument in INVALID.get(entry.id, []):
        with pytest.raises((ValueError, IndexError, TypeError), match=rf"\b{argument}\b"):
            entry.forward(*case.arrays, **case.params)
        with pytest.raises((ValueError, IndexError, TypeError, RuntimeError)):
            TORCH[entry.id](*tensors(case), **case.params)


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
