"""Mish: the input times the tanh of its softplus."""

import numpy as np


def mish(x):
    """x * tanh(softplus(x)).

    No logarithm is needed: tanh(log(1 + E)) = (E² + 2E) / (E² + 2E + 2), where
    E = exp(x). On the right, divide both by E² and use e = exp(-x) instead:
    (1 + 2e) / (1 + 2e + 2e²). So only exp(-|x|) is formed and nothing overflows.
    It enters as half * half, half = exp(-|x| / 2): just before exp(-|x|) underflows
    it is subnormal, with few bits left, and a product with x would show the error.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    finite, half = _halved(x)
    e = half * half
    right = (1 + 2 * e) / (1 + 2 * e + 2 * e * e)
    left = finite * half * (2 + e) / (2 + 2 * e + e * e) * half
    return np.where(x > 0, x * right, left)


def mish_derivative(x):
    """w + x * w', with w = tanh(softplus(x)) and w' = 4E (1 + E) / (E² + 2E + 2)²."""
    x = np.asarray(x) * 1.0
    positive = x > 0
    x, half = _halved(x)
    e = half * half
    d = np.where(positive, 1 + 2 * e + 2 * e * e, 2 + 2 * e + e * e)
    w = np.where(positive, (1 + 2 * e) / d, half * (2 + e) / d * half)
    # Over E² on the right, w' = 4e² (1 + e) / d² there; half * half again comes last.
    tail = np.where(positive, half * e, half)
    return w + x * tail * (4 * (1 + e) / (d * d)) * half


def mish_second_derivative(x):
    """2 w' + x * w'', where w'' = 4E (2 + 2E - 3E² - 2E³) / (E² + 2E + 2)³."""
    x = np.asarray(x) * 1.0
    positive = x > 0
    x, half = _halved(x)
    e = half * half
    d = np.where(positive, 1 + 2 * e + 2 * e * e, 2 + 2 * e + e * e)
    cubic = np.where(
        positive,
        ((2 * e + 2) * e - 3) * e - 2,  # the same polynomial over E³
        ((-2 * e - 3) * e + 2) * e + 2,
    )
    gate = np.where(positive, half * e, half) * 4 / (d * d)
    return (gate * 2 * (1 + e) + x * gate * cubic / d) * half


def _halved(x):
    """x made finite, for inf * 0 is nan where the limit is 0; and exp(-|x| / 2)."""
    largest = np.finfo(x.dtype).max
    return np.clip(x, -largest, largest), np.exp(-np.abs(x) / 2)
