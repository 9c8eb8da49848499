"""The split that the gated functions share."""

import numpy as np


def halves(x, dim):
    """The first and second half of x along `dim`: same dtype, float64 for integers.

    Raises ValueError if the size along `dim` is odd.
    """
    x = np.asarray(x)
    if x.shape[dim] % 2:
        raise ValueError(f"dimension {dim} has the odd size {x.shape[dim]} and cannot be halved")
    return np.split(x * 1.0, 2, axis=dim)
