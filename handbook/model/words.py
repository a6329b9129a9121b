"""Words that people read: a type of their own, so that nothing else can pass for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from handbook.diagnostics import Span

_LINK = re.compile(
    r"\[(?P<label>(?:[^\[\]\\]|\\.)*)\]"
    r"\(\s*<?(?P<target>[^()<>\s]*)>?(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z][a-z0-9-]*)(?::(?P<argument>[^{}\s]+))?\}")
_BRACED = re.compile(
    rf"\\.|`[^`]*`|(?<=\])\{{lang=[A-Za-z-]+\}}|{_PLACEHOLDER.pattern}|(?P<odd>\{{[^{{}}]*\}})"
)
"""All that may stand in braces, or with a brace in it; `odd` is what then still does."""

FORMATS = ("money", "number", "percent")
"""Placeholders whose argument is the number to format."""

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>()]*[^\s<>().,;:!?…»”\"']|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII
)

OPAQUE = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for what is no text (code, an address, a placeholder) where texts are looked through."""
DIGIT = "\N{ARABIC-INDIC DIGIT ZERO}"
"""Stands for each character of a placeholder that prints a number."""
MASKS = frozenset((OPAQUE, DIGIT))


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
    start: Span | None = field(default=None, compare=False, repr=False)
    """Where the first character stands, if the file has the text letter for letter, with every
    line of it beginning in the same column."""

    def __html__(self) -> NoReturn:
        raise TypeError("print words through the filter `words`, `markdown` or `plain`")

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def links(self) -> tuple[str, ...]:
        """The targets of the links, as written, in order."""
        return tuple(target for target, _ in self.placed_links())

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders in order."""
        return tuple(placeholder for placeholder, _ in self.placed_placeholders())

    def placed_links(self) -> Iterator[tuple[str, Span]]:
        """Yield the target of each link, as written, and its place."""
        for match in _LINK.finditer(self.text) if "](" in self.text else ():
            yield match["target"], self.place(match.start("target"))

    def placed_placeholders(self) -> Iterator[tuple[Placeholder, Span]]:
        """Yield each placeholder and its place."""
        for match in _PLACEHOLDER.finditer(self.text) if "{" in self.text else ():
            yield _to_placeholder(match), self.place(match.start())

    def odd_braces(self) -> Iterator[tuple[str, str, Span]]:
        """Yield each `{…}` that would be printed as it stands, what was probably meant (or
        nothing), and its place: `{company: genitive}`, `{company|genitive}`, `{Company}`.
        """
        for match in _BRACED.finditer(self.text if "{" in self.text else ""):
            if odd := match["odd"]:
                meant = re.sub(r"\s", "", odd).replace("|", ":").replace(":}", "}").lower()
                known = meant if _PLACEHOLDER.fullmatch(meant) else ""
                yield odd, known, self.place(match.start())

    def place(self, offset: int) -> Span:
        """Return where the character `offset` stands, or else where the whole text does."""
        if self.start is None:
            return self.span
        line = self.text.count("\n", 0, offset)
        column = offset - (self.text.rfind("\n", 0, offset) + 1)
        return Span(self.start.file, self.start.line + line, self.start.column + column)

    def strip(self) -> Self:
        """Return the text without white space around it."""
        if self.text == self.text.strip():
            return self
        lead = self.text[: len(self.text) - len(self.text.lstrip())]
        start = None if lead.strip("\n") else self.start and self.place(len(lead))
        return type(self)(self.text.strip(), self.language, self.span, start)

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
            if not value.text.strip():
                raise PydanticCustomError("empty", "expected words")
            return cls(value.text, value.language, value.span, value.start).strip()
        raise PydanticCustomError("words", "expected words")


NO_WORDS = Words("", "")
"""Stands where a text may be left out, and is."""


class Markdown(Words):
    """A text of several blocks: paragraphs, lists, quotes, tables, headings."""

    __slots__ = ()


def replace_placeholders(text: str, value: Any) -> str:
    """Return `text` with each placeholder replaced by `value(placeholder)`."""
    return _PLACEHOLDER.sub(lambda match: value(_to_placeholder(match)), text)


def masked(text: str) -> str:
    """Return `text`, as long as it was, with marks for its placeholders and addresses."""
    if "{" in text:
        text = _PLACEHOLDER.sub(
            lambda match: (DIGIT if match["name"] in FORMATS else OPAQUE) * len(match[0]), text
        )
    if "@" in text or "//" in text or "www" in text:
        text = _ADDRESS.sub(lambda match: OPAQUE * len(match[0]), text)
    return text


def _to_placeholder(match: re.Match[str]) -> Placeholder:
    return Placeholder(match["name"], match["argument"] or "")
