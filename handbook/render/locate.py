"""Where in the content something stands that was found on a laid-out page.

Elements carry the ids of what they show; within that, the very text is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from handbook.diagnostics import Problem, Span
from handbook.language.language import Language
from handbook.model.base import Model
from handbook.model.words import Words
from handbook.render.preflight import MISSING_GLYPH, Finding
from handbook.resolve.coherence import edition_texts, texts_of
from handbook.resolve.editions import Edition
from handbook.theme import Theme

_IN_THEME = {"P15-picture": "logo", "P16-contrast": "colours"}
"""Rules about what a theme brings, and the key of `theme.yaml` that sets it."""
_CHARACTERS = (MISSING_GLYPH, "P11-face")
"""Rules about a character, which may come from anywhere."""


def locate(
    finding: Finding, edition: Edition, subject: str, language: Language, theme: Theme
) -> Problem:
    """Return `finding` as a problem with the line that it is about.

    `subject` is the id of the entry or worksheet for which the document was made, or the name of
    a whole book.
    """
    span = _place(finding, edition, subject, language, theme)
    return Problem(span, finding.rule, finding.message, finding.hint)


def _place(
    finding: Finding, edition: Edition, subject: str, language: Language, theme: Theme
) -> Span:
    if finding.rule in _IN_THEME:
        return _theme_key(theme, _IN_THEME[finding.rule])
    around = list(_around(finding.ids, edition, subject))
    if finding.text:
        near = (words for thing in around for words in texts_of(thing))
        anywhere = finding.rule in _CHARACTERS or not around
        everywhere = _from_the_cover_on(edition) if anywhere else ()
        for texts in (near, everywhere):
            found = _first(texts, finding.text)
            if found is not None:
                return found
        line = _line_of(language.catalog_text, finding.text)
        if line and finding.rule in _CHARACTERS:
            return Span(f"locales/{language.tag}/LC_MESSAGES/messages.po", line)
    for thing in (*around, edition.book.handbook):
        for words in texts_of(thing):
            return words.span
    raise AssertionError("every book has a title")


def _from_the_cover_on(edition: Edition) -> Iterable[Words]:
    """Return all texts, those first that stand on covers and pages of no entry."""
    return chain(texts_of(edition.book.handbook), edition_texts(edition))


def _first(texts: Iterable[Words], text: str) -> Span | None:
    for words in texts:
        offset = words.text.find(text)
        if offset >= 0:
            return words.place(offset)
    return None


def _around(ids: Iterable[str], edition: Edition, subject: str) -> Iterator[Model]:
    """Yield what the elements around show, nearest first."""
    things = _things(edition)
    parts = _parts(things.get(subject))
    for name in (*ids, subject):
        owner, _, item = name.partition("--")
        # A box to write in is called kind.item.number; see parts/boxes.html.
        _, _, box = name.partition(".")
        members = _parts(things.get(owner)).get(item), parts.get(box.split(".")[0])
        yield from filter(None, (*members, things.get(owner)))


def _things(edition: Edition) -> dict[str, Model]:
    """Return what has an id of its own in the pages of `edition`."""
    book = edition.book
    return {
        # Pages that every book has are called by their name and a low line.
        **{f"{name}_": getattr(book, name) for name in ("welcome", "notice", "sector")},
        **book.glossary,
        **book.sessions,
        **book.guide,
        **book.pages,
        **book.worksheets,
        **book.chapters,
        **edition.entries,
    }


def _parts(thing: Model | None) -> Mapping[str, Model]:
    """Return the items of an entry, or the fields of a worksheet."""
    parts = getattr(thing, "items", None) or getattr(thing, "fields", None)
    return parts if isinstance(parts, dict) else {}


def _theme_key(theme: Theme, key: str) -> Span:
    """Return where the nearest theme that sets `key` does so."""
    return theme.tree.key_span(key) if key in theme.tree.children else theme.tree.span


def _line_of(text: str, part: str) -> int:
    """Return the number of the first line that has `part`, or 0."""
    offset = text.find(part)
    return text.count("\n", 0, offset) + 1 if offset >= 0 else 0
