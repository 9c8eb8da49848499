"""Hardsigmoid: a straight ramp from 0 at -3 to 1 at 3, in place of the sigmoid."""

import numpy as np


def hardsigmoid(x):
    """x / 6 + 1 / 2, clipped to [0, 1].

    Computed as clip(x + 3, 0, 6) / 6: near -3 the sum x + 3 is exact, and small results
    keep all their digits. x / 6 + 1 / 2 would round x / 6 first and then cancel.
    """
    return np.clip(np.asarray(x) + 3, 0, 6) / 6


def hardsigmoid_derivative(x):
    """1 / 6 where -3 < x < 3, else 0; 0 at both corners, as PyTorch's gradient."""
    x = np.asarray(x)
    return np.where(np.abs(x) < 3, 1 / 6, np.where(np.isnan(x), x, 0))


def hardsigmoid_second_derivative(x):
    """0: all three pieces are straight lines."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
