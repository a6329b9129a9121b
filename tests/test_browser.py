"""The site in a real browser: no error, no outside request, nothing that axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from handbook.loading import Project
from handbook.model.entries import Entry
from tests.conftest import whole_brands
from tests.validators import axe


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    yield page
    page.close()


def one_of_each_kind(project: Project) -> list[str]:
    """Return a page of every type, and of every kind of entry."""
    edition = next(iter(project.editions.values()))
    kinds: dict[str, Entry] = {}
    for entry in edition.entries.values():
        kinds.setdefault(entry.kind, entry)
    chapter = next(iter(edition.chapters))
    pages = ["index", edition.front[0].id, chapter, "glossary", "register", "sheets"]
    return [*pages, *(entry.id for entry in kinds.values())]


def address(site: Path, project: Project, number: int, tag: str) -> str:
    """Return a page of the type `number` in the language `tag`; the brands take turns."""
    brands = whole_brands(project)
    brand = brands[number % len(brands)]
    name = one_of_each_kind(project)[number]
    return (site / brand / tag / "general" / f"{name}.html").as_uri()


def assert_faultless(browser: Browser, address: str) -> None:
    report = axe.inspect(browser, address, width=360, height=740)
    assert report.violations == (), address
    assert report.console_errors == (), address
    assert report.outside_requests == (), address


def test_start_pages_and_every_page_type_are_faultless(
    site: Path, project: Project, browser: Browser
) -> None:
    for start in (site / "index.html", site / "aldervik" / "index.html"):
        assert_faultless(browser, start.as_uri())
    tags = cycle(project.handbook.languages)
    for number, _ in enumerate(one_of_each_kind(project)):
        assert_faultless(browser, address(site, project, number, next(tags)))


@pytest.mark.slow
def test_every_page_type_in_every_language_is_faultless(
    site: Path, project: Project, browser: Browser
) -> None:
    for tag in project.handbook.languages:
        for number, _ in enumerate(one_of_each_kind(project)):
            assert_faultless(browser, address(site, project, number, tag))


@pytest.mark.slow  # figures and tests are looked at in the dark by each run, colours by their table
def test_dark_mode_is_readable(site: Path, project: Project, browser: Browser) -> None:
    for name, brand in zip(one_of_each_kind(project), cycle(whole_brands(project)), strict=False):
        address = (site / brand / "en" / "general" / f"{name}.html").as_uri()
        report = axe.inspect(browser, address, color_scheme="dark")
        assert report.violations == (), address


def test_switching_lands_on_the_same_entry(site: Path, page: Page) -> None:
    page.goto((site / "default/en/bank/game-yes-and.html").as_uri())
    page.locator("details.choice", has_text="English").locator("summary").click()
    page.locator("a[hreflang=el][lang=el]").click()
    assert page.url.endswith("/el/bank/game-yes-and.html")
    page.locator("details.choice").first.locator("summary").click()
    page.locator("details.choice").first.locator("a").last.click()
    assert page.url.endswith("/el/tourism/game-yes-and.html")
    assert page.locator("html").get_attribute("lang") == "el"


def test_everything_works_without_script(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.locator("a[hreflang=nb]").first.click()
    page.locator("a.button").click()
    page.locator("details.contents summary").click()
    page.locator("details.contents a").nth(3).click()
    page.locator("details.choice", has_text="Norsk").locator("summary").click()
    page.locator("a[hreflang=ru][lang=ru]").click()
    assert "/ru/" in page.url
    assert page.locator("h1").inner_text()
    context.close()


def test_nothing_is_wider_than_a_small_phone(
    site: Path, project: Project, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for tag in project.handbook.languages:
        for name in one_of_each_kind(project):
            page.goto((site / "aldervik" / tag / "general" / f"{name}.html").as_uri())
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, f"{tag}/{name} is {width} px wide"
    page.close()


def test_calculators_compute_what_the_printed_example_says(
    site: Path, project: Project, page: Page
) -> None:
    edition = next(iter(project.editions.values()))
    for calculator in edition.book.calculators.values():
        page.goto((site / "default/en/general" / f"{calculator.id}.html").as_uri())
        for row in page.locator(".calculator .results tr").all():
            example, own = row.locator("td").all_inner_texts()
            assert own == example, calculator.id


def test_a_calculator_follows_the_readers_figures(site: Path, page: Page) -> None:
    page.goto((site / "default/en/general/calc-lost-customer-cost.html").as_uri())
    page.locator("[data-input=first-year] input").fill("20000")
    assert page.locator("[data-output=sales]").inner_text() == "€120,000"


def test_escape_closes_a_choice(site: Path, page: Page) -> None:
    page.goto((site / "default/en/general/index.html").as_uri())
    summary = page.locator("details.choice summary").first
    summary.click()
    page.keyboard.press("Escape")
    assert page.locator("details.choice[open]").count() == 0


def test_printing_a_page_leaves_the_text_alone(site: Path, page: Page) -> None:
    page.goto((site / "default/en/general/principle-flexibility.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".contents").is_visible()
    assert not page.locator(".choices").is_visible()
    assert page.locator("h1").is_visible()


def calculators(project: Project) -> list[str]:
    return list(next(iter(project.editions.values())).book.calculators)


def test_a_calculator_takes_no_absurd_figure_in_silence(site: Path, page: Page) -> None:
    page.goto((site / "default/en/general/calc-lost-customer-cost.html").as_uri())
    years = page.locator("[data-input=years] input")
    sales = page.locator("[data-output=sales]")
    message = page.locator("tr:has([data-input=years]) .error")
    for absurd in ("-1", "0", "61", "2.5", ""):
        years.fill(absurd)
        assert sales.inner_text() == "–", absurd
        assert "1 to 60" in message.inner_text()
        assert years.get_attribute("aria-invalid") == "true"
        assert years.get_attribute("aria-describedby") == message.get_attribute("id")
    years.fill("2")
    assert sales.inner_text() == "€22,000"
    assert message.inner_text() == ""


def test_a_row_with_an_absurd_figure_does_not_count(site: Path, page: Page) -> None:
    page.goto((site / "default/en/general/calc-service-gap.html").as_uri())
    before = page.locator("[data-output=mean-gap]").inner_text()
    row = page.locator("[data-row]").nth(5)
    row.locator("[data-column=expected] input").fill("70")
    row.locator("[data-column=received] input").fill("1")
    assert "1 to 7" in page.locator("p.error").inner_text()
    assert row.locator("[data-result=gap]").inner_text() == ""
    assert page.locator("[data-output=mean-gap]").inner_text() == before


def test_a_calculator_returns_to_its_example(site: Path, project: Project, page: Page) -> None:
    for calculator in calculators(project):
        page.goto((site / "default/en/general" / f"{calculator}.html").as_uri())
        results = page.locator("[data-output]")
        before = results.all_inner_texts()
        for field in page.locator("div.calculator input[type=number]").all():
            field.fill("3")
        assert results.all_inner_texts() != before, calculator
        page.get_by_role("button", name="Reset to the example").click()
        assert results.all_inner_texts() == before, calculator


def test_calculators_need_no_sideways_scrolling_on_a_phone(
    site: Path, project: Project, page: Page
) -> None:
    """Where readers enter single figures; a table of many columns scrolls in itself."""
    for tag in project.handbook.languages:
        for calculator in calculators(project):
            page.goto((site / "default" / tag / "general" / f"{calculator}.html").as_uri())
            table = page.locator(".table:has(.results)")
            overhang = table.evaluate("box => box.scrollWidth - box.clientWidth")
            assert overhang == 0, f"{tag}/{calculator}"


def test_a_printed_calculator_shows_the_example_and_the_readers_figures(
    site: Path, page: Page
) -> None:
    page.goto((site / "default/en/general/calc-lost-customer-cost.html").as_uri())
    page.locator("[data-input=years] input").fill("2")
    page.emulate_media(media="print")
    assert page.locator("tr:has([data-output=sales]) .example").inner_text() == "€70,000"
    assert page.locator("[data-output=sales]").inner_text() == "€22,000"
    assert page.locator("[data-input=years] input").is_visible()
    assert not page.get_by_role("button", name="Reset to the example").is_visible()


def test_every_calculator_is_faultless(site: Path, project: Project, browser: Browser) -> None:
    tags = cycle(project.handbook.languages)
    for calculator in calculators(project):
        page = site / "default" / next(tags) / "general" / f"{calculator}.html"
        assert_faultless(browser, page.as_uri())
