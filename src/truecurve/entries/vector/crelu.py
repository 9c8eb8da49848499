"""CReLU: the positive and the negative part, side by side; nothing is rounded."""

import numpy as np


def crelu(x, dim=-1):
    """max(x, 0) followed by max(-x, 0) along the axis `dim`.

    That axis becomes twice as long. Same dtype as x; nan stays nan.
    """
    x = np.asarray(x)
    # 0 - ... rather than -...: no zero of the second half gets a minus sign.
    return np.concatenate([np.maximum(x, 0), 0 - np.minimum(x, 0)], axis=dim)


def crelu_jacobian(x, dim=-1):
    """Shape (..., 2n, n), the axis `dim` moved to the end; float64 for integers.

    J[j, j] is 1 where x_j > 0, J[n + j, j] is -1 where x_j < 0, everything else is 0:
    at x_j = 0 too, the subgradient of ReLU that PyTorch takes.
    """
    x = np.moveaxis(np.asarray(x), dim, -1)
    x = x.astype(np.result_type(x, 1.0), copy=False)
    n = x.shape[-1]
    slopes = np.where(np.isnan(x), x, x > 0), np.where(np.isnan(x), x, 0 - (x < 0).astype(x.dtype))
    jacobian = np.zeros((*x.shape[:-1], 2 * n, n), x.dtype)
    j = np.arange(n)
    jacobian[..., j, j], jacobian[..., n + j, j] = slopes
    return jacobian
