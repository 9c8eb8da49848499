"""The linear layer: every output is a weighted sum of all inputs, plus a bias."""

import numpy as np

from truecurve.entries.layer._broadcast import summed_to


def linear(x, weight, bias=None):
    """x Wᵀ + b along the last axis: y_o = sum_i W_oi x_i + b_o.

    x (..., in), weight (out, in), bias (out,) or a single number; result (..., out).
    A weight (in,) makes one output and no axis for it: result (...). As in PyTorch, one
    row of weight belongs to one output: hence the transpose.
    """
    x, weight, bias = _arrays(x, weight, bias)
    y = np.matmul(x, weight.T)
    return y if bias is None else y + bias


def linear_backward(grad_output, x, weight, bias=None):
    """Gradients of x, weight and, where given, bias.

    d/dx_i = sum_o g_o W_oi; d/dW_oi and d/db_o are the sums of g_o x_i and of g_o over
    the samples.
    """
    x, weight, bias = _arrays(x, weight, bias)
    grad = np.asarray(grad_output)
    shape = x.shape[:-1] + weight.shape[:-1]
    if grad.shape != shape:
        raise ValueError(f"grad_output has shape {grad.shape}, the output {shape}")
    samples = tuple(range(x.ndim - 1))
    gradients = {
        # The axis of the outputs is summed over; a weight (in,) has none.
        "x": np.tensordot(grad, weight, axes=weight.ndim - 1),
        "weight": np.tensordot(grad, x, axes=(samples, samples)),
    }
    if bias is not None:
        gradients["bias"] = summed_to(grad, bias.shape)
    return gradients


def _arrays(x, weight, bias):
    x, weight = np.asarray(x), np.asarray(weight)
    if x.ndim == 0:
        raise ValueError("x has no dimension: its last one holds the inputs")
    if weight.ndim not in (1, 2):
        raise ValueError(f"weight has {weight.ndim} dimensions, not 2: (out, in)")
    if weight.shape[-1] != x.shape[-1]:
        raise ValueError(
            f"weight takes {weight.shape[-1]} inputs, x has {x.shape[-1]}",
        )
    if bias is None:
        return x, weight, None
    bias = np.asarray(bias)
    outputs = weight.shape[:-1]
    if bias.ndim > len(outputs) or bias.shape not in (outputs, (1,), ()):
        raise ValueError(f"bias has shape {bias.shape}, the outputs {outputs}")
    return x, weight, bias
