"""NLL loss: minus the log-probability that was given to the right class."""

import numpy as np

from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._losses import (
    check_reduction,
    class_axis,
    class_numbers,
    reduced,
    share,
)


def nll_loss(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """l_n = -w[y_n] x[n, y_n], with x the log-probabilities and y the target.

    x (N, C, ...) and target (N, ...), or (C,) and (); target holds class numbers.
    weight (C,) is 1 by default. Where target is `ignore_index` the loss is 0. "none"
    gives the shape of target, "sum" the sum, "mean" the sum divided by the sum of the
    w[y_n] that were not ignored (nan where that is 0): a weighted mean, not one over N.
    """
    x, index, factor, ignored = _prepared(x, target, weight, ignore_index, reduction)
    axis = class_axis(x)
    picked = np.take_along_axis(x, index, axis=axis)
    loss = -factor * np.where(ignored, 0, picked)
    loss = reduced(loss.squeeze(axis), reduction, factor.sum())
    return loss.astype(x.dtype, copy=False)


def nll_loss_backward(
    grad_output,
    x,
    target,
    weight=None,
    ignore_index=-100,
    reduction="mean",
):
    """-w[y_n] (divided as the loss is) at the right class of every sample, 0 elsewhere.

    PyTorch has no gradient of weight.
    """
    x, index, factor, ignored = _prepared(x, target, weight, ignore_index, reduction)
    axis = class_axis(x)
    g = np.asarray(grad_output)
    if reduction == "none":
        g = np.expand_dims(g, axis)
    picked = -share(factor, reduction, factor.sum()) * g
    gradient = np.zeros_like(x)
    # 0 where ignored, also if everything is and the mean has divided by 0.
    np.put_along_axis(gradient, index, np.where(ignored, 0, picked), axis=axis)
    return {"x": gradient}


def _prepared(x, target, weight, ignore_index, reduction):
    check_reduction(reduction)
    x = floating(x)
    if x.ndim == 0:
        raise ValueError("x has 0 dimensions, it needs at least the one of the classes")
    return x, *class_numbers(x, target, weight, ignore_index)
