"""The press: from an output of the plan to its HTML, and the digest of all that it is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, TemplateError, TemplateNotFound, TemplateSyntaxError

from handbook.cache.digest import digest, program_digest
from handbook.diagnostics import ContentError, Problem, Span
from handbook.language.language import Language
from handbook.model.entries import Assessment
from handbook.plan.documents import BY_ID, template_of
from handbook.plan.plan import Output, Plan
from handbook.plan.printing import AS_THE_BRAND, PrintOptions
from handbook.render.assets import with_logo
from handbook.render.compose import Composer
from handbook.render.delivery import Delivery
from handbook.render.forms import Form, form_of, with_field_font
from handbook.render.html import Printer, environment, render_view
from handbook.render.locate import locate
from handbook.render.measure import spans_of, spans_of_all
from handbook.render.preflight import Finding
from handbook.render.styles import print_style_sheet
from handbook.render.views import PrintedPage, View
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
        options: PrintOptions = AS_THE_BRAND,
    ) -> None:
        """Take what is to be printed, a folder that keeps compiled templates, and the options."""
        self._options = options
        self._themes = themes
        self._languages = languages
        self._editions = plan.editions
        # The HTML of a fillable document and its form come from one view: kept for one output.
        self._compose = lru_cache(maxsize=1)(Composer(plan, themes, languages, options).compose)
        self.form = lru_cache(maxsize=1)(self._make_form)
        self._compiled = compiled
        # Read once: what the keys are made from must be what is printed.
        self._templates = {brand: read_templates(theme) for brand, theme in themes.items()}
        self._jinja = cache(self._make_jinja)
        self._templates_digest = cache(self._digest_templates)
        # Of all languages, because a page may borrow a text from another.
        self._facts = repr([language.typography for language in languages.values()])
        self._style = cache(self._make_style)

    def prepare(self, output: Output) -> Sheet:
        """Return the HTML of `output`, not yet made, and the digest of what it is made from."""
        view = self._compose(output)
        language = self._languages[output.profile.language]
        brand = output.profile.brand
        parts = (output.path, self._templates_digest(brand), language.catalog_text, self._facts)
        return Sheet(
            digest(program_digest(), *parts, repr(view)), lambda: self._print(output, view)
        )

    def printed_html(self, output: Output) -> str:
        """Return the HTML of a printed document, complete with its pictures."""
        html = self._print(output, self._compose(output))
        form = self.form(output)
        if form is not None:
            families = self._languages[output.profile.language].typography.fonts
            html = with_field_font(html, form, families, self.font_folders())
        return with_logo(html, self._themes[output.profile.brand])

    def print_style(self, output: Output) -> str:
        """Return the style sheet of a printed document."""
        return self._style(output.profile.brand, self._options.of(BY_ID[output.document]))

    def delivery(self, output: Output) -> Delivery:
        """Return what becomes of a printed document."""
        options = self._options.of(BY_ID[output.document])
        book = output.page == "book"
        return Delivery(
            book,
            options.duplex_of(self._themes[output.profile.brand].file),
            options.archive,
            options.finish == "shop",
            options.whole_sheets and book,
        )

    def spans(self, output: Output) -> tuple[tuple[str, Span], ...]:
        """Return where the words of each item or field of a paper sheet stand."""
        if BY_ID[output.document].fillable:
            return ()  # neither hands nor the edge of a leaf ask for room on a screen
        edition = self._editions[output.profile]
        if BY_ID[output.document].binds:
            return tuple(spans_of_all(edition).items())
        return tuple(spans_of(edition, output.subject).items())

    def locate(self, output: Output, finding: Finding) -> Problem:
        """Return what was found on the pages of `output` with the line that it is about."""
        profile = output.profile
        language, theme = self._languages[profile.language], self._themes[profile.brand]
        return locate(finding, self._editions[profile], output.subject, language, theme)

    def _make_form(self, output: Output) -> Form | None:
        """Return the form of a document that is filled in on a screen; None of any other."""
        if not BY_ID[output.document].fillable:
            return None
        view, profile = self._compose(output), output.profile
        assert isinstance(view, PrintedPage)
        assert isinstance(view.entry, Assessment)
        printer = Printer(view, self._languages[profile.language], self._languages)
        return form_of(view.entry, profile, printer, self._themes[profile.brand])

    def font_folders(self) -> list[Path]:
        """Return the folders of all fonts that the themes bring, without repetition."""
        folders = (folder / "fonts" for theme in self._themes.values() for folder in theme.folders)
        return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]

    def _print(self, output: Output, view: View) -> str:
        jinja = self._jinja(output.profile.brand)
        template = template_of(output.document, output.page)
        try:
            return render_view(jinja, template, view, self._languages)
        except TemplateError as error:
            raise ContentError([self._explain(error, output)]) from error

    def _explain(self, error: TemplateError, output: Output) -> Problem:
        if isinstance(error, TemplateSyntaxError):
            span = Span(f"themes/…/templates/{error.name}", error.lineno)
            return Problem(span, "template", str(error.message), "mend the template")
        if isinstance(error, TemplateNotFound):
            span = Span(f"themes/…/templates/{error.name}")
            message = f"the template is missing; {output.path} needs it"
            return Problem(span, "template", message, "write it, as the others beside it")
        return Problem(Span(output.path), "template", str(error.message), "mend the template")

    def _make_jinja(self, brand: str) -> Environment:
        return environment(self._templates[brand], self._compiled / program_digest())

    def _make_style(self, brand: str, options: PrintOptions) -> str:
        return print_style_sheet(self._themes[brand], self._languages.values(), options)

    def _digest_templates(self, brand: str) -> str:
        return digest(repr(sorted(self._templates[brand].items())))


def read_templates(theme: Theme) -> dict[str, str]:
    """Return the text of each template by its name; the nearest theme's comes first."""
    templates: dict[str, str] = {}
    for folder in reversed(theme.folders):
        for path in sorted((folder / "templates").rglob("*.html")):
            name = path.relative_to(folder / "templates").as_posix()
            templates[name] = path.read_text(encoding="utf-8")
    return templates
