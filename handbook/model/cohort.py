"""What the answers of a group show: of all together, never of one.

Two rules protect people:

1. Whatever concerns fewer than `minimum` people is only counted.
2. In a table every count is none or at least three. Until that holds, neighbouring columns
   (answers, bands) and small groups are put together: a sum is printed, and nobody can take it
   apart. A figure that is computed from a table's own cells is a range where cells were put
   together, as wide as the table leaves it, so that it tells no more than the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, sqrt
from statistics import fmean, quantiles, stdev

from handbook.model.instrument import Answers, Instrument, InstrumentItem
from handbook.model.scoring import Score, score

MINIMUM = 5
"""People below which nothing but their number is told, unless the trainer asks for more."""
SINGLED_OUT = 2
"""One person or two can be recognised by a count."""
PRECISE = 20
"""People from whom on figures have a decimal."""
SCORED_NETWORK = 10
"""Answers that a net promoter score needs at the least."""
COMPARABLE = 30
"""Answers from which on a net promoter score may be compared with another."""
CLASSES = {"detractor": -100, "passive": 0, "promoter": 100}
"""What each kind of answer adds to the net promoter score."""

Counts = Sequence[int]
Columns = Sequence[str]
"""Ids of answers, bands or classes, in order."""
Runs = tuple[range, ...]
"""Neighbouring columns that are put together."""


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person's answers."""

    name: str
    group: str
    """Empty where none is given."""
    answers: Answers


@dataclass(frozen=True, slots=True)
class Cell:
    """How many people are in one column of a table, or in several that were put together."""

    columns: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """A row of a table: how many people fall into each column."""

    cells: tuple[Cell, ...]

    @property
    def count(self) -> int:
        """How many people it counts."""
        return sum(cell.count for cell in self.cells)

    @property
    def is_whole(self) -> bool:
        """Whether no columns were put together."""
        return all(len(cell.columns) == 1 for cell in self.cells)

    def mean(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Return the lowest and the highest mean that the cells leave possible.

        Both are the mean itself, Σ count · value ÷ Σ count, where no columns were put together.
        """
        ends = (
            [cell.count * end(values[column] for column in cell.columns) for cell in self.cells]
            for end in (min, max)
        )
        low, high = (sum(end) / self.count for end in ends)
        return low, high


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group's results, in their unit (points or percent)."""

    count: int
    mean: float
    """Arithmetic mean."""
    median: float | None = None
    """Like the other figures, only for twice the minimum: in a small group it is one person's."""
    quartiles: tuple[float, float] | None = None
    """The lower and the upper, interpolated between the results with both ends included:
    method 7 of Hyndman and Fan, “Sample Quantiles in Statistical Packages” (1996)."""
    deviation: float | None = None
    """Standard deviation of a sample: √(Σ (x − mean)² ÷ (n − 1))."""

    def rounded(self) -> Figures:
        """Return the figures with as many decimals as so many people deserve, halves rounded up.

        More of them would let sums be computed backwards.
        """
        scale = 10 if self.count >= PRECISE else 1

        def rounded(value: float) -> float:
            return floor(value * scale + 0.5) / scale

        return Figures(
            self.count,
            rounded(self.mean),
            None if self.median is None else rounded(self.median),
            self.quartiles and (rounded(self.quartiles[0]), rounded(self.quartiles[1])),
            None if self.deviation is None else rounded(self.deviation),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people, to be compared with others."""

    name: str
    """Empty for the groups that were put together."""
    count: int
    figures: Figures | None
    cells: Distribution | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the results in the whole, in a section or in a net promoter item show."""

    id: str
    """Of the section or item; empty for the total."""
    figures: Figures | None
    cells: Distribution | None
    """People by band, or by class of the net promoter score."""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """All that a group's answers show."""

    people: int
    minimum: int
    total: Outcome | None
    """In the unit of the bands; None where nothing counts towards a total."""
    sections: tuple[Outcome, ...]
    """In percent of the maximum."""
    promoters: tuple[Outcome, ...]
    """For each net promoter item."""
    items: Mapping[str, Distribution | None]
    """Item → people by answer; None where too few answered, or all answers were put together."""


def cohort(
    instrument: Instrument, respondents: Sequence[Respondent], minimum: int = MINIMUM
) -> Cohort:
    """Return what the answers of `respondents` show."""
    scored = [score(instrument, person.answers) for person in respondents]
    in_percent = instrument.bands_in == "percent"
    bands = tuple(instrument.bands)

    def outcome(key: str, scores: Iterable[Score], in_percent: bool, columns: Columns) -> Outcome:
        results = [
            _Result(person.group, each.percent if in_percent else each.points, each.band)
            for person, each in zip(respondents, scores, strict=True)
        ]
        return _outcome(key, results, columns, minimum)

    total = outcome("", (each.total for each in scored), in_percent, bands)
    return Cohort(
        people=len(respondents),
        minimum=minimum,
        total=total if instrument.key else None,
        sections=tuple(
            outcome(key, (each.sections[key] for each in scored), True, bands * in_percent)
            for key in (instrument.sections if instrument.key else ())
        ),
        promoters=tuple(
            _promoters(item, respondents, minimum)
            for item in instrument.items.values()
            if item.counts == "net-promoter"
        ),
        items={
            item.id: _answers(instrument, item, respondents, minimum)
            for item in instrument.items.values()
            if item.counts != "net-promoter"
        },
    )


def figures(values: Sequence[float], minimum: int = MINIMUM) -> Figures | None:
    """Return the figures of `values`; None below `minimum`, the mean alone below twice that."""
    count = len(values)
    if count < max(minimum, 1):
        return None
    if count < 2 * minimum or count < 2:
        return Figures(count, fmean(values))
    lower, middle, upper = quantiles(values, n=4, method="inclusive")
    return Figures(count, fmean(values), middle, (lower, upper), stdev(values))


def runs(*rows: Counts) -> Runs:
    """Return how to put neighbouring columns together.

    Each run ends as soon as its sum in every row is none or more than `SINGLED_OUT`; what remains
    at the end joins the run before. (The finest way of all would betray, by not being another,
    what it hides.)
    """
    found: list[range] = []
    start = 0
    for stop in range(1, len(rows[0]) + 1):
        if _are_safe(rows, range(start, stop)):
            found.append(range(start, stop))
            start = stop
    if start < len(rows[0]):
        found.append(range(start, len(rows[0])))
    while len(found) > 1 and not _are_safe(rows, found[-1]):
        last = found.pop()
        found[-1] = range(found[-1].start, last.stop)
    return tuple(found)


def coarser(fine: Runs, *rows: Counts) -> Runs:
    """Return how to put the columns of `fine` further together, so that it suits all `rows`.

    The table of all keeps its columns. Those of its groups never cross them, so that all, less
    the other groups, is no finer than the table of all.
    """
    sums = ([sum(row[run.start : run.stop]) for run in fine] for row in rows)
    return tuple(range(fine[run.start].start, fine[run.stop - 1].stop) for run in runs(*sums))


def _are_safe(rows: Sequence[Counts], run: range) -> bool:
    sums = (sum(row[run.start : run.stop]) for row in rows)
    return all(count == 0 or count > SINGLED_OUT for count in sums)


def pooled(groups: Iterable[str], minimum: int = MINIMUM) -> dict[str, str]:
    """Return for each group the one that it is shown as; the empty one holds the others.

    `groups` names each person's. Every group that is shown has `minimum` people, the others
    together too, and all together are everybody: what is not shown cannot be found by subtraction.
    """
    sizes = Counter(groups)
    shown = sorted(
        (name for name, size in sizes.items() if name and size >= minimum),
        key=lambda name: (sizes[name], name),
    )
    rest = sum(size for name, size in sizes.items() if name not in shown)
    while shown and 0 < rest < minimum:
        rest += sizes[shown.pop(0)]
    return {name: name if name in shown else "" for name in sizes}


def net_promoter_class(answer: int) -> str:
    """Return the class of an answer from 0 to 10.

    Reichheld, “The One Number You Need to Grow”, Harvard Business Review 81(12), 2003.
    """
    if answer >= 9:
        return "promoter"
    return "passive" if answer >= 7 else "detractor"


def net_promoter_interval(cells: Distribution) -> tuple[float, float] | None:
    """Return between which scores the score of all customers lies, 19 times out of 20.

    Adjusted Wald interval: three answers are added, ¾ detractor, 1½ passives, ¾ promoter, and the
    score's standard error is √((p + d − (p − d)²) ÷ n); Rocks, “Interval Estimation for the Net
    Promoter Score”, The American Statistician 70(4), 2016. None where columns were put together.
    """
    if not cells.is_whole:
        return None
    counts = {cell.columns[0]: cell.count for cell in cells.cells}
    size = cells.count + 3
    detractors, promoters = (
        (counts.get(key, 0) + 0.75) / size for key in ("detractor", "promoter")
    )
    middle = promoters - detractors
    margin = 1.96 * sqrt((promoters + detractors - middle**2) / size)
    return 100 * max(middle - margin, -1), 100 * min(middle + margin, 1)


@dataclass(frozen=True, slots=True)
class _Result:
    """What one person has reached, as far as it can be said."""

    group: str
    value: float | None
    column: str | None
    """Band, or class of the net promoter score."""


def _outcome(key: str, results: Sequence[_Result], columns: Columns, minimum: int) -> Outcome:
    counted = [result for result in results if result.value is not None]
    shown_as = pooled((result.group for result in counted), minimum)
    members: dict[str, list[_Result]] = {name: [] for name in dict.fromkeys(shown_as.values())}
    for result in counted:
        members[shown_as[result.group]].append(result)
    if len(members) < 2:
        members = {}
    row = _count(counted, columns)
    rows = [_count(each, columns) for each in members.values()]
    fine = runs(row)
    common = coarser(fine, *rows) if rows else fine
    return Outcome(
        key,
        _figures(counted, minimum),
        _distribution(row, columns, fine, minimum),
        tuple(
            Group(name, len(each), _figures(each, minimum), _distribution(row, columns, common))
            for (name, each), row in zip(members.items(), rows, strict=True)
        ),
    )


def _promoters(item: InstrumentItem, respondents: Sequence[Respondent], minimum: int) -> Outcome:
    answers = (person.answers.get(item.id) for person in respondents)
    classes = [None if answer is None else net_promoter_class(int(answer)) for answer in answers]
    results = [
        _Result(person.group, None if each is None else CLASSES[each], each)
        for person, each in zip(respondents, classes, strict=True)
    ]
    outcome = _outcome(item.id, results, tuple(CLASSES), minimum)
    # Their mean would be the score, however few they are.
    groups = (replace(group, figures=None) for group in outcome.groups if group.cells)
    return replace(outcome, figures=None, groups=tuple(groups))


def _figures(results: Iterable[_Result], minimum: int) -> Figures | None:
    return figures([result.value for result in results if result.value is not None], minimum)


def _answers(
    instrument: Instrument,
    item: InstrumentItem,
    respondents: Sequence[Respondent],
    minimum: int,
) -> Distribution | None:
    options = instrument.scale_of(item).options
    answers = Counter(person.answers.get(item.id) for person in respondents)
    row = [answers[option] for option in options]
    return _distribution(row, options, runs(row), minimum)


def _count(results: Iterable[_Result], columns: Columns) -> list[int]:
    counts = Counter(result.column for result in results)
    return [counts[column] for column in columns]


def _distribution(
    row: Counts, columns: Columns, together: Runs, minimum: int = 1
) -> Distribution | None:
    """Return a row of a table; None where it would tell nothing, or of too few."""
    if len(together) < 2 or sum(row) < minimum:
        return None
    return Distribution(
        tuple(
            Cell(tuple(columns[run.start : run.stop]), sum(row[run.start : run.stop]))
            for run in together
        )
    )
