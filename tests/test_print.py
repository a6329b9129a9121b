"""The printed documents: tagged, complete, in the right language, with the right fonts."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest

from handbook.loading import Project
from handbook.model.scoring import spans
from handbook.model.words import Words
from handbook.pipeline import plan_of
from handbook.plan.documents import DOCUMENTS
from handbook.plan.plan import Output, Selection
from handbook.resolve.editions import Edition
from tests.conftest import whole_brands
from tests.validators import verapdf

PAGES = (".html", ".pdf")
LATER = {"fold-sheet", "large-print"}
"""Documents that the deliverables leave to `--all`; tests/test_leaves.py looks at them."""


@pytest.fixture(scope="module")
def outputs(project: Project, printed: Selection) -> list[Output]:
    return list(plan_of(project, printed).outputs)


def text_of(path: Path) -> str:
    run = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return run.stdout.decode()


def letters(text: str) -> str:
    """Return a text without spaces and hyphens, which line breaks change."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def test_every_language_and_a_branded_sector_are_printed(
    prints: Path, outputs: list[Output], project: Project, printed: Selection
) -> None:
    languages = printed.languages or project.handbook.languages
    assert {o.profile.language for o in outputs} == set(languages)
    assert {(o.profile.sector, o.profile.brand) for o in outputs} >= {("bank", "aldervik")}
    assert {o.document for o in outputs} == {d.id for d in DOCUMENTS if d.media == "print"} - LATER
    assert all((prints / output.path).is_file() for output in outputs)


def assert_accessible(paths: list[Path]) -> None:
    reports = verapdf.check(paths, "ua1")
    assert len(reports) == len(paths)
    assert [(r.path.name, r.error, r.failures) for r in reports if not r.compliant] == []


def test_a_document_of_each_kind_in_each_language_is_accessible(
    prints: Path, outputs: list[Output]
) -> None:
    kinds = {(o.document, o.profile.language): prints / o.path for o in outputs}
    assert_accessible(list(kinds.values()))


@pytest.mark.slow
def test_every_document_is_accessible(prints: Path, outputs: list[Output]) -> None:
    assert_accessible([prints / output.path for output in outputs])


@pytest.mark.slow
def test_all_documents_of_all_editions_are_made(
    make: Callable[[Selection], Path], project: Project
) -> None:
    """Six languages, four sectors, two brands, site and print, each exactly once."""
    selection = Selection(everything=True, brands=whole_brands(project))
    made = make(selection)
    planned = {output.path for output in plan_of(project, selection).outputs}
    found = {p.relative_to(made).as_posix() for p in made.rglob("*") if p.suffix in PAGES}
    assert found == planned
    assert len({output.profile for output in plan_of(project, selection).outputs}) == 48


def test_documents_say_their_language_and_title(prints: Path, outputs: list[Output]) -> None:
    for output in outputs:
        with pikepdf.open(prints / output.path) as pdf:
            assert str(pdf.Root.Lang) == output.profile.language, output.path
            assert bool(pdf.Root.MarkInfo.Marked)
            with pdf.open_metadata() as metadata:
                assert metadata["dc:title"], output.path


def test_all_fonts_are_embedded_and_chinese_is_set_in_the_chinese_face(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in outputs:
        run = subprocess.run(["pdffonts", prints / output.path], capture_output=True, text=True)
        rows = run.stdout.splitlines()[2:]
        assert rows, output.path
        # The fields of a fillable sheet have a face that is cut for it.
        faces = project.themes[output.profile.brand].faces
        own = "".join(f"|{face.family.replace(' ', '-?')}" for face in faces)
        ours = re.compile(rf"Noto|\+fields-{own}")
        assert all(ours.search(row) for row in rows), output.path
        assert all(row.split()[-5] == "yes" for row in rows), output.path
        if output.profile.language == "zh-Hans":
            assert any("Noto-Sans-SC" in row.replace("NotoSansSC", "Noto-Sans-SC") for row in rows)


def test_handbooks_have_contents_with_the_right_pages(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "handbook"):
        edition = project.editions[output.profile]
        with pikepdf.open(prints / output.path) as pdf, pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            pages = len(pdf.pages)
        texts = len(edition.front) + len(edition.back)
        others = 5  # contents, welcome, sheets, glossary, index
        assert len(titles) == len(edition.chapters) + texts + others
        assert pages > 30
        contents = numbers_in_contents(prints / output.path)
        assert contents == sorted(contents)
        assert contents[-1] <= pages


def numbers_in_contents(path: Path) -> list[int]:
    run = subprocess.run(
        ["pdftotext", "-layout", "-f", "3", "-l", "4", path, "-"], capture_output=True, check=True
    )
    found = re.findall(r"^.*\S\s{2,}(\d+)$", run.stdout.decode(), re.MULTILINE)
    return [int(number) for number in found if int(number) > 3]


def test_handbooks_carry_every_entry_and_their_imprint(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "handbook"):
        edition = project.editions[output.profile]
        text = letters(text_of(prints / output.path))
        missing = [e.id for e in edition.entries.values() if letters(e.title.text) not in text]
        assert missing == [], output.path
        handbook = edition.book.handbook
        assert letters(f"{handbook.title.text} · {edition.book.sector.title.text}") in text


def test_no_trainers_text_reaches_participants(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document in ("handbook", "worksheet")):
        text = letters(text_of(prints / output.path))
        for entry in project.editions[output.profile].entries.values():
            if entry.facilitator:
                told = [t.text for t in entry.facilitator.debrief if letters(t.text) in text]
                shown = {letters(q.text) for q in getattr(entry, "questions", ())}
                assert {letters(t) for t in told} <= shown, (output.path, entry.id)


def test_the_guide_has_all_that_a_trainer_needs(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "facilitator-guide"):
        text = letters(text_of(prints / output.path))
        for entry in project.editions[output.profile].entries.values():
            card = entry.facilitator
            if card is None:
                continue
            stages = [stage.text for stage in card.procedure.values()]
            for words in (*card.objectives, *stages, *card.debrief, *card.variations):
                plain = letters(re.sub(r"\[([^\]]+)\]\([^)]*\)|[*_]", r"\1", words.text))
                if "{" not in plain and "[](" not in plain:
                    assert plain in text, (output.path, entry.id, words.text)


def test_the_guide_has_its_eight_parts_and_five_sessions(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "facilitator-guide"):
        text = letters(text_of(prints / output.path))
        book = project.editions[output.profile].book
        assert all(letters(part.title.text) in text for part in book.guide.values())
        for session in book.sessions.values():
            assert letters(session.title.text) in text
            assert all(letters(slot.title.text) in text for slot in session.slots.values())


def test_the_key_is_on_the_scoring_sheet_and_nowhere_else(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document in ("answer-sheet", "scoring-sheet")):
        assessment = project.editions[output.profile].book.assessments[output.subject]
        text = letters(text_of(prints / output.path))
        bands = [letters(band.next_step.text) in text for band in assessment.bands.values()]
        stems = [letters(item.stem.text) in text for item in assessment.items.values()]
        ranges = [f"{first}–{last}" in text for _, first, last in spans(assessment)]
        if output.document == "answer-sheet":
            assert (any(bands), all(stems), any(ranges)) == (False, True, False), output.path
        else:
            assert (all(bands), any(stems), all(ranges)) == (True, False, True), output.path


def test_sheets_keep_to_their_pages(prints: Path, outputs: list[Output]) -> None:
    """A test is one page to answer and both sides of a leaf to score; forty statements take twice
    as many. A worksheet has two pages at the most.
    """
    limits = {"answer-sheet": 1, "scoring-sheet": 2, "worksheet": 2}
    for output in (o for o in outputs if o.document in limits):
        times = 2 if output.subject == "test-company-self-assessment" else 1
        with pikepdf.open(prints / output.path) as pdf:
            assert len(pdf.pages) <= limits[output.document] * times, output.path


def test_a_brand_shows_on_cover_and_sheets(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.profile.brand == "aldervik"):
        theme = project.themes[output.profile.brand]
        with pikepdf.open(prints / output.path) as pdf:
            drawn = b"".join(page.Contents.read_bytes() for page in pdf.pages[:1])
        colour = [int(theme.file.colours.primary[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        assert b" ".join(b"%.6g" % c for c in colour) in drawn
        if output.document in ("handbook", "facilitator-guide"):
            cover = text_of(prints / output.path)
            assert theme.company(output.profile.language)["name"] in cover
            assert theme.file.contact[0] in cover


COLUMN = ("-raw", "-x", "0", "-y", "66", "-W", "600", "-H", "715")
"""What stands between running head and foot, in the order in which it was written."""


def signs(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(re.findall(r"\w+", unicodedata.normalize("NFC", text)))


def read_columns(path: Path) -> list[str]:
    """Return the letters and digits that a program finds on each page of a book.

    The engine draws the numbers of lists at the end of their page; they are left out.
    """
    run = subprocess.run(["pdftotext", *COLUMN, path, "-"], capture_output=True, check=True)
    text = re.sub(r"^\d+\.$", "", run.stdout.decode(), flags=re.MULTILINE)
    return [signs(page) for page in text.split("\f")]


def page_of(pages: list[str], paragraph: str, first: int) -> int | None:
    """Return the page on which a paragraph begins, from the page `first` on.

    One that goes on over the page may have a figure between: the engine draws it last on its page.
    """
    for number in range(first, len(pages)):
        if paragraph in pages[number]:
            return number
    for number in range(first, len(pages) - 1):
        for cut in range(1, len(paragraph)):
            if paragraph[:cut] not in pages[number]:
                break
            if paragraph[cut:] in pages[number + 1]:
                return number
    return None


def told_in_order(edition: Edition) -> Iterator[list[str]]:
    """Yield of each chapter its paragraphs and those of its entries, letters and digits only."""
    for key, place in edition.chapters.items():
        texts: list[Words] = [place.chapter.opening, place.chapter.body]
        for entry in (edition.entries[name] for name in place.part.chapters[key]):
            texts += [entry.summary, entry.body]
        yield [
            signs(re.sub(r"\[([^\]]+)\]\([^)]*\)|[*_]", r"\1", paragraph))
            for text in texts
            for paragraph in text.text.split("\n\n")
            if not re.search(r"[{|<#]|\[\]\(|^\s*(- |\d+\. )", paragraph, re.MULTILINE)
        ]


def test_the_text_can_be_searched_and_copied_in_its_order(
    prints: Path, outputs: list[Output], project: Project
) -> None:
    for output in (o for o in outputs if o.document == "handbook"):
        pages = read_columns(prints / output.path)
        looked_for = 0
        for paragraphs in told_in_order(project.editions[output.profile]):
            place = 0
            for paragraph in filter(None, paragraphs):
                found = page_of(pages, paragraph, place)
                assert found is not None, (output.path, paragraph)
                looked_for, place = looked_for + 1, found
        assert looked_for > 100, output.path


def test_documents_are_small(prints: Path, outputs: list[Output]) -> None:
    """At most one megabyte for ten pages, and half of one for the fonts that they bring."""
    for output in outputs:
        path = prints / output.path
        with pikepdf.open(path) as pdf:
            assert path.stat().st_size <= 500_000 + 100_000 * len(pdf.pages), output.path
