"""View: other sizes for the same memory; never a copy."""

import numpy as np

from truecurve.entries.layer._arguments import like, new_shape


def view(x, shape):
    """x with the sizes `shape` (one may be -1), sharing the memory of x.

    Raises ValueError where the strides of x do not allow it: `reshape` copies then.
    """
    x = np.asarray(x)
    shape = new_shape(x, shape)
    strides = _strides(x, shape)
    if strides is None:
        raise ValueError(
            f"shape {shape} cannot be a view of x with the shape {x.shape} and the "
            f"strides {x.strides} in bytes: reshape would copy"
        )
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def view_backward(grad_output, x, shape):
    """The gradient with the sizes of x (this may be a copy)."""
    return {"x": like(grad_output, x).reshape(np.shape(x))}


def _strides(x, shape):
    """The strides of the view, or None if there is none.

    From the last axis to the first, the axes of x are gathered into blocks without
    gaps: as long as a step along the next axis leads to where the block ends. A block
    is one straight run of memory, so it can be cut anew into axes, from its smallest
    step upwards. The new sizes must fill every block exactly.
    """
    if x.size == 0:  # nothing is ever read: the strides do not matter
        return (x.itemsize,) * len(shape)
    strides = []
    unread = list(shape)  # the new sizes that have not been placed yet
    # Axes of size 1 are never stepped along: their stride means nothing.
    axes = zip(x.shape, x.strides, strict=True)
    axes = [(size, step) for size, step in axes if size > 1]
    while axes:
        length, smallest = axes.pop()
        while axes and axes[-1][1] == length * smallest:
            length *= axes.pop()[0]
        filled = 1
        while unread and (filled < length or unread[-1] == 1):
            strides.append(smallest * filled)
            filled *= unread.pop()
        if filled != length:
            return None
    # What is left has size 1.
    strides.extend([x.itemsize] * len(unread))
    return tuple(reversed(strides))
