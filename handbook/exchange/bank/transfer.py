"""Question banks: a test as a workbook for people who live in spreadsheets, and back again.

A test is a tree; a workbook shows its leaves. What its sheets hold replaces those parts of the
test, what they do not hold stays. All that comes back is checked as the content that it will be,
together with the whole book and by the same functions, with the cell as its place; nothing is
written unless all of it is right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from handbook import loading
from handbook.diagnostics import ContentError, Problem, Span, UsageError, did_you_mean, raise_all
from handbook.exchange.bank.drafts import Drafts, id_in
from handbook.exchange.bank.leaves import Place, is_words, leaves, shown, to_values
from handbook.exchange.bank.sheets import ITEMS, Bank
from handbook.exchange.bank.workbook import read_workbook
from handbook.exchange.tables import Cell, Row, Table, match_name, read_table, unescaped
from handbook.model.entries import Assessment
from handbook.model.scoring import definition
from handbook.resolve.decode import decode
from handbook.resolve.editions import read_handbook
from handbook.source.files import read_text
from handbook.source.nodes import Branch, Node, Scalar, Series, empty_branch, find
from handbook.source.project import CONTENT, LOCALES, Layer, Source, read_project
from handbook.source.yaml import has_comments, write_yaml

FOLDER = "assessments"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_bank(root: Path, test: str, languages: Sequence[str] = ()) -> Bank:
    """Return a test of the project in `root`, in the source language and `languages` (or all).

    `test` is its id or its code. Raises `UsageError` for a test or a language that there is not,
    `ContentError` for content that cannot be read.
    """
    source = read_project(root)
    known = read_handbook(source).languages
    for tag in languages:
        if tag not in known:
            raise UsageError(f"there is no language “{tag}”; {did_you_mean(tag, known)}")
    codes = _codes(source)
    key = match_name(test, codes)
    tree = find(source.base.tree, (FOLDER, key)) if key else None
    if key is None or not isinstance(tree, Branch):
        raise UsageError(f"there is no test “{test}”; {did_you_mean(test, codes)}")
    decode(tree, Assessment)
    chosen = [known[0], *(tag for tag in known[1:] if tag in languages or not languages)]
    trees = _trees(source, key, chosen)
    return Bank(key, {tag: dict(leaves(tree)) for tag, tree in trees.items()})


def _codes(source: Source) -> dict[str, str]:
    """Return id → code of each test in the source language; the code may still be missing."""
    tests = find(source.base.tree, (FOLDER,))
    found = tests.children if isinstance(tests, Branch) else {}
    codes = {key: find(tree, ("code",)) for key, tree in found.items() if isinstance(tree, Branch)}
    return {key: code.raw if isinstance(code, Scalar) else "" for key, code in codes.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import changes."""

    file: str
    place: str
    old: str
    """Empty where there was nothing."""
    new: str

    def __str__(self) -> str:
        pairs = enumerate(zip(self.old, self.new, strict=False))
        at = next((at for at, (a, b) in pairs if a != b), min(len(self.old), len(self.new)))
        old, new = (_excerpt(text, at) for text in (self.old, self.new))
        if old and new:
            return f"{self.place}: {old} → {new}"
        return f"+ {self.place}: {new}" if new else f"- {self.place}: {old}"


def _excerpt(text: str, at: int) -> str:
    """Return in quotes what stands around the character `at`, on one line."""
    start, stop = max(0, at - 40), at + 60
    part = " ".join(text[start:stop].split())
    return f"“{'…' * (start > 0)}{part}{'…' * (stop < len(text))}”" if text else ""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import will do."""

    id: str
    changes: tuple[Change, ...]
    files: Mapping[str, str]
    """Path → the text that it gets."""
    commented: tuple[str, ...]
    """The files among them that hold comments, which get lost."""
    rescored: bool
    """Whether answers score differently than before, though the version is the same."""


def read_import(root: Path, path: Path, test: str = "", *, allow_missing: bool = False) -> Import:
    """Return what the import of a workbook, or of a CSV table of items, does to a project.

    `test` is the id or code under which it is taken in; else the one in the workbook counts, or
    the name of the file. Raises `ContentError` with everything that is wrong in the cells, or with
    the book that they give; `UsageError` for an impossible id, and where the test shares a file
    with others.
    """
    source = read_project(root)
    languages = read_handbook(source).languages
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise UsageError(f"“{path.name}” ends neither in .xlsx nor in .csv; save it as one of them")
    if path.suffix.lower() == ".xlsx":
        tables = read_workbook(path)
    else:
        tables = {ITEMS.title: read_items(path)}
    asked = test or id_in(tables) or path.stem
    key = match_name(asked, _codes(source)) or asked
    if not _ID.fullmatch(key):
        raise UsageError(f"“{key}” cannot be an id: only small letters a–z, digits and hyphens")
    old, first = _trees(source, key, languages), languages[0]
    items = find(old[first], ("items",))
    drafts = Drafts(languages, allow_missing, Span(path.name))
    drafts.read(tables, list(items.children) if isinstance(items, Branch) else [])
    new = {tag: drafts.laid_over(old[tag], tag) for tag in languages}
    found = _compare(root, key, old, new)
    wrong = _check(root, source, key, new, allow_missing) if found.changes else ()
    placed = (_at_its_cell(problem, new[first], drafts.empty) for problem in wrong)
    raise_all(_first_of_each_cell([*drafts.problems, *placed]))
    for tag in languages:
        if _file(key, tag, first) in found.files:
            _check_home(_file(key, tag, first), old[tag])
    return replace(found, rescored=_is_rescored(old[first], new[first]))


def read_items(path: Path) -> Table:
    """Return the table of a CSV file as it was before it was made harmless."""
    table = read_table(path)
    rows = (
        Row({name: _plain(cell) for name, cell in row.cells.items()}, row.span)
        for row in table.rows
    )
    return Table(table.heads, tuple(rows), table.span)


def _plain(cell: Cell) -> Cell:
    return replace(cell, text=unescaped(cell.text))


def _is_rescored(old: Branch, new: Branch) -> bool:
    try:
        before = decode(old, Assessment)
    except ContentError:  # a new test, or one that was broken
        return False
    after = decode(new, Assessment)
    return before.version == after.version and definition(before) != definition(after)


def write_import(root: Path, found: Import) -> None:
    """Write the files of an import; a disk that is full or a lock is met before any changes."""
    written: dict[Path, Path] = {}
    try:
        for name, text in found.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            beside.write_text(text, encoding="utf-8", newline="\n")
            written[beside] = path
        for beside, path in written.items():
            os.replace(beside, path)
    finally:
        for beside in written:
            beside.unlink(missing_ok=True)


def _trees(source: Source, test: str, languages: Sequence[str]) -> dict[str, Branch]:
    """Return a test as the files of each language have it, empty where they do not.

    The first of the `languages` is the source language.
    """
    first, *others = languages
    layers = {first: source.base.tree}
    layers |= {tag: source.base.translations.get(tag, empty_branch(tag)) for tag in others}
    found = {tag: find(tree, (FOLDER, test)) for tag, tree in layers.items()}
    return {
        tag: node if isinstance(node, Branch) else empty_branch(_file(test, tag, first))
        for tag, node in found.items()
    }


def _file(test: str, tag: str, first: str) -> str:
    folder = CONTENT if tag == first else f"{LOCALES}/{tag}"
    return f"{folder}/{FOLDER}/{test}.yaml"


def _check(
    root: Path, source: Source, test: str, trees: Mapping[str, Branch], allow_missing: bool
) -> Iterator[Problem]:
    """Yield what is wrong with the book in which `trees` are the test."""
    base = source.base
    first, *others = trees
    words = {
        tag: _with(base.translations[tag], test, trees[tag]) if trees[tag].children else tree
        for tag, tree in base.translations.items()
        if tag in others
    }
    layer = Layer(base.folder, _with(base.tree, test, trees[first]), words)
    try:
        loading.check(root, replace(source, base=layer), allow_missing=allow_missing)
    except ContentError as error:
        yield from error.problems


_SETTINGS = {
    "S01-range": ("range", "0"),
    "S02-missing-answers": ("prorate",),
    "S03-percent": ("bands_in",),
}
"""Rules about what is no text, and so tells them at the title, and the place of what they judge."""
_MISSING = re.compile(r"“(?P<key>[a-z_]+)” is missing")
_EXAMPLE = re.compile(r"example (?P<number>[0-9]+) ")
_SCALE = re.compile(r"the (?:scale|labels of) “(?P<id>[^”]+)”")


def _at_its_cell(problem: Problem, tree: Branch, empty: Mapping[Place, Span]) -> Problem:
    """Return `problem` with the cell that is to be mended, where its rule knows only the test.

    `empty` has the cells of what was left out.
    """
    missing = _MISSING.fullmatch(problem.message)
    if missing and problem.span == tree.span and (missing["key"],) in empty:
        return replace(problem, span=empty[missing["key"],])
    place = _SETTINGS.get(problem.rule, ())
    if example := _EXAMPLE.match(problem.message):
        place = ("examples", str(int(example["number"]) - 1))
    elif scale := _SCALE.match(problem.message):
        place = ("scales", scale["id"])
    title, fault = find(tree, ("title",)), _node_at(tree, place)
    if problem.rule == "untranslated" and problem.span.cell:
        hint = "add the columns of that language, or import with --allow-missing"
        return replace(problem, hint=hint)
    if title and fault and problem.span == title.span and place:
        return replace(problem, span=fault.span)
    return problem


def _node_at(tree: Node, place: Place) -> Node | None:
    for key in place:
        if isinstance(tree, Series):
            tree = tree.children[int(key)]
        elif isinstance(tree, Branch) and key in tree.children:
            tree = tree.children[key]
        else:
            return None
    return tree


def _with(tree: Branch, test: str, node: Branch) -> Branch:
    """Return the `tree` of a layer in which `node` is the test."""
    tests = find(tree, (FOLDER,))
    known = tests if isinstance(tests, Branch) else empty_branch(FOLDER)
    folder = Branch({**known.children, test: node}, known.span, known.keys)
    return Branch({**tree.children, FOLDER: folder}, tree.span, tree.keys)


def _first_of_each_cell(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield all problems, but of a cell the first of a kind: the others follow from it."""
    seen: set[object] = set()
    for problem in problems:
        same: object = (problem.span, problem.rule) if problem.span.cell else problem
        if same not in seen:
            yield problem
        seen.add(same)


def _compare(root: Path, test: str, old: Mapping[str, Branch], new: Mapping[str, Branch]) -> Import:
    changes: list[Change] = []
    files: dict[str, str] = {}
    first = next(iter(new))
    for tag in new:
        path = _file(test, tag, first)
        # The order of a translation is that of its original.
        found = list(_changes(path, old[tag], new[tag], in_order=tag == first))
        if found:
            files[path] = write_yaml(to_values(new[tag]))
        changes += found
    commented = (name for name in files if (root / name).is_file())
    lost = tuple(name for name in commented if has_comments(read_text(root, root / name)))
    return Import(test, tuple(changes), files, lost, rescored=False)


def _changes(path: str, old: Branch, new: Branch, *, in_order: bool) -> Iterator[Change]:
    before, after = dict(leaves(old)), dict(leaves(new))
    for place in dict.fromkeys([*before, *after]):
        here = [found.get(place) for found in (before, after)]
        texts = [_said(scalar, place) for scalar in here]
        if texts[0] != texts[1]:
            yield Change(path, shown(place), *texts)
    stayed = [place for place in before if place in after]
    pairs = zip(stayed, (place for place in after if place in before), strict=True)
    moved = next((shown(place) for other, place in pairs if place != other), "")
    if in_order and moved:
        yield Change(path, "order", "", f"{moved} has another place")


def _said(scalar: Scalar | None, place: Place) -> str:
    if scalar is None or scalar.value is None:
        return ""
    return scalar.raw.strip() if is_words(place) else str(scalar.value)


def _check_home(path: str, old: Branch) -> None:
    """Refuse to write a test that shares its file with others, or stands in several."""
    for file in {scalar.span.file for _, scalar in leaves(old)} - {path}:
        message = f"the test stands in {file}; move it to {path}, a file of its own, first"
        raise UsageError(message)
