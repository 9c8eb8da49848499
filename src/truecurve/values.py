"""Value expressions: the numbers in prose, evidence against mistakes, and sampled properties.

The formula language, extended by the functions of the catalogue, lists and subscripts; evaluated on the syntax tree,
never by eval. Scalars are mpf, correct to 50 digits; results of gated and vector entries are float64 arrays.

f df d2f        this entry, exact; keyword parameters; relu d_relu dd_relu: other entries, exact
f32 df32 d2f32 f64 df64 d2f64       our NumPy code in float32, float64
naive32 naive_df32 naive64 naive_df64     the definition (derivative) as printed, evaluated in NumPy of that dtype
minimum argmin maximum argmax max_slope argmax_slope     of this entry, as the facts table has them
mean() second_moment()     under N(0, 1), of this entry or mean(relu)
softmax([1, 2])  glu([1, 2])  j_softmax([1, 2])     NumPy; sum max min len abs over lists

What begins with numpy: is Python instead, run as the samples are: np, and the NumPy functions of the whole catalogue
under their names, such as conv2d and conv2d_backward.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath
import numpy as np

from truecurve import authority, facts
from truecurve.catalog import Catalog
from truecurve.entry import Elementwise, Entry
from truecurve.functions import FUNCTIONS
from truecurve.problem import Fault
from truecurve.sections import Subject

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
SCALAR_TOLERANCE, ARRAY_TOLERANCE = mpmath.mpf(10) ** -30, 1e-12


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        left, right = np.broadcast_arrays(_float_array(a), _float_array(b))
        return bool(np.allclose(left, right, rtol=ARRAY_TOLERANCE, atol=ARRAY_TOLERANCE))
    if not (mpmath.isfinite(a) and mpmath.isfinite(b)):
        return bool(a == b)
    return bool(abs(a - b) <= SCALAR_TOLERANCE * max(abs(a), abs(b)))


COMPARISONS: dict[type, tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("=", _same),
    ast.NotEq: ("≠", lambda a, b: not _same(a, b)),
    ast.Lt: ("<", lambda a, b: bool(np.all(a < b)) and not _same(a, b)),
    ast.LtE: ("≤", lambda a, b: bool(np.all(a <= b)) or _same(a, b)),
    ast.Gt: (">", lambda a, b: bool(np.all(a > b)) and not _same(a, b)),
    ast.GtE: ("≥", lambda a, b: bool(np.all(a >= b)) or _same(a, b)),
}


def _float_array(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else np.float64(float(value))


def parse(text: str) -> ast.expr:
    """The syntax tree. Raises Fault with the offset of a syntax error."""
    if len(text) > 500:
        raise Fault("longer than 500 characters", "split it", 500)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise Fault(
            f"syntax error: {error.msg}", "use Python expression syntax", max((error.offset or 1) - 1, 0)
        ) from None
    except (MemoryError, RecursionError, ValueError) as error:
        raise Fault(f"cannot be parsed ({type(error).__name__})", "simplify it") from None


class Evaluator:
    """Evaluates value expressions of one entry or guide, given sampled variables (x, y, v, w, c) and its parameters."""

    def __init__(
        self,
        subject: Subject,
        catalog: Catalog,
        variables: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ):
        self.subject, self.catalog = subject, catalog
        if params is None:
            params = facts.shown_parameters(subject) if isinstance(subject, Elementwise) else subject.defaults()
        self.params = dict(params)
        self.variables = {"pi": +mpmath.pi, "e": +mpmath.e, "inf": mpmath.inf, "nan": mpmath.nan, **(variables or {})}

    def evaluate(self, text: str) -> Any:
        """mpf, bool, float64 array or list of arrays. Raises Fault."""
        with mpmath.workdps(authority.DIGITS):
            return self.node(parse(text), 0)

    def node(self, tree: ast.AST, depth: int) -> Any:
        def child(node: ast.AST) -> Any:
            return self.node(node, depth + 1)

        if depth > 30:
            raise self.fault(tree, "nested deeper than 30", "simplify it")
        match tree:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return mpmath.mpf(ast.unparse(tree))
            case ast.Name(id=name):
                return self.name(tree, name)
            case ast.List(elts=items):
                values = [child(item) for item in items]
                return np.array([v if isinstance(v, np.ndarray) else float(v) for v in values])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -child(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not child(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                a, b = child(left), child(right)
                if isinstance(op, ast.Pow) and not isinstance(b, np.ndarray) and abs(b) > 400:
                    raise self.fault(tree, "exponent above 400", "use a smaller power")
                if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
                    a, b = _float_array(a), _float_array(b)
                try:
                    return OPERATORS[type(op)](a, b)
                except ZeroDivisionError:
                    raise self.fault(tree, "division by zero", "correct the expression") from None
            case ast.BoolOp(op=op, values=parts):
                truths = [bool(child(part)) for part in parts]
                return all(truths) if isinstance(op, ast.And) else any(truths)
            case ast.Compare(left=left, ops=ops, comparators=rest):
                values = [child(item) for item in (left, *rest)]
                steps = zip(ops, values, values[1:], strict=False)
                return all(COMPARISONS[type(op)][1](a, b) for op, a, b in steps)
            case ast.Subscript(value=value, slice=index):
                return self.item(tree, child(value), child(index))
            case ast.Subscript(
                value=value, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as index))
            ):
                return self.item(tree, child(value), -index)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                if any(keyword.arg is None or keyword.arg in ("rng", "training") for keyword in keywords):
                    raise self.fault(tree, "only named, deterministic parameters", "write for example alpha=2")
                named = {str(k.arg): text_of(k.value) or child(k.value) for k in keywords}
                if name in ("mean", "second_moment"):
                    return self.moment(tree, name, arguments, named)
                return self.call(tree, name, [child(argument) for argument in arguments], named)
        raise self.fault(tree, f"{type(tree).__name__} is not allowed", "see CONTRIBUTING for value expressions")

    def fault(self, tree: ast.AST, what: str, fix: str) -> Fault:
        return Fault(what, fix, getattr(tree, "col_offset", 0))

    def item(self, tree: ast.AST, value: Any, at: Any) -> Any:
        index = int(at) if isinstance(at, mpmath.mpf) and at == int(at) else 10**9
        if not isinstance(value, (np.ndarray, tuple)) or not -len(value) <= index < len(value):
            raise self.fault(tree, "no such element", "correct the index")
        element = value[index]
        return element if isinstance(element, np.ndarray) and element.ndim else mpmath.mpf(float(element))

    def name(self, tree: ast.AST, name: str) -> Any:
        if name in self.variables:
            return self.variables[name]
        if name in self.params:
            return authority.exact(self.params[name])
        if isinstance(self.subject, Elementwise):
            if name in ("max_slope", "argmax_slope"):
                return mpmath.mpf(facts.steepest(self.subject, self.params)[int(name.startswith("arg"))])
            for word, cases in (("min", self.subject.claims.minimum), ("max", self.subject.claims.maximum)):
                claim = facts.case_at(cases, self.params)
                if claim is not None and name in (f"{word}imum", f"arg{word}"):
                    at, best = facts.extremum(self.subject, claim, self.params)
                    return at if name.startswith("arg") else best
        raise self.fault(tree, f"unknown name {name!r}", "see CONTRIBUTING for value expressions")

    def moment(self, tree: ast.AST, name: str, arguments: list[ast.expr], named: dict[str, Any]) -> Any:
        entry: Subject = self.subject
        params: Mapping[str, Any] = self.params
        if arguments:
            identifier = arguments[0].id if isinstance(arguments[0], ast.Name) else ""
            entry = self.other(tree, identifier)
            params = facts.shown_parameters(entry) if isinstance(entry, Elementwise) else {}
        if not isinstance(entry, Elementwise):
            raise self.fault(tree, "not an elementwise function", "name one")
        for key in named.keys() - entry.parameters.keys():
            raise self.fault(tree, f"{entry.id} has no parameter {key!r}", "correct the name")
        given = {key: value if isinstance(value, str) else float(value) for key, value in named.items()}
        return mpmath.mpf(facts.normal_moment(entry, {**params, **given}, 1 if name == "mean" else 2))

    def other(self, tree: ast.AST, identifier: str) -> Entry:
        try:
            return self.catalog.entry(identifier)
        except KeyError:
            raise self.fault(
                tree, f"unknown function {identifier!r}", "use an entry id or a formula function"
            ) from None

    def call(self, tree: ast.AST, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        if name in ("sum", "max", "min", "len", "abs") and arguments and isinstance(arguments[0], np.ndarray):
            reductions: dict[str, Callable[[Any], Any]] = {
                "sum": np.sum,
                "max": np.max,
                "min": np.min,
                "len": len,
                "abs": np.abs,
            }
            return reductions[name](arguments[0])
        named = {key: float(value) if isinstance(value, mpmath.mpf) else value for key, value in named.items()}
        if isinstance(self.subject, Elementwise) and name.startswith(("f", "df", "d2f", "naive")):
            made = self.own(name, arguments, named)
            if made is not None:
                return made
        identifier = name.removeprefix("dd_").removeprefix("d_").removeprefix("j_")
        known = any(entry.id == identifier for entry in self.catalog)
        if name in FUNCTIONS and not (known and (named or isinstance(arguments[0], np.ndarray))):
            vector = any(isinstance(argument, np.ndarray) for argument in arguments)
            function = FUNCTIONS[name].np if vector else FUNCTIONS[name].mp
            try:
                return function(*arguments)
            except TypeError:
                raise self.fault(tree, f"{name} takes other arguments", "correct the call") from None
        entry = self.other(tree, identifier)
        for key, value in named.items():
            if key in entry.parameters and entry.parameters[key].integer and float(value).is_integer():
                named[key] = int(value)
        try:
            if isinstance(entry, Elementwise) and not isinstance(arguments[0], np.ndarray):
                order = {"d": 1, "dd": 2}.get(name.removesuffix(identifier).rstrip("_"), 0)
                return self.exact(entry, order, arguments[0], {**facts.shown_parameters(entry), **named})
            array = arguments[0] if isinstance(arguments[0], np.ndarray) else np.float64(float(arguments[0]))
            if name.startswith("j_"):
                return entry.jacobian(array, **named)  # type: ignore[union-attr]
            if name.startswith("d_"):
                return entry.derivative(array, **named)  # type: ignore[union-attr]
            if entry.kind == "vector" and not entry.of_images:
                named.setdefault("dim", -1)
            return np.asarray(entry.forward(array, **named))
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise self.fault(tree, f"{name}: {error}", "correct the call") from None

    def exact(self, entry: Elementwise, order: int, x: Any, params: Mapping[str, Any]) -> Any:
        if mpmath.isinf(x) and order == 0:
            limit = facts.case_at(entry.claims.limits.get("-inf" if x < 0 else "+inf"), params)
            if limit is not None:
                return limit.mp({key: authority.exact(value) for key, value in params.items()})
        return (facts.f, facts.df, facts.d2f)[order](entry, x, params)

    def own(self, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        """f, f32, naive_df32 and the like of this elementwise entry; None if `name` is not one of them."""
        entry, params = self.subject, {**self.params, **named}
        assert isinstance(entry, Elementwise)
        orders = {"f": 0, "df": 1, "d2f": 2}
        if name in orders and len(arguments) == 1:
            return self.exact(entry, orders[name], arguments[0], params)
        base, dtype = name[:-2], {"16": np.float16, "32": np.float32, "64": np.float64}.get(name[-2:])
        if dtype is None or len(arguments) != 1:
            return None
        x = np.array([float(arguments[0])], dtype)
        with np.errstate(all="ignore"):
            if base in orders:
                function = (entry.forward, entry.derivative, entry.second_derivative)[orders[base]]
                return mpmath.mpf(float(function(x, **params)[0]))
            formulas = {"naive": entry.definition, "naive_df": entry.derivative_formula}.get(base)
            if formulas is None:
                return None
            return mpmath.mpf(float(naive(authority.formula(formulas, params), x, params)[0]))


def naive(expression: Any, x: Any, params: Mapping[str, Any]) -> Any:
    """The formula evaluated literally in NumPy, in the dtype of `x` (shape kept)."""
    made = expression.np({"x": x, **params})
    return np.broadcast_to(np.asarray(made, x.dtype), x.shape)


def text_of(node: ast.expr) -> str | None:
    """The value of a string literal, None for other nodes."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


CODE = "numpy:"


def run(code: str, catalog: Catalog) -> Any:
    """The value of a Python expression in np and the NumPy functions of the catalogue. Raises Fault."""
    try:
        with np.errstate(all="ignore"):
            return eval(compile(code.strip(), "value", "eval"), {"np": np, **catalog.numpy()})
    except Exception as error:
        raise Fault(f"{type(error).__name__}: {error}", "correct the code") from None


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits_apart(several: Iterable[Any]) -> int:
    """How many significant digits it takes to tell the numbers apart; 4 if they are the same."""
    numbers = [mpmath.mpf(one) for one in several]
    distinct = len(set(numbers))
    return next((d for d in (4, 6, 8, 12, 17, 30) if len({mpmath.nstr(one, d) for one in numbers}) == distinct), 4)


def number(value: Any, digits: int = 4) -> str:
    """A number for readers: `digits` significant ones, fewer if exact; U+2212 as minus; 1.5×10⁻⁷ outside 1e-4 … 1e7."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (np.ndarray, list, tuple)):
        return "[" + ", ".join(number(item, digits) for item in value) + "]"
    value = authority.exact(value) if not isinstance(value, mpmath.mpf) else value
    if mpmath.isnan(value):
        return "NaN"
    sign = "−" if value < 0 else ""
    if mpmath.isinf(value):
        return f"{sign}∞"
    size = abs(value)
    if size == 0:
        return "0"
    with mpmath.workdps(60):
        if size == int(size) and size < 10**7:
            return sign + str(int(size))
        exponent = int(mpmath.floor(mpmath.log10(size)))
        scaled = mpmath.nint(size * mpmath.mpf(10) ** (digits - 1 - exponent))
        if scaled >= 10**digits:
            scaled, exponent = scaled / 10, exponent + 1
        text = str(int(scaled))
        if abs(scaled * mpmath.mpf(10) ** (exponent - digits + 1) - size) < size * mpmath.mpf(10) ** -15:
            text = text.rstrip("0")
    if -5 < exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{text}"
    if 0 <= exponent < 7:
        text = text.ljust(exponent + 1, "0")
        return sign + text[: exponent + 1] + (f".{text[exponent + 1 :]}" if text[exponent + 1 :] else "")
    mantissa = text[0] + (f".{text[1:]}" if text[1:] else "")
    return f"{sign}{mantissa}×10{str(exponent).translate(SUPERSCRIPTS)}"
