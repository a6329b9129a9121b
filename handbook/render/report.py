"""The report on a group: what its tables show, and where everything in its drawings stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Literal

from handbook.cache.digest import program_digest
from handbook.language.language import Language
from handbook.language.typographer import Link
from handbook.model.cohort import (
    CLASSES,
    COMPARABLE,
    NONE,
    SCORED_NETWORK,
    Cohort,
    Distribution,
    Figures,
    Group,
    Outcome,
    net_promoter_interval,
)
from handbook.model.instrument import LETTERS, Instrument, InstrumentItem, RatingScale
from handbook.model.scoring import ends, percentage, spans
from handbook.model.words import Words
from handbook.render.assets import with_logo
from handbook.render.html import environment, render_view
from handbook.render.press import read_templates
from handbook.render.styles import style_sheet
from handbook.render.views import Frame
from handbook.theme import Theme

TEMPLATE = "report/report.html"

GREY = "#b9c0c3"
"""Shade of people without an answer or a result."""
MERGED = "#dde1e2"
"""Shade of columns that were put together: that of one of them would say too much."""

Label = Words | str
"""Words of the content, or a finished text in the language of the report."""


@dataclass(frozen=True, slots=True)
class Part:
    """A cell of a table and its part of the row's bar."""

    labels: tuple[Label, ...]
    """The columns that are put together here."""
    span: int
    """Over how many columns the cell goes."""
    count: int
    share: float
    """In whole percent, as a fraction."""
    start: float
    """Where the part begins, in percent of the bar."""
    width: float
    shade: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item, section or group and how its people are distributed."""

    mark: str
    """Printed number or letter, or empty."""
    title: Label
    count: int
    parts: tuple[Part, ...] = ()
    """None where too few answered, or where all would have to be put together."""
    options: tuple[tuple[str, Words], ...] = ()
    """Letters and words of the answers, where each item has its own."""
    mean: tuple[float, float] | None = None
    """The mean, or between what it lies; of a net promoter item the score."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """A table of distributions that share their columns."""

    heads: tuple[tuple[Label, str], ...]
    """Each column's label and shade."""
    rows: tuple[Row, ...]
    last: Literal["none", "mean", "score"] = "none"
    """What is computed of each row."""


@dataclass(frozen=True, slots=True)
class Box:
    """The figures of a section or group, and their places on the line, in percent of it."""

    mark: str
    title: Label
    inner: bool
    """Whether it is a part of the box above."""
    count: int
    """People, with a result or without."""
    figures: Figures | None
    mean: float = 0
    median: float = 0
    start: float = 0
    width: float = 0


@dataclass(frozen=True, slots=True)
class Boxes:
    """A table of figures on one scale."""

    lowest: int
    highest: int
    in_percent: bool
    rows: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class BandRow:
    """A band, or neighbouring ones that were put together, and how many people reached it."""

    part: Part
    limits: tuple[int, int] | None
    """The lowest and the highest result; None for people without one."""


@dataclass(frozen=True, slots=True)
class Promoters:
    """A net promoter item."""

    stem: Words
    stacks: Stacks
    interval: tuple[float, float] | None
    """Between which scores that of all customers probably lies."""
    is_scored: bool
    """Whether there are answers enough for a score."""
    is_comparable: bool
    """Whether there are answers enough to compare the score with another."""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The report on a group."""

    frame: Frame
    instrument: Instrument
    cohort: Cohort
    made: date
    style: str
    """CSS of the page."""
    bands: tuple[BandRow, ...]
    total: Boxes | None
    total_groups: Stacks | None
    sections: Boxes | None
    section_bands: Stacks | None
    promoters: tuple[Promoters, ...]
    answers: tuple[Stacks, ...]
    is_grouped: bool
    links: Mapping[str, Link] = field(default_factory=dict)


def print_report(
    frame: Frame,
    theme: Theme,
    languages: Mapping[str, Language],
    instrument: Instrument,
    cohort: Cohort,
    made: date,
    compiled: Path,
) -> str:
    """Return the report as one page of HTML that needs no other file.

    `compiled` is a folder that keeps compiled templates.
    """
    style = style_sheet(theme, languages.values(), "report")
    language = languages[frame.profile.language]
    page = compose_report(frame, language, instrument, cohort, made, style)
    jinja = environment(read_templates(theme), compiled / program_digest())
    return with_logo(render_view(jinja, TEMPLATE, page, languages), theme)


def compose_report(
    frame: Frame,
    language: Language,
    instrument: Instrument,
    cohort: Cohort,
    made: date,
    style: str,
) -> ReportPage:
    """Return the finished values of the report."""
    composer = _Composer(frame, language, instrument)
    total = cohort.total
    outcomes = (*([total] if total else []), *cohort.sections, *cohort.promoters)
    return ReportPage(
        frame=frame,
        instrument=instrument,
        cohort=cohort,
        made=made,
        style=style,
        bands=tuple(composer.bands(total.cells)) if total and total.cells else (),
        total=composer.total(total, cohort.people) if total and total.figures else None,
        total_groups=composer.total_groups(total) if total else None,
        sections=composer.sections(cohort.sections, cohort.people),
        section_bands=composer.section_bands(cohort.sections),
        promoters=tuple(composer.promoters(item) for item in cohort.promoters if item.cells),
        answers=tuple(composer.answers(cohort.items)) if cohort.people >= cohort.minimum else (),
        is_grouped=any(outcome.groups for outcome in outcomes),
    )


class _Composer:
    def __init__(self, frame: Frame, language: Language, instrument: Instrument) -> None:
        self._primary = frame.primary
        self._language = language
        self._instrument = instrument
        self._band_titles = {key: band.title for key, band in instrument.bands.items()}

    def bands(self, cells: Distribution) -> Iterator[BandRow]:
        limits = {band.id: (lowest, highest) for band, lowest, highest in spans(self._instrument)}
        for cell, part in zip(cells.cells, self._parts(cells, self._bands()), strict=True):
            found = [limits[column] for column in cell.columns if column != NONE]
            yield BandRow(part, (found[0][0], found[-1][1]) if found else None)

    def total(self, total: Outcome, people: int) -> Boxes:
        lowest, highest = ends(self._instrument)
        in_percent = self._instrument.bands_in == "percent"
        everybody = self._language.gettext("All")
        rows = self._boxes("", everybody, total, people, lowest, highest)
        return Boxes(lowest, highest, in_percent, tuple(rows))

    def total_groups(self, total: Outcome) -> Stacks | None:
        heads = self._bands()
        rows = tuple(
            self._group(group, heads) for group in self._sorted(total.groups) if group.cells
        )
        return Stacks(tuple(heads.values()), rows) if rows else None

    def sections(self, sections: Sequence[Outcome], people: int) -> Boxes | None:
        rows: list[Box] = []
        for letter, outcome in zip(LETTERS, sections, strict=False):
            title = self._instrument.sections[outcome.id].title
            rows += self._boxes(letter, title, outcome, people, 0, 100)
        return Boxes(0, 100, True, tuple(rows)) if any(row.figures for row in rows) else None

    def section_bands(self, sections: Sequence[Outcome]) -> Stacks | None:
        heads = self._bands()
        rows = tuple(
            Row(
                letter,
                self._instrument.sections[outcome.id].title,
                outcome.cells.count,
                tuple(self._parts(outcome.cells, heads)),
            )
            for letter, outcome in zip(LETTERS, sections, strict=False)
            if outcome.cells
        )
        return Stacks(tuple(heads.values()), rows) if rows else None

    def promoters(self, outcome: Outcome) -> Promoters:
        assert outcome.cells is not None
        _ = self._language.gettext
        titles = (_("Detractors (0 to 6)"), _("Passives (7 and 8)"), _("Promoters (9 and 10)"))
        heads = self._heads(dict(zip(CLASSES, titles, strict=True)), _("No answer"))
        everybody = Group(_("All"), outcome.cells.count, None, outcome.cells)
        rows = (
            self._group(group, heads, True) for group in (everybody, *self._sorted(outcome.groups))
        )
        is_scored = outcome.cells.answered >= SCORED_NETWORK
        return Promoters(
            self._instrument.items[outcome.id].stem,
            Stacks(tuple(heads.values()), tuple(rows), "score"),
            net_promoter_interval(outcome.cells) if is_scored else None,
            is_scored,
            outcome.cells.answered >= COMPARABLE,
        )

    def answers(self, items: Mapping[str, Distribution | None]) -> Iterator[Stacks]:
        """Yield the items in order; those that follow each other on one scale share a table."""
        shown = [self._instrument.items[key] for key in items]
        for _, group in groupby(shown, key=self._instrument.scale_of):
            together = list(group)
            scale = self._instrument.scale_of(together[0])
            labels: Mapping[str, Label] = {option: option for option in scale.options}
            if not isinstance(scale, RatingScale) and scale.labels:
                labels = dict(scale.labels)
            heads = self._heads(labels, self._language.gettext("No answer"))
            rated = isinstance(scale, RatingScale)
            rows = tuple(self._item(item, items[item.id], heads, rated) for item in together)
            yield Stacks(tuple(heads.values()), rows, "mean" if rated else "none")

    def _item(
        self,
        item: InstrumentItem,
        cells: Distribution | None,
        heads: Mapping[str, tuple[Label, str]],
        rated: bool,
    ) -> Row:
        values = {option: int(option) for option in heads if option != NONE} if rated else {}
        return Row(
            self._instrument.numbers[item.id] if self._instrument.key else "",
            item.stem,
            cells.count if cells else 0,
            tuple(self._parts(cells, heads)) if cells else (),
            tuple(item.options.items()),
            cells.mean(values) if values and cells else None,
        )

    def _group(
        self, group: Group, heads: Mapping[str, tuple[Label, str]], scored: bool = False
    ) -> Row:
        assert group.cells is not None
        enough = scored and group.cells.answered >= SCORED_NETWORK
        return Row(
            "",
            self._name(group),
            group.count,
            tuple(self._parts(group.cells, heads)),
            mean=group.cells.mean(CLASSES) if enough else None,
        )

    def _boxes(
        self, mark: str, title: Label, outcome: Outcome, people: int, lowest: int, highest: int
    ) -> Iterator[Box]:
        yield _box(mark, title, False, people, outcome.figures, lowest, highest)
        for group in self._sorted(outcome.groups):
            name = self._name(group)
            yield _box("", name, True, group.count, group.figures, lowest, highest)

    def _sorted(self, groups: Sequence[Group]) -> list[Group]:
        """Return groups as a dictionary orders their names, those put together at the end."""
        key = self._language.sort_key
        return sorted(groups, key=lambda group: (not group.name, key(group.name)))

    def _name(self, group: Group) -> str:
        _ = self._language.gettext
        return group.name or _("Other groups")

    def _bands(self) -> dict[str, tuple[Label, str]]:
        return self._heads(self._band_titles, self._language.gettext("No band"))

    def _heads(self, labels: Mapping[str, Label], none: str) -> dict[str, tuple[Label, str]]:
        """Return each column's label and shade, the lightest first, and at the end that of none."""
        last = max(len(labels) - 1, 1)
        heads: dict[str, tuple[Label, str]] = {
            key: (label, tint(self._primary, 0.2 + 0.8 * number / last))
            for number, (key, label) in enumerate(labels.items())
        }
        return {**heads, NONE: (none, GREY)}

    def _parts(self, cells: Distribution, heads: Mapping[str, tuple[Label, str]]) -> Iterator[Part]:
        start = 0.0
        for cell in cells.cells:
            labels, shades = zip(*(heads[column] for column in cell.columns), strict=True)
            share = percentage(cell.count, cells.count) / 100
            shade = shades[0] if len(shades) == 1 else MERGED
            width = 100 * cell.count / cells.count
            yield Part(labels, len(labels), cell.count, share, start, width, shade)
            start += width


def _box(
    mark: str,
    title: Label,
    inner: bool,
    people: int,
    figures: Figures | None,
    lowest: int,
    highest: int,
) -> Box:
    if figures is None:
        return Box(mark, title, inner, people, None)
    shown = figures.rounded()  # a drawing must not be more exact than its numbers
    lower, upper = shown.quartiles or (shown.mean, shown.mean)
    middle = shown.mean if shown.median is None else shown.median
    mean, median, start, stop = (
        100 * (value - lowest) / (highest - lowest) for value in (shown.mean, middle, lower, upper)
    )
    return Box(mark, title, inner, people, shown, mean, median, start, stop - start)


def tint(colour: str, part: float) -> str:
    """Return `part` of a colour `#rrggbb`, the rest white."""
    channels = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#" + "".join(f"{round(255 - part * (255 - channel)):02x}" for channel in channels)
