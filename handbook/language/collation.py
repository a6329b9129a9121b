"""The order of the dictionary, by the Unicode Collation Algorithm.

The root order is the one of Unicode's DUCET (https://www.unicode.org/reports/tr10/); a language's
own order is CLDR's tailoring of it, given in `language.yaml` in the short form of CLDR's rules:
`&a<ă<â` puts ă and then â behind a, `[reorder Grek]` puts Greek letters before Latin ones.
Chinese is sorted by pinyin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

PINYIN = "pinyin"
FIGURES = "0–9"
"""Under which an index lists what begins with a figure."""

_REORDER = re.compile(r"\[reorder (?P<script>\w+)\]")
_SCRIPTS = {"Grek": "GREEK", "Cyrl": "CYRILLIC"}
"""ISO 15924 codes and the names that Unicode's character names begin with."""
_RULE = re.compile(r"&(?P<anchor>[^<&\s]+)(?P<followers>(?:<[^<&\s]+)+)")


@cache
def sort_key(collation: str) -> Callable[[str], Any]:
    """Return the function that gives the sort key of a text under `collation`."""
    if collation == PINYIN:
        return _pinyin_key
    return _tailored(collation)


@cache
def initial_of(collation: str) -> Callable[[str], str]:
    """Return the function that gives the letter under which an index lists a text.

    That is the base letter of the first letter or figure, or the letter itself where the order
    has it as one of its own; the initial of the pinyin of an ideograph; `FIGURES` of a figure.
    """
    own = _order(collation)
    spell = _spelling if collation == PINYIN else str

    def initial(text: str) -> str:
        letter = next(filter(str.isalnum, spell(unicodedata.normalize("NFC", text))), "")
        base = unicodedata.normalize("NFD", letter)[:1]
        if letter.isdigit():
            return FIGURES
        same = _primary(_root()(letter)) == _primary(_root()(base))
        plain = same and letter.casefold() not in own
        return (base if plain else letter).upper()

    return initial


def check_rules(collation: str) -> None:
    """Raise `ValueError` for rules that are not understood here."""
    rest = _RULE.sub("", _REORDER.sub("", collation)).strip()
    if collation != PINYIN and rest:
        raise ValueError(f"“{rest}” is not understood; write rules such as &a<ă<â")
    reorder = _REORDER.search(collation)
    if reorder and reorder["script"] not in _SCRIPTS:
        raise ValueError(f"the script “{reorder['script']}” is none of {', '.join(_SCRIPTS)}")


def _spelling(text: str) -> str:
    """Return the letters of the pinyin of a text."""
    from pypinyin import lazy_pinyin  # heavy: only where Chinese is sorted

    return "".join(lazy_pinyin(text))


def _pinyin_key(text: str) -> Any:
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(text.casefold(), style=Style.TONE3, neutral_tone_with_five=True), text


def _order(rules: str) -> dict[str, tuple[str, int]]:
    """Return the letters that `rules` put behind another, and which and where."""
    order: dict[str, tuple[str, int]] = {}
    for rule in _RULE.finditer(rules):
        for rank, letter in enumerate(rule["followers"].split("<")[1:], start=1):
            order[letter] = (rule["anchor"], rank)
    return order


def _tailored(rules: str) -> Callable[[str], Any]:
    order = _order(rules)
    reorder = _REORDER.search(rules)
    script = _SCRIPTS[reorder["script"]] if reorder else ""
    letters = (
        re.compile("|".join(map(re.escape, sorted(order, key=len, reverse=True))))
        if order
        else None
    )

    def key(text: str) -> Any:
        """Compare letter by letter: the root's weights, then the place behind the anchor."""
        root = _root()
        parts: list[tuple[bool, Any, int]] = []
        lowered = unicodedata.normalize("NFC", text).casefold()
        position = 0
        while position < len(lowered):
            match = letters.match(lowered, position) if letters else None
            letter = match[0] if match else lowered[position]
            anchor, rank = order.get(letter, (letter, 0))
            primary = tuple(weight for weight in _primary(root(anchor)) if weight)
            if primary:
                later = letter.isalpha() and not unicodedata.name(letter[0], "").startswith(script)
                parts.append((later, primary, rank))
            position += len(letter)
        return parts, root(text)

    return key


def _primary(key: tuple[int, ...]) -> tuple[int, ...]:
    """Return the weights of the first level: those before the first zero."""
    return key[: key.index(0)] if 0 in key else key


@cache
def _root() -> Callable[[str], tuple[int, ...]]:
    from pyuca import Collator  # heavy: 0.4 s, only where something is sorted

    collator: Callable[[str], tuple[int, ...]] = Collator().sort_key
    return collator
