"""Page numbers: filled in after the layout, kept with it, and cited by other documents."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from handbook import loading, pipeline
from handbook.diagnostics import ContentError
from handbook.plan.plan import Selection
from handbook.render.pdf import PdfJob, Printed, print_all, write_fonts_conf
from tests.command import book_with_fonts
from tests.conftest import ROOT, Quiet
from tests.minibook import edit

CSS = """
body { font-family: "Noto Sans" }
.folio { display: inline-block }
.right .folio { position: absolute; right: 0; text-align: right }
"""
PAGE = '<h1 style="break-before: page" id="{}">{}</h1><p>Text.</p>'


@pytest.fixture
def print_page(tmp_path: Path) -> Callable[..., Printed]:
    """Print HTML, with page numbers of other documents."""
    fonts = str(write_fonts_conf(tmp_path, [ROOT / "themes/default/fonts"]))

    def make(body: str, **cited: int) -> Printed:
        html = f"<!doctype html><html lang=en><title>A title</title>{body}"
        found: list[Printed] = []
        numbers = tuple((name.replace("_", "/"), number) for name, number in cited.items())
        print_all([PdfJob("a.pdf", html, CSS, fonts, cited=numbers)], 1, 0, found.append)
        return found[0]

    return make


def room(name: str, text: str = "000") -> str:
    return f'<span class="folio" data-folio="{name}">{text}</span>'


def words_of(data: bytes) -> str:
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True)
    return " ".join(run.stdout.decode().split())


def boxes_of(data: bytes, word: str) -> list[tuple[float, float]]:
    """Return the left and the right end of each place where a word stands."""
    run = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True)
    found = re.findall(rf'xMin="(.+?)" .*?xMax="(.+?)" .*?>{word}<', run.stdout.decode())
    return [(float(left), float(right)) for left, right in found]


def test_numbers_are_filled_in_for_what_comes_before_and_behind(
    print_page: Callable[..., Printed],
) -> None:
    pages = [PAGE.format(f"p{number}", f"Head {number}") for number in range(2, 13)]
    body = f"<p>See {room('p3')} and {room('p12', 'p. 000')}{''.join(pages)}<p>Back {room('p2')}"
    printed = print_page(body)
    assert printed.record.starts == {f"p{number}": number for number in range(2, 13)}
    words = words_of(printed.data)
    assert words.startswith("See 3 and p. 12 Head 2")
    assert words.endswith("Back 2")


def test_numbers_at_the_right_edge_end_there(print_page: Callable[..., Printed]) -> None:
    pages = [PAGE.format(f"p{number}", f"Head {number}") for number in range(2, 13)]
    lines = "".join(f'<p class="right">.{room(name)}' for name in ("p7", "p11"))
    data = print_page(f'<div style="position: relative">{lines}</div>{"".join(pages)}').data
    (_, one), (_, two) = boxes_of(data, "7")[0], boxes_of(data, "11")[0]
    assert one == pytest.approx(two, abs=0.3)


def test_a_document_cites_the_pages_of_another(print_page: Callable[..., Printed]) -> None:
    text = room("handbook/x", "第 000 页")
    assert (
        words_of(
            print_page(f"<p style='font-family: Noto Sans SC'>Book, {text}", handbook_x=47).data
        )
        == "Book, 第 47 页"
    )


def test_a_number_that_nobody_knows_is_an_error(print_page: Callable[..., Printed]) -> None:
    with pytest.raises(ContentError, match="no page is known for “nowhere”"):
        print_page(f"<p>See {room('nowhere')}")


class Reader:
    """Somebody who builds only the workbook, which cites the handbook."""

    def __init__(self, root: Path) -> None:
        self.root = root
        edition = (("en",), ("general",), ("default",))
        self.selection = Selection(("workbook",), *edition)

    def build(self) -> set[str]:
        """Build; return what was made anew."""
        project = loading.load(self.root, allow_missing=True)
        target, cache = self.root / "public", self.root / ".cache"
        report = pipeline.build(project, self.selection, target, cache, 2, "", Quiet())
        return {Path(path).name for path in report.made}

    def published(self) -> set[str]:
        """Return the documents that readers find."""
        return {path.name for path in (self.root / "public").rglob("*.pdf")}

    def cited(self) -> list[int]:
        """Return the pages that the workbook names."""
        path = next((self.root / "public").rglob("workbook-*.pdf"))
        return [
            int(page) for page in re.findall(r"Handbook, p\. (\d+)", words_of(path.read_bytes()))
        ]


def test_a_book_is_laid_out_for_those_who_cite_it_and_not_published(tmp_path: Path) -> None:
    reader = Reader(book_with_fonts(tmp_path))
    workbook = "workbook-general-en.pdf"
    assert reader.build() == {workbook}
    assert reader.published() == {workbook}
    first = reader.cited()
    assert first
    # A word of the handbook that moves no page leaves the workbook as it is …
    story = "content/principles/principle-listen.md"
    edit(reader.root, story, "learns what", "knows what")
    assert reader.build() == set()
    # … and a page more, also one for which nothing but the handbook has changed, does not.
    edit(reader.root, "content/welcome.md", "Begin", "Another paragraph.\n\n" * 200 + "Begin")
    assert reader.build() == {workbook}
    assert reader.cited() != first
    # Both together come out the same as one after the other.
    both = replace(reader.selection, documents=("handbook", "workbook"))
    one = next((reader.root / "public").rglob("workbook-*.pdf")).read_bytes()
    reader.selection = both
    assert reader.build() == {"handbook-general-en.pdf"}
    assert next((reader.root / "public").rglob("workbook-*.pdf")).read_bytes() == one
