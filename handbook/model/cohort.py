"""What the answers of a group show: of all together, never of one.

Five rules protect people:

1. Whatever concerns fewer than `minimum` people is only counted.
2. In a table every count is none or at least three. Until that holds, neighbouring columns
   (answers, bands) and small groups are put together: a sum is printed, and nobody can take it
   apart. A figure that is computed from a table's own cells is a range where cells were put
   together, as wide as the table leaves it, so that it tells no more than the table.
3. People without an answer or a result have a column of their own, to which rule 2 applies, so that
   no difference between two numbers of people tells of them.
4. A row in which all answers stand in one cell is not shown: it would be everybody's. For the same
   reason there are no figures whose mean lies at an end of the range, or that do not differ.
5. Where rule 4 hides one of several groups or sections, it hides all: the others, taken from the
   whole, would tell what is hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, sqrt
from statistics import fmean, quantiles, stdev

from handbook.model.instrument import Answers, Instrument, InstrumentItem
from handbook.model.scoring import Score, Scores, percentage, score

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

NONE = ""
"""The last column of a table: people without an answer, or without a result."""

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

    @property
    def answered(self) -> int:
        """How many people it counts who have an answer, or may have one."""
        return sum(cell.count for cell in self.cells if cell.columns != (NONE,))

    def mean(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Return the lowest and the highest mean of the answers that the cells leave possible.

        Both are the mean itself, Σ count · value ÷ Σ count, where no columns were put together.
        """
        some = [cell for cell in self.cells if cell.columns != (NONE,)]
        # Of those who stand together with people without an answer, all may have one, or nobody.
        sure = [cell for cell in some if NONE not in cell.columns]
        low = min(_mean(cells, values, min) for cells in (sure, some))
        high = max(_mean(cells, values, max) for cells in (sure, some))
        return low, high


def _mean(
    cells: Sequence[Cell], values: Mapping[str, float], end: Callable[[Iterable[float]], float]
) -> float:
    weighted = (
        cell.count * end(values[column] for column in cell.columns if column != NONE)
        for cell in cells
    )
    return sum(weighted) / sum(cell.count for cell in cells)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group's results, in their unit (points or percent)."""

    count: int
    """How many results; not to be shown beside the number of people."""
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
    """People, with a result or without."""
    figures: Figures | None
    cells: Distribution | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the results in the whole, in a section or in a net promoter item show."""

    id: str
    """Of the section or item; empty for the total."""
    figures: Figures | None
    cells: Distribution | None
    """People by band, or by class of the net promoter score; those without in `NONE`."""
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
    """Item → people by answer, those without one in `NONE`; None where it would tell too much."""


def cohort(
    instrument: Instrument, respondents: Sequence[Respondent], minimum: int = MINIMUM
) -> Cohort:
    """Return what the answers of `respondents` show."""
    scored = [(person.group, score(instrument, person.answers)) for person in respondents]
    return Cohort(
        people=len(respondents),
        minimum=minimum,
        total=_total(instrument, scored, minimum) if instrument.key else None,
        sections=_sections(instrument, scored, minimum) if instrument.key else (),
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
    at the end joins the run before; empty columns after it stay alone, as they do elsewhere. (The
    finest way of all would betray, by not being another, what it hides.)
    """
    columns = len(rows[0])
    filled = max((n + 1 for row in rows for n, count in enumerate(row) if count), default=0)
    found: list[range] = []
    start = 0
    for stop in range(1, filled + 1):
        if _are_safe(rows, range(start, stop)):
            found.append(range(start, stop))
            start = stop
    if start < filled:
        found.append(range(start, filled))
    while len(found) > 1 and not _are_safe(rows, found[-1]):
        last = found.pop()
        found[-1] = range(found[-1].start, last.stop)
    return (*found, *(range(column, column + 1) for column in range(filled, columns)))


def distributions(
    columns: Columns, everybody: Counts, *groups: Counts, minimum: int = MINIMUM
) -> tuple[Distribution | None, ...]:
    """Return the row of all and those of its groups, which have all columns put together alike.

    None stands for a row that would tell too much; if it is a group's, then for all groups.
    """
    fine = runs(everybody)
    common = coarser(fine, *groups) if groups else fine
    rows = [_distribution(columns, row, common, minimum) for row in groups]
    return (
        _distribution(columns, everybody, fine, minimum),
        *(rows if all(rows) else [None] * len(rows)),
    )


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
    size = cells.answered + 3
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
    column: str
    """Band, or class of the net promoter score."""


_Scored = tuple[str, Scores]
"""A person's group, and what the answers gave."""


def _total(instrument: Instrument, scored: Sequence[_Scored], minimum: int) -> Outcome:
    in_percent = instrument.bands_in == "percent"
    limits = (instrument.lowest, instrument.highest)
    if in_percent:
        limits = (percentage(instrument.lowest, instrument.highest), 100)
    results = [
        _result(group, scores.unscored, scores.total, in_percent) for group, scores in scored
    ]
    return _outcome("", results, (*instrument.bands, NONE), limits, minimum)


def _sections(
    instrument: Instrument, scored: Sequence[_Scored], minimum: int
) -> tuple[Outcome, ...]:
    columns = (*instrument.bands, NONE) if instrument.bands_in == "percent" else (NONE,)
    found = []
    for section, items in instrument.sectioned:
        if section is None:
            continue
        limits = (percentage(instrument.lowest_of(items), instrument.highest_of(items)), 100)
        results = [
            _result(group, scores.unscored, scores.sections[section.id], True)
            for group, scores in scored
        ]
        found.append(_outcome(section.id, results, columns, limits, minimum))
    return _shown_alike(found)


def _result(group: str, unscored: bool, reached: Score, in_percent: bool) -> _Result:
    value = reached.percent if in_percent else reached.points
    return _Result(group, None if unscored else value, reached.band or NONE)


def _outcome(
    key: str,
    results: Sequence[_Result],
    columns: Columns,
    limits: tuple[int, int] | None,
    minimum: int,
) -> Outcome:
    shown_as = pooled((result.group for result in results), minimum)
    members: dict[str, list[_Result]] = {name: [] for name in dict.fromkeys(shown_as.values())}
    for result in results:
        members[shown_as[result.group]].append(result)
    if len(members) < 2:
        members = {}
    rows = [_count(each, columns) for each in (results, *members.values())]
    cells, *parts = distributions(columns, *rows, minimum=minimum)
    whole = _figures(results, limits, minimum)
    inner = [_figures(each, limits, minimum) for each in members.values()]
    has_all = whole and all(inner)
    return Outcome(
        key,
        whole,
        cells,
        tuple(
            Group(name, len(each), found if has_all else None, part)
            for (name, each), found, part in zip(members.items(), inner, parts, strict=True)
        ),
    )


def _shown_alike(sections: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Return the sections without figures that would tell, with the total, what is hidden."""
    has_all = all(section.figures for section in sections)
    has_groups = has_all and all(group.figures for each in sections for group in each.groups)
    return tuple(
        replace(
            section,
            figures=section.figures if has_all else None,
            groups=tuple(
                group if has_groups else replace(group, figures=None) for group in section.groups
            ),
        )
        for section in sections
    )


def _promoters(item: InstrumentItem, respondents: Sequence[Respondent], minimum: int) -> Outcome:
    answers = (person.answers.get(item.id) for person in respondents)
    classes = [None if answer is None else net_promoter_class(int(answer)) for answer in answers]
    results = [
        _Result(person.group, None if each is None else CLASSES[each], each or NONE)
        for person, each in zip(respondents, classes, strict=True)
    ]
    outcome = _outcome(item.id, results, (*CLASSES, NONE), None, minimum)
    # Their mean would be the score, however few they are.
    groups = (replace(group, figures=None) for group in outcome.groups if group.cells)
    return replace(outcome, figures=None, groups=tuple(groups))


def _figures(
    results: Iterable[_Result], limits: tuple[int, int] | None, minimum: int
) -> Figures | None:
    """Return figures, if as they are shown they do not give everybody's result away."""
    found = figures([result.value for result in results if result.value is not None], minimum)
    shown = found and found.rounded()
    if shown and (shown.mean in (limits or ()) or shown.deviation == 0):
        return None
    return found


def _answers(
    instrument: Instrument,
    item: InstrumentItem,
    respondents: Sequence[Respondent],
    minimum: int,
) -> Distribution | None:
    options = instrument.scale_of(item).options
    columns = (*options, NONE)
    answers = Counter(person.answers.get(item.id, NONE) for person in respondents)
    return distributions(columns, [answers[column] for column in columns], minimum=minimum)[0]


def _count(results: Iterable[_Result], columns: Columns) -> list[int]:
    counts = Counter(result.column for result in results)
    return [counts[column] for column in columns]


def _distribution(
    columns: Columns, row: Counts, together: Runs, minimum: int
) -> Distribution | None:
    """Return a row of a table; None where it would tell nothing, too much, or of too few."""
    cells = tuple(
        Cell(tuple(columns[run.start : run.stop]), sum(row[run.start : run.stop]))
        for run in together
    )
    filled = [cell for cell in cells if cell.count and cell.columns != (NONE,)]
    # Who has an answer is asked of the cells: what they hide must not decide what is seen.
    answered = sum(cell.count for cell in filled)
    return Distribution(cells) if len(filled) > 1 and answered >= minimum else None
