"""Hardtanh: the input clipped to an interval. Nothing is rounded, results are exact."""

import numpy as np


def hardtanh(x, min_val=-1.0, max_val=1.0):
    """x between the bounds, the nearer bound elsewhere; nan stays nan."""
    return np.clip(np.asarray(x), min_val, max_val)


def hardtanh_derivative(x, min_val=-1.0, max_val=1.0):
    """1 strictly between the bounds, else 0; 0 on a bound too, as PyTorch."""
    x = np.asarray(x)
    # Comparisons with nan are False; where keeps nan, and makes 0 and 1 of the dtype of
    # x out of False and True.
    return np.where(np.isnan(x), x, (x > min_val) & (x < max_val))


def hardtanh_second_derivative(x, min_val=-1.0, max_val=1.0):
    """0: all three pieces are straight lines."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0)
