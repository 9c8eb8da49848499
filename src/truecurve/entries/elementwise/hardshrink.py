"""Hardshrink: the input where its absolute value exceeds a threshold, else 0."""

import numpy as np


def hardshrink(x, lambd=0.5):
    """x where |x| > lambd, else 0; 0 at |x| = lambd, as in PyTorch."""
    x = np.asarray(x)
    # Asking for |x| <= lambd, not for |x| > lambd, lets nan through:
    # every comparison with nan is false.
    return np.where(np.abs(x) <= lambd, 0, x)


def hardshrink_derivative(x, lambd=0.5):
    """1 where |x| > lambd, else 0; 0 at |x| = lambd, as PyTorch's gradient."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, np.abs(x) > lambd)


def hardshrink_second_derivative(x, lambd=0.5):
    """0 everywhere: both pieces are straight lines."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
