"""Formulas: what they give, what they refuse, and that a browser gives the same."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import pytest
from pydantic import TypeAdapter, ValidationError

from handbook.loading import Project
from handbook.model.calculation import calculate, compare, rows
from handbook.model.formula import Formula, Value
from tests.conftest import ROOT

ADAPTER = TypeAdapter(Formula)
VALUES: dict[str, Value] = {"a": 7, "b": 2.5, "first-year": 10000, "zero": 0, "yes": True}

CASES: list[tuple[str, Value]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("a / 2", 3.5),
    ("a - b - 1", 3.5),
    ("a - (b - 1)", 5.5),
    ("a / b / 2", 1.4),
    ("-a + b", -4.5),
    ("- -a", 7),
    ("--a", 7),
    ("-(-a) - -b", 9.5),
    ("first_year * 0.2", 2000),
    ("min(a, b)", 2.5),
    ("max(a, b, 9)", 9),
    ("round(b)", 3),
    ("round(-b)", -2),
    ("round(a / 2)", 4),
    ("round(0.49999999999999994)", 0),
    ("round(-0.5)", 0),
    ("round(1.4999999)", 1),
    ("a > b", True),
    ("a < b", False),
    ("a <= 7", True),
    ("a >= 8", False),
    ("a == 7", True),
    ("yes == 1", True),
    ("a > b and b > 3", False),
    ("a > b or b > 3", True),
    ("not a > b", False),
    ("not (a > b and b > 3)", True),
    ("(a and b) + 1", 2),
    ("(zero or b) + 1", 2),
    ("not zero and not not a", True),
    ("(a > b) + 1", 2),
    ("1e3 + .5", 1000.5),
    ("0.1 + 0.2", 0.1 + 0.2),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_formula_gives_its_value(text: str, expected: Value) -> None:
    assert ADAPTER.validate_python(text).evaluate(VALUES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a b",
        "a ** 2",
        "a % 2",
        "a // 2",
        "a != b",
        "1 < a < 9",
        "open(1)",
        "a.b",
        "a[0]",
        "[a]",
        "'a'",
        "True",
        "None",
        "1j",
        "lambda: 1",
        "a if b else 1",
        "(a := 1)",
        "f'{a}'",
        "~a",
        "+a",
        "round(a, 2)",
        "round()",
        "min(a)",
        "max()",
        "min(*a)",
        "max(a, b, key=a)",
        "__import__('os')",
        "1e999",
        "9" * 400,
        "a\x00",
        "(" * 300 + "a" + ")" * 300,
        "+".join("a" * 400),
        "a; b",
        "a\nb",
        "import os",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a formula"):
        ADAPTER.validate_python(text)


def test_a_formula_knows_the_names_it_uses() -> None:
    assert Formula("min(first_year, a) + a").names == {"first-year", "a"}


def test_a_name_without_a_value_and_a_division_by_zero_raise() -> None:
    with pytest.raises(KeyError, match="first-year"):
        Formula("first_year").evaluate({})
    with pytest.raises(ZeroDivisionError):
        Formula("a / zero").evaluate(VALUES)


Values = Mapping[str, Value | Sequence[float]]


def in_node(expressions: Sequence[tuple[Formula, Values]]) -> list[Value]:
    """Return what Node computes for each formula with its values, by the script of the site."""
    script = (ROOT / "themes/default/calculator.js").read_text(encoding="utf-8")
    start = script.index("const aggregates")
    aggregates = script[start : script.index("};", start) + 2]
    node = shutil.which("node")
    assert node, "Node.js is missing: see tests/requirements.txt"
    calls = [
        f"((v, a) => {formula.to_javascript()})({json.dumps(values)}, aggregates)"
        for formula, values in expressions
    ]
    program = f"{aggregates}\nconsole.log(JSON.stringify([{', '.join(calls)}]))"
    done = subprocess.run([node, "-"], input=program, capture_output=True, text=True, check=True)
    found: list[Value] = json.loads(done.stdout)
    return found


def test_a_browser_gives_the_same() -> None:
    found = in_node([(Formula(text), VALUES) for text, _ in CASES])
    assert found == [expected for _, expected in CASES]
    assert [type(value) is bool for value in found] == [type(value) is bool for _, value in CASES]


def test_a_browser_rounds_as_we_do() -> None:
    numbers = [
        whole + part for whole in (-3, -1, 0, 1, 1000, 2**40) for part in (0, 0.25, 0.5, 0.75)
    ]
    numbers += [math.nextafter(number, math.inf) for number in numbers]
    numbers += [math.nextafter(number, -math.inf) for number in numbers]
    cases = [(Formula("round(a)"), {"a": number}) for number in numbers]
    assert in_node([(f, dict(v)) for f, v in cases]) == [f.evaluate(v) for f, v in cases]


def test_a_browser_gives_the_same_for_every_formula_of_the_book(project: Project) -> None:
    cases: list[tuple[Formula, Values]] = []
    expected: list[Value] = []
    book = next(iter(project.editions.values())).book
    for calculator in book.calculators.values():
        inputs = {key: quantity.default for key, quantity in calculator.inputs.items()}
        for factor in (1, 0.37, 3):
            values: dict[str, Value] = {key: value * factor for key, value in inputs.items()}
            results = calculate(calculator, values)
            lines = compare(calculator, values)
            columns = columns_of(lines)
            for key, result in calculator.outputs.items():
                cases.append((result.formula, {**values, **columns, **results}))
                expected.append(results[key])
            for key, result in calculator.grid.results.items() if calculator.grid else ():
                cases += [(result.formula, {**values, **line}) for line in lines.values()]
                expected += [line[key] for line in lines.values()]
    assert cases
    assert in_node(cases) == pytest.approx(expected)


def columns_of(lines: Mapping[str, Mapping[str, Value]]) -> dict[str, list[float]]:
    """Return the columns of a table by name."""
    names = next(iter(lines.values()), {})
    return {name: [line[name] for line in lines.values()] for name in names}


def test_a_table_is_compared_row_by_row_and_as_a_whole(project: Project) -> None:
    book = next(iter(project.editions.values())).book
    gap = book.calculators["calc-service-gap"]
    first = {"expected": 6, "received": 4}
    lines = compare(gap, cells={"a": first, "b": {"expected": 5, "received": 6}})
    assert {key: line["gap"] for key, line in lines.items()} == {"a": -2, "b": 1}
    results = calculate(gap, cells={"a": first})
    assert results == {"expected-mean": 6, "received-mean": 4, "mean-gap": -2}
    with pytest.raises(ZeroDivisionError):
        calculate(gap, cells={})


def test_a_matrix_finds_the_best_and_whether_it_stays_so(project: Project) -> None:
    matrix = next(iter(project.editions.values())).book.calculators["calc-decision-matrix"]
    cells = {"x": {"criterion-1": 5, "criterion-2": 1}, "y": {"criterion-1": 3, "criterion-2": 5}}
    for weights, winner, stable, complete in (
        ((60, 40), 1, True, True),
        ((75, 25), 0, True, True),
        ((68, 32), 0, False, True),
        ((68, 31), 0, False, False),
    ):
        inputs = {"weight-1": weights[0], "weight-2": weights[1], "weight-3": 0}
        found = calculate(matrix, inputs, cells)
        assert (found["winner"], found["stable"], found["complete"]) == (winner, stable, complete)


def test_the_rows_of_a_series_run_from_the_first_to_the_last(project: Project) -> None:
    book = next(iter(project.editions.values())).book
    calculator = book.calculators["calc-lost-customer-cost"]
    years = [(1, 10000), (2, 12000), (3, 14000), (4, 16000), (5, 18000)]
    assert rows(calculator) == years
    assert rows(calculator, {"years": 2}) == years[:2]
    assert rows(calculator.model_copy(update={"series": None})) == []


def test_halves_are_rounded_up_as_on_paper() -> None:
    halves = [Formula("round(a)").evaluate({"a": n + 0.5}) for n in range(-3, 4)]
    assert halves == list(itertools.accumulate([-2, *[1] * 6]))
