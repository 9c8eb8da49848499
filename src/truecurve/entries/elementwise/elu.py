"""ELU: the identity for positive inputs, else an exponential falling to -alpha."""

import numpy as np


def elu(x, alpha=1.0):
    """x for x > 0, alpha * (exp(x) - 1) otherwise."""
    x = np.asarray(x)
    # expm1(x) is exp(x) - 1 without cancellation near 0. np.where computes both
    # branches: min(x, 0) keeps the unused one from overflowing.
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _decay(x, alpha):
    """alpha * exp(x) for x <= 0, alpha elsewhere."""
    # exp(x) = h * h: where exp(x) would already be subnormal, h still has all its
    # digits.
    h = np.exp(np.minimum(x, 0) / 2)
    return alpha * h * h


def elu_derivative(x, alpha=1.0):
    """1 for x > 0, alpha * exp(x) otherwise (so alpha at 0, as in PyTorch)."""
    x = np.asarray(x)
    return np.where(x > 0, 1, _decay(x, alpha))


def elu_second_derivative(x, alpha=1.0):
    """0 for x >= 0, alpha * exp(x) otherwise."""
    x = np.asarray(x)
    return np.where(x >= 0, 0, _decay(x, alpha))
