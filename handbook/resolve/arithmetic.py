"""Whether what people reckon with adds up: calculators, session plans."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.diagnostics import Problem, did_you_mean
from handbook.model.book import Session
from handbook.model.calculation import calculate, rows
from handbook.model.entries import Calculator, Entered, Grid, Quantity
from handbook.model.formula import Value


def check_calculator(calculator: Calculator) -> Iterator[Problem]:
    """Yield what keeps a calculator from computing, or from giving its worked example."""
    problems = [*_unknown_names(calculator), *_check_limits(calculator)]
    if calculator.grid is not None:
        problems += _check_grid(calculator.grid)
    yield from problems or _check_example(calculator)


def _unknown_names(calculator: Calculator) -> Iterator[Problem]:
    """Yield each formula that uses what does not stand above it."""
    known = set(calculator.inputs)
    used: list[tuple[Quantity, frozenset[str]]] = []
    columns: set[str] = set()
    if calculator.grid is not None:
        columns |= calculator.grid.columns.keys()
        for result in calculator.grid.results.values():
            used.append((result, result.formula.names - known - columns))
            columns.add(result.id)
    for result in calculator.outputs.values():
        whole = result.formula.aggregated
        used.append((result, result.formula.names - whole - known | whole - columns))
        known.add(result.id)
    if calculator.series is not None:
        series = calculator.series
        ends = {end for end in (series.start, series.stop) if isinstance(end, str)}
        used.append((series, (series.formula.names - {series.variable} | ends) - known))
    for quantity, unknown in used:
        if unknown:
            message = f"the formula of “{quantity.label.text}” uses {', '.join(sorted(unknown))}"
            hint = "use inputs and outputs that stand above it"
            yield Problem(quantity.label.span, "W01-unknown-name", message, hint)


def _check_limits(calculator: Calculator) -> Iterator[Problem]:
    """Yield each number of the worked example that readers could not enter."""
    entered: list[tuple[Entered, float]]
    entered = [(quantity, quantity.default) for quantity in calculator.inputs.values()]
    if calculator.grid is not None:
        columns = calculator.grid.columns
        for row in calculator.grid.rows.values():
            entered += [(columns[key], row.values[key]) for key in columns if key in row.values]
    for quantity, value in entered:
        if not quantity.admits(value):
            message = f"“{quantity.label.text}” does not admit {value:g}, which the example enters"
            hint = "mend the example, or minimum, maximum or whole"
            yield Problem(quantity.label.span, "limits", message, hint)


def _check_example(calculator: Calculator) -> Iterator[Problem]:
    span = calculator.title.span
    try:
        found: dict[str, Value | str] = {**calculate(calculator)}
        rows(calculator)
    except (ArithmeticError, ValueError) as error:
        message = f"the defaults give no result: {error}"
        yield Problem(span, "W02-formula", message, "mend the formula or the defaults")
        return
    if calculator.grid is not None:
        titles = list(calculator.grid.rows)
        for key, result in calculator.outputs.items():
            if result.unit == "row":
                found[key] = titles[int(found[key])]
    for key, value in calculator.expected.items():
        if key not in found:
            hint = did_you_mean(key, found)
            yield Problem(span, "X02-example", f"“{key}” is expected, but not computed", hint)
        elif not _same(found[key], value):
            message = f"the worked example should give {key} = {value}, but gives {found[key]}"
            yield Problem(span, "X02-example", message, "mend the formula or the defaults")


def _same(found: Value | str, expected: Value | str) -> bool:
    if isinstance(found, str) or isinstance(expected, str):
        return found == expected
    return abs(found - expected) <= 1e-6  # not so when one is not a number


def _check_grid(grid: Grid) -> Iterator[Problem]:
    """Yield each row of a calculator's table that has not the numbers of its columns."""
    for row in grid.rows.values():
        required = grid.columns.keys() - grid.blank.keys()
        if not required <= row.values.keys() <= grid.columns.keys():
            message = f"the row “{row.id}” has not the numbers of the columns"
            hint = f"write values for {', '.join(grid.columns)}"
            yield Problem(row.title.span, "W02-formula", message, hint)
    if grid.sorted_by is not None and grid.sorted_by not in grid.results:
        message = f"the rows are sorted by “{grid.sorted_by}”, which is no result"
        hint = did_you_mean(grid.sorted_by, grid.results)
        yield Problem(grid.label.span, "W02-formula", message, hint)


def check_session(session: Session) -> Iterator[Problem]:
    """Yield whether the slots of a session do not fill it."""
    minutes = sum(slot.minutes for slot in session.slots.values())
    if minutes != session.minutes:
        message = f"the slots take {minutes} minutes, the session {session.minutes}"
        hint = "the minutes of the slots add up to those of the session"
        yield Problem(session.title.span, "minutes", message, hint)
