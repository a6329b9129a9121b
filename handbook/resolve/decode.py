"""From a tree of nodes to the typed book, with every error at its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean
from handbook.model.base import Model
from handbook.model.schema import Shape, shape_of
from handbook.source.nodes import Branch, Node, Scalar, Series, descend

M = TypeVar("M", bound=Model)


def decode(tree: Branch, model: type[M]) -> M:
    """Return what `tree` spells; raises `ContentError` with all that does not fit `model`."""
    try:
        return model.model_validate(_to_python(tree, model))
    except ValidationError as error:
        path = _Path(tree, model)
        problems = [_explain(details, path) for details in error.errors(include_url=False)]
        raise ContentError(problems) from error


def words_of(node: Node, annotation: Any) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Yield the path and the node of every text that people read below `node`."""
    found: list[tuple[tuple[str, ...], Scalar]] = []
    _gather(node, annotation, (), found)
    return iter(found)


def _gather(
    node: Node,
    annotation: Any,
    path: tuple[str, ...],
    found: list[tuple[tuple[str, ...], Scalar]],
) -> None:
    # A list and no generators within generators: this looks at a million nodes.
    shape = shape_of(annotation)
    if isinstance(node, Scalar):
        if shape.kind == "words":
            found.append((path, node))
    elif isinstance(node, Series):
        if shape.kind == "items":
            for number, child in enumerate(node.children):
                _gather(child, shape.inner, (*path, str(number)), found)
    else:
        for key, child in node.children.items():
            inner = shape.inner if shape.kind == "values" else shape.fields.get(key)
            _gather(child, inner, (*path, key), found)


def _to_python(node: Node, annotation: Any) -> Any:
    shape = shape_of(annotation)
    match node:
        case Scalar() if shape.kind == "words" and node.value is not None:
            return shape.words(node.raw, node.language, node.span, node.start)
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


def _explain(details: ErrorDetails, path: _Path) -> Problem:
    location, kind = details["loc"], details["type"]
    node, _, rest = path.find(location)
    key = str(location[-1])
    if key == "[key]":
        key = str(location[-2])
        hint = "use small letters a–z, digits and hyphens"
        return Problem(path.key_span(location[:-1]), "id", f"“{key}” cannot be an id", hint)
    if kind == "missing" and isinstance(node, Series):
        message = f"the list has {len(node.children)} members"
        return Problem(node.span, "missing", message, f"it needs {int(key) + 1} at least")
    if kind == "missing":
        return Problem(node.span, "missing", f"“{key}” is missing", "add it")
    if kind == "extra_forbidden":
        _, shape, _ = path.find(location[:-1])
        hint = did_you_mean(key, shape.fields)
        return Problem(path.key_span(location), "unknown-key", f"unknown key “{key}”", hint)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        if kind == "union_tag_not_found":
            return Problem(node.span, "kind", "`kind` is missing", "write which kind this is")
        expected = str(details.get("ctx", {}).get("expected_tags", "")).replace("'", "")
        span = descend(node, ["kind"]).span
        return Problem(span, "kind", "this kind is unknown", f"known: {expected}")
    return _explain_value(details, node, ".".join(rest), key)


def _explain_value(details: ErrorDetails, node: Node, below: str, key: str) -> Problem:
    given = _describe(node)
    if details["type"] == "empty" or (isinstance(node, Scalar) and node.value is None):
        return Problem(node.span, "missing", f"“{key}” is empty", "write its value")
    if details["type"] == "words":
        return Problem(node.span, "type", f"expected words, found {given}", "write a text")
    message = details["msg"][0].lower() + details["msg"][1:]
    message = message.replace("input should be", "this should be")
    if below:
        message = f"{below}: {message}"
    hint = _CURES.get(details["type"], "")
    return Problem(node.span, "type", f"{message}; found {given}", hint)


_CURES = {"string_type": "put it in quotes", "bool_type": "write true or false"}
"""What to do about values of a wrong type, by pydantic's name of the error."""


@dataclass(frozen=True, slots=True)
class _Path:
    """The way from the places of pydantic's errors to nodes."""

    tree: Branch
    model: type[Model]

    def find(self, location: tuple[int | str, ...]) -> tuple[Node, Shape, list[str]]:
        """Return the deepest node on the way to `location`, its shape, and what is left of the way.

        Parts that pydantic adds of its own (the kind of a model, `[key]`) name no node.
        """
        node: Node = self.tree
        shape, rest = shape_of(self.model), list[str]()
        at_kind = False
        for part in location:
            if shape.kinds and not at_kind:
                at_kind = True
                continue
            child = _child(node, part)
            if child is None:
                rest.append(str(part))
                continue
            node, rest, at_kind = child, [], False
            inner = (
                shape.inner if shape.kind in ("values", "items") else shape.fields.get(str(part))
            )
            shape = shape_of(inner)
        return node, shape, rest

    def key_span(self, location: tuple[int | str, ...]) -> Span:
        """Return where the last key of `location` stands."""
        parent, _, _ = self.find(location[:-1])
        return parent.key_span(str(location[-1])) if isinstance(parent, Branch) else parent.span


def _child(node: Node, part: int | str) -> Node | None:
    if isinstance(node, Branch):
        return node.children.get(str(part))
    if isinstance(node, Series) and isinstance(part, int) and part < len(node.children):
        return node.children[part]
    return None


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
