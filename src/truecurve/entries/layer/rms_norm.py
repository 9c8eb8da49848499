"""RMSNorm: division by the root mean square of the last axes, without centring."""

import numpy as np

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._normalized import (
    affine,
    affine_backward,
    gradient_like,
    mean,
    single,
    trailing,
    trailing_axes,
)


def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean(x²) + eps) * weight, over the last axes of x.

    normalized_shape lists the sizes of those axes (a single number is one axis); weight
    has that shape. eps=None is the machine epsilon of the dtype computed with, 2^-52 in
    float64 and 2^-23 in float32 and float16. Same shape and dtype as x (float64 for
    integers).
    """
    x = floating(x)
    shape, axes = trailing_axes(x, normalized_shape)
    weight = trailing("weight", weight, shape)
    normalized, _ = _normalize(x, axes, eps)
    return affine(normalized, weight, None).astype(x.dtype, copy=False)


def rms_norm_backward(grad_output, x, normalized_shape, weight=None, eps=None):
    """Gradients of x and, where given, of weight.

    The result hardly changes (only by eps) when x is stretched: the part of the
    gradient along x is subtracted. There is no mean to take care of.
    """
    x = floating(x)
    grad = gradient_like(grad_output, x)
    shape, axes = trailing_axes(x, normalized_shape)
    weight = trailing("weight", weight, shape)
    normalized, scale = _normalize(x, axes, eps)
    grad, gradients = affine_backward(grad, normalized, weight, None)
    along = mean(grad * normalized, axes).astype(grad.dtype)
    grad = scale * (grad - normalized * along)
    return {"x": grad.astype(x.dtype, copy=False), **gradients}


def _normalize(x, axes, eps):
    """The normalised x and its scale, 1 / sqrt(mean(x²) + eps)."""
    x = single(x)
    if eps is None:
        eps = np.finfo(x.dtype).eps
    square = mean(np.square(x, dtype=np.float64), axes)
    scale = (1 / np.sqrt(square + eps)).astype(x.dtype)
    return x * scale, scale
