"""The site as a machine reads it: languages, switchers, navigation, links, sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from handbook.loading import Project
from handbook.model.profile import Profile
from handbook.pipeline import plan_of
from handbook.plan.plan import Plan, Selection
from handbook.resolve.editions import Edition
from tests.conftest import ROOT, whole_brands
from tests.validators import nu

MAXIMUM_PAGE = 60_000
"""Bytes of HTML, so that a page opens at once on a phone."""


@pytest.fixture(scope="module")
def plan(project: Project) -> Plan:
    return plan_of(project, Selection(documents=("site",)))


def whole_sites(project: Project) -> dict[Profile, Edition]:
    """Return the editions of the brands whose sites are made in all languages and sectors."""
    brands = whole_brands(project)
    return {p: edition for p, edition in project.editions.items() if p.brand in brands}


def parse(site: Path, path: str) -> html.HtmlElement:
    return html.document_fromstring((site / path).read_bytes())


def pages_of(plan: Plan, profile: Profile) -> list[str]:
    return [output.path for output in plan.of(profile, "site") if output.page != "choose"]


def test_every_planned_page_is_there(site: Path, plan: Plan) -> None:
    assert [output.path for output in plan.outputs if not (site / output.path).is_file()] == []


def test_every_page_says_its_language_and_its_others(
    site: Path, plan: Plan, project: Project
) -> None:
    tags = set(project.handbook.languages)
    for profile in whole_sites(project):
        for path in pages_of(plan, profile):
            tree = parse(site, path)
            assert tree.get("lang") == profile.language, path
            alternates = tree.xpath("//link[@rel='alternate']/@hreflang")
            assert set(alternates) == {*tags, "x-default"}, path


def test_alternates_answer_each_other(site: Path, plan: Plan, project: Project) -> None:
    profile = Profile(project.handbook.languages[0], "bank", "default")
    for path in pages_of(plan, profile):
        for other in alternates_of(site, path):
            assert path in alternates_of(site, other), (path, other)


def alternates_of(site: Path, path: str) -> list[str]:
    links = parse(site, path).xpath("//link[@rel='alternate'][@hreflang!='x-default']/@href")
    folder = (site / path).parent
    return [(folder / link).resolve().relative_to(site.resolve()).as_posix() for link in links]


def test_switchers_stay_on_the_entry(site: Path, project: Project) -> None:
    for profile, edition in whole_sites(project).items():
        shared = set(edition.entries).intersection(
            *(other.entries for p, other in project.editions.items() if p.brand == profile.brand)
        )
        folder = f"{profile.brand}/{profile.language}/{profile.sector}"
        for entry in shared:
            hrefs = parse(site, f"{folder}/{entry}.html").xpath(
                "//details[contains(@class,'choice')]//a/@href"
            )
            assert hrefs
            assert all(href.endswith(f"{entry}.html") for href in hrefs), (folder, entry)


def test_every_entry_knows_its_way(site: Path, project: Project) -> None:
    for profile, edition in whole_sites(project).items():
        folder = f"{profile.brand}/{profile.language}/{profile.sector}"
        for entry in edition.entries:
            tree = parse(site, f"{folder}/{entry}.html")
            crumbs = tree.xpath("//nav[@class='crumbs']//li")
            assert len(crumbs) == 3, entry
            chapter = edition.places[entry].chapter.id
            assert f"{chapter}.html" in tree.xpath("//nav[@class='crumbs']//a/@href")
            assert tree.xpath("//nav[@class='turn']/a[@rel='prev']"), entry
            assert tree.xpath("//nav[@class='turn']/a[@rel='next']"), entry
            assert len(tree.xpath("//h1")) == 1


def test_reading_forward_meets_every_page_once(site: Path, project: Project) -> None:
    for profile, edition in whole_sites(project).items():
        folder = site / profile.brand / profile.language / profile.sector
        seen = ["index.html"]
        while following := html.document_fromstring((folder / seen[-1]).read_bytes()).xpath(
            "//a[@rel='next']/@href"
        ):
            assert following[0] not in seen
            seen.append(following[0])
        pages = (*edition.front, *edition.chapters, *edition.entries, *edition.back)
        assert len(seen) == len(pages) + len(["index", "glossary", "register"])


def test_a_sector_shows_no_trace_of_what_it_leaves_out(site: Path, project: Project) -> None:
    for profile, edition in whole_sites(project).items():
        everything = {key for other in project.editions.values() for key in other.entries}
        absent = everything - set(edition.entries)
        folder = site / profile.brand / profile.language / profile.sector
        assert absent
        for page in folder.glob("*.html"):
            text = page.read_text(encoding="utf-8")
            main = text[text.index('<div class="columns">') :]
            assert not [key for key in absent if f"{key}.html" in main], page


def test_pages_ask_nothing_of_other_hosts(site: Path) -> None:
    for page in site.rglob("*.html"):
        tree = html.document_fromstring(page.read_bytes())
        outside = tree.xpath("//@src[contains(.,'//')] | //link/@href[contains(.,'//')]")
        assert outside == [], page


def test_pages_are_small(site: Path) -> None:
    large = {
        p.name: p.stat().st_size for p in site.rglob("*.html") if p.stat().st_size > MAXIMUM_PAGE
    }
    assert large == {}


def test_no_key_is_read_on_the_site(site: Path, project: Project) -> None:
    """Points and bands are shown only with a result.

    The source of the page holds both, because a page that scores itself must count without a
    server; whoever opens the source can find them.
    """
    for profile, edition in whole_sites(project).items():
        folder = f"{profile.brand}/{profile.language}/{profile.sector}"
        for assessment in edition.book.assessments.values():
            tree = parse(site, f"{folder}/{assessment.id}.html")
            assert len(tree.xpath("//template//*[@class='band']")) == len(assessment.bands)
            for silent in tree.xpath("//main//template | //main//script"):
                silent.drop_tree()
            text = tree.text_content()
            assert not [b for b in assessment.bands.values() if b.next_step.text in text]
            assert not tree.xpath("//*[@class='key']")


def test_the_brand_is_on_its_pages(site: Path, project: Project) -> None:
    for profile in whole_sites(project):
        folder = f"{profile.brand}/{profile.language}/{profile.sector}"
        text = (site / folder / "index.html").read_text(encoding="utf-8")
        theme = project.themes[profile.brand]
        name = theme.company(profile.language).get("name", "")
        assert name in text
        assert all(line in text for line in theme.file.contact)
        assert bool(theme.logo_name) == ("logo." in text)


def test_borrowed_texts_say_their_language(make_borrowed: Path) -> None:
    page = make_borrowed / "default/el/general/principle-flexibility.html"
    tree = html.document_fromstring(page.read_bytes())
    assert tree.get("lang") == "el"
    borrowed = tree.xpath("//main//*[@lang='en']")
    assert borrowed
    assert tree.xpath("//main//p[@class='notice']")


@pytest.fixture(scope="module")
def make_borrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in Greek from which one Greek file was taken away."""
    import shutil

    from handbook import loading, pipeline
    from tests.conftest import Quiet

    root = tmp_path_factory.mktemp("borrowed")
    for name in ("content", "locales", "themes"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("NotoSans*"))
    (root / "locales/el/principles/principle-flexibility.md").unlink()
    project = loading.load(root, allow_missing=True)
    selection = Selection(
        documents=("site",), languages=("el",), sectors=("general",), brands=("default",)
    )
    pipeline.build(project, selection, root / "public", root / ".cache", 1, "", Quiet())
    return root / "public"


def test_pages_are_valid_html(site: Path) -> None:
    """One of seven, which meets every type of page in every language; `--all` has the others."""
    assert [f"{m.path}:{m.line} {m.text}" for m in nu.check(site, step=7)][:20] == []


@pytest.mark.slow
def test_every_page_is_valid_html(site: Path) -> None:
    assert [f"{m.path}:{m.line} {m.text}" for m in nu.check(site)][:20] == []


def test_the_style_sheet_is_valid(site: Path) -> None:
    sheets = sorted(site.glob("*/assets/site.css"))
    assert sheets
    errors = [message.text for message in nu.check_css(sheets) if message.severity == "error"]
    # The checker does not know the container queries of CSS Containment 3.
    assert [error for error in errors if "container" not in error] == []


def test_one_page_takes_its_links_from_the_plan(
    site: Path, make: Callable[[Selection], Path]
) -> None:
    """A build of one language links to nothing that this build does not make."""
    alone = make(Selection(documents=("site",), languages=("nb",), sectors=("general",)))
    page = html.document_fromstring((alone / "default/nb/general/index.html").read_bytes())
    assert page.xpath("//link[@rel='alternate']/@hreflang") == ["nb", "x-default"]
    assert not page.xpath("//details[contains(@class,'choice')]")
