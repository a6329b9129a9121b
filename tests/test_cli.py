"""The command line: it teaches, it tells, it ends as the caller expects."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from handbook.cli import app
from tests.command import (
    ENVIRONMENT,
    book_with_fonts,
    handbook,
    leftovers,
    snapshot,
    start_handbook,
    wait_until,
)
from tests.minibook import REPOSITORY, copy_minibook, edit, write

COMMANDS = sorted(
    str(found.name or getattr(found.callback, "__name__", "")) for found in app.registered_commands
)
ONE_SITE = ("--document", "site", "--language", "en", "--sector", "general", "--brand", "default")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


# -- teaching


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_options(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], terminal_width=100)
    assert shown.exit_code == 0
    options = re.findall(r"^ +(?:-\w, )?(--[\w-]+).*?  +\S", shown.output, re.MULTILINE)
    mentioned = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", shown.output, re.MULTILINE)
    assert "--help" in mentioned
    assert "--project" in mentioned
    assert options == mentioned, "every option says what it is for"
    assert re.search(r"^ +[A-Z].*\.$", shown.output, re.MULTILINE), "the command says what it does"


def test_without_a_command_help_is_shown() -> None:
    ended = handbook()
    assert ended.returncode == 2
    assert all(command in ended.stderr for command in COMMANDS)


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"handbook \d+\.\d+\.\d+\n", handbook("--version").stdout)


# -- exit codes


def test_a_build_that_succeeds_ends_with_0(book: Path) -> None:
    ended = handbook("build", *ONE_SITE, cwd=book)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "files made, 0 unchanged" in ended.stdout
    assert (book / "public" / "index.html").is_file()


def test_problems_go_to_stderr_with_their_places_and_a_count(book: Path) -> None:
    handbook("build", *ONE_SITE, cwd=book)
    before = snapshot(book / "public")
    edit(book, "content/principles/principle-listen.md", "summary:", "sumary:")
    write(book, "content/steps/step-x.md", "no front matter")
    ended = handbook("build", *ONE_SITE, cwd=book)
    assert (ended.returncode, ended.stdout) == (1, "")
    first = ended.stderr.splitlines()[0]
    assert re.match(r"content/[\w/.-]+:\d+:\d+: error\[[\w-]+\]: .+", first)
    assert re.search(r"^\d+ problems?; nothing was written\.$", ended.stderr, re.MULTILINE)
    assert snapshot(book / "public") == before
    assert leftovers(book / "public") == []


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("build", "--language", "zh-Hant"), "did you mean “zh-Hans”?"),
        (("build", "--sector", "bunk"), "did you mean “bank”?"),
        (("plan", "--document", "sight"), "did you mean “site”?"),
        (("build", "--langage", "en"), "--language"),
        (("biuld",), "'build'"),
        (("build", "--jobs", "0"), "--jobs"),
        (("build", "--output", "content/public"), "lies inside the sources"),
        (("build", "--output", "."), "holds more than the site"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_a_hint(
    book: Path, arguments: tuple[str, ...], hint: str
) -> None:
    ended = handbook(*arguments, cwd=book)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert hint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_machine_that_does_not_let_us_ends_with_3(book: Path) -> None:
    (book / "file").write_text("")
    ended = handbook("build", *ONE_SITE, "--output", "file/public", cwd=book)
    assert ended.returncode == 3
    assert ended.stderr.startswith("error: public cannot be written: ")


def test_a_fault_of_the_program_ends_with_4_and_shows_its_place_only_when_asked(
    book: Path,
) -> None:
    write(
        book, "sitecustomize.py", "import handbook.loading as p\np.inspect = lambda *a, **k: 1 / 0"
    )
    path = f"{book}{os.pathsep}{REPOSITORY}"
    ended = handbook("check", cwd=book, PYTHONPATH=path)
    assert ended.returncode == 4
    assert ended.stderr.startswith("error: the program is at fault: ZeroDivisionError")
    assert "Traceback" not in ended.stderr
    assert "Traceback" in handbook("--debug", "check", cwd=book, PYTHONPATH=path).stderr


def test_a_folder_without_a_handbook_is_told(tmp_path: Path) -> None:
    ended = handbook("check", cwd=tmp_path)
    assert ended.returncode == 1
    assert "content/handbook.yaml:1:1: error[project]" in ended.stderr


# -- what is said


def test_check_counts_what_can_be_made(book: Path) -> None:
    ended = handbook("check", cwd=book)
    assert ended.returncode == 0
    assert re.match(r"All is well: 12 editions, \d+ files can be made\.\n", ended.stdout)


def test_plan_lists_the_same_for_people_and_for_programs(book: Path) -> None:
    lines = handbook("plan", "--all", cwd=book).stdout.splitlines()
    rows = json.loads(handbook("plan", "--all", "--json", cwd=book).stdout)
    assert [row["path"] for row in rows] == lines
    assert {row["profile"]["language"] for row in rows} == {"en", "el", "zh-Hans"}


def test_a_plan_is_what_a_build_makes(book: Path) -> None:
    planned = handbook("plan", *ONE_SITE, cwd=book).stdout.splitlines()
    handbook("build", *ONE_SITE, cwd=book)
    made = [path for path in snapshot(book / "public") if path.endswith(".html")]
    assert sorted(planned) == made


def test_progress_in_a_log_is_plain_lines(book: Path) -> None:
    shown = handbook("build", *ONE_SITE, cwd=book).stdout
    assert shown.startswith("pages: ")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", shown)


def test_output_is_utf_8_whatever_the_locale_says(book: Path) -> None:
    edit(book, "content/handbook.yaml", "chapter-practice:", "chapter-π:")
    ended = handbook("check", cwd=book, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ended.returncode == 1
    assert "π" in ended.stderr


def test_a_reader_that_has_enough_ends_it_quietly(book: Path) -> None:
    with start_handbook("plan", "--all", "--json", cwd=book) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "[\n"
        process.stdout.close()
        assert (process.stderr.read(), process.wait(20)) == ("", 0)


def test_a_closed_stdout_does_not_matter(book: Path) -> None:
    command = f'"{sys.executable}" -m handbook plan >&-'
    ended = subprocess.run(command, shell=True, cwd=book, env=ENVIRONMENT, capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_build_whose_reader_goes_leaves_nothing(book: Path) -> None:
    with start_handbook("build", cwd=book) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 0
    assert leftovers(book / "public") == []


# -- stopping


def group_is_empty(group: int) -> bool:
    """Tell whether no process of the group is left but those that wait to be buried."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return False
    return True


@pytest.fixture
def long_book(tmp_path: Path) -> Path:
    """A book with one document that prints for many seconds."""
    book = book_with_fonts(tmp_path)
    rows = "\n".join(f"- Point {number} of a long list, with **words**." for number in range(12000))
    with (book / "content/principles/principle-listen.md").open("a") as stream:
        stream.write(f"\n{rows}\n")
    return book


@pytest.mark.parametrize("seconds", [0.1, 1.5], ids=["starting", "printing"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_printing_ends_all_processes_soon(
    long_book: Path, number: int, code: int, seconds: float
) -> None:
    options = ("-l", "en", "-s", "general", "-b", "default", "-d", "handbook", "--allow-missing")
    with start_handbook("build", *options, "--jobs", "2", cwd=long_book) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("documents"):
            assert process.poll() is None
        time.sleep(seconds)
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == code
        assert time.monotonic() - started < 2
        wait_until(lambda: group_is_empty(process.pid), 2)
        assert process.stderr is not None
        assert process.stderr.read() == "stopped; what is published is whole\n"
    assert leftovers(long_book / "public") == []
    assert not (long_book / "public").exists()


def test_the_terminals_own_signal_to_all_processes_ends_them_quietly(long_book: Path) -> None:
    options = ("-l", "en", "-s", "general", "-b", "default", "-d", "handbook", "--allow-missing")
    with start_handbook("build", *options, cwd=long_book) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("documents"):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)  # as early as it can come
        assert process.wait(10) == 130
        wait_until(lambda: group_is_empty(process.pid), 2)
        assert process.stderr is not None
        assert process.stderr.read() == "stopped; what is published is whole\n"


def test_printing_processes_end_when_the_build_is_killed(long_book: Path) -> None:
    options = ("-l", "en", "-s", "general", "-b", "default", "-d", "handbook", "--allow-missing")
    with start_handbook("build", *options, cwd=long_book) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("documents"):
            assert process.poll() is None
        time.sleep(1)
        process.kill()
        process.wait()
        wait_until(lambda: group_is_empty(process.pid), 5)
