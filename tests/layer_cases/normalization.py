"""Normalisation layers and DyT: configurations, plain loops, PyTorch."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from layer_cases import Case


def _normal(rng, *shape, layout="plain"):
    """Standard normal numbers, shifted a little; in memory also transposed or with gaps."""
    shift = rng.normal()
    if layout == "transposed":
        return (rng.standard_normal(shape[::-1]) + shift).T
    if layout == "strided":
        return (rng.standard_normal([2 * size for size in shape]) + shift)[tuple([slice(None, None, 2)] * len(shape))]
    return rng.standard_normal(shape) + shift


# Two values are standardised to -1 and 1 but for eps: with a tiny one only rounding errors are left of the gradient.
EPS = (1e-3, 0.1, 0.5)
LAYOUTS = ("plain", "transposed", "strided")
IMAGES = [(2, 3, 4, 5), (4, 1, 1, 3), (1, 4, 3, 3), (3, 5, 1, 1), (0, 3, 4, 4), (2, 2, 7, 1), (8, 3, 2, 2)]


def _channels(rng, channels, which):
    """running_mean, running_var, weight, bias of that many channels; None where not asked for."""
    draws = (rng.normal, lambda size: rng.uniform(0.2, 3, size), rng.normal, rng.normal)
    arrays = [draw(size=channels) for draw in draws]
    return tuple(array if asked else None for array, asked in zip(arrays, which, strict=True))


def _batch_norm_cases():
    rng = np.random.default_rng(20)
    cases = []
    for (shape, layout), training in itertools.product(zip(IMAGES, itertools.cycle(LAYOUTS)), (False, True)):
        for running, weight, bias in ((1, 1, 1), (0, 1, 1), (1, 0, 0), (0, 0, 1)):
            if not running and not training:
                continue
            arrays = _channels(rng, shape[1], (running, running, weight, bias))
            cases.append(Case((_normal(rng, *shape, layout=layout), *arrays), {"training": training}))
    for _ in range(60):
        training = bool(rng.integers(2))
        shape = (rng.integers(0, 5), rng.integers(1, 6), rng.integers(1, 6), rng.integers(1, 6))
        if training and shape[0] * shape[2] * shape[3] == 1:
            continue
        running = not training or bool(rng.integers(2))
        arrays = _channels(rng, shape[1], (running, running, rng.integers(2), rng.integers(2)))
        params = {
            "training": training,
            "momentum": float(rng.choice([0, 0.1, 1])),
            "eps": float(rng.choice(EPS)),
        }
        cases.append(Case((_normal(rng, *shape, layout=rng.choice(LAYOUTS)), *arrays), params))
    # Outside training eps may be 0, and a single value per channel is enough.
    cases.append(Case((_normal(rng, 2, 3, 2, 2), *_channels(rng, 3, (1, 1, 1, 1))), {"eps": 0.0}))
    cases.append(Case((_normal(rng, 1, 3, 1, 1), *_channels(rng, 3, (1, 1, 1, 1))), {}))
    # A large mean is no trouble for a variance taken from the centred numbers.
    cases.append(Case((_normal(rng, 4, 3, 3, 3) + 1000, *_channels(rng, 3, (0, 0, 1, 1))), {"training": True}))
    return cases


def _instance_norm_cases():
    rng = np.random.default_rng(21)
    cases = []
    shapes = [shape for shape in IMAGES if shape[2] * shape[3] > 1] + [(3, 4, 5), (1, 1, 2)]
    for shape, layout in zip(shapes, itertools.cycle(LAYOUTS)):
        for running, affine in itertools.product((False, True), repeat=2):
            # An empty batch with weights: PyTorch raises IndexError.
            affine = affine and shape[0] > 0
            for use_input_stats in (False, True) if running else (True,):
                arrays = _channels(rng, shape[-3], (running, running, affine, affine))
                params = {"use_input_stats": use_input_stats}
                cases.append(Case((_normal(rng, *shape, layout=layout), *arrays), params))
    for _ in range(40):
        shape = [int(size) for size in rng.integers(1, 6, rng.choice([3, 4]))]
        use_input_stats = bool(rng.integers(2))
        if use_input_stats and shape[-1] * shape[-2] == 1:
            continue
        running = not use_input_stats or bool(rng.integers(2))
        arrays = _channels(rng, shape[-3], (running, running, rng.integers(2), rng.integers(2)))
        params = {
            "use_input_stats": use_input_stats,
            "momentum": float(rng.choice([0, 0.1, 1])),
            "eps": float(rng.choice(EPS)),
        }
        cases.append(Case((_normal(rng, *shape, layout=rng.choice(LAYOUTS)), *arrays), params))
    cases.append(Case((_normal(rng, 2, 3, 1, 1), *_channels(rng, 3, (1, 1, 1, 1))), {"use_input_stats": False}))
    return cases


def _trailing_cases(seed, *, bias):
    """Layer norm (with bias) and RMSNorm (without)."""
    rng = np.random.default_rng(seed)
    fixed = [((4,), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((2, 3, 4), 3), ((5, 1), 1), ((5, 1, 3), 2), ((0, 4), 1)]
    fixed += [((2, 1, 1, 6), 1), ((3, 0), 1), ((7, 33), 1), ((2, 3, 4, 5), 2)]
    random = [([int(size) for size in rng.integers(1, 7, rng.integers(1, 5))], None) for _ in range(40)]
    cases = []
    for shape, last in fixed + random:
        for given in ((0, 0), (1, 1)) if last else (rng.integers(2, size=2),):
            k = last or int(rng.integers(1, len(shape) + 1))
            normalized_shape = tuple(shape[-k:])
            x = _normal(rng, *shape, layout=rng.choice(LAYOUTS))
            weight = rng.normal(size=normalized_shape) if given[0] else None
            arrays = (x, weight, rng.normal(size=normalized_shape) if given[1] else None)
            params = {"normalized_shape": normalized_shape}
            if last is None or math.prod(normalized_shape) == 1:
                params["eps"] = float(rng.choice(EPS))
            cases.append(Case(arrays if bias else arrays[:2], params))
    return cases


def _group_norm_cases():
    rng = np.random.default_rng(23)
    fixed = [((2, 6, 4, 3), 1), ((2, 6, 4, 3), 2), ((2, 6, 4, 3), 3), ((2, 6, 4, 3), 6), ((1, 4, 2, 2), 2), ((3, 6), 2)]
    fixed += [
        ((2, 4, 5), 4),
        ((0, 4, 3, 3), 2),
        ((1, 2, 1, 3), 1),
        ((2, 6, 2, 1, 2), 3),
        ((1, 6), 2),
    ]
    fixed += [((2, 6, 5, 7), 3), ((2, 32, 3, 3), 8)]
    cases = []
    for shape, groups in fixed:
        for given in ((0, 0), (1, 1)):
            cases.append((shape, groups, given, {}))
    for _ in range(50):
        groups, size = (int(n) for n in rng.integers(1, 5, 2))
        shape = (int(rng.integers(1, 4)), groups * size, *(int(n) for n in rng.integers(1, 5, rng.integers(0, 4))))
        if shape[0] * size * math.prod(shape[2:]) > 1:
            cases.append((shape, groups, rng.integers(2, size=2), {"eps": float(rng.choice(EPS))}))
    return [
        Case(
            (
                _normal(rng, *shape, layout=rng.choice(LAYOUTS)),
                rng.normal(size=shape[1]) if given[0] else None,
                rng.normal(size=shape[1]) if given[1] else None,
            ),
            {"num_groups": groups, **params},
        )
        for shape, groups, given, params in cases
    ]


def _dyt_cases():
    rng = np.random.default_rng(24)
    shapes = [(4,), (2, 3), (0, 5), (2, 1, 3), (3, 1), (2, 3, 0), (1, 1, 1, 1)]
    shapes += [tuple(int(n) for n in rng.integers(1, 7, rng.integers(1, 5))) for _ in range(45)]
    cases = []
    for i, shape in enumerate(shapes):
        # The paper starts alpha at 0.5. Shapes () and (1,) are both in use.
        alpha = np.array([0.5, 0.0, -1.3, 4.0, 30.0][i % 5]).reshape([(), (1,)][i % 2])
        x = _normal(rng, *shape, layout=rng.choice(LAYOUTS))
        cases.append(Case((x, alpha, rng.normal(size=shape[-1]), rng.normal(size=shape[-1]))))
    return cases


CASES = {
    "batch_norm2d": _batch_norm_cases(),
    "instance_norm2d": _instance_norm_cases(),
    "layer_norm": _trailing_cases(22, bias=True),
    "rms_norm": _trailing_cases(25, bias=False),
    "group_norm": _group_norm_cases(),
    "dyt": _dyt_cases(),
}


def _copy(tensor):
    """The running statistics are buffers: no gradient, and PyTorch overwrites those it is given."""
    return None if tensor is None else tensor.detach().clone()


def _torch_batch_norm2d(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if x.ndim != 4:  # what nn.BatchNorm2d checks before it calls the function
        raise ValueError(f"expected 4D input (got {x.ndim}D input)")
    # Contiguous: of randn(N, L, C).transpose(1, 2)[..., None] PyTorch 2.13 silently gets the gradient wrong on the CPU.
    return F.batch_norm(x.contiguous(), _copy(running_mean), _copy(running_var), weight, bias, training, momentum, eps)


def _torch_instance_norm2d(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    if x.ndim not in (3, 4):  # what nn.InstanceNorm2d does before and after it calls the function
        raise ValueError(f"expected 3D or 4D input (got {x.ndim}D input)")
    images = x if x.ndim == 4 else x[None]
    running = _copy(running_mean), _copy(running_var)
    return F.instance_norm(images, *running, weight, bias, use_input_stats, momentum, eps).reshape(x.shape)


def _torch_group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    # With a bias and no weight, the backward pass of PyTorch 2.13 raises RuntimeError on the CPU.
    if weight is None and bias is not None:
        weight = torch.ones(x.shape[1], dtype=x.dtype)
    return F.group_norm(x, num_groups, weight, bias, eps)


TORCH = {
    "batch_norm2d": _torch_batch_norm2d,
    "instance_norm2d": _torch_instance_norm2d,
    "layer_norm": lambda x, normalized_shape, weight=None, bias=None, eps=1e-5: F.layer_norm(
        x, normalized_shape, weight, bias, eps
    ),
    "rms_norm": lambda x, normalized_shape, weight=None, eps=None: F.rms_norm(x, normalized_shape, weight, eps),
    "group_norm": _torch_group_norm,
    "dyt": lambda x, alpha, weight, bias: weight * torch.tanh(alpha * x) + bias,
}


def _standardize_loop(x, y, members, eps):
    """Standardises the elements of x at the given indices, into y."""
    n = len(members)
    mean = sum(x[i] for i in members) / n
    variance = sum((x[i] - mean) ** 2 for i in members) / n
    for i in members:
        y[i] = (x[i] - mean) / math.sqrt(variance + eps)


def _affine_loop(y, weight, bias):
    """Weight and bias by channel, axis 1."""
    for i in np.ndindex(*y.shape):
        y[i] = y[i] * (1 if weight is None else weight[i[1]]) + (0 if bias is None else bias[i[1]])
    return y


def _statistics_loop(x, running_mean, running_var, eps):
    """Standardised by given statistics, by channel."""
    y = np.empty(x.shape)
    for n, c, h, w in np.ndindex(*x.shape):
        y[n, c, h, w] = (x[n, c, h, w] - running_mean[c]) / math.sqrt(running_var[c] + eps)
    return y


def _loop_batch_norm2d(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if not training:
        return _affine_loop(_statistics_loop(x, running_mean, running_var, eps), weight, bias)
    y = np.empty(x.shape)
    for channel in range(x.shape[1]):
        members = [i for i in np.ndindex(*x.shape) if i[1] == channel]
        if members:
            _standardize_loop(x, y, members, eps)
    return _affine_loop(y, weight, bias)


def _loop_instance_norm2d(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    if x.ndim == 3:
        image = np.asarray([x])
        return _loop_instance_norm2d(image, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)[0]
    if not use_input_stats:
        return _affine_loop(_statistics_loop(x, running_mean, running_var, eps), weight, bias)
    y = np.empty(x.shape)
    for n, c in np.ndindex(*x.shape[:2]):
        members = [i for i in np.ndindex(*x.shape) if i[:2] == (n, c)]
        _standardize_loop(x, y, members, eps)
    return _affine_loop(y, weight, bias)


def _loop_group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    y = np.empty(x.shape)
    size = x.shape[1] // num_groups
    for n, group in np.ndindex(x.shape[0], num_groups):
        members = [i for i in np.ndindex(*x.shape) if i[0] == n and i[1] // size == group]
        if members:
            _standardize_loop(x, y, members, eps)
    return _affine_loop(y, weight, bias)


def _loop_layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    y = np.empty(x.shape)
    leading = x.ndim - len(normalized_shape)
    for sample in np.ndindex(*x.shape[:leading]):
        members = [sample + i for i in np.ndindex(*normalized_shape)]
        if members:
            _standardize_loop(x, y, members, eps)
    for i in np.ndindex(*x.shape):
        at = i[leading:]
        y[i] = y[i] * (1 if weight is None else weight[at]) + (0 if bias is None else bias[at])
    return y


def _loop_rms_norm(x, normalized_shape, weight=None, eps=None):
    y = np.empty(x.shape)
    leading = x.ndim - len(normalized_shape)
    for i in np.ndindex(*x.shape):
        row = [x[i[:leading] + j] for j in np.ndindex(*normalized_shape)]
        root = math.sqrt(sum(v * v for v in row) / len(row) + (2.0**-52 if eps is None else eps))
        y[i] = x[i] / root * (1 if weight is None else weight[i[leading:]])
    return y


def _loop_dyt(x, alpha, weight, bias):
    y = np.empty(x.shape)
    for i in np.ndindex(*x.shape):
        y[i] = weight[i[-1]] * math.tanh(alpha.item() * x[i]) + bias[i[-1]]
    return y


LOOPS = {
    "batch_norm2d": _loop_batch_norm2d,
    "instance_norm2d": _loop_instance_norm2d,
    "layer_norm": _loop_layer_norm,
    "rms_norm": _loop_rms_norm,
    "group_norm": _loop_group_norm,
    "dyt": _loop_dyt,
}

_RNG = np.random.default_rng(26)
_X = _RNG.normal(size=(2, 3, 4, 4))
_ONE, _TWO, _THREE, _FOUR = (np.ones(n) for n in (1, 2, 3, 4))

INVALID = {
    "batch_norm2d": [
        (Case((_X[0], _THREE, _THREE)), "x"),
        (Case((_X[:1, :, :1, :1], None, None), {"training": True}), "x"),
        (Case((_X, None, None)), "running_mean"),
        (Case((_X, _THREE, None), {"training": True}), "running_var"),
        (Case((_X, _FOUR, _THREE)), "running_mean"),
        (Case((_X, _THREE, _FOUR)), "running_var"),
        (Case((_X, _THREE, _THREE, _FOUR)), "weight"),
        (Case((_X, _THREE, _THREE, None, _ONE)), "bias"),
        (Case((_X, None, None), {"training": True, "eps": 0.0}), "eps"),
        (Case((_X, _THREE, _THREE), {"eps": -1e-5}), "eps"),
    ],
    "instance_norm2d": [
        (Case((_X[0, 0],)), "x"),
        (Case((_X[:, :, :1, :1],)), "x"),
        (Case((_X,), {"use_input_stats": False}), "running_mean"),
        (Case((_X, None, _THREE)), "running_mean"),
        (Case((_X, _TWO, _TWO)), "running_mean"),
        (Case((_X, None, None, _FOUR)), "weight"),
        (Case((_X, None, None, None, _FOUR)), "bias"),
    ],
    "layer_norm": [
        (Case((_X,), {"normalized_shape": ()}), "normalized_shape"),
        (Case((_X,), {"normalized_shape": (3,)}), "normalized_shape"),
        (Case((_X,), {"normalized_shape": (1, 2, 3, 4, 4)}), "normalized_shape"),
        (Case((_X, _THREE), {"normalized_shape": (4,)}), "weight"),
        (Case((_X, _FOUR), {"normalized_shape": (4, 4)}), "weight"),
        (Case((_X, None, _ONE), {"normalized_shape": (4,)}), "bias"),
    ],
    "rms_norm": [
        (Case((_X,), {"normalized_shape": ()}), "normalized_shape"),
        (Case((_X,), {"normalized_shape": (3,)}), "normalized_shape"),
        (Case((_X,), {"normalized_shape": (1, 2, 3, 4, 4)}), "normalized_shape"),
        (Case((_X, _ONE), {"normalized_shape": (4,)}), "weight"),
        (Case((_X, _FOUR), {"normalized_shape": (4, 4)}), "weight"),
    ],
    "group_norm": [
        (Case((_THREE,), {"num_groups": 3}), "x"),
        (Case((_X,), {"num_groups": 0}), "num_groups"),
        (Case((_X,), {"num_groups": -3}), "num_groups"),
        (Case((_X,), {"num_groups": 2}), "num_groups"),
        (Case((_X[:1, :, 0, 0],), {"num_groups": 3}), "x"),
        (Case((_X, _ONE), {"num_groups": 1}), "weight"),
        (Case((_X, None, _FOUR), {"num_groups": 3}), "bias"),
    ],
    "dyt": [
        (Case((_X, _ONE, _THREE, _FOUR)), "weight"),
        (Case((_X, _ONE, _FOUR, _TWO)), "bias"),
        (Case((_X, _THREE, _FOUR, _FOUR)), "alpha"),
        (Case((_X, _TWO, _FOUR, _FOUR)), "alpha"),
    ],
}
