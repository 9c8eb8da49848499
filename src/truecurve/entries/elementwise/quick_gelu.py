"""QuickGELU: x * sigma(1.702 x), a coarse form of GELU; Swish with beta 1.702."""

import numpy as np


def quick_gelu(x):
    """x * sigma(1.702 * x).

    With z = 1.702 * x, sigma(z) is 1 / (1 + exp(-z)) on the right and
    exp(z) / (1 + exp(z)) on the left, so only exp(-|z|) is needed and nothing
    overflows. It enters as half * half, half = exp(-|z| / 2): just before exp(-|z|)
    underflows it is subnormal, with few bits left, and a product would show the error.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    near, half = _halved(x)
    one_plus = 1 + half * half
    return np.where(x > 0, x / one_plus, near * half / one_plus * half)


def quick_gelu_derivative(x):
    """sigma(z) + z * sigma'(z), z = 1.702 * x, sigma'(z) = sigma(z) * sigma(-z)."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)  # gate² = sigma'(z)
    sigma = np.where(x > 0, 1 / (1 + half * half), half * gate)
    return sigma + 1.702 * x * gate * gate


def quick_gelu_second_derivative(x):
    """1.702 * sigma'(z) * (2 + z * (1 - 2 sigma(z))); 1 - 2 sigma(z) = -tanh(z / 2)."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)
    return 1.702 * (2 - 1.702 * x * np.tanh(0.851 * x)) * gate * gate


def _halved(x):
    """x limited to where exp(-|z| / 2) is not yet 0 in any dtype; that exponential."""
    x = np.clip(x, -1000, 1000)
    return x, np.exp(-0.851 * np.abs(x))
