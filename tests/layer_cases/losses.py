"""Losses: configurations, plain loops and PyTorch's functions."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from layer_cases import Case

REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(4, 3), (3,), (2, 3, 5), (2, 4, 3, 2), (1, 1), (5, 1), (2, 3, 1, 2, 2)]


def _tensor(array, like):
    """Arrays among the params arrive as they are, or as tensors from a driver that converts them, too."""
    if array is None or isinstance(array, torch.Tensor):
        return array
    return torch.from_numpy(np.array(array)).to(like.dtype)


def _classes(shape):
    """(C, shape of the target)."""
    return (shape[0], ()) if len(shape) == 1 else (shape[1], (shape[0], *shape[2:]))


def _index_cases(rng, smoothings=(None,)):
    normal = rng.standard_normal
    cases = []
    for shape, reduction, weighted, smoothing in itertools.product(SHAPES, REDUCTIONS, (False, True), smoothings):
        classes, target_shape = _classes(shape)
        if shape == (1, 1) and weighted:
            continue
        target = rng.integers(0, classes, target_shape)
        params = {"reduction": reduction} | ({} if smoothing is None else {"label_smoothing": smoothing})
        if rng.random() < 0.5:
            target = np.where(rng.random(target_shape) < 0.3, -100, target)
        elif rng.random() < 0.5:
            params["ignore_index"] = int(rng.integers(0, classes))
        cases.append(Case((normal(shape), np.asarray(target), rng.random(classes) if weighted else None), params))
    for reduction, smoothing in itertools.product(REDUCTIONS, smoothings):
        params = {"reduction": reduction} | ({} if smoothing is None else {"label_smoothing": smoothing})
        ignored = np.full(4, -100)
        cases += [
            Case((normal((4, 3)), ignored, None), params),  # the mean over nothing: nan
            Case((normal((4, 3)), ignored, rng.random(3)), params),
            Case((normal(3), np.array(-100), None), params),
            Case((normal((0, 3)), np.zeros(0, int), None), params),
            Case((normal((0, 3, 2)), np.zeros((0, 2), int), rng.random(3)), params),
            Case((normal((2, 3, 0)), np.zeros((2, 0), int), None), params),
            Case((normal((3, 4)).T, rng.integers(0, 3, (4, 2))[:, 1], rng.random(6)[::2]), params),
            Case((normal((2, 5, 3)).transpose(0, 2, 1), rng.integers(0, 3, (5, 2)).T, None), params),
            Case((normal((4, 6))[:, ::2], rng.integers(0, 3, 4), np.array([0.0, 1, 2])), params),
            Case((normal((3, 3)), np.full(3, 1), np.array([1.0, 0, 2])), params),  # all weights 0
            Case((50 * normal((4, 3)), rng.integers(0, 3, 4), None), params),
        ]
    return cases


def _probability_cases(rng):
    normal = rng.standard_normal
    cases = []
    for shape, reduction, weighted, smoothing in itertools.product(SHAPES, REDUCTIONS, (False, True), (0.0, 0.3)):
        classes, _ = _classes(shape)
        arrays = normal(shape), rng.random(shape), rng.random(classes) if weighted else None
        cases.append(Case(arrays, {"reduction": reduction, "label_smoothing": smoothing}))
    cases.append(Case((normal((4, 3)), rng.random((4, 3)), None), {"label_smoothing": -0.3}))  # counts as 0
    for reduction in REDUCTIONS:
        params = {"reduction": reduction}
        cases += [
            Case((normal((0, 3)), rng.random((0, 3)), None), params),
            Case((normal((2, 3, 0)), rng.random((2, 3, 0)), rng.random(3)), params),
            Case((normal((3, 4)).T, rng.random((4, 6))[:, ::2], rng.random(6)[::2]), params),
        ]
    return cases


def _cross_entropy_cases():
    rng = np.random.default_rng(30)
    index = _index_cases(rng, (0.0, 0.2, 1.0))
    probabilities = _probability_cases(rng)
    return index[:6] + probabilities[:8] + index[6:] + probabilities[8:]


def _bce_cases():
    rng = np.random.default_rng(31)
    normal = rng.standard_normal
    cases = []
    for shape, reduction, weighted, positive in itertools.product(
        [(4, 3), (), (5,), (2, 3, 1, 2), (0, 3)], REDUCTIONS, (False, True), (False, True)
    ):
        partial = tuple(n if rng.random() < 0.7 else 1 for n in shape)
        partial = partial[rng.integers(0, len(partial)) :] if partial else partial
        params = {"reduction": reduction} | ({"pos_weight": np.asarray(3 * rng.random(shape[-1:]))} if positive else {})
        cases.append(Case((normal(shape), rng.random(shape), rng.random(partial) if weighted else None), params))
    hard = np.array([-800.0, -40, -1, 0, 1, 40, 800])
    cases += [
        Case((hard, np.array([0.0, 1, 0, 1, 1, 0, 0]), None), {"reduction": "none"}),
        Case((hard, np.array([0.0, 1, 0, 1, 1, 0, 0]), None), {"reduction": "none", "pos_weight": np.array([2.0])}),
        Case(
            (normal((3, 4)).T, rng.random((4, 6))[:, ::2], rng.random((3, 4)).T), {"pos_weight": rng.random((3, 4)).T}
        ),
        Case((normal((4, 6))[::2, ::2], 5 * normal((3, 2)).T, None)),
    ]
    return cases


def _torch_cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    return F.cross_entropy(x, target, weight, None, ignore_index, None, reduction, label_smoothing)


def _torch_nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    return F.nll_loss(x, target, weight, None, ignore_index, None, reduction)


def _torch_bce(x, target, weight=None, reduction="mean", pos_weight=None):
    return F.binary_cross_entropy_with_logits(x, target, weight, reduction=reduction, pos_weight=_tensor(pos_weight, x))


def _total(losses, reduction, divisor):
    """losses: a dict from place to number."""
    if reduction == "none":
        out = np.zeros(tuple(np.max([*losses], axis=0) + 1) if losses and () not in losses else ())
        for place, loss in losses.items():
            out[place] = loss
        return out
    total = math.fsum(losses.values())
    if reduction == "mean":
        return np.array(total / divisor if divisor else math.nan)
    return np.array(total)


def _columns(x):
    """(place, the numbers of the classes) of every sample."""
    if x.ndim == 1:
        return [((), list(x))]
    return [
        ((n, *rest), [x[(n, c, *rest)] for c in range(x.shape[1])])
        for n in range(x.shape[0])
        for rest in np.ndindex(x.shape[2:])
    ]


def _loop_nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    losses, divisor = {}, 0.0
    for place, column in _columns(x):
        y = int(target[place])
        w = 0.0 if y == ignore_index else 1.0 if weight is None else weight[y]
        losses[place] = 0.0 if y == ignore_index else -w * column[y]
        divisor += w
    return _total(losses, reduction, divisor)


def _loop_cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    label_smoothing = max(label_smoothing, 0.0)
    probabilities = dict(_columns(target)) if target.shape == x.shape else None
    losses, divisor = {}, 0.0
    for place, column in _columns(x):
        classes = range(len(column))
        w = [1.0 if weight is None else weight[c] for c in classes]
        if probabilities is not None:
            t, share = probabilities[place], 1.0
        elif target[place] == ignore_index:
            t, share, w = [0.0 for _ in classes], 0.0, [0.0 for _ in classes]
        else:
            t, share = [float(c == target[place]) for c in classes], w[int(target[place])]
        t = [(1 - label_smoothing) * t[c] + label_smoothing / len(column) for c in classes]
        top = max(column)
        log_total = top + math.log(math.fsum(math.exp(v - top) for v in column))
        losses[place] = math.fsum(w[c] * t[c] * (log_total - column[c]) for c in classes)
        divisor += share
    return _total(losses, reduction, divisor)


def _loop_bce(x, target, weight=None, reduction="mean", pos_weight=None):
    w = np.broadcast_to(1.0 if weight is None else weight, x.shape)
    p = np.broadcast_to(1.0 if pos_weight is None else pos_weight, x.shape)
    losses = {}
    for place in np.ndindex(x.shape):
        s = 1 / (1 + math.exp(-x[place]))
        t = target[place]
        losses[place] = -w[place] * (p[place] * t * math.log(s) + (1 - t) * math.log(1 - s))
    return _total(losses, reduction, x.size)


def _index_invalid():
    x, zeros = np.ones((4, 3)), np.zeros(4, int)
    return [
        (Case((x, np.array([0, 1, 3, 0]), None)), "target"),
        (Case((x, np.array([0, 1, -1, 0]), None)), "target"),
        (Case((x, zeros[:3], None)), "target"),
        (Case((x, zeros * 0.5, None)), "target"),
        (Case((np.ones((2, 3, 4)), np.zeros((2, 3), int), None)), "target"),
        (Case((x, zeros, np.ones(2))), "weight"),
        (Case((x, zeros, np.ones((1, 3)))), "weight"),
        (Case((x, zeros, None), {"reduction": "average"}), "reduction"),
        (Case((np.array(1.0), np.array(0), None)), "x has"),
    ]


def _cross_entropy_invalid():
    x = np.ones((4, 3))
    invalid = [entry for entry in _index_invalid() if entry[0].arrays[0].ndim]
    return [
        *invalid,
        (Case((x, np.zeros(4, int), None), {"label_smoothing": 1.5}), "label_smoothing"),
        (Case((x, x, None), {"ignore_index": 1}), "ignore_index"),
        (Case((x, np.zeros((4, 3), int), None)), "target"),
        (Case((x, x[:, :2], None)), "target"),
        (Case((x, x, np.ones(2))), "weight"),
    ]


def _bce_invalid():
    x = np.ones((4, 3))
    return [
        (Case((x, x[:, :2], None)), "target"),
        (Case((x, x[:, :1], None)), "target"),
        (Case((x, x, np.ones(4))), "weight"),
        (Case((x, x, np.ones((2, 4, 3)))), "weight"),
        (Case((x, x, None), {"pos_weight": np.ones(4)}), "pos_weight"),
        (Case((x, x, None), {"pos_weight": np.ones((2, 4, 3))}), "pos_weight"),
        (Case((x, x, None), {"reduction": "average"}), "reduction"),
    ]


CASES = {
    "cross_entropy": _cross_entropy_cases(),
    "nll_loss": _index_cases(np.random.default_rng(32)),
    "bce_with_logits": _bce_cases(),
}
TORCH = {"cross_entropy": _torch_cross_entropy, "nll_loss": _torch_nll_loss, "bce_with_logits": _torch_bce}
LOOPS = {"cross_entropy": _loop_cross_entropy, "nll_loss": _loop_nll_loss, "bce_with_logits": _loop_bce}
LOOP_CASES = {
    "cross_entropy": [case for case in CASES["cross_entropy"] if case.arrays[0].size],
    "nll_loss": [case for case in CASES["nll_loss"] if case.arrays[0].size],
    "bce_with_logits": [
        case for case in CASES["bce_with_logits"] if case.arrays[0].size and np.abs(case.arrays[0]).max() < 20
    ],
}
INVALID = {
    "cross_entropy": _cross_entropy_invalid(),
    "nll_loss": _index_invalid(),
    "bce_with_logits": _bce_invalid(),
}
