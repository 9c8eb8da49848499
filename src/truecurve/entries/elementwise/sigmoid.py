"""Sigmoid: the logistic function, which turns any real number into a proportion."""

import numpy as np


def sigmoid(x):
    """1 / (1 + exp(-x)), without the overflow of exp(-x) on the far left.

    For x < 0 numerator and denominator are multiplied by exp(x): exp(x) / (1 + exp(x)).
    Both sides then need only exp(-|x|), which is never larger than 1.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_derivative(x):
    """sigma(x) * (1 - sigma(x)), as (h / (1 + h²))² with h = exp(-|x| / 2).

    1 - sigma(x) keeps no digit once sigma(x) has rounded to 1. sigma(x) * sigma(-x) is
    the same product without a subtraction; squaring last delays underflow.
    """
    h = np.exp(-np.abs(np.asarray(x) * 1.0) / 2)
    return np.square(h / (1 + h * h))


def sigmoid_second_derivative(x):
    """sigma'(x) * (1 - 2 * sigma(x)), where 1 - 2 * sigma(x) = -tanh(x / 2)."""
    x = np.asarray(x) * 1.0
    return -np.tanh(x / 2) * sigmoid_derivative(x)
