"""What the fields of an entry are made of: formulas, intervals, bilingual text, conditional values, the claims."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from truecurve.expression import Expression, ExpressionError, parse
from truecurve.problem import Fault

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Anchor = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


def _formula(value: Any, info: ValidationInfo, words: frozenset[str] = frozenset()) -> Expression:
    """A scalar formula; the names it may use (parameters and variables of the file) come with the context."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Fault(f"{value!r} is not a formula", "write text such as x * sigma(x)")
    made = parse(str(value), (info.context or {}).get("names", frozenset({"x"})) | words)
    try:
        made.latex()
    except ValueError as error:
        raise Fault(f"it cannot be printed: {error}", "write one branch for each comparison with a bound") from None
    return made


@dataclass(frozen=True)
class Interval:
    """Ends may be formulas in the parameters, ±inf, or the words minimum and maximum (of the function)."""

    low: Expression
    high: Expression
    low_open: bool
    high_open: bool
    text: str

    def latex(self) -> str:
        ends = [end.latex().replace(r"\infty", r"+\infty").replace(r"-+", "-") for end in (self.low, self.high)]
        return f"{'(' if self.low_open else '['}{ends[0]},\\ {ends[1]}{')' if self.high_open else ']'}"


def _interval(value: Any, info: ValidationInfo) -> Interval:
    match = re.fullmatch(r"\s*([\[(])(.+),(.+)([\])])\s*", value) if isinstance(value, str) else None
    if not match:
        raise Fault(f"{value!r} is not an interval", 'write text such as "(-alpha, +inf)" or "[0, 6]"')
    names = (info.context or {}).get("names", frozenset()) | {"minimum", "maximum"}
    ends = []
    for group in (2, 3):
        try:
            ends.append(parse(match[group].strip(), names))
        except ExpressionError as error:
            lead = len(match[group]) - len(match[group].lstrip())
            raise ExpressionError(match.start(group) + lead + error.offset, error.what, error.fix) from None
    return Interval(ends[0], ends[1], match[1] == "(", match[4] == ")", value.strip())


def _union(value: Any, info: ValidationInfo) -> tuple[Interval, ...]:
    """Intervals joined by |, such as "(-inf, -1) | [0, 0] | (1, +inf)"."""
    if not isinstance(value, str):
        return (_interval(value, info),)
    made, start = [], 0
    for part in value.split("|"):
        try:
            made.append(_interval(part, info))
        except Fault as fault:
            raise Fault(fault.what, fault.fix, start + fault.offset) from None
        start += len(part) + 1
    return tuple(made)


def _unfilled(text: Any) -> Any:
    if isinstance(text, str) and not text.strip():
        raise Fault("the text is empty", "write it, or remove the field if it is optional")
    if isinstance(text, str) and re.search(
        r"[\u00c0-\u00ff\u0152-\u0161\u2018-\u2022\u2030\u20ac][\u0080-\u00bf\u0152-\u0161\u2018-\u203a\u20ac\u2122]",
        text,
    ):
        raise Fault(
            "the text was decoded with the wrong code page", "restore it from its source and save the file as UTF-8"
        )
    return text


def _formula_or_maximum(value: Any, info: ValidationInfo) -> Expression:
    return _formula(value, info, frozenset({"maximum"}))


def default_value(value: Any, info: ValidationInfo) -> Expression | bool:
    return value if isinstance(value, bool) else _formula(value, info)


def _setting(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Formula = Annotated[Expression, BeforeValidator(_formula)]
FormulaOrMaximum = Annotated[Expression, BeforeValidator(_formula_or_maximum)]
Setting = Annotated[str, BeforeValidator(_setting)]
Prose = Annotated[str, BeforeValidator(_unfilled)]
Bounds = Annotated[Interval, BeforeValidator(_interval)]
Union = Annotated[tuple[Interval, ...], BeforeValidator(_union)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class Text(Model):
    """One statement in both languages: Markdown with LaTeX, `[[ formula ]]` and `{{ value }}`; see CONTRIBUTING."""

    zh: Prose
    en: Prose


class Name(Text):
    """`short` is the international name (GELU); zh and en are full names."""

    short: Prose


T = TypeVar("T")
Loc = tuple[str | int, ...]


def parts(model: Any, kind: type[T], nested: bool = False, loc: Loc = ()) -> Iterator[tuple[Loc, T]]:
    """Every part of a model that is a `kind`, with the path to it; with `nested`, also what lies within such a part."""
    if isinstance(model, kind):
        yield loc, model
        if not nested:
            return
    if isinstance(model, BaseModel):
        for name, field in type(model).model_fields.items():
            yield from parts(getattr(model, name), kind, nested, (*loc, field.alias or name))
    elif isinstance(model, dict):
        for key, item in model.items():
            yield from parts(item, kind, nested, (*loc, key))
    elif isinstance(model, (list, tuple)):
        for index, item in enumerate(model):
            yield from parts(item, kind, nested, (*loc, index))


class Case(Model, Generic[T]):
    """`is`, valid `when` its condition on the parameters holds; the first that holds counts."""

    value: T = Field(alias="is")
    when: Formula | None = None


def cases(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(item, dict) and "is" in item for item in value):
        return value
    return [{"is": value}]


def _by_choice(value: Any) -> Any:
    return value if isinstance(value, dict) else {"": value}


ByChoice = Annotated[dict[str, Formula], BeforeValidator(_by_choice)]
"""One formula, or one for each value of the entry's choice parameter. A single formula has the key ""."""

Monotonic = Literal["increasing", "nondecreasing", "decreasing", "nonincreasing", "none"]
Smoothness = Literal["discontinuous", "C0", "C1", "C2", "Cinf"]
Sides = Literal["left", "right", "both", "none"]
Symmetry = Literal["odd", "even", "none"]


class Extremum(Model):
    """Where it lies: in closed form (`at`), or a bracket with exactly one in it (`between`); the build computes it."""

    at: Formula | None = None
    between: tuple[Formula, Formula] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Extremum":
        if (self.at is None) == (self.between is None):
            raise Fault("at and between are alternatives", "give exactly one of them")
        return self


class Claims(Model):
    """What the facts table says of an elementwise function; `claims.py` proves every line at every parameter sample."""

    range: list[Case[Union]]
    monotonic: list[Case[Monotonic]]
    smooth: list[Case[Smoothness]]
    symmetry: list[Case[Symmetry]]
    zero_centered: list[Case[bool]]
    saturates: list[Case[Sides]]
    limits: dict[Literal["-inf", "+inf"], list[Case[Formula]]]
    lipschitz: list[Case[FormulaOrMaximum]] | None = None
    minimum: list[Case[Extremum]] | None = None
    maximum: list[Case[Extremum]] | None = None
    asymptotes: dict[Literal["-inf", "+inf"], list[Case[Formula]]] = {}

    @field_validator(
        "range",
        "monotonic",
        "smooth",
        "symmetry",
        "zero_centered",
        "saturates",
        "lipschitz",
        "minimum",
        "maximum",
        mode="before",
    )
    @classmethod
    def _bare_value(cls, value: Any) -> Any:
        return cases(value)

    @field_validator("limits", "asymptotes", mode="before")
    @classmethod
    def _bare_values(cls, value: Any) -> Any:
        return {side: cases(case) for side, case in value.items()} if isinstance(value, dict) else value
