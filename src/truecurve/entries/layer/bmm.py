"""Batched matrix product: two stacks of equally many matrices, multiplied in pairs."""

import numpy as np


def bmm(x, mat2):
    """sum_k x[b, i, k] * mat2[b, k, j], for every b.

    x (B, n, k), mat2 (B, k, m), result (B, n, m). Nothing is broadcast; `matmul` does.
    """
    x, mat2 = _arrays(x, mat2)
    return np.matmul(x, mat2)


def bmm_backward(grad_output, x, mat2):
    """Gradients of x and mat2: G mat2ᵀ and xᵀ G, for every pair."""
    x, mat2 = _arrays(x, mat2)
    grad = np.asarray(grad_output)
    return {
        "x": np.matmul(grad, mat2.transpose(0, 2, 1)),
        "mat2": np.matmul(x.transpose(0, 2, 1), grad),
    }


def _arrays(x, mat2):
    x, mat2 = np.asarray(x), np.asarray(mat2)
    for name, array in (("x", x), ("mat2", mat2)):
        if array.ndim != 3:
            raise ValueError(f"{name} has {array.ndim} dimensions, but 3 are needed")
    if x.shape[0] != mat2.shape[0]:
        raise ValueError(f"mat2 holds {mat2.shape[0]} matrices, x holds {x.shape[0]}")
    if x.shape[2] != mat2.shape[1]:
        raise ValueError(
            f"mat2 has {mat2.shape[1]} rows, x has {x.shape[2]} columns: must be equal",
        )
    return x, mat2
