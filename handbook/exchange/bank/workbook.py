"""Workbooks that people edit and hand back: several sheets, XLSX.

What is written keeps people from slips: heads and ids are locked, texts cannot turn into dates or
formulas. What comes back is read strictly, and what a spreadsheet has made of it is told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handbook.diagnostics import Gathered, UsageError, raise_all
from handbook.exchange.tables import Table, column_name, read_grids, to_table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST = 32_767
"""Letters that a cell can hold, by the file format."""
FREE_ROWS = 30
"""Rows below the last in which new things can be written."""
_WIDE, _NARROW = 44, 15
"""Widths of columns, in letters."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a ZIP: what is written must not depend on the day."""
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be written."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    ids: int = 0
    """How many of the first columns hold ids, which are locked."""
    wide: frozenset[str] = frozenset()
    """Heads of the columns that hold long texts."""
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Head → what may be chosen in its column."""
    open_ended: bool = True
    """Whether people may add rows."""


def write_workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return an XLSX workbook of `sheets`; the same sheets give the same bytes.

    Raises `UsageError` for a text that is too long for a cell.
    """
    import openpyxl  # heavy: only where a workbook is written

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.title), sheet)
    stream = io.BytesIO()
    book.save(stream)
    return _undated(stream.getvalue())


def _write_sheet(target: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    grey, bold = PatternFill("solid", fgColor="DDDDDD"), Font(bold=True)
    wrapped = Alignment(wrap_text=True, vertical="top")
    free = [[None] * len(sheet.heads)] * (FREE_ROWS if sheet.open_ended else 0)
    lines: list[Sequence[object]] = [sheet.heads, *sheet.rows, *free]
    for line, row in enumerate(lines, start=1):
        for number, value in enumerate(row, start=1):
            cell: Any = target.cell(line, number)
            cell.alignment = wrapped
            if not isinstance(value, int):
                cell.number_format = "@"  # or `1-2` becomes a date as soon as it is typed
            if isinstance(value, str):
                _check_length(value, sheet.title, cell.coordinate)
                cell.value, cell.data_type = value, "s"  # a text, even one that begins with `=`
            elif value is not None:
                cell.value = value
            is_id = number <= sheet.ids and line <= len(sheet.rows) + 1
            cell.protection = Protection(locked=line == 1 or is_id)
            if line == 1:
                cell.font, cell.fill = bold, grey
    for number, head in enumerate(sheet.heads, start=1):
        width = _WIDE if head in sheet.wide else _NARROW
        target.column_dimensions[column_name(number)].width = width
        if head in sheet.choices:
            _offer(target, number, sheet.choices[head])
    target.freeze_panes = f"{column_name(sheet.ids + 1)}2"
    _protect(target)


def _offer(target: Worksheet, column: int, choices: Sequence[str]) -> None:
    """Offer `choices` in the cells of a column; the format keeps 255 letters of them."""
    from openpyxl.worksheet.datavalidation import DataValidation

    formula = f'"{",".join(choices)}"'
    if choices and len(formula) <= 255:
        name = column_name(column)
        offer = DataValidation("list", formula1=formula, allow_blank=True)
        offer.add(f"{name}2:{name}{target.max_row}")
        target.add_data_validation(offer)


def _protect(target: Worksheet) -> None:
    """Lock the locked cells; widths, heights, formats and filters stay free."""
    protection = target.protection
    protection.sheet = True
    for name in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(protection, name, False)  # False: is not forbidden


def _check_length(text: str, title: str, cell: str) -> None:
    if len(text) > LONGEST:
        message = f"the text for {title}!{cell} has {len(text):,} letters; a cell holds {LONGEST:,}"
        raise UsageError(message)


def _undated(data: bytes) -> bytes:
    """Return a workbook without the time of its making."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(member.filename, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def read_workbook(path: Path) -> dict[str, Table]:
    """Return the sheets of an XLSX workbook that hold something, by title.

    Raises `ContentError` with every cell that is unclear, as `read_grids` has it, and with all
    that `read_table` refuses.
    """
    gathered = Gathered()
    tables: dict[str, Table] = {}
    for grid in read_grids(path):
        gathered.problems.extend(grid.unclear)
        if any(texts for _, texts in grid.lines):
            with gathered.errors():
                tables[grid.title] = to_table(grid.file, grid.lines)
    raise_all(gathered.problems)
    return tables
