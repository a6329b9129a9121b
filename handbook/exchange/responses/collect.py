"""Collect the answers of filled-in sheets that came back as PDF files.

Nothing is taken from a file but which test it is and what was chosen; results are worked out anew.
The files come from outside, so each is read in a process of its own, with limits on memory and
time: one that is damaged, or made to do harm, is refused and the others still count.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook.exchange.responses.table import NAME, RESULT
from handbook.exchange.tables import write_csv
from handbook.loading import Project
from handbook.model.instrument import Instrument
from handbook.model.profile import Profile
from handbook.model.scoring import Score, score
from handbook.render.forms import IDENTITY

MAXIMUM_BYTES = 8_000_000
"""Of a filled-in sheet; viewers make them bigger, but not so much."""
MAXIMUM_FIELDS = 5_000
MEMORY = 1024**3
"""Bytes of address space for reading; a small file can unpack to gigabytes."""
SECONDS = 30
"""Processor time for reading a file."""
ROUND = 50
"""Files that one process reads."""

Fields = Mapping[str, str]
"""Field → its value."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet that was filled in."""

    respondent: str
    """The name of its file."""
    test: str
    version: str
    profile: Profile
    instrument: Instrument
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """What came back."""

    filled: tuple[Filled, ...]
    refused: Mapping[Path, str]
    """File → why it does not count."""


class Refused(ValueError):  # noqa: N818 - it names what becomes of the file
    """A file does not count; the message says why."""


def collect(
    project: Project, paths: Sequence[Path], memory: int = MEMORY, seconds: int = SECONDS
) -> Collection:
    """Return what the filled-in sheets `paths` say, and which of them do not count.

    A file that is named twice counts once. All are of one test: that of the first good one.
    `memory` is what reading may use, in bytes, and `seconds` the processor time for each file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(os.path.realpath(path), path)
    paths = [*found.values()]
    filled: list[Filled] = []
    refused: dict[Path, str] = {}
    names = [path.name for path in paths]
    for path, fields in _read_all(paths, memory, seconds):
        if isinstance(fields, str):
            refused[path] = fields
            continue
        name = path.name if names.count(path.name) == 1 else str(path)
        try:
            sheet = _understand(project, name, fields)
            _check_same(filled, sheet)
        except Refused as error:
            refused[path] = str(error)
        else:
            filled.append(sheet)
    return Collection(tuple(filled), refused)


def to_csv(filled: Sequence[Filled]) -> bytes:
    """Return the table of answers as `handbook score` reads it, and the results of each sheet."""
    first = filled[0].instrument
    results = ["test", "version", "language", "answered", "total", "percent", "band"]
    for section in first.sections:
        results += [f"total_{section}", f"percent_{section}", f"band_{section}"]
    heads = [NAME, *first.items, *(RESULT + result for result in results)]
    return write_csv(heads, map(_row, filled))


def _row(sheet: Filled) -> list[object]:
    scores = score(sheet.instrument, sheet.answers)
    return [
        sheet.respondent,
        *(sheet.answers.get(item) for item in sheet.instrument.items),
        *(sheet.test, sheet.version, sheet.profile.language, len(sheet.answers)),
        *_cells(scores.total),
        *(cell for section in scores.sections.values() for cell in _cells(section)),
    ]


def _cells(result: Score) -> tuple[object, ...]:
    return result.points, result.percent, result.band


# -- what a file says --------------------------------------------------------------------------


def _understand(project: Project, name: str, fields: Fields) -> Filled:
    """Return the sheet of which `fields` were read; raises `Refused` for what is not ours."""
    try:
        identity = json.loads(fields.get(IDENTITY, ""))
        test, version = str(identity["test"]), str(identity["version"])
        profile = Profile(*(str(identity[key]) for key in ("language", "sector", "brand")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused("this is no fillable sheet of a handbook; was it printed?") from error
    edition = project.editions.get(profile)
    instrument = edition.book.assessments.get(test) if edition else None
    if instrument is None:
        why = f"this handbook has no test “{test}” in the edition {profile}"
        raise Refused(_harmless(why))
    if version != instrument.version:
        why = f"it is of version {version}; this handbook has {instrument.version}"
        raise Refused(_harmless(why))
    answers = {item: fields[item] for item in instrument.items if fields.get(item)}
    for item, option in answers.items():
        if option not in instrument.scale_of(instrument.items[item]).options:
            why = f"“{option}” is no answer to {instrument.numbers[item]}"
            raise Refused(_harmless(why))
    if not answers:
        raise Refused("nothing is answered")
    return Filled(name, test, version, profile, instrument, answers)


def _harmless(text: str) -> str:
    """Return a text from outside as a terminal may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])


def _check_same(filled: Sequence[Filled], sheet: Filled) -> None:
    if not filled:
        return
    if sheet.test != filled[0].test:
        why = "collect each test by itself"
        raise Refused(f"it is of the test {sheet.test}, not {filled[0].test}: {why}")
    if list(sheet.instrument.items) != list(filled[0].instrument.items):
        raise Refused(f"the edition {sheet.profile} asks other items than {filled[0].profile}")


# -- reading -----------------------------------------------------------------------------------


def _read_all(
    paths: Sequence[Path], memory: int, seconds: int
) -> Iterator[tuple[Path, Fields | str]]:
    """Yield each file with its fields, or with why they cannot be read."""
    waiting = list(paths)
    while waiting:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, context, _limit_memory, (memory,)) as reader:
            for path in waiting[:ROUND]:
                try:
                    yield path, reader.submit(_read, path, seconds).result()
                except BrokenProcessPool:
                    yield path, "reading it takes too much memory or time"
                    waiting.remove(path)
                    break
                waiting.remove(path)


def _limit_memory(memory: int) -> None:
    """Let this process have no more address space than it needs."""
    if sys.platform == "linux":  # others do not know this limit, or not as we mean it
        import resource

        _set_limit(resource.RLIMIT_AS, memory)


def _read(path: Path, seconds: int) -> Fields | str:
    """Return what `read_fields` does, unless it takes more processor time: then this process dies.

    The system counts the time of a process from its start, so the limit moves with every file.
    """
    if sys.platform != "win32":
        import resource

        _set_limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + seconds)
    return read_fields(path)


def _set_limit(limit: int, most: int) -> None:
    """Set a limit of this process that can be raised again, as far as the system lets us."""
    import resource

    _, hard = resource.getrlimit(limit)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, hard))


def read_fields(path: Path) -> Fields | str:
    """Return the fields of a PDF and their values, or in one sentence why it has none."""
    import pikepdf

    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
            return "it is no file but a folder, a pipe or a device"
        if found.st_size > MAXIMUM_BYTES:
            return f"it has more than {MAXIMUM_BYTES // 1_000_000} MB"
        with pikepdf.open(path) as pdf:
            if pdf.is_encrypted:
                return "it is encrypted"
            form = pdf.Root.get("/AcroForm")
            fields = list(form.Fields)[:MAXIMUM_FIELDS] if form is not None else []
            return dict(pair for entry in fields for pair in _value(entry))
    except pikepdf.PasswordError:
        return "it is encrypted"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    except MemoryError:
        return "reading it takes too much memory or time"
    except Exception:  # whatever a damaged file makes of it
        return "it is damaged, or no PDF"


def _value(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield name and value of a field that has both; a choice not made is none."""
    import pikepdf

    name, value = entry.get("/T"), entry.get("/V")
    if isinstance(value, pikepdf.Name) and value != pikepdf.Name.Off:
        yield str(name), str(value)[1:]
    elif isinstance(value, pikepdf.String):
        yield str(name), str(value)
