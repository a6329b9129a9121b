"""What is measured in the laid-out pages of a sheet: room to write, rows, pages.

Every box to write in and every row has an id, so WeasyPrint's own anchors tell where it is. What a
longer language would squeeze or push is found here, before anybody stands there with a pencil.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handbook.diagnostics import Problem, Span
from handbook.model.by_hand import blocks
from handbook.model.entries import Assessment
from handbook.model.instrument import ChoiceScale, Instrument, RatingScale
from handbook.model.worksheet import Worksheet
from handbook.resolve.editions import Edition

WIDEST = 112.0
"""Millimetres that the column of answers may take, so that room is left for statements."""
LEAST = {
    "line": (30.0, 8.0),
    "date": (20.0, 8.0),
    "short": (30.0, 8.0),
    "cell": (15.0, 8.0),
    "circle": (6.0, 6.0),
    "tick": (4.4, 4.4),
    **dict.fromkeys(("points", "subtotal", "total", "percent", "count", "product"), (9.0, 6.0)),
    "filled": (8.0, 6.0),
}
"""Kind of box → the least width and height in mm with which a hand can do."""
ONE_PAGE = 30
"""Items up to which one page must do to answer them; more take both sides of the leaf."""
LEAVES = ("answer", "scoring")
EDGE = 10.0
"""Millimetres at the edge of the paper that printers leave white."""
TOLERANCE = 0.5
"""Points by which the rows of two leaves may differ."""
_PIXEL = 25.4 / 96
_POINT = 25.4 / 72
_ROUNDING = 0.01

Spans = Mapping[str, Span]
"""Item or field → where its words stand."""


@dataclass(frozen=True, slots=True)
class Place:
    """A box on a page, in mm from the page's left and top edge."""

    page: int
    left: float
    top: float
    width: float
    height: float
    room: float = EDGE
    """From its right side to the edge of the paper."""


Places = Mapping[str, Place]


def strip(instrument: Instrument) -> float:
    """Return the width in mm of the column of answers at the right edge of an answer leaf."""
    return max(_column(block.scale) for block in blocks(instrument))


def _column(scale: ChoiceScale | RatingScale) -> float:
    mark = 8.0 if isinstance(scale, RatingScale) else 9.0 if scale.lettered else 14.5
    return min(mark * len(scale.options) + 2 * scale.lettered, WIDEST)


def spans_of(edition: Edition, subject: str) -> dict[str, Span]:
    """Return where the words of each item of a test, or of each field of a worksheet, stand."""
    entry = edition.entries.get(subject)
    if isinstance(entry, Assessment):
        items = {key: item.stem.span for key, item in entry.items.items()}
        return {"": entry.title.span, **items}
    sheet = edition.worksheets.get(subject)
    if sheet is None:
        return {}
    return {"": sheet.title.span, **{key: field.label.span for key, field in sheet.fields.items()}}


def spans_of_all(edition: Edition) -> dict[str, Span]:
    """Return the same for every sheet of an edition, where one document holds them all.

    Before the name of each item or field stands there the mark of its sheet.
    """
    found = {"": edition.book.handbook.title.span}
    sheets: list[Worksheet | Assessment] = [*edition.worksheets.values()]
    sheets += [entry for entry in edition.entries.values() if isinstance(entry, Assessment)]
    for sheet in sheets:
        spans = spans_of(edition, sheet.id)
        found |= {f"{sheet.code}:{name}": span for name, span in spans.items() if name}
    return found


def places(document: Any) -> Places:
    """Return where each element with an id begins in a WeasyPrint `document`."""
    found: dict[str, Place] = {}
    for number, page in enumerate(document.pages, start=1):
        for name, (left, top, right, bottom) in page.anchors.items():
            box = (left, top, right - left, bottom - top, page.width - right)
            found.setdefault(name, Place(number, *(side * _PIXEL for side in box)))
    return found


def register(found: Places) -> str:
    """Return the style that gives the rows of the scoring leaf the heights of the answer leaf's.

    Empty where a document has no such rows: only in fold style do the leaves lie side by side.
    """
    rows = _pairs(found)
    if not rows:
        return ""
    first = found[f"answer.{rows[0]}"]
    # What stands above the rows takes the same room on both leaves: that of the longer words.
    lead = max(found[f"{leaf}.{rows[0]}"].top - found[f"leaf.{leaf}"].top for leaf in LEAVES)
    rules = [_rule(f"lead.{leaf}", f"height:{lead:.4f}mm") for leaf in LEAVES]
    page = first.page
    for row in rows:
        place = found[f"answer.{row}"]
        turn = ";break-before:page" if place.page > page else ""
        rules.append(_rule(f"scoring.{row}", f"height:{place.height:.4f}mm !important{turn}"))
        page = place.page
    return "\n".join(rules)


def _rule(name: str, declarations: str) -> str:
    return f'[id="{name}"]{{{declarations}}}'


def _pairs(found: Places) -> list[str]:
    """Return the rows that stand on both leaves, in the order of the answer leaf."""
    return [
        name.removeprefix("answer.")
        for name in found
        if name.startswith("answer.") and f"scoring.{name.removeprefix('answer.')}" in found
    ]


def check_layout(found: Places, spans: Spans) -> Iterator[Problem]:
    """Yield what hands, eyes or a fold could not do with the pages, with place and cure."""
    yield from _check_pages(found, spans)
    yield from _check_rows(found, spans)
    yield from _check_space(found, spans)


def _check_pages(found: Places, spans: Spans) -> Iterator[Problem]:
    rows = {
        name.removeprefix("answer."): place
        for name, place in found.items()
        if name.removeprefix("answer.") in spans and name.startswith("answer.")
    }
    items = len(spans) - 1  # one span is the title's
    sides = 1 if items <= ONE_PAGE else 2
    for leaf, most in (("answer", sides), ("scoring", 2 * sides)):
        if f"end.{leaf}" not in found or (_pairs(found) and leaf == "scoring"):
            continue
        pages = found[f"end.{leaf}"].page - found[f"leaf.{leaf}"].page + 1
        if pages > most:
            longest = max(rows, key=lambda row: rows[row].height, default="")
            message = f"the {leaf} leaf takes {pages} pages instead of {most}"
            hint = f"shorten “{longest}”, the tallest row, or others beside it"
            if not longest:
                hint = "shorten the texts of the bands, or let items of one scale follow each other"
            yield Problem(spans[longest], "P03-leaf-pages", message, hint)


def _check_rows(found: Places, spans: Spans) -> Iterator[Problem]:
    for row in _pairs(found):
        answer, points = found[f"answer.{row}"], found[f"scoring.{row}"]
        page = points.page - found["leaf.scoring"].page
        drift = abs(points.top - answer.top) / _POINT
        if page != answer.page - found["leaf.answer"].page or drift > TOLERANCE:
            message = (
                f"the points of “{row}” do not stand beside its answer when the leaf is folded"
            )
            hint = "shorten the words above it on the scoring leaf, or the words of the answers"
            yield Problem(spans.get(row, spans[""]), "P02-registration", message, hint)
            return  # the rows below follow it


def _check_space(found: Places, spans: Spans) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for name, place in found.items():
        kind, _, subject = name.partition(".")
        width, height = LEAST.get(kind, (0.0, 0.0))
        large = place.width > width - _ROUNDING and place.height > height - _ROUNDING
        if kind not in LEAST or (large and place.room > EDGE - _ROUNDING):
            continue
        owner = subject.split(".")[0]
        if (kind, owner) not in told:
            told.add((kind, owner))
            message = f"a {kind} to write in measures {place.width:.1f} × {place.height:.1f} mm"
            if large:
                message = f"a {kind} to write in stands at the edge of the paper or beyond"
            hint = (
                f"it needs {width:g} × {height:g} mm: use fewer options or columns, shorter words"
            )
            yield Problem(spans.get(owner, spans[""]), "P06-writing-space", message, hint)
