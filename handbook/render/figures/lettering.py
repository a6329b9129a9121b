"""How wide words are in the theme's fonts, and where lines of them break.

SVG breaks no lines, so that is done here, from the advance widths of the fonts. Kerning is left
out: it makes words narrower, if anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from handbook.diagnostics import Span
from handbook.language.language import Typography
from handbook.theme.fonts import font_files

LEAST_SIZE = 8.0
"""Points below which no letter of a figure goes."""
LEADING = 1.3
"""Distance of lines, in letter sizes."""
_STEP = 0.5
"""Points by which letters get smaller until the longest word fits."""
_SHORTEST = 3
"""Letters that a broken word keeps on either line at least."""


@dataclass(frozen=True, slots=True)
class Text:
    """Finished words of the content, and where they stand."""

    words: str
    span: Span = field(default=Span(""), compare=False, repr=False)


@dataclass(frozen=True, eq=False, slots=True)
class Face:
    """A font: the width of each character it has, in letter sizes."""

    family: str
    bold: bool
    advances: dict[int, float]


@dataclass(frozen=True, slots=True)
class Block:
    """Words set in lines."""

    text: Text
    lines: tuple[str, ...]
    widths: tuple[float, ...]
    room: float
    """What they have been given; a line that is wider does not fit."""
    size: float
    bold: bool

    @property
    def height(self) -> float:
        """Height of all lines with their leading."""
        return len(self.lines) * self.size * LEADING

    @property
    def width(self) -> float:
        """Width of the longest line."""
        return max(self.widths, default=0.0)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text that does not break, and what stands behind it."""

    text: str
    unbroken: str = ""
    """What follows on the same line: a space or nothing."""
    broken: str = ""
    """What follows at the end of a line: a hyphen or nothing."""


@dataclass(frozen=True, eq=False)
class Hand:
    """Sets words as one language writes them, in one theme's fonts."""

    tag: str
    typography: Typography
    regular: tuple[Face, ...]
    """First choice first."""
    bold: tuple[Face, ...]

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Return the width of `text` in the unit of `size`."""
        advances = _advances(self.bold if bold else self.regular)
        return size * sum(advances.get(ord(letter)) or _guess(letter) for letter in text)

    def set(
        self, texts: Iterable[Text], room: float, size: float, bold: bool = False
    ) -> list[Block]:
        """Return `texts` in lines no wider than `room`, all in one size.

        The size is `size`, or as much less as the longest word asks for; where even the least is
        too wide, words are hyphenated. What then still does not fit shows in its width.
        """
        found = list(texts)
        broken = [list(self._pieces(text.words)) for text in found]
        words = [piece.text + piece.broken for pieces in broken for piece in pieces]
        fitting = size
        while fitting > LEAST_SIZE and not self._fit(words, room, fitting, bold):
            fitting -= _STEP
        if not self._fit(words, room, fitting, bold):
            fitting = max(LEAST_SIZE, size - 2 * _STEP)
            broken = [list(self._hyphenated(pieces, room, fitting, bold)) for pieces in broken]
        return [
            self._block(text, pieces, room, fitting, bold)
            for text, pieces in zip(found, broken, strict=True)
        ]

    def _fit(self, words: Iterable[str], room: float, size: float, bold: bool) -> bool:
        return all(self.width(word, size, bold) <= room for word in words)

    def _block(
        self, text: Text, pieces: Sequence[_Piece], room: float, size: float, bold: bool
    ) -> Block:
        lines = self._balanced(pieces, room, size, bold)
        widths = tuple(self.width(line, size, bold) for line in lines)
        return Block(text, tuple(lines), widths, room, size, bold)

    def _balanced(
        self, pieces: Sequence[_Piece], room: float, size: float, bold: bool
    ) -> list[str]:
        """Return the fewest lines that do, and of those the most even."""
        lines = self._filled(pieces, room, size, bold)
        low, high = room / 2, room
        while len(lines) > 1 and high - low > room / 50:
            middle = (low + high) / 2
            narrower = self._filled(pieces, middle, size, bold)
            fits = all(self.width(line, size, bold) <= middle for line in narrower)
            if fits and len(narrower) <= len(lines):
                lines, high = narrower, middle
            else:
                low = middle
        return lines

    def _filled(self, pieces: Sequence[_Piece], room: float, size: float, bold: bool) -> list[str]:
        lines, line, between = [], "", _Piece("")
        for piece in pieces:
            longer = line + between.unbroken + piece.text
            if line and self.width(longer + piece.broken, size, bold) > room:
                lines.append(line + between.broken)
                line = piece.text
            else:
                line = longer
            between = piece
        return [*lines, line]

    def _pieces(self, text: str) -> Iterator[_Piece]:
        for word in re.split(r" +", text):
            parts = [p for p in _BREAKS.split(word) if p] if self.typography.spaced else None
            parts = parts or list(_ideographic(word)) or [word]
            yield from (_Piece(part) for part in parts[:-1])
            yield _Piece(parts[-1], unbroken=" ")

    def _hyphenated(
        self, pieces: Iterable[_Piece], room: float, size: float, bold: bool
    ) -> Iterator[_Piece]:
        """Yield `pieces`, those that are too wide in their syllables."""
        for piece in pieces:
            if not self.typography.hyphenate or self._fit([piece.text], room, size, bold):
                yield piece
                continue
            *first, last = _syllables(piece.text, self.tag)
            yield from (_Piece(syllable, broken="-") for syllable in first)
            yield _Piece(last, piece.unbroken)


_BREAKS = re.compile(r"(?<=[-/–—])(?=\w)")
"""Within a word, after a hyphen or a dash."""


def _ideographic(text: str) -> Iterator[str]:
    """Yield what must stay together in a script without spaces.

    Unicode's categories tell which marks begin no line (closing, other) and which end none
    (opening); letters and digits of other scripts stay together.
    """
    kept = ""
    for before, letter in zip(" " + text, text, strict=False):
        closes = unicodedata.category(letter) in ("Pe", "Pf", "Po", "Pd")
        opened = unicodedata.category(before) in ("Ps", "Pi")
        if kept and not (closes or opened or (_narrow(before) and _narrow(letter))):
            yield kept
            kept = ""
        kept += letter
    if kept:
        yield kept


def _guess(letter: str) -> float:
    """Return about how wide a letter is that no font of the theme has."""
    return 0.6 if _narrow(letter) else 1.0


def _narrow(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) not in ("W", "F")


@cache
def _syllables(word: str, tag: str) -> list[str]:
    import pyphen

    language = pyphen.language_fallback(tag.replace("-", "_"))
    if language is None:
        return [word]
    dictionary = pyphen.Pyphen(lang=language, left=_SHORTEST, right=_SHORTEST)
    return str(dictionary.inserted(word, "\0")).split("\0")


@lru_cache(maxsize=64)
def _advances(faces: tuple[Face, ...]) -> dict[int, float]:
    """Return the width of each character in the first face that has it."""
    return {code: width for face in reversed(faces) for code, width in face.advances.items()}


def hand_of(folders: Sequence[Path], tag: str, typography: Typography) -> Hand:
    """Return the hand of a language in the fonts of `folders`, the nearest theme's first."""
    faces = [
        read_face(path, path.stat().st_mtime_ns)
        for folder in folders
        for path in font_files(folder / "fonts")
        if "Italic" not in path.name
    ]

    def chosen(bold: bool) -> tuple[Face, ...]:
        order = typography.fonts
        found = [face for face in faces if face.bold is bold and face.family in order]
        return tuple(sorted(found, key=lambda face: order.index(face.family)))

    return _hand(tag, typography, chosen(False), chosen(True))


@cache
def _hand(
    tag: str, typography: Typography, regular: tuple[Face, ...], bold: tuple[Face, ...]
) -> Hand:
    # The same hand for the same fonts, so that what has been laid out with it is found again.
    return Hand(tag, typography, regular, bold)


@cache
def read_face(path: Path, changed: int) -> Face:
    """Return the font in the file `path`; `changed` is the time of its last change."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        names, metrics = font["name"], font["hmtx"].metrics
        family = str(names.getBestFamilyName())
        bold = bool(font["OS/2"].usWeightClass >= 600)
        unit = font["head"].unitsPerEm
        advances = {code: metrics[name][0] / unit for code, name in font.getBestCmap().items()}
    return Face(family, bold, advances)
