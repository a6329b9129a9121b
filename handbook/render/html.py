"""Views to HTML, through the theme's Jinja templates.

Templates get finished values under `StrictUndefined` and autoescape. Words reach the page only
through three filters: `words` (inline), `markdown` (blocks) and `plain` (no markup at all).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import (
    DictLoader,
    Environment,
    FileSystemBytecodeCache,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup, escape

from handbook.language.language import Language, Typography
from handbook.language.typographer import parse, parse_inline, plain, render
from handbook.model import by_hand, calculation, scoring
from handbook.model.book import Term
from handbook.model.entries import Calculator, Result
from handbook.model.instrument import LETTERS, ChoiceScale, RatingScale
from handbook.model.words import Placeholder, Words
from handbook.render.measure import strip
from handbook.render.views import Anchor, Framed

Titled = TypeVar("Titled", Term, Anchor)


class Printer:
    """Prints words in the language and for the edition of one page."""

    def __init__(
        self,
        page: Framed,
        language: Language,
        languages: Mapping[str, Language],
    ) -> None:
        self.language = language
        self._languages = languages
        self._page = page

    def words(self, text: Words | str) -> Markup:
        """Return inline HTML; a text in another language says so."""
        if isinstance(text, str):
            return escape(self.language.gettext(text))
        typography = self._typography(text)
        tokens = parse_inline(text.text, typography)
        html = Markup(_with_tails(render(tokens, self._page.links, self.value), typography))
        if text.language == self.language.tag:
            return html
        return Markup('<span lang="{}">{}</span>').format(text.language, html)

    def gettext(self, message: str, **values: object) -> str:
        """Return an interface text with `values` put in; markup in them stays markup."""
        if any(isinstance(value, Markup) for value in values.values()):
            return escape(self.language.gettext(message)) % values
        return self.language.gettext(message, **values)

    def markdown(self, text: Words, heading: int = 2) -> Markup:
        """Return block HTML whose first heading level is `heading`."""
        typography = self._typography(text)
        tokens = parse(text.text, typography)
        printed = render(tokens, self._page.links, self.value, heading)
        html = Markup(_with_tails(printed, typography))
        if text.language == self.language.tag or not text:
            return html
        return Markup('<div lang="{}">{}</div>').format(text.language, html)

    def plain(self, text: Words | str) -> str:
        """Return the text alone."""
        if isinstance(text, str):
            return self.language.gettext(text)
        return plain(text.text, self._typography(text), self._page.links, self.value)

    def either(self, labels: Sequence[Words | str]) -> str:
        """Return which one of `labels` holds; texts are finished, numbers stand by their ends."""
        texts = [label if isinstance(label, str) else self.plain(label) for label in labels]
        if len(texts) > 1 and all(text.isdecimal() for text in texts):
            return f"{texts[0]}–{texts[-1]}"
        return self.language.either(texts)

    def in_order(self, things: Iterable[Titled]) -> list[Titled]:
        """Return terms or links as a dictionary of the page's language orders their titles."""
        key = self.language.sort_key
        return sorted(things, key=lambda thing: key(self.plain(thing.title)))

    def by_initial(self, things: Iterable[Titled]) -> dict[str, list[Titled]]:
        """Return terms or links in that order, under the letters of an index."""
        key, initial_of = self.language.sort_key, self.language.initial_of
        # A title in quotes stands where it would without them.
        titles = {thing: self.plain(thing.title).lstrip("«„“‘《〈\"'") for thing in things}
        letters: dict[str, list[Titled]] = {}
        for thing in sorted(titles, key=lambda thing: key(titles[thing])):
            letters.setdefault(initial_of(titles[thing]), []).append(thing)
        return letters

    def value(self, placeholder: Placeholder) -> str:
        """Return what a placeholder stands for."""
        match placeholder.name:
            case "money":
                return self.money(float(placeholder.argument))
            case "number":
                return self.language.number(float(placeholder.argument))
            case "percent":
                return self.language.percent(float(placeholder.argument) / 100)
        forms = self._page.frame.names[placeholder.name]
        return forms.get(placeholder.argument or "nominative") or forms["nominative"]

    def money(self, value: float) -> str:
        """Return an amount in the edition's currency."""
        return self.language.money(value, self._page.frame.currency)

    def quantity(self, value: float, unit: str) -> str:
        """Return a calculator's number in its unit."""
        match unit:
            case "money":
                return self.money(value)
            case "percent":
                return self.language.percent(value)
            case "yes-no":
                return self.language.gettext("yes" if value else "no")
        return self.language.number(value)

    def option(self, scale: ChoiceScale | RatingScale, option: str) -> Markup:
        """Return what marks an option on paper: its label, its letter or its number."""
        if isinstance(scale, RatingScale) or scale.lettered:
            return escape(option)
        return self.words(scale.labels[option])

    def result(self, calculator: Calculator, result: Result, value: float) -> Markup | str:
        """Return a calculator's result in its unit; a row by its title."""
        if result.unit == "row" and calculator.grid is not None:
            return self.words(list(calculator.grid.rows.values())[int(value)].title)
        return self.quantity(value, result.unit)

    def lines(self, calculator: Calculator) -> list[tuple[str, Mapping[str, float]]]:
        """Return the rows of the worked example of a calculator's table, as they are sorted."""
        lines: list[tuple[str, Mapping[str, float]]] = [*calculation.compare(calculator).items()]
        key = calculator.grid and calculator.grid.sorted_by
        return sorted(lines, key=lambda line: line[1][key]) if key else lines

    def _typography(self, text: Words) -> Any:
        return self._languages.get(text.language, self.language).typography


_TAIL = re.compile(r"(?<=[^<>])([^\W\d_a-zA-Z]{2}[^\w\s<>&;]*)(?=</p>|</li>|</h\d>|\Z)")
"""The last two characters of a text, with the marks behind them."""


_TAILED_LINK = re.compile(r'(<a [^>]*>[^<]*)<span class="tail">([^<]*)</span>(</a>)')
"""A link whose words end so: WeasyPrint leaves a link untagged that has a box within its box."""


def _with_tails(html: str, typography: Typography) -> str:
    """Return `html` with the last two characters of each text bound together.

    Without spaces between words a line can break anywhere, and would leave one character alone on
    the last (clreq). A style of the language keeps them on one line: handbook/render/styles.py.
    """
    return html if typography.spaced else _TAIL.sub(r'<span class="tail">\1</span>', html)


def environment(templates: Mapping[str, str], compiled: Path) -> Environment:
    """Return the Jinja environment of `templates` (name → text).

    `compiled` is a folder for their bytecode; it must be another for another version of Jinja.
    """
    compiled.mkdir(parents=True, exist_ok=True)
    jinja = Environment(
        loader=DictLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=FileSystemBytecodeCache(str(compiled)),
    )
    for name in ("words", "markdown", "plain"):
        jinja.filters[name] = _filter(name)
    return jinja


def render_view(
    jinja: Environment,
    template: str,
    page: Framed,
    languages: Mapping[str, Language],
) -> str:
    """Return the HTML of `page`."""
    language = languages[page.frame.profile.language]
    printer = Printer(page, language, languages)
    html = jinja.get_template(template).render(
        page=page,
        frame=page.frame,
        printer=printer,
        language=language,
        calculate=calculation.calculate,
        rows=calculation.rows,
        spans=scoring.spans,
        by_hand=by_hand,
        strip=strip,
        ends=scoring.ends,
        definition=scoring.definition,
        LETTERS=LETTERS,
        _=printer.gettext,
        ngettext=language.ngettext,
    )
    return _TAILED_LINK.sub(r"\1\2\3", html)


def _filter(name: str) -> Any:
    @pass_context
    def apply(context: Context, text: Words | str, *arguments: Any) -> Any:
        return getattr(context["printer"], name)(text, *arguments)

    return apply
