"""From a folder to a project: read, resolved, and checked as a whole."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from handbook.check.lint import lint
from handbook.check.mend import Change, mend
from handbook.diagnostics import Gathered, Problem, Span, raise_all
from handbook.language.language import Language, read_language, untranslated
from handbook.model.book import Handbook
from handbook.model.profile import Profile
from handbook.plan.plan import check_deliverables, check_references
from handbook.render.compose import check_pictures
from handbook.resolve.coherence import check_company, check_edition, company_forms
from handbook.resolve.editions import (
    Edition,
    check_translations,
    content_profile,
    read_handbook,
    resolve,
)
from handbook.resolve.translation import without_echoes
from handbook.source.project import Source, read_project
from handbook.theme import Theme, read_theme
from handbook.theme.company import check_forms
from handbook.theme.fonts import explain, letters_of
from handbook.theme.theme import check_families

MAXIMUM_ROUNDS = 5
"""How often the files are looked through for what can be mended."""


@dataclass(frozen=True)
class Project:
    """A project, read and checked."""

    root: Path
    handbook: Handbook
    editions: Mapping[Profile, Edition]
    languages: Mapping[str, Language]
    themes: Mapping[str, Theme]


@contextmanager
def _all_stays() -> Iterator[None]:
    """Let the collector of garbage rest: of what is read nearly nothing is any."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_all_stays()
def load(root: Path, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root`: every edition, every language, every theme.

    Raises `ContentError` with all that is wrong, of as many stages as can be looked at.
    """
    return check(root, read_project(root), allow_missing=allow_missing)


def check(root: Path, source: Source, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root` with the content `source`; raises as `load`."""
    handbook = read_handbook(source)
    found = _Found(handbook.languages[0])
    languages: dict[str, Language] = {}
    themes: dict[str, Theme] = {}
    for tag in handbook.languages:
        with found.others.errors():
            languages[tag] = read_language(root, tag)
            raise_all(() if allow_missing else untranslated(languages[tag]))
    for brand in handbook.brands:
        with found.others.errors():
            themes[brand] = read_theme(root, brand, handbook.languages)
    forms = {tag: dict(language.typography.company) for tag, language in languages.items()}
    for theme in themes.values():
        found.others.problems.extend(check_forms(theme.tree, forms))
    families = {name for language in languages.values() for name in language.typography.fonts}
    found.others.problems.extend(check_families(themes.values(), families))
    with found.others.errors():
        check_translations(source)
    editions = _resolve_all(source, handbook, found, allow_missing)
    found.others.problems.extend(check_deliverables(handbook))
    found.stop()
    _check_editions(editions, themes, found)
    found.stop()  # only what holds together can be drawn
    for profile, edition in editions.items():
        pictures = check_pictures(edition, themes[profile.brand], languages)
        found.of(profile.language).problems.extend(pictures)
    found.stop()
    return Project(root, handbook, editions, languages, _covered(themes, source, languages))


class _Found:
    """What is wrong in the original, and what elsewhere: translations repeat an original's."""

    def __init__(self, original: str) -> None:
        self._original = original
        self.originals, self.others = Gathered(), Gathered()

    def of(self, language: str) -> Gathered:
        """Return where the problems of editions in `language` are gathered."""
        return self.originals if language == self._original else self.others

    def stop(self) -> None:
        """Raise `ContentError` when there is any problem."""
        raise_all(without_echoes(self.others.problems, self.originals.problems))


def _resolve_all(
    source: Source, handbook: Handbook, found: _Found, allow_missing: bool
) -> dict[Profile, Edition]:
    """Return every edition; brands without words of their own share what is resolved once."""
    resolved: dict[Profile, Edition] = {}
    editions: dict[Profile, Edition] = {}
    for brand, tag, sector in product(handbook.brands, handbook.languages, handbook.sectors):
        profile = Profile(tag, sector, brand)
        content = content_profile(source, profile)
        with found.of(tag).errors():
            if content not in resolved:
                resolved[content] = resolve(source, content, allow_missing=allow_missing)
            editions[profile] = replace(resolved[content], profile=profile)
    return editions


def _check_editions(
    editions: Mapping[Profile, Edition], themes: Mapping[str, Theme], found: _Found
) -> None:
    company: dict[int, list[tuple[str, str, Span]]] = {}
    for profile, edition in editions.items():
        theme, tag = themes[profile.brand], profile.language
        problems = found.of(tag).problems
        if id(edition.book) not in company:  # several brands may share one book
            problems.extend(check_edition(edition))
            problems.extend(check_references(edition, editions))
            company[id(edition.book)] = list(company_forms(edition))
        uses = company[id(edition.book)]
        problems.extend(check_company(uses, theme.company(tag), theme.company_span(tag)))


def _covered(
    themes: Mapping[str, Theme], source: Source, languages: Mapping[str, Language]
) -> dict[str, Theme]:
    """Return the themes that know for which languages the fonts that they bring will do."""
    letters: dict[str, frozenset[str]] = {}
    if any(theme.faces for theme in themes.values()):
        for tag, language in languages.items():
            names = (form for theme in themes.values() for form in theme.company(tag).values())
            letters[tag] = letters_of((*source.texts(tag), language.words, *names))
    return {brand: theme.covered(letters) for brand, theme in themes.items()}


@_all_stays()
def inspect(root: Path, *, allow_missing: bool = False) -> tuple[Project, tuple[Problem, ...]]:
    """Return the project as `load` does, and the warnings that its words deserve.

    Raises `ContentError` with all errors, those of the words too.
    """
    source = read_project(root)
    gathered, advice = Gathered(), tuple[Problem, ...]()
    with gathered.errors():
        advice = lint(root, source, _languages(root, source)).problems
        gathered.problems.extend(problem for problem in advice if not problem.warning)
    with gathered.errors():
        project = check(root, source, allow_missing=allow_missing)
    raise_all(gathered.problems)
    return project, tuple(problem for problem in advice if problem.warning)


def mend_words(root: Path) -> list[Change]:
    """Mend in the files of the project what its typographic rules can; return what changed."""
    changes: list[Change] = []
    for _ in range(MAXIMUM_ROUNDS):  # what is mended may show what else is to be
        source = read_project(root)
        made = mend(root, lint(root, source, _languages(root, source)))
        if not made:
            break
        changes += made
    return changes


def _languages(root: Path, source: Source) -> dict[str, Language]:
    return {tag: read_language(root, tag) for tag in read_handbook(source).languages}


def explain_fonts(theme: Theme, languages: Mapping[str, Language]) -> Iterator[str]:
    """Yield what a brand's own fonts lack, and what is used instead of them."""
    instead = {
        tag: (language.english_name, language.typography.fonts[0])
        for tag, language in languages.items()
    }
    return explain(theme.faces, theme.coverage, instead)
