"""ReLU: nothing is rounded, so every result is exact in every precision."""

import numpy as np


def relu(x):
    """max(0, x), element by element; nan stays nan."""
    return np.maximum(np.asarray(x), 0)


def relu_derivative(x):
    """1 where x > 0, else 0; 0 at x = 0, the subgradient that PyTorch takes."""
    x = np.asarray(x)
    # x > 0 is False for nan; the outer where keeps nan, and turns False and True
    # into 0 and 1 of the dtype of x.
    return np.where(np.isnan(x), x, x > 0)


def relu_second_derivative(x):
    """0: both pieces are straight lines."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
