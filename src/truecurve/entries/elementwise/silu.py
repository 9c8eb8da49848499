"""SiLU: the input times its own sigmoid. Also known as Swish with beta = 1."""

import numpy as np


def silu(x):
    """x * sigma(x), with sigma(x) = 1 / (1 + exp(-x)) on the right and
    exp(x) / (1 + exp(x)) on the left.

    Only exp(-|x|) is needed, so nothing overflows. It enters as half * half with
    half = exp(-|x| / 2): just before exp(-|x|) underflows it is subnormal, with few
    bits left, and multiplying it by x would show the error.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    finite, half = _halved(x)
    one_plus = 1 + half * half
    return np.where(x > 0, x / one_plus, finite * half / one_plus * half)


def silu_derivative(x):
    """sigma(x) + x * sigma'(x), where sigma'(x) = sigma(x) * sigma(-x) = gate²."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)
    return np.where(x > 0, 1 / (1 + half * half), half * gate) + x * gate * gate


def silu_second_derivative(x):
    """sigma'(x) * (2 + x * (1 - 2 sigma(x))), with 1 - 2 sigma(x) = -tanh(x / 2)."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)
    return (2 - x * np.tanh(x / 2)) * gate * gate


def _halved(x):
    """x made finite (inf * 0 would be nan where the limit is 0), and exp(-|x| / 2)."""
    largest = np.finfo(x.dtype).max
    return np.clip(x, -largest, largest), np.exp(-np.abs(x) / 2)
