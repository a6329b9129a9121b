"""What the figure of an entry draws, and whether there is what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handbook.diagnostics import Problem, did_you_mean
from handbook.model.entries import Entry, Enumeration, Step
from handbook.model.figure import FORMS, Figure
from handbook.model.words import NO_WORDS, Words
from handbook.resolve.editions import Edition


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a figure."""

    title: Words
    notes: tuple[tuple[Words, Words], ...] = ()
    """What stands beside it: a heading, or no words, and the words."""
    here: bool = False
    """Whether it is the entry itself, among others of its kind."""


def figure_of(entry: Entry) -> Figure | None:
    """Return the figure that `entry` asks for."""
    return entry.figure if isinstance(entry, Enumeration | Step) else None


def points_of(entry: Entry, edition: Edition) -> tuple[Point, ...]:
    """Return the points of the figure of `entry`.

    They are the entry's items, or the columns of its table; an entry that has neither is itself a
    point, among all others of its kind.
    """
    figure = figure_of(entry)
    if figure is None or not isinstance(entry, Enumeration):
        kind = (other for other in edition.entries.values() if other.kind == entry.kind)
        return tuple(Point(other.title, here=other.id == entry.id) for other in kind)
    items = [entry.items[key] for key in figure.items or entry.items if key in entry.items]
    if FORMS[figure.kind].columns:
        return tuple(
            Point(
                item.title,
                tuple((entry.columns[key], words) for key, words in item.cells.items()),
            )
            for item in items
        )
    if entry.filled:
        return tuple(
            Point(heading, tuple((i.title, i.cells[key]) for i in items if key in i.cells))
            for key, heading in entry.columns.items()
        )
    labels = figure.labels
    return tuple(
        Point(item.title, ((NO_WORDS, labels[item.id]),) if item.id in labels else ())
        for item in items
    )


def further_labels(entry: Entry) -> tuple[Words, ...]:
    """Return the labels of a figure that belong to none of its points."""
    figure, items = figure_of(entry), getattr(entry, "items", {})
    labels = figure.labels if figure else {}
    return tuple(words for key, words in labels.items() if key not in items)


def check_figure(entry: Entry, edition: Edition) -> Iterator[Problem]:
    """Yield what keeps the figure of `entry` from being drawn."""
    figure = figure_of(entry)
    if figure is None:
        return
    form, span = FORMS[figure.kind], entry.title.span
    items = entry.items if isinstance(entry, Enumeration) else {}
    for key in figure.items:
        if key not in items:
            message = f"the figure of {entry.id} draws “{key}”, which is no item of it"
            yield Problem(span, "figure", message, did_you_mean(key, items))
    points = points_of(entry, edition)
    if not form.least <= len(points) <= form.most:
        range_ = f"{form.least} to {form.most}" if form.least < form.most else str(form.least)
        message = f"the figure “{figure.kind}” draws {range_} points, not {len(points)}"
        hint = "name those to be drawn in `items:` of the figure, or choose another kind"
        yield Problem(span, "figure", message, hint)
    further = further_labels(entry)
    if len(further) != form.further:
        message = (
            f"the figure “{figure.kind}” has {form.further} labels besides those of its "
            f"points, not {len(further)}"
        )
        hint = "see “Figures” in content/README.md"
        yield Problem(span, "figure", message, hint)
    if form.columns and any(len(point.notes) != form.columns for point in points):
        message = f"each point of “{figure.kind}” is a row with {form.columns} cells"
        yield Problem(span, "figure", message, "fill all cells, or choose another kind")
