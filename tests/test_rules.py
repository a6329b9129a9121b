"""The typographic rules: each does what its samples say, and leaves alone what is right."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from handbook.check.checks import CHECKS
from handbook.check.lint import findings
from handbook.check.prose import read_prose
from handbook.diagnostics import ContentError, Span
from handbook.language.language import Language, Typography, read_language
from handbook.language.rules import NO_BREAK_SPACE, Rule
from handbook.language.typographer import Link, plain
from handbook.loading import Project
from handbook.model.words import Placeholder, Words
from handbook.resolve.coherence import edition_texts
from handbook.source.files import read_text
from handbook.source.nodes import Scalar, to_plain
from handbook.source.yaml import read_yaml
from tests.conftest import ROOT

TAGS = sorted(folder.name for folder in (ROOT / "locales").iterdir())


def read_samples() -> dict[str, Any]:
    path = ROOT / "tests" / "typography.yaml"
    samples = to_plain(read_yaml(read_text(ROOT, path), "typography.yaml", "en"))
    assert isinstance(samples, dict)
    return samples


SAMPLES = read_samples()


@cache
def language(tag: str) -> Language:
    return read_language(ROOT, tag)


def as_written(placeholder: Placeholder) -> str:
    return f"{{{placeholder.name}:{placeholder.argument}}}"


def published(text: str, tag: str) -> str:
    """Return a text as it is published, with its placeholders as they are written."""
    return plain(text, language(tag).typography, {}, as_written)


def told(text: str, tag: str, original: str = "") -> list[str]:
    """Return the ids of the rules that a text breaks."""
    return [finding.rule.id for finding in found(text, tag, original)]


def found(text: str, tag: str, original: str = "") -> list[Any]:
    source = Scalar(text, text, Span("a.yaml"), tag)
    above = Scalar(original, original, Span("b.yaml"), "en") if original else None
    return list(findings(ROOT, language(tag), [read_prose(source, above)]))


def mended(text: str, tag: str, rule: str) -> str:
    """Return a text with what one rule finds mended."""
    for finding in reversed(found(text, tag)):
        if finding.rule.id == rule:
            offsets = finding.prose.offsets
            for start, end, new in reversed(finding.edits):
                text = text[: offsets[start]] + new + text[offsets[end] :]
    return text


def rules(*tags: str) -> list[tuple[str, Rule]]:
    """Return every rule, those of all languages once, in English."""
    listed: dict[str, tuple[str, Rule]] = {}
    for tag in ("en", *TAGS):
        for rule in language(tag).typography.rules:
            listed.setdefault(rule.id, (tag, rule))
    return list(listed.values())


def named(cases: list[tuple[str, Rule]]) -> list[str]:
    return [rule.id for _, rule in cases]


def with_spaces(text: str) -> str:
    return text.replace("⍽", NO_BREAK_SPACE)


def samples(kind: str) -> list[Any]:
    return [
        (tag, *([row] if isinstance(row, str) else row))
        for tag in SAMPLES
        for row in SAMPLES[tag][kind]
    ]


def test_every_language_has_samples() -> None:
    assert sorted(SAMPLES) == TAGS
    for tag in TAGS:
        assert len(SAMPLES[tag]["right"]) >= 20, tag


@pytest.mark.parametrize(("tag", "rule"), rules(), ids=named(rules()))
def test_each_rule_mends_or_finds_its_own_sample(tag: str, rule: Rule) -> None:
    if rule.level == "silent":
        assert published(rule.wrong, tag) == rule.right
        assert published(rule.right, tag) == rule.right
        return
    if "of" in rule.options:  # it judges whole files
        wrong, right = rule.wrong * 20, rule.right * 20
    else:
        wrong, right = rule.wrong, rule.right
    assert rule.id in told(wrong, tag, right)
    assert told(right, tag, right) == []
    if rule.mends:
        assert mended(wrong, tag, rule.id) == right


@pytest.mark.parametrize("tag", TAGS)
def test_each_rule_has_a_golden_sample_that_it_finds(tag: str) -> None:
    """Silent rules and those of all languages have theirs among the others."""
    golden = {rule for row in samples("told") for rule in row[2]}
    own = [rule for rule in language(tag).typography.rules if rule.id[:2] == tag[:2]]
    wanted = {rule.id for rule in own if rule.level != "silent" and "of" not in rule.options}
    assert wanted <= golden


@pytest.mark.parametrize(("tag", "before", "after"), samples("set"))
def test_what_is_published(tag: str, before: str, after: str) -> None:
    assert published(before, tag) == with_spaces(after)


@pytest.mark.parametrize(("tag", "text", "expected"), samples("told"))
def test_what_is_told(tag: str, text: str, expected: list[str]) -> None:
    assert sorted(told(text, tag)) == sorted(expected)


@pytest.mark.parametrize(("tag", "text"), samples("right"))
def test_what_is_right_stays(tag: str, text: str) -> None:
    assert told(text, tag) == []
    without_code = text.replace("`", "")
    assert published(text, tag).replace(NO_BREAK_SPACE, " ") == without_code


@pytest.mark.parametrize("tag", TAGS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_setting_twice_changes_nothing(tag: str, data: st.DataObject) -> None:
    letters = "".join(SAMPLES[tag]["right"])
    alphabet = sorted({*letters, *" .,:;?!-–—…\"'()%№20"} - set("`*_[]{}\\<>&#|@/+~^="))
    text = data.draw(st.text(alphabet, min_size=1, max_size=30))
    text = re.sub(r"^[\s\d.)-]+", "", text)  # what begins a list is no text
    assume(text)
    once = published(text, tag)
    assert published(once, tag) == once


class Titles(dict[str, Link]):
    """Every link leads to a page of that name."""

    def get(self, target: str, default: Any = None) -> Link:
        return "", f"“{target}”"


@pytest.mark.parametrize("tag", TAGS)
def test_the_book_is_published_as_it_was_written(project: Project, tag: str) -> None:
    """But for spaces that no longer break, and the dash of the language."""
    typography = language(tag).typography
    plainly = typography.model_copy(update={"rules": ()})

    def shown(words: Words, typography: Typography) -> str:
        text = plain(words.text, typography, Titles(), as_written)
        return text.replace(NO_BREAK_SPACE, " ").replace("—", "–")

    edition = next(e for profile, e in project.editions.items() if profile.language == tag)
    for words in edition_texts(edition):
        assert shown(words, typography) == shown(words, plainly), words.span


def test_a_link_without_words_counts_as_its_title() -> None:
    assert line_of("See [](a) and [](b), [](c) ...", "en") == "See “a” and “b”, “c” …"
    assert line_of("见 [](a) 和 [](b)。", "zh-Hans") == "见 “a” 和 “b”。"


def line_of(text: str, tag: str) -> str:
    return plain(text, language(tag).typography, Titles(), as_written)


def test_a_rule_leaves_code_addresses_and_placeholders_alone() -> None:
    text = "`a - b...` www.x.example/a--b {company} - {number:10000} %"
    expected = "a - b... www.x.example/a--b {company:} – {number:10000} %"
    assert published(text, "en").replace(NO_BREAK_SPACE, " ") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("find: '('", "cannot be used"),
        ("find: a\n  replace: '\\1'", "cannot be used"),
        ("find: a\n  level: silent", "a silent rule needs"),
        ("find: a\n  replace: b\n  bind: true", "write one of"),
        ("find: a\n  swap: [ab, c]", "differ in length"),
        ("find: a\n  check: quotes\n  hint: b", "write either"),
        ("find: a\n  level: loud", "level"),
        ("find: a\n  replaces: b", "replaces"),
    ],
)
def test_a_faulty_rule_is_told_with_its_place(tmp_path: Any, text: str, message: str) -> None:
    folder = tmp_path / "locales" / "en"
    folder.mkdir(parents=True)
    source = ROOT / "locales" / "en" / "language.yaml"
    (folder / "language.yaml").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    level = "" if "level" in text else "  level: warning\n"
    rule = f"en99-x:\n  says: a\n  why: a\n  source: a\n{level}  wrong: a\n  right: b\n  {text}\n"
    (folder / "typography.yaml").write_text(rule, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_language(tmp_path, "en")
    assert message in str(caught.value)
    assert caught.value.problems[0].span.file == "locales/en/typography.yaml"


def test_ids_tell_their_language_and_every_check_is_used() -> None:
    used = set()
    for tag in TAGS:
        for rule in language(tag).typography.rules:
            assert re.fullmatch(rf"(all|{tag[:2]})\d\d-[a-z-]+", rule.id)
            used.add(rule.check)
    assert used - {""} == set(CHECKS)
