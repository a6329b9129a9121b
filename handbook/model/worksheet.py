"""Worksheets: printed sheets with room to write."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handbook.model.base import Code, Id, Keyed, Table
from handbook.model.words import Words

_NO_WORDS = Words("", "")


class _Field(Keyed):
    label: Words
    hint: Words = _NO_WORDS


class Lines(_Field):
    """Lines to write on."""

    kind: Literal["lines"]
    lines: int = Field(ge=1, le=30)


class Grid(_Field):
    """A table to fill in, with empty rows or with printed first cells."""

    kind: Literal["table"]
    columns: dict[Id, Words] = Field(min_length=1)
    rows: int = Field(default=0, ge=0, le=40)
    row_labels: dict[Id, Words] = Field(default_factory=dict)


class Rating(_Field):
    """A row of numbers of which one is circled."""

    kind: Literal["scale"]
    start: int = Field(alias="from")
    stop: int = Field(alias="to")
    low: Words = _NO_WORDS
    high: Words = _NO_WORDS


class Choice(_Field):
    """Boxes to tick."""

    kind: Literal["choice"]
    options: dict[Id, Words] = Field(min_length=1)


WorksheetField = Annotated[Lines | Grid | Rating | Choice, Field(discriminator="kind")]


class Worksheet(Keyed):
    """One printable sheet."""

    code: Code
    title: Words
    instruction: Words
    fields: Table[WorksheetField] = Field(min_length=1)
