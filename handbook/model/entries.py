"""Entries: the things that a handbook is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal, Protocol, TypeVar

from pydantic import Field

from handbook.model.base import Id, Keyed, Model, Table
from handbook.model.figure import Figure
from handbook.model.formula import Formula
from handbook.model.instrument import Band, Instrument
from handbook.model.words import NO_WORDS, Markdown, Words

NO_MARKDOWN = Markdown("", "")


class Item(Keyed):
    """One point of an enumeration; can be linked to as `entry#item`."""

    title: Words
    text: Markdown = NO_MARKDOWN
    example: Words = NO_WORDS
    group: Id | None = None
    """Under which heading of the enumeration it stands."""
    cells: dict[Id, Words] = Field(default_factory=dict)
    """What stands in its row, by the columns of the enumeration."""


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


class Timed(Protocol):
    """What takes some time."""

    @property
    def minutes(self) -> int:
        """How long it takes."""


Stretch = TypeVar("Stretch", bound=Timed)


def timeline(stretches: Iterable[Stretch]) -> tuple[tuple[int, Stretch], ...]:
    """Return each of `stretches` behind the minute at which it begins."""
    found, start = [], 0
    for stretch in stretches:
        found.append((start, stretch))
        start += stretch.minutes
    return tuple(found)


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

    @property
    def timeline(self) -> tuple[tuple[int, Stage], ...]:
        """Each stage behind the minute at which it begins."""
        return timeline(self.procedure.values())


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

    figure: Figure | None = None
    items: Table[Item] = Field(default_factory=dict)
    groups: dict[Id, Words] = Field(default_factory=dict)
    """Headings under which the items stand."""
    columns: dict[Id, Words] = Field(default_factory=dict)
    """Headings of a table of which each item is a row."""
    row_heading: Words = NO_WORDS
    """What stands over the titles of the rows."""
    more: Markdown = NO_MARKDOWN
    """What stands behind the items."""

    @property
    def grouped(self) -> tuple[tuple[Words, tuple[Item, ...]], ...]:
        """The heading and the items of each group; no words over items without groups."""
        if not self.groups:
            return ((NO_WORDS, tuple(self.items.values())),) if self.items else ()
        return tuple(
            (heading, tuple(item for item in self.items.values() if item.group == group))
            for group, heading in self.groups.items()
        )

    @property
    def filled(self) -> bool:
        """Whether the table holds words; else its columns are there to write in."""
        return any(item.cells for item in self.items.values())

    @property
    def anchors(self) -> tuple[str, ...]:
        """The points."""
        return tuple(self.items)


class Principle(Entry):
    """One of the principles of the customer-centred approach."""

    kind: ClassVar[str] = "principle"
    seen_when: Words
    missing_when: Words


class Benefit(Entry):
    """What the customer-centred approach brings."""

    kind: ClassVar[str] = "benefit"
    evidence: Words
    """What shows that it has come true."""


class Concept(Enumeration):
    """An idea that is explained."""

    kind: ClassVar[str] = "concept"


class Note(Enumeration):
    """What only one sector has."""

    kind: ClassVar[str] = "note"


class Step(Entry):
    """One of the steps to a service culture."""

    kind: ClassVar[str] = "step"
    figure: Figure | None = None
    """Of all steps; they are its points."""
    tools: tuple[Id, ...] = ()
    output: Words
    done_when: Words


class Checklist(Enumeration):
    """Points to check, with columns to fill in."""

    kind: ClassVar[str] = "checklist"
    columns: dict[Id, Words] = Field(min_length=1)
    """Headings of the columns to fill in."""


class Questions(Enumeration):
    """A list of questions; each item's title is a question."""

    kind: ClassVar[str] = "questions"
    reading: Markdown = NO_MARKDOWN


class Quantity(Keyed):
    """A number with a name, as a calculator takes or gives it."""

    label: Words
    unit: Literal["money", "number", "percent", "yes-no", "row"]
    """`row` is one row of the calculator's table, shown by its title."""
    hint: Words = NO_WORDS


class Entered(Quantity):
    """A number that the reader sets, within limits."""

    minimum: float = 0
    maximum: float | None = None
    whole: bool = False
    """Whether parts of one make no sense, as of people."""

    @property
    def highest(self) -> float | None:
        """The largest number that makes sense, if there is one; a share is one of the whole."""
        return 1 if self.maximum is None and self.unit == "percent" else self.maximum

    def admits(self, value: float) -> bool:
        """Return whether `value` makes sense."""
        fits = self.minimum <= value and (self.highest is None or value <= self.highest)
        return fits and (not self.whole or value == int(value))


class Input(Entered):
    """A number that the reader sets once."""

    default: float


class Result(Quantity):
    """A number that is computed."""

    formula: Formula


class Series(Quantity):
    """A row of results, one for each value of a counting variable."""

    variable: Id
    start: Id | int = Field(alias="from")
    stop: Id | int = Field(alias="to")
    formula: Formula


class Column(Entered):
    """A number that the reader sets in each row of a table."""

    optional: bool = False
    """An empty cell counts as 0; else its row does not count."""


class Row(Keyed):
    """A row of a calculator's table, with the values of the worked example."""

    title: Words
    values: dict[Id, float]


class Grid(Model):
    """Things to compare: a row for each, with numbers to enter and numbers that come out."""

    label: Words
    row_heading: Words
    columns: Table[Column] = Field(min_length=1)
    results: Table[Result] = Field(min_length=1)
    rows: Table[Row] = Field(min_length=1)
    empty_rows: int = Field(default=0, ge=0, le=10)
    """Further rows for the reader's own."""
    sorted_by: Id | None = None
    """The result by which the rows of the example are printed, the lowest first."""

    @property
    def blank(self) -> dict[str, float]:
        """What empty cells count as, where they count."""
        return {key: 0.0 for key, column in self.columns.items() if column.optional}


class Calculator(Entry):
    """Puts a number on a habit."""

    kind: ClassVar[str] = "calculator"
    inputs: Table[Input] = Field(default_factory=dict)
    grid: Grid | None = None
    outputs: Table[Result] = Field(min_length=1)
    series: Series | None = None
    expected: dict[Id, float | bool | Id]
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


class Assessment(Entry, Instrument):
    """A test that people score themselves."""

    kind: ClassVar[str] = "assessment"
    bands: Table[Band] = Field(min_length=1)
    facilitator: Facilitator

    @property
    def anchors(self) -> tuple[str, ...]:
        """The items."""
        return tuple(self.items)
