"""The facilitator pack: all that a trainer needs of one test, and nobody else gets it offered."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from handbook.loading import Project
from handbook.model.by_hand import parts, whole
from handbook.model.entries import Assessment
from handbook.model.scoring import spans
from handbook.model.words import Words
from handbook.pipeline import plan_of
from handbook.plan.documents import DOCUMENTS
from handbook.plan.plan import Output, Plan, Selection
from handbook.plan.printing import PrintOptions
from handbook.prints import epoch_of, print_jobs
from handbook.render.pdf import print_all
from handbook.render.press import Press
from handbook.theme import Paper
from tests.test_print import assert_accessible, letters, text_of

PACK = "facilitator-pack"
Print = Callable[[list[Output], Paper | None], dict[Output, Path]]


@pytest.fixture(scope="module")
def outputs(project: Project) -> list[Output]:
    """The packs of every language's general edition."""
    handbook = project.handbook
    general = (handbook.sectors[0],), (handbook.brands[0],)
    return list(plan_of(project, Selection((PACK,), handbook.languages, *general)).outputs)


@pytest.fixture(scope="module")
def printed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Print:
    """Print packs on a paper; None for that of the brand."""

    def make(outputs: list[Output], paper: Paper | None) -> dict[Output, Path]:
        folder = tmp_path_factory.mktemp("packs")
        plan = Plan(tuple(outputs), project.editions)
        press = Press(
            plan, project.themes, project.languages, folder / "templates", PrintOptions(paper)
        )
        jobs = [job for job, _ in print_jobs(press, outputs, folder)]
        found: dict[str, bytes] = {}
        epoch = epoch_of(project.handbook)
        print_all(jobs, 2, epoch, lambda made: found.update({made.job.path: made.data}))
        paths = {output: folder / Path(output.path).name for output in outputs}
        for output, path in paths.items():
            path.write_bytes(found[output.path])
        return paths

    return make


@pytest.fixture(scope="module")
def some(outputs: list[Output], printed: Print) -> dict[Output, Path]:
    """One pack of each language, and among them one of each test."""
    tests = list(dict.fromkeys(output.subject for output in outputs))
    languages = list(dict.fromkeys(output.profile.language for output in outputs))
    wanted = {(tag, tests[number % len(tests)]) for number, tag in enumerate(languages)}
    return printed([o for o in outputs if (o.profile.language, o.subject) in wanted], None)


def plain(words: Words) -> str:
    """Return the letters of a text without its markup."""
    return letters(re.sub(r"\[([^\]]+)\]\([^)]*\)|[*_]", r"\1", words.text))


def assessment_of(project: Project, output: Output) -> Assessment:
    return project.editions[output.profile].book.assessments[output.subject]


def assert_whole(project: Project, packs: dict[Output, Path]) -> None:
    for output, path in packs.items():
        test, text = assessment_of(project, output), letters(text_of(path))
        book = project.editions[output.profile].book
        told: list[Words] = [item.stem for item in test.items.values()]
        for band in test.bands.values():
            told += [band.title, band.text, band.strength, band.next_step]
        card = test.facilitator
        told += [*card.objectives, *card.debrief, *card.variations, *card.materials, card.care]
        told += [stage.text for stage in card.procedure.values()]
        told += [book.notice.title, *book.notice.points, *test.respondents.values()]
        told += [test.unscored.text] if test.unscored else []
        guide = next(part for part in book.guide.values() if part.generated == "tests")
        told += [guide.title]
        assert [words.text for words in told if plain(words) not in text] == [], path.name


def key_in(path: Path, test: Assessment) -> dict[str, list[int]]:
    """Return the points in each row of the printed key, by the number of the item."""
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    width = len(next(iter(test.key.values())))
    row = re.compile(r"^ *([A-Z]?\d+)(?: ?R)? .*?" + r" +(\d)" * width + "$", re.MULTILINE)
    return {
        found[1]: [*map(int, found.groups()[1:])] for found in row.finditer(run.stdout.decode())
    }


def test_a_pack_has_all_that_a_trainer_needs(project: Project, some: dict[Output, Path]) -> None:
    assert {assessment_of(project, o).id for o in some} == {
        key
        for key, entry in next(iter(project.editions.values())).entries.items()
        if isinstance(entry, Assessment)
    }
    assert_whole(project, some)


def test_the_key_and_the_ranges_are_those_of_the_model(
    project: Project, some: dict[Output, Path]
) -> None:
    for output, path in some.items():
        test, text = assessment_of(project, output), letters(text_of(path))
        expected = {test.numbers[key]: [*points.values()] for key, points in test.key.items()}
        assert key_in(path, test) == expected, path.name
        reverse = [f"{test.numbers[i.id]}R" in text for i in test.items.values() if i.reversed]
        assert all(reverse)
        for part in (*parts(test), whole(test)):
            assert f"{part.lowest}{part.highest}" in text
        for _, lowest, highest in spans(test):
            assert text.count(f"{lowest}–{highest}") >= 2, "in the table and on the chart"
        for example in test.examples:
            assert example.total is None or str(example.total) in text


def test_packs_are_accessible_in_each_language(some: dict[Output, Path]) -> None:
    assert_accessible(list(some.values()))


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_every_pack_is_whole_and_accessible_on_every_paper(
    project: Project, outputs: list[Output], printed: Print, paper: Paper
) -> None:
    packs = printed(outputs, paper)
    assert len(packs) == 30
    assert_whole(project, packs)
    assert_accessible(list(packs.values()))


def test_what_is_for_trainers_is_offered_on_one_page_only(project: Project, tmp_path: Path) -> None:
    plan = plan_of(project, Selection(sectors=("general",), brands=("default",)))
    press = Press(plan, project.themes, project.languages, tmp_path)
    tests = {output.subject for output in plan.outputs if output.document == PACK}
    trainers = [d.id for d in DOCUMENTS if d.audience == "facilitator"]
    assert PACK in trainers
    assert "facilitator-guide" in trainers
    for output in plan.outputs:
        if output.document != "site" or output.subject not in ("index", "sheets", *tests):
            continue
        html = press.prepare(output).html()
        files = [
            plan.link(output, file)
            for document in trainers
            for file in plan.of(output.profile, document)
        ]
        offered = [file for file in files if f'"{file}"' in html]
        assert offered == (files if output.page == "sheets" else []), output.path
        others = 1 + 5 + 1 + 1 + 2  # guide, session plans, list, certificate, evaluation
        assert len(files) == len(tests) + others
