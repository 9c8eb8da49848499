"""GELU: the input times the probability that a standard normal variable is smaller.

The exact form and PyTorch's tanh form.
"""

import math

import numpy as np

from truecurve.entries.elementwise._erf import erfc

K, C = math.sqrt(2 / math.pi), 0.044715


def gelu(x, approximate="none"):
    """x * Phi(x), or with approximate="tanh" 0.5 * x * (1 + tanh(u)),
    u = sqrt(2/pi) * (x + 0.044715 x³).

    Neither is computed as written: on the left erf and tanh come so close to -1 that
    1 + erf and 1 + tanh lose every digit. Phi(x) = erfc(-x / sqrt(2)) / 2 and
    1 + tanh(u) = 2 sigma(2u) hold the small number itself.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    if approximate == "none":
        # The factor is kept finite: -inf * 0 would be nan, the limit is -0.
        return erfc(-x / math.sqrt(2), np.maximum(x, -50) / 2)
    # Beyond ±50 the result is x, or underflows to -0 in every dtype.
    near = np.clip(x, -50, 50)
    half = np.exp(-np.abs(_u(near)))
    one_plus = 1 + half * half
    # sigma(2u) is 1 / (1 + exp(-2u)) on the right, exp(2u) / (1 + exp(2u)) on the left:
    # no exponential can overflow.
    return np.where(x > 0, x / one_plus, near * half / one_plus * half)


def gelu_derivative(x, approximate="none"):
    """Phi(x) + x * phi(x); for the tanh form sigma(2u) + x * sigma'(2u) * 2u'."""
    # Beyond ±50 the derivative is 0 or 1 in every dtype; clipped, x² cannot overflow.
    x = np.clip(np.asarray(x) * 1.0, -50, 50)
    if approximate == "none":
        # phi = half * half / sqrt(2 pi): multiply first, underflow last.
        half = np.exp(-x * x / 4)
        return erfc(-x / math.sqrt(2), 0.5) + x / math.sqrt(2 * math.pi) * half * half
    half = np.exp(-np.abs(_u(x)))
    gate = half / (1 + half * half)  # gate² = sigma'(2u)
    return np.where(x > 0, 1 / (1 + half * half), half * gate) + x * _slope(x) * gate * gate


def gelu_second_derivative(x, approximate="none"):
    """(2 - x²) * phi(x); for the tanh form, with v = 2u,
    sigma'(v) * (2 v' + x v'' - x v'² tanh(v / 2)).
    """
    x = np.clip(np.asarray(x) * 1.0, -50, 50)
    if approximate == "none":
        half = np.exp(-x * x / 4)
        return (2 - x * x) / math.sqrt(2 * math.pi) * half * half
    u, slope = _u(x), _slope(x)
    half = np.exp(-np.abs(u))
    gate = half / (1 + half * half)
    curve = 12 * K * C * x  # v''
    return ((2 * slope + x * curve) * gate - x * slope * (slope * gate) * np.tanh(u)) * gate


def _u(x):
    """The argument of tanh, factored so that x³ is never formed."""
    return K * x * (1 + C * x * x)


def _slope(x):
    """The derivative of 2u."""
    return 2 * K * (1 + 3 * C * x * x)
