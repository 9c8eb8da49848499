"""Softmin: softmax of the negated input; the smallest cost gets the largest weight."""

import numpy as np

from truecurve.entries.vector.softmax import softmax, softmax_jacobian


def softmin(x, dim):
    """exp(-x_i) / sum_j exp(-x_j) along the axis `dim`.

    Same shape and dtype as x (float64 for integers). One score of -inf takes all the
    weight; several of them, or a row of +inf only, have no limit: nan.
    """
    return softmax(_negated(x), dim)


def softmin_jacobian(x, dim=-1):
    """J[i, j] = p_i (p_j - delta_ij), shape (..., n, n): the axis `dim` last, doubled."""
    # The chain rule: the derivative of -x is -1.
    return -softmax_jacobian(_negated(x), dim)


def _negated(x):
    x = np.asarray(x)
    # First a float, for minus an unsigned integer would wrap around.
    return -x.astype(np.result_type(x, 1.0), copy=False)
