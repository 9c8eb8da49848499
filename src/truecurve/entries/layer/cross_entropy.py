"""Cross entropy of logits: log-softmax, then the loss of the right class."""

import math

import numpy as np

from truecurve.entries.layer._arguments import is_float
from truecurve.entries.layer._broadcast import floating
from truecurve.entries.layer._losses import (
    check_reduction,
    class_axis,
    class_numbers,
    class_weight,
    reduced,
    share,
)
from truecurve.entries.layer.nll_loss import nll_loss, nll_loss_backward
from truecurve.entries.vector.log_softmax import log_softmax
from truecurve.entries.vector.softmax import softmax


def cross_entropy(
    x,
    target,
    weight=None,
    ignore_index=-100,
    reduction="mean",
    label_smoothing=0.0,
):
    """l_n = -sum_c w_c t[n, c] log_softmax(x)[n, c].

    x (N, C, ...) or (C,) holds logits. target holds either class numbers, (N, ...) or
    (), meaning t = 1 at the class and 0 elsewhere, or the probabilities t themselves,
    floating and of the shape of x. With label smoothing e, t becomes
    (1 - e) t + e / C. weight (C,) is 1 by default.

    Where a class number is `ignore_index` the loss is 0. "none" gives the losses, "sum"
    their sum, "mean" divides it: for class numbers by the sum of the w[y_n] that were
    not ignored (nan where that is 0), for probabilities by the number of losses.
    """
    arguments = x, target, ignore_index, reduction, label_smoothing
    x, classes, smoothing = _checked(*arguments)
    axis = class_axis(x)
    log_p = log_softmax(x, axis)
    w = _along_classes(class_weight(x, weight), x)
    if _holds_probabilities(x, target):
        t = np.asarray(target) * (1 - smoothing) + smoothing / classes
        loss = -np.sum(w * t * log_p, axis=axis)
        loss = reduced(loss, reduction, math.prod(loss.shape))
        return loss.astype(x.dtype, copy=False)
    loss = nll_loss(log_p, target, weight, ignore_index, reduction)
    if smoothing > 0:
        # The part e / C of every target: the mean over all classes in place of y_n.
        _, factor, ignored = class_numbers(x, target, weight, ignore_index)
        uniform = -np.mean(w * log_p, axis=axis, keepdims=True)
        uniform = np.where(ignored, 0, uniform).squeeze(axis)
        uniform = reduced(uniform, reduction, factor.sum())
        loss = (1 - smoothing) * loss + smoothing * uniform
    return loss.astype(x.dtype, copy=False)


def cross_entropy_backward(
    grad_output,
    x,
    target,
    weight=None,
    ignore_index=-100,
    reduction="mean",
    label_smoothing=0.0,
):
    """For one sample with all w = 1: softmax(x) - t, times dL/dl_n.

    In general dL/dx = g - softmax(x) sum_c g_c with g = dL/d(log_softmax(x)). If target
    holds probabilities it and weight have gradients too; for class numbers PyTorch has
    none of weight.
    """
    arguments = x, target, ignore_index, reduction, label_smoothing
    x, classes, smoothing = _checked(*arguments)
    axis = class_axis(x)
    w = _along_classes(class_weight(x, weight), x)
    g = np.asarray(grad_output)
    g = np.expand_dims(g, axis) if reduction == "none" else g
    gradients = {}
    if _holds_probabilities(x, target):
        target = np.asarray(target)
        t = target * (1 - smoothing) + smoothing / classes
        g = share(g, reduction, x.size // classes)
        g_log_p = -g * w * t
        log_p = log_softmax(x, axis)
        grad_t = -g * w * log_p * (1 - smoothing)
        gradients["target"] = grad_t.astype(target.dtype, copy=False)
        if weight is not None and is_float(weight):
            others = tuple(i for i in range(x.ndim) if i != axis)
            grad_w = np.sum(-g * t * log_p, axis=others)
            gradients["weight"] = grad_w.astype(np.asarray(weight).dtype, copy=False)
    else:
        arguments = (target, weight, ignore_index, reduction)
        g_log_p = nll_loss_backward(grad_output, x, *arguments)["x"]
        if smoothing > 0:
            _, factor, ignored = class_numbers(x, target, weight, ignore_index)
            uniform = -share(w / classes, reduction, factor.sum()) * g
            uniform = np.where(ignored, 0, uniform)
            g_log_p = (1 - smoothing) * g_log_p + smoothing * uniform
    grad_x = g_log_p - softmax(x, axis) * g_log_p.sum(axis=axis, keepdims=True)
    return {"x": grad_x.astype(x.dtype, copy=False), **gradients}


def _checked(x, target, ignore_index, reduction, label_smoothing):
    """x as floating numbers, the number of classes, and e."""
    check_reduction(reduction)
    if label_smoothing > 1:
        raise ValueError(f"label_smoothing is {label_smoothing}, it is at most 1")
    x = floating(x)
    if x.ndim == 0:
        raise ValueError("x has 0 dimensions, it needs at least the one of the classes")
    if x.shape[class_axis(x)] == 0:
        raise ValueError(f"x has the shape {x.shape}: it has no classes")
    if _holds_probabilities(x, target):
        if not is_float(target):
            raise ValueError(
                f"target has the shape {x.shape} of x, which means probabilities, but "
                f"the dtype {np.asarray(target).dtype}"
            )
        if ignore_index >= 0:
            raise ValueError(f"ignore_index is {ignore_index} beside probabilities")
    # A negative one counts as 0, as in PyTorch.
    return x, x.shape[class_axis(x)], max(label_smoothing, 0)


def _holds_probabilities(x, target):
    return np.shape(target) == x.shape


def _along_classes(weight, x):
    """(C,) -> (C, 1, ..., 1), which broadcasts against x."""
    return weight.reshape(-1, *[1] * (x.ndim - 1 - class_axis(x)))
