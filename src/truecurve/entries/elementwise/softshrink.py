"""Softshrink: pulls every number toward 0 by lambd, and stops there."""

import numpy as np


def softshrink(x, lambd=0.5):
    """x - lambd above lambd, x + lambd below -lambd, else 0."""
    x = np.asarray(x)
    # One of the terms is always 0. No comparison selects, so nan passes through both.
    return np.maximum(x - lambd, 0) + np.minimum(x + lambd, 0)


def softshrink_derivative(x, lambd=0.5):
    """1 where |x| > lambd, else 0; 0 at |x| = lambd, as PyTorch's gradient."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, np.abs(x) > lambd)


def softshrink_second_derivative(x, lambd=0.5):
    """0 everywhere: all three pieces are straight lines."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
