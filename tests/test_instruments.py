"""Questionnaires: what answers score, and every rule that keeps a result unambiguous."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from handbook.diagnostics import ContentError
from handbook.loading import Project, load
from handbook.model.instrument import Answers, Instrument
from handbook.model.scoring import (
    band_of,
    definition,
    ends,
    percentage,
    reachable,
    score,
    spans,
)
from handbook.resolve.decode import decode
from handbook.resolve.instruments import check_instrument, check_words
from handbook.source.yaml import read_yaml
from tests.conftest import ROOT
from tests.minibook import copy_minibook, edit

CHOICE = """\
code: TS9
title: Care
instruction: Choose.
scales:
  letters: {kind: choice, points: {a: 3, b: 2, c: 1}}
items:
  one: {stem: One., options: {a: A1, b: B1, c: C1}}
  two: {stem: Two., options: {a: A2, b: B2, c: C2}}
  six: {stem: Six., options: {a: A3, b: B3, c: C3}}
range: [3, 9]
bands:
  low: {from: 3, title: Low, text: T, strength: S, next_step: N}
  high: {from: 6, title: High, text: T, strength: S, next_step: N}
source_bands: {low: [3, 5], high: [6, 9]}
examples:
  - {answers: [a, b, b], total: 7, band: high}
  - {answers: [a, b, null], total: null, band: null}
"""
SECTIONED = (
    CHOICE.replace("items:", "sections: {first: {title: F}, second: {title: S}}\nitems:")
    .replace("One.,", "One., section: first,")
    .replace("Two.,", "Two., section: second,")
    .replace("Six.,", "Six., section: second,")
)
RATED = """\
code: TS8
title: Mixed
instruction: Rate.
scales:
  mark: {kind: rating, from: 1, to: 10}
  extent: {kind: choice, points: {no: 1, partly: 2, yes: 3}, labels: {no: No, partly: So, yes: Yes}}
  yes-no: {kind: choice, labels: {yes: Yes, no: No}}
  recommend: {kind: rating, from: 0, to: 10}
sections: {inside: {title: In}, outside: {title: Out}}
items:
  in-1: {stem: In 1., section: inside}
  in-2: {stem: In 2., section: inside, reversed: true}
  out-1: {stem: Out 1., scale: extent, section: outside, reversed: true}
  out-2: {stem: Out 2., scale: extent, section: outside}
  open: {stem: Open., scale: yes-no, counts: nothing}
  tell: {stem: Tell., scale: recommend, counts: net-promoter}
bands_in: percent
bands:
  low: {from: 10, title: Low, text: T, strength: S, next_step: N}
  high: {from: 70, title: High, text: T, strength: S, next_step: N}
unscored: {option: no, from: 2, text: Too many.}
examples:
  - {answers: ["10", "1", no, yes, no, "3"], total: 26, band: null}
"""


def instrument_of(text: str) -> Instrument:
    return decode(read_yaml(text, "test.yaml", "en"), Instrument)


def instruments(project: Project) -> Iterator[Instrument]:
    for edition in project.editions.values():
        yield from edition.instruments.values()


# -- scoring -------------------------------------------------------------------------------------


def test_the_key_gives_each_answer_its_points() -> None:
    rated = instrument_of(RATED)
    assert rated.key.keys() == {"in-1", "in-2", "out-1", "out-2"}
    assert (rated.key["in-1"]["10"], rated.key["in-2"]["10"]) == (10, 1)
    assert rated.key["out-1"] == {"no": 3, "partly": 2, "yes": 1}
    assert (rated.lowest, rated.highest, ends(rated)) == (4, 26, (10, 100))


def test_options_of_an_items_own_stand_in_the_order_of_the_points_already() -> None:
    turned = CHOICE.replace("One., options", "One., reversed: true, options")
    assert instrument_of(turned).key["one"] == {"a": 3, "b": 2, "c": 1}


def test_sections_have_scores_of_their_own() -> None:
    rated = instrument_of(RATED)
    answers = {"in-1": "10", "in-2": "1", "out-1": "partly"}
    found = score(rated, answers)
    assert (found.total.points, found.total.answered, found.total.items) == (None, 3, 4)
    inside, outside = found.sections["inside"], found.sections["outside"]
    assert (inside.points, inside.percent, inside.band) == (20, 100, "high")
    assert (outside.points, outside.answered, outside.items) == (None, 1, 2)


def test_too_many_answers_of_one_kind_give_no_band() -> None:
    rated = instrument_of(RATED)
    answers = {"in-1": "1", "in-2": "1", "out-1": "no", "out-2": "yes"}
    assert score(rated, answers).total.band == "low"
    void = score(rated, {**answers, "open": "no"})
    assert (void.unscored, void.total.points, void.total.band) == (True, 17, None)
    assert {found.band for found in void.sections.values()} == {None}


def test_missing_answers_are_prorated_and_rounded_half_up() -> None:
    prorated = instrument_of(CHOICE + "prorate: 1\n")
    assert score(prorated, {"one": "a", "two": "b"}).total.points == 8  # 5 of 2 answers: 7.5
    assert score(prorated, {"one": "b", "two": "c"}).total.points == 5  # 3 of 2 answers: 4.5
    assert score(prorated, {"one": "a"}).total.points is None
    assert score(prorated, {}).total.points is None


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="“d” is no answer to “one”"):
        score(instrument_of(CHOICE), {"one": "d"})
    with pytest.raises(KeyError):
        score(instrument_of(CHOICE), {"ten": "a"})


def test_percentages_are_whole_and_halves_are_rounded_up() -> None:
    assert [percentage(points, 200) for points in (40, 99, 139, 140, 200)] == [20, 50, 70, 70, 100]
    assert [percentage(points, 35) for points in (7, 17, 24, 25)] == [20, 49, 69, 71]


def test_every_total_of_the_book_falls_into_exactly_one_band(project: Project) -> None:
    for instrument in instruments(project):
        for total in range(instrument.lowest, instrument.highest + 1) if instrument.bands else ():
            percent = instrument.bands_in == "percent"
            result = percentage(total, instrument.highest) if percent else total
            holders = [band for band, first, last in spans(instrument) if first <= result <= last]
            assert holders == [band_of(result, instrument.bands.values())]


def test_every_cut_score_of_the_book_parts_two_bands(project: Project) -> None:
    for instrument in instruments(project):
        ordered = list(instrument.bands.values())
        for below, above in pairwise(ordered):
            assert band_of(above.cut - 1, ordered) is below
            assert band_of(above.cut, ordered) is above


def test_the_reachable_totals_are_those_of_all_answers() -> None:
    odd = instrument_of(CHOICE.replace("a: 3, b: 2, c: 1", "a: 7, b: 3, c: 0"))
    sums = {sum(chosen) for chosen in product(*(points.values() for points in odd.key.values()))}
    assert reachable(odd, odd.items.values()) == sums
    assert 1 not in sums


def test_a_survey_sheet_is_an_instrument_with_a_net_promoter_item(project: Project) -> None:
    survey = next(iter(project.editions.values())).instruments["worksheet-customer-survey"]
    assert [item.counts for item in survey.items.values()].count("net-promoter") == 1
    assert (survey.key, survey.bands) == ({}, {})
    assert len(survey.scale_of(survey.items["rating"]).options) == 10


# -- the script ----------------------------------------------------------------------------------


def random_answers(instrument: Instrument, chance: random.Random) -> Answers:
    """Return answers of which some are missing, in one of three sheets none."""
    missing = chance.choice((0, 0.1, 0.5))
    return {
        item.id: chance.choice(instrument.scale_of(item).options)
        for item in instrument.items.values()
        if chance.random() >= missing
    }


def run_script(instrument: Instrument, sheets: list[Answers]) -> list[dict[str, Any]]:
    """Return what `scoring.js` makes of `sheets`, in Node."""
    script = (ROOT / "themes/default/scoring.js").read_text(encoding="utf-8")
    given = json.dumps([definition(instrument), sheets])
    script += f"\nconst [definition, sheets] = {given};"
    script += "console.log(JSON.stringify(sheets.map((sheet) => scoreAnswers(definition, sheet))));"
    run = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def test_the_script_scores_as_python_does(project: Project) -> None:
    tests = next(iter(project.editions.values())).book.assessments.values()
    for instrument in (*tests, instrument_of(RATED), instrument_of(CHOICE + "prorate: 2\n")):
        chance = random.Random(instrument.code)
        sheets = [random_answers(instrument, chance) for _ in range(1000)]
        assert run_script(instrument, sheets) == [asdict(score(instrument, s)) for s in sheets]


# -- rules ---------------------------------------------------------------------------------------

FAULTS = [
    (CHOICE, "{a: 3, b: 2, c: 1}", "{a: 3}", "T05-points", "fewer than two options"),
    (RATED, "labels: {no: No, partly: So, yes: Yes}", "labels: {no: No, yes: Yes}", "T05-points",
     "labels of “extent” are not those of its points"),
    (CHOICE, "{a: A1, b: B1, c: C1}", "{a: A1, b: B1}", "T05-points", "options of “one”"),
    (RATED, "In 1., section", "In 1., options: {a: A, b: B}, section", "T05-points", "“in-1”"),
    (RATED, "scale: yes-no, counts: nothing", "scale: yes-no, section: inside", "T05-points",
     "“open” counts, but not every answer has points"),
    (RATED, "Tell., scale", "Tell., reversed: true, scale", "T05-points", "does not count"),
    (RATED, "scale: yes-no", "scale: yes-on", "T04-reference", "“yes-on”, which there is not"),
    (RATED, "In 1., section: inside", "In 1., section: insid", "T04-reference", "“insid”"),
    (RATED, "{option: no,", "{option: never,", "T04-reference", "“never” is no option"),
    (RATED, "In 1., section: inside", "In 1.", "T07-uncounted", "“in-1” stands in no section"),
    (RATED, "outside: {title: Out}", "outside: {title: Out}, last: {title: L}", "T06-empty-section",
     "section “last”"),
    (CHOICE, "  one: {stem: One.", "  1-one: {stem: One.", "I03-identifier", "begins with a digit"),
    (SECTIONED, "  one: {stem", "  b1: {stem", "T03-identifier",
     "“b1” is also the printed number of “two”"),
    (CHOICE, "  one: {stem: One.", "  group: {stem: One.", "T03-identifier",
     "“group” heads another column"),
    (CHOICE, "  one: {stem: One.", "  respondent: {stem: One.", "T03-identifier",
     "“respondent” heads another column"),
    (CHOICE, "range: [3, 9]", "range: [3, 8]", "S01-range", "answers reach (3, 9)"),
    (CHOICE, "range:", "prorate: 2\nrange:", "S02-missing-answers", "2 of 3 answers"),
    (RATED, "bands_in:", "prorate: 1\nbands_in:", "S02-missing-answers", "could leave the range"),
    (RATED, "from: 2, text", "from: 5, text", "S02-missing-answers", "5 such answers"),
    (RATED, "{kind: rating, from: 1, to: 10}", "{kind: rating, from: 0, to: 0}", "T05-points",
     "fewer than two"),
    (CHOICE, "low: {from: 3", "low: {from: 4", "B01-gap", "but 3 can be reached"),
    (CHOICE, "low: {from: 3", "low: {from: 2", "B05-outside", "begins at 2 points"),
    (CHOICE, "high: {from: 6", "high: {from: 10", "B05-outside", "begins at 10 points"),
    (CHOICE, "high: {from: 6", "high: {from: 3", "B03-order", "not above “low”"),
    (RATED, "low: {from: 10", "low: {from: 9", "B05-outside", "begins at 9 percent"),
    (CHOICE, "source_bands: {low: [3, 5]", "source_bands: {low: [3, 6]", "B07-source",
     "the source prints 3–6"),
    (CHOICE, "source_bands: {low:", "source_bands: {lo:", "B07-source", "“lo” is not among"),
    (RATED, "{kind: rating, from: 0, to: 10}", "{kind: rating, from: 1, to: 10}",
     "N01-net-promoter", "not rated 0 to 10"),
    (CHOICE, "total: 7, band: high", "total: 8, band: high", "X02-example", "but gives 7"),
    (CHOICE, "total: 7, band: high", "total: 7, band: low", "X02-example", "“high”"),
    (CHOICE, "[a, b, b]", "[a, b]", "X02-example", "has 2 answers"),
    (CHOICE, "[a, b, b]", "[a, b, d]", "X02-example", "with “d”"),
]  # fmt: skip


def test_an_item_may_have_its_own_number_for_an_id() -> None:
    found = instrument_of(SECTIONED.replace("  one: {stem", "  a1: {stem"))
    assert found.numbers["a1"] == "A1"
    assert [*check_instrument(found)] == []


@pytest.mark.parametrize("text", [CHOICE, SECTIONED, RATED])
def test_a_good_instrument_has_no_problem(text: str) -> None:
    found = instrument_of(text)
    assert [*check_instrument(found), *check_words(found)] == []


@pytest.mark.parametrize(("text", "old", "new", "rule", "what"), FAULTS)
def test_each_rule_finds_its_fault(text: str, old: str, new: str, rule: str, what: str) -> None:
    assert text.count(old) == 1
    problems = list(check_instrument(instrument_of(text.replace(old, new))))
    assert [p.rule for p in problems if what in p.message] == [rule], problems
    assert all(p.hint and p.span.file == "test.yaml" for p in problems)


def test_a_band_that_no_answers_reach_is_told() -> None:
    text = CHOICE.replace("a: 3, b: 2, c: 1", "a: 20, b: 10, c: 0").replace("[3, 9]", "[0, 60]")
    text = text.replace("{from: 3,", "{from: 0,").replace("from: 6", "from: 11")
    more = "  top: {from: 15, title: Top, text: T, strength: S, next_step: N}\nsource_bands: {}\n"
    text = text.replace("source_bands: {low: [3, 5], high: [6, 9]}\n", more)
    problems = list(check_instrument(instrument_of(text)))
    assert "no answers lead to the band “high” (11 to 14)" in [p.message for p in problems]


def test_bands_need_an_example() -> None:
    text = CHOICE.partition("examples:")[0]
    assert [p.rule for p in check_instrument(instrument_of(text))] == ["X01-no-example"]


def test_percent_of_nothing_is_refused() -> None:
    text = CHOICE.replace("a: 3, b: 2, c: 1", "a: 0, b: 0, c: 0").replace("range: [3, 9]\n", "")
    rules = [p.rule for p in check_instrument(instrument_of(text + "bands_in: percent\n"))]
    assert "S03-percent" in rules


@pytest.mark.parametrize(
    ("old", "new", "rule", "what"),
    [
        ("b: B1", "b: A1", "L04-same-answers", "two answers to “one” are the same: “A1”"),
        ("text: T, strength: S, next_step: N}\nsource",
         "text: From 6–9 points., strength: S, next_step: N}\nsource",
         "L05-typed-range", "“6–9” is typed by hand"),
    ],
)  # fmt: skip
def test_words_are_checked_in_every_language(old: str, new: str, rule: str, what: str) -> None:
    problems = list(check_words(instrument_of(CHOICE.replace(old, new))))
    assert {(p.rule, p.message) for p in problems} == {(rule, what)}


def test_labels_of_a_scale_differ() -> None:
    problems = list(check_words(instrument_of(RATED.replace("no: No, partly", "no: So, partly"))))
    assert {p.rule for p in problems} == {"L04-same-answers"}
    assert len(problems) == 2


def test_faults_of_content_are_told_with_file_and_line(tmp_path: Path) -> None:
    root = copy_minibook(tmp_path)
    edit(root, "content/assessments/test-care.yaml", "high: {from: 6", "high: {from: 16")
    edit(root, "locales/el/assessments.yaml", "b: περιμένω.", "b: απαντώ.")
    with pytest.raises(ContentError) as caught:
        load(root)
    found = {(str(p.span).rsplit(":", 1)[0], p.rule) for p in caught.value.problems}
    assert found == {
        ("content/assessments/test-care.yaml:14", "B05-outside"),
        ("locales/el/assessments.yaml:6", "L04-same-answers"),
    }
