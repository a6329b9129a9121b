"""The whole book of one edition, as the content files spell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from handbook.model.base import Id, Keyed, Model, Table
from handbook.model.entries import (
    NO_MARKDOWN,
    Assessment,
    Benefit,
    Calculator,
    Case,
    Checklist,
    Concept,
    Entry,
    Exercise,
    Game,
    Note,
    Principle,
    Questions,
    Step,
    timeline,
)
from handbook.model.schema import shape_of
from handbook.model.words import NO_WORDS, Markdown, Words
from handbook.model.worksheet import Worksheet

Date = Annotated[
    date, BeforeValidator(lambda raw: date.fromisoformat(raw) if isinstance(raw, str) else raw)
]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
"""BCP 47: language, script, region."""


class Part(Keyed):
    """A part of the book: chapters in reading order, each with the ids of its entries."""

    title: Words
    chapters: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)


class ReadingPath(Keyed):
    """Which chapters a kind of reader takes, in this order."""

    title: Words
    text: Words
    chapters: tuple[Id, ...]


class Deliverable(Model):
    """Which documents are made for which editions; what is not named means all."""

    documents: tuple[Id, ...] = ()
    languages: tuple[LanguageTag, ...] = ()
    sectors: tuple[Id, ...] = ()
    brands: tuple[Id, ...] = ()


class Handbook(Model):
    """`handbook.yaml`: the book's name and the only list of what it consists of."""

    title: Words
    subtitle: Words
    version: str
    date: Date
    languages: tuple[LanguageTag, ...] = Field(min_length=1)
    """The first is the source language."""
    sectors: tuple[Id, ...] = Field(min_length=1)
    """The first is the general edition, which has no layer."""
    brands: tuple[Id, ...] = Field(min_length=1)
    parts: Table[Part]
    paths: Table[ReadingPath] = Field(default_factory=dict)
    front: tuple[Id, ...] = ()
    """Pages before the first part."""
    back: tuple[Id, ...] = ()
    """Pages behind the last part."""
    guide: tuple[Id, ...] = ()
    """The parts of the facilitator guide in order."""
    evaluation: tuple[Id, ...] = ()
    """The worksheets on which participants judge the training."""
    deliverables: tuple[Deliverable, ...]


class Page(Keyed):
    """A page of plain text."""

    title: Words
    body: Markdown


class GuidePart(Page):
    """A part of the facilitator guide."""

    generated: Literal["sessions", "cards", "tests", "swaps"] | None = None
    """What follows the text, made from the rest of the book."""


class Slot(Keyed):
    """A stretch of a session."""

    minutes: int = Field(ge=1, le=480)
    title: Words
    entries: tuple[Id, ...] = ()
    """The entries that are worked on."""
    text: Words = NO_WORDS


class Session(Keyed):
    """A plan of a training session."""

    title: Words
    summary: Words
    minutes: int = Field(ge=1, le=960)
    """Net minutes of the whole session; those of its slots add up to them."""
    slots: Table[Slot] = Field(min_length=1)

    @property
    def timeline(self) -> tuple[tuple[int, Slot], ...]:
        """Each slot behind the minute at which it begins."""
        return timeline(self.slots.values())


class Notice(Model):
    """What stands at the head of every test."""

    title: Words
    points: tuple[Words, ...]


class Sector(Model):
    """A sector's name and words, by grammatical form."""

    title: Words
    words: dict[Id, dict[Id, Words]]


class TrainerLine(Model):
    """How a trainer uses any entry of one kind."""

    objective: Words
    minutes: int = Field(ge=1)
    group: Words
    materials: Words
    procedure: Words
    debrief: Words
    variation: Words


class Chapter(Keyed):
    """A chapter: an opening situation, a thread through its entries, a summary."""

    title: Words
    opening: Markdown
    body: Markdown
    try_it: Markdown
    sector_box: Markdown = NO_MARKDOWN
    summary: tuple[Words, ...]


class Term(Keyed):
    """A term of the glossary."""

    title: Words
    definition: Words


class Book(Model):
    """One edition's whole content; each field is a file or a folder."""

    handbook: Handbook
    welcome: Page
    notice: Notice
    sector: Sector
    facilitation: dict[Id, TrainerLine]
    glossary: Table[Term]
    chapters: Table[Chapter]
    worksheets: Table[Worksheet] = Field(default_factory=dict)
    pages: Table[Page] = Field(default_factory=dict)
    guide: Table[GuidePart] = Field(default_factory=dict)
    sessions: Table[Session] = Field(default_factory=dict)
    principles: Table[Principle] = Field(default_factory=dict)
    benefits: Table[Benefit] = Field(default_factory=dict)
    steps: Table[Step] = Field(default_factory=dict)
    concepts: Table[Concept] = Field(default_factory=dict)
    checklists: Table[Checklist] = Field(default_factory=dict)
    questions: Table[Questions] = Field(default_factory=dict)
    calculators: Table[Calculator] = Field(default_factory=dict)
    exercises: Table[Exercise] = Field(default_factory=dict)
    games: Table[Game] = Field(default_factory=dict)
    cases: Table[Case] = Field(default_factory=dict)
    assessments: Table[Assessment] = Field(default_factory=dict)
    notes: Table[Note] = Field(default_factory=dict)

    @classmethod
    def kinds(cls) -> Iterator[tuple[str, type[Entry]]]:
        """Yield the name of each folder of entries and the kind that it holds."""
        for name, field in cls.model_fields.items():
            inner = shape_of(cast(Any, field.annotation)).inner
            if isinstance(inner, type) and issubclass(inner, Entry):
                yield name, inner

    @classmethod
    def folders(cls) -> Iterator[str]:
        """Yield the name of each folder of entries."""
        return (name for name, _ in cls.kinds())

    def collections(self) -> Iterator[tuple[str, Mapping[str, Entry]]]:
        """Yield the name of each folder of entries and what it holds."""
        return ((name, getattr(self, name)) for name in self.folders())

    def entries(self) -> dict[str, Entry]:
        """Return all entries by id, in the order of the folders."""
        return {
            key: entry for _, collection in self.collections() for key, entry in collection.items()
        }
