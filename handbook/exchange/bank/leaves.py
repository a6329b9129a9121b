"""A test as its leaves: each value and text with the way to it, as tables show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from handbook.model.entries import Assessment
from handbook.model.schema import shape_of
from handbook.source.nodes import Branch, Node, Scalar, Series
from handbook.source.yaml import core_value

Place = tuple[str, ...]
"""The way to a leaf of a test, such as items, resp-1, stem; positions of lists count from zero."""

ORDER = (
    *("code", "version", "minutes", "evidence", "title", "summary", "body", "example"),
    *("instruction", "see_also", "names", "worksheet", "scales", "sections", "items", "range"),
    *("prorate", "unscored", "bands_in", "bands", "source_bands", "examples", "respondents"),
    "facilitator",
)
"""In which order the parts of a test are written."""
POSITION = re.compile(r"[0-9]{1,4}")
YES, NO = ("yes", "true", "1", "x"), ("no", "false", "0")
"""What people write for a truth value; the first is what is shown."""


def leaves(node: Node, annotation: Any = Assessment) -> Iterator[tuple[Place, Scalar]]:
    """Yield the place and the node of every value of a test, in the order of writing.

    An empty list or mapping is a leaf without a value.
    """
    if isinstance(node, Scalar):
        yield (), node
        return
    if not node.children:
        yield (), Scalar(None, "", node.span, "")
    shape = shape_of(annotation)
    for key, child in members(node, annotation):
        inner = shape.fields.get(key) if shape.kind == "fields" else shape.inner
        for place, scalar in leaves(child, inner):
            yield (key, *place), scalar


def members(node: Branch | Series, annotation: Any) -> Iterable[tuple[str, Node]]:
    """Return what is in `node`: ids and lists as they stand, fields as the model has them."""
    if isinstance(node, Series):
        return [(str(at), child) for at, child in enumerate(node.children)]
    shape = shape_of(annotation)
    if shape.kind != "fields":
        return node.children.items()
    order = [*(ORDER if annotation is Assessment else shape.fields), *node.children]
    return sorted(node.children.items(), key=lambda pair: order.index(pair[0]))


def to_values(node: Node, annotation: Any = Assessment) -> Any:
    """Return a test as values for `write_yaml`: words in lists, other series in tuples."""
    shape = shape_of(annotation)
    if isinstance(node, Scalar):
        if shape.kind != "words" or node.value is None:
            return node.value
        text = node.raw.strip()
        return f"{text}\n" if "\n" in text else text
    inner = {
        key: to_values(child, shape.fields.get(key) if shape.kind == "fields" else shape.inner)
        for key, child in members(node, annotation)
    }
    if isinstance(node, Branch):
        return inner
    return tuple(inner.values()) if shape_of(shape.inner).kind == "value" else [*inner.values()]


def annotation_at(place: Place) -> Any:
    """Return the type of what stands at `place`; None where a test has no such place."""
    annotation: Any = Assessment
    for part in place:
        shape = shape_of(annotation)
        annotation = shape.fields.get(part) if shape.kind == "fields" else shape.inner
    return annotation


def is_words(place: Place) -> bool:
    """Return whether a text that people read stands at `place`."""
    return shape_of(annotation_at(place)).kind == "words"


def to_value(text: str, place: Place) -> str | int | float | bool | None:
    """Return the value that `text` spells at `place`; spreadsheets keep numbers as texts too."""
    types = _types(annotation_at(place))
    if str in types:
        return text
    if bool in types:
        said = text.casefold()
        return True if said in YES else False if said in NO else text
    return core_value(text)


def _types(annotation: Any) -> set[Any]:
    """Return the plain types that a value of the type `annotation` can have."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _types(arguments[0])
    if origin is Literal:
        return {type(value) for value in arguments}
    if origin in (Union, UnionType):
        return set().union(*map(_types, arguments))
    return {annotation}


def to_cell(scalar: Scalar | None) -> object:
    """Return what a cell shows of a value; None of nothing."""
    if scalar is None or not isinstance(scalar.value, bool):
        return scalar and scalar.value
    return YES[0] if scalar.value else NO[0]


def shown(place: Place) -> str:
    """Return a place as people read it; what they count, they count from one."""
    return ".".join(_renumbered(place, 1))


def place_of(text: str) -> Place:
    """Return the place that is shown as `text`."""
    return tuple(_renumbered(text.split("."), -1))


def _renumbered(parts: Sequence[str], step: int) -> Iterator[str]:
    for depth, part in enumerate(parts):
        is_position = shape_of(annotation_at(tuple(parts[:depth]))).kind == "items"
        yield str(int(part) + step) if is_position and POSITION.fullmatch(part) else part
