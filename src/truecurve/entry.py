"""The data model of one catalogue entry: the only schema. `loader.py` turns a YAML file into one of these."""

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from truecurve.comparison import Comparison, Zoom
from truecurve.expression import Expression
from truecurve.fields import (
    Anchor,
    Bounds,
    ByChoice,
    Claims,
    Formula,
    Identifier,
    Model,
    Name,
    Prose,
    Text,
    default_value,
)
from truecurve.problem import Fault
from truecurve.sections import Exercise, Mistake, Picture, Property, Question, Related, Sample, Subject, Use, UsedBy

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


def _literal(value: Any) -> Any:
    """A Python literal as text. Raises Fault."""
    try:
        if isinstance(value, (dict, list)):
            raise ValueError
        ast.literal_eval(str(value))
    except (ValueError, SyntaxError):
        raise Fault(
            f"{value!r} is no Python literal", 'write it as Python prints it, in quotes, such as "None"'
        ) from None
    return str(value)


class Kink(Model):
    """A point where branches meet. `derivative` is PyTorch's value there; `jump` if the function itself jumps."""

    at: Formula
    derivative: Formula
    jump: bool = False
    note: Text | None = None


class Form(Model):
    """An equivalent formula, proved equal; `when` limits the parameters, `choice` names the choice it belongs to."""

    id: Anchor
    formula: Formula = Field(alias="is")
    when: Formula | None = None
    choice: str | None = None
    note: Text | None = None


class Approximation(Model):
    """A formula close to the definition; its worst error and where it occurs are computed."""

    id: Anchor
    formula: Formula = Field(alias="is")
    note: Text | None = None


class Implementation(Model):
    """The form that PyTorch and our NumPy compute where it differs from the definition, and why."""

    definition: Formula
    derivative: Formula
    second_derivative: Formula
    why: Text


class Stable(Model):
    """Equivalent forms without cancellation, for the authority where the stated ones would need too many digits."""

    definition: ByChoice | None = None
    derivative: ByChoice | None = None
    second_derivative: ByChoice | None = None


class Naive(Model):
    """A row of the naive-against-stable table. `formula` defaults to the definition (or derivative) as printed."""

    of: Literal["f", "df"] = "f"
    formula: Formula | None = Field(default=None, alias="is")
    note: Text | None = None


class Window(Model):
    """What a figure shows; called, it draws the entry it belongs to."""

    _entry: Any = PrivateAttr(default=None)


class Plot(Window):
    """The window of the figure. `parameters` replaces defaults; `family` draws one curve per value of one parameter;
    `band` gives two sets of parameters between which a random function lies; `zoom` is a magnified inset."""

    x: tuple[float, float]
    y: tuple[float, float] | None = None
    parameters: dict[str, Formula] = {}
    family: dict[str, list[Formula]] = {}
    band: tuple[dict[str, Formula], dict[str, Formula]] | None = None
    zoom: Zoom | None = None

    def __call__(
        self, ax: Any = None, derivative: bool | int = True, x: tuple[float, float] | None = None, **params: Any
    ) -> Any:
        """Draw f over `x` (low, high; by default the window of the figure) and return Matplotlib's Axes.

        `ax`: draw there, beside what it shows already; a new figure without it. `derivative`: f' too, with 2 also f''.
        `params` by PyTorch's names, else those of the figure. Raises ValueError naming a parameter that is unknown or
        outside its domain.
        """
        from truecurve import plotting  # late: who only computes needs no Matplotlib

        return plotting.curves(self._entry, ax, derivative, x, params)


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


class Elementwise(BaseEntry):
    """A scalar map applied to every element; named x in formulas."""

    kind: Literal["elementwise"]
    definition: ByChoice
    derivative_formula: ByChoice = Field(alias="derivative")
    second_derivative_formula: ByChoice = Field(alias="second_derivative")
    stable: Stable = Stable()
    implementation: Implementation | None = None
    forms: list[Form] = []
    approximations: list[Approximation] = []
    kinks: list[Kink] = []
    claims: Claims
    naive: list[Naive] = []
    plot: Plot

    def stated(self, order: int) -> dict[str, Expression]:
        """The formulas of f, f' or f'' as the page shows them, by choice."""
        return (self.definition, self.derivative_formula, self.second_derivative_formula)[order]

    def resolvable(self, order: int) -> dict[str, Expression]:
        """The formulas that the authority evaluates: `stable` where given, else as stated."""
        stable = (self.stable.definition, self.stable.derivative, self.stable.second_derivative)[order]
        return stable or self.stated(order)

    def derivative(self, x: Any, *args: Any, **params: Any) -> Any:
        """NumPy derivative, elementwise; PyTorch's value at kinks. Raises as `forward`."""
        return self._call("_derivative", (x, *args), params)

    def second_derivative(self, x: Any, *args: Any, **params: Any) -> Any:
        """NumPy second derivative, elementwise; at kinks that of the branch taken. Raises as `forward`."""
        return self._call("_second_derivative", (x, *args), params)


class GatedPlot(Window):
    """The window of the figure: both halves of the input, low and high."""

    a: tuple[float, float]
    b: tuple[float, float]

    def __call__(self, ax: Any = None, **params: Any) -> Any:
        """Draw level lines over the two halves of the input and return Matplotlib's Axes; `ax` and errors as for
        elementwise functions."""
        from truecurve import plotting  # late: who only computes needs no Matplotlib

        return plotting.level_lines(self._entry, ax, params)


class Gated(BaseEntry):
    """A product of two halves of the input: a scalar formula in a (first half) and b (second half)."""

    kind: Literal["gated"]
    definition: Formula
    derivatives: dict[Literal["a", "b"], Formula]
    forms: list[Form] = []
    plot: GatedPlot

    def derivative(self, x: Any, *args: Any, **params: Any) -> Any:
        """The pair of partial derivatives with respect to the two halves. Raises as `forward`."""
        return self._call("_derivative", (x, *args), params)


class VectorPlot(Window):
    """`logits`: the vector shown; `temperatures`: divisors of it; `symbol`: the output, p for a probability."""

    logits: list[float]
    temperatures: list[float]
    symbol: Literal["p", "y"] = "p"

    def __call__(self, ax: Any = None, x: Any = None, **params: Any) -> Any:
        """Draw a bar for each output for the vector `x` (by default that of the figure), return Matplotlib's Axes;
        `ax` and errors as for elementwise functions."""
        from truecurve import plotting  # late: who only computes needs no Matplotlib

        return plotting.bars(self._entry, ax, x, params)


class LatexForm(Model):
    """An equivalent form in LaTeX, proved by a value expression in v (a vector) and c (a scalar)."""

    id: Anchor
    latex: str
    holds: str
    note: Text | None = None


class Components(Model):
    """The map number by number, for the live figure; proved against the NumPy code.

    `weight` of one input x (`maximum`, `minimum`: over the vector). `outputs`: one formula for each block of outputs,
    in x, its weight `w`, the `total` of all weights and the `rest` without the largest. `jacobian`: one for each block,
    in the output `y` of the row and its input x, `delta`, 1 on the diagonal and 0 elsewhere, and `gap`, delta minus the
    share w / total of the column.
    """

    weight: Formula
    outputs: list[Formula] = Field(min_length=1)
    jacobian: list[Formula] = Field(min_length=1)


class Vector(BaseEntry):
    """A map of a whole vector along one axis. LaTeX is written by hand and proved by `properties` and a plain-loop
    reference in the tests."""

    kind: Literal["vector"]
    latex: Prose
    jacobian_latex: Prose
    components: Components
    forms: list[LatexForm] = []
    plot: VectorPlot

    def jacobian(self, x: Any, *args: Any, **params: Any) -> Any:
        """Shape (..., m, n): element [i, j] is the derivative of output i by input j. Raises as `forward`."""
        return self._call("_jacobian", (x, *args), params)

    @property
    def of_images(self) -> bool:
        """Whether it takes (C, H, W) and works on the channels of each pixel: so it does without a `dim`."""
        return "dim" not in self.parameters

    def at(self, values: Any) -> tuple[Any, Any]:
        """Output, shape (m,), and Jacobian, shape (m, n), for one vector of n numbers; of images, for one pixel."""
        if self.of_images:
            pixel = np.asarray(values)[:, None, None]
            return self.forward(pixel)[:, 0, 0], self.jacobian(pixel)[0, 0]
        return self.forward(values, dim=-1), self.jacobian(values, dim=-1)


class Argument(Model):
    """An array that a layer takes: its shape as code, such as (N, C_in, H, W)."""

    shape: Prose
    means: Text


class Option(Parameter):
    """A further argument of a layer: `takes` are its Python types as code, `default` a Python literal as text; without
    it the argument is required. What is admitted is for the NumPy code to say."""

    takes: Prose
    default: Annotated[str | None, BeforeValidator(_literal)] = None

    @model_validator(mode="after")
    def _one_type(self) -> "Option":
        return self

    @property
    def type(self) -> Literal["option"]:
        return "option"

    @property
    def value(self) -> Any:
        return None if self.default is None else ast.literal_eval(self.default)

    def admit(self, name: str, value: Any, others: Mapping[str, Any]) -> None:
        pass


class Example(Model):
    """Small arrays and a call, for the samples and the notebook. `setup` makes the arrays in NumPy, `call` is an
    expression, `backward` its gradients for g, an array as the output (by default `call` with g as first argument).
    `torch` is the same as a whole sample with imports. `returns`: one array; parts of one, each with a gradient; or
    several, of which the first has a gradient."""

    setup: str
    call: str
    backward: str | None = None
    torch: str
    returns: Literal["array", "parts", "several"] = "array"


class Fact(Model):
    """A line of the table beside the figure."""

    id: Anchor
    label: Text
    value: Text


class LayerPlot(Window):
    """`pictures`: the first stands on the first screen. `live`: the widget that takes its place."""

    pictures: list[Picture] = Field(min_length=1)
    live: Literal["window", "norm"] | None = None

    def __call__(self, ax: Any = None) -> Any:
        """Draw the first picture and return Matplotlib's Axes."""
        from truecurve import plotting  # late: who only computes needs no Matplotlib

        return plotting.cells(self._entry, ax)


class Layer(BaseEntry):
    """A layer or an operator on arrays, with its gradients. LaTeX is written by hand; NumPy is tested against PyTorch
    over many configurations, and against plain loops. Its arguments are `arrays` and `parameters`."""

    kind: Literal["layer"]
    latex: Prose
    gradients: dict[Identifier, Prose]
    arrays: dict[Identifier, Argument] = Field(min_length=1)
    parameters: Mapping[Identifier, Option] = {}
    glance: list[Fact] = Field(min_length=3)
    example: Example
    plot: LayerPlot

    @property
    def arguments(self) -> list[str]:
        """The names of arrays and parameters, in the order of `forward`."""
        return [name for name in inspect.signature(self._functions[""]).parameters if name != "rng"]

    def backward(self, grad_output: Any, *arrays: Any, **params: Any) -> dict[str, Any]:
        """The gradient of every floating-point array that is given, by its name, for the gradient of the output.

        Raises as `forward`.
        """
        return self._call("_backward", (grad_output, *arrays), params)  # type: ignore[no-any-return]

    def running_stats(self, *arrays: Any, **params: Any) -> Any:
        """The new running mean and variance. Raises AttributeError where the layer keeps none."""
        if "_running_stats" not in self._functions:
            raise AttributeError(f"{self.id} has no running statistics")
        return self._functions["_running_stats"](*arrays, **params)

    def defaults(self) -> dict[str, Any]:
        return {}


Entry = Elementwise | Gated | Vector | Layer
