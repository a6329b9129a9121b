"""The code's own rules: style, types, and nothing of any one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    "command",
    [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]],
    ids=lambda command: " ".join(command),
)
def test_the_code_is_clean(command: list[str]) -> None:
    run = [sys.executable, "-m", *command]
    result = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    traces = re.compile(
        r"(?<![\w.])/(?:tmp|root|home/\w+|Users/\w+|opt)/\w|registry\.npmjs|pythonhosted|pypi\.org/simple"
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".ttf", ".woff2", ".png", ".txt"} or path == Path(__file__):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if traces.search(line):
                found.append(f"{name}: {line.strip()[:80]}")
    assert found == []


def test_the_repository_stays_small() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    sizes = [(ROOT / name).stat().st_size for name in filter(None, listed.stdout.split("\0"))]
    assert sum(sizes) < 40_000_000
