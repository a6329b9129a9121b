"""The real languages: numbers, money, dates, names, plurals and the order of their dictionaries."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from handbook.diagnostics import ContentError, Problem
from handbook.language.language import Language, read_language
from tests.conftest import ROOT
from tests.minibook import write

TAGS = sorted(folder.name for folder in (ROOT / "locales").iterdir())
LANGUAGES = {tag: read_language(ROOT, tag) for tag in TAGS}
FACTS = (ROOT / "locales/en/language.yaml").read_text(encoding="utf-8")


def spaced(expected: str) -> str:
    return expected.replace("_", "\u00a0")


@pytest.mark.parametrize(
    ("tag", "thousands", "fraction"),
    [
        ("en", "1,234,567", "0.5"),
        ("el", "1.234.567", "0,5"),
        ("nb", "1_234_567", "0,5"),
        ("ro", "1.234.567", "0,5"),
        ("zh-Hans", "1,234,567", "0.5"),
        ("ru", "1_234_567", "0,5"),
    ],
)
def test_numbers_have_the_signs_of_the_language(tag: str, thousands: str, fraction: str) -> None:
    assert LANGUAGES[tag].number(1234567) == spaced(thousands)
    assert LANGUAGES[tag].number(0.5) == fraction
    assert LANGUAGES[tag].number(2.0) == "2"


@pytest.mark.parametrize(
    ("tag", "whole", "third"),
    [
        ("en", "26%", "33.3%"),
        ("el", "26%", "33,3%"),
        ("zh-Hans", "26%", "33.3%"),
        ("nb", "26_%", "33,3_%"),
        ("ru", "26_%", "33,3_%"),
        ("ro", "26_%", "33,3_%"),
    ],
)
def test_percentages_have_their_space(tag: str, whole: str, third: str) -> None:
    assert LANGUAGES[tag].percent(0.26) == spaced(whole)
    assert LANGUAGES[tag].percent(1 / 3) == spaced(third)


def test_every_whole_percentage_is_whole() -> None:
    english = LANGUAGES["en"]
    assert [english.percent(n / 100) for n in range(101)] == [f"{n}%" for n in range(101)]


@pytest.mark.parametrize(
    ("tag", "whole", "parts"),
    [
        ("en", "€10,000", "€2.50"),
        ("el", "10.000_€", "2,50_€"),
        ("nb", "10_000_kr", "2,50_kr"),
        ("ro", "10.000_RON", "2,50_RON"),
        ("zh-Hans", "¥10,000", "¥2.50"),
        ("ru", "10_000_₽", "2,50_₽"),
    ],
)
def test_money_has_decimals_only_where_they_say_something(tag: str, whole: str, parts: str) -> None:
    assert LANGUAGES[tag].money(10000) == spaced(whole)
    assert LANGUAGES[tag].money(2.5) == spaced(parts)


@pytest.mark.parametrize(
    ("tag", "currency", "expected"),
    [
        ("en", "GBP", "£5"),
        ("en", "NOK", "NOK_5"),
        ("nb", "EUR", "5_€"),
        ("ru", "EUR", "5_€"),
        ("el", "RON", "5_RON"),
    ],
)
def test_a_brand_may_set_another_currency(tag: str, currency: str, expected: str) -> None:
    assert LANGUAGES[tag].money(5, currency) == spaced(expected)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "23 November 2026"),
        ("el", "23 Νοεμβρίου 2026"),
        ("nb", "23. november 2026"),
        ("ro", "23 noiembrie 2026"),
        ("zh-Hans", "2026年11月23日"),
        ("ru", "23 ноября 2026\u202fг."),
    ],
)
def test_dates_are_those_of_a_letter(tag: str, expected: str) -> None:
    assert LANGUAGES[tag].date(date(2026, 11, 23)) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "English"),
        ("el", "Ελληνικά"),
        ("nb", "Norsk bokmål"),
        ("ro", "Română"),
        ("ru", "Русский"),
    ],
)
def test_a_language_calls_itself_by_its_own_name(tag: str, expected: str) -> None:
    assert LANGUAGES[tag].name == expected


def test_chinese_calls_itself_by_its_own_name() -> None:
    assert LANGUAGES["zh-Hans"].name.startswith("中文")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("ro", "azi ăla âme iz ît sat șablon tun țap"),
        ("nb", "Aktiv Zoo Ærlig Øvelse Ål"),
        ("nb", "coa co\u00adz d"),
        ("ru", "еда ёлка жук ABC"),
        ("el", "άλφα βήτα Γάμμα ώρα ABC Zoo"),
        ("en", "Angebot éclair Zoo άλφα"),
        ("zh-Hans", "爱 北京 重庆 大 中国 重要"),
    ],
)
def test_words_stand_in_the_order_of_the_dictionary(tag: str, words: str) -> None:
    expected = words.split()
    shuffled = random.Random(1).sample(expected, len(expected))
    assert sorted(shuffled, key=LANGUAGES[tag].sort_key) == expected


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("ro", "A:azi Ă:ăla I:iz Î:ît S:sat Ș:șablon E:école"),
        ("nb", "Æ:Ærlig Ø:øvelse Å:Ål E:éclair 0–9:7"),
        ("ru", "Е:ёлка Е:еда Й:йод A:ABC"),
        ("el", "Α:άλφα Ω:ώρα Α:Ἀθηνᾶ Z:Zoo"),
        ("en", "E:éclair A:“Angebot 0–9:3C"),
        ("zh-Hans", "A:爱 B:北京 C:重庆 D:大 C:CRM 0–9:4P"),
    ],
)
def test_an_index_lists_words_under_the_letters_of_its_language(tag: str, words: str) -> None:
    for entry in words.split():
        letter, word = entry.split(":")
        assert LANGUAGES[tag].initial_of(word) == letter, word


@pytest.mark.parametrize("tag", TAGS)
def test_anything_can_be_sorted(tag: str) -> None:
    odd = ["", " ", "1", "10", "2", "-", "😀", "\u0378", "e\u0301", "é", "中", "ß", "ﬁ", "\t"]
    assert sorted(sorted(odd, key=LANGUAGES[tag].sort_key)) == sorted(odd)


def project_with(root: Path, tag: str, po: str = "", facts: str = FACTS) -> Path:
    write(root, f"locales/{tag}/language.yaml", facts)
    if po:
        write(root, f"locales/{tag}/LC_MESSAGES/messages.po", po)
    return root


HEADER = (
    'msgid ""\nmsgstr ""\n"Language: ru\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && '
    '(n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
)
RUSSIAN = (
    HEADER
    + 'msgid "%(n)s minute"\nmsgid_plural "%(n)s minutes"\nmsgstr[0] "%(n)s минута"\n'
    + 'msgstr[1] "%(n)s минуты"\nmsgstr[2] "%(n)s минут"\n\n'
    + 'msgid "Page %(page)s"\nmsgstr "Страница %(page)s"\n'
)


@pytest.fixture
def russian(tmp_path: Path) -> Language:
    facts = FACTS.replace("cldr: en-GB\n", "")
    return read_language(project_with(tmp_path, "ru", RUSSIAN, facts), "ru")


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "0 минут"),
        (1, "1 минута"),
        (2, "2 минуты"),
        (5, "5 минут"),
        (11, "11 минут"),
        (21, "21 минута"),
        (22, "22 минуты"),
        (112, "112 минут"),
        (1001, "1\u00a0001 минута"),
    ],
)
def test_the_number_chooses_the_form(russian: Language, n: int, expected: str) -> None:
    assert russian.ngettext("%(n)s minute", "%(n)s minutes", n) == expected


def test_interface_words_take_values(russian: Language) -> None:
    assert russian.gettext("Page %(page)s", page=3) == "Страница 3"
    assert russian.gettext("Not in the catalog") == "Not in the catalog"


def test_a_language_without_a_catalog_keeps_the_words_of_the_templates(tmp_path: Path) -> None:
    english = read_language(project_with(tmp_path, "en"), "en")
    assert english.gettext("Contents") == "Contents"
    assert english.ngettext("%(n)s minute", "%(n)s minutes", 1) == "1 minute"
    assert english.ngettext("%(n)s minute", "%(n)s minutes", 2) == "2 minutes"


def problems_of(root: Path, tag: str) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read_language(root, tag)
    return caught.value.problems


@pytest.mark.parametrize(
    ("po", "line", "message"),
    [
        ('msgid "a\n', 1, ""),
        (RUSSIAN.replace('msgstr[2] "%(n)s минут"\n', ""), 7, "a plural form is missing"),
        (RUSSIAN.replace("Страница %(page)s", "Страница %(pag)s"), 13, "%(page)s"),
    ],
)
def test_a_fault_of_a_catalog_is_told(tmp_path: Path, po: str, line: int, message: str) -> None:
    found = problems_of(project_with(tmp_path, "ru", po), "ru")
    assert {problem.rule for problem in found} == {"catalog"}
    assert (found[0].span.file, found[0].span.line) == ("locales/ru/LC_MESSAGES/messages.po", line)
    assert message in found[0].message


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('"“", "”", "‘", "’"', '"“", "”"', "2:9", "quotes"),
        ("currency: EUR", "currency: euro", "4:11", "currency"),
        ("currency: EUR\n", "", "2:1", "currency"),
        ("fonts: [", "font: [", "5:1", "unknown key “font”"),
        ("fonts: [Noto Sans, Noto Sans SC]", "fonts: []", "5:8", "fonts"),
        ("hyphenate: true", "hyphenate: maybe", "6:12", "hyphenate"),
        ("line_height: 1.5", "line_height: 9", "7:14", "line_height"),
        ("hyphenate: true", "emphasis: loud", "6:11", "emphasis"),
        ("hyphenate: true", 'collation: "&a<b [reorder Xxxx]"', "6:12", "script “Xxxx”"),
        ("hyphenate: true", "collation: stroke", "6:12", "“stroke” is not understood"),
        ("cldr: en-GB", "cldr: xx-YY", "3:7", "CLDR knows no language “xx-YY”"),
    ],
)
def test_a_fault_of_language_yaml_is_told(
    tmp_path: Path, old: str, new: str, place: str, message: str
) -> None:
    assert old in FACTS
    found = problems_of(project_with(tmp_path, "en", facts=FACTS.replace(old, new)), "en")
    told = [problem for problem in found if message in problem.message]
    assert told, str(found)
    assert str(told[0].span) == f"locales/en/language.yaml:{place}"


def test_a_language_without_its_facts_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "fi")
    assert str(problem.span) == "locales/fi/language.yaml:1:1"
    assert "missing" in problem.message
