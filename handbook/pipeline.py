"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from handbook.diagnostics import ContentError, Problem, raise_all
from handbook.language.language import Language, read_language
from handbook.model.book import Handbook
from handbook.model.profile import Profile
from handbook.plan.plan import Plan, Selection, check_references, make_plan
from handbook.resolve.coherence import check_edition
from handbook.resolve.editions import (
    Edition,
    check_translations,
    resolve,
    source_handbook,
)
from handbook.source.project import read_project
from handbook.theme import Theme, read_theme


@dataclass(frozen=True)
class Project:
    """A project, read and checked."""

    root: Path
    handbook: Handbook
    editions: Mapping[Profile, Edition]
    languages: Mapping[str, Language]
    themes: Mapping[str, Theme]


def load(root: Path, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root`: every edition, every language, every theme.

    Raises `ContentError` with all that is wrong, of as many stages as can be looked at.
    """
    source = read_project(root)
    handbook = source_handbook(source).handbook
    problems: list[Problem] = []
    languages: dict[str, Language] = {}
    themes: dict[str, Theme] = {}
    editions: dict[Profile, Edition] = {}

    def gather(error: ContentError) -> None:
        problems.extend(error.problems)

    for tag in handbook.languages:
        try:
            languages[tag] = read_language(root, tag)
        except ContentError as error:
            gather(error)
    for brand in handbook.brands:
        try:
            themes[brand] = read_theme(root, brand, handbook.languages)
        except ContentError as error:
            gather(error)
    try:
        check_translations(source)
    except ContentError as error:
        gather(error)
    for brand, language, sector in product(handbook.brands, handbook.languages, handbook.sectors):
        profile = Profile(language, sector, brand)
        try:
            editions[profile] = resolve(source, profile, allow_missing=allow_missing)
        except ContentError as error:
            gather(error)
    raise_all(problems)
    raise_all(
        [
            *(
                problem
                for profile, edition in editions.items()
                for problem in check_edition(
                    edition, themes[profile.brand].company(profile.language)
                )
            ),
            *check_references(editions),
        ]
    )
    return Project(root, handbook, editions, languages, themes)


def plan_of(project: Project, selection: Selection) -> Plan:
    """Return what `selection` makes of `project`."""
    return make_plan(project.handbook, project.editions, selection)
