"""Attention: configurations, plain loops and PyTorch's functions."""

import itertools
import math
import warnings

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from layer_cases import Case

INF = math.inf


def _tensor(array, like):
    """Arrays among the params arrive as they are, or as tensors from a driver that converts them, too."""
    if array is None or isinstance(array, torch.Tensor):
        return array
    array = torch.from_numpy(np.array(array))
    return array.to(like.dtype) if array.is_floating_point() else array


# --- scaled dot-product attention ---------------------------------------------------------------


def _sdpa_cases():
    rng = np.random.default_rng(20)
    normal = rng.standard_normal

    def qkv(batch, length, source, size, value_size):
        return normal((*batch, length, size)), normal((*batch, source, size)), normal((*batch, source, value_size))

    cases = [
        Case(qkv((), 1, 1, 1, 1)),
        Case(qkv((), 3, 5, 4, 2)),
        Case(qkv((2,), 3, 5, 4, 4)),
        Case(qkv((2,), 3, 5, 4, 2), {"is_causal": True}),
        Case((*qkv((2,), 3, 4, 2, 2), rng.random((3, 4)) < 0.6)),
        Case((*qkv((2,), 3, 4, 2, 3), normal((3, 4)))),
        Case(qkv((2, 4), 3, 2, 2, 2), {"scale": 0.3}),
        Case((normal((2, 4, 3, 2)), normal((2, 2, 5, 2)), normal((2, 2, 5, 3))), {"enable_gqa": True}),
        Case((normal((1, 6, 3, 2)), normal((1, 2, 5, 2)), normal((1, 3, 5, 3))), {"enable_gqa": True}),
        Case(qkv((1, 2), 5, 3, 2, 2), {"is_causal": True}),
        Case((*qkv((2,), 3, 4, 2, 2), np.zeros((3, 4), bool))),  # no row may attend to anything
        Case((*qkv((2,), 3, 4, 2, 2), np.array([[-INF] * 4, [0, -INF, 1, 2], [0.5] * 4]))),
        Case(qkv((2,), 3, 4, 2, 2), {"dropout_p": 0.4, "rng": 7}),
        # Sizes of 0, broadcasting, layouts.
        Case(qkv((0,), 3, 4, 2, 2)),
        Case(qkv((2, 2), 0, 4, 2, 2)),
        Case(qkv((2,), 3, 0, 2, 2)),
        Case(qkv((2, 1), 3, 0, 2, 2)),
        Case(qkv((2,), 3, 4, 0, 2)),
        Case((normal((2, 3, 4)), normal((1, 5, 4)), normal((5, 2)))),
        Case((normal((3, 4)), normal((2, 5, 4)), normal((2, 5, 2)))),
        Case((normal((3, 4)), normal((5, 4)), normal((2, 5, 2)), normal((1, 5)))),
        Case(
            (
                normal((4, 2, 3)).transpose(1, 0, 2),
                normal((5, 2, 3)).transpose(1, 0, 2),
                normal((2, 6, 10))[..., ::2].mT,
            )
        ),
        Case((normal((2, 3, 4, 2)).mT, normal((2, 3, 4, 5)).mT[..., :5, :], normal((2, 3, 5, 8))[..., ::2])),
        Case(tuple(4 * a for a in qkv((2, 2), 4, 4, 4, 4))),  # most of the weight on one key
        Case(qkv((2, 2), 3, 5, 2, 2), {"dropout_p": 1.0, "rng": 1}),
        Case(qkv((2, 2), 4, 4, 3, 3), {"dropout_p": 0.25, "is_causal": True, "rng": 2}),
        Case(
            (normal((2, 4, 3, 2)), normal((2, 1, 5, 2)), normal((2, 1, 5, 2)), normal((2, 1, 1, 5))),
            {"enable_gqa": True},
        ),
        Case((normal((4, 3, 2)), normal((2, 5, 2)), normal((2, 5, 2))), {"enable_gqa": True, "scale": -1.0}),
    ]
    for _ in range(60):
        batch = tuple(rng.integers(1, 4, rng.integers(0, 3)))
        length, source, size, value_size = (int(n) for n in rng.integers(1, 7, 4))
        value_size = size if rng.random() < 0.5 else value_size
        arrays = qkv(batch, length, source, size, value_size)
        params = {}
        if rng.random() < 0.3:
            params["scale"] = float(rng.uniform(-2, 2))
        if len(batch) == 2 and rng.random() < 0.5:
            params["enable_gqa"] = True
            arrays = (normal((batch[0], 2 * batch[1], length, size)), *arrays[1:])
        kind = rng.integers(4)
        heads = arrays[0].shape[:-2]
        mask_shape = (length, source) if rng.random() < 0.5 else (*heads, length, source)
        mask_shape = (*(n if rng.random() < 0.8 else 1 for n in mask_shape[:-1]), source)
        if kind == 0:
            params["is_causal"] = True
        elif kind == 1:
            arrays = (*arrays, rng.random(mask_shape) < 0.5)
        elif kind == 2:
            arrays = (*arrays, np.where(rng.random(mask_shape) < 0.2, -INF, normal(mask_shape)))
        if rng.random() < 0.2:
            params |= {"dropout_p": float(rng.uniform(0.1, 0.9)), "rng": int(rng.integers(100))}
        cases.append(Case(arrays, params))
    return cases


def _torch_sdpa(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False, rng=None
):
    options = {"is_causal": is_causal, "scale": scale, "enable_gqa": enable_gqa}
    if rng is None:
        return F.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, **options)
    # With the draw of the entry: the operator behind the function takes it as an argument.
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2] if not enable_gqa else query.shape[:-2])
    kept = np.random.default_rng(rng).random((*batch, query.shape[-2], key.shape[-2])) >= dropout_p
    if dropout_p == 1:
        return F.scaled_dot_product_attention(query, key, value, attn_mask, 1.0, **options)
    if attn_mask is not None and attn_mask.dtype == torch.bool:  # the operator would add True as 1
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill(~attn_mask, -INF)
    return torch.ops.aten._scaled_dot_product_attention_math(
        query, key, value, attn_mask, dropout_p, dropout_mask=torch.from_numpy(kept), **options
    )[0]


def _loop_sdpa(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False, rng=None
):
    length, size = query.shape[-2:]
    source, value_size = value.shape[-2:]
    if enable_gqa:
        heads = query.shape[-3]
        key = np.stack([key[..., h * key.shape[-3] // heads, :, :] for h in range(heads)], axis=-3)
        value = np.stack([value[..., h * value.shape[-3] // heads, :, :] for h in range(heads)], axis=-3)
    batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    scores_batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
    draw = np.ones((*scores_batch, length, source))
    if dropout_p > 0:
        draw = np.random.default_rng(rng).random(draw.shape)
    draw = np.broadcast_to(draw, (*batch, length, source))
    mask = np.broadcast_to(True if attn_mask is None else attn_mask, (*batch, length, source))
    query = np.broadcast_to(query, (*batch, length, size))
    key = np.broadcast_to(key, (*batch, source, size))
    value = np.broadcast_to(value, (*batch, source, value_size))
    scale = 1 / math.sqrt(size) if scale is None else scale
    out = np.zeros((*batch, length, value_size))
    for place in np.ndindex(batch):
        for i in range(length):
            terms = []
            for j in range(source):
                score = scale * sum(query[place][i, e] * key[place][j, e] for e in range(size))
                entry = mask[place][i, j]
                if mask.dtype != bool:
                    score += entry
                elif not entry:
                    score = -INF
                terms.append(-INF if is_causal and j > i else score)
            top = max(terms, default=-INF)
            powers = [0.0 if s == -INF else math.exp(s - top) for s in terms]
            for j in range(source):
                if powers[j] and draw[place][i, j] >= dropout_p:
                    weight = powers[j] / sum(powers) / (1 - dropout_p)
                    for e in range(value_size):
                        out[place][i, e] += weight * value[place][j, e]
    return out


def _sdpa_invalid():
    x = np.ones
    return [
        (Case((x((3, 4)), x((5, 3)), x((5, 2)))), "key"),
        (Case((x((3, 4)), x((5, 4)), x((4, 2)))), "value"),
        (Case((x(4), x((5, 4)), x((5, 2)))), "query"),
        (Case((x((3, 3, 4)), x((2, 5, 4)), x((2, 5, 2)))), "key"),
        (Case((x((3, 3, 4)), x((3, 5, 4)), x((2, 5, 2)))), "value"),
        (Case((x((3, 4)), x((5, 4)), x((5, 2)), x((3, 4)))), "attn_mask"),
        (Case((x((1, 3, 4)), x((1, 5, 4)), x((1, 5, 2)), x((4, 3, 5)))), "attn_mask"),
        (Case((x((3, 4)), x((5, 4)), x((5, 2)), x((3, 5), np.int64))), "attn_mask"),
        (Case((x((3, 4)), x((5, 4)), x((5, 2)), x((3, 5), bool)), {"is_causal": True}), "attn_mask"),
        (Case((x((3, 4)), x((5, 4)), x((5, 2))), {"dropout_p": 1.5}), "dropout_p"),
        (Case((x((1, 5, 3, 4)), x((1, 2, 5, 4)), x((1, 2, 5, 2))), {"enable_gqa": True}), "key"),
        (Case((x((1, 4, 3, 4)), x((1, 2, 5, 4)), x((1, 3, 5, 2))), {"enable_gqa": True}), "value"),
        (Case((x((3, 4)), x((5, 4)), x((5, 2))), {"enable_gqa": True}), "enable_gqa"),
    ]


# --- multi-head attention -----------------------------------------------------------------------


def _mha_cases():
    rng = np.random.default_rng(21)
    normal = rng.standard_normal

    def arrays(length, source, batch, size, out=None, bias=True, batch_first=False):
        out = size if out is None else out

        def sequence(n):
            if batch is None:
                return normal((n, size))
            return normal((batch, n, size)) if batch_first else normal((n, batch, size))

        return (
            sequence(length),
            sequence(source),
            sequence(source),
            normal((3 * size, size)),
            normal(3 * size) if bias else None,
            normal((out, size)),
            normal(out) if bias else None,
        )

    no_weights = {"need_weights": False}
    blocked = np.array([[True] * 4, [False, True, False, False], [False] * 4])
    padding = np.array([[False, False, False, True], [True, False, False, False]])
    cases = [
        Case(arrays(1, 1, 1, 1), {"num_heads": 1}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2}),
        Case(arrays(3, 4, None, 4), {"num_heads": 2}),
        Case(arrays(3, 4, 2, 4, batch_first=True), {"num_heads": 4, "batch_first": True}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "average_attn_weights": False}),
        Case(arrays(3, 4, 2, 4, bias=False), {"num_heads": 2, **no_weights}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "key_padding_mask": padding}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": normal((3, 4))}),
        # The first query may attend to nothing: nan, and without weights the bias of the output.
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": blocked}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": blocked, **no_weights}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": blocked, "is_causal": True, **no_weights}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": blocked[1:2].repeat(3, 0), "is_causal": True}),
        Case(arrays(4, 4, None, 6), {"num_heads": 3, "attn_mask": normal((3, 4, 4)), "average_attn_weights": False}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": rng.random((4, 3, 4)) < 0.3, **no_weights}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": blocked[1:2].repeat(3, 0), "key_padding_mask": padding}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": normal((3, 4)), "key_padding_mask": padding}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": normal((3, 4)), "key_padding_mask": normal((2, 4))}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "key_padding_mask": normal((2, 4)), **no_weights}),
        Case(arrays(3, 4, None, 4), {"num_heads": 2, "key_padding_mask": normal(4), **no_weights}),
        Case(
            arrays(3, 4, None, 4, batch_first=True),
            {"num_heads": 1, "key_padding_mask": padding[0], "batch_first": True},
        ),
        Case(
            arrays(3, 4, 2, 4),
            {
                "num_heads": 2,
                "attn_mask": blocked[1:2].repeat(3, 0),
                "key_padding_mask": padding,
                "is_causal": True,
                **no_weights,
            },
        ),
        Case(arrays(3, 4, 2, 4, out=7), {"num_heads": 2}),
        Case(arrays(3, 0, 2, 4), {"num_heads": 2, "attn_mask": normal((4, 3, 0))}),
        Case(arrays(3, 4, 0, 4), {"num_heads": 2, "attn_mask": normal((3, 4)), "key_padding_mask": normal((0, 4))}),
        Case(arrays(3, 4, 2, 4), {"num_heads": 2, "attn_mask": normal((3, 4)), "is_causal": True, **no_weights}),
        Case(arrays(0, 4, 2, 4), {"num_heads": 2}),
        Case(arrays(3, 4, 0, 4), {"num_heads": 2, **no_weights}),
        Case(arrays(3, 4, 0, 4), {"num_heads": 2}),
        Case(arrays(3, 0, 2, 4), {"num_heads": 2}),
        Case(arrays(3, 0, 2, 4), {"num_heads": 2, **no_weights}),
        Case((*(a.transpose(1, 0, 2) for a in arrays(3, 3, 2, 4)[:3]), *arrays(3, 3, 2, 4)[3:]), {"num_heads": 2}),
        Case((*arrays(3, 5, 2, 4)[:3], normal((4, 24))[:, ::2].T, *arrays(3, 5, 2, 4)[4:]), {"num_heads": 2}),
    ]
    for weights, average, first, bias in itertools.product((True, False), repeat=4):
        for _ in range(2):
            heads = int(rng.integers(1, 4))
            size = heads * int(rng.integers(1, 4))
            length, source = int(rng.integers(1, 6)), int(rng.integers(2, 6))
            batch = int(rng.integers(1, 4)) if rng.random() < 0.8 else None
            params = {
                "num_heads": heads,
                "need_weights": weights,
                "average_attn_weights": average,
                "batch_first": first,
            }
            kind = rng.integers(4)
            if kind in (1, 3):
                shape = (length, source) if rng.random() < 0.5 else ((batch or 1) * heads, length, source)
                params["attn_mask"] = normal(shape)
            if kind in (2, 3):
                params["key_padding_mask"] = normal(source if batch is None else (batch, source))
                if kind == 2:
                    params["key_padding_mask"] = params["key_padding_mask"] > 0.8
            cases.append(Case(arrays(length, source, batch, size, int(rng.integers(1, 6)), bias, first), params))
    return cases


def _torch_mha(
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
    swapped = batch_first and query.dim() == 3
    if swapped:
        query, key, value = (a.transpose(0, 1) for a in (query, key, value))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one mask of booleans, one of numbers: deprecated
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            query.shape[-1],
            num_heads,
            in_proj_weight,
            in_proj_bias,
            None,
            None,
            False,
            0.0,
            out_proj_weight,
            out_proj_bias,
            key_padding_mask=_tensor(key_padding_mask, query),
            attn_mask=_tensor(attn_mask, query),
            is_causal=is_causal,
            need_weights=need_weights,
            average_attn_weights=average_attn_weights,
        )
    return (output.transpose(0, 1) if swapped else output), weights


def _loop_mha(
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
    batched = query.ndim == 3
    if not batched:
        query, key, value = query[:, None], key[:, None], value[:, None]
        key_padding_mask = None if key_padding_mask is None else key_padding_mask[None]
    elif batch_first:
        query, key, value = (np.moveaxis(a, 0, 1) for a in (query, key, value))
    length, batch, size = query.shape
    source, rows, width = len(key), len(out_proj_weight), size // num_heads
    out = np.zeros((length, batch, rows))
    weights = np.zeros((batch, num_heads, length, source))

    def project(vector, part):
        return [
            sum(in_proj_weight[part * size + r, e] * vector[e] for e in range(size))
            + (0 if in_proj_bias is None else in_proj_bias[part * size + r])
            for r in range(size)
        ]

    def added(entry, boolean):
        return (-INF if entry else 0) if boolean else entry

    believed = is_causal and key_padding_mask is None and not need_weights
    for n in range(batch):
        keys = [project(key[j, n], 1) for j in range(source)]
        values = [project(value[j, n], 2) for j in range(source)]
        for i in range(length):
            q = project(query[i, n], 0)
            mixed = []
            for h in range(num_heads):
                block = range(h * width, (h + 1) * width)
                scores = []
                for j in range(source):
                    score = sum(q[e] * keys[j][e] for e in block) / math.sqrt(width)
                    if believed:
                        score = score if j <= i else -INF
                    elif attn_mask is not None:
                        one = attn_mask if attn_mask.ndim == 2 else attn_mask[n * num_heads + h]
                        score += added(one[i, j], attn_mask.dtype == bool)
                    if key_padding_mask is not None:
                        score += added(key_padding_mask[n, j], key_padding_mask.dtype == bool)
                    scores.append(score)
                top = max(scores)
                if top == -INF:
                    shares = [math.nan if need_weights else 0.0] * source
                else:
                    powers = [math.exp(s - top) for s in scores]
                    shares = [power / sum(powers) for power in powers]
                weights[n, h, i] = shares
                mixed += [sum(shares[j] * values[j][e] for j in range(source)) for e in block]
            for r in range(rows):
                out[i, n, r] = sum(out_proj_weight[r, e] * mixed[e] for e in range(size))
                out[i, n, r] += 0 if out_proj_bias is None else out_proj_bias[r]
    if average_attn_weights:
        weights = sum(weights[:, h] for h in range(num_heads)) / num_heads
    if not batched:
        out, weights = out[:, 0], weights[0]
    elif batch_first:
        out = np.moveaxis(out, 0, 1)
    return out, weights if need_weights else None


def _mha_invalid():
    x = np.ones
    good = {
        "query": x((3, 2, 4)),
        "key": x((5, 2, 4)),
        "value": x((5, 2, 4)),
        "in_proj_weight": x((12, 4)),
        "in_proj_bias": x(12),
        "out_proj_weight": x((4, 4)),
        "out_proj_bias": x(4),
    }
    changes = [
        ({"query": x(4)}, {}, "query"),
        ({"query": x((3, 4))}, {}, "key"),
        ({"query": x((3, 1, 4))}, {}, "key"),
        ({"query": x((3, 2, 6))}, {}, "key"),
        ({"value": x((4, 2, 4))}, {}, "value"),
        ({"in_proj_weight": x((8, 4))}, {}, "in_proj_weight"),
        ({"in_proj_bias": x(8)}, {}, "in_proj_bias"),
        ({"out_proj_weight": x((4, 5))}, {}, "out_proj_weight"),
        ({"out_proj_bias": x(7)}, {}, "out_proj_bias"),
        ({}, {"num_heads": 3}, "num_heads"),
        ({}, {"num_heads": 0}, "num_heads"),
        ({}, {"is_causal": True}, "attn_mask"),
        ({}, {"attn_mask": x((5, 5))}, "attn_mask"),
        ({}, {"attn_mask": x((2, 3, 5))}, "attn_mask"),
        ({}, {"attn_mask": x((1, 1, 3, 5))}, "attn_mask"),
        ({}, {"attn_mask": x((3, 5), np.int64)}, "attn_mask"),
        ({}, {"key_padding_mask": x((2, 4), bool)}, "key_padding_mask"),
        ({}, {"key_padding_mask": x(5, bool)}, "key_padding_mask"),
    ]
    return [
        (Case(tuple((good | arrays).values()), {"num_heads": 2} | params), name) for arrays, params, name in changes
    ]


CASES = {"scaled_dot_product_attention": _sdpa_cases(), "multihead_attention": _mha_cases()}
TORCH = {"scaled_dot_product_attention": _torch_sdpa, "multihead_attention": _torch_mha}
LOOPS = {"scaled_dot_product_attention": _loop_sdpa, "multihead_attention": _loop_mha}
LOOP_CASES = {
    "scaled_dot_product_attention": CASES["scaled_dot_product_attention"][:13],
    "multihead_attention": CASES["multihead_attention"][:21],
}
INVALID = {"scaled_dot_product_attention": _sdpa_invalid(), "multihead_attention": _mha_invalid()}
