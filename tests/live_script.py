"""Row 6: the JavaScript of the live figures, run in V8 or through a page of the site, against the NumPy code."""

import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from py_mini_racer import MiniRacer

import ladder
from ladder import Measurement
from truecurve import authority, scalar_figures, widget
from truecurve.entry import Elementwise, Entry, Gated, Vector

WEB = Path(widget.__file__).parent / "web"
UNITS, FLOOR = 32, 1e-300
"""Allowed are 32·eps·(|f| + |x·f'|), as in rows 2 and 3 but for one more rounding on either side; below 1e-300 doubles
have few bits left. Anything above counts: the read-out of GELU(-9) must not be 0."""
EPS = float(np.finfo(float).eps)

Run = Callable[[str], Any]
"""Evaluates a JavaScript expression that gives JSON."""


def engine(*entries: Entry, script: Callable[[Entry], str] = widget.script) -> Run:
    """V8 with the special functions and the scripts of these entries."""
    context = MiniRacer()
    context.eval("document = { querySelectorAll: () => [] }")
    for name in ("special.js", "vector.js"):
        context.eval((WEB / name).read_text(encoding="utf-8"))
    for entry in entries:
        context.eval(script(entry))
    return lambda code: json.loads(context.eval(f"JSON.stringify({code})"))


def _numbers(values: Any) -> list[float]:
    return [math.nan if value is None else value for value in values]


def against_numpy(entry: Entry, run: Run, count: int = 80) -> Measurement:
    """f, f' and f'' (of a vector function outputs and Jacobian) on a grid at every corner of the sliders."""
    made = Measurement()
    match entry:
        case Elementwise():
            _elementwise(entry, run, count, made)
        case Gated():
            _gated(entry, run, count, made)
        case Vector():
            _vector(entry, run, made)
    return made


def corners(entry: Entry) -> list[dict[str, Any]]:
    """The parameters of the figure, and every combination of slider ends, samples on the sliders and choices."""
    options: dict[str, list[Any]] = {}
    for name, parameter in entry.parameters.items():
        if parameter.choices:
            options[name] = list(parameter.choices)
        elif parameter.slider:
            low, high = parameter.slider
            samples = [float(sample.mp({})) for sample in parameter.samples]
            options[name] = sorted({low, high, *(value for value in samples if low <= value <= high)})
    found = [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]
    shown = scalar_figures.settings(entry) if isinstance(entry, Elementwise) else {}
    return [{**shown, **given} for given in ({}, *found)]


def _elementwise(entry: Elementwise, run: Run, count: int, made: Measurement) -> None:
    functions = (entry.forward, entry.derivative, entry.second_derivative)
    for params in corners(entry):
        kinks = set(authority.kinks(entry, params)) | set(scalar_figures.breakpoints(entry, params))
        xs = sorted({*authority.points(entry, params, count), *np.arange(-8, 8.25, 0.25).tolist(), *kinks})
        for order, function in enumerate(functions):
            call = f"truecurve.functions.{entry.id}.f[{order}](x, {json.dumps(params)})"
            got = _numbers(run(f"{json.dumps(xs)}.map(x => {call})"))
            with np.errstate(under="ignore"):
                want = function(np.array(xs), **params).tolist()
                slopes = functions[order + 1](np.array(xs), **params).tolist() if order < 2 else [0.0] * len(xs)
            for x, mine, theirs, slope in zip(xs, got, want, slopes, strict=True):
                if order == 2 and x in kinks:
                    continue
                allowed = UNITS * EPS * (abs(theirs) + abs(x * slope)) + FLOOR
                if order == 2 and not abs(mine - theirs) <= allowed and x:
                    allowed += UNITS * EPS * abs(x * float(ladder.slope(entry, 2, x, params)))
                made.add(abs(mine - theirs) / allowed if math.isfinite(mine) else math.inf, x, params, mine, theirs)


def _gated(entry: Gated, run: Run, count: int, made: Measurement) -> None:
    """Slices along both halves."""
    random = np.random.default_rng(20_240_229)
    points = np.concatenate(
        [random.uniform(-8, 8, (count, 2)), random.uniform(-700, 700, (count, 2)), np.eye(2), -np.eye(2)]
    )
    halves = np.concatenate([points[:, 0], points[:, 1]])
    values, partials = entry.forward(halves), entry.derivative(halves)
    for index, (a, b) in enumerate(points.tolist()):
        for along, x in (("a", a), ("b", b)):
            at = json.dumps({"along": along, "a": a, "b": b})
            got = _numbers(run(f"truecurve.functions.{entry.id}.f.map(f => f({x!r}, {at}))"))
            steps = [abs(a * partials[0][index]) + abs(b * partials[1][index]), max(abs(a), abs(b)) * 3]
            for order, theirs in enumerate((values[index], partials["ab".index(along)][index])):
                scale = steps[0] if order == 0 else abs(theirs) * steps[1]
                allowed = UNITS * EPS * (abs(theirs) + scale) + FLOOR
                made.add(abs(got[order] - theirs) / allowed, x, {"along": along, "a": a, "b": b}, got[order], theirs)


def _vector(entry: Vector, run: Run, made: Measurement) -> None:
    """An output is judged with the conditioning of its whole row, an element of the Jacobian with that of two."""
    random = np.random.default_rng(20_240_229)
    for inputs in (entry.plot.logits, *random.uniform(-20, 20, (60, 5)).tolist()):
        made_here = run(f"truecurve.components(truecurve.functions.{entry.id}, {json.dumps(inputs)})")
        outputs, jacobian = entry.at(np.array(inputs))
        for i, theirs in enumerate(outputs.tolist()):
            row = float(np.abs(jacobian[i] * inputs).sum())
            mine = made_here["outputs"][i]
            made.add(abs(mine - theirs) / (UNITS * EPS * (abs(theirs) + row) + FLOOR), i, {}, mine, theirs)
            for j, slope in enumerate(jacobian[i].tolist()):
                mine = made_here["jacobian"][i][j]
                allowed = UNITS * EPS * (abs(slope) + row + float(np.abs(jacobian[i]).max())) + FLOOR
                made.add(abs(mine - slope) / allowed, i, {}, mine, slope)
