"""The same input gives the same bytes: whenever, wherever and by however many processes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ENVIRONMENT, book_with_fonts, snapshot
from tests.conftest import ROOT

FIRST = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1"}
SECOND = {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "LANG": "tr_TR", "PYTHONHASHSEED": "2"}


def build(root: Path, jobs: int, umask: int, environment: dict[str, str], *options: str) -> Path:
    """Build the project in `root` as a stranger to this machine would; return the site."""
    code = f"import os; os.umask({umask}); from handbook.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "build", *options, "--jobs", str(jobs), "--allow-missing"],
        cwd=root,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return root / "public"


def modes(folder: Path) -> set[tuple[str, int]]:
    """Return the kinds of things below `folder` with their rights."""
    return {
        ("folder" if path.is_dir() else "file", path.stat().st_mode & 0o777)
        for path in [folder, *folder.rglob("*")]
    }


def assert_same(first: Path, second: Path) -> None:
    one, other = snapshot(first), snapshot(second)
    assert sorted(one) == sorted(other)
    assert [path for path in one if one[path] != other[path]] == []
    assert modes(first) == modes(second) == {("folder", 0o755), ("file", 0o644)}


def test_a_site_and_a_sheet_are_the_same_on_two_machines(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "ü").mkdir(parents=True)
    one, other = book_with_fonts(tmp_path), book_with_fonts(tmp_path / "elsewhere" / "ü")
    options = (
        "-l",
        "en",
        "-s",
        "general",
        "-b",
        "default",
        "-d",
        "site",
        "-d",
        "worksheet",
        "--all",
    )
    first = build(one, 1, 0o077, FIRST, *options)
    second = build(other, 2, 0o002, SECOND, *options)
    assert list(first.rglob("*.pdf"))
    assert_same(first, second)


@pytest.mark.slow
def test_everything_is_the_same_on_two_machines(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "elsewhere" / "other"
    for part in ("content", "locales", "themes"):
        shutil.copytree(ROOT / part, one / part)
    shutil.copytree(one, other)
    options = ("-l", "en", "-l", "zh-Hans", "-s", "general", "-b", "default", "--all")
    first = build(one, 1, 0o077, FIRST, *options)
    second = build(other, 2, 0o002, SECOND, *options)
    assert len(list(first.rglob("*.pdf"))) > 10
    assert_same(first, second)
