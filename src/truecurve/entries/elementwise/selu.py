import numpy as np

# Of all scaled ELUs the one with E f(Z) = 0 and E f(Z)^2 = 1 for a standard normal Z.
ALPHA = 1.6732632423543772848170429916717
SCALE = 1.0507009873554804934193349852946


def selu(x):
    """SCALE * x for x > 0, SCALE * ALPHA * (exp(x) - 1) otherwise."""
    x = np.asarray(x)
    # expm1(x) is exp(x) - 1 without cancellation near 0. np.where computes both
    # branches: max(x, 0) and min(x, 0) keep the one not taken from overflowing.
    positive = SCALE * np.maximum(x, 0)
    return np.where(x > 0, positive, SCALE * ALPHA * np.expm1(np.minimum(x, 0)))


def _decay(x):
    """SCALE * ALPHA * exp(x) for x <= 0, SCALE * ALPHA elsewhere."""
    # exp(x) = h * h: where exp(x) would be subnormal, h still has all its digits.
    h = np.exp(np.minimum(x, 0) / 2)
    return SCALE * ALPHA * h * h


def selu_derivative(x):
    """SCALE for x > 0, SCALE * ALPHA * exp(x) otherwise, also at 0 as in PyTorch."""
    x = np.asarray(x)
    return np.where(x > 0, SCALE, _decay(x))


def selu_second_derivative(x):
    """0 for x >= 0, SCALE * ALPHA * exp(x) otherwise."""
    x = np.asarray(x)
    return np.where(x >= 0, 0, _decay(x))
