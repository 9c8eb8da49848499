"""The arithmetic of the live figure of the normalisations (web/norm.js), run in V8, against PyTorch; and what the page
says about it. Each comparison is shown to reject a planted fault."""

import json
import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from py_mini_racer import MiniRacer

import live_script
from truecurve.describe import words

SCRIPT = (live_script.WEB / "norm.js").read_text(encoding="utf-8")
TOLERANCE = 1e-12
SETTINGS = 60
"""For each layer: so many random shapes, offsets and scales."""


def engine(script: str = SCRIPT) -> live_script.Run:
    context = MiniRacer()
    context.eval("document = { querySelectorAll: () => [] }")
    context.eval((live_script.WEB / "special.js").read_text(encoding="utf-8"))
    context.eval(script)
    return lambda code: json.loads(context.eval(f"JSON.stringify({code})"))


@pytest.fixture(scope="module")
def run() -> live_script.Run:
    return engine()


def settings(seed: int):
    """Arrays (N, C, H·W) and numbers of groups that divide C; some far from 0, some tiny, some huge."""
    random = np.random.default_rng(seed)
    for _ in range(SETTINGS):
        n, groups, each, pixels = (
            random.integers(1, 5),
            random.integers(1, 5),
            random.integers(1, 4),
            random.integers(2, 7),
        )
        scale, offset = 10.0 ** random.integers(-2, 4), random.choice([0.0, 0.0, 1.0, 10.0])
        yield scale * (offset + random.standard_normal((n, groups * each, pixels))), int(groups)


def ours(run: live_script.Run, x: np.ndarray, groups: int, eps: float, centred: bool = True) -> np.ndarray:
    flat, shape = json.dumps(x.ravel().tolist()), json.dumps(x.shape)
    stats = f"truecurve.norm.shared({flat}, {shape}, {groups})"
    return np.array(
        run(f"truecurve.norm.normalize({flat}, {shape}, {groups}, {stats}, {eps!r}, {json.dumps(centred)})")
    ).reshape(x.shape)


def theirs(layer: str, x: np.ndarray, groups: int, eps: float) -> np.ndarray:
    image, (_, channels, pixels) = torch.from_numpy(x), x.shape
    made = {
        "batch_norm2d": lambda: F.batch_norm(image, None, None, training=True, eps=eps),
        "instance_norm2d": lambda: F.instance_norm(image, eps=eps),
        "group_norm": lambda: F.group_norm(image, groups, eps=eps),
        "layer_norm": lambda: F.layer_norm(image, (pixels,), eps=eps),
        "layer_norm, two axes": lambda: F.layer_norm(image, (channels, pixels), eps=eps),
        "rms_norm": lambda: F.rms_norm(image, (pixels,)),
        "rms_norm, two axes": lambda: F.rms_norm(image, (channels, pixels)),
    }
    return made[layer]().numpy()


def groups_of(layer: str, channels: int, groups: int) -> int:
    return 0 if layer == "batch_norm2d" else groups if layer == "group_norm" else 1 if "two" in layer else channels


def worst(run: live_script.Run, layer: str) -> tuple[float, int]:
    """The largest error relative to the largest result, at least 1, and how many settings were compared."""
    found, compared, rms = 0.0, 0, "rms" in layer
    for x, groups in settings(7):
        eps = 2.0**-52 if rms else 1e-5
        want = theirs(layer, x, groups, eps)
        got = ours(run, x, groups_of(layer, x.shape[1], groups), eps, not rms)
        found, compared = max(found, float(np.max(np.abs(got - want)) / max(1.0, np.max(np.abs(want))))), compared + 1
    return found, compared


LAYERS = [
    "batch_norm2d",
    "instance_norm2d",
    "group_norm",
    "layer_norm",
    "layer_norm, two axes",
    "rms_norm",
    "rms_norm, two axes",
]


@pytest.mark.parametrize("layer", LAYERS)
def test_results_are_those_of_pytorch(run, layer):
    error, compared = worst(run, layer)
    assert compared == SETTINGS
    assert error <= TOLERANCE, f"{layer}: {error}"


def test_statistics(run):
    for x, _ in settings(3):
        got = run(f"truecurve.norm.statistics({json.dumps(x.ravel().tolist())})")
        want = {"n": x.size, "mean": x.mean(), "variance": x.var(), "unbiased": x.var(ddof=1), "square": (x**2).mean()}
        assert got == pytest.approx(want, rel=TOLERANCE, abs=TOLERANCE * np.abs(x).max())


def running_error(run: live_script.Run) -> float:
    """Running statistics over several steps, some in evaluation mode, and the results of that mode; against PyTorch."""
    random, found = np.random.default_rng(11), 0.0
    for case in range(SETTINGS):
        shape, momentum = (
            (int(random.integers(2, 5)), int(random.integers(1, 5)), int(random.integers(1, 6))),
            float(random.uniform(0, 1)),
        )
        momentum = momentum if case > 2 else [0.0, 0.1, 1.0][case]
        mean, variance = torch.zeros(shape[1], dtype=torch.float64), torch.ones(shape[1], dtype=torch.float64)
        batches, want = [], [(mean.tolist(), variance.tolist())]
        for _ in range(12):
            x, training = random.normal(random.uniform(-3, 3), random.uniform(0.1, 4), shape), random.uniform() < 0.75
            F.batch_norm(torch.from_numpy(x), mean, variance, training=training, momentum=momentum)
            batches.append((x, training))
            want.append((mean.tolist(), variance.tolist()))
        given = json.dumps([x.ravel().tolist() if training else None for x, training in batches])
        got = run(f"truecurve.norm.running({given}, {json.dumps(shape)}, {momentum!r})")
        assert len(got) == 13
        for of, (means, variances) in zip(got, want, strict=True):
            for one, *pair in zip(of, means, variances, strict=True):
                for value, right in zip((one["mean"], one["variance"]), pair, strict=True):
                    found = max(found, abs(value - right) / max(1.0, abs(right)))
        x = batches[-1][0]
        arguments = ", ".join(map(json.dumps, (x.ravel().tolist(), shape, 0, got[-1], 1e-5, True)))
        code = f"truecurve.norm.normalize({arguments})"
        evaluated = F.batch_norm(torch.from_numpy(x), mean, variance, training=False).numpy()
        scale = max(1.0, float(np.abs(evaluated).max()))
        found = max(found, float(np.abs(np.array(run(code)).reshape(shape) - evaluated).max()) / scale)
    return found


def test_running_statistics_are_those_of_pytorch(run):
    assert running_error(run) <= TOLERANCE


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("variance * n / (n - 1)", "variance", "running"),
        ("(1 - momentum) * old + momentum * now", "momentum * old + (1 - momentum) * now", "running"),
        ("one.variance + eps", "one.unbiased + eps", "group_norm"),
        ("one.variance + eps", "one.variance", "instance_norm2d"),
        ("Math.floor(c * groups / C)", "c % groups", "group_norm"),
        (": c;", ": Math.floor(index / P / C);", "batch_norm2d"),
        ("value / Math.sqrt(one.square + eps)", "value / Math.sqrt(one.variance + eps)", "rms_norm"),
        ("(value - one.mean)", "value", "layer_norm"),
    ],
)
def test_a_wrong_script_is_rejected(right, wrong, where):
    assert right in SCRIPT
    run = engine(SCRIPT.replace(right, wrong))
    error = running_error(run) if where == "running" else worst(run, where)[0]
    assert error > 1e-9


# --- The batches ------------------------------------------------------------------------------------------------------

SHAPE = (3, 4, 4)


def batches(run: live_script.Run, count: int) -> np.ndarray:
    made = run(f"Array.from({{ length: {count} }}, (_, step) => truecurve.norm.batch(step + 1, {json.dumps(SHAPE)}))")
    return np.array(made).reshape(count, *SHAPE)


def test_batches_are_the_same_everywhere(run):
    """Whole numbers; the first ones are recorded, so that an address means the same tomorrow."""
    first = batches(run, 3)
    assert first.dtype.kind == "i"
    assert first[0, 0].tolist() == [[0, 1, -1, 1], [2, -2, 2, 2], [-2, -2, 1, 3], [2, 3, 3, 8]]
    assert (batches(engine(), 3) == first).all()
    assert "Math.random" not in SCRIPT
    assert not (first[0] == first[1]).all()


def test_batches_have_the_mean_and_variance_that_the_figure_marks(run):
    x = batches(run, 4000)
    for c in range(SHAPE[1]):
        stated, values = run(f"truecurve.norm.population({c})"), x[:, :, c]
        deviation = math.sqrt(stated["variance"] / values.size)
        assert abs(values.mean() - stated["mean"]) < 4 * deviation
        assert values.var() == pytest.approx(stated["variance"], rel=0.02)


def test_running_statistics_converge_to_it(run):
    given = json.dumps(batches(run, 400).reshape(400, -1).tolist())
    last = run(f"truecurve.norm.running({given}, {json.dumps(SHAPE)}, 0.02)")[-1]
    for c in range(SHAPE[1]):
        stated = run(f"truecurve.norm.population({c})")
        assert last[c]["mean"] == pytest.approx(stated["mean"], abs=0.3)
        assert last[c]["variance"] == pytest.approx(stated["variance"], rel=0.15)


# --- What the page says about num_groups ------------------------------------------------------------------------------


def test_what_is_said_about_groups_is_so():
    """num_groups = C is InstanceNorm, 1 is LayerNorm over (C, H, W) and not over the last axis, others are neither."""
    x = torch.from_numpy(np.random.default_rng(5).standard_normal((2, 8, 2, 3)) + np.arange(8.0).reshape(8, 1, 1))

    def same(groups: int, other: torch.Tensor) -> bool:
        return torch.allclose(F.group_norm(x, groups), other, rtol=1e-12, atol=1e-12)

    instance, layer, last = F.instance_norm(x), F.layer_norm(x, (8, 2, 3)), F.layer_norm(x, (3,))
    assert [same(groups, instance) for groups in (1, 2, 4, 8)] == [False, False, False, True]
    assert [same(groups, layer) for groups in (1, 2, 4, 8)] == [True, False, False, False]
    assert not any(same(groups, last) for groups in (1, 2, 4, 8))
    divisors = [groups for groups in range(1, 9) if 8 % groups == 0]
    assert json.dumps([str(groups) for groups in divisors]) in re.search(r"num_groups: (.*)", SCRIPT)[1]
    others = sorted({*range(1, 9)} - {*divisors})
    for groups in others:
        with pytest.raises(RuntimeError):
            F.group_norm(x, groups)
    for language in ("zh", "en"):
        said = re.findall(r"(?<!= )\b\d\b", words(language).norm.invalid)
        assert [int(groups) for groups in said] == others


def test_the_words_state_the_sizes_of_the_script():
    most = re.search(r"MOST = (\d+)", SCRIPT)[1]
    *_, (samples, _, pixels) = re.findall(r": \[(\d), (\d), (\d)\]", SCRIPT)
    for language in ("zh", "en"):
        norm, n = words(language).norm, int(samples) * int(pixels)
        assert most in norm.seen
        assert f"n = {n}" in norm.rows.train
        assert f"= {n - 1}" in norm.rows.into
