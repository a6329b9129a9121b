"""Tests that score themselves on their page: right, operable, private, in a real browser."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import cycle, product
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Download, Page

from handbook.loading import Project
from handbook.model.entries import Assessment
from handbook.model.instrument import Answers
from handbook.model.profile import Profile
from handbook.model.scoring import definition, score
from handbook.pipeline import plan_of
from handbook.plan.plan import Selection
from handbook.render.press import Press
from tests.conftest import ROOT
from tests.validators import axe, nu
from tests.validators.tools import package

SHEETS = 1_000
"""Answer sheets drawn at random for each test."""
SMALL = 320
"""Width of the smallest phone in px."""
TARGET = 24
"""Least height and width of what is touched in px: WCAG 2.2, “target size (minimum)”."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def site(make: Callable[[Selection], Path]) -> Path:
    """The site of one edition in every language."""
    return make(Selection(documents=("site",), sectors=("general",), brands=("default",)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own context on a small phone, which notes what it asks for and what fails."""
    with browser.new_context(viewport={"width": SMALL, "height": 640}) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url) if _leaves(request) else None)
        yield page
        assert faults == []


def _leaves(request: Any) -> bool:
    return not request.url.startswith(("file:", "blob:", "data:"))


def questionnaires(project: Project, tag: str) -> dict[str, Assessment]:
    return dict(project.editions[Profile(tag, "general", "default")].book.assessments)


def address(site: Path, tag: str, test: str) -> str:
    return (site / "default" / tag / "general" / f"{test}.html").as_uri()


def first_language(project: Project) -> str:
    return project.handbook.languages[0]


def a_test(project: Project, feature: str) -> Assessment:
    """Return a test that has what `feature` names."""
    tests = questionnaires(project, first_language(project)).values()
    return next(test for test in tests if getattr(test, feature))


ANSWER = """(answers) => {
    for (const [name, value] of Object.entries(answers)) {
        document.querySelector(`input[name="${name}"][value="${value}"]`).click();
    }
}"""


def answer(page: Page, answers: Answers) -> None:
    """Tick `answers` on an open page."""
    page.evaluate(ANSWER, answers)


def everywhere(test: Assessment, place: int) -> dict[str, str]:
    """Return answers to all items: the option at `place` of each."""
    return {key: test.scale_of(item).options[place] for key, item in test.items.items()}


def show(page: Page) -> None:
    page.locator("[data-do=show]").click()


# -- the same arithmetic ---------------------------------------------------------------------


def sheets(test: Assessment) -> Iterator[dict[str, str]]:
    """Yield the examples, the ends, answers around each cut score, and sheets drawn at random."""
    for example in test.examples:
        pairs = zip(test.items, example.answers, strict=True)
        yield {key: option for key, option in pairs if option is not None}
    yield reaching(test, test.lowest)
    yield reaching(test, test.highest)
    for total in around_cuts(test):
        yield reaching(test, total)
    drawn = random.Random(test.code)
    for _ in range(SHEETS):
        missing = drawn.choice((0, 0, 1, 2, 3, 4, len(test.items)))
        asked = drawn.sample(sorted(test.items), len(test.items) - drawn.randint(0, missing))
        yield {key: drawn.choice(test.scale_of(test.items[key]).options) for key in asked}


def around_cuts(test: Assessment) -> list[int]:
    """Return the totals next to each cut score: below, at and above it."""
    in_points = [
        band.cut * (test.highest if test.bands_in == "percent" else 100) // 100
        for band in test.bands.values()
    ]
    totals = {cut + step for cut in in_points for step in (-1, 0, 1)}
    return sorted(total for total in totals if test.lowest <= total <= test.highest)


def reaching(test: Assessment, total: int) -> dict[str, str]:
    """Return answers to all items that score `total`."""
    answers = {key: min(points, key=points.__getitem__) for key, points in test.key.items()}
    for key, points in test.key.items():
        for option in sorted(points, key=points.__getitem__):
            if score(test, answers).total.points == total:
                return answers
            answers[key] = option
    assert score(test, answers).total.points == total
    return answers


def shut_out(test: Assessment) -> set[str]:
    """Return the bands that so few points reach that the answers are too many of the empty kind."""
    if test.unscored is None:
        return set()
    options = list(test.scale_of(test.items[next(iter(test.items))]).options)
    options.remove(test.unscored.option)
    answers = dict.fromkeys(test.items, options[0])
    for key in list(test.items)[: test.unscored.minimum - 1]:
        answers[key] = test.unscored.option
    lowest = score(test, answers).total.band
    assert lowest is not None
    return set(list(test.bands)[: list(test.bands).index(lowest)])


DEFINITION = 'JSON.parse(document.getElementById("definition_").textContent)'
SCORE = f"""(sheets) => JSON.stringify(
    JSON.parse(sheets).map((answers) => scoreAnswers({DEFINITION}, answers)))"""


def test_the_browser_scores_as_the_program_does(site: Path, project: Project, page: Page) -> None:
    for key, test in questionnaires(project, first_language(project)).items():
        drawn = list(sheets(test))
        expected = [asdict(score(test, answers)) for answers in drawn]
        met = {found["total"]["band"] for found in expected}
        assert {*test.bands, None} - met == shut_out(test), f"{key}: a band is not put to the test"
        for tag in project.handbook.languages:
            page.goto(address(site, tag, key))
            own = page.evaluate(f"() => {DEFINITION}")
            assert own == json.loads(json.dumps(definition(test))), (tag, key)
            assert json.loads(page.evaluate(SCORE, json.dumps(drawn))) == expected, (tag, key)


def test_the_page_shows_what_the_program_finds(site: Path, project: Project, page: Page) -> None:
    tags = cycle(project.handbook.languages)
    for key, place in product(questionnaires(project, first_language(project)), (0, -1)):
        tag = next(tags)
        test = questionnaires(project, tag)[key]
        answers = everywhere(test, place)
        page.goto(address(site, tag, key))
        answer(page, answers)
        show(page)
        total = score(test, answers).total
        result = page.locator(".result")
        assert result.locator("[data-slot=points]").first.inner_text() == str(total.points)
        shown = [band.get_attribute("data-band") for band in result.locator(".band").all()]
        assert shown == [total.band] * (total.band is not None), (tag, key)


# -- the result ------------------------------------------------------------------------------


def test_focus_moves_to_the_result_and_it_is_announced(
    site: Path, project: Project, page: Page
) -> None:
    tag = first_language(project)
    for key, test in questionnaires(project, tag).items():
        page.goto(address(site, tag, key))
        answers = everywhere(test, -1)
        answer(page, answers)
        show(page)
        assert page.evaluate("document.activeElement.id") == "result_"
        said = page.get_by_role("status").inner_text()
        total = score(test, answers).total
        assert str(total.points) in said
        if total.band is not None:
            assert page.locator(".band h3").inner_text() in said


def test_missing_answers_are_named_and_lead_to_their_items(
    site: Path, project: Project, page: Page
) -> None:
    tag = first_language(project)
    for key, test in questionnaires(project, tag).items():
        left = list(test.items)[1 :: len(test.items) // 2][: test.prorate + 1] or [""]
        answers = {k: option for k, option in everywhere(test, -1).items() if k not in left}
        page.goto(address(site, tag, key))
        answer(page, answers)
        show(page)
        links = page.locator(".jumps a")
        assert links.all_inner_texts() == [test.numbers[item] for item in left]
        links.last.click()
        assert page.evaluate("document.activeElement.name") == left[-1]
        page.keyboard.press("Space")
        assert links.count() == len(left) - 1, "the result follows the answers"
        assert page.evaluate("document.activeElement.name") == left[-1], "focus stays"


def test_a_total_raised_in_proportion_says_so(site: Path, project: Project, page: Page) -> None:
    test = a_test(project, "prorate")
    answers = everywhere(test, -1)
    for key in list(test.items)[: test.prorate]:
        del answers[key]
    page.goto(address(site, first_language(project), test.id))
    answer(page, answers)
    show(page)
    assert page.locator(".result [data-if=prorated]").is_visible()
    assert page.locator(".result .total b").inner_text() == str(test.highest)
    page.goto(address(site, first_language(project), test.id))
    del answers[next(iter(answers))]
    answer(page, answers)
    show(page)
    assert page.locator(".result [data-if=lacking]").is_visible()
    assert page.locator(".result .total, .result .band").count() == 0


def test_too_many_answers_of_the_empty_kind_give_no_band(
    site: Path, project: Project, page: Page
) -> None:
    test = a_test(project, "unscored")
    assert test.unscored is not None
    answers = everywhere(test, -1)
    for key in list(test.items)[: test.unscored.minimum]:
        answers[key] = test.unscored.option
    page.goto(address(site, first_language(project), test.id))
    answer(page, answers)
    show(page)
    assert page.locator(".result [data-if=unscored]").is_visible()
    assert page.locator(".result .band, .result .number-line").count() == 0


def test_the_lowest_sections_come_first(site: Path, project: Project, page: Page) -> None:
    tests = questionnaires(project, first_language(project)).values()
    test = next(t for t in tests if t.sections and t.bands_in == "percent")
    answers = everywhere(test, -1)
    low = list(test.sections)[-2:]
    for key, item in test.items.items():
        if item.section in low:
            answers[key] = test.scale_of(item).options[low.index(item.section)]
    page.goto(address(site, first_language(project), test.id))
    answer(page, answers)
    show(page)
    rows = page.locator(".sections [data-section]")
    order = [row.get_attribute("data-section") for row in rows.all()]
    assert order[:2] == low
    marked = page.locator(".sections tr:has(.begin)")
    assert [row.get_attribute("data-section") for row in marked.all()] == low
    found = score(test, answers).sections
    for row in rows.all():
        own = found[row.get_attribute("data-section") or ""]
        assert row.locator("[data-slot=points]").inner_text() == str(own.points)
        assert str(own.percent) in row.locator("[data-slot=percent]").inner_text()
        width = row.locator(".bar i").evaluate("bar => bar.style.width")
        assert width == f"{own.percent}%"


# -- hands, eyes and ears --------------------------------------------------------------------


def assert_faultless(browser_page: Page, where: str) -> None:
    browser_page.evaluate(AXE)
    found = browser_page.evaluate(axe.RUN)
    assert found == [], where
    width = browser_page.evaluate("document.documentElement.scrollWidth")
    assert width <= SMALL, f"{where} is {width} px wide"


AXE = package("axe-core", "axe.min.js").read_text(encoding="utf-8")


def inspect(
    browser: Browser, site: Path, test: Assessment, tag: str, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(
        viewport={"width": SMALL, "height": 640}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto(address(site, tag, test.id))
        assert_faultless(page, f"{tag}/{test.id}, {scheme}")
        answers = everywhere(test, 2)
        last = dict([answers.popitem()])
        answer(page, answers)
        show(page)
        if scheme == "dark":
            assert_faultless(page, f"{tag}/{test.id} with an answer missing, {scheme}")
        answer(page, last)
        assert_faultless(page, f"{tag}/{test.id} with its result, {scheme}")


def test_every_test_is_faultless(site: Path, project: Project, browser: Browser) -> None:
    tags, schemes = cycle(reversed(project.handbook.languages)), cycle(SCHEMES)
    for test in questionnaires(project, first_language(project)).values():
        inspect(browser, site, test, next(tags), next(schemes))


@pytest.mark.slow
def test_every_test_is_faultless_in_every_language(
    site: Path, project: Project, browser: Browser
) -> None:
    tests = questionnaires(project, first_language(project)).values()
    for tag, test, scheme in product(project.handbook.languages, tests, SCHEMES):
        inspect(browser, site, test, tag, scheme)


def test_what_is_touched_is_large_enough(site: Path, project: Project, page: Page) -> None:
    tag = first_language(project)
    for key, test in questionnaires(project, tag).items():
        page.goto(address(site, tag, key))
        answers = everywhere(test, 0)
        answers.popitem()
        answer(page, answers)
        show(page)
        small = page.evaluate(SMALLER, TARGET)
        assert small == [], key


SMALLER = """(least) => [...document.querySelectorAll(
    ".test label, .test button, .result button, .jumps a")].filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return Math.min(width, height) < least;
    }).map((element) => element.textContent)"""


def run_by_keyboard(page: Page, test: Assessment, place: int) -> None:
    """Answer an open test with the option at `place`, by keys alone, and ask for the result."""
    for item in test.items:
        tab_to(page, f"document.activeElement.name === {json.dumps(item)}")
        page.keyboard.press("Space")
        for _ in range(place):
            page.keyboard.press("ArrowDown")
    tab_to(page, "document.activeElement.dataset.do === 'show'")
    page.keyboard.press("Enter")


def tab_to(page: Page, there: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
    raise AssertionError(f"no Tab leads to {there}")


def keyboard_run(page: Page, site: Path, project: Project, tag: str) -> None:
    for key, test in questionnaires(project, tag).items():
        page.goto(address(site, tag, key))
        run_by_keyboard(page, test, 1)
        expected = score(test, everywhere(test, 1)).total
        assert page.evaluate("document.activeElement.id") == "result_", (tag, key)
        assert page.locator(".result .total b").first.inner_text() == str(expected.points)
        tab_to(page, "document.activeElement.dataset.do === 'save'")


def test_a_keyboard_is_enough(site: Path, project: Project, page: Page) -> None:
    keyboard_run(page, site, project, first_language(project))


@pytest.mark.slow
def test_a_keyboard_is_enough_in_every_language(site: Path, project: Project, page: Page) -> None:
    for tag in project.handbook.languages:
        keyboard_run(page, site, project, tag)


def test_a_screen_reader_hears_each_item_as_a_group_of_answers(
    site: Path, project: Project, page: Page
) -> None:
    tag = first_language(project)
    for key, test in questionnaires(project, tag).items():
        page.goto(address(site, tag, key))
        groups = page.locator(".test").get_by_role("group")
        for number, group in zip(test.numbers.values(), groups.all(), strict=True):
            name = group.evaluate("group => group.querySelector('legend').textContent")
            assert name.startswith(f"{number} ")
            assert group.get_by_role("radio").count() > 1


def test_the_band_is_neither_seen_nor_heard_before(
    site: Path, project: Project, page: Page
) -> None:
    """The source of the page holds the key; what readers see or hear of it does not."""
    tags = cycle(project.handbook.languages)
    for key in questionnaires(project, first_language(project)):
        tag = next(tags)
        page.goto(address(site, tag, key))
        heard = page.locator("body").aria_snapshot()
        seen = page.locator("body").inner_text()
        texts = page.evaluate(BANDS)
        assert len(texts) == 3 * len(questionnaires(project, tag)[key].bands)
        assert not [text for text in texts if text in heard or text in seen], (tag, key)


BANDS = """() => [...document.getElementById("scoring_").content.querySelectorAll(
    ".band > p, .band dd")].map((element) => element.textContent)"""


# -- privacy ---------------------------------------------------------------------------------


def kept(page: Page) -> dict[str, str]:
    stored: dict[str, str] = page.evaluate("({...localStorage, ...sessionStorage})")
    return stored


def test_nothing_is_kept_unless_asked(site: Path, project: Project, page: Page) -> None:
    tag = first_language(project)
    test = a_test(project, "sections")
    page.goto(address(site, tag, test.id))
    answer(page, everywhere(test, 0))
    show(page)
    assert kept(page) == {}
    assert page.context.cookies() == []
    page.reload()
    assert page.locator(".test [type=radio]:checked").count() == 0


def test_what_is_kept_on_request_returns_and_can_be_cleared(
    site: Path, project: Project, page: Page
) -> None:
    tag, other = project.handbook.languages[:2]
    test = a_test(project, "sections")
    page.goto(address(site, tag, test.id))
    page.evaluate("name => { localStorage[name] = '{}' }", f"answers:default/general/{test.id}@0")
    page.locator(".keep input").check()
    answers = everywhere(test, 1)
    answer(page, answers)
    name = f"answers:default/general/{test.id}@{test.version}"
    assert json.loads(kept(page)[name]) == answers
    page.goto(address(site, other, test.id))
    assert page.locator(".test [type=radio]:checked").count() == len(answers)
    assert kept(page).keys() == {name}, "what belongs to another version is thrown away"
    page.locator(".keep input").uncheck()
    assert kept(page) == {}
    page.locator(".keep input").check()
    assert kept(page).keys() == {name}
    page.locator("[data-do=clear]").click()
    assert kept(page) == {}
    assert page.locator(".test :checked").count() == 0


def test_going_back_to_a_page_that_was_left_finds_no_answers(
    site: Path, project: Project, page: Page
) -> None:
    test = a_test(project, "sections")
    page.goto(address(site, first_language(project), test.id))
    answer(page, everywhere(test, 1))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.locator(".test :checked").count() == 0
    answer(page, everywhere(test, 1))
    page.locator(".keep input").check()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.locator(".test [type=radio]:checked").count() == len(test.items)


# -- on paper and in a file ------------------------------------------------------------------


def save(page: Page) -> Download:
    with page.expect_download() as saving:
        page.locator("[data-do=save]").click()
    return saving.value


def test_a_saved_result_is_a_whole_page(
    site: Path, project: Project, page: Page, tmp_path: Path
) -> None:
    tags = cycle(project.handbook.languages)
    for key in questionnaires(project, first_language(project)):
        tag = next(tags)
        test = questionnaires(project, tag)[key]
        page.goto(address(site, tag, key))
        answers = everywhere(test, 1)
        answers.popitem() if test.prorate else None
        answer(page, answers)
        show(page)
        saved = save(page)
        assert saved.suggested_filename == f"{test.code}.html"
        file = tmp_path / f"{tag}-{key}.html"
        saved.save_as(file)
        said = page.locator(".result .total b").first.inner_text()
        texts = page.locator(".result .band p, .result .band dd").all_inner_texts()
        page.goto(file.as_uri())
        assert page.locator("html").get_attribute("lang") == tag
        assert page.locator(".total b").first.inner_text() == said
        assert page.locator(".band p, .band dd").all_inner_texts() == texts
        assert page.locator("main, section").count() > 0
        assert page.locator("dl > div > dt").count() >= len(test.items)
        assert page.locator("script, a, button").count() == 0
    assert [f"{m.path}:{m.line} {m.text}" for m in nu.check(tmp_path)] == []


def test_printing_shows_the_result(site: Path, project: Project, page: Page) -> None:
    test = a_test(project, "sections")
    page.goto(address(site, first_language(project), test.id))
    answer(page, everywhere(test, 1))
    show(page)
    page.emulate_media(media="print")
    for selector in (".result .total", ".result .sections", ".test fieldset"):
        assert page.locator(selector).first.is_visible(), selector
    for selector in (".intro", ".progress", ".actions"):
        assert not page.locator(selector).first.is_visible(), selector


def test_the_button_prints_the_result_alone(site: Path, project: Project, page: Page) -> None:
    test = a_test(project, "sections")
    page.goto(address(site, first_language(project), test.id))
    answer(page, everywhere(test, 1))
    show(page)
    page.emulate_media(media="print")
    page.evaluate("""window.print = () => {
        window.seen = [".result", ".test"].map((name) => document.querySelector(name))
            .map((element) => element.checkVisibility());
        dispatchEvent(new Event("afterprint"));
    }""")
    page.locator("[data-do=print]").dispatch_event("click")
    assert page.evaluate("window.seen") == [True, False]
    assert page.locator(".test").is_visible()


# -- without script --------------------------------------------------------------------------


def test_without_script_the_sheets_are_there_and_nothing_is_dead(
    project: Project, browser: Browser, tmp_path: Path
) -> None:
    plan = plan_of(project, Selection(documents=("site", "answer-sheet", "scoring-sheet")))
    press = Press(plan, project.themes, project.languages, tmp_path)
    tags = cycle(project.handbook.languages)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        for key in questionnaires(project, first_language(project)):
            tag = next(tags)
            output = plan.find("site", key, Profile(tag, "general", "default"))
            assert output is not None
            page.set_content(press.prepare(output).html())
            hrefs = [link.get_attribute("href") for link in page.locator(".downloads a").all()]
            assert [Path(href or "").suffix for href in hrefs] == [".pdf", ".pdf"], hrefs
            assert page.locator(".downloads a").first.is_visible()
            assert page.locator(".key-hint").is_visible()
            assert page.locator(".assessment > li .stem").count() == len(
                questionnaires(project, tag)[key].items
            )
            assert page.locator("input, button, progress").count() == 0


def test_scoring_has_one_source(site: Path) -> None:
    published = (site / "default/assets/scoring.js").read_bytes()
    assert published == (ROOT / "themes/default/scoring.js").read_bytes()
