"""GLU: the first half of the input, gated by the sigmoid of the second half."""

import numpy as np


def glu(x, dim=-1):
    """a * sigma(b), where a and b are the first and second half of x along `dim`:
    that axis becomes half as long.

    Same dtype as x (float64 for integers). Raises ValueError if the size along `dim`
    is odd.
    """
    a, b = _halves(x, dim)
    numerator, denominator = _sigmoid(b)
    return a * numerator * numerator / denominator


def glu_derivative(x, dim=-1):
    """The pair of partial derivatives (d/da, d/db), each of the shape of one half:
    sigma(b), a sigma(b) sigma(-b).
    """
    a, b = _halves(x, dim)
    numerator, denominator = _sigmoid(b)
    # sigma(b) sigma(-b) = e^-|b| / (1 + e^-|b|)^2 on both sides; 1 - sigma(b) would
    # cancel for large b.
    root = np.exp(-np.abs(b) / 2)
    return numerator * numerator / denominator, a * root * root / (denominator * denominator)


def _halves(x, dim):
    x = np.asarray(x)
    x = x.astype(np.result_type(x, 1.0), copy=False)
    if x.shape[dim] % 2:
        raise ValueError(f"glu halves dimension {dim}, but its size {x.shape[dim]} is odd")
    return np.split(x, 2, axis=dim)


def _sigmoid(b):
    """(p, q) with sigma(b) = p * p / q, where exp never overflows.

    sigma(b) = 1 / (1 + e^-|b|) for b >= 0 and e^-|b| / (1 + e^-|b|) for b < 0. The
    root p = e^(-|b|/2) stays a normal number twice as far out as e^-|b|, so a * p * p
    keeps its digits where sigma(b) alone would have lost them.
    """
    root = np.exp(-np.abs(b) / 2)
    return np.where(b < 0, root, 1), 1 + root * root
