"""Row 6: the JavaScript of the live figures is the NumPy code; the printer, its identities and the special functions by
themselves, and proofs that each checker rejects a planted fault."""

import json

import mpmath
import numpy as np
import pytest

import live_script
from live_script import EPS, engine
from test_ladder import assert_recorded
from truecurve import authority, catalog, proofs, widget
from truecurve.entry import Components, Elementwise
from truecurve.expression import parse
from truecurve.javascript import IDENTITIES, javascript
from truecurve.loader import VARIABLES
from truecurve.values import number

ENTRIES = list(catalog().functions)
ELEMENTWISE = [entry for entry in ENTRIES if isinstance(entry, Elementwise)]
each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)

PRINTED = {
    "x * (a - (x + a))": "x * (a - (x + a))",
    "x - a - 1": "x - a - 1",
    "x - (a - 1)": "x - (a - 1)",
    "x / (a * 2)": "x / (a * 2)",
    "-x**2": "-(x ** 2)",
    "(-x)**2": "(-x) ** 2",
    "x**-2": "x ** (-2)",
    "-(x + 1)": "-(x + 1)",
    "--x": "-(-x)",
    "x if x > 0 else -x if x < -1 else 0": "x > 0 ? x : x < -1 ? -x : 0",
    "a * (x if x > 0 else 0)": "a * (x > 0 ? x : 0)",
    "1 if x == 0 or (x > 1 and x != 2) else pi": "x === 0 || x > 1 && x !== 2 ? 1 : PI",
    "max(x, e) + min(a, inf)": "max(x, E) + min(a, Infinity)",
    "1_000 * x": "1000 * x",
    "1 - sigma(x + a)": "sigma(-(x + a))",
    "1 - sigma(-x)": "sigma(-(-x))",
    "1 - sigma(a * x)": "sigma(-a * x)",
    "2 * (1 - tanh(x)**2)": "2 * sech(x) ** 2",
    "x**2 - tanh(x)": "x ** 2 - tanh(x)",
    "a - tanh(x)": "a - tanh(x)",
    "log(1 + exp(a * x)) / a": "softplus(a * x) / a",
    "x * (1 - 2 * sigma(x - a))": "x * (-tanh((x - a) / 2))",
}


def evaluated(code, **values):
    """An expression whose names are the special functions and these numbers."""
    named = "".join(f"const {name} = {value!r}; " for name, value in values.items())
    return f"(() => {{ with (truecurve.special) {{ {named}return {code}; }} }})()"


@pytest.mark.parametrize("text", PRINTED)
def test_printing(text):
    assert javascript(parse(text, {"x", "a"}).root) == PRINTED[text]


@pytest.mark.parametrize("text", [text for text in PRINTED if "inf" not in text])
def test_what_is_printed_computes_the_same(text):
    formula, run = parse(text, {"x", "a"}), engine()
    for x, a in ((0.5, 2.0), (-1.25, 3.0), (0.0, 0.5), (2.0, 1.5)):
        try:
            want = float(formula.mp({"x": mpmath.mpf(x), "a": mpmath.mpf(a)}))
        except ZeroDivisionError:
            continue
        got = run(evaluated(PRINTED[text], x=x, a=a))
        assert got == pytest.approx(want, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("pattern", IDENTITIES)
def test_identities_hold(pattern):
    """Each is exact mathematics, and what is printed keeps the digits that the pattern loses."""
    formula, run = parse(pattern, {"u"}), engine()
    for u in [*np.linspace(-30, 30, 121), *np.geomspace(1e-6, 1, 25), *-np.geomspace(1e-6, 1, 25)]:
        want = authority.value(formula, float(u), {}, "u")
        slope = authority.derivative(formula, float(u), {}, 1, "u")
        got = run(
            f"(() => {{ with (truecurve.special) {{ const u = {float(u)!r}; return {javascript(formula.root)}; }} }})()"
        )
        assert abs(got - want) <= 16 * EPS * (abs(want) + abs(u * slope)), f"u = {u}"


SPECIAL = {
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "Phi": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "phi": mpmath.npdf,
    "sigma": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "sech": mpmath.sech,
    "tanhshrink": lambda x: x - mpmath.tanh(x),
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "relu6": lambda x: min(max(x, mpmath.mpf(0)), mpmath.mpf(6)),
}


def special_error(name, run):
    """The worst error of a special function, as a multiple of what is allowed, from -38 to 38."""
    xs = [*np.linspace(-38, 38, 1521), *np.geomspace(1e-9, 1, 60), *-np.geomspace(1e-9, 1, 60), 1.5, -1.5, 0.0]
    got, worst = run(f"{[float(x) for x in xs]}.map(truecurve.special.{name})"), 0.0
    with mpmath.workdps(60):
        for x, value in zip(xs, got, strict=True):
            want, slope = SPECIAL[name](mpmath.mpf(float(x))), mpmath.diff(SPECIAL[name], mpmath.mpf(float(x)))
            allowed = 8 * EPS * (abs(want) + abs(x * slope)) + live_script.FLOOR
            worst = max(worst, float(abs(value - want) / allowed))
    return worst


@pytest.mark.parametrize("name", SPECIAL)
def test_special_functions(name):
    assert special_error(name, engine()) <= 1


def test_a_wrong_special_function_is_rejected():
    run = engine()
    run("(truecurve.special.erfc = x => 1 - truecurve.special.erf(x), 0)")
    assert special_error("erfc", run) > 1e6


@each
def test_javascript_is_numpy(entry):
    measurement = live_script.against_numpy(entry, engine(entry))
    assert measurement.checks > 100
    assert measurement.worst <= 1, f"{entry.id}: {measurement}"
    assert_recorded(entry, "js", measurement)


@pytest.mark.parametrize(
    ("identifier", "right", "wrong"),
    [
        ("elu", "expm1(x)", "(exp(x) - 1)"),
        ("gelu", "Phi(x) + x * phi(x)", "Phi(x) + x * phi(x) * 1.0000001"),
        ("relu", "x > 0 ? 1 : 0", "x >= 0 ? 1 : 0"),
        ("sigmoid", "sigma(x) * sigma(-x)", "sigma(x) * (1 - sigma(x))"),
        ("softplus", "x > threshold / beta ? x : ", ""),
        ("glu", "a * sigma(b) * sigma(-b)", "a * sigma(b)"),
        ("softmax", "y * gap", "y * delta"),
        ("crelu", "max(-x, 0)", "max(x, 0)"),
    ],
)
def test_wrong_javascript_is_rejected(identifier, right, wrong):
    entry = catalog().entry(identifier)
    script = widget.script(entry)
    assert right in script
    run = engine(entry, script=lambda _: script.replace(right, wrong))
    assert live_script.against_numpy(entry, run).worst > 1


def test_a_value_that_is_not_finite_is_rejected():
    entry = catalog().entry("mish")
    run = engine(entry, script=lambda one: widget.script(one).replace("x * tanh(softplus(x))", "x / 0"))
    assert live_script.against_numpy(entry, run).worst > 1


def test_the_read_out_of_a_far_tail_is_not_zero():
    run = engine(catalog().entry("gelu"))
    assert run('truecurve.number(truecurve.functions.gelu.f[0](-9, { approximate: "none" }))') == "−1.016×10⁻¹⁸"


NUMBERS = [0, 1, -2.5, 1 / 3, 123456, 1234567.8, 12345678, 1e-4, 0.00012345, 1e-300, 6.02e23, -4.4e-12, 99999.5]


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_are_written_as_on_the_pages(value):
    if float(value).is_integer() and abs(value) < 1e7:
        assert engine()(f"truecurve.number({value!r}, 8)") == number(value, 8)
    else:
        assert engine()(f"truecurve.number({value!r})") == number(value)


@pytest.mark.parametrize("entry", ELEMENTWISE, ids=lambda entry: entry.id)
def test_sliders_reach_only_finite_values(entry):
    """At every end of the sliders, far beyond any window that a reader meets first."""
    run = engine(entry)
    for params in live_script.corners(entry):
        xs = np.concatenate([np.linspace(-50, 50, 401), [-1e4, 1e4, -1e6, 1e6]]).tolist()
        for order in range(3):
            call = f"truecurve.functions.{entry.id}.f[{order}](x, {json.dumps(params)})"
            assert run(f"{xs}.every(x => Number.isFinite({call}))"), f"{params}, order {order}"


@pytest.mark.parametrize(("field", "text"), [("outputs", "w / rest"), ("jacobian", "y * delta")])
def test_wrong_components_are_reported(field, text):
    softmax, found = catalog().entry("softmax"), []
    stated = {name: getattr(softmax.components, name) for name in ("weight", "outputs", "jacobian")}
    stated[field] = [parse(text, frozenset(VARIABLES["vector"]))]
    wrong = softmax.model_copy(update={"components": Components.model_construct(**stated)})
    proofs._components(wrong, lambda loc, what, fix: found.append(loc))
    assert ("components", field) in found


def test_settings_of_the_figure_are_on_the_sliders():
    for entry in ENTRIES:
        for name, parameter in widget._parameters(entry).items():
            if "low" in parameter:
                assert parameter["low"] <= parameter["value"] <= parameter["high"], f"{entry.id}.{name}"
                assert (parameter["high"] - parameter["low"]) / parameter["step"] <= 200 + 1e-9
