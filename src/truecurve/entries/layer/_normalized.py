"""What the normalisation layers share: standardising, weight and bias, gradients."""

import math

import numpy as np

from truecurve.entries.layer._broadcast import floating, summed_to


def mean(x, axes):
    """The mean over `axes` (kept, with size 1) in float64; that of nothing is 0."""
    count = math.prod(x.shape[axis] for axis in axes)
    return np.sum(x, axis=axes, keepdims=True, dtype=np.float64) / max(count, 1)


def standardized(x, axes, eps):
    """The pair (x - mean) * scale and scale = 1 / sqrt(var + eps).

    mean and var are taken over `axes`; var divides by n, not by n - 1. Both passes over
    x are needed: mean(x²) - mean(x)² cancels where the mean is large.
    """
    x = single(x)
    centred = x - mean(x, axes).astype(x.dtype)
    variance = mean(np.square(centred, dtype=np.float64), axes)
    scale = (1 / np.sqrt(variance + eps)).astype(x.dtype)
    return centred * scale, scale


def standardized_backward(gradient, normalized, scale, axes):
    """The gradient of x, given that of `normalized`, and what `standardized` returned.

    y = (x - mean) * scale does not change when a constant is added to x, and (but for
    eps) not when x - mean is stretched. So the gradient of x has no part along a
    constant and hardly any along y: those two parts are subtracted.
    """
    constant = mean(gradient, axes).astype(gradient.dtype)
    along = mean(gradient * normalized, axes).astype(gradient.dtype)
    return scale * (gradient - constant - normalized * along)


def affine(y, weight, bias):
    """y * weight + bias. None stands for 1 and for 0."""
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias


def affine_backward(gradient, y, weight, bias):
    """The gradient of y, and a dict of those of weight and bias (the ones given)."""
    gradients = {}
    if weight is not None:
        gradients["weight"] = summed_to(gradient * y, weight.shape)
        gradients["weight"] = gradients["weight"].astype(weight.dtype, copy=False)
    if bias is not None:
        gradients["bias"] = summed_to(gradient, bias.shape)
        gradients["bias"] = gradients["bias"].astype(bias.dtype, copy=False)
    return gradient if weight is None else gradient * weight, gradients


def single(x):
    """Half precision as float32, everything else as it is."""
    return x.astype(np.result_type(x, np.float32), copy=False)


def gradient_like(grad_output, x):
    """grad_output as floats, after a check that it has the shape of x."""
    grad_output = floating(grad_output)
    if grad_output.shape != x.shape:
        raise ValueError(
            f"grad_output has shape {grad_output.shape}, the output has {x.shape}",
        )
    return single(grad_output)


def vector(name, array, x):
    """One number per channel (axis 1 of x), of shape (C, 1, 1, ...); None is kept."""
    if array is None:
        return None
    array = floating(array)
    channels = x.shape[1]
    if array.shape != (channels,):
        raise ValueError(f"{name} has shape {array.shape}, x has {channels} channels")
    return array.reshape(channels, *[1] * (x.ndim - 2))


def trailing(name, array, shape):
    """One number per element of the last axes, which have this shape; None is kept."""
    if array is None:
        return None
    array = floating(array)
    if array.shape != shape:
        raise ValueError(
            f"{name} has shape {array.shape}, the last axes of x have {shape}",
        )
    return array


def trailing_axes(x, normalized_shape):
    """normalized_shape as a tuple, and the axes of x it stands for: the last ones."""
    if isinstance(normalized_shape, (int, np.integer)):
        normalized_shape = (normalized_shape,)
    shape = tuple(int(size) for size in normalized_shape)
    if not shape:
        raise ValueError("normalized_shape is empty: it needs at least one size")
    if x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"normalized_shape is {shape}, but x of shape {x.shape} does not end in it",
        )
    return shape, tuple(range(-len(shape), 0))
