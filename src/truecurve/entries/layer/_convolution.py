"""The three linear maps that conv2d and conv_transpose2d are made of.

All three go through the positions (i, j) of the kernel. There the kernel is a matrix,
weight[:, :, i, j], and the inputs that it meets in all windows are one slice of the
padded x: each map is a sum of kh * kw matrix products.

Shapes: x (N, C, H, W), y (N, O, P, Q), weight (O, C / groups, kh, kw). There is one
matrix for every group, since its channels meet no others: the axes are (group,
O / groups, C / groups).
"""

import numpy as np

from truecurve.entries.layer._windows import cropped, padded, taps


def arrays(x, weight, bias):
    """The three as arrays, and x with an axis for the batch if it has none."""
    x, weight = np.asarray(x), np.asarray(weight)
    batch = x[None] if x.ndim == 3 else x
    return x, batch, weight, None if bias is None else np.asarray(bias)


def finished(y, x, weight, bias):
    """Adds the bias. The dtype is that of the arguments; no batch if x has none."""
    dtype = np.result_type(x, weight)
    if bias is not None:
        y = y + bias[:, None, None]
        dtype = np.result_type(dtype, bias)
    return y.reshape(x.shape[:-3] + y.shape[1:]).astype(dtype, copy=False)


def gradients(grad_x, grad_weight, grad_output, x, weight, bias):
    """Each with the shape and dtype of its argument, float64 for integers."""
    found = {
        "x": grad_x.reshape(x.shape).astype(np.result_type(x, 1.0), copy=False),
        "weight": grad_weight.astype(np.result_type(weight, 1.0), copy=False),
    }
    if bias is not None:
        # bias[o] is added at every place of every image.
        wide = np.result_type(grad_output, np.float32)
        total = grad_output.sum(axis=(0, 2, 3), dtype=wide)
        found["bias"] = total.astype(np.result_type(bias, 1.0), copy=False)
    return found


def correlate(x, weight, count, stride, margins, dilation, groups):
    """y[n, o, p, q] = sum of weight[o, c, i, j] x[n, c, p s + i d, q s + j d] over
    c, i and j, with s the stride, d the dilation, and x padded with zeros.
    """
    # float16 is summed in float32, integers in float64.
    dtype = np.result_type(x, weight, np.float32)
    matrices = _matrices(weight.astype(dtype, copy=False), groups)
    x = padded(x.astype(dtype, copy=False), margins)
    y = 0
    for (i, j), window in taps(weight.shape[2:], stride, dilation, count):
        y = y + matrices[..., i, j] @ _columns(x[window], groups)
    return y.reshape(len(x), len(weight), *count)


def spread(y, weight, size, stride, margins, dilation, groups):
    """The transpose of `correlate`: its gradient to x, of height and width `size`.

    x[n, c, p s + i d, q s + j d] receives weight[o, c, i, j] y[n, o, p, q]: the same
    products, added up at their other end.
    """
    dtype = np.result_type(y, weight, np.float32)
    matrices = np.swapaxes(_matrices(weight.astype(dtype, copy=False), groups), 1, 2)
    y_columns = _columns(y.astype(dtype, copy=False), groups)
    channels = groups * weight.shape[1]
    x = padded(np.zeros((len(y), channels, *size), dtype), margins)
    for (i, j), window in taps(weight.shape[2:], stride, dilation, y.shape[2:]):
        part = matrices[..., i, j] @ y_columns
        x[window] += part.reshape(len(y), channels, *y.shape[2:])
    # The padding is constant: what has arrived there is dropped.
    return cropped(x, margins)


def weight_gradient(x, y, kernel, stride, margins, dilation, groups):
    """The gradient of `correlate` to the weight, where y is the gradient to its output:
    weight[o, c, i, j] has met x[n, c, p s + i d, q s + j d] at every y[n, o, p, q].
    """
    dtype = np.result_type(x, y, np.float32)
    x = padded(x.astype(dtype, copy=False), margins)
    y_columns = _columns(y.astype(dtype, copy=False), groups)
    weight = np.empty((y.shape[1], x.shape[1] // groups, *kernel), dtype)
    for (i, j), window in taps(kernel, stride, dilation, y.shape[2:]):
        x_rows = np.swapaxes(_columns(x[window], groups), -2, -1)
        weight[..., i, j] = np.sum(y_columns @ x_rows, axis=0).reshape(weight.shape[:2])
    return weight


def _matrices(weight, groups):
    """(groups, O / groups, C / groups, kh, kw)"""
    return weight.reshape(groups, len(weight) // groups, *weight.shape[1:])


def _columns(x, groups):
    """(N, groups, C / groups, H * W): one column for every place."""
    n, channels, height, width = x.shape
    return x.reshape(n, groups, channels // groups, height * width)
