"""What a group answered, from a table that people keep: one person a row, one item a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from handbook.diagnostics import Problem, did_you_mean, raise_all
from handbook.exchange.tables import Cell, Row, Table, read_table
from handbook.model.cohort import Respondent
from handbook.model.instrument import ChoiceScale, Instrument, InstrumentItem
from handbook.model.words import Words
from handbook.resolve.instruments import RESERVED

NAME, GROUP = RESERVED
"""Heads of the columns that hold no answers; both may be left out."""
RESULT = "_"
"""Begins the heads of results, which are passed over: they are worked out anew."""

Plain = Callable[[Words], str]
"""Makes the text of words, as it is printed."""


def read_responses(path: Path, instrument: Instrument, plain: Plain) -> tuple[Respondent, ...]:
    """Return the people in a CSV or XLSX file and what they answered.

    A column is headed by the id of its item or by the item's printed number; a cell holds the id
    of an option, its letter or number, or its words; an empty one was not answered. Raises
    `ContentError` with every head and every cell that cannot be understood.
    """
    table = read_table(path)
    columns, problems = _read_heads(table, instrument)
    spellings = {
        item: _answers_to(instrument, instrument.items[item], plain)
        for item in columns
        if item in instrument.items
    }
    people = []
    for number, row in enumerate(table.rows, start=1):
        answers = {}
        for item, known in spellings.items():
            cell = row[columns[item]]
            answer = known.get(_essence(cell.text))
            if answer is not None:
                answers[item] = answer[0]
            elif cell.text:
                problems.append(_unknown_answer(cell, instrument, item, known))
        name = row[columns[NAME]].text if NAME in columns else str(number)
        group = row[columns[GROUP]].text if GROUP in columns else ""
        people.append(Respondent(name, group, answers))
    if NAME in columns:
        problems.extend(_wrong_names(table.rows, columns[NAME]))
    if not people and not problems:
        hint = "below the heads, each person takes a row"
        problems.append(Problem(table.span, "responses", "nobody has answered", hint))
    raise_all(problems)
    return tuple(people)


def _read_heads(table: Table, instrument: Instrument) -> tuple[dict[str, str], list[Problem]]:
    """Return the head of each item, of NAME and of GROUP, and what is wrong with the heads."""
    known = {_essence(number): item for item, number in instrument.numbers.items()}
    known |= {_essence(item): item for item in instrument.items} | {NAME: NAME, GROUP: GROUP}
    columns: dict[str, str] = {}
    problems = []
    for text, cell in table.heads.items():
        if text.startswith(RESULT):
            continue
        column = known.get(_essence(text))
        if column is None:
            message = f"{cell.name}: “{text}” is no item of {instrument.code}"
            hint = did_you_mean(_essence(text), known) or _heads_hint(instrument)
            problems.append(Problem(cell.span, "responses", message, hint))
        elif column in columns:
            message = f"{cell.name}: “{text}” is there already, as “{columns[column]}”"
            problems.append(Problem(cell.span, "responses", message, "keep one of the columns"))
        else:
            columns[column] = text
    missing = [item for item in instrument.items if item not in columns]
    if missing:
        names = ", ".join(f"“{instrument.numbers[item]}” ({item})" for item in missing)
        hint = "add a column for each, with empty cells where nobody answered"
        message = f"there is no column for: {names}"
        problems.append(Problem(table.span, "responses", message, hint))
    return columns, problems


def _heads_hint(instrument: Instrument) -> str:
    numbers = [*instrument.numbers.values()]
    return f"delete the column, or name it {NAME}, {GROUP} or an item: {numbers[0]} … {numbers[-1]}"


def _answers_to(
    instrument: Instrument, item: InstrumentItem, plain: Plain
) -> Mapping[str, tuple[str, str]]:
    """Return every way to write an answer to `item` → the option, and how it is best written.

    Ids come first, and take precedence of words; then the points, which people who have scored
    their sheet by hand type in, where each stands for one label.
    """
    scale = instrument.scale_of(item)
    labels = scale.labels if isinstance(scale, ChoiceScale) else {}
    known = {_essence(option): (option, option) for option in scale.options}
    for option, words in {**labels, **item.options}.items():
        text = plain(words)
        known.setdefault(_essence(text), (option, text))
    points = instrument.key.get(item.id, {}) if labels and not item.reversed else {}
    if len(set(points.values())) == len(points):
        for option, value in points.items():
            known.setdefault(str(value), (option, plain(labels[option])))
    return known


def _unknown_answer(
    cell: Cell, instrument: Instrument, item: str, known: Mapping[str, tuple[str, str]]
) -> Problem:
    message = f"{cell.name}: “{cell.text}” is no answer to {instrument.numbers[item]} ({item})"
    close = get_close_matches(_essence(cell.text), known, n=1, cutoff=0.75)
    scale = instrument.scale_of(instrument.items[item])
    # As the sheet marks them: by letters and numbers, or by the last way known, their labels.
    options = [*scale.options] if scale.lettered else [*dict(known.values()).values()]
    if close:
        hint = f"did you mean “{known[close[0]][1]}”?"
    else:
        hint = (
            f"known: {', '.join(options if len(options) < 7 else (options[0], '…', options[-1]))}"
        )
    return Problem(cell.span, "responses", message, hint)


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
