"""The words themselves: complete, equal in every language, clean, and printable."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from babel.messages.catalog import Catalog

from handbook.loading import Project
from handbook.model.calculation import calculate, rows
from handbook.model.entries import Activity, Assessment, Enumeration
from handbook.model.scoring import ends, spans
from handbook.model.words import Words
from handbook.resolve.coherence import edition_texts
from handbook.resolve.editions import Edition
from handbook.words import WRITTEN_IN, read_catalog, template_messages
from tests.conftest import ROOT

BLUEPRINT = yaml.safe_load((ROOT / "tests/blueprint.yaml").read_text(encoding="utf-8"))
"""A copy of the index of the content's blueprint."""
UNITS: dict[str, dict[str, Any]] = BLUEPRINT["units"]
FOLDERS = {"sector-note": "note", "test": "assessment", "question-list": "questions"}
"""Kinds of the blueprint that have another name here."""
COUNTED = {
    "case-slow-invoice": "questions",
    "case-call-you-back": "questions",
    "case-hotel-late-call": "questions",
    "case-hard-choice": "cards",
    "case-three-brochures": "cards",
    "exercise-service-levels": "cards",
    "exercise-ice-breaker": "instructions",
    "exercise-small-talk": "cards",
    "exercise-customer-vocabulary": "cards",
    "exercise-explain-simply": "cards",
    "exercise-guess-the-reason": "questions",
    "exercise-group-decision": "questions",
}
"""In which field of an activity the items of the blueprint stand; elsewhere they are `items`."""
SECTOR_UNITS = {"general": "sector-retail"}
SHOP = re.compile(
    r"(?<!mystery[ -])\b(shop|shops|shopper|shoppers|till|checkout counter|shelf|shelves|retail)\b",
    re.I,
)
MINUTES = {
    "calc-lost-customer-cost": 20,
    "case-slow-invoice": 30,
    "exercise-why-customers-leave": 45,
    "test-company-self-assessment": 50,
    "exercise-service-levels": 60,
    "exercise-group-decision": 60,
    "case-call-you-back": 25,
    "exercise-ice-breaker": 20,
    "case-hotel-late-call": 30,
    "game-yes-and": 20,
    "exercise-small-talk": 25,
    "exercise-customer-vocabulary": 30,
    "exercise-guess-the-reason": 30,
    "exercise-explain-simply": 30,
    "case-hard-choice": 25,
    "case-three-brochures": 20,
    "test-customer-focus": 30,
}
"""Net minutes that the blueprint gives; the other tests take 20 to 40."""
SESSIONS = {
    "plan-a": (15, 30, 20, 20, 5),
    "plan-b": (20, 45, 20, 60, 40, 20, 30, 30, 45, 30, 20),
    "plan-c": (25, 30, 30, 60, 40, 60, 40, 25, 30, 20),
    "plan-d": (50, 30, 40, 60, 30),
    "plan-e": (15, 30, 30, 15),
}
TESTS = {
    "test-responsibility": ({"a": 3, "b": 2, "c": 1}, [(9, 14), (15, 21), (22, 27)]),
    "test-customer-focus": ({"a": 1, "b": 2, "c": 3}, [(8, 12), (13, 19), (20, 24)]),
    "test-purposefulness": (
        {"a": 4, "b": 3, "c": 2, "d": 1},
        [(10, 20), (21, 30), (31, 40)],
    ),
    "test-empathy": (
        {"unknown": 0, "never": 1, "sometimes": 2, "often": 3, "almost-always": 4, "always": 5},
        [(0, 11), (12, 36), (37, 62), (63, 81), (82, 90)],
    ),
    "test-company-self-assessment": (
        {"none": 1, "little": 2, "average": 3, "large": 4, "full": 5},
        [(20, 49), (50, 69), (70, 84), (85, 100)],
    ),
}
"""The key and the bands of each test."""


def editions(project: Project) -> Iterator[Edition]:
    yield from project.editions.values()


def expected_units(edition: Edition) -> list[str]:
    """Return the units of the blueprint that this edition has, in its order of chapters."""
    sector = edition.profile.sector
    own = SECTOR_UNITS.get(sector, f"sector-{sector}")
    return [
        unit
        for unit, about in UNITS.items()
        if (about["kind"] != "sector-note" or unit == own) and unit not in edition.left_out
    ]


def test_the_blueprint_is_whole() -> None:
    assert len(UNITS) == 115
    assert len(BLUEPRINT["terms"]) == 66


def test_every_edition_has_every_unit_once_in_its_chapter(project: Project) -> None:
    for edition in editions(project):
        assert sorted(edition.entries) == sorted(expected_units(edition)), edition.profile
        for unit, entry in edition.entries.items():
            about = UNITS[unit]
            assert entry.kind == FOLDERS.get(about["kind"], about["kind"]), unit
            chapter = min(about["chapter"], 17)  # a sector's edition has only its own pathway
            assert edition.places[unit].number == chapter, unit


def test_every_unit_has_all_its_items(project: Project) -> None:
    for edition in editions(project):
        for unit in expected_units(edition):
            items = getattr(edition.entries[unit], COUNTED.get(unit, "items"), ())
            assert len(items) == UNITS[unit]["items"], (edition.profile, unit)


def test_every_exercise_is_counted_where_its_items_stand() -> None:
    kinds = ("case", "exercise", "game")
    counted = {key for key, unit in UNITS.items() if unit["kind"] in kinds and unit["items"]}
    assert counted == set(COUNTED)


@pytest.mark.parametrize(
    ("unit", "groups"),
    [
        ("concept-crm-trend-drivers", [4, 5, 4, 4]),
        ("concept-crm-two-logics", [3, 3]),
        ("questions-swot", [6, 5, 6, 6]),
        ("concept-dynamic-positioning", [4, 4, 5, 3]),
        ("concept-value-chain", [5, 4]),
        ("checklist-crm-capabilities", [3] * 8),
    ],
)
def test_grouped_items_are_as_many_as_the_blueprint_says(
    project: Project, unit: str, groups: list[int]
) -> None:
    for edition in editions(project):
        entry = edition.entries[unit]
        assert isinstance(entry, Enumeration)
        assert [len(items) for _, items in entry.grouped] == groups


def test_the_glossary_has_the_preferred_terms(project: Project) -> None:
    for edition in editions(project):
        titles = {key: term.title.text for key, term in edition.book.glossary.items()}
        terms = BLUEPRINT["terms"].items()
        assert titles == {key: names[edition.profile.language] for key, names in terms}


def test_all_languages_have_the_same_order(project: Project) -> None:
    orders: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for profile, edition in project.editions.items():
        orders.setdefault((profile.sector, profile.brand), set()).add(tuple(edition.entries))
    assert all(len(found) == 1 for found in orders.values())


VERBS = {
    "term-expectation": {
        "en": "expect",
        "el": "περίμενε περιμένουν",
        "nb": "forventer",
        "ro": "așteaptă",
        "zh-Hans": "期望",
        "ru": "ожидают",
    }
}
"""What may stand for a term besides its own words."""


def plain_words(text: str) -> list[str]:
    """Return the longer words of `text`, small and without accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"[^\W\d_]{3,}", "".join(c for c in letters if not unicodedata.combining(c)))


def stem(word: str) -> str:
    """Return the beginning of a word, which its forms share."""
    return word[: max(3, len(word) - 4)]


def uses(label: str, title: str, tag: str) -> bool:
    """Tell whether the words of a link contain a word of the term that it leads to."""
    if tag == "zh-Hans":
        return any(title[i : i + 2] in label for i in range(len(title) - 1))
    # In a compound the term's own word may stand last, so a stem need not begin a word.
    pairs = [(one, other) for one in plain_words(label) for other in plain_words(title)]
    return any(stem(one) in other or stem(other) in one for one, other in pairs)


def test_terms_are_used_as_the_glossary_says(project: Project) -> None:
    link = re.compile(r"\[([^\[\]]+)\]\((term-[a-z-]+)\)")
    for edition in editions(project):
        tag, linked = edition.profile.language, set()
        for text in edition_texts(edition):
            for label, term in link.findall(text.text):
                linked.add(term)
                title = BLUEPRINT["terms"][term][tag] + " " + VERBS.get(term, {}).get(tag, "")
                assert uses(label, title, tag), f"{text.span}: [{label}]({term})"
        assert linked == set(BLUEPRINT["terms"]), edition.profile


def test_sectors_tell_their_own_examples(project: Project) -> None:
    """What the blueprint marks `swap` differs from sector to sector; all else does not."""
    for language in project.handbook.languages:
        told = [
            edition.entries
            for edition in editions(project)
            if edition.profile.language == language and edition.profile.brand == "default"
        ]
        for unit, about in UNITS.items():
            if about["sectors"] in ("all", "swap"):
                different = {repr(entries[unit]) for entries in told}
                wanted = len(project.handbook.sectors) if about["sectors"] == "swap" else 1
                assert len(different) == wanted, (language, unit)


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


def test_the_keys_and_bands_of_the_tests(project: Project) -> None:
    for edition in editions(project):
        assert edition.book.assessments.keys() == TESTS.keys()
        for key, (scale, cuts) in TESTS.items():
            assessment = edition.book.assessments[key]
            assert all(points == scale for points in assessment.key.values())
            assert [(lowest, highest) for _, lowest, highest in spans(assessment)] == cuts


def test_the_company_sheet_has_its_categories(project: Project) -> None:
    for edition in editions(project):
        sheet = edition.book.assessments["test-company-self-assessment"]
        assert [len(items) for _, items in sheet.sectioned] == [7, 5, 4, 7, 4, 7, 6]
        maxima = [sheet.highest_of(items) for _, items in sheet.sectioned]
        assert maxima == [35, 25, 20, 35, 20, 35, 30]
        assert (sheet.lowest, sheet.highest, ends(sheet)) == (40, 200, (20, 100))
        assert sheet.in_sections
        assert sheet.numbers["g-6"] == "G6"


def test_four_times_i_do_not_know_gives_no_band(project: Project) -> None:
    empathy = next(editions(project)).book.assessments["test-empathy"]
    assert empathy.unscored is not None
    assert (empathy.unscored.option, empathy.unscored.minimum) == ("unknown", 4)
    areas = [[int(item.id.split("-")[1]) for item in items] for _, items in empathy.sectioned]
    assert sorted(areas) == [
        [1, 2, 3],
        [4, 6, 8],
        [5, 7, 9],
        [10, 12, 15],
        [11, 13, 16],
        [14, 17, 18],
    ]


def test_four_items_of_purposefulness_run_the_other_way(project: Project) -> None:
    items = next(editions(project)).book.assessments["test-purposefulness"].items
    turned = [f"purpose-{number}" for number in range(21, 25)]
    assert [key for key, item in items.items() if item.reversed] == turned


def test_minutes_are_those_of_the_plan(project: Project) -> None:
    for edition in editions(project):
        led = {key: entry.facilitator for key, entry in edition.entries.items()}
        minutes = {key: card.minutes for key, card in led.items() if card is not None}
        rest = minutes.keys() - MINUTES.keys()
        assert {key: minutes[key] for key in MINUTES if key in minutes} == MINUTES
        assert all(key.startswith("test-") and 20 <= minutes[key] <= 40 for key in rest)


def test_the_five_sessions_add_up(project: Project) -> None:
    for edition in editions(project):
        sessions = edition.book.sessions
        found = {k: tuple(s.minutes for s in x.slots.values()) for k, x in sessions.items()}
        assert found == SESSIONS
        assert [s.minutes for s in sessions.values()] == [sum(m) for m in SESSIONS.values()]
        assert [s.minutes for s in sessions.values()] == [90, 360, 360, 210, 90]


def test_there_are_29_sheets_and_eight_parts_of_the_guide(project: Project) -> None:
    for edition in editions(project):
        codes = {sheet.code for sheet in edition.worksheets.values()}
        codes |= {test.code for test in edition.book.assessments.values()}
        wanted = [f"W{number:02}" for number in range(1, 21)]
        wanted += [*(f"TS{number}" for number in range(1, 8)), "EV1", "EV2"]
        assert sorted(codes) == sorted(wanted)
        assert len(edition.book.handbook.guide) == 8


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


TIMES = re.compile(r"\d{1,2}[:.]\d\d\b|\b(?:ora|kl\.|klokk\w+) \d{1,2}(?![\d:])|\d{1,2} ?[月点]")
"""The time of day and the month, which each language says in its own way."""


def numbers(text: Words) -> Counter[str]:
    """Return the numbers of two and more digits in a text; smaller ones may be written out."""
    without_links = re.sub(r"\]\([^)]*\)", "]", text.text)
    plain = TIMES.sub("", without_links).replace(",", ".").replace("½", ".5")
    return Counter(re.findall(r"\d+[.]\d+|\d{2,}", plain))


def test_no_translation_changes_a_number(project: Project) -> None:
    for profile, edition in project.editions.items():
        original = project.editions[replace(profile, language="en")]
        pairs = zip(edition_texts(original), edition_texts(edition), strict=True)
        changed = [f"{b.span}: {a.text} / {b.text}" for a, b in pairs if numbers(a) != numbers(b)]
        assert changed == [], profile


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
