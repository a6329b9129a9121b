"""Whether an edition holds together: references, placeholders, arithmetic of its tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from handbook.diagnostics import Problem, did_you_mean
from handbook.model.assessment import gaps
from handbook.model.base import Model
from handbook.model.book import Book, Chapter, Term
from handbook.model.calculation import calculate, rows
from handbook.model.entries import Assessment, Calculator, Entry, Quantity, Step
from handbook.model.words import FORMATS, Words
from handbook.model.worksheet import Worksheet
from handbook.resolve.editions import Edition

FORM = "nominative"
"""The form of a placeholder that names none."""

MAXIMUM_SUMMARY = 200
"""Characters; a summary stands in lists and in search results."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def texts_of(value: Any) -> Iterator[Words]:
    """Yield every text within a model, in the order of its fields."""
    match value:
        case Words():
            if value.text:
                yield value
        case Model():
            for name in type(value).model_fields:
                yield from texts_of(getattr(value, name))
        case dict():
            for member in value.values():
                yield from texts_of(member)
        case tuple():
            for member in value:
                yield from texts_of(member)


def check_edition(edition: Edition, company: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is incoherent in `edition`; `company` holds the forms of the company's name."""
    book = edition.book
    forms = {name: set(words) for name, words in book.sector.words.items()}
    forms["company"] = set(company)
    yield from _check_brought_names(edition, forms)
    for entry in edition.entries.values():
        yield from _check_placeholders(entry, forms | {name: {FORM} for name in entry.names})
        yield from _check_summary(entry)
        yield from _check_title(entry.title)
    for thing in _pages(edition):
        yield from _check_placeholders(thing, forms)
    if edition.profile.language == book.handbook.languages[0]:
        # Translations set words only, so all else is right in them when it is right here.
        yield from _check_structure(edition)


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
    for things in (book.chapters, book.glossary, book.worksheets, book.facilitation):
        yield from things.values()


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
        for placeholder, span in text.placed_placeholders():
            name, argument = placeholder.name, placeholder.argument
            if name in FORMATS:
                if not _NUMBER.fullmatch(argument):
                    message = f"“{argument}” is not a number"
                    hint = f"write {{{name}:1234.5}}, with a point and no spaces"
                    yield Problem(span, "placeholder", message, hint)
            elif name not in forms:
                hint = did_you_mean(name, [*forms, *FORMATS])
                yield Problem(span, "placeholder", f"there is no placeholder {{{name}}}", hint)
            elif (argument or FORM) not in forms[name]:
                hint = did_you_mean(argument, forms[name])
                message = f"“{name}” has no form “{argument or FORM}” in {text.language}"
                yield Problem(span, "placeholder", message, hint)


def _check_structure(edition: Edition) -> Iterator[Problem]:
    yield from _check_unique(edition.book)
    yield from _check_kinds(edition.book)
    for entry in edition.entries.values():
        yield from _check_ids(entry, edition)
        if isinstance(entry, Calculator):
            yield from _check_calculator(entry)
        if isinstance(entry, Assessment):
            yield from _check_assessment(entry)
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
    tables: list[Mapping[str, Entry | Chapter | Term | Worksheet]]
    tables = [*dict(book.collections()).values(), book.chapters, book.glossary, book.worksheets]
    for things in tables:
        for key, thing in things.items():
            first = titles.setdefault(key, thing.title)
            if first is not thing.title:
                message = f"the id “{key}” is there twice"
                hint = f"{first.span} has it already; choose another"
                yield Problem(thing.title.span, "duplicate-id", message, hint)


def _check_ids(entry: Entry, edition: Edition) -> Iterator[Problem]:
    tools = entry.tools if isinstance(entry, Step) else ()
    for key in (*entry.see_also, *tools):
        if key not in edition.entries:
            message = f"{entry.id} names “{key}”, which this edition does not have"
            hint = did_you_mean(key, edition.entries)
            yield Problem(entry.title.span, "reference", message, hint)
    if entry.worksheet and entry.worksheet not in edition.book.worksheets:
        message = f"there is no worksheet “{entry.worksheet}”"
        hint = did_you_mean(entry.worksheet, edition.book.worksheets)
        yield Problem(entry.title.span, "reference", message, hint)


def _check_calculator(calculator: Calculator) -> Iterator[Problem]:
    unknown = tuple(_unknown_names(calculator))
    yield from unknown or _check_example(calculator)


def _unknown_names(calculator: Calculator) -> Iterator[Problem]:
    """Yield each formula that uses what does not stand above it."""
    known = set(calculator.inputs)
    used: list[tuple[Quantity, frozenset[str]]] = []
    for result in calculator.outputs.values():
        used.append((result, result.formula.names - known))
        known.add(result.id)
    if calculator.series is not None:
        series = calculator.series
        ends = {end for end in (series.start, series.stop) if isinstance(end, str)}
        used.append((series, (series.formula.names - {series.variable} | ends) - known))
    for quantity, unknown in used:
        if unknown:
            message = f"the formula of “{quantity.label.text}” uses {', '.join(sorted(unknown))}"
            hint = "use inputs and outputs that stand above it"
            yield Problem(quantity.label.span, "formula", message, hint)


def _check_example(calculator: Calculator) -> Iterator[Problem]:
    span = calculator.title.span
    try:
        found = calculate(calculator)
        rows(calculator)
    except (ArithmeticError, ValueError) as error:
        message = f"the defaults give no result: {error}"
        yield Problem(span, "formula", message, "mend the formula or the defaults")
        return
    for key, value in calculator.expected.items():
        if key not in found:
            hint = did_you_mean(key, found)
            yield Problem(span, "formula", f"“{key}” is expected, but not computed", hint)
        elif not abs(found[key] - value) <= 1e-6:  # also when it is not a number
            message = f"the worked example should give {key} = {value}, but gives {found[key]}"
            yield Problem(span, "worked-example", message, "mend the formula or the defaults")


def _check_assessment(assessment: Assessment) -> Iterator[Problem]:
    letters = assessment.scale.keys()
    wrong = [item for item in assessment.items.values() if item.options.keys() != letters]
    for item in wrong:
        message = f"the options of “{item.id}” are not those of the scale"
        hint = f"write the options {', '.join(sorted(letters))}"
        yield Problem(item.stem.span, "assessment", message, hint)
    if wrong:
        return
    bands = tuple(assessment.bands.values())
    for band, why in gaps(bands, assessment.lowest, assessment.highest):
        message = f"the band “{band.id}” {why}"
        hint = "bands join without gap or overlap from the lowest to the highest total"
        yield Problem(band.title.span, "bands", message, hint)
