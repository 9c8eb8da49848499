"""Transposed 2D convolution: the gradient of conv2d to its input, used forwards."""

from truecurve.entries.layer._convolution import (
    arrays,
    correlate,
    finished,
    gradients,
    spread,
    weight_gradient,
)
from truecurve.entries.layer._windows import matching, pair


def conv_transpose2d(
    x,
    weight,
    bias=None,
    stride=1,
    padding=0,
    output_padding=0,
    groups=1,
    dilation=1,
):
    """Adds weight[c, o, i, j] * x[n, c, p, q] to
    y[n, o, p * stride + i * dilation - padding, q * stride + j * dilation - padding]
    for all c, i, j, p, q, and bias[o] everywhere.

    conv2d with the same weight, stride, padding and dilation takes an input of the
    shape of y to an output of the shape of x (if output_padding < stride). It is
    linear, a matrix; this function multiplies by the transposed matrix. It does not
    invert conv2d.

    x (N, C_in, H, W) or (C_in, H, W), weight (C_in, C_out / groups, kh, kw), bias
    (C_out,), y (N, C_out, P, Q) or (C_out, P, Q) with P = (H - 1) * stride
    - 2 * padding + dilation * (kh - 1) + output_padding + 1, Q likewise. A conv2d with
    a stride gives the same size for several inputs; output_padding chooses among them.
    """
    x, batch, weight, bias = arrays(x, weight, bias)
    options = (stride, padding, output_padding, groups, dilation)
    size, *geometry = _geometry(batch, weight, bias, *options)
    y = spread(batch, weight, size, *geometry)
    return finished(y, x, weight, bias)


def conv_transpose2d_backward(
    grad_output,
    x,
    weight,
    bias=None,
    stride=1,
    padding=0,
    output_padding=0,
    groups=1,
    dilation=1,
):
    """The gradients {"x", "weight", "bias"} (without "bias" if there is none).

    Transposed twice is conv2d again: it gives the gradient to x. In the gradient to the
    weight, x and grad_output have changed places.
    """
    x, batch, weight, bias = arrays(x, weight, bias)
    options = (stride, padding, output_padding, groups, dilation)
    size, *geometry = _geometry(batch, weight, bias, *options)
    channels = groups * weight.shape[1]
    grad = matching(grad_output, (*x.shape[:-3], channels, *size))
    grad = grad.reshape(len(batch), channels, *size)
    grad_x = correlate(grad, weight, batch.shape[2:], *geometry)
    grad_weight = weight_gradient(grad, batch, weight.shape[2:], *geometry)
    return gradients(grad_x, grad_weight, grad, x, weight, bias)


def _geometry(x, weight, bias, stride, padding, output_padding, groups, dilation):
    """Checks all arguments: the output's (P, Q), then stride, margins, dilation, groups
    as the maps of _convolution take them.
    """
    if x.ndim != 4:
        raise ValueError(f"x must be (C_in, H, W) or (N, C_in, H, W), not {x.shape}")
    if 0 in x.shape[1:]:
        raise ValueError(f"x has the shape {x.shape}, but only N may be 0")
    if weight.ndim != 4 or 0 in weight.shape[1:]:
        layout = "(C_in, C_out / groups, kh, kw), each at least 1"
        raise ValueError(f"weight must be {layout}, not {weight.shape}")
    if groups < 1:
        raise ValueError(f"groups is {groups}, but must be at least 1")
    if len(weight) % groups:
        wanted = f"groups={groups} needs a multiple of {groups}"
        raise ValueError(f"weight has {len(weight)} input channels: {wanted}")
    if x.shape[1] != len(weight):
        raise ValueError(f"weight has {len(weight)} input channels, x has {x.shape[1]}")
    channels = groups * weight.shape[1]
    if bias is not None and bias.shape != (channels,):
        raise ValueError(f"bias must have the shape ({channels},), not {bias.shape}")
    stride = pair(stride, "stride", 1)
    padding = pair(padding, "padding", 0)
    output_padding = pair(output_padding, "output_padding", 0)
    dilation = pair(dilation, "dilation", 1)
    size = []
    options = zip(stride, padding, output_padding, dilation, strict=True)
    shapes = zip(x.shape[2:], weight.shape[2:], strict=True)
    for (h, k), (s, p, extra, d) in zip(shapes, options, strict=True):
        if extra >= max(s, d):
            limit = f"smaller than stride {s} or dilation {d}"
            raise ValueError(f"output_padding is {extra}, but must be {limit}")
        size.append((h - 1) * s - 2 * p + d * (k - 1) + extra + 1)
        if size[-1] < 1:
            raise ValueError(f"padding {p} leaves an output of size {size[-1]}")
    return tuple(size), stride, tuple((p, p) for p in padding), dilation, groups
