"""Permute: the same elements, the axes in another order."""

import numpy as np

from truecurve.entries.layer._arguments import axis, like


def permute(x, dims):
    """Axis i of the result is axis dims[i] of x. Always a view: no element moves."""
    x = np.asarray(x)
    return x.transpose(_order(x, dims))


def permute_backward(grad_output, x, dims):
    """The gradient with its axes put back: by the inverse permutation."""
    order = _order(np.asarray(x), dims)
    return {"x": like(grad_output, x).transpose(np.argsort(order))}


def _order(x, dims):
    try:
        dims = tuple(dims)
    except TypeError:
        raise TypeError(f"dims is {dims!r}, not a sequence of integers") from None
    if len(dims) != x.ndim:
        raise ValueError(f"dims has {len(dims)} entries, x has {x.ndim} dimensions")
    order = [axis("an entry of dims", dim, x.ndim) for dim in dims]
    if len(set(order)) != len(order):
        raise ValueError(f"dims is {dims}: a dimension occurs twice")
    return np.array(order, dtype=int)
