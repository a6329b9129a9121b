"""How each language is set: read back from laid-out pages of the real book."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from handbook.loading import Project
from handbook.model.book import Handbook
from handbook.pipeline import plan_of
from handbook.plan.plan import Selection
from handbook.prints import print_jobs
from handbook.render import preflight
from handbook.render.boxes import Layout, Line
from handbook.render.folios import ROOM
from handbook.render.pdf import PdfJob
from handbook.render.press import Press
from tests.conftest import ROOT
from tests.test_preflight import layout_of

HYPHEN = "\u2010"
LANGUAGES = sorted(folder.parent.name for folder in (ROOT / "locales").glob("*/language.yaml"))
each_language = pytest.mark.parametrize(
    "language",
    [*(pytest.param(tag, marks=pytest.mark.slow) for tag in LANGUAGES[:-2]), *LANGUAGES[-2:]],
)
Specimen = Callable[[str], Layout]


@pytest.fixture(scope="module")
def specimen(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Specimen:
    """Lay out the first chapter of a language's handbook, with all that a page has around it."""
    folder = tmp_path_factory.mktemp("specimen")

    @cache
    def lay_out(language: str) -> Layout:
        book: Handbook = project.handbook
        selection = Selection(("handbook",), (language,), book.sectors[:1], book.brands[:1])
        plan = plan_of(project, selection)
        press = Press(plan, project.themes, project.languages, folder / "templates")
        [(job, _)] = print_jobs(press, plan.outputs, folder)
        first = next(iter(project.editions[plan.outputs[0].profile].chapters))
        layout: Layout = layout_of(_only(job, first))
        return layout

    return lay_out


def _only(job: PdfJob, chapter: str) -> PdfJob:
    """Return a job that prints one chapter of a book."""
    tree = html.fromstring(job.html)
    for section in tree.xpath("//section[contains(@class, 'chapter')] | //nav"):
        if section.get("id") != chapter:
            section.drop_tree()
    for link in tree.xpath("//a[starts-with(@href, '#')]"):
        link.drop_tag()
    text = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return PdfJob(job.path, text, job.css, job.fonts)


def breaks(layout: Layout) -> Iterator[tuple[Line, Line]]:
    """Yield each line and the one below it in the same paragraph."""
    for above, below in pairwise(layout.lines):
        # The room for a page number stands at the edge of the line that it belongs to.
        if above.room.block == below.room.block and below.text.strip() != ROOM:
            yield above, below


@each_language
def test_the_specimen_has_no_fault(specimen: Specimen, language: str) -> None:
    layout = specimen(language)
    found = preflight.inspect(layout)
    assert [f for f in found if f.rule not in preflight.ADVICE] == []
    assert len(layout.lines) > 150


@each_language
def test_words_are_divided_where_the_language_does_it(
    specimen: Specimen, project: Project, language: str
) -> None:
    """Three letters stay on either side, of words that have eight; never in heads and answers."""
    layout = specimen(language)
    divided = [(a, b) for a, b in breaks(layout) if a.text.endswith(HYPHEN)]
    assert bool(divided) == project.languages[language].typography.hyphenate
    for above, below in divided:
        begin = re.findall(r"\w+", above.text)[-1]
        end = re.findall(r"\w+", below.text)[0]
        assert min(len(begin), len(end)) >= 3, (begin, end)
        assert len(begin + end) >= 8, (begin, end)
        assert above.room.hyphenates, above.text
        assert not above.room.heading, above.text


@each_language
def test_what_belongs_together_stays_on_a_line(
    specimen: Specimen, project: Project, language: str
) -> None:
    """Short words of Russian and the next, numbers and their units, dashes and what they follow."""
    rules = project.languages[language].typography.rules
    patterns = [rule.pattern for rule in rules if rule.bind]
    for above, below in breaks(specimen(language)):
        before, after = above.text.strip()[-30:], below.text.strip()[:30]
        joined = f"{before} {after}"
        for match in (m for pattern in patterns for m in pattern.finditer(joined)):
            assert not match.start() <= len(before) < match.end(), joined


@each_language
def test_chinese_lines_begin_and_end_as_they_may(specimen: Specimen, language: str) -> None:
    found = preflight.inspect(specimen(language))
    assert [finding.message for finding in found if finding.rule == "P17-line"] == []


@each_language
def test_every_slot_has_the_face_of_its_language(
    specimen: Specimen, project: Project, language: str
) -> None:
    """Also the running heads, the imprint and the numbers in the margins."""
    layout = specimen(language)
    first, *others = project.languages[language].typography.fonts
    ours = {glyph for glyph in layout.glyphs if glyph.language == language}
    assert {glyph.family for glyph in ours} <= {first, *others}
    margins = [line for line in layout.lines if not line.room.flows and not line.room.ids]
    assert len(margins) >= 4
    assert all(glyph.family == first for glyph in ours if glyph.character.isalpha())


@pytest.mark.slow
def test_romanian_letters_have_commas(specimen: Specimen) -> None:
    text = "".join(line.text for language in LANGUAGES for line in specimen(language).lines)
    assert set("șț") <= set(text)
    assert not set("şţŞŢ") & set(text)


@each_language
def test_capitals_have_no_tonos(specimen: Specimen, language: str) -> None:
    capitals = re.compile(r"\b(?=\w*[ΆΈΉΊΌΎΏ])[Α-ΩΆΈΉΊΌΎΏ]{2,}\b")
    text = "\n".join(line.text for line in specimen(language).lines)
    assert capitals.findall(text) == []


def test_styles_fake_nothing() -> None:
    """No wide letters and no slanted ideographs (clreq); no capitals that Greek cannot have.

    What is emphasised in a language stands in its language.yaml.
    """
    banned = re.compile(r"letter-spacing|text-transform|small-caps|font-style\s*:\s*(?!normal)\w+")
    files = [*(ROOT / "themes").rglob("*.css"), *(ROOT / "themes").rglob("*.html")]
    found = {path.name: banned.findall(path.read_text(encoding="utf-8")) for path in files}
    assert len(files) > 10
    assert {name: rules for name, rules in found.items() if rules} == {}


def test_words_of_another_language_say_so(project: Project) -> None:
    from handbook.language.typographer import parse_inline, plain, render

    for language in project.languages.values():
        tokens = parse_inline("a [Customer *Journey*]{lang=en} b [x](y) [z]", language.typography)
        printed = render(tokens, {}, str)
        assert '<span lang="en">Customer <em>Journey</em></span> b' in printed
        assert "[z]" in printed
        text = plain("[Journey]{lang=en}", language.typography, {}, str)
        assert text == "Journey"


def test_heads_of_tables_stand_on_every_page(project: Project, tmp_path: Path) -> None:
    press = Press(plan_of(project, Selection()), project.themes, project.languages, tmp_path)
    plan = plan_of(project, Selection(("handbook",), ("en",), ("general",), ("default",)))
    [(job, _)] = print_jobs(press, plan.outputs, tmp_path)
    rows = "".join(f"<tr><td>row {number}</td></tr>" for number in range(120))
    table = f"<table><thead><tr><th>Head</th></tr></thead><tbody>{rows}</tbody></table>"
    page = f"<!doctype html><html lang=en><title>T</title>{table}"
    layout = layout_of(PdfJob("t.pdf", page, job.css, job.fonts))
    heads = [line.box.page for line in layout.lines if line.text == "Head"]
    assert heads == list(range(1, len(layout.pages) + 1))
    assert len(heads) > 2
