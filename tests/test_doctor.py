"""The doctor finds what is amiss and names the cure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handbook import doctor
from handbook.doctor import Finding, examine
from tests.command import ENVIRONMENT, book_with_fonts, handbook
from tests.minibook import copy_minibook, edit, write


def bad(root: Path) -> list[Finding]:
    return [finding for finding in examine(root) if not finding.good]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return book_with_fonts(tmp_path)


def test_a_computer_that_has_everything_is_well(book: Path) -> None:
    ended = handbook("doctor", cwd=book)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert any("Python 3." in line for line in lines)
    assert any("Pango 1." in line for line in lines)
    assert any("fonts of acme for 中文 (简体)" in line for line in lines)


def test_a_letter_that_no_font_has_is_named(book: Path) -> None:
    edit(book, "content/welcome.md", "title: ", "title: ☃ ")
    found = bad(book)
    assert {finding.what.split(" for ")[0] for finding in found} == {
        "fonts of default",
        "fonts of acme",
    }
    assert all("no font has ☃ (U+2603)" in finding.cure for finding in found)


def test_a_theme_without_fonts_is_told(tmp_path: Path) -> None:
    assert any("add a font to themes/default/fonts" in f.cure for f in bad(copy_minibook(tmp_path)))


def test_content_that_cannot_be_read_is_told_and_the_rest_examined(book: Path) -> None:
    write(book, "content/welcome.md", "nothing")
    ended = handbook("doctor", cwd=book)
    assert ended.returncode == 3
    assert "BAD  the project in book\n     content/welcome.md:1:1: error[" in ended.stdout
    assert "ok   book can be written" in ended.stdout


def test_a_folder_without_a_project_is_told(tmp_path: Path) -> None:
    assert [finding.what for finding in bad(tmp_path)] == [f"the project in {tmp_path.name}"]


def test_a_project_without_languages_is_told(book: Path) -> None:
    shutil.rmtree(book / "locales")
    assert [finding.what for finding in bad(book)] == ["the project in book"]


def test_an_old_python_is_told(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert next(examine(book)) == Finding("Python 3.10.4", False, "install Python 3.11 or newer")


def test_a_folder_without_the_right_to_write_is_told(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere, so the system's answer is replaced.
    monkeypatch.setattr(os, "access", lambda path, mode: path != book / "public")
    (book / "public").mkdir()
    found = bad(book)
    assert [finding.what for finding in found] == ["public can be written"]
    assert "--output" in found[0].cure


ENGINE_WITHOUT_PANGO = """
raise OSError("cannot load library 'libpango-1.0-0'")
"""


@pytest.fixture
def without_pango(tmp_path: Path) -> str:
    """A path on which the engine cannot be loaded."""
    folder = tmp_path / "broken"
    write(folder, "weasyprint/__init__.py", ENGINE_WITHOUT_PANGO)
    return f"{folder}:{ENVIRONMENT['PYTHONPATH']}"


def test_a_missing_library_is_told_with_the_line_that_installs_it(
    book: Path, without_pango: str
) -> None:
    ended = handbook("doctor", cwd=book, PYTHONPATH=without_pango)
    assert ended.returncode == 3
    assert "BAD  Pango, the library that sets PDFs: cannot load library" in ended.stdout
    assert doctor.PANGO["linux"] in ended.stdout


def test_a_build_without_the_library_ends_with_3_and_sends_to_the_doctor(
    book: Path, without_pango: str
) -> None:
    options = ("-l", "en", "-s", "general", "-b", "default", "-d", "worksheet")
    ended = handbook("build", *options, cwd=book, PYTHONPATH=without_pango)
    assert ended.returncode == 3
    assert ended.stderr.startswith("error: a library that sets PDFs is missing: cannot load")
    assert "`handbook doctor` tells the cure" in ended.stderr
    assert not (book / "public").exists()


def test_the_doctor_changes_nothing(book: Path) -> None:
    before = sorted(path.name for path in book.rglob("*"))
    subprocess.run(
        [sys.executable, "-m", "handbook", "doctor"], cwd=book, env=ENVIRONMENT, check=True
    )
    assert sorted(path.name for path in book.rglob("*")) == before
