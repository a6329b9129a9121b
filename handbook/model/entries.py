"""Entries: the things that a handbook is made of."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from handbook.model.assessment import AssessmentItem, Band, highest_total, lowest_total
from handbook.model.base import Id, Keyed, Model, Table
from handbook.model.formula import Formula
from handbook.model.words import Markdown, Words

NO_WORDS = Words("", "")
NO_MARKDOWN = Markdown("", "")


class Item(Keyed):
    """One point of an enumeration; can be linked to as `entry#item`."""

    title: Words
    text: Markdown = NO_MARKDOWN
    example: Words = NO_WORDS


class Card(Keyed):
    """A card to cut out and hand round."""

    title: Words
    text: Words = NO_WORDS


class Group(Model):
    """How many people an exercise suits."""

    minimum: int | None = Field(default=None, ge=1)
    maximum: int | None = Field(default=None, ge=1)
    note: Words = NO_WORDS


class Stage(Keyed):
    """One stage of a procedure."""

    minutes: int = Field(ge=1, le=480)
    text: Words


class Facilitator(Model):
    """What the trainer needs; never shown to participants."""

    objectives: tuple[Words, ...] = Field(min_length=1)
    group: Group
    materials: tuple[Words, ...]
    procedure: Table[Stage] = Field(min_length=1)
    debrief: tuple[Words, ...] = Field(min_length=1)
    variations: tuple[Words, ...] = ()
    care: Words = NO_WORDS

    @property
    def minutes(self) -> int:
        """Net minutes of the whole procedure."""
        return sum(stage.minutes for stage in self.procedure.values())


class Entry(Keyed):
    """What every entry has."""

    kind: ClassVar[str]
    """Name of the template, and of the kind in `facilitation.yaml`."""

    title: Words
    summary: Words
    """One sentence that leads the page and stands in lists."""
    body: Markdown = NO_MARKDOWN
    example: Markdown = NO_MARKDOWN
    """The box “in practice”: a shop in the base, the sector's own scene in a sector."""
    see_also: tuple[Id, ...] = ()
    names: dict[Id, Words] = Field(default_factory=dict)
    """Placeholders of this entry's own, such as the name of a hotel."""
    worksheet: Id | None = None
    facilitator: Facilitator | None = None

    @property
    def anchors(self) -> tuple[str, ...]:
        """Ids within the entry that a link may name behind `#`."""
        return ()


class Enumeration(Entry):
    """An entry with a list of points."""

    items: Table[Item] = Field(default_factory=dict)
    more: Markdown = NO_MARKDOWN
    """What stands behind the items."""

    @property
    def anchors(self) -> tuple[str, ...]:
        """The points."""
        return tuple(self.items)


class Principle(Entry):
    """One of the principles of the customer-centred approach."""

    kind: ClassVar[str] = "principle"
    seen_when: Words
    missing_when: Words


class Concept(Enumeration):
    """An idea that is explained."""

    kind: ClassVar[str] = "concept"


class Note(Enumeration):
    """What only one sector has."""

    kind: ClassVar[str] = "note"


class Step(Entry):
    """One of the steps to a service culture."""

    kind: ClassVar[str] = "step"
    tools: tuple[Id, ...] = ()
    output: Words
    done_when: Words


class Checklist(Enumeration):
    """Points to check, with columns to fill in."""

    kind: ClassVar[str] = "checklist"
    columns: dict[Id, Words] = Field(min_length=1)


class Questions(Enumeration):
    """A list of questions; each item's title is a question."""

    kind: ClassVar[str] = "questions"
    reading: Markdown = NO_MARKDOWN


class Quantity(Keyed):
    """A number with a name, as a calculator takes or gives it."""

    label: Words
    unit: Literal["money", "number", "percent", "yes-no"]
    hint: Words = NO_WORDS


class Input(Quantity):
    """A number that the reader sets."""

    default: float


class Result(Quantity):
    """A number that is computed."""

    formula: Formula


class Rows(Quantity):
    """A row of results, one for each value of a counting variable."""

    variable: Id
    start: Id | int = Field(alias="from")
    stop: Id | int = Field(alias="to")
    formula: Formula


class Calculator(Entry):
    """Puts a number on a habit."""

    kind: ClassVar[str] = "calculator"
    inputs: Table[Input] = Field(min_length=1)
    outputs: Table[Result] = Field(min_length=1)
    series: Rows | None = None
    expected: dict[Id, float | bool]
    """What the defaults must give: the worked example."""


class Activity(Entry):
    """Something that people do together."""

    instructions: tuple[Words, ...] = ()
    cards: Table[Card] = Field(default_factory=dict)
    questions: tuple[Words, ...] = ()
    content_note: Words = NO_WORDS
    facilitator: Facilitator


class Exercise(Activity):
    """An exercise in the training room."""

    kind: ClassVar[str] = "exercise"


class Game(Activity):
    """A game in the training room."""

    kind: ClassVar[str] = "game"


class Case(Activity):
    """A story to discuss."""

    kind: ClassVar[str] = "case"


class Assessment(Entry):
    """A test that people score themselves."""

    kind: ClassVar[str] = "assessment"
    instruction: Words
    scale: dict[Id, int] = Field(min_length=2)
    """Points of each option, by its letter."""
    items: Table[AssessmentItem] = Field(min_length=1)
    bands: Table[Band] = Field(min_length=1)
    facilitator: Facilitator

    @property
    def anchors(self) -> tuple[str, ...]:
        """The items."""
        return tuple(self.items)

    @property
    def lowest(self) -> int:
        """The lowest total that answers to all items can give."""
        return lowest_total(self.items, self.scale)

    @property
    def highest(self) -> int:
        """The highest total that answers to all items can give."""
        return highest_total(self.items, self.scale)
