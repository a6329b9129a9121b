"""What commands show while they work and when they are done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

SHOWN = 50
"""Most problems or changes that are printed at once."""


def counted(number: int, thing: str) -> str:
    """Return how many there are of a `thing` whose plural ends in s."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shown(path: Path) -> str:
    """Return a path as people know it: from the folder that they are in."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class _Lines:
    """Progress for logs: a line a phase, and one for every document."""

    def phase(self, name: str, total: int) -> None:
        self._name = name
        typer.echo(f"{name}: {total}")

    def step(self, name: str) -> None:
        if self._name == "documents":
            typer.echo(f"  {name}")


class _Bars:
    """Progress for people at a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn()
        self.bars = Progress(*columns, TextColumn("{task.fields[name]}", style="dim"))

    def phase(self, name: str, total: int) -> None:
        self._task = self.bars.add_task(name, total=total, name="")

    def step(self, name: str) -> None:
        self.bars.update(self._task, advance=1, name=name[-50:])


@contextmanager
def shown_progress() -> Iterator[_Lines | _Bars]:
    """Show how far the work is, for people at a terminal or for a log."""
    if sys.stdout.isatty():
        bars = _Bars()
        with bars.bars:
            yield bars
    else:
        yield _Lines()
