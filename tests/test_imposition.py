"""Sheets of pages: their order, their size, nothing cut off, the text still there."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as some

from handbook import loading, pipeline
from handbook.loading import Project
from handbook.pipeline import plan_of
from handbook.plan.documents import BY_ID
from handbook.plan.plan import Output, Selection
from handbook.plan.printing import Imposition, PrintOptions
from handbook.render.imposition import THICKEST, booklets, impose, label_of, spreads
from handbook.theme import Paper
from tests.command import book_with_fonts
from tests.conftest import Quiet
from tests.prints import Picture, pictures, text_by_page, words_by_page

BOOKS = ("handbook", "facilitator-pack")
SHEETS: tuple[Imposition, ...] = ("booklet", "two-up")
PAPERS: dict[Imposition, Paper] = {"booklet": "a4", "two-up": "letter"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return loading.load(book_with_fonts(tmp_path_factory.mktemp("small")), allow_missing=True)


@pytest.fixture(scope="module")
def made(small: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[Imposition, Path]:
    """The books of an edition as pages and as sheets; A4 as a booklet, Letter two-up."""
    cache, folders = tmp_path_factory.mktemp("cache"), {}
    for imposition, paper in PAPERS.items():
        target = tmp_path_factory.mktemp(imposition) / "public"
        options = PrintOptions(paper, imposition=imposition)
        books = replace(selection(small), documents=BOOKS)  # nobody may ask for imposed sheets
        pipeline.build(small, books, target, cache, 2, "", Quiet(), options)
        folders[imposition] = target
    return folders


def selection(project: Project) -> Selection:
    handbook = project.handbook
    edition = handbook.languages[-1:], handbook.sectors[:1], handbook.brands[:1]
    return Selection((*BOOKS, "worksheet"), *edition)


def pairs(project: Project, imposition: Imposition) -> list[tuple[Output, Output]]:
    """Return each imposed output and the document whose pages it has."""
    plan = plan_of(project, selection(project), imposition)
    found = []
    for output in (o for o in plan.outputs if o.imposed):
        book = plan.find(output.document, output.subject, output.profile)
        assert book is not None
        found.append((output, book))
    return found


def folded(pages: int) -> list[int | None]:
    """Return the pages as a reader meets them who folds each booklet of the sheets and reads on."""
    sides, read = spreads(pages, "booklet"), []
    for first, last in booklets(pages):
        count = (last - first) // 2
        own, sides = sides[:count], sides[count:]
        fronts, backs = own[::2], own[1::2]
        # Going in, one meets the right half of each front and then the left half of its back.
        way_in = zip(fronts, backs, strict=True)
        read += [half for front, back in way_in for half in (front[1], back[0])]
        way_out = zip(reversed(fronts), reversed(backs), strict=True)
        read += [half for front, back in way_out for half in (back[1], front[0])]
    assert sides == []
    return read


@given(some.integers(min_value=1, max_value=700))
def test_a_folded_booklet_reads_in_order(pages: int) -> None:
    read = folded(pages)
    assert read[:pages] == list(range(pages))
    assert set(read[pages:]) <= {None}
    assert len(read) % 4 == 0
    assert len(read) - pages < 4


@given(some.integers(min_value=1, max_value=700))
def test_booklets_can_be_stapled_and_are_of_one_thickness(pages: int) -> None:
    sheets = [(last - first) / 4 for first, last in booklets(pages)]
    assert all(count.is_integer() for count in sheets)
    assert max(sheets) <= THICKEST
    assert max(sheets) - min(sheets) <= 1


@given(some.integers(min_value=1, max_value=700))
def test_two_pages_a_sheet_are_in_reading_order(pages: int) -> None:
    halves = [half for side in spreads(pages, "two-up") for half in side]
    assert halves == [*range(pages), *[None] * (pages % 2)]


@pytest.mark.parametrize("imposition", SHEETS)
def test_every_book_and_no_sheet_is_imposed(
    small: Project, made: dict[Imposition, Path], imposition: Imposition
) -> None:
    imposed = pairs(small, imposition)
    assert {output.document for output, _ in imposed} == {"handbook", "facilitator-pack"}
    for output, book in imposed:
        assert output.path == book.path.replace(".pdf", f"-{imposition}.pdf")
        assert (made[imposition] / output.path).is_file()
        assert (made[imposition] / book.path).is_file()
    names = {path.name for path in made[imposition].rglob(f"*-{imposition}.pdf")}
    assert names == {Path(output.path).name for output, _ in imposed}


@pytest.mark.parametrize("imposition", SHEETS)
def test_each_half_has_the_page_that_belongs_there(
    small: Project, made: dict[Imposition, Path], imposition: Imposition
) -> None:
    """Every word stands where it stood on its page, smaller; nothing is cut off or added."""
    for output, book in pairs(small, imposition):
        if output.document == "facilitator-pack":
            continue  # has pages on their side: below
        pages = words_by_page(made[imposition] / book.path, 0)
        with pikepdf.open(made[imposition] / book.path) as pdf:
            width, height = map(float, pdf.pages[0].mediabox[2:])
        scale = min(height / 2 / width, width / height)
        sides = spreads(len(pages), imposition)
        sheets = words_by_page(made[imposition] / output.path, 0)
        for sheet, side in zip(sheets, sides, strict=True):
            expected = []
            for half, number in enumerate(side):
                x = height / 2 * (half + 0.5) - width * scale / 2
                y = (width - height * scale) / 2
                words = pages[number] if number is not None else ()
                expected += [(w.text, x + w.left * scale, y + w.top * scale) for w in words]
            found = sorted((w.text, w.left, w.top) for w in sheet)
            for (text, left, top), (its_text, its_left, its_top) in zip(
                found, sorted(expected), strict=True
            ):
                assert text == its_text
                assert left == pytest.approx(its_left, abs=0.6)
                assert top == pytest.approx(its_top, abs=0.6)


def scale_of(page: tuple[int, ...], half: tuple[int, ...]) -> float:
    return min(half[0] / page[0], half[1] / page[1])


def test_pages_of_a_booklet_are_half_of_their_paper(
    small: Project, made: dict[Imposition, Path]
) -> None:
    (output, book), *_ = pairs(small, "booklet")
    sheets = words_by_page(made["booklet"] / output.path)
    pages = words_by_page(made["booklet"] / book.path)
    # The second side of the outermost sheet has page two at the left.
    word, small_word = pages[1][0], sheets[1][0]
    assert word.text == small_word.text
    scale = 148.5 / 210
    assert small_word.left == pytest.approx(word.left * scale, abs=0.5)
    assert small_word.right == pytest.approx(word.right * scale, abs=0.5)
    with pikepdf.open(made["booklet"] / output.path) as pdf:
        size = [round(float(side)) for side in pdf.pages[0].mediabox[2:]]
    assert size == [842, 595]


@pytest.mark.parametrize("imposition", SHEETS)
def test_text_can_still_be_searched(
    small: Project, made: dict[Imposition, Path], imposition: Imposition
) -> None:
    for output, book in pairs(small, imposition):
        pages = text_by_page(made[imposition] / book.path)
        sheets = text_by_page(made[imposition] / output.path)
        assert sorted("".join(sheets)) == sorted("".join(pages)), output.path


@pytest.mark.parametrize("imposition", SHEETS)
def test_sheets_say_that_they_are_for_printing(
    small: Project, made: dict[Imposition, Path], imposition: Imposition
) -> None:
    for output, book in pairs(small, imposition):
        with (
            pikepdf.open(made[imposition] / output.path) as pdf,
            pikepdf.open(made[imposition] / book.path) as source,
        ):
            title, subject = str(pdf.docinfo["/Title"]), str(pdf.docinfo["/Subject"])
            assert title.startswith(str(source.docinfo["/Title"]) + " – ")
            assert Path(book.path).name in subject
            assert str(pdf.Root.Lang) == output.profile.language
            assert str(pdf.Root.ViewerPreferences.Duplex) == "/DuplexFlipShortEdge"
            assert str(pdf.Root.ViewerPreferences.PrintScaling) == "/None"
            for dropped in ("/StructTreeRoot", "/MarkInfo", "/Outlines", "/Names", "/Metadata"):
                assert dropped not in pdf.Root, dropped
            assert all("/Annots" not in page for page in pdf.pages)
            assert pdf.check_pdf_syntax() == []


def test_sheets_are_the_same_bytes_each_time(small: Project, made: dict[Imposition, Path]) -> None:
    (output, book), *_ = pairs(small, "booklet")
    language = small.languages[output.profile.language]
    data = (made["booklet"] / book.path).read_bytes()
    again = impose(data, "booklet", label_of("booklet", book, language))
    assert again == (made["booklet"] / output.path).read_bytes()


def test_a_page_on_its_side_is_turned_and_whole(
    small: Project, made: dict[Imposition, Path]
) -> None:
    output, book = next(p for p in pairs(small, "two-up") if p[0].document == "facilitator-pack")
    pages = list(pictures(made["two-up"] / book.path, 72, "-gray"))
    number = next(n for n, page in enumerate(pages) if page.shape[1] > page.shape[0])
    sheet = list(pictures(made["two-up"] / output.path, 72, "-gray"))[number // 2]
    middle = sheet.shape[1] // 2
    half = sheet[:, :middle] if number % 2 == 0 else sheet[:, middle:]
    turned = numpy.rot90(pages[number])
    box, found = extent(turned), extent(half)
    scale = scale_of(turned.shape, half.shape)
    top = (half.shape[0] - turned.shape[0] * scale) / 2
    assert found[0] == pytest.approx(top + box[0] * scale, abs=3)
    assert found[1] == pytest.approx(top + box[1] * scale, abs=3)


def extent(picture: Picture) -> tuple[int, int]:
    rows = numpy.flatnonzero((picture < 200).any(axis=1))
    return int(rows[0]), int(rows[-1])


def test_the_real_handbooks_can_be_imposed(
    prints: Path, printed: Selection, project: Project
) -> None:
    for output in plan_of(project, printed).outputs:
        if output.document == "handbook":
            data = (prints / output.path).read_bytes()
            language = project.languages[output.profile.language]
            sheets = impose(data, "booklet", label_of("booklet", output, language))
            with pikepdf.open(io.BytesIO(data)) as book, pikepdf.open(io.BytesIO(sheets)) as pdf:
                assert len(pdf.pages) == 2 * -(-len(book.pages) // 4)
            assert len(sheets) < len(data)


def test_only_paper_documents_are_imposable() -> None:
    assert not [d.id for d in BY_ID.values() if d.imposable and (d.fillable or d.media != "print")]
