"""Reshape: the same elements in the same order, other sizes."""

import numpy as np

from truecurve.entries.layer._arguments import like, new_shape


def reshape(x, shape):
    """x with the sizes `shape`, its elements read and written with the last index
    running fastest. One size may be -1: it is what the others leave.

    A view of x where its strides allow it (then writing into the result changes x), a
    copy otherwise, as in PyTorch.
    """
    x = np.asarray(x)
    return x.reshape(new_shape(x, shape))


def reshape_backward(grad_output, x, shape):
    """The gradient with the sizes of x."""
    return {"x": like(grad_output, x).reshape(np.shape(x))}
