"""A brand's own fonts: whether they can be used, and for which languages.

A face is taken for a language when it has every letter that the language's texts use; else the
whole language keeps the theme's own face, so that no word is ever set in two.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook.diagnostics import ContentError, Problem, Span
from handbook.source.files import read_bytes, relative

MAXIMUM_BYTES = 12_000_000
"""Of one file; a Chinese face has some ten million."""
BOLD = 700
"""The weight of headings where the brand has no font of its own."""
SHARE = 0.02
"""A script is one of a language's own when it has at least this share of the letters."""

ENDINGS = (".ttf", ".otf")

_EMBEDDING = 0x000E
_RESTRICTED, _PREVIEW = 0x0002, 0x0004
_BITMAP_ONLY = 0x0200
"""Bits of OS/2.fsType: https://learn.microsoft.com/typography/opentype/spec/os2#fstype."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font file of a brand."""

    path: Path
    family: str
    weight: int
    italic: bool
    letters: frozenset[int]
    """The code points that it has."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a family has of a language's letters."""

    use: str
    """What the brand wants it for: `heading` or `text`."""
    family: str
    language: str
    missing: str
    """The letters that it lacks, in order; none means that it is used."""


def font_files(folder: Path) -> list[Path]:
    """Return the fonts in the folder `fonts` of a theme; nobody takes anything else for a font."""
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in ENDINGS)


def read_faces(root: Path, folder: Path) -> tuple[Face, ...]:
    """Return the fonts in `folder`; raises `ContentError` with each that cannot be used."""
    problems: list[Problem] = []
    faces: list[Face] = []
    for path in font_files(folder):
        try:
            faces.append(_read_face(root, path))
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return tuple(faces)


def _read_face(root: Path, path: Path) -> Face:
    file = relative(root, path)
    data = read_bytes(root, path, MAXIMUM_BYTES)

    def refused(message: str, hint: str) -> ContentError:
        return ContentError([Problem(Span(file), "font", message, hint)])

    if data[:4] not in (b"\x00\x01\x00\x00", b"OTTO", b"true"):
        message = "this is a collection of fonts" if data[:4] == b"ttcf" else "this is no font"
        raise refused(message, "a font is one TrueType (.ttf) or OpenType (.otf) file")
    try:
        face, fault = _examine(data, path)
    except Exception as error:  # fontTools raises whatever a broken table makes it stumble over
        message = f"the font is broken: {type(error).__name__}: {error}"
        raise refused(message, "get it anew from its maker") from error
    if fault:
        raise refused(*fault)
    return face


def _examine(data: bytes, path: Path) -> tuple[Face, tuple[str, str] | None]:
    """Return a font and what forbids its use: message and hint."""
    import io

    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(data), lazy=True) as font:
        letters = frozenset(font.getBestCmap() or {})
        os2, family = font["OS/2"], font["name"].getBestFamilyName() or ""
        italic = bool(os2.fsSelection & 1)
        face = Face(path, family.strip(), os2.usWeightClass, italic, letters)
        return face, _fault_of(font, face)


def _fault_of(font: Any, face: Face) -> tuple[str, str] | None:
    if "fvar" in font:
        return "the font is variable", "take the files of single weights (Regular, Bold)"
    if "glyf" not in font and "CFF " not in font:
        return "the font has no outlines", "take one that has"
    if font["maxp"].numGlyphs < 2 or not face.letters:
        return "the font has no letters", "get it anew from its maker"
    for table in ("head", "hhea", "hmtx", "post"):  # what setting a line of text reads
        font[table]
    if "glyf" in font:
        len(font["loca"])
        font["glyf"].keys()
    kind = font["OS/2"].fsType & _EMBEDDING
    if kind in (_RESTRICTED, _PREVIEW) or font["OS/2"].fsType & _BITMAP_ONLY:
        hint = "its maker forbids it (OS/2.fsType); ask for another licence or take another font"
        return "the font may not be put into documents", hint
    if not face.family or '"' in face.family or "\n" in face.family:
        return "the font has no proper name", "get it anew from its maker"
    return None


def letters_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the letters that `texts` use, of the scripts that are the language's own.

    A Greek text names people in Latin letters; these few do not decide what Greek is set in.
    """
    from fontTools import unicodedata as scripts

    counted = Counter(character for text in texts for character in text)
    letters = {c: n for c, n in counted.items() if unicodedata.category(c)[0] in "LM"}
    shares: Counter[str] = Counter()
    for character, count in letters.items():
        shares[scripts.script(character)] += count
    own = {script for script, n in shares.items() if n >= SHARE * sum(shares.values())}
    return frozenset(character for character in letters if scripts.script(character) in own)


def coverage(
    faces: Iterable[Face], wanted: Mapping[str, str], letters: Mapping[str, frozenset[str]]
) -> tuple[Coverage, ...]:
    """Return what each family has: `wanted` maps a use to a family, `letters` a language's tag."""
    found = []
    for use, family in wanted.items():
        known = [face.letters for face in faces if face.family == family]
        every = frozenset[int]().union(*known[:1]).intersection(*known)
        for tag, used in letters.items():
            missing = "".join(sorted(c for c in used if ord(c) not in every))
            found.append(Coverage(use, family, tag, missing))
    return tuple(found)


def explain(
    faces: Sequence[Face], found: Iterable[Coverage], instead: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    """Yield for each family, in a sentence, what it lacks and what is used for which languages.

    `instead` maps a language's tag to its name and to the family that the theme has for it.
    """
    found = tuple(found)
    for use, family in dict.fromkeys((item.use, item.family) for item in found):
        lacking = [i for i in found if (i.use, i.family) == (use, family) and i.missing]
        if not lacking:
            yield f"{family} ({use}) has every letter of every language."
            continue
        known = frozenset[int]().union(*(f.letters for f in faces if f.family == family))
        missing = "".join(item.missing for item in lacking)
        used: dict[str, list[str]] = {}
        for item in lacking:
            name, other = instead[item.language]
            used.setdefault(other, []).append(name)
        rest = "; ".join(f"{other} is used for {_listed(names)}" for other, names in used.items())
        yield f"{family} ({use}) lacks {_listed(_lacks(missing, known))}: {rest}."


def _lacks(missing: str, known: frozenset[int]) -> list[str]:
    """Return what is missing: scripts of which little is there by their names, else the letters."""
    scripts: dict[str, list[str]] = {}
    for character in sorted(set(missing)):
        scripts.setdefault(_script(character), []).append(character)
    has = Counter(_script(chr(code)) for code in known)
    whole = [script for script, letters in scripts.items() if has[script] < len(letters)]
    some = [c for script, letters in scripts.items() if script not in whole for c in letters]
    few = [" ".join(some[:12]) + (" …" if len(some) > 12 else "")] if some else []
    return [*few, *(f"all {script}" for script in whole)]


def _script(character: str) -> str:
    name = unicodedata.name(character, "other").split()[0]
    return "Chinese" if name == "CJK" else name.capitalize()


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
