"""What answers score. The same arithmetic stands in `themes/default/scoring.js`, for the browser
and for PDFs that add up by themselves; tests hold both against this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from handbook.model.instrument import Answers, Band, Instrument, InstrumentItem


@dataclass(frozen=True, slots=True)
class Score:
    """What a person has reached in the whole instrument or in a section."""

    points: int | None
    """None while too many answers are missing."""
    answered: int
    items: int
    """How many items count."""
    percent: int | None
    """Of the maximum, whole."""
    band: str | None
    """Id; None without points, and where answers of one kind are too many."""


@dataclass(frozen=True, slots=True)
class Scores:
    """All that one person's answers give."""

    total: Score
    sections: Mapping[str, Score]
    unscored: bool
    """Whether so many answers were of the kind that says nothing that there is no band."""


def score(instrument: Instrument, answers: Answers) -> Scores:
    """Return what `answers` score.

    Raises `KeyError` for an item that there is not, and `ValueError` for an option that its item
    does not have.
    """
    for key, option in answers.items():
        if option not in instrument.scale_of(instrument.items[key]).options:
            raise ValueError(f"“{option}” is no answer to “{key}”")
    void = _is_unscored(instrument, answers)
    in_percent = instrument.bands_in == "percent"
    total = _score(instrument, instrument.items.values(), answers, instrument.prorate, not void)
    sections = {
        section.id: _score(instrument, items, answers, 0, in_percent and not void)
        for section, items in instrument.sectioned
        if section is not None
    }
    return Scores(total, sections, void)


def _score(
    instrument: Instrument,
    items: Iterable[InstrumentItem],
    answers: Answers,
    prorate: int,
    banded: bool,
) -> Score:
    counted = [item for item in items if item.id in instrument.key]
    found = [instrument.key[item.id][answers[item.id]] for item in counted if item.id in answers]
    answered, asked = len(found), len(counted)
    if not answered or asked - answered > prorate:
        return Score(None, answered, asked, None, None)
    points = _rounded(sum(found) * asked, answered)
    percent = percentage(points, instrument.highest_of(counted))
    result = percent if instrument.bands_in == "percent" else points
    band = band_of(result, instrument.bands.values()) if banded else None
    return Score(points, answered, asked, percent, band.id if band else None)


def _is_unscored(instrument: Instrument, answers: Answers) -> bool:
    rule = instrument.unscored
    return rule is not None and list(answers.values()).count(rule.option) >= rule.minimum


def _rounded(numerator: int, denominator: int) -> int:
    """Return a quotient of whole numbers from zero on, halves rounded up as people do on paper."""
    return (2 * numerator + denominator) // (2 * denominator)


def percentage(points: int, highest: int) -> int:
    """Return `points` in whole percent of `highest`, halves rounded up; 0 of a maximum that is
    not above zero.

    The bands are set in the whole percent that a sheet shows, so that reading it and computing it
    never disagree.
    """
    return _rounded(100 * points, highest) if highest > 0 else 0


def band_of(result: int, bands: Iterable[Band]) -> Band | None:
    """Return the last band whose cut score `result` (points or percent) has reached, if any."""
    return next((band for band in reversed(list(bands)) if result >= band.cut), None)


def spans(instrument: Instrument) -> Iterator[tuple[Band, int, int]]:
    """Yield each band with its lowest and highest result, in the unit of the bands."""
    lowest, highest = ends(instrument)
    bands = list(instrument.bands.values())
    cuts = [band.cut for band in bands[1:]]
    yield from zip(bands, [lowest, *cuts], [*(cut - 1 for cut in cuts), highest], strict=False)


def ends(instrument: Instrument) -> tuple[int, int]:
    """Return the lowest and the highest result that falls into a band, in the unit of the bands.

    Bands in percent hold for sections too, and a section may reach lower than the total.
    """
    if instrument.bands_in == "points":
        return instrument.lowest, instrument.highest
    groups = (instrument.items.values(), *(items for _, items in instrument.sectioned))
    lowest = (percentage(instrument.lowest_of(g), instrument.highest_of(g)) for g in groups)
    return min(lowest), 100


def reachable(instrument: Instrument, items: Iterable[InstrumentItem]) -> frozenset[int]:
    """Return every total that answers to all `items` can give: the sums over one option of each."""
    totals = {0}
    for item in items:
        values = set(instrument.key.get(item.id, {"": 0}).values())
        totals = {total + value for total in totals for value in values}
    return frozenset(totals)


def results(instrument: Instrument) -> frozenset[int]:
    """Return every result that falls into a band, in the unit of the bands; see `ends`."""
    items = tuple(instrument.items.values())
    if instrument.bands_in == "points":
        return reachable(instrument, items)
    groups = (items, *(members for _, members in instrument.sectioned))
    return frozenset(
        percentage(total, instrument.highest_of(group))
        for group in groups
        for total in reachable(instrument, group)
    )


def definition(instrument: Instrument) -> dict[str, object]:
    """Return all that a script needs to score `instrument`, as values for JSON."""
    unscored = instrument.unscored
    return {
        "key": instrument.key,
        "sections": {
            section.id: [item.id for item in items if item.id in instrument.key]
            for section, items in instrument.sectioned
            if section is not None
        },
        "cuts": [[band.id, band.cut] for band in instrument.bands.values()],
        "percent": instrument.bands_in == "percent",
        "prorate": instrument.prorate,
        "unscored": [unscored.option, unscored.minimum] if unscored else None,
    }
