"""Fillable sheets: forms in order, results right in every engine, answers that come back."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import subprocess
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Browser

from handbook import loading
from handbook.exchange.responses.collect import MEMORY, collect, to_csv
from handbook.exchange.responses.table import read_responses
from handbook.language.language import Language
from handbook.loading import Project
from handbook.model.by_hand import counted_scale
from handbook.model.entries import Assessment
from handbook.model.instrument import Answers, Instrument
from handbook.model.scoring import Score, percentage, score
from handbook.pipeline import plan_of
from handbook.plan.plan import Output, Plan, Selection
from handbook.prints import epoch_of, print_jobs
from handbook.render import pdf as printer
from handbook.render.compose import Composer
from handbook.render.forms import FONT, IDENTITY, Choice, Field, Form, FormError, complete
from handbook.render.html import Printer
from handbook.render.press import Press
from tests.command import book_with_fonts, handbook
from tests.conftest import ROOT
from tests.minibook import write
from tests.validators import verapdf
from tests.validators.tools import program
from tests.viewers.viewers import Pdfium, PdfJs, chromium, served, widgets

SCORING = (ROOT / "themes" / "default" / "scoring.js").read_text(encoding="utf-8")
RUNNER = Path(__file__).parent / "viewers" / "run_scripts.mjs"
MANY = 1_000
"""Answer sheets that are made up for each test."""


@dataclass(frozen=True)
class Sheet:
    """A fillable sheet and all that it is made from."""

    output: Output
    data: bytes
    test: Assessment
    language: Language
    printer: Printer
    project: Project

    @property
    def name(self) -> str:
        return self.output.path.rpartition("/")[2]

    def open(self) -> pikepdf.Pdf:
        return pikepdf.open(io.BytesIO(self.data))


class Sheets:
    """Fillable sheets of a project, each printed when it is first asked for."""

    def __init__(self, project: Project, cache: Path) -> None:
        selection = Selection(documents=("fillable-sheet",), everything=True)
        self.project = project
        self.plan: Plan = plan_of(project, selection)
        self.cache = cache
        languages = project.languages
        self._press = Press(self.plan, project.themes, languages, cache / "templates")
        self._composer = Composer(self.plan, project.themes, languages)
        self._made: dict[Output, Sheet] = {}

    def of(self, outputs: Sequence[Output]) -> list[Sheet]:
        missing = [output for output in outputs if output not in self._made]
        jobs = [job for job, _ in print_jobs(self._press, missing, self.cache)]
        by_path = {output.path: output for output in missing}

        def done(printed: printer.Printed) -> None:
            output = by_path[printed.job.path]
            self._made[output] = self._sheet(output, printed.data)

        if jobs:
            printer.print_all(jobs, 2, epoch_of(self.project.handbook), done)
        return [self._made[output] for output in outputs]

    def _sheet(self, output: Output, data: bytes) -> Sheet:
        languages = self.project.languages
        language = languages[output.profile.language]
        test = self.project.editions[output.profile].book.assessments[output.subject]
        view = self._composer.compose(output)
        return Sheet(output, data, test, language, Printer(view, language, languages), self.project)


@pytest.fixture(scope="session")
def sheets(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    return Sheets(project, tmp_path_factory.mktemp("sheets"))


def general(sheets: Sheets) -> list[Output]:
    """Return the sheets of the general edition without a brand."""
    known = sheets.project.handbook
    wanted = (known.sectors[0], known.brands[0])
    outputs = sheets.plan.outputs
    return [o for o in outputs if (o.profile.sector, o.profile.brand) == wanted]


@pytest.fixture(scope="session")
def samples(sheets: Sheets) -> list[Sheet]:
    """Each test once, each in another language."""
    outputs = general(sheets)
    languages = sheets.project.handbook.languages
    tests = list(dict.fromkeys(output.subject for output in outputs))
    assert len(tests) <= len(languages)
    pairs = set(zip(tests, reversed(languages), strict=False))
    return sheets.of([o for o in outputs if (o.subject, o.profile.language) in pairs])


@pytest.fixture(scope="session")
def everything(sheets: Sheets) -> list[Sheet]:
    """Each test in each language."""
    return sheets.of(general(sheets))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


# -- the form ----------------------------------------------------------------------------------


def fields_of(file: pikepdf.Pdf) -> dict[str, Any]:
    return {str(field.T): field for field in file.Root.AcroForm.Fields}


def assert_in_order(sheet: Sheet) -> None:
    with sheet.open() as file:
        form = file.Root.AcroForm
        fields = fields_of(file)
        assert len(fields) == len(form.Fields), "a name is there twice"
        assert "/NeedAppearances" not in form
        groups = {name: field for name, field in fields.items() if field.FT == "/Btn"}
        assert list(groups) == list(sheet.test.items)
        for item, group in groups.items():
            assert_group(sheet.test, item, group)
        for field in fields.values():
            assert str(field.TU).strip()
            assert "." not in str(field.T)
        tagged = dict(elements_of_widgets(file))
        for page, _, widget in widgets(file):
            assert widget.F == 4, "it is not printed"
            assert str(widget.TU).strip() not in ("", str(widget.get("/T")))
            assert_tagged(widget, tagged)
            assert file.pages[page].Tabs == "/S"
        hidden = fields[IDENTITY]
        assert hidden.F == 2
        assert json.loads(str(hidden.V))["test"] == sheet.test.id


def assert_group(test: Instrument, item: str, group: Any) -> None:
    options = []
    for kid in group.Kids:
        states = set(kid.AP.N.keys())
        assert "/Off" in states
        assert kid.AS == "/Off"
        assert all(len(kid.AP.N[state].read_bytes()) > 2 for state in states)
        assert "/T" not in kid
        options += [state[1:] for state in states - {"/Off"}]
    assert tuple(options) == test.scale_of(test.items[item]).options


def elements_of_widgets(file: pikepdf.Pdf) -> Iterator[tuple[int, Any]]:
    """Yield the key and the element of each entry of the parent tree."""
    waiting = [file.Root.StructTreeRoot.ParentTree]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.get("/Kids", ()))
        entries = list(node.get("/Nums", ()))
        yield from zip(map(int, entries[::2]), entries[1::2], strict=True)


def assert_tagged(widget: Any, tagged: Mapping[int, Any]) -> None:
    element = tagged[int(widget.StructParent)]
    assert element.S == "/Form"
    [reference] = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
    assert reference.Type == "/OBJR"
    assert reference.Obj.objgen == widget.objgen


def assert_calculates(sheet: Sheet) -> None:
    with sheet.open() as file:
        fields = fields_of(file)
        order = list(file.Root.AcroForm.CO)
        assert {str(field.T) for field in order} == set(expected(sheet, {}))
        for field in order:
            assert field.objgen == fields[str(field.T)].objgen
            assert field.FT == "/Tx"
            assert field.Ff == 1
            assert "/Kids" not in field
            assert field.AA.C.S == "/JavaScript"
        script = script_of(file)
        assert script.isascii()
        assert SCORING in script


def assert_small_font(sheet: Sheet) -> None:
    """All fields are set in one embedded font that has the words of all results."""
    with sheet.open() as file:
        [(name, font)] = file.Root.AcroForm.DR.Font.items()
        assert name == f"/{FONT}"
        texts = [f for f in fields_of(file).values() if f.FT == "/Tx" and f.T != IDENTITY]
        assert {str(f.DA).split("/")[1].split()[0] for f in texts} == {FONT}
        embedded = font.DescendantFonts[0].FontDescriptor.FontFile2
        assert int(embedded.Length1) < 64_000
        unicode = font.ToUnicode.read_bytes().decode().casefold()
        words = "".join(sheet.printer.plain(band.title) for band in sheet.test.bands.values())
        lacking = [c for c in set(words) if f"<{ord(c):04x}>" not in unicode and not c.isspace()]
        assert lacking == []


def script_of(file: pikepdf.Pdf) -> str:
    [_, action] = file.Root.Names.JavaScript.Names
    script: str = action.JS.read_bytes().decode("ascii")
    return script


def test_forms_are_in_order(samples: list[Sheet]) -> None:
    for sheet in samples:
        assert_in_order(sheet)
        assert_calculates(sheet)
        assert_small_font(sheet)


@pytest.mark.slow
def test_all_forms_are_in_order(everything: list[Sheet]) -> None:
    for sheet in everything:
        assert_in_order(sheet)
        assert_calculates(sheet)
        assert_small_font(sheet)


def assert_accessible(sheets: list[Sheet], folder: Path) -> None:
    for sheet in sheets:
        (folder / sheet.name).write_bytes(sheet.data)
    reports = verapdf.check([folder / sheet.name for sheet in sheets])
    assert [(r.path.name, r.error, r.failures) for r in reports if not r.compliant] == []


def test_fillable_sheets_are_accessible(samples: list[Sheet], tmp_path: Path) -> None:
    assert_accessible(samples, tmp_path)


@pytest.mark.slow
def test_all_fillable_sheets_are_accessible(everything: list[Sheet], tmp_path: Path) -> None:
    assert_accessible(everything, tmp_path)


def made_of(html: str) -> bytes:
    """Return what WeasyPrint makes of a page with inputs."""
    from weasyprint import HTML

    style = "<style>input { display: inline-block; width: 5mm; height: 5mm }</style>"
    page = f"<html lang=en><title>Sheet</title>{style}<p>{html}"
    data: bytes = HTML(string=page).write_pdf(pdf_forms=True, pdf_variant="pdf/ua-1")
    return data


def button(item: str, option: str) -> str:
    return f'<input type="radio" name="{item}" value="{option}">'


QUESTION = Choice("q", "1. Question", (("a", "Yes"), ("b", "No")))
FORM = Form("{}", "var x;", (QUESTION,), (Field("_note", "Note"),), "")
PAGE_BREAK = '<p style="break-before: page">'


def test_a_group_that_crosses_a_page_is_one_group() -> None:
    data = complete(made_of(button("q", "a") + PAGE_BREAK + button("q", "b")), FORM)
    with pikepdf.open(io.BytesIO(data)) as file:
        [group, _] = file.Root.AcroForm.Fields
        assert [sorted(kid.AP.N.keys()) for kid in group.Kids] == [["/Off", "/a"], ["/Off", "/b"]]
        assert [kid.P.objgen for kid in group.Kids] == [page.objgen for page in file.pages]


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (button("q", "a"), "has 1 of 2 answers to “q”"),
        ("<input name=_note>", "has 0 of 2 answers to “q”"),
        (button("q", "a") + button("q", "c"), "offers “c” for “q”"),
        (button("z", "a"), "asks for “z”"),
        ("<input name=_other>", "a field “_other”, of which its form knows nothing"),
        (
            button("q", "a") + button("q", "b") + "<input name=_note>" * 2,
            "several fields of one name: _note",
        ),
    ],
)
def test_a_sheet_that_is_not_its_form_is_an_error(html: str, why: str) -> None:
    with pytest.raises(FormError, match=re.escape(why)) as caught:
        complete(made_of(html), FORM)
    rule = "P05-answers" if "“" in why and "field" not in why else "P04-fields"
    assert caught.value.finding.rule == rule


def test_a_form_that_lacks_an_answer_is_told_at_its_item(
    sheets: Sheets, samples: list[Sheet], project: Project
) -> None:
    output = samples[0].output
    press = Press(
        Plan((output,), project.editions), project.themes, project.languages, sheets.cache
    )
    test = project.editions[output.profile].book.assessments[output.subject]
    item = list(test.items.values())[1]
    error = FormError("P05-answers", "the sheet has 1 of 2 answers", item.id)
    problem = press.locate(output, error.finding)
    assert (problem.rule, problem.span) == ("P05-answers", item.stem.span)


def test_the_same_sheet_has_the_same_bytes(samples: list[Sheet], sheets: Sheets) -> None:
    again = Sheets(sheets.project, sheets.cache).of([samples[0].output])
    assert again[0].data == samples[0].data


# -- what the file works out -------------------------------------------------------------------


def expected(sheet: Sheet, answers: Answers) -> dict[str, str]:
    """Return what each field shows when `answers` are given, worked out in Python."""
    test, gettext = sheet.test, sheet.language.gettext
    scores = score(test, answers)
    in_percent = test.bands_in == "percent"

    def shown(part: str, name: str, result: Score, banded: bool) -> dict[str, str]:
        texts = {
            f"_filled{part}": str(result.answered),
            name: "" if result.points is None else str(result.points),
        }
        if in_percent:
            percent = "" if result.percent is None else sheet.language.percent(result.percent / 100)
            texts[f"_percent{part}"] = percent
        if banded and result.points is None:
            texts[f"_meaning{part}"] = gettext("Answers are missing")
        elif banded and result.band is None:
            texts[f"_meaning{part}"] = gettext("No band")
        elif banded:
            texts[f"_meaning{part}"] = sheet.printer.plain(test.bands[result.band or ""].title)
        return texts

    texts = shown("", "_total", scores.total, True)
    for key, result in scores.sections.items():
        texts |= shown(f"_{key}", f"_subtotal_{key}", result, in_percent)
    for item, points in test.key.items():
        texts[f"_points_{item}"] = str(points[answers[item]]) if item in answers else ""
    for band in test.bands:
        texts[f"_band_{band}"] = "X" if scores.total.band == band else ""
    scale = counted_scale(test)
    if scale:
        given = list(answers.values())
        for option, worth in scale.points.items():
            texts[f"_count_{option}"] = str(given.count(option))
            texts[f"_product_{option}"] = str(given.count(option) * worth)
        texts["_count"] = str(len(given))
        texts["_product"] = str(sum(scale.points[option] for option in given))
    return texts


def by_points(test: Instrument, item: str) -> list[str]:
    """Return the options of an item, the one with the fewest points first."""
    points = test.key.get(item)
    options = test.scale_of(test.items[item]).options
    return sorted(options, key=points.__getitem__) if points else list(options)


def answers_for(test: Instrument, total: int) -> Answers:
    """Return answers to all items that give `total`: as many points as still fit, from the top."""
    answers = {item: by_points(test, item)[0] for item in test.items}
    for item, points in test.key.items():
        spare = total - sum(test.key[i][answers[i]] for i in test.key)
        fitting = [o for o in points if points[o] - points[answers[item]] <= spare]
        answers[item] = max(fitting, key=points.__getitem__)
    assert sum(test.key[i][answers[i]] for i in test.key) == total
    return answers


def telling(test: Instrument) -> list[Answers]:
    """Return the answers of the examples, and those around the ends and each cut score."""
    cases = [
        {i: o for i, o in zip(test.items, example.answers, strict=True) if o is not None}
        for example in test.examples
    ]
    lowest, highest = test.lowest, test.highest
    totals = {lowest, highest}
    for band in list(test.bands.values())[1:]:
        first = next(
            total
            for total in range(lowest, highest + 1)
            if (percentage(total, highest) if test.bands_in == "percent" else total) >= band.cut
        )
        totals |= {first - 1, first, first + 1} & set(range(lowest, highest + 1))
    return cases + [answers_for(test, total) for total in sorted(totals)]


def made_up(test: Instrument, number: int) -> Iterator[Answers]:
    """Yield answer sheets by chance: complete ones, and some with few or many answers missing."""
    chance = random.Random(test.id)
    for _ in range(number):
        left_out = chance.choice((0, 0, 0.05, 0.1, 0.5))
        yield {
            item.id: chance.choice(test.scale_of(item).options)
            for item in test.items.values()
            if chance.random() >= left_out
        }


def run(sheet: Sheet, cases: Sequence[Answers]) -> list[dict[str, str]]:
    """Return what the scripts of the file make of each case, as the file has them."""
    with sheet.open() as file:
        order = file.Root.AcroForm.CO
        scripts = {str(field.T): str(field.AA.C.JS) for field in order}
        told = {"script": script_of(file), "fields": scripts, "sheets": list(cases)}
    ran = subprocess.run(
        [program("node"), RUNNER],
        input=json.dumps(told),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    shown: list[dict[str, str]] = json.loads(ran.stdout)
    return shown


def assert_scripts_agree(sheet: Sheet) -> None:
    cases = [*telling(sheet.test), *made_up(sheet.test, MANY)]
    shown = run(sheet, cases)
    wrong = [
        (case, is_, should)
        for case, is_, should in zip(cases, shown, (expected(sheet, c) for c in cases), strict=True)
        if is_ != should
    ]
    assert wrong[:1] == [], f"{sheet.name}: {len(wrong)} of {len(cases)}"


def test_the_scripts_of_the_files_score_as_python_does(samples: list[Sheet]) -> None:
    for sheet in samples:
        assert_scripts_agree(sheet)


@pytest.mark.slow
def test_the_scripts_of_all_files_score_as_python_does(everything: list[Sheet]) -> None:
    for sheet in everything:
        assert_scripts_agree(sheet)


def assert_pdfium_agrees(browser: Browser, sheet: Sheet, cases: Sequence[Answers]) -> None:
    """What is missing comes first in each round: no click takes an answer back."""
    with served(sheet.data) as address:
        for case in cases:
            if len(case) < len(sheet.test.items) or case is cases[0]:
                viewer = Pdfium(browser, address, sheet.data)
            viewer.answer(case)
            texts = viewer.texts()
            should = expected(sheet, case)
            assert {name: texts[name] for name in should} == should, sheet.name


def assert_pdfjs_agrees(browser: Browser, sheet: Sheet, cases: Sequence[Answers]) -> None:
    with served(sheet.data) as address:
        for case in cases:
            if len(case) < len(sheet.test.items) or case is cases[0]:
                viewer = PdfJs(browser, address, sheet.data)
            viewer.answer(case)
            should = expected(sheet, case)
            texts = viewer.settle(should)
            assert {name: texts[name] for name in should} == should, sheet.name


def shortest(sheets: list[Sheet]) -> Sheet:
    return min(sheets, key=lambda sheet: len(sheet.test.items))


def test_chromium_scores_as_python_does(browser: Browser, samples: list[Sheet]) -> None:
    sheet = shortest(samples)
    assert_pdfium_agrees(browser, sheet, telling(sheet.test))


def test_pdfjs_scores_as_python_does(browser: Browser, samples: list[Sheet]) -> None:
    sheet = shortest(samples)
    assert_pdfjs_agrees(browser, sheet, telling(sheet.test))


@pytest.mark.slow
@pytest.mark.parametrize("agrees", [assert_pdfium_agrees, assert_pdfjs_agrees])
def test_viewers_score_every_test_as_python_does(
    browser: Browser, samples: list[Sheet], agrees: Any
) -> None:
    for sheet in samples:
        agrees(browser, sheet, telling(sheet.test))


MIXED = """
code: TS1
title: How much care?
summary: Three statements about care.
instruction: Choose what fits.
scales:
  letters: {kind: choice, points: {a: 3, b: 2, c: 1}}
  stars: {kind: rating, from: 0, to: 5, low: Never, high: Always}
  agreement:
    kind: choice
    points: {agree: 2, partly: 1, disagree: 0}
    labels: {agree: I agree, partly: In part, disagree: I disagree}
sections:
  door: {title: At the door}
  phone: {title: On the phone}
items:
  care-1: {stem: We answer, scale: stars, section: phone}
  care-2: {stem: We keep people waiting, scale: agreement, reversed: true, section: phone}
  care-3: {stem: When we close, options: {a: I say goodbye., b: I nod., c: I hurry.}, section: door}
  care-4: {stem: We like music, scale: agreement, counts: nothing, section: door}
  care-5: {stem: We greet, scale: stars, section: door}
range: [1, 15]
bands:
  low: {from: 1, title: Little, text: There is room., strength: You are honest., next_step: Ask.}
  high: {from: 8, title: Much, text: Keep on., strength: You care., next_step: Teach.}
unscored: {option: "0", from: 2, text: Nothing can be said.}
examples:
  - {answers: ["5", disagree, a, agree, "5"], total: 15, band: high}
  - {answers: ["0", disagree, a, agree, "0"], total: 5, band: null}
  - {answers: ["5", disagree, null, null, null], total: null, band: null}
  - {answers: ["4", agree, c, null, "3"], total: 8, band: high}
facilitator:
  objectives: [Know yourself.]
  group: {note: Any size.}
  materials: [Pens]
  procedure:
    answer: {minutes: 5, text: Answer alone.}
  debrief: [What surprised you?]
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """A sheet of a test with several scales, numbers, a reversed item and one that counts not."""
    root = book_with_fonts(tmp_path_factory.mktemp("mixed"))
    write(root, "content/assessments/test-care.yaml", MIXED)
    for translated in root.glob("locales/*/assessments.yaml"):
        translated.unlink()
    sheets = Sheets(loading.load(root, allow_missing=True), root / ".cache")
    return sheets.of(general(sheets)[:1])[0]


@pytest.mark.slow
def test_every_kind_of_scale_is_scored_in_every_engine(browser: Browser, mixed: Sheet) -> None:
    assert_in_order(mixed)
    assert_calculates(mixed)
    assert_scripts_agree(mixed)
    assert_pdfium_agrees(browser, mixed, telling(mixed.test))
    assert_pdfjs_agrees(browser, mixed, telling(mixed.test))


def test_what_is_typed_keeps_its_alphabet(browser: Browser, mixed: Sheet) -> None:
    text = "Ωραία, Żółw, привет"
    with served(mixed.data) as address:
        viewer = Pdfium(browser, address, mixed.data)
        viewer.write("_fits_1", text)
        saved = viewer.save()
    with pikepdf.open(io.BytesIO(saved)) as file:
        field = fields_of(file)["_fits_1"]
        used = set(re.findall(rb"/(\S+) [\d.]+ Tf", field.AP.N.read_bytes()))
        assert str(field.V) == text
        assert used == {FONT.encode()}, "fonts of the machine stand in for the file's own"


# -- what comes back ---------------------------------------------------------------------------


def filled(sheet: Sheet, answers: Answers, **other: str) -> bytes:
    """Return the sheet with `answers`, as a program fills it in; `other` fields get a text."""
    with sheet.open() as file:
        fields = fields_of(file)
        for item, option in answers.items():
            fields[item].V = pikepdf.Name(f"/{option}")
            for kid in fields[item].Kids:
                on = f"/{option}" in kid.AP.N
                kid.AS = pikepdf.Name(f"/{option}" if on else "/Off")
        for name, text in other.items():
            fields[name].V = pikepdf.String(text)
        return bytes_of(file)


def test_what_was_filled_in_comes_back(
    samples: list[Sheet], project: Project, tmp_path: Path
) -> None:
    for sheet in samples:
        test = sheet.test
        cases = telling(test)
        paths = [tmp_path / f"{sheet.name}-{number}.pdf" for number in range(len(cases))]
        for path, case in zip(paths, cases, strict=True):
            path.write_bytes(filled(sheet, case, _total="9999", _meaning="Best of all"))
        found = collect(project, paths)
        assert found.refused == {}
        assert [f.answers for f in found.filled] == cases
        rows = list(csv.DictReader(io.StringIO(to_csv(found.filled).decode("utf-8-sig"))))
        for row, path, case in zip(rows, paths, cases, strict=True):
            result = score(test, case).total
            assert row["respondent"] == path.name
            assert {item: row[item] for item in test.items if row[item]} == case
            assert (row["_test"], row["_version"]) == (test.id, test.version)
            assert row["_language"] == sheet.language.tag
            shown = [
                "" if v is None else str(v) for v in (result.points, result.percent, result.band)
            ]
            assert [row["_total"], row["_percent"], row["_band"]] == shown


def test_what_viewers_save_comes_back_and_is_read_by_the_group_scoring(
    browser: Browser, mixed: Sheet, tmp_path: Path
) -> None:
    case = telling(mixed.test)[0]
    with served(mixed.data) as address:
        viewers: dict[str, Pdfium | PdfJs] = {
            "chromium.pdf": Pdfium(browser, address, mixed.data),
            "firefox.pdf": PdfJs(browser, address, mixed.data),
        }
        for name, viewer in viewers.items():
            viewer.answer(case)
            (tmp_path / name).write_bytes(viewer.save())
    found = collect(mixed.project, [tmp_path / name for name in viewers])
    assert found.refused == {}
    table = tmp_path / "answers.csv"
    table.write_bytes(to_csv(found.filled))
    people = read_responses(table, mixed.test, mixed.printer.plain)
    assert [(person.name, person.answers) for person in people] == [(n, case) for n in viewers]


def changed(data: bytes, **identity: str) -> bytes:
    """Return a sheet that says it is another one."""
    with pikepdf.open(io.BytesIO(data)) as file:
        field = fields_of(file)[IDENTITY]
        field.V = pikepdf.String(json.dumps({**json.loads(str(field.V)), **identity}))
        return bytes_of(file)


def bytes_of(file: pikepdf.Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    file.save(out, **options)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as file:
        return bytes_of(file, encryption=pikepdf.Encryption(owner="owner", user="user"))


def printed(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as file:
        del file.Root.AcroForm
        for page in file.pages:
            page.Annots = pikepdf.Array()
        return bytes_of(file)


def bomb(size: int) -> bytes:
    """Return a small PDF whose catalogue stands in an object stream that unpacks to `size`."""
    packer = zlib.compressobj(9)
    objects = b"1 0 << /Type /Catalog /Pages << /Type /Pages /Kids [] /Count 0 >> >>"
    packed = packer.compress(objects)
    for _ in range(size // 1_000_000):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.flush()
    head = b"%PDF-1.5\n"
    stream = (
        b"2 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length "
        b"%d >> stream\n%s\nendstream endobj\n" % (len(packed), packed)
    )
    start = len(head) + len(stream)
    entries = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + index.to_bytes(1, "big")
        for kind, place, index in ((0, 0, 0), (2, 2, 0), (1, len(head), 0), (1, start, 0))
    )
    table = (
        b"3 0 obj << /Type /XRef /Size 4 /W [1 4 1] /Root 1 0 R /Length %d >> stream\n%s\n"
        b"endstream endobj\nstartxref\n%d\n%%%%EOF" % (len(entries), entries, start)
    )
    return head + stream + table


def test_what_does_not_count_is_refused_with_its_reason(mixed: Sheet, tmp_path: Path) -> None:
    case = telling(mixed.test)[0]
    good = filled(mixed, case)
    sent = {
        "good.pdf": (good, None),
        "again.pdf": (good, None),
        "notes.pdf": (b"These are my notes.", "it is damaged, or no PDF"),
        "cut.pdf": (good[: len(good) // 2], "it is damaged, or no PDF"),
        "locked.pdf": (encrypted(good), "it is encrypted"),
        "big.pdf": (good + b" " * 8_000_000, "it has more than 8 MB"),
        "printed.pdf": (printed(good), "this is no fillable sheet of a handbook; was it printed?"),
        "foreign.pdf": (changed(good, test="x"), "this handbook has no test “x” in the edition"),
        "sector.pdf": (changed(good, sector="zoo"), "this handbook has no test “test-care” in"),
        "old.pdf": (changed(good, version="0.1"), "it is of version 0.1; this handbook has 1.0"),
        "empty.pdf": (mixed.data, "nothing is answered"),
        "wild.pdf": (filled(mixed, {**case, "care-1": "6"}), "“6” is no answer to 1"),
        "spark.pdf": (bomb(1_000_000), "this is no fillable sheet of a handbook"),
        "bomb.pdf": (bomb(600_000_000), "it is damaged, or no PDF"),
        "last.pdf": (good, None),
    }
    for name, (data, _) in sent.items():
        (tmp_path / name).write_bytes(data)
    paths = [tmp_path / name for name in (*sent, "lost.pdf")]
    found = collect(mixed.project, paths, memory=500_000_000)
    assert [sheet.respondent for sheet in found.filled] == ["good.pdf", "again.pdf", "last.pdf"]
    reasons = {path.name: why for path, why in found.refused.items()}
    assert reasons.pop("lost.pdf") == "it cannot be read: No such file or directory"
    wanted = {name: why for name, (_, why) in sent.items() if why}
    assert {name: why[: len(wanted[name])] for name, why in reasons.items()} == wanted


def test_a_file_named_twice_counts_once(
    mixed: Sheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(filled(mixed, telling(mixed.test)[0]))
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").write_bytes(filled(mixed, telling(mixed.test)[0]))
    monkeypatch.chdir(tmp_path)
    names = ("a.pdf", str(tmp_path / "a.pdf"), "b.pdf", "link.pdf", "./b.pdf")
    found = collect(mixed.project, [Path(name) for name in names])
    assert [sheet.respondent for sheet in found.filled] == ["a.pdf", "b.pdf"]
    assert found.refused == {}


def test_what_is_no_regular_file_is_refused_and_not_waited_for(
    mixed: Sheet, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    found = collect(mixed.project, [tmp_path / "pipe.pdf", tmp_path / "folder.pdf"])
    assert set(found.refused.values()) == {"it is no file but a folder, a pipe or a device"}
    assert len(found.refused) == 2


@pytest.mark.slow
def test_the_time_limit_holds_for_each_file(mixed: Sheet, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(6)]
    for path in paths:
        path.write_bytes(bomb(300_000_000))  # not a second each
    found = collect(mixed.project, paths, seconds=2)
    assert [why[:10] for why in found.refused.values()] == ["this is no"] * 6
    paths[0].write_bytes(bomb(600_000_000))
    found = collect(mixed.project, paths[:1], memory=2 * MEMORY, seconds=0)
    assert [*found.refused.values()] == ["reading it takes too much memory or time"]


def test_sheets_of_two_tests_are_not_mixed(
    samples: list[Sheet], project: Project, tmp_path: Path
) -> None:
    paths = []
    for sheet in samples[:2]:
        paths.append(tmp_path / sheet.name)
        paths[-1].write_bytes(filled(sheet, telling(sheet.test)[0]))
    found = collect(project, paths)
    assert [sheet.respondent for sheet in found.filled] == [paths[0].name]
    [why] = found.refused.values()
    assert "collect each test by itself" in why


def test_names_of_files_cannot_become_formulas(mixed: Sheet, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("=1+1.pdf", "+x.pdf", "@y.pdf", "-z.pdf")]
    for path in paths:
        path.write_bytes(filled(mixed, telling(mixed.test)[0]))
    text = to_csv(collect(mixed.project, paths).filled).decode("utf-8-sig")
    names = [row["respondent"] for row in csv.DictReader(io.StringIO(text))]
    assert names == [f"'{path.name}" for path in paths]


def test_the_command_writes_the_table_and_tells_what_does_not_count(
    mixed: Sheet, tmp_path: Path
) -> None:
    case = telling(mixed.test)[0]
    (tmp_path / "good.pdf").write_bytes(filled(mixed, case))
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7")
    table = tmp_path / "answers.csv"
    options = ("--csv", table, "--allow-missing", "--project", mixed.project.root)
    command = ("responses", "collect", *options)
    ran = handbook(*command, tmp_path / "good.pdf", tmp_path / "bad.pdf")
    assert ran.returncode == 1
    assert ran.stderr == f"{tmp_path / 'bad.pdf'}: it is damaged, or no PDF\n"
    assert "holds 1 of 2 sheets" in ran.stdout
    [row] = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")))
    assert (row["respondent"], row["_total"], row["_band"]) == ("good.pdf", "15", "high")
    before = table.read_bytes()
    ran = handbook(*command, tmp_path / "good.pdf")
    assert (ran.returncode, table.read_bytes()) == (2, before)
    assert "is there already" in ran.stderr
    table.unlink()
    ran = handbook(*command, tmp_path / "good.pdf")
    assert (ran.returncode, ran.stderr) == (0, "")
