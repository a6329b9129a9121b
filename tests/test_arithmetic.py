"""Groups, tables, rated tests, sessions, pages: what must fit together, and what is told if not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handbook.diagnostics import ContentError
from handbook.loading import load
from handbook.model.profile import Profile
from handbook.model.scoring import ends
from handbook.resolve.editions import Edition
from tests.command import handbook
from tests.minibook import copy_minibook, edit, write

DOOR = "content/checklists/checklist-door.yaml"
CARE = "content/assessments/test-care.yaml"
LOSS = "content/calculators/calc-loss.yaml"
NOTES = "content/worksheets/worksheet-notes.yaml"
PLAN = "content/sessions/plan-a.yaml"
BOOK = "content/handbook.yaml"

RATED = """\
code: TS1
title: How well do we do?
summary: Four statements about us.
instruction: Choose how true each is.
scales:
  extent:
    kind: choice
    points: {no: 1, partly: 2, yes: 3}
    labels: {no: No, partly: Partly, yes: Yes}
sections: {inside: {title: Inside}, outside: {title: Outside}}
items:
  in-1: {stem: We greet each other., section: inside}
  in-2: {stem: We help each other., section: inside}
  out-1: {stem: We greet guests., section: outside}
  out-2: {stem: We help guests., section: outside}
bands_in: percent
bands:
  low: {from: 33, title: Begin, text: There is room., strength: You look., next_step: Ask.}
  high: {from: 67, title: Go on, text: It is good., strength: You do., next_step: Teach.}
examples: [{answers: [yes, yes, no, null], total: null, band: null}]
unscored: {option: no, from: 3, text: Three times no gives no band.}
facilitator:
  objectives: [Know yourselves.]
  group: {note: Any size.}
  materials: [Pens]
  procedure: {answer: {minutes: 5, text: Answer alone.}}
  debrief: [What surprised you?]
"""
LETTERED = """\
code: TS1
title: How much care?
summary: Two situations, each in its section.
instruction: Choose what fits.
scales:
  letters: {kind: choice, points: {a: 2, b: 1}}
sections: {inside: {title: Inside}, outside: {title: Outside}}
items:
  in-1: {stem: When the phone rings, section: inside, options: {a: I answer., b: I wait.}}
  out-1: {stem: When it rains, section: outside, options: {a: I lend an umbrella., b: I smile.}}
bands:
  low: {from: 2, title: Begin, text: There is room., strength: You look., next_step: Ask.}
examples: [{answers: [a, b], total: 3, band: low}]
facilitator:
  objectives: [Know yourselves.]
  group: {note: Any size.}
  materials: [Pens]
  procedure: {answer: {minutes: 5, text: Answer alone.}}
  debrief: [What surprised you?]
"""
GROUPED = """\
title: The door
summary: What to check at the door.
groups: {front: In front, behind: Behind}
columns: {sign: Sign, cure: Cure}
row_heading: What
items:
  clean: {title: The door is clean., group: front, cells: {sign: Marks, cure: Wipe}}
  open: {title: The door opens easily., group: behind, cells: {sign: Creaks}}
"""
SESSION = """\
title: One hour
summary: A short session.
minutes: 60
slots:
  open: {minutes: 20, title: Begin}
  scene: {minutes: 40, title: The scene, entries: [exercise-scene], text: Play it.}
"""
COMPARED = """\
title: Which is best?
summary: Two things compared.
inputs:
  weight: {label: Weight, unit: number, default: 2}
grid:
  label: Things
  row_heading: Thing
  columns:
    good: {label: Good, unit: number}
    extra: {label: Extra, unit: number, optional: true}
  results:
    sum: {label: Sum, unit: number, formula: weight * good + extra}
  rows:
    one: {title: One, values: {good: 2}}
    two: {title: Two, values: {good: 1, extra: 3}}
outputs:
  first: {label: First, unit: row, formula: best(sum)}
  mean: {label: Mean, unit: number, formula: mean(sum)}
expected: {first: two, mean: 4.5}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book in one language, with all of the things above."""
    root = copy_minibook(tmp_path)
    for folder in ("locales/el", "locales/zh-Hans", "themes/acme/locales"):
        shutil.rmtree(root / folder)
    edit(root, BOOK, "languages: [en, el, zh-Hans]", "languages: [en]")
    edit(root, BOOK, "deliverables:", "front: [first]\nguide: [before]\ndeliverables:")
    for path, text in ((CARE, RATED), (DOOR, GROUPED), (PLAN, SESSION), (LOSS, COMPARED)):
        write(root, path, text)
    write(root, "content/pages/first.md", "---\ntitle: First\n---\nRead this [loss](calc-loss).\n")
    write(root, "content/guide/before.md", "---\ntitle: Before\n---\nPut chairs in a ring.\n")
    return root


def edition_of(root: Path, sector: str = "general", brand: str = "default") -> Edition:
    return load(root).editions[Profile("en", sector, brand)]


def test_what_fits_together_is_read(root: Path) -> None:
    edition = edition_of(root)
    care = edition.book.assessments["test-care"]
    assert (care.lowest, care.highest, ends(care)) == (4, 12, (33, 100))
    assert care.numbers == {"in-1": "A1", "in-2": "A2", "out-1": "B1", "out-2": "B2"}
    door = edition.book.checklists["checklist-door"]
    assert [(str(h.text), [i.id for i in items]) for h, items in door.grouped] == [
        ("In front", ["clean"]),
        ("Behind", ["open"]),
    ]
    assert [page.id for page in edition.front] == ["first"]


FAULTS = [
    (DOOR, "group: front", "group: font", "“clean” names the group “font”"),
    (DOOR, ", group: front", "", "“clean” names the group “none”"),
    (DOOR, "sign: Creaks", "sing: Creaks", "“open” names the column “sing”"),
    (PLAN, "minutes: 20", "minutes: 25", "the slots take 65 minutes, the session 60"),
    (PLAN, "[exercise-scene]", "[exercise-scenes]", "plan-a names “exercise-scenes”"),
    (BOOK, "front: [first]", "front: []", "no list names the page “first”"),
    (BOOK, "guide: [before]", "guide: [before, after]", "names the page “after”"),
    (BOOK, "front:", "paths: {p: {title: P, text: T., chapters: [nowhere]}}\nfront:",
     "the reading path “p” names “nowhere”"),
    (LOSS, "values: {good: 2}", "values: {extra: 2}", "the row “one” has not the numbers"),
    (LOSS, "formula: best(sum)", "formula: best(some)", "uses some"),
    (LOSS, "formula: mean(sum)", "formula: mean(weight)", "uses weight"),
    (LOSS, "weight * good", "weight * god", "uses god"),
    (LOSS, "first: two", "first: one", "should give first = one, but gives two"),
    (LOSS, "outputs:", "  sorted_by: good\noutputs:", "sorted by “good”, which is no result"),
    (NOTES, "code: W01", "code: TS1", "TS1 is there twice"),
    (NOTES, "code: W01", "code: w1", "“w1” is not a sheet’s code"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), FAULTS, ids=[f[3] for f in FAULTS])
def test_what_does_not_fit_is_told(root: Path, file: str, old: str, new: str, message: str) -> None:
    edit(root, file, old, new)
    with pytest.raises(ContentError) as caught:
        load(root)
    told = [problem for problem in caught.value.problems if message in problem.message]
    assert told, caught.value.problems
    assert all(problem.span.line for problem in told)


def test_what_a_brand_leaves_out_may_still_be_mentioned(root: Path) -> None:
    write(root, "themes/acme/content/calculators.yaml", "calc-loss:\n")
    write(root, "themes/acme/content/assessments.yaml", "test-care:\n")
    write(root, "themes/acme/content/pages.yaml", "second:\n")
    write(root, "content/pages/second.md", "---\ntitle: Second\n---\nRead on.\n")
    edit(root, BOOK, "front: [first]", "front: [first, second]")
    first = "content/pages/first.md"
    edit(root, first, "(calc-loss).", "(calc-loss), [that](test-care@answer-sheet).")
    left = edition_of(root, brand="acme")
    assert "calc-loss" not in left.entries
    assert left.left_out["calc-loss"].text == "Which is best?"
    assert [page.id for page in left.front] == ["first"]
    assert not edition_of(root).left_out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{good: 2}", "{good: -2}"),
        ("extra: {label: Extra, unit: number,", "extra: {label: Extra, unit: number, maximum: 2,"),
        (
            "weight: {label: Weight, unit: number, default: 2",
            "weight: {label: Weight, unit: number, default: 2.5, whole: true",
        ),
    ],
)
def test_an_example_that_no_reader_could_enter_is_told(root: Path, old: str, new: str) -> None:
    edit(root, LOSS, old, new)
    with pytest.raises(ContentError) as caught:
        load(root)
    assert [problem.rule for problem in caught.value.problems] == ["limits"]


def test_items_in_sections_keep_their_own_answers_on_the_page(root: Path) -> None:
    write(root, CARE, LETTERED)
    target = root / "public"
    assert handbook("build", "-d", "site", "--project", root).returncode == 0
    page = (target / "default/en/general/test-care.html").read_text(encoding="utf-8")
    assert page.count('data-option="b"') == 2
    assert "I lend an umbrella." in page


def test_a_box_alone_to_tick_is_no_question(root: Path) -> None:
    edit(
        root,
        NOTES,
        "fields:\n",
        "fields:\n  seen: {kind: choice, label: Seen, options: {y: Yes}}\n",
    )
    assert "seen" not in getattr(
        edition_of(root).worksheets["worksheet-notes"].instrument, "items", {}
    )
