"""What a build costs: `python3 build.py bench`.

Every row is a whole process, from its start to its end, in a fresh copy of the project; the
figures are the medians of several runs. Nothing here passes or fails: it shows drifts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    processor: float
    megabytes: float


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args(arguments).runs
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of {runs}\n")
    print("| What | wall s | processor s | peak MB | |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        root = copy_project(Path(folder) / "book")
        site_rows(root, runs)
        print_rows(root, runs)


def site_rows(root: Path, runs: int) -> None:
    """Measure the builds of the site of every edition."""
    cold = median(runs, lambda: build(root, "--document", "site"), lambda: forget(root))
    pages = len(list((root / "public").rglob("*.html")))
    row("site of every edition, cold", cold, f"{pages} pages, {pages / cold.seconds:.0f} a second")
    row("nothing changed", median(runs, lambda: build(root, "--document", "site")))
    entry = root / "content/principles/principle-flexibility.md"
    row(
        "one entry's text changed",
        median(runs, lambda: build(root, "--document", "site"), lambda: touch(entry)),
    )
    template = root / "themes/default/templates/site/page.html"
    row(
        "the template of all pages changed",
        median(runs, lambda: build(root, "--document", "site"), lambda: touch(template)),
    )


def print_rows(root: Path, runs: int) -> None:
    """Measure each language's handbook, and everything that a build makes by default."""
    for locale in sorted((root / "locales").iterdir()):
        options = ("--language", locale.name, "--sector", "general", "--brand", "default")
        cost = median(
            runs,
            lambda options=options: build(root, *options, "--document", "handbook"),  # type: ignore[misc]
            lambda: forget(root),
        )
        (book,) = (root / "public").rglob("handbook-*.pdf")
        pages = pages_of(book)
        note = f"{pages} pages, {cost.processor / pages:.2f} s a page, {kilobytes(book)} kB"
        row(f"handbook, {locale.name}, cold", cost, note)
    cost = median(1, lambda: build(root), lambda: forget(root))
    made = len([path for path in (root / "public").rglob("*.*") if path.is_file()])
    row("the default build, cold", cost, f"{made} files")


def build(root: Path, *options: str) -> Cost:
    """Run one build as a process of its own; return what it cost, children included."""
    command = [sys.executable, "-m", "handbook", "build", "--project", str(root), *options]
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the build failed: {' '.join(command)}")
    seconds = time.monotonic() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: int, run: Callable[[], Cost], before: Callable[[], None] = lambda: None) -> Cost:
    """Return the medians of several runs, each after `before`."""
    costs = []
    for _ in range(runs):
        before()
        costs.append(run())
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.processor for cost in costs),
        statistics.median(cost.megabytes for cost in costs),
    )


def row(what: str, cost: Cost, note: str = "") -> None:
    """Print one line of the table."""
    figures = f"{cost.seconds:.2f} | {cost.processor:.2f} | {cost.megabytes:.0f}"
    print(f"| {what} | {figures} | {note} |", flush=True)


def copy_project(target: Path) -> Path:
    """Copy what a build reads."""
    for name in ("content", "locales", "themes"):
        shutil.copytree(ROOT / name, target / name)
    return target


def forget(root: Path) -> None:
    """Remove what earlier builds left behind."""
    for name in ("public", ".cache"):
        shutil.rmtree(root / name, ignore_errors=True)


def touch(path: Path) -> None:
    """Change a file so that its pages come out differently."""
    path.write_text(path.read_text(encoding="utf-8") + "\nOnce more.\n", encoding="utf-8")


def pages_of(pdf: Path) -> int:
    """Return the number of pages of a PDF."""
    import pikepdf

    with pikepdf.open(pdf) as document:
        return len(document.pages)


def kilobytes(path: Path) -> int:
    """Return a file's size."""
    return path.stat().st_size // 1024


if __name__ == "__main__":
    main(sys.argv[1:])
