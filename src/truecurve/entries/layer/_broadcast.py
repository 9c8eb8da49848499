"""Array helpers that the layers share: floats in, and sums that undo broadcasting."""

import numpy as np


def floating(x):
    """x as an array of floats: the same dtype, float64 for integers."""
    x = np.asarray(x)
    return x.astype(np.result_type(x, 1.0), copy=False)


def summed_to(gradient, shape):
    """The gradient of an array of `shape` that was broadcast to gradient.shape.

    One number that was used in many places collects the gradients of all of them: sum
    over the axes that broadcasting put in front, and over those it stretched from 1.
    """
    front = gradient.ndim - len(shape)
    stretched = [front + i for i, size in enumerate(shape) if size == 1]
    axes = (*range(front), *stretched)
    # Summed in double: a sum of a million float32 would lose half of its digits.
    total = np.sum(gradient, axis=axes, dtype=np.result_type(gradient, np.float64))
    return total.astype(gradient.dtype).reshape(shape)
