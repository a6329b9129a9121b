"""One language: its CLDR locale, its interface words, its typographic facts."""

from __future__ import annotations

import gettext as gettext_module
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import NumberPattern, format_decimal, format_percent
from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean, raise_all
from handbook.language.collation import check_rules, initial_of, sort_key
from handbook.language.rules import Rule, read_rules
from handbook.model.base import Model
from handbook.source.files import read_text, relative
from handbook.source.nodes import Branch, to_plain
from handbook.source.yaml import read_yaml


def _pairs(value: object) -> object:
    """Return a mapping as something that can be told apart by its value."""
    return tuple(value.items()) if isinstance(value, dict) else value


class Ending(Model):
    """A form of a company's name that goes by how the name ends."""

    form: str
    after: str
    """Regular expression: the end of a name."""
    pattern: str
    """As in `Typography.company`."""

    @field_validator("after")
    @classmethod
    def _check_after(cls, after: str) -> str:
        try:
            re.compile(after)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return after


class Typography(Model):
    """`locales/<tag>/language.yaml`: what typesetting must know of a language."""

    quotes: tuple[str, str, str, str]
    """Outer opening and closing, inner opening and closing mark; from CLDR's delimiters."""
    cldr: str = ""
    """CLDR locale for dates and numbers where the tag alone means another country's habits."""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217; a brand may set another."""
    spaced: bool = True
    """Whether the language puts spaces between words."""
    collation: str = ""
    """CLDR's tailoring of the root order, or `pinyin`."""
    fonts: tuple[str, ...] = Field(min_length=1)
    """Families of the theme, first choice first."""
    emphasis: Literal["italic", "bold"] = "italic"
    hyphenate: bool = True
    line_height: float = Field(ge=1, le=2.5)
    company: Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)] = ()
    """Grammatical form and how a company's plain name takes it, `{name}` standing for the name.

    Lists the forms that the language has; a new brand's theme is written from it.
    """
    company_endings: tuple[Ending, ...] = ()
    """Where a name ends so, its form is not that of `company`; the first that fits."""
    rules: tuple[Rule, ...] = ()
    """From `typography.yaml`, behind those of all languages."""

    @field_validator("collation")
    @classmethod
    def _check_collation(cls, collation: str) -> str:
        check_rules(collation)
        return collation

    def __hash__(self) -> int:
        return self._hash  # asked once for every text that is set

    @cached_property
    def _hash(self) -> int:
        return hash(repr(self))


@lru_cache
def _same(typography: Typography) -> Typography:
    """Return the equal value that was read before, so that what is kept for it stays in use."""
    return typography


@dataclass(frozen=True)
class Language:
    """Everything that depends on the reader's language, ready for use."""

    tag: str
    typography: Typography
    catalog: gettext_module.NullTranslations
    catalog_text: str
    """The catalog as read: part of what a page is made from."""

    @cached_property
    def locale(self) -> Locale:
        """The CLDR locale."""
        return Locale.parse(self.typography.cldr or self.tag, sep="-")

    @cached_property
    def name(self) -> str:
        """The language's own name, as it stands alone in a list: with a capital letter."""
        name = Locale.parse(self.tag, sep="-").get_display_name() or self.tag
        return name[:1].upper() + name[1:]

    @cached_property
    def english_name(self) -> str:
        """The language's name in the language of messages."""
        return Locale.parse(self.tag, sep="-").get_display_name("en") or self.tag

    @cached_property
    def words(self) -> str:
        """The interface words, translated, one below the other."""
        messages = read_po(io.StringIO(self.catalog_text))
        forms = (message.string or message.id for message in messages if message.id)
        return "\n".join(f if isinstance(f, str) else "\n".join(f) for f in forms)

    def gettext(self, message: str, **values: object) -> str:
        """Return an interface text, with `values` put in for `%(name)s`."""
        text = self.catalog.gettext(message)
        return text % values if values else text

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        """Return the form of an interface text that `n` asks for; `%(n)s` is the number."""
        return self.catalog.ngettext(singular, plural, n) % {"n": self.number(n), **values}

    def number(self, value: float) -> str:
        """Return a number with the language's signs, to two decimals at the most."""
        return _with_minus(format_decimal(round(value, 2), locale=self.locale))

    def signed(self, value: float) -> str:
        """Return a whole number with its sign, plus too; none has no sign."""
        pattern = "+#,##0;-#,##0" if round(value) else "0"
        return _with_minus(format_decimal(round(value), pattern, self.locale))

    def either(self, texts: Sequence[str]) -> str:
        """Return a list of which one holds, such as “a, b or c”."""
        return str(format_list(texts, style="or", locale=self.locale))

    def every(self, texts: Sequence[str]) -> str:
        """Return a list of all that holds, such as “a, b and c”."""
        return str(format_list(texts, style="standard", locale=self.locale))

    def percent(self, value: float) -> str:
        """Return a fraction as a percentage, to one decimal at the most."""
        text = format_percent(round(value, 3), locale=self.locale, decimal_quantization=False)
        return _with_minus(text)

    def money(self, value: float, currency: str = "") -> str:
        """Return an amount in `currency` (or the language's own), without empty decimals."""
        currency = currency or self.typography.currency
        pattern: NumberPattern = self.locale.currency_formats["standard"]
        digits = (0, 0) if value == int(value) else (2, 2)
        amount = _with_fraction(pattern, digits)
        text = amount.apply(value, self.locale, currency=currency, currency_digits=False)
        # CLDR's currencySpacing, which Babel leaves out: “NOK 5”, but “€5”.
        return _with_minus(re.sub(r"(?<=[A-Z])(?=\d)", "\N{NO-BREAK SPACE}", text))

    def elapsed(self, minutes: int) -> str:
        """Return a time since the beginning, in hours and minutes."""
        return f"{minutes // 60}:{minutes % 60:02}"

    def date(self, value: date) -> str:
        """Return a date in its long form."""
        return str(format_date(value, format="long", locale=self.locale))

    @property
    def sort_key(self) -> Callable[[str], Any]:
        """The key that sorts texts as the language's dictionaries do."""
        return sort_key(self.typography.collation)

    @property
    def initial_of(self) -> Callable[[str], str]:
        """The letter under which an index lists a text."""
        return initial_of(self.typography.collation)


def _with_minus(number: str) -> str:
    """Return `number` with a real minus sign, which CLDR leaves to the typesetter."""
    return number.replace("-", "\N{MINUS SIGN}")


def _with_fraction(pattern: NumberPattern, digits: tuple[int, int]) -> NumberPattern:
    return NumberPattern(
        pattern.pattern,
        pattern.prefix,
        pattern.suffix,
        pattern.grouping,
        pattern.int_prec,
        digits,
        pattern.exp_prec,
        pattern.exp_plus,
        pattern.number_pattern,
    )


def read_language(root: Path, tag: str) -> Language:
    """Return the language of `locales/<tag>/`; raises `ContentError` when it is incomplete."""
    folder = root / "locales" / tag
    path = folder / "language.yaml"
    name = relative(root, path)
    if not path.is_file():
        hint = "copy locales/en/language.yaml and change its values"
        raise ContentError([Problem(Span(name), "language", "the file is missing", hint)])
    tree = read_yaml(read_text(root, path), name, tag)
    try:
        typography = Typography.model_validate(to_plain(tree))
    except ValidationError as error:
        raise ContentError(_explain(tree, item) for item in error.errors()) from error
    try:
        locale = Locale.parse(typography.cldr or tag, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        span = tree.children["cldr"].span if typography.cldr else tree.span
        message = f"CLDR knows no language “{typography.cldr or tag}”"
        hint = "write a tag such as en-GB in `cldr`"
        raise ContentError([Problem(span, "language", message, hint)]) from error
    if typography.hyphenate and not _has_dictionary(tag):
        span = tree.children["hyphenate"].span if "hyphenate" in tree.children else tree.span
        message = f"there is no dictionary that divides words of “{tag}”"
        raise ContentError([Problem(span, "P18-hyphens", message, "write `hyphenate: false`")])
    rules = read_rules(root, tag, locale)
    typography = _same(typography.model_copy(update={"rules": rules}))
    po = folder / "LC_MESSAGES" / "messages.po"
    text = read_text(root, po) if po.is_file() else ""
    return Language(tag, typography, _read_catalog(text, relative(root, po)), text)


def untranslated(language: Language) -> Iterator[Problem]:
    """Yield each interface text that the language's catalog names but does not translate."""
    for message in read_po(io.StringIO(language.catalog_text)):
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            span = Span(f"locales/{language.tag}/LC_MESSAGES/messages.po", message.lineno or 1)
            text = message.id if isinstance(message.id, str) else message.id[0]
            hint = "write it behind `msgstr`, or build with --allow-missing to show the English"
            yield Problem(span, "untranslated", f"“{text}” is not translated", hint)


def _has_dictionary(tag: str) -> bool:
    """Return whether the library that divides words in print knows the language."""
    import pyphen

    return pyphen.language_fallback(tag) is not None


def _explain(tree: Branch, details: ErrorDetails) -> Problem:
    key = str(details["loc"][0])
    if details["type"] == "extra_forbidden":
        hint = did_you_mean(key, Typography.model_fields)
        return Problem(tree.key_span(key), "unknown-key", f"unknown key “{key}”", hint)
    span = tree.children[key].span if key in tree.children else tree.span
    message = details["msg"].removeprefix("Value error, ")
    message = f"{'.'.join(map(str, details['loc']))}: {message[0].lower()}{message[1:]}"
    return Problem(span, "language", message, "see locales/en/language.yaml")


def _read_catalog(text: str, name: str) -> gettext_module.NullTranslations:
    if not text:
        return gettext_module.NullTranslations()
    try:
        catalog = read_po(io.StringIO(text), abort_invalid=True)
    except PoFileError as error:
        problem = Problem(Span(name, max(error.lineno, 1)), "catalog", str(error))
        raise ContentError([problem]) from error
    raise_all(
        Problem(Span(name, message.lineno or 1), "catalog", f"“{message.id}”: {error}")
        for message in catalog
        for error in (*message.check(catalog), *_missing_forms(message))
    )
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def _missing_forms(message: Message) -> Iterator[str]:
    """Yield a sentence when some, but not all, plural forms of a message are written."""
    forms = message.string
    if isinstance(forms, list | tuple) and any(forms) and not all(forms):
        yield "a plural form is missing"
