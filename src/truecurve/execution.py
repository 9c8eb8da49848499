"""Code cells run one after another in one namespace, as Jupyter runs them: what each printed, and its figures."""

import base64
import contextlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np


@dataclass(frozen=True)
class Picture:
    """A figure as Jupyter keeps it: PNG in base64, and what stands for it where no picture can be shown."""

    png: str
    text: str


@dataclass(frozen=True)
class Output:
    """What one cell left: the text it printed, and its figures."""

    printed: str
    pictures: tuple[Picture, ...] = ()


class CellError(Exception):
    """A cell that raises; `number` counts from 0."""

    def __init__(self, number: int, error: Exception):
        super().__init__(f"{type(error).__name__}: {error}")
        self.number = number


def execute(cells: Iterable[str]) -> list[Output]:
    """The output of each cell. Depends on the code and the versions of NumPy and Matplotlib only: with Matplotlib's
    own defaults, and no date in the pictures. Raises CellError."""
    import matplotlib.pyplot as plt  # late: only a build that makes notebooks anew needs it

    scope: dict[str, Any] = {"__name__": "__main__"}
    made = []
    plt.switch_backend("agg")
    with matplotlib.rc_context(), np.printoptions(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*non-interactive")  # plt.show() has no screen here
        matplotlib.rcdefaults()
        for number, code in enumerate(cells):
            printed = io.StringIO()
            try:
                with contextlib.redirect_stdout(printed):
                    exec(compile(code, f"cell {number}", "exec"), scope)
            except Exception as error:
                raise CellError(number, error) from error
            made.append(Output(printed.getvalue(), tuple(map(_picture, map(plt.figure, plt.get_fignums())))))
            plt.close("all")
    return made


def _picture(figure: Any) -> Picture:
    """As Jupyter's inline backend draws it, cut to its content."""
    target = io.BytesIO()
    figure.savefig(target, format="png", bbox_inches="tight", metadata={"Software": None})
    return Picture(base64.b64encode(target.getvalue()).decode(), repr(figure))
