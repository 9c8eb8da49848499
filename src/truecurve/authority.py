"""What is true: formulas evaluated with mpmath until the digits no longer change, and points that reach every branch.

A fixed precision is not enough: `1 - tanh(x)**2` at x = 200 has no correct digit at 50. The precision doubles until two
levels agree to 50 digits; a 0 is never taken for agreement, only accepted where the branch taken is exactly 0.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from truecurve.entry import Elementwise
from truecurve.expression import Expression

DIGITS, LIMIT = 50, 6400
Params = Mapping[str, Any]


class Unresolved(ArithmeticError):
    """No agreement below 6,400 digits."""


def _converge(evaluate: Callable[[int], Any], vanishing: bool = False) -> Any:
    """With `vanishing`, a sequence that shrinks with the step at three levels is accepted as 0."""
    digits, previous, shrinking = 2 * DIGITS, None, 0
    while digits <= LIMIT:
        with mpmath.workdps(digits):
            current = evaluate(digits)
            if not mpmath.isfinite(current):
                return current
            if previous is not None:
                if current != 0 and abs(current - previous) <= abs(current) * mpmath.mpf(10) ** -DIGITS:
                    return current
                shrinks = (
                    abs(current) <= mpmath.mpf(10) ** -digits
                    and abs(current) <= abs(previous) * mpmath.mpf(10) ** -DIGITS
                )
                shrinking = shrinking + 1 if vanishing and shrinks else 0
                if shrinking == 2:
                    return mpmath.mpf(0)
            previous = current
        digits *= 2
    raise Unresolved


def exact(value: Any) -> Any:
    """A float, int, text or mpf as an mpf without rounding; other values unchanged."""
    value = int(value) if isinstance(value, np.integer) else value
    if isinstance(value, (float, int, np.floating)) and not isinstance(value, bool):
        with mpmath.workdps(400):
            return mpmath.mpf(float(value)) if not isinstance(value, int) else mpmath.mpf(value)
    return value


def _values(x: Any, params: Params, variable: str) -> dict[str, Any]:
    return {variable: exact(x), **{name: exact(value) for name, value in params.items()}}


def value(expression: Expression, x: Any, params: Params, variable: str = "x") -> Any:
    """The formula at `x`, correct to 50 digits (mpf). Raises Unresolved."""
    return _value(expression, _hashable(x), tuple(sorted(params.items())), variable)


def derivative(expression: Expression, x: Any, params: Params, order: int = 1, variable: str = "x") -> Any:
    """Derivative of the formula by central differences at rising precision, correct to about 50 digits (mpf).

    The step 10^-p shrinks as the precision 4p grows, so truncation (step^2) and cancellation both vanish; the branch
    must not change within the first step. Raises Unresolved.
    """
    return _derivative(expression, _hashable(x), tuple(sorted(params.items())), order, variable)


def _hashable(x: Any) -> Any:
    return float(x) if isinstance(x, np.floating) else x


@lru_cache(maxsize=200_000)
def _value(expression: Expression, x: Any, params: tuple[tuple[str, Any], ...], variable: str) -> Any:
    values = _values(x, dict(params), variable)
    with mpmath.workdps(2 * DIGITS):
        if not mpmath.isfinite(values[variable]):
            return expression.mp(values)
        if expression.rational_at(values) == 0:
            return mpmath.mpf(0)
    return _converge(lambda digits: expression.mp(values))


@lru_cache(maxsize=200_000)
def _derivative(expression: Expression, x: Any, params: tuple[tuple[str, Any], ...], order: int, variable: str) -> Any:
    values = _values(x, dict(params), variable)
    degree = expression.degree_at(values, variable)
    if degree is not None and degree < order:
        return mpmath.mpf(0)
    weights = {1: {1: mpmath.mpf(1) / 2, -1: -mpmath.mpf(1) / 2}, 2: {1: 1, 0: -2, -1: 1}}[order]

    def differences(digits: int) -> Any:
        with mpmath.workdps(4 * digits):
            step = mpmath.mpf(10) ** -digits
            terms = [w * expression.mp({**values, variable: values[variable] + k * step}) for k, w in weights.items()]
            return mpmath.fsum(terms) / step**order

    # At |x| <= 8 no slope is so small that shrinking with the step for three levels could be anything but 0; in the
    # tails, where it could, a true 0 is known from the degree.
    return _converge(differences, vanishing=abs(values[variable]) <= 8)


def settings(entry: Any) -> list[dict[str, Any]]:
    """Every combination of parameter samples (and choices) that lies in the declared domains, defaults first.

    Flags keep their default: a function that is random in training is checked there by its own tests.
    """
    names, options = [], []
    for name, parameter in entry.parameters.items():
        if parameter.type == "real":
            values = [float(sample.mp({})) for sample in parameter.samples]
            if parameter.value is not None:
                values.insert(0, parameter.value)
            options.append(list(dict.fromkeys(values)))
        elif parameter.type == "choice":
            options.append(list(parameter.choices))
        elif parameter.type == "flag":
            options.append([parameter.value])
        else:
            continue  # the options of layers are tested against PyTorch
        names.append(name)
    found = []
    for combination in itertools.product(*options):
        params = dict(zip(names, combination, strict=True))
        try:
            for name in names:
                entry.parameters[name].admit(name, params[name], params)
        except ValueError:
            continue
        found.append(params)
    return found


def formula(by_choice: Mapping[str, Expression], params: Params) -> Expression:
    """The formula that the entry's choice parameter selects."""
    if "" in by_choice:
        return by_choice[""]
    return next(by_choice[value] for value in params.values() if isinstance(value, str) and value in by_choice)


def kinks(entry: Elementwise, params: Params) -> list[float]:
    """Where branches meet at these parameters, ascending: the declared kinks and those of the implementation."""
    found = {float(kink.at.mp(params)) for kink in entry.kinks}
    if entry.implementation:
        found |= {float(boundary) for boundary in implementation_boundaries(entry, params)}
    return sorted(found)


def implementation_boundaries(entry: Elementwise, params: Params) -> Iterator[float]:
    """Where the implementation leaves the definition: found by bisection, since its condition may hold any formula."""
    assert entry.implementation
    conditions = [node for node in entry.implementation.definition.root.walk() if node.kind == "compare"]
    grid = np.concatenate([-np.geomspace(1e-4, 1e6, 200)[::-1], [0.0], np.geomspace(1e-4, 1e6, 200)])
    for node in conditions:
        holds = Expression("", node)
        truth = [bool(holds.mp({**params, "x": float(x)})) for x in grid]
        for low, high, before, after in zip(grid, grid[1:], truth, truth[1:], strict=False):
            if before != after:
                a, b = float(low), float(high)
                while (middle := (a + b) / 2) not in (a, b):
                    a, b = (middle, b) if bool(holds.mp({**params, "x": middle})) == before else (a, middle)
                yield a


def points(entry: Elementwise, params: Params, count: int = 120) -> list[float]:
    """About `count` float64 points: 0, tails to ±700, both sides of every kink from one ulp on, seeded uniform ones."""
    random = np.random.default_rng(20_240_229)
    tails = np.geomspace(1e-8, 700, count // 4)
    found = [0.0, *tails, *-tails, *random.uniform(-8, 8, count // 2)]
    for kink in kinks(entry, params):
        # One ulp, but never so near 0 that the first step of a difference quotient (1e-100) crosses the kink.
        nearest = max(float(np.spacing(abs(kink))), 1e-60)
        found += [kink, kink + nearest, kink - nearest]
        found += [kink + offset for step in (1e-6, 1e-2, 0.5) for offset in (step, -step)]
    return sorted({float(x) for x in found})
