"""The product of two matrices."""

import numpy as np


def mm(x, mat2):
    """sum_k x[i, k] * mat2[k, j].

    x (n, k), mat2 (k, m), result (n, m). Matrices only; `matmul` takes vectors and
    stacks of matrices, too.
    """
    x, mat2 = _arrays(x, mat2)
    return np.matmul(x, mat2)


def mm_backward(grad_output, x, mat2):
    """Gradients of x and mat2: G mat2ᵀ and xᵀ G.

    In general no other products of these three matrices have shapes that fit.
    """
    x, mat2 = _arrays(x, mat2)
    grad = np.asarray(grad_output)
    return {"x": np.matmul(grad, mat2.T), "mat2": np.matmul(x.T, grad)}


def _arrays(x, mat2):
    x, mat2 = np.asarray(x), np.asarray(mat2)
    for name, array in (("x", x), ("mat2", mat2)):
        if array.ndim != 2:
            raise ValueError(f"{name} has {array.ndim} dimensions, but 2 are needed")
    if x.shape[1] != mat2.shape[0]:
        raise ValueError(
            f"mat2 has {mat2.shape[0]} rows, x has {x.shape[1]} columns: must be equal",
        )
    return x, mat2
