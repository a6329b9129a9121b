"""The sheets of a question bank: which leaves of a test stand in which cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from handbook.exchange.bank.leaves import (
    NO,
    YES,
    Place,
    is_words,
    place_of,
    shown,
    to_cell,
)
from handbook.exchange.bank.workbook import Sheet, write_workbook
from handbook.exchange.tables import write_csv
from handbook.source.nodes import Scalar

GUIDE, TEST, SCALES, EXAMPLES = "Read me", "Test", "Scales", "Examples"

GUIDANCE = (
    "This workbook holds one test. Change words and numbers, save it as XLSX and hand it back; "
    "`handbook bank import` then shows what would change.",
    "Grey heads and ids are locked: ids join the languages, and the answers that people have "
    "given. To move or delete rows, choose Review → Unprotect Sheet; there is no password.",
    "Each language has its own columns, such as “stem [en]”. All of them say the same.",
    "Test: a row for each text and setting. An empty cell takes the setting out; a row that is not "
    "there leaves it as it is.",
    "Scales: a row for each answer, with its points. A rating scale has two rows: its first and "
    "its last number.",
    "Sections: headings over items, each with a subtotal. The sheet may be empty.",
    "Items: a row for each item, in order. Write new ones below the last, with an id of small "
    "letters, digits and hyphens. “reversed: yes” means that agreement counts for less.",
    "Bands: what totals mean, the lowest first. “from” is the lowest total of a band; the next "
    "band ends it. “source from” and “source to” are the range that a source prints, if any.",
    "Examples: answers and what they must give. An empty answer is a missing one.",
    "Leave {company} and the like as they are; the press replaces them. Links such as "
    "[loyalty](term-loyalty) keep their round brackets in every language.",
)

SETTINGS = (
    *("code", "version", "minutes", "evidence", "title", "summary", "body", "instruction"),
    *("range.1", "range.2", "prorate", "unscored.option", "unscored.from", "unscored.text"),
    "bands_in",
)
"""Fields that the sheet of the test shows even where they are empty."""

_KEY = "*"


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet with a row for each thing of a kind."""

    title: str
    key: str
    """Head of the ids."""
    settings: Mapping[str, Place]
    """Head → place; the row's id goes where the `*` stands."""
    words: Mapping[str, Place]
    """Head, without its language → place."""
    more: str = ""
    """How the heads of further words begin; their end is the last key of the place."""
    below: Place = ()
    """Where further words stand."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Head → what may be chosen."""

    @property
    def root(self) -> str:
        """The part of a test whose ids the rows have."""
        return self.words[next(iter(self.words))][0]

    @property
    def parts(self) -> set[str]:
        """The parts of a test of which the sheet holds something."""
        return {place[0] for place in (*self.settings.values(), *self.words.values())}

    def place(self, name: str, key: str) -> Place:
        """Return where belongs what stands below the head `name` in the row of `key`."""
        place = self.settings.get(name) or self.words.get(name)
        place = place or (*self.below, name.removeprefix(self.more))
        return tuple(key if part == _KEY else part for part in place)


SECTIONS = Rows("Sections", "section", {}, {"title": ("sections", _KEY, "title")})
ITEMS = Rows(
    "Items",
    "item",
    {name: ("items", _KEY, name) for name in ("section", "scale", "reversed", "counts")},
    {"stem": ("items", _KEY, "stem")},
    "option ",
    ("items", _KEY, "options"),
    {"reversed": (YES[0], NO[0]), "counts": ("total", "net-promoter", "nothing")},
)
BANDS = Rows(
    "Bands",
    "band",
    {
        "from": ("bands", _KEY, "from"),
        "source from": ("source_bands", _KEY, "0"),
        "source to": ("source_bands", _KEY, "1"),
    },
    {name: ("bands", _KEY, name) for name in ("title", "text", "strength", "next_step")},
)
ROWS = (SECTIONS, ITEMS, BANDS)
APART = {"scales", "examples"}.union(*(rows.parts for rows in ROWS))
"""Parts of a test that have sheets of their own."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A test as its leaves, in the source language, which has the numbers, and in others."""

    id: str
    leaves: Mapping[str, Mapping[Place, Scalar]]
    """Language → place → value; the source language first."""

    @property
    def base(self) -> Mapping[Place, Scalar]:
        """The leaves of the source language."""
        return next(iter(self.leaves.values()))

    def value(self, *place: str) -> object:
        """Return what a cell shows for a setting; None where there is none."""
        return to_cell(self.base.get(place))

    def words(self, *place: str) -> list[object]:
        """Return the text at `place` in each language."""
        found = (leaves.get(place) for leaves in self.leaves.values())
        return [s.raw.strip() if s and s.value is not None else None for s in found]

    def keys(self, *place: str) -> list[str]:
        """Return the keys below `place`, in order."""
        depth = len(place)
        below = (each[depth] for each in self.base if each[:depth] == place and len(each) > depth)
        return list(dict.fromkeys(below))


def to_workbook(bank: Bank) -> bytes:
    """Return a test as an XLSX workbook; raises `UsageError` for a text too long for a cell."""
    head = "How to work with this workbook"
    guidance = [[line] for line in GUIDANCE]
    guide = Sheet(GUIDE, [head], guidance, 1, frozenset({head}), open_ended=False)
    return write_workbook([guide, *sheets_of(bank)])


def sheets_of(bank: Bank) -> list[Sheet]:
    """Return the sheets that hold a test."""
    rows = (_rows_sheet(bank, layout) for layout in ROWS)
    return [_test_sheet(bank), _scales_sheet(bank), *rows, _examples_sheet(bank)]


def to_csv(bank: Bank) -> bytes:
    """Return the items of a test as a CSV table with the columns of the workbook's sheet."""
    sheet = _rows_sheet(bank, ITEMS)
    return write_csv(sheet.heads, sheet.rows)


def _heads(name: str, bank: Bank) -> list[str]:
    return [f"{name} [{tag}]" for tag in bank.leaves]


def _test_sheet(bank: Bank) -> Sheet:
    rows: list[list[object]] = [["id", bank.id, *[None] * len(bank.leaves)]]
    present = (shown(place) for place in bank.base if place[0] not in APART)
    for name in dict.fromkeys([*SETTINGS, *present]):
        place = place_of(name)
        value = None if is_words(place) else bank.value(*place)
        words = bank.words(*place) if is_words(place) else [None] * len(bank.leaves)
        rows.append([name, value, *words])
    words_heads = _heads("words", bank)
    return Sheet(TEST, ["field", "value", *words_heads], rows, 1, frozenset(words_heads))


def _scales_sheet(bank: Bank) -> Sheet:
    rows: list[list[object]] = []
    for scale in bank.keys("scales"):
        here = ("scales", scale)
        kind = bank.value(*here, "kind")
        if kind == "rating":
            for end, meaning in RATING:
                words = bank.words(*here, meaning)
                rows.append([scale, kind, bank.value(*here, end), None, *words])
            continue
        options = [*bank.keys(*here, "labels"), *bank.keys(*here, "points")]
        for option in dict.fromkeys(options):
            words = bank.words(*here, "labels", option)
            rows.append([scale, kind, option, bank.value(*here, "points", option), *words])
    heads = [*SCALE_HEADS, *_heads("label", bank)]
    return Sheet(SCALES, heads, rows, 3, choices={"kind": ("choice", "rating")})


SCALE_HEADS = ("scale", "kind", "option", "points")
RATING = (("from", "low"), ("to", "high"))
"""The two rows of a rating scale: where their number belongs, and where their words do."""


def _rows_sheet(bank: Bank, layout: Rows) -> Sheet:
    keys = bank.keys(layout.root)
    names = [*layout.words, *(f"{layout.more}{end}" for end in _ends(bank, layout))]
    rows = []
    for key in keys:
        row = [key, *(bank.value(*layout.place(head, key)) for head in layout.settings)]
        for name in names:
            row += bank.words(*layout.place(name, key))
        rows.append(row)
    words = [head for name in names for head in _heads(name, bank)]
    known = {"section": bank.keys("sections"), "scale": bank.keys("scales"), **layout.choices}
    heads = [layout.key, *layout.settings, *words]
    choices = {head: known[head] for head in layout.settings if head in known}
    return Sheet(layout.title, heads, rows, 1, frozenset(words), choices)


def _ends(bank: Bank, layout: Rows) -> Iterator[str]:
    """Yield the last keys of the further words of any row, each once."""
    found = (place for place in bank.base if layout.below and len(place) == len(layout.below) + 1)
    ends = (place[-1] for place in found if (place[0], place[2]) == layout.below[::2])
    yield from dict.fromkeys(ends)


def _examples_sheet(bank: Bank) -> Sheet:
    items = bank.keys("items")
    rows = []
    for example in bank.keys("examples"):
        here = ("examples", example)
        answers = (bank.value(*here, "answers", str(at)) for at in range(len(items)))
        rows.append([int(example) + 1, *(bank.value(*here, n) for n in RESULTS), *answers])
    heads = ["example", *RESULTS, *(f"{ANSWER}{item}" for item in items)]
    return Sheet(EXAMPLES, heads, rows, choices={"band": bank.keys("bands")})


RESULTS = ("total", "band")
ANSWER = "answer "
