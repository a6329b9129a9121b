"""Where each character of a text stands in its file, however the file writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from handbook.source.tree import front_matter
from handbook.source.yaml import scalar_events

_SPACE = re.compile(r"\s+")
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\n[ \t]*|.)", re.DOTALL)
_CATALOG_TEXT = re.compile(r'^(msg\w+(?:\[\d+\])?) ((?:"(?:[^"\\\n]|\\.)*"\s*)+)', re.MULTILINE)
_CATALOG_LINE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_CATALOG_ESCAPES = {"n": "\n", "t": "\t"}
_CATALOG_LETTER = re.compile(r"\\(.)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of a file."""

    text: str
    offsets: tuple[int, ...] | None
    """Where each of its characters stands in the file; None if that cannot be told."""
    line: int
    column: int
    """Where it begins, from one; a text of a catalog where its message does."""
    key: str = ""
    """The keyword of a text of a catalog, such as `msgstr[0]`."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that has a line of its own."""

    text: str
    """Without the `#`."""
    line: int
    above: int
    """The line of the text that it stands above."""


def passages(file: str, text: str) -> list[Passage]:
    """Return every text of the `file`, keys and numbers too, in order."""
    if file.endswith(".po"):
        return list(_catalog_passages(text))
    parts = front_matter(text) if file.endswith(".md") else None
    if parts is None:
        return list(_yaml_passages(text, 1, 0))
    head, body = parts
    found = list(_yaml_passages(text[head], 2, head.start))
    if text[body]:
        line = text.count("\n", 0, body.start) + 1
        found.append(Passage(text[body], tuple(range(body.start, body.stop)), line, 1))
    return found


def comments(text: str, texts: Iterable[Passage]) -> Iterator[Comment]:
    """Yield the comments of a file with these `texts`; below the front matter there are none."""
    lines = text.split("\n")
    inside = {number for passage in texts for number in _lines_of(text, passage)}

    def is_empty(number: int) -> bool:
        line = lines[number - 1].strip()
        return number not in inside and (line in ("", "---") or line.startswith("#"))

    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("#") and number not in inside:
            following = range(number + 1, len(lines) + 1)
            above = next((n for n in following if not is_empty(n)), 0)
            yield Comment(line.lstrip()[1:].strip(), number, above)


def _lines_of(text: str, passage: Passage) -> range:
    if not passage.offsets:
        return range(passage.line, passage.line + 1)
    first, last = passage.offsets[0], passage.offsets[-1]
    line = text.count("\n", 0, first) + 1
    return range(line, line + text.count("\n", first, last) + 1)


def _yaml_passages(text: str, first_line: int, before: int) -> Iterator[Passage]:
    for event in scalar_events(text):
        first: Any = event.start_mark
        last: Any = event.end_mark
        places = _align(text[first.index : last.index], event.value, event.style or "")
        offsets = tuple(before + first.index + place for place in places) if places else None
        yield Passage(event.value, offsets, first.line + first_line, first.column + 1)


def _catalog_passages(text: str) -> Iterator[Passage]:
    line = 1
    for found in _CATALOG_TEXT.finditer(text):
        letters, offsets = [], []
        for part in _CATALOG_LINE.finditer(text, found.start(2), found.end(2)):
            for letter in _CATALOG_LETTER.finditer(text, part.start(1), part.end(1)):
                letters.append(_CATALOG_ESCAPES.get(letter[1], letter[1]) or letter[2])
                offsets.append(letter.start())
        if found[1] == "msgid":
            line = text.count("\n", 0, found.start()) + 1
        yield Passage("".join(letters), tuple(offsets), line, 1, found[1])


def _align(source: str, text: str, style: str) -> list[int] | None:
    """Return where in `source` each character of the scalar's `text` stands."""
    at = 0
    if style in ("|", ">"):
        at = source.find("\n") + 1
        at += len(source) - at - len(source[at:].lstrip())
        text, lead = text.lstrip(), len(text) - len(text.lstrip())
        places = [at] * lead
    else:
        places = []
        at = len(style)
    done = 0
    while done < len(text):
        space, below = _SPACE.match(text, done), _SPACE.match(source, at)
        if style == '"' and (escape := _ESCAPE.match(source, at)):
            if "\n" not in escape[0]:
                places.append(at)
                done += 1
            at = escape.end()
        elif space and below:
            same = space[0] == below[0]
            places += range(at, at + len(space[0])) if same else [at] * len(space[0])
            done, at = space.end(), below.end()
        elif space and done + len(space[0]) == len(text):
            places += [at] * len(space[0])  # the line end of a block, which the file may lack
            done = len(text)
        elif source.startswith(text[done], at):
            places.append(at)
            done, at = done + 1, at + (2 if style == "'" and text[done] == "'" else 1)
        else:
            return None
    return places
