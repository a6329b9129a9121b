"""The press: from an output of the plan to its HTML, and the digest of all that it is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment

from handbook.cache.digest import digest, digest_of_files
from handbook.language.language import Language
from handbook.plan.documents import template_of
from handbook.plan.plan import Output, Plan
from handbook.render.assets import with_logo
from handbook.render.compose import Composer
from handbook.render.html import environment, render_view
from handbook.render.styles import style_sheet
from handbook.theme import Theme


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that is ready to be made."""

    key: str
    """Digest of everything that goes into it."""
    html: Callable[[], str]
    """Makes it."""


class Press:
    """Prepares every output of a plan; keeps templates and style sheets between them."""

    def __init__(
        self,
        plan: Plan,
        themes: Mapping[str, Theme],
        languages: Mapping[str, Language],
        compiled: Path,
    ) -> None:
        """Take what is to be printed, and a folder that keeps compiled templates."""
        self._themes = themes
        self._languages = languages
        self._composer = Composer(plan, themes, languages)
        self._compiled = compiled
        self._jinja = cache(self._make_jinja)
        self._templates_digest = cache(self._digest_templates)
        self._code = _digest_of_code()
        # Of all languages, because a page may borrow a text from another.
        self._facts = repr([language.typography for language in languages.values()])
        self.print_style = cache(self._make_print_style)

    def prepare(self, output: Output) -> Sheet:
        """Return the HTML of `output`, not yet made, and the digest of what it is made from."""
        view = self._composer.compose(output)
        language = self._languages[output.profile.language]
        brand = output.profile.brand
        parts = (output.path, self._templates_digest(brand), language.catalog_text, self._facts)
        template = template_of(output.document, output.page)
        return Sheet(
            digest(self._code, *parts, repr(view)),
            lambda: render_view(self._jinja(brand), template, view, self._languages),
        )

    def printed_html(self, output: Output) -> str:
        """Return the HTML of a printed document, complete with its pictures."""
        return with_logo(self.prepare(output).html(), self._themes[output.profile.brand])

    def font_folders(self) -> list[Path]:
        """Return the folders of all fonts that the themes bring, without repetition."""
        folders = (folder / "fonts" for theme in self._themes.values() for folder in theme.folders)
        return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]

    def _make_jinja(self, brand: str) -> Environment:
        return environment(self._themes[brand].folders, self._compiled)

    def _make_print_style(self, brand: str) -> str:
        return style_sheet(self._themes[brand], self._languages.values(), "print")

    def _digest_templates(self, brand: str) -> str:
        return digest(*(path.read_bytes() for path in _templates(self._themes[brand])))


def _templates(theme: Theme) -> Iterator[Path]:
    for folder in theme.folders:
        yield from sorted((folder / "templates").rglob("*.html"))


def _digest_of_code() -> str:
    package = Path(__file__).parents[1]
    return digest_of_files(package, sorted(package.rglob("*.py")))
