"""Scaled dot-product attention: every query takes a weighted mean of the values."""

import math

import numpy as np

from truecurve.entries.layer._arguments import broadcasts_to, is_float
from truecurve.entries.layer._attention import attention_weights, scores_gradient
from truecurve.entries.layer._broadcast import floating, summed_to


def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    enable_gqa=False,
    rng=None,
):
    """softmax(scale * Q K^T + mask) V.

    query (..., L, E), key (..., S, E), value (..., S, Ev) -> (..., L, Ev). `scale` is
    1 / sqrt(E) by default.

    attn_mask broadcasts to (..., L, S). Boolean: True means "may attend" (in
    multihead_attention it means the opposite). Floating: it is added to the scores. A
    row in which nothing may be attended to gives 0. `is_causal`: query i sees the keys
    0 ... i, counted from the first key also where L != S.

    enable_gqa: query has H heads on axis -3, key and value fewer; each of theirs serves
    H / H_key successive heads of the query.

    dropout_p > 0 sets that share of the weights to 0 and divides the others by
    1 - dropout_p, drawn from `rng` (a seed or a numpy.random.Generator; by default a
    fresh one). It is applied whenever it is given: there is no training mode here.
    """
    arguments = query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa
    query, _, value, _, p, kept = _forward(*arguments, rng)
    return np.matmul(p * kept, value).astype(query.dtype, copy=False)


def scaled_dot_product_attention_backward(
    grad_output,
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    enable_gqa=False,
    rng=None,
):
    """Gradients of query, key, value and of a floating attn_mask.

    With dropout an `rng` seeded as for the forward pass gives the gradient of that
    draw.
    """
    arguments = query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa
    q, k, v, factor, p, kept = _forward(*arguments, rng)
    if dropout_p > 0 and rng is None:
        raise ValueError("rng is None: seed one like that of the forward pass")
    grad_output = np.asarray(grad_output)
    # out = (p * kept) v
    grad_p = np.matmul(grad_output, _transposed(v)) * kept
    grad_v = np.matmul(_transposed(p * kept), grad_output)
    # scores = factor q k^T + mask
    grad_scores = scores_gradient(p, grad_p)
    grad_q = factor * np.matmul(grad_scores, k)
    grad_k = factor * np.matmul(_transposed(grad_scores), q)

    gradients = {}
    for name, given, gradient in (
        ("query", query, grad_q),
        ("key", key, grad_k),
        ("value", value, grad_v),
    ):
        shape = np.shape(given)
        if enable_gqa and gradient.shape[-3] != shape[-3]:
            # A head of the key served a group of query heads: the sum over the group.
            heads = (shape[-3], gradient.shape[-3] // shape[-3])
            gradient = gradient.reshape(*gradient.shape[:-3], *heads, *shape[-2:])
            gradient = gradient.sum(axis=-3)
        dtype = np.result_type(given, 1.0)
        gradients[name] = summed_to(gradient, shape).astype(dtype, copy=False)
    if attn_mask is not None and is_float(attn_mask):
        mask = np.asarray(attn_mask)
        gradients["attn_mask"] = summed_to(grad_scores, mask.shape).astype(mask.dtype)
    return gradients


def _forward(
    query,
    key,
    value,
    attn_mask,
    dropout_p,
    is_causal,
    scale,
    enable_gqa,
    rng,
):
    """query, key, value (heads repeated), the scale, the weights p before dropout and
    the factor of each weight in dropout (1 without).
    """
    query, key, value = floating(query), floating(key), floating(value)
    _check(query, key, value, dropout_p)
    if enable_gqa:
        key = _repeated("key", key, query)
        value = _repeated("value", value, query)
    for name, array in (("key", key), ("value", value)):
        try:
            np.broadcast_shapes(query.shape[:-2], array.shape[:-2])
        except ValueError:
            raise ValueError(
                f"{name} has the leading dimensions {array.shape[:-2]}, query has "
                f"{query.shape[:-2]}: they do not broadcast"
            ) from None
    if scale is None:
        # The scalar product of E independent terms of variance 1 has variance E.
        scale = 1 / math.sqrt(max(query.shape[-1], 1))
    scores = np.matmul(query * scale, _transposed(key))
    if is_causal and attn_mask is not None:
        raise ValueError("attn_mask must be None with is_causal=True: give one of them")
    if is_causal:
        attn_mask = np.tri(*scores.shape[-2:], dtype=bool)
    if attn_mask is not None:
        scores = scores + _additive(attn_mask, scores)
    p = attention_weights(scores)
    kept = 1
    if dropout_p > 0:
        drawn = np.random.default_rng(rng).random(p.shape) >= dropout_p
        kept = drawn.astype(p.dtype) / (1 - dropout_p if dropout_p < 1 else 1)
    return query, key, value, scale, p, kept


def _check(query, key, value, dropout_p):
    for name, array in (("query", query), ("key", key), ("value", value)):
        if array.ndim < 2:
            raise ValueError(f"{name} has {array.ndim} dimensions, it needs at least 2")
    if key.shape[-1] != query.shape[-1]:
        sizes = key.shape[-1], query.shape[-1]
        raise ValueError("key has vectors of size {}, query of size {}".format(*sizes))
    if key.shape[-2] != value.shape[-2]:
        lengths = value.shape[-2], key.shape[-2]
        raise ValueError("value has the length {}, key has {}".format(*lengths))
    if dropout_p > 1:
        raise ValueError(f"dropout_p is {dropout_p}, a probability is at most 1")


def _repeated(name, array, query):
    if query.ndim < 3 or array.ndim < 3:
        raise ValueError(
            f"enable_gqa=True needs heads on axis -3, but query has {query.ndim} "
            f"dimensions and {name} has {array.ndim}: at least 3 are needed in both"
        )
    heads, own = query.shape[-3], array.shape[-3]
    if own == 0 or heads % own:
        raise ValueError(
            f"{name} has {own} heads, query has {heads}: with enable_gqa=True the "
            "number of query heads must be a multiple"
        )
    return np.repeat(array, heads // own, axis=-3)


def _additive(attn_mask, scores):
    mask = np.asarray(attn_mask)
    if mask.dtype != bool and not is_float(mask):
        raise ValueError(f"attn_mask has the dtype {mask.dtype}, not bool or floating")
    if not broadcasts_to(mask.shape, scores.shape):
        message = f"attn_mask has the shape {mask.shape}, the scores {scores.shape}"
        raise ValueError(f"{message}: it does not broadcast")
    if mask.dtype == bool:
        mask = np.where(mask, 0, -np.inf)
    return mask.astype(scores.dtype, copy=False)


def _transposed(x):
    return np.swapaxes(x, -2, -1)
