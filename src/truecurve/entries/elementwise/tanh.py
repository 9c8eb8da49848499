"""tanh: the hyperbolic tangent, the zero-centred S-shaped function."""

import numpy as np


def tanh(x):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Never computed that way: the exponentials overflow for large |x|, and near 0 their
    difference cancels. `np.tanh` has neither problem.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    return np.tanh(x)


def tanh_derivative(x):
    """sech(x)², which is 1 - tanh(x)².

    tanh(x)² rounds to 1 already at moderate |x|, and 1 - tanh(x)² keeps no digit.
    sech(x) = 2 e / (1 + e²) with e = exp(-|x|) subtracts nothing and cannot overflow.
    """
    e = np.exp(-np.abs(np.asarray(x) * 1.0))
    return np.square(2 * e / (1 + e * e))


def tanh_second_derivative(x):
    """-2 * tanh(x) * sech(x)²."""
    return -2 * tanh(x) * tanh_derivative(x)
