"""Log-softmax: the logarithms of the softmax probabilities, computed without them."""

import numpy as np

from truecurve.entries.vector.softmax import softmax


def log_softmax(x, dim):
    """x_i - ln(sum_j exp(x_j)) along the axis `dim`.

    Same shape and dtype as x (float64 for integers). Logits of -inf give -inf, a
    single one of +inf gives 0. Rows without a limit (several of +inf, or -inf only)
    give nan.
    """
    x = np.asarray(x)
    x = x.astype(np.result_type(x, 1.0), copy=False)
    # With m = max(x), ln(sum_j e^(x_j)) = m + ln(sum_j e^(x_j - m)): no exponent is
    # positive, so nothing overflows.
    top = np.max(x, axis=dim, keepdims=True, initial=-np.inf)
    # The maximum itself is left out of the subtraction (it gives 0), or an infinite one
    # would be inf - inf.
    shifted = np.subtract(x, top, out=np.zeros_like(x), where=x != top)
    # One of the terms is e^0 = 1. Summing only the others and taking log1p keeps them
    # where they are tiny: ln(1 + 1e-20) is 0 in floating point, log1p(1e-20) is 1e-20.
    terms = np.exp(shifted)
    np.put_along_axis(terms, np.argmax(x, axis=dim, keepdims=True), 0, axis=dim)
    # Half precision is summed in single: 70,000 equal logits would overflow.
    others = np.sum(terms, axis=dim, keepdims=True, dtype=np.result_type(x, np.float32))
    others = np.where(np.isinf(top) & (others > 0), np.nan, others)
    return (shifted - np.log1p(others)).astype(x.dtype, copy=False)


def log_softmax_jacobian(x, dim=-1):
    """J[i, j] = delta_ij - p_j, shape (..., n, n): the axis `dim` last and doubled."""
    p = np.moveaxis(softmax(x, dim), dim, -1)
    n = p.shape[-1]
    jacobian = np.tile(-p[..., None, :], (n, 1))
    # The diagonal 1 - p_i cancels where p_i is close to 1. Every row sums to 0: it is
    # minus the rest of its row.
    i = np.arange(n)
    jacobian[..., i, i] = 0
    jacobian[..., i, i] = -jacobian.sum(axis=-1)
    return jacobian
