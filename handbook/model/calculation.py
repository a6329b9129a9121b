"""What a calculator gives for its inputs."""

from __future__ import annotations

from collections.abc import Mapping

from handbook.model.entries import Calculator
from handbook.model.formula import Value

MAXIMUM_ROWS = 60
"""Highest value of a counting variable; more rows fit on no page."""


def calculate(
    calculator: Calculator, inputs: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Return every result by id, for `inputs` or else for the defaults.

    Raises `KeyError` for a formula that uses what does not stand above it.
    """
    values = _values(calculator, inputs)
    for key, result in calculator.outputs.items():
        values[key] = result.formula.evaluate(values)
    return {key: values[key] for key in calculator.outputs}


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
