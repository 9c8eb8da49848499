"""Layer normalisation: every sample is standardised over its own last axes."""

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._normalized import (
    affine,
    affine_backward,
    gradient_like,
    standardized,
    standardized_backward,
    trailing,
    trailing_axes,
)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(var + eps) * weight + bias, over the last axes of x.

    normalized_shape lists the sizes of those axes (a single number is one axis); weight
    and bias have that shape. var divides by n. Same shape and dtype as x (float64 for
    integers). No sample has any influence on another.
    """
    x = floating(x)
    shape, axes = trailing_axes(x, normalized_shape)
    weight, bias = trailing("weight", weight, shape), trailing("bias", bias, shape)
    normalized, _ = standardized(x, axes, eps)
    return affine(normalized, weight, bias).astype(x.dtype, copy=False)


def layer_norm_backward(
    grad_output,
    x,
    normalized_shape,
    weight=None,
    bias=None,
    eps=1e-5,
):
    """Gradients of x and, where given, of weight and bias (summed over the samples)."""
    x = floating(x)
    grad = gradient_like(grad_output, x)
    shape, axes = trailing_axes(x, normalized_shape)
    weight, bias = trailing("weight", weight, shape), trailing("bias", bias, shape)
    normalized, scale = standardized(x, axes, eps)
    grad, gradients = affine_backward(grad, normalized, weight, bias)
    grad = standardized_backward(grad, normalized, scale, axes)
    return {"x": grad.astype(x.dtype, copy=False), **gradients}
