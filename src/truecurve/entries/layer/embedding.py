"""Embedding: a table of vectors, one row for each index."""

import numpy as np

from truecurve.entries.layer._broadcast import floating


def embedding(
    indices,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
):
    """The rows weight[indices].

    indices: integers of any shape; weight (rows, d); result (*indices.shape, d).
    Negative indices are errors, not counted from the end. padding_idx and
    scale_grad_by_freq only concern the gradient.

    With max_norm, rows whose norm_type-norm exceeds it are scaled down to it. PyTorch
    writes the rows it scales back into weight; here weight stays as it is.
    """
    indices, weight = _arrays(indices, weight, padding_idx)
    rows = weight[indices]
    if max_norm is None:
        return rows
    norm = np.linalg.norm(rows.astype(float), norm_type, axis=-1, keepdims=True)
    # 1e-7 is PyTorch's, against division by 0: the new norm is just below max_norm.
    factor = np.where(norm > max_norm, max_norm / (norm + 1e-7), 1)
    return rows * factor.astype(rows.dtype)


def embedding_backward(
    grad_output,
    indices,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
):
    """The gradient of weight: every row sums up the gradients of the places it went to.

    Row padding_idx gets 0. scale_grad_by_freq divides by the number of those places.
    The scaling by max_norm is not differentiated, as in PyTorch: the gradient belongs
    to the row that was scaled.
    """
    indices, weight = _arrays(indices, weight, padding_idx)
    flat = indices.reshape(-1)
    rows, width = weight.shape
    # add.at, because gradient[flat] += ... would add a repeated index only once.
    gradient = np.zeros(weight.shape, weight.dtype)
    np.add.at(gradient, flat, np.asarray(grad_output).reshape(flat.size, width))
    if scale_grad_by_freq:
        count = np.bincount(flat, minlength=rows)
        gradient /= np.maximum(count, 1)[:, None].astype(gradient.dtype)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return {"weight": gradient}


def _arrays(indices, weight, padding_idx):
    indices, weight = np.asarray(indices), floating(weight)
    if not np.issubdtype(indices.dtype, np.integer):
        raise TypeError(f"indices are {indices.dtype}, but must be integers")
    if weight.ndim != 2:
        raise ValueError(f"weight has {weight.ndim} dimensions, but 2 are needed")
    rows = len(weight)
    if indices.size and not 0 <= indices.min() <= indices.max() < rows:
        wrong = indices[(indices < 0) | (indices >= rows)].flat[0]
        raise IndexError(f"indices hold {wrong}, but weight has rows 0 to {rows - 1}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise ValueError(f"padding_idx is {padding_idx}, but weight has {rows} rows")
    return indices, weight
