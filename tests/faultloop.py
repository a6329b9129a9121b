"""Break a build at every place where it changes the file system, one after the other.

Run as a program, this loads a book twice, as it was and as it is after an edit, and then for each
point n: puts the old site in place, forks a build of the new one that is killed (or fails) at its
n-th change, looks at what is there, and builds once more. It prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from errno import ENOSPC
from pathlib import Path
from typing import Any

from handbook import loading, pipeline
from handbook.diagnostics import HandbookError
from handbook.loading import Project
from handbook.plan.plan import Selection
from handbook.publish import exchange
from tests.command import leftovers, snapshot
from tests.conftest import Quiet
from tests.minibook import copy_minibook, edit

_CHANGES = {
    *("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.chmod"),
    "ctypes.dlsym",  # the exchange is called through it
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Findings:
    """What a loop saw."""

    points: int = 0
    """How many changes a build makes that is left alone."""
    tried: int = 0
    codes: list[int] = field(default_factory=list)
    """Exit codes that came, each once; negative for signals."""
    wrong: list[str] = field(default_factory=list)
    """What must not be, each with its point."""


class Fault:
    """Something that happens at the n-th change of the file system in this process."""

    def __init__(self, at: int, strike: Callable[[], None]) -> None:
        self.count = 0
        self._at = at
        self._strike = strike
        sys.addaudithook(self._hear)

        def write_bytes(path: Path, data: Any) -> int:
            # Bytes on their way are a change of their own: it strikes when half of them are there.
            with path.open("wb") as stream:
                stream.write(data[: len(data) // 2])
                stream.flush()
                self._meet()
                stream.write(data[len(data) // 2 :])
            return len(data)

        def write_text(path: Path, text: str, encoding: str) -> int:
            return write_bytes(path, text.encode(encoding))

        Path.write_bytes = write_bytes  # type: ignore[method-assign, assignment]
        Path.write_text = write_text  # type: ignore[method-assign, assignment]

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _CHANGES or (event == "open" and int(str(arguments[2])) & _WRITING):
            self._meet()

    def _meet(self) -> None:
        self.count += 1
        if self.count == self._at:
            self._strike()


def kill() -> None:
    """Die without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Be out of space."""
    raise OSError(ENOSPC, os.strerror(ENOSPC))


def child(work: Callable[[], int]) -> int:
    """Run `work` in a fork; return its exit code, or the negative number of what killed it."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Loop:
    """One book, old and new, and the folder where it is published."""

    def __init__(self, folder: Path, languages: tuple[str, ...], first: bool) -> None:
        root = copy_minibook(folder)
        self._folder = folder
        self._selection = Selection(documents=("site",), languages=languages)
        self._old = loading.load(root)
        edit(root, "content/principles/principle-listen.md", "Whoever listens", "Who listens")
        edit(root, "content/glossary.yaml", "title: Loyalty", "title: Faithfulness")
        self._new = loading.load(root)
        self.target = folder / "site" / "public"
        self._cache = folder / "cache"
        self._build(self._new)
        self.after = self._with_note(self.target)
        shutil.rmtree(self.target)
        if not first:
            self._build(self._old)
            self._with_note(self.target)
        self.before = snapshot(self.target)
        self._kept = folder / "kept"
        if not first:
            shutil.copytree(self.target, self._kept)

    def _with_note(self, target: Path) -> dict[str, bytes]:
        (target / "note.txt").write_text("not ours")
        return snapshot(target)

    def _build(self, project: Project) -> int:
        try:
            pipeline.build(project, self._selection, self.target, self._cache, 1, "x", Quiet())
        except HandbookError as error:
            return error.exit_code
        return 0

    def points(self) -> int:
        """Return how many changes a build makes that is left alone."""
        self.reset()
        counted = self._folder / "count"

        def count() -> int:
            fault = Fault(0, kill)
            code = self._build(self._new)
            points = fault.count
            counted.write_text(str(points), encoding="ascii")
            return code

        assert child(count) == 0
        return int(counted.read_text())

    def reset(self) -> None:
        """Put the old site in place, and nothing beside it."""
        shutil.rmtree(self.target.parent)
        self.target.parent.mkdir()
        if self._kept.exists():
            shutil.copytree(self._kept, self.target)
        (self._cache / "facts.json").unlink()

    def strike(self, point: int, strike: Callable[[], None]) -> tuple[int, list[str]]:
        """Break a build at `point` and build again; return the exit code and what is wrong."""

        def broken() -> int:
            Fault(point, strike)
            return self._build(self._new)

        self.reset()
        code = child(broken)
        exchange.recover(self.target)
        return code, [f"point {point}, code {code}: {wrong}" for wrong in self._judge(code)]

    def _judge(self, code: int) -> Iterator[str]:
        found = snapshot(self.target)
        new = {**self.after} if self.before else _without_note(self.after)
        if found not in (self.before, new):
            yield "neither the old site nor the new one"
        if code == 3 and found != self.before:
            yield "it failed, and yet the site is another"
        if code == 3 and leftovers(self.target):
            yield f"it left {leftovers(self.target)}"
        if code == 0 and found != new:
            yield "it succeeded, and yet the site is the old one"
        if child(lambda: self._build(self._new)) != 0 or snapshot(self.target) != new:
            yield "the next build did not mend it"
        if leftovers(self.target):
            yield f"the next build left {leftovers(self.target)}"


def _without_note(site: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in site.items() if path != "note.txt"}


def run(
    folder: Path, scenario: str, way: str, languages: tuple[str, ...], start: int, step: int
) -> Findings:
    """Break a build at every `step`-th point from `start` on; step 0 means some 25 of them all."""
    os.sync = lambda: None  # a kill loses nothing that was written; a power cut is not tried here
    if scenario == "renaming":
        exchange._renameat2 = lambda first, second: False
    loop = Loop(folder, languages, first=scenario == "first")
    findings = Findings(points=loop.points())
    every = step or max(1, findings.points // 25)
    codes = set()
    for point in range(start, findings.points + 1, every):
        code, wrong = loop.strike(point, kill if way == "kill" else fail)
        findings.tried += 1
        codes.add(code)
        findings.wrong += wrong
    findings.codes = sorted(codes)
    return findings


if __name__ == "__main__":
    place, scenario, way, languages, start, step = sys.argv[1:]
    tags = tuple(languages.split(","))
    found = run(Path(place), scenario, way, tags, int(start), int(step))
    sys.stdout.write(json.dumps(asdict(found)))
