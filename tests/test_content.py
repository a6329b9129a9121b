"""The words themselves: complete, equal in every language, clean, and printable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from handbook.model.assessment import band_of, total
from handbook.model.calculation import calculate, rows
from handbook.model.entries import Activity, Assessment
from handbook.model.words import Words
from handbook.pipeline import Project
from handbook.resolve.coherence import edition_texts
from handbook.resolve.editions import Edition
from handbook.words import WRITTEN_IN, read_catalog, template_messages
from tests.conftest import ROOT

# What the blueprint of the content demands of this part of the book: unit → number of its items.
UNITS = {
    "concept-customer-centred-approach": 6,
    "concept-sincere-extra": 0,
    "principle-understand-needs": 0,
    "principle-quality-at-or-above-expectation": 0,
    "principle-mutual-respect": 0,
    "principle-open-leaders": 0,
    "principle-flexibility": 0,
    "principle-comfortable-climate": 0,
    "principle-share-the-problem": 0,
    "principle-continuous-improvement": 0,
    "principle-attract-and-retain": 0,
    "checklist-four-orientation-rules": 4,
    "concept-human-orientation": 7,
    "concept-real-vs-feigned-focus": 3,
    "concept-what-matters-to-you": 0,
    "calc-lost-customer-cost": 0,
    "step-1-analyse-needs": 0,
    "step-2-find-weak-points": 0,
    "step-3-design-model": 0,
    "step-4-check-capability": 0,
    "step-5-build-standards": 0,
    "step-6-support-and-embed": 0,
    "questions-customer-view": 6,
    "concept-listening-at-work": 4,
    "checklist-listening-channels": 9,
    "concept-nps-practice": 0,
    "calc-nps": 0,
    "questions-manager-survey": 3,
    "calc-manager-survey": 0,
    "concept-buying-behaviour": 6,
    "exercise-service-levels": 0,
    "case-hotel-late-call": 0,
    "game-yes-and": 0,
    "test-responsibility": 9,
}
OWN_NOTE = {"general": "sector-retail"}
NOTE_ITEMS = {"sector-retail": 3, "sector-bank": 5, "sector-education": 3, "sector-tourism": 3}
SWAPPED = (
    *(unit for unit in UNITS if unit.startswith("principle-")),
    "concept-real-vs-feigned-focus",
    "calc-lost-customer-cost",
    "checklist-listening-channels",
    "concept-buying-behaviour",
    "exercise-service-levels",
    "case-hotel-late-call",
    "questions-manager-survey",
)
"""Entries whose example each sector tells in its own way."""
SHOP = re.compile(r"\b(shop|shops|shopper|till|checkout counter|shelf|shelves|retail)\b", re.I)
MINUTES = {
    "game-yes-and": 20,
    "exercise-service-levels": 60,
    "case-hotel-late-call": 30,
    "calc-lost-customer-cost": 20,
}


def editions(project: Project) -> Iterator[Edition]:
    yield from project.editions.values()


def test_every_edition_has_every_unit_with_all_its_items(project: Project) -> None:
    for edition in editions(project):
        sector = edition.profile.sector
        note = OWN_NOTE.get(sector, f"sector-{sector}")
        assert set(edition.entries) == {*UNITS, note}
        wanted = {**UNITS, note: NOTE_ITEMS[note]}
        found = {key: len(getattr(e, "items", ())) for key, e in edition.entries.items()}
        assert found == wanted, edition.profile


def test_all_languages_have_the_same_order(project: Project) -> None:
    by_sector: dict[str, set[tuple[str, ...]]] = {}
    for edition in editions(project):
        by_sector.setdefault(edition.profile.sector, set()).add(tuple(edition.entries))
    assert all(len(orders) == 1 for orders in by_sector.values())


def test_sectors_tell_their_own_examples(project: Project) -> None:
    for language in project.handbook.languages:
        for unit in SWAPPED:
            told = {
                edition.entries[unit].example.text
                for edition in editions(project)
                if edition.profile.language == language and edition.profile.brand == "default"
            }
            assert len(told) == len(project.handbook.sectors), (language, unit)


def test_a_bank_trainer_finds_no_shop(project: Project) -> None:
    for edition in editions(project):
        if edition.profile.language == "en" and edition.profile.sector != "general":
            texts = (text for text in edition_texts(edition) if SHOP.search(text.text))
            found = [f"{text.span}: {text.text[:60]}" for text in texts]
            assert found == [], edition.profile


def test_fixed_numbers_of_the_lost_customer(project: Project) -> None:
    for edition in editions(project):
        calculator = edition.book.calculators["calc-lost-customer-cost"]
        results = calculate(calculator)
        assert (results["sales"], results["profit"]) == (70_000, 14_000)
        assert [value for _, value in rows(calculator)] == [10_000, 12_000, 14_000, 16_000, 18_000]


def test_the_net_promoter_score_of_the_example_is_30(project: Project) -> None:
    for edition in editions(project):
        assert calculate(edition.book.calculators["calc-nps"])["nps"] == 30


def test_the_key_of_the_responsibility_test(project: Project) -> None:
    for edition in editions(project):
        assessment = edition.book.assessments["test-responsibility"]
        assert assessment.scale == {"a": 3, "b": 2, "c": 1}
        bands = tuple(assessment.bands.values())
        assert [(b.minimum, b.maximum) for b in bands] == [(9, 14), (15, 21), (22, 27)]
        for letter, band in (("a", "high"), ("b", "balanced"), ("c", "low")):
            answers = dict.fromkeys(assessment.items, letter)
            assert band_of(total(answers, assessment.scale), bands).id == band


def test_minutes_are_those_of_the_plan(project: Project) -> None:
    for edition in editions(project):
        found = {
            key: edition.entries[key].facilitator.minutes  # type: ignore[union-attr]
            for key in MINUTES
        }
        assert found == MINUTES


def test_everything_a_trainer_needs_is_there(project: Project) -> None:
    for edition in editions(project):
        for entry in edition.entries.values():
            if isinstance(entry, Activity | Assessment):
                card = entry.facilitator
                parts = (card.objectives, card.materials, card.debrief, card.variations)
                assert all(parts), entry.id


def test_catalogs_are_complete(project: Project) -> None:
    messages = {message.id for message in template_messages(ROOT) if message.id}
    for tag in project.handbook.languages:
        if tag != WRITTEN_IN:
            catalog = read_catalog(ROOT, ROOT / "locales" / tag / "LC_MESSAGES/messages.po", tag)
            assert {message.id for message in catalog if message.id} == messages, tag
            assert untranslated(catalog) == [], tag


def untranslated(catalog: Catalog) -> list[object]:
    missing: list[object] = []
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id)
        missing.extend(message.check(catalog) if message.id else ())
    return missing


def test_nothing_was_left_in_english(project: Project) -> None:
    """A text of more than three real words that equals its original was forgotten."""
    originals = {
        text.text
        for edition in editions(project)
        if edition.profile.language == "en"
        for text in edition_texts(edition)
        if len(re.findall(r"[^\W\d_]{3,}", text.text)) > 3
    }
    for edition in editions(project):
        if edition.profile.language != "en":
            copied = [t.text for t in edition_texts(edition) if t.text in originals]
            assert copied == [], edition.profile


SCRIPTS = ("GREEK", "CYRILLIC", "LATIN")


@pytest.mark.parametrize("what", ["quotes", "letters", "forms"])
def test_texts_are_typographically_clean(project: Project, what: str) -> None:
    check = {"quotes": straight_quotes, "letters": mixed_scripts, "forms": wrong_forms}[what]
    seen: set[str] = set()
    for edition in editions(project):
        for text in edition_texts(edition):
            if text.text not in seen:
                seen.add(text.text)
                assert check(text) == [], text.span


def straight_quotes(text: Words) -> list[str]:
    return re.findall(r".{0,10}[\"'].{0,10}", text.text)


def mixed_scripts(text: Words) -> list[str]:
    """Return words in which letters of two alphabets stand side by side."""
    return [
        word
        for word in re.findall(r"[^\W\d_]+", text.text)
        if len({s for c in word for s in SCRIPTS if unicodedata.name(c, "").startswith(s)}) > 1
    ]


def wrong_forms(text: Words) -> list[str]:
    """Return what a typesetter of the language would mark: cedillas, wrong quotes, spaces."""
    patterns = {
        "ro": r"[şţŞŢ]|“",
        "el": r"[“„](?!\w)|\?",
        "nb": r"[äö“”„]",
        "ru": r"[“”](?=\w)| - ",
        "zh-Hans": r"[\u4e00-\u9fff][,;:?!]|[\u3001\u3002\uff0c] ",
    }
    pattern = patterns.get(text.language)
    return re.findall(pattern, text.text) if pattern else []


def test_every_language_has_its_style_sheet(project: Project) -> None:
    for tag in project.handbook.languages[1:]:
        style = (ROOT / "locales" / tag / "STYLE.md").read_text(encoding="utf-8")
        assert len(style.splitlines()) >= 15, tag


def test_the_chinese_fonts_have_the_common_characters() -> None:
    from fontTools.ttLib import TTFont

    fonts = ROOT / "themes/default/fonts"
    levels = (fonts / "general-standard.txt").read_text(encoding="utf-8").split("\n")
    common = set(levels[0] + levels[1])
    assert len(common) == 6500
    for path in sorted(fonts.glob("NotoSansSC-*.ttf")):
        with TTFont(path, lazy=True) as font:
            assert {ord(c) for c in common} <= set(font.getBestCmap()), path.name
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text(encoding="utf-8").upper()
