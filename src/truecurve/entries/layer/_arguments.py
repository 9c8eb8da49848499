"""What the operators ask about their arguments: shapes, dimensions, dtypes."""

import math

import numpy as np


def integer(number):
    """An integer of any type as int. Raises TypeError: range takes what counts as an
    integer, and refuses 2.0.
    """
    return range(number).stop


def new_shape(x, shape):
    """`shape` as a tuple of integers, with -1 replaced by the size that is left."""
    try:
        shape = tuple(integer(size) for size in shape)
    except TypeError:
        raise TypeError(f"shape is {shape!r}, not a sequence of integers") from None
    if any(size < -1 for size in shape):
        raise ValueError(f"shape is {shape}: no size can be below -1")
    if shape.count(-1) > 1:
        raise ValueError(f"shape is {shape}: only one size can be inferred")
    known = math.prod(size for size in shape if size != -1)
    if -1 in shape and known == 0:
        raise ValueError(f"shape is {shape}: with a size 0 the -1 could be anything")
    if (x.size % known if -1 in shape else x.size != known) != 0:
        raise ValueError(f"shape is {shape}, x has {x.size} elements")
    return tuple(x.size // known if size == -1 else size for size in shape)


def axis(name, dim, ndim):
    """`dim` counted from the front; a 0-d array counts as having one dimension."""
    last = max(ndim, 1) - 1
    try:
        dim = integer(dim)
    except TypeError:
        raise TypeError(f"{name} is {dim!r}, not an integer") from None
    if not -last - 1 <= dim <= last:
        raise IndexError(f"{name} is {dim}, x needs one from {-last - 1} to {last}")
    return dim % (last + 1)


def like(grad, x):
    """The gradient in the dtype of x (float64 for integers)."""
    return np.asarray(grad).astype(np.result_type(x, 1.0), copy=False)


def is_float(x):
    """True for an array that has a gradient: not for class numbers, not for masks."""
    return np.issubdtype(np.asarray(x).dtype, np.inexact)


def broadcasts_to(shape, target):
    """True if an array of `shape` can be stretched to `target`."""
    if len(shape) > len(target):
        return False
    aligned = zip(reversed(shape), reversed(target), strict=False)
    return all(size in (1, wanted) for size, wanted in aligned)
