"""The pictures of a page: an entry's words in drawings, with a number and a description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce

from handbook.diagnostics import Problem
from handbook.language.language import Language
from handbook.model.entries import Assessment, Entry
from handbook.model.figure import FORMS
from handbook.model.scoring import spans
from handbook.model.words import Words
from handbook.plan.printing import Finish
from handbook.render.figures.layouts import (
    NARROW,
    WIDE,
    Band,
    Point,
    Subject,
    lay_out,
    lay_out_bands,
)
from handbook.render.figures.lettering import Hand, Text
from handbook.render.figures.shapes import Drawing, Paint, Paints, Picture
from handbook.render.html import Printer
from handbook.render.styles import in_black
from handbook.resolve.editions import Edition
from handbook.resolve.figures import figure_of, further_labels, points_of
from handbook.theme import Colours
from handbook.theme.colours import BLACK, WHITE, mix

LEAF = 516.0
"""Points: the width of a test's leaf, 182 mm."""


def pictures_of(
    entries: Iterable[Entry],
    edition: Edition,
    printer: Printer,
    hand: Hand,
    paints: Paints,
) -> dict[str, Picture]:
    """Return the picture of each of `entries` that has one, by its id."""
    numbers = _numbers(edition)
    return {
        entry.id: Picture(
            numbers[entry.id],
            printer.plain(_title(entry, edition)),
            _description(subject, printer.language),
            lay_out(subject, hand, WIDE),
            lay_out(subject, hand, NARROW),
            paints,
            paints["plain"].text,
        )
        for entry in entries
        if (subject := _subject(entry, edition, printer)) is not None
    }


def number_line(test: Assessment, printer: Printer, hand: Hand, paints: Paints) -> Picture:
    """Return the bands of `test` on a line, to mark a result on paper."""
    bands = _bands(test, printer)
    drawing = lay_out_bands(bands, hand, LEAF)
    told = printer.language.every([band.title.words for band in bands])
    ink = paints["plain"].text
    return Picture("", printer.plain(test.title), told, drawing, drawing, paints, ink)


def check_figures(edition: Edition, printer: Printer, hand: Hand) -> Iterator[Problem]:
    """Yield each label of a figure that does not fit where it belongs, even in small letters."""
    told: set[Text] = set()
    for entry in edition.entries.values():
        for texts, drawing in _drawings(entry, edition, printer, hand):
            # A drawing may be kept from when the same words stood elsewhere.
            places = {text: text.span for text in texts}
            for label in drawing.labels:
                block, room = label.block, label.frame.width
                if block.width > room + 0.01 and block.text not in told:
                    told.add(block.text)
                    span = places.get(block.text, entry.title.span)
                    message = (
                        f"“{block.text.words}” is {block.width / room - 1:.0%} too wide for its "
                        f"place in the figure of {entry.id}"
                    )
                    hint = "use a shorter word, or let it break with a hyphen"
                    yield Problem(span, "figure-fit", message, hint)


def _drawings(
    entry: Entry, edition: Edition, printer: Printer, hand: Hand
) -> Iterator[tuple[Sequence[Text], Drawing]]:
    """Yield each drawing of an entry and the texts that it was made from."""
    if isinstance(entry, Assessment):
        bands = _bands(entry, printer)
        yield [band.title for band in bands], lay_out_bands(bands, hand, LEAF)
    subject = _subject(entry, edition, printer)
    if subject is not None:
        for width in (WIDE, NARROW):
            yield subject.texts, lay_out(subject, hand, width)


def _bands(test: Assessment, printer: Printer) -> tuple[Band, ...]:
    return tuple(
        Band(Text(f"{first}–{last} {printer.plain(band.title)}", band.title.span), first, last)
        for band, first, last in spans(test)
    )


def _subject(entry: Entry, edition: Edition, printer: Printer) -> Subject | None:
    figure = figure_of(entry)
    if figure is None:
        return None

    def text(words: Words) -> Text:
        return Text(printer.plain(words), words.span)

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
    """Return all words of a figure: what each point is called, and what stands beside it."""
    _ = language.gettext
    joins = FORMS[subject.kind].joins
    parts = [] if joins else [text.words for text in subject.further]
    for number, point in enumerate(subject.points):
        beside = [_led(heading, note, language) for heading, note in point.notes]
        if joins:
            beside.append(language.every([subject.further[end].words for end in joins[number]]))
        title = point.title.words
        if point.here:
            title = _("%(title)s (here)", title=title)
        parts.append(_labelled(title, language.every(beside), language) if beside else title)
    return reduce(lambda all_, part: _("%(first)s; %(second)s", first=all_, second=part), parts)


def _led(heading: Text | None, note: Text, language: Language) -> str:
    return _labelled(heading.words, note.words, language) if heading else note.words


def _labelled(label: str, words: str, language: Language) -> str:
    _ = language.gettext
    return _("%(label)s: %(text)s", label=label, text=words)


@cache
def paints_of(colours: Colours, finish: Finish = "standard") -> Paints:
    """Return how the shapes of a brand are painted; no style sheet reaches into SVG in print.

    As the style sheet of each finish does it: an office printer fills nothing and draws in black,
    a print shop gets letters and greys on the black plate.
    """
    primary, accent, ink, paper = colours.primary, colours.accent, colours.ink, colours.paper
    if finish == "office":
        line = Paint(WHITE, BLACK, BLACK)
        return {"plain": line, "soft": line, "strong": replace(line, width=2.0), "mark": line}
    if finish == "shop":
        ink = BLACK
    paints: Paints = {
        "plain": Paint(paper, mix(paper, ink, 0.6), ink),
        "soft": Paint(mix(paper, primary, 0.1), primary, ink),
        "strong": Paint(primary, primary, paper),
        "mark": Paint(accent, accent, paper),
    }
    return (
        {tone: _in_black(paint) for tone, paint in paints.items()} if finish == "shop" else paints
    )


def _in_black(paint: Paint) -> Paint:
    return Paint(in_black(paint.fill), in_black(paint.stroke), in_black(paint.text), paint.width)
