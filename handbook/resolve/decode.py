"""From a tree of nodes to the typed book, with every error at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from handbook.diagnostics import ContentError, Problem, did_you_mean
from handbook.model.book import Book
from handbook.model.schema import shape_of
from handbook.source.nodes import Branch, Node, Scalar, Series


def decode(tree: Branch) -> Book:
    """Return the book that `tree` spells; raises `ContentError` with all that does not fit."""
    try:
        return Book.model_validate(_to_python(tree, Book))
    except ValidationError as error:
        problems = [_explain(details, tree) for details in error.errors(include_url=False)]
        raise ContentError(problems) from error


def words_of(node: Node, annotation: Any) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Yield the path and the node of every text that people read below `node`."""
    shape = shape_of(annotation)
    if isinstance(node, Scalar):
        if shape.kind == "words":
            yield (), node
    elif isinstance(node, Series):
        if shape.kind == "items":
            for number, child in enumerate(node.children):
                for path, scalar in words_of(child, shape.inner):
                    yield (str(number), *path), scalar
    else:
        for key, child in node.children.items():
            inner = shape.inner if shape.kind == "values" else shape.fields.get(key)
            for path, scalar in words_of(child, inner):
                yield (key, *path), scalar


def _to_python(node: Node, annotation: Any) -> Any:
    shape = shape_of(annotation)
    match node:
        case Scalar() if shape.kind == "words" and node.value is not None:
            return shape.words(node.raw, node.language, node.span)
        case Scalar():
            return node.value
        case Series():
            return tuple(_to_python(child, shape.inner) for child in node.children)
        case Branch():
            return {
                key: _to_python(
                    child, shape.inner if shape.kind == "values" else shape.fields.get(key)
                )
                for key, child in node.children.items()
            }


def _explain(details: ErrorDetails, tree: Branch) -> Problem:
    node, rest = _find(tree, details["loc"])
    key = str(details["loc"][-1])
    kind = details["type"]
    given = _describe(node)
    if kind == "missing":
        return Problem(node.span, "missing", f"“{key}” is missing", "add it")
    if kind == "extra_forbidden":
        parent, _ = _find(tree, details["loc"][:-1])
        known = shape_of(_annotation_at(details["loc"][:-1])).fields
        span = parent.key_span(key) if isinstance(parent, Branch) else node.span
        return Problem(span, "unknown-key", f"unknown key “{key}”", did_you_mean(key, known))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        expected = str(details.get("ctx", {}).get("expected_tags", "")).replace("'", "")
        return Problem(node.span, "kind", "`kind` is missing or unknown", f"known: {expected}")
    if kind == "words":
        return Problem(node.span, "type", f"expected words, found {given}", "write a text")
    if isinstance(node, Scalar) and node.value is None:
        return Problem(node.span, "missing", f"“{key}” is empty", "write its value")
    message = details["msg"][0].lower() + details["msg"][1:]
    message = message.replace("input should be", "this should be")
    if rest:
        message = f"{'.'.join(rest)}: {message}"
    return Problem(node.span, "type", f"{message}; found {given}")


def _find(tree: Node, location: tuple[int | str, ...]) -> tuple[Node, list[str]]:
    """Return the deepest node on the way to `location`, and what of the way is left.

    Parts that pydantic adds of its own (the tag of a union, `[key]`) name no node.
    """
    node: Node = tree
    rest: list[str] = []
    for part in location:
        if isinstance(node, Branch) and part in node.children:
            node, rest = node.children[str(part)], []
        elif isinstance(node, Series) and isinstance(part, int) and part < len(node.children):
            node, rest = node.children[part], []
        else:
            rest.append(str(part))
    return node, rest


def _annotation_at(location: tuple[int | str, ...]) -> Any:
    annotation: Any = Book
    for part in location:
        shape = shape_of(annotation)
        if shape.kind in ("values", "items"):
            annotation = shape.inner
        elif part in shape.fields:
            annotation = shape.fields[str(part)]
    return annotation


def _describe(node: Node) -> str:
    match node:
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"the truth value {node.raw}"
        case Scalar(value=int() | float()):
            return f"the number {node.raw}"
        case Scalar():
            return f"the text “{node.raw[:40]}”"
        case Series():
            return "a list"
    return "keys and values"
