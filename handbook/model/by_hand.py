"""Scoring by hand: what a leaf prints so that people need not compute more than a sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from handbook.model.instrument import (
    LETTERS,
    Band,
    ChoiceScale,
    Instrument,
    InstrumentItem,
    RatingScale,
    Section,
)
from handbook.model.scoring import percentage, score, spans

MANY = 15
"""From so many items on, counting equal answers takes fewer sums than adding up every one."""

Group = tuple[Section | None, str, tuple[InstrumentItem, ...]]
"""A section, its letter and its items; no section where none is asked as a whole."""


@dataclass(frozen=True, slots=True)
class Block:
    """Items that follow each other and are answered on the same scale: one table."""

    scale: ChoiceScale | RatingScale
    groups: tuple[Group, ...]

    @property
    def items(self) -> tuple[InstrumentItem, ...]:
        """The items of all groups in order."""
        return tuple(item for _, _, items in self.groups for item in items)


@dataclass(frozen=True, slots=True)
class Part:
    """What is added up for itself: a section, or everything."""

    section: Section | None
    """None for the total."""
    letter: str
    numbers: tuple[str, ...]
    """The printed number of each item that counts."""
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """A table from points to percent for everything that has the same range."""

    parts: tuple[Part, ...]
    lowest: int
    highest: int
    rows: tuple[tuple[int, tuple[int | None, ...]], ...]
    """Each round ten, and the percent of it and of the nine numbers behind it."""


@dataclass(frozen=True, slots=True)
class Prorated:
    """A worked example of a total that is raised in proportion."""

    points: int
    answered: int
    asked: int
    total: int

    @property
    def quotient(self) -> float:
        """The total before it is rounded."""
        return self.points * self.asked / self.answered


def blocks(instrument: Instrument) -> tuple[Block, ...]:
    """Return the items as the leaves print them: table by table, section by section."""
    runs = groupby(instrument.items.values(), lambda item: instrument.scale_of(item).id)
    return tuple(
        Block(instrument.scales[key], tuple(_groups(instrument, list(items))))
        for key, items in runs
    )


def _groups(instrument: Instrument, items: list[InstrumentItem]) -> Iterator[Group]:
    if not instrument.in_sections:
        yield None, "", tuple(items)
        return
    letters = dict(zip(instrument.sections, LETTERS, strict=False))
    for key, group in groupby(items, lambda item: item.section or ""):
        yield instrument.sections.get(key), letters.get(key, ""), tuple(group)


def keyed(instrument: Instrument, block: Block) -> list[tuple[tuple[str, ...], Mapping[str, int]]]:
    """Return the numbers of all items that score alike, and the points of their options.

    A reversed item is marked by an R.
    """
    rows: dict[str, tuple[list[str], Mapping[str, int]]] = {}
    for item in block.items:
        if item.id in instrument.key:
            points = instrument.key[item.id]
            number = instrument.numbers[item.id] + (" R" if item.reversed else "")
            rows.setdefault(repr(points), ([], points))[0].append(number)
    return [(tuple(numbers), points) for numbers, points in rows.values()]


def parts(instrument: Instrument) -> tuple[Part, ...]:
    """Return the sections with what each can reach; none for an instrument without sections."""
    return tuple(
        _part(instrument, section, letter, items)
        for letter, (section, items) in zip(LETTERS, instrument.sectioned, strict=False)
        if section is not None
    )


def whole(instrument: Instrument) -> Part:
    """Return the total with what it can reach."""
    return _part(instrument, None, "", instrument.items.values())


def _part(
    instrument: Instrument, section: Section | None, letter: str, items: Iterable[InstrumentItem]
) -> Part:
    counted = [item for item in items if item.id in instrument.key]
    return Part(
        section,
        letter,
        tuple(instrument.numbers[item.id] for item in counted),
        instrument.lowest_of(counted),
        instrument.highest_of(counted),
    )


def counted_scale(instrument: Instrument) -> ChoiceScale | RatingScale | None:
    """Return the scale of which equal answers can be counted, where that saves work.

    All items must be answered on it, count, and have the same points for the same answer.
    """
    scale = instrument.shared_scale
    same = all(points == scale.points for points in instrument.key.values()) if scale else False
    counted = len(instrument.key) == len(instrument.items) >= MANY
    return scale if same and counted else None


def conversions(instrument: Instrument) -> tuple[Conversion, ...]:
    """Return a table from points to percent for each range; none where bands are in points."""
    if instrument.bands_in != "percent":
        return ()
    found: dict[tuple[int, int], list[Part]] = {}
    for part in (whole(instrument), *parts(instrument)):
        found.setdefault((part.lowest, part.highest), []).append(part)
    return tuple(
        Conversion(tuple(same), lowest, highest, tuple(_percent_rows(lowest, highest)))
        for (lowest, highest), same in found.items()
    )


def _percent_rows(lowest: int, highest: int) -> Iterator[tuple[int, tuple[int | None, ...]]]:
    for ten in range(lowest // 10 * 10, highest + 1, 10):
        points = range(ten, ten + 10)
        yield (
            ten,
            tuple(percentage(n, highest) if lowest <= n <= highest else None for n in points),
        )


def segments(instrument: Instrument) -> Iterator[tuple[Band, int, int, float]]:
    """Yield each band, its lowest and highest result, and its share of a number line in percent."""
    found = list(spans(instrument))
    length = found[-1][2] - found[0][1] + 1
    for band, first, last in found:
        yield band, first, last, 100 * (last - first + 1) / length


def prorated(instrument: Instrument) -> Prorated | None:
    """Return a worked example of the rule for missing answers; None where all are needed."""
    if not instrument.prorate:
        return None
    keys = list(instrument.items)
    for example in instrument.examples:
        answers = {k: o for k, o in zip(keys, example.answers, strict=True) if o is not None}
        if example.total is not None and instrument.key.keys() - answers.keys():
            break
    else:
        missing = list(instrument.key)[-instrument.prorate :]
        answers = {key: _middle(instrument, key) for key in keys if key not in missing}
    total = score(instrument, answers).total
    points = sum(instrument.key[key][o] for key, o in answers.items() if key in instrument.key)
    assert total.points is not None  # no more answers are missing than may be
    return Prorated(points, total.answered, total.items, total.points)


def _middle(instrument: Instrument, key: str) -> str:
    options = instrument.scale_of(instrument.items[key]).options
    return options[len(options) // 2]
