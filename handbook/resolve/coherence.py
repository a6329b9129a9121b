"""Whether an edition holds together: references, placeholders, arithmetic of its tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from handbook.diagnostics import Problem, did_you_mean
from handbook.model.assessment import gaps
from handbook.model.base import Model
from handbook.model.calculation import calculate
from handbook.model.entries import Assessment, Calculator, Entry, Step
from handbook.model.words import FORMATS, Words
from handbook.resolve.editions import Edition


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
    forms = {name: set(words) for name, words in edition.book.sector.words.items()}
    forms["company"] = set(company)
    for entry in edition.entries.values():
        yield from _check_names(entry, forms | {name: set[str]() for name in entry.names})
        yield from _check_ids(entry, edition)
        if isinstance(entry, Calculator):
            yield from _check_calculator(entry)
        if isinstance(entry, Assessment):
            yield from _check_assessment(entry)
    for chapter in edition.book.chapters.values():
        yield from _check_names(chapter, forms)
        if len(chapter.summary) != 3:
            message = f"the summary has {len(chapter.summary)} sentences"
            yield Problem(chapter.title.span, "summary", message, "write three")
    for thing in (edition.book.welcome, *edition.book.glossary.values()):
        yield from _check_names(thing, forms)
    for worksheet in edition.book.worksheets.values():
        yield from _check_names(worksheet, forms)


def _check_names(thing: Model, forms: Mapping[str, set[str]]) -> Iterator[Problem]:
    for text in texts_of(thing):
        for placeholder in text.placeholders:
            name, argument = placeholder.name, placeholder.argument
            if name in FORMATS:
                if not _is_number(argument):
                    message = f"“{argument}” is not a number"
                    hint = f"write {{{name}:1234.5}}, with a point and no spaces"
                    yield Problem(text.span, "placeholder", message, hint)
            elif name not in forms:
                hint = did_you_mean(name, [*forms, *FORMATS])
                message = f"there is no placeholder {{{name}}}"
                yield Problem(text.span, "placeholder", message, hint)
            elif argument and argument not in forms[name]:
                hint = did_you_mean(argument, forms[name])
                message = f"“{name}” has no form “{argument}” in {text.language}"
                yield Problem(text.span, "placeholder", message, hint)


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
    span = calculator.title.span
    known = set(calculator.inputs)
    for result in calculator.outputs.values():
        unknown = result.formula.names - known
        if unknown:
            message = f"the formula of “{result.id}” uses {', '.join(sorted(unknown))}"
            yield Problem(span, "formula", message, "use inputs and outputs that stand above it")
            return
        known.add(result.id)
    found = calculate(calculator)
    for key, value in calculator.expected.items():
        if key not in found:
            yield Problem(span, "formula", f"“{key}” is expected, but not computed")
        elif abs(found[key] - value) > 1e-6:
            message = f"the worked example should give {key} = {value}, but gives {found[key]}"
            yield Problem(span, "worked-example", message, "mend the formula or the defaults")


def _check_assessment(assessment: Assessment) -> Iterator[Problem]:
    letters = set(assessment.scale)
    for item in assessment.items.values():
        if set(item.options) != letters:
            message = f"the options of “{item.id}” are not those of the scale"
            hint = f"write the options {', '.join(sorted(letters))}"
            yield Problem(item.stem.span, "assessment", message, hint)
            return
    bands = tuple(assessment.bands.values())
    for band, why in gaps(bands, assessment.lowest, assessment.highest):
        message = f"the band “{band.id}” {why}"
        hint = "bands join without gap or overlap from the lowest to the highest total"
        yield Problem(band.title.span, "bands", message, hint)


def _is_number(argument: str) -> bool:
    try:
        float(argument)
    except ValueError:
        return False
    return True
