"""What reviewers broke once: each stays mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from handbook.diagnostics import ContentError
from handbook.loading import load
from handbook.model.calculation import rows
from handbook.model.profile import Profile
from handbook.pipeline import plan_of
from handbook.plan.plan import Selection
from handbook.render.press import Press
from tests.minibook import copy_minibook, edit, write

LOSS = "content/calculators/calc-loss.yaml"
BOOK = "content/handbook.yaml"
PO = "locales/el/LC_MESSAGES/messages.po"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


def told(root: Path) -> str:
    with pytest.raises(ContentError) as caught:
        load(root)
    return str(caught.value)


def test_a_translation_cannot_undo_a_removal(root: Path) -> None:
    write(root, "locales/el/sectors/bank/checklists.yaml", "checklist-door:\n")
    assert "locales/el/sectors/bank/checklists.yaml:1:16: error[left-out]" in told(root)


def test_deliverables_name_only_what_there_is(root: Path) -> None:
    edit(root, BOOK, "documents: [site]", "documents: [sites]")
    assert "the deliverables name “sites”" in told(root)
    assert "did you mean “site”?" in told(root)


def test_a_build_of_nothing_makes_nothing(root: Path) -> None:
    edit(root, BOOK, "deliverables:\n  - documents: [site]", "deliverables: []")
    project = load(root)
    assert plan_of(project, Selection()).outputs == ()
    assert plan_of(project, Selection(documents=("worksheet",))).outputs


def test_a_document_is_named_only_for_what_it_shows(root: Path) -> None:
    for path in ("content/welcome.md", "locales/el/welcome.md", "locales/zh-Hans/welcome.md"):
        text = (root / path).read_text(encoding="utf-8").rstrip()
        write(root, path, f"{text} [x](principle-listen@answer-sheet)\n")
    assert "the answer-sheet does not show “principle-listen”" in told(root)


def test_links_in_the_trainers_lines_are_checked(root: Path) -> None:
    for folder in ("content", "locales/el", "locales/zh-Hans"):
        path = f"{folder}/facilitation.yaml"
        text = (root / path).read_text(encoding="utf-8")
        objective = text.split("objective: ")[1].split("\n")[0].split(",")[0].split("}")[0]
        write(root, path, text.replace(objective, "'[x](nope-9)'", 1))
    assert "there is no “nope-9”" in told(root)


def test_a_line_for_no_kind_of_entry_is_told(root: Path) -> None:
    text = (root / "content/facilitation.yaml").read_text(encoding="utf-8")
    key = text.split(":")[0]
    for folder in ("content", "locales/el", "locales/zh-Hans"):
        path = f"{folder}/facilitation.yaml"
        write(root, path, (root / path).read_text(encoding="utf-8").replace(key, "princple", 1))
    assert "“princple” is no kind of entry" in told(root)


def test_a_title_holds_no_link(root: Path) -> None:
    edit(root, "content/principles/principle-listen.md", "title: Listen", 'title: "[a](calc-loss)"')
    edit(
        root,
        "locales/zh-Hans/principles/principle-listen.md",
        "title: ",
        "title: '[a](calc-loss)'\n# ",
    )
    greek = "locales/el/principles/principle-listen.md"
    edit(root, greek, "title: ", "title: '[a](calc-loss)'\n# ")
    assert "a title holds a link to “calc-loss”" in told(root)


@pytest.mark.parametrize("formula", ["per_year * min", "round", "max + 1"])
def test_a_functions_name_is_no_number(root: Path, formula: str) -> None:
    edit(root, LOSS, "per_year * years}", f'"{formula}"}}')
    assert "is not a formula" in told(root)


def test_an_example_that_is_no_number_is_wrong(root: Path) -> None:
    edit(root, LOSS, "per_year * years}", '"9e307 * 100 - 9e307 * 100"}')
    assert LOSS in told(root)


def test_a_series_may_use_results(root: Path) -> None:
    project = load(root)
    calculator = project.editions[Profile("en", "general", "default")].book.calculators["calc-loss"]
    assert calculator.series is None or rows(calculator)


def test_an_interface_word_without_translation_is_told(root: Path) -> None:
    write(root, PO, 'msgid ""\nmsgstr "Language: el\\n"\n\nmsgid "Contents"\nmsgstr ""\n')
    assert f"{PO}:4:1: error[untranslated]: “Contents” is not translated" in told(root)
    assert load(root, allow_missing=True)


def test_a_brand_brings_no_templates_and_no_links(root: Path) -> None:
    write(root, "themes/acme/templates/site/page.html", "{{ 1 }}")
    (root / "themes/acme/secret.txt").symlink_to("/etc/hostname")
    assert "themes/acme/templates/site/page.html:1:1: error[theme]" in told(root)
    assert "themes/acme/secret.txt:1:1: error[file]: this is a link" in told(root)


def test_a_broken_template_is_told_with_its_line(root: Path, tmp_path: Path) -> None:
    home = root / "themes/default/templates/site/home.html"
    home.write_text(home.read_text(encoding="utf-8") + "{% if %}", encoding="utf-8")
    project = load(root, allow_missing=True)
    plan = plan_of(project, Selection())
    press = Press(plan, project.themes, project.languages, tmp_path / "compiled")
    output = plan.find("site", "index", Profile("en", "general", "default"))
    assert output is not None
    with pytest.raises(ContentError) as caught:
        press.prepare(output).html()
    line = len(home.read_text(encoding="utf-8").splitlines())
    assert f"site/home.html:{line}:1: error[template]" in str(caught.value)
