"""Windows that slide over the last two axes: what convolution and pooling share."""

import numpy as np


def pair(value, name, least):
    """(a, b) from two integers, (n, n) from a single one; none may be below `least`."""
    numbers = np.atleast_1d(value)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an integer or two of them, not {value!r}")
    if numbers.shape not in [(1,), (2,)]:
        raise ValueError(f"{name} must be one integer or two, not {value!r}")
    if numbers.min() < least:
        raise ValueError(f"{name} is {value!r}, but must be at least {least}")
    height, width = np.broadcast_to(numbers, 2).tolist()
    return height, width


def matching(grad_output, shape):
    """grad_output as an array. It must have the shape of the output: a transposed one
    of the same size would go through unnoticed.
    """
    grad_output = np.asarray(grad_output)
    if grad_output.shape != shape:
        found = grad_output.shape
        raise ValueError(f"grad_output has the shape {found}, the output {shape}")
    return grad_output


def taps(kernel, stride, dilation, count):
    """For every position (i, j) of the kernel, in scan order: (i, j), and the index of
    the inputs that this position meets in all the count[0] x count[1] windows.

    Window (p, q) has at (i, j) the input in row p * stride + i * dilation, so over all
    p these rows are one slice with the step `stride`; the columns likewise.
    """
    for i, j in np.ndindex(*kernel):
        top, left = i * dilation[0], j * dilation[1]
        rows = slice(top, top + stride[0] * count[0], stride[0])
        columns = slice(left, left + stride[1] * count[1], stride[1])
        yield (i, j), (..., rows, columns)


def padded(x, margins, value=0):
    """x with ((above, below), (left, right)) more rows and columns of `value`."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + list(margins), constant_values=value)


def cropped(x, margins):
    """x without these rows and columns: takes back `padded`."""
    (above, below), (left, right) = margins
    return x[..., above : x.shape[-2] - below, left : x.shape[-1] - right]


def pooling(x, kernel_size, stride, padding, dilation, ceil_mode):
    """Checks the arguments of a pooling layer: kernel, stride, dilation and the count
    of windows, each as (height, width), and the margins that the windows need.
    """
    if x.ndim not in (3, 4):
        raise ValueError(f"x must be (C, H, W) or (N, C, H, W), not {x.shape}")
    if 0 in x.shape[-3:]:
        raise ValueError(f"x has the shape {x.shape}, but only N may be 0")
    kernel = pair(kernel_size, "kernel_size", 1)
    stride = kernel if stride is None else pair(stride, "stride", 1)
    padding = pair(padding, "padding", 0)
    dilation = pair(dilation, "dilation", 1)
    count, margins = [], []
    options = zip(kernel, stride, padding, dilation, strict=True)
    for size, (k, s, p, d) in zip(x.shape[-2:], options, strict=True):
        if p > k // 2:
            raise ValueError(f"padding {p} is more than half of kernel_size {k}")
        reach = d * (k - 1) + 1
        # The last possible start is size + 2p - reach places after the first: one window
        # more than whole strides fit in between. ceil_mode counts a stride that fits in
        # part, too ...
        n = (size + 2 * p - reach + (s - 1 if ceil_mode else 0)) // s + 1
        # ... unless its window starts to the right of the input, in the padding.
        if ceil_mode and (n - 1) * s >= size + p:
            n -= 1
        if n < 1:
            room = size + 2 * p
            raise ValueError(f"kernel_size {k} spans {reach}, the padded x only {room}")
        count.append(n)
        margins.append((p, max((n - 1) * s + reach - size - p, 0)))
    return kernel, stride, dilation, tuple(count), tuple(margins)
