"""Slice: every step-th element of a range along one axis."""

import numpy as np

from truecurve.entries.layer._arguments import axis, like


def slice(x, dim=0, start=None, end=None, step=1):
    """x[..., start:end:step, ...] on axis `dim`. Always a view.

    Negative bounds count from the end; bounds outside are moved to the edge, and an
    empty range gives an empty axis. PyTorch has no steps below 1.
    """
    x = np.asarray(x)
    return x[_index(x, dim, start, end, step)]


def slice_backward(grad_output, x, dim=0, start=None, end=None, step=1):
    """The gradient where x was read, 0 elsewhere."""
    x = np.asarray(x)
    gradient = np.zeros_like(x, dtype=np.result_type(x, 1.0))
    gradient[_index(x, dim, start, end, step)] = like(grad_output, x)
    return {"x": gradient}


def _index(x, dim, start, end, step):
    if x.ndim == 0:
        raise IndexError("x has 0 dimensions, slice needs at least 1")
    dim = axis("dim", dim, x.ndim)
    if step < 1:
        raise ValueError(f"step is {step}, it must be positive")
    # This function has taken the name of Python's slice(start, end, step).
    return (np.s_[:],) * dim + (np.s_[start:end:step],)
