"""The plan: every output known beforehand, every reference resolved or refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from handbook.diagnostics import ContentError, Span, UsageError
from handbook.loading import Project, load
from handbook.model.profile import Profile
from handbook.model.reference import Reference, is_outside, parse_reference
from handbook.pipeline import plan_of
from handbook.plan.documents import DOCUMENTS
from handbook.plan.plan import Plan, Selection, Target, find_target, relative_link
from tests.conftest import whole_brands
from tests.minibook import copy_minibook, edit

BANK = Profile("nb", "bank", "aldervik")
GENERAL = Profile("el", "general", "default")


@pytest.fixture(scope="module")
def everything(project: Project) -> Plan:
    return plan_of(project, Selection(everything=True))


def target(project: Project, reference: str, profile: Profile) -> Target | str:
    parsed = parse_reference(reference)
    assert parsed is not None
    return find_target(parsed, profile, project.editions)


def test_no_two_outputs_share_a_path(everything: Plan) -> None:
    paths = [output.path.casefold() for output in everything.outputs]
    assert len(paths) == len(set(paths))


def test_everything_means_every_document_of_every_edition(
    everything: Plan, project: Project
) -> None:
    for profile in project.editions:
        made = {d.id for d in DOCUMENTS if list(everything.of(profile, d.id))}
        assert made == {document.id for document in DOCUMENTS}


def test_by_default_the_deliverables_are_made(project: Project) -> None:
    plan = plan_of(project, Selection())
    printed = {o.profile for o in plan.outputs if o.document == "handbook"}
    sites = {o.profile for o in plan.outputs if o.document == "site" and o.page == "entry"}
    whole = whole_brands(project)
    assert sites == {
        *(profile for profile in project.editions if profile.brand in whole),
        Profile("ru", "tourism", "vindrosa"),
        Profile("nb", "education", "klarigo"),
    }
    languages = project.handbook.languages
    assert printed == {
        *(Profile(tag, "general", "default") for tag in languages),
        *(Profile(tag, "bank", "aldervik") for tag in ("el", "zh-Hans")),
    }


def test_a_document_that_is_named_is_made_beside_one_of_the_deliverables(project: Project) -> None:
    language, sector, brand = project.handbook.languages[0], "general", "default"
    named = ("answer-sheet", "fold-sheet")
    plan = plan_of(project, Selection(named, (language,), (sector,), (brand,)))
    assert {output.document for output in plan.outputs} == set(named)


def test_what_is_asked_for_beyond_the_deliverables_is_made_too(project: Project) -> None:
    selection = Selection(
        documents=("handbook",), languages=("ro",), sectors=("tourism",), brands=("default",)
    )
    (output,) = plan_of(project, selection).outputs
    assert output.path == "default/ro/tourism/pdf/handbook-tourism-ro.pdf"


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(languages=("no",)), "--language no: there is no such language"),
        (Selection(sectors=("banks",)), "did you mean “bank”?"),
        (Selection(brands=("alderwik",)), "did you mean “aldervik”?"),
        (Selection(documents=("worksheets",)), "did you mean “worksheet”?"),
        (Selection(documents=("letter",)), "certificate, "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unknown_names_are_refused(project: Project, selection: Selection, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan_of(project, selection)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "path", "anchor"),
    [
        ("principle-flexibility", "el/general/principle-flexibility.html", ""),
        ("concept-human-orientation#colleague", "concept-human-orientation.html", "colleague"),
        ("step-1-needs", "el/general/step-1-needs.html", ""),
        ("term-loyalty", "el/general/glossary.html", "term-loyalty"),
        ("worksheet-small-talk", "pdf/worksheet-W15-small-talk-general-el.pdf", ""),
        ("test-responsibility@answer-sheet", "pdf/answer-sheet-TS1-test-responsibility", ""),
        ("principle-flexibility@handbook", "pdf/handbook-general-el.pdf", "principle-flexibility"),
        ("sector-bank@bank", "el/bank/sector-bank.html", ""),
        ("step-1-analyse-needs@ru", "ru/general/step-1-analyse-needs.html", ""),
        ("sector-tourism@tourism@zh-Hans", "zh-Hans/tourism/sector-tourism.html", ""),
    ],
)
def test_references_lead_across_chapters_documents_languages_and_sectors(
    project: Project, everything: Plan, reference: str, path: str, anchor: str
) -> None:
    found = target(project, reference, GENERAL)
    assert isinstance(found, Target)
    place = everything.locate(found)
    assert place is not None
    output, where = place
    assert path in output.path
    assert where == anchor


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("sector-retail", "the edition bank leaves out “sector-retail”"),
        ("sector-tourism", "the edition bank leaves out “sector-tourism”"),
        ("principle-flexibilty", "did you mean “principle-flexibility”?"),
        ("concept-human-orientation#nobody", "has no item “nobody”"),
        ("principle-flexibility@nowhere", "“@nowhere” is no document, language or sector"),
    ],
)
def test_references_into_the_void_say_why(project: Project, reference: str, why: str) -> None:
    found = target(project, reference, BANK)
    assert isinstance(found, str)
    assert why in found


def test_a_link_into_what_a_sector_leaves_out_is_an_error_with_its_place(tmp_path: Path) -> None:
    root = copy_minibook(tmp_path)
    editions = load(root).editions
    bank = editions[Profile("en", "bank", "default")].entries
    general = editions[Profile("en", "general", "default")].entries
    left_out = next(key for key in general if key not in bank)
    expected = []
    for path in ("content/welcome.md", "locales/el/welcome.md", "locales/zh-Hans/welcome.md"):
        lines = (root / path).read_text(encoding="utf-8").rstrip().splitlines()
        edit(root, path, lines[-1], f"{lines[-1]} [x]({left_out})")
        expected.append(Span(path, len(lines), len(lines[-1]) + 6))
    with pytest.raises(ContentError) as caught:
        load(root)
    told = [problem for problem in caught.value.problems if "leaves out" in problem.message]
    assert [problem.span for problem in told] == expected[:1]  # the translations only echo it


@pytest.mark.parametrize(
    ("source", "destination", "link"),
    [
        ("a/en/general/x.html", "a/en/general/y.html", "y.html"),
        ("a/en/general/x.html", "a/el/general/x.html", "../../el/general/x.html"),
        ("a/index.html", "a/en/general/index.html", "en/general/index.html"),
        ("index.html", "a/index.html", "a/index.html"),
        ("a/en/general/x.html", "a/en/general/pdf/z.pdf", "pdf/z.pdf"),
    ],
)
def test_relative_links(source: str, destination: str, link: str) -> None:
    assert relative_link(source, destination) == link


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("gap", Reference("gap")),
        ("gap#one@bank@el", Reference("gap", "one", ("bank", "el"))),
        ("javascript:alert(1)", None),
        ("../secret", None),
        ("Gap", None),
    ],
)
def test_references_are_parsed(text: str, reference: Reference | None) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("https://example.org", True),
        ("mailto:a@example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_safe_addresses_lead_outside(address: str, outside: bool) -> None:
    assert is_outside(address) is outside
