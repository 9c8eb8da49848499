"""The product of matrices and vectors, stacks of matrices included."""

import numpy as np

from truecurve.entries.layer._broadcast import summed_to


def matmul(x, other):
    """sum_k x[..., i, k] * other[..., k, j].

    The axes before the last two are a stack of matrices; the stacks are broadcast
    against each other. A vector counts as a row on the left and as a column on the
    right, and the axis of size 1 that this adds is dropped from the result: (k) with
    (k) gives a number, (i, k) with (k) gives (i).
    """
    x, other = _arrays(x, other)
    return np.matmul(x, other)


def matmul_backward(grad_output, x, other):
    """Gradients of x and other: G otherᵀ and xᵀ G, summed if it was broadcast."""
    x, other = _arrays(x, other)
    grad = np.asarray(grad_output)
    # The axes that vectors are without, put back: from here on all are matrices.
    rows = x[None, :] if x.ndim == 1 else x
    columns = other[:, None] if other.ndim == 1 else other
    if other.ndim == 1:
        grad = grad[..., None]
    if x.ndim == 1:
        grad = grad[..., None, :]
    grad_rows = np.matmul(grad, np.swapaxes(columns, -1, -2))
    grad_columns = np.matmul(np.swapaxes(rows, -1, -2), grad)
    return {
        "x": summed_to(grad_rows, rows.shape).reshape(x.shape),
        "other": summed_to(grad_columns, columns.shape).reshape(other.shape),
    }


def _arrays(x, other):
    x, other = np.asarray(x), np.asarray(other)
    if x.ndim == 0 or other.ndim == 0:
        name = "x" if x.ndim == 0 else "other"
        raise ValueError(f"{name} has no dimension: multiply by a single number with *")
    inner = other.shape[-2 if other.ndim > 1 else -1]
    if x.shape[-1] != inner:
        raise ValueError(
            f"other has {inner} rows, x has {x.shape[-1]} columns: they must be equal",
        )
    stacks = x.shape[:-2], other.shape[:-2]
    try:
        np.broadcast_shapes(*stacks)
    except ValueError:
        message = f"x and other are stacks of {stacks[0]} and {stacks[1]} matrices"
        raise ValueError(f"{message}, which cannot be broadcast") from None
    return x, other
