"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import product
from pathlib import Path
from typing import Protocol

from handbook.cache.digest import digest, digest_of_files
from handbook.cache.store import Store
from handbook.diagnostics import ContentError, Problem, Span, raise_all
from handbook.language.language import Language, read_language
from handbook.model.book import Handbook
from handbook.model.profile import Profile
from handbook.plan.documents import BY_ID, template_of
from handbook.plan.plan import Output, Plan, Selection, check_references, make_plan
from handbook.publish.stage import Stage, staging
from handbook.publish.verify import FactsStore, check_links
from handbook.render.assets import site_assets, with_logo
from handbook.render.html import environment, render_view
from handbook.render.styles import style_sheet
from handbook.render.views import ASSETS, Views
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


class Progress(Protocol):
    """How a build tells what it does; the edges decide how that looks."""

    def phase(self, name: str, total: int) -> None:
        """A phase of `total` steps begins."""

    def step(self, name: str) -> None:
        """One step of the phase is done."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did."""

    made: tuple[str, ...]
    """Paths of the files that were made anew."""
    kept: int
    """How many files were taken over unchanged."""
    borrowed: int
    """How many texts stand in the source language, over all editions."""


def build(
    project: Project,
    selection: Selection,
    target: Path,
    cache: Path,
    workers: int,
    inputs: str,
    progress: Progress,
) -> Report:
    """Make what `selection` asks for and publish it in `target`.

    `cache` is a folder for what later builds can use again, `inputs` the digest of all that was
    read. Raises `HandbookError`; then `target` is as it was.
    """
    plan = plan_of(project, selection)
    with staging(target) as stage:
        render_site(project, plan, stage, cache, progress)
        render_prints(project, plan, stage, cache, workers, progress)
        progress.phase("check", 1)
        verify(plan, stage, cache)
        stage.publish(inputs)
        progress.step("published")
    made = tuple(stage.made)
    borrowed = sum(edition.borrowed for edition in project.editions.values())
    return Report(made, len(stage.files) - len(made), borrowed)


def render_site(
    project: Project, plan: Plan, stage: Stage, cache: Path, progress: Progress
) -> None:
    """Put every page of every site on the stage, and the files beside the pages."""
    outputs = [output for output in plan.outputs if BY_ID[output.document].media == "screen"]
    progress.phase("pages", len(outputs))
    presses = _presses(project, plan, cache)
    for output in outputs:
        press = presses[output.profile.brand]
        key, html = press.prepare(output)
        if not stage.keep(output.path, key):
            stage.write(output.path, html().encode(), key)
        progress.step(output.path)
    for brand in dict.fromkeys(output.profile.brand for output in outputs):
        for name, data in site_assets(project.themes[brand], project.languages.values()):
            path = f"{brand}/{ASSETS}/{name}"
            if not stage.keep(path, digest(data)):
                stage.write(path, data, digest(data))


def render_prints(
    project: Project, plan: Plan, stage: Stage, cache: Path, workers: int, progress: Progress
) -> None:
    """Put every printed document on the stage; those that are known come from the cache."""
    outputs = [output for output in plan.outputs if BY_ID[output.document].media == "print"]
    if not outputs:
        return
    from handbook.render import pdf  # heavy: only where something is printed

    progress.phase("documents", len(outputs))
    fonts = [folder / "fonts" for theme in project.themes.values() for folder in theme.folders]
    fonts = [folder for folder in dict.fromkeys(fonts) if folder.is_dir()]
    fonts_conf = str(pdf.write_fonts_conf(cache, fonts))
    fonts_digest, engine = pdf.fonts_digest(fonts), pdf.engine_version()
    store = Store(cache / "pdf", ".pdf")
    presses = _presses(project, plan, cache)
    styles = {
        brand: style_sheet(theme, project.languages.values(), "print")
        for brand, theme in project.themes.items()
    }
    waiting: dict[str, str] = {}
    jobs: list[pdf.PdfJob] = []
    for output in outputs:
        brand = output.profile.brand
        _, html = presses[brand].prepare(output)
        text = with_logo(html(), project.themes[brand])
        job = pdf.PdfJob(output.path, text, styles[brand], fonts_conf)
        key = job.key(fonts_digest, engine)
        if stage.keep(output.path, key):
            progress.step(output.path)
        elif data := store.get(key):
            stage.write(output.path, data, key)
            progress.step(output.path)
        else:
            jobs.append(job)
            waiting[output.path] = key

    def done(printed: pdf.Printed) -> None:
        key = waiting[printed.job.path]
        store.put(key, printed.data)
        stage.write(printed.job.path, printed.data, key)
        progress.step(printed.job.path)

    if jobs:
        # The longest first, so that no worker is left with a book when the others are done.
        jobs.sort(key=lambda job: len(job.html), reverse=True)
        epoch = int(datetime.combine(project.handbook.date, time(), UTC).timestamp())
        pdf.print_all(jobs, min(workers, len(jobs)), epoch, done)


def verify(plan: Plan, stage: Stage, cache: Path) -> None:
    """Raise `ContentError` when a planned file is missing or a link of a page leads nowhere."""
    missing = [output for output in plan.outputs if output.path not in stage.files]
    raise_all(Problem(Span(output.path), "missing-file", "not made") for output in missing)
    store = FactsStore(cache / "facts.json")
    pages = {
        path: store.get(made.digest, stage.folder / path)
        for path, made in stage.files.items()
        if path.endswith(".html")
    }
    raise_all(check_links(pages, stage.files))
    store.save()


class _Press:
    """Prepares the pages of one brand."""

    def __init__(self, project: Project, views: Views, brand: str, cache: Path) -> None:
        theme = project.themes[brand]
        self._languages = project.languages
        self._views = views
        self._jinja = environment(theme.folders, cache / "templates")
        templates = (
            path
            for folder in theme.folders
            for path in sorted((folder / "templates").rglob("*.html"))
        )
        self._templates = digest(*(path.read_bytes() for path in templates))
        package = Path(__file__).parent
        self._code = digest_of_files(package, sorted(package.rglob("*.py")))

    def prepare(self, output: Output) -> tuple[str, Callable[[], str]]:
        """Return the digest of all that `output` is made from, and what makes its HTML."""
        view = self._views.view(output)
        language = self._languages[output.profile.language]
        key = digest(
            output.path,
            self._templates,
            self._code,
            language.catalog_text,
            repr(language.typography),
            repr(view),
        )
        template = template_of(output.document, output.page)
        return key, lambda: render_view(self._jinja, template, view, self._languages)


def _presses(project: Project, plan: Plan, cache: Path) -> dict[str, _Press]:
    views = Views(plan, project.themes, project.languages)
    return {brand: _Press(project, views, brand, cache) for brand in project.themes}
