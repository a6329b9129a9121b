"""Layers: how they lie over each other, and what an edition is then made of."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbook.diagnostics import ContentError, Span
from handbook.loading import Project, load
from handbook.model.profile import Profile
from handbook.resolve.coherence import texts_of
from handbook.resolve.editions import Edition, resolve
from handbook.source.nodes import Branch, Node, Scalar, Series, descend, overlay, to_plain
from handbook.source.project import read_project
from tests.minibook import copy_minibook, edit, write

HERE = Span("a.yaml")
GENERAL = Profile("en", "general", "default")
BANK = Profile("en", "bank", "default")


def node_of(value: object) -> Node:
    """Return the node that a file with `value` would give."""
    if isinstance(value, dict):
        return branch_of(value)
    if isinstance(value, list):
        return Series(tuple(map(node_of, value)), HERE)
    assert value is None or isinstance(value, str | int)
    return Scalar(value, "" if value is None else str(value), HERE, "en")


def branch_of(value: dict[str, object]) -> Branch:
    return Branch({key: node_of(child) for key, child in value.items()}, HERE)


def laid(*layers: dict[str, object]) -> object:
    tree = branch_of({})
    for layer in layers:
        tree = overlay(tree, branch_of(layer))
    return to_plain(tree)


@pytest.mark.parametrize(
    ("base", "top", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": (3,)}),
        ({"a": {"b": 1}}, {"a": "x"}, {"a": "x"}),
        ({"a": "x"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": 1}, {"b": None}, {"a": 1}),
        ({"a": 1}, {"b": {"c": None, "d": 2}}, {"a": 1, "b": {"d": 2}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
    ],
)
def test_a_layer_lies_over_another(
    base: dict[str, object], top: dict[str, object], expected: object
) -> None:
    assert laid(base, top) == expected


def random_tree(chance: random.Random, depth: int = 3) -> dict[str, object]:
    """Return a tree in which `m…` are mappings and all else are values, as models have it."""
    keys = chance.sample(["a", "b", "m1", "m2"] if depth else ["a", "b"], chance.randint(0, 2))
    return {
        key: random_tree(chance, depth - 1) if key[0] == "m" else chance.choice([1, "x", [1, 2]])
        for key in keys
    }


def trees(count: int) -> Iterator[list[dict[str, object]]]:
    chance = random.Random(42)
    for _ in range(300):
        yield [random_tree(chance) for _ in range(count)]


def test_the_empty_layer_changes_nothing() -> None:
    for (tree,) in trees(1):
        assert laid(tree, {}) == laid({}, tree) == laid(tree)


def test_a_layer_laid_twice_changes_nothing_more() -> None:
    for base, top in trees(2):
        assert laid(base, top, top) == laid(base, top)


def test_layers_may_be_laid_in_any_grouping() -> None:
    for first, second, third in trees(3):
        upper = overlay(branch_of(second), branch_of(third))
        assert to_plain(overlay(branch_of(first), upper)) == laid(first, second, third)


def test_every_value_of_the_top_layer_is_seen() -> None:
    def paths(
        value: object, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], object]]:
        if isinstance(value, dict) and value:
            for key, child in value.items():
                yield from paths(child, (*path, key))
        elif not isinstance(value, dict):
            yield path, value

    for base, top in trees(2):
        result = overlay(branch_of(base), branch_of(top))
        for path, value in paths(to_plain(branch_of(top))):
            assert to_plain(descend(result, path)) == value


def test_a_layer_leaves_those_below_as_they_were() -> None:
    for base, top in trees(2):
        below, above = branch_of(base), branch_of(top)
        overlay(below, above)
        assert (to_plain(below), to_plain(above)) == (laid(base), laid(top))


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load(copy_minibook(tmp_path_factory.mktemp("mini")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


def edition_of(root: Path, profile: Profile, *, allow_missing: bool = False) -> Edition:
    return resolve(read_project(root), profile, allow_missing=allow_missing)


@pytest.mark.parametrize(
    ("language", "sector", "expected"),
    [
        ("en", "general", "A shop assistant asks what the paint is for."),
        ("el", "general", "Μια πωλήτρια ρωτά για τι είναι το χρώμα."),
        ("en", "bank", "A teller asks what the loan is for."),
        ("el", "bank", "Ένας ταμίας ρωτά για τι είναι το δάνειο."),
    ],
)
def test_a_sector_swaps_an_example(
    mini: Project, language: str, sector: str, expected: str
) -> None:
    book = mini.editions[Profile(language, sector, "default")].book
    assert book.principles["principle-listen"].example.text == expected


def test_a_brand_changes_a_text_in_every_language(mini: Project) -> None:
    titles = {
        (profile.language, profile.brand): edition.book.welcome.title.text
        for profile, edition in mini.editions.items()
    }
    assert titles["en", "default"] == "Welcome"
    assert titles["en", "acme"] == "Welcome to {company}"
    assert titles["el", "acme"] == "Καλώς ήρθατε στην {company}"


def test_the_greek_of_the_base_does_not_hide_the_banks_own_english(root: Path) -> None:
    (root / "locales/el/sectors/bank/principles.yaml").unlink()
    with pytest.raises(ContentError) as caught:
        edition_of(root, Profile("el", "bank", "default"))
    assert [problem.rule for problem in caught.value.problems] == ["untranslated"]
    edition = edition_of(root, Profile("el", "bank", "default"), allow_missing=True)
    example = edition.book.principles["principle-listen"].example
    assert (example.text, example.language) == ("A teller asks what the loan is for.", "en")


def test_the_greek_of_a_sector_does_not_hide_a_brands_own_english(root: Path) -> None:
    text = "principle-listen:\n  example: Acme asks.\n"
    write(root, "themes/acme/content/principles.yaml", text)
    edition = edition_of(root, Profile("el", "bank", "acme"), allow_missing=True)
    assert edition.book.principles["principle-listen"].example.text == "Acme asks."


def test_a_missing_translation_is_told_with_where_to_write_it(root: Path) -> None:
    (root / "themes/acme/locales/el/welcome.yaml").unlink()
    with pytest.raises(ContentError) as caught:
        edition_of(root, Profile("el", "general", "acme"))
    (problem,) = caught.value.problems
    assert str(problem.span) == "themes/acme/content/welcome.yaml:1:8"
    assert "themes/acme/locales/el/welcome.yaml" in problem.hint


def test_what_is_borrowed_keeps_its_language_and_is_counted(root: Path) -> None:
    edit(root, "locales/el/welcome.md", "title: Καλώς ήρθατε\n", "")
    edition = edition_of(root, Profile("el", "general", "default"), allow_missing=True)
    assert edition.borrowed == 1
    assert edition.book.welcome.title.language == "en"
    assert edition.book.welcome.body.language == "el"


def test_all_texts_of_an_edition_are_in_its_language(mini: Project) -> None:
    for profile, edition in mini.editions.items():
        assert {text.language for text in texts_of(edition.book)} == {profile.language}


def test_what_a_sector_leaves_out_stands_nowhere(mini: Project) -> None:
    general, bank = mini.editions[GENERAL], mini.editions[BANK]
    assert "checklist-door" in general.entries
    assert "checklist-door" not in bank.book.entries()
    assert "checklist-door" not in bank.entries
    assert "checklist-door" not in bank.places
    assert all("checklist-door" not in keys for p in bank.parts for keys in p.chapters.values())
    assert "note-counter" not in general.entries


def test_entries_stand_in_the_order_of_the_outline(mini: Project) -> None:
    edition = mini.editions[BANK]
    assert list(edition.entries) == [
        "principle-listen",
        "concept-loyalty",
        "calc-loss",
        "exercise-scene",
        "test-care",
        "note-counter",
    ]
    practice = [entry.id for entry in edition.entries_of("chapter-practice")]
    assert practice == ["exercise-scene", "test-care", "note-counter"]


def test_chapters_are_numbered_through_and_entries_know_theirs(mini: Project) -> None:
    edition = mini.editions[GENERAL]
    assert [place.number for place in edition.chapters.values()] == [1, 2]
    assert edition.places["test-care"].chapter.id == "chapter-practice"
    assert edition.places.keys() == edition.entries.keys()


def test_worksheets_are_those_that_entries_use(mini: Project) -> None:
    assert list(mini.editions[GENERAL].worksheets) == ["worksheet-notes"]


def test_a_worksheet_that_no_entry_uses_is_left_out(root: Path) -> None:
    edit(root, "content/principles/principle-listen.md", "worksheet: worksheet-notes\n", "")
    assert not edition_of(root, GENERAL).worksheets


def test_a_chapter_that_is_left_out_takes_its_entries_and_its_number_along(root: Path) -> None:
    write(root, "content/sectors/bank/chapters.yaml", "chapter-start: null\n")
    edition = edition_of(root, BANK)
    assert {key: place.number for key, place in edition.chapters.items()} == {"chapter-practice": 1}
    assert edition.places.keys() == edition.entries.keys()
    assert "principle-listen" not in edition.entries
    assert not edition.worksheets


def test_a_part_without_chapters_is_left_out(root: Path) -> None:
    old = "deliverables:"
    edit(root, "content/handbook.yaml", old, f"  empty:\n    title: Empty\n{old}")
    assert [part.id for part in edition_of(root, GENERAL).parts] == ["basics"]


def test_a_chapter_in_two_parts_is_told(root: Path) -> None:
    more = "  more:\n    title: More\n    chapters:\n      chapter-start: []\n"
    edit(root, "content/handbook.yaml", "deliverables:", f"{more}deliverables:")
    with pytest.raises(ContentError, match="“chapter-start” stands in the outline twice"):
        edition_of(root, GENERAL)


def test_things_know_their_ids(mini: Project) -> None:
    book = mini.editions[GENERAL].book
    assert all(entry.id == key for key, entry in book.entries().items())
    assert book.concepts["concept-loyalty"].anchors == ("habit", "joy")
    assert [name for name, things in book.collections() if things] == [
        "principles",
        "concepts",
        "checklists",
        "calculators",
        "exercises",
        "assessments",
    ]


def test_a_text_knows_the_place_of_its_links_and_placeholders(mini: Project) -> None:
    book = mini.editions[GENERAL].book
    links = dict(book.principles["principle-listen"].body.placed_links())
    assert {target: str(span).partition(":")[2] for target, span in links.items()} == {
        "concept-loyalty#habit": "12:22",
        "term-loyalty": "13:9",
        "calc-loss": "13:38",
    }
    ((_, span),) = book.concepts["concept-loyalty"].body.placed_placeholders()
    assert str(span) == "content/concepts/concept-loyalty.yaml:6:25"
