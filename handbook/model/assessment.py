"""Tests that people score themselves: items, bands and their arithmetic.

The words are those of QTI 2.2 and of psychometrics: an assessment has items, an item has options,
an option scores points, the total falls into a band between two cut scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from unicodedata import east_asian_width

from pydantic import Field

from handbook.model.base import Id, Keyed, Model
from handbook.model.words import Words

BRIEF = 65
"""Letters of all options of an item that still fit on one line beside their circles; a Chinese
character takes the room of two."""


class AssessmentItem(Keyed):
    """A statement to complete, or to rate, by choosing one option."""

    stem: Words
    options: dict[Id, Words] = Field(default_factory=dict)
    """The answers of this item; none where all items share the labels of the scale."""
    section: Id | None = None
    reversed: bool = False
    """The options are printed from “no” to “yes”; the letters score the same points."""

    @property
    def is_brief(self) -> bool:
        """Whether all options fit on one line of a sheet."""
        letters = "".join(option.text for option in self.options.values())
        return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in letters) < BRIEF


class Section(Keyed):
    """Items that have a subtotal of their own."""

    title: Words


class Band(Keyed):
    """What a range of totals means."""

    minimum: int = Field(alias="from")
    """Lowest total of this band."""
    maximum: int = Field(alias="to")
    """Highest total of this band."""
    title: Words
    text: Words
    strength: Words
    next_step: Words


class Unscored(Model):
    """With how many answers of one kind a total says nothing."""

    option: Id
    minimum: int = Field(alias="from", ge=1)
    text: Words


def lowest_total(items: Iterable[AssessmentItem], scale: Mapping[str, int]) -> int:
    """Return the lowest total that complete answers to `items` can give."""
    return sum(min(scale[option] for option in item.options or scale) for item in items)


def highest_total(items: Iterable[AssessmentItem], scale: Mapping[str, int]) -> int:
    """Return the highest total that complete answers to `items` can give."""
    return sum(max(scale[option] for option in item.options or scale) for item in items)


def total(answers: Mapping[str, str], scale: Mapping[str, int]) -> int:
    """Return the sum of the points of `answers` (item id → option id).

    Raises `KeyError` for an option without points.
    """
    return sum(scale[option] for option in answers.values())


def percentage(points: int, highest: int) -> int:
    """Return `points` in whole percent of `highest`, halves rounded up.

    The bands are set in the whole percent that a sheet shows, so that reading it and computing it
    never disagree.
    """
    return (200 * points + highest) // (2 * highest)


def band_of(points: int, bands: Sequence[Band]) -> Band:
    """Return the band into which `points` (or percent) fall.

    Raises `ValueError` outside all bands.
    """
    for band in bands:
        if band.minimum <= points <= band.maximum:
            return band
    raise ValueError(f"{points} points fall into no band")


def gaps(bands: Sequence[Band], lowest: int, highest: int) -> Iterator[tuple[Band, str]]:
    """Yield every band that does not join the one before it, or misses an end, and why.

    Bands are right when they run from `lowest` to `highest` points without gap or overlap.
    """
    expected = lowest
    for band in bands:
        if band.minimum != expected:
            yield band, f"begins at {band.minimum} points, but should begin at {expected}"
        if band.maximum < band.minimum:
            yield band, f"ends at {band.maximum} points, before it begins"
        expected = band.maximum + 1
    if expected != highest + 1:
        yield bands[-1], f"ends at {expected - 1} points, but {highest} can be reached"
