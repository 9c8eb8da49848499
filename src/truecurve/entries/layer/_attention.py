"""The weights that scaled dot-product and multi-head attention share."""

import numpy as np


def attention_weights(scores):
    """Softmax over the last axis; a row of -inf only (nothing may be attended to)
    gives zeros. Half precision is computed in single.
    """
    z = scores.astype(np.result_type(scores, np.float32), copy=False)
    # e^(s_j - m) / sum_k e^(s_k - m) is the same for every m; with the maximum of the
    # row no exponent is positive. -inf - (-inf) would be nan: such a row keeps m = 0.
    top = np.max(z, axis=-1, keepdims=True, initial=-np.inf)
    z = np.exp(z - np.where(top == -np.inf, 0, top))
    total = np.sum(z, axis=-1, keepdims=True)
    return z / np.where(total == 0, 1, total)


def scores_gradient(weights, grad_weights):
    """From dL/dp to dL/ds through p = softmax(s):
    dL/ds_i = p_i (dL/dp_i - sum_j p_j dL/dp_j).
    """
    mean = np.sum(weights * grad_weights, axis=-1, keepdims=True)
    return weights * (grad_weights - mean)
