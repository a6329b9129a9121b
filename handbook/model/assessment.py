"""Tests that people score themselves: items, bands and their arithmetic.

The words are those of QTI 2.2 and of psychometrics: an assessment has items, an item has options,
an option scores points, the total falls into a band between two cut scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from handbook.model.base import Id, Keyed
from handbook.model.words import Words


class AssessmentItem(Keyed):
    """A statement to complete by choosing one option."""

    stem: Words
    options: dict[Id, Words] = Field(min_length=2)


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


def lowest_total(items: Mapping[str, AssessmentItem], scale: Mapping[str, int]) -> int:
    """Return the lowest total that complete answers can give."""
    return sum(min(scale[option] for option in item.options) for item in items.values())


def highest_total(items: Mapping[str, AssessmentItem], scale: Mapping[str, int]) -> int:
    """Return the highest total that complete answers can give."""
    return sum(max(scale[option] for option in item.options) for item in items.values())


def total(answers: Mapping[str, str], scale: Mapping[str, int]) -> int:
    """Return the sum of the points of `answers` (item id → option id).

    Raises `KeyError` for an option without points.
    """
    return sum(scale[option] for option in answers.values())


def band_of(points: int, bands: Sequence[Band]) -> Band:
    """Return the band into which `points` fall; raises `ValueError` outside all bands."""
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
