"""The YAML reader: the 1.2 core schema, places, and what it refuses."""

from __future__ import annotations

import time

import pytest

from handbook.diagnostics import ContentError, Problem
from handbook.source.nodes import Branch, Node, Scalar, Series, descend
from handbook.source.yaml import MAXIMUM_DEPTH, MAXIMUM_NODES, read_yaml


def scalar(text: str, *path: str) -> Scalar:
    node: Node = descend(read_yaml(text, "a.yaml", "en"), path)
    assert isinstance(node, Scalar)
    return node


def problems_of(text: str, first_line: int = 1) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read_yaml(text, "a.yaml", "en", first_line)
    return caught.value.problems


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("2026-02-30", "2026-02-30"),
        ("1.10", 1.1),
        ("0123", 123),
        ("-7", -7),
        ("+7", 7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
        ("~", None),
        ("", None),
        ("null", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("false", False),
        ('"true"', "true"),
        ("'1'", "1"),
        ('""', ""),
        ("'~'", "~"),
        ("=", "="),
        ("<<", "<<"),
        ("Ελλάδα", "Ελλάδα"),
    ],
)
def test_plain_scalars_follow_the_core_schema(written: str, value: object) -> None:
    found = scalar(f"a: {written}", "a").value
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("written", ["1.10", "0123", "no", "1e3", "TRUE"])
def test_the_characters_as_written_are_kept(written: str) -> None:
    assert scalar(f"a: {written}", "a").raw == written


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "“a” stands here twice"),
        ("a:\n  b: 1\n  b: 2\n", 3, 3, "“b” stands here twice"),
        ("a: &x 1\nb: *x\n", 2, 4, "references"),
        ("a: &x [*x]\n", 1, 8, "references"),
        ("a: !!python/name:os.system\n", 1, 4, "tag"),
        ("a: !!int 3\n", 1, 4, "tag"),
        ("a: !mine {b: 1}\n", 1, 4, "tag"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
        ("a:\n\tb: 1\n", 2, 1, "tab"),
        ("a:\n  - x\n\t- y\n", 3, 1, "tab"),
        ("a: 'x\nb: 1\n", 1, 4, "quotation does not end"),
        ("a: {b: [1, 2}\n", 1, 8, "bracket does not end"),
        ("α: β: γ\n", 1, 5, "mapping values are not allowed"),
        ("a: @b\n", 1, 4, "cannot start"),
        ("? [x]\n: y\n", 1, 3, "a key must be a word"),
        ("- a\n", 1, 1, "expected keys and values"),
        ("word\n", 1, 1, "expected keys and values"),
        ("", 1, 1, "empty"),
        ("# only a remark\n", 1, 1, "empty"),
        ('a: "\\ud800"\n', 1, 7, "invalid Unicode"),
        ('a: "\\u202e"\n', 1, 4, "U+202E"),
        ('a: "\\0"\n', 1, 4, "U+0000"),
        ('"\\x07": 1\n', 1, 1, "U+0007"),
        ("a: }\n", 1, 4, "expected node content"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, line: int, column: int, words: str) -> None:
    problem = problems_of(text)[0]
    assert (problem.span.file, problem.span.line, problem.span.column) == ("a.yaml", line, column)
    assert words in problem.message


def test_a_duplicate_key_tells_both_places() -> None:
    (problem,) = problems_of("a: 1\nb: 2\na: 3\n")
    assert problem.span.line == 3
    assert "line 1" in problem.hint
    assert problem.rule == "duplicate-key"


def test_several_problems_of_a_file_are_told_together() -> None:
    found = problems_of("a: 1\na: 2\nb: !x 3\nc: 1\nc: 2\n")
    assert [problem.span.line for problem in found] == [2, 3, 5]


def test_problems_before_a_syntax_error_are_told_with_it() -> None:
    found = problems_of("a: 1\na: 2\nb: 'open\n")
    assert [problem.span.line for problem in found] == [2, 3]


def test_front_matter_counts_its_lines_from_the_file() -> None:
    assert problems_of("a: 1\na: 2\n", first_line=2)[0].span.line == 3
    assert problems_of("a: 'x\n", first_line=2)[0].span.line == 2


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 100_000,
        "\n".join(" " * depth + "a:" for depth in range(1200)),
        "a: [" + "1," * 500_000 + "]",
        "a: &a [x,x]\n" + "".join(f"b{i}: &b{i} [*a,*a]\n" for i in range(100)),
    ],
    ids=["open lists", "lists", "mappings", "indents", "members", "aliases"],
)
def test_a_bomb_is_refused_at_once(bomb: str) -> None:
    start = time.process_time()
    assert problems_of(bomb)
    # Unguarded, some take minutes or end the process; how quick it is, no test can promise.
    assert time.process_time() - start < 10


def test_the_greatest_depth_and_size_are_still_read() -> None:
    depth = MAXIMUM_DEPTH - 2
    assert read_yaml("a: " + "[" * depth + "]" * depth, "a.yaml", "en")
    members = MAXIMUM_NODES - 100
    tree = read_yaml("a: [" + "1," * members + "]", "a.yaml", "en")
    found = tree.children["a"]
    assert isinstance(found, Series)
    assert len(found.children) == members


def test_keys_and_values_know_their_places() -> None:
    tree = read_yaml("a: x\nb:\n  c: [1, 2]\n", "a.yaml", "en")
    inner = tree.children["b"]
    assert isinstance(inner, Branch)
    assert str(tree.key_span("b")) == "a.yaml:2:1"
    assert str(inner.key_span("c")) == "a.yaml:3:3"
    assert str(inner.children["c"].span) == "a.yaml:3:6"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: word", "a.yaml:1:4"),
        ('a: "word"', "a.yaml:1:5"),
        ("a: 'word'", "a.yaml:1:5"),
        ("a: |\n  word\n   more\n", "a.yaml:2:3"),
        ("a: |\n\n    word\n", "a.yaml:2:5"),
        ("a:\n  b: |-\n    word", None),
        ("a: two\n  lines\n", None),
        ("a: >\n  two\n  lines\n", None),
        ("a: 'it''s'", None),
        ('a: "\\u0041"', None),
    ],
)
def test_the_first_character_has_a_place_where_the_text_stands_as_written(
    text: str, start: str | None
) -> None:
    node = read_yaml(text, "a.yaml", "en").children["a"]
    found = node.start if isinstance(node, Scalar) else None
    assert (str(found) if found else None) == start
