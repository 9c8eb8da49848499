"""Softmax2d: at every pixel, softmax over the channels."""

import numpy as np

from truecurve.entries.vector.softmax import softmax, softmax_jacobian


def softmax2d(x):
    """Softmax over the channels of x, whose shape is (C, H, W) or (N, C, H, W).

    Same shape and dtype as x (float64 for integers). Raises ValueError for another number
    of axes, as PyTorch does.
    """
    return softmax(_images(x), -3)


def softmax2d_jacobian(x):
    """At each pixel J[i, j] = p_i (delta_ij - p_j); shape ([N,] H, W, C, C).

    Pixels do not influence each other, so these blocks are the whole derivative.
    """
    return softmax_jacobian(_images(x), -3)


def _images(x):
    x = np.asarray(x)
    if x.ndim not in (3, 4):
        raise ValueError(f"x must have the shape (C, H, W) or (N, C, H, W), not {x.shape}")
    return x
