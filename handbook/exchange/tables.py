"""Tables as people keep them in spreadsheets: CSV of any office program, and XLSX.

Every cell knows its place, so that an error can say “C7”. What is written for spreadsheets cannot
become a formula there.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean, raise_all

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAXIMUM_BYTES = 50_000_000
"""Of a file."""
MAXIMUM_UNPACKED = 20_000_000
"""Bytes that a workbook unpacks to; a question bank of a hundred items in ten languages has a
tenth, and the answers of three thousand people to a hundred items half."""
MAXIMUM_ROWS = 200_000
MAXIMUM_COLUMNS = 1_000
MAXIMUM_CELLS = 3_000_000
_FORMULA = tuple("=+-@\t\r")
"""With one of these a spreadsheet begins a formula."""
_LIMIT_HINT = "split it into smaller tables"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text without the spaces around it, and its place."""

    text: str
    span: Span
    """File, row and column."""

    @property
    def name(self) -> str:
        """The cell as a spreadsheet calls it, such as C7."""
        return f"{column_name(self.span.column)}{self.span.line}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the heads, by column; every column has a cell."""

    cells: Mapping[str, Cell]
    span: Span

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with heads."""

    heads: Mapping[str, Cell]
    """Column → the cell of its head."""
    rows: tuple[Row, ...]
    span: Span


def column_name(number: int) -> str:
    """Return the letters of a column counted from one: A … Z, AA …"""
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def match_name(name: str, codes: Mapping[str, str]) -> str | None:
    """Return the id that people mean by `name`: an id, or else a code, in small or large letters.

    `codes` has the code of each id. None when nothing is called so.
    """
    if name in codes:
        return name
    asked = name.casefold()
    ids = (key for key in codes if key.casefold() == asked)
    coded = (key for key, code in codes.items() if asked and code.casefold() == asked)
    return next(chain(ids, coded), None)


def read_table(path: Path, required: Iterable[str] = ()) -> Table:
    """Return the table in a CSV or XLSX file; empty rows are left out.

    Raises `ContentError` for a file that cannot be read as a table, for heads that are empty or
    there twice, for rows that are longer than the heads, for each `required` column it lacks, and
    for cells of a workbook that are unclear, as `read_grids` has it.
    """
    lines = _read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    return to_table(path.name, lines, required)


def to_table(
    file: str, lines: Iterable[tuple[int, list[str]]], required: Iterable[str] = ()
) -> Table:
    """Return the table of numbered `lines`, whose texts have no spaces around them; raises as
    `read_table`."""
    span = Span(file)
    filled = [(number, texts) for number, texts in lines if any(texts)]
    if not filled:
        raise _refusal(span, "the table is empty", "the first row holds the names of the columns")
    (first, names), *rest = filled
    problems = [*_wrong_heads(file, first, names)]
    problems += [*_wrong_lengths(file, len(names), rest)]
    heads = {name: _cell(file, first, names, at) for at, name in enumerate(names) if name}
    for column in required:
        if column not in heads:
            message, hint = f"there is no column “{column}”", did_you_mean(column, heads)
            problems.append(Problem(Span(file, first), "table", message, hint))
    if problems:
        raise ContentError(problems)
    rows = (_row(file, number, texts, heads) for number, texts in rest)
    return Table(heads, tuple(rows), span)


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV table for spreadsheets: UTF-8 with its mark, no text that is a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(map(_harmless, heads))
    for row in rows:
        writer.writerow(map(_harmless, row))
    return stream.getvalue().encode("utf-8-sig")


def _harmless(value: object) -> object:
    """Return `value` so that no spreadsheet takes a text for a formula (CWE-1236)."""
    if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def unescaped(text: str) -> str:
    """Return `text` as it was before `write_csv` made it harmless."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA) else text


def _read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decode(path, _read_bytes(path))
    stream = io.StringIO(text, newline="")
    reader = csv.reader(stream, delimiter=_delimiter(text), skipinitialspace=True)
    try:
        for number, texts in enumerate(reader, start=1):
            _check_size(path, number, len(texts))
            yield number, [text.strip() for text in texts]
    except csv.Error as error:
        span = Span(path.name, reader.line_num)
        raise _refusal(span, f"this is no CSV: {error}", "save the table as CSV again") from error


def _delimiter(text: str) -> str:
    """Return what separates the heads; nothing else of the sniffer's guess holds for the rows."""
    try:
        return csv.Sniffer().sniff(text.partition("\n")[0], ",;\t").delimiter
    except csv.Error:
        return ","  # a single column has no separator


def _decode(path: Path, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        hint = "save the table as “CSV UTF-8”"
        raise _refusal(Span(path.name, line), message, hint) from error


def _read_xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    grid = read_grids(path, only_first=True)[0]
    raise_all(grid.unclear)
    yield from grid.lines


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet of a workbook."""

    title: str
    file: str
    """How a `Span` names it."""
    lines: Sequence[tuple[int, list[str]]]
    """Number and texts of each row, without the empty cells behind its last."""
    unclear: Sequence[Problem]
    """The cells of which one cannot know what their author meant."""


def read_grids(path: Path, *, only_first: bool = False) -> list[Grid]:
    """Return the sheets of an XLSX workbook, or its first.

    Hidden rows are rows like any other; of a formula the value counts that the spreadsheet found.
    Unclear is every cell that is merged with others, or holds a date, a fault or a formula whose
    value is not known. Raises `ContentError` for what is no workbook, or too big.
    """
    with _reading(path) as data:
        import openpyxl  # heavy: only where a workbook is read

        # Read in full: a stream of rows would know no merged cells, and believe a wrong size.
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data))
        sheets = values.worksheets[:1] if only_first else values.worksheets
        if not sheets:
            raise _refusal(Span(path.name), "the workbook has no sheet", "save the table again")
        for sheet in sheets:
            _check_size(path, sheet.max_row, sheet.max_column)
        return [_grid(f"[{path.name}]{s.title}", s, formulas[s.title]) for s in sheets]


def _grid(file: str, values: Worksheet, formulas: Worksheet) -> Grid:
    lines = [
        (number, _without_tail([to_text(value) for value in row]))
        for number, row in enumerate(values.iter_rows(values_only=True), start=1)
    ]
    return Grid(values.title, file, lines, [*_unclear(file, values, formulas)])


def _unclear(file: str, values: Worksheet, formulas: Worksheet) -> Iterator[Problem]:
    """Yield each cell of which one cannot know what its author meant."""

    def problem(cell: Any, message: str, hint: str) -> Problem:
        return Problem(Span(file, cell.row, cell.column, cell.coordinate), "cell", message, hint)

    for merged in values.merged_cells.ranges:
        cell: Any = values.cell(merged.min_row, merged.min_col)
        hint = "divide them, and fill in each"
        yield problem(cell, f"the cells {merged.coord} are merged", hint)
    for row in formulas.iter_rows():
        for cell in row:
            found: Any = values[cell.coordinate]
            if isinstance(found.value, date | time | timedelta):
                hint = "format the cell as text and write it again"
                yield problem(cell, "the spreadsheet has made a date of this", hint)
            elif found.data_type == "e":
                yield problem(cell, f"the formula gives {found.value}", "write the value itself")
            # An empty text is known too: the type of its cell is then `str`.
            elif cell.data_type == "f" and found.value is None and found.data_type != "str":
                hint = "write the value itself, or save the file once in a spreadsheet"
                yield problem(cell, "the value of this formula is not known", hint)


@contextmanager
def _reading(path: Path) -> Iterator[bytes]:
    """Give the bytes of a workbook that does not unpack to more than anyone keeps."""
    data = _read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAXIMUM_UNPACKED:
            message = f"the workbook unpacks to {unpacked:,} bytes"
            raise _refusal(Span(path.name), message, _LIMIT_HINT)
        yield data
    except ContentError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        message = f"this is no workbook that can be read: {type(error).__name__}"
        raise _refusal(Span(path.name), message, "save it as XLSX again, or as CSV") from error


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            message = f"the file has more than {MAXIMUM_BYTES:,} bytes"
            raise _refusal(Span(path.name), message, _LIMIT_HINT)
        return path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise _refusal(Span(path.name), message, "check its name and rights") from error


def _check_size(path: Path, rows: int, columns: int) -> None:
    """Raise `ContentError` for a table of more rows, columns or cells than anyone keeps."""
    if rows > MAXIMUM_ROWS or columns > MAXIMUM_COLUMNS or rows * columns > MAXIMUM_CELLS:
        message = f"more than {MAXIMUM_ROWS:,} rows, {MAXIMUM_COLUMNS:,} columns"
        message += f" or {MAXIMUM_CELLS:,} cells, counted to the last that is filled"
        raise _refusal(Span(path.name, rows), message, _LIMIT_HINT)


def to_text(value: object) -> str:
    """Return what a cell of a workbook holds as text, without the spaces around it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # spreadsheets keep every number as a fraction
    return str(value).strip()


def _without_tail(texts: list[str]) -> list[str]:
    """Return a row without the empty cells behind its last; workbooks pad all to one width."""
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _wrong_heads(file: str, line: int, names: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(names, start=1):
        cell = f"{column_name(number)}{line}"
        if not name:
            yield Problem(
                Span(file, line, number), "table", f"{cell}: the head is empty", "name it"
            )
        elif name in names[: number - 1]:
            message = f"{cell}: there are two columns “{name}”"
            yield Problem(Span(file, line, number), "table", message, "rename or delete one")


def _wrong_lengths(
    file: str, width: int, lines: Iterable[tuple[int, Sequence[str]]]
) -> Iterator[Problem]:
    for number, texts in lines:
        if any(texts[width:]):
            message = f"row {number} has {len(texts)} cells, the heads {width}"
            hint = "a text that holds the separator stands in quotes"
            yield Problem(Span(file, number, width + 1), "table", message, hint)


def _row(file: str, number: int, texts: Sequence[str], heads: Mapping[str, Cell]) -> Row:
    cells = {name: _cell(file, number, texts, head.span.column - 1) for name, head in heads.items()}
    return Row(cells, Span(file, number))


def _cell(file: str, number: int, texts: Sequence[str], at: int) -> Cell:
    text = texts[at] if at < len(texts) else ""
    return Cell(text, Span(file, number, at + 1))


def _refusal(span: Span, message: str, hint: str) -> ContentError:
    return ContentError([Problem(span, "table", message, hint)])
