"""Packs of sheets for participants: whose each is, what a stopped run leaves, what is refused."""

from __future__ import annotations

import csv
import gc
import io
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path

import pikepdf
import pytest

from handbook.cache.digest import digest
from handbook.diagnostics import ContentError, UsageError
from handbook.exchange.packs import packs
from handbook.exchange.packs.packs import (
    HEADS,
    MANIFEST,
    PackReport,
    _batches,
    make_pack,
    path_of,
    read_manifest,
)
from handbook.exchange.packs.participants import (
    Order,
    Wanted,
    match_language,
    numbered_orders,
    read_orders,
)
from handbook.exchange.packs.stamping import TOP
from handbook.loading import Project
from tests.command import book_with_fonts, handbook, snapshot, start_handbook, wait_until
from tests.conftest import ROOT, Quiet
from tests.test_print import assert_accessible, letters

PEOPLE = """\
Name;language;group;test;sector;brand
Ελένη Παπαδοπούλου;el;North;;;
Åse Bjørnstad-Nygård;nb-NO;North;;bank;aldervik
Ștefan Țăranu;RO;North;TS3;;
王小明;zh-CN;South;;;
Юлия Щербакова;ru_RU;South;test-empathy;tourism;
Zoë O’Connor-Featherstonehaugh of the Department of Customer Relations;;South;ts5;;
;el;North;;;
"""
FILES = (
    "North/001-Ελένη-Παπαδοπούλου-answer-sheet-TS1-test-responsibility-general-el.pdf",
    "North/002-Åse-Bjørnstad-Nygård-answer-sheet-TS1-test-responsibility-bank-nb.pdf",
    "North/003-Ștefan-Țăranu-answer-sheet-TS3-test-purposefulness-general-ro.pdf",
    "South/004-王小明-answer-sheet-TS1-test-responsibility-general-zh-Hans.pdf",
    "South/005-Юлия-Щербакова-answer-sheet-TS4-test-empathy-tourism-ru.pdf",
    "South/006-Zoë-O-Connor-Featherstonehaugh-of-the-De-answer-sheet-TS5-test-company-self-assessment"
    "-general-en.pdf",
    "North/007-answer-sheet-TS1-test-responsibility-general-el.pdf",
    "together/North-answer-sheet-TS1-test-responsibility-general-el-default.pdf",
    "together/North-answer-sheet-TS1-test-responsibility-bank-nb-aldervik.pdf",
    "together/North-answer-sheet-TS3-test-purposefulness-general-ro-default.pdf",
    "together/South-answer-sheet-TS1-test-responsibility-general-zh-Hans-default.pdf",
    "together/South-answer-sheet-TS4-test-empathy-tourism-ru-default.pdf",
    "together/South-answer-sheet-TS5-test-company-self-assessment-general-en-default.pdf",
)
LINES = (
    "Για: Ελένη Παπαδοπούλου",
    "Til: Åse Bjørnstad-Nygård",
    "Pentru: Ștefan Țăranu",
    "姓名：王小明",
    "Имя: Юлия Щербакова",
    "For: Zoë O’Connor-Featherstonehaugh of the Department of Customer Relations",
    "Αρ. 007",
)
WANTED = Wanted(test="TS1")

Make = Callable[[Path, str], PackReport]


def orders_of(project: Project, folder: Path, table: str, wanted: Wanted) -> tuple[Order, ...]:
    path = folder / "people.csv"
    path.write_text(table, encoding="utf-8")
    return read_orders(project, wanted, path)


@pytest.fixture(scope="module")
def make(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make the pack of a table in a folder."""
    work = tmp_path_factory.mktemp("work")

    def pack(folder: Path, table: str) -> PackReport:
        orders = orders_of(project, work, table, WANTED)
        return make_pack(project, orders, folder, work / "cache", 2, True, Quiet())

    return pack


@pytest.fixture(scope="module")
def original(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack in all languages, made once; tests look at it and change nothing."""
    folder = tmp_path_factory.mktemp("made") / "pack"
    assert make(folder, PEOPLE) == PackReport(len(FILES), 0, 0)
    return folder


@pytest.fixture
def pack(original: Path, tmp_path: Path) -> Path:
    """A copy of that pack."""
    return Path(shutil.copytree(original, tmp_path / "pack"))


def rows(folder: Path) -> list[dict[str, str]]:
    text = (folder / MANIFEST).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def read_aloud(path: Path) -> list[str]:
    """Return the texts of a document in the order in which a screen reader meets them."""
    run = subprocess.run(["pdfinfo", "-struct-text", path], capture_output=True, check=True)
    return re.findall(r'^\s*"(.*)"$', run.stdout.decode(), re.MULTILINE)


def words(path: Path) -> list[tuple[str, float, float]]:
    """Return the words of the first page with their places, without what stands above the sheet."""
    run = subprocess.run(["pdftotext", "-bbox", "-l", "1", path, "-"], capture_output=True)
    pattern = r'<word xMin="([\d.]+)" yMin="([\d.]+)".*?>(.*?)</word>'
    found = re.findall(pattern, run.stdout.decode())
    return [(word, float(x), float(y)) for x, y, word in found if float(y) > TOP + 26]


def lines_of(path: Path) -> list[tuple[str, float]]:
    """Return the lines of a document, each with its middle in points from the left."""
    run = subprocess.run(["pdftotext", "-bbox-layout", path, "-"], capture_output=True)
    lines = re.findall(
        r'<line xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"[^>]*>(.*?)</line>',
        run.stdout.decode(),
        re.DOTALL,
    )
    return [
        (unescape(re.sub(r"<.*?>", "", words)), (float(left) + float(right)) / 2)
        for left, right, words in lines
    ]


def test_everybody_gets_a_sheet_in_their_language_with_their_name_first(original: Path) -> None:
    assert {path for path in snapshot(original) if path != MANIFEST} == set(FILES)
    for path, line in zip(FILES, LINES, strict=False):
        with pikepdf.open(original / path) as pdf:
            assert path.endswith(f"-{pdf.Root.Lang}.pdf")
        assert letters("".join(read_aloud(original / path))).startswith(letters(line)), path


def test_a_name_stands_on_every_page_and_moves_nothing(original: Path) -> None:
    last = subprocess.run(
        ["pdftotext", "-f", "2", original / FILES[5], "-"], capture_output=True, text=True
    )
    assert letters("Department of Customer Relations") in letters(last.stdout)
    named, numbered = words(original / FILES[0]), words(original / FILES[6])
    assert named == numbered
    assert len(named) > 100


def test_no_file_holds_the_name_of_another(original: Path) -> None:
    for path in FILES[:7]:
        text = letters("".join(read_aloud(original / path)))
        found = [line for line in LINES if letters(line) in text]
        assert found == [LINES[FILES.index(path)]]


def test_every_file_is_accessible(original: Path) -> None:
    assert_accessible([original / path for path in FILES])


def test_the_manifest_lists_every_file_in_the_order_of_the_table(original: Path) -> None:
    found = rows(original)
    assert [row["file"] for row in found] == list(FILES)
    for row in found:
        data = (original / row["file"]).read_bytes()
        assert row["digest"] == digest(data)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert int(row["pages"]) == len(pdf.pages)
    told = [tuple(row[head] for head in HEADS[1:9]) for row in found]
    north = ("North", "el", "general", "default", "answer-sheet", "TS1", "1.0")
    assert told[0] == ("Ελένη Παπαδοπούλου", *north)
    assert told[1][2:5] == ("nb", "bank", "aldervik")
    assert told[6] == ("007", *north)
    assert told[7] == ("", *north)
    assert len({row["input"] for row in found}) == len(found)


def test_each_sheet_for_the_printer_begins_on_a_front_page(original: Path) -> None:
    known = read_manifest(original)
    for path in FILES[7:]:
        with pikepdf.open(original / path) as pdf:
            drawn = [bool(pikepdf.parse_content_stream(page)) for page in pdf.pages]
        sheets = [FILES[0], FILES[6]] if path == FILES[7] else [FILES[FILES.index(path) - 7]]
        expected = []
        for sheet in sheets:
            pages = int(known[sheet]["pages"])
            expected += [True] * pages + [False] * (pages % 2)
        assert drawn == expected, path
    text = letters("".join(read_aloud(original / FILES[7])))
    assert text.index(letters(LINES[0])) < text.index(letters(LINES[6]))


def test_a_certificate_has_the_name_on_its_line(project: Project, tmp_path: Path) -> None:
    orders = orders_of(project, tmp_path, PEOPLE, Wanted(("certificate",)))
    folder = tmp_path / "pack"
    made = make_pack(project, orders, folder, tmp_path / "cache", 2, True, Quiet())
    certificates = [folder / path_of(order) for order in orders]
    names = [order.name for order in orders]
    for path, name in zip(certificates, names, strict=True):
        text = letters("".join(read_aloud(path)))
        assert [other for other in names if other and letters(other) in text] == [name][
            : bool(name)
        ]
        assert len(pikepdf.open(path).pages) == 1
    assert "Αρ. 007" in read_aloud(certificates[6])
    for path, name in zip(certificates[:6], names[:6], strict=True):
        line = next(line for line in lines_of(path) if letters(line[0]) == letters(name))
        assert line[1] == pytest.approx(595.28 / 2, abs=1)
    assert made.made == len({*certificates}) + 6  # of each group and edition one for the printer
    assert_accessible([*certificates, *(folder / "together").iterdir()])


def test_made_again_nothing_is_made(make: Make, pack: Path) -> None:
    before = snapshot(pack)
    assert make(pack, PEOPLE) == PackReport(0, len(FILES), 0)
    assert snapshot(pack) == before


def test_what_looks_like_a_formula_stays_the_same_run_by_run(make: Make, tmp_path: Path) -> None:
    table = "name,group\n=Ann,-South\n'@Bo,-South\n"
    folder = tmp_path / "pack"
    assert make(folder, table).made == 3
    before = snapshot(folder)
    for _ in range(3):
        assert make(folder, table) == PackReport(0, 3, 0)
        assert snapshot(folder) == before
    assert [row["participant"] for row in read_manifest(folder).values()] == ["=Ann", "'@Bo", ""]
    assert [row["participant"] for row in rows(folder)] == ["'=Ann", "''@Bo", ""]


def test_only_what_is_damaged_missing_or_changed_is_made_again(make: Make, pack: Path) -> None:
    before = snapshot(pack)
    (pack / FILES[0]).write_bytes(before[FILES[0]][:-1] + b"!")
    (pack / FILES[3]).unlink()
    (pack / FILES[7]).write_bytes(b"")
    assert make(pack, PEOPLE) == PackReport(3, len(FILES) - 3, 0)
    assert snapshot(pack) == before
    shorter = PEOPLE.replace("Юлия", "Юля").replace("\n;el;North;;;\n", "\n")
    report = make(pack, shorter)
    assert report == PackReport(3, 9, 2)  # Юля and the two files in which the Greek and she stand
    assert not (pack / FILES[6]).exists()
    assert not (pack / FILES[4]).exists()
    assert [row["participant"] for row in rows(pack)][4] == "Юля Щербакова"


def test_what_is_not_ours_stays(make: Make, pack: Path) -> None:
    (pack / "North" / "notes.txt").write_text("mine")
    (pack / FILES[6]).write_text("somebody wrote here")
    make(pack, PEOPLE.replace("\n;el;North;;;\n", "\n"))
    assert (pack / "North" / "notes.txt").read_text() == "mine"
    assert (pack / FILES[6]).read_text() == "somebody wrote here"


def test_a_manifest_cut_off_loses_only_its_last_line(make: Make, pack: Path) -> None:
    data = (pack / MANIFEST).read_bytes()
    (pack / MANIFEST).write_bytes(data[:-20])
    (pack / "North" / ".half.pdf.part").write_bytes(b"%PDF")
    assert len(read_manifest(pack)) == len(FILES) - 1
    assert make(pack, PEOPLE) == PackReport(1, len(FILES) - 1, 0)
    assert (pack / MANIFEST).read_bytes() == data
    assert not list(pack.rglob("*.part"))


def test_a_folder_of_something_else_is_left_alone(make: Make, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"a")
    with pytest.raises(UsageError, match="did not make"):
        make(tmp_path / "photos", PEOPLE)
    (tmp_path / "photos" / MANIFEST).write_bytes(b"file,size\n")
    with pytest.raises(UsageError, match="did not make"):
        make(tmp_path / "photos", PEOPLE)
    assert snapshot(tmp_path / "photos") == {"a.jpg": b"a", MANIFEST: b"file,size\n"}


def test_a_sheet_asked_for_twice_is_made_once(project: Project) -> None:
    wanted = Wanted(("answer-sheet", "scoring-sheet", "answer-sheet"), test="TS1")
    documents = [order.output.document for order in numbered_orders(project, wanted, 1)]
    assert documents == ["answer-sheet", "scoring-sheet"]


def test_groups_whose_names_look_alike_keep_apart(project: Project, tmp_path: Path) -> None:
    groups = ("A B", "A-B", "a  b", "A B", "A-B-2", "Together", "!!!", "")
    table = "".join(f"P;{group}\n" for group in groups)
    orders = orders_of(project, tmp_path, f"name;group\n{table}", WANTED)
    folders = [order.folder for order in orders]
    assert folders == ["A-B", "A-B-2", "a-b-3", "A-B", "A-B-2-2", "Together-2", "group", ""]
    batches = dict(_batches(orders))
    assert [len(batch) for batch in batches.values()] == [2, 1, 1, 1, 1, 1, 1]
    assert len({path_of(order).casefold() for order in orders}) == len(groups)


def test_a_file_for_the_printer_holds_one_sheet_of_one_edition(
    project: Project, tmp_path: Path
) -> None:
    table = "name,sector,brand,test\nA,,,\nB,bank,,\nC,,aldervik,\nD,,,TS3\nE,,,\n"
    orders = orders_of(project, tmp_path, table, WANTED)
    batches = dict(_batches(orders))
    assert [[order.name for order in batch] for batch in batches.values()] == [
        *(["A", "E"], ["B"], ["C"], ["D"])
    ]


def test_sheets_to_fill_in_are_not_put_into_one_file(project: Project, tmp_path: Path) -> None:
    orders = numbered_orders(project, Wanted(("answer-sheet", "fillable-sheet"), test="TS1"), 2)
    with pytest.raises(UsageError, match=r"has no use for the fields.*leave --one-file out"):
        make_pack(project, orders, tmp_path / "p", tmp_path / "cache", 1, True, Quiet())
    assert not (tmp_path / "p").exists()


def test_numbered_sheets_need_no_names(project: Project) -> None:
    wanted = Wanted(("answer-sheet", "scoring-sheet", "worksheet"), "nb", "", "", "TS2", "W04")
    orders = numbered_orders(project, wanted, 30)
    assert len(orders) == 90
    assert {(o.output.document, o.code) for o in orders} == {
        ("answer-sheet", "TS2"),
        ("scoring-sheet", "TS2"),
        ("worksheet", "W04"),
    }
    assert [order.number for order in orders[::3]] == list(range(1, 31))


@pytest.mark.parametrize(
    ("table", "place", "what"),
    [
        ("name,language\nA,nb\nB,klingon\n", "people.csv:3:2", "B3: the handbook has no language"),
        ("name,language\nA,zh-TW\n", "people.csv:2:2", "no language “zh-TW”"),
        ("name,sector\nA,banc\n", "people.csv:2:2", "did you mean “bank”?"),
        ("brand\nnobody\n", "people.csv:2:1", "A2: the handbook has no brand “nobody”"),
        ("name,test\nA,TS9\n", "people.csv:2:2", "B2: there is no answer-sheet of TS9"),
        ("name,test\nA,W04\n", "people.csv:2:2", "B2: there is no answer-sheet of W04"),
        ("name\nΕλένη\nשרה\n", "people.csv:3:1", "A3: no font has ש (U+05E9), ר (U+05E8)"),
        ("name\nA\u200bB\n", "people.csv:2:1", "A2: forbidden character U+200B"),
        (f"name\n{'王' * 41}\n", "people.csv:2:1", "A2: the name is too long"),
        ("name,langauge\nA,el\n", "people.csv:1:2", "did you mean “language”?"),
        ("name,language\n", "people.csv:1:1", "nobody stands in the table"),
        ("name,\nA,el\n", "people.csv:1:2", "B1: the head is empty"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_place(
    project: Project, tmp_path: Path, table: str, place: str, what: str
) -> None:
    with pytest.raises(ContentError) as caught:
        orders_of(project, tmp_path, table, WANTED)
    assert len(caught.value.problems) == 1
    text = str(caught.value)
    assert text.startswith(place)
    assert what in text


def test_all_that_is_wrong_with_a_table_is_told_at_once(project: Project, tmp_path: Path) -> None:
    table = "name,language,sector\nשרה,xx,banc\nB,el,\nC,el,toursim\n"
    with pytest.raises(ContentError) as caught:
        orders_of(project, tmp_path, table, WANTED)
    places = [(p.span.line, p.span.column) for p in caught.value.problems]
    assert places == [(2, 1), (2, 2), (2, 3), (4, 3)]


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (Wanted(test="TS1", language="de"), "--language de: there is no such language"),
        (Wanted(("handbook",), test="TS1"), "--document handbook: a pack is made of sheets"),
        (Wanted(("facilitator-pack",), test="TS1"), "a pack is made of sheets"),
        (Wanted(), "name one with --test or --worksheet: TS"),
        (Wanted(("worksheet",), test="TS1"), "there is no worksheet of TS1"),
    ],
)
def test_what_the_book_does_not_have_cannot_be_asked_for(
    project: Project, wanted: Wanted, what: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(what)):
        numbered_orders(project, wanted, 2)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("nb", "nb"),
        ("NB-no", "nb"),
        ("no", "nb"),
        ("nn", None),
        ("zh", "zh-Hans"),
        ("zh_CN", "zh-Hans"),
        ("zh-Hans-SG", "zh-Hans"),
        ("zh-Hant", None),
        ("el-GR", "el"),
        ("xx", None),
        ("!", None),
    ],
)
def test_a_language_tag_finds_the_language_that_serves(
    project: Project, tag: str, expected: str | None
) -> None:
    assert match_language(tag, project.handbook.languages) == expected


def test_a_pack_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    arguments = ("pack", "--numbered", "60", "--test", "test-care", "-o", "p", "--project", root)
    run = start_handbook(*arguments, cwd=tmp_path)
    folder = tmp_path / "p"
    wait_until(lambda: len(read_manifest(folder)) > 4, 60)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    before = read_manifest(folder)
    assert 4 < len(before) < 60
    times = {path: (folder / path).stat().st_mtime_ns for path in before}
    again = handbook(*arguments, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"{60 - len(before)} files made, {len(before)} unchanged" in again.stdout
    assert {path: (folder / path).stat().st_mtime_ns for path in before} == times
    assert len(read_manifest(folder)) == 60
    assert sorted(snapshot(folder)) == sorted([*read_manifest(folder), MANIFEST])


class Counting(Quiet):
    """Counts the tasks that are in memory while sheets are made."""

    def __init__(self) -> None:
        self.most = self.steps = 0

    def step(self, name: str) -> None:
        self.steps += 1
        tasks = sum(isinstance(thing, packs._Task) for thing in gc.get_objects())
        self.most = max(self.most, tasks)


def test_memory_does_not_grow_with_the_participants(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "AT_ONCE", 3)
    orders = numbered_orders(project, Wanted(test="TS1"), 8)
    seen = Counting()
    report = make_pack(project, orders, tmp_path / "p", tmp_path / "cache", 1, False, seen)
    assert report == PackReport(8, 0, 0)
    assert seen.steps == 8
    assert seen.most == 3


def test_what_names_people_stands_below_the_project_and_out_of_git(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    ran = handbook("pack", "--numbered", "1", "--test", "ts1", "--project", root, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len(read_manifest(root / "pack")) == 1
    (root / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    assert_ignored(root, "pack/manifest.csv")


def test_score_takes_the_same_names_and_overwrites_no_other_team(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    for team in ("north", "south"):
        (tmp_path / f"{team}.csv").write_text("1,2,3\na,b,c\n", encoding="utf-8")
        command = ("score", f"{team}.csv", "--test", "TEST-care", "--language", "EL_gr")
        ran = handbook(*command, "--project", root, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert {path.name for path in (root / "scores").iterdir()} == {"TS1-el-north", "TS1-el-south"}


def assert_ignored(root: Path, path: str) -> None:
    for command in (["init", "-q"], ["check-ignore", "-q", path]):
        assert subprocess.run(["git", *command], cwd=root, check=False).returncode == 0, command


def test_the_command_line_explains_itself() -> None:
    neither = handbook("pack", "--test", "TS1")
    assert (neither.returncode, neither.stderr.count("\n")) == (2, 1)
    assert "name a table of participants" in neither.stderr


@pytest.mark.slow
def test_two_hundred_sheets_cost_little_and_are_accessible(
    project: Project, tmp_path: Path
) -> None:
    orders = numbered_orders(project, Wanted(test="TS1", language="zh-Hans"), 201)
    make_pack(project, orders, tmp_path / "pack", tmp_path / "cache", 2, True, Quiet())
    parts = sorted((tmp_path / "pack" / "together").iterdir())
    assert [part.name[-6:] for part in parts] == ["-1.pdf", "-2.pdf"]
    assert_accessible(parts)
    assert len(read_manifest(tmp_path / "pack")) == 203
