"""The table of documents: everything that can be made of an edition.

To add a document, add a row here and a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from handbook.language.marker import mark as _
from handbook.model.entries import Assessment
from handbook.resolve.editions import Edition

Subjects = Callable[[Edition], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of file: one is made for each of its subjects."""

    kind: str
    template: str
    subjects: Subjects
    """Ids of the entries, chapters or worksheets; `index` and the like for the edition itself."""
    scope: Literal["edition", "brand", "build"] = "edition"
    """Whether there is one for each edition, one for each brand, or one for all."""


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of thing that is delivered."""

    id: str
    title: str
    """English, a message of the catalogs."""
    media: Literal["screen", "print"]
    audience: Literal["participant", "facilitator"]
    pages: tuple[Page, ...]
    holds: Subjects
    """Ids to which a link within a printed document can lead."""
    fillable: bool = False
    """Whether it is filled in on a screen, and adds up by itself."""
    imposable: bool = False
    """Whether its pages may be made smaller and put on sheets, as those of a booklet."""
    binds: bool = False
    """Whether it holds all sheets of the edition."""
    names: bool = False
    """Whether its template keeps room for the name of a participant."""
    cites: str = ""
    """The book of the same edition whose page numbers it names."""


def _once(name: str) -> Subjects:
    return lambda edition: (name,)


def _nothing(edition: Edition) -> Iterable[str]:
    return ()


def _everything(edition: Edition) -> Iterable[str]:
    return (*edition.entries, *edition.chapters, *edition.book.glossary, *_texts(edition))


def _chapters(edition: Edition) -> Iterable[str]:
    return edition.chapters


def _entries(edition: Edition) -> Iterable[str]:
    return edition.entries


def _texts(edition: Edition) -> Iterable[str]:
    return (page.id for page in (*edition.front, *edition.back))


def _worksheets(edition: Edition) -> Iterable[str]:
    own = set(_evaluation(edition))
    return (key for key in edition.worksheets if key not in own)


def _sessions(edition: Edition) -> Iterable[str]:
    return edition.book.sessions


def _evaluation(edition: Edition) -> Iterable[str]:
    return (key for key in edition.book.handbook.evaluation if key in edition.worksheets)


def _assessments(edition: Edition) -> Iterable[str]:
    return (key for key, entry in edition.entries.items() if isinstance(entry, Assessment))


def _with_cards(edition: Edition) -> Iterable[str]:
    return (key for key, entry in edition.entries.items() if getattr(entry, "cards", None))


def _book(template: str, name: str) -> tuple[Page, ...]:
    return (Page("book", template, _once(name)),)


def _sheets(template: str, subjects: Subjects) -> tuple[Page, ...]:
    return (Page("sheet", template, subjects),)


# fmt: off
DOCUMENTS = (
    Document("site", _("Website"), "screen", "participant", (
        Page("home", "site/home.html", _once("index")),
        Page("chapter", "site/chapter.html", _chapters),
        Page("entry", "site/entry.html", _entries),
        Page("text", "site/text.html", _texts),
        Page("glossary", "site/glossary.html", _once("glossary")),
        Page("register", "site/register.html", _once("register")),
        Page("sheets", "site/sheets.html", _once("sheets")),
        Page("choose", "site/choose.html", _once("choose-language"), "brand"),
        Page("choose", "site/choose.html", _once("choose-brand"), "build"),
    ), _nothing),
    Document("handbook", _("Handbook"), "print", "participant",
             _book("print/handbook.html", "handbook"), _everything, imposable=True),
    Document("facilitator-guide", _("Facilitator guide"), "print", "facilitator",
             _book("print/facilitator-guide.html", "facilitator-guide"), _nothing,
             cites="handbook", imposable=True),
    Document("workbook", _("Workbook"), "print", "participant",
             _book("print/workbook.html", "workbook"), _nothing, binds=True, cites="handbook"),
    Document("session-plan", _("Session plan"), "print", "facilitator",
             _sheets("print/session-plan.html", _sessions), _nothing, cites="handbook"),
    Document("attendance-list", _("Attendance list"), "print", "facilitator",
             _sheets("print/attendance-list.html", _once("attendance-list")), _nothing),
    Document("certificate", _("Certificate of attendance"), "print", "facilitator",
             _sheets("print/certificate.html", _once("certificate")), _nothing, names=True),
    Document("evaluation-sheet", _("Evaluation sheet"), "print", "facilitator",
             _sheets("print/worksheet.html", _evaluation), _nothing),
    Document("worksheet", _("Worksheet"), "print", "participant",
             _sheets("print/worksheet.html", _worksheets), _nothing),
    Document("cards", _("Cards to cut out"), "print", "participant",
             _sheets("print/cards.html", _with_cards), _nothing),
    Document("answer-sheet", _("Answer sheet"), "print", "participant",
             _sheets("print/answer-sheet.html", _assessments), _nothing),
    Document("scoring-sheet", _("Scoring sheet"), "print", "participant",
             _sheets("print/scoring-sheet.html", _assessments), _nothing),
    Document("fold-sheet", _("Fold sheet"), "print", "participant",
             _sheets("print/fold-sheet.html", _assessments), _nothing),
    Document("large-print", _("Large print"), "print", "participant",
             _sheets("print/large-print.html", _assessments), _nothing),
    Document("fillable-sheet", _("Sheet to fill in on screen"), "print", "participant",
             _sheets("print/fillable-sheet.html", _assessments), _nothing, fillable=True),
    Document("facilitator-pack", _("Facilitator pack"), "print", "facilitator",
             _sheets("print/facilitator-pack.html", _assessments), _nothing, imposable=True),
)
# fmt: on

BY_ID = {document.id: document for document in DOCUMENTS}


def template_of(document: str, page: str) -> str:
    """Return the template of a kind of page of a document."""
    return next(row.template for row in BY_ID[document].pages if row.kind == page)
