"""Parsed files, not yet typed: a tree in which every node knows its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from handbook.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it stands in the file."""

    value: str | int | float | bool | None
    """The value after the rules of the YAML 1.2 core schema."""
    raw: str
    """The characters as written; what a field of words takes, so that `1.10` stays `1.10`."""
    span: Span
    language: str
    """Tag of the language that the file is written in."""
    start: Span | None = None
    """Where the first character of `raw` stands, if the file has `raw` letter for letter, with
    every line of it beginning in the same column."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping: a folder, a file or a YAML mapping, all alike."""

    children: Mapping[str, Node]
    span: Span
    keys: Mapping[str, Span] = field(default_factory=lambda: MappingProxyType({}))
    """Where each key stands; a folder's children have none."""

    def key_span(self, key: str) -> Span:
        """Return where `key` stands, or where the mapping begins."""
        return self.keys.get(key) or self.children[key].span


@dataclass(frozen=True, slots=True)
class Series:
    """A list."""

    children: Sequence[Node]
    span: Span


Node = Scalar | Branch | Series


def empty_branch(file: str) -> Branch:
    """Return a mapping without children that stands for the missing `file`."""
    return Branch({}, Span(file))


def overlay(base: Branch, top: Branch) -> Branch:
    """Lay `top` over `base`: mappings merge key by key, anything else is replaced whole.

    An empty value in `top` takes the key out.
    """
    children = dict(base.children)
    for key, node in top.children.items():
        below = children.get(key)
        if isinstance(node, Branch):
            below = below if isinstance(below, Branch) else Branch({}, node.span)
            children[key] = overlay(below, node)
        elif isinstance(node, Scalar) and node.value is None:
            children.pop(key, None)
        else:
            children[key] = node
    return Branch(children, base.span, {**base.keys, **top.keys})


def descend(node: Node, path: Sequence[str]) -> Node:
    """Return the node at the end of `path`; `KeyError` where there is none."""
    for key in path:
        if not isinstance(node, Branch):
            raise KeyError(key)
        node = node.children[key]
    return node


def find(node: Node, path: Sequence[str]) -> Node | None:
    """Return the node at the end of `path`, or None where there is none."""
    try:
        return descend(node, path)
    except KeyError:
        return None


def scalars(node: Node | None) -> Iterator[Scalar]:
    """Yield every value within `node`, in the order of the file."""
    match node:
        case Scalar():
            yield node
        case Branch():
            for child in node.children.values():
                yield from scalars(child)
        case Series():
            for child in node.children:
                yield from scalars(child)


def to_plain(node: Node) -> object:
    """Return the values of `node` without their places: dicts, tuples and scalars."""
    match node:
        case Scalar():
            return node.value
        case Series():
            return tuple(map(to_plain, node.children))
        case Branch():
            return {key: to_plain(child) for key, child in node.children.items()}
