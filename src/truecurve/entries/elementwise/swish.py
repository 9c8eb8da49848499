"""Swish: the input times the sigmoid of beta times the input. With beta = 1, SiLU."""

import numpy as np


def swish(x, beta=1.0):
    """x * sigma(beta * x).

    With z = beta * x, sigma(z) is 1 / (1 + exp(-z)) on the right and
    exp(z) / (1 + exp(z)) on the left, so only exp(-|z|) is needed and nothing
    overflows. It enters as half * half, half = exp(-|z| / 2): just before exp(-|z|)
    underflows it is subnormal, with few bits left, and a product would show the error.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    finite, z, half = _scaled(x, beta)
    one_plus = 1 + half * half
    return np.where(z >= 0, x / one_plus, finite * half / one_plus * half)


def swish_derivative(x, beta=1.0):
    """sigma(z) + z * sigma'(z) with z = beta * x, a function of z alone.

    sigma'(z) = sigma(z) * sigma(-z) = gate², without 1 - sigma(z), which cancels.
    """
    _, z, half = _scaled(np.asarray(x) * 1.0, beta)
    gate = half / (1 + half * half)
    sigma = np.where(z > 0, 1 / (1 + half * half), half * gate)
    return sigma + z * gate * gate


def swish_second_derivative(x, beta=1.0):
    """beta * sigma'(z) * (2 + z * (1 - 2 sigma(z))); 1 - 2 sigma(z) = -tanh(z / 2)."""
    _, z, half = _scaled(np.asarray(x) * 1.0, beta)
    gate = half / (1 + half * half)
    return beta * gate * (2 - z * np.tanh(z / 2)) * gate


def _scaled(x, beta):
    """x and z = beta * x, both made finite (inf * 0 is nan); and exp(-|z| / 2)."""
    largest = np.finfo(x.dtype).max
    x = np.clip(x, -largest, largest)
    with np.errstate(over="ignore"):
        z = np.clip(beta * x, -largest, largest)
    return x, z, np.exp(-np.abs(z) / 2)
