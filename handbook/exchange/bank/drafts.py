"""Sheets that come back: read into a tree of each language, in which every value knows its cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from handbook.diagnostics import ContentError, Gathered, Problem, Span, did_you_mean, raise_all
from handbook.exchange.bank.leaves import (
    POSITION,
    Place,
    annotation_at,
    is_words,
    place_of,
    shown,
    to_value,
)
from handbook.exchange.bank.sheets import (
    ANSWER,
    EXAMPLES,
    GUIDE,
    ITEMS,
    RATING,
    RESULTS,
    ROWS,
    SCALE_HEADS,
    SCALES,
    TEST,
    Rows,
)
from handbook.exchange.tables import Cell, Row, Table
from handbook.model.schema import shape_of
from handbook.source.files import forbidden, forbidden_characters
from handbook.source.nodes import Branch, Node, Scalar, Series

WordHeads = Mapping[str, Mapping[str, str]]
"""Name of a column → language → head."""

_WORDS_HEAD = re.compile(r"(?P<name>.+?) \[(?P<tag>[^\[\]]+)\]")
_LINE_END = re.compile("\r\n?")


@dataclass
class _Draft:
    """A mapping or list that is still being read."""

    span: Span
    children: dict[str, _Draft | Scalar] = field(default_factory=dict)
    keys: dict[str, Span] = field(default_factory=dict)


def id_in(tables: Mapping[str, Table]) -> str:
    """Return the id of the test that the sheets name, or nothing."""
    table = tables.get(TEST)
    rows = table.rows if table and {"field", "value"} <= table.heads.keys() else ()
    return next((row["value"].text for row in rows if row["field"].text == "id"), "")


class Drafts:
    """The trees of a test, one for each language, that sheets give."""

    def __init__(self, languages: Sequence[str], allow_missing: bool, span: Span) -> None:
        """Take the languages, the source language first, and where the sheets stand."""
        self.languages = languages
        self.source = languages[0]
        self.allow_missing = allow_missing
        self.problems: list[Problem] = []
        self._drafts = {tag: _Draft(span) for tag in languages}
        self.empty: dict[Place, Span] = {}
        """Where texts and settings of the test as a whole were left empty."""
        self._held: dict[str, set[str]] = {tag: set() for tag in languages}

    def read(self, tables: Mapping[str, Table], items: Sequence[str]) -> None:
        """Take up all sheets; `items` are those of the test where no sheet holds them.

        Raises `ContentError` for sheets and columns that are not known, or are missing.
        """
        known = [TEST, SCALES, *(layout.title for layout in ROWS), EXAMPLES]
        raise_all(
            Problem(
                table.span, "table", f"no sheet is called “{title}”", did_you_mean(title, known)
            )
            for title, table in tables.items()
            if title not in (*known, GUIDE)
        )
        gathered = Gathered()
        for title, reader in ((TEST, self._test), (SCALES, self._scales)):
            if title in tables:
                with gathered.errors():
                    reader(tables[title])
        for layout in ROWS:
            if layout.title in tables:
                with gathered.errors():
                    self._rows(tables[layout.title], layout)
        if EXAMPLES in tables:
            held = self._drafts[self.source].children.get(ITEMS.root)
            with gathered.errors():
                now = list(held.children) if isinstance(held, _Draft) else items
                self._examples(tables[EXAMPLES], now)
        if gathered.problems:
            raise ContentError([*self.problems, *gathered.problems])

    def laid_over(self, old: Branch, tag: str) -> Branch:
        """Return `old`, the test in a language, with the parts that the sheets hold."""
        new = self._finish(self._drafts[tag], ())
        assert isinstance(new, Branch)
        kept = {key: node for key, node in old.children.items() if key not in self._held[tag]}
        span = old.span if old.children else new.span
        return Branch({**kept, **new.children}, span, {**old.keys, **new.keys})

    def _test(self, table: Table) -> None:
        heads = self._columns(table, ("field", "value"), ("words",))["words"]
        for row in table.rows:
            name = row["field"].text
            if not self._has_key(row, "field") or name == "id":
                continue
            place = place_of(name)
            if annotation_at(place) is None:
                hint = did_you_mean(place[-1], shape_of(annotation_at(place[:-1])).fields)
                self._report(row["field"], "unknown-key", f"a test has no “{name}”", hint)
                continue
            for tag in {self.source, *heads}:
                self._held[tag].add(place[0])
            wrong = [row["value"]] if is_words(place) else [row[head] for head in heads.values()]
            for cell in wrong:
                if cell.text:
                    hint = f"write it below “{'words' if is_words(place) else 'value'}”"
                    self._report(cell, "table", f"“{name}” does not stand here", hint)
            if is_words(place):
                self._put_words(place, row, heads, row["field"])
            elif shape_of(annotation_at(place)).kind in ("items", "values"):
                self._open(place, row["field"])  # a list may be empty
            else:
                self._put(self.source, place, row["value"], row["field"])
            own = row[heads[self.source] if is_words(place) else "value"]
            if not own.text:
                self.empty[place] = _span(own)

    def _scales(self, table: Table) -> None:
        heads = self._columns(table, SCALE_HEADS, ("label",))
        self._hold({"scales"}, heads)
        rows: dict[str, list[Row]] = {}
        for row in table.rows:
            if self._has_key(row, "scale"):
                rows.setdefault(row["scale"].text, []).append(row)
        for scale, group in rows.items():
            kind = group[0]["kind"]
            self._open(("scales", scale), group[0]["scale"])
            self._put(self.source, ("scales", scale, "kind"), kind)
            for row in group:
                if row["kind"].text != kind.text:
                    hint = f"its first row says “{kind.text}”"
                    self._report(row["kind"], "table", "all rows of a scale have one kind", hint)
            if kind.text == "rating":
                self._rating(scale, group, heads["label"])
            else:
                self._choice(scale, group, heads["label"])

    def _choice(self, scale: str, rows: Sequence[Row], heads: Mapping[str, str]) -> None:
        for row in rows:
            if self._has_key(row, "option"):
                option = row["option"].text
                self._put(
                    self.source,
                    ("scales", scale, "points", option),
                    row["points"],
                    row["option"],
                )
                place = ("scales", scale, "labels", option)
                self._put_words(place, row, heads, row["option"])

    def _rating(self, scale: str, rows: Sequence[Row], heads: Mapping[str, str]) -> None:
        if len(rows) != 2:
            message = f"the rating scale “{scale}” has {len(rows)} rows"
            hint = "write two: its first and its last number"
            self._report(rows[0]["scale"], "table", message, hint)
        for row, (end, meaning) in zip(rows, RATING, strict=False):
            self._put(self.source, ("scales", scale, end), row["option"])
            self._put_words(("scales", scale, meaning), row, heads)
            if row["points"].text:
                hint = "clear the cell: the number itself is what counts"
                self._report(row["points"], "table", "a rating has no other points", hint)

    def _rows(self, table: Table, layout: Rows) -> None:
        values = (layout.key, *layout.settings)
        heads = self._columns(table, values, tuple(layout.words), layout.more)
        self._hold(layout.parts, heads)
        first: dict[str, Cell] = {}
        for row in table.rows:
            if not self._has_key(row, layout.key):
                continue
            cell = row[layout.key]
            before = first.setdefault(cell.text, cell)
            if before is not cell:
                hint = f"it is in {before.name} already; choose another"
                self._report(cell, "duplicate-id", f"“{cell.text}” is there twice", hint)
                continue
            self._open((layout.root, cell.text), cell)
            for head in layout.settings:
                self._put(self.source, layout.place(head, cell.text), row[head])
            for name, columns in heads.items():
                self._put_words(layout.place(name, cell.text), row, columns)

    def _examples(self, table: Table, items: Sequence[str]) -> None:
        self._columns(table, ("example", *RESULTS), (), ANSWER)
        for head, cell in table.heads.items():
            item = head.removeprefix(ANSWER)
            if head != item and item not in items:
                hint = did_you_mean(item, items)
                self._report(cell, "table", f"there is no item “{item}”", hint)
        self._hold({"examples"}, {})
        for number, row in enumerate(table.rows):
            here = ("examples", str(number))
            self._open(here, row["example"])
            for name in RESULTS:
                self._put_or_nothing((*here, name), row[name])
            for at, item in enumerate(items):
                cell = row.cells.get(f"{ANSWER}{item}", Cell("", row.span))
                self._put_or_nothing((*here, "answers", str(at)), cell)

    def _columns(
        self, table: Table, values: Sequence[str], words: Sequence[str], more: str = ""
    ) -> dict[str, dict[str, str]]:
        """Return the heads of the columns of words, by name and language.

        `more` begins the names of further columns; those of a sheet without words are settings.
        """
        found: dict[str, dict[str, str]] = {name: {} for name in words}
        problems = []
        for head, cell in table.heads.items():
            match = _WORDS_HEAD.fullmatch(head)
            name, tag = (match["name"], match["tag"]) if match else (head, "")
            if head in values or (not words and head.startswith(more)):
                continue
            if not tag or not (name in words or (more and name.startswith(more))):
                hint = did_you_mean(name, [*values, *words])
                problems.append(_problem(cell, "table", f"no column is called “{head}”", hint))
            elif tag not in self.languages:
                hint = did_you_mean(tag, self.languages)
                problems.append(_problem(cell, "table", f"there is no language “{tag}”", hint))
            else:
                found.setdefault(name, {})[tag] = head
        required = [*values, *(f"{name} [{self.source}]" for name in words)]
        for head in required:
            if head not in table.heads:
                message, hint = f"there is no column “{head}”", "export the test to see the columns"
                problems.append(Problem(table.span, "table", message, hint))
        raise_all(problems)
        return found

    def _hold(self, parts: set[str], heads: WordHeads) -> None:
        """Note that a sheet holds `parts` in the languages of its columns."""
        for tag in {self.source, *(tag for columns in heads.values() for tag in columns)}:
            self._held[tag] |= parts

    def _has_key(self, row: Row, head: str) -> bool:
        if not row[head].text:
            hint = "write it, or clear the whole row"
            self._report(row[head], "missing", f"“{head}” is empty", hint)
        return bool(row[head].text)

    def _put_words(
        self, place: Place, row: Row, heads: Mapping[str, str], key: Cell | None = None
    ) -> None:
        """Put the text of each language; one that is missing is put as an empty text and told."""
        expected = row[heads[self.source]].text and not self.allow_missing
        for tag, head in heads.items():
            if row[head].text or (expected and tag != self.source):
                self._put(tag, place, row[head], key, even_empty=True)

    def _put_or_nothing(self, place: Place, cell: Cell) -> None:
        if cell.text:
            self._put(self.source, place, cell)
        else:
            self._add(self.source, place, Scalar(None, "", _span(cell), self.source), _span(cell))

    def _put(
        self, tag: str, place: Place, cell: Cell, key: Cell | None = None, even_empty: bool = False
    ) -> None:
        if not cell.text and not even_empty:
            return
        span = _span(cell)
        text = unicodedata.normalize("NFC", _LINE_END.sub("\n", cell.text))
        for _, character in forbidden_characters(text):
            self.problems.append(forbidden(character, span))
        value = text if is_words(place) else to_value(text, place)
        self._add(tag, place, Scalar(value, text, span, tag), _span(key or cell))

    def _open(self, place: Place, cell: Cell) -> None:
        """Let there be a mapping at `place`, even if nothing stands in it."""
        self._draft_at(self.source, place, _span(cell))

    def _add(self, tag: str, place: Place, scalar: Scalar, key: Span) -> None:
        parent = self._draft_at(tag, place[:-1], key)
        if parent is None or place[-1] in parent.children:
            message = f"“{shown(place)}” is there twice"
            self.problems.append(Problem(key, "duplicate-key", message, "keep one"))
            return
        parent.children[place[-1]] = scalar
        parent.keys[place[-1]] = key

    def _draft_at(self, tag: str, place: Place, span: Span) -> _Draft | None:
        """Return the mapping at `place`, new if need be; None where a value stands in the way."""
        draft = self._drafts[tag]
        for part in place:
            child = draft.children.setdefault(part, _Draft(span))
            draft.keys.setdefault(part, span)
            if isinstance(child, Scalar):
                return None
            draft = child
        return draft

    def _finish(self, draft: _Draft | Scalar, place: Place) -> Node:
        if isinstance(draft, Scalar):
            return draft
        children = {
            key: self._finish(child, (*place, key)) for key, child in draft.children.items()
        }
        if shape_of(annotation_at(place)).kind != "items":
            return Branch(children, draft.span, draft.keys)
        for key in children:
            if not POSITION.fullmatch(key):
                message, hint = f"“{shown((*place, key))}” is no place in a list", "count 1, 2, 3 …"
                self.problems.append(Problem(draft.keys[key], "table", message, hint))
        numbers = sorted((key for key in children if POSITION.fullmatch(key)), key=int)
        return Series(tuple(children[key] for key in numbers), draft.span)

    def _report(self, cell: Cell, rule: str, message: str, hint: str) -> None:
        self.problems.append(_problem(cell, rule, message, hint))


def _problem(cell: Cell, rule: str, message: str, hint: str) -> Problem:
    return Problem(_span(cell), rule, message, hint)


def _span(cell: Cell) -> Span:
    """Return the place of a cell, by the name that a spreadsheet gives it."""
    return replace(cell.span, cell=cell.name)
