"""GELU with tanh in place of the error function: PyTorch's approximate="tanh"."""

import math

import numpy as np

K, C = math.sqrt(2 / math.pi), 0.044715


def gelu_tanh(x):
    """0.5 * x * (1 + tanh(u)), u = sqrt(2/pi) * (x + 0.044715 x³).

    Never computed that way: on the left tanh(u) comes so close to -1 that 1 + tanh(u)
    loses every digit. It equals 2 sigma(2u), which is 2 / (1 + exp(-2u)) on the right
    and 2 exp(2u) / (1 + exp(2u)) on the left: nothing is subtracted or overflows.
    """
    x = np.asarray(x) * 1.0  # integers become float64; float32 stays float32
    near, half = _halved(x)
    one_plus = 1 + half * half
    return np.where(x > 0, x / one_plus, near * half / one_plus * half)


def gelu_tanh_derivative(x):
    """sigma(v) + x * sigma'(v) * v', v = 2u, sigma'(v) = sigma(v) * sigma(-v)."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)  # gate² = sigma'(v)
    sigma = np.where(x > 0, 1 / (1 + half * half), half * gate)
    return sigma + x * _slope(x) * gate * gate


def gelu_tanh_second_derivative(x):
    """sigma'(v) * (2 v' + x v'' - x v'² tanh(v / 2)) with v = 2u."""
    x, half = _halved(np.asarray(x) * 1.0)
    gate = half / (1 + half * half)
    slope, curve = _slope(x), 12 * K * C * x
    bend = x * slope * (slope * gate) * np.tanh(_u(x))
    return ((2 * slope + x * curve) * gate - bend) * gate


def _halved(x):
    """x within ±50 (beyond, f is x or underflows in every dtype), and exp(-|u|)."""
    x = np.clip(x, -50, 50)
    return x, np.exp(-np.abs(_u(x)))


def _u(x):
    """The argument of tanh, factored so that x³, which overflows, is not formed."""
    return K * x * (1 + C * x * x)


def _slope(x):
    """v', the derivative of 2u."""
    return 2 * K * (1 + 3 * C * x * x)
