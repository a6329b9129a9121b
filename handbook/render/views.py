"""The finished values that templates show: everything chosen, linked and ordered beforehand.

A view is frozen and prints itself completely with `repr`, so the digest of a view tells whether a
page would come out the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from handbook.cache.digest import digest
from handbook.language.typographer import Link
from handbook.model.book import (
    Chapter,
    GuidePart,
    Handbook,
    Notice,
    ReadingPath,
    Sector,
    Session,
    Slot,
    Term,
    TrainerLine,
)
from handbook.model.book import Page as TextPage
from handbook.model.entries import Entry
from handbook.model.profile import Profile
from handbook.model.words import Words
from handbook.model.worksheet import Worksheet
from handbook.render.figures.shapes import Picture

ASSETS = "assets"
"""Folder of a brand's style sheet, script, fonts and logo."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with its text."""

    href: str
    title: Words | str
    current: bool = False
    tag: str = ""
    """Language of the target, where it differs."""


@dataclass(frozen=True, slots=True)
class ChapterLinks:
    """A chapter and its entries, as navigation shows them."""

    number: int
    link: Anchor
    entries: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class PartLinks:
    """A part and its chapters."""

    title: Words
    chapters: tuple[ChapterLinks, ...]


@dataclass(frozen=True, slots=True)
class PathLinks:
    """A reading path and its chapters."""

    path: ReadingPath
    chapters: tuple[ChapterLinks, ...]


@dataclass(frozen=True)
class Frame:
    """What all pages of an edition share."""

    profile: Profile
    handbook: Handbook
    sector: Sector
    welcome: TextPage
    notice: Notice
    front: tuple[TextPage, ...]
    parts: tuple[PartLinks, ...]
    back: tuple[TextPage, ...]
    paths: tuple[PathLinks, ...]
    company: str
    """The company's name as it stands alone, or empty."""
    contact: tuple[str, ...]
    logo: str
    """File name below the assets, or empty."""
    assets: str
    """Way from a page of the edition to the assets."""
    names: Mapping[str, Mapping[str, str]]
    """Placeholder → grammatical form → text."""
    borrowed: bool
    currency: str
    primary: str
    """The brand's first colour, for the browser's own bars."""
    address: str
    """Where the site will stand, or empty."""
    look: str
    """What makes the brand's pages look as they do, as classes."""

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the frame shows."""
        return digest(repr([getattr(self, name) for name in self.__dataclass_fields__]))

    def absolute(self, href: str) -> str:
        """Return the full address of a page, as `hreflang` wants it, where one is known."""
        if not self.address:
            return href
        folder = f"{self.profile.language}/{self.profile.sector}"
        return self.address + posixpath.normpath(posixpath.join(folder, href))

    def __repr__(self) -> str:
        return f"Frame({self.fingerprint})"


@dataclass(frozen=True, slots=True)
class Download:
    """A file that belongs to an entry or to the edition."""

    href: str
    document: str
    """The document's title, a message of the catalogs."""
    title: Words | None
    """What it is for; None for the whole edition."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of the site."""

    frame: Frame
    kind: str
    subject: str
    title: Words | str
    description: Words
    previous: Anchor | None
    next: Anchor | None
    languages: tuple[Anchor, ...]
    sectors: tuple[Anchor, ...]
    default_href: str
    """The page where readers choose their language."""
    links: Mapping[str, Link] = field(default_factory=dict)
    crumbs: tuple[Anchor, ...] = ()
    downloads: tuple[Download, ...] = ()
    trainer_downloads: tuple[Download, ...] = ()
    """What only the page of all sheets offers: the rest of the site is for participants."""
    chapter: Chapter | None = None
    number: int = 0
    entry: Entry | None = None
    entries: tuple[tuple[Anchor, Words], ...] = ()
    """A chapter's entries with their summaries."""
    related: tuple[Anchor, ...] = ()
    terms: tuple[Term, ...] = ()
    text: TextPage | None = None
    register: tuple[Anchor, ...] = ()
    figures: Mapping[str, Picture] = field(default_factory=dict)
    """Entry → its figure."""


@dataclass(frozen=True, slots=True)
class LanguageGroup:
    """The languages of one brand's site."""

    name: str
    languages: tuple[Anchor, ...]
    titles: Mapping[str, Words]
    """The book's title in each language."""


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """The page on which readers choose their language."""

    frame: Frame
    assets: str
    groups: tuple[LanguageGroup, ...]
    links: Mapping[str, Link] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PrintedChapter:
    """A chapter and its entries, as the readers of the document may see them."""

    number: int
    chapter: Chapter
    entries: tuple[Entry, ...]
    part: PartLinks
    opens: int
    """The number of the part that begins with it; 0 within a part."""


@dataclass(frozen=True, slots=True)
class SheetLink:
    """A sheet to write on, and the entries in which the book speaks of it."""

    id: str
    code: str
    title: Words
    form: str
    """What it is called, a message of the catalogs."""
    entries: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class PrintedSlot:
    """A stretch of a session, and what it takes."""

    start: int
    """Minutes since the session began."""
    slot: Slot
    entries: tuple[Anchor, ...]
    """What is worked on."""
    sheets: tuple[str, ...]
    """The codes of the sheets."""


@dataclass(frozen=True, slots=True)
class PrintedSession:
    """A plan of a session, and what has to be there."""

    session: Session
    slots: tuple[PrintedSlot, ...]
    materials: tuple[Words, ...]
    sheets: tuple[SheetLink, ...]


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One printed document."""

    frame: Frame
    title: Words | str
    document: str
    form: str
    """What the document is called, a message of the catalogs."""
    chapters: tuple[PrintedChapter, ...]
    entry: Entry | None
    """The entry for which the document is made, or whose worksheet it is."""
    worksheet: Worksheet | None
    worksheets: Mapping[str, Worksheet]
    terms: tuple[Term, ...]
    register: tuple[Anchor, ...]
    """What the index at the end leads to: entries and terms."""
    related: Mapping[str, tuple[Anchor, ...]]
    """Entry → what it refers to elsewhere in the book."""
    sheets: tuple[SheetLink, ...]
    tasks: tuple[PrintedChapter, ...]
    """The chapters with those entries that give participants something to do."""
    guide: tuple[GuidePart, ...]
    sessions: tuple[PrintedSession, ...]
    """The plan for which the document is made, or all."""
    cards: Mapping[str, tuple[tuple[int, Entry], ...]]
    """What a part of the guide generates → the chapter's number and each entry to lead."""
    swapped: tuple[Entry, ...]
    """The entries that are not the same in all sectors."""
    trainer_lines: Mapping[str, TrainerLine]
    links: Mapping[str, Link]
    figures: Mapping[str, Picture] = field(default_factory=dict)
    """Entry → its figure."""


View = SitePage | ChoosePage | PrintedPage


class Framed(Protocol):
    """What every view has."""

    @property
    def frame(self) -> Frame:
        """What all pages of an edition share."""

    @property
    def links(self) -> Mapping[str, Link]:
        """Target as written → where it leads from here."""
