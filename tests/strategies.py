"""Arbitrary tests: definitions as authors write them, valid by construction, and broken ones.

What answers must score is stated here a second time, from the definition alone and with fractions,
so that the program's own arithmetic has something to be held against.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from handbook.source.files import forbidden_characters

Definition = dict[str, Any]
"""A test as its file spells it."""
Answers = dict[str, str]

TYPED_RANGE = re.compile(r"[0-9] ?[–-] ?[0-9]")
"""Stands in no text of a band."""
MAXIMUM_SHEETS = 3_000
"""Ways to answer all items; few enough to try them all."""


# The arithmetic, stated again


def keyed(definition: Definition, item: str) -> dict[str, int] | None:
    """Return the points of each option of an item; None where the item does not count."""
    spec = definition["items"][item]
    if spec.get("counts", "total") != "total":
        return None
    scale = definition["scales"][spec.get("scale") or next(iter(definition["scales"]))]
    if scale["kind"] == "rating":
        points = {str(n): n for n in range(scale["from"], scale["to"] + 1)}
    else:
        points = dict(scale["points"])
    if spec.get("reversed") and "options" not in spec:
        top, bottom = max(points.values()), min(points.values())
        return {option: top - (value - bottom) for option, value in points.items()}
    return points


def options_of(definition: Definition, item: str) -> list[str]:
    spec = definition["items"][item]
    scale = definition["scales"][spec.get("scale") or next(iter(definition["scales"]))]
    if scale["kind"] == "rating":
        return [str(n) for n in range(scale["from"], scale["to"] + 1)]
    return list(scale.get("labels") or scale["points"])


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def counted(definition: Definition, section: str | None = None) -> list[dict[str, int]]:
    """Return the keys of the items that count, of a section or of all."""
    found = []
    for item, spec in definition["items"].items():
        points = keyed(definition, item)
        if points is not None and section in (None, spec.get("section")):
            found.append(points)
    return found


def in_percent(definition: Definition, points: int, section: str | None = None) -> int:
    highest = sum(max(key.values()) for key in counted(definition, section))
    return half_up(Fraction(100 * points, highest)) if highest > 0 else 0


def totals(definition: Definition, section: str | None = None) -> list[int]:
    """Return the total of every way to answer all items, of a section or of the test."""
    keys = counted(definition, section)
    return sorted({sum(sheet) for sheet in product(*(set(key.values()) for key in keys))})


def results(definition: Definition) -> list[int]:
    """Return everything that a band must hold; in percent, the sections have bands too."""
    if definition.get("bands_in") != "percent":
        return totals(definition)
    groups = (None, *definition.get("sections", {}))
    return sorted(
        {in_percent(definition, n, group) for group in groups for n in totals(definition, group)}
    )


def expected(
    definition: Definition, answers: Answers, section: str | None = None
) -> tuple[int | None, str | None]:
    """Return the points and the band that `answers` give, in a section or in all."""
    asked = scored = total = 0
    for item, spec in definition["items"].items():
        points = keyed(definition, item)
        if points is None or section not in (None, spec.get("section")):
            continue
        asked += 1
        if item in answers:
            scored += 1
            total += points[answers[item]]
    missing = asked - scored
    allowed = 0 if section else definition.get("prorate", 0)
    if scored == 0 or missing > allowed:
        return None, None
    points_reached = half_up(Fraction(total, scored) * asked)
    percent = definition.get("bands_in") == "percent"
    void = definition.get("unscored")
    if void and sum(1 for option in answers.values() if option == void["option"]) >= void["from"]:
        return points_reached, None
    if section and not percent:
        return points_reached, None
    result = in_percent(definition, points_reached, section) if percent else points_reached
    reached = [key for key, band in definition["bands"].items() if band["from"] <= result]
    return points_reached, reached[-1] if reached else None


# Valid definitions


def _is_clean(text: str) -> bool:
    return bool(text) and not any(forbidden_characters(text))


_STRANGE = st.characters(
    codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"], exclude_characters="[]{}<>`*_\\|&"
)
STRANGE_WORDS = (
    st.text(_STRANGE, min_size=1, max_size=12)
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(_is_clean)
)
"""Texts of all scripts, and what YAML, CSV and spreadsheets could take for something else."""
_TRAPS = st.sampled_from(
    [
        *(
            "=1+1",
            "'=x",
            "-",
            "- a",
            "@x",
            "no",
            "yes",
            "null",
            "~",
            "1.10",
            "1e5",
            "0x1F",
            "12:30",
        ),
        *(
            "#x",
            "a: b",
            "a #b",
            "'",
            '"',
            "“x”",
            "TRUE",
            "2026-02-01",
            "1-2",
            "?",
            "! x",
            "%",
            "好",
        ),
    ]
)
PLAIN_WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
ANY_POINTS = st.integers(0, 6) | st.integers(0, 100)
PAPER_POINTS = st.integers(0, 6)
"""Larger ones make longer tables than a leaf has room for."""
_IDS = st.sampled_from(
    ["constructor", "a", "to-string", "total", "band", "x-1", "null", "no", "yes"]
)


def unique(names: str, count: int, own: DrawFn) -> list[str]:
    """Return ids; sometimes such as a program could take for something else."""
    chosen: list[str] = own(st.lists(_IDS, max_size=min(count, 2), unique=True))
    return [*chosen, *(f"{names}-{number}" for number in range(count - len(chosen)))]


@st.composite
def definitions(
    draw: DrawFn,
    words: SearchStrategy[str] = STRANGE_WORDS | _TRAPS,
    worth: SearchStrategy[int] = ANY_POINTS,
) -> Definition:
    """Draw a valid test; `worth` is what an answer scores."""

    def texts(count: int) -> list[str]:
        return draw(st.lists(words, min_size=count, max_size=count, unique=True))

    def text() -> str:
        return draw(words)

    result: Definition = {"code": draw(st.from_regex(r"[A-Z]{1,3}[0-9]{1,2}", fullmatch=True))}
    result |= {"title": text(), "summary": text(), "instruction": text()}
    if draw(st.booleans()):
        result["version"] = draw(st.sampled_from(["1.0", "2", "2.1-β", "1e5"]))
    result["scales"] = _scales(draw, texts, worth)
    sections = unique("s", draw(st.integers(0, 3)), draw)
    result["items"] = _items(draw, result["scales"], sections, text, texts)
    used = dict.fromkeys(spec.get("section") for spec in result["items"].values())
    if not counted(result):
        next(iter(result["items"].values())).pop("counts")
    if all(counted(result, key) for key in used if key):
        titles = {key: {"title": text()} for key in sections if key in used}
        result |= {"sections": titles} if titles else {}
    else:
        for spec in result["items"].values():
            spec.pop("section")
    _rules(draw, result, text)
    _bands(draw, result, lambda: draw(words.filter(lambda said: not TYPED_RANGE.search(said))))
    result["examples"] = [_example(draw, result) for _ in range(draw(st.integers(1, 3)))]
    stage = {"minutes": draw(st.integers(1, 480)), "text": text()}
    result["facilitator"] = {
        "objectives": [text()],
        "group": {"note": text()},
        "materials": [text() for _ in range(draw(st.integers(0, 2)))],
        "procedure": {"answer": stage},
        "debrief": [text()],
    }
    return result


def _scales(
    draw: DrawFn, texts: Callable[[int], list[str]], worth: SearchStrategy[int]
) -> Definition:
    scales: Definition = {}
    for key in unique("scale", draw(st.integers(1, 3)), draw):
        kind = draw(st.sampled_from(["own", "labels", "rating"]))
        if kind == "rating":
            start = draw(st.integers(0, 97))
            scales[key] = {"kind": "rating", "from": start, "to": start + draw(st.integers(1, 3))}
            if draw(st.booleans()):
                scales[key] |= dict(zip(("low", "high"), texts(2), strict=True))
            continue
        options = draw(
            st.lists(
                st.sampled_from([*"abcde", "0", "1", "null"]), min_size=2, max_size=4, unique=True
            )
        )
        scales[key] = {"kind": "choice", "points": {option: draw(worth) for option in options}}
        if kind == "labels":
            scales[key]["labels"] = dict(zip(options, texts(len(options)), strict=True))
    return scales


def _items(
    draw: DrawFn,
    scales: Definition,
    sections: Sequence[str],
    text: Callable[[], str],
    texts: Callable[[int], list[str]],
) -> Definition:
    items: Definition = {}
    sheets = 1
    for key in unique("item", draw(st.integers(1, 6)), draw):
        scale = draw(st.sampled_from(sorted(scales)))
        spec: Definition = {"stem": text()}
        if scale != next(iter(scales)) or draw(st.booleans()):
            spec["scale"] = scale
        found = scales[scale]
        points = found.get("points")
        if points and "labels" not in found:
            spec["options"] = dict(zip(points, texts(len(points)), strict=True))
        ways = len(set(points.values())) if points else found["to"] - found["from"] + 1
        if sheets * ways > MAXIMUM_SHEETS or draw(st.integers(0, 5)) == 0:
            spec["counts"] = "nothing"
        else:
            sheets *= ways
            if draw(st.booleans()):
                spec["reversed"] = draw(st.booleans())
        if sections:
            spec["section"] = draw(st.sampled_from(list(sections)))
        items[key] = spec
    return items


def _rules(draw: DrawFn, result: Definition, text: Callable[[], str]) -> None:
    keys = counted(result)
    ranges = {(min(key.values()), max(key.values())) for key in keys}
    if len(ranges) == 1 and draw(st.booleans()):
        result["prorate"] = draw(st.integers(0, len(keys) // 2))
    known = sorted({option for key in keys for option in key})
    if draw(st.booleans()) and known:
        start = draw(st.integers(1, len(keys)))
        option = draw(st.sampled_from(known))
        result["unscored"] = {"option": option, "from": start, "text": text()}
    found = totals(result)
    if draw(st.booleans()):
        result["range"] = (found[0], found[-1])
    groups = (None, *result.get("sections", {}))
    if draw(st.booleans()) and all(totals(result, group)[-1] > 0 for group in groups):
        result["bands_in"] = "percent"


def _bands(draw: DrawFn, result: Definition, text: Callable[[], str]) -> None:
    percent = result.get("bands_in") == "percent"
    found = results(result)
    later = draw(st.sets(st.sampled_from(found), max_size=4)) - {found[0]}
    cuts = [found[0], *sorted(later)]
    keys = unique("band", len(cuts), draw)
    result["bands"] = {
        key: {
            "from": cut,
            "title": text(),
            "text": text(),
            "strength": text(),
            "next_step": text(),
        }
        for key, cut in zip(keys, cuts, strict=True)
    }
    if draw(st.booleans()):
        ends = [*(cut - 1 for cut in cuts[1:]), 100 if percent else found[-1]]
        pairs = zip(cuts, ends, strict=True)
        result["source_bands"] = dict(zip(keys, pairs, strict=True))


def _example(draw: DrawFn, definition: Definition) -> Definition:
    answers = draw(answers_to(definition))
    total, band = expected(definition, answers)
    given = tuple(answers.get(item) for item in definition["items"])
    return {"answers": given, "total": total, "band": band}


@st.composite
def answers_to(draw: DrawFn, definition: Definition) -> Answers:
    """Draw what somebody answers; most answer everything, some leave out a few."""
    skipped = draw(
        st.sets(st.sampled_from(list(definition["items"])), max_size=draw(st.integers(0, 3)))
    )
    return {
        item: draw(st.sampled_from(options_of(definition, item)))
        for item in definition["items"]
        if item not in skipped
    }


# Broken definitions

_JUNK: SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [None, "", " ", "x", "Ü", "-1", "a b", "“”", "x" * 500, "\U0001f9ff", "é", "١"]
    ),
    st.sampled_from([True, False, -1, 0, 7, 10**17, -(10**17), 1.5, 1e30]),
    st.sampled_from([[], {}, [[]], {"a": {"b": []}}, ["a"], [None]]).map(deepcopy),
)


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def _spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything within `value`."""
    pairs: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list | tuple):
        pairs = list(enumerate(value))
    return [spot for key, inner in pairs for spot in ((*path, key), *_spots(inner, (*path, key)))]


def _listed(value: Any) -> Any:
    """Return `value` with lists for tuples, so that it can be changed."""
    if isinstance(value, Mapping):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, list | tuple) else value


@st.composite
def broken(draw: DrawFn) -> Definition:
    """Draw a test to which one to three things happened; some of them do no harm."""
    result: Definition = _listed(draw(definitions()))
    for _ in range(draw(st.integers(1, 3))):
        spots = _spots(result)
        if not spots:
            break
        spot, other = draw(st.sampled_from(spots)), draw(st.sampled_from(spots))
        holder: Any = result
        for key in spot[:-1]:
            holder = holder[key]
        old = holder[spot[-1]]
        match draw(st.sampled_from(["drop", "junk", "rename", "swap", "nudge", "double", "deep"])):
            case "drop":
                del holder[spot[-1]]
            case "junk":
                holder[spot[-1]] = draw(_JUNK)
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["x", "Ü", "a b", "from", "0", "options"]))] = (
                    holder.pop(spot[-1])
                )
            case "swap" if other[: len(spot)] != spot and spot[: len(other)] != other:
                there: Any = result
                for key in other[:-1]:
                    there = there[key]
                holder[spot[-1]], there[other[-1]] = there[other[-1]], old
            case "nudge" if isinstance(old, int):
                holder[spot[-1]] = old + draw(st.sampled_from([-1000, -1, 1, 1000]))
            case "double" if isinstance(old, list):
                holder[spot[-1]] = [*old, *deepcopy(old)]
            case "deep":
                holder[spot[-1]] = deep(draw(st.sampled_from([3, 40])))
    return result
