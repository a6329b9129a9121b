"""Whether a questionnaire can be answered and scored, and every result means exactly one thing.

The codes of the rules follow the families of QTI and of test construction: T items and keys,
S totals, B bands, N net promoter, X examples, L words, I identifiers. What is
claimed (E) needs no rule: the model asks for the notice in every language, and says that there is
no evidence where none is stated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from handbook.diagnostics import Problem, did_you_mean
from handbook.model.instrument import Instrument, RatingScale
from handbook.model.scoring import ends, reachable, results, score, spans

Rule = Callable[[Instrument], Iterator[Problem]]

NET_PROMOTER = (0, 10)
"""A net promoter score is defined on these numbers only (Reichheld 2003)."""
RESERVED = ("respondent", "group")
"""Heads of a table of answers that tell who answered."""
LEAST_ANSWERED = 0.5
"""A total raised in proportion from fewer answers would say more than people did."""


def check_instrument(instrument: Instrument) -> Iterator[Problem]:
    """Yield what keeps a questionnaire from being answered or scored, with place and cure."""
    for stage in _STAGES:
        problems = [problem for rule in stage for problem in rule(instrument)]
        if problems:
            # What the later rules compute makes no sense before this is mended.
            yield from problems
            return


def check_words(instrument: Instrument) -> Iterator[Problem]:
    """Yield what is wrong with the words of a questionnaire in any language."""
    for item in instrument.items.values():
        texts = Counter(option.text for option in item.options.values())
        for option in item.options.values():
            if texts[option.text] > 1:
                message = f"two answers to “{item.id}” are the same: “{option.text}”"
                yield Problem(option.span, "L04-same-answers", message, "tell them apart")
    for scale in instrument.scales.values():
        labels = {} if isinstance(scale, RatingScale) else scale.labels
        texts = Counter(label.text for label in labels.values())
        for label in labels.values():
            if texts[label.text] > 1:
                message = f"two labels of “{scale.id}” are the same: “{label.text}”"
                yield Problem(label.span, "L04-same-answers", message, "tell them apart")
    for band in instrument.bands.values():
        for text in (band.title, band.text, band.strength, band.next_step):
            typed = re.search(r"[0-9]+ ?[–-] ?[0-9]+", text.text)
            if typed:
                message = f"“{typed[0]}” is typed by hand"
                hint = "leave it out; the range of a band is printed from its cut score"
                yield Problem(text.place(typed.start()), "L05-typed-range", message, hint)


def _scales(instrument: Instrument) -> Iterator[Problem]:
    span = instrument.title.span
    for scale in instrument.scales.values():
        if len(scale.options) < 2:
            message = f"the scale “{scale.id}” has fewer than two options"
            yield Problem(span, "T05-points", message, "write points, labels, or from and to")
        elif not isinstance(scale, RatingScale) and scale.points.keys() - scale.options:
            message = f"the labels of “{scale.id}” are not those of its points"
            hint = f"write labels for {', '.join(scale.points)}"
            yield Problem(span, "T05-points", message, hint)


def _items(instrument: Instrument) -> Iterator[Problem]:
    for item in instrument.items.values():
        if item.scale is not None and item.scale not in instrument.scales:
            message = f"“{item.id}” names the scale “{item.scale}”, which there is not"
            hint = did_you_mean(item.scale, instrument.scales)
            yield Problem(item.stem.span, "T04-reference", message, hint)
        elif item.section is not None and item.section not in instrument.sections:
            message = f"“{item.id}” names the section “{item.section}”, which there is not"
            hint = did_you_mean(item.section, instrument.sections)
            yield Problem(item.stem.span, "T04-reference", message, hint)


def _identifiers(instrument: Instrument) -> Iterator[Problem]:
    for item in instrument.items.values():
        if not item.id[0].isalpha():
            message = f"“{item.id}” begins with a digit, which QTI and SCORM do not take"
            yield Problem(item.stem.span, "I03-identifier", message, "put a letter before it")


def _heads(instrument: Instrument) -> Iterator[Problem]:
    """A table of answers is headed by ids or by printed numbers, whatever their case."""
    numbers = {number.casefold(): item for item, number in instrument.numbers.items()}
    for item in instrument.items.values():
        head = item.id.casefold()
        other = numbers.get(head, item.id)
        if other != item.id:
            message = f"“{item.id}” is also the printed number of “{other}”"
            hint = "name the item otherwise; a table of answers could mean either by it"
            yield Problem(item.stem.span, "T03-identifier", message, hint)
        elif head in RESERVED:
            message = f"“{item.id}” heads another column in a table of answers"
            hint = f"name the item otherwise than {' or '.join(RESERVED)}"
            yield Problem(item.stem.span, "T03-identifier", message, hint)


def _options(instrument: Instrument) -> Iterator[Problem]:
    for item in instrument.items.values():
        scale = instrument.scale_of(item)
        expected = set(scale.options) if scale.lettered else set()
        if item.options.keys() != expected:
            message = f"the options of “{item.id}” are not those of the scale"
            hint = f"write the options {', '.join(scale.options)}"
            if not scale.lettered:
                hint = "delete the options; the scale has the answers to all its items"
            yield Problem(item.stem.span, "T05-points", message, hint)
        elif item.counts == "total" and set(scale.options) - scale.points.keys():
            message = f"“{item.id}” counts, but not every answer has points"
            hint = "write the points of every option, or `counts: nothing` at the item"
            yield Problem(item.stem.span, "T05-points", message, hint)
        elif item.reversed and item.counts != "total":
            message = f"“{item.id}” is keyed in reverse, but does not count"
            yield Problem(item.stem.span, "T05-points", message, "delete `reversed`")


def _sections(instrument: Instrument) -> Iterator[Problem]:
    for item in instrument.items.values():
        if item.section is None and instrument.sections and item.counts == "total":
            message = f"“{item.id}” stands in no section of the test"
            hint = f"write `section:` with one of {', '.join(instrument.sections)}"
            yield Problem(item.stem.span, "T07-uncounted", message, hint)
    for section, items in instrument.sectioned:
        if section is not None and not any(item.id in instrument.key for item in items):
            message = f"no item of the section “{section.id}” counts, so it has no subtotal"
            hint = "write `section:` at its items, or delete it"
            yield Problem(section.title.span, "T06-empty-section", message, hint)
    if instrument.bands and not instrument.key:
        message = "no item counts, so no total falls into a band"
        hint = "delete `counts` at the items that do"
        yield Problem(instrument.title.span, "T07-uncounted", message, hint)


def _net_promoter(instrument: Instrument) -> Iterator[Problem]:
    for item in instrument.items.values():
        if item.counts != "net-promoter":
            continue
        scale = instrument.scale_of(item)
        if not isinstance(scale, RatingScale) or (scale.start, scale.stop) != NET_PROMOTER:
            message = f"“{item.id}” counts towards a net promoter score, but is not rated 0 to 10"
            hint = "rate it `from: 0` `to: 10`, or let it count towards nothing"
            yield Problem(item.stem.span, "N01-net-promoter", message, hint)


def _range(instrument: Instrument) -> Iterator[Problem]:
    totals = reachable(instrument, instrument.items.values())
    found = min(totals), max(totals)
    if instrument.range not in (None, found):
        message = f"the range is stated as {instrument.range}, but answers reach {found}"
        hint = "mend the range, or the points of a scale"
        yield Problem(instrument.title.span, "S01-range", message, hint)


def _prorated(instrument: Instrument) -> Iterator[Problem]:
    if not instrument.prorate:
        return
    asked = len(instrument.key)
    if asked - instrument.prorate < LEAST_ANSWERED * asked:
        message = f"{instrument.prorate} of {asked} answers may be missing"
        hint = "let at the most half of them be missing"
        yield Problem(instrument.title.span, "S02-missing-answers", message, hint)
    ranges = {(min(points.values()), max(points.values())) for points in instrument.key.values()}
    if len(ranges) > 1:
        message = "a total raised in proportion could leave the range: items differ in their points"
        hint = "delete `prorate`, so that every answer is needed"
        yield Problem(instrument.title.span, "S02-missing-answers", message, hint)


def _unscored(instrument: Instrument) -> Iterator[Problem]:
    rule = instrument.unscored
    known = {option for key in instrument.key for option in instrument.key[key]}
    if rule is not None and rule.option not in known:
        message = f"“{rule.option}” is no option of the scale"
        hint = did_you_mean(rule.option, known) or "name an option that the items have"
        yield Problem(rule.text.span, "T04-reference", message, hint)
    if rule is not None and rule.minimum > len(instrument.key):
        message = f"{rule.minimum} such answers cannot be given to {len(instrument.key)} items"
        yield Problem(rule.text.span, "S02-missing-answers", message, "write a smaller `from`")


def _percent(instrument: Instrument) -> Iterator[Problem]:
    if instrument.bands_in != "percent":
        return
    for section, items in instrument.sectioned:
        highest = instrument.highest_of(items)
        if highest <= 0:
            message = f"there is no percentage of a maximum of {highest} points"
            hint = "give points to the options, or delete `bands_in`"
            span = section.title.span if section else instrument.title.span
            yield Problem(span, "S03-percent", message, hint)


def _bands(instrument: Instrument) -> Iterator[Problem]:
    bands = list(instrument.bands.values())
    unit = "percent" if instrument.bands_in == "percent" else "points"
    lowest, highest = ends(instrument)
    for below, above in pairwise(bands):
        if above.cut <= below.cut:
            message = f"the band “{above.id}” begins at {above.cut} {unit}, not above “{below.id}”"
            hint = "write the bands from the lowest to the highest"
            yield Problem(above.title.span, "B03-order", message, hint)
    if bands and bands[0].cut > lowest:
        message = f"the first band begins at {bands[0].cut} {unit}, but {lowest} can be reached"
        hint = f"write `from: {lowest}`"
        yield Problem(bands[0].title.span, "B01-gap", message, hint)
    for band in bands:
        if band.cut > highest or (band is bands[0] and band.cut < lowest):
            message = f"the band “{band.id}” begins at {band.cut} {unit}"
            hint = f"results lie between {lowest} and {highest}"
            yield Problem(band.title.span, "B05-outside", message, hint)


def _reachable_bands(instrument: Instrument) -> Iterator[Problem]:
    """A band that only answers of the unscored kind reach may stay: sources print such bands."""
    found = results(instrument)
    for band, lowest, highest in spans(instrument):
        if not any(lowest <= result <= highest for result in found):
            message = f"no answers lead to the band “{band.id}” ({lowest} to {highest})"
            hint = "move its cut score, or delete it"
            yield Problem(band.title.span, "B04-unreachable", message, hint)


def _source_bands(instrument: Instrument) -> Iterator[Problem]:
    printed = instrument.source_bands
    for key in printed.keys() - instrument.bands.keys():
        hint = did_you_mean(key, instrument.bands)
        message = f"the source's band “{key}” is not among the bands"
        yield Problem(instrument.title.span, "B07-source", message, hint)
    for band, lowest, highest in spans(instrument):
        if printed.get(band.id, (lowest, highest)) != (lowest, highest):
            start, stop = printed[band.id]
            message = f"the source prints {start}–{stop} for “{band.id}”, the cut scores give "
            message += f"{lowest}–{highest}"
            hint = "mend the cut scores; where the source is at fault, delete its range and say so"
            yield Problem(band.title.span, "B07-source", message, hint)


def _examples(instrument: Instrument) -> Iterator[Problem]:
    span = instrument.title.span
    if instrument.bands and not instrument.examples:
        message = "there is no worked example"
        hint = "write `examples:` with answers, their total and its band"
        yield Problem(span, "X01-no-example", message, hint)
    for number, example in enumerate(instrument.examples, start=1):
        if len(example.answers) != len(instrument.items):
            message = f"example {number} has {len(example.answers)} answers"
            hint = f"there are {len(instrument.items)} items; write `null` for a missing answer"
            yield Problem(span, "X02-example", message, hint)
            continue
        pairs = zip(instrument.items.values(), example.answers, strict=True)
        answers = {item.id: option for item, option in pairs if option is not None}
        yield from _check_example(instrument, number, answers)


def _check_example(
    instrument: Instrument, number: int, answers: dict[str, str]
) -> Iterator[Problem]:
    span, example = instrument.title.span, instrument.examples[number - 1]
    for key, option in answers.items():
        options = instrument.scale_of(instrument.items[key]).options
        if option not in options:
            message = f"example {number} answers “{key}” with “{option}”"
            yield Problem(span, "X02-example", message, did_you_mean(option, options))
            return
    found = score(instrument, answers).total
    if (found.points, found.band) != (example.total, example.band):
        expected = _result(example.total, example.band)
        message = f"example {number} should give {expected}"
        message += f", but gives {_result(found.points, found.band)}"
        hint = "mend the example, the points or the cut scores"
        yield Problem(span, "X02-example", message, hint)


def _result(total: int | None, band: str | None) -> str:
    points = "no total" if total is None else f"{total} points"
    return f"{points} and {f'the band “{band}”' if band else 'no band'}"


_STAGES: tuple[tuple[Rule, ...], ...] = (
    (_scales, _items, _identifiers, _heads),
    (_options, _net_promoter),
    (_sections, _range, _prorated, _unscored, _percent, _bands),
    (_reachable_bands, _source_bands, _examples),
)
"""Each stage can rely on what the ones before it have found right."""
