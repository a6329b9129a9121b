"""What a build costs: `python3 build.py bench`.

Every row is a whole process, from its start to its end, in a fresh copy of the project; the
figures are the medians of several runs. Nothing here passes or fails: it shows drifts.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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
        book_row(root, runs, locale.name)
    for way in (("--finish", "office"), ("--finish", "shop"), ("--archive",)):
        book_row(root, runs, locale.name, *way)
    book_row(root, runs, locale.name, "--imposition", "booklet")
    cost = median(1, lambda: build(root), lambda: forget(root))
    made = len([path for path in (root / "public").rglob("*.*") if path.is_file()])
    row("the default build, cold", cost, f"{made} files")


def book_row(root: Path, runs: int, language: str, *way: str) -> None:
    """Measure one language's handbook, printed one way."""
    edition = ("--language", language, "--sector", "general", "--brand", "default")
    options = (*edition, "--document", "handbook", *way)
    cost = median(runs, lambda: build(root, *options), lambda: forget(root))
    book = min((root / "public").rglob("handbook-*.pdf"), key=lambda path: len(path.name))
    pages = pages_of(book)
    note = f"{pages} pages, {cost.processor / pages:.2f} s a page, {kilobytes(book)} kB"
    row(" ".join(("handbook,", language, *way)) + ", cold", cost, note)


def build(root: Path, *options: str) -> Cost:
    """Run one build as a process of its own; return what it cost with all its printing processes.

    The peak is that of the largest single process.
    """
    command = [sys.executable, "-m", "handbook", "build", "--project", str(root), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, cwd=root, env=environment, start_new_session=True
    )
    seen: dict[int, tuple[float, float]] = {}
    while process.poll() is None:
        for pid, (used, peak) in session(process.pid):
            seen[pid] = used, max(peak, seen.get(pid, (0.0, 0.0))[1])
        time.sleep(0.02)
    if process.returncode:
        sys.exit(f"the build failed: {' '.join(command)}")
    seconds = time.monotonic() - started
    processor = sum(used for used, _ in seen.values())
    return Cost(seconds, processor, max(peak for _, peak in seen.values()))


def session(leader: int) -> Iterator[tuple[int, tuple[float, float]]]:
    """Yield processor seconds and peak megabytes of every process of a session, from /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                used = (int(fields[11]) + int(fields[12])) / ticks
                peak = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
                yield int(folder.name), (used, int(peak[1]) / 1024 if peak else 0.0)


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
