"""A text as its reader sees it, and where each of its characters stands in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handbook.diagnostics import Span
from handbook.model.words import DIGIT, OPAQUE, masked
from handbook.source.nodes import Scalar

_MARKUP = re.compile(
    r"""
      (?P<code> (?<!`)(?P<ticks>`+)(?!`) .*? (?<!`)(?P=ticks)(?!`) )
    | (?P<title> \[\]\( [^()\s]* \) )                 # a link that takes its target's title
    | \[ (?=(?:[^\[\]\\]|\\.)*\]\()                    # a link: its words stay
    | \]\( [^()\s]* (?:\s+(?:"[^"]*"|'[^']*'))? \)
    | \\(?=[!-/:-@\[-`{-~])                            # an escape: the sign stays
    | (?P<line> ^[ \t]*(?:[-+*]|\d{1,3}[.)]|\#{1,6}|>)(?=[ \t]) | \|[ \t:|-]* )
    | \*{1,3} | (?<!\w)_{1,2}(?=\w) | (?<=\w)_{1,2}(?!\w)
    | (?P<value> %\(\w+\)[sd] )                        # of an interface word
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Prose:
    """A text without its Markdown."""

    text: str
    """With `masked` placeholders and addresses; blocks are divided by empty lines."""
    offsets: tuple[int, ...]
    """Where in the source's text each character stands, and where it ends."""
    source: Scalar
    original: Scalar | None = None
    """What it translates."""

    @property
    def span(self) -> Span:
        """Where the text begins."""
        return self.source.span

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Yield each paragraph and where it begins."""
        start = 0
        for block in self.text.split("\n\n"):
            yield start, block
            start += len(block) + 2


def read_prose(source: Scalar, original: Scalar | None = None) -> Prose:
    """Return what a reader sees of the text of `source`."""
    letters: list[str] = []
    offsets: list[int] = []
    end = 0
    seen = masked(source.raw)
    for match in _MARKUP.finditer(seen):
        letters += seen[end : match.start()]
        offsets += range(end, match.start())
        stand_in = "\n\n" if match["line"] else OPAQUE if match["code"] or match["title"] else ""
        if match["value"]:
            stand_in = (DIGIT if "(n)" in match["value"] else OPAQUE) * len(match[0])
        letters += stand_in
        offsets += [match.start()] * len(stand_in)
        end = match.end()
    letters += seen[end:]
    offsets += range(end, len(seen) + 1)
    return Prose("".join(letters), tuple(offsets), source, original)
