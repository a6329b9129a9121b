"""Page numbers, which are known only when everything is laid out.

Where one is to stand, a template keeps room for it, as `parts/folio.html` writes it. The room does
not depend on the number, so pages break the same way whatever is filled in: one layout is enough, a
chapter can be laid out without the others, and one document can cite the pages of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Folios = Mapping[str, int]
"""Id of an anchor → number of its page, from 1; those of another document as `cited` names them."""
ROOM = "000"
"""What a template writes where the number will stand."""


def cited(document: str, folios: Folios) -> dict[str, int]:
    """Return the page numbers of `document` under the names by which others cite them."""
    return {f"{document}/{name}": number for name, number in folios.items()}


def folios_of(document: Any) -> dict[str, int]:
    """Return the page of every anchor of a laid-out WeasyPrint `document`, the first of each."""
    found: dict[str, int] = {}
    for number, page in enumerate(document.pages, start=1):
        for name in page.anchors:
            found.setdefault(name, number)
    return found


def fill(document: Any, folios: Folios) -> list[str]:
    """Write page numbers into the room that is kept for them; return what is not in `folios`."""
    missing = []
    for name, box in _rooms(document):
        if name in folios:
            _write(box, str(folios[name]))
        else:
            missing.append(name)
    return missing


def _rooms(document: Any) -> Iterator[tuple[str, Any]]:
    from weasyprint.formatting_structure.boxes import TextBox

    for page in document.pages:
        # WeasyPrint has no public way to a laid-out text; tests/test_folios.py watches this one.
        for box in page._page_box.descendants(placeholders=True):
            if isinstance(box, TextBox) and ROOM in box.text:
                name = box.element.get("data-folio") if box.element is not None else None
                if name:
                    yield name, box


def _write(box: Any, number: str) -> None:
    text = box.text.replace(ROOM, number)
    if box.style["text_align_all"] in ("right", "end") and box.text == ROOM:
        box.position_x += box.width * (1 - len(number) / len(ROOM))  # figures are equally wide
    box.text = box.pango_layout.text = text
