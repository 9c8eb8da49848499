"""The shape calculator of convolution and pooling, in V8: what it takes and refuses, shapes, counts and the numbers it
draws are PyTorch's. Each comparison is shown to reject a planted fault."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from py_mini_racer import MiniRacer
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

import truecurve
from truecurve.describe import words

WEB = Path(truecurve.__file__).parent / "web"
Run = Callable[[str], Any]
KINDS = ("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d")
SETTINGS, DRAWN = 2500, 150
"""Random settings of each kind whose shapes are compared, and whose numbers are; a planted fault shows in fewer."""
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # of PyTorch: even kernels, empty kernels
each = pytest.mark.parametrize("kind", KINDS)


def engine(old: str = "", new: str = "") -> Run:
    """V8 with the calculator, `old` in its source replaced by `new`."""
    context = MiniRacer()
    context.eval("document = { querySelectorAll: () => [] }")
    context.eval((WEB / "special.js").read_text(encoding="utf-8"))
    source = (WEB / "window.js").read_text(encoding="utf-8")
    assert old in source
    context.eval(source.replace(old, new))
    # JSON has no infinity; the maximum of nothing is one.
    return lambda code: json.loads(
        context.eval(f'JSON.stringify({code}, (_, value) => value === -Infinity ? "-inf" : value)')
    )


def settings(kind: str, seed: int, count: int, faults: float = 0.05) -> Iterator[dict[str, Any]]:
    """As the form states them. Each number is out of its range with a small chance, which PyTorch must refuse, too."""
    draw = random.Random(f"{kind} {seed}")

    def number(low: int, high: int) -> int:
        return draw.choice([low - 1, low - 2]) if draw.random() < faults / 4 else draw.randint(low, high)

    def pair(low: int, high: int) -> list[int]:
        one = number(low, high)
        return [one, one] if draw.random() < 0.4 else [one, number(low, high)]

    for _ in range(count):
        made: dict[str, Any] = {"H": number(1, 10), "W": number(1, 10), "kernel_size": pair(1, 4), "stride": pair(1, 3)}
        if kind.startswith("conv"):
            groups = draw.choice([1, 1, 2, 3]) if draw.random() > faults / 4 else 0
            per_group = max(groups, 1)
            for name in ("in_channels", "out_channels"):
                made[name] = per_group * draw.randint(1, 3) + (draw.random() < faults)
            made["groups"] = groups
            made |= {"padding": pair(0, 2), "dilation": pair(1, 3)}
        else:
            made |= {"C": draw.randint(1, 3), "padding": pair(0, 2 if draw.random() < 0.2 else 1)}
            made["ceil_mode"] = draw.random() < 0.5
        if kind == "conv2d" and draw.random() < 0.2:
            made["padding"] = draw.choice(["same", "valid"])
            made["stride"] = [1, 1] if draw.random() < 0.7 else made["stride"]
        if kind == "conv_transpose2d":
            made["output_padding"] = pair(0, 2)
        if kind == "max_pool2d":
            made["dilation"] = pair(1, 3)
        if kind == "avg_pool2d":
            made["count_include_pad"] = draw.random() < 0.5
        yield made


def by_torch(kind: str, s: dict[str, Any], x: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    if kind == "conv2d":
        return functional.conv2d(x, weight, None, s["stride"], s["padding"], s["dilation"], s["groups"])
    if kind == "conv_transpose2d":
        options = (s["stride"], s["padding"], s["output_padding"], s["groups"], s["dilation"])
        return functional.conv_transpose2d(x, weight, None, *options)
    if kind == "max_pool2d":
        options = (s["kernel_size"], s["stride"], s["padding"], s["dilation"], s["ceil_mode"])
        return functional.max_pool2d(x, *options, return_indices=True)  # a pair
    return functional.avg_pool2d(x, s["kernel_size"], s["stride"], s["padding"], s["ceil_mode"], s["count_include_pad"])


def module(kind: str, s: dict[str, Any]) -> torch.nn.Module:
    """Unlike the function, it also refuses channels that groups do not divide."""
    made = {"conv2d": torch.nn.Conv2d, "conv_transpose2d": torch.nn.ConvTranspose2d}[kind]
    return made(**{name: value for name, value in s.items() if name not in "HW"}, dtype=torch.float64)


def shape_by_torch(kind: str, s: dict[str, Any]) -> list[int] | None:
    """Height and width of the output; None where PyTorch raises."""
    channels = s["in_channels"] if "in_channels" in s else s["C"]
    try:
        x = torch.zeros(1, channels, s["H"], s["W"], dtype=torch.float64)
        y = module(kind, s)(x) if kind.startswith("conv") else by_torch(kind, s, x)
    except (RuntimeError, ValueError, ZeroDivisionError):
        return None
    return list((y[0] if kind == "max_pool2d" else y).shape[-2:])


def differences(kind: str, run: Run, count: int = SETTINGS) -> tuple[list[str], int, int]:
    """Settings whose shape, or whose being refused, is not PyTorch's; how many it takes, and how many it refuses."""
    found, taken, refused = [], 0, 0
    every = list(settings(kind, 1, count))
    ask = f"truecurve.window.refusal('{kind}', s) || truecurve.window.axes('{kind}', s).map((one) => one.out)"
    for s, mine in zip(every, run(f"{json.dumps(every)}.map((s) => {ask})"), strict=True):
        want = shape_by_torch(kind, s)
        taken, refused = taken + (want is not None), refused + (want is None)
        if (mine if isinstance(mine, list) else None) != want:
            found.append(f"{s}: {mine}, PyTorch {want}")
    return found, taken, refused


@each
def test_it_takes_what_pytorch_takes_and_gives_its_shapes(kind):
    found, taken, refused = differences(kind, engine())
    assert not found, "\n".join(found[:5])
    assert taken >= 1000 and refused >= 200


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("conv2d", "d * (k - 1) + 1", "d * k"),
        ("conv2d", "a.out > 0", "a.out >= 0"),
        ("conv2d", 'key = s.padding === "same" && a.stride > 1 ?', 'key = s.padding === "none" ?'),
        ("conv2d", '"in_channels", "out_channels"]', '"in_channels"]'),
        ("conv_transpose2d", "span + s.output_padding[i]", "span"),
        ("conv_transpose2d", "Math.max(a.stride, a.d)", "a.stride"),
        ("max_pool2d", "padding > half", "padding > a.k"),
        ("max_pool2d", ">= n + before) out--", "> n + before) out--"),
        ("avg_pool2d", "stride - 1 : 0", "stride : 0"),
        ("avg_pool2d", "value < low", "value < low - 1"),
    ],
)
def test_a_wrong_rule_is_reported(kind, old, new):
    assert differences(kind, engine(old, new), 400)[0]


@each
def test_every_refusal_has_its_sentence_in_both_languages(kind):
    """Every key that a random setting meets is a word of the locale, and its braces are filled."""
    run, met = engine(), set()
    every = [*settings(kind, 2, 600, 0.3), *({**s, "H": 2.5} for s in settings(kind, 3, 1))]
    for reason in run(f"{json.dumps(every)}.map((s) => truecurve.window.refusal('{kind}', s)).filter(Boolean)"):
        for language in ("zh", "en"):
            sentence = words(language).window.say[reason["key"]].format(**reason)
            assert "None" not in sentence
        met.add(reason["key"])
    expected = {
        "conv2d": {"groups", "same", "small"},
        "conv_transpose2d": {"groups", "output_padding", "cropped"},
        "max_pool2d": {"half", "small", "small_ceil"},
        "avg_pool2d": {"half", "small", "small_ceil"},
    }
    assert met == expected[kind] | {"whole", "low"}


@pytest.mark.parametrize("kind", KINDS[:2])
def test_parameters_and_multiply_adds(kind):
    """Of the module with its bias; PyTorch counts a multiply-add as 2 operations."""
    run, checked = engine(), 0
    for s in settings(kind, 4, 120, 0):
        if shape_by_torch(kind, s) is None:
            continue
        layer = module(kind, s)
        with FlopCounterMode(display=False) as counter:
            layer(torch.zeros(1, s["in_channels"], s["H"], s["W"], dtype=torch.float64))
        cost = run(f"truecurve.window.cost('{kind}', {json.dumps(s)})")
        assert cost["weight"] == list(layer.weight.shape)
        assert cost["parameters"] == sum(learned.numel() for learned in layer.parameters())
        assert 2 * cost["work"] == counter.get_total_flops(), s
        checked += 1
    assert checked > 50


def wrong_numbers(kind: str, run: Run, count: int = DRAWN) -> tuple[list[str], int]:
    """Drawn output cells that are not PyTorch's, of random settings that it takes, and how many were compared."""
    found, compared = [], 0
    for s in settings(kind, 5, 6 * count, 0):
        want, given = shape_by_torch(kind, s), json.dumps(s)
        if want is None or compared == count:
            continue
        compared += 1
        grid = "[...Array({}).keys()].map((i) => [...Array({}).keys()].map((j) => {}))"
        x = torch.tensor(run(grid.format(s["H"], s["W"], "truecurve.window.input(i, j)")), dtype=torch.float64)
        weight = torch.tensor(run(grid.format(*s["kernel_size"], "truecurve.window.kernel(i, j)")), dtype=torch.float64)
        cell = f"truecurve.window.cell('{kind}', s, a, i, j)"
        cells = run(f"((s, a) => {grid.format(*want, cell)})({given}, truecurve.window.axes('{kind}', {given}))")
        y = by_torch(kind, {**s, "groups": 1}, x[None, None], weight[None, None])
        places = None
        if kind == "max_pool2d":
            y, places = y
        for i, row in enumerate(y[0, 0].tolist()):
            for j, value in enumerate(row):
                mine = cells[i][j]
                if float(mine["value"]) != pytest.approx(value, rel=1e-14):
                    found.append(f"{s}: y[{i}, {j}] is {mine['value']}, PyTorch {value}")
                if places is not None and value != float("-inf"):
                    place = mine["best"]["i"] * s["W"] + mine["best"]["j"]
                    if place != int(places[0, 0, i, j]):
                        found.append(f"{s}: the maximum of y[{i}, {j}] is at {place}, PyTorch {places[0, 0, i, j]}")
    return found, compared


@each
def test_the_drawn_numbers_are_those_of_pytorch(kind):
    found, compared = wrong_numbers(kind, engine())
    assert not found, "\n".join(found[:5])
    assert compared == DRAWN


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("conv2d", "kernel(term.u, term.v)", "kernel(term.v, term.u)"),
        ("conv2d", "Math.floor(both / 2)", "Math.ceil(both / 2)"),
        ("conv_transpose2d", "o + a.before - u * a.d", "o + a.before - u"),
        ("max_pool2d", "terms.find(", "terms.findLast("),
        ("avg_pool2d", "i < h.n + h.after", "i < h.n"),
    ],
)
def test_wrong_numbers_are_reported(kind, old, new):
    assert wrong_numbers(kind, engine(old, new), 100)[0]


def test_stamps_add_up():
    """After n steps a transposed convolution holds what its first n input cells give; after all, the result."""
    run = engine()
    s = {"H": 3, "W": 2, "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": [1, 2], "groups": 1}
    s |= {"output_padding": [1, 0], "in_channels": 1, "out_channels": 1}
    numbers = "[...Array({}).keys()].map((i) => [...Array({}).keys()].map((j) => truecurve.window.{}(i, j)))"
    x = torch.tensor(run(numbers.format(3, 2, "input")), dtype=torch.float64)
    weight = torch.tensor(run(numbers.format(3, 2, "kernel")), dtype=torch.float64)[None, None]
    given = json.dumps(s)
    for steps in range(1, 7):
        first = torch.where(torch.arange(6).reshape(3, 2) < steps, x, 0)[None, None]
        for (i, j), value in [
            ((i, j), value)
            for i, row in enumerate(by_torch("conv_transpose2d", s, first, weight)[0, 0].tolist())
            for j, value in enumerate(row)
        ]:
            axes = f"truecurve.window.axes('conv_transpose2d', {given})"
            call = f"truecurve.window.cell('conv_transpose2d', {given}, {axes}, {i}, {j}, {steps})"
            assert run(call)["value"] == value


def test_windows_that_meet_only_padding_are_those_that_give_minus_infinity():
    run, met = engine(), {True: 0, False: 0}
    for s in settings("max_pool2d", 6, 1500, 0):
        if shape_by_torch("max_pool2d", s) is None:
            continue
        y, _ = by_torch("max_pool2d", s, torch.zeros(1, 1, s["H"], s["W"], dtype=torch.float64))
        lost = torch.isinf(y[0, 0])
        want = [int(lost.all(1).long().argmax()), int(lost.all(0).long().argmax())] if lost.any() else [-1, -1]
        given = json.dumps(s)
        empty = "truecurve.window.empty('max_pool2d', one)"
        mine = run(f"truecurve.window.axes('max_pool2d', {given}).map((one) => {empty})")
        assert (max(mine) >= 0) == bool(lost.any()), s
        for axis in (0, 1):
            if lost.all(1 - axis).any() and not lost.all(axis).all():
                assert mine[axis] == want[axis], s
        met[bool(lost.any())] += 1
    assert met[True] > 5 and met[False] > 500
