"""Instance normalisation: every channel of every image is standardised on its own."""

import numpy as np

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._normalized import (
    affine,
    affine_backward,
    gradient_like,
    single,
    standardized,
    standardized_backward,
    vector,
)

AXES = (2, 3)  # H, W: a mean and a variance for each channel of each image


def instance_norm2d(
    x,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-5,
):
    """(x - mean) / sqrt(var + eps) * weight + bias, map by map.

    x has shape (N, C, H, W), or (C, H, W) for a single image as in nn.InstanceNorm2d;
    the other arrays have shape (C,) or are None. mean and var (which divides by n) are
    taken over H and W. With use_input_stats=False they are running_mean and running_var
    instead. Those are never changed: `momentum`, the share of new statistics in them,
    has no influence on the result. Same shape and dtype as x (float64 for integers).
    """
    x = floating(x)
    images = _images(x)
    running = (running_mean, running_var)
    normalized, _ = _normalize(images, *running, use_input_stats, eps)
    weight, bias = vector("weight", weight, images), vector("bias", bias, images)
    result = affine(normalized, weight, bias).reshape(x.shape)
    return result.astype(x.dtype, copy=False)


def instance_norm2d_backward(
    grad_output,
    x,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-5,
):
    """Gradients of x and, where given, of weight and bias.

    The running statistics have no gradient.
    """
    x = floating(x)
    images = _images(x)
    grad = gradient_like(grad_output, x).reshape(images.shape)
    running = (running_mean, running_var)
    normalized, scale = _normalize(images, *running, use_input_stats, eps)
    weight, bias = vector("weight", weight, images), vector("bias", bias, images)
    grad, gradients = affine_backward(grad, normalized, weight, bias)
    grad_x = grad * scale
    if use_input_stats:
        grad_x = standardized_backward(grad, normalized, scale, AXES)
    gradients = {name: array.reshape(-1) for name, array in gradients.items()}
    return {"x": grad_x.reshape(x.shape).astype(x.dtype, copy=False), **gradients}


def _images(x):
    """x as (N, C, H, W)."""
    if x.ndim not in (3, 4):
        raise ValueError(
            f"x has {x.ndim} dimensions, but 4 (N, C, H, W) or 3 (C, H, W) are needed",
        )
    return x if x.ndim == 4 else x[None]


def _normalize(x, running_mean, running_var, use_input_stats, eps):
    """The normalised x and its scale, 1 / sqrt(var + eps)."""
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var: give both of them, or neither")
    old_mean = vector("running_mean", running_mean, x)
    old_var = vector("running_var", running_var, x)
    if use_input_stats:
        if x.shape[2] * x.shape[3] == 1:
            raise ValueError(f"x of shape {x.shape} has one value per map: too few")
        return standardized(x, AXES, eps)
    if old_mean is None:
        raise ValueError("running_mean is None: needed when use_input_stats is False")
    x = single(x)
    scale = 1 / np.sqrt(old_var + eps)
    return (x - old_mean) * scale, scale
