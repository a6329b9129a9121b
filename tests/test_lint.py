"""The linter on planted faults: each is told at its letter; allowances need reasons and uses."""

from __future__ import annotations

import ast
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handbook.check.explain import explain, explanations, overview
from handbook.check.lint import lint
from handbook.check.prose import read_prose
from handbook.diagnostics import Problem, Span, UsageError
from handbook.loading import Project, inspect, mend_words
from handbook.model.words import MASKS
from handbook.source.files import read_text
from handbook.source.nodes import Scalar
from handbook.source.passages import Passage, passages
from handbook.source.project import read_project
from tests.command import handbook
from tests.conftest import ROOT
from tests.minibook import copy_minibook, edit

LISTEN = "content/principles/principle-listen.md"
GREEK = "locales/el/principles/principle-listen.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the minibook with the rules of the real Greek."""
    root = copy_minibook(tmp_path)
    for name in ("cldr.yaml", "typography.yaml"):
        shutil.copy(ROOT / "locales" / "el" / name, root / "locales" / "el")
    return root


def told(root: Path) -> list[Problem]:
    _, warnings = inspect(root)
    return list(warnings)


def places(root: Path) -> list[str]:
    return [f"{problem.span} {problem.rule}" for problem in told(root)]


def test_the_book_is_clean(project: Project) -> None:
    """Neither an error nor a warning in any text of any language."""
    assert lint(ROOT, read_project(ROOT), project.languages).problems == ()


@pytest.mark.parametrize(
    "written",
    [
        "a: ‸10-20 people",
        'a: "Say \\"yes\\" to ‸10-20 people"',
        "a: 'It''s for ‸10-20 people'",
        "a: Some words\n  and then ‸10-20 people",
        "a: 'Some words\n\n  and then ‸10-20 people'",
        'a: "Some \\\n  words\\u0021 ‸10-20 people"',
        "a: |\n  Some words\n\n  - for ‸10-20 people",
        "a: >\n  Some words\n  for ‸10-20 people\n",
        "a: >-\n\n  Some words\n\n  for ‸10-20 people\n",
        "a:\n  # above\n  - {b: [c, 'd ‸10-20 people']}",
    ],
)
def test_each_letter_of_a_text_is_found_in_its_file(written: str) -> None:
    text = written.replace("‸", "")
    [found] = [passage for passage in passages("a.yaml", text) if "10-20" in passage.text]
    assert found.offsets is not None
    assert found.offsets[found.text.index("10-20")] == written.index("‸")


def test_a_fault_of_a_body_of_yaml_and_of_a_catalog_is_told(root: Path) -> None:
    edit(root, LISTEN, "title: Listen", "title: Listen to to them")
    path = root / GREEK
    path.write_text(path.read_text(encoding="utf-8") + "\nΤι είδες? Ναι.\n", encoding="utf-8")
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert f"{LISTEN}:2:15 all13-repeated-word" in places(root)
    assert f"{GREEK}:{count}:9 el02-question-mark" in places(root)


def test_an_allowance_silences_its_rule_on_the_line_below(root: Path) -> None:
    edit(
        root,
        LISTEN,
        "title: Listen",
        "# allow all13-repeated-word: a song is called so\ntitle: Listen to to them",
    )
    assert places(root) == []


def test_an_allowance_above_the_end_of_the_front_matter_is_for_the_text(root: Path) -> None:
    path = root / LISTEN
    head, _, body = path.read_text(encoding="utf-8").rpartition("\n---\n")
    allowed = (
        f"{head}\n# allow all13-repeated-word: a song\n---\n{body}\n# Not allowed\n\nto to them.\n"
    )
    path.write_text(allowed, encoding="utf-8")
    assert places(root) == []


@pytest.mark.parametrize(
    ("comment", "rule", "message"),
    [
        ("allow all13-repeated-word", "allow-reason", "without a reason"),
        ("allow all13-repeated-word: ", "allow-reason", "without a reason"),
        ("allow all13-repeatd-word: a song", "allow-unknown", "no rule"),
        ("allow all08-range: a song", "allow-unused", "does not break"),
    ],
)
def test_an_allowance_that_does_not_hold_is_told(
    root: Path, comment: str, rule: str, message: str
) -> None:
    edit(root, LISTEN, "title: Listen", f"# {comment}\ntitle: Listen to to them")
    [problem] = [p for p in told(root) if p.rule.startswith("allow")]
    assert (problem.rule, str(problem.span)) == (rule, f"{LISTEN}:2:1")
    assert message in problem.message


def test_a_comment_within_a_text_allows_nothing(root: Path) -> None:
    path = root / LISTEN
    text = path.read_text(encoding="utf-8")
    text = text.replace("title: Listen", "title: |\n  # allow all08-range: no comment", 1)
    path.write_text(text, encoding="utf-8")
    assert places(root) == []


def test_errors_of_words_stop_and_are_told_with_the_others(root: Path) -> None:
    edit(root, LISTEN, "title: Listen", "title: Listеning")  # with a Cyrillic е
    edit(root, LISTEN, "summary:", "sumary:")
    result = handbook("check", "--project", root)
    assert result.returncode == 1
    assert "error[all11-mixed-scripts]: “Listеning”" in result.stderr
    assert "error[unknown-key]" in result.stderr


def test_warnings_are_listed_and_count_only_if_asked(root: Path) -> None:
    edit(root, LISTEN, "title: Listen", "title: Listen to to them")
    result = handbook("check", "--project", root)
    assert result.returncode == 0
    assert f"{LISTEN}:2:15: warning[all13-repeated-word]" in result.stdout
    assert "1 warning" in result.stdout
    strict = handbook("check", "--strict", "--project", root)
    assert strict.returncode == 1
    assert f"{LISTEN}:2:15: warning[all13-repeated-word]" in strict.stderr


PLANTED = r"""---
# A comment.
title:   'It''s 10-20'   # behind
summary: "Say \"yes\" to 3-4"
example: >
  Some
  words 5-6

  folded.
seen_when: |
  - one 7-8
  - two
missing_when: plain 1-2
  and 3-4
---


Body `1-2` [9-10](concept-loyalty) **11-12**


"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fix_changes_what_it_says_and_no_other_byte(root: Path, line_end: str, mark: str) -> None:
    path = root / LISTEN
    path.write_bytes((mark + PLANTED.replace("\n", line_end)).encode())
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    changes = mend_words(root)
    expected = PLANTED
    for found in ("10-20", "3-4", "5-6", "7-8", "plain 1-2", "9-10", "11-12"):
        expected = expected.replace(found, found.replace("-", "–"))
    assert path.read_bytes() == (mark + expected.replace("\n", line_end)).encode()
    assert len(changes) == 8
    assert str(changes[0]) == f"{LISTEN}:3:19: all08-range: “10-20” → “10–20”"
    after = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    assert {file for file in after if after[file] != before.get(file)} == {path}
    assert mend_words(root) == []


def test_fix_mends_a_file_whose_letters_are_taken_apart(root: Path) -> None:
    path = root / GREEK
    text = path.read_text(encoding="utf-8")
    path.write_text(
        unicodedata.normalize("NFD", text + "\nΚάθε μέρα 3-4 φορές.\n"), encoding="utf-8"
    )
    assert [change.new for change in mend_words(root)] == ["3–4"]
    assert path.read_text(encoding="utf-8") == text + "\nΚάθε μέρα 3–4 φορές.\n"


def test_fix_mends_a_catalog_and_quotes_of_a_translation(root: Path) -> None:
    path = root / GREEK
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\nΕίπε “ναι” και „όχι“. Τι είδες?\n", encoding="utf-8")
    mend_words(root)
    assert path.read_text(encoding="utf-8") == text + "\nΕίπε «ναι» και «όχι». Τι είδες;\n"


def test_fix_leaves_quotes_whose_level_nobody_can_tell(root: Path) -> None:
    path = root / GREEK
    text = path.read_text(encoding="utf-8") + '\nΕίπε “ναι" και „όχι“.\n'
    path.write_text(text, encoding="utf-8")
    mend_words(root)
    assert path.read_text(encoding="utf-8") == text


def test_fix_on_the_command_line_tells_what_it_changed(root: Path) -> None:
    edit(root, LISTEN, "title: Listen", "title: Listen to 10-20")
    result = handbook("check", "--fix", "--project", root)
    assert result.returncode == 0
    assert f"mended {LISTEN}:2:20: all08-range: “10-20” → “10–20”" in result.stdout
    assert "title: Listen to 10–20" in (root / LISTEN).read_text(encoding="utf-8")


def test_fix_refuses_a_file_that_somebody_changed_meanwhile(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handbook import loading
    from handbook.diagnostics import ContentError

    edit(root, LISTEN, "title: Listen", "title: Listen to 10-20")
    true_lint = loading.lint  # type: ignore[attr-defined]

    def late(*arguments: Any) -> Any:
        found = true_lint(*arguments)
        edit(root, LISTEN, "title: Listen to 10-20", "title: Listen to 10-30")
        return found

    monkeypatch.setattr(loading, "lint", late)
    with pytest.raises(ContentError, match="changed the file meanwhile"):
        mend_words(root)
    assert "title: Listen to 10-30" in (root / LISTEN).read_text(encoding="utf-8")


def test_every_place_of_the_book_is_known() -> None:
    """Each letter of each text of the real content is found where it stands."""
    for file in sorted([*(ROOT / "content").rglob("*.*"), *(ROOT / "locales").rglob("*.*")]):
        if file.suffix not in (".md", ".yaml", ".po") or file.name in ("README.md", "STYLE.md"):
            continue
        name, text = file.relative_to(ROOT).as_posix(), read_text(ROOT, file)
        for passage in passages(name, text):
            assert passage.offsets is not None or not passage.text, f"{name}:{passage.line}"
            assert stands(passage, text), f"{name}:{passage.line}"


def stands(passage: Passage, text: str) -> bool:
    """Return whether the letters that are not escaped stand where the passage says."""
    return all(
        text[place] == letter or text[place] == "\\" or letter.isspace()
        for letter, place in zip(passage.text, passage.offsets or (), strict=True)
    )


NUMBERED = r"[A-Z]\d\d-[a-z-]+"
"""Ids that a program cannot take for another word."""


def rules_in_the_code() -> set[str]:
    """Return every id that the code gives a problem, as it is written there."""
    found = set()
    for path in (ROOT / "handbook").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(NUMBERED, str(node.value)):
                found.add(str(node.value))
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                position = {"Problem": 1, "_problem": 1, "_report": 1, "report": 3}.get(name)
                if position is not None and len(node.args) > position:
                    found |= texts_of(node.args[position])
    return found


def texts_of(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.JoinedStr):  # f"{name}-parity"
        endings = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        return {f"{kind}{ending}" for kind in ("link", "placeholder") for ending in endings}
    return set()


def test_every_rule_is_explained() -> None:
    """Whoever adds a rule writes a sentence on it in handbook/check/explanations.yaml."""
    rules = rules_in_the_code()
    assert {"unknown-key", "link-parity", "B03-order", "yaml", "duplicate-key"} <= rules
    assert rules - explanations().keys() == set()


def test_explain_tells_a_rule_and_lists_all() -> None:
    text = "\n".join(explain(ROOT, "nb04-comma"))
    assert "«Ja,» sa kunden" in text
    assert "«Ja», sa kunden" in text
    assert "Språkrådet" in text
    assert "# allow nb04-comma: reason" in text
    assert list(explain(ROOT, "B03-order")) == [f"B03-order: {explanations()['B03-order']}"]
    assert list(explain(ROOT, "B03")) == list(explain(ROOT, "B03-order"))
    assert list(explain(ROOT, "all13")) == list(explain(ROOT, "all13-repeated-word"))
    lines = list(overview(ROOT))
    assert len([line for line in lines if line.startswith("  ")]) > 150
    with pytest.raises(UsageError, match="did you mean “nb04-comma”"):
        list(explain(ROOT, "nb04-coma"))


@settings(max_examples=300, deadline=None)
@given(st.text("ab 1-*_`[](){}:|>#\\\n«»“”’.?%sn", max_size=40))
def test_prose_knows_where_each_of_its_letters_stands(text: str) -> None:
    prose = read_prose(Scalar(text, text, Span("a.yaml"), "en"))
    assert len(prose.offsets) == len(prose.text) + 1
    assert list(prose.offsets) == sorted(prose.offsets)
    for letter, place in zip(prose.text, prose.offsets, strict=False):
        assert letter in MASKS or letter == "\n" or text[place] == letter
