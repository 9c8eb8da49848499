"""Split: an array is cut into pieces along one axis."""

import numpy as np

from truecurve.entries.layer._arguments import axis, integer, like


def split(x, split_size_or_sections, dim=0):
    """A tuple of views of x along `dim`.

    A number is the SIZE of the pieces (the last may be smaller), in numpy.split it is
    their count. A sequence holds the size of every piece; in numpy.split it holds the
    places of the cuts.
    """
    x = np.asarray(x)
    sizes, dim = _sizes(x, split_size_or_sections, dim)
    pieces = []
    start = 0
    for size in sizes:
        pieces.append(x[(np.s_[:],) * dim + (np.s_[start : start + size],)])
        start += size
    return tuple(pieces)


def split_backward(grad_output, x, split_size_or_sections, dim=0):
    """grad_output, a tuple with the gradients of the pieces, joined again."""
    x = np.asarray(x)
    _, dim = _sizes(x, split_size_or_sections, dim)
    if not grad_output:  # an empty axis, cut into no pieces
        return {"x": like(np.zeros(x.shape), x)}
    return {"x": like(np.concatenate(grad_output, axis=dim), x)}


def _sizes(x, split_size_or_sections, dim):
    """The sizes of the pieces, and `dim` counted from the front."""
    if x.ndim == 0:
        raise ValueError("x has 0 dimensions, split needs at least 1")
    dim = axis("dim", dim, x.ndim)
    length = x.shape[dim]
    try:
        if np.ndim(split_size_or_sections) == 0:
            sizes = integer(split_size_or_sections)
        else:
            sizes = [integer(size) for size in split_size_or_sections]
    except TypeError:
        message = f"split_size_or_sections is {split_size_or_sections!r}"
        raise TypeError(f"{message}, not an integer or several") from None
    if isinstance(sizes, list):
        if any(size < 0 for size in sizes) or sum(sizes) != length:
            raise ValueError(
                f"split_size_or_sections is {sizes}: sizes from 0 on are needed whose "
                f"sum is the size {length} of dimension {dim}"
            )
        return sizes, dim
    if sizes < 0 or (sizes == 0 and length > 0):
        message = f"split_size_or_sections is {sizes}, dimension {dim} has {length}"
        raise ValueError(f"{message}: pieces need a positive size")
    if length == 0:  # one piece, which is empty
        return [0], dim
    return [min(sizes, length - start) for start in range(0, length, sizes)], dim
