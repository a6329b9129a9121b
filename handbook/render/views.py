"""The finished values that templates show: everything chosen, linked and ordered beforehand.

A view is frozen and prints itself completely with `repr`, so the digest of a view tells whether a
page would come out the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from handbook.cache.digest import digest
from handbook.language.language import Language
from handbook.language.typographer import Link
from handbook.model.book import Book, Chapter, TrainerLine
from handbook.model.entries import Entry
from handbook.model.profile import Profile
from handbook.model.reference import is_outside, parse_reference
from handbook.model.words import Words
from handbook.model.worksheet import Worksheet
from handbook.plan.documents import BY_ID
from handbook.plan.plan import Output, Plan, find_target
from handbook.resolve.coherence import texts_of
from handbook.resolve.editions import Edition
from handbook.theme import Theme

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


@dataclass(frozen=True)
class Frame:
    """What all pages of an edition share."""

    profile: Profile
    book: Book = field(repr=False)
    parts: tuple[PartLinks, ...]
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

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that the frame shows."""
        book = self.book
        shown = (book.handbook, book.sector, book.welcome, book.notice)
        values = [getattr(self, name) for name in self.__dataclass_fields__ if name != "book"]
        return digest(repr((values, shown)))

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
    crumbs: tuple[Anchor, ...]
    previous: Anchor | None
    next: Anchor | None
    languages: tuple[Anchor, ...]
    sectors: tuple[Anchor, ...]
    default_href: str
    """The page where readers choose their language."""
    links: Mapping[str, Link]
    downloads: tuple[Download, ...]
    chapter: Chapter | None = None
    number: int = 0
    entry: Entry | None = None
    entries: tuple[tuple[Anchor, Words], ...] = ()
    """A chapter's entries with their summaries."""
    related: tuple[Anchor, ...] = ()
    terms: tuple[tuple[str, Words, Words], ...] = ()


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
class PrintedPage:
    """One printed document."""

    frame: Frame
    title: Words | str
    document: str
    links: Mapping[str, Link]
    chapters: tuple[tuple[int, Chapter, tuple[Entry, ...]], ...] = ()
    entry: Entry | None = None
    worksheet: Worksheet | None = None
    terms: tuple[tuple[str, Words, Words], ...] = ()
    trainer_lines: Mapping[str, TrainerLine] = field(default_factory=dict)
    worksheets: Mapping[str, Worksheet] = field(default_factory=dict)
    titles: Mapping[str, Words] = field(default_factory=dict)
    """Titles of entries by id, for lists of tools."""


View = SitePage | ChoosePage | PrintedPage


class Views:
    """Makes the view of any output of a plan; keeps what the pages of an edition share."""

    def __init__(
        self,
        plan: Plan,
        themes: Mapping[str, Theme],
        languages: Mapping[str, Language],
    ) -> None:
        self._plan = plan
        self._themes = themes
        self._languages = languages
        self._frames: dict[Profile, Frame] = {}
        self._links: dict[tuple[Profile, str], dict[str, Link]] = {}
        self._sequences: dict[Profile, tuple[Output, ...]] = {}

    def view(self, output: Output) -> View:
        """Return the finished values of `output`."""
        if output.page == "choose":
            return self._choose_page(output)
        if BY_ID[output.document].media == "screen":
            return self._site_page(output)
        return self._printed_page(output)

    def frame(self, profile: Profile) -> Frame:
        """Return what all pages of an edition share."""
        if profile not in self._frames:
            self._frames[profile] = self._make_frame(profile)
        return self._frames[profile]

    # -- site ------------------------------------------------------------------------------

    def _site_page(self, output: Output) -> SitePage:
        edition = self._plan.editions[output.profile]
        book = edition.book
        frame = self.frame(output.profile)
        sequence = self._sequence(output.profile)
        position = sequence.index(output) if output in sequence else -1
        before = sequence[position - 1] if position > 0 else None
        after = sequence[position + 1] if 0 <= position < len(sequence) - 1 else None
        page = SitePage(
            frame=frame,
            kind=output.page,
            subject=output.subject,
            title=self._title(output),
            description=book.handbook.subtitle,
            crumbs=(),
            previous=self._anchor(output, before),
            next=self._anchor(output, after),
            languages=self._alternates(output, "language"),
            sectors=self._alternates(output, "sector"),
            default_href="../../index.html",
            links={},
            downloads=(),
        )
        home = Anchor("index.html", book.handbook.title)
        match output.page:
            case "home":
                return replace(
                    page,
                    downloads=self._downloads(output, None),
                    links=self._links_of(output, texts_of(book.welcome)),
                )
            case "chapter":
                place = edition.chapters[output.subject]
                entries = edition.entries_of(output.subject)
                shown = (*texts_of(place.chapter), *(entry.summary for entry in entries))
                return replace(
                    page,
                    chapter=place.chapter,
                    number=place.number,
                    description=entries[0].summary if entries else page.description,
                    crumbs=(home, Anchor("index.html#contents", place.part.title)),
                    entries=tuple(
                        (Anchor(f"{entry.id}.html", entry.title), entry.summary)
                        for entry in entries
                    ),
                    links=self._links_of(output, shown),
                )
            case "entry":
                return self._entry_page(page, output, edition, home)
            case "glossary":
                return replace(
                    page,
                    crumbs=(home,),
                    terms=self._terms(edition),
                    links=self._links_of(output, texts_of_terms(edition)),
                )
            case _:
                return replace(
                    page, crumbs=(home,), downloads=self._downloads(output, *edition.entries)
                )

    def _choose_page(self, output: Output) -> ChoosePage:
        own = output.subject == "choose-language"
        handbook = self._plan.editions[output.profile].book.handbook
        groups = []
        for brand in [output.profile.brand] if own else self._plan.brands:
            homes = [
                home
                for tag in handbook.languages
                for home in [self._home(tag, brand)]
                if home is not None
            ]
            anchors = tuple(
                Anchor(
                    self._plan.link(output, home),
                    self._languages[home.profile.language].name,
                    tag=home.profile.language,
                )
                for home in homes
            )
            titles = {
                home.profile.language: self._plan.editions[home.profile].book.handbook.title
                for home in homes
            }
            company = self._themes[brand].company(output.profile.language)
            if anchors:
                groups.append(LanguageGroup(company.get("name", ""), anchors, titles))
        frame = self.frame(output.profile)
        assets = f"{ASSETS}/" if own else f"{self._plan.brands[0]}/{ASSETS}/"
        return ChoosePage(frame, assets, tuple(groups))

    def _home(self, language: str, brand: str) -> Output | None:
        """Return the first planned start page of a language, whichever its sector."""
        for sector in self._plan.sectors:
            home = self._plan.find("site", "index", Profile(language, sector, brand))
            if home is not None:
                return home
        return None

    def _entry_page(
        self, page: SitePage, output: Output, edition: Edition, home: Anchor
    ) -> SitePage:
        entry = edition.entries[output.subject]
        place = edition.places[entry.id]
        related = (*getattr(entry, "tools", ()), *entry.see_also)
        texts = participant_texts(entry)
        return replace(
            page,
            entry=without_facilitator(entry),
            number=place.number,
            chapter=None,
            description=entry.summary,
            crumbs=(home, Anchor(f"{place.chapter.id}.html", place.chapter.title)),
            downloads=self._downloads(output, entry.id),
            related=tuple(
                Anchor(f"{key}.html", edition.entries[key].title)
                for key in related
                if key in edition.entries
            ),
            links=self._links_of(output, texts),
        )

    def _sequence(self, profile: Profile) -> tuple[Output, ...]:
        """Return the pages in the order in which one reads them."""
        if profile not in self._sequences:
            edition = self._plan.editions[profile]
            keys = ["index"]
            for chapter in edition.chapters:
                keys += [chapter, *(entry.id for entry in edition.entries_of(chapter))]
            found = (self._plan.find("site", key, profile) for key in [*keys, "glossary"])
            self._sequences[profile] = tuple(output for output in found if output)
        return self._sequences[profile]

    def _alternates(self, output: Output, axis: str) -> tuple[Anchor, ...]:
        """Return the same page in every planned language or sector, or else that one's start."""
        profile = output.profile
        handbook = self._plan.editions[profile].book.handbook
        anchors = []
        for name in handbook.languages if axis == "language" else handbook.sectors:
            other = replace(profile, **{axis: name})
            target = self._plan.find("site", output.subject, other)
            target = target or self._plan.find("site", "index", other)
            if target is None:
                continue
            title: Words | str = self._languages[name].name if axis == "language" else ""
            title = title or self._plan.editions[other].book.sector.title
            href = self._plan.link(output, target)
            tag = name if axis == "language" else ""
            anchors.append(Anchor(href, title, other == profile, tag))
        return tuple(anchors)

    def _anchor(self, source: Output, target: Output | None) -> Anchor | None:
        if target is None:
            return None
        return Anchor(self._plan.link(source, target), self._title(target))

    def _title(self, output: Output) -> Words | str:
        edition = self._plan.editions[output.profile]
        match output.page:
            case "chapter":
                return edition.chapters[output.subject].chapter.title
            case "entry":
                return edition.entries[output.subject].title
            case "glossary":
                return "Glossary"
            case "sheets":
                return "Sheets to print"
            case _:
                return edition.book.handbook.title

    def _downloads(self, output: Output, *subjects: str | None) -> tuple[Download, ...]:
        """Return the planned files of the edition itself (None) or of the entries named."""
        edition = self._plan.editions[output.profile]
        found = []
        for document in BY_ID.values():
            if document.media == "screen":
                continue
            for target in self._plan.of(output.profile, document.id):
                owners = _owners(edition, target)
                if not (owners or {None}) & set(subjects):
                    continue
                title = None
                if target.subject in edition.entries:
                    title = edition.entries[target.subject].title
                elif target.subject in edition.worksheets:
                    title = edition.worksheets[target.subject].title
                href = self._plan.link(output, target)
                found.append(Download(href, document.title, title))
        return tuple(found)

    # -- print -----------------------------------------------------------------------------

    def _printed_page(self, output: Output) -> PrintedPage:
        edition = self._plan.editions[output.profile]
        book = edition.book
        page = PrintedPage(
            frame=self.frame(output.profile),
            title=BY_ID[output.document].title,
            document=output.document,
            links={},
            titles={key: entry.title for key, entry in edition.entries.items()},
        )
        chapters = tuple(
            (place.number, place.chapter, edition.entries_of(key))
            for key, place in edition.chapters.items()
        )
        match output.document:
            case "handbook":
                chapters = tuple(
                    (number, chapter, tuple(map(without_facilitator, entries)))
                    for number, chapter, entries in chapters
                )
                texts = [text for view in (chapters, book.welcome) for text in _deep_texts(view)]
                texts += texts_of_terms(edition)
                return replace(
                    page,
                    title=book.handbook.title,
                    chapters=chapters,
                    terms=self._terms(edition),
                    links=self._links_of(output, texts),
                )
            case "facilitator-guide":
                return replace(
                    page,
                    chapters=chapters,
                    trainer_lines=book.facilitation,
                    worksheets=dict(edition.worksheets),
                    links=self._links_of(output, _deep_texts(chapters)),
                )
            case "worksheet":
                worksheet = edition.worksheets[output.subject]
                owner = next(e for e in edition.entries.values() if e.worksheet == worksheet.id)
                return replace(
                    page,
                    title=worksheet.title,
                    worksheet=worksheet,
                    entry=without_facilitator(owner),
                    links=self._links_of(output, (*texts_of(worksheet), *texts_of(owner))),
                )
            case _:
                entry = edition.entries[output.subject]
                return replace(
                    page,
                    title=entry.title,
                    entry=entry,
                    links=self._links_of(output, texts_of(entry)),
                )

    # -- shared ----------------------------------------------------------------------------

    def _make_frame(self, profile: Profile) -> Frame:
        edition = self._plan.editions[profile]
        theme = self._themes[profile.brand]
        book = edition.book
        parts = tuple(
            PartLinks(
                part.title,
                tuple(
                    ChapterLinks(
                        edition.chapters[key].number,
                        Anchor(f"{key}.html", edition.chapters[key].chapter.title),
                        tuple(
                            Anchor(f"{entry.id}.html", entry.title)
                            for entry in edition.entries_of(key)
                        ),
                    )
                    for key in part.chapters
                    if key in edition.chapters
                ),
            )
            for part in edition.parts
        )
        company = theme.company(profile.language)
        names: dict[str, Mapping[str, str]] = {"company": company}
        for name, forms in book.sector.words.items():
            names[name] = {form: words.text for form, words in forms.items()}
        for entry in edition.entries.values():
            for name, words in entry.names.items():
                names[name] = {"nominative": words.text}
        language = self._languages[profile.language]
        return Frame(
            profile=profile,
            book=book,
            parts=parts,
            company=company.get("name", ""),
            contact=theme.file.contact,
            logo=theme.logo_name,
            assets=f"../../{ASSETS}/",
            names=names,
            borrowed=bool(edition.borrowed),
            currency=theme.file.currency or language.typography.currency,
            primary=theme.file.colours.primary,
            address=theme.file.address,
        )

    def _terms(self, edition: Edition) -> tuple[tuple[str, Words, Words], ...]:
        language = self._languages[edition.profile.language]
        key = language.sort_key
        terms = sorted(edition.book.glossary.values(), key=lambda term: key(term.title.text))
        return tuple((term.id, term.title, term.definition) for term in terms)

    def _links_of(self, output: Output, texts: Iterable[Words]) -> dict[str, Link]:
        return {target: self._link(output, target) for text in texts for target in text.links}

    def _link(self, output: Output, target: str) -> Link:
        reference = parse_reference(target)
        if is_outside(target) or reference is None:
            return target, target
        found = find_target(reference, output.profile, self._plan.editions)
        assert not isinstance(found, str), found  # the plan has checked every reference
        title = found.title.text
        document = BY_ID[found.document or output.document]
        here = found.profile == output.profile and not found.document
        if here and document.media == "print":
            inside = output.document == "handbook" and found.subject != "sheets"
            anchor = "--".join(filter(None, (found.subject, found.anchor)))
            anchor = found.anchor if found.subject == "glossary" else anchor
            return (f"#{anchor}" if inside else ""), title
        page = self._plan.find(found.document or "site", found.subject, found.profile)
        if page is None or BY_ID[output.document].media == "print":
            return "", title
        return self._plan.link(output, page, found.anchor), title


def participant_texts(entry: Entry) -> tuple[Words, ...]:
    """Return the texts of an entry that participants see."""
    return tuple(texts_of(without_facilitator(entry)))


def without_facilitator(entry: Entry) -> Entry:
    """Return `entry` without what only the trainer may see."""
    if entry.facilitator is None:
        return entry
    return entry.model_copy(update={"facilitator": None})


def texts_of_terms(edition: Edition) -> list[Words]:
    """Return the texts of the glossary."""
    return [text for term in edition.book.glossary.values() for text in texts_of(term)]


def _deep_texts(value: object) -> list[Words]:
    return list(texts_of(value))


def _owners(edition: Edition, output: Output) -> set[str | None]:
    """Return the ids of the entries to which a printed file belongs; none for a whole book."""
    if output.subject in edition.entries:
        return {output.subject}
    return {key for key, entry in edition.entries.items() if entry.worksheet == output.subject}
