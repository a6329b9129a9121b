"""Planted faults: each is told with its place, its rule, words that explain and a hint that helps.

Every row plants one fault in a copy of the minibook.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from handbook.diagnostics import ContentError, Problem
from handbook.loading import load
from tests.minibook import copy_minibook, edit, write

LISTEN = "content/principles/principle-listen.md"
LOYALTY = "content/concepts/concept-loyalty.yaml"
LOSS = "content/calculators/calc-loss.yaml"
CARE = "content/assessments/test-care.yaml"
SCENE = "content/exercises/exercise-scene.md"
NOTES = "content/worksheets/worksheet-notes.yaml"
BOOK = "content/handbook.yaml"
START = "content/chapters/chapter-start.md"
BANK = "content/sectors/bank/handbook.yaml"
GREEK = "locales/el/principles/principle-listen.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


def problems_of(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        load(root)
    return caught.value.problems


@dataclass(frozen=True)
class Fault:
    """What is planted where, and what must be told of it."""

    file: str
    old: str
    new: str
    """With a `‸` before the character at which the problem must be told."""
    rule: str
    message: str
    hint: str = ""
    at: str = ""
    """Place of the problem where it is another than that of the `‸`."""


STRUCTURE = [
    Fault(LISTEN, "summary:", "‸sumary:", "unknown-key", "unknown key “sumary”", "“summary”?"),
    Fault(
        LISTEN, "summary:", "sumary:", "missing", "“summary” is missing", "add it", f"{LISTEN}:2:1"
    ),
    Fault(LISTEN, "title: Listen", "title: ‸[a]", "type", "expected words, found a list"),
    Fault(LISTEN, "title: Listen", "title: ‸{a: b}", "type", "found keys and values"),
    Fault(LISTEN, "title: Listen", "title:‸", "missing", "“title” is empty", "its value"),
    Fault(LISTEN, "title: Listen", 'title: ‸""', "missing", "“title” is empty", "its value"),
    Fault(LISTEN, "[concept-loyalty]", "‸concept-loyalty", "type", "valid tuple; found"),
    Fault(LISTEN, "[concept-loyalty]", "[‸Loyalty]", "type", "found the text “Loyalty”"),
    Fault(LOSS, "default: 1000", "default: ‸many", "type", "valid number; found the text “many”"),
    Fault(LOSS, "default: 5}", "default: ‸true}", "type", "found the truth value true"),
    Fault(LOSS, "default: 5}", 'default: ‸"5"}', "type", "valid number; found the text “5”"),
    Fault(LOSS, "unit: percent", "unit: ‸percents", "type", "'percent'"),
    Fault(SCENE, "minutes: 5", "minutes: ‸5.5", "type", "valid integer"),
    Fault(SCENE, "minutes: 5", "minutes: ‸0", "type", "greater than or equal to 1"),
    Fault(BOOK, '"1.10"', "‸1.10", "type", "found the number 1.10", "quotes"),
    Fault(BOOK, "2026-11-23", "‸2026-02-30", "type", "day is out of range"),
    Fault(BOOK, "zh-Hans]", "‸Chinese]", "type", "found the text “Chinese”"),
    Fault(
        NOTES,
        "{kind: lines, label: What I heard, ",
        "‸{kind: lines, ",
        "missing",
        "“label” is missing",
    ),
    Fault(NOTES, "lines: 4", "lines: ‸40", "type", "less than or equal to 30"),
    Fault(NOTES, "lines: 4", "lines: 4, ‸rows: 4", "unknown-key", "“rows”"),
    Fault(NOTES, "low: low", "‸lov: low", "unknown-key", "“lov”", "did you mean “low”?"),
    Fault(NOTES, "kind: choice", "kind: ‸choise", "kind", "unknown", "choice"),
    Fault(
        NOTES, "{kind: choice, ", "‸{", "kind", "`kind` is missing", "which kind", f"{NOTES}:8:9"
    ),
    Fault(LOYALTY, "  joy:", "  ‸Joy:", "id", "“Joy” cannot be an id", "small letters"),
    Fault(LOSS, "per_year * years}", "‸per_year ** 2}", "type", "“per_year ** 2” is not a formula"),
    Fault(LOSS, "per_year * years}", '‸"open(1)"}', "type", "“open(1)” is not a formula"),
    Fault(
        BOOK,
        "- concept-loyalty",
        "- ‸concept-loyalti",
        "outline",
        "names “concept-loyalti”",
        "“concept-loyalty”?",
    ),
    Fault(
        BOOK,
        "- concept-loyalty",
        "- ‸principle-listen",
        "outline",
        "outline twice",
        f"{BOOK}:13:11",
        f"{BOOK}:14:11",
    ),
    Fault(
        BOOK,
        "        - concept-loyalty\n",
        "",
        "outline",
        "stands in no chapter",
        "handbook.yaml",
        f"{LOYALTY}:1:8",
    ),
    Fault(
        BOOK,
        "chapter-practice: [",
        "‸chapter-practise: [",
        "outline",
        "no chapter “chapter-practise”",
        "“chapter-practice”?",
    ),
    Fault(
        BOOK,
        "chapter-practice: [",
        "chapter-practise: [",
        "outline",
        "stands in no part",
        at="content/chapters/chapter-practice.md:2:8",
    ),
    Fault(BOOK, "calc-loss", "‸worksheet-notes", "outline", "names “worksheet-notes”"),
    Fault(BOOK, "bank]", "‸banc]", "outline", "no folder content/sectors/banc", "“bank”?"),
    Fault(
        BOOK, "acme]", "acne]", "theme", "no theme “acne”", "“acme”?", "themes/acne/theme.yaml:1:1"
    ),
    Fault(BANK, "note-counter]", "‸note-countr]", "outline", "note-countr", "“note-counter”?"),
]

TRANSLATIONS = [
    Fault(
        "locales/el/calculators.yaml",
        "Έτη}",
        "Έτη, default: ‸5}",
        "words-only",
        "sets words only",
        f"set in {LOSS}:5:48",
    ),
    Fault(
        "locales/el/calculators.yaml",
        "Έτη}",
        "Έτη, ‸hint: α}",
        "unknown-key",
        "does not stand in the original",
        "known:",
    ),
    Fault(GREEK, "seen_when", "‸seen_wen", "unknown-key", "“seen_wen”", "“seen_when”?"),
    Fault(
        GREEK,
        "seen_when",
        "see_also: [‸concept-loyalty]\nseen_when",
        "words-only",
        "sets words only",
    ),
    Fault(
        "locales/el/exercises.yaml",
        "[Χωριστείτε σε ζευγάρια., Παίξτε τη σκηνή.]",
        "‸[Χωριστείτε σε ζευγάρια.]",
        "list-length",
        "has 1 members, the original 2",
        f"see {SCENE}",
    ),
    Fault(
        "locales/el/chapters.yaml",
        "[Παίξτε., Ελέγξτε., Μετρήστε.]",
        "‸Παίξτε",
        "type",
        "form of the original",
    ),
    Fault(
        "locales/el/assessments.yaml",
        "Τρεις προτάσεις για τη φροντίδα.",
        "‸Three statements about care.",
        "L05-same-as-source",
        "still the text in en",
        "translate it",
    ),
    Fault(GREEK, "(calc-loss)", "(‸calc-los)", "link-parity", "“calc-los” does not stand"),
    Fault(
        GREEK,
        "(calc-loss)",
        "(calc-los)",
        "link-parity",
        "“calc-loss” of the original is missing",
        f"{LISTEN}:13:38",
        f"{GREEK}:8:1",
    ),
    Fault(
        GREEK, "{money:1200}", "‸{money:1300}", "placeholder-parity", "“money:1300” does not stand"
    ),
    Fault(
        GREEK,
        "{money:1200}",
        "χρήματα",
        "placeholder-parity",
        "“money:1200” of the original",
        f"{LISTEN}:14:20",
        f"{GREEK}:8:1",
    ),
    Fault(
        "locales/el/concepts.yaml",
        "{percent:20}",
        "‸{percent:21}",
        "placeholder-parity",
        "“percent:21”",
        f"see {LOYALTY}:3:7",
    ),
    Fault(
        GREEK, "title: Ακούστε\n", "title:‸\n", "missing", "translation is empty", "delete the key"
    ),
    Fault(GREEK, "title: Ακούστε\n", "title: ‸''\n", "missing", "translation is empty"),
    Fault(
        GREEK,
        "seen_when: Ακούτε ερωτήσεις.\n",
        "",
        "untranslated",
        "principles.principle-listen.seen_when is not translated into el",
        GREEK,
        f"{LISTEN}:4:12",
    ),
    Fault(
        "themes/acme/locales/el/welcome.yaml",
        "{company}",
        "‸{company:locative}",
        "placeholder",
        "no form “locative” in el",
    ),
    Fault(
        "locales/el/chapters.yaml",
        "{company:genitive}",
        "‸{company:genitve}",
        "placeholder",
        "no form “genitve”",
        "“genitive”?",
    ),
]

COHERENCE = [
    Fault(
        LISTEN,
        "(concept-loyalty#habit)",
        "(‸concept-loyalti)",
        "link",
        "there is no “concept-loyalti”",
    ),
    Fault(
        LISTEN, "(concept-loyalty#habit)", "(‸concept-loyalty#habbit)", "link", "no item “habbit”"
    ),
    Fault(LISTEN, "(calc-loss)", "(‸javascript:alert)", "link", "neither an id nor a safe address"),
    Fault(LISTEN, "(calc-loss)", "(‸//elsewhere.example)", "link", "neither an id"),
    Fault(LISTEN, "(calc-loss)", '(‸calc-los "A title")', "link", "there is no “calc-los”"),
    Fault(LISTEN, "(calc-loss)", "(<‸calc-los>)", "link", "there is no “calc-los”"),
    Fault(LISTEN, "(calc-loss)", "(‸calc-loss@fr)", "link", "no document, language or sector"),
    Fault(
        LISTEN,
        "(calc-loss)",
        "(‸checklist-door)",
        "link",
        "edition bank leaves out “checklist-door”",
    ),
    Fault(
        LISTEN, "{money:1200}", "‸{mony:1200}", "placeholder", "no placeholder {mony}", "“money”?"
    ),
    Fault(
        LISTEN, "{money:1200}", "‸{money:1_200}", "placeholder", "“1_200” is not a number", "1234.5"
    ),
    Fault(LISTEN, "{money:1200}", "‸{money:nan}", "placeholder", "“nan” is not a number"),
    Fault(LISTEN, "{money:1200}", "‸{money}", "placeholder", "is not a number"),
    Fault(LOYALTY, "{percent:20}", "‸{percent:much}", "placeholder", "“much” is not a number"),
    Fault(
        LOYALTY,
        "{place-name}",
        "‸{place-nam}",
        "placeholder",
        "no placeholder {place-nam}",
        "“place-name”?",
    ),
    Fault(LOYALTY, "{place-name}", "‸{place-name:plural}", "placeholder", "no form “plural”"),
    Fault("content/notice.yaml", "{company}", "‸{compny}", "placeholder", "{compny}", "“company”?"),
    Fault(
        "content/glossary.yaml",
        "{customer}",
        "‸{customer:dative}",
        "placeholder",
        "no form “dative” in en",
    ),
    Fault(
        LISTEN,
        "[concept-loyalty]",
        "[concept-loyalti]",
        "reference",
        "names “concept-loyalti”",
        "“concept-loyalty”?",
        f"{LISTEN}:2:8",
    ),
    Fault(
        LISTEN,
        "worksheet-notes",
        "worksheet-note",
        "reference",
        "no worksheet “worksheet-note”",
        "“worksheet-notes”?",
        f"{LISTEN}:2:8",
    ),
    Fault(
        LOSS,
        "formula: per_year * years}",
        "formula: per_yeer * years}",
        "W01-unknown-name",
        "uses per-yeer",
        "stand above it",
        f"{LOSS}:8:18",
    ),
    Fault(
        LOSS,
        "formula: per_year * years}",
        "formula: profit}",
        "W01-unknown-name",
        "uses profit",
        at=f"{LOSS}:8:18",
    ),
    Fault(
        LOSS,
        "formula: year * per_year}",
        "formula: yeer * per_year}",
        "W01-unknown-name",
        "uses yeer",
        at=f"{LOSS}:10:17",
    ),
    Fault(LOSS, "to: years", "to: decades", "W01-unknown-name", "uses decades", at=f"{LOSS}:10:17"),
    Fault(
        LOSS,
        "per_year * years}",
        "per_year / (years - 5)}",
        "W02-formula",
        "no result: float division by zero",
        "defaults",
        f"{LOSS}:1:8",
    ),
    Fault(
        LOSS,
        "{sales: 5000",
        "{sales: 5001",
        "X02-example",
        "sales = 5001.0, but gives 5000",
        "mend",
        f"{LOSS}:1:8",
    ),
    Fault(
        LOSS,
        "unit: number, default: 5",
        "unit: number, maximum: 4, default: 5",
        "limits",
        "“Years” does not admit 5",
        "maximum",
        f"{LOSS}:5:18",
    ),
    Fault(
        LOSS,
        "default: 0.2",
        "default: 1.2",
        "limits",
        "“Margin” does not admit 1.2",
        "mend the example",
        f"{LOSS}:6:19",
    ),
    Fault(
        LOSS,
        "profit: 1000}",
        "profits: 1000}",
        "X02-example",
        "not computed",
        "“profit”?",
        f"{LOSS}:1:8",
    ),
]


def plant(root: Path, fault: Fault) -> str:
    """Plant a fault; return the place at which it must be told."""
    edit(root, fault.file, fault.old, fault.new.replace("‸", ""))
    file = root / fault.file
    place = file.read_text(encoding="utf-8").find(fault.new.replace("‸", ""))
    before = file.read_text(encoding="utf-8")[: place + fault.new.find("‸")]
    column = len(before) - before.rfind("\n")
    return fault.at or f"{fault.file}:{before.count(chr(10)) + 1}:{column}"


def plant_in_languages(root: Path, fault: Fault) -> None:
    """Plant the same fault in the translations, so that they still agree with the original."""
    name = Path(fault.file).parts[1].split(".")[0]
    for file in (root / "locales").rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        if name in str(file.relative_to(root)) and fault.old in text:
            new = fault.new.replace("‸", "")
            file.write_text(text.replace(fault.old, new), encoding="utf-8")


def assert_told(problems: tuple[Problem, ...], fault: Fault, place: str) -> None:
    assert any(
        (str(problem.span), problem.rule) == (place, fault.rule)
        and fault.message in problem.message
        and fault.hint in problem.hint
        for problem in problems
    ), f"{place} {fault.rule} {fault.message} in\n" + "\n".join(map(str, problems))


@pytest.mark.parametrize("fault", [*STRUCTURE, *TRANSLATIONS], ids=lambda fault: fault.message)
def test_a_planted_fault_is_told(root: Path, fault: Fault) -> None:
    place = plant(root, fault)
    assert_told(problems_of(root), fault, place)


@pytest.mark.parametrize("fault", COHERENCE, ids=lambda fault: fault.message)
def test_what_does_not_hold_together_is_told(root: Path, fault: Fault) -> None:
    place = plant(root, fault)
    if fault.rule in ("link", "placeholder"):
        plant_in_languages(root, fault)
    assert_told(problems_of(root), fault, place)


def test_the_minibook_itself_is_right(root: Path) -> None:
    project = load(root)
    assert len(project.editions) == 12
    assert {edition.borrowed for edition in project.editions.values()} == {0}


def test_a_number_where_words_are_due_stays_as_written(root: Path) -> None:
    edit(root, LOYALTY, "title: Habit", "title: 1.10")
    titles = {
        edition.book.concepts["concept-loyalty"].items["habit"].title.text
        for edition in load(root).editions.values()
        if edition.profile.language == "en"
    }
    assert titles == {"1.10"}


def test_what_is_left_out_must_be_there(root: Path) -> None:
    edit(root, "content/sectors/bank/checklists.yaml", "checklist-door", "checklist-dor")
    told = {str(p.span): p for p in problems_of(root) if p.rule == "left-out"}
    problem = told["content/sectors/bank/checklists.yaml:1:1"]
    assert "“checklist-dor” is to be left out" in problem.message
    assert "“checklist-door”?" in problem.hint


def test_a_brand_may_leave_out_what_only_one_sector_has(root: Path) -> None:
    write(root, "themes/acme/content/notes.yaml", "note-counter:\n")
    write(root, "themes/acme/content/checklists.yaml", "checklist-door: null\n")
    assert {"note-counter", "checklist-door"}.isdisjoint(
        key
        for profile, edition in load(root).editions.items()
        if profile.brand == "acme"
        for key in edition.entries
    )


def test_a_summary_has_three_sentences(root: Path) -> None:
    edit(root, START, "  - Thank.\n", "")
    edit(root, "locales/el/chapters.yaml", ", Ευχαριστήστε.", "")
    edit(root, "locales/zh-Hans/chapters.yaml", ", 感谢。", "")
    (problem,) = problems_of(root)
    assert (str(problem.span), problem.rule) == (f"{START}:2:8", "summary")


def test_two_files_that_set_the_same_key_are_told_with_both_places(root: Path) -> None:
    write(root, "content/concepts.yaml", "concept-loyalty:\n  title: Again\n")
    (problem,) = problems_of(root)
    assert (str(problem.span), problem.rule) == ("content/concepts.yaml:2:3", "duplicate-key")
    assert f"{LOYALTY}:1:1" in problem.hint


def test_the_same_entry_in_two_folders_is_told(root: Path) -> None:
    text = (root / LOYALTY).read_text(encoding="utf-8")
    write(root, "content/notes/concept-loyalty.yaml", text)
    for tag in ("el", "zh-Hans"):
        words = (root / f"locales/{tag}/concepts.yaml").read_text(encoding="utf-8")
        write(root, f"locales/{tag}/notes.yaml", words)
    (problem,) = problems_of(root)
    assert (problem.rule, problem.span.file) == (
        "duplicate-id",
        "content/notes/concept-loyalty.yaml",
    )
    assert f"{LOYALTY}:1:8" in problem.hint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("term-loyalty", "calc-loss"),
        ("worksheet-notes", "term-service"),
        ("chapter-start", "worksheet-notes"),
    ],
)
def test_an_id_names_one_thing_of_an_edition(root: Path, first: str, second: str) -> None:
    for file in (*root.glob("content/**/*.*"), *root.glob("locales/**/*.*")):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(first, second), encoding="utf-8")
        if file.stem == first:
            file.rename(file.with_stem(second))
    assert "duplicate-id" in {problem.rule for problem in problems_of(root)}


def test_a_placeholder_of_two_entries_stands_for_one_thing(root: Path) -> None:
    edit(root, LISTEN, "see_also:", "names: {place-name: Station}\nsee_also:")
    for tag in ("el", "zh-Hans"):
        file = f"locales/{tag}/principles/principle-listen.md"
        edit(root, file, "seen_when:", "names: {place-name: Σταθμός}\nseen_when:")
    problems = [p for p in problems_of(root) if p.span.file == LOYALTY]
    assert [str(problem.span) for problem in problems] == [f"{LOYALTY}:15:15"]
    assert "“Corner Shop” here and “Station” elsewhere" in problems[0].message
    assert f"{LISTEN}:6:21" in problems[0].hint


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("locales/el/sectors/banc", "no sector “banc”"),
        ("themes/acme/locales/elll", "no language “elll”"),
    ],
)
def test_a_folder_of_translations_that_belongs_to_nothing_is_told(
    root: Path, folder: str, message: str
) -> None:
    write(root, f"{folder}/sector.yaml", "title: Τράπεζα\n")
    (problem,) = problems_of(root)
    assert (problem.span.file, problem.rule) == (folder, "stray-folder")
    assert message in problem.message


def test_a_project_without_locales_or_handbook_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert "no handbook here" in problem.message
    write(tmp_path, BOOK, "languages: [en]\n")
    assert "missing" in {problem.rule for problem in problems_of(tmp_path)}


def test_a_broken_handbook_yaml_does_not_hide_the_faults_of_other_files(root: Path) -> None:
    edit(root, BOOK, "title: A small book", "title: 'A small book")
    edit(root, LOYALTY, "title: Habit", "title: Habit\n    title: Habit")
    assert {problem.span.file for problem in problems_of(root)} == {BOOK, LOYALTY}


SYNTAX = (
    (LISTEN, "title:", "title: 'open\nx:"),
    (LOYALTY, "title: Loyalty", "title: Loyalty\ntitle: Loyalty"),
    (LOSS, "default: 5}", "default: 5"),
    (CARE, "scales:", "scales: &x"),
    (SCENE, "---\ntitle: One scene", "title: One scene"),
    (NOTES, "lines: 4", "lines: !!int 4"),
    (START, "The start", "The\u202e start"),
    (BANK, "parts:", "\tparts:"),
    (GREEK, "title:", "title: *x\nx:"),
    ("locales/zh-Hans/notice.yaml", "title:", "title: {"),
)


def test_ten_files_that_cannot_be_read_are_told_together(root: Path) -> None:
    for file, old, new in SYNTAX:
        edit(root, file, old, new)
    wrong = {file for file, _, _ in SYNTAX if file != CARE}  # an anchor alone does no harm
    assert {problem.span.file for problem in problems_of(root)} == wrong


TEN = (
    Fault(LISTEN, "summary:", "‸sumary:", "unknown-key", "unknown key “sumary”"),
    Fault(LOYALTY, "  joy:", "  ‸Joy:", "id", "“Joy” cannot be an id"),
    Fault(LOSS, "default: 5}", "default: ‸true}", "type", "found the truth value true"),
    Fault(SCENE, "minutes: 5", "minutes: ‸0", "type", "greater than or equal to 1"),
    Fault(NOTES, "lines: 4", "lines: ‸40", "type", "less than or equal to 30"),
    Fault(BOOK, "2026-11-23", "‸2026-02-30", "type", "day is out of range"),
    Fault(CARE, "from: 6,", "from: ‸six,", "type", "valid integer; found the text “six”"),
    Fault(START, "title: The start", "title: ‸[x]", "type", "expected words"),
    Fault("content/notice.yaml", "points:", "‸point:", "unknown-key", "“point”", "“points”?"),
    Fault("content/facilitation.yaml", "minutes: 10", "minutes: ‸ten", "type", "valid integer"),
)


def test_ten_faults_in_ten_files_are_told_together(root: Path) -> None:
    assert len({fault.file for fault in TEN}) == 10
    places = [(fault, plant(root, fault)) for fault in TEN]
    problems = problems_of(root)
    for fault, place in places:
        assert_told(problems, fault, place)


def test_all_faults_of_all_translations_are_told_together(root: Path) -> None:
    chosen = [fault for fault in TRANSLATIONS if fault.rule not in ("placeholder", "missing")]
    faults = {fault.file: fault for fault in chosen}.values()
    places = [(fault, plant(root, fault)) for fault in faults]
    problems = problems_of(root)
    assert len(places) >= 5
    for fault, place in places:
        assert_told(problems, fault, place)


def test_a_fault_of_the_original_is_told_once(root: Path) -> None:
    """Not once more for each language: what is unknown in the original cannot be translated."""
    edit(root, LISTEN, "summary:", "sumary:")
    assert {problem.span.file for problem in problems_of(root)} == {LISTEN}


def test_a_fault_of_a_translation_is_told_beside_another_originals(root: Path) -> None:
    edit(root, LISTEN, "summary:", "sumary:")
    edit(root, "locales/el/glossary.yaml", "title: Εξ", "titel: Εξ")
    files = {problem.span.file for problem in problems_of(root)}
    assert {LISTEN, "locales/el/glossary.yaml"} <= files
