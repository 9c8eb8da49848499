"""Transpose: two axes change places."""

import numpy as np

from truecurve.entries.layer._arguments import axis, like


def transpose(x, dim0, dim1):
    """x with the axes dim0 and dim1 exchanged. Always a view: no element moves.

    numpy.transpose(x, order) is `permute`; this is numpy.swapaxes.
    """
    x = np.asarray(x)
    first, second = axis("dim0", dim0, x.ndim), axis("dim1", dim1, x.ndim)
    if x.ndim == 0:  # PyTorch lets dimension 0 of a single number change places
        return x
    return np.swapaxes(x, first, second)


def transpose_backward(grad_output, x, dim0, dim1):
    """The same exchange once more."""
    return {"x": transpose(like(grad_output, x), dim0, dim1)}
