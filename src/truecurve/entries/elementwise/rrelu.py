"""RReLU: a LeakyReLU whose slope is drawn for every element in training, else fixed."""

import numpy as np


def rrelu(x, lower=1 / 8, upper=1 / 3, training=False, rng=None):
    """x where x > 0, slope * x elsewhere. Shape and dtype of x (float64 for integers).

    The slope is (lower + upper) / 2. With `training` every element gets its own,
    uniform between the bounds and drawn from `rng` (a numpy.random.Generator; by
    default a fresh one).
    """
    x = np.asarray(x)
    if upper == 0:  # this is ReLU; 0 * -inf would be nan, the limit is 0
        return np.maximum(x, 0)
    return np.where(x > 0, x, _slope(x, lower, upper, training, rng) * x)


def rrelu_derivative(x, lower=1 / 8, upper=1 / 3, training=False, rng=None):
    """1 where x > 0, the slope elsewhere (at 0 too, as in PyTorch).

    In training an `rng` seeded as for the forward pass gives the gradient of that draw.
    """
    x = np.asarray(x)
    f = np.where(x > 0, 1, _slope(x, lower, upper, training, rng))
    return np.where(np.isnan(x), np.nan, f).astype(np.result_type(x, 1.0))


def rrelu_second_derivative(x, lower=1 / 8, upper=1 / 3, training=False, rng=None):
    """0: both branches are straight lines, whatever the slope."""
    x = np.asarray(x)
    return np.where(np.isnan(x), np.nan, 0).astype(np.result_type(x, 1.0))


def _slope(x, lower, upper, training, rng):
    """A number in evaluation; in training an array of the shape and precision of x."""
    if not training:
        return (lower + upper) / 2
    rng = np.random.default_rng() if rng is None else rng
    # Drawn for the positive elements too, where it is not used: so the draw depends
    # on the shape of x alone.
    return rng.uniform(lower, upper, x.shape).astype(np.result_type(x, 1.0))
