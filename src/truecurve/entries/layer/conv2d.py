"""2D convolution: one small kernel per output channel, slid over all places."""

from truecurve.entries.layer._convolution import (
    arrays,
    correlate,
    finished,
    gradients,
    spread,
    weight_gradient,
)
from truecurve.entries.layer._windows import matching, pair


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """y[n, o, p, q] = bias[o] + sum over c, i, j of
    weight[o, c, i, j] * x[n, c, p * stride + i * dilation, q * stride + j * dilation],
    where x is padded with zeros: a cross-correlation, the kernel is not flipped.

    x (N, C_in, H, W) or (C_in, H, W), weight (C_out, C_in / groups, kh, kw), bias
    (C_out,), y (N, C_out, P, Q) or (C_out, P, Q) with
    P = floor((H + 2 * padding - dilation * (kh - 1) - 1) / stride) + 1, Q likewise.
    stride, padding and dilation are one number or (height, width); padding may be
    "valid" (none) or "same" (P = H and Q = W, needs stride 1). With groups, the
    channels are cut into as many parts, and output part g sees only input part g.
    """
    x, batch, weight, bias = arrays(x, weight, bias)
    count, *geometry = _geometry(batch, weight, bias, stride, padding, dilation, groups)
    y = correlate(batch, weight, count, *geometry)
    return finished(y, x, weight, bias)


def conv2d_backward(
    grad_output,
    x,
    weight,
    bias=None,
    stride=1,
    padding=0,
    dilation=1,
    groups=1,
):
    """The gradients {"x", "weight", "bias"} (without "bias" if there is none).

    The output is linear in each of the three. So the gradient to x is the transpose of
    the map x -> y applied to grad_output (see conv_transpose2d), and the gradient to
    the weight correlates x with grad_output.
    """
    x, batch, weight, bias = arrays(x, weight, bias)
    count, *geometry = _geometry(batch, weight, bias, stride, padding, dilation, groups)
    grad = matching(grad_output, (*x.shape[:-3], len(weight), *count))
    grad = grad.reshape(len(batch), len(weight), *count)
    grad_x = spread(grad, weight, batch.shape[2:], *geometry)
    grad_weight = weight_gradient(batch, grad, weight.shape[2:], *geometry)
    return gradients(grad_x, grad_weight, grad, x, weight, bias)


def _geometry(x, weight, bias, stride, padding, dilation, groups):
    """Checks all arguments: the output's (P, Q), then stride, margins, dilation, groups
    as the maps of _convolution take them.
    """
    if x.ndim != 4:
        raise ValueError(f"x must be (C_in, H, W) or (N, C_in, H, W), not {x.shape}")
    if 0 in x.shape[2:]:
        raise ValueError(f"x has the shape {x.shape}, but H and W must be at least 1")
    if weight.ndim != 4 or 0 in weight.shape[2:]:
        layout = "(C_out, C_in / groups, kh, kw) with kh and kw at least 1"
        raise ValueError(f"weight must be {layout}, not {weight.shape}")
    if groups < 1:
        raise ValueError(f"groups is {groups}, but must be at least 1")
    if len(weight) == 0 or len(weight) % groups:
        wanted = f"groups={groups} needs a positive multiple of {groups}"
        raise ValueError(f"weight has {len(weight)} output channels: {wanted}")
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError(
            f"weight has {weight.shape[1]} input channels, x has {x.shape[1]}: with "
            f"groups={groups} x needs {groups * weight.shape[1]}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"bias must be of shape {weight.shape[:1]}, not {bias.shape}")
    stride = pair(stride, "stride", 1)
    dilation = pair(dilation, "dilation", 1)
    kernel = weight.shape[2:]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    margins = _margins(padding, stride, reach)
    count = []
    for size, s, r, margin in zip(x.shape[2:], stride, reach, margins, strict=True):
        room = size + sum(margin)
        if room < r:
            raise ValueError(f"weight spans {r} places, the padded x has {room}")
        count.append((room - r) // s + 1)
    return tuple(count), stride, margins, dilation, groups


def _margins(padding, stride, reach):
    """((above, below), (left, right))"""
    if not isinstance(padding, str):
        return tuple((p, p) for p in pair(padding, "padding", 0))
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding != "same":
        raise ValueError(f'padding must be numbers, "valid" or "same", not {padding!r}')
    if stride != (1, 1):
        raise ValueError(f'padding="same" needs stride 1, not {stride}')
    # P = H needs reach - 1 more rows. Of an odd number the odd one comes last.
    return tuple(((r - 1) // 2, r // 2) for r in reach)
