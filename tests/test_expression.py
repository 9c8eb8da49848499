"""Ladder row 1: the LaTeX printed is the definition. And: hostile text becomes a Problem, quickly."""

import math

import mpmath
import numpy as np
import pytest

from golden_latex import GOLDEN
from truecurve import authority, printing
from truecurve.expression import MAX_LENGTH, ExpressionError, parse

NAMES = frozenset({"x", "y", "alpha", "beta", "lambd", "a", "b", "negative_slope"})


@pytest.mark.parametrize(("text", "latex"), GOLDEN, ids=[text for text, _ in GOLDEN])
def test_latex(text, latex):
    assert parse(text, NAMES).latex() == latex


@pytest.mark.parametrize("operator", ["+", "-", "*"])
def test_golden_cases_reject_a_wrong_precedence(monkeypatch, operator):
    """Each operator that forgets its brackets is caught by some case."""
    monkeypatch.setitem(printing._STRENGTH, operator, 9)
    assert any(parse(text, NAMES).latex() != latex for text, latex in GOLDEN)


@pytest.mark.parametrize("text", [text for text, _ in GOLDEN])
def test_numpy_code_reads_as_the_tree_evaluates(text):
    """Printed NumPy, executed, equals the evaluated tree and mpmath."""
    expression = parse(text, NAMES)
    values = {name: 0.3 + 0.2 * index for index, name in enumerate(sorted(NAMES))}
    scope = {"np": np, "erf": np.vectorize(math.erf), "erfc": np.vectorize(math.erfc), **values}
    printed = eval(expression.code(), scope)
    assert np.allclose(printed, expression.np({k: np.float64(v) for k, v in values.items()}), rtol=1e-15)
    assert np.allclose(float(printed), float(expression.mp({k: mpmath.mpf(v) for k, v in values.items()})), rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x * Phi(x)", "x * (0.5 * (1 + erf(x / np.sqrt(2))))"),
        ("sigma(beta * x)", "1 / (1 + np.exp(-(beta * x)))"),
        ("1 - sigma(x)", "1 - 1 / (1 + np.exp(-x))"),
        ("sigma(x) * x", "1 / (1 + np.exp(-x)) * x"),
        ("sigma(x)**2", "(1 / (1 + np.exp(-x)))**2"),
        ("-sigma(x)", "-(1 / (1 + np.exp(-x)))"),
        ("phi(-x)", "np.exp(-(-x)**2 / 2) / np.sqrt(2 * np.pi)"),
    ],
)
def test_numpy_code_of_functions_that_are_spelled_out(text, code):
    assert parse(text, NAMES).code() == code


HOSTILE = [
    "x.__class__",
    "().__class__.__bases__",
    "(lambda: 1)()",
    "[x for x in y]",
    "{x: 1}",
    "{1, 2}",
    "__import__('os')",
    "open('f')",
    "exec('1')",
    "__builtins__",
    "f'{x}'",
    "'text'",
    "b'x'",
    "x := 3",
    "x; x",
    "import os",
    "yield x",
    "await x",
    "x[0]",
    "x @ x",
    "x // 2",
    "x % 2",
    "x << 2",
    "~x",
    "not x",
    "x in y",
    "x is y",
    "0 < x < 1",
    "x if x else 1",
    "True",
    "None",
    "...",
    "1j",
    "exp(x, x)",
    "exp()",
    "exp(*x)",
    "exp(x=x)",
    "exp",
    "foo(x)",
    "undeclared",
    "x +",
    "x + + )",
    "x\0",
    "",
    "   ",
    "9 ** 9 ** 9",
    "2 ** 1000",
    "2 ** -1000",
    "x ** (2 ** 9)",
    "x ** 1e300",
    "1" * 3000,
    "(" * 10_000 + "x" + ")" * 10_000,
    "(" * 60 + "x" + ")" * 60,
    "-" * 1_500 + "x",
    "x" + "+x" * 600,
    "exp(" * 200 + "x" + ")" * 200,
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_refused(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES)
    assert 0 <= caught.value.offset <= max(len(text), MAX_LENGTH)
    assert caught.value.what and caught.value.fix


@pytest.mark.parametrize(
    ("text", "offset"), [("x + foo(x)", 4), ("x + unknown", 4), ("x +\n  y.z", 6), ("1 + 2 ** 99", 4), ("α + nope", 4)]
)
def test_offset_points_at_the_fault(text, offset):
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES | {"α"})
    assert caught.value.offset == offset


def test_precision_doubles_until_digits_agree():
    """1 - tanh(x)^2 at x = 200 has no correct digit at 50; the authority still gives 4 exp(-2x)/(1 + exp(-2x))^2."""
    value = authority.value(parse("1 - tanh(x)**2"), 200.0, {})
    with mpmath.workdps(60):
        z = mpmath.exp(-400)
        assert abs(value / (4 * z / (1 + z) ** 2) - 1) < mpmath.mpf(10) ** -49
    with mpmath.workdps(50):
        assert parse("1 - tanh(x)**2").mp({"x": mpmath.mpf(200)}) == 0


def test_zero_is_never_agreement():
    with pytest.raises(authority.Unresolved):
        authority.value(parse("exp(x) - exp(x + 0 * y)", NAMES), 1.5, {"y": 2.0})
    assert authority.value(parse("x if x > 0 else 0"), -3.0, {}) == 0
    assert authority.value(parse("exp(x) - 1"), 0.0, {}) == 0


def test_derivative_of_a_function_with_underflowing_slope():
    slope = authority.derivative(parse("tanh(x)"), 300.0, {})
    assert abs(slope / (4 * mpmath.exp(-600)) - 1) < 1e-40
    assert authority.derivative(parse("tanh(x)"), 0.0, {}, 2) == 0
    assert authority.derivative(parse("x if x > 0 else 0"), -1.0, {}) == 0
