"""The complementary error function, which NumPy lacks: `math.erfc` on every element."""

import math

import numpy as np


def erfc(x, scale=1.0):
    """scale * erfc(x) element by element, in the dtype of `x` (float arrays); `scale`
    broadcasts with `x`.

    Each element is computed in float64 and rounded once. That is why the factor is an
    argument: erfc(x) decays like exp(-x²) and is subnormal, with few bits left, just
    before it underflows; a factor applied afterwards would multiply the rounding error.
    """
    x, scale = np.broadcast_arrays(x, scale)
    values = map(_scaled, x.ravel().tolist(), scale.ravel().tolist())
    return np.fromiter(values, x.dtype, x.size).reshape(x.shape)


def _scaled(x, scale):
    if x < 26:
        return scale * math.erfc(x)
    # From about here erfc itself is subnormal even in float64. Laplace's continued
    # fraction for exp(x²) erfc(x) converges at once, and exp(-x²) is applied in two
    # halves, so that only the last product can underflow.
    fraction = x
    for k in range(12, 0, -1):
        fraction = x + k / 2 / fraction
    half = math.exp(-x * x / 2)
    return scale / math.sqrt(math.pi) / fraction * half * half
