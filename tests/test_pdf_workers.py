"""Printing processes may fail, hang or die: the build ends, and says at which document."""

from __future__ import annotations

import inspect
import io
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from handbook.diagnostics import ContentError
from handbook.render import pdf
from handbook.render.pdf import (
    Limits,
    PdfJob,
    Printed,
    PrintError,
    fonts_digest,
    print_all,
    write_fonts_conf,
)
from tests.conftest import ROOT

SHORT = Limits(seconds=20, silence=60)
CSS = "body { font-family: 'Noto Sans' }"


@pytest.fixture
def job(tmp_path: Path) -> Callable[[str, str], PdfJob]:
    fonts = str(write_fonts_conf(tmp_path, [ROOT / "themes" / "default" / "fonts"]))

    def make(path: str, body: str) -> PdfJob:
        html = f"<!doctype html><html lang=en><title>A title</title><h1>Heading</h1>{body}"
        return PdfJob(path, html, CSS, fonts)

    return make


def printed(jobs: list[PdfJob], workers: int = 1, limits: Limits = SHORT) -> dict[str, bytes]:
    """Print `jobs`; return the documents by their paths."""
    found: dict[str, bytes] = {}
    print_all(jobs, workers, 0, lambda done: found.update({done.job.path: done.data}), limits)
    return found


def nothing_runs() -> bool:
    return multiprocessing.active_children() == []


def test_documents_come_out_the_same_whoever_prints_them(
    job: Callable[[str, str], PdfJob],
) -> None:
    jobs = [job(f"{number}.pdf", f"<p>Number {number}") for number in range(5)]
    alone, together = printed(jobs), printed(jobs, workers=2)
    assert sorted(alone) == [f"{number}.pdf" for number in range(5)]
    assert alone == together
    assert all(data.startswith(b"%PDF-1.7") for data in alone.values())


def test_more_documents_than_a_process_may_print_are_printed_by_fresh_ones(
    job: Callable[[str, str], PdfJob],
) -> None:
    jobs = [job(f"{number}.pdf", "<p>Text") for number in range(7)]
    pids: list[int] = []

    def note(done: Printed) -> None:
        pids.extend(child.pid or 0 for child in multiprocessing.active_children())

    print_all(jobs, 1, 0, note, replace(SHORT, documents=2))
    assert len(set(pids)) == 4
    assert nothing_runs()


def test_a_document_over_its_time_ends_the_build(job: Callable[[str, str], PdfJob]) -> None:
    limits = replace(SHORT, seconds=1)
    with pytest.raises(PrintError, match=r"^slow\.pdf took more than 1 s to print$") as caught:
        printed([job("slow.pdf", "<p>words " * 40000)], limits=limits)
    assert caught.value.exit_code == 4
    assert nothing_runs()


def test_a_document_over_its_memory_ends_the_build(job: Callable[[str, str], PdfJob]) -> None:
    limits = replace(SHORT, memory=420 * 1024**2)
    with pytest.raises(PrintError, match=r"large\.pdf.* needed more than 420 MB"):
        printed([job("large.pdf", "<p>words " * 40000)], limits=limits)
    assert nothing_runs()


def test_a_process_that_is_killed_ends_the_build(job: Callable[[str, str], PdfJob]) -> None:
    jobs = [job("first.pdf", "<p>Text"), job("second.pdf", "<p>words " * 20000)]

    def kill(done: Printed) -> None:
        assert done.job.path == "first.pdf"
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    with pytest.raises(PrintError, match=r"process died, at one of: second\.pdf;"):
        print_all(jobs, 1, 0, kill, SHORT)
    assert nothing_runs()


def test_a_process_that_sleeps_ends_the_build(job: Callable[[str, str], PdfJob]) -> None:
    jobs = [job("first.pdf", "<p>Text"), job("second.pdf", "<p>words " * 20000)]

    def stop(done: Printed) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGSTOP)

    with pytest.raises(PrintError, match=r"process does not answer, at one of: second\.pdf;"):
        print_all(jobs, 1, 0, stop, replace(SHORT, silence=2))
    assert nothing_runs()


def test_a_fault_while_taking_a_document_ends_the_build(
    job: Callable[[str, str], PdfJob],
) -> None:
    def full(done: Printed) -> None:
        raise OSError(28, "No space left on device")

    jobs = [job("first.pdf", "<p>Text"), job("second.pdf", "<p>words " * 20000)]
    with pytest.raises(OSError, match="No space"):
        print_all(jobs, 1, 0, full, SHORT)
    assert nothing_runs()


def test_what_the_engine_cannot_do_names_the_document(job: Callable[[str, str], PdfJob]) -> None:
    with pytest.raises(PrintError, match=r"^deep\.pdf could not be printed: RecursionError"):
        printed([job("deep.pdf", "<div>" * 3000)])


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<p>\u2603", "P10-glyph]: no font has “\u2603” (U+2603 SNOWMAN)"),
        ("<img alt='a' src='https://example.org/a.png'>", "https://example.org/a.png"),
        ("<img alt='a' src='http://127.0.0.1:9/a.png'>", "http://127.0.0.1:9/a.png"),
        ("<img alt='a' src='file:///etc/passwd'>", "file:///etc/passwd"),
        ("<link rel=attachment href='file:///etc/passwd'>", "file:///etc/passwd"),
        ("<style>@import url(file:///etc/passwd);</style>", "file:///etc/passwd"),
        ("<p style='background: url(file:///etc/passwd)'>x", "file:///etc/passwd"),
        ("<img alt='a' src='data:image/png;base64,AAAA'>", "image"),
        ("<p style='colour: red'>x", "colour"),
    ],
)
def test_what_the_engine_complains_about_is_an_error_of_the_document(
    job: Callable[[str, str], PdfJob], body: str, complaint: str
) -> None:
    jobs = [job("bad.pdf", body), job("good.pdf", "<p>Text"), job("worse.pdf", body)]
    done: list[str] = []
    with pytest.raises(ContentError) as caught:
        print_all(jobs, 1, 0, lambda printed: done.append(printed.job.path), SHORT)
    assert caught.value.exit_code == 1
    assert {problem.span.file for problem in caught.value.problems} == {"bad.pdf", "worse.pdf"}
    assert complaint in str(caught.value)
    assert done == ["good.pdf"]


def test_two_projects_in_one_process_have_their_own_fonts(tmp_path: Path) -> None:
    def made(folder: Path) -> dict[str, bytes]:
        fonts = str(write_fonts_conf(tmp_path / folder.name, [folder]))
        html = "<!doctype html><html lang=en><title>A</title><h1>Heading</h1><p>Text"
        return printed([PdfJob("a.pdf", html, CSS, fonts)])

    full, empty = ROOT / "themes" / "default" / "fonts", tmp_path / "empty"
    empty.mkdir()
    assert made(full) == made(full)
    with pytest.raises(PrintError, match="died"):  # the engine cannot live without any font
        made(empty)


FAILING = """
import sys
from handbook.render.pdf import PdfJob, PrintError, print_all

page = "<!doctype html><html lang=en><title>A title</title><h1>Heading</h1><p>Text"
long = page + "<!--" + "x" * 300_000 + "-->"
jobs = [PdfJob(f"{number}.pdf", long, "", sys.argv[1]) for number in range(30)]
bad = PdfJob("bad.pdf", page + "<div>" * 3000, "", sys.argv[1])
try:
    print_all([bad, *jobs], 2, 0, lambda printed: None)
except PrintError as error:
    sys.exit(str(error))
"""


def test_a_document_that_fails_lets_the_program_end(tmp_path: Path) -> None:
    """Long documents still wait in the pipe to the printing processes; nobody reads it any more."""
    fonts = str(write_fonts_conf(tmp_path, [ROOT / "themes" / "default" / "fonts"]))
    command = [sys.executable, "-c", FAILING, fonts]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.stderr.startswith("bad.pdf could not be printed: RecursionError")
    assert len(ran.stderr.splitlines()) == 1


def test_the_code_that_works_on_a_document_is_part_of_its_key() -> None:
    found = [inspect.getmodule(value) for value in vars(pdf).values() if callable(value)]
    used = {module for module in found if module and "handbook.render." in module.__name__}
    assert len(used) > 3
    assert {str(module.__file__) for module in used} <= {str(path) for path in pdf._CODE}


def test_only_files_that_are_called_fonts_are_fonts(tmp_path: Path) -> None:
    """A brand's other files are not looked at, and are no part of a document's key."""
    fonts, theme = tmp_path / "fonts", ROOT / "themes" / "default" / "fonts"
    (fonts / "web").mkdir(parents=True)
    shutil.copy(theme / "NotoSans-Regular.ttf", fonts / "Acme.TTF")
    for name in ("README.md", "LICENSE", "web/Acme.ttf"):
        shutil.copy(theme / "NotoSansSC-Regular.ttf", fonts / name)
    conf = str(write_fonts_conf(tmp_path, [fonts]))
    html = "<!doctype html><html lang=en><title>A</title><p>Text"
    [data] = printed([PdfJob("a.pdf", html, "p {font-family: Noto Sans SC}", conf)]).values()
    with pikepdf.open(io.BytesIO(data)) as document:
        [font] = document.pages[0].Resources.Font.values()
    assert "SC" not in str(font.BaseFont)
    before = fonts_digest([fonts])
    (fonts / "Acme.TTF").write_bytes(b"another")
    assert fonts_digest([fonts]) != before
