"""ReGLU: the second half of the input, scaled by the first where that is positive."""

import numpy as np

from truecurve.entries.gated._halves import halves


def reglu(x, dim=-1):
    """max(0, a) * b, where a and b are the first and second half of x along `dim`.

    That axis becomes half as long. Same dtype as x (float64 for integers). Raises
    ValueError if the size along `dim` is odd.
    """
    a, b = halves(x, dim)
    return np.maximum(a, 0) * _passed(a, b)


def reglu_derivative(x, dim=-1):
    """The pair (d/da, d/db), each of the shape of one half.

    d/da = b where a > 0, and d/db = max(0, a). Both are 0 where a <= 0; at a = 0 that
    is the choice PyTorch makes.
    """
    a, b = halves(x, dim)
    gate = np.where(np.isnan(a), a, a > 0)
    return gate * _passed(a, b), np.maximum(a, 0)


def _passed(a, b):
    """b where the gate is open. Where it is shut only the sign of b (or nan) is left.

    The factor before it is 0 there: the product is the same for every finite b, and 0
    for infinite b too, where 0 * inf would be nan.
    """
    return np.where(a > 0, b, np.sign(b))
