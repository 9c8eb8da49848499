"""Dropout: in training, elements are set to 0 at random and the others scaled up."""

import numpy as np

from truecurve.entries.layer._broadcast import floating


def dropout(x, p=0.5, training=True, rng=None):
    """x * mask, where mask is 0 with probability p and 1 / (1 - p) otherwise.

    That factor keeps the mean of the output at x: outside training x is returned as it
    is. rng is the np.random.Generator to draw from (None: a fresh one). The mask is
    rng.random(x.shape) >= p, so it does not depend on the dtype. Same shape and dtype
    as x (float64 for integers).
    """
    x = floating(x)
    if training and rng is None:
        rng = np.random.default_rng()
    return x * _mask(x, p, training, rng)


def dropout_backward(grad_output, x, p=0.5, training=True, rng=None):
    """The gradient of x: grad_output * mask, with the mask of the forward pass.

    No mask is kept. It is drawn again from rng, which must therefore be a generator in
    the state in which the forward pass got its own:

        y = dropout(x, p, rng=np.random.default_rng(7))
        g = dropout_backward(grad_output, x, p, rng=np.random.default_rng(7))["x"]

    With rng=None there is no way to know the mask: ValueError.
    """
    x = floating(x)
    if training and rng is None:
        raise ValueError("rng is None: seed one like that of the forward pass")
    grad = np.asarray(grad_output)
    if grad.shape != x.shape:
        raise ValueError(f"grad_output has shape {grad.shape}, the output {x.shape}")
    return {"x": (grad * _mask(x, p, training, rng)).astype(x.dtype, copy=False)}


def _mask(x, p, training, rng):
    """The factor of every element."""
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}: a probability lies between 0 and 1")
    if not training:
        return np.ones_like(x)
    kept = (rng.random(x.shape) >= p).astype(x.dtype)
    return kept / (1 - p) if p < 1 else kept
