"""An entry in numbers: the columns of its CSV file and, fewer, those of its samples in the API. All are float64."""

from collections.abc import Iterable

import numpy as np

from truecurve import cell_figures, facts
from truecurve.curves import Array
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.layer import Layer

FINE, COARSE = np.arange(-256, 257) / 32, np.arange(-12, 13) / 2
"""Where the CSV file and the API sample an elementwise function."""
GATED_FINE, GATED_COARSE = np.arange(-16, 17) / 4, np.arange(-4.0, 5, 2)
"""Likewise both halves of a gated one."""

Columns = dict[str, list[float | None]]


def csv(entry: Entry) -> str:
    """One line for each row and a header; the shortest digits that give the number back, nothing where it has none."""
    match entry:
        case Elementwise():
            columns = scalar(entry, np.union1d(FINE, kinks(entry)))
        case Gated():
            columns = gated(entry, GATED_FINE)
        case Vector():
            columns = vector(entry)
        case Layer():
            columns = cells(entry)
    rows: Iterable[Iterable[float | None]] = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join("" if cell is None else repr(cell) for cell in row) for row in rows)]
    return "\n".join(lines) + "\n"


def kinks(entry: Elementwise) -> list[float]:
    """Where branches of the definition meet at the parameters of the figure, ascending."""
    return [float(kink) for kink in facts.kink_points(entry, facts.shown_parameters(entry))]


def scalar(entry: Elementwise, x: Array) -> Columns:
    """x, f, f′ and f″ at the parameters of the figure; f″ is None where it does not exist."""
    params = facts.shown_parameters(entry)
    broken = {float(kink) for kink in facts.kink_points(entry, params) if _jumps(entry, kink)}
    second = entry.second_derivative(x, **params).tolist()
    return {
        "x": x.tolist(),
        "f": entry.forward(x, **params).tolist(),
        "df": entry.derivative(x, **params).tolist(),
        "d2f": [None if at in broken else value for at, value in zip(x.tolist(), second, strict=True)],
    }


def _jumps(entry: Elementwise, kink: object) -> bool:
    """Whether f, f′ or f″ has two limits at a kink."""
    params = facts.shown_parameters(entry)
    both = [facts.sides(entry, kink, params, order) for order in range(3)]
    return any(abs(left - right) > 1e-30 * max(1, abs(left)) for left, right in both)


def gated(entry: Gated, half: Array) -> Columns:
    """Every pair of the numbers as halves a and b of the input, the value, and its derivatives with respect to them."""
    a, b = (grid.ravel() for grid in np.meshgrid(half, half, indexing="ij"))
    x = np.stack([a, b], axis=-1)
    columns = {"a": a, "b": b, "f": entry.forward(x)}
    columns |= dict(zip(("df_da", "df_db"), entry.derivative(x), strict=True))
    return {name: values.ravel().tolist() for name, values in columns.items()}


def vector(entry: Vector) -> Columns:
    """For each temperature of the figure, each element of the output for its logits divided by the temperature.

    Where the output is longer than the input, the logits repeat.
    """
    columns: Columns = {name: [] for name in ("temperature", "index", "logit", "output")}
    logits = entry.plot.logits
    for temperature in entry.plot.temperatures:
        outputs, _ = entry.at(np.array(logits) / temperature)
        for index, output in enumerate(outputs.tolist()):
            for name, cell in zip(columns, (temperature, index, logits[index % len(logits)], output), strict=True):
                columns[name].append(cell)
    return columns


def cells(entry: Layer) -> Columns:
    """Every number in the cells of the first picture that has numbers: which panel, row and column, all from 0, and the
    value."""
    found: list[tuple[int, int, int, float]] = []
    for picture in entry.plot.pictures:
        found = found or [
            (panel, row, column, float(value))
            for panel, grid in enumerate(cell_figures.grids(entry, picture))
            for (row, column), value in np.ndenumerate(grid.cells)
            if cell_figures.is_number(value)
        ]
    names = ("panel", "row", "column", "value")
    return {name: [cell[at] for cell in found] for at, name in enumerate(names)}
