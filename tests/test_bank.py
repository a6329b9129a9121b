"""Tests as workbooks: they come back the same, and what is wrong in them is told by its cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from handbook.diagnostics import ContentError, Problem, Span, UsageError
from handbook.exchange.bank.drafts import Drafts
from handbook.exchange.bank.leaves import leaves, to_values
from handbook.exchange.bank.sheets import to_csv, to_workbook
from handbook.exchange.bank.transfer import Change, Import, read_bank, read_import, write_import
from handbook.exchange.bank.workbook import Sheet, read_workbook, write_workbook
from handbook.exchange.tables import Table
from handbook.loading import Project, load
from handbook.model.entries import Assessment
from handbook.model.profile import Profile
from handbook.resolve.decode import decode
from handbook.source.nodes import empty_branch, overlay
from handbook.source.yaml import read_yaml, write_yaml
from tests.command import handbook, snapshot
from tests.conftest import ROOT
from tests.minibook import copy_minibook, edit, write

TESTS = sorted(path.stem for path in (ROOT / "content" / "assessments").glob("*.yaml"))
CARE = "content/assessments/test-care.yaml"
GREEK = "locales/el/assessments/test-care.yaml"
Edit = Callable[[Any], None]
"""What somebody does to the workbook."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the minibook in which the translated test has a file of its own."""
    root = copy_minibook(tmp_path)
    for file in root.glob("locales/*/assessments.yaml"):
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        assert head == "test-care:"
        text = "".join(f"{line[2:]}\n" for line in lines)
        write(root, f"{file.parent.relative_to(root)}/assessments/test-care.yaml", text)
        file.unlink()
    return root


def exported(root: Path, *languages: str, test: str = "test-care") -> Path:
    path = root.parent / f"{test}.xlsx"
    path.write_bytes(to_workbook(read_bank(root, test, languages)))
    return path


def changed(root: Path, change: Edit) -> Path:
    """Return the minibook's test as a workbook to which somebody did something."""
    path = exported(root)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def place(book: Any, sheet: str, row: str, head: str) -> Any:
    """Return the cell in the row that begins with `row`, below `head`."""
    lines = list(book[sheet].iter_rows())
    column = [cell.value for cell in lines[0]].index(head)
    return next(line[column] for line in lines if str(line[0].value) == row)


def put(sheet: str, row: str, head: str, value: object) -> Edit:
    def change(book: Any) -> None:
        place(book, sheet, row, head).value = value

    return change


def problems_of(root: Path, path: Path, **options: Any) -> tuple[Problem, ...]:
    before = snapshot(root)
    with pytest.raises(ContentError) as caught:
        read_import(root, path, **options)
    assert snapshot(root) == before
    return caught.value.problems


def said(found: Import) -> list[str]:
    return [f"{change.file.split('/')[1]} {change}" for change in found.changes]


# What goes out comes back


def rebuilt(tables: dict[str, Table], project: Project) -> dict[str, Assessment]:
    """Return the test that sheets give by themselves, by language."""
    languages = project.handbook.languages
    drafts = Drafts(languages, False, Span("sheets"))
    drafts.read(tables, ())
    assert drafts.problems == []
    base = drafts.laid_over(empty_branch(""), languages[0])
    trees = {tag: drafts.laid_over(empty_branch(""), tag) for tag in languages[1:]}
    return {
        languages[0]: decode(base, Assessment),
        **{tag: decode(overlay(base, tree), Assessment) for tag, tree in trees.items()},
    }


@pytest.mark.parametrize("test", TESTS)
def test_a_workbook_holds_all_of_a_test_in_every_language(
    project: Project, tmp_path: Path, test: str
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(to_workbook(read_bank(ROOT, test)))
    again = rebuilt(read_workbook(path), project)
    general, default = project.handbook.sectors[0], project.handbook.brands[0]
    assert set(again) == set(project.handbook.languages)
    for tag, found in again.items():
        original = project.editions[Profile(tag, general, default)].book.assessments[test]
        assert found.model_copy(update={"id": test}) == original
        assert list(found.items) == list(original.items)
        assert list(found.bands) == list(original.bands)


def test_a_workbook_that_nobody_changed_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test-empathy.xlsx"
    path.write_bytes(to_workbook(read_bank(ROOT, "test-empathy")))
    assert read_import(ROOT, path).changes == ()


def test_what_is_written_is_what_was_read() -> None:
    files = [*ROOT.glob("content/assessments/*.yaml"), *ROOT.glob("locales/*/assessments/*.yaml")]
    assert len(files) == 6 * len(TESTS)
    for file in files:
        tree = read_yaml(file.read_text(encoding="utf-8"), "t", "und")
        again = write_yaml(to_values(tree))
        assert plain(read_yaml(again, "t", "und")) == plain(tree)


def test_the_style_of_writing_is_that_of_the_book() -> None:
    text = (ROOT / "content" / "assessments" / "test-empathy.yaml").read_text(encoding="utf-8")
    assert write_yaml(to_values(read_yaml(text, "t", "und"))) == text


def plain(tree: Any) -> list[tuple[object, object]]:
    return [(place, scalar.raw.strip()) for place, scalar in leaves(tree)]


def test_the_same_test_gives_the_same_bytes(root: Path) -> None:
    bank = read_bank(root, "test-care")
    assert to_workbook(bank) == to_workbook(bank)


def test_a_language_is_exported_beside_the_source(root: Path) -> None:
    book = openpyxl.load_workbook(exported(root, "el"))
    heads = [cell.value for cell in book["Sections"][1]]
    assert heads == ["section", "title [en]", "title [el]"]
    with pytest.raises(UsageError, match="no language “xx”"):
        read_bank(root, "test-care", ["xx"])
    with pytest.raises(UsageError, match="did you mean “test-care”"):
        read_bank(root, "test-car")


def test_ids_are_locked_and_nothing_becomes_a_formula_or_a_date(root: Path) -> None:
    edit(root, CARE, "stem: When it rains", 'stem: "=When it rains"')
    book = openpyxl.load_workbook(exported(root))
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    stem, item = place(book, "Items", "care-2", "stem [en]"), place(book, "Items", "care-2", "item")
    assert (stem.value, stem.data_type, stem.number_format) == ("=When it rains", "s", "@")
    assert (stem.protection.locked, item.protection.locked) == (False, True)
    below = book["Items"].cell(book["Items"].max_row, 1)
    assert (below.value, below.protection.locked) == (None, False)
    assert read_import(root, exported(root)).changes == ()
    table = root.parent / "test-care.csv"
    table.write_bytes(to_csv(read_bank(root, "test-care")))
    assert "'=When it rains" in table.read_text(encoding="utf-8-sig")
    assert read_import(root, table).changes == ()


def test_a_text_too_long_for_a_cell_is_refused() -> None:
    with pytest.raises(UsageError, match="Test!A2 has 32,768 letters"):
        write_workbook([Sheet("Test", ["a"], [["x" * 32_768]])])


# What people change


def test_what_is_shown_is_what_is_written(root: Path) -> None:
    def change(book: Any) -> None:
        place(book, "Items", "care-1", "stem [en]").value = "When the bell rings"
        place(book, "Items", "care-1", "stem [el]").value = "Όταν χτυπά το κουδούνι"
        place(book, "Bands", "high", "from").value = 7
        place(book, "Test", "version", "value").value = "2.0"

    path, before = changed(root, change), snapshot(root)
    shown = handbook("bank", "import", path, "--project", root)
    assert shown.returncode == 0, shown.stderr
    lines = [line.strip() for line in shown.stdout.splitlines()]
    assert "items.care-1.stem: “When the phone rings” → “When the bell rings”" in lines
    assert "+ version: “2.0”" in lines
    assert lines[-1] == "Nothing is written yet; add --write to write: 4 changes in 2 files."
    assert snapshot(root) == before
    written = handbook("bank", "import", path, "--project", root, "--write")
    assert written.returncode == 0, written.stderr
    after = snapshot(root)
    assert {name for name in after if after[name] != before.get(name)} == {CARE, GREEK}
    care = load(root).editions[Profile("el", "general", "default")].book.assessments["test-care"]
    assert care.items["care-1"].stem.text == "Όταν χτυπά το κουδούνι"
    assert (care.bands["high"].cut, care.version) == (7, "2.0")
    again = handbook("bank", "import", path, "--project", root)
    assert again.stdout.startswith("Nothing changes")


def add_item(book: Any) -> None:
    """Write an item below the last, as people do, and its answers in the examples."""
    items = book["Items"]
    line = next(row for row in items.iter_rows() if row[0].value is None)
    heads = [cell.value for cell in items[1]]
    for head, cell in zip(heads, line, strict=True):
        if "[" in head:
            cell.value = f"Δ {head}"
    line[0].value = "care-4"
    examples = book["Examples"]
    column = examples.max_column + 1
    for row, answer in enumerate(("answer care-4", "a", None), start=1):
        examples.cell(row, column).value = answer
    place(book, "Examples", "1", "total").value = 10
    place(book, "Test", "range.1", "value").value = 4
    place(book, "Test", "range.2", "value").value = 12
    place(book, "Bands", "low", "from").value = 4


def test_an_item_is_added_and_another_taken_out(root: Path) -> None:
    found = read_import(root, changed(root, add_item))
    assert set(found.files) == {CARE, GREEK, "locales/zh-Hans/assessments/test-care.yaml"}
    assert "el + items.care-4.options.a: “Δ option a [el]”" in said(found)

    def take_out(book: Any) -> None:
        book["Items"].delete_rows(4)
        book["Examples"].delete_cols(6)
        for row, value in (("range.1", 2), ("range.2", 6)):
            place(book, "Test", row, "value").value = value
        place(book, "Bands", "low", "from").value = 2
        place(book, "Examples", "1", "total").value = 5
        place(book, "Examples", "1", "band").value = "low"
        book["Examples"].delete_rows(3)

    lines = said(read_import(root, changed(root, take_out)))
    assert "el - items.care-3.stem: “Όταν κλείνουμε”" in lines
    assert "assessments - items.care-3.options.a: “I say goodbye.”" in lines


def test_what_the_sheets_do_not_hold_stays(root: Path) -> None:
    def only_items(book: Any) -> None:
        for sheet in set(book.sheetnames) - {"Items"}:
            del book[sheet]
        place(book, "Items", "care-1", "stem [en]").value = "When the bell rings"

    path = changed(root, only_items)
    with pytest.raises(UsageError, match="cannot be an id"):
        read_import(root, path.rename(path.with_name("Test care.xlsx")))
    found = read_import(root, path.with_name("Test care.xlsx"), "test-care")
    assert len(said(found)) == 1

    def fewer(book: Any) -> None:
        test = book["Test"]
        for row in reversed(list(test.iter_rows())):
            if str(row[0].value).startswith(("facilitator", "title", "code")):
                test.delete_rows(row[0].row)
        place(book, "Test", "range.1", "value").value = None
        place(book, "Test", "range.2", "value").value = None

    lines = said(read_import(root, changed(root, fewer)))
    assert lines == ["assessments - range.1: “3”", "assessments - range.2: “9”"]


def test_the_order_of_items_is_a_change(root: Path) -> None:
    def swap(book: Any) -> None:
        sheet = book["Items"]
        for column in range(1, sheet.max_column + 1):
            one, other = sheet.cell(2, column), sheet.cell(3, column)
            one.value, other.value = other.value, one.value
        sheet = book["Examples"]
        for row in (2, 3):
            one, other = sheet.cell(row, 4), sheet.cell(row, 5)
            one.value, other.value = other.value, one.value
        sheet["D1"], sheet["E1"] = "answer care-2", "answer care-1"

    assert said(read_import(root, changed(root, swap)))[-1].endswith("has another place”")


def test_a_new_test_is_made_from_another(root: Path) -> None:
    path = changed(root, put("Test", "code", "value", "TS9"))
    found = [str(problem) for problem in problems_of(root, path, test="test-new")]
    assert found == [
        "[test-care.xlsx]Test!C7: error[outline]: “test-new” stands in no chapter\n"
        "    add its id to a chapter in handbook.yaml"
    ]
    for book in ("content/handbook.yaml", "content/sectors/bank/handbook.yaml"):
        edit(root, book, "test-care", "test-care, test-new")
    made = handbook("bank", "import", path, "--as", "test-new", "--write", "--project", root)
    assert made.returncode == 0, made.stderr
    books = load(root).editions
    for profile, edition in books.items():
        old, new = (edition.book.assessments[f"test-{name}"] for name in ("care", "new"))
        assert new == old.model_copy(update={"id": "test-new", "code": "TS9"}), profile


def test_a_language_can_be_left_for_later(root: Path) -> None:
    path = changed(root, put("Items", "care-1", "stem [el]", None))
    assert [str(p.span) for p in problems_of(root, path)] == ["[test-care.xlsx]Items!G2"]
    found = read_import(root, path, allow_missing=True)
    assert said(found) == ["el - items.care-1.stem: “Όταν χτυπά το τηλέφωνο”"]


def test_a_test_is_named_by_its_id_or_its_code(root: Path) -> None:
    for name in ("TEST-CARE", "TS1", "ts1"):
        assert read_bank(root, name) == read_bank(root, "test-care")
    path = exported(root)
    for name in ("Test-Care", "ts1"):
        found = read_import(root, path, name)
        assert (found.id, found.changes) == ("test-care", ())
    table = root.parent / "TS1.csv"
    table.write_bytes(to_csv(read_bank(root, "ts1")))
    assert read_import(root, table).id == "test-care"


def test_an_export_takes_its_place_only_when_it_is_whole(root: Path, tmp_path: Path) -> None:
    table, link = tmp_path / "items.csv", tmp_path / "link.csv"
    table.write_text("old")
    link.symlink_to(table)
    (tmp_path / ".items.csv.part").mkdir()
    command = ("bank", "export", "TS1", "--project", root, "-o")
    ran = handbook(*command, link)
    assert ran.returncode != 0
    assert table.read_text() == "old"
    (tmp_path / ".items.csv.part").rmdir()
    ran = handbook(*command, link)
    assert ran.returncode == 0, ran.stderr
    assert "holds test-care in" in ran.stdout
    assert link.is_symlink()
    assert table.read_bytes() == to_csv(read_bank(root, "test-care"))
    (tmp_path / "folder.csv").mkdir()
    ran = handbook(*command, tmp_path / "folder.csv")
    assert (ran.returncode, "is no file" in ran.stderr) == (2, True)


def test_files_that_cannot_all_be_written_stay_as_they_are(root: Path) -> None:
    def change(book: Any) -> None:
        place(book, "Items", "care-1", "stem [en]").value = "When the bell rings"
        place(book, "Items", "care-1", "stem [el]").value = "Όταν χτυπά το κουδούνι"

    found = read_import(root, changed(root, change))
    in_the_way = root / "locales" / "el" / "assessments" / ".test-care.yaml.new"
    in_the_way.mkdir()
    before = snapshot(root)
    with pytest.raises(OSError, match=r"\.new"):
        write_import(root, found)
    assert snapshot(root) == before
    in_the_way.rmdir()
    write_import(root, found)
    assert set(found.files) == {CARE, GREEK}
    assert read_import(root, changed(root, change)).changes == ()


def test_a_changed_key_asks_for_a_new_version(root: Path) -> None:
    assert read_import(root, changed(root, put("Bands", "high", "from", 7))).rescored

    def both(book: Any) -> None:
        place(book, "Bands", "high", "from").value = 7
        place(book, "Test", "version", "value").value = "1.1"

    assert not read_import(root, changed(root, both)).rescored
    words = put("Items", "care-1", "stem [en]", "When the bell rings")
    assert not read_import(root, changed(root, words)).rescored


def test_a_long_text_is_shown_where_it_changes() -> None:
    change = Change("f", "body", "x" * 100 + "old\n\nend", "x" * 100 + "new")
    assert str(change) == f"body: “…{'x' * 40}old end” → “…{'x' * 40}new”"


def test_other_files_are_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="ends neither in"):
        read_import(root, root / "test-care.ods")


def test_comments_are_not_lost_without_a_word(root: Path) -> None:
    edit(root, CARE, "range: [3, 9]", "range: [3, 9]  # counted by hand")
    path = changed(root, put("Test", "version", "value", "1.1"))
    shown = handbook("bank", "import", path, "--project", root)
    assert f"{CARE} holds comments, which are lost" in shown.stdout


def test_a_test_that_shares_its_file_is_not_written(tmp_path: Path) -> None:
    root = copy_minibook(tmp_path)
    path = changed(root, put("Items", "care-1", "stem [el]", "Όταν χτυπά το κουδούνι"))
    with pytest.raises(UsageError, match=r"stands in locales/el/assessments\.yaml; move it to"):
        read_import(root, path)


# What office programs do


def test_habits_of_spreadsheets_change_nothing(root: Path) -> None:
    def habits(book: Any) -> None:
        for sheet, row, head, value in (
            ("Bands", "high", "from", "6"),
            ("Bands", "low", "from", 3.0),
            ("Scales", "letters", "points", " 3 "),
            ("Items", "care-1", "reversed", False),
            ("Items", "care-2", "reversed", "NO"),
            ("Items", "care-1", "stem [en]", "  When the phone rings\u00a0\n"),
        ):
            place(book, sheet, row, head).value = value
        book["Items"].row_dimensions[3].hidden = True
        book["Items"].column_dimensions["F"].hidden = True
        book["Items"].insert_rows(3)
        book["Bands"].sheet_state = "hidden"

    assert said(read_import(root, changed(root, habits))) == [
        "assessments + items.care-1.reversed: “False”",
        "assessments + items.care-2.reversed: “False”",
    ]


def test_a_formula_counts_with_the_value_that_the_spreadsheet_found(root: Path) -> None:
    path = changed(root, put("Bands", "high", "from", "=3+4"))
    assert [str(p) for p in problems_of(root, path)] == [
        "[test-care.xlsx]Bands!B3: error[cell]: the value of this formula is not known\n"
        "    write the value itself, or save the file once in a spreadsheet"
    ]
    with_value(path, "3+4", "7")
    assert said(read_import(root, path)) == ["assessments bands.high.from: “6” → “7”"]


def with_value(path: Path, formula: str, value: str) -> None:
    """Give a formula its value, as a spreadsheet does when it saves."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    old = re.compile(rf"<f>{re.escape(formula)}</f><v ?/?>(</v>)?".encode())
    new = f"<f>{formula}</f><v>{value}</v>".encode()
    assert sum(len(old.findall(data)) for data in members.values()) == 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, old.sub(new, data))


FAULTS: list[tuple[str, dict[tuple[str, str, str], object], list[str]]] = [
    (
        "what cannot be read at all",
        {
            ("Items", "care-1", "item"): datetime(2026, 2, 1),
            ("Items", "care-2", "stem [en]"): "#REF!",
            ("Bands", "low", "title [el]"): timedelta(hours=1),
        },
        [
            "Bands!F2: error[cell]: the spreadsheet has made a date of this",
            "Items!A2: error[cell]: the spreadsheet has made a date of this",
            "Items!F3: error[cell]: the formula gives #REF!",
        ],
    ),
    (
        "heads",
        {
            ("Items", "item", "stem [el]"): "stem [gr]",
            ("Items", "item", "section"): "sektion",
            ("Bands", "band", "title [en]"): "title",
            ("Scales", "scale", "points"): "ponts",
            ("Examples", "example", "answer care-2"): "answer care-9",
        },
        [
            "Bands!E1: error[table]: no column is called “title”",
            "Bands:1:1: error[table]: there is no column “title [en]”",
            "Examples!E1: error[table]: there is no item “care-9”",
            "Items!B1: error[table]: no column is called “sektion”",
            "Items!G1: error[table]: there is no language “gr”",
            "Items:1:1: error[table]: there is no column “section”",
            "Scales!D1: error[table]: no column is called “ponts”",
            "Scales:1:1: error[table]: there is no column “points”",
        ],
    ),
    (
        "types and ids",
        {
            ("Scales", "letters", "points"): "three",
            ("Items", "care-2", "item"): "Care 2",
            ("Items", "care-3", "item"): "care-1",
            ("Items", "care-1", "reversed"): "perhaps",
            ("Items", "care-1", "counts"): "some",
            ("Bands", "low", "from"): 2.5,
            ("Bands", "high", "source from"): 6,
            ("Test", "code", "value"): "no code",
            ("Test", "prorate", "value"): -1,
            ("Test", "title", "value"): "Care",
            ("Test", "evidence", "words [en]"): "none",
            ("Test", "facilitator.debrief.1", "field"): "facilitator.debrief.first",
            ("Test", "facilitator.group.note", "field"): "facilitator.group.notes",
            ("Test", "facilitator.procedure.answer.minutes", "value"): None,
            ("Test", "summary", "words [en]"): None,
        },
        [
            "Bands!C3: error[missing]: the list has 1 members",
            "Bands!B2: error[type]",
            "Items!A3: error[id]: “Care 2” cannot be an id",
            "Items!A4: error[duplicate-id]: “care-1” is there twice",
            "Items!D2: error[type]",
            "Items!E2: error[type]",
            "Scales!D2: error[type]: this should be a valid integer; found the text “three”",
            "Test!B3: error[type]: “no code” is not a sheet’s code",
            "Test!C6: error[table]: “evidence” does not stand here",
            "Test!B7: error[table]: “title” does not stand here",
            "Test!C8: error[missing]: “summary” is missing",
            "Test!B13: error[type]: this should be greater than or equal to 0",
            "Test!A19: error[unknown-key]: a test has no “facilitator.group.notes”",
            "Test!A22: error[missing]: “minutes” is missing",
            "Test!A23: error[table]: “facilitator.debrief.first” is no place in a list",
        ],
    ),
    (
        "answers and keys",
        {
            ("Items", "care-2", "scale"): "leters",
            ("Items", "care-3", "section"): "front",
        },
        [
            "Items!F3: error[T04-reference]: “care-2” names the scale “leters”",
            "Items!F4: error[T04-reference]: “care-3” names the section “front”",
        ],
    ),
    (
        "results",
        {
            ("Bands", "low", "from"): 4,
            ("Bands", "high", "from"): 12,
            ("Test", "range.1", "value"): 2,
            ("Test", "prorate", "value"): 2,
        },
        [
            "Bands!E2: error[B01-gap]: the first band begins at 4 points, but 3 can be reached",
            "Bands!E3: error[B05-outside]",
            "Test!B11: error[S01-range]: the range is stated as (2, 9), but answers reach (3, 9)",
            "Test!B13: error[S02-missing-answers]",
        ],
    ),
    (
        "examples and sources",
        {
            ("Bands", "low", "source from"): 3,
            ("Bands", "low", "source to"): 6,
            ("Examples", "1", "answer care-1"): "d",
            ("Examples", "2", "band"): "low",
        },
        [
            "Bands!E2: error[B07-source]: the source prints 3–6 for “low”, the cut scores give 3–5",
            "Examples!A2: error[X02-example]: example 1 answers “care-1” with “d”",
            "Examples!A3: error[X02-example]: example 2 should give no total and the band “low”, "
            "but gives no total and no band",
        ],
    ),
    (
        "words",
        {
            ("Items", "care-1", "option b [en]"): "I answer.",
            ("Bands", "high", "text [en]"): "7–9 is much",
            ("Items", "care-2", "stem [en]"): "\u200bHm",
        },
        [
            "Bands!H3: error[L05-typed-range]: “7–9” is typed by hand",
            "Items!F3: error[character]: forbidden character U+200B",
            "Items!I2: error[L04-same-answers]",
        ],
    ),
    (
        "translations",
        {
            ("Items", "care-1", "option b [el]"): None,
            ("Items", "care-3", "option c [en]"): None,
            ("Items", "care-1", "stem [el]"): "[Τηλέφωνο](term-loyalty)",
            ("Test", "facilitator.debrief.1", "words [el]"): None,
        },
        [
            "Items!G2: error[link-parity]: the link “term-loyalty” does not stand in the original",
            "Items!M2: error[missing]: the translation is empty",
            "Items!P4: error[unknown-key]: “c” does not stand in the original",
            "Test!D23: error[missing]: the translation is empty",
        ],
    ),
]


@pytest.mark.parametrize(
    ("faults", "expected"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_every_fault_is_told_by_its_cell(
    root: Path, faults: dict[tuple[str, str, str], object], expected: list[str]
) -> None:
    def plant(book: Any) -> None:
        cells = [(place(book, *where), value) for where, value in faults.items()]
        for cell, value in cells:
            cell.value = value

    found = [str(problem) for problem in problems_of(root, changed(root, plant))]
    for fault in expected:
        assert any(text.startswith(f"[test-care.xlsx]{fault}") for text in found), fault


def test_merged_cells_and_strange_sheets_are_told(root: Path) -> None:
    path = changed(root, lambda book: book["Items"].merge_cells("A2:A3"))
    found = problems_of(root, path)
    assert str(found[0]).startswith(
        "[test-care.xlsx]Items!A2: error[cell]: the cells A2:A3 are merged"
    )

    def rename(book: Any) -> None:
        book["Items"].title = "Itms"

    found = problems_of(root, changed(root, rename))
    assert (
        found[0].message,
        found[0].hint,
    ) == ("no sheet is called “Itms”", "did you mean “Items”?")
