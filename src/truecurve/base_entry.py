"""What entries of every kind have: names, parameters, texts, and the NumPy functions bound to them."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from truecurve.comparison import Comparison
from truecurve.expression import Expression
from truecurve.fields import Bounds, Formula, Identifier, Model, Name, Text, default_value
from truecurve.problem import Fault
from truecurve.sections import Exercise, Mistake, Property, Question, Related, Sample, Subject, Use, UsedBy

Family = Literal[
    "rectified",
    "exponential",
    "smooth_gated",
    "s_shaped",
    "hard",
    "shrinkage",
    "gated",
    "softmax",
    "linear",
    "convolution",
    "pooling",
    "normalization",
    "attention",
    "loss",
    "tensor",
]


class Torch(Model):
    """Dotted names in PyTorch; `composed` is an expression in x and the parameters where it has no function of this
    signature. Any of them may be absent."""

    module: str | None = None
    functional: str | None = None
    composed: str | None = None


class Parameter(Model):
    """A parameter in PyTorch's name and order.

    Real: `domain` given (`integer` limits it). Choice: `choices` given. Flag: `default` is true or false. Without
    `default` it is required.
    `samples` are the values every test visits and (real) the members of the family figure; `slider` is the range of
    the live figure.
    """

    means: Text
    default: Annotated[Any, BeforeValidator(default_value)] = None
    domain: Bounds | None = None
    integer: bool = False
    choices: list[str] | None = None
    samples: list[Formula] = []
    slider: tuple[float, float] | None = None

    @model_validator(mode="before")
    @classmethod
    def _choice_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("choices"), list) and isinstance(data.get("default"), str):
            if data["default"] not in data["choices"]:
                raise Fault(f"default {data['default']!r} is not one of the choices", "use one of them")
            # A choice is text, never a formula: the first choice is the default.
            if data["choices"][0] != data["default"]:
                raise Fault("the default is not the first choice", "list it first")
            return {key: value for key, value in data.items() if key != "default"}
        return data

    @model_validator(mode="after")
    def _one_type(self) -> "Parameter":
        if self.choices is None and not isinstance(self.default, bool) and self.domain is None:
            raise Fault(
                "neither domain nor choices nor a flag",
                "give domain: (real), choices: (text), or default: true/false (flag)",
            )
        if (self.slider is None) == (self.type == "real" and not self.integer):
            raise Fault(
                "a slider belongs to a real parameter, and only there", "give slider: [low, high], or remove it"
            )
        return self

    @property
    def type(self) -> Literal["real", "choice", "flag", "option"]:
        return "choice" if self.choices else "flag" if isinstance(self.default, bool) else "real"

    def admit(self, name: str, value: Any, others: Mapping[str, Any]) -> None:
        """Raise ValueError where `value` is not one of the choices or lies outside the domain."""
        if self.choices is not None:
            if value not in self.choices:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, self.choices))}, not {value!r}")
        elif self.domain is not None:
            low, high = (float(end.mp(others)) for end in (self.domain.low, self.domain.high))
            array = np.asarray(value)
            above = array > low if self.domain.low_open else array >= low
            below = array < high if self.domain.high_open else array <= high
            if not np.all(above & below):
                raise ValueError(f"{name} must lie in {self.domain.text}, not {value!r}")

    @property
    def value(self) -> Any:
        """The default as a Python value (float, int, str, bool), None where PyTorch has none."""
        if self.choices:
            return self.choices[0]
        if isinstance(self.default, Expression):
            number = float(self.default.mp({}))
            return int(number) if self.integer else number
        return self.default


class Window(Model):
    """What a figure shows; called, it draws the entry it belongs to."""

    _entry: Any = PrivateAttr(default=None)


class BaseEntry(Subject):
    """What every kind has."""

    family: Family
    name: Name
    aliases: list[str] = []
    torch: Torch = Torch()
    introduced: Identifier | None = None
    parameters: Mapping[Identifier, Parameter] = {}
    summary: Text
    intuition: Text
    use: Use
    strengths: list[Text] = Field(min_length=1)
    weaknesses: list[Text] = Field(min_length=1)
    used_by: list[UsedBy] = []
    properties: list[Property] = []
    numerics: list[Text] = []
    samples: list[Sample] = []
    mistakes: list[Mistake] = Field(min_length=1)
    questions: list[Question] = Field(min_length=2)
    exercise: Exercise | None = None
    related: list[Related] = Field(min_length=1)
    comparisons: list[Comparison] = []
    plot: Window

    _functions: dict[str, Callable[..., Any]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any) -> None:
        self.plot._entry = self

    @property
    def page(self) -> str:
        return f"functions/{self.id}.md"

    def forward(self, *arrays: Any, **params: Any) -> Any:
        """NumPy forward pass: arrays in, array of the same dtype out.

        Raises ValueError naming a parameter that lies outside its declared domain.
        """
        return self._call("", arrays, params)

    def _call(self, suffix: str, arrays: tuple[Any, ...], params: dict[str, Any]) -> Any:
        function = self._functions[suffix]
        bound = inspect.signature(function).bind(*arrays, **params)
        bound.apply_defaults()  # a domain may depend on another parameter, as upper on lower
        given = bound.arguments
        for name, parameter in self.parameters.items():
            if name in given:
                parameter.admit(name, given[name], given)
        return function(*arrays, **params)

    def _repr_html_(self) -> str:
        """Name, formulas and figure, for Jupyter: nothing of it is loaded from elsewhere."""
        from truecurve import display  # late, as in `plot`

        return display.html(self)  # type: ignore[arg-type]  # Entry holds every kind of BaseEntry

    def _repr_latex_(self) -> str:
        """The definition between dollar signs."""
        from truecurve import display  # late, as in `plot`

        return display.latex(self)  # type: ignore[arg-type]

    def defaults(self) -> dict[str, Any]:
        """PyTorch's defaults as Python values; parameters without one are absent."""
        return {name: parameter.value for name, parameter in self.parameters.items() if parameter.value is not None}
