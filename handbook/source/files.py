"""The only door to files below the project: one safe open for every reader."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from handbook.diagnostics import ContentError, Problem, Span

MAXIMUM_TEXT = 2_000_000
"""Bytes; larger than any text a person edits by hand."""
MAXIMUM_BINARY = 30_000_000

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"  # controls; of line ends only the line feed
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"  # invisible, direction marks
    "\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff"  # replacement character, private use
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # what is no character at all
)
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")


def relative(root: Path, path: Path) -> str:
    """Return `path` as people read it in messages: from the project's folder, forward slashes."""
    return path.relative_to(root).as_posix()


def read_bytes(root: Path, path: Path, maximum: int = MAXIMUM_BINARY) -> bytes:
    """Return the bytes of a regular file inside `root`.

    Raises `ContentError` for links, devices, folders, files outside and files over `maximum` bytes.
    """
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

    def refuse(message: str, hint: str) -> ContentError:
        return ContentError([Problem(Span(name), "file", message, hint)])

    try:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
            raise refuse("the file lies outside the project", "copy it into the project")
        if not stat.S_ISREG(path.lstat().st_mode):
            raise refuse("this is a link or a device, not a file", "put the file itself here")
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > maximum:
                raise refuse(f"the file has more than {maximum:,} bytes", "make it smaller")
            return stream.read()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}", "check its name and rights") from error


def read_text(root: Path, path: Path) -> str:
    """Return the text of a UTF-8 file: NFC, line feeds only, no byte order mark.

    Raises `ContentError` with the place of the first wrong byte or of each forbidden character.
    """
    name = relative(root, path)
    data = read_bytes(root, path, MAXIMUM_TEXT)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ContentError(
            [Problem(Span(name), "encoding", "the file is UTF-16", "save it as UTF-8")]
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = _LINE_END.sub("\n", data[: error.start].decode("utf-8"))
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        span = span_at(name, good, len(good))
        problem = Problem(span, "encoding", message, "save the file as UTF-8")
        raise ContentError([problem]) from error
    text = _LINE_END.sub("\n", text)
    problems = [
        forbidden(character, span_at(name, text, offset))
        for offset, character in forbidden_characters(text)
    ]
    if problems:
        raise ContentError(problems[:50])
    return unicodedata.normalize("NFC", text)


def forbidden_characters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset of each character that no text may hold, and the character."""
    return ((match.start(), match[0]) for match in _FORBIDDEN.finditer(text))


def forbidden(character: str, span: Span) -> Problem:
    """Return the problem that a forbidden `character` stands at `span`."""
    message = f"forbidden character U+{ord(character):04X}"
    return Problem(span, "character", message, "delete it; it may have come in by copying")


def span_at(file: str, text: str, offset: int) -> Span:
    """Return the place of the character `offset` (from zero) of `text`."""
    return Span(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
