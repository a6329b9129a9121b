"""Preflight: each rule finds its fault, at the line of the content, and nothing else.

The first tests also prove that the engine's private tree is read rightly: what `boxes` says of a
document is compared with its PDF.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from handbook import loading, pipeline
from handbook.diagnostics import ContentError, Problem
from handbook.loading import Project
from handbook.pipeline import plan_of
from handbook.plan.plan import Output, Selection
from handbook.prints import print_jobs
from handbook.render import boxes, folios, pdf, preflight
from handbook.render.boxes import Box, Layout, Line, Page, Room
from handbook.render.lengths import Length, Record, compare, length_of
from handbook.render.press import Press
from tests.command import book_with_fonts
from tests.conftest import Quiet
from tests.minibook import edit, write

BOOK = Selection(documents=("handbook",), sectors=("general",), brands=("default",))


def laid_out(root: Path, cache: Path, language: str) -> tuple[pdf.PdfJob, Layout]:
    """Lay the handbook of a language out in a printing process; return what stands where."""
    project = loading.load(root)
    plan = plan_of(project, replace(BOOK, languages=(language,)))
    press = Press(plan, project.themes, project.languages, cache / "templates")
    [(job, _)] = print_jobs(press, plan.outputs, cache)
    return job, layout_of(job)


def layout_of(job: pdf.PdfJob) -> Layout:
    """Lay a document out where fonts and limits are those of a printing process."""
    options = (job.fonts, 0, pdf.LIMITS.memory)
    with ProcessPoolExecutor(
        1, mp_context=pdf._context(), initializer=pdf._start_worker, initargs=options
    ) as executor:
        return executor.submit(read_layout, job).result()


def read_layout(job: pdf.PdfJob) -> Layout:
    document = pdf._lay_out(job, "")
    folios.fill(document, folios.folios_of(document))
    return boxes.read(document)


def letters(text: str) -> Counter[str]:
    """Return how often each character stands in a text, but for spaces."""
    return Counter(re.sub(r"\s", "", text))


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_what_is_read_from_the_layout_is_what_the_pdf_holds(tmp_path: Path, language: str) -> None:
    root = book_with_fonts(tmp_path)
    _, layout = laid_out(root, tmp_path, language)
    selection = replace(BOOK, languages=(language,))
    pipeline.build(loading.load(root), selection, tmp_path / "public", tmp_path, 1, "", Quiet())
    [made] = (tmp_path / "public").rglob("*.pdf")
    for number, page in enumerate(layout.pages, start=1):
        run = ["pdftotext", "-f", str(number), "-l", str(number), "-raw", str(made), "-"]
        text = subprocess.run(run, capture_output=True, check=True).stdout.decode()
        read = "".join(line.text for line in layout.lines if line.box.page == number)
        # The dot of lists and the middle dot are one glyph of the Chinese face.
        assert letters(read.replace("•", "·")) == letters(text.replace("•", "·")), (number, page)
    run = ["pdffonts", str(made)]
    faces = subprocess.run(run, capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    names = (row.split()[0].partition("+")[2] for row in faces)
    embedded = {re.sub("(-Bold|-Italic)+$", "", name).replace("-", " ") for name in names}
    assert {glyph.family for glyph in layout.glyphs} == embedded
    width = max(line.box.right for line in layout.lines)
    assert 500 < width < 794  # pixels of an A4 page
    assert preflight.inspect(layout) == []


def test_colours_of_plates_are_read_as_screens_show_them() -> None:
    from weasyprint import HTML

    ground, ink = "device-cmyk(0 1 0.5 0.2)", "device-cmyk(0 0 0 0.9)"
    text = f'<p style="background: {ground}; color: {ink}">a</p>'
    [found] = boxes.read(HTML(string=text).render()).inks
    assert found.colour == pytest.approx((0.1, 0.1, 0.1))
    assert found.ground == pytest.approx((0.8, 0.0, 0.4))


def test_a_break_of_the_author_is_known() -> None:
    from weasyprint import HTML

    layout = boxes.read(HTML(string="<p><b>First</b><br>second</p>").render())
    assert [line.text for line in layout.lines] == ["First\n", "second"]


# -- a fault of each kind ----------------------------------------------------------------------


def faults(root: Path, cache: Path, selection: Selection) -> list[Problem]:
    """Return what keeps a book from being printed."""
    with pytest.raises(ContentError) as caught:
        pipeline.build(loading.load(root), selection, root / "public", cache, 1, "", Quiet())
    assert not (root / "public").exists()
    return list(caught.value.problems)


def line_of(root: Path, path: str, text: str) -> int:
    """Return the number of the line of a file that has `text`."""
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    [found] = [number for number, line in enumerate(lines, start=1) if text in line]
    return found


def test_faults_of_the_content_are_told_with_their_lines(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    principle = "content/principles/principle-listen.md"
    edit(root, principle, "Whoever listens learns", "Whoever \U00013000 listens learns")
    case = "content/exercises/exercise-scene.md"
    long, heads = "xyz" * 60, " | ".join(f"Heading{n}" for n in range(20))
    rule = "|".join(["---"] * 20)
    text = (root / case).read_text(encoding="utf-8")
    write(root, case, f"{text}\nA word: {long}.\n")
    concept = "content/concepts/concept-loyalty.yaml"
    checklist = "content/chapters/chapter-practice.md"
    text = (root / checklist).read_text(encoding="utf-8")
    write(root, checklist, f"{text}\n| {heads} |\n|{rule}|\n| {'| '.join('abc')} |\n")
    css = root / "themes" / "default" / "styles" / "print.css"
    css.write_text(css.read_text() + "\n.concept > .lead { break-before: page }\n")
    found = faults(root, tmp_path / "cache", replace(BOOK, languages=("en",)))
    places = {(p.rule, p.span.file, p.span.line) for p in found}
    assert ("P10-glyph", principle, line_of(root, principle, "Whoever")) in places
    assert ("P12-overflow", case, line_of(root, case, long)) in places
    assert ("P13-table", checklist, line_of(root, checklist, "Heading0")) in places
    assert ("P14-heading", concept, line_of(root, concept, "title: Loyalty")) in places
    assert len(places) == 4
    [glyph] = [p for p in found if p.rule == "P10-glyph"]
    assert glyph.span.column == 9
    assert "U+13000 EGYPTIAN HIEROGLYPH A001" in glyph.message


def test_a_title_that_leaves_the_cover_is_told_where_it_is_written(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    title, word = "content/handbook.yaml", "W" * 24
    edit(root, title, "title: A small book", f"title: A small {word}")
    # Another text has the word too, in smaller letters.
    edit(root, "content/concepts/concept-loyalty.yaml", "title: Loyalty", f"title: {word}")
    found = faults(root, tmp_path / "cache", replace(BOOK, languages=("en",)))
    assert {(p.rule, p.span.file) for p in found} == {("P12-overflow", title)}


def test_a_fault_in_a_book_that_others_cite_does_not_hide_theirs(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    principle = "content/principles/principle-listen.md"
    sheet = "content/worksheets/worksheet-notes.yaml"
    edit(root, principle, "Whoever listens learns", "Whoever \U00013000 listens learns")
    edit(root, sheet, "Write what you hear.", f"Write what you hear. {'xyz' * 60}")
    selection = replace(BOOK, documents=("workbook", "worksheet"), languages=("en",))
    found = faults(root, tmp_path / "cache", selection)
    # The workbook cites the handbook, the worksheet nothing.
    assert {p.span.file for p in found} == {principle, sheet}


def test_faults_of_a_theme_are_told_at_its_file(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    theme = "themes/acme/theme.yaml"
    (root / "themes" / "acme" / "logo.png").unlink(missing_ok=True)
    Image.new("RGB", (40, 40), "#123456").save(root / "themes" / "acme" / "logo.png")
    text = re.sub(r"(?m)^logo:.*\n", "", (root / theme).read_text(encoding="utf-8"))
    write(root, theme, f"# The logo: points\n{text}logo: logo.png\n")
    css = root / "themes" / "default" / "styles" / "print.css"
    css.write_text(css.read_text() + "\n.eyebrow { color: #bbb }\n")
    selection = Selection(("handbook",), ("en",), ("general",), ("acme",))
    found = faults(root, tmp_path / "cache", selection)
    assert {p.rule for p in found} == {"P15-picture", "P16-contrast"}
    [picture] = [p for p in found if p.rule == "P15-picture"]
    assert (picture.span.file, picture.span.line) == (theme, line_of(root, theme, "logo: logo"))
    assert all(p.span.file.endswith("theme.yaml") for p in found)


def test_a_face_that_is_not_the_chinese_one_is_told(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    facts = "locales/zh-Hans/language.yaml"
    edit(root, facts, "fonts: [Noto Sans SC, Noto Sans]", "fonts: [Noto Sans, Noto Sans SC]")
    found = faults(root, tmp_path / "cache", replace(BOOK, languages=("zh-Hans",)))
    assert {p.rule for p in found} == {"P11-face"}
    assert all(p.span.file.startswith("locales/zh-Hans/") for p in found)
    quotes = [p for p in found if p.message.startswith(("“，”", "“。”"))]
    assert quotes
    assert all("comes from Noto Sans SC, not from Noto Sans" in p.message for p in quotes)


def test_a_language_without_a_dictionary_is_told(tmp_path: Path) -> None:
    root = book_with_fonts(tmp_path)
    facts = "locales/zh-Hans/language.yaml"
    edit(root, facts, "hyphenate: false", "hyphenate: true")
    with pytest.raises(ContentError) as caught:
        loading.load(root)
    [problem] = caught.value.problems
    assert (problem.rule, problem.span.file) == ("P18-hyphens", facts)
    assert problem.span.line == line_of(root, facts, "hyphenate:")


# -- matters of taste: on values, since good books have none -----------------------------------


def a_line(text: str, language: str, top: float = 100, width: float = 300, page: int = 1) -> Line:
    room = Room(("some-id",), 100, 400, 1000, hyphenates=True, block=1)
    return Line(Box(page, 100, top, 100 + width, top + 20), room, text, language)


def advice(*lines: Line, filled: float = 900) -> list[str]:
    pages = [Page(50, 1050, 900, ""), Page(50, 1050, filled, "")]
    return [finding.rule for finding in preflight.inspect(Layout(pages=pages, lines=list(lines)))]


@pytest.mark.parametrize(
    ("above", "below", "told"),
    [
        ("客户要感觉得到", "，这是真心。", True),
        ("他问道（", "很轻地）为什么", True),
        ("这是真心想给", "的。", True),
        ("这是真心想", "给的。", False),
        ("这是真心——", "想给的。", False),
    ],
)
def test_lines_of_chinese_break_as_they_should(above: str, below: str, told: bool) -> None:
    lines = a_line(above, "zh-Hans"), a_line(below, "zh-Hans", 120)
    assert advice(*lines) == ["P17-line"] * told
    assert advice(*(replace(line, language="el") for line in lines)) == []


def test_a_half_empty_line_before_a_long_word_is_told() -> None:
    long = a_line("samfunnsansvarlighetsprosjekt er", "nb", 120)
    assert advice(a_line("Vi har et", "nb", width=90), long) == ["P18-hyphens"]
    assert advice(a_line("Vi har et sam\u2010", "nb", width=90), long) == []
    assert advice(a_line("Vi har et\n", "nb", width=90), long) == []
    assert advice(a_line("Vi har et godt og langt", "nb", width=250), long) == []
    assert advice(a_line("Vi har et", "nb", width=90), a_line("kort ord", "nb", 120)) == []


def test_a_nearly_empty_page_is_told() -> None:
    before, lone = a_line("The beginning.", "en"), a_line("The end.", "en", 50, page=2)
    assert advice(before, lone, filled=70) == ["P19-page"]
    assert advice(before, lone, filled=600) == []
    assert advice(lone, filled=70) == []  # what begins here may be short


def test_a_chapter_of_another_length_is_told(project: Project) -> None:
    """Real editions, with lengths that they do not have."""
    handbook = project.handbook
    lengths = []
    for tag in handbook.languages:
        profile = next(p for p in project.editions if p.language == tag)
        output = Output(f"{tag}.pdf", "handbook", "book", "handbook", profile)
        chapter = next(iter(project.editions[profile].chapters))
        lengths.append(Length(output, 100, {chapter: 6}))
    assert list(compare(lengths, project.editions)) == []
    long = replace(lengths[-1], chapters={next(iter(lengths[-1].chapters)): 10})
    [told] = compare([*lengths[:-1], long], project.editions)
    profile = long.output.profile
    title = project.editions[profile].chapters[next(iter(long.chapters))].chapter.title
    assert (told.rule, told.span) == ("P20-length", title.span)
    assert list(compare([lengths[0], long], project.editions)) == []  # two tell nothing


def test_the_length_of_chapters_is_counted(project: Project) -> None:
    profile, edition = next(iter(project.editions.items()))
    first, second, *_ = edition.chapters
    entry = edition.entries_of(first)[0].id
    output = Output("a.pdf", "handbook", "book", "handbook", profile)
    record = Record(20, {first: 5, entry: 7, f"{entry}--item": 8, second: 9, "glossary_": 18})
    length = length_of(output, Record.from_json(record.to_json()), edition)
    assert length.chapters == {first: 4, second: 9}
    assert length.pages == 20
