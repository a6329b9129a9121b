"""Words that people read: a type of their own, so that nothing else can pass for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from handbook.diagnostics import Span

_LINK = re.compile(r"(?<!!)\[(?P<label>(?:[^\[\]\\]|\\.)*)\]\((?P<target>[^()\s]*)\)")
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z][a-z0-9-]*)(?::(?P<argument>[^{}\s]+))?\}")

FORMATS = ("money", "number", "percent")
"""Placeholders whose argument is the number to format."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{name:argument}` in a text."""

    name: str
    argument: str = ""
    """The number of a format, or the grammatical form of a name."""

    @property
    def essence(self) -> str:
        """What must stand in every language; the form of a name may differ."""
        return f"{self.name}:{self.argument}" if self.name in FORMATS else self.name


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language; may hold inline Markdown, links to ids and placeholders."""

    text: str
    language: str
    span: Span = field(default=Span(""), compare=False, repr=False)

    def __html__(self) -> NoReturn:
        raise TypeError("print words through the filter `words`, `markdown` or `plain`")

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def links(self) -> tuple[str, ...]:
        """The targets of the links, as written, in order."""
        return tuple(match["target"] for match in _LINK.finditer(self.text))

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders in order."""
        return find_placeholders(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "description": cls.__doc__ or ""}

    @classmethod
    def _validate(cls, value: object) -> Self:
        if isinstance(value, Words):
            return cls(value.text.strip(), value.language, value.span)
        raise PydanticCustomError("words", "expected words")


class Markdown(Words):
    """A text of several blocks: paragraphs, lists, quotes, tables, headings."""

    __slots__ = ()


def find_placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return the placeholders of `text` in order."""
    return tuple(Placeholder(m["name"], m["argument"] or "") for m in _PLACEHOLDER.finditer(text))


def replace_placeholders(text: str, value: Any) -> str:
    """Return `text` with each placeholder replaced by `value(placeholder)`."""
    return _PLACEHOLDER.sub(lambda m: value(Placeholder(m["name"], m["argument"] or "")), text)
