"""Log-sigmoid: the logarithm of the sigmoid, computed without the sigmoid."""

import numpy as np


def log_sigmoid(x):
    """log(1 / (1 + exp(-x))) = min(x, 0) - log1p(exp(-|x|)).

    On the left exp(-x) would overflow; log(exp(x) / (1 + exp(x))) = x - log(1 + exp(x))
    does not. On the right 1 + exp(-x) would round to 1; log1p keeps the small number.
    Both terms have the same sign, so nothing cancels.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def log_sigmoid_derivative(x):
    """1 - sigma(x), computed as sigma(-x), which keeps the digits of small results."""
    x = np.asarray(x) * 1.0
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, e, 1) / (1 + e)


def log_sigmoid_second_derivative(x):
    """-sigma(x) * sigma(-x) = -(h / (1 + h²))² with h = exp(-|x| / 2)."""
    h = np.exp(-np.abs(np.asarray(x) * 1.0) / 2)
    return -np.square(h / (1 + h * h))
