"""Max pooling: the largest value of every window."""

import math

import numpy as np

from truecurve.entries.layer._windows import cropped, matching, padded, pooling, taps


def max_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
):
    """y[n, c, p, q] = max of x[n, c, p * stride + i * dilation - padding,
    q * stride + j * dilation - padding] over the kernel's positions (i, j).

    x (N, C, H, W) or (C, H, W), y (N, C, P, Q) or (C, P, Q) with
    P = floor((H + 2 * padding - dilation * (kh - 1) - 1) / stride) + 1, Q likewise.
    ceil_mode rounds up instead, except for a window that would start to the right of
    the input or below it. The stride is kernel_size by default. Padding never wins, a
    NaN always does. A window of a dilated kernel that meets only padding gives -inf.

    With return_indices the pair (y, indices): where each maximum is, counted through
    the H * W places of its channel; of equal ones the first.
    """
    x = np.asarray(x)
    y, places, margins = _maxima(x, kernel_size, stride, padding, dilation, ceil_mode)
    if not return_indices:
        return y
    (above, _), (left, right) = margins
    width = x.shape[-1]
    rows, columns = np.divmod(places, left + width + right)
    return y, (rows - above) * width + columns - left


def max_pool2d_backward(
    grad_output,
    x,
    kernel_size,
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
):
    """The gradient {"x"}: each maximum receives what arrives at its window, a maximum
    of several windows the sum, every other value 0.
    """
    x = np.asarray(x)
    y, places, margins = _maxima(x, kernel_size, stride, padding, dilation, ceil_mode)
    grad = padded(np.zeros(x.shape, np.result_type(x, 1.0)), margins)
    # One row for each channel of each image.
    channels = math.prod(x.shape[:-2])
    shape = (channels, math.prod(y.shape[-2:]))
    flat = grad.reshape(channels, math.prod(grad.shape[-2:]))
    np.add.at(
        flat,
        (np.arange(channels)[:, None], places.reshape(shape)),
        matching(grad_output, y.shape).reshape(shape),
    )
    return {"x": cropped(flat.reshape(grad.shape), margins)}


def _maxima(x, *options):
    """The maxima, their places in the padded x (row * width + column), its margins."""
    kernel, stride, dilation, count, margins = pooling(x, *options)
    lowest = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    x = padded(x, margins, lowest)
    width = x.shape[-1]
    rows = np.arange(count[0])[:, None] * stride[0]  # where the windows start
    columns = np.arange(count[1]) * stride[1]
    # Where all values are -inf none is greater than this start: the first one that is
    # not padding wins.
    first_row = _after(margins[0][0], rows, dilation[0])
    first_column = _after(margins[1][0], columns, dilation[1])
    values = np.full(x.shape[:-2] + count, lowest, x.dtype)
    places = np.broadcast_to(first_row * width + first_column, values.shape)
    for (i, j), window in taps(kernel, stride, dilation, count):
        place = (rows + i * dilation[0]) * width + columns + j * dilation[1]
        # Strictly greater: of equal values the first stays. A NaN is not equal to
        # itself, and nothing is greater than it: only a later NaN takes its place.
        better = (x[window] > values) | (x[window] != x[window])
        values = np.where(better, x[window], values)
        places = np.where(better, place, places)
    return values, places, margins


def _after(margin, start, dilation):
    """The first of start, start + dilation, start + 2 dilation, ... ≥ margin."""
    return start + dilation * np.maximum(0, -((start - margin) // dilation))
