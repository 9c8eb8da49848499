"""Average pooling: the mean of every window."""

import numpy as np

from truecurve.entries.layer._windows import cropped, matching, padded, pooling, taps


def avg_pool2d(
    x,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """y[n, c, p, q] = sum of
    x[n, c, p * stride + i - padding, q * stride + j - padding] over the kernel's
    positions (i, j), with zeros in the padding, divided by the number of values: all
    of the window that lie in the input or its padding, without the padding if
    count_include_pad is False. divisor_override replaces that number.

    x (N, C, H, W) or (C, H, W), y (N, C, P, Q) or (C, P, Q) with
    P = floor((H + 2 * padding - kh) / stride) + 1, Q likewise. ceil_mode rounds up
    instead, except for a window that would start to the right of the input or below
    it. The stride is kernel_size by default. Same dtype as x, float64 for integers.
    """
    x = np.asarray(x)
    options = (kernel_size, stride, padding, ceil_mode, count_include_pad)
    windows, divisor, margins = _windows(x, *options, divisor_override)
    dtype = np.result_type(x, 1.0)
    # float16 is summed in float32.
    image = padded(x.astype(np.result_type(dtype, np.float32), copy=False), margins)
    total = sum(image[window] for window in windows)
    return (total / divisor).astype(dtype, copy=False)


def avg_pool2d_backward(
    grad_output,
    x,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """The gradient {"x"}: each value receives 1 / divisor of what arrives at every
    window that holds it.
    """
    x = np.asarray(x)
    options = (kernel_size, stride, padding, ceil_mode, count_include_pad)
    windows, divisor, margins = _windows(x, *options, divisor_override)
    dtype = np.result_type(x, 1.0)
    grad = padded(np.zeros(x.shape, np.result_type(dtype, np.float32)), margins)
    part = matching(grad_output, grad[windows[0]].shape) / divisor
    for window in windows:
        grad[window] += part
    return {"x": cropped(grad, margins).astype(dtype, copy=False)}


def _windows(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor):
    """For each position of the kernel the index of the values that it meets, then the
    divisor (a number, or one for every window: shape (P, Q)) and the margins of x.
    """
    options = (kernel_size, stride, padding, 1, ceil_mode)
    kernel, stride, dilation, count, margins = pooling(x, *options)
    windows = [window for _, window in taps(kernel, stride, dilation, count)]
    if divisor is None:
        # Sums over a map that is 1 where a value counts: in the input, perhaps in the
        # padding, never beyond it, where ceil_mode lets the last windows reach.
        (above, below), (left, right) = margins
        around = 1 if count_include_pad else 0
        counted = np.ones(x.shape[-2:], np.float32)
        counted = padded(counted, ((above, above), (left, left)), around)
        counted = padded(counted, ((0, below), (0, right)))
        divisor = sum(counted[window] for window in windows)
    elif not isinstance(divisor, (int, np.integer)):
        raise TypeError(f"divisor_override must be an integer, not {divisor!r}")
    elif divisor == 0:
        raise ValueError("divisor_override must not be 0")
    return windows, divisor, margins
