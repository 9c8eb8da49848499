"""Binary cross entropy of logits: a yes-or-no loss for every number on its own."""

import numpy as np

from truecurve.entries.elementwise.log_sigmoid import log_sigmoid
from truecurve.entries.elementwise.sigmoid import sigmoid
from truecurve.entries.layer._arguments import broadcasts_to, is_float
from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._losses import check_reduction, reduced, share


def bce_with_logits(x, target, weight=None, reduction="mean", pos_weight=None):
    """-w (p t ln sigma(x) + (1 - t) ln sigma(-x)), sigma(-x) being 1 - sigma(x).

    target t has the shape of x; weight w and pos_weight p broadcast to it and are 1 by
    default. "none" gives that shape, "sum" the sum, "mean" divides it by the number of
    elements, whatever the weights are.
    """
    x, t, w, p = _prepared(x, target, weight, reduction, pos_weight)
    # ln of a sigmoid that has rounded to 0 would be -inf. log_sigmoid takes the
    # logarithm on paper: ln sigma(x) = min(x, 0) - log1p(e^-|x|).
    loss = -w * (p * t * log_sigmoid(x) + (1 - t) * log_sigmoid(-x))
    return reduced(loss, reduction, x.size).astype(x.dtype, copy=False)


def bce_with_logits_backward(
    grad_output,
    x,
    target,
    weight=None,
    reduction="mean",
    pos_weight=None,
):
    """d/dx = w ((1 - t) sigma(x) - p t sigma(-x)), which is sigma(x) - t for w = p = 1.

    d/dt = w (ln sigma(-x) - p ln sigma(x)), which is -x for w = p = 1. PyTorch has no
    gradients of weight and pos_weight.
    """
    x, t, w, p = _prepared(x, target, weight, reduction, pos_weight)
    g = w * share(np.asarray(grad_output), reduction, x.size)
    grad_x = g * ((1 - t) * sigmoid(x) - p * t * sigmoid(-x))
    gradients = {"x": grad_x.astype(x.dtype, copy=False)}
    if is_float(target):
        # ln sigma(-x) = ln sigma(x) - x: without pos_weight exactly -x remains.
        grad_t = g * ((1 - p) * log_sigmoid(x) - x)
        gradients["target"] = grad_t.astype(np.asarray(target).dtype, copy=False)
    return gradients


def _prepared(x, target, weight, reduction, pos_weight):
    check_reduction(reduction)
    x, t = floating(x), np.asarray(target)
    if t.shape != x.shape:
        raise ValueError(f"target has the shape {t.shape}, x has {x.shape}")
    for name, array in (("weight", weight), ("pos_weight", pos_weight)):
        if array is not None and not broadcasts_to(np.shape(array), x.shape):
            message = f"{name} has the shape {np.shape(array)}, x has {x.shape}"
            raise ValueError(f"{message}: it does not broadcast")
    w = 1 if weight is None else np.asarray(weight)
    p = 1 if pos_weight is None else np.asarray(pos_weight)
    return x, t.astype(np.result_type(t, x), copy=False), w, p
