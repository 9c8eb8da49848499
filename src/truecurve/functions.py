"""The vocabulary of formulas: tree nodes, named functions with their LaTeX, NumPy and mpmath forms, constants."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np


@dataclass(frozen=True)
class Node:
    """One operation: `kind` is number, name, call, unary, binary, compare, and, or, if; `value` text or operator."""

    kind: str
    value: str = ""
    children: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Function:
    """A named function of the language: LaTeX with {0}, NumPy code with {0}, mpmath and NumPy callables, arity."""

    latex: str
    code: str
    mp: Callable[..., Any]
    np: Callable[..., Any]
    arity: int | None = 1


def _mp_softplus(x: Any) -> Any:
    return mpmath.log1p(mpmath.exp(x)) if x < 0 else x + mpmath.log1p(mpmath.exp(-x))


def _textbook_sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@cache
def _vectorised_erf(name: str) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = np.frompyfunc(getattr(math, name), 1, 1)
    return made


def _erf(x: Any) -> Any:
    return np.asarray(_vectorised_erf("erf")(x)).astype(np.asarray(x).dtype)


def _erfc(x: Any) -> Any:
    return np.asarray(_vectorised_erf("erfc")(x)).astype(np.asarray(x).dtype)


def _simple(name: str, latex: str | None = None) -> Function:
    return Function(
        (latex or rf"\{name}") + r"\left({0}\right)", f"np.{name}({{0}})", getattr(mpmath, name), getattr(np, name)
    )


FUNCTIONS: dict[str, Function] = {
    "exp": Function("e^{{{0}}}", "np.exp({0})", mpmath.exp, np.exp),
    "log": _simple("log", r"\ln"),
    "log1p": Function(r"\ln\left(1 + {0}\right)", "np.log1p({0})", mpmath.log1p, np.log1p),
    "expm1": Function("e^{{{0}}} - 1", "np.expm1({0})", mpmath.expm1, np.expm1),
    "sqrt": Function(r"\sqrt{{{0}}}", "np.sqrt({0})", mpmath.sqrt, np.sqrt),
    "abs": Function(r"\left|{0}\right|", "np.abs({0})", abs, np.abs),
    "sign": Function(r"\operatorname{{sign}}\left({0}\right)", "np.sign({0})", mpmath.sign, np.sign),
    "sin": _simple("sin"),
    "cos": _simple("cos"),
    "sinh": _simple("sinh"),
    "cosh": _simple("cosh"),
    "tanh": _simple("tanh"),
    "atan": Function(r"\arctan\left({0}\right)", "np.arctan({0})", mpmath.atan, np.arctan),
    "sech": Function(
        r"\operatorname{{sech}}\left({0}\right)", "1 / np.cosh({0})", mpmath.sech, lambda x: 1 / np.cosh(x)
    ),
    "erf": Function(r"\operatorname{{erf}}\left({0}\right)", "erf({0})", mpmath.erf, _erf),
    "erfc": Function(r"\operatorname{{erfc}}\left({0}\right)", "erfc({0})", mpmath.erfc, _erfc),
    "sigma": Function(
        r"\sigma\left({0}\right)", "1 / (1 + np.exp(-{0}))", lambda x: 1 / (1 + mpmath.exp(-x)), _textbook_sigmoid
    ),
    "Phi": Function(
        r"\Phi\left({0}\right)",
        "0.5 * (1 + erf({0} / np.sqrt(2)))",
        lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
        lambda x: 0.5 * (1 + _erf(x / np.sqrt(np.asarray(2, np.asarray(x).dtype)))),
    ),
    "phi": Function(
        r"\varphi\left({0}\right)",
        "np.exp(-{0}**2 / 2) / np.sqrt(2 * np.pi)",
        lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi),
        lambda x: np.exp(-x * x / 2) / np.sqrt(np.asarray(2 * np.pi, np.asarray(x).dtype)),
    ),
    "softplus": Function(
        r"\operatorname{{softplus}}\left({0}\right)",
        "np.log(1 + np.exp({0}))",
        _mp_softplus,
        lambda x: np.log(1 + np.exp(x)),
    ),
    "relu": Function(
        r"\operatorname{{ReLU}}\left({0}\right)",
        "np.maximum({0}, 0)",
        lambda x: x if x > 0 else x * 0,
        lambda x: np.maximum(x, 0),
    ),
    "relu6": Function(
        r"\operatorname{{ReLU6}}\left({0}\right)",
        "np.clip({0}, 0, 6)",
        lambda x: min(max(x, mpmath.mpf(0)), mpmath.mpf(6)),
        lambda x: np.clip(x, 0, 6),
    ),
    "min": Function(r"\min\left({0}\right)", "np.minimum({0})", min, lambda a, b: np.minimum(a, b), 2),
    "max": Function(r"\max\left({0}\right)", "np.maximum({0})", max, lambda a, b: np.maximum(a, b), 2),
}
CONSTANTS: dict[str, tuple[str, str]] = {"pi": (r"\pi", "np.pi"), "e": ("e", "np.e"), "inf": (r"\infty", "np.inf")}
