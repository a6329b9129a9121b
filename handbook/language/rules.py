"""Typographic rules: what they say, and what they find in a text and change.

The rules are data. `common.yaml` beside this file has those of every language,
`locales/<tag>/typography.yaml` those of one; the number in a rule's id is its group, the same in
every language (07: spaces that must not break). In patterns and replacements `⍽` stands for a
no-break space, `{units}` and `{months}` for the language's own names from CLDR, `{letters}` and
`{capitals}` for its alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from babel import Locale
from babel.units import format_unit
from pydantic import ValidationError, model_validator

from handbook.diagnostics import ContentError, Problem
from handbook.model.base import Keyed
from handbook.model.words import MASKS
from handbook.source.files import read_text, relative
from handbook.source.nodes import Branch, find, overlay, to_plain
from handbook.source.yaml import read_yaml

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

_UNITS = (
    *("length-kilometer", "length-meter", "length-centimeter", "length-millimeter"),
    *("mass-kilogram", "mass-gram", "volume-liter", "digital-megabyte", "digital-gigabyte"),
    *("duration-second", "duration-minute", "duration-hour", "duration-day", "duration-week"),
    *("duration-month", "duration-year"),
)
"""CLDR's names of the measures that handbooks name."""
_AMOUNTS = (1, 2, 5, 20)
"""One number for each plural form of any language that is published here."""


class Edit(NamedTuple):
    """Replace the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


class Rule(Keyed):
    """One typographic rule of a language, or of all."""

    says: str
    """The rule, in one sentence."""
    why: str
    source: str
    level: Literal["silent", "warning", "error"]
    """Applied to what is published without a word, or told by `check`."""
    find: str = ""
    """Regular expression for what is wrong, in a text without Markdown."""
    replace: str | None = None
    """What stands there instead, with the groups of `find`; `check --fix` writes it."""
    swap: tuple[str, str] | None = None
    """Letters, and those that take their places one for one."""
    bind: bool = False
    """Whether the spaces within what is found become no-break spaces."""
    unless: tuple[str, ...] = ()
    """What the pattern finds and is right all the same, in small letters."""
    check: str = ""
    """Name of the function in `handbook.check.checks` that finds what no pattern can."""
    options: Mapping[str, Any] = {}
    """What that function must know."""
    hint: str = ""
    """What to do where there is no replacement."""
    wrong: str
    """A text that breaks the rule."""
    right: str
    """The same, as it should be."""

    @model_validator(mode="after")
    def _check(self) -> Rule:
        try:
            self.pattern.sub(self.replace or "", self.wrong)
        except (re.error, IndexError) as error:
            raise ValueError(f"“{self.find}” cannot be used: {error}") from error
        if bool(self.find) == bool(self.check):
            raise ValueError("write either `find` or `check`")
        if (self.replace is not None) + bool(self.swap) + self.bind > 1:
            raise ValueError("write one of `replace`, `swap` and `bind`")
        if self.level == "silent" and not (self.find and self.mends):
            raise ValueError("a silent rule needs `find`, and `replace`, `swap` or `bind`")
        if not self.mends and not self.hint:
            raise ValueError("write `replace`, or a `hint` on what to do")
        if self.swap and len(self.swap[0]) != len(self.swap[1]):
            raise ValueError("the two texts of `swap` differ in length")
        return self

    @property
    def mends(self) -> bool:
        """Whether the rule knows what should stand where its pattern matches."""
        return self.replace is not None or self.swap is not None or self.bind

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds what is wrong."""
        return re.compile(self.find)

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield what the pattern finds in `text`, which is `masked`."""
        for match in self.pattern.finditer(text):
            if match[0].lower() not in self.unless:
                yield match

    def edits(self, match: re.Match[str]) -> list[Edit]:
        """Return what mends the place that `match` found, no character more than needed."""
        start, found = match.start(), match[0]
        if self.bind:
            spaces = (start + place for place, letter in enumerate(found) if letter == " ")
            return [Edit(place, place + 1, NO_BREAK_SPACE) for place in spaces]
        new = match.expand(self.replace or "")
        if self.swap:
            new = found.translate(str.maketrans(*self.swap))
        return trimmed(Edit(start, match.end(), new), found)


def trimmed(edit: Edit, found: str) -> list[Edit]:
    """Return `edit` of the text `found` without what stays the same at both ends."""
    start, end, text = edit
    while found and text and found[0] == text[0]:
        found, text, start = found[1:], text[1:], start + 1
    while found and text and found[-1] == text[-1]:
        found, text, end = found[:-1], text[:-1], end - 1
    edit = Edit(start, end, text)
    # What stands for a placeholder or an address is nobody's to change.
    return [edit] if found != text and not MASKS.intersection(found + text) else []


def read_rules(root: Path, tag: str, locale: Locale) -> tuple[Rule, ...]:
    """Return the rules for the language `tag`: those of all languages, then its own.

    Of a rule of all languages, its own may set single keys anew. Raises `ContentError` with every
    rule that cannot be used.
    """
    names = _names(root, tag, locale)
    package = Path(__file__).parent
    common = read_yaml(read_text(package, package / "common.yaml"), "common.yaml", "en")
    path = root / "locales" / tag / "typography.yaml"
    own = Branch({}, common.span)
    if path.is_file():
        own = read_yaml(read_text(root, path), relative(root, path), tag)
    return _decode(overlay(common, own), names)


def _decode(tree: Branch, names: Mapping[str, str]) -> tuple[Rule, ...]:
    rules, problems = [], []
    for key, node in tree.children.items():
        data = to_plain(node)
        if isinstance(data, dict):
            filled = {name: _fill(name, value, names) for name, value in data.items()}
            data = {**filled, "id": key}
        try:
            rules.append(Rule.model_validate(data))
        except ValidationError as error:
            for details in error.errors():
                place = [str(part) for part in details["loc"]]
                span = (find(node, place) or node).span
                message = (
                    f"{'.'.join([key, *place])}: {details['msg'].removeprefix('Value error, ')}"
                )
                problems.append(
                    Problem(span, "language", message, "see handbook/language/common.yaml")
                )
    if problems:
        raise ContentError(problems)
    return tuple(rules)


def _fill(name: str, value: object, names: Mapping[str, str]) -> object:
    if name not in ("find", "replace", "wrong", "right") or not isinstance(value, str):
        return value
    value = value.replace("⍽", NO_BREAK_SPACE)
    if name == "find":
        for key, words in names.items():
            value = value.replace(f"{{{key}}}", words)
    return value


def _names(root: Path, tag: str, locale: Locale) -> dict[str, str]:
    """Return the parts of patterns that depend on the language's own words and letters."""
    months = locale.months["format"]["wide"].values()
    letters = "".join(letters_of(root, tag))
    return {
        "units": _either(_units(locale)),
        "months": _either(months),
        "letters": re.escape(letters + letters.upper()) or "A-Za-z",
        "capitals": "A-Z" + "".join(letter for letter in letters.upper() if letter.isupper()),
    }


def letters_of(root: Path, tag: str) -> tuple[str, str]:
    """Return the letters of a language's alphabet and its auxiliary ones; empty if unknown."""
    path = root / "locales" / tag / "cldr.yaml"
    if not path.is_file():
        return "", ""
    data = to_plain(read_yaml(read_text(root, path), relative(root, path), tag))
    assert isinstance(data, dict)
    return str(data.get("letters", "")), str(data.get("auxiliary", ""))


def _units(locale: Locale) -> Iterator[str]:
    for unit in _UNITS:
        for length in ("short", "long"):
            for amount in _AMOUNTS:
                text = str(format_unit(amount, unit, length, locale=locale))
                name = text.removeprefix(str(amount)).strip(
                    f" {NO_BREAK_SPACE}\N{NARROW NO-BREAK SPACE}"
                )
                if name and unit not in text and not name[0].isdigit():
                    yield name


def _either(words: Iterable[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, longest_first))
