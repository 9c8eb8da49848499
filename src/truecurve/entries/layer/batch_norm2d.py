"""Batch normalisation: every channel is standardised over the batch and the pixels."""

import math

import numpy as np

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._normalized import (
    affine,
    affine_backward,
    gradient_like,
    mean,
    single,
    standardized,
    standardized_backward,
    vector,
)

AXES = (0, 2, 3)  # N, H, W: one mean and one variance per channel


def batch_norm2d(
    x,
    running_mean,
    running_var,
    weight=None,
    bias=None,
    training=False,
    momentum=0.1,
    eps=1e-5,
):
    """(x - mean) / sqrt(var + eps) * weight + bias, channel by channel.

    x has shape (N, C, H, W), as nn.BatchNorm2d requires; the other arrays have shape
    (C,) or are None. Same shape and dtype as x (float64 for integers).

    In training, mean and var are those of the batch over N, H and W; var divides by
    n = N H W. The running statistics are not used and not changed: the new ones, which
    is all that `momentum` is for, are made by `batch_norm2d_running_stats`. Otherwise
    mean and var are running_mean and running_var, and the output of an image does not
    depend on its batch.
    """
    x = floating(x)
    normalized, _ = _normalize(x, running_mean, running_var, training, eps)
    weight, bias = vector("weight", weight, x), vector("bias", bias, x)
    return affine(normalized, weight, bias).astype(x.dtype, copy=False)


def batch_norm2d_backward(
    grad_output,
    x,
    running_mean,
    running_var,
    weight=None,
    bias=None,
    training=False,
    momentum=0.1,
    eps=1e-5,
):
    """Gradients of x and, where given, of weight and bias.

    In training every pixel of a channel has an influence on the mean and the variance
    of all; otherwise they are constants. The running statistics have no gradient.
    """
    x = floating(x)
    grad = gradient_like(grad_output, x)
    normalized, scale = _normalize(x, running_mean, running_var, training, eps)
    weight, bias = vector("weight", weight, x), vector("bias", bias, x)
    grad, gradients = affine_backward(grad, normalized, weight, bias)
    grad_x = grad * scale
    if training:
        grad_x = standardized_backward(grad, normalized, scale, AXES)
    gradients = {name: array.reshape(-1) for name, array in gradients.items()}
    return {"x": grad_x.astype(x.dtype, copy=False), **gradients}


def batch_norm2d_running_stats(
    x,
    running_mean,
    running_var,
    momentum=0.1,
    num_batches_tracked=0,
):
    """The pair (new running_mean, new running_var) after a training step on x.

    new = (1 - momentum) * old + momentum * batch: here momentum is the share of the NEW
    value. With momentum=None, that share is 1 / (num_batches_tracked + 1), where
    num_batches_tracked counts the batches before this one: the plain average of all.

    The variance stored divides by n - 1 (an unbiased estimate for data to come),
    although the batch itself was normalised with the one that divides by n.
    """
    x = floating(x)
    _check(x, running_mean, running_var, training=True)
    old_mean, old_var = floating(running_mean), floating(running_var)
    n = x.shape[0] * x.shape[2] * x.shape[3]
    if n == 0:
        return old_mean.copy(), old_var.copy()  # an empty batch teaches nothing
    share = 1 / (num_batches_tracked + 1) if momentum is None else momentum
    batch_mean = mean(x, AXES)
    squares = np.square(x - batch_mean)
    batch_var = mean(squares, AXES) * n / (n - 1)
    new_mean = (1 - share) * old_mean + share * batch_mean.reshape(-1)
    new_var = (1 - share) * old_var + share * batch_var.reshape(-1)
    return new_mean.astype(old_mean.dtype), new_var.astype(old_var.dtype)


def _normalize(x, running_mean, running_var, training, eps):
    """The normalised x and its scale, 1 / sqrt(var + eps)."""
    _check(x, running_mean, running_var, training)
    if eps < 0 or (training and eps == 0):
        raise ValueError(f"eps is {eps}: it must be positive (or 0 outside training)")
    if training:
        return standardized(x, AXES, eps)
    x = single(x)
    scale = 1 / np.sqrt(vector("running_var", running_var, x) + eps)
    return (x - vector("running_mean", running_mean, x)) * scale, scale


def _check(x, running_mean, running_var, training):
    if x.ndim != 4:
        raise ValueError(f"x has {x.ndim} dimensions, but 4 are needed: (N, C, H, W)")
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var: give both of them, or neither")
    if not training and running_mean is None:
        raise ValueError("running_mean is None: it is needed when training is False")
    vector("running_mean", running_mean, x)
    vector("running_var", running_var, x)
    if training and math.prod(x.shape[axis] for axis in AXES) == 1:
        raise ValueError(
            f"x of shape {x.shape} has one value per channel: too few to train with",
        )
