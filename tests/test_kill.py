"""Whatever moment a build is killed or fails in: the site is the old one or the new one, whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ENVIRONMENT
from tests.faultloop import Findings
from tests.minibook import REPOSITORY

SCENARIOS = ("first", "second", "renaming")
"""The first build, one over an older site, and one where folders can only be renamed."""


def start_loop(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    # A copy of the program: an edit of the real one, saved meanwhile, would be another input.
    program = folder / "program"
    shutil.copytree(REPOSITORY / "handbook", program / "handbook")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faultloop", str(folder), *arguments],
        cwd=program,
        env={**ENVIRONMENT, "PYTHONPATH": f"{program}{os.pathsep}{REPOSITORY}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def findings_of(loop: subprocess.Popen[str]) -> Findings:
    text, _ = loop.communicate()
    assert loop.returncode == 0
    return Findings(**json.loads(text))


def expected_codes(way: str) -> set[int]:
    # A failure while clearing up, or one that has a way round, does not end a build.
    return {-9} if way == "kill" else {0, 3}


@pytest.mark.parametrize("way", ["kill", "fail"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_build_broken_anywhere_leaves_a_whole_site(
    tmp_path: Path, scenario: str, way: str
) -> None:
    found = findings_of(start_loop(tmp_path / "loop", scenario, way, "en", "1", "0"))
    assert found.wrong == []
    assert found.tried >= 25
    assert set(found.codes) == expected_codes(way)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["kill", "fail"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_build_broken_at_every_point_leaves_a_whole_site(
    tmp_path: Path, scenario: str, way: str
) -> None:
    loops = [
        start_loop(tmp_path / start, scenario, way, "en,el,zh-Hans", start, "2")
        for start in ("1", "2")
    ]
    halves = [findings_of(loop) for loop in loops]
    assert [wrong for found in halves for wrong in found.wrong] == []
    assert sum(found.tried for found in halves) == halves[0].points > 150
    assert set().union(*(found.codes for found in halves)) == expected_codes(way)
