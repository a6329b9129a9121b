"""What no pattern can find: each function looks through all texts of a language.

A rule names its function in `check` and tells it what it must know in `options`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from handbook.check.prose import Prose
from handbook.language.rules import Edit, Rule
from handbook.model.words import MASKS


@dataclass(frozen=True)
class Facts:
    """What the checks know of a language."""

    quotes: tuple[str, str, str, str]
    letters: frozenset[str]
    """Small letters of the alphabet, the auxiliary ones too; empty if they are not known."""


@dataclass(frozen=True, eq=False)
class Finding:
    """A place where a text breaks a rule."""

    rule: Rule
    prose: Prose
    start: int
    end: int
    """Where in the prose."""
    edits: tuple[Edit, ...] = ()
    """What mends it, in the prose."""


Check = Callable[[Rule, Sequence[Prose], Facts], Iterator[Finding]]

_WORD = re.compile(r"[^\W\d_]+")
_QUOTES = "«»‹›“”„‟‘’‚「」『』"
_OPENING, _CLOSING = "„‚「『", "」』"
_BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "《": "》",
    "〈": "〉",
    "【": "】",
    "［": "］",
}
_NUMBERED = re.compile(r"(?<!\w)\w{1,2}\)")
_AROUND = "\"'»”’“」』）)]*_ \n\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A quotation mark of a text and the one that it belongs to."""

    place: int
    partner: int | None
    depth: int
    opens: bool


def quotes(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find marks of another language, and of the wrong level."""
    for prose in proses:
        for start, block in prose.blocks():
            marks = _marks(block, facts.quotes)
            # One that stands alone, or a straight one, leaves open which level the others have.
            certain = '"' not in block and all(mark.partner is not None for mark in marks)
            for mark in marks:
                pair = facts.quotes[:2] if mark.depth % 2 == 0 else facts.quotes[2:]
                expected = pair[0 if mark.opens else 1]
                if block[mark.place] == expected:
                    continue
                if mark.partner is None and block[mark.place] in facts.quotes:
                    continue  # the rule on brackets tells it
                at = start + mark.place
                edits = (Edit(at, at + 1, expected),) if certain else ()
                yield Finding(rule, prose, at, at + 1, edits)


def brackets(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find what opens and does not close, or the other way round."""
    for prose in proses:
        for start, block in prose.blocks():
            lonely = [m.place for m in _marks(block, facts.quotes) if m.partner is None]
            for place in (*lonely, *_lonely_brackets(block)):
                yield Finding(rule, prose, start + place, start + place + 1)


def scripts(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find words of letters from two scripts; where look-alikes explain it, mend them."""
    twins: dict[str, set[str]] = defaultdict(set)
    for one, other in zip(*rule.options["lookalikes"], strict=True):
        twins[one].add(other)
        twins[other].add(one)
    for prose in proses:
        for match in _WORD.finditer(prose.text):
            counted = _scripts(match[0])
            if len(counted) < 2:
                continue
            right = counted.most_common(1)[0][0]
            edits = []
            for place, letter in enumerate(match[0], start=match.start()):
                if _script(letter) not in ("", right):
                    twin = [other for other in twins[letter] if _script(other) == right]
                    edits += [Edit(place, place + 1, other) for other in twin]
            wrong = counted.total() - counted[right]
            mended = tuple(edits) if len(edits) == wrong else ()
            yield Finding(rule, prose, match.start(), match.end(), mended)


def letters(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find words with a letter that neither the alphabet, plain ASCII nor `charset` has."""
    if not facts.letters:
        return
    charset = rule.options.get("charset", "ascii")
    known = facts.letters | {letter.upper() for letter in facts.letters} | MASKS
    for prose in proses:
        found = {letter for letter in prose.text if letter.isalpha()} - known
        strange = {letter for letter in found if not letter.encode(charset, "ignore")}
        for match in _WORD.finditer(prose.text) if strange else ():
            if strange.intersection(match[0]) and len(_scripts(match[0])) < 2:
                yield Finding(rule, prose, match.start(), match.end())


def ends(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find translations that end with other marks than their original."""
    equals: Mapping[str, str] = rule.options["marks"]
    marks = "".join({*equals, *"".join(equals.values())})

    def end_of(text: str) -> set[str]:
        return set(text[len(text.rstrip(_AROUND + marks)) :])

    for prose in proses:
        if prose.original is not None:
            here, there = end_of(prose.text) & set(marks), end_of(prose.original.raw)
            if there.intersection(_QUOTES):
                continue  # languages differ in what belongs to the quotation
            expected = set("".join(equals.get(mark, mark) for mark in there & set(marks)))
            if not here & expected if expected else here:
                end = max(len(prose.text.rstrip()), 1)
                yield Finding(rule, prose, end - 1, end)


def share(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find files in which certain letters are rarer than the language's texts have them."""
    files: dict[str, list[Prose]] = defaultdict(list)
    for prose in proses:
        files[prose.span.file].append(prose)
    wanted = set(rule.options["letters"])
    for texts in files.values():
        found = [letter for prose in texts for letter in prose.text if letter.isalpha()]
        few = rule.options["at_least"] * len(found)
        if len(found) >= rule.options["of"] and sum(map(wanted.__contains__, found)) < few:
            yield Finding(rule, texts[0], 0, min(20, len(texts[0].text)))


def both_spellings(rule: Rule, proses: Sequence[Prose], facts: Facts) -> Iterator[Finding]:
    """Find words without a letter that the same word has elsewhere in the book."""
    table = str.maketrans(dict(rule.options["letters"]))
    marked = {
        word
        for prose in proses
        for word in _WORD.findall(prose.text.lower())
        if word.translate(table) != word
    }
    plain = {word.translate(table) for word in marked} - set(rule.options["except"]) - marked
    for prose in proses:
        for match in _WORD.finditer(prose.text):
            if match[0].lower() in plain:
                yield Finding(rule, prose, match.start(), match.end())


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (quotes, brackets, scripts, letters, ends, share, both_spellings)
}


def _marks(text: str, own: tuple[str, str, str, str]) -> list[_Mark]:
    """Return the quotation marks of a paragraph, without the apostrophes."""
    marks: list[_Mark] = []
    opened: list[int] = []  # the numbers in `marks` of what is open
    for place, letter in enumerate(text):
        last = text[marks[opened[-1]].place] if opened else ""
        if letter not in _QUOTES or _is_apostrophe(text, place, own, last):
            continue
        if _opens(text, place, own, last):
            opened.append(len(marks))
            marks.append(_Mark(place, None, len(opened) - 1, True))
        elif opened:
            number = opened.pop()
            first = marks[number]
            marks[number] = replace(first, partner=place)
            marks.append(_Mark(place, first.place, first.depth, False))
        else:
            marks.append(_Mark(place, None, 0, False))
    return marks


def _opens(text: str, place: int, own: tuple[str, str, str, str], last: str) -> bool:
    """Return whether the mark at `place` opens; `last` is the one that is open."""
    letter, before = text[place], text[place - 1] if place else " "
    stands_before = before.isspace() or before in "([{/–—" + "".join(own[::2])
    if letter in own[::2]:
        return stands_before or last in ("", *own[::2])
    if letter in own[1::2]:
        return stands_before and last != own[own.index(letter) - 1]
    if letter in _OPENING or letter in _CLOSING:
        return letter in _OPENING
    return stands_before


def _is_apostrophe(text: str, place: int, own: tuple[str, ...], last: str) -> bool:
    if text[place] != "’":
        return False
    closes = own[3] == "’" and last == own[2]
    return text[place + 1 : place + 2].isalnum() or not closes


def _lonely_brackets(text: str) -> Iterator[int]:
    numbered = {
        match.end() - 1
        for match in _NUMBERED.finditer(text)
        if "(" not in text[: match.start() + 1][-4:]
    }
    opened: list[tuple[int, str]] = []
    for place, letter in enumerate(text):
        if letter in _BRACKETS:
            opened.append((place, _BRACKETS[letter]))
        elif letter in _BRACKETS.values():
            if opened and opened[-1][1] == letter:
                opened.pop()
            elif place not in numbered:
                yield place
    yield from (place for place, _ in opened)


def _scripts(word: str) -> Counter[str]:
    """Return how many letters of a word each script has."""
    return Counter(filter(None, map(_script, word)))


@cache
def _script(letter: str) -> str:
    """Return the script of a letter, if it is one of those whose letters look alike."""
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in ("LATIN", "GREEK", "CYRILLIC") else ""
