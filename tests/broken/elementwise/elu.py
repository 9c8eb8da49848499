"""The NumPy half of the fixture: correct, so that each test can break one thing in the YAML."""

import numpy as np


def elu(x, alpha=1.0):
    x = np.asarray(x)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_derivative(x, alpha=1.0):
    x = np.asarray(x)
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def elu_second_derivative(x, alpha=1.0):
    x = np.asarray(x)
    return np.where(x > 0, 0, alpha * np.exp(np.minimum(x, 0)))
