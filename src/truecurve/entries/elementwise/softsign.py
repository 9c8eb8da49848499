"""Softsign: x / (1 + |x|), an S-curve made of one division."""

import numpy as np


def softsign(x):
    """x / (1 + |x|)."""
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    # inf / inf would be nan where the limit is 1: the largest finite number stands in.
    largest = np.finfo(x.dtype).max
    x = np.clip(x, -largest, largest)
    return x / (1 + np.abs(x))


def softsign_derivative(x):
    """1 / (1 + |x|)²; the square comes last, (1 + |x|)² itself could overflow."""
    return np.square(1 / (1 + np.abs(np.asarray(x) * 1.0)))


def softsign_second_derivative(x):
    """-2 * sign(x) / (1 + |x|)³: it jumps from 2 to -2 at 0."""
    x = np.asarray(x) * 1.0
    return -2 * np.sign(x) * (1 / (1 + np.abs(x))) ** 3
