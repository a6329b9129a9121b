"""What a calculator gives for its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handbook.model.entries import Calculator
from handbook.model.formula import Value

MAXIMUM_ROWS = 60
"""Highest value of a counting variable; more rows fit on no page."""

Cells = Mapping[str, Mapping[str, float]]
"""The numbers entered in a table: row → column → number."""


def calculate(
    calculator: Calculator,
    inputs: Mapping[str, Value] | None = None,
    cells: Cells | None = None,
) -> dict[str, Value]:
    """Return every result by id, for `inputs` and `cells` or else for the defaults.

    A result in the unit `row` is the place of the row among those of the table, from 0.
    Raises `KeyError` for a formula that uses what does not stand above it.
    """
    values: dict[str, Value | Sequence[float]] = {**_values(calculator, inputs)}
    lines = compare(calculator, inputs, cells).values()
    if calculator.grid is not None:
        for key in (*calculator.grid.columns, *calculator.grid.results):
            values[key] = [line[key] for line in lines]
    results: dict[str, Value] = {}
    for key, result in calculator.outputs.items():
        values[key] = results[key] = result.formula.evaluate(values)
    return results


def compare(
    calculator: Calculator,
    inputs: Mapping[str, Value] | None = None,
    cells: Cells | None = None,
) -> dict[str, dict[str, Value]]:
    """Return row → column or result → number, for `cells` or else for the worked example."""
    grid = calculator.grid
    if grid is None:
        return {}
    entered = {key: row.values for key, row in grid.rows.items()} if cells is None else cells
    lines: dict[str, dict[str, Value]] = {}
    for row, numbers in entered.items():
        values = {**_values(calculator, inputs), **grid.blank, **numbers}
        for key, result in grid.results.items():
            values[key] = result.formula.evaluate(values)
        lines[row] = {key: values[key] for key in (*grid.columns, *grid.results)}
    return lines


def rows(
    calculator: Calculator, inputs: Mapping[str, Value] | None = None
) -> list[tuple[int, Value]]:
    """Return the counting variable and the value of each row of the calculator's series."""
    series = calculator.series
    if series is None:
        return []
    values = {**_values(calculator, inputs), **calculate(calculator, inputs)}

    def bound(end: str | int) -> int:
        return int(values[end]) if isinstance(end, str) else end

    return [
        (count, series.formula.evaluate({**values, series.variable: count}))
        for count in range(bound(series.start), min(bound(series.stop), MAXIMUM_ROWS) + 1)
    ]


def _values(calculator: Calculator, inputs: Mapping[str, Value] | None) -> dict[str, Value]:
    defaults = {key: quantity.default for key, quantity in calculator.inputs.items()}
    return {**defaults, **(inputs or {})}
