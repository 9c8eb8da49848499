"""Linear maps, dropout and embedding: configurations, plain loops, PyTorch."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from layer_cases import Case


def _normal(rng, *shape):
    """Standard normal numbers: a plain array, a transposed view or one with gaps."""
    layout = rng.integers(3)
    if layout == 0:
        return np.asarray(rng.standard_normal(shape))
    if layout == 1:
        return np.asarray(rng.standard_normal(shape[::-1])).T
    return np.asarray(rng.standard_normal([2 * size for size in shape]))[(..., *[slice(None, None, 2)] * len(shape))]


def _linear_cases():
    rng = np.random.default_rng(30)
    # Leading sizes of x, inputs, outputs (None: a weight of one dimension).
    fixed = [((), 3, 2), ((4,), 3, 2), ((2, 3), 4, 5), ((0,), 3, 2), ((3,), 1, 1), ((2,), 0, 3), ((2,), 3, 0)]
    fixed += [((), 3, None), ((4,), 3, None), ((2, 0, 2), 3, 2), ((1, 1, 1), 2, 2)]
    random = []
    for _ in range(24):
        leading = tuple(int(n) for n in rng.integers(1, 5, rng.integers(0, 4)))
        random.append((leading, int(rng.integers(1, 8)), int(rng.integers(1, 8))))
    cases = []
    for leading, inputs, outputs in fixed + random:
        shape = (inputs,) if outputs is None else (outputs, inputs)
        cases.append(Case((_normal(rng, *leading, inputs), _normal(rng, *shape))))
        if outputs is not None:
            cases.append(Case((_normal(rng, *leading, inputs), _normal(rng, *shape), rng.normal(size=outputs))))
    # One bias for all outputs.
    cases.append(Case((_normal(rng, 2, 3), _normal(rng, 4, 3), np.array(0.7))))
    cases.append(Case((_normal(rng, 2, 3), _normal(rng, 4, 3), np.array([0.7]))))
    cases.append(Case((_normal(rng, 3), _normal(rng, 3), np.array(0.7))))
    return cases


def _matmul_cases():
    rng = np.random.default_rng(31)
    fixed = [((3,), (3,)), ((1,), (1,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3,))]
    fixed += [((3,), (5, 3, 2)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4))]
    fixed += [((5, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (5, 3, 2)), ((6, 1, 2, 3), (1, 4, 3, 2)), ((2, 1, 3), (2, 3, 1))]
    fixed += [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0, 2, 3), (0, 3, 2)), ((0, 2, 3), (3, 2)), ((1, 2, 3), (0, 3, 2))]
    fixed += [((0,), (0,)), ((2, 3), (3, 0)), ((1, 1, 1), (1, 1, 1))]
    for _ in range(40):
        n, k, m = (int(size) for size in rng.integers(1, 6, 3))
        stack = [int(size) for size in rng.integers(1, 4, rng.integers(0, 3))]
        left, right = ([1 if rng.random() < 0.3 else size for size in stack] for _ in range(2))
        left = left[rng.integers(len(left) + 1) :]
        x = (k,) if rng.random() < 0.2 else (*left, n, k)
        other = (k,) if rng.random() < 0.2 else (*right, k, m)
        fixed.append((x, other))
    return [Case((_normal(rng, *x), _normal(rng, *other))) for x, other in fixed]


def _product_cases(seed, stacks):
    """Matrices, or stacks of them."""
    rng = np.random.default_rng(seed)
    sizes = [*itertools.product((1, 2, 5), repeat=3), (0, 2, 3), (2, 0, 3), (2, 3, 0), (7, 11, 4)]
    sizes += [tuple(int(size) for size in rng.integers(1, 9, 3)) for _ in range(15)]
    return [
        Case((_normal(rng, *stack, n, k), _normal(rng, *stack, k, m)))
        for (n, k, m), stack in zip(sizes, itertools.cycle(stacks))
    ]


class Replayed(np.random.Generator):
    """A generator that draws the same numbers each time: a case runs forward, backward and in PyTorch."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))
        self.seed = seed

    def random(self, *args, **kwargs):
        return np.random.default_rng(self.seed).random(*args, **kwargs)


def _dropout_cases():
    rng = np.random.default_rng(34)
    shapes = [(6,), (2, 3), (0, 4), (), (1, 1), (3, 4, 5), (2, 3, 4, 5), (1000,)]
    cases = []
    for shape, p in itertools.product(shapes, (0.0, 0.1, 0.5, 0.9, 1.0)):
        cases.append(Case((_normal(rng, *shape),), {"p": p, "rng": Replayed(len(cases))}))
    for shape in shapes:
        cases.append(Case((_normal(rng, *shape),), {"p": 0.5, "training": False}))
    cases.append(Case((_normal(rng, 4, 4),), {"rng": Replayed(1)}))
    return cases


def _embedding_cases():
    rng = np.random.default_rng(35)
    shapes = [(), (3,), (2, 4), (0,), (2, 0, 3), (1, 1), (2, 3, 2), (30,)]
    cases = []
    for shape, (rows, width) in itertools.product(shapes, ((1, 1), (5, 3), (7, 1))):
        indices = rng.integers(0, rows, shape)
        weight = _normal(rng, rows, width)
        cases.append(Case((indices, weight)))
        params = {"padding_idx": int(rng.integers(-rows, rows)), "scale_grad_by_freq": bool(rng.integers(2))}
        cases.append(Case((indices, weight), params))
        params = {"max_norm": float(rng.choice([0, 0.5, 2])), "norm_type": float(rng.choice([0.5, 1, 2, 3, math.inf]))}
        cases.append(Case((indices, weight), params))
    cases.append(Case((rng.integers(0, 6, (4, 6))[:, ::2], _normal(rng, 6, 2)), {"scale_grad_by_freq": True}))
    cases.append(Case((rng.integers(0, 6, (4, 6)).T, _normal(rng, 6, 2)), {"padding_idx": 0}))
    cases.append(Case((np.array([1, 1, 2], np.int32), _normal(rng, 3, 2)), {"padding_idx": -1}))
    return cases


CASES = {
    "linear": _linear_cases(),
    "matmul": _matmul_cases(),
    "bmm": _product_cases(32, [(1,), (3,), (2,), (5,), (0,)]),
    "mm": _product_cases(33, [()]),
    "dropout": _dropout_cases(),
    "embedding": _embedding_cases(),
}


def _torch_dropout(x, p=0.5, training=True, rng=None):
    """The mask PyTorch would draw is another one; what it does with a mask is this."""
    if rng is None or not 0 <= p <= 1:
        return F.dropout(x, p, training)
    if not training:
        return x
    kept = torch.from_numpy(np.asarray(rng.random(tuple(x.shape)) >= p)).to(x.dtype)
    return x * (kept.div_(1 - p) if p < 1 else kept)


def _torch_embedding(indices, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False):
    # With max_norm PyTorch writes into weight: a copy, through which the gradient passes.
    return F.embedding(indices, weight.clone(), padding_idx, max_norm, norm_type, scale_grad_by_freq)


TORCH = {
    "linear": lambda x, weight, bias=None: F.linear(x, weight, bias),
    "matmul": lambda x, other: torch.matmul(x, other),
    "bmm": lambda x, mat2: torch.bmm(x, mat2),
    "mm": lambda x, mat2: torch.mm(x, mat2),
    "dropout": _torch_dropout,
    "embedding": _torch_embedding,
}


def _loop_linear(x, weight, bias=None):
    y = np.empty(x.shape[:-1] + weight.shape[:-1])
    for sample in np.ndindex(*x.shape[:-1]):
        for output in np.ndindex(*weight.shape[:-1]):
            total = sum(weight[output][i] * x[sample][i] for i in range(x.shape[-1]))
            if bias is not None:
                total += bias[output] if bias.shape == weight.shape[:-1] else bias.item()
            y[sample + output] = total
    return y


def _loop_mm(x, mat2):
    y = np.empty((x.shape[0], mat2.shape[1]))
    for i, j in np.ndindex(*y.shape):
        y[i, j] = sum(x[i, k] * mat2[k, j] for k in range(x.shape[1]))
    return y


def _loop_bmm(x, mat2):
    y = np.empty((x.shape[0], x.shape[1], mat2.shape[2]))
    for b in range(x.shape[0]):
        y[b] = _loop_mm(x[b], mat2[b])
    return y


def _loop_matmul(x, other):
    if x.ndim == 1:
        y = _loop_matmul(x.reshape(1, -1), other)
        return y[0] if other.ndim == 1 else y[..., 0, :]
    if other.ndim == 1:
        return _loop_matmul(x, other.reshape(-1, 1))[..., 0]
    if x.ndim == other.ndim == 2:
        return _loop_mm(x, other)
    # The first axis of the longer stack; the same matrices again where an array is without it or has size 1 there.
    ndim = max(x.ndim, other.ndim)
    has_x, has_other = x.ndim == ndim, other.ndim == ndim
    size = x.shape[0] if not has_other else other.shape[0] if not has_x or x.shape[0] == 1 else x.shape[0]
    parts = []
    for b in range(size):
        left = (x[b] if x.shape[0] == size else x[0]) if has_x else x
        right = (other[b] if other.shape[0] == size else other[0]) if has_other else other
        parts.append(_loop_matmul(left, right))
    return np.array(parts) if parts else np.empty((0, x.shape[-2], other.shape[-1]))


def _loop_dropout(x, p=0.5, training=True, rng=None):
    y = np.empty(x.shape)
    draws = rng.random(x.shape) if training else None
    for i in np.ndindex(*x.shape):
        y[i] = x[i] if not training else x[i] / (1 - p) if draws[i] >= p else 0
    return y


def _loop_embedding(indices, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False):
    y = np.empty((*indices.shape, weight.shape[1]))
    for i in np.ndindex(*indices.shape):
        row = [float(v) for v in weight[indices[i]]]
        if max_norm is not None:
            sizes = [abs(v) for v in row]
            norm = max(sizes) if norm_type == math.inf else sum(v**norm_type for v in sizes) ** (1 / norm_type)
            if norm > max_norm:
                row = [v * max_norm / (norm + 1e-7) for v in row]
        y[i] = row
    return y


LOOPS = {
    "linear": _loop_linear,
    "matmul": _loop_matmul,
    "bmm": _loop_bmm,
    "mm": _loop_mm,
    "dropout": _loop_dropout,
    "embedding": _loop_embedding,
}

LOOP_CASES = {**CASES, "dropout": CASES["dropout"][:35]}

_A, _B, _C = np.ones((2, 3)), np.ones((3, 4)), np.ones((5, 2, 3))
_ROWS = np.ones((4, 2))

INVALID = {
    "linear": [
        (Case((_A, _B)), "weight"),
        (Case((_A, _C)), "weight"),
        (Case((_A, np.array(1.0))), "weight"),
        (Case((np.array(1.0), _A)), "x"),
        (Case((_A, np.ones((4, 3)), np.ones(3))), "bias"),
        (Case((_A, np.ones(3), np.ones(3))), "bias"),
    ],
    "matmul": [
        (Case((np.array(1.0), _A)), "x"),
        (Case((_A, np.array(1.0))), "other"),
        (Case((np.ones(3), np.ones(4))), "other"),
        (Case((_A, _A)), "other"),
        (Case((_A, np.ones(2))), "other"),
        (Case((np.ones((2, 2, 3)), np.ones((3, 3, 2)))), "other"),
    ],
    "bmm": [
        (Case((_A, _C)), "x"),
        (Case((_C, _B)), "mat2"),
        (Case((_C, np.ones((1, 3, 2)))), "mat2"),
        (Case((_C, _C)), "mat2"),
    ],
    "mm": [
        (Case((_C, _B)), "x"),
        (Case((_A, _C)), "mat2"),
        (Case((_A, np.ones(3))), "mat2"),
        (Case((_A, _A)), "mat2"),
    ],
    "dropout": [
        (Case((_A,), {"p": -0.1}), "p"),
        (Case((_A,), {"p": 1.5}), "p"),
        (Case((_A,), {"p": math.nan}), "p"),
        (Case((_A,), {"p": 2.0, "training": False}), "p"),
    ],
    "embedding": [
        (Case((np.array([0, 4]), _ROWS)), "indices"),
        (Case((np.array([[1], [-1]]), _ROWS)), "indices"),
        (Case((np.array([1.0]), _ROWS)), "indices"),
        (Case((np.array([1]), np.ones(4))), "weight"),
        (Case((np.array([1]), _ROWS), {"padding_idx": 4}), "padding_idx"),
        (Case((np.array([1]), _ROWS), {"padding_idx": -5}), "padding_idx"),
    ],
}
