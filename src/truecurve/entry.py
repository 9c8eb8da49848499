"""The data model of one catalogue entry: the only schema. `loader.py` turns a YAML file into one of these."""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from truecurve.base_entry import BaseEntry, Window
from truecurve.comparison import Zoom
from truecurve.expression import Expression
from truecurve.fields import Anchor, ByChoice, Claims, Formula, Model, Prose, Text
from truecurve.layer import Layer


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


Entry = Elementwise | Gated | Vector | Layer
