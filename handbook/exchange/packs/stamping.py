"""Put a line of text on top of finished sheets, and several sheets into one file; tags stay whole.

A sheet is laid out once for everybody. What differs from person to person is a line in its top
margin: another little document, drawn into the sheet. So a name moves no row, however long it is,
and two hundred sheets cost hardly more than one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

RIGHT = 39.7
"""Points from the right edge of the paper to the end of the line (14 mm)."""
TOP = 22.7
"""Points from the upper edge of the paper to the line (8 mm), which printers leave white."""
_MARKS = {"BMC", "BDC", "EMC"}
"""Operators that tell of which element a piece of content is."""


def stamp(sheet: bytes, line: bytes) -> bytes:
    """Return the PDF `sheet` with the one page of the PDF `line` on top of each of its pages.

    It is read out once, before everything else; on the further pages it is mere decoration.
    """
    with Pdf.open(io.BytesIO(sheet)) as pdf, Pdf.open(io.BytesIO(line)) as source:
        drawing = pdf.copy_foreign(_without_tags(source).as_form_xobject())
        for number, page in enumerate(pdf.pages):
            role = "/Artifact BMC" if number else f"/P <</MCID {_announce(pdf, page)}>> BDC"
            _draw(pdf, page, drawing, role)
        return _saved(pdf)


def _without_tags(source: Pdf) -> pikepdf.Page:
    """Return the page of `source`, whose content will belong to an element of another document."""
    page = source.pages[0]
    kept = [
        instruction
        for instruction in pikepdf.parse_content_stream(page)
        if str(instruction.operator) not in _MARKS
    ]
    page.Contents = source.make_stream(pikepdf.unparse_content_stream(kept))
    return page


def _announce(pdf: Pdf, page: pikepdf.Page) -> int:
    """Make a paragraph the first element of the document; return its mark on `page`."""
    structure = pdf.Root.StructTreeRoot
    marks = pikepdf.NumberTree(structure.ParentTree)[int(page.StructParents)]
    document = structure.K[0]
    paragraph = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.P, P=document, Pg=page.obj, K=Array([len(marks)]))
    )
    document.K.insert(0, paragraph)
    marks.append(paragraph)
    return len(marks) - 1


def _draw(pdf: Pdf, page: pikepdf.Page, drawing: pikepdf.Object, role: str) -> None:
    name = page.add_resource(drawing, Name.XObject, Name.Recipient)
    _, _, width, height = map(float, drawing.BBox)
    _, _, right, top = map(float, page.mediabox)
    x, y = right - RIGHT - width, top - TOP - height
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q {role} q 1 0 0 1 {x:.2f} {y:.2f} cm {name} Do Q EMC".encode())


def join(sheets: Sequence[Path]) -> bytes:
    """Return all `sheets` in one PDF, each beginning on a front page when printed on both sides.

    The document takes its language and title from the first; all must share a layout.
    """
    with Pdf.open(sheets[0]) as pdf:
        structure = pdf.Root.StructTreeRoot
        parents = pikepdf.NumberTree(structure.ParentTree)
        _fill_the_back(pdf)
        for path in sheets[1:]:
            with Pdf.open(path) as sheet:
                _append(pdf, sheet, structure.K[0], parents)
            _fill_the_back(pdf)
        return _saved(pdf)


def _append(pdf: Pdf, sheet: Pdf, document: pikepdf.Object, parents: pikepdf.NumberTree) -> None:
    """Add the pages of `sheet` and its elements, which the page's numbers lead to."""
    offset = max(parents.keys(), default=-1) + 1
    first = len(pdf.pages)
    pdf.pages.extend(sheet.pages)
    added = pdf.copy_foreign(sheet.Root.StructTreeRoot)
    for child in added.K[0].K:
        child.P = document
        document.K.append(child)
    for number, elements in pikepdf.NumberTree(added.ParentTree).items():
        parents[number + offset] = elements
    for page in pdf.pages[first:]:
        for thing, key in _numbered(page):
            thing[key] = int(thing[key]) + offset


def _numbered(page: pikepdf.Page) -> Iterator[tuple[pikepdf.Object, str]]:
    """Yield the page and its annotations, with the key of their number in the parent tree."""
    if "/StructParents" in page.obj:
        yield page.obj, "/StructParents"
    for annotation in page.obj.get("/Annots", ()):
        if "/StructParent" in annotation:
            yield annotation, "/StructParent"


def _fill_the_back(pdf: Pdf) -> None:
    """Add an empty page where the last sheet would end on a front page."""
    if len(pdf.pages) % 2:
        size = pdf.pages[-1].mediabox
        pdf.add_blank_page(page_size=(float(size[2]), float(size[3])))


def _saved(pdf: Pdf) -> bytes:
    stream = io.BytesIO()
    modes = pikepdf.ObjectStreamMode.generate
    pdf.save(stream, object_stream_mode=modes, deterministic_id=True)
    return stream.getvalue()


def pages_in(data: bytes) -> int:
    """Return how many pages a PDF has."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)
