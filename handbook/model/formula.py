"""Formulas of calculators: a small part of Python's expressions, and the same in JavaScript.

Allowed are names, numbers, `+ - * / ( )`, comparisons, `and or not` and `min max round`, and over
all rows of a table `mean(column)`, `total(column)`, `count(column)`, `best(column)`.
`round` rounds halves up, as people do on paper and as `Math.round` does, not to even.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Value = float | bool

_ARITHMETIC: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("-", lambda a, b: a - b),
    ast.Mult: ("*", lambda a, b: a * b),
    ast.Div: ("/", lambda a, b: a / b),
    ast.Lt: ("<", lambda a, b: a < b),
    ast.LtE: ("<=", lambda a, b: a <= b),
    ast.Gt: (">", lambda a, b: a > b),
    ast.GtE: (">=", lambda a, b: a >= b),
    ast.Eq: ("==", lambda a, b: a == b),
}


def _round(number: Any) -> int:
    """Round halves up; adding a half first would be wrong for 0.49999999999999994."""
    floor: int = math.floor(number)
    return floor + 1 if number - floor >= 0.5 else floor


_FUNCTIONS: dict[str, tuple[Callable[..., Any], range]] = {
    "min": (min, range(2, 10)),
    "max": (max, range(2, 10)),
    "round": (_round, range(1, 2)),
}
"""Name, what it does, and how many arguments it takes."""


def _total(values: Sequence[float]) -> float:
    """Add from left to right, as JavaScript does; `sum` corrects for what that loses."""
    return reduce(lambda a, b: a + b, values, 0.0)


_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "total": _total,
    "count": len,
    "mean": lambda values: _total(values) / len(values),
    "best": lambda values: max(range(len(values)), key=values.__getitem__),
}
"""What can be asked of a column; `best` is the place of its highest value, from 0."""
MAXIMUM_LENGTH = 500
"""Characters of a formula; keeps the depth of its tree within bounds."""


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression such as `years * first_year`, checked when it is read."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """The inputs and outputs that the formula uses, as ids."""
        nodes = [*ast.walk(_parse(self.text))]
        called = [node.func for node in nodes if isinstance(node, ast.Call)]
        names = [node.id for node in nodes if isinstance(node, ast.Name) and node not in called]
        return frozenset(map(_to_id, names))

    @property
    def aggregated(self) -> frozenset[str]:
        """The columns of a table that the formula takes as a whole, as ids."""
        calls = (node for node in ast.walk(_parse(self.text)) if isinstance(node, ast.Call))
        return frozenset(
            _to_id(argument.id)
            for call in calls
            if isinstance(call.func, ast.Name) and call.func.id in _AGGREGATES
            for argument in call.args
            if isinstance(argument, ast.Name)
        )

    def evaluate(self, values: Mapping[str, Value | Sequence[float]]) -> Value:
        """Return the result for `values` by id; a column is the sequence of its values.

        Raises `KeyError` for a name without a value, `ZeroDivisionError`, and `ValueError` for
        the best of no rows.
        """
        result: Value = _evaluate(_parse(self.text), values)
        return result

    def to_javascript(self) -> str:
        """Return the same expression for a browser.

        Names become `v["id"]`, what is asked of a column becomes a call of `a.mean` and the like.
        """
        return _javascript(_parse(self.text))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls._validate, core_schema.str_schema())

    @classmethod
    def _validate(cls, text: str) -> Formula:
        try:
            _javascript(_parse(text))
        except (SyntaxError, ValueError) as error:
            raise PydanticCustomError(
                "formula", "“{text}” is not a formula", {"text": text}
            ) from error
        return cls(text)


def _parse(text: str) -> ast.expr:
    if len(text) > MAXIMUM_LENGTH:
        raise ValueError("too long for a formula")
    return ast.parse(text.strip(), mode="eval").body


def _is_plain(number: float) -> bool:
    """Tell whether `number` is one that JavaScript holds exactly as Python does."""
    return not isinstance(number, bool) and abs(number) <= 2**53


def _to_id(name: str) -> str:
    return name.replace("_", "-")


def _evaluate(node: ast.expr, values: Mapping[str, Value | Sequence[float]]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return values[_to_id(name)]
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)][1](_evaluate(left, values), _evaluate(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _ARITHMETIC[type(op)][1](_evaluate(left, values), _evaluate(right, values))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_evaluate(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_evaluate(part, values) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, values)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name][0](*(_evaluate(argument, values) for argument in arguments))
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _AGGREGATES:
            return _AGGREGATES[name](_evaluate(argument, values))
    raise ValueError(f"not allowed in a formula: {ast.unparse(node)}")


def _javascript(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int() | float() as number) if _is_plain(number):
            return repr(number)
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return f'v["{_to_id(name)}"]'
        case (
            ast.BinOp(left=left, op=op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ) if type(op) in _ARITHMETIC:
            return f"({_javascript(left)} {_ARITHMETIC[type(op)][0]} {_javascript(right)})"
        case ast.BoolOp(op=op, values=parts):
            sign = " && " if isinstance(op, ast.And) else " || "
            return f"!!({sign.join(map(_javascript, parts))})"
        case ast.UnaryOp(op=ast.Not() | ast.USub() as op, operand=operand):
            return f"({'!' if isinstance(op, ast.Not) else '-'}{_javascript(operand)})"
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
            name in _FUNCTIONS and len(arguments) in _FUNCTIONS[name][1]
        ):
            return f"Math.{name}({', '.join(map(_javascript, arguments))})"
        case ast.Call(func=ast.Name(id=name), args=[ast.Name() as column], keywords=[]) if (
            name in _AGGREGATES
        ):
            return f"a.{name}({_javascript(column)})"
    raise ValueError(f"not allowed in a formula: {ast.unparse(node)}")
