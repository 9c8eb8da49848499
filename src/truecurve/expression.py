"""Formulas as data: parse Python expression syntax into a small tree, keep it unevaluated and unreordered.

The tree is printed to LaTeX in the author's own shape, printed to NumPy as the textbook form, and evaluated with mpmath
(the authority, see `authority.py`) or with NumPy (to show what the textbook form loses). Text never reaches eval, exec
or sympify: `ast.parse` builds a syntax tree, and only the node kinds named here are translated.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from truecurve import evaluation, printing
from truecurve.functions import CONSTANTS, FUNCTIONS, Node
from truecurve.problem import Fault

MAX_LENGTH, MAX_DEPTH, MAX_NODES, MAX_EXPONENT = 2000, 50, 500, 64
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class ExpressionError(Fault):
    """A formula that cannot be accepted."""

    def __init__(self, offset: int, what: str, fix: str):
        super().__init__(what, fix, offset)


@dataclass(frozen=True)
class Expression:
    """A parsed formula. `text` is what the author wrote; `names` the variables it uses (constants excluded)."""

    text: str
    root: Node = field(repr=False)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(node.value for node in self.root.walk() if node.kind == "name" and node.value not in CONSTANTS)

    def latex(self) -> str:
        """LaTeX in the author's own order and shape."""
        return printing.latex(self.root)

    def code(self) -> str:
        """The textbook form as NumPy code (with `erf` and `erfc` as free names)."""
        return printing.code(self.root)

    def mp(self, values: Mapping[str, Any]) -> Any:
        """Evaluate with mpmath at the working precision; `values` maps every name to an mpf, int or str."""
        return evaluation.evaluate_mp(self.root, values)

    def np(self, values: Mapping[str, Any]) -> Any:
        """Evaluate exactly as `code()` reads, in the dtype of the arrays given."""
        return evaluation.evaluate_np(self.root, values)

    def degree_at(self, values: Mapping[str, Any], variable: str = "x") -> float | None:
        """Degree of the polynomial in `variable` that the branch taken at `values` is; -inf if exactly 0, None if none.

        A derivative of higher order than this is exactly 0 there, which no finite precision can tell from underflow.
        """
        return evaluation.degree(self.root, values, variable)

    def rational_at(self, values: Mapping[str, Any]) -> Fraction | None:
        """The exact value where it is rational by construction (arithmetic, branches, exp(0) = 1), else None."""
        return evaluation.rational(self.root, values)

    def boundaries(self, variable: str = "x") -> list["Expression"]:
        """What the bare variable is compared with: where a branch can switch."""
        found = []
        for node in self.root.walk():
            if node.kind == "compare":
                left, right = node.children
                if left == Node("name", variable):
                    found.append(right)
                elif right == Node("name", variable):
                    found.append(left)
        return [Expression("", node) for node in dict.fromkeys(found)]


def parse(text: str, names: frozenset[str] | set[str] = frozenset({"x"})) -> Expression:
    """Parse `text`; free variables must be in `names`.

    Raises ExpressionError with the offset of the first fault: too long, not an expression, a construct outside the
    language, an unknown name or function, a wrong number of arguments, an exponent above 64, too deep or too large.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(MAX_LENGTH, f"longer than {MAX_LENGTH} characters", "split the formula")
    if not text.strip():
        raise ExpressionError(0, "empty expression", "write a formula, for example x * sigma(x)")
    nesting = deepest = 0
    for character in text:
        nesting += (character in "([{") - (character in ")]}")
        deepest = max(deepest, nesting)
    if deepest > MAX_DEPTH:
        raise ExpressionError(0, f"nested deeper than {MAX_DEPTH}", "simplify the formula")
    try:
        # A wrapping parenthesis lets a formula span lines; it shifts columns of the first line by one.
        tree = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError as error:
        offset = _offset(text, error.lineno or 1, (error.offset or 1) - 1)
        what = (error.msg or "invalid syntax").split(". Perhaps")[0]
        raise ExpressionError(offset, f"syntax error: {what}", "use Python expression syntax") from None
    except (MemoryError, RecursionError, ValueError) as error:
        raise ExpressionError(0, f"cannot be parsed ({type(error).__name__})", "simplify the formula") from None
    root = _Translator(text, frozenset(names)).node(tree, 0)
    return Expression(text, root)


def _offset(text: str, line: int, column: int) -> int:
    starts = [0]
    for index, character in enumerate(text):
        if character == "\n":
            starts.append(index + 1)
    line = min(line, len(starts))
    return max(0, min(len(text), starts[line - 1] + column - (line == 1)))


class _Translator:
    def __init__(self, text: str, names: frozenset[str]):
        self.text, self.names, self.count = text, names, 0

    def refuse(self, tree: ast.AST, what: str, fix: str) -> ExpressionError:
        line, column = getattr(tree, "lineno", 1), getattr(tree, "col_offset", 1)
        # ast counts columns in UTF-8 bytes.
        source = f"({self.text}\n)".split("\n")[line - 1].encode()[:column].decode(errors="ignore")
        return ExpressionError(_offset(self.text, line, len(source)), what, fix)

    def node(self, tree: ast.AST, depth: int) -> Node:
        self.count += 1
        if depth > MAX_DEPTH:
            raise self.refuse(tree, f"nested deeper than {MAX_DEPTH}", "simplify the formula")
        if self.count > MAX_NODES:
            raise self.refuse(tree, f"more than {MAX_NODES} parts", "simplify the formula")

        def children(*trees: ast.AST) -> tuple[Node, ...]:
            return tuple(self.node(child, depth + 1) for child in trees)

        match tree:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None) if not isinstance(tree.value, str):
                raise self.refuse(tree, f"{tree.value!r} is not a real number", "use real numbers only")
            case ast.Constant(value=int() | float()):
                return Node("number", ast.get_source_segment(f"({self.text}\n)", tree) or repr(tree.value))
            case ast.Name(id=name):
                if name not in self.names and name not in CONSTANTS:
                    known = ", ".join(sorted(self.names)) or "none"
                    raise self.refuse(
                        tree, f"unknown name {name!r}", f"declare it under parameters; known here: {known}"
                    )
                return Node("name", name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Node("unary", "-", children(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                made = Node("binary", _BINARY[type(op)], children(left, right))
                if made.value == "**":
                    self.limit_exponent(tree, made.children[1])
                return made
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return Node("compare", _COMPARE[type(op)], children(left, right))
            case ast.BoolOp(op=op, values=values):
                return Node("and" if isinstance(op, ast.And) else "or", "", children(*values))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                made = Node("if", "", children(body, test, orelse))
                if made.children[1].kind not in ("compare", "and", "or"):
                    raise self.refuse(test, "the condition is not a comparison", "write for example x > 0")
                return made
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                if name not in FUNCTIONS:
                    raise self.refuse(tree, f"unknown function {name!r}", f"use one of {', '.join(FUNCTIONS)}")
                arity = FUNCTIONS[name].arity
                if len(arguments) != arity:
                    raise self.refuse(tree, f"{name} takes {arity} argument(s), not {len(arguments)}", "give as many")
                return Node("call", name, children(*arguments))
        kind = type(tree).__name__
        raise self.refuse(
            tree,
            f"{kind} is not part of the formula language",
            "use numbers, names, + - * / **, calls, comparisons, if-else",
        )

    def limit_exponent(self, tree: ast.AST, exponent: Node) -> None:
        inner = exponent.children[0] if exponent.kind == "unary" else exponent
        if inner.kind == "number" and float(inner.value.replace("_", "")) > MAX_EXPONENT:
            raise self.refuse(tree, f"exponent {inner.value} above {MAX_EXPONENT}", "use a smaller power")
        if any(node.kind == "binary" and node.value == "**" for node in exponent.walk()):
            raise self.refuse(tree, "a power of a power", "use a plain exponent")
