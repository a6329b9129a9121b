"""Figures: every word in its place, at a size to read and told to those who do not see it."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from handbook.diagnostics import ContentError
from handbook.loading import Project, load
from handbook.model.entries import Assessment
from handbook.model.figure import FORMS
from handbook.model.profile import Profile
from handbook.pipeline import plan_of
from handbook.plan.plan import Selection
from handbook.render.compose import BarePage, frame_of
from handbook.render.figures.lettering import LEADING, LEAST_SIZE, Hand, Text, hand_of
from handbook.render.figures.pictures import number_line, paints_of, pictures_of
from handbook.render.figures.shapes import Drawing, Frame, Label, Picture
from handbook.render.html import Printer
from handbook.resolve.figures import figure_of
from handbook.theme import Colours
from handbook.theme.colours import BLACK, TEXT, WHITE, contrast
from tests.conftest import whole_brands
from tests.minibook import copy_minibook, edit, write
from tests.validators import axe

ROUNDING = 0.01
LEEWAY = 1.0
"""Points by which a browser may differ: accents reach over the edges of their letters."""

Found = dict[tuple[str, str], list[Picture]]


def pictures_in(project: Project, profile: Profile) -> dict[str, Picture]:
    """Return every picture of an edition, the tests' number lines too, by entry."""
    edition, theme = project.editions[profile], project.themes[profile.brand]
    language = project.languages[profile.language]
    page = BarePage(frame_of(edition, theme, language))
    means = (
        Printer(page, language, project.languages),
        hand_of(theme.folders, language.tag, language.typography),
        paints_of(theme.file.colours),
    )
    entries = edition.entries.values()
    tests = [entry for entry in entries if isinstance(entry, Assessment)]
    drawn = pictures_of(entries, edition, *means)
    return {**drawn, **{test.id: number_line(test, *means) for test in tests}}


def test_each_finish_paints_as_its_style_sheet_does() -> None:
    colours = Colours(primary="#1d4f5c", accent="#b4472e", ink="#2a1f1c", paper="#ffffff")
    for paint in paints_of(colours, "office").values():
        assert (paint.fill, paint.stroke, paint.text) == (WHITE, BLACK, BLACK)
    shop = paints_of(colours, "shop")
    assert shop["plain"].text == shop["soft"].text == "device-cmyk(0 0 0 1.00)"
    assert shop["strong"].fill == colours.primary


@pytest.fixture(scope="module")
def pictures(project: Project) -> Found:
    """Language and entry → its picture in each sector and brand, the same ones only once."""
    found: Found = {}
    for profile in project.editions:
        for key, picture in pictures_in(project, profile).items():
            known = found.setdefault((profile.language, key), [])
            if picture not in known:
                known.append(picture)
    return found


def drawings(found: Found) -> Iterator[tuple[str, Drawing]]:
    for (tag, key), versions in found.items():
        for picture in versions:
            yield f"{tag} {key} wide", picture.wide
            yield f"{tag} {key} narrow", picture.narrow


def letters_of(label: Label) -> Frame:
    """Return the rectangle that the lines of a label fill, from the tops of its letters down."""
    block = label.block
    left = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
    top = label.baselines[0] - 0.78 * block.size
    height = (len(block.lines) - 1) * block.size * LEADING + block.size
    return Frame(label.x - left * block.width, top, block.width, height)


def is_within(inner: Frame, outer: Frame, leeway: float = ROUNDING) -> bool:
    beside = inner.left >= outer.left - leeway and inner.right <= outer.right + leeway
    return beside and inner.top >= outer.top - leeway and inner.bottom <= outer.bottom + leeway


def apart(one: Frame, other: Frame) -> bool:
    beside = one.right <= other.left + ROUNDING or other.right <= one.left + ROUNDING
    return beside or one.bottom <= other.top + ROUNDING or other.bottom <= one.top + ROUNDING


def test_every_kind_is_drawn_in_every_language(project: Project, pictures: Found) -> None:
    edition = next(iter(project.editions.values()))
    drawn = {entry.id: figure for entry in edition.entries.values() if (figure := figure_of(entry))}
    assert {figure.kind for figure in drawn.values()} == set(FORMS)
    tests = {entry.id for entry in edition.entries.values() if isinstance(entry, Assessment)}
    for tag in project.handbook.languages:
        assert {key for language, key in pictures if language == tag} == set(drawn) | tests


def test_every_label_fits_its_frame_and_stands_apart_from_others(pictures: Found) -> None:
    for name, drawing in drawings(pictures):
        whole = Frame(-1, -1, drawing.width + 2, drawing.height + 2)
        for label in drawing.labels:
            words, frame = letters_of(label), label.frame
            assert label.block.size >= LEAST_SIZE, (name, label)
            assert label.block.width <= frame.width + ROUNDING, (name, label)
            assert is_within(words, frame, 2), (name, label)
            assert is_within(words, whole), (name, label)
        for one, other in itertools.combinations(map(letters_of, drawing.labels), 2):
            assert apart(one, other), (name, one, other)


def test_no_word_is_lost_when_lines_are_broken(pictures: Found) -> None:
    for name, drawing in drawings(pictures):
        for label in drawing.labels:
            block = label.block
            set_ = re.sub(r"[\s-]", "", "".join(block.lines))
            assert set_ == re.sub(r"[\s-]", "", block.text.words), name


def test_the_description_says_every_word(pictures: Found) -> None:
    for (tag, key), versions in pictures.items():
        for picture in versions:
            for drawing in (picture.wide, picture.narrow):
                for label in drawing.labels:
                    words = label.block.text.words
                    assert words in picture.description or words.isdecimal(), (tag, key, words)


def test_words_can_be_read_in_colour_and_in_grey(pictures: Found) -> None:
    for picture in itertools.chain(*pictures.values()):
        for paint in picture.paints.values():
            assert contrast(paint.text, paint.fill) >= TEXT
            assert contrast(grey(paint.text), grey(paint.fill)) >= TEXT


def grey(colour: str) -> str:
    """Return what a copier makes of a colour: its luma (ITU-R BT.601)."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#" + f"{round(0.299 * red + 0.587 * green + 0.114 * blue):02x}" * 3


def test_figures_are_numbered_by_chapter(project: Project) -> None:
    profile, edition = next(iter(project.editions.items()))
    drawn = [picture for picture in pictures_in(project, profile).values() if picture.number]
    pairs = [tuple(map(int, picture.number.split("."))) for picture in drawn]
    expected = [
        (chapter, place)
        for chapter, group in itertools.groupby(pair[0] for pair in pairs)
        for place, _ in enumerate(group, start=1)
    ]
    assert pairs == expected == sorted(set(expected))
    steps = [edition.places[step].number for step in edition.book.steps]
    assert {(number, 1) for number in steps} <= set(pairs)


# -- lines -------------------------------------------------------------------------------------


def hand(project: Project, tag: str) -> Hand:
    theme = next(iter(project.themes.values()))
    return hand_of(theme.folders, tag, project.languages[tag].typography)


def test_chinese_lines_begin_with_no_closing_mark_and_end_with_no_opening_one(
    project: Project,
) -> None:
    text = Text("独特的销售主张；“更好的捕鼠器”之谬，也叫作（USP）。差距 5：感知的服务与期望的服务")
    for room in range(30, 200):
        [block] = hand(project, "zh-Hans").set([text], room, 9)
        assert not [line for line in block.lines if line[0] in "；”，。：）"], block
        assert not [line for line in block.lines if line[-1] in "“（"], block
        assert any("USP" in line for line in block.lines), block


def test_a_word_is_hyphenated_only_where_small_letters_do_not_help(project: Project) -> None:
    norwegian = hand(project, "nb")
    [wide] = norwegian.set([Text("Prøv gjennomføringsevnen")], 100, 9, bold=True)
    [narrow] = norwegian.set([Text("Prøv gjennomføringsevnen")], 66, 9, bold=True)
    assert "-" not in "".join(wide.lines)
    assert "-" in "".join(narrow.lines)
    assert (wide.size, narrow.width <= 66) == (9, True)


def test_lines_of_a_label_are_even(project: Project) -> None:
    [block] = hand(project, "en").set(
        [Text("Continuous experiment, learning, improvement")], 180, 9
    )
    assert len(block.lines) == 2
    assert min(block.widths) > 0.6 * max(block.widths)


# -- what is wrong is told -----------------------------------------------------------------------

LOYALTY = "content/concepts/concept-loyalty.yaml"
TITLE = f"{LOYALTY}:1:8"


@pytest.mark.parametrize(
    ("figure", "place", "rule", "message", "hint"),
    [
        ("{kind: stares}", f"{LOYALTY}:2:16", "type", "'stairs'", ""),
        ("{kind: stairs}", TITLE, "figure", "draws 3 to 6 points, not 2", "`items:`"),
        ("{kind: phases, items: [habit, joi]}", TITLE, "figure", "no item of it", "“joy”?"),
        ("{kind: levels, items: [habit, joy]}", TITLE, "figure", "has 1 labels", "README"),
        ("{kind: shifts}", TITLE, "figure", "a row with 2 cells", "another kind"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_told(
    tmp_path: Path, figure: str, place: str, rule: str, message: str, hint: str
) -> None:
    root = copy_minibook(tmp_path)
    edit(root, LOYALTY, "title: Loyalty\n", f"title: Loyalty\nfigure: {figure}\n")
    with pytest.raises(ContentError) as caught:
        load(root)
    told = [p for p in caught.value.problems if p.rule == rule and str(p.span) == place]
    assert [p for p in told if message in p.message and hint in p.hint], caught.value.problems


def test_a_word_that_does_not_fit_is_told_at_its_place(tmp_path: Path) -> None:
    root = copy_minibook(tmp_path)
    edit(root, LOYALTY, "title: Loyalty\n", "title: Loyalty\nfigure: {kind: phases}\n")
    edit(root, LOYALTY, "title: Habit", f"title: №{'0' * 90}")
    with pytest.raises(ContentError) as caught:
        load(root)
    problem = next(p for p in caught.value.problems if p.rule == "figure-fit")
    assert str(problem.span) == f"{LOYALTY}:10:12"
    assert "too wide for its place in the figure of concept-loyalty" in problem.message
    # The same words two lines further down: what was laid out before may not tell the place.
    edit(root, LOYALTY, "title: Loyalty\n", "# one\n# two\ntitle: Loyalty\n")
    with pytest.raises(ContentError) as caught:
        load(root)
    problem = next(p for p in caught.value.problems if p.rule == "figure-fit")
    assert str(problem.span) == f"{LOYALTY}:12:12"


def test_a_sectors_own_words_change_its_figure(tmp_path: Path) -> None:
    root = copy_minibook(tmp_path)
    edit(root, LOYALTY, "title: Loyalty\n", "title: Loyalty\nfigure: {kind: phases}\n")
    own = "items:\n  habit: {title: Routine}\n"
    write(root, "content/sectors/bank/concepts/concept-loyalty.yaml", own)
    project = load(root, allow_missing=True)
    words = {
        profile.sector: pictures_in(project, profile)["concept-loyalty"].description
        for profile in project.editions
        if profile.language == "en"
    }
    assert (words["general"], words["bank"]) == ("Habit; Joy", "Routine; Joy")


# -- in print and in a browser -------------------------------------------------------------------


def letters(text: str) -> str:
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


@pytest.mark.slow
def test_printed_handbooks_hold_every_label(
    prints: Path, project: Project, printed: Selection
) -> None:
    for output in plan_of(project, printed).outputs:
        if output.document != "handbook":
            continue
        run = subprocess.run(
            ["pdftotext", "-raw", prints / output.path, "-"], capture_output=True, check=True
        )
        text = letters(run.stdout.decode())
        for key, picture in pictures_in(project, output.profile).items():
            for label in picture.wide.labels if picture.number else ():
                assert letters("".join(label.block.lines)) in text, (output.path, key, label)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


MEASURE = """async () => {
    await document.fonts.ready;
    return [...document.querySelectorAll("svg")].map(svg => [...svg.querySelectorAll("text")].map(
        text => { const box = text.getBBox(); return [text.textContent, box.x, box.width]; }));
}"""


def test_a_browser_finds_every_line_as_wide_as_it_was_laid_out(
    site: Path, project: Project, browser: Browser
) -> None:
    sector, brand = project.handbook.sectors[0], project.handbook.brands[0]
    for tag in project.handbook.languages:
        profile = Profile(tag, sector, brand)
        drawn = {k: p for k, p in pictures_in(project, profile).items() if p.number}
        folder = site / brand / tag / sector
        pages = [(folder / f"{key}.html").read_text(encoding="utf-8") for key in drawn]
        found = [svg for page in pages for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
        measured = measure(browser, folder, tag, found)
        laid_out = [d for picture in drawn.values() for d in (picture.wide, picture.narrow)]
        for lines, drawing in zip(measured, laid_out, strict=True):
            labels = [(line, label) for label in drawing.labels for line in label.block.lines]
            assert [text for text, _, _ in lines] == [line for line, _ in labels], tag
            for (text, left, width), (_, label) in zip(lines, labels, strict=True):
                frame = label.frame
                assert width <= frame.width + LEEWAY, (tag, text)
                assert left >= frame.left - LEEWAY, (tag, text)
                assert left + width <= frame.right + LEEWAY, (tag, text)


def measure(
    browser: Browser, folder: Path, tag: str, drawn: list[str]
) -> list[list[tuple[str, float, float]]]:
    """Return text, left edge and width of each line of each of the SVGs `drawn`, in points."""
    # Beside the pages, so that the site's own style sheet and fonts are found.
    sheet = folder / "figures-under-test.html"
    style = '<link rel="stylesheet" href="../../assets/site.css">'
    sheet.write_text(
        f'<!doctype html><html lang="{tag}"><meta charset="utf-8">{style}{"".join(drawn)}',
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    try:
        page.goto(sheet.as_uri())
        lines: list[list[tuple[str, float, float]]] = page.evaluate(MEASURE)
    finally:
        page.close()
        sheet.unlink()
    return lines


def test_pages_with_a_figure_are_accessible(site: Path, project: Project, browser: Browser) -> None:
    *_, first, last = project.handbook.languages
    folder = site / whole_brands(project)[-1]
    for report in (
        axe.inspect(
            browser,
            (folder / first / "bank" / "concept-service-quality-gaps.html").as_uri(),
            width=320,
            color_scheme="dark",
        ),
        axe.inspect(
            browser,
            (folder / last / "general" / "concept-value-proposition-evolution.html").as_uri(),
        ),
    ):
        assert report.violations == (), report.url


@pytest.mark.slow
def test_every_figure_in_every_language_is_accessible(
    site: Path, pictures: Found, browser: Browser
) -> None:
    for tag, key in pictures:
        page = site / "default" / tag / "general" / f"{key}.html"
        for report in (
            axe.inspect(browser, page.as_uri(), width=320, color_scheme="dark"),
            axe.inspect(browser, page.as_uri(), width=1300),
        ):
            assert report.violations == (), report.url


def test_one_drawing_shows_at_every_width(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((site / "default/en/general/concept-lewin.html").as_uri())
    for width, shown in ((320, "narrow"), (640, "narrow"), (800, "wide"), (1300, "wide")):
        page.set_viewport_size({"width": width, "height": 800})
        seen = [svg for svg in ("wide", "narrow") if page.locator(f"svg.{svg}").is_visible()]
        assert seen == [shown], width
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    page.close()
