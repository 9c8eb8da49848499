"""Softplus: log(1 + exp(beta * x)) / beta, a smooth and always positive ReLU."""

import numpy as np


def _scaled(x, beta):
    """beta * x; an overflow does no harm, it stays on its side of the threshold."""
    with np.errstate(over="ignore"):
        return beta * np.asarray(x)


def softplus(x, beta=1.0, threshold=20.0):
    """log(1 + exp(beta * x)) / beta; x where beta * x > threshold, as in PyTorch."""
    x = np.asarray(x)
    z = _scaled(x, beta)
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|): the exponential never exceeds 1, and
    # log1p keeps small ones.
    y = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta
    return np.where(z > threshold, x, y)


def softplus_derivative(x, beta=1.0, threshold=20.0):
    """The sigmoid of beta * x; 1 where beta * x > threshold."""
    z = _scaled(x, beta)
    # sigmoid(z) = 1 / (1 + e^-z) = e^z / (1 + e^z): take the one whose exponential
    # cannot overflow.
    e = np.exp(-np.abs(z))
    return np.where(z > threshold, 1, np.where(z >= 0, 1, e) / (1 + e))


def softplus_second_derivative(x, beta=1.0, threshold=20.0):
    """beta * s * (1 - s), s the sigmoid of beta * x; 0 where beta * x > threshold."""
    z = _scaled(x, beta)
    # s * (1 - s) = (h / (1 + h^2))^2 with h = e^(-|z|/2): no 1 - s, which loses all
    # digits once s rounds to 1.
    h = np.exp(-np.abs(z) / 2)
    return np.where(z > threshold, 0, beta * h / (1 + h * h) ** 2 * h)
