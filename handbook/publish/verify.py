"""Whether a staged site holds together: every file there, every link and anchor resolved."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handbook.cache.digest import digest
from handbook.diagnostics import Problem, Span

MAXIMUM_FACTS = 20_000
"""Pages whose facts are kept, so that builds of different selections do not undo each other."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page offers to links and asks of others."""

    anchors: frozenset[str]
    links: tuple[str, ...]
    """Relative addresses, as written."""


def facts_of(html: bytes) -> Facts:
    """Return the ids and the relative links of a page."""
    from lxml import html as parser  # heavy: only when a page was made

    tree = parser.document_fromstring(html)
    anchors = frozenset(str(name) for name in tree.xpath("//@id"))
    links = (str(link) for link in tree.xpath("//@href | //@src"))
    inner = (link for link in links if not urlsplit(link).scheme)
    return Facts(anchors, tuple(dict.fromkeys(inner)))


def check_links(pages: Mapping[str, Facts], files: Iterable[str]) -> Iterator[Problem]:
    """Yield every link of `pages` (path → facts) that leads to no file or to no anchor."""
    present = set(files)
    for path, facts in pages.items():
        folder = posixpath.dirname(path)
        for link in facts.links:
            parts = urlsplit(link)
            target = path
            if parts.path:
                target = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
            if target not in present:
                yield Problem(Span(path), "broken-link", f"“{link}” leads to no file")
            elif (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].anchors
            ):
                yield Problem(Span(path), "broken-link", f"“{link}” leads to no anchor")


class FactsStore:
    """Facts of pages by the digest of their bytes, kept from build to build of the same program."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = digest(Path(__file__).read_bytes())
        self._known: dict[str, Facts] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):  # none, or half-written
            stored = json.loads(path.read_text(encoding="utf-8"))
            self._known = {
                name: Facts(frozenset(anchors), tuple(links))
                for name, (anchors, links) in stored.get(self._reader, {}).items()
            }
        self._used: dict[str, Facts] = {}

    def get(self, key: str, file: Path) -> Facts:
        """Return the facts of the page `file`, whose bytes have the digest `key`."""
        facts = self._known.get(key) or facts_of(file.read_bytes())
        self._used[key] = facts
        return facts

    def save(self) -> None:
        """Keep the facts that this build used, and older ones while they are not too many."""
        if self._used.keys() <= self._known.keys():
            return
        kept = self._used if len(self._known) > MAXIMUM_FACTS else {**self._known, **self._used}
        data = {name: [sorted(f.anchors), f.links] for name, f in kept.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({self._reader: data}), encoding="utf-8")
