"""Softmax: a vector of scores becomes a vector of positive numbers that sum to 1."""

import numpy as np


def softmax(x, dim):
    """exp(x_i) / sum_j exp(x_j) along the axis `dim`.

    Same shape and dtype as x (float64 for integers). One score of +inf takes all the
    weight; several of them, or a row of -inf only, have no limit: nan.
    """
    x = np.asarray(x)
    x = x.astype(np.result_type(x, 1.0), copy=False)
    # e^(x_i - m) / sum_j e^(x_j - m) is the same for every m; with m = max(x) no
    # exponent is positive: none overflows.
    top = np.max(x, axis=dim, keepdims=True, initial=-np.inf)
    # The maximum itself is left out of the subtraction (it gives 0), or an infinite one
    # would be inf - inf.
    z = np.exp(np.subtract(x, top, out=np.zeros_like(x), where=x != top))
    # Half precision is summed in single: 70,000 equal scores would overflow.
    total = np.sum(z, axis=dim, keepdims=True, dtype=np.result_type(x, np.float32))
    total = np.where(np.isinf(top) & (total > 1), np.nan, total)
    return (z / total).astype(x.dtype, copy=False)


def softmax_jacobian(x, dim=-1):
    """Shape (..., n, n), the axis `dim` moved to the end and doubled:
    J[i, j] = dp_i / dx_j = p_i (delta_ij - p_j).
    """
    p = np.moveaxis(softmax(x, dim), dim, -1)
    jacobian = -p[..., :, None] * p[..., None, :]
    # The diagonal p_i (1 - p_i) cancels where p_i is close to 1. Every row sums to 0:
    # it is minus the rest of its row.
    i = np.arange(p.shape[-1])
    jacobian[..., i, i] = 0
    jacobian[..., i, i] = -jacobian.sum(axis=-1)
    return jacobian
