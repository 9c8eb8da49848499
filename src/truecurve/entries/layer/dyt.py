"""Dynamic Tanh (DyT): a tanh with a learned slope in the place of a normalisation."""

import numpy as np

from truecurve.entries.elementwise.tanh import tanh_derivative
from truecurve.entries.layer._broadcast import floating, summed_to
from truecurve.entries.layer._normalized import gradient_like, single, trailing


def dyt(x, alpha, weight, bias):
    """weight * tanh(alpha * x) + bias.

    alpha is one number (shape () or (1,)); weight and bias have one number per channel,
    which is the last axis of x. Nothing is averaged: every element is computed from
    itself alone. Same shape and dtype as x (float64 for integers).
    """
    x, alpha, weight, bias = _arrays(x, alpha, weight, bias)
    return (weight * np.tanh(alpha * single(x)) + bias).astype(x.dtype, copy=False)


def dyt_backward(grad_output, x, alpha, weight, bias):
    """Gradients of x, alpha, weight and bias.

    With z = alpha x: d/dx = weight sech²(z) alpha, d/dalpha = weight sech²(z) x.
    """
    x, alpha, weight, bias = _arrays(x, alpha, weight, bias)
    grad = gradient_like(grad_output, x)
    z = alpha * single(x)
    grad_z = grad * weight * tanh_derivative(z)
    gradients = {
        "x": (grad_z * alpha).astype(x.dtype, copy=False),
        "alpha": np.sum(grad_z * x, dtype=np.float64).reshape(alpha.shape),
        "weight": summed_to(grad * np.tanh(z), weight.shape),
        "bias": summed_to(grad, bias.shape),
    }
    gradients["alpha"] = gradients["alpha"].astype(alpha.dtype)
    gradients["weight"] = gradients["weight"].astype(weight.dtype, copy=False)
    gradients["bias"] = gradients["bias"].astype(bias.dtype, copy=False)
    return gradients


def _arrays(x, alpha, weight, bias):
    x, alpha = floating(x), floating(alpha)
    if x.ndim == 0:
        raise ValueError("x has no dimension: its last one holds the channels")
    if alpha.shape not in ((), (1,)):
        raise ValueError(f"alpha has shape {alpha.shape}: it must be a single number")
    shape = x.shape[-1:]
    return x, alpha, trailing("weight", weight, shape), trailing("bias", bias, shape)
