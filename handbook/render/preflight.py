"""Preflight: what is wrong with laid-out pages, found before anybody prints them.

Each check looks at the values of `boxes` and yields findings; `place` then names the line of the
content that a finding is about. Faults stop the build; matters of taste are told at its end.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from handbook.render.boxes import Box, Colour, Glyph, Layout, Line
from handbook.theme.colours import TEXT, contrast

MISSING_GLYPH = "P10-glyph"
ADVICE = frozenset(("P17-line", "P18-hyphens", "P19-page", "P20-length"))
"""Rules that are matters of taste: told, and the document is printed all the same."""

COARSE = 150
"""Pixels to the inch; printers ask for 300, and office printers show no more than 150."""
LARGE_TEXT = 3.0
"""Least contrast of large text, WCAG 2.2, criterion 1.4.3."""
LEAST_FILLED = 0.12
"""Share of a page that something must stand on."""
HALF_EMPTY = 0.6
"""Share of its column that a line should fill if the next word is long."""
LONG_WORD = 14
"""Letters of a word that hyphenation should have divided."""
_SLACK = 1.0
"""Pixels by which a box may stand out: less than eyes can see."""
_MM = 25.4 / 96
_HAN_SCRIPTS = frozenset(("Hans", "Hant", "Jpan", "Kore"))
_OPENING = frozenset("（〔［｛〈《「『【“‘([{")
_CLOSING = frozenset("）〕］｝〉》」』】”’)]}，。、；：！？·～,.;:!?%")
_WIDE_MARKS = frozenset("“”‘’…—")
"""Marks that Latin faces have too, half as wide."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong on a page; not yet known where in the content it comes from."""

    rule: str
    message: str
    hint: str
    ids: tuple[str, ...]
    """Ids of the elements around, nearest first."""
    text: str = ""
    """What to look for in the content; empty where a whole element is meant."""


def inspect(layout: Layout) -> list[Finding]:
    """Return all that is wrong with a laid-out document; the same thing once."""
    told: dict[tuple[str, object], Finding] = {}
    for finding in _findings(layout):
        told.setdefault((finding.rule, finding.text or finding), finding)
    return list(told.values())


def _findings(layout: Layout) -> Iterator[Finding]:
    yield from _check_glyphs(layout)
    yield from _check_overflow(layout.lines)
    yield from _check_tables(layout)
    yield from _check_headings(layout)
    yield from _check_pictures(layout)
    yield from _check_contrast(layout)
    yield from _check_lines(layout.lines)
    yield from _check_hyphens(layout.lines)
    yield from _check_pages(layout)


def _check_glyphs(layout: Layout) -> Iterator[Finding]:
    for glyph, line in layout.glyphs.items():
        character = glyph.character
        if not glyph.family:
            message = f"no font has {_name(character)}; page {line.box.page} would show a box"
            hint = "use another character, or bring a font that has it"
            yield Finding(MISSING_GLYPH, message, hint, line.room.ids, character)
        elif _is_astray(glyph):
            message = (
                f"{_name(character)} comes from {glyph.family}, not from {glyph.families[0]}, "
                f"on page {line.box.page}"
            )
            hint = "name a face with simplified characters first in `fonts` of language.yaml"
            yield Finding("P11-face", message, hint, line.room.ids, character)


def _is_astray(glyph: Glyph) -> bool:
    """Return whether a Chinese character is drawn by a face that was not chosen for it."""
    if _is_han(glyph.character):
        others = glyph.family not in glyph.families
        return others or (_writes_han(glyph.language) and glyph.family != glyph.families[0])
    marks = glyph.character in _WIDE_MARKS and _writes_han(glyph.language)
    return marks and glyph.family != glyph.families[0]


def _is_han(character: str) -> bool:
    """Return whether `character` is an ideograph or a full-width mark."""
    if character < "\u2e80":
        return False
    name = unicodedata.name(character, "")
    return (
        name.startswith(("CJK ", "IDEOGRAPHIC ", "FULLWIDTH ")) or "\u3001" <= character < "\u3020"
    )


@lru_cache(maxsize=100)
def _writes_han(language: str) -> bool:
    from babel.core import get_global

    parts = language.split("-")
    likely = get_global("likely_subtags").get(parts[0], "").split("_")
    return bool(_HAN_SCRIPTS & {*parts, *(likely if len(parts) == 1 else ())})


def _name(character: str) -> str:
    return f"“{character}” (U+{ord(character):04X} {unicodedata.name(character, 'without a name')})"


def _check_overflow(lines: Iterable[Line]) -> Iterator[Finding]:
    for line in lines:
        box, room = line.box, line.room
        over = max(box.right - room.right, room.left - box.left)
        below = box.bottom - room.bottom
        if max(over, below) <= _SLACK:
            continue
        way = f"{over * _MM:.1f} mm beyond its column" if over > _SLACK else ""
        way = way or f"{below * _MM:.1f} mm below its box"
        message = f"“{_short(line.text)}” reaches {way} on page {box.page}"
        hint = "shorten it, or allow long words to break with a hyphen"
        yield Finding("P12-overflow", message, hint, room.ids, _longest(line.text))


def _check_tables(layout: Layout) -> Iterator[Finding]:
    for table in layout.tables:
        over = table.box.right - table.room.right
        if over > _SLACK:
            message = f"a table is {over * _MM:.1f} mm too wide on page {table.box.page}"
            hint = "use fewer columns or shorter words in its heads"
            within = (line.text for line in layout.lines if _is_within(line.box, table.box))
            text = _longest(next(within, ""))
            yield Finding("P13-table", message, hint, table.room.ids, text)


def _is_within(box: Box, other: Box) -> bool:
    return box.page == other.page and other.top <= box.top < other.bottom


def _check_headings(layout: Layout) -> Iterator[Finding]:
    flowing = [line for line in layout.lines if line.room.flows]
    for line, following in pairwise([*flowing, None]):
        if line is None or not line.room.heading:
            continue
        page = line.box.page
        last = line.box.bottom > layout.pages[page - 1].filled - _SLACK
        if last or (following is not None and _is_next_column(line, following)):
            place = f"page {page}" if last else f"a column on page {page}"
            message = f"“{_short(line.text)}” stands alone at the foot of {place}"
            hint = "put a text below it, or shorten what stands above"
            yield Finding("P14-heading", message, hint, line.room.ids, _longest(line.text))


def _is_next_column(line: Line, following: Line) -> bool:
    beside = following.box.left > line.room.left and following.box.top < line.box.top
    return line.room.columns and following.room.columns and beside


def _check_pictures(layout: Layout) -> Iterator[Finding]:
    for picture in layout.pictures:
        inches = (picture.box.right - picture.box.left) / 96
        density = picture.pixels / inches if inches else COARSE
        if density < COARSE:
            message = (
                f"a picture of {picture.pixels} pixels is printed {inches * 25.4:.0f} mm wide "
                f"on page {picture.box.page}: {density:.0f} pixels to the inch"
            )
            hint = f"bring one that is {COARSE * inches:.0f} pixels wide at least, or an SVG"
            yield Finding("P15-picture", message, hint, picture.room.ids)


def _check_contrast(layout: Layout) -> Iterator[Finding]:
    for ink, line in layout.inks.items():
        colour, ground = _hex(ink.colour), _hex(ink.ground)
        least = LARGE_TEXT if ink.large else TEXT
        found = contrast(colour, ground)
        if found < least:
            message = (
                f"“{_short(line.text)}” is {colour} on {ground} on page {line.box.page}: "
                f"contrast {found:.1f}, not {least:g}"
            )
            hint = "change a colour of the theme"
            yield Finding("P16-contrast", message, hint, line.room.ids, _longest(line.text))


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colour)


def _breaks(lines: Iterable[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield the lines before and behind each break that the engine chose."""
    for above, line in pairwise(lines):
        if above.room.block == line.room.block and not above.text.endswith("\n"):
            yield above, line


def _check_lines(lines: Iterable[Line]) -> Iterator[Finding]:
    for above, line in _breaks(lines):
        if not _writes_han(line.language):
            continue
        begin, end = line.text.strip()[:1], above.text.strip()[-1:]
        text = line.text.strip()
        if begin in _CLOSING and not above.text.endswith(" "):
            message = f"a line begins with “{begin}” on page {line.box.page}"
        elif end in _OPENING:
            message = f"a line ends with “{end}” on page {above.box.page}"
        elif len(text.rstrip("".join(_CLOSING))) == 1 and _is_han(text[0]):
            message = f"a paragraph ends with the single character “{text}” on page {line.box.page}"
        else:
            continue
        yield Finding("P17-line", message, "change a few words", line.room.ids, above.text[-8:])


def _check_hyphens(lines: Iterable[Line]) -> Iterator[Finding]:
    for above, line in _breaks(lines):
        width = above.room.right - above.room.left
        word = line.text.split()[0].strip("«»„“”()–—,.;:!?")
        long = len(word) >= LONG_WORD and not above.text.endswith(("\u2010", "-"))
        if long and line.room.hyphenates and above.box.right - above.box.left < HALF_EMPTY * width:
            message = f"the line above “{word}” stays half empty on page {line.box.page}"
            hint = "the dictionary does not divide this word: use another, or change the sentence"
            yield Finding("P18-hyphens", message, hint, line.room.ids, word)


def _check_pages(layout: Layout) -> Iterator[Finding]:
    begun: set[str] = set()
    flowing = [line for line in layout.lines if line.room.flows]
    for number, lines in groupby(flowing, lambda line: line.box.page):
        page, first = layout.pages[number - 1], next(lines)
        share = (page.filled - page.top) / (page.bottom - page.top)
        whole = "".join(first.room.ids[-1:])
        if whole in begun and share < LEAST_FILLED:
            message = f"page {number} holds only “{_short(first.text)}”"
            hint = "shorten what stands before it by a few lines"
            yield Finding("P19-page", message, hint, first.room.ids, _longest(first.text))
        begun.update(*(line.room.ids[-1:] or ("",) for line in (first, *lines)))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:38]}…"


def _longest(text: str) -> str:
    """Return the longest word of a line, which is most likely found in the content as it is."""
    words = text.replace("\u2010", " ").split()
    return max(words, key=len, default="").strip("«»„“”()[]–—,.;:!?，。；：！？")[:20]
