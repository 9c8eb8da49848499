"""Layers: NumPy forward and gradients against PyTorch and against plain loops, over many configurations of each."""

import ast
import functools
import inspect
import re
from typing import Any

import numpy as np
import pytest
import torch

from operator_checker import (
    CASES,
    ENTRIES,
    INVALID,
    LOOP_CASES,
    LOOPS,
    NUMPY,
    TORCH,
    against_torch,
    bound,
    described,
    parts,
    share,
    tensors,
    upstream,
)
from truecurve import recordings
from truecurve.layer import Layer

LEAST = {"convolution": 200, "pooling": 200, "normalization": 50}
"""How many configurations an entry of a family must have; 40 for others."""
RECORDED = recordings.read(recordings.VERIFICATION)["entries"]


def each(function: Any) -> Any:
    return pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)(function)


@each
def test_as_pytorch(entry: Layer) -> None:
    assert len(CASES[entry.id]) >= (40 if entry.id == "dropout" else LEAST.get(entry.family, 40))
    checks, worst = against_torch(entry)
    recorded = RECORDED[entry.id]["torch"]
    assert checks == recorded["checks"], "run make record"
    assert worst <= recorded["worst"] + 0.1, f"was {recorded['worst']}, is {worst}"  # processors sum in another order


def pytorch_defaults(entry: Layer) -> dict[str, Any]:
    """The arguments of PyTorch's function and their defaults (`...`: none), from its signature or its documentation."""
    assert entry.torch.functional
    function = functools.reduce(getattr, entry.torch.functional.split(".")[1:], torch)
    # Pooling picks one of two functions by return_indices; its arguments are those of the one without indices.
    function = getattr(torch.nn.functional, f"_{function.__name__}", function) if entry.id == "max_pool2d" else function
    try:
        listed = inspect.signature(function).parameters.values()
        return {p.name: ... if p.default is p.empty else p.default for p in listed}
    except ValueError:  # a function of C++
        stated = re.search(rf"{function.__name__}\((.*?)\) ->", function.__doc__.replace("\n", " "))
        (made,) = ast.parse(f"def f({stated[1] if stated else ''}): pass").body
        assert isinstance(made, ast.FunctionDef)
        names = [argument.arg for argument in made.args.args]
        values = [ast.literal_eval(default) for default in made.args.defaults]
        return dict.fromkeys(names, ...) | dict(zip(names[len(names) - len(values) :], values, strict=True))


OTHERWISE = {"size_average", "reduce", "inplace", "sparse", "out"}
"""Arguments that we do without: deprecated ones, and those that say where and how a result is stored."""
RENAMED = {"input": "x", "tensor": "x", "batch1": "x"}


STATED = [entry for entry in ENTRIES if entry.torch.functional and entry.id != "view"]
"""The method view takes its sizes one by one."""


@pytest.mark.parametrize("entry", STATED, ids=lambda entry: entry.id)
def test_arguments_are_pytorchs(entry: Layer) -> None:
    """The same names in the same order with the same defaults; the first array is called x (of embedding indices)."""
    theirs = {name: value for name, value in pytorch_defaults(entry).items() if name not in OTHERWISE}
    first = {"embedding": "indices"}.get(entry.id, "x")
    theirs = {first if name in RENAMED else name: value for name, value in theirs.items()}
    ours = {
        name: ... if p.default is p.empty else p.default
        for name, p in inspect.signature(NUMPY[entry.id]).parameters.items()
        if name != "rng"
    }
    assert list(ours.items()) == list(theirs.items())


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
        outer = single(upstream(entry.id, entry.forward(**exact), seed))
        for name, gradient in entry.backward(outer, **rounded).items():
            assert gradient.dtype == rounded[name].dtype, f"{where}: {name} is {gradient.dtype}"


@each
def test_wrong_arguments_are_named(entry: Layer) -> None:
    for case, argument in INVALID.get(entry.id, []):
        with pytest.raises((ValueError, IndexError, TypeError), match=rf"\b{argument}\b"):
            entry.forward(**bound(NUMPY[entry.id], case))
        with pytest.raises(
            (ValueError, IndexError, TypeError, RuntimeError, AssertionError, ArithmeticError, AttributeError)
        ):
            TORCH[entry.id](**tensors(bound(NUMPY[entry.id], case)))


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
