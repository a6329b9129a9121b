"""The pictures of a page: an entry's words in drawings, with a number and a description."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from handbook.diagnostics import Problem
from handbook.language.language import Language
from handbook.model.entries import Entry
from handbook.model.words import Words
from handbook.render.figures.layouts import NARROW, WIDE, Point, Subject, lay_out
from handbook.render.figures.lettering import Hand, Text
from handbook.render.figures.shapes import Drawing, Tone
from handbook.resolve.editions import Edition
from handbook.resolve.figures import figure_of, further_labels, points_of
from handbook.theme import Colours

Plain = Callable[[Words], str]
"""Returns finished words: placeholders filled in, quotes and spaces set."""


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one tone, as `#rrggbb`."""

    fill: str
    stroke: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, ready for the template."""

    number: str
    """Chapter and place in it, such as 3.1."""
    title: str
    description: str
    """All its words, for those who do not see it."""
    wide: Drawing
    narrow: Drawing
    """The same for a phone."""
    paints: Mapping[Tone, Paint]
    line: str
    """The colour of lines and of letters on no ground."""


def pictures_of(
    entries: Iterable[Entry],
    edition: Edition,
    plain: Plain,
    language: Language,
    hand: Hand,
    colours: Colours,
) -> dict[str, Picture]:
    """Return the picture of each of `entries` that has one, by its id."""
    numbers = _numbers(edition)
    return {
        entry.id: Picture(
            numbers[entry.id],
            plain(_title(entry, edition)),
            _description(subject, language),
            lay_out(subject, hand, WIDE),
            lay_out(subject, hand, NARROW),
            _paints(colours),
            colours.ink,
        )
        for entry in entries
        if (subject := _subject(entry, edition, plain)) is not None
    }


def check_figures(edition: Edition, plain: Plain, hand: Hand) -> Iterator[Problem]:
    """Yield each label of a figure that does not fit where it belongs, even in small letters."""
    told: set[Text] = set()
    for entry in edition.entries.values():
        subject = _subject(entry, edition, plain)
        if subject is None:
            continue
        for width in (WIDE, NARROW):
            for label in lay_out(subject, hand, width).labels:
                block = label.block
                if block.width > label.frame.width + 0.01 and block.text not in told:
                    told.add(block.text)
                    share = block.width / label.frame.width - 1
                    message = (
                        f"“{block.text.words}” is {share:.0%} too wide for its place in "
                        f"the figure of {entry.id}"
                    )
                    hint = "use a shorter word, or let it break with a hyphen"
                    yield Problem(block.text.span, "figure-fit", message, hint)


def _subject(entry: Entry, edition: Edition, plain: Plain) -> Subject | None:
    figure = figure_of(entry)
    if figure is None:
        return None

    def text(words: Words) -> Text:
        return Text(plain(words), words.span)

    points = (
        Point(
            text(point.title),
            tuple(
                (text(heading) if heading else None, text(note)) for heading, note in point.notes
            ),
            point.here,
        )
        for point in points_of(entry, edition)
    )
    return Subject(figure.kind, tuple(points), tuple(map(text, further_labels(entry))))


def _title(entry: Entry, edition: Edition) -> Words:
    """Return the entry's title; of one among others of its kind, that of their part."""
    own = any(point.here for point in points_of(entry, edition))
    return edition.places[entry.id].part.title if own else entry.title


def _numbers(edition: Edition) -> dict[str, str]:
    """Return the number of each figure: its chapter's, and its own within that."""
    numbers = {}
    for key, place in edition.chapters.items():
        drawn = (entry for entry in edition.entries_of(key) if figure_of(entry))
        for number, entry in enumerate(drawn, start=1):
            numbers[entry.id] = f"{place.number}.{number}"
    return numbers


def _description(subject: Subject, language: Language) -> str:
    """Return all words of a figure as one list."""
    parts = [text.words for text in subject.further]
    for point in subject.points:
        notes = [
            f"{language.gettext('%(label)s:', label=heading.words)} {note.words}"
            if heading
            else note.words
            for heading, note in point.notes
        ]
        title = point.title.words
        lead = language.gettext("%(label)s:", label=title) if notes else title
        parts.append(" ".join([lead, language.every(notes)]).strip())
    return language.every(parts)


def _paints(colours: Colours) -> dict[Tone, Paint]:
    primary, accent, ink, paper = colours.primary, colours.accent, colours.ink, colours.paper
    return {
        "plain": Paint(paper, _mixed(ink, 0.6, paper), ink),
        "soft": Paint(_mixed(primary, 0.1, paper), primary, ink),
        "strong": Paint(primary, primary, paper),
        "mark": Paint(accent, accent, paper),
    }


def _mixed(colour: str, part: float, ground: str) -> str:
    """Return `part` of a colour `#rrggbb`, the rest `ground`."""
    pairs = ((int(c[n : n + 2], 16) for c in (colour, ground)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(part * one + (1 - part) * two):02x}" for one, two in pairs)
