"""The words by machine: the right language, spelled rightly, in the right characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest

from handbook.loading import Project
from handbook.model.words import replace_placeholders
from handbook.resolve.coherence import edition_texts
from tests.validators import languages

LIMITS = {"el": 0.02, "nb": 0.04, "ro": 0.02, "ru": 0.02}
"""Highest share of words that the dictionary may not know; it lacks many Norwegian compounds."""
FORBIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\ufffd\ue000-\uf8ff]")
"""Marks of direction, characters without width, and those that mean nothing."""


def plain_texts(project: Project, tag: str) -> Iterator[str]:
    """Yield every text of a language once, without links, placeholders and emphasis."""
    seen = set()
    for profile, edition in project.editions.items():
        if profile.language == tag:
            for text in edition_texts(edition):
                if text.text not in seen and text.language == tag:
                    seen.add(text.text)
                    label_only = re.sub(r"\]\([^)]*\)", "]", text.text)
                    yield replace_placeholders(label_only, lambda _: "0").replace("*", "")


@pytest.mark.parametrize("tag", LIMITS)
def test_the_dictionary_knows_the_words(project: Project, tag: str) -> None:
    words = [word for text in plain_texts(project, tag) for word in languages.words_of(text)]
    unknown = languages.unknown_words(tag, words)
    assert len(words) > 20_000
    assert len(unknown) / len(words) <= LIMITS[tag], sorted(set(unknown))


@pytest.mark.parametrize("tag", languages.IDENTIFIED)
def test_every_paragraph_is_in_its_language(project: Project, tag: str) -> None:
    paragraphs = [p for text in plain_texts(project, tag) for p in text.split("\n\n")]
    long = [p for p in paragraphs if languages.is_long_enough(p)]
    wrong = [p for p in long if languages.language_of(p) != languages.IDENTIFIED[tag]]
    assert len(long) > 500
    assert wrong == []


def test_chinese_is_simplified(project: Project) -> None:
    for text in plain_texts(project, "zh-Hans"):
        assert languages.traditional_characters(text) == [], text


def test_no_text_has_characters_that_nobody_sees(project: Project) -> None:
    for tag in project.handbook.languages:
        for text in plain_texts(project, tag):
            assert not FORBIDDEN.search(text), text
            assert unicodedata.is_normalized("NFC", text), text


def test_the_validators_find_what_is_wrong() -> None:
    assert languages.unknown_words("ro", ["cumpărător", "cumparator"]) == ["cumparator"]
    assert languages.unknown_words("el", ["πελάτης", "πελλάτης"]) == ["πελλάτης"]
    assert languages.language_of("Kunden kommer tilbake fordi vi holder det vi lover.") == "no"
    assert languages.language_of("Customers come back because we keep our promises.") == "en"
    assert languages.traditional_characters("客户與顾客") == ["與"]
