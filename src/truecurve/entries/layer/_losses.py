"""What the losses share: their reduction, and reading the class numbers."""

import numpy as np


def check_reduction(reduction):
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is {reduction!r}, not 'none', 'mean' or 'sum'")


def reduced(loss, reduction, divisor):
    """The losses themselves, their sum, or their sum / divisor (nan for 0 / 0)."""
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else quotient(loss.sum(), divisor)


def share(factor, reduction, divisor):
    """What a loss with this factor contributes to the result: the mean divides it."""
    return quotient(factor, divisor) if reduction == "mean" else factor


def quotient(a, b):
    """a / b in the dtype of a, silent where b is 0: a mean over nothing is nan."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(a, b, dtype=np.result_type(a, 1.0))


def class_axis(x):
    """Axis 1 of (N, C, ...), axis 0 of (C,)."""
    return min(x.ndim - 1, 1)


def class_numbers(x, target, weight, ignore_index):
    """(index, factor, ignored), all with an axis of length 1 in place of the classes.

    index holds the class numbers, 0 where ignored; factor w[y], 0 where ignored.
    """
    target = np.asarray(target)
    axis = class_axis(x)
    classes = x.shape[axis]
    if not np.issubdtype(target.dtype, np.integer):
        raise ValueError(f"target has the dtype {target.dtype}, it must hold integers")
    if x.ndim == 1 and target.shape == (1,):
        target = target[0]
    wanted = x.shape[:axis] + x.shape[axis + 1 :]
    if target.shape != wanted:
        message = f"target has the shape {target.shape}, x has {x.shape}"
        raise ValueError(f"{message}: it must be {wanted}")
    ignored = target == ignore_index
    wrong = target[~ignored & ((target < 0) | (target >= classes))]
    if wrong.size:
        raise IndexError(f"target holds the class {wrong[0]}, x has {classes} classes")
    if classes == 0:
        raise ValueError(f"x has the shape {x.shape}: it has no classes")
    index = np.where(ignored, 0, target)
    weight = class_weight(x, weight)
    # Half precision is summed in single.
    dtype = np.result_type(x, np.float32)
    factor = np.where(ignored, 0, weight[index]).astype(dtype)
    return tuple(np.expand_dims(a, axis) for a in (index, factor, ignored))


def class_weight(x, weight):
    """The weights of the classes, (C,), 1 by default."""
    classes = x.shape[class_axis(x)]
    if weight is None:
        return np.ones(classes, x.dtype)
    if np.shape(weight) != (classes,):
        shape = np.shape(weight)
        raise ValueError(f"weight has the shape {shape}, x has {classes} classes")
    return np.asarray(weight)
