"""What a translation may be: the same places as its original, and words only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from handbook.diagnostics import Problem, Span, did_you_mean
from handbook.model.schema import shape_of
from handbook.model.words import Words
from handbook.source.nodes import Branch, Node, Scalar, Series

SENTENCE = 4
"""Words from which on a text is no mere name, which may be the same in two languages."""
_WORD = re.compile(r"[^\W\d_]{2,}")


def check_translation(original: Node, words: Node, annotation: Any) -> Iterator[Problem]:
    """Yield what keeps `words` from being laid over `original`.

    A translation sets words and nothing else, has no key that its original lacks, as many members
    in every list, and the same links and placeholders in every text.
    """
    shape = shape_of(annotation)
    match original, words:
        case Scalar(value=None), _:
            hint = "delete the key here; what the original takes out has no words"
            yield Problem(words.span, "left-out", f"{original.span} takes this out", hint)
        case _, Scalar() if words.value is None or not words.raw.strip():
            hint = "write the words, or delete the key"
            yield Problem(words.span, "missing", "the translation is empty", hint)
        case Branch(), Branch():
            for key, child in words.children.items():
                if key not in original.children:
                    message = f"“{key}” does not stand in the original"
                    hint = did_you_mean(key, original.children)
                    yield Problem(words.key_span(key), "unknown-key", message, hint)
                    continue
                inner = shape.inner if shape.kind == "values" else shape.fields.get(key)
                yield from check_translation(original.children[key], child, inner)
        case Series(), Series() if shape.kind == "items":
            here, there = len(words.children), len(original.children)
            if here != there:
                message = f"the list has {here} members, the original {there}"
                hint = f"see {original.span}"
                yield Problem(words.span, "list-length", message, hint)
            for below, above in zip(original.children, words.children, strict=False):
                yield from check_translation(below, above, shape.inner)
        case Scalar(), Scalar() if shape.kind == "words":
            yield from _check_text(original, words)
        case Scalar(), Scalar():
            message = "a translation sets words only"
            hint = f"delete this; it is set in {original.span}"
            yield Problem(words.span, "words-only", message, hint)
        case _:
            message = "this does not have the form of the original"
            yield Problem(words.span, "type", message, f"see {original.span}")


def without_echoes(problems: Iterable[Problem], originals: Iterable[Problem]) -> Iterator[Problem]:
    """Yield `originals`, and the `problems` of files whose original has none.

    A key misspelt in the original is unknown in every translation of it; told once, where it is to
    be mended, it is found at once. What else is wrong with the translations shows after that.
    """
    faulty = set()
    for problem in originals:
        faulty.add(_original(problem.span))
        yield problem
    yield from (problem for problem in problems if _original(problem.span) not in faulty)


def _original(span: Span) -> str:
    """Return the file that a translation translates, or the file itself; without its ending."""
    parts = span.file.split("/")
    if "locales" in parts:
        place = parts.index("locales")
        parts[place : place + 2] = ["content"]
    return "/".join(parts).rpartition(".")[0]


def _check_text(original: Scalar, translated: Scalar) -> Iterator[Problem]:
    if original.raw == translated.raw and len(_WORD.findall(original.raw)) >= SENTENCE:
        message = f"this is still the text in {original.language}"
        hint = "translate it; or delete it, and --allow-missing shows the original"
        yield Problem(translated.span, "L05-same-as-source", message, hint)
    below = Words(original.raw, original.language, original.span, original.start)
    above = Words(translated.raw, translated.language, translated.span, translated.start)
    for name, expected, found in (
        ("link", dict(below.placed_links()), dict(above.placed_links())),
        ("placeholder", _essences(below), _essences(above)),
    ):
        for missing in sorted(expected.keys() - found.keys()):
            message = f"the {name} “{missing}” of the original is missing"
            yield Problem(translated.span, f"{name}-parity", message, f"see {expected[missing]}")
        for added in sorted(found.keys() - expected.keys()):
            message = f"the {name} “{added}” does not stand in the original"
            yield Problem(found[added], f"{name}-parity", message, f"see {original.span}")


def _essences(words: Words) -> dict[str, Span]:
    return {placeholder.essence: span for placeholder, span in words.placed_placeholders()}
