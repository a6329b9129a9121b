"""Worksheets: printed sheets with room to write."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from handbook.model.base import Code, Id, Keyed, Table
from handbook.model.instrument import (
    ChoiceScale,
    Instrument,
    InstrumentItem,
    RatingScale,
    Scale,
)
from handbook.model.words import NO_WORDS, Words


class _Field(Keyed):
    label: Words
    hint: Words = NO_WORDS


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
    low: Words = NO_WORDS
    high: Words = NO_WORDS
    counts: Literal["net-promoter", "nothing"] = "nothing"
    """Whether a group's answers give a net promoter score."""

    @property
    def scale(self) -> RatingScale:
        """The numbers as a response scale."""
        # Not validated again: what is left out here may be left out there.
        return RatingScale.model_construct(
            kind="rating", start=self.start, stop=self.stop, low=self.low, high=self.high
        )


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

    @cached_property
    def instrument(self) -> Instrument | None:
        """The sheet as a questionnaire whose answers can be counted; None without scales."""
        scales: dict[str, Scale] = {}
        items: dict[str, InstrumentItem] = {}
        for key, field in self.fields.items():
            match field:
                case Rating():
                    scales[key] = field.scale
                    items[key] = InstrumentItem(stem=field.label, scale=key, counts=field.counts)
                case Choice() if len(field.options) > 1:
                    scales[key] = ChoiceScale(kind="choice", labels=field.options)
                    items[key] = InstrumentItem(stem=field.label, scale=key, counts="nothing")
        if not items:
            return None
        return Instrument(
            id=self.id,
            code=self.code,
            title=self.title,
            instruction=self.instruction,
            scales=scales,
            items=items,
        )
