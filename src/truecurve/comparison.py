"""A figure in which several functions share one view: which curves, over which window, and what to see in it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from truecurve.fields import Anchor, Formula, Identifier, Model, Setting, Text
from truecurve.problem import Fault


class Zoom(Model):
    """A magnified window, drawn as an inset in `corner`."""

    x: tuple[float, float]
    y: tuple[float, float]
    corner: Literal["upper left", "upper right", "lower left", "lower right"] = "upper left"


class Compared(Model):
    """One curve: a function of the catalogue (`of`), or a formula in x with a label of symbols.

    `order`: which derivative; `given`: parameters, PyTorch's defaults where absent; `minus`: another elementwise
    function to subtract. A gated function has one half `fixed`, a vector function all inputs but the first (`others`).
    """

    of: Identifier | None = None
    order: Literal["f", "df", "d2f"] = "f"
    given: dict[Identifier, Setting] = {}
    minus: Identifier | None = None
    fixed: dict[Literal["a", "b"], float] = Field(default={}, max_length=1)
    others: list[float] = []
    formula: Formula | None = Field(default=None, alias="is")
    label: Annotated[str, Field(min_length=1, max_length=8)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Compared":
        if (self.of is None) == (self.formula is None):
            raise Fault("of and is are alternatives", "give exactly one of them")
        if self.of is None and self.label is None:
            raise Fault("a formula without a label", "give label: a symbol that stands beside the curve")
        return self


class Comparison(Model):
    """Over the window `x` the curves are functions; with `inputs: normal` each shows its values at the same sorted
    random numbers, over their rank."""

    id: Anchor
    caption: Text
    inputs: Literal["window", "normal"] = "window"
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    zoom: Zoom | None = None
    curves: list[Compared] = Field(min_length=1, max_length=7)

    @model_validator(mode="after")
    def _window(self) -> "Comparison":
        if (self.x is None) == (self.inputs == "window"):
            raise Fault("x and inputs: normal are alternatives", "give the window x: [low, high], or inputs: normal")
        return self
