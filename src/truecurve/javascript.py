"""Formula trees as JavaScript, in double precision: for the live figures.

What the textbook form would lose to cancellation or overflow is replaced while printing, by identities that hold for
every number: `1 - sigma(u)` becomes `sigma(-u)`. The names that are called (Math's own, and those of web/special.js)
are free in the printed text.
"""

from truecurve.expression import parse
from truecurve.functions import CONSTANTS, Node

IDENTITIES = {
    "1 / (1 + exp(-u))": ("sigma({})", 9),
    "1 - sigma(u)": ("sigma(-{})", 9),
    "1 - 2 * sigma(u)": ("-tanh({} / 2)", 6),
    "log(1 + exp(u))": ("softplus({})", 9),
    "log1p(exp(u))": ("softplus({})", 9),
    "exp(u) - 1": ("expm1({})", 9),
    "(exp(u) - exp(-u)) / (exp(u) + exp(-u))": ("tanh({})", 9),
    "1 - tanh(u)**2": ("sech({}) ** 2", 7),
    "u - tanh(u)": ("tanhshrink({})", 9),
}
"""A pattern in u, what is printed in its place ({} is u, in brackets where needed), and how tightly that binds."""

_PATTERNS = [(parse(pattern, {"u"}).root, *printed) for pattern, printed in IDENTITIES.items()]
_CONSTANTS = {"pi": "PI", "e": "E", "inf": "Infinity"}
_OPERATORS = {"==": "===", "!=": "!=="}
_STRENGTH = {"+": 5, "-": 5, "*": 6, "/": 6, "**": 8}
_ATOM, _POWER, _UNARY, _PRODUCT, _COMPARE, _AND, _OR, _IF = 9, 8, 7, 6, 4, 2, 1, 0


def javascript(node: Node) -> str:
    """The expression as JavaScript that computes it for doubles."""
    return _printed(node)[0]


def _printed(node: Node) -> tuple[str, int]:
    """The text, and how tightly its outermost operation binds."""
    for pattern, template, strength in _PATTERNS:
        bound: dict[str, Node] = {}
        if _matches(pattern, node, bound):
            text, own = _printed(bound["u"])
            whole = template.endswith("({})")
            return template.format(text if whole or (own >= _PRODUCT and text[0] != "-") else f"({text})"), strength
    children = [_printed(child) for child in node.children]
    match node.kind:
        case "number":
            return node.value.replace("_", ""), _ATOM
        case "name":
            return (_CONSTANTS[node.value] if node.value in CONSTANTS else node.value), _ATOM
        case "call":
            return f"{node.value}({', '.join(text for text, _ in children)})", _ATOM
        case "unary":
            # A power takes no sign at its base in JavaScript: -x ** 2 is an error, and --x would count down.
            return f"-{_within(children[0], _ATOM)}", _UNARY
        case "binary":
            own = _STRENGTH[node.value]
            left = _within(children[0], _ATOM if own == _POWER else own)
            right = _within(children[1], own + 1)  # what stands on the right stays together, to round as written
            return f"{left} {node.value} {right}", own
        case "compare":
            left, right = (_within(child, _COMPARE + 1) for child in children)
            return f"{left} {_OPERATORS.get(node.value, node.value)} {right}", _COMPARE
        case "and" | "or":
            sign, own = ("&&", _AND) if node.kind == "and" else ("||", _OR)
            return f" {sign} ".join(_within(child, own + 1) for child in children), own
    (body, _), condition, (rest, _) = children
    return f"{_within(condition, _IF + 1)} ? {body} : {rest}", _IF


def _within(printed: tuple[str, int], least: int) -> str:
    text, strength = printed
    return text if strength >= least else f"({text})"


def _matches(pattern: Node, node: Node, bound: dict[str, Node]) -> bool:
    """Whether `node` is of the form of `pattern`; `bound` then holds what u stands for, the same wherever u occurs."""
    if pattern == Node("name", "u"):
        return bound.setdefault("u", node) == node
    head, parts = (
        (pattern.kind, pattern.value, len(pattern.children)),
        zip(pattern.children, node.children, strict=False),
    )
    return head == (node.kind, node.value, len(node.children)) and all(_matches(*part, bound) for part in parts)
