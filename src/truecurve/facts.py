"""Numbers about an elementwise function, computed from its formulas: extrema, slopes, smoothness, Gaussian mean."""

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import mpmath
import numpy as np

from truecurve import authority
from truecurve.authority import Params
from truecurve.entry import Elementwise, Entry
from truecurve.expression import Expression
from truecurve.fields import Case, Extremum, Interval

T = TypeVar("T")
FAR = (mpmath.mpf(10) ** 15, mpmath.mpf(10) ** 30)
NEAR = mpmath.mpf(10) ** -40


@dataclass(frozen=True)
class Fact:
    """One line of the facts table: a vocabulary `word`, a closed form `latex`, a `number` at the parameters of the
    figure, `at` which x, and `when` (LaTeX) it holds."""

    key: str
    word: str | None = None
    latex: str | None = None
    number: float | None = None
    at: float | None = None
    when: str | None = None


def shown_parameters(entry: Elementwise) -> dict[str, Any]:
    """The parameters of the figure: those of `plot.parameters`, else PyTorch's defaults."""
    return entry.defaults() | {name: float(value.mp({})) for name, value in entry.plot.parameters.items()}


def case_at(cases: list[Case[T]] | None, params: Params) -> T | None:
    """The value of the first case whose condition holds at these parameters."""
    for case in cases or []:
        if case.when is None or case.when.mp({name: authority.exact(value) for name, value in params.items()}):
            return case.value
    return None


def f(entry: Elementwise, x: Any, params: Params) -> Any:
    """The definition at x (mpf)."""
    return authority.value(authority.formula(entry.resolvable(0), params), x, params)


def df(entry: Elementwise, x: Any, params: Params) -> Any:
    """The stated derivative at x (mpf); at a kink PyTorch's value."""
    for kink in entry.kinks:
        at = authority.value(kink.at, mpmath.mpf(0), params)
        if authority.exact(x) == at:
            return authority.value(kink.derivative, x, params)
    return authority.value(authority.formula(entry.resolvable(1), params), x, params)


def d2f(entry: Elementwise, x: Any, params: Params) -> Any:
    """The stated second derivative at x (mpf)."""
    return authority.value(authority.formula(entry.resolvable(2), params), x, params)


def kink_points(entry: Elementwise, params: Params) -> list[Any]:
    """The declared kinks of the definition (mpf), ascending."""
    return sorted({authority.value(kink.at, mpmath.mpf(0), params) for kink in entry.kinks})


def sides(entry: Elementwise, kink: Any, params: Params, order: int) -> tuple[Any, Any]:
    """Limits of f (order 0), f' (1) or f'' (2) from the left and the right of a kink, to about 38 digits."""
    function = (f, df, d2f)[order]
    with mpmath.workdps(400):
        return function(entry, kink - NEAR, params), function(entry, kink + NEAR, params)


def smoothness(entry: Elementwise, params: Params) -> str:
    """discontinuous, C0, C1, C2 or Cinf: the first derivative that jumps at a kink decides."""
    worst = 4
    for kink in kink_points(entry, params):
        for order in range(3):
            left, right = sides(entry, kink, params, order)
            if abs(left - right) > 1e-30 * max(1, abs(left)):
                worst = min(worst, order)
                break
        else:
            worst = min(worst, 3 if _third_jumps(entry, kink, params) else 4)
    return ("discontinuous", "C0", "C1", "C2", "Cinf")[worst]


def _third_jumps(entry: Elementwise, kink: Any, params: Params) -> bool:
    with mpmath.workdps(400):
        step = mpmath.mpf(10) ** -20
        d = [d2f(entry, kink + k * step, params) for k in (-2, -1, 1, 2)]
        return bool(abs((d[1] - d[0]) - (d[3] - d[2])) > step * mpmath.mpf(10) ** -10)


def extremum(entry: Elementwise, claim: Extremum, params: Params) -> tuple[Any, Any]:
    """(x, f(x)) of a minimum or maximum: at its stated place, or where the derivative changes sign in the bracket.

    Raises ValueError if the derivative does not change sign there.
    """
    if claim.at is not None:
        at = authority.value(claim.at, mpmath.mpf(0), params)
        return at, f(entry, at, params)
    assert claim.between
    low, high = (authority.value(end, mpmath.mpf(0), params) for end in claim.between)
    at = _sign_change(lambda x: df(entry, x, params), low, high)
    return at, f(entry, at, params)


def _sign_change(function: Any, low: Any, high: Any) -> Any:
    with mpmath.workdps(authority.DIGITS):
        rising = function(high) > 0
        if (function(low) > 0) == rising:
            raise ValueError(f"the derivative has the same sign at {mpmath.nstr(low, 6)} and {mpmath.nstr(high, 6)}")
        for _ in range(4):
            middle = (low + high) / 2
            low, high = (low, middle) if (function(middle) > 0) == rising else (middle, high)
        # Illinois false position: superlinear, and the bracket never opens.
        f_low, f_high, side = function(low), function(high), 0
        for _ in range(200):
            if abs(high - low) <= mpmath.mpf(10) ** -40 or f_low == 0 or f_high == 0:
                break
            middle = (low * f_high - high * f_low) / (f_high - f_low)
            value = function(middle)
            if value == 0:
                return middle
            if (value > 0) == rising:
                high, f_high, f_low, side = middle, value, f_low / 2 if side == 1 else f_low, 1
            else:
                low, f_low, f_high, side = middle, value, f_high / 2 if side == -1 else f_high, -1
            if abs(value) < mpmath.mpf(10) ** -45:
                return middle
        return low if f_low == 0 or abs(f_low) < abs(f_high) else high


@lru_cache(maxsize=500)
def _steepest(entry: Elementwise, params: tuple[tuple[str, Any], ...]) -> tuple[Any, Any]:
    settings = dict(params)
    best, at = mpmath.mpf(-1), None
    spots = (
        [x for x in authority.points(entry, settings) if abs(x) <= 40]
        + [float(x) for x in FAR]
        + [-float(x) for x in FAR]
    )
    edges = [kink + sign * NEAR for kink in kink_points(entry, settings) for sign in (-1, 1)]
    with mpmath.workdps(400):
        for x in [*sorted(spots), *edges]:
            slope = abs(df(entry, x, settings))
            if slope > best * (1 + mpmath.mpf(10) ** -30):
                best, at = slope, x
    inside = sorted(x for x in spots if abs(x) <= 40)
    if at in inside:
        index = inside.index(at)
        low, high = inside[max(index - 1, 0)], inside[min(index + 1, len(inside) - 1)]
        try:
            at = _sign_change(lambda x: d2f(entry, x, settings), mpmath.mpf(low), mpmath.mpf(high))
            best = max(best, abs(df(entry, at, settings)))
        except ValueError:
            pass
    return best, at


def steepest(entry: Elementwise, params: Params) -> tuple[Any, Any]:
    """(sup |f'|, x): x is where the largest slope lies or is approached."""
    return _steepest(entry, tuple(sorted(params.items())))


def normal_moment(entry: Elementwise, params: Params, power: int) -> float:
    """E[f(Z)^power] for Z ~ N(0, 1): 64-point Gauss-Legendre on panels of [-12, 12] split at the kinks, in float64.

    The tail beyond 12 weighs less than 4e-33. What is 0 by symmetry comes out as 0, without the rounding of the sum.
    """
    return _normal_moment(entry, tuple(sorted(params.items())), power)


@lru_cache(maxsize=500)
def _normal_moment(entry: Elementwise, settings: tuple[tuple[str, Any], ...], power: int) -> float:
    params = dict(settings)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    edges = sorted({*np.arange(-12.0, 12.5, 1.0), *(k for k in authority.kinks(entry, params) if abs(k) < 12)})
    total = 0.0
    for low, high in itertools.pairwise(edges):
        x = (high + low) / 2 + (high - low) / 2 * nodes
        density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        total += float(np.sum(weights * density * entry.forward(x, **params) ** power) * (high - low) / 2)
    return total if abs(total) > 1e-14 else 0.0


def range_pieces(entry: Elementwise, params: Params) -> list[tuple[Interval, Any, Any]]:
    """The claimed range at these parameters: each piece with both ends as mpf, extrema computed."""
    values = {name: authority.exact(value) for name, value in params.items()}
    pieces = case_at(entry.claims.range, params) or ()
    used = frozenset().union(*(piece.low.names | piece.high.names for piece in pieces))
    for word, cases in (("minimum", entry.claims.minimum), ("maximum", entry.claims.maximum)):
        claim = case_at(cases, params)
        if claim is not None and word in used:
            values[word] = extremum(entry, claim, params)[1]
    return [(piece, piece.low.mp(values), piece.high.mp(values)) for piece in pieces]


def _float(value: Any) -> float:
    return float(mpmath.mpf(value))


def facts(entry: Entry) -> list[Fact]:
    """The facts table of an elementwise entry at the parameters of its figure; [] for the other kinds."""
    if not isinstance(entry, Elementwise):
        return []
    params, claims = shown_parameters(entry), entry.claims
    found = [Fact("domain", latex=r"(-\infty,\ +\infty)")]
    for case in claims.range:
        here = case_at(claims.range, params) is case.value
        found.append(
            Fact("range", latex=_range_latex(entry, case.value, params if here else None), when=_condition(case))
        )
    for key in ("monotonic", "smooth", "symmetry", "saturates"):
        found += [Fact(key, word=str(case.value), when=_condition(case)) for case in getattr(claims, key)]
    mean = normal_moment(entry, params, 1)
    for centred in claims.zero_centered:
        word = "yes" if centred.value else "no"
        found.append(Fact("zero_centered", word=word, number=0.0 if centred.value else mean, when=_condition(centred)))
    found.append(Fact("value_at_0", number=_float(f(entry, 0.0, params))))
    found.append(Fact("slope_at_0", number=_float(df(entry, 0.0, params))))
    for key, cases in (("minimum", claims.minimum), ("maximum", claims.maximum)):
        claim = case_at(cases, params)
        if claim is not None:
            at, best = extremum(entry, claim, params)
            found.append(Fact(key, number=_float(best), at=_float(at)))
    found += _formulas("limit_left", claims.limits.get("-inf", []), params)
    found += _formulas("limit_right", claims.limits.get("+inf", []), params)
    for key, lines in (
        ("asymptote_left", claims.asymptotes.get("-inf")),
        ("asymptote_right", claims.asymptotes.get("+inf")),
    ):
        found += [Fact(key, latex=f"y = {line.value.latex()}", when=_condition(line)) for line in lines or []]
    if claims.lipschitz and smoothness(entry, params) != "discontinuous":
        holding = case_at(claims.lipschitz, params)
        for constant in claims.lipschitz:
            latex = None if "maximum" in constant.value.names else constant.value.latex()
            number = _float(steepest(entry, params)[0]) if constant.value is holding else None
            found.append(Fact("lipschitz", latex=latex, number=number, when=_condition(constant)))
    best, at = steepest(entry, params)
    # Far out the largest slope is only approached; beside a kink it is the limit from one side, shown at the kink.
    near = [kink for kink in kink_points(entry, params) if abs(at - kink) < 1e-9]
    place = _float(near[0] if near else at) if abs(at) < 40 else None
    found.append(Fact("max_slope", number=_float(best), at=place))
    found.append(Fact("mean_normal", number=mean))
    return found


def _condition(case: Case[Any]) -> str | None:
    return case.when.latex() if case.when else None


def _formulas(key: str, cases: list[Case[Expression]], params: Params) -> list[Fact]:
    values = {name: authority.exact(value) for name, value in params.items()}
    made = []
    here = case_at(cases, params)
    for case in cases:
        latex = case.value.latex()
        number = _float(case.value.mp(values)) if case.value is here and not case.value.names - set(values) else None
        if case.value.text.strip() in ("inf", "+inf", "-inf"):
            latex = ("-" if "-" in case.value.text else "+") + r"\infty"
        made.append(Fact(key, latex=latex, number=number, when=_condition(case)))
    return made


def _range_latex(entry: Elementwise, pieces: tuple[Interval, ...], params: Params | None) -> str:
    """Symbolic ends; minimum and maximum as numbers where the parameters are known; [a, a] as {a}."""
    ends = range_pieces(entry, params) if params is not None else [(piece, None, None) for piece in pieces]
    made = []
    for piece, low, high in ends:
        left, right = _end_latex(piece.low, low), _end_latex(piece.high, high)
        if left == right:
            made.append(rf"\{{{left}\}}")
        else:
            made.append(f"{'(' if piece.low_open else '['}{left},\\ {right}{')' if piece.high_open else ']'}")
    return r" \cup ".join(made)


def _end_latex(expression: Expression, value: Any) -> str:
    if {"minimum", "maximum"} & expression.names and value is not None:
        return str(mpmath.nstr(value, 4, strip_zeros=False))
    latex = expression.latex()
    return "+" + latex if latex == r"\infty" else latex
