"""Words by machine: hunspell for spelling, py3langid for the language, OpenCC for the script."""

from __future__ import annotations

import os
import re
import subprocess
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from .tools import program

DICTIONARIES = {"el": "el_GR", "nb": "nb_NO", "ro": "ro_RO", "ru": "ru_RU"}
"""Language → hunspell's dictionary. Chinese has none."""
IDENTIFIED = {"en": "en", "el": "el", "nb": "no", "ro": "ro", "zh-Hans": "zh", "ru": "ru"}
"""Language → its name in py3langid."""
LONG_ENOUGH = 40
"""Letters below which nobody can tell a language for sure."""

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of `text`; the apostrophe is the straight one that dictionaries know."""
    return [word.replace("’", "'") for word in _WORD.findall(text)]


def unknown_words(tag: str, words: Sequence[str]) -> list[str]:
    """Return each of `words` that hunspell does not know, as often as it is there."""
    result = subprocess.run(
        [program("hunspell"), "-i", "UTF-8", "-d", DICTIONARIES[tag], "-l"],
        input="\n".join(dict.fromkeys(words)),
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    wrong = set(result.stdout.split())
    return [word for word in words if len(word) > 1 and word in wrong]


@cache
def _identifier() -> Any:
    import py3langid

    py3langid.set_languages(list(IDENTIFIED.values()))
    return py3langid


def language_of(text: str) -> str:
    """Return the language that `text` seems to be in, by its name in py3langid."""
    name: str = _identifier().classify(text)[0]
    return name


def is_long_enough(text: str) -> bool:
    """Tell whether the language of `text` can be told: it has enough letters."""
    letters = [c for c in text if c.isalpha()]
    wide = sum(unicodedata.east_asian_width(c) == "W" for c in letters)
    return len(letters) + 2 * wide >= LONG_ENOUGH


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def traditional_characters(text: str) -> Sequence[str]:
    """Return the characters of `text` that have a simplified form."""
    simple: str = _simplifier().convert(text)
    return [a for a, b in zip(text, simple, strict=False) if a != b]
