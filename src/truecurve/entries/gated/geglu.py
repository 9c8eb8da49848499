"""GEGLU: the second half of the input, gated by the GELU of the first half."""

import math

import numpy as np

from truecurve.entries.elementwise._erf import erfc
from truecurve.entries.gated._halves import halves


def geglu(x, dim=-1):
    """a * Phi(a) * b, where a and b are the first and second half of x along `dim`.

    Phi is the exact normal distribution function, not the tanh form. The axis becomes
    half as long. Same dtype as x (float64 for integers). Raises ValueError if the size
    along `dim` is odd.
    """
    a, b = halves(x, dim)
    # Phi(a) = erfc(-a / sqrt(2)) / 2 keeps its digits on the left, 1 + erf does not.
    # The other factors enter erfc, which works in float64 and rounds once: gelu(a) must
    # not underflow before b can lift it, and a * b must not overflow in float16. Below
    # -50 the result is 0 in every dtype, and -inf * 0 would be nan.
    return erfc(-a / math.sqrt(2), np.maximum(a, -50) * b.astype(np.float64) / 2)


def geglu_derivative(x, dim=-1):
    """The pair (d/da, d/db), each of the shape of one half.

    d/da = (Phi(a) + a * phi(a)) * b and d/db = a * Phi(a): the derivative of GELU times
    b, and GELU itself.
    """
    a, b = halves(x, dim)
    z = -a / math.sqrt(2)
    c = np.clip(a, -50, 50)  # beyond, phi is 0 in every dtype; a² cannot overflow
    # phi = half * half / sqrt(2 pi): multiply first, underflow last.
    half = np.exp(-c * c / 4)
    slope = erfc(z, b / 2) + c / math.sqrt(2 * math.pi) * half * (b * half)
    return slope, erfc(z, np.maximum(a, -50) / 2)
