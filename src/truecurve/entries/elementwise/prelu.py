import numpy as np


def prelu(x, weight=0.25):
    """x where x > 0, weight * x elsewhere; nan stays nan.

    weight: one slope for all of x, or an array with one slope per channel (dim 1 of x).
    """
    x = np.asarray(x)
    slope = _slope(x, weight)
    # For slope 0 this is ReLU: 0 * -inf would be nan, the limit is 0. np.where computes
    # both branches: min(x, 0) keeps a large slope from overflowing on positive x.
    negative = np.where(slope == 0, 0, np.minimum(x, 0))
    return np.where(x <= 0, slope * negative, x)


def prelu_derivative(x, weight=0.25):
    """1 where x > 0, the slope of the channel elsewhere (at 0 too, as in PyTorch)."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, np.where(x > 0, 1, _slope(x, weight)))


def prelu_second_derivative(x, weight=0.25):
    """0: both pieces are straight lines, whatever the slope."""
    x = np.asarray(x)
    return np.where(np.isnan(x), x, 0.0)


def _slope(x, weight):
    """weight in the precision of x, shaped so that it varies along dim 1 of x."""
    slope = np.asarray(weight, dtype=np.result_type(x, 1.0)).ravel()
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.size not in (1, channels):
        raise ValueError(f"{slope.size} slopes for {channels} channel(s)")
    return slope.reshape(-1, *[1] * (x.ndim - 2)) if slope.size > 1 else slope[0]
