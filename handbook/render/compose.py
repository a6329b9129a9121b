"""Compose the view of each output of a plan: choose, link and order what a page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from handbook.diagnostics import Problem
from handbook.language.language import Language
from handbook.language.typographer import Link
from handbook.model.book import Session
from handbook.model.entries import Activity, Assessment, Entry
from handbook.model.profile import Profile
from handbook.model.reference import is_outside, parse_reference
from handbook.model.words import Words
from handbook.plan.documents import BY_ID, DOCUMENTS, Document
from handbook.plan.plan import Output, Plan, find_target
from handbook.plan.printing import AS_THE_BRAND, PrintOptions
from handbook.render.figures.lettering import Hand, hand_of
from handbook.render.figures.pictures import (
    check_figures,
    number_line,
    outlined,
    pictures_of,
)
from handbook.render.figures.shapes import Picture
from handbook.render.html import Printer
from handbook.render.views import (
    ASSETS,
    Anchor,
    ChapterLinks,
    ChoosePage,
    Download,
    Frame,
    LanguageGroup,
    PartLinks,
    PathLinks,
    PrintedChapter,
    PrintedPage,
    PrintedSession,
    PrintedSlot,
    SheetLink,
    SitePage,
    View,
)
from handbook.resolve.coherence import edition_texts, texts_of
from handbook.resolve.editions import Edition
from handbook.resolve.figures import figure_of
from handbook.theme import Colours, Theme


class Composer:
    """Composes views; keeps what the pages of an edition share."""

    def __init__(
        self,
        plan: Plan,
        themes: Mapping[str, Theme],
        languages: Mapping[str, Language],
        options: PrintOptions = AS_THE_BRAND,
    ) -> None:
        self._plan = plan
        self._options = options
        self._themes = themes
        self._languages = languages
        self._frame = cache(self._make_frame)
        self._sequence = cache(self._make_sequence)
        self._swapped = cache(self._find_swapped)
        self._related = cache(self._find_related)

    def frame(self, profile: Profile) -> Frame:
        """Return what all pages of an edition share."""
        return self._frame(profile)

    def compose(self, output: Output) -> View:
        """Return the finished values of `output`."""
        if output.page == "choose":
            return self._choose_page(output)
        if BY_ID[output.document].media == "screen":
            return self._site_page(output)
        return self._printed_page(output)

    # -- site ------------------------------------------------------------------------------

    def _site_page(self, output: Output) -> SitePage:
        edition = self._plan.editions[output.profile]
        before, after = self._neighbours(output)
        page = SitePage(
            frame=self._frame(output.profile),
            kind=output.page,
            subject=output.subject,
            title=self._title(output),
            description=edition.book.handbook.subtitle,
            previous=before,
            next=after,
            languages=self._alternates(output, "language"),
            sectors=self._alternates(output, "sector"),
            default_href="../../index.html",
        )
        complete: Mapping[str, Callable[[SitePage, Output, Edition], SitePage]] = {
            "home": self._home_page,
            "chapter": self._chapter_page,
            "entry": self._entry_page,
            "text": self._text_page,
            "glossary": self._glossary_page,
            "register": self._register_page,
            "sheets": self._sheets_page,
        }
        return complete[output.page](page, output, edition)

    def _home_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        return replace(
            page,
            downloads=self._downloads(output, None),
            links=self._links(output, texts_of(edition.book.welcome)),
        )

    def _chapter_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        place = edition.chapters[output.subject]
        entries = edition.entries_of(output.subject)
        summaries = [entry.summary for entry in entries]
        return replace(
            page,
            chapter=place.chapter,
            number=place.number,
            description=summaries[0] if summaries else page.description,
            crumbs=(_home(edition), Anchor("index.html#contents", place.part.title)),
            entries=tuple((_entry_anchor(entry), entry.summary) for entry in entries),
            links=self._links(output, (*texts_of(place.chapter), *summaries)),
        )

    def _entry_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        entry = for_audience(edition.entries[output.subject], BY_ID[output.document])
        place = edition.places[entry.id]
        chapter = Anchor(f"{place.chapter.id}.html", place.chapter.title)
        related = (*getattr(entry, "tools", ()), *entry.see_also)
        page = replace(
            page,
            entry=entry,
            number=place.number,
            description=entry.summary,
            crumbs=(_home(edition), chapter),
            downloads=self._downloads(output, entry.id),
            related=tuple(
                _entry_anchor(edition.entries[key]) for key in related if key in edition.entries
            ),
            links=self._links(output, texts_of(entry)),
        )
        return replace(page, figures=self._figures(page, [entry]))

    def _text_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        text = edition.book.pages[output.subject]
        links = self._links(output, texts_of(text))
        return replace(page, crumbs=(_home(edition),), text=text, links=links)

    def _glossary_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        texts = texts_of(edition.book.glossary)
        terms = tuple(edition.book.glossary.values())
        links = self._links(output, texts)
        return replace(page, crumbs=(_home(edition),), terms=terms, links=links)

    def _register_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        register = _register(edition, "{}.html", "glossary.html#{}")
        return replace(page, crumbs=(_home(edition),), register=register)

    def _sheets_page(self, page: SitePage, output: Output, edition: Edition) -> SitePage:
        return replace(
            page,
            crumbs=(_home(edition),),
            downloads=self._downloads(output, *edition.entries),
            trainer_downloads=self._downloads(
                output, None, *edition.entries, audience="facilitator"
            ),
        )

    def _choose_page(self, output: Output) -> ChoosePage:
        own = output.subject == "choose-language"
        brands = (output.profile.brand,) if own else self._plan.brands
        groups = (self._language_group(output, brand) for brand in brands)
        assets = f"{ASSETS}/" if own else f"{self._plan.brands[0]}/{ASSETS}/"
        frame = self._frame(output.profile)
        return ChoosePage(frame, assets, tuple(group for group in groups if group.languages))

    def _language_group(self, output: Output, brand: str) -> LanguageGroup:
        anchors, titles = [], {}
        for tag in self._languages:
            home = self._first_home(tag, brand)
            if home is not None:
                href = self._plan.link(output, home)
                anchors.append(Anchor(href, self._languages[tag].name, tag=tag))
                titles[tag] = self._plan.editions[home.profile].book.handbook.title
        name = self._themes[brand].company(output.profile.language).get("name", "")
        return LanguageGroup(name, tuple(anchors), titles)

    def _first_home(self, language: str, brand: str) -> Output | None:
        """Return the start page of a language in the first sector that has one."""
        homes = (
            self._plan.find("site", "index", Profile(language, sector, brand))
            for sector in self._plan.sectors
        )
        return next(filter(None, homes), None)

    def _make_sequence(self, profile: Profile) -> Mapping[Output, tuple[Output | None, ...]]:
        """Return, for each page, the one before it and the one behind it in reading order."""
        edition = self._plan.editions[profile]
        keys = ["index", *(page.id for page in edition.front)]
        for chapter in edition.chapters:
            keys += [chapter, *(entry.id for entry in edition.entries_of(chapter))]
        keys += [*(page.id for page in edition.back), "glossary", "register"]
        found = (self._plan.find("site", key, profile) for key in keys)
        pages = [page for page in found if page]
        return dict(zip(pages, zip([None, *pages], [*pages[1:], None], strict=False), strict=True))

    def _neighbours(self, output: Output) -> tuple[Anchor | None, Anchor | None]:
        before, after = self._sequence(output.profile).get(output, (None, None))
        return self._anchor(output, before), self._anchor(output, after)

    def _anchor(self, source: Output, target: Output | None) -> Anchor | None:
        if target is None:
            return None
        return Anchor(self._plan.link(source, target), self._title(target))

    def _alternates(self, output: Output, axis: str) -> tuple[Anchor, ...]:
        """Return the same page in every planned language or sector, or else that one's start."""
        own = output.profile
        handbook = self._plan.editions[own].book.handbook
        anchors = []
        for name in handbook.languages if axis == "language" else handbook.sectors:
            other = replace(own, **{axis: name})
            target = self._plan.find("site", output.subject, other)
            target = target or self._plan.find("site", "index", other)
            if target is not None:
                href, current = self._plan.link(output, target), other == own
                if axis == "language":
                    anchors.append(Anchor(href, self._languages[name].name, current, name))
                else:
                    title = self._plan.editions[other].book.sector.title
                    anchors.append(Anchor(href, title, current))
        return tuple(anchors)

    def _title(self, output: Output) -> Words | str:
        edition = self._plan.editions[output.profile]
        match output.page:
            case "chapter":
                return edition.chapters[output.subject].chapter.title
            case "entry":
                return edition.entries[output.subject].title
            case "text":
                return edition.book.pages[output.subject].title
            case "glossary":
                return "Glossary"
            case "register":
                return "Index"
            case "sheets":
                return "Sheets to print"
        return edition.book.handbook.title

    def _downloads(
        self, output: Output, *owners: str | None, audience: str = "participant"
    ) -> tuple[Download, ...]:
        """Return the files for an audience that belong to the edition (None) or to entries."""
        edition = self._plan.editions[output.profile]
        return tuple(
            Download(
                self._plan.link(output, file), document.title, _subject_title(edition, file.subject)
            )
            for document in DOCUMENTS
            if document.media == "print" and document.audience == audience
            for file in self._plan.of(output.profile, document.id)
            if _owners(edition, file.subject) & set(owners)
        )

    # -- print -----------------------------------------------------------------------------

    def _printed_page(self, output: Output) -> PrintedPage:
        edition = self._plan.editions[output.profile]
        document = BY_ID[output.document]
        subject = output.subject
        worksheet = edition.worksheets.get(subject)
        users = (e for e in edition.entries.values() if worksheet and e.worksheet == subject)
        entry = edition.entries.get(subject) or next(users, None)
        title = edition.book.handbook.title if output.page == "book" else None
        chapters, sheets = tuple(_printed_chapters(edition, document)), _sheets(edition)
        sessions = edition.book.sessions
        plans = [sessions[subject]] if subject in sessions else [*sessions.values()]
        page = PrintedPage(
            frame=self._frame(output.profile),
            title=title or _subject_title(edition, subject) or document.title,
            document=document.id,
            form=document.title,
            chapters=chapters,
            entry=entry and for_audience(entry, document),
            worksheet=worksheet,
            worksheets=edition.worksheets,
            terms=tuple(edition.book.glossary.values()),
            register=_register(edition, "#{}", "#{}"),
            related=self._related(output.profile),
            sheets=sheets,
            tasks=tuple(_tasks(chapters, sheets)),
            guide=tuple(map(edition.book.guide.__getitem__, edition.book.handbook.guide)),
            sessions=tuple(_session(edition, plan, sheets) for plan in plans),
            cards=_cards(edition),
            swapped=self._swapped(output.profile),
            trainer_lines=edition.book.facilitation,
            links=self._links(output, edition_texts(edition)),
        )
        held = document.holds(edition)
        shown = (entry for key, entry in edition.entries.items() if key in held)
        figures = {**self._figures(page, shown), **self._number_line(page)}
        if self._options.of(document).finish == "office":
            figures = {key: outlined(picture) for key, picture in figures.items()}
        return replace(page, figures=figures)

    def _find_related(self, profile: Profile) -> dict[str, tuple[Anchor, ...]]:
        edition = self._plan.editions[profile]
        return {key: tuple(_related(edition, entry)) for key, entry in edition.entries.items()}

    def _find_swapped(self, profile: Profile) -> tuple[Entry, ...]:
        """Return the entries of an edition that another sector has too, but not the same."""
        others = [
            self._plan.editions[replace(profile, sector=sector)].entries
            for sector in self._plan.sectors
        ]
        return tuple(
            entry
            for key, entry in self._plan.editions[profile].entries.items()
            if any(key in other and other[key] != entry for other in others)
        )

    # -- shared ----------------------------------------------------------------------------

    def _make_frame(self, profile: Profile) -> Frame:
        edition, theme = self._plan.editions[profile], self._themes[profile.brand]
        return frame_of(edition, theme, self._languages[profile.language])

    def _figures(
        self, page: SitePage | PrintedPage, entries: Iterable[Entry]
    ) -> Mapping[str, Picture]:
        drawn = [entry for entry in entries if figure_of(entry)]
        if not drawn:
            return {}
        edition = self._plan.editions[page.frame.profile]
        return pictures_of(drawn, edition, *self._means(page))

    def _number_line(self, page: PrintedPage) -> Mapping[str, Picture]:
        if not isinstance(page.entry, Assessment):
            return {}
        return {page.entry.id: number_line(page.entry, *self._means(page))}

    def _means(self, page: SitePage | PrintedPage) -> tuple[Printer, Hand, Colours]:
        """Return what a picture is made with, besides words."""
        profile = page.frame.profile
        language, theme = self._languages[profile.language], self._themes[profile.brand]
        hand = hand_of(theme.folders, language.tag, language.typography)
        return Printer(page, language, self._languages), hand, theme.file.colours

    def _links(self, output: Output, texts: Iterable[Words]) -> dict[str, Link]:
        targets = dict.fromkeys(target for text in texts for target in text.links)
        return {target: self._link(output, target) for target in targets}

    def _link(self, output: Output, target: str) -> Link:
        reference = parse_reference(target)
        if is_outside(target) or reference is None:
            return target, target
        found = find_target(reference, output.profile, self._plan.editions)
        assert not isinstance(found, str), found  # every reference was checked before
        title = found.title.text
        document = BY_ID[output.document]
        if document.media == "print":
            # Paper leads nowhere else, and a file that is passed on loses its neighbours.
            here = found.profile == output.profile and not found.document
            inside = here and found.id in document.holds(self._plan.editions[output.profile])
            return (f"#{found.anchor}" if inside else ""), title
        place = self._plan.locate(found)
        return (self._plan.link(output, *place) if place else ""), title


def frame_of(edition: Edition, theme: Theme, language: Language) -> Frame:
    """Return what all pages of `edition` in the brand `theme` share."""
    company = theme.company(language.tag)
    return Frame(
        profile=edition.profile,
        handbook=edition.book.handbook,
        sector=edition.book.sector,
        welcome=edition.book.welcome,
        notice=edition.book.notice,
        front=edition.front,
        parts=_contents(edition),
        back=edition.back,
        paths=_paths(edition),
        company=company.get("name", ""),
        contact=theme.file.contact,
        logo=theme.logo_name,
        assets=f"../../{ASSETS}/",
        names=_names(edition, company),
        borrowed=bool(edition.borrowed),
        currency=theme.file.currency or language.typography.currency,
        primary=theme.file.colours.primary,
        address=theme.file.address,
        look=theme.file.style.classes,
    )


@dataclass(frozen=True, slots=True)
class BarePage:
    """A page that shows nothing, to print single words with."""

    frame: Frame
    links: Mapping[str, Link] = field(default_factory=dict)


def check_pictures(
    edition: Edition, theme: Theme, languages: Mapping[str, Language]
) -> Iterator[Problem]:
    """Yield each label of a figure of `edition` that does not fit, in the brand `theme`."""
    language = languages[edition.profile.language]
    printer = Printer(BarePage(frame_of(edition, theme, language)), language, languages)
    hand = hand_of(theme.folders, language.tag, language.typography)
    yield from check_figures(edition, printer, hand)


def for_audience(entry: Entry, document: Document) -> Entry:
    """Return `entry` as the readers of `document` may see it: the trainer's part is not for all."""
    if document.audience == "facilitator" or entry.facilitator is None:
        return entry
    return entry.model_copy(update={"facilitator": None})


def _home(edition: Edition) -> Anchor:
    return Anchor("index.html", edition.book.handbook.title)


def _entry_anchor(entry: Entry) -> Anchor:
    return Anchor(f"{entry.id}.html", entry.title)


def _contents(edition: Edition) -> tuple[PartLinks, ...]:
    return tuple(
        PartLinks(part.title, tuple(_chapter_links(edition, key) for key in part.chapters))
        for part in edition.parts
    )


def _paths(edition: Edition) -> tuple[PathLinks, ...]:
    return tuple(
        PathLinks(
            path,
            tuple(_chapter_links(edition, key) for key in path.chapters if key in edition.chapters),
        )
        for path in edition.book.handbook.paths.values()
    )


def _chapter_links(edition: Edition, key: str) -> ChapterLinks:
    place = edition.chapters[key]
    entries = tuple(map(_entry_anchor, edition.entries_of(key)))
    return ChapterLinks(place.number, Anchor(f"{key}.html", place.chapter.title), entries)


def _register(edition: Edition, entry: str, term: str) -> tuple[Anchor, ...]:
    """Return where each entry and each term stands; `entry` and `term` are patterns of links."""
    entries = (Anchor(entry.format(key), thing.title) for key, thing in edition.entries.items())
    terms = edition.book.glossary.items()
    return (*entries, *(Anchor(term.format(key), thing.title) for key, thing in terms))


def _printed_chapters(edition: Edition, document: Document) -> Iterator[PrintedChapter]:
    parts = zip(edition.parts, _contents(edition), strict=True)
    for number, (part, links) in enumerate(parts, start=1):
        for index, key in enumerate(part.chapters):
            place = edition.chapters[key]
            entries = tuple(for_audience(entry, document) for entry in edition.entries_of(key))
            opens = 0 if index else number
            yield PrintedChapter(place.number, place.chapter, entries, links, opens)


def _related(edition: Edition, entry: Entry) -> Iterator[Anchor]:
    """Yield the entries and chapters that `entry` lists or names in its text.

    On paper no link leads there, but the number of a page does.
    """
    named = (parse_reference(link) for text in texts_of(entry) for link in text.links)
    here = (reference.id for reference in named if reference and not reference.elsewhere)
    for key in dict.fromkeys((*getattr(entry, "tools", ()), *entry.see_also, *here)):
        if key in edition.entries and key != entry.id:
            yield Anchor(f"#{key}", edition.entries[key].title)
        elif key in edition.chapters:
            yield Anchor(f"#{key}", edition.chapters[key].chapter.title)


def _sheets(edition: Edition) -> tuple[SheetLink, ...]:
    """Return the sheets to write on in reading order."""
    sheets: dict[str, SheetLink] = {}
    for entry in edition.entries.values():
        here = Anchor(f"#{entry.id}", entry.title)
        sheet = edition.worksheets.get(entry.worksheet or "")
        if sheet and sheet.id in sheets:
            known = sheets[sheet.id]
            sheets[sheet.id] = replace(known, entries=(*known.entries, here))
        elif sheet:
            form = BY_ID["worksheet"].title
            sheets[sheet.id] = SheetLink(sheet.id, sheet.code, sheet.title, form, (here,))
        if isinstance(entry, Assessment):
            form = BY_ID["answer-sheet"].title
            sheets[entry.id] = SheetLink(entry.id, entry.code, entry.title, form, (here,))
    return tuple(sheets.values())


def _tasks(
    chapters: Iterable[PrintedChapter], sheets: Iterable[SheetLink]
) -> Iterator[PrintedChapter]:
    """Yield the chapters with their activities and those entries that first use a sheet."""
    first = {sheet.entries[0].href.removeprefix("#") for sheet in sheets}
    for printed in chapters:
        entries = tuple(e for e in printed.entries if e.id in first or isinstance(e, Activity))
        if entries:
            yield replace(printed, entries=entries)


def _cards(edition: Edition) -> dict[str, tuple[tuple[int, Entry], ...]]:
    """Return the entries that a trainer leads: activities, and tests by themselves."""
    led = [
        (edition.places[key].number, entry)
        for key, entry in edition.entries.items()
        if entry.facilitator is not None
    ]
    return {
        "cards": tuple(card for card in led if not isinstance(card[1], Assessment)),
        "tests": tuple(card for card in led if isinstance(card[1], Assessment)),
    }


def _session(edition: Edition, session: Session, sheets: Iterable[SheetLink]) -> PrintedSession:
    """Return a plan with the sheets and materials that its entries take."""
    used = {
        key: [sheet for sheet in sheets if f"#{key}" in {entry.href for entry in sheet.entries}]
        for slot in session.slots.values()
        for key in slot.entries
    }
    cards = [edition.entries[key].facilitator for key in used if key in edition.entries]
    materials = {m.text: m for card in cards if card for m in card.materials}
    slots = (
        PrintedSlot(
            start,
            slot,
            tuple(
                Anchor(f"#{key}", edition.entries[key].title)
                for key in slot.entries
                if key in edition.entries
            ),
            tuple(dict.fromkeys(sheet.code for key in slot.entries for sheet in used[key])),
        )
        for start, slot in session.timeline
    )
    taken = {sheet.id: sheet for found in used.values() for sheet in found}
    return PrintedSession(session, tuple(slots), tuple(materials.values()), tuple(taken.values()))


def _names(edition: Edition, company: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Return what the placeholders of an edition stand for, by grammatical form."""
    names: dict[str, Mapping[str, str]] = {"company": company}
    for name, forms in edition.book.sector.words.items():
        names[name] = {form: words.text for form, words in forms.items()}
    for entry in edition.entries.values():
        for name, words in entry.names.items():
            names[name] = {"nominative": words.text}
    return names


def _subject_title(edition: Edition, subject: str) -> Words | None:
    if subject in edition.entries:
        return edition.entries[subject].title
    if subject in edition.worksheets:
        return edition.worksheets[subject].title
    if subject in edition.book.sessions:
        return edition.book.sessions[subject].title
    return None


def _owners(edition: Edition, subject: str) -> set[str | None]:
    """Return the ids of the entries to which a printed file belongs; {None} for a whole book."""
    if subject in edition.entries:
        return {subject}
    return {key for key, e in edition.entries.items() if e.worksheet == subject} or {None}
