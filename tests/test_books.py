"""The documents as books: what they say of each other's pages, and chapters without the others."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from handbook.loading import Project
from handbook.model.entries import Activity, Assessment
from handbook.model.words import Words
from handbook.pipeline import plan_of
from handbook.plan.plan import Output, Selection
from handbook.prints import epoch_of, print_jobs
from handbook.render import pdf
from handbook.render.press import Press
from handbook.resolve.editions import Edition
from tests.alone import differences
from tests.test_print import letters


@pytest.fixture(scope="module")
def outputs(project: Project, printed: Selection) -> list[Output]:
    return list(plan_of(project, printed).outputs)


@cache
def pages_of(path: Path) -> list[str]:
    """Return the letters of each page."""
    run = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return [bare(page) for page in run.stdout.decode().split("\f")[:-1]]


def bare(text: str) -> str:
    return re.sub(r"[\"“”„«»‘’‚‹›*_]", "", letters(text))


def plain(words: Words) -> str:
    """Return the letters of a text; nothing where it holds what only a page can fill in."""
    return "" if re.search(r"[{\[]", words.text) else bare(words.text)


def heading(edition: Edition, key: str) -> str:
    """Return how the book begins an entry."""
    entry = edition.entries[key]
    title, summary = plain(entry.title), plain(entry.summary)
    return title + summary if title and summary else ""


def page_of(pages: list[str], start: str) -> int:
    """Return the page on which a text stands; it must stand on one only."""
    found = [number for number, page in enumerate(pages, start=1) if start in page]
    assert len(found) == 1, (start, found)
    return found[0]


def books(
    prints: Path, outputs: list[Output], project: Project, document: str
) -> Iterator[tuple[Edition, Callable[[str], str], list[str], list[str]]]:
    """Yield edition, gettext, the pages of a document and those of its handbook."""
    paths = {(o.document, o.profile): prints / o.path for o in outputs}
    for output in (o for o in outputs if o.document == document):
        edition = project.editions[output.profile]
        book = pages_of(paths["handbook", output.profile])
        language = project.languages[output.profile.language]
        yield edition, language.gettext, pages_of(prints / output.path), book


def numbered(message: str) -> str:
    """Return the pattern of a page's number as a language writes it."""
    return re.escape(bare(message % {"page": "@"})).replace("@", r"(\d+)")


def test_the_guide_names_the_pages_of_the_handbook(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    """On the page that the guide names stands the entry's heading."""
    for edition, gettext, guide, book in books(prints, outputs, project, "facilitator-guide"):
        checked = 0
        text, cited = "".join(guide), numbered(gettext("Handbook, p. %(page)s"))
        for key, entry in edition.entries.items():
            start = heading(edition, key)
            if entry.facilitator is None or not start:
                continue
            named = re.search(re.escape(start) + cited, text)
            assert named, (edition.profile, key)
            assert int(named[1]) == page_of(book, start), (edition.profile, key)
            checked += 1
        assert checked > 15, edition.profile


def test_session_plans_name_the_pages_and_the_minutes(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "session-plan"):
        edition = project.editions[output.profile]
        language = project.languages[output.profile.language]
        text = "".join(pages_of(prints / output.path))
        book_path = next(
            o.path for o in outputs if (o.document, o.profile) == ("handbook", output.profile)
        )
        book, cited = pages_of(prints / book_path), language.gettext("Handbook, p. %(page)s")
        session = edition.book.sessions[output.subject]
        assert sum(slot.minutes for slot in session.slots.values()) == session.minutes
        start = 0
        for slot in session.slots.values():
            row = f"{start // 60}:{start % 60:02}{slot.minutes}{plain(slot.title)}"
            assert row in text, (output.path, slot.id)
            start += slot.minutes
            for key in slot.entries:
                if heading(edition, key):
                    page = page_of(book, heading(edition, key))
                    line = f"{plain(edition.entries[key].title)}·{bare(cited % {'page': page})}"
                    assert line in text, (output.path, key)


def test_the_workbook_has_all_that_participants_do_and_write_on(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for edition, gettext, workbook, book in books(prints, outputs, project, "workbook"):
        text = "".join(workbook)
        evaluation = edition.book.handbook.evaluation
        for sheet in edition.worksheets.values():
            if sheet.id not in evaluation:
                fields = [plain(field.label) for field in sheet.fields.values()]
                assert all(field in text for field in fields), (edition.profile, sheet.id)
        for key, entry in edition.entries.items():
            if isinstance(entry, Activity):
                assert all(plain(q) in text for q in entry.questions), (edition.profile, key)
                page = page_of(book, heading(edition, key))
                cited = bare(gettext("Handbook, p. %(page)s") % {"page": page})
                assert f"·{cited}{heading(edition, key)}" in text, (edition.profile, key)
            elif isinstance(entry, Assessment):
                assert all(plain(item.stem) in text for item in entry.items.values()), key
                bands = [plain(band.next_step) for band in entry.bands.values()]
                assert not any(band in text for band in bands if band), "the key stays outside"


def test_contents_and_references_of_the_handbook_name_the_right_pages(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for edition, gettext, book, _ in books(prints, outputs, project, "handbook"):
        first = page_of(
            book, bare(edition.book.welcome.title.text + edition.book.welcome.body.text[:40])
        )
        contents = "".join(book[2 : first - 1])
        text, referred = "".join(book), 0
        for key, entry in edition.entries.items():
            if heading(edition, key):
                page = page_of(book, heading(edition, key))
                assert f"{plain(entry.title)}{page}" in contents, (edition.profile, key)
                place = gettext("p. %(page)s") % {"page": page}
                reference = {"title": plain(entry.title), "page": place}
                referred += bare(gettext("%(title)s, %(page)s") % reference) in text
        assert referred > 60, edition.profile


def test_chapters_begin_on_the_right_and_parts_on_the_left(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "handbook"):
        edition = project.editions[output.profile]
        with pikepdf.open(prints / output.path) as file:
            numbers = {p.objgen: n for n, p in enumerate((p.obj for p in file.pages), start=1)}
            found = {
                str(name): numbers[target[0].objgen]
                for name, target in pikepdf.NameTree(file.Root.Names.Dests).items()
            }
        assert all(found[key] % 2 for key in edition.chapters), output.path


def test_an_index_has_letters_in_the_order_of_its_language(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "handbook"):
        language = project.languages[output.profile.language]
        titles = [entry.title.text for entry in project.editions[output.profile].entries.values()]
        initials = {language.initial_of(bare(title)) for title in titles}
        last = "".join(pages_of(prints / output.path)[-4:])
        assert len(initials) > 10
        assert all(initial in last for initial in initials), output.path


def test_the_sheets_around_a_training_have_room_and_no_second_page(
    prints: Path, outputs: list[Output]
) -> None:
    for output in outputs:
        if output.document in ("certificate", "attendance-list", "evaluation-sheet"):
            with pikepdf.open(prints / output.path) as file:
                assert len(file.pages) == 1, output.path


# -- chapters alone --------------------------------------------------------------------------


def assert_chapters_stand_alone(project: Project, languages: tuple[str, ...], cache: Path) -> None:
    handbook = project.handbook
    selection = Selection(("handbook",), languages, (handbook.sectors[0],), (handbook.brands[0],))
    plan = plan_of(project, selection)
    press = Press(plan, project.themes, project.languages, cache / "templates")
    jobs = [job for job, _ in print_jobs(press, plan.outputs, cache)]
    settings = (jobs[0].fonts, epoch_of(handbook), pdf.LIMITS.memory)
    with ProcessPoolExecutor(
        1, pdf._context(), initializer=pdf._start_worker, initargs=settings
    ) as executor:
        for job, (sections, found) in zip(jobs, executor.map(differences, jobs), strict=True):
            assert found == [], job.path
            assert sections > 25, "cover, imprint, contents, chapters, parts and what is behind"


@pytest.mark.slow
def test_a_chapter_laid_out_alone_is_the_same_as_in_the_book(
    project: Project, tmp_path: Path
) -> None:
    assert_chapters_stand_alone(project, project.handbook.languages, tmp_path)
