"""How long the books and their chapters are, in pages; languages compared."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from handbook.diagnostics import Problem
from handbook.plan.plan import Output
from handbook.render.preflight import Finding
from handbook.resolve.editions import Edition

LEAST_LANGUAGES = 3
"""With fewer there is no telling which of them is unusual."""
LEAST_PAGES = 2
"""Pages by which a chapter must differ,"""
FAR = 0.5
"""and the share of what is usual for it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a layout besides the document."""

    pages: int = 0
    starts: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Id of an element → the page on which it begins."""
    advice: tuple[Finding, ...] = ()
    """What preflight would rather have otherwise."""

    def to_json(self) -> bytes:
        """Return the record as a file keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Record:
        """Return what `to_json` wrote."""
        plain: dict[str, Any] = json.loads(data)
        advice = (Finding(**{**a, "ids": tuple(a["ids"])}) for a in plain["advice"])
        return cls(plain["pages"], plain["starts"], tuple(advice))


@dataclass(frozen=True, slots=True)
class Length:
    """A book and how long it is."""

    output: Output
    pages: int
    chapters: Mapping[str, int] = field(hash=False)
    """Id → pages; empty where a document has no chapters."""


def length_of(output: Output, record: Record, edition: Edition) -> Length:
    """Return the pages of a document and of each of its chapters."""
    starts = {name: page for name, page in record.starts.items() if "." not in name}
    chapters = {}
    for key in edition.chapters:
        if key in starts:
            own = {key, *(entry.id for entry in edition.entries_of(key))}
            later = (
                page
                for name, page in starts.items()
                if page > starts[key] and name.partition("--")[0] not in own
            )
            chapters[key] = min(later, default=record.pages + 1) - starts[key]
    return Length(output, record.pages, chapters)


def compare(lengths: Iterable[Length], editions: Mapping[Any, Edition]) -> Iterator[Problem]:
    """Yield each chapter that is far longer or shorter than in the other languages."""
    alike: dict[tuple[str, ...], list[tuple[Length, int]]] = defaultdict(list)
    for length in lengths:
        output = length.output
        for chapter, pages in length.chapters.items():
            key = (output.document, output.profile.sector, output.profile.brand, chapter)
            alike[key].append((length, pages))
    for (*_, chapter), found in alike.items():
        usual = median(pages for _, pages in found)
        for length, pages in found if len(found) >= LEAST_LANGUAGES else ():
            if abs(pages - usual) >= max(LEAST_PAGES, FAR * usual):
                title = editions[length.output.profile].chapters[chapter].chapter.title
                message = f"the chapter has {pages} pages; in other languages it has {usual:g}"
                hint = "see whether something is missing, or told twice"
                yield Problem(title.span, "P20-length", message, hint)
