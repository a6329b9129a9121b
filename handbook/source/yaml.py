"""Read YAML into nodes, straight from the parser's events.

One pass does it all: it builds the nodes, keeps their places, and refuses what a book does not
need and an attacker would use (aliases, tags, deep nesting), before anything is expanded.
Plain scalars follow the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema):
`no`, `on`, `12:30` and dates are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from handbook.diagnostics import ContentError, Problem, Span
from handbook.source.files import forbidden, forbidden_characters
from handbook.source.nodes import Branch, Node, Scalar, Series

MAXIMUM_DEPTH = 30
MAXIMUM_NODES = 50_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CORE_SCHEMA = (
    (re.compile(r"~|null|Null|NULL|"), lambda raw: None),
    (re.compile(r"true|True|TRUE"), lambda raw: True),
    (re.compile(r"false|False|FALSE"), lambda raw: False),
    (re.compile(r"[-+]?[0-9]{1,18}"), int),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]{1,18}(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?"), float),
)
"""Pattern and value of each type; what no number can hold exactly is text."""


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    span: Span
    pairs: dict[str, Node] | None
    """None for a list."""
    keys: dict[str, Span] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Span] | None = None
    """The key that waits for its value."""


def read_yaml(text: str, file: str, language: str, first_line: int = 1) -> Branch:
    """Return the mapping that `text` holds.

    `first_line` is the line of `file` on which `text` begins. Raises `ContentError` with every
    duplicate key, alias and tag of the file, or with the first syntax error.
    """
    reader = _Reader(text, file, language, first_line)
    try:
        reader.read(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        reader.problems.append(reader.explain(error))
    except yaml.YAMLError as error:  # a character that the scanner refuses
        reader.problems.append(Problem(Span(file, first_line), "yaml", str(error)))
    if reader.problems:
        raise ContentError(reader.problems)
    if reader.root is None:
        raise ContentError(
            [Problem(Span(file), "yaml", "the file is empty", "write a key and a value, or delete")]
        )
    if not isinstance(reader.root, Branch):
        raise ContentError(
            [Problem(reader.root.span, "yaml", "expected keys and values", "begin with `key: …`")]
        )
    return reader.root


class _Reader:
    def __init__(self, text: str, file: str, language: str, first_line: int) -> None:
        self.lines = text.split("\n")
        self.file = file
        self.language = language
        self.first_line = first_line
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def read(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for count, event in enumerate(events):
            span = self.span(event.start_mark)
            if count > MAXIMUM_NODES or len(self.open) > MAXIMUM_DEPTH:
                self.report(span, "too large or too deeply nested", "divide the file")
                return
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self.report(span, "a second document begins", "remove the line `---`")
                        return
                case yaml.AliasEvent():
                    self.report(span, "references (`*name`) are not used here", "write it out")
                    return
                case yaml.ScalarEvent():
                    self.refuse_tag(event.tag, span)
                    self.scalar(event, span)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self.refuse_tag(event.tag, span)
                    is_mapping = isinstance(event, yaml.MappingStartEvent)
                    self.open.append(_Open(span, {} if is_mapping else None))
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self.close()

    def scalar(self, event: yaml.ScalarEvent, span: Span) -> None:
        if event.style == '"':  # only its escapes can bring in what no file may hold
            found = forbidden_characters(event.value)
            self.problems.extend(forbidden(character, span) for _, character in found)
        holder = self.open[-1] if self.open else None
        if holder and holder.pairs is not None and holder.key is None:
            holder.key = (event.value, span)
            return
        plain = event.style is None or event.style == ""
        value = core_value(event.value) if plain else event.value
        self.add(Scalar(value, event.value, span, self.language, self.start_of(event, span)))

    def start_of(self, event: yaml.ScalarEvent, span: Span) -> Span | None:
        """Return where the text of `event` begins, if the file has it letter for letter."""
        first: Any = event.start_mark
        last: Any = event.end_mark
        if event.style == "|":
            return self.start_of_block(event.value, first.line + 1)
        marks = 1 if event.style in ("'", '"') else 0
        if first.line == last.line and last.column - first.column == len(event.value) + 2 * marks:
            return Span(span.file, span.line, span.column + marks)
        return None

    def start_of_block(self, text: str, number: int) -> Span | None:
        """Return where the block `text` begins, whose first line is `self.lines[number]`."""
        for line, source in zip(text.split("\n"), self.lines[number:], strict=False):
            if line and source.endswith(line):
                indent = len(source) - len(line)
                return Span(self.file, self.first_line + number, indent + 1)
        return None

    def close(self) -> None:
        done = self.open.pop()
        if done.pairs is None:
            self.add(Series(tuple(done.items), done.span))
        else:
            self.add(Branch(done.pairs, done.span, done.keys))

    def add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        holder = self.open[-1]
        if holder.pairs is None:
            holder.items.append(node)
        elif holder.key is None:
            self.report(node.span, "a key must be a word", "write `key: value`")
            holder.key = ("", node.span)
        else:
            key, span = holder.key
            holder.key = None
            if key in holder.pairs:
                self.report(
                    span,
                    f"the key “{key}” stands here twice",
                    f"the first is on line {holder.keys[key].line}; keep one",
                    "duplicate-key",
                )
            holder.pairs[key] = node
            holder.keys[key] = span

    def refuse_tag(self, tag: str | None, span: Span) -> None:
        if tag not in (None, "!"):
            self.report(span, f"the tag “{tag}” is not used here", "delete it")

    def report(self, span: Span, message: str, hint: str, rule: str = "yaml") -> None:
        self.problems.append(Problem(span, rule, message, hint))

    def span(self, mark: Any) -> Span:
        if mark is None:
            return Span(self.file, self.first_line)
        return Span(self.file, mark.line + self.first_line, mark.column + 1)

    def explain(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        message, context = error.problem or str(error), error.context or ""
        hint = context
        if "tab" in message or self.character(mark) == "\t":
            message, hint = "a tab stands here", "indent with spaces"
        elif "quoted scalar" in context and "end of" in message:
            # What is missing is noticed at the end of the file, but belongs to where it began.
            mark, message, hint = error.context_mark, "this quotation does not end", "close it"
        elif "flow" in context:
            mark, message, hint = error.context_mark, "this bracket does not end", "close it"
        elif "mapping values are not allowed" in message or "cannot start" in message:
            hint = "put the text in quotes, or write `key: |` and the text below, indented"
        elif "block" in context:
            hint = "put a text in quotes that begins with { or [; check the indents"
        elif "could not find expected" in message:
            hint = "a quotation mark or a colon is missing"
        return Problem(self.span(mark), "yaml", message, hint)

    def character(self, mark: Any) -> str:
        line = self.lines[mark.line] if mark and mark.line < len(self.lines) else ""
        return line[mark.column : mark.column + 1] if line else ""


def core_value(raw: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar after the rules of the core schema."""
    for pattern, convert in _CORE_SCHEMA:
        if pattern.fullmatch(raw):
            return convert(raw)
    return raw


def scalar_events(text: str) -> Iterator[yaml.ScalarEvent]:
    """Yield the scalars, keys too, of YAML that can be read."""
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.ScalarEvent):
            yield event


def has_comments(text: str) -> bool:
    """Return whether YAML that can be read holds comments."""
    left, end = [], 0
    for event in scalar_events(text):
        first: Any = event.start_mark
        last: Any = event.end_mark
        left.append(text[end : first.index])
        end = last.index
    return "#" in "".join([*left, text[end:]])


def write_yaml(tree: Mapping[str, object]) -> str:
    """Return `tree` as people write it here, so that `read_yaml` reads the same values.

    Mappings and lists are written line below line, but a tuple, and a mapping of nothing but
    tuples, in one line; a text of several lines as a block.
    """
    return yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))


class _Dumper(yaml.SafeDumper):
    """Writes values in the style of the book."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # the members of a list stand to the right of its key

    def ignore_aliases(self, data: object) -> bool:
        return True  # or the same tuple twice becomes a reference


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif not isinstance(core_value(text), str):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _represent_mapping(dumper: _Dumper, mapping: Mapping[str, object]) -> yaml.MappingNode:
    flow = bool(mapping) and all(isinstance(value, tuple) for value in mapping.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=flow)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(dict, _represent_mapping)
_Dumper.add_representer(
    list, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, False)
)
_Dumper.add_representer(
    tuple, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, True)
)
