"""What a group answered, from a table that people keep: one person a row, one item a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from handbook.diagnostics import Problem, did_you_mean, raise_all
from handbook.exchange.tables import Cell, Row, Table, read_table
from handbook.model.cohort import Respondent
from handbook.model.instrument import ChoiceScale, Instrument, InstrumentItem
from handbook.model.words import Words

NAME, GROUP = "respondent", "group"
"""Heads of the columns that hold no answers; both may be left out."""

Plain = Callable[[Words], str]
"""Makes the text of words, as it is printed."""


def read_responses(path: Path, instrument: Instrument, plain: Plain) -> tuple[Respondent, ...]:
    """Return the people in a CSV or XLSX file and what they answered.

    A column is headed by the id of its item or by the item's printed number; a cell holds the id
    of an option, its letter or number, or its words; an empty one was not answered. Raises
    `ContentError` with every head and every cell that cannot be understood.
    """
    table = read_table(path)
    heads, problems = _read_heads(table, instrument)
    columns = {
        item: (head, _answers_to(instrument, instrument.items[item], plain))
        for head, item in heads.items()
        if item in instrument.items
    }
    named, grouped = ({item: head for head, item in heads.items()}.get(k) for k in (NAME, GROUP))
    people = []
    for number, row in enumerate(table.rows, start=1):
        answers = {}
        for item, (head, known) in columns.items():
            cell = row[head]
            answer = known.get(_essence(cell.text))
            if answer is not None:
                answers[item] = answer
            elif cell.text:
                problems.append(_unknown_answer(cell, instrument, item, known))
        name = row[named].text if named else str(number)
        people.append(Respondent(name, row[grouped].text if grouped else "", answers))
    problems += [*_wrong_names(table.rows, named)] if named else []
    if not people and not problems:
        hint = "below the heads, each person takes a row"
        problems.append(Problem(table.span, "responses", "nobody has answered", hint))
    raise_all(problems)
    return tuple(people)


def _read_heads(table: Table, instrument: Instrument) -> tuple[dict[str, str], list[Problem]]:
    """Return what each head stands for (an item's id, NAME or GROUP), and what is wrong."""
    known = {_essence(number): item for item, number in instrument.numbers.items()}
    known |= {_essence(item): item for item in instrument.items} | {NAME: NAME, GROUP: GROUP}
    heads: dict[str, str] = {}
    problems = []
    for text, cell in table.heads.items():
        item = known.get(_essence(text))
        if item is None:
            message = f"{cell.name}: “{text}” is no item of {instrument.code}"
            hint = did_you_mean(_essence(text), known) or _heads_hint(instrument)
            problems.append(Problem(cell.span, "responses", message, f"{hint}, or delete it"))
        elif item in heads.values():
            message = f"{cell.name}: “{text}” is there already, under another name"
            problems.append(Problem(cell.span, "responses", message, "keep one of the columns"))
        else:
            heads[text] = item
    missing = [key for key in instrument.items if key not in heads.values()]
    if missing:
        names = ", ".join(f"“{instrument.numbers[key]}” ({key})" for key in missing)
        hint = "add a column for each, with empty cells where nobody answered"
        message = f"there is no column for: {names}"
        problems.append(Problem(table.span, "responses", message, hint))
    return heads, problems


def _heads_hint(instrument: Instrument) -> str:
    first, *_, last = [*instrument.numbers.values(), ""][:-1] * 2
    return f"the heads are {NAME}, {GROUP} and the items {first} to {last}"


def _answers_to(instrument: Instrument, item: InstrumentItem, plain: Plain) -> Mapping[str, str]:
    """Return every way to write an answer to `item` → the option; ids come before words."""
    scale = instrument.scale_of(item)
    labels = scale.labels if isinstance(scale, ChoiceScale) else {}
    worded = {_essence(plain(text)): key for key, text in {**labels, **item.options}.items()}
    return worded | {_essence(option): option for option in scale.options}


def _unknown_answer(
    cell: Cell, instrument: Instrument, item: str, known: Mapping[str, str]
) -> Problem:
    number = instrument.numbers[item]
    message = f"{cell.name}: “{cell.text}” is no answer to {number}"
    hint = did_you_mean(_essence(cell.text), known) or f"known: {', '.join(_shown(known))}"
    return Problem(cell.span, "responses", message, f"{hint}; leave it empty if it is missing")


def _shown(known: Iterable[str]) -> Iterator[str]:
    """Yield some of the answers to choose from; a scale of many numbers only by its ends."""
    answers = list(known)
    yield from answers if len(answers) <= 12 else (answers[0], "…", answers[-1])


def _wrong_names(rows: Iterable[Row], column: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for row in rows:
        cell = row[column]
        if not cell.text:
            hint = f"write a name or a number, or delete the column “{column}”"
            yield Problem(cell.span, "responses", f"{cell.name}: nobody is named", hint)
        elif cell.text in first:
            message = f"{cell.name}: “{cell.text}” stands in {first[cell.text]} too"
            hint = "delete the row that is there twice, or give the other person another name"
            yield Problem(cell.span, "responses", message, hint)
        else:
            first[cell.text] = cell.name


def _essence(text: str) -> str:
    """Return `text` as it is compared: without case, width, and the shape of signs and spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.split())
