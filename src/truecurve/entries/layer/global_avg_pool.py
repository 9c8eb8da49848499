"""Global average pooling: every channel becomes its mean."""

import numpy as np

from truecurve.entries.layer._windows import matching


def global_avg_pool(x):
    """y[n, c, 0, 0] = the mean of x[n, c] over all H * W places.

    x (N, C, H, W) or (C, H, W), y (N, C, 1, 1) or (C, 1, 1). Same dtype as x, float64
    for integers. The mean of no values is NaN.
    """
    x = np.asarray(x)
    places = _places(x)
    dtype = np.result_type(x, 1.0)
    # float16 is summed in float32.
    total = x.sum(axis=(-2, -1), dtype=np.result_type(dtype, np.float32), keepdims=True)
    with np.errstate(invalid="ignore"):
        return (total / places).astype(dtype, copy=False)


def global_avg_pool_backward(grad_output, x):
    """The gradient {"x"}: every place receives the same share, 1 / (H * W)."""
    x = np.asarray(x)
    places = _places(x)
    share = matching(grad_output, (*x.shape[:-2], 1, 1)) / max(places, 1)
    return {"x": np.broadcast_to(share, x.shape).astype(np.result_type(x, 1.0))}


def _places(x):
    if x.ndim < 2:
        raise ValueError(f"x has the shape {x.shape}, but needs the dimensions H and W")
    return x.shape[-2] * x.shape[-1]
