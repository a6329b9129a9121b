"""Whether an edition holds together: references, placeholders, arithmetic of its tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from handbook.diagnostics import Problem, Span, did_you_mean
from handbook.model.base import Model
from handbook.model.book import Book, Chapter, Page, Session, Term
from handbook.model.entries import (
    Assessment,
    Calculator,
    Entry,
    Enumeration,
    Step,
)
from handbook.model.words import FORMATS, Words
from handbook.model.worksheet import Worksheet
from handbook.resolve.arithmetic import check_calculator, check_session
from handbook.resolve.editions import Edition
from handbook.resolve.figures import check_figure
from handbook.resolve.instruments import check_instrument, check_words

FORM = "nominative"
"""The form of a placeholder that names none."""

COMPANY = "company"
"""The placeholder whose forms the brand brings."""

MAXIMUM_SUMMARY = 200
"""Characters; a summary stands in lists and in search results."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def texts_of(value: Any) -> Iterator[Words]:
    """Yield every text within a model, in the order of its fields."""
    found: list[Words] = []
    _gather(value, found)
    return iter(found)


def _gather(value: Any, found: list[Words]) -> None:
    # A list and no generators within generators: this looks at millions of values.
    if isinstance(value, Words):
        if value.text:
            found.append(value)
    elif isinstance(value, Model):
        for name in _fields(type(value)):
            _gather(getattr(value, name), found)
    elif isinstance(value, dict):
        for member in value.values():
            _gather(member, found)
    elif isinstance(value, tuple):
        for member in value:
            _gather(member, found)


@cache
def _fields(model: type[Model]) -> tuple[str, ...]:
    return tuple(model.model_fields)


def check_edition(edition: Edition) -> Iterator[Problem]:
    """Yield what is incoherent in `edition`, whoever's company it is for."""
    book = edition.book
    forms = {name: set(words) for name, words in book.sector.words.items()}
    yield from _check_brought_names(edition, forms)
    for entry in edition.entries.values():
        yield from _check_placeholders(entry, forms | {name: {FORM} for name in entry.names})
        yield from _check_summary(entry)
        yield from _check_title(entry.title)
    for thing in _pages(edition):
        yield from _check_placeholders(thing, forms)
    for instrument in edition.instruments.values():
        yield from check_words(instrument)
    if edition.profile.language == book.handbook.languages[0]:
        # Translations set words only, so all else is right in them when it is right here.
        yield from _check_structure(edition)


def company_forms(edition: Edition) -> Iterator[tuple[str, str, Span]]:
    """Yield each form of the company's name that a text of `edition` asks for, its language, and
    where.
    """
    for text in edition_texts(edition):
        for placeholder, span in text.placed_placeholders():
            if placeholder.name == COMPANY:
                yield placeholder.argument or FORM, text.language, span


def check_company(
    uses: Iterable[tuple[str, str, Span]], company: Mapping[str, str], named: Span
) -> Iterator[Problem]:
    """Yield each of `uses` (from `company_forms`) that is not among the forms in `company`.

    `named` is where the brand gives them.
    """
    for form, language, span in uses:
        if form not in company:
            message = f"“{COMPANY}” has no form “{form}” in {language}"
            hint = did_you_mean(form, company) or f"add `{form}: …`"
            yield Problem(span, "placeholder", message, f"{hint}; the brand's stand at {named}")


def _check_title(title: Words) -> Iterator[Problem]:
    """A title stands in links; a link within a link is none."""
    for target, span in title.placed_links():
        hint = "link from the text instead"
        yield Problem(span, "title", f"a title holds a link to “{target}”", hint)


def _check_summary(entry: Entry) -> Iterator[Problem]:
    length = len(entry.summary.text)
    if length > MAXIMUM_SUMMARY:
        message = f"the summary has {length} characters"
        hint = f"write one sentence of {MAXIMUM_SUMMARY} at the most; the rest belongs to the text"
        yield Problem(entry.summary.span, "summary", message, hint)


def edition_texts(edition: Edition) -> Iterator[Words]:
    """Yield every text that some document of `edition` can show."""
    for thing in (*edition.entries.values(), *_pages(edition)):
        yield from texts_of(thing)


def _pages(edition: Edition) -> Iterator[Model]:
    """Yield everything that people read besides the entries."""
    book = edition.book
    yield from (book.handbook, book.welcome, book.notice, book.sector)
    yield from book.chapters.values()
    yield from book.glossary.values()
    yield from book.worksheets.values()
    yield from book.facilitation.values()
    yield from book.pages.values()
    yield from book.guide.values()
    yield from book.sessions.values()


def _check_brought_names(edition: Edition, forms: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Yield each placeholder that an entry brings though it stands for something else already."""
    brought: dict[str, Words] = {}
    for entry in edition.entries.values():
        for name, words in entry.names.items():
            first = brought.setdefault(name, words)
            if name in forms or name in FORMATS:
                message = f"{{{name}}} is a placeholder of the whole edition"
                yield Problem(words.span, "placeholder", message, "choose another name")
            elif first != words:
                message = f"{{{name}}} is “{words.text}” here and “{first.text}” elsewhere"
                hint = f"see {first.span}; choose another name"
                yield Problem(words.span, "placeholder", message, hint)


def _check_placeholders(thing: Model, forms: Mapping[str, set[str]]) -> Iterator[Problem]:
    for text in texts_of(thing):
        for odd, meant, span in text.odd_braces():
            hint = f"write {meant}" if meant else "write \\{ where a brace is to be printed"
            yield Problem(span, "placeholder", f"{odd} is no placeholder", hint)
        for placeholder, span in text.placed_placeholders():
            name, argument = placeholder.name, placeholder.argument
            if name in FORMATS:
                if not _NUMBER.fullmatch(argument):
                    message = f"“{argument}” is not a number"
                    hint = f"write {{{name}:1234.5}}, with a point and no spaces"
                    yield Problem(span, "placeholder", message, hint)
            elif name == COMPANY:
                pass  # its forms are a matter of the brand: `check_company`
            elif name not in forms:
                hint = did_you_mean(name, [*forms, COMPANY, *FORMATS])
                yield Problem(span, "placeholder", f"there is no placeholder {{{name}}}", hint)
            elif (argument or FORM) not in forms[name]:
                hint = did_you_mean(argument, forms[name])
                message = f"“{name}” has no form “{argument or FORM}” in {text.language}"
                yield Problem(span, "placeholder", message, hint)


def _check_structure(edition: Edition) -> Iterator[Problem]:
    yield from _check_unique(edition.book)
    yield from _check_kinds(edition.book)
    yield from _check_codes(edition.book)
    yield from _check_pages(edition)
    for session in edition.book.sessions.values():
        yield from check_session(session)
        for slot in session.slots.values():
            yield from _check_known(slot.entries, slot.title, session.id, edition)
    for entry in edition.entries.values():
        yield from _check_ids(entry, edition)
        yield from check_figure(entry, edition)
        if isinstance(entry, Enumeration):
            yield from _check_enumeration(entry)
        if isinstance(entry, Calculator):
            yield from check_calculator(entry)
    for instrument in edition.instruments.values():
        yield from check_instrument(instrument)
    for chapter in edition.book.chapters.values():
        if len(chapter.summary) != 3:
            message = f"the summary has {len(chapter.summary)} sentences"
            yield Problem(chapter.title.span, "summary", message, "write three")


def _check_kinds(book: Book) -> Iterator[Problem]:
    """Yield each line of `facilitation.yaml` that is for no kind of entry."""
    kinds = {entry.kind for _, entry in book.kinds()}
    for key, line in book.facilitation.items():
        if key not in kinds:
            message = f"“{key}” is no kind of entry"
            yield Problem(line.objective.span, "facilitation", message, did_you_mean(key, kinds))


def _check_unique(book: Book) -> Iterator[Problem]:
    """Yield each id that two things have: a link could not tell them apart."""
    titles: dict[str, Words] = {}
    tables: list[Mapping[str, Entry | Chapter | Term | Worksheet | Page | Session]]
    tables = [*dict(book.collections()).values(), book.chapters, book.glossary, book.worksheets]
    tables += [book.pages, book.guide, book.sessions]
    for things in tables:
        for key, thing in things.items():
            first = titles.setdefault(key, thing.title)
            if first is not thing.title:
                message = f"the id “{key}” is there twice"
                hint = f"{first.span} has it already; choose another"
                yield Problem(thing.title.span, "duplicate-id", message, hint)


def _check_known(
    keys: Iterable[str], place: Words, owner: str, edition: Edition
) -> Iterator[Problem]:
    """Yield each of the entries named by `owner` at `place` that `edition` does not have."""
    for key in keys:
        if key not in edition.entries and key not in edition.left_out:
            message = f"{owner} names “{key}”, which this edition does not have"
            hint = did_you_mean(key, edition.entries)
            yield Problem(place.span, "reference", message, hint)


def _check_ids(entry: Entry, edition: Edition) -> Iterator[Problem]:
    tools = entry.tools if isinstance(entry, Step) else ()
    yield from _check_known((*entry.see_also, *tools), entry.title, entry.id, edition)
    if entry.worksheet and entry.worksheet not in edition.book.worksheets:
        message = f"there is no worksheet “{entry.worksheet}”"
        hint = did_you_mean(entry.worksheet, edition.book.worksheets)
        yield Problem(entry.title.span, "reference", message, hint)


def _check_enumeration(entry: Enumeration) -> Iterator[Problem]:
    """Yield each item that stands in no group or column that its entry has."""
    for item in entry.items.values():
        groups = [item.group or "none"] if item.group or entry.groups else []
        for name, used, known in (
            ("group", groups, entry.groups),
            ("column", list(item.cells), entry.columns),
        ):
            for key in used:
                if key not in known:
                    message = f"“{item.id}” names the {name} “{key}”, which {entry.id} has not"
                    yield Problem(item.title.span, name, message, did_you_mean(key, known))


def _check_codes(book: Book) -> Iterator[Problem]:
    """Yield each sheet whose code another one has."""
    first: dict[str, Words] = {}
    sheets: list[Assessment | Worksheet]
    sheets = [*book.assessments.values(), *book.worksheets.values()]
    for sheet in sheets:
        other = first.setdefault(sheet.code, sheet.title)
        if other is not sheet.title:
            message = f"the code {sheet.code} is there twice"
            hint = f"{other.span} has it already; choose another"
            yield Problem(sheet.title.span, "duplicate-code", message, hint)


def _check_pages(edition: Edition) -> Iterator[Problem]:
    """Yield each page, part of the guide or chapter of a reading path that there is not."""
    book = edition.book
    listed = (*book.handbook.front, *book.handbook.back)
    for keys, known in ((listed, book.pages), (book.handbook.guide, book.guide)):
        for key in keys:
            if key not in known and key not in edition.left_out:
                message = f"handbook.yaml names the page “{key}”, which there is not"
                hint = did_you_mean(key, known)
                yield Problem(book.handbook.title.span, "outline", message, hint)
        for key in known.keys() - set(keys):
            message, hint = f"no list names the page “{key}”", "add its id in handbook.yaml"
            yield Problem(known[key].title.span, "outline", message, hint)
    for key in book.handbook.evaluation:
        if key not in book.worksheets and key not in edition.left_out:
            message = f"`evaluation` names the worksheet “{key}”, which there is not"
            hint = did_you_mean(key, book.worksheets)
            yield Problem(book.handbook.title.span, "outline", message, hint)
    for path in book.handbook.paths.values():
        for key in path.chapters:
            if key not in edition.chapters and key not in edition.left_out:
                message = f"the reading path “{path.id}” names “{key}”, which there is not"
                hint = did_you_mean(key, edition.chapters)
                yield Problem(path.title.span, "outline", message, hint)
