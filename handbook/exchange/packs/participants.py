"""Who gets which sheet: a table of participants, or a number of sheets without names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from unicodedata import category, east_asian_width, normalize

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from handbook.diagnostics import Problem, Span, UsageError, did_you_mean, raise_all
from handbook.exchange.tables import Cell, Table, match_name, read_table
from handbook.loading import Project
from handbook.model.entries import Assessment
from handbook.model.profile import Profile
from handbook.model.worksheet import Worksheet
from handbook.pipeline import plan_of
from handbook.plan.documents import BY_ID, DOCUMENTS
from handbook.plan.plan import Output, Plan, Selection
from handbook.resolve.editions import Edition
from handbook.source.files import forbidden_characters
from handbook.theme.fonts import font_files

COLUMNS = ("name", "language", "sector", "brand", "test", "group")
"""What a table may say of a participant; none is necessary, others are not read."""
MAXIMUM_NAME = 80
"""Letters of a name that fit above a sheet; a Chinese character takes the room of two."""
MAXIMUM_NUMBERED = 10_000
FOR_THE_PRINTER = "together"
"""The folder that is no group's."""
_IN_FILE_NAME = 40
"""Letters of a name that stand in a file's name."""
_TELLING = 0.75
"""How alike an unknown head must be to be taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What everybody gets, unless their row says otherwise; an empty text is the book's first."""

    documents: tuple[str, ...] = ()
    language: str = ""
    sector: str = ""
    brand: str = ""
    test: str = ""
    """Id or code of a test."""
    worksheet: str = ""
    """Id or code of a worksheet."""


@dataclass(frozen=True, slots=True)
class Order:
    """One sheet for one participant."""

    number: int
    """Of the participant, counted from one in the order of the table."""
    name: str
    """Empty for somebody who is known by the number alone."""
    group: str
    folder: str
    """Of the group's sheets, and of no other group's; empty for somebody without a group."""
    output: Output
    """The sheet as it is planned for everybody."""
    code: str
    """The mark of the test or worksheet on paper; empty for what is of neither."""
    version: str


def read_orders(project: Project, wanted: Wanted, table: Path) -> tuple[Order, ...]:
    """Return what is to be made for the participants in a CSV or XLSX `table`, in its order.

    Raises `ContentError` with every cell that is wrong, and `UsageError` when `wanted` names what
    the handbook does not have.
    """
    desk = _Desk(project, wanted)
    found = read_table(table)
    heads = {name.casefold(): name for name in found.heads}
    problems = [*_misspelt_heads(found, heads)]
    if not found.rows:
        hint = "write a row for each participant"
        problems.append(Problem(found.span, "table", "nobody stands in the table", hint))
    orders: list[Order] = []
    letters = _letters_of(project)
    for number, row in enumerate(found.rows, start=1):
        cells = {column: row[heads[column]] for column in COLUMNS if column in heads}
        if "name" in cells:
            problems += _wrong_name(cells["name"], letters)
        for made in desk.orders(number, cells, row.span):
            if isinstance(made, Problem):
                problems.append(made)
            else:
                orders.append(made)
    raise_all(problems)
    return tuple(orders)


def numbered_orders(project: Project, wanted: Wanted, people: int) -> tuple[Order, ...]:
    """Return what is to be made for so many `people` without names.

    Raises `UsageError` when `wanted` names what the handbook does not have.
    """
    if not 1 <= people <= MAXIMUM_NUMBERED:
        raise UsageError(f"--numbered {people}: write a number from 1 to {MAXIMUM_NUMBERED}")
    desk = _Desk(project, wanted)
    orders: list[Order] = []
    for number in range(1, people + 1):
        for made in desk.orders(number, {}, Span("--numbered")):
            if isinstance(made, Problem):
                raise UsageError(f"{made.message}; {made.hint}")
            orders.append(made)
    return tuple(orders)


class _Desk:
    """Takes orders: knows what the book has and what is made where nothing else is said."""

    def __init__(self, project: Project, wanted: Wanted) -> None:
        handbook = project.handbook
        language = wanted.language or handbook.languages[0]
        self._project = project
        self._wanted = wanted
        self._usual = Profile(
            match_language(language, handbook.languages) or language,
            wanted.sector or handbook.sectors[0],
            wanted.brand or handbook.brands[0],
        )
        self._folders = {"": ""}
        self._documents = tuple(dict.fromkeys(wanted.documents)) or _usual_documents(wanted)
        usual = self._usual
        asked = Selection(self._documents, (usual.language,), (usual.sector,), (usual.brand,))
        asked.check(handbook)
        sheets = [document.id for document in DOCUMENTS if _is_for_everybody(document.id)]
        for document in self._documents:
            if document not in sheets:
                message = f"--document {document}: a pack is made of sheets for participants"
                raise UsageError(f"{message}: {', '.join(sheets)}")
        self._plan: Plan = plan_of(project, Selection(self._documents, everything=True))

    def orders(
        self, number: int, cells: Mapping[str, Cell], span: Span
    ) -> Iterator[Order | Problem]:
        """Yield the sheets of one participant, or what is wrong with the cells of the row."""
        profile = Profile(
            *(self._coordinate(axis, cells) for axis in ("language", "sector", "brand"))
        )
        if profile not in self._project.editions:
            yield from self._unknown(profile, cells)
            return
        for document in self._documents:
            yield self._order(number, document, profile, cells, span)

    def _coordinate(self, axis: str, cells: Mapping[str, Cell]) -> str:
        given = cells[axis].text if axis in cells else ""
        if not given:
            return str(getattr(self._usual, axis))
        if axis == "language":
            return match_language(given, self._project.handbook.languages) or given
        return given

    def _unknown(self, profile: Profile, cells: Mapping[str, Cell]) -> Iterator[Problem]:
        handbook = self._project.handbook
        for axis, known in (
            ("language", handbook.languages),
            ("sector", handbook.sectors),
            ("brand", handbook.brands),
        ):
            given = getattr(profile, axis)
            if given not in known:
                message = f"{cells[axis].name}: the handbook has no {axis} “{given}”"
                yield Problem(cells[axis].span, axis, message, did_you_mean(given, known))

    def _order(
        self, number: int, document: str, profile: Profile, cells: Mapping[str, Cell], span: Span
    ) -> Order | Problem:
        edition = self._project.editions[profile]
        text = {key: normalize("NFC", " ".join(c.text.split())) for key, c in cells.items()}
        name, group = text.get("name", ""), text.get("group", "")
        person = (number, name, group, self._folder(group))
        handbook = self._project.handbook
        if alone := self._plan.find(document, document, profile):  # of no test or worksheet
            return Order(*person, alone, "", handbook.version)
        own = cells["test"] if "test" in cells and cells["test"].text else None
        names = [own.text if own else self._wanted.test, self._wanted.worksheet]
        for asked_for in filter(None, names):
            subject = _subject(edition, asked_for)
            output = subject and self._plan.find(document, subject.id, profile)
            if subject and output:
                version = subject.version if isinstance(subject, Assessment) else ""
                return Order(*person, output, subject.code, version or handbook.version)
        asked = " or ".join(filter(None, names)) or "nothing"
        place = f"{own.name}: " if own else ""
        message = f"{place}there is no {document} of {asked} in the edition {profile}"
        codes = {thing.code: thing.id for thing in _subjects(edition)}
        hint = f"name one with --test or --worksheet: {', '.join(codes)}"
        return Problem(own.span if own else span, "sheet", message, hint)

    def _folder(self, group: str) -> str:
        """Return the folder of a group; those whose names would look alike get numbers."""
        if group not in self._folders:
            taken = {FOR_THE_PRINTER, *(name.casefold() for name in self._folders.values())}
            plain = file_name(group) or "group"
            names = (f"{plain}-{number}" for number in count(2))
            self._folders[group] = next(
                n for n in chain([plain], names) if n.casefold() not in taken
            )
        return self._folders[group]


def file_name(text: str) -> str:
    """Return `text` as part of a file's name that every system takes: letters and digits."""
    short = text[:_IN_FILE_NAME]
    kept = (letter if category(letter)[0] in "LMN" else " " for letter in short)
    return "-".join("".join(kept).split())


def match_language(tag: str, languages: Iterable[str]) -> str | None:
    """Return which of `languages` serves a reader of `tag` (BCP 47); None when none does.

    A region does not matter, a script does: “zh-CN” reads Simplified Chinese, “zh-TW” does not.
    """
    known = list(languages)
    plain = tag.replace("_", "-")
    exact = [own for own in known if own.casefold() == plain.casefold()]
    asked = _language_and_script(plain)
    if exact or asked is None:
        return exact[0] if exact else None
    for own in known:
        language, script = _language_and_script(own) or ("", "")
        # CLDR's parents: who asks for Norwegian can read each of its written forms.
        serves = asked[0] in (language, get_global("parent_exceptions").get(language))
        if serves and (not asked[1] or not script or script == asked[1]):
            return own
    return None


def _language_and_script(tag: str) -> tuple[str, str] | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return locale.language, locale.script or ""


def _usual_documents(wanted: Wanted) -> tuple[str, ...]:
    """Return what a test or a worksheet is answered on."""
    documents = (("answer-sheet", wanted.test), ("worksheet", wanted.worksheet))
    found = tuple(document for document, subject in documents if subject)
    return found or ("answer-sheet",)


def _is_for_everybody(document: str) -> bool:
    row = BY_ID[document]
    sheet = any(page.kind == "sheet" for page in row.pages)
    return row.names or (row.media == "print" and row.audience == "participant" and sheet)


def _subjects(edition: Edition) -> Iterator[Assessment | Worksheet]:
    yield from (entry for entry in edition.entries.values() if isinstance(entry, Assessment))
    yield from edition.worksheets.values()


def _subject(edition: Edition, name: str) -> Assessment | Worksheet | None:
    """Return the test or worksheet that has `name` as its id or as its code."""
    subjects = {subject.id: subject for subject in _subjects(edition)}
    found = match_name(name, {key: subject.code for key, subject in subjects.items()})
    return subjects[found] if found else None


def _misspelt_heads(table: Table, heads: Mapping[str, str]) -> Iterator[Problem]:
    """Yield every head that a pack does not know: passed over, it would cost people their names."""
    missing = [column for column in COLUMNS if column not in heads]
    for head, cell in table.heads.items():
        if head.casefold() not in COLUMNS:
            message = f"{cell.name}: “{head}” is no column of a pack"
            hint = did_you_mean(head.casefold(), missing) or f"known: {', '.join(COLUMNS)}"
            yield Problem(cell.span, "table", message, hint)


def _wrong_name(cell: Cell, letters: frozenset[int]) -> Iterator[Problem]:
    name = normalize("NFC", " ".join(cell.text.split()))
    strange = [letter for _, letter in forbidden_characters(name)]
    unknown = [letter for letter in name if ord(letter) not in letters and letter not in strange]
    for letter in dict.fromkeys(strange):
        message = f"{cell.name}: forbidden character U+{ord(letter):04X}"
        yield Problem(cell.span, "name", message, "delete it; it may have come in by copying")
    if unknown:
        shown = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in dict.fromkeys(unknown))
        message = f"{cell.name}: no font has {shown}"
        hint = "write the name in other letters, or put a font that has them into themes/*/fonts/"
        yield Problem(cell.span, "name", message, hint)
    if width_of(name) > MAXIMUM_NAME:
        message = f"{cell.name}: the name is too long to stand above a sheet"
        yield Problem(cell.span, "name", message, f"shorten it to {MAXIMUM_NAME} letters")


def width_of(name: str) -> int:
    """Return the room that a name takes, in letters."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in name)


def _letters_of(project: Project) -> frozenset[int]:
    """Return every character that the fonts of the themes have."""
    from fontTools.ttLib import TTFont  # heavy: only where names are looked at

    folders = {folder / "fonts" for t in project.themes.values() for folder in t.folders}
    paths = [path for folder in folders for path in font_files(folder)]
    letters: set[int] = set()
    for path in paths:
        with TTFont(path, lazy=True) as font:
            letters.update(font.getBestCmap())
    return frozenset(letters)
