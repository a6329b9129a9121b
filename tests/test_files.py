"""The one door to files: encodings, line ends, characters, and what is no file of the project."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from handbook.diagnostics import ContentError, Problem
from handbook.source.files import MAXIMUM_TEXT, read_bytes, read_text
from handbook.source.tree import read_tree


def text_of(folder: Path, data: bytes) -> str:
    file = folder / "a.md"
    file.write_bytes(data)
    return read_text(folder, file)


def problems_of(folder: Path, data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        text_of(folder, data)
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(tmp_path: Path, encoding: str) -> None:
    data = ("\ufeff" if "-" in encoding[4:] else "") + "a: b"
    (problem,) = problems_of(tmp_path, data.encode(encoding))
    assert (problem.rule, problem.hint) == ("encoding", "save it as UTF-8")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xe9t\xe9", "a.md:1:1"),
        (b"ab\nc\xff", "a.md:2:2"),
        ("αβ".encode() + b"\xff", "a.md:1:3"),
        (b"\xef\xbb\xbfab\xff", "a.md:1:3"),
        (b"ab\rcd\r\xff", "a.md:3:1"),
        (b"ab\r\ncd\r\n\xff", "a.md:3:1"),
        (b"ab\xc3", "a.md:1:3"),
        (b"\xed\xa0\x80", "a.md:1:1"),
    ],
)
def test_a_wrong_byte_has_a_place(tmp_path: Path, data: bytes, place: str) -> None:
    (problem,) = problems_of(tmp_path, data)
    assert (str(problem.span), problem.rule) == (place, "encoding")
    assert "is not UTF-8" in problem.message


def test_a_wrong_byte_is_named(tmp_path: Path) -> None:
    assert "0xE9" in problems_of(tmp_path, b"\xef\xbb\xbfcaf\xe9")[0].message


def test_a_byte_order_mark_is_taken_off_the_beginning_only(tmp_path: Path) -> None:
    assert text_of(tmp_path, b"\xef\xbb\xbfa") == "a"
    (problem,) = problems_of(tmp_path, "a\n\ufeffb".encode())
    assert str(problem.span) == "a.md:2:1"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x85", "\u2028", "\u2029", "\n"])
def test_every_line_end_becomes_a_line_feed(tmp_path: Path, end: str) -> None:
    assert text_of(tmp_path, f"a{end}b{end}{end}c".encode()) == "a\nb\n\nc"
    (problem,) = problems_of(tmp_path, f"a{end}b{end}x\x07".encode())
    assert str(problem.span) == "a.md:3:2"


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x0b",
        "\x1b",
        "\x7f",
        "\x9f",
        "\u061c",
        "\u200b",
        "\u200f",
        "\u202e",
        "\u2066",
        "\ufffd",
        "\ue000",
        "\ufdd0",
        "\uffff",
        "\U0010fffd",
    ],
)
def test_a_forbidden_character_is_named_with_its_place(tmp_path: Path, character: str) -> None:
    (problem,) = problems_of(tmp_path, f"ab\nc{character}d".encode())
    assert str(problem.span) == "a.md:2:2"
    assert f"U+{ord(character):04X}" in problem.message
    assert problem.rule == "character"


@pytest.mark.parametrize(
    "character", ["\t", "\u00a0", "\u00ad", "\u200d", "\u2060", "é", "重", "😀"]
)
def test_an_ordinary_character_is_kept(tmp_path: Path, character: str) -> None:
    assert text_of(tmp_path, character.encode()) == character


def test_all_forbidden_characters_of_a_file_are_told(tmp_path: Path) -> None:
    found = problems_of(tmp_path, b"\x01\n\x02\n\x03")
    assert [problem.span.line for problem in found] == [1, 2, 3]


def test_text_is_composed(tmp_path: Path) -> None:
    assert text_of(tmp_path, "e\u0301".encode()) == "é"


def test_a_file_of_the_greatest_size_is_read_and_no_larger_one(tmp_path: Path) -> None:
    assert len(text_of(tmp_path, b"a" * MAXIMUM_TEXT)) == MAXIMUM_TEXT
    (problem,) = problems_of(tmp_path, b"a" * (MAXIMUM_TEXT + 1))
    assert "2,000,000" in problem.message


def refusal(root: Path, path: Path) -> Problem:
    with pytest.raises(ContentError) as caught:
        read_bytes(root, path)
    (problem,) = caught.value.problems
    assert problem.rule == "file"
    return problem


def test_a_link_within_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").symlink_to("a")
    assert "link" in refusal(tmp_path, tmp_path / "b").message


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("a")
    (root / "b").symlink_to("../secret")
    assert "outside" in refusal(root, root / "b").message


def test_a_path_that_leads_out_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("a")
    assert "outside" in refusal(root, root / ".." / "secret").message
    assert "outside" in refusal(root, tmp_path / "secret").message


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("a.md")
    assert refusal(tmp_path, tmp_path / "a.md")


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert "device" in refusal(tmp_path, tmp_path / "a").message


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a")
        assert "device" in refusal(tmp_path, tmp_path / "a").message


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path, tmp_path / "folder")
    assert "No such file" in refusal(tmp_path, tmp_path / "none").message


def test_a_tree_reads_every_file_whatever_is_wrong_with_others(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "a.yaml").write_bytes(b"\xff")
    (tmp_path / "content" / "b.yaml").write_text("x: 1")
    (tmp_path / "content" / "c.txt").write_text("x")
    (tmp_path / "content" / "d.md").write_text("no front matter")
    (tmp_path / "content" / "e.md").write_text("---\ntitle: never ends\n")
    (tmp_path / "content" / "Capital.yaml").write_text("x: 1")
    (tmp_path / "content" / "link").symlink_to(".", target_is_directory=True)
    (tmp_path / "content" / "_draft.yaml").write_bytes(b"\xff")
    (tmp_path / "content" / "README.md").write_text("not content")
    tree, problems = read_tree(tmp_path, tmp_path / "content", "en")
    assert list(tree.children) == ["b"]
    assert sorted((problem.span.file, problem.rule) for problem in problems) == [
        ("content/Capital.yaml", "file-name"),
        ("content/a.yaml", "encoding"),
        ("content/c.txt", "file-kind"),
        ("content/d.md", "front-matter"),
        ("content/e.md", "front-matter"),
        ("content/link", "file"),
    ]
