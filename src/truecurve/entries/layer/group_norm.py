"""Group normalisation: every sample is standardised over groups of its channels."""

import math

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._normalized import (
    affine,
    affine_backward,
    gradient_like,
    standardized,
    standardized_backward,
    vector,
)


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """(x - mean) / sqrt(var + eps) * weight + bias, over groups of channels.

    x has shape (N, C, ...); the C channels form num_groups groups of neighbours, and
    mean and var (which divides by n) are taken over one group of one sample, all pixels
    included. weight and bias have shape (C,): they belong to channels, not to groups.
    Same shape and dtype as x (float64 for integers). num_groups=1 standardises the
    whole sample, num_groups=C every channel on its own.
    """
    x = floating(x)
    groups = _grouped(x, num_groups)
    weight, bias = vector("weight", weight, x), vector("bias", bias, x)
    normalized, _ = standardized(groups, _axes(groups), eps)
    normalized = normalized.reshape(x.shape)
    return affine(normalized, weight, bias).astype(x.dtype, copy=False)


def group_norm_backward(
    grad_output,
    x,
    num_groups,
    weight=None,
    bias=None,
    eps=1e-5,
):
    """Gradients of x and, where given, of weight and bias."""
    x = floating(x)
    grad = gradient_like(grad_output, x)
    groups = _grouped(x, num_groups)
    weight, bias = vector("weight", weight, x), vector("bias", bias, x)
    normalized, scale = standardized(groups, _axes(groups), eps)
    grad, gradients = affine_backward(grad, normalized.reshape(x.shape), weight, bias)
    grad = grad.reshape(groups.shape)
    grad = standardized_backward(grad, normalized, scale, _axes(groups))
    gradients = {name: array.reshape(-1) for name, array in gradients.items()}
    return {"x": grad.reshape(x.shape).astype(x.dtype, copy=False), **gradients}


def _grouped(x, num_groups):
    """x as (N, G, C / G, ...)."""
    if x.ndim < 2:
        raise ValueError(f"x has {x.ndim} dimensions, needs at least 2: (N, C, ...)")
    n, channels, *pixels = x.shape
    if num_groups < 1:
        raise ValueError(f"num_groups is {num_groups}: at least one group is needed")
    if channels % num_groups:
        raise ValueError(f"num_groups {num_groups} does not divide {channels} channels")
    if n * (channels // num_groups) * math.prod(pixels) == 1:
        raise ValueError(f"x of shape {x.shape} leaves one value per group: too few")
    return x.reshape(n, num_groups, channels // num_groups, *pixels)


def _axes(groups):
    return tuple(range(2, groups.ndim))
