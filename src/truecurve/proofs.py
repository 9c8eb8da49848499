"""Proofs of what an entry says: derivatives, forms, kinks, properties, relations; the facts table is `claims.py`.

Every Problem names x, what was got and what was wanted.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np

from truecurve import authority, facts, snippets, values
from truecurve.authority import Params, Unresolved
from truecurve.catalog import Catalog
from truecurve.claims import CHECKERS, TOLERANCE, Report, at_params, different, smooth_points, text_of
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.expression import Expression
from truecurve.layer import Layer
from truecurve.problem import Fault, Problem


def check(entry: Entry, catalog: Catalog) -> list[Problem]:
    """All that must be true of one entry beyond its form."""
    problems: list[Problem] = []

    def report(loc: tuple[Any, ...], what: str, fix: str) -> None:
        problem = entry._source.problem(loc, what, fix)
        # One message a field: the first parameter setting that refutes it is enough.
        if problem.field not in {known.field for known in problems}:
            problems.append(problem)

    try:
        # Arithmetic between results, even a sign, rounds to the working precision.
        with mpmath.workdps(authority.DIGITS + 10):
            if isinstance(entry, Elementwise):
                _kinks(entry, report)
                if not problems:
                    _formulas(entry, report)
                if not problems:
                    for params in authority.settings(entry):
                        for checker in CHECKERS:
                            checker(entry, params, report)
            elif isinstance(entry, Gated):
                _gated(entry, report)
            elif isinstance(entry, Vector):
                _components(entry, report)
            else:
                _gradients(entry, report)
            _sliders(entry, report)
            _properties(entry, catalog, report)
            _relations(entry, catalog, report)
    except Unresolved:
        report(("definition",), "no agreement below 6,400 digits", "give an equivalent form without cancellation")
    return problems


# --- formulas --------------------------------------------------------------------------------------------------------


def _formulas(entry: Elementwise, report: Report) -> None:
    """Derivative, second derivative, stable forms, forms and the implementation, each against the definition."""

    def agree(
        loc: tuple[Any, ...], xs: list[float], params: Params, formula: Expression, base: Expression, order: int = 0
    ) -> None:
        fault = _disagreement(xs, params, formula, base, order)
        if fault:
            report(loc, fault.what, fault.fix)

    for params in authority.settings(entry):
        definition = authority.formula(entry.resolvable(0), params)
        choice = next((value for value in params.values() if isinstance(value, str)), "")
        near = [x for x in smooth_points(entry, params) if abs(x) <= 8]
        for order, field in enumerate(("definition", "derivative", "second_derivative")):
            shown, stable = (authority.formula(form(order), params) for form in (entry.stated, entry.resolvable))
            if stable is not shown:
                # Far out the stated form has no digits left, which is why there is another.
                agree(("stable", *_field(field, choice, entry.resolvable(order))), near, params, stable, shown)
            if order:
                loc = _field(field, choice, entry.stated(order))
                agree(
                    loc, near if stable is not shown else smooth_points(entry, params), params, shown, definition, order
                )
                if stable is not shown:
                    agree(("stable", *loc), smooth_points(entry, params), params, stable, definition, order)
        if entry.implementation:
            own, xs = entry.implementation, smooth_points(entry, params)
            agree(("implementation", "derivative"), xs, params, own.derivative, own.definition, 1)
            agree(("implementation", "second_derivative"), xs, params, own.second_derivative, own.definition, 2)
        exact = {name: authority.exact(value) for name, value in params.items()}
        for index, form in enumerate(entry.forms):
            if form.choice in (None, choice) and (form.when is None or form.when.mp(exact)):
                # Equivalent forms may cancel where the definition does not.
                agree(("forms", index, "is"), near, params, form.formula, definition)


def _field(name: str, choice: str, by_choice: dict[str, Expression]) -> tuple[str, ...]:
    return (name, choice) if choice in by_choice and choice else (name,)


def _disagreement(xs: list[float], params: Params, formula: Expression, base: Expression, order: int) -> Fault | None:
    """The first x where `formula` is not the derivative of `base` of this order (0: not `base` itself)."""
    for x in xs:
        where = f"x = {x:g}{at_params(params)}"
        try:
            got = authority.value(formula, x, params)
            want = authority.derivative(base, x, params, order) if order else authority.value(base, x, params)
        except (ZeroDivisionError, ValueError) as error:
            return Fault(f"cannot be evaluated at {where} ({error})", "correct the formula")
        except Unresolved:
            return Fault(f"no agreement below 6,400 digits at {where}", "avoid cancellation")
        if different(got, want):
            # As many digits as it takes to see the difference.
            digits = next((d for d in (8, 16, 30) if mpmath.nstr(got, d) != mpmath.nstr(want, d)), 50)
            what = f"at {where} it gives {mpmath.nstr(got, digits)}, the definition {mpmath.nstr(want, digits)}"
            return Fault(what, "correct the formula")
    return None


def _kinks(entry: Elementwise, report: Report) -> None:
    """Every branch boundary is declared, jumps are called jumps, and every kink is one."""
    for params in authority.settings(entry):
        declared = facts.kink_points(entry, params)
        for boundary in authority.formula(entry.definition, params).boundaries():
            at = authority.value(boundary, mpmath.mpf(0), params)
            if at not in declared:
                report(("kinks",), f"branches meet at x = {text_of(at)}{at_params(params)}", "declare a kink there")
    for index, kink in enumerate(entry.kinks):
        jumps = set()
        for params in authority.settings(entry):
            at = authority.value(kink.at, mpmath.mpf(0), params)
            left, right = facts.sides(entry, at, params, 0)
            jumps.add(bool(abs(left - right) > TOLERANCE))
        if kink.jump not in jumps:
            said = "f is said to jump here but is continuous" if kink.jump else "f jumps here"
            report(
                ("kinks", index),
                said,
                f"write jump: {str(not kink.jump).lower()}",
            )


def _gated(entry: Gated, report: Report) -> None:
    """Both partial derivatives and the forms at 40 seeded points."""
    for a, b in np.random.default_rng(20_240_229).uniform(-6, 6, (40, 2)).tolist():
        point = {"a": a, "b": b}
        where = f"a = {a:g}, b = {b:g}"
        for name, partial in entry.derivatives.items():
            fixed = {other: value for other, value in point.items() if other != name}
            got = authority.value(partial, point[name], fixed, name)
            want = authority.derivative(entry.definition, point[name], fixed, 1, name)
            if different(got, want):
                what = f"at {where} it gives {text_of(got)}, the definition {text_of(want)}"
                report(("derivatives", name), what, "correct the formula")
        for index, form in enumerate(entry.forms):
            if different(
                authority.value(form.formula, a, {"b": b}, "a"), authority.value(entry.definition, a, {"b": b}, "a")
            ):
                report(("forms", index, "is"), f"differs from the definition at {where}", "correct the formula")


def components(entry: Vector, inputs: list[float]) -> tuple[Any, Any]:
    """Outputs and Jacobian for a vector of numbers as `components` states them, at the working precision."""
    stated, xs = entry.components, [mpmath.mpf(x) for x in inputs]
    shared = {"maximum": max(xs), "minimum": min(xs)}
    weights = [stated.weight.mp({**shared, "x": x}) for x in xs]
    shared |= {"total": mpmath.fsum(weights), "rest": mpmath.fsum(sorted(weights)[:-1])}
    outputs, rows = [], []
    for output, partial in zip(stated.outputs, stated.jacobian, strict=True):
        block = [output.mp({**shared, "x": x, "w": w}) for x, w in zip(xs, weights, strict=True)]
        outputs += block
        for i, (x, y) in enumerate(zip(xs, block, strict=True)):
            deltas = [int(i == j) for j in range(len(xs))]
            gaps = [delta - w / shared["total"] for delta, w in zip(deltas, weights, strict=True)]
            pairs = zip(deltas, gaps, strict=True)
            rows.append([partial.mp({"x": x, "y": y, "delta": delta, "gap": gap}) for delta, gap in pairs])
    return outputs, rows


def _components(entry: Vector, report: Report) -> None:
    """The formulas of outputs and Jacobian against the NumPy code, at the logits shown and 40 seeded vectors."""
    random = np.random.default_rng(20_240_229)
    for inputs in (entry.plot.logits, *random.uniform(-6, 6, (40, 5)).tolist()):
        for field, got, want in zip(
            ("outputs", "jacobian"), components(entry, inputs), entry.at(np.array(inputs)), strict=True
        ):
            if not np.allclose(np.array(got, dtype=float), want, rtol=1e-12, atol=1e-12):
                where = ", ".join(f"{x:g}" for x in inputs)
                report(("components", field), f"at ({where}) it differs from the NumPy code", "correct one of them")


def _gradients(entry: Layer, report: Report) -> None:
    """The example runs; its gradients are those stated, and agree with central differences of the example."""
    try:
        scope = example(entry)
        found = {name: np.asarray(value) for name, value in scope["gradients"].items()}
    except Exception as error:
        report(("example",), f"{type(error).__name__}: {error}", "correct the code")
        return
    if set(found) != set(entry.gradients):
        what = f"backward gives {', '.join(found) or 'nothing'}, here stand {', '.join(entry.gradients) or 'none'}"
        report(("gradients",), what, "state the gradient of every floating array of the example")
    for name, gradient in found.items():
        if name not in scope or np.shape(scope[name]) != gradient.shape:
            report(("example", "setup"), f"it makes no array {name} of the shape of its gradient", "name it so")
        elif not np.allclose(gradient, differences(entry, scope, name), rtol=1e-6, atol=1e-6):
            report(("example",), f"the gradient of {name} differs from central differences", "correct one of them")


def example(entry: Layer) -> dict[str, Any]:
    """The names that the example makes, after the NumPy file; `gradients` for an upstream gradient g of 1, 2, 3, ..."""
    scope: dict[str, Any] = {"np": np, **entry._functions[""].__globals__}
    exec(f"{entry.example.setup}\noutput = {entry.example.call}", scope)
    parts = arrays(scope["output"])
    upstream = [1 + np.arange(part.size, dtype=float).reshape(part.shape) for part in parts]
    scope["g"] = tuple(upstream) if entry.example.returns == "parts" else upstream[0]
    scope["gradients"] = eval(snippets.backward_call(entry), scope) if entry.gradients else {}
    return scope


def arrays(output: Any) -> list[Any]:
    """What a layer returns, as a list."""
    return [np.asarray(part) for part in (output if isinstance(output, tuple) else (output,))]


def differences(entry: Layer, scope: dict[str, Any], name: str, step: float = 1e-6) -> Any:
    """The gradient of sum(g * output) with respect to the array of this name, by central differences."""
    upstream = arrays(scope["g"])
    array = np.array(scope[name], dtype=float)
    made = np.zeros_like(array)

    def total() -> float:
        output = arrays(eval(entry.example.call, {**scope, name: array}))
        return float(sum((g * y).sum() for g, y in zip(upstream, output, strict=False)))

    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = total()
        array[index] = kept - step
        made[index] = (above - total()) / (2 * step)
        array[index] = kept
    return made


def _sliders(entry: Entry, report: Report) -> None:
    """The default lies on its slider, and every combination of slider ends in the domains."""
    ranges = {name: parameter.slider for name, parameter in entry.parameters.items() if parameter.slider}
    for name, (low, high) in ranges.items():
        default = entry.parameters[name].value
        if not low < high or not (default is None or low <= default <= high):
            report(("parameters", name, "slider"), f"[{low:g}, {high:g}] does not hold the default", "widen it")
    for ends in itertools.product(*ranges.values()):
        given = {**entry.defaults(), **dict(zip(ranges, ends, strict=True))}
        for name in ranges:
            try:
                entry.parameters[name].admit(name, given[name], given)
            except ValueError as error:
                report(("parameters", name, "slider"), str(error), "keep every combination of sliders in the domains")


# --- properties and relations ----------------------------------------------------------------------------------------


def random_variables(generator: np.random.Generator) -> dict[str, Any]:
    """One draw for a property: reals x, y in [-8, 8], c in [-4, 4], vectors v, w of 6."""
    return {
        "x": mpmath.mpf(generator.uniform(-8, 8)),
        "y": mpmath.mpf(generator.uniform(-8, 8)),
        "c": mpmath.mpf(generator.uniform(-4, 4)),
        "v": generator.uniform(-4, 4, 6),
        "w": generator.uniform(-4, 4, 6),
    }


def _draws(entry: Entry) -> Iterator[tuple[dict[str, Any], Params]]:
    random = np.random.default_rng(20_240_229)
    settings = authority.settings(entry) or [{}]
    for index in range(max(40, len(settings))):
        yield random_variables(random), settings[index % len(settings)]


def _properties(entry: Entry, catalog: Catalog, report: Report) -> None:
    stated = [(("properties", i, "holds"), item.holds) for i, item in enumerate(entry.properties)]
    if isinstance(entry, Vector):
        stated += [(("forms", i, "holds"), form.holds) for i, form in enumerate(entry.forms)]
    for loc, source in stated:
        if source.startswith(values.CODE):
            try:
                if not np.all(values.run(source.removeprefix(values.CODE), catalog)):
                    report(loc, "does not hold", "correct it")
            except Fault as fault:
                report(loc, fault.what, fault.fix)
            continue
        for variables, params in _draws(entry):
            try:
                held = values.Evaluator(entry, catalog, variables, params).evaluate(source)
            except Fault as fault:
                report(loc, fault.what, fault.fix)
                break
            if not held:
                shown = ", ".join(
                    f"{name} = {values.number(value)}" for name, value in variables.items() if name in source
                )
                report(loc, f"does not hold for {shown or 'these values'}{at_params(params)}", "correct it")
                break


def setting(entry: Any, given: dict[str, str]) -> dict[str, Any]:
    """Parameters named in a relation, as values: choices as text, the rest as mpf. Raises Fault."""
    made = {}
    for name, text in given.items():
        if name not in entry.parameters:
            raise Fault(f"{entry.id} has no parameter {name!r}", "correct the name")
        choice = entry.parameters[name].type == "choice"
        made[name] = text if choice else values.Evaluator(entry, Catalog()).evaluate(text)
    return made


def _relations(entry: Entry, catalog: Catalog, report: Report) -> None:
    for index, related in enumerate(entry.related):
        loc = ("related", index)
        if related.relation == "see":
            if related.note is None:
                report(loc, "a see relation without a note", "say why the reader should look there")
            continue
        other = next((entry for entry in catalog if entry.id == related.id), None)
        if other is None:
            continue  # reported by catalog.py
        if not (isinstance(entry, Elementwise) and isinstance(other, Elementwise)):
            report(
                loc, "equal and limit relate elementwise functions", "use see with a note, and a property for the proof"
            )
            continue
        try:
            mine, theirs = setting(entry, related.given), setting(other, related.theirs)
        except Fault as fault:
            report(loc, fault.what, fault.fix)
            continue
        refuted = _refuted(entry, other, related.relation, mine, theirs)
        if refuted:
            report(loc, refuted.what, refuted.fix)


def _refuted(entry: Elementwise, other: Elementwise, relation: str, mine: Params, theirs: Params) -> Fault | None:
    """Why the relation does not hold on 40 seeded points, at the parameter and (limit) ever closer to it."""
    goals = [name for name, value in mine.items() if isinstance(value, mpmath.mpf)]
    if relation == "limit" and len(goals) != 1:
        return Fault("a limit needs exactly one parameter", "name the parameter that goes to the value")
    base = {**facts.shown_parameters(entry), **mine}
    target = {**facts.shown_parameters(other), **theirs}
    gaps = []
    for distance in (1e3, 1e6):
        if relation == "limit":
            goal = mine[goals[0]]
            base[goals[0]] = mpmath.sign(goal) * distance if mpmath.isinf(goal) else goal + 1 / mpmath.mpf(distance)
        xs = np.random.default_rng(20_240_229).uniform(-8, 8, 40).tolist()
        gaps.append(max(abs(facts.f(entry, x, base) - facts.f(other, x, target)) for x in xs))
    if relation == "equal" and gaps[0] > TOLERANCE:
        return Fault(f"they differ by {text_of(gaps[0])}{at_params(base)}", "correct the parameters, or the relation")
    if relation == "limit" and not (gaps[1] <= gaps[0] / 100 + TOLERANCE and gaps[1] < 1e-4):
        return Fault(f"the distance stays {text_of(gaps[1])}", "correct the parameter, or the relation")
    return None


def count(entry: Entry) -> int:
    """How many statements `check` and `prose.check` prove: formulas and claims at every setting, the rest once."""
    single = len(entry.properties) + len(entry.related) + sum(len(mistake.shown_by) for mistake in entry.mistakes)
    if isinstance(entry, Elementwise):
        own = 2 if entry.implementation else 0
        return single + len(authority.settings(entry)) * (2 + own + len(entry.forms) + len(entry.kinks) + len(CHECKERS))
    if isinstance(entry, Layer):
        return single + len(entry.gradients)
    return single + len(entry.forms) + (2 if isinstance(entry, Gated) else 0)
