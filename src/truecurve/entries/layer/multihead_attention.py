"""Multi-head attention: several small attentions side by side, mixed by a matrix."""

import math

import numpy as np

from truecurve.entries.layer._arguments import is_float
from truecurve.entries.layer._attention import attention_weights, scores_gradient


def multihead_attention(
    query,
    key,
    value,
    in_proj_weight,
    in_proj_bias,
    out_proj_weight,
    out_proj_bias,
    num_heads,
    key_padding_mask=None,
    attn_mask=None,
    is_causal=False,
    need_weights=True,
    average_attn_weights=True,
    batch_first=False,
):
    """(output, weights), with head_h = softmax(Q_h K_h^T / sqrt(E / H) + mask) V_h and
    output = [head_1 ... head_H] W_out^T + b_out.

    query (L, N, E), key and value (S, N, E) -> output (L, N, E); with batch_first N is
    the first axis. Without batch (L, E) and (S, E) -> (L, E). in_proj_weight (3E, E)
    holds the matrices of Q, K and V on top of each other, in_proj_bias (3E,) likewise;
    both biases may be None. Q = query W_Q^T + b_Q, and Q_h is its h-th block of E / H
    columns.

    weights: the mean over the heads, (N, L, S), or with average_attn_weights=False all
    of them, (N, H, L, S), N being first in any case and absent without batch; None with
    need_weights=False.

    key_padding_mask (N, S) or (S,), attn_mask (L, S) or (N * H, L, S). Boolean: True
    means "may NOT attend" (in scaled_dot_product_attention it means the opposite).
    Floating: they are added to the scores. Where a query may attend to nothing the
    result is nan; with need_weights=False it is b_out. These are PyTorch's two ways of
    computing.

    is_causal is only a hint that attn_mask is causal, which must be given, too. With
    need_weights=False and without key_padding_mask the hint is believed (query i sees
    the keys 0 ... i, and attn_mask is not read), otherwise it has no effect.

    Left out: dropout, bias_k and bias_v, add_zero_attn, separate projection weights.
    """
    s = _forward(
        query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias,
        num_heads, key_padding_mask, attn_mask, is_causal, need_weights, batch_first,
    )  # fmt: skip
    output = np.matmul(s["heads"], s["out_proj_weight"].T)
    if out_proj_bias is not None:
        output = output + out_proj_bias
    output = _as_given(output, s).astype(s["dtype"], copy=False)
    if not need_weights:
        return output, None
    weights = s["p"].mean(axis=1) if average_attn_weights else s["p"]
    weights = weights if s["batched"] else weights[0]
    return output, weights.astype(s["dtype"], copy=False)


def multihead_attention_backward(
    grad_output,
    query,
    key,
    value,
    in_proj_weight,
    in_proj_bias,
    out_proj_weight,
    out_proj_bias,
    num_heads,
    key_padding_mask=None,
    attn_mask=None,
    is_causal=False,
    need_weights=True,
    average_attn_weights=True,
    batch_first=False,
):
    """Gradients of the three inputs, the weights and biases, and of floating masks.

    grad_output belongs to the output, not to the weights. Self-attention uses one array
    three times: its gradient is the sum of those of query, key and value.
    """
    s = _forward(
        query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias,
        num_heads, key_padding_mask, attn_mask, is_causal, need_weights, batch_first,
    )  # fmt: skip
    q, k, v, p = s["q"], s["k"], s["v"], s["p"]
    g = _batch_first(np.asarray(grad_output), s)
    gradients = {}
    # output = heads W_out^T + b_out
    gradients["out_proj_weight"] = _outer(g, s["heads"])
    gradients["out_proj_bias"] = g.sum(axis=(0, 1))
    grad_heads = _split(np.matmul(g, s["out_proj_weight"]), num_heads)
    # head = p v, p = softmax(factor q k^T + mask)
    grad_v = np.matmul(_transposed(p), grad_heads)
    grad_scores = scores_gradient(p, np.matmul(grad_heads, _transposed(v)))
    grad_q = s["factor"] * np.matmul(grad_scores, k)
    grad_k = s["factor"] * np.matmul(_transposed(grad_scores), q)
    # q = query W_q^T + b_q, likewise k and v
    weight_parts, bias_parts = [], []
    matrices = np.split(s["in_proj_weight"], 3)
    for name, grad, w in (
        ("query", grad_q, matrices[0]),
        ("key", grad_k, matrices[1]),
        ("value", grad_v, matrices[2]),
    ):
        grad = _joined(grad)
        gradients[name] = _as_given(np.matmul(grad, w), s)
        weight_parts.append(_outer(grad, s[name]))
        bias_parts.append(grad.sum(axis=(0, 1)))
    gradients["in_proj_weight"] = np.concatenate(weight_parts)
    gradients["in_proj_bias"] = np.concatenate(bias_parts)
    # The masks were added to the scores of shape (N, H, L, S).
    if attn_mask is not None and is_float(attn_mask):
        shape = np.shape(attn_mask)
        if s["hint"]:  # it was not read
            grad = np.zeros(shape)
        elif len(shape) == 2:
            grad = grad_scores.sum(axis=(0, 1))
        else:
            grad = grad_scores.reshape(shape)
        gradients["attn_mask"] = grad
    if key_padding_mask is not None and is_float(key_padding_mask):
        grad = grad_scores.sum(axis=(1, 2))
        gradients["key_padding_mask"] = grad if s["batched"] else grad[0]

    given = {
        "query": query,
        "key": key,
        "value": value,
        "in_proj_weight": in_proj_weight,
        "in_proj_bias": in_proj_bias,
        "out_proj_weight": out_proj_weight,
        "out_proj_bias": out_proj_bias,
        "key_padding_mask": key_padding_mask,
        "attn_mask": attn_mask,
    }
    return {
        name: gradients[name].astype(np.result_type(array, 1.0), copy=False)
        for name, array in given.items()
        if array is not None and name in gradients
    }


def _forward(
    query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias,
    num_heads, key_padding_mask, attn_mask, is_causal, need_weights, batch_first,
):  # fmt: skip
    """What both passes need: the batch first, the heads on an axis of their own."""
    query, key, value, in_proj_weight, out_proj_weight = (
        np.asarray(a) for a in (query, key, value, in_proj_weight, out_proj_weight)
    )
    s = {
        "dtype": np.result_type(query, 1.0),
        "batched": query.ndim == 3,
        "batch_first": batch_first,
        "in_proj_weight": in_proj_weight,
        "out_proj_weight": out_proj_weight,
    }
    _check_inputs(query, key, value, num_heads, batch_first)
    weights = in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
    _check_weights(query.shape[-1], *weights)
    projected = []
    biases = (0, 0, 0)
    if in_proj_bias is not None:
        biases = np.split(np.asarray(in_proj_bias), 3)
    for name, array, w, b in zip(
        ("query", "key", "value"),
        (query, key, value),
        np.split(in_proj_weight, 3),
        biases,
        strict=True,
    ):
        s[name] = _batch_first(array.astype(s["dtype"], copy=False), s)
        projected.append(_split(np.matmul(s[name], w.T) + b, num_heads))
    q, k, v = projected
    # The scalar product of E / H independent terms of variance 1 has variance E / H.
    factor = math.sqrt(1 / max(q.shape[-1], 1))
    scores = np.matmul(q * factor, _transposed(k))
    if is_causal and attn_mask is None:
        raise ValueError("attn_mask is None, but is_causal=True is a hint about it")
    s["hint"] = is_causal and key_padding_mask is None and not need_weights
    if attn_mask is not None and np.ndim(attn_mask) not in (2, 3):
        raise ValueError(f"attn_mask has {np.ndim(attn_mask)} dimensions, not 2 or 3")
    if s["hint"]:
        scores = scores + np.where(np.tri(*scores.shape[-2:], dtype=bool), 0, -np.inf)
    elif attn_mask is not None:
        scores = scores + _attn_mask(attn_mask, scores)
    if key_padding_mask is not None:
        scores = scores + _key_padding_mask(key_padding_mask, scores, s["batched"])
    p = attention_weights(scores.astype(s["dtype"], copy=False))
    if need_weights:
        # Here PyTorch takes the plain softmax: without any key it is 0 / 0.
        blocked = np.all(np.isneginf(scores), axis=-1, keepdims=True)
        p = np.where(blocked & (scores.shape[-1] > 0), p.dtype.type(np.nan), p)
    heads = _joined(np.matmul(p, v))
    return {**s, "q": q, "k": k, "v": v, "p": p, "heads": heads, "factor": factor}


def _batch_first(x, s):
    """(L, N, E), (N, L, E) or (L, E) -> (N, L, E)."""
    if not s["batched"]:
        return x[None]
    return x if s["batch_first"] else np.swapaxes(x, 0, 1)


def _as_given(x, s):
    """(N, L, E) -> the layout of the inputs."""
    if not s["batched"]:
        return x[0]
    return x if s["batch_first"] else np.swapaxes(x, 0, 1)


def _split(x, num_heads):
    """(N, L, E) -> (N, H, L, E / H)."""
    size = x.shape[-1] // num_heads
    return np.swapaxes(x.reshape(*x.shape[:2], num_heads, size), 1, 2)


def _joined(x):
    """(N, H, L, E / H) -> (N, L, E)."""
    n, heads, length, size = x.shape
    return np.swapaxes(x, 1, 2).reshape(n, length, heads * size)


def _outer(a, b):
    """(N, L, O) and (N, L, E) -> (O, E): the outer products, summed over N and L."""
    return np.tensordot(a, b, axes=((0, 1), (0, 1)))


def _transposed(x):
    return np.swapaxes(x, -2, -1)


def _check_inputs(query, key, value, num_heads, batch_first):
    if query.ndim not in (2, 3):
        raise ValueError(f"query has {query.ndim} dimensions, not 2 or 3")
    for name, array in (("key", key), ("value", value)):
        if array.ndim != query.ndim:
            raise ValueError(f"{name} has {array.ndim} dimensions, query {query.ndim}")
    if key.shape != value.shape:
        raise ValueError(f"value has the shape {value.shape}, key has {key.shape}")
    if key.shape[-1] != query.shape[-1]:
        sizes = key.shape[-1], query.shape[-1]
        raise ValueError("key has vectors of size {}, query of size {}".format(*sizes))
    batch = 0 if batch_first else 1
    if query.ndim == 3 and key.shape[batch] != query.shape[batch]:
        sizes = key.shape[batch], query.shape[batch]
        raise ValueError("key has the batch size {}, query has {}".format(*sizes))
    if num_heads < 1 or query.shape[-1] % num_heads:
        size = query.shape[-1]
        raise ValueError(f"num_heads is {num_heads}, which does not divide {size}")


def _check_weights(size, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias):
    if in_proj_weight.shape != (3 * size, size):
        message = f"in_proj_weight has the shape {in_proj_weight.shape}"
        raise ValueError(f"{message}, not {(3 * size, size)}")
    if in_proj_bias is not None and np.shape(in_proj_bias) != (3 * size,):
        message = f"in_proj_bias has the shape {np.shape(in_proj_bias)}"
        raise ValueError(f"{message}, not {(3 * size,)}")
    if out_proj_weight.ndim != 2 or out_proj_weight.shape[1] != size:
        message = f"out_proj_weight has the shape {out_proj_weight.shape}"
        raise ValueError(f"{message}: it needs {size} columns")
    rows = out_proj_weight.shape[0]
    if out_proj_bias is not None and np.shape(out_proj_bias) != (rows,):
        message = f"out_proj_bias has the shape {np.shape(out_proj_bias)}"
        raise ValueError(f"{message}, out_proj_weight has {rows} rows")


def _additive(name, mask, dtype):
    mask = np.asarray(mask)
    if mask.dtype == bool:
        return np.where(mask, -np.inf, 0).astype(dtype)
    if not is_float(mask):
        raise ValueError(f"{name} has the dtype {mask.dtype}, not bool or floating")
    return mask.astype(dtype, copy=False)


def _attn_mask(attn_mask, scores):
    n, heads, length, source = scores.shape
    mask = _additive("attn_mask", attn_mask, scores.dtype)
    wanted = (length, source) if mask.ndim == 2 else (n * heads, length, source)
    if mask.shape != wanted:
        raise ValueError(f"attn_mask has the shape {mask.shape}, not {wanted}")
    return mask if mask.ndim == 2 else mask.reshape(scores.shape)


def _key_padding_mask(key_padding_mask, scores, batched):
    mask = _additive("key_padding_mask", key_padding_mask, scores.dtype)
    n, source = scores.shape[0], scores.shape[-1]
    wanted = (n, source) if batched else (source,)
    if mask.shape != wanted:
        raise ValueError(f"key_padding_mask has the shape {mask.shape}, not {wanted}")
    return mask.reshape(n, 1, 1, source)
