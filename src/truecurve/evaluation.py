"""Formula trees evaluated: with mpmath, with NumPy as printed, exactly where possible, and as polynomial degree."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from truecurve.functions import FUNCTIONS, Node

_OPERATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def evaluate_np(node: Node, values: Mapping[str, Any]) -> Any:
    children = node.children
    if node.kind == "number":
        return float(node.value.replace("_", "")) if any(c in node.value.lower() for c in ".e") else int(node.value)
    if node.kind == "name":
        return values[node.value] if node.value in values else {"pi": np.pi, "e": np.e, "inf": np.inf}[node.value]
    made = [evaluate_np(child, values) for child in children]
    match node.kind:
        case "unary":
            return -made[0]
        case "call":
            return FUNCTIONS[node.value].np(*made)
        case "binary" | "compare":
            return _OPERATE[node.value](*made)
        case "and":
            return np.logical_and.reduce(np.broadcast_arrays(*made))
        case "or":
            return np.logical_or.reduce(np.broadcast_arrays(*made))
    return np.where(made[1], made[0], made[2])


# --- mpmath ----------------------------------------------------------------------------------------------------------


def evaluate_mp(node: Node, values: Mapping[str, Any]) -> Any:
    children = node.children
    if node.kind == "number":
        return mpmath.mpf(node.value.replace("_", ""))
    if node.kind == "name":
        return values[node.value] if node.value in values else +getattr(mpmath, node.value)
    if node.kind == "if":
        return evaluate_mp(children[0] if evaluate_mp(children[1], values) else children[2], values)
    if node.kind == "and":
        return all(evaluate_mp(child, values) for child in children)
    if node.kind == "or":
        return any(evaluate_mp(child, values) for child in children)
    made = [evaluate_mp(child, values) for child in children]
    if node.kind == "unary":
        return -made[0]
    if node.kind == "call":
        return FUNCTIONS[node.value].mp(*made)
    if node.kind == "binary" and node.value == "**" and children[1].kind == "number" and children[1].value.isdigit():
        return made[0] ** int(children[1].value)
    return _OPERATE[node.value](*made)


ZERO = float("-inf")


def degree(node: Node, values: Mapping[str, Any], variable: str) -> float | None:
    children = node.children
    if node.kind == "number" or (node.kind == "name" and node.value != variable):
        return ZERO if evaluate_mp(node, values) == 0 else 0
    if node.kind == "name":
        return 1
    if node.kind == "if":
        return degree(children[0 if evaluate_mp(children[1], values) else 2], values, variable)
    degrees = [degree(child, values, variable) for child in children]
    known = [degree for degree in degrees if degree is not None]
    if node.kind == "unary":
        return degrees[0]
    if node.kind == "binary" and node.value == "*" and ZERO in known:
        return ZERO
    if node.kind == "call" and node.value in ("max", "min"):
        taken = evaluate_mp(node, values)
        return degrees[0 if evaluate_mp(children[0], values) == taken else 1]
    if node.kind == "call" and node.value in ("relu", "relu6", "abs", "sign"):
        argument = evaluate_mp(children[0], values)
        if node.value == "relu6" and argument > 6:
            return 0
        if node.value in ("relu", "relu6"):
            return ZERO if argument <= 0 else degrees[0]
        return degrees[0] if node.value == "abs" else 0 if argument else ZERO
    if len(known) < len(degrees):
        return None
    if node.kind == "binary":
        if node.value in "+-":
            return max(known)
        if node.value == "*":
            return sum(known)
        if node.value == "/":
            return known[0] if known[1] == 0 else None
        exponent = evaluate_mp(children[1], values)
        if known[0] > 0:
            return known[0] * float(exponent) if known[1] <= 0 and exponent == int(exponent) and exponent >= 0 else None
    # A function (or power) of constants.
    return (ZERO if evaluate_mp(node, values) == 0 else 0) if max(known, default=0) <= 0 else None


# Values that are exact at one exact argument; elsewhere these functions are irrational or need no exactness.
_EXACT: dict[tuple[str, Fraction | int], Fraction] = {
    **{(name, 0): Fraction(0) for name in ("expm1", "log1p", "sin", "sinh", "tanh", "atan", "erf", "sqrt")},
    **{(name, 0): Fraction(1) for name in ("exp", "cos", "cosh", "sech", "erfc")},
    **{(name, 0): Fraction(1, 2) for name in ("sigma", "Phi")},
    ("log", 1): Fraction(0),
}


def _fraction(value: Any) -> Fraction:
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)


def rational(node: Node, values: Mapping[str, Any]) -> Fraction | None:
    children = node.children
    if node.kind == "number":
        return Fraction(node.value)
    if node.kind == "name":
        value = values.get(node.value)
        return None if value is None or not mpmath.isfinite(value) else _fraction(mpmath.mpf(value))
    if node.kind == "if":
        return rational(children[0 if evaluate_mp(children[1], values) else 2], values)
    made = [rational(child, values) for child in children]
    if node.kind == "binary" and node.value == "*" and 0 in made:
        return Fraction(0)
    if node.kind == "call" and node.value in ("max", "min", "relu", "relu6"):
        value = evaluate_mp(node, values)
        for child, exact in zip(children, made, strict=True):
            if exact is not None and evaluate_mp(child, values) == value:
                return exact
        return Fraction(int(value)) if node.value in ("relu", "relu6") and value in (0, 6) else None
    first = made[0]
    if node.kind == "binary" and node.value == "/" and first == 0:
        return first
    if first is None or None in made:
        return None
    if node.kind == "unary":
        return -first
    if node.kind == "call":
        if node.value == "abs":
            return abs(first)
        if node.value == "sign":
            return Fraction((first > 0) - (first < 0))
        return _EXACT.get((node.value, first))
    second = made[1]
    if second is None or (node.value == "**" and (second.denominator != 1 or (first == 0 and second < 0))):
        return None
    if node.value == "/" and second == 0:
        return None
    return Fraction(_OPERATE[node.value](first, second))
