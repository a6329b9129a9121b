"""Instruments: questionnaires whose answers are counted.

The words are those of QTI 2.2 and of psychometrics: an instrument has items, an item is answered on
a response scale, its key gives the points of each option, the total falls into the band whose cut
score it has reached. Tests of the book are instruments, and so is a worksheet with scales.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal
from unicodedata import east_asian_width

from pydantic import Field

from handbook.model.base import Code, Id, Keyed, Model, Table
from handbook.model.words import NO_WORDS, Words

BRIEF = 65
"""Letters of all options of an item that still fit on one line beside their circles; a Chinese
character takes the room of two."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Answers = Mapping[str, str]
"""Item → the option that was chosen; what is missing was not answered."""


Points = Annotated[int, Field(ge=0, le=100)]
"""What an answer scores; the limits keep every possible total countable."""


class ChoiceScale(Keyed):
    """Options to choose from: with labels of their own, or with the words of each item."""

    kind: Literal["choice"]
    points: dict[Id, Points] = Field(default_factory=dict)
    """What each option scores; none where answers do not count."""
    labels: dict[Id, Words] = Field(default_factory=dict)
    """The words of the options, where all items of the scale have the same."""

    @property
    def options(self) -> tuple[str, ...]:
        """The ids of the options in order."""
        return tuple(self.labels or self.points)

    @property
    def lettered(self) -> bool:
        """Whether each item brings the words of its options, so that letters mark them."""
        return not self.labels


class RatingScale(Keyed):
    """Numbers to choose from; each scores itself."""

    kind: Literal["rating"]
    start: int = Field(alias="from", ge=0, le=100)
    stop: int = Field(alias="to", ge=0, le=100)
    low: Words = NO_WORDS
    """What the first number means."""
    high: Words = NO_WORDS

    @property
    def options(self) -> tuple[str, ...]:
        """The numbers as ids."""
        return tuple(map(str, range(self.start, self.stop + 1)))

    @property
    def points(self) -> dict[str, int]:
        """What each option scores."""
        return {option: int(option) for option in self.options}

    @property
    def lettered(self) -> bool:
        """Numbers need no letters."""
        return False


Scale = Annotated[ChoiceScale | RatingScale, Field(discriminator="kind")]


class InstrumentItem(Keyed):
    """A statement to complete, or to rate, by choosing one option."""

    stem: Words
    scale: Id | None = None
    """The response scale; the first of the instrument where none is named."""
    options: dict[Id, Words] = Field(default_factory=dict)
    """The words of the options; none where the scale has labels or numbers."""
    section: Id | None = None
    reversed: bool = False
    """Keyed in reverse: agreement speaks for less. On a scale with labels or numbers the points are
    mirrored; options of the item's own stand in the order of the points already."""
    counts: Literal["total", "net-promoter", "nothing"] = "total"
    """Towards what an answer counts; a net promoter score belongs to a group, not to a person."""

    @property
    def is_brief(self) -> bool:
        """Whether all options fit on one line of a sheet."""
        letters = "".join(option.text for option in self.options.values())
        return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in letters) < BRIEF


class Section(Keyed):
    """Items that have a subtotal of their own."""

    title: Words


class Band(Keyed):
    """What totals mean from one cut score up to the next."""

    cut: int = Field(alias="from")
    """The lowest result of the band; the next band's cut score ends it, so that neither a gap nor
    an overlap can be written."""
    title: Words
    text: Words
    strength: Words
    next_step: Words


class Unscored(Model):
    """With how many answers of one kind a total says nothing."""

    option: Id
    minimum: int = Field(alias="from", ge=1)
    text: Words


class Example(Model):
    """Answers and what they must score: worked for the reader, and held against every engine."""

    answers: tuple[Id | None, ...]
    """An option for each item in order; empty where it was not answered."""
    total: int | None
    """Points; none where too many answers are missing."""
    band: Id | None


class Instrument(Keyed):
    """A questionnaire, its response scales, its key and what the results mean."""

    code: Code
    title: Words
    instruction: Words
    version: str = "1.0"
    """Changes with the key or a cut score; printed on every leaf."""
    minutes: int | None = Field(default=None, ge=1, le=240)
    """How long answering takes, as the sheet says."""
    evidence: Literal["none", "expert-review", "pilot", "published"] = "none"
    """What is known of how well it measures."""
    scales: Table[Scale] = Field(min_length=1)
    """The response scales; items that name none are answered on the first."""
    sections: Table[Section] = Field(default_factory=dict, max_length=len(LETTERS))
    items: Table[InstrumentItem] = Field(min_length=1)
    range: tuple[int, int] | None = None
    """The lowest and the highest total, stated to be checked against the key."""
    bands: Table[Band] = Field(default_factory=dict)
    """From the lowest to the highest."""
    bands_in: Literal["points", "percent"] = "points"
    """Bands in percent of the maximum hold for each section too."""
    source_bands: dict[Id, tuple[int, int]] = Field(default_factory=dict)
    """The ranges as a source prints them, to be checked against the cut scores."""
    prorate: int = Field(default=0, ge=0)
    """How many answers may be missing: the total is then raised in proportion."""
    unscored: Unscored | None = None
    examples: tuple[Example, ...] = ()
    respondents: dict[Id, Words] = Field(default_factory=dict)
    """Who answers separately, to compare: each has a part of its own on the trainer's charts."""

    def scale_of(self, item: InstrumentItem) -> ChoiceScale | RatingScale:
        """Return the response scale of `item`; raises `KeyError` where it names none there is."""
        return self.scales[item.scale or next(iter(self.scales))]

    @cached_property
    def key(self) -> Mapping[str, Mapping[str, int]]:
        """The scoring key: item → option → points, of the items that count towards the total."""
        return {
            item.id: self._points(item) for item in self.items.values() if item.counts == "total"
        }

    def _points(self, item: InstrumentItem) -> Mapping[str, int]:
        scale = self.scale_of(item)
        points = scale.points
        if not item.reversed or scale.lettered:
            return points
        ends = min(points.values()) + max(points.values())
        return {option: ends - value for option, value in points.items()}

    @property
    def shared_scale(self) -> ChoiceScale | RatingScale | None:
        """The scale of all items, where they have the same and its options can head columns."""
        used = [self.scale_of(item) for item in self.items.values()]
        same = all(scale == used[0] for scale in used)
        return used[0] if same and not used[0].lettered else None

    @property
    def lowest(self) -> int:
        """The lowest total that answers to all items can give."""
        return self.lowest_of(self.items.values())

    @property
    def highest(self) -> int:
        """The highest total that answers to all items can give."""
        return self.highest_of(self.items.values())

    def lowest_of(self, items: Iterable[InstrumentItem]) -> int:
        """Return the lowest subtotal of `items`."""
        return sum(min(self.key[item.id].values()) for item in items if item.id in self.key)

    def highest_of(self, items: Iterable[InstrumentItem]) -> int:
        """Return the highest subtotal of `items`."""
        return sum(max(self.key[item.id].values()) for item in items if item.id in self.key)

    @property
    def sectioned(self) -> tuple[tuple[Section | None, tuple[InstrumentItem, ...]], ...]:
        """Each section and its items; None for an instrument without sections."""
        if not self.sections:
            return ((None, tuple(self.items.values())),)
        return tuple(
            (section, tuple(item for item in self.items.values() if item.section == key))
            for key, section in self.sections.items()
        )

    @property
    def in_sections(self) -> bool:
        """Whether the items are asked section by section, so that headings can stand over them."""
        asked = [key for _, items in self.sectioned for key in (item.id for item in items)]
        return bool(self.sections) and asked == list(self.items)

    @property
    def numbers(self) -> dict[str, str]:
        """The printed number of each item: `B2` where sections stand over the items, else `9`."""
        if not self.in_sections:
            return {key: str(number) for number, key in enumerate(self.items, start=1)}
        return {
            item.id: f"{letter}{number}"
            for letter, (_, items) in zip(LETTERS, self.sectioned, strict=False)
            for number, item in enumerate(items, start=1)
        }
