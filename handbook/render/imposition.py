"""Pages put on sheets: the order of a stapled booklet, or two pages a sheet in reading order.

The sheets are pictures of the pages, with their text: tags, links and bookmarks belong to pages
that are read, and stay in the file that the sheets are made from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from handbook.language.language import Language
from handbook.language.marker import mark as _
from handbook.plan.plan import Output
from handbook.plan.printing import Imposition
from handbook.render.delivery import SIGNATURE

THICKEST = 16
"""Sheets that can be folded together and stapled; a longer book becomes several booklets."""

Spread = tuple[int | None, int | None]
"""Places of the left and the right page of a side in the book, from 0; None for a blank one."""


KINDS: Mapping[Imposition, str] = {
    "booklet": _("Booklet to print"),
    "two-up": _("Two pages a sheet, to print"),
}
NOTE = _("Only for printing. To read on a screen, also with a screen reader: %(file)s")


@dataclass(frozen=True, slots=True)
class Label:
    """What an imposed file says of itself, in the language of the book."""

    kind: str
    note: str
    language: str


def label_of(imposition: Imposition, book: Output, language: Language) -> Label:
    """Return the label of the sheets of `book`."""
    note = language.gettext(NOTE, file=PurePosixPath(book.path).name)
    return Label(language.gettext(KINDS[imposition]), note, language.tag)


def spreads(pages: int, imposition: Imposition) -> list[Spread]:
    """Return the sides of the sheets for so many `pages`, front and back in turn."""
    if imposition == "two-up":
        return [_spread(first, first + 1, pages) for first in range(0, pages, 2)]
    return [side for first, last in booklets(pages) for side in _booklet(first, last, pages)]


def booklets(pages: int) -> list[tuple[int, int]]:
    """Return first page and end of each booklet; all but the last are full, and as equal as can be.

    The pages of one are a multiple of four; the end of the last may lie behind the last page.
    """
    sheets = -(-pages // SIGNATURE)
    count = -(-sheets // THICKEST)
    found, first = [], 0
    for number in range(count):
        last = first + SIGNATURE * (sheets // count + (number < sheets % count))
        found.append((first, last))
        first = last
    return found


def _booklet(first: int, last: int, pages: int) -> Iterator[Spread]:
    """Yield front and back of each sheet, the outermost first."""
    while first < last:
        yield _spread(last - 1, first, pages)
        yield _spread(first + 1, last - 2, pages)
        first, last = first + 2, last - 2


def _spread(left: int, right: int, pages: int) -> Spread:
    return (left if left < pages else None, right if right < pages else None)


def impose(data: bytes, imposition: Imposition, label: Label) -> bytes:
    """Return the pages of the PDF `data` on sheets of their own paper, turned and half as large."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as book, pikepdf.new() as pdf:
        drawings = [pdf.copy_foreign(page.as_form_xobject()) for page in book.pages]
        height, width = _size(drawings[0])
        for spread in spreads(len(drawings), imposition):
            pdf.add_blank_page(page_size=(width, height))
            _fill(pdf.pages[-1], spread, drawings)
        _describe(pdf, book, label)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _fill(sheet: Any, spread: Spread, drawings: Sequence[Any]) -> None:
    """Draw the pages of `spread` on the halves of `sheet`, as large as they fit, in the middle."""
    from pikepdf import Name

    _, _, width, height = map(float, sheet.mediabox)
    for half, number in enumerate(spread):
        if number is None:
            continue
        drawing = drawings[number]
        turned = _size(drawing)[0] > _size(drawing)[1]
        across, up = reversed(_size(drawing)) if turned else _size(drawing)
        scale = min(width / 2 / across, height / up)
        x = width / 2 * (half + 0.5) + across * scale / 2 * (1 if turned else -1)
        y = (height - up * scale) / 2
        # A page that lies on its side is turned to the left: its foot comes to the right.
        matrix = (0, scale, -scale, 0) if turned else (scale, 0, 0, scale)
        numbers = " ".join(f"{value:.5f}" for value in (*matrix, x, y))
        # A name of our own: pikepdf's would be another one each time.
        name = sheet.add_resource(drawing, Name.XObject, Name(f"/Half{half}"))
        sheet.contents_add(f"q {numbers} cm {name} Do Q".encode())


def _size(drawing: Any) -> tuple[float, float]:
    """Return width and height in points; the pages of a book begin at nought."""
    _, _, width, height = map(float, drawing.BBox)
    return width, height


def _describe(pdf: Any, book: Any, label: Label) -> None:
    """Say what the file is; both kinds of sheets are turned over at their short edge."""
    from pikepdf import Dictionary, Name, String

    info = {key: str(value) for key, value in book.docinfo.items()}
    pdf.docinfo["/Title"] = String(f"{info['/Title']} – {label.kind}")
    pdf.docinfo["/Subject"] = String(label.note)
    for key in ("/Author", "/Keywords", "/CreationDate", "/ModDate", "/Producer"):
        pdf.docinfo[key] = String(info[key])
    pdf.Root.Lang = String(label.language)
    pdf.Root.ViewerPreferences = Dictionary(
        DisplayDocTitle=True, Duplex=Name.DuplexFlipShortEdge, PrintScaling=Name("/None")
    )
