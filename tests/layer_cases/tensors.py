"""Tensor operations: configurations, plain loops and PyTorch's functions.

`view` depends on the strides: a driver must hand them to PyTorch as they are (torch.from_numpy, not torch.tensor).
"""

import itertools
import math

import numpy as np
import torch

from layer_cases import Case


def _layouts(rng, shape):
    """The same sizes with other strides: contiguous, axes permuted, every second element, repeated."""
    yield rng.standard_normal(shape)
    order = rng.permutation(len(shape))
    yield rng.standard_normal([shape[i] for i in order]).transpose(np.argsort(order))
    if shape:
        yield rng.standard_normal((*shape[:-1], 2 * shape[-1]))[..., ::2]
        yield rng.standard_normal((shape[0] + 2, *shape[1:]))[1:-1]
        yield _repeated(rng, shape, rng.integers(len(shape)))


def _repeated(rng, shape, axis):
    """One element for the whole of an axis: stride 0, as after torch.Tensor.expand."""
    x = rng.standard_normal([1 if i == axis else n for i, n in enumerate(shape)])
    strides = [0 if i == axis else step for i, step in enumerate(x.strides)]
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def _all_layouts(rng, shapes):
    return [x for shape in shapes for x in _layouts(rng, shape)]


SHAPES = [(), (1,), (6,), (3, 4), (2, 3, 2), (2, 1, 3), (4, 1, 1, 2), (0, 3), (2, 0, 3), (1, 1), (2, 3, 2, 2)]


def _factorisation(rng, size):
    """A random shape of that many elements, with some sizes of 1."""
    shape = []
    while size > 1:
        divisors = [d for d in range(2, size + 1) if size % d == 0]
        shape.append(int(rng.choice(divisors)))
        size //= shape[-1]
    for _ in range(rng.integers(0, 3)):
        shape.insert(int(rng.integers(0, len(shape) + 1)), 1)
    return shape


def _new_shapes(rng, x):
    if x.size == 0:
        return [(0,), (3, 0), (0, 7, 2), (-1,), x.shape]
    shapes = [x.shape, tuple(_factorisation(rng, x.size)), tuple(_factorisation(rng, x.size))]
    last = _factorisation(rng, x.size) or [1]
    last[rng.integers(len(last))] = -1
    return [*shapes, tuple(last)]


def _reshape_cases():
    rng = np.random.default_rng(40)
    return [Case((x,), {"shape": shape}) for x in _all_layouts(rng, SHAPES) for shape in _new_shapes(rng, x)]


def _blocks(x):
    """(number of elements, step) of the runs of x that have no gaps, from the definition: two neighbouring axes
    belong together if a step along the first leads to where the second ends."""
    blocks = []
    for size, step in zip(x.shape, x.strides, strict=True):
        if size == 1:
            continue
        if blocks and blocks[-1][1] == size * step:
            blocks[-1] = (blocks[-1][0] * size, step)
        else:
            blocks.append((size, step))
    return blocks


def _fits(x, shape):
    """Do the products of the first sizes meet every border between two blocks?"""
    borders = set(itertools.accumulate((size for size, _ in _blocks(x)), lambda a, b: a * b))
    return x.size == 0 or borders <= {1, *itertools.accumulate(shape, lambda a, b: a * b)}


def _view_configurations():
    """(x, shape), about half of which are impossible."""
    rng = np.random.default_rng(41)
    for _ in range(8):
        for x in _all_layouts(rng, SHAPES):
            for shape in _new_shapes(rng, x):
                known = math.prod(n for n in shape if n != -1)
                full = tuple(x.size // known if n == -1 else n for n in shape) if known else shape
                yield x, shape, _fits(x, full)


VIEWS = [*_view_configurations()]


def _view_cases():
    return [Case((x,), {"shape": shape}) for x, shape, fits in VIEWS if fits][:400]


def _view_invalid():
    impossible = [(Case((x,), {"shape": shape}), "shape") for x, shape, fits in VIEWS if not fits]
    return [
        (Case((np.ones((3, 4)).T,), {"shape": (12,)}), "shape"),
        (Case((np.ones((3, 8))[:, :2],), {"shape": (2, 3)}), "shape"),
        *_reshape_invalid(),
        *impossible,
    ]


def _reshape_invalid():
    x = np.ones((3, 4))
    return [
        (Case((x,), {"shape": (5, 2)}), "shape"),
        (Case((x,), {"shape": ()}), "shape"),
        (Case((x,), {"shape": (-1, -1)}), "shape"),
        (Case((x,), {"shape": (-1, 5)}), "shape"),
        (Case((x,), {"shape": (-2, -6)}), "shape"),
        (Case((x[:0],), {"shape": (-1, 0)}), "shape"),
        (Case((x,), {"shape": (2.0, 6)}), "shape"),
    ]


def _permute_cases():
    rng = np.random.default_rng(42)
    cases = []
    for x in _all_layouts(rng, SHAPES):
        orders = [*itertools.permutations(range(x.ndim))]
        for i in rng.choice(len(orders), min(3, len(orders)), replace=False):
            dims = tuple(d - x.ndim if rng.random() < 0.3 else d for d in orders[i])
            cases.append(Case((x,), {"dims": dims}))
    return cases


def _transpose_cases():
    rng = np.random.default_rng(43)
    cases = [Case((np.array(2.0),), {"dim0": a, "dim1": b}) for a in (0, -1) for b in (0, -1)]
    for x in _all_layouts(rng, SHAPES[1:]):
        for _ in range(2):
            dim0, dim1 = (int(d) for d in rng.integers(-x.ndim, x.ndim, 2))
            cases.append(Case((x,), {"dim0": dim0, "dim1": dim1}))
    return cases


def _split_cases():
    rng = np.random.default_rng(44)
    cases = []
    for x in _all_layouts(rng, SHAPES[1:]):
        for _ in range(2):
            dim = int(rng.integers(-x.ndim, x.ndim))
            length = x.shape[dim]
            cuts = sorted(int(c) for c in rng.integers(0, length + 1, rng.integers(0, 4)))
            sections = [b - a for a, b in zip([0, *cuts], [*cuts, length], strict=True)]
            size = int(rng.integers(1, length + 2)) if length else int(rng.integers(0, 3))
            cases += [
                Case((x,), {"split_size_or_sections": size, "dim": dim}),
                Case((x,), {"split_size_or_sections": sections, "dim": dim}),
            ]
    cases.append(Case((np.zeros((0, 3)),), {"split_size_or_sections": []}))
    return cases


def _slice_cases():
    rng = np.random.default_rng(45)
    cases = [Case((rng.standard_normal((5, 3)),)), Case((rng.standard_normal(5),), {"end": 2**63 - 1})]
    for x in _all_layouts(rng, SHAPES[1:]):
        for _ in range(4):
            dim = int(rng.integers(-x.ndim, x.ndim))
            start, end = (int(n) for n in rng.integers(-x.shape[dim] - 2, x.shape[dim] + 3, 2))
            params = {"dim": dim, "start": start, "end": end, "step": int(rng.integers(1, 4))}
            cases.append(Case((x,), {name: value for name, value in params.items() if rng.random() < 0.8}))
    return cases


OPERATIONS = ("add", "sub", "mul", "div", "maximum", "minimum", "pow")


def _pointwise_cases():
    rng = np.random.default_rng(46)
    pairs = [
        ((), ()),
        ((3,), ()),
        ((2, 3), (2, 3)),
        ((2, 3), (3,)),
        ((2, 3), (2, 1)),
        ((3,), (4, 1)),
        ((1, 3), (2, 1, 1)),
        ((0, 3), (3,)),
        ((2, 1, 3), (4, 1)),
        ((1,), (2, 0)),
    ]
    cases = []
    for op, (shape, other_shape) in itertools.product(OPERATIONS, pairs):
        x, other = rng.standard_normal(shape), rng.standard_normal(other_shape)
        if op in ("maximum", "minimum"):  # many ties
            x, other = np.round(x), np.round(other)
        if op == "pow":
            x = np.abs(x)
        cases.append(Case((np.asarray(x), np.asarray(other)), {"op": op}))
    for op in OPERATIONS:
        x = np.abs(rng.standard_normal((4, 3))).T
        cases.append(Case((x, rng.standard_normal((3, 8))[:, ::2]), {"op": op}))
        cases.append(Case((_repeated(rng, (3, 4), 0) ** 2, rng.standard_normal((4, 1, 3)).T), {"op": op}))
    cases += [
        Case((np.array([0.0, 0, 0, 2, 2, 0.5]), np.array([0.0, 1, 2, 0, 1, -2])), {"op": "pow"}),
        Case((np.array([1.0, 3, 3, 2]), np.array([1.0, 2, 3, 3])), {"op": "maximum"}),
        Case((np.array([1.0, 3, 3, 2]), np.array([1.0, 2, 3, 3])), {"op": "minimum"}),
    ]
    return cases


def _at(x):
    """The elements in the order of the indices, the last one running fastest."""
    return [x[place] for place in np.ndindex(x.shape)]


def _loop_reshape(x, shape):
    known = math.prod(n for n in shape if n != -1)
    shape = tuple(x.size // known if n == -1 else n for n in shape)
    out = np.zeros(shape)
    for place, element in zip(np.ndindex(shape), _at(x), strict=True):
        out[place] = element
    return out


def _loop_permute(x, dims):
    out = np.zeros([x.shape[d] for d in dims])
    for place in np.ndindex(out.shape):
        source = [0] * x.ndim
        for i, d in zip(place, dims, strict=True):
            source[d] = i
        out[place] = x[tuple(source)]
    return out


def _loop_transpose(x, dim0, dim1):
    dims = [*range(x.ndim)]
    if dims:
        dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
    return _loop_permute(x, dims)


def _loop_pick(x, dim, places):
    shape = list(x.shape)
    shape[dim] = len(places)
    out = np.zeros(shape)
    for place in np.ndindex(out.shape):
        source = list(place)
        source[dim] = places[place[dim]]
        out[place] = x[tuple(source)]
    return out


def _loop_split(x, split_size_or_sections, dim=0):
    length = x.shape[dim]
    pieces, rest = [], [*range(length)]
    if isinstance(split_size_or_sections, int):
        while rest or not pieces:
            pieces.append(rest[:split_size_or_sections])
            rest = rest[split_size_or_sections:]
    else:
        for size in split_size_or_sections:
            pieces.append(rest[:size])
            rest = rest[size:]
    return tuple(_loop_pick(x, dim, piece) for piece in pieces)


def _loop_slice(x, dim=0, start=None, end=None, step=1):
    length = x.shape[dim]

    def bound(n, default):
        n = default if n is None else n
        return min(max(n + length if n < 0 else n, 0), length)

    place, last = bound(start, 0), bound(end, length)
    places = []
    while place < last:
        places.append(place)
        place += step
    return _loop_pick(x, dim, places)


def _loop_pointwise(x, other, op="add"):
    actions = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "maximum": lambda a, b: a if a > b else b,
        "minimum": lambda a, b: a if a < b else b,
        "pow": lambda a, b: a**b,
    }
    ndim = max(x.ndim, other.ndim)
    sizes = [(1,) * (ndim - a.ndim) + a.shape for a in (x, other)]
    out = np.zeros([n if m == 1 else m for m, n in zip(*sizes, strict=True)])
    for place in np.ndindex(out.shape):
        a, b = (
            float(array[tuple(0 if n == 1 else i for i, n in zip(place, size, strict=True))[ndim - array.ndim :]])
            for array, size in zip((x, other), sizes, strict=True)
        )
        out[place] = actions[op](a, b)
    return out


def _torch_slice(x, dim=0, start=None, end=None, step=1):
    return torch.ops.aten.slice.Tensor(x, dim, start, end, step)


X = np.ones((3, 4))

CASES = {
    "reshape": _reshape_cases(),
    "view": _view_cases(),
    "permute": _permute_cases(),
    "transpose": _transpose_cases(),
    "split": _split_cases(),
    "slice": _slice_cases(),
    "pointwise": _pointwise_cases(),
}
TORCH = {
    "reshape": lambda x, shape: torch.reshape(x, shape),
    "view": lambda x, shape: x.view(shape),
    "permute": lambda x, dims: torch.permute(x, dims),
    "transpose": lambda x, dim0, dim1: torch.transpose(x, dim0, dim1),
    "split": lambda x, split_size_or_sections, dim=0: torch.split(x, split_size_or_sections, dim),
    "slice": _torch_slice,
    "pointwise": lambda x, other, op="add": getattr(torch, op)(x, other),
}
LOOPS = {
    "reshape": _loop_reshape,
    "view": _loop_reshape,
    "permute": _loop_permute,
    "transpose": _loop_transpose,
    "split": _loop_split,
    "slice": _loop_slice,
    "pointwise": _loop_pointwise,
}
LOOP_CASES = {
    "reshape": [case for case in CASES["reshape"] if case.arrays[0].size],
    "view": [case for case in CASES["view"] if case.arrays[0].size],
    "permute": CASES["permute"],
    "transpose": CASES["transpose"],
    "split": CASES["split"],
    "slice": CASES["slice"],
    "pointwise": CASES["pointwise"],
}
INVALID = {
    "reshape": [*_reshape_invalid(), (Case((X,), {"shape": 12}), "shape")],
    "view": _view_invalid(),
    "permute": [
        (Case((X,), {"dims": (0,)}), "dims"),
        (Case((X,), {"dims": (0, 0)}), "dims"),
        (Case((X,), {"dims": (1, -1)}), "dims"),
        (Case((X,), {"dims": (0, 2)}), "dims"),
        (Case((X,), {"dims": (0, 1.0)}), "dims"),
    ],
    "transpose": [
        (Case((X,), {"dim0": 0, "dim1": 2}), "dim1"),
        (Case((X,), {"dim0": -3, "dim1": 1}), "dim0"),
        (Case((np.array(1.0),), {"dim0": 0, "dim1": 1}), "dim1"),
        (Case((X,), {"dim0": 0.0, "dim1": 1}), "dim0"),
    ],
    "split": [
        (Case((X,), {"split_size_or_sections": 0}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": -1}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": [1, 1]}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": [4, -1]}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": []}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": 2.0}), "split_size_or_sections"),
        (Case((X,), {"split_size_or_sections": 1, "dim": 2}), "dim"),
        (Case((np.array(1.0),), {"split_size_or_sections": 1}), "x"),
    ],
    "slice": [
        (Case((X,), {"step": 0}), "step"),
        (Case((X,), {"step": -1}), "step"),
        (Case((X,), {"dim": 2}), "dim"),
        (Case((X,), {"dim": -3}), "dim"),
        (Case((np.array(1.0),), {}), "x"),
    ],
    "pointwise": [
        (Case((X, np.ones(3))), "other"),
        (Case((X, np.ones((2, 4))), {"op": "mul"}), "other"),
        (Case((np.ones((2, 1, 3)), np.ones((4, 2))), {"op": "pow"}), "other"),
        (Case((X, X), {"op": "plus"}), "op"),
    ],
}
