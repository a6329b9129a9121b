"""The ways of printing: the same pages in each, nothing at the edge, black and white enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pikepdf
import pytest

from handbook import loading
from handbook.diagnostics import UsageError
from handbook.loading import Project
from handbook.pipeline import plan_of
from handbook.plan.documents import DOCUMENTS
from handbook.plan.plan import Output, Selection, check_options
from handbook.plan.printing import PrintOptions
from handbook.render.measure import LEAST
from handbook.render.styles import in_black, print_style_sheet
from tests.command import book_with_fonts
from tests.prints import Picture, Word, pictures, print_with, text_by_page, words_by_page
from tests.validators import verapdf

MM = 72 / 25.4
EDGE = 8
"""Millimetres that office printers leave white."""
WAYS = {
    "standard": PrintOptions(),
    "single": PrintOptions(duplex=False),
    "letter": PrintOptions(paper="letter"),
    "office": PrintOptions(finish="office"),
    "shop": PrintOptions(finish="shop"),
    "archive": PrintOptions(archive=True),
}
SHEETS = ("worksheet", "cards", "answer-sheet", "scoring-sheet", "fold-sheet")
Ways = Callable[[str], dict[Output, Path]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return loading.load(book_with_fonts(tmp_path_factory.mktemp("small")), allow_missing=True)


@pytest.fixture(scope="module")
def books(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Ways:
    """Every book of one edition of the tests' own project, printed in one of the ways."""
    handbook = small.handbook
    edition = handbook.languages[-1:], handbook.sectors[:1], handbook.brands[:1]
    outputs = plan_of(small, Selection(("handbook", "facilitator-guide"), *edition)).outputs

    @cache
    def make(way: str) -> dict[Output, Path]:
        return print_with(small, outputs, WAYS[way], tmp_path_factory.mktemp(way))

    return make


def some_sheets(project: Project, language: int) -> list[Output]:
    """One sheet of each kind in the language of a number."""
    handbook = project.handbook
    edition = (handbook.languages[language],), handbook.sectors[:1], handbook.brands[:1]
    outputs = plan_of(project, Selection(SHEETS, *edition)).outputs
    return list({output.document: output for output in outputs}.values())


@pytest.fixture(scope="module")
def sheets(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Ways:
    """A sheet of each kind of the real book, printed in one of the ways."""
    outputs = some_sheets(project, -1)

    @cache
    def make(way: str) -> dict[Output, Path]:
        return print_with(project, outputs, WAYS[way], tmp_path_factory.mktemp(way))

    return make


# -- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [way for way in WAYS if way != "standard"])
def test_pages_break_in_the_same_places_in_every_way(books: Ways, way: str) -> None:
    for output, path in books(way).items():
        assert text_by_page(path) == text_by_page(books("standard")[output]), output.path


@pytest.mark.parametrize("way", [pytest.param("letter", marks=pytest.mark.slow), "office"])
def test_so_do_those_of_sheets(sheets: Ways, way: str) -> None:
    for output, path in sheets(way).items():
        assert text_by_page(path) == text_by_page(sheets("standard")[output]), output.path


@pytest.mark.slow
@pytest.mark.parametrize("language", range(6))
def test_so_do_those_of_the_real_books(project: Project, tmp_path: Path, language: int) -> None:
    handbook = project.handbook
    edition = (handbook.languages[language],), handbook.sectors[:1], handbook.brands[:1]
    selection = Selection(("handbook", "facilitator-guide"), *edition)
    outputs = plan_of(project, selection).outputs
    # What a print shop and an archive get is laid out as the standard is.
    ways = ("standard", "single", "letter", "office")
    first, *others = (print_with(project, outputs, WAYS[way], tmp_path / way) for way in ways)
    for made in others:
        for output, path in made.items():
            assert text_by_page(path) == text_by_page(first[output]), path


def test_books_leave_more_room_where_they_are_bound(books: Ways) -> None:
    book = next(iter(books("standard").values()))
    sides: dict[int, set[float]] = {0: set(), 1: set()}
    for number, page in enumerate(words_by_page(book)[1:], start=2):
        if page:
            sides[number % 2].add(min(word.left for word in page))
    inner, outer = min(sides[1]), min(sides[0])  # right pages have odd numbers
    assert inner == pytest.approx(24 * MM, abs=0.5)
    assert outer == pytest.approx(18 * MM, abs=0.5)
    single = next(iter(books("single").values()))
    for page in words_by_page(single)[1:]:
        assert not page or min(word.left for word in page) >= 24 * MM - 0.5


def margins_are_white(picture: Picture, dots: int) -> bool:
    edge = int(EDGE * dots / 25.4)
    inside = picture[edge:-edge, edge:-edge]
    return bool((picture < 250).sum() == (inside < 250).sum())


@pytest.mark.parametrize("way", ["standard", "single", "letter", "office"])
def test_nothing_stands_where_office_printers_cannot_print(
    books: Ways, sheets: Ways, way: str
) -> None:
    """Except what fills the cover, from which the edge may be cut."""
    for path in (*books(way).values(), *sheets(way).values()):
        for number, picture in enumerate(pictures(path, 72, "-gray")):
            cover = number == 0 and path in books(way).values() and way != "office"
            assert cover or margins_are_white(picture, 72), (path.name, number + 1)
        if way != "office":
            for word in words_by_page(path)[0]:
                assert word.left >= EDGE * MM, word
                assert word.top >= EDGE * MM, word


# -- black and white -------------------------------------------------------------------------


def luminance(grey: float) -> float:
    """Return the relative luminance of a grey, WCAG 2.2."""
    share = grey / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def part(picture: Picture, box: tuple[float, float, float, float], dots: int) -> Picture:
    left, top, right, bottom = (round(side * dots / 72) for side in box)
    return picture[max(top, 0) : bottom, max(left, 0) : right]


def illegible(picture: Picture, words: list[Word], dots: int) -> Iterator[str]:
    """Yield the words of a grey page without contrast, or lost in a copy of black and white."""
    for word in words:
        found = part(picture, (word.left, word.top, word.right, word.bottom), dots)
        paper, ink = numpy.percentile(found, 90), numpy.min(found)
        contrast = (luminance(paper) + 0.05) / (luminance(ink) + 0.05)
        black = float((found < 128).mean())
        if contrast < 4.5 or not 0.005 < black < 0.7:
            yield f"{word.text}: {contrast:.1f}, {black:.2f} black"


def boxes(path: Path) -> Iterator[tuple[str, int, float, float]]:
    """Yield each box to write in: name, page, left, top in points from the page's corner."""
    with pikepdf.open(path) as pdf:
        if "/Names" not in pdf.Root:
            return
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
        names: Any = list(pdf.Root.Names.Dests.Names)
        for name, target in zip(names[::2], names[1::2], strict=True):
            if str(name).split(".")[0] in LEAST:
                page = numbers[target[0].objgen]
                height = float(pdf.pages[page].mediabox[3])
                yield str(name), page, float(target[2]), height - float(target[3])


def lost(picture: Picture, name: str, left: float, top: float, dots: int) -> bool:
    """Tell whether the line around or below a box is lost in a copy of black and white."""
    width, height = (side * MM for side in LEAST[name.split(".")[0]])
    around = (left - 1.5 * MM, top - 1.5 * MM, left + width, top + height + 3 * MM)
    black = part(picture, around, dots) < 128
    return int(black.sum()) < 5 / 25.4 * dots  # five millimetres of one dot


@pytest.mark.parametrize("way", ["standard", "office"])
def test_sheets_can_be_read_in_grey_and_when_copied(sheets: Ways, way: str) -> None:
    for path in sheets(way).values():
        assert_readable(path)


def assert_readable(path: Path) -> None:
    dots = 200
    pages = list(pictures(path, dots, "-gray"))
    for picture, words in zip(pages, words_by_page(path), strict=True):
        assert list(illegible(picture, words, dots)) == [], path
    for name, page, left, top in boxes(path):
        assert not lost(pages[page], name, left, top, dots), (path, name)


@pytest.mark.slow
@pytest.mark.parametrize("language", range(6))
@pytest.mark.parametrize("way", ["standard", "office"])
def test_all_sheets_can(project: Project, tmp_path: Path, way: str, language: int) -> None:
    handbook = project.handbook
    edition = (handbook.languages[language],), handbook.sectors[:1], handbook.brands[-1:]
    outputs = plan_of(project, Selection(SHEETS, *edition)).outputs
    for path in print_with(project, outputs, WAYS[way], tmp_path).values():
        assert_readable(path)


def test_a_pale_word_would_be_told() -> None:
    page = numpy.full((100, 100), 255, dtype=numpy.uint8)
    page[20:30, 20:60:3] = 160
    word = Word("pale", 18, 18, 62, 32)
    assert list(illegible(page, [word], 72)) != []
    page[20:30, 20:60:3] = 60
    assert list(illegible(page, [word], 72)) == []
    assert lost(numpy.full((100, 100), 200, dtype=numpy.uint8), "tick.a", 40, 40, 72)


def test_offices_print_black_only_and_fill_nothing(books: Ways, sheets: Ways) -> None:
    for path in (*books("office").values(), *sheets("office").values()):
        for number, picture in enumerate(pictures(path, 144)):
            assert (picture.max(axis=2) == picture.min(axis=2)).all(), (path.name, number + 1)
            assert not has_filled_area(picture), (path.name, number + 1)


def test_offices_fill_nothing_whatever_a_brand_looks_like(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path / "book")
    with (root / "themes/default/theme.yaml").open("a", encoding="utf-8") as theme:
        theme.write("style: {cover: split, heading: block}\n")
    project = loading.load(root, allow_missing=True)
    handbook = project.handbook
    edition = handbook.languages[:1], handbook.sectors[:1], handbook.brands[:1]
    outputs = plan_of(project, Selection(("handbook",), *edition)).outputs
    for path in print_with(project, outputs, WAYS["office"], tmp_path / "made").values():
        filled = [n for n, picture in enumerate(pictures(path, 144), 1) if has_filled_area(picture)]
        assert filled == []


def has_filled_area(picture: Picture) -> bool:
    """Tell whether 144 dots to the inch show a block of three millimetres without any white."""
    height, width = (side // 18 * 18 for side in picture.shape[:2])
    lightest = picture[:height, :width].reshape(height // 18, 18, width // 18, 18, 3)
    return bool((lightest.max(axis=(1, 3, 4)) < 255).any())


def test_the_standard_print_does_fill(books: Ways) -> None:
    cover, *_ = pictures(next(iter(books("standard").values())), 144)
    assert has_filled_area(cover)


def test_office_saves_most_of_the_toner_of_a_cover(books: Ways) -> None:
    ink = {
        way: 255 - next(pictures(next(iter(books(way).values())), 36, "-gray")).mean()
        for way in ("standard", "office")
    }
    assert ink["office"] < ink["standard"] / 10


# -- print shop ------------------------------------------------------------------------------


def test_a_print_shop_gets_bleed_marks_and_boxes(books: Ways) -> None:
    for path in books("shop").values():
        with pikepdf.open(path) as pdf:
            for page in pdf.pages:
                trim, bleed = page.trimbox, page.obj.BleedBox
                assert [round(float(side), 1) for side in trim] == [0, 0, 595.3, 841.9]
                assert [
                    round(float(b) - float(t), 1) for b, t in zip(bleed, trim, strict=True)
                ] == [
                    -8.5,
                    -8.5,
                    8.5,
                    8.5,
                ]
        cover, second, *_ = pictures(path, 72)
        slug = round(10 * MM)
        inside, outside = round(8 * MM), round(6 * MM)  # two and four millimetres beyond the cut
        assert cover[slug + 200, inside].tolist() != [255, 255, 255]
        assert cover[slug + 200, outside].tolist() == [255, 255, 255]
        for corner in (cover, second):
            assert corner[:slug, slug - 2 : slug + 3].min() < 128  # a crop mark
            middle = corner.shape[1] // 2
            assert corner[:slug, middle - 15 : middle + 15].min() < 128  # a registration mark


def test_greys_of_a_print_shop_are_of_black_ink_and_colours_are_stated(books: Ways) -> None:
    for path in books("shop").values():
        with pikepdf.open(path) as pdf:
            drawn = b"\n".join(page.Contents.read_bytes() for page in pdf.pages)
            spaces = pdf.pages[0].Resources.ColorSpace
            assert str(spaces.DefaultRGB[0]) == "/ICCBased"
        rgb = re.findall(rb"^([\d.]+) ([\d.]+) ([\d.]+) rg$", drawn, re.MULTILINE)
        assert rgb
        assert not [colour for colour in rgb if len(set(colour)) == 1]
        assert b"/DeviceCMYK cs" in drawn


def test_letters_are_of_black_ink_whatever_ink_a_brand_has(project: Project) -> None:
    for theme in project.themes.values():
        style = print_style_sheet(theme, project.languages.values(), WAYS["shop"])
        for token in ("text", "quiet"):
            used = re.findall(rf"--{token}:\s*([^;]+);", style)[-1]
            assert used.startswith("device-cmyk(0 0 0 "), (theme.id, token)


def test_only_greys_become_black_ink() -> None:
    style = in_black("a{color:#1f2426;border:1pt solid #555}#add{background:#1d4f5c}")
    assert style == (
        "a{color:device-cmyk(0 0 0 0.86);border:1pt solid device-cmyk(0 0 0 0.67)}"
        "#add{background:#1d4f5c}"
    )


def test_books_end_on_whole_sheets_when_asked(small: Project, tmp_path: Path) -> None:
    handbook = small.handbook
    edition = handbook.languages[:1], handbook.sectors[:1], handbook.brands[:1]
    outputs = plan_of(small, Selection(("handbook", "worksheet"), *edition)).outputs
    made = print_with(small, outputs, PrintOptions(whole_sheets=True), tmp_path)
    for output, path in made.items():
        with pikepdf.open(path) as pdf:
            assert (len(pdf.pages) % 4 == 0) == (output.document == "handbook")
    assert_conforms([path for o, path in made.items() if o.document == "handbook"], "ua1")


# -- standards -------------------------------------------------------------------------------


def assert_conforms(paths: list[Path], *standards: str) -> None:
    for standard in standards:
        found = [(r.path.name, r.error, r.failures) for r in verapdf.check(paths, standard)]
        assert [report for report in found if report[1] or report[2]] == [], standard


def test_every_way_is_accessible_and_the_archive_is_one(books: Ways, sheets: Ways) -> None:
    paths = [path for way in WAYS for path in books(way).values()]
    assert_conforms([*paths, *sheets("office").values()], "ua1")
    assert_conforms(list(books("archive").values()), "3a")


@pytest.mark.slow
@pytest.mark.parametrize("language", range(6))
@pytest.mark.parametrize("way", ["office", "shop", "archive"])
def test_a_document_of_each_kind_conforms(
    project: Project, tmp_path: Path, way: str, language: int
) -> None:
    handbook = project.handbook
    kinds = tuple(d.id for d in DOCUMENTS if d.media == "print" and not d.fillable)
    edition = (handbook.languages[language],), handbook.sectors[:1], handbook.brands[-1:]
    outputs = plan_of(project, Selection(kinds, *edition)).outputs
    one_of_each = list({output.document: output for output in outputs}.values())
    paths = list(print_with(project, one_of_each, WAYS[way], tmp_path).values())
    assert_conforms(paths, *(("ua1", "3a") if way == "archive" else ("ua1",)))


def test_documents_say_what_they_are_and_how_to_print_them(
    books: Ways, sheets: Ways, small: Project
) -> None:
    day = small.handbook.date.strftime("D:%Y%m%d")
    for output, path in books("standard").items():
        with pikepdf.open(path) as pdf:
            info = {key: str(value) for key, value in pdf.docinfo.items()}
            assert all(info[key] for key in ("/Title", "/Author", "/Subject", "/Keywords"))
            assert info["/CreationDate"].startswith(day)
            with pdf.open_metadata() as metadata:
                assert metadata["dc:title"] == info["/Title"]
                assert metadata["dc:language"] == {output.profile.language}
                assert metadata["pdfuaid:part"] == "1"
            advice = pdf.Root.ViewerPreferences
            assert (str(advice.Duplex), bool(advice.DisplayDocTitle)) == (
                "/DuplexFlipLongEdge",
                True,
            )
            assert str(pdf.Root.PageLayout) == "/TwoPageRight"
            assert str(pdf.Root.PageLabels.Nums[1].S) == "/D"
    for path in books("single").values():
        with pikepdf.open(path) as pdf:
            assert str(pdf.Root.ViewerPreferences.Duplex) == "/Simplex"
    for path in sheets("standard").values():
        with pikepdf.open(path) as pdf:
            assert str(pdf.Root.ViewerPreferences.PrintScaling) == "/None"


# -- options ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "document", "said"),
    [
        (PrintOptions(imposition="booklet"), "answer-sheet", "keep their size"),
        (PrintOptions(imposition="two-up"), "fillable-sheet", "keep their size"),
        (PrintOptions(archive=True), "fillable-sheet", "no scripts"),
        (PrintOptions(archive=True, finish="shop"), "handbook", "two builds"),
        (PrintOptions(imposition="booklet", finish="shop"), "handbook", "itself"),
    ],
)
def test_options_that_cannot_be_are_refused(
    options: PrintOptions, document: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        check_options(options, [document])
