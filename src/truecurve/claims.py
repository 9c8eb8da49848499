"""Proofs of the facts table: one checker for each kind of claim of an elementwise function.

A checker reports what does not hold, with the x that shows it; `proofs.py` runs them at every parameter setting.
"""

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import mpmath

from truecurve import authority, facts
from truecurve.authority import Params
from truecurve.entry import Elementwise
from truecurve.fields import Interval

TOLERANCE = mpmath.mpf(10) ** -30
"""Relative; a difference quotient has converged to 50 digits, so 30 leave room for its last steps."""
STRICT_WITHIN = 12.0
"""|x| below which a strict inequality must be visible in 50 digits: e^(-x^2/2) is 5e-32 there."""

Report = Callable[..., None]


def text_of(value: Any) -> str:
    return mpmath.nstr(value, 8) if isinstance(value, mpmath.mpf) else str(value)


def at_params(params: Params) -> str:
    return "".join(
        f", {name} = {value:g}" if isinstance(value, float) else f", {name} = {value}" for name, value in params.items()
    )


def different(got: Any, want: Any) -> bool:
    if not (mpmath.isfinite(got) and mpmath.isfinite(want)):
        return bool(got != want)
    return bool(abs(got - want) > TOLERANCE * max(abs(got), abs(want)))


def smooth_points(entry: Elementwise, params: Params) -> list[float]:
    """Points away from kinks; |x| <= 40, since e^(-x^2/2) is 1e-347 there and a difference quotient must resolve it."""
    kinks = set(authority.kinks(entry, params))
    return [x for x in authority.points(entry, params, 60) if x not in kinks and abs(x) <= 40]


# --- one checker per kind of claim -----------------------------------------------------------------------------------


def _samples(entry: Elementwise, params: Params) -> list[tuple[float, Any]]:
    return [(x, facts.f(entry, x, params)) for x in authority.points(entry, params, 60)]


def _range(entry: Elementwise, params: Params, report: Report) -> None:
    """Every sample lies in a piece; every closed end is attained, every open one approached but never met."""
    if facts.case_at(entry.claims.range, params) is None:
        report(("claims", "range"), f"no case fits{at_params(params)}", "add one without when")
        return
    try:
        pieces = facts.range_pieces(entry, params)
    except (ValueError, KeyError) as error:
        what = f"an end cannot be computed{at_params(params)} ({error})"
        report(("claims", "range"), what, "claim the minimum or maximum it names")
        return
    samples = _samples(entry, params)
    met = [value for x, value in samples if abs(x) <= STRICT_WITHIN] + _extreme_values(entry, params)
    reached = [
        *(value for _, value in samples),
        *(facts.f(entry, sign * x, params) for x in facts.FAR for sign in (1, -1)),
    ]
    reached += [side for kink in facts.kink_points(entry, params) for side in facts.sides(entry, kink, params, 0)]
    for x, value in samples:
        if not any(_inside(value, piece, abs(x) <= STRICT_WITHIN) for piece in pieces):
            what = f"f({x:g}) = {text_of(value)} lies outside{at_params(params)}"
            report(("claims", "range"), what, "correct the interval")
            return
    for interval, low, high in pieces:
        for end, open_, sign in ((low, interval.low_open, -1), (high, interval.high_open, 1)):
            if mpmath.isinf(end):
                holds = max(sign * value for value in reached) > 100
            elif open_:
                holds = any(abs(value - end) <= 1e-6 * max(1, abs(end)) for value in reached)
            else:
                holds = any(_close(value, end) for value in met)
            if not holds:
                what = f"{text_of(end)} is not {'approached' if open_ else 'attained'}{at_params(params)}"
                report(("claims", "range"), what, "correct the interval")
                return


def _inside(value: Any, piece: tuple[Interval, Any, Any], strict: bool) -> bool:
    interval, low, high = piece
    if low < value < high:
        return True
    if _close(value, low):
        return not (strict and interval.low_open)
    return _close(value, high) and not (strict and interval.high_open)


def _close(value: Any, end: Any) -> bool:
    return bool(mpmath.isfinite(end) and abs(value - end) <= TOLERANCE * max(1, abs(end)))


def _extreme_values(entry: Elementwise, params: Params) -> list[Any]:
    found = []
    for cases in (entry.claims.minimum, entry.claims.maximum):
        claim = facts.case_at(cases, params)
        with contextlib.suppress(ValueError):  # a wrong bracket is _extrema's to report
            found += [facts.extremum(entry, claim, params)[1]] if claim is not None else []
    return found


def _monotonic(entry: Elementwise, params: Params, report: Report) -> None:
    claim = facts.case_at(entry.claims.monotonic, params)
    samples = _samples(entry, params)
    rises = falls = flat = None
    for (x, value), (y, following) in itertools.pairwise(samples):
        step = following - value
        if abs(step) <= mpmath.mpf(10) ** -45 * max(abs(value), abs(following)):
            if max(abs(x), abs(y)) <= STRICT_WITHIN and y - x > 1e-9:
                flat = flat or (x, y)
        elif step > 0:
            rises = rises or (x, y)
        else:
            falls = falls or (x, y)
    truth = "none" if rises and falls else "increasing" if rises else "decreasing"
    if flat and truth != "none":
        truth = "nondecreasing" if rises else "nonincreasing"
    if claim != truth:
        witness = {
            "increasing": falls or flat,
            "decreasing": rises or flat,
            "nondecreasing": falls,
            "nonincreasing": rises,
        }.get(str(claim))
        where = f", see x = {witness[0]:g} and {witness[1]:g}" if witness else ""
        report(("claims", "monotonic"), f"{claim} does not hold{at_params(params)}{where}", f"it is {truth}")


def _smooth(entry: Elementwise, params: Params, report: Report) -> None:
    claim, truth = facts.case_at(entry.claims.smooth, params), facts.smoothness(entry, params)
    if claim != truth:
        report(("claims", "smooth"), f"{claim} does not hold{at_params(params)}", f"it is {truth}")


def _symmetry(entry: Elementwise, params: Params, report: Report) -> None:
    claim = facts.case_at(entry.claims.symmetry, params)
    jumps = set(facts.kink_points(entry, params))
    pairs = [
        (x, facts.f(entry, x, params), facts.f(entry, -x, params))
        for x in smooth_points(entry, params)
        if x and x not in jumps and -x not in jumps
    ]
    odd = not any(different(value, -mirrored) for _, value, mirrored in pairs)
    even = not any(different(value, mirrored) for _, value, mirrored in pairs)
    truth = "odd" if odd else "even" if even else "none"
    if claim != truth:
        report(("claims", "symmetry"), f"{claim} does not hold{at_params(params)}", f"it is {truth}")


def _zero_centered(entry: Elementwise, params: Params, report: Report) -> None:
    claim, mean = facts.case_at(entry.claims.zero_centered, params), facts.normal_moment(entry, params, 1)
    if claim != (abs(mean) < 1e-12):
        report(
            ("claims", "zero_centered"),
            f"E f(Z) = {mean:.6g} for Z ~ N(0, 1){at_params(params)}",
            f"write {str(not claim).lower()}",
        )


def _saturates(entry: Elementwise, params: Params, report: Report) -> None:
    found = []
    for name, sign in (("left", -1), ("right", 1)):
        near, far = (facts.f(entry, sign * x, params) for x in facts.FAR)
        if abs(facts.df(entry, sign * facts.FAR[0], params)) < 1e-6 and abs(far - near) < 1e-6 * max(1, abs(near)):
            found.append(name)
    truth = "both" if len(found) == 2 else found[0] if found else "none"
    claim = facts.case_at(entry.claims.saturates, params)
    if claim != truth:
        report(("claims", "saturates"), f"{claim} does not hold{at_params(params)}", f"it is {truth}")


def _limits(entry: Elementwise, params: Params, report: Report) -> None:
    values_ = {name: authority.exact(value) for name, value in params.items()}
    for side, sign in (("-inf", -1), ("+inf", 1)):
        claim = facts.case_at(entry.claims.limits.get(side), params)  # type: ignore[call-overload]
        if claim is None:
            report(("claims", "limits"), f"no limit at {side}{at_params(params)}", f'add "{side}":')
            continue
        limit = claim.mp(values_)
        near, far = (facts.f(entry, sign * x, params) for x in facts.FAR)
        if mpmath.isinf(limit):
            holds = (far > near > 0) if limit > 0 else (far < near < 0)
        else:
            holds = abs(far - limit) <= abs(near - limit) <= mpmath.mpf("1e-10") * max(1, abs(limit))
        if not holds:
            report(
                ("claims", "limits", side),
                f"f({'-' if sign < 0 else ''}1e30) = {text_of(far)}, not {text_of(limit)}{at_params(params)}",
                "correct the limit",
            )


def _asymptotes(entry: Elementwise, params: Params, report: Report) -> None:
    for side, cases in entry.claims.asymptotes.items():
        line = facts.case_at(cases, params)
        if line is None:
            continue
        gaps = []
        for x in facts.FAR:
            at = x if side == "+inf" else -x
            with mpmath.workdps(200):
                gaps.append(
                    abs(
                        facts.f(entry, at, params)
                        - line.mp({**{n: authority.exact(v) for n, v in params.items()}, "x": at})
                    )
                )
        if not gaps[1] <= gaps[0] <= 1e-10:
            report(
                ("claims", "asymptotes", side),
                f"the distance at |x| = 1e15 is {text_of(gaps[0])}{at_params(params)}",
                "correct the line",
            )


def _lipschitz(entry: Elementwise, params: Params, report: Report) -> None:
    cases = entry.claims.lipschitz
    jumps = facts.smoothness(entry, params) == "discontinuous"
    claim = facts.case_at(cases, params)
    if jumps or claim is None:
        if not jumps:
            report(
                ("claims", "lipschitz"),
                f"missing{at_params(params)}",
                "state the constant, or maximum to have it computed",
            )
        elif claim is not None:
            report(
                ("claims", "lipschitz"),
                f"a function that jumps has no Lipschitz constant{at_params(params)}",
                "limit it with when",
            )
        return
    if "maximum" in claim.names:
        return
    best, at = facts.steepest(entry, params)
    stated = claim.mp({name: authority.exact(value) for name, value in params.items()})
    if abs(best - stated) > mpmath.mpf("1e-9") * max(1, stated):
        report(
            ("claims", "lipschitz"),
            f"sup |f'| = {text_of(best)} near x = {text_of(mpmath.mpf(at))}{at_params(params)}, not {text_of(stated)}",
            "correct it",
        )


def _extrema(entry: Elementwise, params: Params, report: Report) -> None:
    for name, cases, sign in (("minimum", entry.claims.minimum, 1), ("maximum", entry.claims.maximum, -1)):
        claim = facts.case_at(cases, params)
        if claim is None:
            continue
        try:
            at, best = facts.extremum(entry, claim, params)
        except ValueError as error:
            report(("claims", name), f"{error}{at_params(params)}", "correct the bracket")
            continue
        for x, value in _samples(entry, params):
            if sign * (best - value) > TOLERANCE * max(1, abs(best)):
                report(
                    ("claims", name),
                    f"f({x:g}) = {text_of(value)} beats f({text_of(at)}) = {text_of(best)}{at_params(params)}",
                    "correct it",
                )
                break


CHECKERS = (
    _range, _monotonic, _smooth, _symmetry, _zero_centered, _saturates, _limits, _asymptotes, _lipschitz, _extrema,
)  # fmt: skip
