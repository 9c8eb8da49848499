import numpy as np


def identity(x):
    """x itself, as an array."""
    return np.asarray(x)


def identity_derivative(x):
    """1 everywhere, nan where x is nan."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 1.0)


def identity_second_derivative(x):
    """0 everywhere, nan where x is nan."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0.0)
