"""What must hold of any test that somebody may write, and of anything that is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handbook import loading, pipeline
from handbook.diagnostics import ContentError, Gathered, Span
from handbook.exchange.bank.drafts import Drafts
from handbook.exchange.bank.leaves import is_words, leaves, to_values
from handbook.exchange.bank.sheets import Bank, sheets_of, to_workbook
from handbook.exchange.bank.workbook import read_workbook
from handbook.exchange.tables import Table, to_table, to_text
from handbook.model.entries import Assessment
from handbook.model.scoring import definition as script_definition
from handbook.model.scoring import ends, reachable, score, spans
from handbook.plan.plan import Selection
from handbook.resolve.decode import decode
from handbook.resolve.instruments import check_instrument, check_words
from handbook.resolve.translation import check_translation
from handbook.source.nodes import empty_branch
from handbook.source.yaml import read_yaml, write_yaml
from tests.command import book_with_fonts
from tests.conftest import ROOT, Quiet
from tests.minibook import edit, write
from tests.strategies import (
    PAPER_POINTS,
    PLAIN_WORDS,
    Answers,
    Definition,
    answers_to,
    broken,
    definitions,
    expected,
    results,
    totals,
)

FILE = "content/assessments/test-any.yaml"


def profile(examples: int) -> settings:
    """Return settings that try the same `examples` cases on every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )


def read(text: str) -> Assessment:
    return decode(read_yaml(text, FILE, "en"), Assessment)


def made(definition: Definition) -> Assessment:
    return read(write_yaml(definition))


@st.composite
def answered(draw: st.DrawFn) -> tuple[Definition, list[Answers]]:
    """Draw a test and what four people answer."""
    definition = draw(definitions())
    return definition, [draw(answers_to(definition)) for _ in range(4)]


def assert_right(definition: Definition, sheets: list[Answers]) -> None:
    """Hold the program's arithmetic against the one that is stated a second time."""
    instrument = made(definition)
    assert [*check_instrument(instrument), *check_words(instrument)] == []
    assert sorted(reachable(instrument, instrument.items.values())) == totals(definition)
    lowest, highest = ends(instrument)
    for result in results(definition):
        holders = [band.id for band, start, stop in spans(instrument) if start <= result <= stop]
        assert len(holders) == 1
        assert lowest <= result <= highest
    for answers in sheets:
        found = score(instrument, answers)
        assert (found.total.points, found.total.band) == expected(definition, answers)
        assert set(found.sections) == set(definition.get("sections", {}))
        for key, part in found.sections.items():
            assert (part.points, part.band) == expected(definition, answers, key)


@given(answered())
@profile(100)
def test_every_total_has_one_band_and_every_sheet_its_score(
    case: tuple[Definition, list[Answers]],
) -> None:
    assert_right(*case)


@pytest.mark.slow
@given(answered())
@profile(3000)
def test_every_total_has_one_band_in_many_more_tests(
    case: tuple[Definition, list[Answers]],
) -> None:
    assert_right(*case)


# The browser's arithmetic

SCRIPT = """
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([d, a]) => scoreAnswers(d, a))));
"""


def assert_same_in_browsers(examples: int) -> None:
    cases: list[tuple[object, Answers]] = []
    scores: list[object] = []

    @given(answered())
    @profile(examples)
    def collect(case: tuple[Definition, list[Answers]]) -> None:
        instrument = made(case[0])
        for answers in case[1]:
            cases.append((script_definition(instrument), answers))
            scores.append(asdict(score(instrument, answers)))

    collect()
    scoring = (ROOT / "themes" / "default" / "scoring.js").read_text(encoding="utf-8")
    run = subprocess.run(
        ["node", "-e", scoring + SCRIPT],
        input=json.dumps(cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    )
    found = json.loads(run.stdout)
    assert len(found) == len(cases) >= examples
    for case, here, there in zip(cases, scores, found, strict=True):
        assert here == there, case


def test_scripts_score_as_the_program_does() -> None:
    assert_same_in_browsers(80)


@pytest.mark.slow
def test_scripts_score_many_more_tests_as_the_program_does() -> None:
    assert_same_in_browsers(3000)


# There and back


def words_only(value: Any, place: tuple[str, ...] = ()) -> Any:
    """Return the texts of a test as its translation has them, in capitals."""
    if isinstance(value, dict):
        inner = {key: words_only(member, (*place, key)) for key, member in value.items()}
        return {key: member for key, member in inner.items() if member not in (None, {}, [])}
    if isinstance(value, list):
        return [words_only(member, (*place, str(at))) for at, member in enumerate(value)]
    return f"Ω {value}" if is_words(place) else None


def assert_unchanged(definition: Definition, folder: Path) -> None:
    original = made(definition)
    trees = {
        "en": read_yaml(write_yaml(definition), FILE, "en"),
        "el": read_yaml(write_yaml(words_only(definition)), FILE, "el"),
    }
    again = write_yaml(to_values(trees["en"]))
    assert read(again) == original
    bank = Bank("test-any", {tag: dict(leaves(tree)) for tag, tree in trees.items()})
    path = folder / "any.xlsx"
    path.write_bytes(to_workbook(bank))
    drafts = Drafts(["en", "el"], False, Span("any.xlsx"))
    drafts.read(read_workbook(path), ())
    assert drafts.problems == []
    for tag, tree in trees.items():
        back = drafts.laid_over(empty_branch(""), tag)
        assert said(back) == said(tree)
    assert decode(drafts.laid_over(empty_branch(""), "en"), Assessment) == original


def said(tree: Any) -> dict[object, object]:
    found = ((place, scalar) for place, scalar in leaves(tree) if scalar.value is not None)
    return {
        place: scalar.raw.strip() if is_words(place) else scalar.value for place, scalar in found
    }


@given(definitions())
@profile(18)
def test_a_test_comes_back_from_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, definition: Definition
) -> None:
    assert_unchanged(definition, tmp_path_factory.mktemp("bank"))


@pytest.mark.slow
@given(definitions())
@profile(600)
def test_many_more_tests_come_back_from_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, definition: Definition
) -> None:
    assert_unchanged(definition, tmp_path_factory.mktemp("bank"))


def tables_of(bank: Bank, change: Callable[[str, int, int, str], str]) -> dict[str, Table]:
    """Return a test's sheets as they are read, each cell as `change` makes it of its place."""
    tables = {}
    for sheet in sheets_of(bank):
        rows: list[Sequence[object]] = [sheet.heads, *sheet.rows]
        lines = [
            (line, [change(sheet.title, line, at, to_text(value)) for at, value in enumerate(row)])
            for line, row in enumerate(rows, start=1)
        ]
        tables[sheet.title] = to_table(sheet.title, lines)
    return tables


@st.composite
def scribbled(draw: st.DrawFn) -> dict[str, Table]:
    """Draw the sheets of a test in which somebody overwrote some cells."""
    definition = draw(definitions())
    trees = {
        "en": read_yaml(write_yaml(definition), FILE, "en"),
        "el": read_yaml(write_yaml(words_only(definition)), FILE, "el"),
    }
    bank = Bank("test-any", {tag: dict(leaves(tree)) for tag, tree in trees.items()})
    cells = [
        (sheet.title, line, at)
        for sheet in sheets_of(bank)
        for line in range(2, len(sheet.rows) + 2)
        for at in range(len(sheet.heads))
    ]
    chosen = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=4, unique=True))
    new = {cell: draw(st.sampled_from(SCRIBBLES)) for cell in chosen}
    return tables_of(bank, lambda *place: new.get(place[:3], place[3]))


SCRIBBLES = (
    *("", "x", "a", "-1", "0", "1", "2.5", "9" * 30, "yes", "no", "rating", "choice", "total", "²"),
    *(
        "title",
        "title.x",
        "items.x.stem",
        "facilitator.objectives.0",
        "..",
        "1.1.1",
        "a b",
        "Ü",
        "…",
    ),
    *(
        "item-0",
        "item-1",
        "null",
        "\u200b",
        "[a](b)",
        "{x}",
        "=1",
        "Items",
        "range.9",
        "facilitator",
    ),
)


def assert_cells_told(tables: dict[str, Table]) -> None:
    """Read sheets in which anything may stand: every problem names a cell of theirs."""
    drafts = Drafts(["en", "el"], False, Span("any.xlsx"))
    try:
        drafts.read(tables, ())
        base = drafts.laid_over(empty_branch("any.xlsx"), "en")
        words = drafts.laid_over(empty_branch("any.xlsx"), "el")
        instrument = decode(base, Assessment)
        problems = [*drafts.problems, *check_translation(base, words, Assessment)]
        problems += [*check_instrument(instrument), *check_words(instrument)]
    except ContentError as error:
        problems = list(error.problems)
        assert problems
    for problem in problems:
        assert problem.span.cell or problem.span == Span("any.xlsx")
        assert problem.message
    if not problems:
        assert read(write_yaml(to_values(base))) == instrument


@given(scribbled())
@profile(80)
def test_what_is_scribbled_into_cells_is_told_by_its_cell(tables: dict[str, Table]) -> None:
    assert_cells_told(tables)


@pytest.mark.slow
@given(scribbled())
@profile(1500)
def test_whatever_is_scribbled_into_cells_is_told_by_its_cell(tables: dict[str, Table]) -> None:
    assert_cells_told(tables)


# What is none


def assert_told(text: str) -> None:
    """Read what may be no test: it is one, or every problem names its place in the file."""
    try:
        instrument = read(text)
        problems = [*check_instrument(instrument), *check_words(instrument)]
    except ContentError as error:
        problems = list(error.problems)
        assert problems
    for problem in problems:
        assert problem.span.file == FILE
        assert 1 <= problem.span.line <= text.count("\n") + 1
        assert problem.message
        assert problem.rule
    if not problems:
        score(instrument, {})
        json.dumps(script_definition(instrument))


@given(broken())
@profile(120)
def test_what_is_no_test_is_told_with_its_place(definition: Definition) -> None:
    assert_told(write_yaml(definition))


@pytest.mark.slow
@given(broken())
@profile(3000)
def test_whatever_is_no_test_is_told_with_its_place(definition: Definition) -> None:
    assert_told(write_yaml(definition))


@st.composite
def torn(draw: st.DrawFn) -> str:
    """Draw the file of a test in which characters were lost, doubled or put in."""
    text = write_yaml(draw(definitions()))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        stop = min(len(text), start + draw(st.integers(0, 12)))
        new = draw(
            st.sampled_from(["", text[start:stop] * 2, *"\t\n:-[{}]\"'&*!|>%@`#, ", "\u0000"])
        )
        text = text[:start] + new + text[stop:]
    return text


@given(torn())
@profile(120)
def test_a_torn_file_is_told_with_its_place(text: str) -> None:
    assert_told(text)


@pytest.mark.slow
@given(torn())
@profile(3000)
def test_many_torn_files_are_told_with_their_place(text: str) -> None:
    assert_told(text)


# On paper and on screen

SHEETS = ("answer-sheet", "scoring-sheet")
ALL_SHEETS = (*SHEETS, "fold-sheet", "large-print", "fillable-sheet", "facilitator-pack")


def drawn(examples: int) -> list[Definition]:
    """Return `examples` tests in words that every font has."""
    found: list[Definition] = []

    @given(definitions(PLAIN_WORDS, PAPER_POINTS))
    @profile(examples)
    def collect(definition: Definition) -> None:
        found.append({**definition, "code": f"X{len(found)}"})

    collect()
    return found


def planted(folder: Path, tests: list[Definition]) -> Path:
    """Return a book in one language with the `tests` in it."""
    root = book_with_fonts(folder)
    for other in ("locales/el", "locales/zh-Hans", "themes/acme/locales"):
        shutil.rmtree(root / other)
    edit(root, "content/handbook.yaml", "languages: [en, el, zh-Hans]", "languages: [en]")
    ids = [f"test-{number}" for number in range(len(tests))]
    for book in ("content/handbook.yaml", "content/sectors/bank/handbook.yaml"):
        edit(root, book, "test-care", ", ".join(["test-care", *ids]))
    for key, definition in zip(ids, tests, strict=True):
        write(root, f"content/assessments/{key}.yaml", write_yaml(definition))
    return root


def built(folder: Path, tests: list[Definition], documents: tuple[str, ...]) -> Path:
    """Make the pages and sheets of a book with `tests`; return where they are."""
    project = loading.load(planted(folder, tests))
    selection = Selection((*documents, "site"), (), ("general",), ("default",), everything=True)
    target = folder / "public"
    pipeline.build(project, selection, target, folder / "cache", 2, "", Quiet())
    return target


def printable(
    folder: Path, tests: list[Definition], documents: tuple[str, ...]
) -> list[Definition]:
    """Return those of `tests` that fit on paper; of each other one the place is told."""
    found = Gathered()
    with found.errors():
        built(folder, tests, documents)
    assert {problem.rule for problem in found.problems} <= {"P03-leaf-pages", "P12-overflow"}
    told = {problem.span.file for problem in found.problems}
    files = {f"content/assessments/test-{number}.yaml": test for number, test in enumerate(tests)}
    assert told <= files.keys()
    return [test for file, test in files.items() if file not in told]


def assert_printed(folder: Path, tests: list[Definition], documents: tuple[str, ...]) -> None:
    """Make the pages and sheets of `tests`, and hold what they say against the definitions."""
    target = built(folder, tests, documents)
    for number, definition in enumerate(tests):
        said = {kind: text_of(target, f"{kind}-*-test-{number}-*.pdf") for kind in documents}
        page = (target / f"default/en/general/test-{number}.html").read_text(encoding="utf-8")
        for spec in definition["items"].values():
            assert spec["stem"] in page, definition
            for kind in set(documents) - {"scoring-sheet"}:
                assert spec["stem"] in said[kind], definition
        for band in definition["bands"].values():
            assert band["title"] in said["scoring-sheet"], definition


def text_of(target: Path, name: str) -> str:
    """Return the text of the one PDF of that name."""
    (path,) = target.rglob(name)
    run = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return run.stdout.decode()


def test_arbitrary_tests_are_printed(tmp_path: Path) -> None:
    assert_printed(tmp_path, drawn(2), SHEETS)


@pytest.mark.slow
def test_many_arbitrary_tests_are_printed(tmp_path: Path) -> None:
    tests = printable(tmp_path / "all", drawn(40), ALL_SHEETS)
    assert len(tests) > 20  # the words are letters at random, which nobody can divide
    assert_printed(tmp_path / "those", tests, ALL_SHEETS)
