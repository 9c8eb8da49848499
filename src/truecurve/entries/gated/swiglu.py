"""SwiGLU: the second half of the input, gated by the SiLU of the first half."""

import numpy as np

from truecurve.entries.gated._halves import halves


def swiglu(x, dim=-1):
    """a * sigma(a) * b, where a and b are the first and second half of x along `dim`.

    That axis becomes half as long. Same dtype as x (float64 for integers). Raises
    ValueError if the size along `dim` is odd.
    """
    a, b = halves(x, dim)
    a = np.maximum(a, -np.finfo(a.dtype).max)  # -inf * 0 would be nan, the limit is 0
    p, _, q = _roots(a)
    # sigma(a) = p * p / q. Each factor p meets a number of its own, so that neither
    # silu(a) underflows before b can lift it nor a * b overflows on the left.
    return a * p / q * (b * p)


def swiglu_derivative(x, dim=-1):
    """The pair (d/da, d/db), each of the shape of one half.

    d/da = sigma(a) * (1 + a * sigma(-a)) * b and d/db = a * sigma(a): the derivative of
    SiLU times b, and SiLU itself.
    """
    a, b = halves(x, dim)
    largest = np.finfo(a.dtype).max
    a = np.maximum(a, -largest)
    p, r, q = _roots(a)
    # sigma(-a) = r * r / q; 1 - sigma(a) would cancel for large a.
    slope = (1 + np.minimum(a, largest) * r * r / q) * p
    return b * p * slope / q, a * p / q * p


def _roots(a):
    """p, r, q with sigma(a) = p * p / q and sigma(-a) = r * r / q; no exp overflows.

    With h = e^(-|a|/2), sigma(|a|) = 1 / (1 + h²) and sigma(-|a|) = h² / (1 + h²).
    """
    h = np.exp(-np.abs(a) / 2)
    return np.where(a < 0, h, 1), np.where(a < 0, 1, h), 1 + h * h
