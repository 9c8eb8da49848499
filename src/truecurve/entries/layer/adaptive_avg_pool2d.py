"""Adaptive average pooling: means of windows that are cut to give a chosen size."""

import numpy as np

from truecurve.entries.layer._windows import matching, pair
from truecurve.entries.layer.global_avg_pool import (
    global_avg_pool,
    global_avg_pool_backward,
)


def adaptive_avg_pool2d(x, output_size):
    """y[n, c, p, q] = the mean of x[n, c] over the rows from floor(p * H / P) to before
    ceil((p + 1) * H / P) and the columns from floor(q * W / Q) to before
    ceil((q + 1) * W / Q).

    x (N, C, H, W) or (C, H, W), y (N, C, P, Q) or (C, P, Q). output_size is (P, Q) or
    one number for both; None keeps the size of x. Neighbouring windows overlap where H
    is no multiple of P; where P > H, values are repeated. Same dtype as x, float64 for
    integers.
    """
    x = np.asarray(x)
    height, width = _size(x, output_size)
    if (height, width) == (1, 1):
        return global_avg_pool(x)
    dtype = np.result_type(x, 1.0)
    # float16 is averaged in float32.
    x = x.astype(np.result_type(dtype, np.float32), copy=False)
    # A window is a product of two intervals, so its mean is the mean of the means of
    # its columns: first along the height, then along the width.
    means = np.empty((*x.shape[:-2], height, x.shape[-1]), x.dtype)
    for p, (start, end) in enumerate(_intervals(x.shape[-2], height)):
        means[..., p, :] = x[..., start:end, :].mean(axis=-2)
    y = np.empty((*x.shape[:-2], height, width), x.dtype)
    for q, (start, end) in enumerate(_intervals(x.shape[-1], width)):
        y[..., q] = means[..., start:end].mean(axis=-1)
    return y.astype(dtype, copy=False)


def adaptive_avg_pool2d_backward(grad_output, x, output_size):
    """The gradient {"x"}: every value of a window receives an equal share, first along
    the width, then along the height.
    """
    x = np.asarray(x)
    height, width = _size(x, output_size)
    if (height, width) == (1, 1):
        return global_avg_pool_backward(grad_output, x)
    dtype = np.result_type(x, 1.0)
    grad_output = matching(grad_output, (*x.shape[:-2], height, width))
    wide = np.result_type(dtype, np.float32)
    grad_means = np.zeros((*x.shape[:-2], height, x.shape[-1]), wide)
    for q, (start, end) in enumerate(_intervals(x.shape[-1], width)):
        grad_means[..., start:end] += grad_output[..., q : q + 1] / (end - start)
    grad = np.zeros(x.shape, wide)
    for p, (start, end) in enumerate(_intervals(x.shape[-2], height)):
        grad[..., start:end, :] += grad_means[..., p : p + 1, :] / (end - start)
    return {"x": grad.astype(dtype, copy=False)}


def _size(x, output_size):
    if x.ndim < 2:
        raise ValueError(f"x has the shape {x.shape}, but needs the dimensions H and W")
    if isinstance(output_size, (tuple, list)):
        if len(output_size) != 2:
            raise ValueError(f"output_size has {len(output_size)} elements, it needs 2")
        sizes = zip(output_size, x.shape[-2:], strict=True)
        output_size = [own if wanted is None else wanted for wanted, own in sizes]
    size = pair(output_size, "output_size", 0)
    if size != (1, 1) and x.ndim not in (3, 4):
        raise ValueError(f"x must be (C, H, W) or (N, C, H, W), not {x.shape}")
    if size != (1, 1) and 0 in x.shape[-2:]:
        raise ValueError(f"x has the shape {x.shape}, but H and W must be at least 1")
    return size


def _intervals(size, count):
    """(start, end) of each of the `count` intervals that cover range(size)."""
    # In integers, ceil(a / b) = -(-a // b): no quotient is rounded.
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
