"""Pointwise arithmetic on two arrays, stretched to a common shape first."""

import numpy as np

from truecurve.entries.layer._arguments import is_float, like
from truecurve.entries.layer._broadcast import summed_to

_OPERATIONS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.true_divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "pow": np.power,
}


def pointwise(x, other, op="add"):
    """x op other; op is add, sub, mul, div, maximum, minimum or pow.

    The shapes are aligned at their last axis; sizes of 1 and missing axes are repeated.
    The dtype follows NumPy: int64 with float32 gives float64 (in PyTorch float32), and
    integers divided by integers give float64 (in PyTorch float32). nan wins in maximum
    and minimum.
    """
    _check(x, other, op)
    # x / 0 is inf or nan, and so is 0 to a negative power: results, not accidents.
    with np.errstate(all="ignore"):
        return _OPERATIONS[op](x, other)


def pointwise_backward(grad_output, x, other, op="add"):
    """The gradients of x and, if it is floating, of other.

    Each is the gradient of the repeated array, summed over the repetitions. Where
    maximum and minimum meet equal numbers each of the two gets one half.
    """
    _check(x, other, op)
    given = np.asarray(x), np.asarray(other)
    a, b = given
    g = np.asarray(grad_output)
    with np.errstate(all="ignore"):
        grad_a, grad_b = _gradients(g, a, b, op)
    gradients = {"x": like(summed_to(grad_a, a.shape), a)}
    if is_float(b):
        gradients["other"] = like(summed_to(grad_b, b.shape), b)
    return gradients


def _gradients(g, a, b, op):
    """dL/da and dL/db, both of the broadcast shape."""
    if op == "add":
        return g, g
    if op == "sub":
        return g, -g
    if op == "mul":
        return g * b, g * a
    if op == "div":
        return g / b, -g * (a / b) / b
    if op == "pow":
        # d/da a^b = b a^(b-1): 0 for b = 0, also at a = 0 where a^-1 is infinite.
        # d/db a^b = a^b ln a: its limit 0 at a = 0, b >= 0, where ln a is -inf; nan for
        # a < 0, where a^b has no real neighbours.
        a, b = np.broadcast_arrays(a * 1.0, b * 1.0)
        grad_a = np.where(b == 0, 0, g * (b * a ** (b - 1)))
        grad_b = np.where((a == 0) & (b >= 0), 0, g * (a**b * np.log(a)))
        return grad_a, grad_b
    # maximum and minimum: to the winner, in halves where there is none.
    loses = np.less if op == "maximum" else np.greater
    shared = np.where(a == b, g / 2, g)
    return np.where(loses(a, b), 0, shared), np.where(loses(b, a), 0, shared)


def _check(x, other, op):
    if op not in _OPERATIONS:
        raise ValueError(f"op is {op!r}, not one of {', '.join(_OPERATIONS)}")
    try:
        np.broadcast_shapes(np.shape(x), np.shape(other))
    except ValueError:
        message = f"other has the shape {np.shape(other)}, x has {np.shape(x)}"
        raise ValueError(f"{message}: they do not broadcast") from None
