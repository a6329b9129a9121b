"""The leaves of the tests: no key before its time, rows side by side, room to write, any paper."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pydantic import TypeAdapter

from handbook import pipeline
from handbook.diagnostics import Span
from handbook.loading import Project
from handbook.model import by_hand
from handbook.model.instrument import Instrument
from handbook.model.scoring import percentage, spans
from handbook.model.words import Words
from handbook.pipeline import plan_of
from handbook.plan.plan import Output, Selection
from handbook.plan.printing import PrintOptions
from handbook.render.measure import LEAST, Place, check_layout, register
from handbook.theme import Paper
from tests.command import book_with_fonts, handbook
from tests.conftest import ROOT, Quiet
from tests.minibook import edit
from tests.validators import verapdf

LEAVES = ("answer-sheet", "scoring-sheet", "fold-sheet", "large-print")
WIDTHS: dict[Paper, float] = {"a4": 595.28, "letter": 612}
Build = Callable[[Selection, Paper], Path]


@pytest.fixture(scope="module")
def on_paper(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build a selection on a paper; what was built before is not built again."""
    cache = tmp_path_factory.mktemp("cache")
    made: dict[tuple[Selection, Paper], Path] = {}

    def build(selection: Selection, paper: Paper) -> Path:
        if (selection, paper) not in made:
            target = tmp_path_factory.mktemp("made") / "public"
            pipeline.build(project, selection, target, cache, 2, "", Quiet(), PrintOptions(paper))
            made[selection, paper] = target
        return made[selection, paper]

    return build


def selected(project: Project, document: str, language: int) -> Selection:
    """One document of the general edition, in the language of a number."""
    book = project.handbook
    tag = book.languages[language]
    return Selection((document,), (tag,), (book.sectors[0],), (book.brands[0],))


def outputs(project: Project, selection: Selection) -> tuple[Output, ...]:
    return plan_of(project, selection).outputs


def assessment(project: Project, output: Output) -> Any:
    return project.editions[output.profile].book.assessments[output.subject]


def text_of(path: Path, first: int = 1, last: int = 99) -> str:
    run: list[str | Path] = ["pdftotext", "-raw", "-f", str(first), "-l", str(last), path, "-"]
    text = subprocess.run(run, capture_output=True, check=True).stdout.decode()
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def pages_of(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def rows(path: Path, leaf: str) -> Iterator[tuple[str, int, float]]:
    """Yield each row of a leaf as the file names it, its page, and its distance from the top."""
    with pikepdf.open(path) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
        names: Any = list(pdf.Root.Names.Dests.Names)
        for name, target in zip(names[::2], names[1::2], strict=True):
            kind, _, row = str(name).partition(".")
            if kind == leaf:
                page = numbers[target[0].objgen]
                yield row, page, float(pdf.pages[page].mediabox[3]) - float(target[3])


def told_before_time(project: Project, output: Output, text: str) -> list[str]:
    """Return what an answer leaf says of points and of what they mean."""
    test = assessment(project, output)
    language = project.languages[output.profile.language]
    secrets = [language.gettext("My points"), language.gettext("What your total says")]
    for band, first, last in spans(test):
        secrets += [band.text.text, band.strength.text, band.next_step.text, f"{first}–{last}"]
    for scale in test.scales.values():
        secrets += [f"{option}={points}" for option, points in scale.points.items()]
    return [secret for secret in secrets if re.sub(r"[\s-]", "", secret) in text]


@pytest.mark.parametrize("paper", WIDTHS)
def test_the_rows_of_a_folded_sheet_stand_side_by_side(
    project: Project, on_paper: Build, paper: Paper
) -> None:
    assert_side_by_side(project, on_paper, paper, selected(project, "fold-sheet", -1))


@pytest.mark.slow
@pytest.mark.parametrize("paper", WIDTHS)
@pytest.mark.parametrize("language", range(-5, 1))
def test_they_do_in_every_language(
    project: Project, on_paper: Build, paper: Paper, language: int
) -> None:
    assert_side_by_side(project, on_paper, paper, selected(project, "fold-sheet", language))


def assert_side_by_side(
    project: Project, on_paper: Build, paper: Paper, selection: Selection
) -> None:
    made = on_paper(selection, paper)
    for output in outputs(project, selection):
        test, path = assessment(project, output), made / output.path
        answers = {row: (page, top) for row, page, top in rows(path, "answer")}
        points = {row: (page, top) for row, page, top in rows(path, "scoring")}
        assert answers.keys() == points.keys() >= test.items.keys(), output.path
        begin = min(page for page, _ in points.values())
        assert begin % 2 == 0, f"{output.path}: the key is on the back of the answers"
        for row, (page, top) in answers.items():
            assert points[row][0] - begin == page, (output.path, row)
            assert abs(points[row][1] - top) <= 0.5, (output.path, row)
        leaf = text_of(path, last=max(page for page, _ in answers.values()) + 1)
        assert told_before_time(project, output, leaf) == []


def test_no_answer_leaf_tells_the_key(project: Project, on_paper: Build) -> None:
    selection = selected(project, "answer-sheet", 1)
    for output in outputs(project, selection):
        text = text_of(on_paper(selection, "a4") / output.path)
        assert told_before_time(project, output, text) == [], output.path
        stems = [
            re.sub(r"[\s-]", "", i.stem.text) for i in assessment(project, output).items.values()
        ]
        assert all(stem in text for stem in stems), output.path


def assert_same_pages(project: Project, on_paper: Build, selection: Selection) -> None:
    for output in outputs(project, selection):
        both = [on_paper(selection, paper) / output.path for paper in WIDTHS]
        assert len({pages_of(path) for path in both}) == 1, output.path
        for page in range(1, pages_of(both[0]) + 1):
            assert len({text_of(path, page, page) for path in both}) == 1, (output.path, page)
        for path, width in zip(both, WIDTHS.values(), strict=True):
            with pikepdf.open(path) as pdf:
                assert float(pdf.pages[0].mediabox[2]) == pytest.approx(width, abs=0.1)


@pytest.mark.parametrize(
    "document", ["answer-sheet", pytest.param("fold-sheet", marks=pytest.mark.slow)]
)
def test_pages_break_in_the_same_places_on_every_paper(
    project: Project, on_paper: Build, document: str
) -> None:
    language = {"answer-sheet": 1, "fold-sheet": -1}[document]
    assert_same_pages(project, on_paper, selected(project, document, language))


@pytest.mark.slow
@pytest.mark.parametrize("document", [*LEAVES, "worksheet", "handbook", "facilitator-guide"])
@pytest.mark.parametrize("language", range(6))
def test_all_documents_do(project: Project, on_paper: Build, document: str, language: int) -> None:
    assert_same_pages(project, on_paper, selected(project, document, language))


def assert_accessible(paths: list[Path]) -> None:
    found = [(r.path.name, r.error, r.failures) for r in verapdf.check(paths) if not r.compliant]
    assert found == []


def test_fold_sheets_are_accessible(project: Project, on_paper: Build) -> None:
    selection = selected(project, "fold-sheet", -1)
    made = on_paper(selection, "a4")
    assert_accessible([made / output.path for output in outputs(project, selection)])


@pytest.mark.slow
@pytest.mark.parametrize("document", LEAVES)
@pytest.mark.parametrize("language", range(6))
def test_all_leaves_are_accessible(
    project: Project, on_paper: Build, document: str, language: int
) -> None:
    selection = selected(project, document, language)
    made = on_paper(selection, "a4")
    assert_accessible([made / output.path for output in outputs(project, selection)])


MIXED = """code: TS1
title: How much care?
summary: Statements of many kinds.
instruction: Choose what fits.
scales:
  letters: {kind: choice, points: {a: 3, b: 2, c: 1}}
  often: {kind: choice, points: {no: 0, some: 1, yes: 2},
    labels: {no: Never, some: At times, yes: Often}}
  mark: {kind: rating, from: 0, to: 10, low: not at all, high: fully}
items:
  care-1: {stem: When the phone rings, options: {a: I answer., b: I wait., c: I leave.}}
  care-2: {stem: I see who waits., scale: often}
  care-3: {stem: I overlook people., scale: often, reversed: true}
  care-4: {stem: I like this work., scale: mark}
  care-5: {stem: I would rather be elsewhere., scale: mark, reversed: true}
  care-6: {stem: Would you recommend us?, scale: mark, counts: net-promoter}
bands:
  low: {from: 1, title: Little, text: There is room., strength: You are honest., next_step: Ask.}
  high: {from: 14, title: Much, text: Keep on., strength: You care., next_step: Teach.}
examples:
  - {answers: [a, yes, no, "10", "0", "7"], total: 27, band: high}
facilitator:
  objectives: [Know yourself.]
  group: {note: Any size.}
  materials: [Pens]
  procedure:
    answer: {minutes: 5, text: Answer alone.}
  debrief: [What surprised you?]
"""
"""Every kind of scale, reversed items, and one that does not count."""
ONE_EDITION = ("--language", "en", "--sector", "general", "--brand", "default")


def test_leaves_are_made_of_every_kind_of_scale(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    (root / "content" / "assessments" / "test-care.yaml").write_text(MIXED, encoding="utf-8")
    for translation in (root / "locales").glob("*/assessments.yaml"):
        translation.unlink()
    wanted = [part for document in LEAVES for part in ("--document", document)]
    options = (*wanted, *ONE_EDITION, "--allow-missing", "--paper", "letter")
    run = handbook("build", *options, "--project", root)
    assert run.returncode == 0, run.stderr
    folder = root / "public" / "default" / "en" / "general" / "pdf"
    scoring = text_of(folder / "scoring-sheet-TS1-test-care-general-en.pdf")
    assert "a=3b=2c=1" in scoring
    assert "20123210" in scoring  # item 2, and item 3 reversed
    assert "5109876543210" in scoring
    assert "doesnotcount" in scoring
    answers = text_of(folder / "answer-sheet-TS1-test-care-general-en.pdf")
    assert "NeverAttimesOften" in answers
    assert "10fully" in answers
    fold = {
        row: top
        for row, _, top in rows(folder / "fold-sheet-TS1-test-care-general-en.pdf", "answer")
    }
    assert {f"care-{number}" for number in range(1, 7)} <= fold.keys()
    assert_accessible(sorted(folder.glob("*.pdf")))


def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    edit(root, "content/assessments/test-care.yaml", "When it rains", "When it rains " * 500)
    columns = ", ".join(f"c{number}: Column" for number in range(14))
    sheet = "content/worksheets/worksheet-notes.yaml"
    edit(root, sheet, "answer: Answer}", f"answer: Answer, {columns}}}")
    edit(root, sheet, "from: 0, to: 10", "from: 0, to: 40")
    options = ("--document", "worksheet", "--document", "answer-sheet", *ONE_EDITION)
    run = handbook("build", *options, "--allow-missing", "--project", root)
    assert run.returncode == 1
    told = run.stderr.splitlines()
    assert [
        line
        for line in told
        if re.match(
            r"content/assessments/test-care\.yaml:9:18: error\[P03-leaf-pages\]: the answer leaf",
            line,
        )
    ], run.stderr
    assert any("shorten “care-2”" in line for line in told)
    places = [line.split(": error")[0] for line in told if "[P06-writing-space]" in line]
    assert places == [f"{sheet}:6:31", f"{sheet}:7:30"], run.stderr
    assert not (root / "public").exists()


def place(top: float, height: float = 10, page: int = 1, width: float = 50) -> Place:
    return Place(page, 14, top, width, height)


def test_a_row_that_drifts_is_told_with_its_item() -> None:
    found = {
        "leaf.answer": place(20),
        "answer.head_1": place(60),
        "answer.one": place(70),
        "answer.two": place(80),
        "leaf.scoring": place(20, page=3),
        "scoring.head_1": place(60, page=3),
        "scoring.one": place(70.1, page=3),
        "scoring.two": place(80.3, page=3),
    }
    title, one, two = (Span("test.yaml", line) for line in (1, 2, 3))
    spans = {"": title, "one": one, "two": two}
    problems = list(check_layout(found, spans))
    assert [(p.span, p.rule) for p in problems] == [(two, "P02-registration")]
    assert "“two”" in problems[0].message
    assert register(found).count("height:40.0000mm") == 2
    del found["scoring.two"]
    assert list(check_layout(found, spans)) == []


@pytest.mark.parametrize("kind", LEAST)
def test_a_box_may_be_as_small_as_the_least_and_no_smaller(kind: str) -> None:
    width, height = LEAST[kind]
    spans = {"": Span("sheet.yaml"), "one": Span("sheet.yaml", 4)}
    fits = {f"{kind}.one.1": place(20, height, width=width)}
    assert list(check_layout(fits, spans)) == []
    beyond = replace(fits[f"{kind}.one.1"], room=-3)
    for low in (place(20, height - 0.1, width=width), place(20, height, width=width - 0.1), beyond):
        problems = list(check_layout({f"{kind}.one.1": low}, spans))
        assert [(p.span.line, p.rule) for p in problems] == [(4, "P06-writing-space")]


def rated(count: int, **more: Any) -> Instrument:
    """Return an instrument of `count` items rated from 1 to 5."""
    text = Words("x", "en")
    values = {"kind": "rating", "from": 1, "to": 5}
    given = {
        "id": "test",
        "code": "TS9",
        "title": text,
        "instruction": text,
        "scales": {"mark": values},
        "items": {f"i-{number}": {"stem": text} for number in range(count)},
    }
    return TypeAdapter(Instrument).validate_python({**given, **more})


def test_equal_answers_are_counted_where_that_saves_sums() -> None:
    assert by_hand.counted_scale(rated(14)) is None
    assert by_hand.counted_scale(rated(15)) is not None
    text = Words("x", "en")
    items = {f"i-{n}": {"stem": text, "reversed": n == 3} for n in range(15)}
    assert by_hand.counted_scale(rated(15, items=items)) is None


def test_points_become_percent_as_they_are_scored() -> None:
    assert by_hand.conversions(rated(4)) == ()
    (table,) = by_hand.conversions(rated(4, bands_in="percent"))
    assert [ten for ten, _ in table.rows] == [0, 10, 20]
    shown = {
        ten + unit: p for ten, row in table.rows for unit, p in enumerate(row) if p is not None
    }
    assert shown == {points: percentage(points, 20) for points in range(4, 21)}


@pytest.mark.parametrize(("missing", "total"), [(1, 12), (2, 12)])
def test_the_example_for_missing_answers_is_worked_out(missing: int, total: int) -> None:
    assert by_hand.prorated(rated(4)) is None
    example = by_hand.prorated(rated(4, prorate=missing))
    assert example is not None
    assert (example.answered, example.asked, example.total) == (4 - missing, 4, total)
    assert example.points == 3 * (4 - missing)
    assert example.quotient == pytest.approx(total)


def test_the_printed_example_of_the_book_is_the_one_that_is_checked(project: Project) -> None:
    tests = {key: t for e in project.editions.values() for key, t in e.book.assessments.items()}
    examples = {key: by_hand.prorated(test) for key, test in tests.items() if test.prorate}
    assert examples
    for key, example in examples.items():
        assert example is not None
        assert example.total in [one.total for one in tests[key].examples]


def test_the_number_line_has_the_length_of_its_bands(project: Project) -> None:
    for test in next(iter(project.editions.values())).book.assessments.values():
        found = list(by_hand.segments(test))
        assert [(band, first, last) for band, first, last, _ in found] == list(spans(test))
        assert sum(share for *_, share in found) == pytest.approx(100)


def test_lines_survive_a_photocopier_and_tints_a_black_printer(project: Project) -> None:
    """Lines of at least a quarter of a millimetre, tints of at most 12 per cent."""
    style = (ROOT / "themes" / "default" / "styles" / "print.css").read_text(encoding="utf-8")
    sheets = style[style.index("/* Sheets */") :]
    widths = [float(w) for w in re.findall(r"border(?:-[a-z]+)*: [^;]*?([\d.]+)pt", sheets)]
    assert len(widths) > 15
    assert [width for width in widths if width * 25.4 / 72 < 0.25] == []
    fills = set(re.findall(r"background(?:-color)?: ([^;]+);", sheets))
    assert {fill for fill in fills if not fill.startswith("url(")} <= {"var(--soft)", "none"}
    tints = [theme.palettes["print"]["soft"] for theme in project.themes.values()]
    assert [tint for tint in tints if min(bytes.fromhex(tint[1:])) < 255 * 0.88] == []
