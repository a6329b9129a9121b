"""The arithmetic of assessments: totals, bands, and what is wrong with bands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import pytest

from handbook.model.assessment import (
    AssessmentItem,
    Band,
    band_of,
    gaps,
    highest_total,
    lowest_total,
    percentage,
    total,
)
from handbook.model.entries import Assessment
from handbook.model.words import Words
from handbook.pipeline import Project

W = Words("x", "en")
SCALE = {"a": 3, "b": 2, "c": 1}


def band(key: str, start: int, stop: int) -> Band:
    words = {"title": W, "text": W, "strength": W, "next_step": W}
    return Band.model_validate({"id": key, "from": start, "to": stop, **words})


def bands(*ends: tuple[int, int]) -> tuple[Band, ...]:
    return tuple(band(f"b{number}", *pair) for number, pair in enumerate(ends))


def items(*options: str) -> dict[str, AssessmentItem]:
    return {
        str(number): AssessmentItem(stem=W, options=dict.fromkeys(letters, W))
        for number, letters in enumerate(options)
    }


def test_totals_are_sums_of_points() -> None:
    assert total({"1": "a", "2": "c"}, SCALE) == 4
    assert total({}, SCALE) == 0
    with pytest.raises(KeyError):
        total({"1": "d"}, SCALE)


def test_the_ends_are_those_that_answers_reach() -> None:
    chosen = items("abc", "bc", "ab")
    totals = [
        total(dict(zip(chosen, answers, strict=True)), SCALE)
        for answers in product(*(item.options for item in chosen.values()))
    ]
    assert lowest_total(chosen.values(), SCALE) == min(totals) == 4
    assert highest_total(chosen.values(), SCALE) == max(totals) == 8


@pytest.mark.parametrize(
    ("ends", "wrong"),
    [
        ([(3, 5), (6, 9)], []),
        ([(3, 9)], []),
        ([(3, 3), (4, 4), (5, 9)], []),
        ([(3, 5), (7, 9)], [("b1", "begins at 7 points, but should begin at 6")]),
        ([(3, 6), (6, 9)], [("b1", "begins at 6 points, but should begin at 7")]),
        ([(2, 5), (6, 9)], [("b0", "begins at 2 points, but should begin at 3")]),
        ([(4, 5), (6, 9)], [("b0", "begins at 4 points, but should begin at 3")]),
        ([(3, 5), (6, 8)], [("b1", "ends at 8 points, but 9 can be reached")]),
        ([(3, 5), (6, 10)], [("b1", "ends at 10 points, but 9 can be reached")]),
        ([(3, 2), (3, 9)], [("b0", "ends at 2 points, before it begins")]),
        (
            [(6, 9), (3, 5)],
            [
                ("b0", "begins at 6 points, but should begin at 3"),
                ("b1", "begins at 3 points, but should begin at 10"),
                ("b1", "ends at 5 points, but 9 can be reached"),
            ],
        ),
    ],
)
def test_gaps_tell_every_band_that_does_not_join(
    ends: list[tuple[int, int]], wrong: list[tuple[str, str]]
) -> None:
    assert [(found.id, why) for found, why in gaps(bands(*ends), 3, 9)] == wrong


@pytest.mark.parametrize(
    ("points", "expected"), [(3, "b0"), (4, "b0"), (5, "b0"), (6, "b1"), (7, "b1"), (9, "b1")]
)
def test_points_fall_into_the_band_around_them(points: int, expected: str) -> None:
    assert band_of(points, bands((3, 5), (6, 9))).id == expected


@pytest.mark.parametrize("points", [2, 10, -1])
def test_points_beyond_the_ends_fall_into_no_band(points: int) -> None:
    with pytest.raises(ValueError, match=f"{points} points fall into no band"):
        band_of(points, bands((3, 5), (6, 9)))


def assessments(project: Project) -> Iterator[Assessment]:
    for edition in project.editions.values():
        yield from edition.book.assessments.values()


def test_every_cut_score_of_the_book_parts_two_bands(project: Project) -> None:
    found = list(assessments(project))
    assert found
    for assessment in found:
        ordered = tuple(assessment.bands.values())
        for below, above in pairwise(ordered):
            cut = above.minimum
            assert band_of(cut - 1, ordered) is below
            assert band_of(cut, ordered) is above
            assert band_of(cut + 1, ordered) in (above, *ordered[ordered.index(above) + 1 :])


def test_every_total_of_the_book_falls_into_exactly_one_band(project: Project) -> None:
    for assessment in assessments(project):
        bands = tuple(assessment.bands.values())
        for points in range(assessment.lowest, assessment.highest + 1):
            result = points
            if assessment.bands_in == "percent":
                result = percentage(points, assessment.highest)
            holders = [b for b in bands if b.minimum <= result <= b.maximum]
            assert holders == [band_of(result, bands)]


def test_percentages_are_whole_and_halves_are_rounded_up() -> None:
    assert [percentage(points, 200) for points in (40, 99, 139, 140, 200)] == [20, 50, 70, 70, 100]
    assert [percentage(points, 35) for points in (7, 17, 24, 25)] == [20, 49, 69, 71]
