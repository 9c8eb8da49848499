"""Convolution and pooling: configurations, loops written from the definitions, PyTorch."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from torch.nn import functional

from layer_cases import Case


def _array(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Normal numbers, one time in three not contiguous: swapped axes, or every second row and column."""
    kind = rng.integers(6)
    if kind == 0 and len(shape) > 1:
        return np.swapaxes(rng.standard_normal((*shape[:-2], shape[-1], shape[-2])), -1, -2)
    if kind == 1 and len(shape) > 1:
        return rng.standard_normal((*shape[:-2], 2 * shape[-2], 2 * shape[-1]))[..., ::2, ::2]
    return rng.standard_normal(shape)


def _ties(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Small whole numbers: most windows have several maxima."""
    return rng.integers(-2, 2, shape).astype(np.float64)


def _number_or_pair(rng: np.random.Generator, low: int, high: int) -> Any:
    one, two = (int(n) for n in rng.integers(low, high + 1, 2))
    return one if rng.random() < 0.4 else (one, two)


def _both(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _size(rng: np.random.Generator, most: int = 9) -> tuple[int, int]:
    height, width = rng.integers(1, most + 1, 2)
    return int(height), int(width)


def _batch(rng: np.random.Generator) -> tuple[int, ...]:
    """No batch axis, an empty batch, or 1 to 3 images."""
    return [(), (0,), (1,), (2,), (3,), (2,)][rng.integers(6)]


# --- conv2d


def _conv2d_valid(x: np.ndarray, weight: np.ndarray, options: dict[str, Any]) -> bool:
    padding = options.get("padding", 0)
    if padding == "same":
        return True
    margins = (0, 0) if padding == "valid" else _both(padding)
    dilation = _both(options.get("dilation", 1))
    return all(
        n + 2 * p >= d * (k - 1) + 1
        for n, p, d, k in zip(x.shape[-2:], margins, dilation, weight.shape[2:], strict=True)
    )


def _conv2d_cases() -> list[Case]:
    rng = np.random.default_rng(20260501)
    cases = [
        Case((_array(rng, 2, 3, 5, 6), _array(rng, 4, 3, 3, 3), _array(rng, 4))),
        Case((_array(rng, 2, 5, 6), _array(rng, 3, 2, 2, 3), None)),
        Case((_array(rng, 1, 1, 1, 1), _array(rng, 1, 1, 1, 1), _array(rng, 1))),
        Case((_array(rng, 2, 4, 6, 5), _array(rng, 6, 2, 3, 2), _array(rng, 6)), {"groups": 2}),
        Case((_array(rng, 1, 3, 5, 5), _array(rng, 6, 1, 3, 3), None), {"groups": 3, "padding": 1}),
        Case((_array(rng, 1, 2, 5, 4), _array(rng, 3, 2, 2, 4), _array(rng, 3)), {"padding": "same"}),
        Case((_array(rng, 2, 5, 4), _array(rng, 3, 2, 4, 3), None), {"padding": "same", "dilation": (1, 2)}),
        Case((_array(rng, 1, 2, 6, 7), _array(rng, 2, 2, 3, 3), None), {"padding": "valid", "stride": 2}),
        Case((_array(rng, 0, 2, 5, 5), _array(rng, 3, 2, 3, 3), _array(rng, 3)), {"stride": 2, "padding": 1}),
        Case((_array(rng, 1, 2, 7, 8), _array(rng, 2, 2, 3, 2), None), {"stride": (2, 3), "dilation": (2, 1)}),
        Case((_array(rng, 1, 1, 2, 2), _array(rng, 1, 1, 1, 1), None), {"padding": 2, "stride": 3}),
        Case((_array(rng, 2, 2, 1, 7), _array(rng, 3, 2, 1, 3), _array(rng, 3)), {"padding": (0, 2)}),
    ]
    grid = itertools.product([1, 2, 3], [1, 2, (3, 1)], [0, 1, (2, 1)], [1, 2], [1, 2])
    for kernel, stride, padding, dilation, groups in grid:
        x, weight = _array(rng, 2, 4, 7, 6), _array(rng, 4, 4 // groups, kernel, kernel)
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        cases.append(Case((x, weight, _array(rng, 4)), options))
    while len(cases) < 320:
        groups = int(rng.choice([1, 1, 2, 3]))
        channels, outputs = (groups * int(n) for n in rng.integers(1, 4, 2))
        x = _array(rng, *_batch(rng), channels, *_size(rng))
        weight = _array(rng, outputs, channels // groups, *_size(rng, 4))
        bias = _array(rng, outputs) if rng.random() < 0.6 else None
        options = {
            "stride": _number_or_pair(rng, 1, 3),
            "padding": _number_or_pair(rng, 0, 3),
            "dilation": _number_or_pair(rng, 1, 3),
            "groups": groups,
        }
        if rng.random() < 0.2:
            options["padding"] = "valid"
        elif rng.random() < 0.2:
            options |= {"padding": "same", "stride": 1}
        if _conv2d_valid(x, weight, options):
            cases.append(Case((x, weight, bias), options))
    return cases


def _conv2d_loop(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if x.ndim == 3:
        return _conv2d_loop(x[None], weight, bias, stride, padding, dilation, groups)[0]
    outputs, inputs, kh, kw = weight.shape
    (sh, sw), (dh, dw) = _both(stride), _both(dilation)
    height, width = x.shape[2:]
    if padding == "same":
        top, left = dh * (kh - 1) // 2, dw * (kw - 1) // 2
        tall, wide = height, width
    else:
        top, left = (0, 0) if padding == "valid" else _both(padding)
        tall = math.floor((height + 2 * top - dh * (kh - 1) - 1) / sh) + 1
        wide = math.floor((width + 2 * left - dw * (kw - 1) - 1) / sw) + 1
    y = np.zeros((len(x), outputs, tall, wide), x.dtype)
    for n, o, p, q in np.ndindex(*y.shape):
        group = o // (outputs // groups)
        total = 0.0 if bias is None else bias[o]
        for c, i, j in np.ndindex(inputs, kh, kw):
            row, column = p * sh + i * dh - top, q * sw + j * dw - left
            if 0 <= row < height and 0 <= column < width:
                total += weight[o, c, i, j] * x[n, group * inputs + c, row, column]
        y[n, o, p, q] = total
    return y


# --- conv_transpose2d


def _conv_transpose2d_valid(x: np.ndarray, weight: np.ndarray, options: dict[str, Any]) -> bool:
    stride, padding, extra, dilation = (
        _both(options.get(name, default))
        for name, default in [("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1)]
    )
    return all(
        e < max(s, d) and (n - 1) * s - 2 * p + d * (k - 1) + e + 1 >= 1
        for n, k, s, p, e, d in zip(x.shape[-2:], weight.shape[2:], stride, padding, extra, dilation, strict=True)
    )


def _conv_transpose2d_cases() -> list[Case]:
    rng = np.random.default_rng(20260502)
    cases = [
        Case((_array(rng, 2, 3, 4, 5), _array(rng, 3, 4, 3, 3), _array(rng, 4))),
        Case((_array(rng, 2, 4, 3), _array(rng, 2, 3, 2, 3), None)),
        Case((_array(rng, 1, 1, 1, 1), _array(rng, 1, 1, 1, 1), _array(rng, 1))),
        Case((_array(rng, 2, 4, 3, 3), _array(rng, 4, 3, 2, 3), _array(rng, 6)), {"groups": 2, "stride": 2}),
        Case((_array(rng, 1, 3, 3, 4), _array(rng, 3, 1, 3, 3), None), {"groups": 3, "padding": 1}),
        Case(
            (_array(rng, 1, 2, 3, 4), _array(rng, 2, 3, 3, 3), None), {"stride": 2, "padding": 1, "output_padding": 1}
        ),
        # Output padding may reach the stride if the dilation is larger.
        Case((_array(rng, 1, 2, 3, 4), _array(rng, 2, 2, 2, 3), None), {"dilation": 2, "output_padding": 1}),
        Case(
            (_array(rng, 2, 3, 2), _array(rng, 2, 2, 2, 2), _array(rng, 2)),
            {"stride": 2, "dilation": 3, "output_padding": 2},
        ),
        Case((_array(rng, 0, 2, 3, 3), _array(rng, 2, 3, 3, 3), _array(rng, 3)), {"stride": 2, "padding": 1}),
        # The kernel is smaller than the stride: some outputs receive nothing.
        Case((_array(rng, 1, 2, 3, 2), _array(rng, 2, 2, 1, 1), _array(rng, 2)), {"stride": 3, "output_padding": 2}),
        Case((_array(rng, 1, 1, 1, 1), _array(rng, 1, 2, 3, 4), None), {"padding": (1, 1)}),
        Case((_array(rng, 2, 2, 1, 4), _array(rng, 2, 2, 2, 1), None), {"stride": (1, 2), "output_padding": (0, 1)}),
    ]
    grid = itertools.product([1, 2, 3], [1, 2, (3, 1)], [0, (1, 0)], [0, 1], [1, 2], [1, 2])
    for kernel, stride, padding, extra, dilation, groups in grid:
        x, weight = _array(rng, 2, 4, 4, 3), _array(rng, 4, 4 // groups, kernel, kernel)
        options = {
            "stride": stride,
            "padding": padding,
            "output_padding": extra,
            "groups": groups,
            "dilation": dilation,
        }
        if _conv_transpose2d_valid(x, weight, options):
            cases.append(Case((x, weight, _array(rng, 4)), options))
    while len(cases) < 320:
        groups = int(rng.choice([1, 1, 2, 3]))
        channels, outputs = (groups * int(n) for n in rng.integers(1, 4, 2))
        x = _array(rng, *_batch(rng), channels, *_size(rng, 6))
        weight = _array(rng, channels, outputs // groups, *_size(rng, 4))
        bias = _array(rng, outputs) if rng.random() < 0.6 else None
        options = {
            "stride": _number_or_pair(rng, 1, 3),
            "padding": _number_or_pair(rng, 0, 2),
            "output_padding": _number_or_pair(rng, 0, 2),
            "groups": groups,
            "dilation": _number_or_pair(rng, 1, 3),
        }
        if _conv_transpose2d_valid(x, weight, options):
            cases.append(Case((x, weight, bias), options))
    return cases


def _conv_transpose2d_loop(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if x.ndim == 3:
        options = (stride, padding, output_padding, groups, dilation)
        return _conv_transpose2d_loop(x[None], weight, bias, *options)[0]
    inputs, outputs, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = _both(stride), _both(padding), _both(dilation)
    eh, ew = _both(output_padding)
    height, width = x.shape[2:]
    tall = (height - 1) * sh - 2 * ph + dh * (kh - 1) + eh + 1
    wide = (width - 1) * sw - 2 * pw + dw * (kw - 1) + ew + 1
    y = np.zeros((len(x), groups * outputs, tall, wide), x.dtype)
    for n, c, row, column in np.ndindex(*x.shape):
        group = c // (inputs // groups)
        for o, i, j in np.ndindex(outputs, kh, kw):
            p, q = row * sh + i * dh - ph, column * sw + j * dw - pw
            if 0 <= p < tall and 0 <= q < wide:
                y[n, group * outputs + o, p, q] += weight[c, o, i, j] * x[n, c, row, column]
    if bias is not None:
        for o in range(groups * outputs):
            y[:, o] += bias[o]
    return y


# --- pooling


def _windows(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> list[list[int]]:
    """The places of every window along one axis, those in the padding and beyond it, too."""
    steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
    count = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1
    starts = [n * stride - padding for n in range(count)]
    if ceil_mode and starts and starts[-1] >= size:
        starts.pop()
    return [[start + i * dilation for i in range(kernel)] for start in starts]


def _pool_valid(x: np.ndarray, options: dict[str, Any]) -> bool:
    kernel = _both(options["kernel_size"])
    stride = _both(options.get("stride") or kernel)
    padding, dilation = _both(options.get("padding", 0)), _both(options.get("dilation", 1))
    for n, k, s, p, d in zip(x.shape[-2:], kernel, stride, padding, dilation, strict=True):
        if p > k // 2:
            return False
        windows = _windows(n, k, s, p, d, options.get("ceil_mode", False))
        # A dilated window can lie in the padding altogether. PyTorch answers -inf, and its
        # gradient then writes outside the array: nothing to compare with.
        if not windows or any(all(not 0 <= place < n for place in one) for one in windows):
            return False
    return True


def _pool_cases(seed: int, make: Callable[[np.random.Generator], dict[str, Any]], tied: bool) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = [
        Case((_array(rng, 2, 3, 6, 8),), {"kernel_size": 2}),
        Case((_array(rng, 2, 5, 7),), {"kernel_size": 3, "stride": 2, "padding": 1}),
        Case((_array(rng, 1, 2, 5, 4),), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}),
        Case((_array(rng, 1, 2, 6, 7),), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
        # Rounded up there would be a third window, but it would start in the right padding.
        Case((_array(rng, 1, 2, 3, 3),), {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}),
        Case((_array(rng, 1, 1, 4, 4),), {"kernel_size": 1, "stride": 2, "ceil_mode": True}),
        # The kernel is larger than the input.
        Case((_array(rng, 1, 2, 3, 2),), {"kernel_size": 4, "ceil_mode": True}),
        Case((_array(rng, 1, 2, 3, 2),), {"kernel_size": 5, "padding": 2}),
        Case((_array(rng, 0, 2, 5, 5),), {"kernel_size": 2, "padding": 1}),
        Case((_array(rng, 1, 1, 1, 1),), {"kernel_size": 1}),
        Case((_array(rng, 2, 1, 1, 5),), {"kernel_size": (1, 3), "stride": 1, "padding": (0, 1)}),
        # Windows that overlap: the same value counts several times.
        Case((_array(rng, 1, 2, 5, 5),), {"kernel_size": 3, "stride": 1}),
    ]
    for kernel, stride, padding, ceil_mode in itertools.product(
        [1, 2, 3, (4, 3)], [None, 1, 2, (3, 4)], [0, 1, (2, 1)], [False, True]
    ):
        x = (_ties if tied and rng.random() < 0.5 else _array)(rng, 2, 2, 7, 6)
        options = {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        if _pool_valid(x, options):
            cases.append(Case((x,), options | make(rng)))
    while len(cases) < 350:
        x = (_ties if tied and rng.random() < 0.4 else _array)(rng, *_batch(rng), int(rng.integers(1, 4)), *_size(rng))
        options = {
            "kernel_size": _number_or_pair(rng, 1, 4),
            "stride": None if rng.random() < 0.2 else _number_or_pair(rng, 1, 5),
            "padding": _number_or_pair(rng, 0, 2),
            "ceil_mode": bool(rng.random() < 0.5),
        } | make(rng)
        if _pool_valid(x, options):
            cases.append(Case((x,), options))
    return cases


def _max_options(rng: np.random.Generator) -> dict[str, Any]:
    dilation = _number_or_pair(rng, 1, 3) if rng.random() < 0.5 else 1
    return {"dilation": dilation, "return_indices": bool(rng.random() < 0.5)}


def _max_pool2d_cases() -> list[Case]:
    cases = _pool_cases(20260503, _max_options, tied=True)
    return [case for case in cases if _pool_valid(case.arrays[0], case.params)]


def _avg_options(rng: np.random.Generator) -> dict[str, Any]:
    divisor = [None, None, 1, 5, -3][rng.integers(5)]
    return {"count_include_pad": bool(rng.random() < 0.5), "divisor_override": divisor}


def _max_pool2d_loop(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    if x.ndim == 3:
        options = (kernel_size, stride, padding, dilation, ceil_mode, return_indices)
        y = _max_pool2d_loop(x[None], *options)
        return (y[0][0], y[1][0]) if return_indices else y[0]
    kernel = _both(kernel_size)
    stride = _both(stride or kernel)
    height, width = x.shape[2:]
    rows, columns = (
        _windows(n, k, s, p, d, ceil_mode)
        for n, k, s, p, d in zip((height, width), kernel, stride, _both(padding), _both(dilation), strict=True)
    )
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    indices = np.zeros(y.shape, np.int64)
    for n, c, p, q in np.ndindex(*y.shape):
        best = None
        for row, column in itertools.product(rows[p], columns[q]):
            inside = 0 <= row < height and 0 <= column < width
            if inside and (best is None or x[n, c, row, column] > best):
                best = x[n, c, row, column]
                indices[n, c, p, q] = row * width + column
        y[n, c, p, q] = best
    return (y, indices) if return_indices else y


def _avg_pool2d_loop(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    if x.ndim == 3:
        options = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return _avg_pool2d_loop(x[None], *options)[0]
    kernel = _both(kernel_size)
    stride, padding = _both(stride or kernel), _both(padding)
    height, width = x.shape[2:]
    rows, columns = (
        _windows(n, k, s, p, 1, ceil_mode) for n, k, s, p in zip((height, width), kernel, stride, padding, strict=True)
    )
    y = np.zeros((*x.shape[:2], len(rows), len(columns)), x.dtype)
    for n, c, p, q in np.ndindex(*y.shape):
        total, real, with_padding = 0.0, 0, 0
        for row, column in itertools.product(rows[p], columns[q]):
            if row < height + padding[0] and column < width + padding[1]:
                with_padding += 1
            if 0 <= row < height and 0 <= column < width:
                total += x[n, c, row, column]
                real += 1
        y[n, c, p, q] = total / (divisor_override or (with_padding if count_include_pad else real))
    return y


# --- pooling to a given size


def _adaptive_cases() -> list[Case]:
    rng = np.random.default_rng(20260505)
    sizes = [1, 2, 3, (3, 2), (None, 2), (2, None), (None, None), (1, 4), (5, 1), 9, (11, 4), (1, None)]
    cases = [Case((_array(rng, 2, 2, 5, 7),), {"output_size": size}) for size in sizes]
    for shape in [(3, 6, 5), (0, 2, 4, 5), (1, 1, 1, 1), (2, 3, 1, 8), (1, 2, 8, 1)]:
        cases += [Case((_array(rng, *shape),), {"output_size": size}) for size in sizes]
    while len(cases) < 300:
        x = _array(rng, *_batch(rng), int(rng.integers(1, 4)), *_size(rng, 12))
        size = _number_or_pair(rng, 1, 12)
        if isinstance(size, tuple) and rng.random() < 0.3:
            size = (None, size[1]) if rng.random() < 0.5 else (size[0], None)
        cases.append(Case((x,), {"output_size": size}))
    return cases


def _adaptive_loop(x, output_size):
    if x.ndim == 3:
        return _adaptive_loop(x[None], output_size)[0]
    tall, wide = (output_size, output_size) if isinstance(output_size, int) else output_size
    height, width = x.shape[2:]
    tall, wide = tall or height, wide or width
    y = np.zeros((*x.shape[:2], tall, wide), x.dtype)
    for n, c, p, q in np.ndindex(*y.shape):
        rows = range(math.floor(p * height / tall), math.ceil((p + 1) * height / tall))
        columns = range(math.floor(q * width / wide), math.ceil((q + 1) * width / wide))
        total = sum(x[n, c, row, column] for row in rows for column in columns)
        y[n, c, p, q] = total / (len(rows) * len(columns))
    return y


def _global_cases() -> list[Case]:
    rng = np.random.default_rng(20260506)
    cases = [
        Case((_array(rng, *shape),)) for shape in [(2, 3, 4, 5), (3, 5, 4), (1, 1, 1, 1), (0, 2, 3, 3), (2, 0, 3, 3)]
    ]
    while len(cases) < 200:
        cases.append(Case((_array(rng, *_batch(rng), int(rng.integers(1, 5)), *_size(rng, 15)),)))
    return cases


def _global_loop(x):
    y = np.zeros((*x.shape[:-2], 1, 1), x.dtype)
    for place in np.ndindex(*x.shape[:-2]):
        total = 0.0
        for row, column in np.ndindex(*x.shape[-2:]):
            total += x[(*place, row, column)]
        y[(*place, 0, 0)] = total / (x.shape[-2] * x.shape[-1])
    return y


CASES: dict[str, list[Case]] = {
    "conv2d": _conv2d_cases(),
    "conv_transpose2d": _conv_transpose2d_cases(),
    "max_pool2d": _max_pool2d_cases(),
    "avg_pool2d": _pool_cases(20260504, _avg_options, tied=False),
    "adaptive_avg_pool2d": _adaptive_cases(),
    "global_avg_pool": _global_cases(),
}

TORCH: dict[str, Callable[..., Any]] = {
    "conv2d": lambda x, *args, **options: functional.conv2d(x, *args, **options),
    "conv_transpose2d": lambda x, *args, **options: functional.conv_transpose2d(x, *args, **options),
    "max_pool2d": lambda x, *args, **options: functional.max_pool2d(x, *args, **options),
    "avg_pool2d": lambda x, *args, **options: functional.avg_pool2d(x, *args, **options),
    "adaptive_avg_pool2d": lambda x, output_size: functional.adaptive_avg_pool2d(x, output_size),
    "global_avg_pool": lambda x: functional.adaptive_avg_pool2d(x, 1),
}

LOOPS: dict[str, Callable[..., Any]] = {
    "conv2d": _conv2d_loop,
    "conv_transpose2d": _conv_transpose2d_loop,
    "max_pool2d": _max_pool2d_loop,
    "avg_pool2d": _avg_pool2d_loop,
    "adaptive_avg_pool2d": _adaptive_loop,
    "global_avg_pool": _global_loop,
}


def _zeros(*shapes: tuple[int, ...] | None) -> tuple[Any, ...]:
    return tuple(None if shape is None else np.zeros(shape) for shape in shapes)


_IMAGE, _KERNEL, _KERNEL_T = (2, 4, 7, 6), (6, 4, 3, 3), (4, 6, 3, 3)
_CONV2D = _zeros(_IMAGE, _KERNEL, None)
_TRANSPOSED = _zeros(_IMAGE, _KERNEL_T, None)
_POOL = _zeros(_IMAGE)

_POOLING_INVALID: list[tuple[Case, str]] = [
    (Case(_zeros((7, 6)), {"kernel_size": 2}), "x must be"),
    (Case(_zeros((1, 2, 4, 7, 6)), {"kernel_size": 2}), "x must be"),
    (Case(_zeros((2, 0, 7, 6)), {"kernel_size": 2}), "x has the shape"),
    (Case(_zeros((2, 4, 0, 6)), {"kernel_size": 2, "padding": 1}), "x has the shape"),
    (Case(_POOL, {"kernel_size": 0, "stride": 1}), "kernel_size"),
    (Case(_POOL, {"kernel_size": (2, -1), "stride": 1}), "kernel_size"),
    (Case(_POOL, {"kernel_size": (2, 2, 2)}), "kernel_size"),
    (Case(_POOL, {"kernel_size": 2.0}), "kernel_size"),
    (Case(_POOL, {"kernel_size": 2, "stride": 0}), "stride"),
    (Case(_POOL, {"kernel_size": 2, "stride": (1, -1)}), "stride"),
    (Case(_POOL, {"kernel_size": 2, "stride": (1, 1, 1)}), "stride"),
    (Case(_POOL, {"kernel_size": 2, "padding": -1}), "padding"),
    (Case(_POOL, {"kernel_size": 3, "padding": 2}), "padding"),
    (Case(_POOL, {"kernel_size": (3, 1), "padding": (1, 1)}), "padding"),
    (Case(_POOL, {"kernel_size": 7}), "kernel_size"),
    # Rounding up does not help here: the only window would have to start before the input.
    (Case(_POOL, {"kernel_size": (10, 6), "stride": 3, "ceil_mode": True}), "kernel_size"),
]

INVALID: dict[str, list[tuple[Case, str]]] = {
    "conv2d": [
        (Case(_zeros((4, 5), _KERNEL, None)), "x must be"),
        (Case(_zeros((1, 2, 4, 7, 6), _KERNEL, None)), "x must be"),
        (Case(_zeros(_IMAGE, (6, 4, 3), None)), "weight"),
        (Case(_zeros(_IMAGE, (6, 4, 0, 3), None)), "weight"),
        (Case(_zeros(_IMAGE, (0, 4, 3, 3), None)), "weight"),
        (Case(_zeros(_IMAGE, (6, 3, 3, 3), None)), "weight has 3 input channels, x has 4"),
        (Case(_zeros(_IMAGE, (6, 3, 3, 3), None)), "groups=1"),
        (Case(_zeros(_IMAGE, (5, 2, 3, 3), None), {"groups": 2}), "groups=2"),
        (Case(_zeros(_IMAGE, (1, 2, 3, 3), None), {"groups": 2}), "weight"),
        (Case(_CONV2D, {"groups": 0}), "groups"),
        (Case(_CONV2D, {"groups": 2}), "groups=2"),
        (Case(_zeros(_IMAGE, _KERNEL, (5,))), "bias"),
        (Case(_zeros(_IMAGE, _KERNEL, (6, 1))), "bias"),
        (Case(_CONV2D, {"stride": 0}), "stride"),
        (Case(_CONV2D, {"stride": (1, -1)}), "stride"),
        (Case(_CONV2D, {"stride": (1, 1, 1)}), "stride"),
        (Case(_CONV2D, {"stride": 1.5}), "stride"),
        (Case(_CONV2D, {"padding": -1}), "padding"),
        (Case(_CONV2D, {"padding": "full"}), "padding"),
        (Case(_CONV2D, {"padding": "same", "stride": 2}), "padding"),
        (Case(_CONV2D, {"dilation": 0}), "dilation"),
        (Case(_CONV2D, {"dilation": 4}), "weight"),
        (Case(_zeros(_IMAGE, (6, 4, 3, 7), None)), "weight"),
        (Case(_zeros((2, 4, 0, 6), _KERNEL, None), {"padding": 2}), "x has the shape"),
    ],
    "conv_transpose2d": [
        (Case(_zeros((4, 5), _KERNEL_T, None)), "x must be"),
        (Case(_zeros((2, 4, 0, 6), _KERNEL_T, None)), "x has the shape"),
        (Case(_zeros(_IMAGE, (4, 6, 3), None)), "weight"),
        (Case(_zeros(_IMAGE, (4, 6, 0, 3), None)), "weight"),
        (Case(_zeros(_IMAGE, (3, 6, 3, 3), None)), "weight has 3 input channels, x has 4"),
        (Case(_TRANSPOSED, {"groups": 3}), "groups=3"),
        (Case(_TRANSPOSED, {"groups": 0}), "groups"),
        (Case(_zeros(_IMAGE, _KERNEL_T, (4,))), "bias"),
        (Case(_zeros(_IMAGE, _KERNEL_T, (6,)), {"groups": 2}), "bias"),
        (Case(_TRANSPOSED, {"stride": 0}), "stride"),
        (Case(_TRANSPOSED, {"dilation": 0}), "dilation"),
        (Case(_TRANSPOSED, {"padding": -1}), "padding"),
        (Case(_TRANSPOSED, {"padding": "same"}), "padding"),
        (Case(_TRANSPOSED, {"padding": 6}), "padding"),
        (Case(_zeros((1, 4, 1, 3), (4, 6, 2, 2), None), {"padding": 1}), "padding"),
        (Case(_TRANSPOSED, {"output_padding": 1}), "output_padding"),
        (Case(_TRANSPOSED, {"output_padding": (1, 2), "stride": 2}), "output_padding"),
        (Case(_TRANSPOSED, {"output_padding": -1, "stride": 2}), "output_padding"),
    ],
    "max_pool2d": [
        *_POOLING_INVALID,
        (Case(_POOL, {"kernel_size": 3, "padding": 2, "dilation": 2}), "padding"),
        (Case(_POOL, {"kernel_size": 2, "dilation": 0}), "dilation"),
        (Case(_POOL, {"kernel_size": 3, "dilation": 4}), "kernel_size"),
    ],
    "avg_pool2d": [
        *_POOLING_INVALID,
        (Case(_POOL, {"kernel_size": 2, "divisor_override": 0}), "divisor_override"),
        (Case(_POOL, {"kernel_size": 2, "divisor_override": 1.5}), "divisor_override"),
    ],
    "adaptive_avg_pool2d": [
        (Case(_zeros((7, 6)), {"output_size": 3}), "x must be"),
        (Case(_zeros((1, 2, 4, 7, 6)), {"output_size": 3}), "x must be"),
        (Case(_zeros((2, 4, 0, 6)), {"output_size": 3}), "x has the shape"),
        (Case(_POOL, {"output_size": -1}), "output_size"),
        (Case(_POOL, {"output_size": (2, -1)}), "output_size"),
        (Case(_POOL, {"output_size": (1, 2, 3)}), "output_size"),
        (Case(_POOL, {"output_size": (2,)}), "output_size"),
        (Case(_POOL, {"output_size": 2.0}), "output_size"),
        (Case(_POOL, {"output_size": None}), "output_size"),
    ],
    "global_avg_pool": [
        (Case(_zeros((5,))), "x has the shape"),
        (Case(_zeros(())), "x has the shape"),
    ],
}
