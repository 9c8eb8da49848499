"""The data model of a layer or an operator: arrays in, arrays out, with the gradients of all of them."""

import ast
import inspect
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from truecurve.base_entry import BaseEntry, Parameter, Window
from truecurve.fields import Anchor, Identifier, Model, Prose, Text
from truecurve.problem import Fault
from truecurve.sections import Picture


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
    expression, `torch` is the same as a whole sample with imports. `returns`: one array; parts of one, each with a
    gradient; or several, of which the first has a gradient."""

    setup: str
    call: str
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
    def arguments(self) -> dict[str, Any]:
        """The names of arrays and parameters in the order of `forward`, and their defaults, `...` for none."""
        listed = inspect.signature(self._functions[""]).parameters.items()
        return {name: ... if one.default is one.empty else one.default for name, one in listed if name != "rng"}

    def backward(self, grad_output: Any, *arrays: Any, **params: Any) -> dict[str, Any]:
        """The gradient of every floating-point array that is given, by its name, for the gradient of the output.

        Raises as `forward`.
        """
        gradients: dict[str, Any] = self._call("_backward", (grad_output, *arrays), params)
        return gradients

    def running_stats(self, *arrays: Any, **params: Any) -> Any:
        """The new running mean and variance. Raises AttributeError where the layer keeps none."""
        if "_running_stats" not in self._functions:
            raise AttributeError(f"{self.id} has no running statistics")
        return self._functions["_running_stats"](*arrays, **params)

    def defaults(self) -> dict[str, Any]:
        return {}
