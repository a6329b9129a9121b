"""Lay out a book as a whole and each of its sections alone, and tell where they differ.

It runs in a printing process: fonts are chosen there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import tostring

from handbook.render import folios, pdf
from handbook.render.pdf import PdfJob


def differences(job: PdfJob) -> tuple[int, list[str]]:
    """Return how many sections were compared, and the pages that are not the same alone."""
    from weasyprint import HTML

    tree = HTML(string=job.html).etree_element
    body = tree.find("body")
    sections = [child for child in body if child.tag != "p"]
    for number, section in enumerate(sections):
        section.set("id", section.get("id") or f"section-{number}")
    whole = _lay_out(job, tree, "")
    known = {**folios.folios_of(whole), **dict(job.cited)}
    assert folios.fill(whole, known) == []
    pages = [_words(page) for page in whole.pages]
    found = []
    for section in sections:
        start = known[section.get("id")]
        alone = _lay_out(job, _only(tree, section.get("id")), _placed(start))
        assert folios.fill(alone, known) == []
        for number, page in enumerate(alone.pages, start=start):
            if _words(page) != pages[number - 1]:
                found.append(f"{section.get('id')}: page {number}")
        if known.get(_next(sections, section), len(pages) + 1) - start - len(alone.pages) > 1:
            found.append(f"{section.get('id')}: {len(alone.pages)} pages")
    return len(sections), found


def _next(sections: list[Any], section: Any) -> str:
    following = sections[sections.index(section) + 1 :]
    return str(following[0].get("id")) if following else ""


def _only(tree: Any, name: str) -> Any:
    """Return the document with one of its sections, and what all pages need."""
    alone = copy.deepcopy(tree)
    body = alone.find("body")
    for child in [child for child in body if child.tag != "p" and child.get("id") != name]:
        body.remove(child)
    return alone


def _placed(start: int) -> str:
    """Return the style that gives the first page its number and its side."""
    side = "right" if start % 2 else "left"
    return f"html{{break-before:{side}}} @page:first{{counter-reset:page {start}}}"


def _lay_out(job: PdfJob, tree: Any, rules: str) -> Any:
    from weasyprint import CSS, HTML

    style, fonts = pdf._style(job.css)
    styles = [style, CSS(string=rules, font_config=fonts)]
    text = f"<!doctype html>{tostring(tree, encoding='unicode', method='html')}"
    html = HTML(string=text, url_fetcher=pdf._fetcher())
    return html.render(stylesheets=styles, font_config=fonts, **pdf._options(job))


def _words(page: Any) -> list[tuple[str, int, int]]:
    """Return each text of a page with its place, in hundredths of a pixel."""
    return sorted(_texts(page._page_box))


def _texts(box: Any) -> Iterator[tuple[str, int, int]]:
    from weasyprint.formatting_structure.boxes import TextBox

    for child in box.descendants(placeholders=True):
        if isinstance(child, TextBox):
            yield child.text, round(child.position_x * 100), round(child.position_y * 100)
