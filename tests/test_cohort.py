"""Groups: figures, what protects people, tables of answers, the report in every language."""

from __future__ import annotations

import csv
import io
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations_with_replacement, product
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.diagnostics import ContentError, UsageError
from handbook.exchange.files import write_files
from handbook.exchange.responses.group import find_instrument, score_group
from handbook.exchange.responses.table import read_responses
from handbook.loading import Project
from handbook.model.cohort import (
    CLASSES,
    MINIMUM,
    NONE,
    SINGLED_OUT,
    Cell,
    Distribution,
    Respondent,
    Runs,
    cohort,
    distributions,
    figures,
    net_promoter_interval,
    pooled,
    runs,
)
from handbook.model.instrument import Instrument
from handbook.model.profile import Profile
from handbook.model.scoring import score
from handbook.model.words import Words
from handbook.plan.plan import Plan
from handbook.render.compose import Composer
from handbook.render.report import print_report
from tests.command import book_with_fonts, handbook, snapshot
from tests.test_instruments import CHOICE, instrument_of
from tests.validators import axe, nu, verapdf

DAY = date(2026, 3, 1)
Counts = tuple[int, ...]


# -- figures -------------------------------------------------------------------------------


def test_figures_by_hand() -> None:
    found = figures([9, 12, 14, 15, 18, 18, 20, 21, 24, 27])
    assert found is not None
    assert found.mean == 17.8
    assert found.median == 18
    assert found.quartiles == (14.25, 20.75)  # the places 1 + 9 · ¼ and 1 + 9 · ¾
    # Squares of the distances: 77.44 + 33.64 + 14.44 + 7.84 + 0.04 · 2 + 4.84 + 10.24 + 38.44
    # + 84.64 = 271.6; divided by nine
    assert found.deviation == pytest.approx((271.6 / 9) ** 0.5)
    shown = found.rounded()
    assert (shown.mean, shown.median, shown.quartiles, shown.deviation) == (18, 18, (14, 21), 5)


@given(st.lists(st.integers(0, 200), min_size=10, max_size=60))
def test_figures_agree_with_the_standard_library(values: list[int]) -> None:
    found = figures(values)
    assert found is not None
    assert found.mean == statistics.mean(values)
    assert found.median == statistics.median(values)
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    assert found.quartiles == (lower, upper)
    assert found.deviation == pytest.approx(statistics.stdev(values))
    digits = 1 if len(values) >= 20 else 0
    assert abs(found.rounded().mean - found.mean) <= 0.5 / 10**digits + 1e-9


def test_halves_are_rounded_up() -> None:
    found = figures([2, 2, 2, 3, 3, 3, 2, 3, 2, 3])
    assert found is not None
    assert found.mean == 2.5
    assert found.rounded().mean == 3


def test_few_people_have_no_figures_and_some_only_a_mean() -> None:
    assert figures([]) is None
    assert figures([9] * 4) is None
    five = figures([9, 10, 11, 12, 27])
    assert five is not None
    assert (five.count, five.mean) == (5, 13.8)
    assert (five.median, five.quartiles, five.deviation) == (None, None, None)
    assert figures([9] * 7, minimum=8) is None


# -- protection ----------------------------------------------------------------------------


def tables(columns: int, people: int) -> Iterator[Counts]:
    """Yield every way in which so many people can be spread over so many columns."""
    if columns == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in tables(columns - 1, people - first):
            yield (first, *rest)


def printed(row: Sequence[int], together: Runs) -> tuple[tuple[int, int, int], ...]:
    """Return what a reader sees of a row: the columns of each cell, and its count."""
    return tuple((run.start, run.stop, sum(row[run.start : run.stop])) for run in together)


def test_columns_are_put_together_with_their_neighbours() -> None:
    def seen(*row: int) -> list[int]:
        return [count for _, _, count in printed(row, runs(row))]

    assert seen(4, 5, 6) == [4, 5, 6]
    assert seen(0, 5, 0) == [0, 5, 0]
    assert seen(1, 5, 6) == [6, 6]
    assert seen(5, 6, 2) == [5, 8]
    assert seen(1, 1, 1, 4) == [3, 4]
    assert seen(9, 1) == [10]
    assert seen(6, 0, 2) == [8]


Seen = tuple[Distribution | None, ...]


def seen_of(*rows: Counts) -> Seen:
    """Return what a reader sees of a table: the row of all, and those of groups if there are.

    The last column holds people without an answer.
    """
    columns = (*map(str, range(len(rows[0]) - 1)), NONE)
    everybody = tuple(sum(counts) for counts in zip(*rows, strict=True))
    return distributions(columns, everybody, *(rows if len(rows) > 1 else ()))


def shared_answer(row: Counts) -> int | None:
    """Return the column in which all are who have answered, if there is one."""
    filled = [column for column, count in enumerate(row[:-1]) if count]
    return filled[0] if len(filled) == 1 else None


def betrayed(cases: Sequence[tuple[Counts, ...]]) -> Iterator[str]:
    """Yield what somebody who knows the rules learns of people if all `cases` look the same."""
    for row in range(len(cases[0])):
        shared = {shared_answer(case[row]) for case in cases}
        if len(shared) == 1 and None not in shared:
            yield f"all of row {row} have answered {shared}"
        for column in range(len(cases[0][row])):
            counts = {case[row][column] for case in cases}
            if len(counts) == 1 and counts & {1, 2}:
                yield f"{counts} of row {row} are in column {column}"


@pytest.mark.parametrize(("columns", "most"), [(2, 14), (3, 13), (4, 11), (5, 9), (6, 8)])
def test_no_answer_can_be_found_even_by_who_knows_the_rules(columns: int, most: int) -> None:
    """For every table another looks the same and hides other counts, another shared answer."""
    for people in range(MINIMUM, most + 1):
        lookalikes: dict[Seen, list[tuple[Counts, ...]]] = defaultdict(list)
        for counts in tables(columns + 1, people):  # and how many people there are is known
            lookalikes[seen_of(counts)].append((counts,))
        assert (len(lookalikes) > 1) == (people >= 2 * (SINGLED_OUT + 1))
        for seen, cases in lookalikes.items():
            for cell in (cell for row in seen if row for cell in row.cells):
                assert cell.count == 0 or cell.count > SINGLED_OUT
            assert [*betrayed(cases)] == [], (seen, cases)


@pytest.mark.parametrize(
    ("columns", "sizes"),
    [
        (2, (5, 5)),
        (2, (6, 7)),
        (2, (6, 9)),
        (3, (5, 6)),
        (3, (6, 7)),
        pytest.param(2, (5, 6, 7), marks=pytest.mark.slow),
    ],
)
def test_no_groups_answer_can_be_found_from_all_and_the_other_groups(
    columns: int, sizes: tuple[int, ...]
) -> None:
    lookalikes: dict[Seen, list[tuple[Counts, ...]]] = defaultdict(list)
    for rows in product(*(tables(columns + 1, size) for size in sizes)):
        lookalikes[seen_of(*rows)].append(rows)
    assert len(lookalikes) > 1
    for seen, cases in lookalikes.items():
        assert [*betrayed(cases)] == [], (seen, cases)


def test_a_shared_answer_is_not_shown() -> None:
    columns = ("c", "b", "a", NONE)
    assert distributions(columns, (5, 0, 0, 0)) == (None,)
    assert distributions(columns, (50, 0, 0, 4)) == (None,)
    assert distributions(columns, (2, 3, 0, 0)) == (None,)
    assert all(distributions(columns, (5, 5, 0, 0)))
    everybody, *groups = distributions(columns, (8, 3, 0, 0), (5, 0, 0, 0), (3, 3, 0, 0))
    assert everybody
    assert groups == [None, None]


def test_one_person_without_an_answer_is_not_told() -> None:
    [row] = distributions(("c", "b", NONE), (3, 4, 1))
    assert row == Distribution((Cell(("c",), 3), Cell(("b", NONE), 5)))
    assert row.mean({"c": 1, "b": 3}) == pytest.approx((1, 18 / 8))
    [row] = distributions(("c", "b", NONE), (3, 5, 4))
    assert row is not None
    assert (row.count, row.answered) == (12, 8)
    assert row.mean({"c": 1, "b": 3}) == (2.25, 2.25)


@given(st.lists(st.sampled_from("ABCDE") | st.just(""), min_size=1, max_size=40))
def test_groups_that_are_shown_are_large_enough_and_so_is_the_rest(groups: list[str]) -> None:
    shown_as = pooled(groups)
    assert shown_as.keys() == set(groups)
    sizes: dict[str, int] = defaultdict(int)
    for group in groups:
        assert shown_as[group] in (group, "")
        sizes[shown_as[group]] += 1
    if len(groups) >= MINIMUM:
        assert min(sizes.values()) >= MINIMUM


def test_small_groups_take_the_smallest_large_one_with_them() -> None:
    assert pooled("A" * 9 + "B" * 5 + "C" * 2) == {"A": "A", "B": "", "C": ""}
    assert pooled("A" * 9 + "C" * 3 + "D" * 2) == {"A": "A", "C": "", "D": ""}
    assert pooled("A" * 9) == {"A": "A"}


@given(st.lists(st.integers(0, 12), min_size=2, max_size=6).filter(lambda row: sum(row) >= 5))
def test_the_range_of_a_mean_holds_the_mean_and_knows_only_the_table(row: list[int]) -> None:
    names = [str(number) for number in range(len(row))]
    values = {name: float(name) for name in names}
    cells = Distribution(
        tuple(
            Cell(tuple(names[run.start : run.stop]), sum(row[run.start : run.stop]))
            for run in runs(row)
        )
    )
    low, high = cells.mean(values)
    true = sum(count * number for number, count in enumerate(row)) / sum(row)
    assert low - 1e-9 <= true <= high + 1e-9
    assert (low == high) == all(cell.count == 0 or len(cell.columns) == 1 for cell in cells.cells)


# -- people --------------------------------------------------------------------------------


def instrument(project: Project, name: str, language: str = "en") -> Instrument:
    handbook = project.handbook
    return find_instrument(
        project, Profile(language, handbook.sectors[0], handbook.brands[0]), name
    )


def people(
    test: Instrument,
    count: int,
    groups: Sequence[str] = ("",),
    missing: float = 0.03,
    seed: int = 7,
) -> list[Respondent]:
    """Return people whose answers lean to one side, each to another."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        lean = chance.random()
        answers = {}
        for key, item in test.items.items():
            options = test.scale_of(item).options
            place = round(chance.gauss(lean * (len(options) - 1), len(options) / 5))
            if chance.random() >= missing:
                answers[key] = options[min(max(place, 0), len(options) - 1)]
        found.append(Respondent(f"Person-{number}", chance.choice(groups), answers))
    return found


def rows_of(test: Instrument, respondents: Sequence[Respondent]) -> list[list[str]]:
    heads = ["respondent", "group", *test.items]
    return [
        heads,
        *([p.name, p.group, *(p.answers.get(k, "") for k in test.items)] for p in respondents),
    ]


def write_table(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in rows:
            sheet.append([int(v) if isinstance(v, str) and v.isdecimal() else v for v in row])
        book.save(path)
    else:
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)
    return path


def plain(text: Words) -> str:
    return text.text


def test_the_total_is_that_of_the_scoring(project: Project) -> None:
    for test in project.editions[next(iter(project.editions))].instruments.values():
        respondents = people(test, 60)
        found = cohort(test, respondents)
        scores = [score(test, person.answers) for person in respondents]
        unit = "percent" if test.bands_in == "percent" else "points"
        counted = [each for each in scores if not each.unscored]
        reached = [getattr(each.total, unit) for each in counted if each.total.points is not None]
        assert (found.total is None) == (not test.key)
        if found.total:
            assert found.total.figures == figures(reached)
        for outcome in found.sections:
            parts = [each.sections[outcome.id] for each in counted]
            assert outcome.figures == figures([p.percent for p in parts if p.percent is not None])
        for key, cells in found.items.items():
            answers = [person.answers.get(key) for person in respondents]
            for cell in cells.cells if cells else ():
                columns = [column or None for column in cell.columns]
                assert cell.count == sum(answers.count(column) for column in columns)
            assert cells is None or cells.count == found.people


def test_below_the_minimum_only_the_number_is_told(project: Project) -> None:
    test = instrument(project, "TS5")
    found = cohort(test, people(test, 4))
    assert found.people == 4
    assert found.total is not None
    assert (found.total.figures, found.total.cells, found.total.groups) == (None, None, ())
    assert all(part.figures is None and part.cells is None for part in found.sections)
    assert not any(found.items.values())
    assert cohort(test, people(test, 9), minimum=10).total.figures is None  # type: ignore[union-attr]


def test_groups_together_are_everybody(project: Project) -> None:
    test = instrument(project, "TS5")
    found = cohort(test, people(test, 60, ["North", "South", "West", ""], missing=0))
    for outcome in (found.total, *found.sections):
        assert outcome is not None
        assert outcome.figures is not None
        assert sum(group.count for group in outcome.groups) == outcome.figures.count == 60


def alike(test: Instrument, *options: str, group: str = "") -> list[Respondent]:
    """Return a person for each option, who has chosen it in every item."""
    return [
        Respondent(f"Person-{number}", group, dict.fromkeys(test.items, option))
        for number, option in enumerate(options)
    ]


def test_a_group_that_agrees_is_not_shown(project: Project) -> None:
    test = instrument(project, "TS1")
    for options in ("ccccc", "aaaaa", "b" * 12, "c" * 30):
        found = cohort(test, alike(test, *options))
        assert found.total
        assert found.total.cells is None
        # The mean of five who all chose b is no end: others can have it too.
        assert bool(found.total.figures) == (options == "bbbbb")
        assert not any(found.items.values())
    both = [*alike(test, *"aaaabbbbbb", group="A"), *alike(test, *"ccccc", group="B")]
    outcome = cohort(test, both).total
    assert outcome
    assert outcome.figures
    assert [(group.count, group.figures, group.cells) for group in outcome.groups] == [
        (10, None, None),
        (5, None, None),
    ]


@pytest.mark.parametrize("count", [5, 6, 10])
def test_results_and_figures_together_tell_nobodys_result(count: int) -> None:
    """Whatever is shown of a group, it need not all have one result; a small one, one band."""
    test = instrument_of(CHOICE)
    sheets: dict[int, Mapping[str, str]] = {}
    for options in product(*(test.key[item] for item in test.items)):
        answers = dict(zip(test.items, options, strict=True))
        sheets[score(test, answers).total.points or 0] = answers
    assert [*sorted(sheets)] == [*range(3, 10)]
    step = 1 if count < 10 else 2
    lookalikes: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for totals in combinations_with_replacement(range(3, 10, step), count):
        found = cohort(test, [Respondent("", "", sheets[total]) for total in totals]).total
        assert found
        shown = found.figures.rounded() if found.figures else None
        lookalikes[repr((shown, found.cells))].append(totals)
    assert len(lookalikes) > 3
    for seen, cases in lookalikes.items():
        assert len({case[0] for case in cases if case[0] == case[-1]}) != len(cases), seen
        if count < 2 * MINIMUM:  # from there on the spread can bound results within a band
            bands = {frozenset(total >= test.bands["high"].cut for total in c) for c in cases}
            assert len(bands) > 1 or len(*bands) > 1, seen


def test_a_section_at_its_end_takes_the_others_with_it(project: Project) -> None:
    test = instrument(project, "TS5")
    respondents = people(test, 12, missing=0)
    assert all(section.figures for section in cohort(test, respondents).sections)
    first = next(iter(test.sections))
    top = {
        item.id: max(test.key[item.id], key=test.key[item.id].__getitem__)
        for item in test.items.values()
        if item.section == first
    }
    agreed = [Respondent(p.name, p.group, {**p.answers, **top}) for p in respondents]
    found = cohort(test, agreed)
    assert found.total
    assert found.total.figures
    assert [section.figures for section in found.sections] == [None] * len(test.sections)


def survey(test: Instrument, *counts: int, group: str = "") -> list[Respondent]:
    """Return people of whom so many answered 0, 1 … 10 to the net promoter item."""
    key = next(item.id for item in test.items.values() if item.counts == "net-promoter")
    answers = [str(answer) for answer, count in enumerate(counts) for _ in range(count)]
    return [Respondent(str(n), group, {key: answer}) for n, answer in enumerate(answers)]


def test_the_net_promoter_score_of_the_books_own_example(project: Project) -> None:
    calculator = project.editions[next(iter(project.editions))].book.calculators["calc-nps"]
    given_counts = [int(calculator.inputs[f"answers-{n}"].default or 0) for n in range(11)]
    test = instrument(project, "TS6")
    found = cohort(test, survey(test, *given_counts))
    cells = found.promoters[0].cells
    assert cells is not None
    assert {cell.columns[0]: cell.count for cell in cells.cells} == {
        "detractor": calculator.expected["detractors"],
        "passive": calculator.expected["passives"],
        "promoter": calculator.expected["promoters"],
        NONE: 0,
    }
    expected = calculator.expected["nps"]
    assert cells.mean(CLASSES) == (expected, expected)
    assert found.promoters[0].figures is None
    assert found.total is None


def test_the_net_promoter_interval_by_hand() -> None:
    counts = (("detractor", 9), ("passive", 17), ("promoter", 24))
    cells = Distribution(tuple(Cell((name,), count) for name, count in counts))
    # 9.75 and 24.75 of 53: p − d = 15 / 53; variance 34.5 / 53 − (15 / 53)² = 0.570843
    low, high = net_promoter_interval(cells) or (0, 0)
    assert low == pytest.approx(100 * (0.283019 - 1.96 * (0.570843 / 53) ** 0.5), abs=0.01)
    assert high == pytest.approx(100 * (0.283019 + 1.96 * (0.570843 / 53) ** 0.5), abs=0.01)
    certain = Distribution(
        (Cell(("detractor",), 0), Cell(("passive",), 0), Cell(("promoter",), 12))
    )
    low, high = net_promoter_interval(certain) or (0, 0)
    assert low < high == 100
    together = Distribution((Cell(("detractor", "passive"), 5), Cell(("promoter",), 7)))
    assert net_promoter_interval(together) is None
    assert together.mean(CLASSES) == pytest.approx((100 * 2 / 12, 100 * 7 / 12))


# -- tables of answers ---------------------------------------------------------------------


def read(folder: Path, test: Instrument, *lines: str) -> tuple[Respondent, ...]:
    path = folder / "t.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_responses(path, test, plain)


def test_heads_and_answers_in_every_spelling(tmp_path: Path, project: Project) -> None:
    test = instrument(project, "TS3", "ro")
    keys = [*test.items]
    label = test.items[keys[1]].options["b"].text
    heads = f"Group,{keys[0].upper()},2,3,4,5,6,7,8,9,10"
    found = read(tmp_path, test, heads, f"N, A ,{label.upper()},c,,,,,,,", "S,a,b,d,,,,,,,b")
    assert found[0] == Respondent("1", "N", {keys[0]: "a", keys[1]: "b", keys[2]: "c"})
    assert (found[1].name, found[1].answers[keys[9]]) == ("2", "b")


def test_labels_of_a_scale_and_numbers_of_a_rating(tmp_path: Path, project: Project) -> None:
    survey = instrument(project, "TS6", "el")
    found = read(tmp_path, survey, "rating,resolved,again,recommend", "10,ΝΑΙ,όχι,0")
    assert [*found[0].answers.values()] == ["10", "resolved-yes", "again-no", "0"]
    empathy = instrument(project, "TS4")
    heads, first = ",".join(empathy.items), next(iter(empathy.items))
    found = read(tmp_path, empathy, heads, "don't  KNOW" + "," * 17, "unknown" + "," * 17)
    assert [person.answers for person in found] == [{first: "unknown"}] * 2


HEADS = "respondent,1,2,3,4,5,6,7,8,9"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [HEADS, "P,x,,,,,,,,"],
            ["t.csv:2:2: ", "B2: “x” is no answer to 1 (resp-1)", "known: a, b, c"],
        ),
        ([HEADS, "P,a,,bb,,,,,,"], ["t.csv:2:4: ", "D2: “bb” is no answer to 3 (resp-3)"]),
        (
            [HEADS, "P,I am in my elment.,,,,,,,,"],
            ["t.csv:2:2: ", "did you mean “I am in my element.”?"],
        ),
        ([HEADS.replace("3", "resp-33"), "P"], ["t.csv:1:4: ", "D1: “resp-33” is no item of TS1"]),
        ([HEADS.replace("3", "resp-33"), "P"], ["did you mean “resp-3”?"]),
        (
            [HEADS + ",date", "P"],
            ["t.csv:1:11: ", "K1: “date” is no item of TS1", "delete the column"],
        ),
        ([HEADS + ",RESP-9", "P"], ["t.csv:1:11: ", "K1: “RESP-9” is there already"]),
        ([HEADS.replace(",8,9", ""), "P"], ["t.csv:1:1: ", "“8” (resp-8), “9” (resp-9)"]),
        ([HEADS, "P", "P"], ["t.csv:3:1: ", "A3: “P” stands in A2 too"]),
        ([HEADS, ",a"], ["t.csv:2:1: ", "A2: nobody is named"]),
        ([HEADS], ["t.csv:1:1: ", "nobody has answered"]),
        ([HEADS, "P,,,,,,,,,,a"], ["t.csv:2:11: ", "row 2 has 11 cells"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, project: Project, lines: list[str], expected: list[str]
) -> None:
    with pytest.raises(ContentError) as caught:
        read(tmp_path, instrument(project, "TS1"), *lines)
    text = "\n".join(map(str, caught.value.problems))
    assert all(part in text for part in expected), text


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, project: Project) -> None:
    lines = [HEADS.replace("9", "neun"), "P,x,,y,,,,,,", "P,,,,,,,,z,"]
    with pytest.raises(ContentError) as caught:
        read(tmp_path, instrument(project, "TS1"), *lines)
    places = [str(problem.span) for problem in caught.value.problems]
    assert places == [f"t.csv:{place}" for place in ("1:1", "1:10", "2:2", "2:4", "3:1", "3:9")]


def test_a_long_scale_is_named_by_its_ends(tmp_path: Path, project: Project) -> None:
    with pytest.raises(ContentError, match="known: 0, …, 10"):
        read(tmp_path, instrument(project, "TS6"), "rating,resolved,again,recommend", ",,,x")


def test_a_test_that_is_not_there(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--test TS11: .* did you mean “TS1”"):
        instrument(project, "TS11")
    assert instrument(project, "ts1") is instrument(project, "test-responsibility")


# -- reports -------------------------------------------------------------------------------


def report(
    project: Project, folder: Path, test: str, profile: Profile, respondents: Sequence[Respondent]
) -> str:
    """Return the report as HTML."""
    composer = Composer(Plan((), project.editions), project.themes, project.languages)
    found = find_instrument(project, profile, test)
    return print_report(
        composer.frame(profile),
        project.themes[profile.brand],
        project.languages,
        found,
        cohort(found, respondents),
        DAY,
        folder / "compiled",
    )


def profiles(project: Project) -> list[Profile]:
    """Return one for each language; brands and sectors take turns."""
    handbook = project.handbook
    return [
        Profile(
            tag,
            handbook.sectors[n % len(handbook.sectors)],
            handbook.brands[n % len(handbook.brands)],
        )
        for n, tag in enumerate(handbook.languages)
    ]


@pytest.fixture(scope="module")
def pages(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A report in each language, on one test after the other."""
    folder = tmp_path_factory.mktemp("reports")
    made = {}
    for number, profile in enumerate(profiles(project)):
        code = f"TS{number + 1}"
        test = find_instrument(project, profile, code)
        respondents = people(test, 25 + 7 * number, ["North", "South", "Øst", ""])
        path = folder / profile.language / "report.html"
        path.parent.mkdir()
        html = report(project, folder / "work", code, profile, respondents)
        path.write_text(html, encoding="utf-8")
        made[profile.language] = path
    return made


def test_reports_are_valid_and_accessible(pages: Mapping[str, Path]) -> None:
    assert nu.check(next(iter(pages.values())).parents[1]) == []
    with axe.browser() as browser:
        for path in list(pages.values())[-2:]:
            found = axe.inspect(browser, path.as_uri())
            assert found == axe.PageReport(path.as_uri(), (), (), ())


def test_reports_name_nobody_and_count_nobody_alone(pages: Mapping[str, Path]) -> None:
    for path in pages.values():
        html = path.read_text(encoding="utf-8")
        assert "Person-" not in html
        counts = re.findall(r'<td class="column"[^>]*>(\d+)', html)
        assert len(counts) > 6
        assert not {"1", "2"} & set(counts)
        assert 'lang="' + path.parent.name + '"' in html


def test_drawings_stand_where_their_numbers_say(project: Project, tmp_path: Path) -> None:
    profile = profiles(project)[0]
    test = find_instrument(project, profile, "TS1")
    options = ["a"] * 12 + ["b"] * 6 + ["c"] * 6
    respondents = [
        Respondent(str(n), "", dict.fromkeys(test.items, o)) for n, o in enumerate(options)
    ]
    html = report(project, tmp_path, "TS1", profile, respondents)
    bars = re.findall(r'<rect x="([\d.]+)" y="0" width="([\d.]+)" height="12"', html)
    assert bars[:3] == [("0.00", "50.00"), ("50.00", "25.00"), ("75.00", "25.00")]
    # Mean 20.25, printed 20.3, of a line from 9 to 27
    assert 'cx="62.78"' in html
    assert '<td class="figure">20.3</td>' in html


def test_nothing_tells_that_one_person_has_no_result(project: Project, tmp_path: Path) -> None:
    profile = profiles(project)[0]
    test = find_instrument(project, profile, "TS1")
    respondents = [*alike(test, *"aaaabbbbcccc"), Respondent("Person-12", "", {})]
    html = report(project, tmp_path, "TS1", profile, respondents)
    assert "or No band" in html
    assert "or No answer" in html
    counts = re.findall(r'<td class="(?:column|figure)"[^>]*>(\d+)</?(?:td|small)', html)
    assert "13" in counts
    assert not {"12", "1"} & set(counts)
    many = [*respondents, *(Respondent(f"Person-{n}", "", {}) for n in range(13, 16))]
    html = report(project, tmp_path, "TS1", profile, many)
    assert '<th scope="row">No band</th><td class="figure"></td>' in html


def test_what_is_hidden_is_a_range(project: Project, tmp_path: Path) -> None:
    profile = profiles(project)[0]
    test = find_instrument(project, profile, "TS6")
    html = report(project, tmp_path, "TS6", profile, survey(test, *([0] * 6), 1, 4, 0, 0, 7))
    assert "+17 … +58" in html  # seven promoters and five others, of whom somebody was a detractor
    html = report(project, tmp_path, "TS6", profile, survey(test, 3, *([0] * 8), 3, 3))
    assert "There are too few answers for a score." in html
    assert "confidence" not in html
    html = report(project, tmp_path, "TS6", profile, survey(test, 5, *([0] * 8), 20, 20))
    assert "+78" in html
    assert "fewer than 30" not in html


@pytest.fixture(scope="module")
def scored(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Instrument, list[Respondent], Mapping[str, bytes]]:
    """Two hundred people with a test that has every kind of missing answer."""
    folder = tmp_path_factory.mktemp("scored")
    profile = profiles(project)[-1]
    test = find_instrument(project, profile, "TS4")
    respondents = people(test, 200, ["Day", "Night"], missing=0.1)
    table = write_table(folder / "r.csv", rows_of(test, respondents))
    return test, respondents, score_group(project, profile, test, table, DAY)


def test_results_are_those_of_the_scoring(
    scored: tuple[Instrument, list[Respondent], Mapping[str, bytes]],
) -> None:
    test, respondents, files = scored
    _, *rows = csv.reader(io.StringIO(files["results.csv"].decode("utf-8-sig")))
    assert len(rows) == len(respondents) == 200
    remarks = set()
    for row, person in zip(rows, respondents, strict=True):
        expected = score(test, person.answers)
        band = test.bands[expected.total.band].title.text if expected.total.band else ""
        values = (expected.total.points, expected.total.percent)
        parts = [v for part in expected.sections.values() for v in (part.points, part.percent)]
        assert row[:4] == [person.name, person.group, str(len(person.answers)), "18"]
        assert row[4:6] == ["" if value is None else str(value) for value in values]
        assert row[6] == band
        assert bool(row[7]) == (not band)
        assert row[8:] == ["" if value is None else str(value) for value in parts]
        remarks.add(row[7])
    assert len(remarks) == 3  # none, too many missing, too many of the kind that says nothing


def test_the_pdf_is_accessible(
    scored: tuple[Instrument, list[Respondent], Mapping[str, bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(scored[2]["report.pdf"])
    [found] = verapdf.check([path])
    assert found.compliant, found.failures


def test_a_workbook_gives_the_same_as_csv(tmp_path: Path, project: Project) -> None:
    test = instrument(project, "TS6")
    rows = rows_of(test, people(test, 20, ["North", "South"]))
    tables = [write_table(tmp_path / name, rows) for name in ("r.csv", "r.xlsx")]
    first, second = (read_responses(table, test, plain) for table in tables)
    assert first == second
    assert len(first) == 20


def test_files_take_their_places_only_together(tmp_path: Path) -> None:
    write_files(tmp_path / "new", {"a": b"1", "b": b"2"})
    (tmp_path / "new" / ".b.part").mkdir()
    with pytest.raises(OSError, match=r"\.b\.part"):
        write_files(tmp_path / "new", {"a": b"3", "b": b"4"})
    assert (tmp_path / "new" / "a").read_bytes() == b"1"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests' own book; its test TS1 has three items."""
    return book_with_fonts(tmp_path_factory.mktemp("score"))


ASKED = ("score", "r.csv", "--test", "TS1", "--language", "en", "--date", "2026-03-01")


def test_the_command_writes_nothing_when_a_cell_is_wrong(book: Path) -> None:
    (book / "r.csv").write_text("1,2,3\na,q,b\n", encoding="utf-8")
    done = handbook(*ASKED, cwd=book)
    assert done.returncode == 1
    assert "r.csv:2:2: error[responses]: B2: “q” is no answer to 2 (care-2)" in done.stderr
    assert not (book / "scores").exists()


@pytest.mark.parametrize("option", ["--language", "--brand", "--test"])
def test_the_command_knows_no_other_names(book: Path, option: str) -> None:
    done = handbook(*ASKED, option, "nowhere", cwd=book)
    assert done.returncode == 2
    assert f"{option} nowhere: " in done.stderr
    assert not (book / "scores").exists()


def test_the_command_writes_three_files_that_depend_on_nothing_else(book: Path) -> None:
    (book / "r.csv").write_text("1,2,3\n" + "a,b,c\n" * 12, encoding="utf-8")
    done = handbook(*ASKED, "--output", "out", cwd=book)
    assert done.returncode == 0, done.stderr
    made = snapshot(book / "out")
    assert sorted(made) == ["report.html", "report.pdf", "results.csv"]
    handbook(*ASKED, cwd=book, TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert snapshot(book / "scores" / "TS1-en-r") == made


@pytest.mark.slow
def test_reports_are_accessible_on_every_screen(pages: Mapping[str, Path]) -> None:
    with axe.browser() as browser:
        for path, width in product(pages.values(), (360, 1280)):
            found = axe.inspect(browser, path.as_uri(), width=width)
            assert found == axe.PageReport(path.as_uri(), (), (), ())


@pytest.mark.slow
def test_every_language_on_paper_twice(project: Project, tmp_path: Path) -> None:
    for number, profile in enumerate(profiles(project)):
        test = find_instrument(project, profile, f"TS{number + 1}")
        table = tmp_path / f"{profile.language}.xlsx"
        write_table(table, rows_of(test, people(test, 40, ["North", "South", "Øst"])))
        once, again = (score_group(project, profile, test, table, DAY) for _ in range(2))
        assert once == again
        write_files(tmp_path / profile.language, once)
    reports = verapdf.check(sorted(tmp_path.glob("*/report.pdf")))
    assert len(reports) == len(project.handbook.languages)
    assert [found for found in reports if not found.compliant] == []
