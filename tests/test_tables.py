"""Tables of office programs: what is read, what is refused, what cannot become a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from handbook.diagnostics import ContentError
from handbook.exchange.tables import (
    MAXIMUM_UNPACKED,
    column_name,
    match_name,
    read_table,
    write_csv,
)


def saved(folder: Path, data: bytes | str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def workbook(folder: Path, *rows: tuple[str | float | datetime | None, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    for row in rows:
        sheet.append(row)
    path = folder / "t.xlsx"
    book.save(path)
    return path


def texts(path: Path) -> list[dict[str, str]]:
    return [{name: cell.text for name, cell in row.cells.items()} for row in read_table(path).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_of_every_office_program(
    tmp_path: Path, separator: str, encoding: str, end: str
) -> None:
    lines = ["name;answer", "Ελένη;a", ";", "Łukasz; b "]
    data = end.join(lines).replace(";", separator).encode(encoding)
    expected = [{"name": "Ελένη", "answer": "a"}, {"name": "Łukasz", "answer": "b"}]
    assert texts(saved(tmp_path, data)) == expected


def test_a_single_column_and_quoted_separators_are_read(tmp_path: Path) -> None:
    assert texts(saved(tmp_path, "name\nA\n")) == [{"name": "A"}]
    assert texts(saved(tmp_path, 'a,b\n"x, y",z\n')) == [{"a": "x, y", "b": "z"}]


def test_quotes_and_separators_in_cells_come_back(tmp_path: Path) -> None:
    cells = ['She said "yes", then; "no"', '"', 'a""b', "one\ntwo", "tab\there", "'quoted'"]
    rows = [(str(number), cell) for number, cell in enumerate(cells)]
    for separator in ",;\t":
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=separator).writerows([("name", "text"), *rows])
        found = texts(saved(tmp_path, stream.getvalue()))
        assert [row["text"] for row in found] == cells
    found = texts(saved(tmp_path, write_csv(["name", "text"], rows)))
    assert [row["text"] for row in found] == cells
    assert texts(saved(tmp_path, 'a, b\n1, "x, y"\n')) == [{"a": "1", "b": "x, y"}]


def test_a_workbook_is_read_with_whole_numbers(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("item", "points"), ("resp-1", 3.0), (None, None), ("resp-2", 2.5))
    expected = [{"item": "resp-1", "points": "3"}, {"item": "resp-2", "points": "2.5"}]
    assert texts(path) == expected


def altered(path: Path, pattern: str, new: str) -> Path:
    """Change the one place in the XML of the first sheet that fits `pattern`."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    text, count = re.subn(pattern, new, members[sheet].decode())
    assert count == 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, sheet: text.encode()}.items():
            archive.writestr(name, data)
    return path


def test_a_wrong_size_of_a_sheet_cuts_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("a", "b"), ("1", "2"), ("3", "4"))
    altered(path, 'dimension ref="A1:B3"', 'dimension ref="A1:A2"')
    assert texts(path) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_cells_that_are_unclear_are_all_told(tmp_path: Path) -> None:
    path = workbook(
        *(tmp_path, ("name", "answer"), ("A", "=1+1"), ("B", datetime(2026, 2, 1))),
        *(("C", "#REF!"), ("D", None), (None, "b")),
    )
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A5:A6")
    book.save(path)
    with pytest.raises(ContentError) as caught:
        read_table(path)
    assert [str(problem).partition("\n")[0] for problem in caught.value.problems] == [
        "[t.xlsx]Sheet1!B2: error[cell]: the value of this formula is not known",
        "[t.xlsx]Sheet1!B3: error[cell]: the spreadsheet has made a date of this",
        "[t.xlsx]Sheet1!B4: error[cell]: the formula gives #REF!",
        "[t.xlsx]Sheet1!A5: error[cell]: the cells A5:A6 are merged",
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        ('<c r="B2" t="str"><f>A2</f><v></v></c>', ""),
    ],
)
def test_a_formula_counts_with_the_value_that_was_found(
    tmp_path: Path, cell: str, value: str
) -> None:
    path = workbook(tmp_path, ("name", "answer"), ("A", "=1+1"))
    altered(path, r'<c r="B2".*?</c>', cell)
    assert texts(path) == [{"name": "A", "answer": value}]


def test_a_sheet_of_few_cells_far_apart_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("a", "b"))
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["ALL200000"] = "x"
    book.save(path)
    with pytest.raises(ContentError, match="3,000,000 cells"):
        read_table(path)


def test_cells_know_their_place(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "a,b\n\n1,2\n"))
    cell = table.rows[0]["b"]
    assert (cell.name, str(cell.span)) == ("B3", "t.csv:3:2")
    assert [column_name(n) for n in (1, 26, 27, 52, 53, 703)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        ("", "t.csv:1:1", "the table is empty"),
        (" , \n", "t.csv:1:1", "the table is empty"),
        ("a,,b\n", "t.csv:1:2", "B1: the head is empty"),
        ("a,b,a\n", "t.csv:1:3", "C1: there are two columns “a”"),
        ("a,name\n1,2,3\n", "t.csv:2:3", "row 2 has 3 cells, the heads 2"),
        ("a,nam\n1,2\n", "t.csv:1:1", "there is no column “name”"),
        (b"a,name\n1,\xff\n", "t.csv:2:1", "byte 0xFF is not UTF-8"),
        (f'a,name\n"{"x" * 200_000}",2\n', "t.csv:", "this is no CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(
    tmp_path: Path, data: str | bytes, place: str, what: str
) -> None:
    with pytest.raises(ContentError) as caught:
        read_table(saved(tmp_path, data), required=["name"])
    found = [str(problem) for problem in caught.value.problems]
    assert any(text.startswith(place) and what in text for text in found), found


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (MAXIMUM_UNPACKED + 1))
    for data, what in ((b"PK\3\4 broken", "no workbook"), (bomb.getvalue(), "unpacks to")):
        with pytest.raises(ContentError, match=what):
            read_table(saved(tmp_path, data, "t.xlsx"))
    with pytest.raises(ContentError, match="cannot be read"):
        read_table(tmp_path / "missing.xlsx")


def test_a_thing_is_named_by_id_or_code_in_small_or_large_letters() -> None:
    codes = {"test-care": "TS1", "ts1": "X", "Test-care": "", "w04": "W4"}
    asked = ("test-care", "TEST-CARE", "ts1", "x", "w4", "W04", "", "W")
    found = [match_name(name, codes) for name in asked]
    assert found == ["test-care", "test-care", "ts1", "ts1", "w04", "w04", None, None]


def test_no_text_becomes_a_formula() -> None:
    data = write_csv(["=head", "b"], [["=1+1", -5], ["@x", None], ["-y", "plain"]])
    assert data.decode("utf-8-sig").splitlines() == ["'=head,b", "'=1+1,-5", "'@x,", "'-y,plain"]
