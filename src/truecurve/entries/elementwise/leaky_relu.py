"""Leaky ReLU: a ReLU that keeps a small slope on the negative side."""

import numpy as np


def leaky_relu(x, negative_slope=0.01):
    """x where x > 0, negative_slope * x elsewhere; nan stays nan."""
    x = np.asarray(x)
    if negative_slope == 0:  # this is ReLU; 0 * -inf would be nan, the limit is 0
        return np.maximum(x, 0)
    # np.where computes both branches: min(x, 0) keeps a large slope from overflowing
    # on positive x.
    return np.where(x > 0, x, negative_slope * np.minimum(x, 0))


def leaky_relu_derivative(x, negative_slope=0.01):
    """1 where x > 0, negative_slope elsewhere (at 0 too, as in PyTorch)."""
    # heaviside is 0 for x <= 0, 1 for x > 0, nan for nan, in the precision of x.
    step = np.heaviside(x, 0.0)
    return np.where(step == 0, negative_slope, step)


def leaky_relu_second_derivative(x, negative_slope=0.01):
    """0: both pieces are straight lines, whatever the slope."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
