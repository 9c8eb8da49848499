"""Formula trees as LaTeX, in the author's own order and shape, and as NumPy code of the textbook form."""

from truecurve.functions import CONSTANTS, FUNCTIONS, Node

GREEK = {"alpha", "beta", "gamma", "delta", "lambda", "lambd", "mu", "theta", "tau"}
_COMPARE_LATEX = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
# Binding strength, loosest first, as Python has it; a child weaker than its place is parenthesised.
_STRENGTH = {"if": 0, "or": 1, "and": 2, "compare": 3, "+": 4, "-": 4, "*": 5, "/": 5, "unary": 6, "**": 7}


def _strength(node: Node) -> int:
    if node.kind == "binary":
        return _STRENGTH[node.value]
    return _STRENGTH.get(node.kind, 9)


# --- LaTeX -----------------------------------------------------------------------------------------------------------


def _name_latex(name: str) -> str:
    if name in CONSTANTS:
        return CONSTANTS[name][0]
    if name in GREEK:
        return rf"\{'lambda' if name == 'lambd' else name}"
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def _tall(text: str) -> bool:
    """Needs brackets that grow."""
    return any(part in text for part in (r"\frac", r"\begin", r"\sqrt", r"\left"))


def _bracket(text: str) -> str:
    return rf"\left({text}\right)" if _tall(text) else f"({text})"


def latex(node: Node) -> str:
    children = node.children
    match node.kind:
        case "number":
            mantissa, _, power = node.value.lower().partition("e")
            return rf"{mantissa} \times 10^{{{int(power)}}}" if power else node.value
        case "name":
            return _name_latex(node.value)
        case "unary":
            return "-" + (
                _bracket(latex(children[0]))
                if _strength(children[0]) <= 4 or children[0].kind == "unary"
                else latex(children[0])
            )
        case "call":
            return _call_latex(node)
        case "binary":
            return _binary_latex(node)
        case "compare":
            return f"{latex(children[0])} {_COMPARE_LATEX[node.value]} {latex(children[1])}"
        case "and":
            return r" \wedge ".join(map(latex, children))
        case "or":
            return r" \vee ".join(map(latex, children))
    return _cases(node)


def _call_latex(node: Node) -> str:
    name, arguments = node.value, [latex(child) for child in node.children]
    if name == "log1p" and _strength(node.children[0]) <= 3:
        arguments = [_bracket(arguments[0])]
    template, argument = FUNCTIONS[name].latex, ", ".join(arguments)
    if not _tall(argument):
        template = template.replace(r"\left", "").replace(r"\right", "")
    return template.format(argument)


def _loose(node: Node) -> bool:
    """Printed as a sum, although it is a call."""
    return node.kind == "call" and node.value == "expm1"


def _binary_latex(node: Node) -> str:
    left, right = node.children
    operator = node.value
    if operator == "/":
        return rf"\frac{{{latex(left)}}}{{{latex(right)}}}"
    if operator == "**":
        if left.kind == "call" and left.value in ("tanh", "sinh", "cosh", "sin", "cos", "sech"):
            name = FUNCTIONS[left.value].latex.partition(r"\left(")[0].replace("{{", "{").replace("}}", "}")
            return f"{name}^{{{latex(right)}}}" + _bracket(latex(left.children[0]))
        base = latex(left)
        plain = left.kind in ("number", "name") and "times" not in base
        if left.kind == "call" and left.value in ("sigma", "Phi", "abs", "sqrt"):
            plain = True
        return f"{base if plain else _bracket(base)}^{{{latex(right)}}}"
    strength = _STRENGTH[operator]
    left_text, right_text = latex(left), latex(right)
    weak = _strength(left) < strength and left.kind != "unary"
    if weak or (operator == "*" and _loose(left)) or left.kind == "if":
        left_text = _bracket(left_text)
    tied = _strength(right) == strength and operator == "-"
    if _strength(right) < strength or tied or right.kind == "unary" or (operator in "*-" and _loose(right)):
        right_text = _bracket(right_text)
    if operator == "*":
        return left_text + _times(left, right, right_text) + right_text
    return f"{left_text} {operator} {right_text}"


def _times(left: Node, right: Node, right_text: str) -> str:
    """The product sign: a dot before a digit, nothing between letters or before a bracket, else a thin space."""
    first = right
    while first.kind == "binary" and first.value in ("*", "**"):
        first = first.children[0]
    if first.kind == "number" or (first.kind == "binary" and first.value == "/" and left.kind != "number"):
        return r" \cdot "
    last = left
    while (last.kind == "binary" and last.value == "*") or last.kind == "unary":
        last = last.children[-1]
    if last.kind == "binary" and last.value == "/" and first.kind == "binary" and first.value == "/":
        return r" \cdot "
    short = all(
        node.kind == "number" or (node.kind == "name" and not _name_latex(node.value).startswith(r"\mathrm"))
        for node in (last, first)
    )
    return " " if short or right_text.startswith(("(", r"\left(")) else r" \, "


def _interval(negations: list[Node]) -> str | None:
    """-1 <= x <= 1 from the failed conditions x < -1 and x > 1; a single negated comparison; None if neither fits."""
    lows: list[tuple[str, Node]] = []
    highs: list[tuple[str, Node]] = []
    variable = None
    for condition in negations:
        if condition.kind != "compare" or condition.children[0].kind != "name":
            return None
        variable = variable or condition.children[0]
        if condition.children[0] != variable:
            return None
        operator = _NEGATED[condition.value]
        (lows if operator in (">", ">=") else highs).append((operator, condition.children[1]))
    if variable is None or len(lows) > 1 or len(highs) > 1 or any(c.value in ("==", "!=") for c in negations):
        return None
    text = latex(variable)
    if lows:
        operator, bound = lows[0]
        text = (
            f"{latex(bound)} {_COMPARE_LATEX[_MIRRORED[operator]]} {text}"
            if highs
            else f"{text} {_COMPARE_LATEX[operator]} {latex(bound)}"
        )
    if highs:
        text += f" {_COMPARE_LATEX[highs[0][0]]} {latex(highs[0][1])}"
    return text


def _cases(node: Node) -> str:
    rows, negations = [], []
    while node.kind == "if":
        body, condition, node = node.children
        rows.append((latex(body), latex(condition)))
        negations.append(condition)
    rest = _interval(negations)
    if rest is None:
        raise ValueError("the last branch needs conditions that compare one variable with a lower and an upper bound")
    rows.append((latex(node), rest))
    return r"\begin{cases} " + r" \\ ".join(rf"{body}, & {condition}" for body, condition in rows) + r" \end{cases}"


# --- NumPy -----------------------------------------------------------------------------------------------------------

# Printed as a quotient or product around the argument, so brackets may be needed inside and outside.
_SPELLED_OUT = {"sigma", "Phi", "phi", "sech"}


def _code_strength(node: Node) -> int:
    return _STRENGTH["*"] if node.kind == "call" and node.value in _SPELLED_OUT else _strength(node)


def code(node: Node) -> str:
    """The textbook form as NumPy code, with `erf` and `erfc` as free names."""
    children = node.children
    match node.kind:
        case "number":
            return node.value
        case "name":
            return CONSTANTS[node.value][1] if node.value in CONSTANTS else node.value
        case "unary":
            inner = code(children[0])
            return f"-({inner})" if _code_strength(children[0]) < _STRENGTH["unary"] else f"-{inner}"
        case "call":
            arguments = ", ".join(map(code, children))
            if node.value in _SPELLED_OUT and _code_strength(children[0]) < 9:
                arguments = f"({arguments})"
            return FUNCTIONS[node.value].code.format(arguments)
        case "binary":
            strength, power = _STRENGTH[node.value], node.value == "**"
            left, right = map(code, children)
            if _code_strength(children[0]) < strength or (power and children[0].kind == "binary"):
                left = f"({left})"
            tied = _code_strength(children[1]) == strength and (node.value in "-/" or children[1].kind == "call")
            if _code_strength(children[1]) < strength or tied:
                right = f"({right})"
            return f"{left}**{right}" if power else f"{left} {node.value} {right}"
        case "compare":
            return f"{code(children[0])} {node.value} {code(children[1])}"
        case "and" | "or":
            return (" & " if node.kind == "and" else " | ").join(f"({code(child)})" for child in children)
    body, condition, orelse = children
    return f"np.where({code(condition)}, {code(body)}, {code(orelse)})"
