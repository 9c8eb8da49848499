"""Hardswish: the input times its own Hardsigmoid, a gate made of straight lines."""

import numpy as np


def hardswish(x):
    """0 for x <= -3, x for x >= 3, x * (x + 3) / 6 between.

    Computed as x times the gate clip(x + 3, 0, 6) / 6. The gate is at most 1, so the
    product cannot overflow, as x * clip(x + 3, 0, 6) can. Left of -3 the gate is 0 and
    x does not matter: held at -3 it gives 0 at -inf too, where -inf * 0 would be nan.
    """
    x = np.asarray(x)
    gate = np.clip(x + 3, 0, 6) / 6
    return np.maximum(x, -3) * gate


def hardswish_derivative(x):
    """x / 3 + 1 / 2 where -3 < x < 3, 0 to the left, 1 to the right.

    At the corners it is 0 (x = -3) and 1 (x = 3), as PyTorch's gradient.
    """
    x = np.asarray(x)
    return np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 1 / 2))


def hardswish_second_derivative(x):
    """1 / 3 where -3 < x < 3, else 0: a parabola between two straight lines."""
    x = np.asarray(x)
    return np.where(np.abs(x) < 3, 1 / 3, np.where(np.isnan(x), x, 0))
