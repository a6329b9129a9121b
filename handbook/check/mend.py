"""Mend in the source files what the rules know how to mend, and change nothing else."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from handbook.check.checks import Finding
from handbook.check.lint import File, Lint
from handbook.diagnostics import ContentError, Problem, Span
from handbook.language.rules import Edit
from handbook.source.files import read_bytes, read_text, span_at
from handbook.source.passages import Passage, passages

_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029|\n")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What was written in a file."""

    span: Span
    rule: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.span}: {self.rule}: “{self.old}” → “{self.new}”"


@dataclass(frozen=True, slots=True)
class _Planned:
    """The edits that mend one finding, in its file."""

    finding: Finding
    edits: tuple[Edit, ...]

    @property
    def ends(self) -> tuple[int, int]:
        return self.edits[0].start, self.edits[-1].end


def mend(root: Path, found: Lint) -> list[Change]:
    """Write what mends the findings of `found`; return what was changed, by file and place.

    Left alone is a finding whose text does not stand letter for letter in its file, or whose
    mended file would not read as it should. Raises `ContentError` when a file has been changed
    since it was read; files before it are mended then.
    """
    changes: list[Change] = []
    for name, planned in sorted(_plan(found).items()):
        changes += _mend_file(root, found.files[name], planned)
    return changes


def _plan(found: Lint) -> Mapping[str, Sequence[_Planned]]:
    """Return for each file the edits that can be made, in order, none touching another."""
    by_file: dict[str, list[_Planned]] = defaultdict(list)
    for finding in found.findings:
        name = finding.prose.span.file
        edits = tuple(_edits_in_file(finding, found.files[name]))
        if edits and len(edits) == len(finding.edits):
            by_file[name].append(_Planned(finding, edits))
    plan = {}
    for name, planned in by_file.items():
        planned.sort(key=lambda each: each.ends)
        apart: list[_Planned] = []
        for each in planned:
            if not apart or apart[-1].ends[1] < each.ends[0]:
                apart.append(each)
        plan[name] = apart
    return plan


def _edits_in_file(finding: Finding, file: File) -> Iterator[Edit]:
    """Yield the edits of a finding whose old text stands in the file letter for letter."""
    places = file.offsets(finding.prose.source)
    seen = finding.prose.offsets
    if places is None:
        return
    for start, end, text in finding.edits:
        letters = [places[seen[place]] for place in range(start, end)]
        if end == start:
            at = places[seen[start]] if seen[start] < len(places) else places[-1] + 1
            yield Edit(at, at, text)
        elif letters == list(range(letters[0], letters[0] + len(letters))):
            first, last = letters[0], letters[-1] + 1
            if file.text[first:last] == finding.prose.text[start:end]:
                yield Edit(first, last, text)


def _mend_file(root: Path, file: File, planned: Sequence[_Planned]) -> list[Change]:
    path = root / file.name
    data = read_bytes(root, path)
    if read_text(root, path) != file.text:
        problem = Problem(
            Span(file.name), "changed", "somebody changed the file meanwhile", "run it again"
        )
        raise ContentError([problem])
    edits = [edit for each in planned for edit in each.edits]
    mended = _applied(file.text, edits)
    raw = data.decode("utf-8")
    # In the form in which it was read: letters taken apart, as a Mac writes them, look the same.
    bare = unicodedata.normalize("NFC", raw.removeprefix("\ufeff"))
    if _LINE_END.sub("\n", bare) != file.text or not _reads_as_planned(file, mended, edits):
        return []
    mark = raw[: raw.startswith("\ufeff")]
    places = _raw_places(bare)
    moved = [Edit(places[edit.start], places[edit.end], edit.text) for edit in edits]
    _replace_file(path, (mark + _applied(bare, moved)).encode(), data)
    return [_change(file, each) for each in planned]


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _raw_places(raw: str) -> list[int]:
    """Return where in the file each character stands whose line ends were made one kind."""
    places: list[int] = []
    end = 0
    for match in _LINE_END.finditer(raw):
        places += range(end, match.start() + 1)
        end = match.end()
    return [*places, *range(end, len(raw) + 1)]


def _reads_as_planned(file: File, mended: str, edits: Sequence[Edit]) -> bool:
    """Return whether the mended file has the same texts, but for what was to be changed."""
    try:
        after = passages(file.name, mended)
    except yaml.YAMLError:
        return False
    before = passages(file.name, file.text)
    return len(before) == len(after) and all(
        _planned_text(old, edits) == new.text for old, new in zip(before, after, strict=True)
    )


def _planned_text(passage: Passage, edits: Sequence[Edit]) -> str:
    if not passage.offsets:
        return passage.text
    places = {place: index for index, place in enumerate(passage.offsets)}
    places[passage.offsets[-1] + 1] = len(passage.text)
    inside = [
        Edit(places[edit.start], places[edit.start] + edit.end - edit.start, edit.text)
        for edit in edits
        if edit.start in places
    ]
    return _applied(passage.text, inside)


def _replace_file(path: Path, data: bytes, old: bytes) -> None:
    """Write `data` in one step, if the file still holds `old`."""
    beside = path.with_name(f".{path.name}.mended")
    try:
        beside.write_bytes(data)
        beside.chmod(path.stat().st_mode)
        if path.read_bytes() != old:
            message = "somebody changed the file meanwhile"
            raise ContentError([Problem(Span(path.name), "changed", message, "run it again")])
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _change(file: File, planned: _Planned) -> Change:
    first, end = planned.ends
    start = first
    while file.text[start - 1].isalnum():
        start -= 1
    while file.text[end : end + 1].isalnum():
        end += 1
    edits = [Edit(edit.start - start, edit.end - start, edit.text) for edit in planned.edits]
    old = file.text[start:end]
    span = span_at(file.name, file.text, first)
    return Change(span, planned.finding.rule.id, old, _applied(old, edits))
