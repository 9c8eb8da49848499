import numpy as np


def _negative(x, alpha):
    """min(x, 0) / alpha; an overflow to -inf is harmless, its exponential is 0."""
    with np.errstate(over="ignore"):
        return np.minimum(x, 0) / alpha


def celu(x, alpha=1.0):
    """x for x > 0, alpha * (exp(x / alpha) - 1) otherwise."""
    x = np.asarray(x)
    # expm1(x) is exp(x) - 1 without cancellation near 0. np.where computes both
    # branches: min(x, 0) keeps the unused one from overflowing.
    return np.where(x > 0, x, alpha * np.expm1(_negative(x, alpha)))


def celu_derivative(x, alpha=1.0):
    """1 for x > 0, exp(x / alpha) otherwise: 1 at 0 from both sides."""
    # exp(0) = 1, so the clamped exponential is right on the positive side too.
    return np.exp(_negative(x, alpha))


def celu_second_derivative(x, alpha=1.0):
    """0 for x >= 0, exp(x / alpha) / alpha otherwise."""
    x = np.asarray(x)
    # exp(x / alpha) = h * h: where it would be subnormal, h still has all its digits.
    h = np.exp(_negative(x, alpha) / 2)
    return np.where(x >= 0, 0, h / alpha * h)
