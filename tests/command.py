"""How tests run the command line and look at what it left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.minibook import REPOSITORY, copy_minibook

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def handbook(
    *arguments: str | Path, cwd: Path = REPOSITORY, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `handbook` with `arguments` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "handbook", *map(str, arguments)],
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def start_handbook(*arguments: str | Path, cwd: Path = REPOSITORY) -> subprocess.Popen[str]:
    """Start `handbook` with `arguments` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "handbook", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def book_with_fonts(folder: Path) -> Path:
    """Return a copy of the minibook that can be printed."""
    root = copy_minibook(folder)
    fonts = root / "themes" / "default" / "fonts"
    fonts.mkdir()
    for font in (REPOSITORY / "themes" / "default" / "fonts").glob("*.ttf"):
        shutil.copy2(font, fonts)
    return root


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below `folder`, by its path; nothing when there is none."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def leftovers(target: Path) -> list[str]:
    """Return what builds of `target` left beside it."""
    return sorted(path.name for path in target.parent.glob(f".{target.name}.*"))


def wait_until(done: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as `done` holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"nothing happened within {seconds} s"
        time.sleep(0.02)
