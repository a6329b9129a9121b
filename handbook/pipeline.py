"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from handbook.cache.digest import digest
from handbook.cache.store import Store
from handbook.check.lint import lint
from handbook.check.mend import Change, mend
from handbook.diagnostics import Gathered, Problem, Span, raise_all
from handbook.language.language import Language, read_language, untranslated
from handbook.model.book import Handbook
from handbook.model.profile import Profile
from handbook.plan.documents import BY_ID
from handbook.plan.plan import (
    Output,
    Plan,
    Selection,
    check_deliverables,
    check_references,
    make_plan,
)
from handbook.publish.stage import Stage, staging
from handbook.publish.verify import FactsStore, check_links
from handbook.render.assets import site_assets
from handbook.render.press import Press
from handbook.render.views import ASSETS
from handbook.resolve.coherence import check_edition
from handbook.resolve.editions import (
    Edition,
    check_translations,
    content_profile,
    read_handbook,
    resolve,
)
from handbook.resolve.translation import without_echoes
from handbook.source.project import Source, read_project
from handbook.theme import Paper, Theme, read_theme

if TYPE_CHECKING:
    from handbook.render import pdf

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


def load(root: Path, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root`: every edition, every language, every theme.

    Raises `ContentError` with all that is wrong, of as many stages as can be looked at.
    """
    return check(root, read_project(root), allow_missing=allow_missing)


def check(root: Path, source: Source, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root` with the content `source`; raises as `load`."""
    handbook = read_handbook(source)
    gathered, originals = Gathered(), Gathered()
    languages: dict[str, Language] = {}
    themes: dict[str, Theme] = {}
    resolved: dict[Profile, Edition] = {}
    editions: dict[Profile, Edition] = {}
    for tag in handbook.languages:
        with gathered.errors():
            languages[tag] = read_language(root, tag)
            raise_all(() if allow_missing else untranslated(languages[tag]))
    for brand in handbook.brands:
        with gathered.errors():
            themes[brand] = read_theme(root, brand, handbook.languages)
    with gathered.errors():
        check_translations(source)
    for brand, tag, sector in product(handbook.brands, handbook.languages, handbook.sectors):
        profile = Profile(tag, sector, brand)
        content = content_profile(source, profile)
        with (originals if tag == handbook.languages[0] else gathered).errors():
            if content not in resolved:
                resolved[content] = resolve(source, content, allow_missing=allow_missing)
            editions[profile] = replace(resolved[content], profile=profile)
    gathered.problems.extend(check_deliverables(handbook))
    raise_all(without_echoes(gathered.problems, originals.problems))
    looked_through: set[int] = set()
    for profile, edition in editions.items():
        company = themes[profile.brand].company(profile.language)
        original = profile.language == handbook.languages[0]
        found = originals if original else gathered
        found.problems.extend(check_edition(edition, company))
        if id(edition.book) not in looked_through:  # several brands may share one book
            found.problems.extend(check_references(edition, editions))
            looked_through.add(id(edition.book))
    raise_all(without_echoes(gathered.problems, originals.problems))
    return Project(root, handbook, editions, languages, themes)


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
    dropped: int
    """How many files of the build before were not asked for this time, and are gone."""
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
    paper: Paper | None = None,
) -> Report:
    """Make what `selection` asks for and publish it in `target`.

    `cache` is a folder for what later builds can use again, `inputs` the digest of all that was
    read. Documents are printed on `paper`, or on the paper of their brand. Raises
    `HandbookError`; then `target` is as it was.
    """
    plan = plan_of(project, selection)
    press = Press(plan, project.themes, project.languages, cache / "templates", paper)
    with staging(target) as stage:
        make_site(project, plan, press, stage, progress)
        make_prints(project, plan, press, stage, cache, workers, progress)
        progress.phase("check", 1)
        verify(plan, stage, cache)
        stage.publish(inputs)
        progress.step("published")
    made = tuple(stage.made)
    borrowed = sum(edition.borrowed for edition in project.editions.values())
    return Report(made, len(stage.files) - len(made), stage.dropped, borrowed)


def make_site(project: Project, plan: Plan, press: Press, stage: Stage, progress: Progress) -> None:
    """Put every page of every site on the stage, and the files beside the pages."""
    outputs = [output for output in plan.outputs if BY_ID[output.document].media == "screen"]
    progress.phase("pages", len(outputs))
    for output in outputs:
        sheet = press.prepare(output)
        if not stage.keep(output.path, sheet.key):
            stage.write(output.path, sheet.html().encode(), sheet.key)
        progress.step(output.path)
    for brand in plan.brands if outputs else ():
        for name, data in site_assets(project.themes[brand], project.languages.values()):
            path = f"{brand}/{ASSETS}/{name}"
            if not stage.keep(path, digest(data)):
                stage.write(path, data, digest(data))


def make_prints(
    project: Project,
    plan: Plan,
    press: Press,
    stage: Stage,
    cache: Path,
    workers: int,
    progress: Progress,
) -> None:
    """Put every printed document on the stage; what is known already comes from the cache."""
    outputs = [output for output in plan.outputs if BY_ID[output.document].media == "print"]
    if not outputs:
        return
    from handbook.render import pdf  # heavy: only where something is printed

    progress.phase("documents", len(outputs))
    store = Store(cache / "pdf", ".pdf")
    missing: dict[pdf.PdfJob, str] = {}
    for job, key in print_jobs(press, outputs, cache):
        if not stage.keep(job.path, key):
            data = store.get(key)
            if data is None:
                missing[job] = key
                continue
            stage.write(job.path, data, key)
        progress.step(job.path)

    def done(printed: pdf.Printed) -> None:
        key = missing[printed.job]
        store.put(key, printed.data)
        stage.write(printed.job.path, printed.data, key)
        progress.step(printed.job.path)

    if missing:
        # The longest first, so that no worker is left with a book when the others are done.
        jobs = sorted(missing, key=lambda job: len(job.html), reverse=True)
        pdf.print_all(jobs, min(workers, len(jobs)), epoch_of(project.handbook), done)


def print_jobs(
    press: Press, outputs: Iterable[Output], cache: Path
) -> Iterator[tuple[pdf.PdfJob, str]]:
    """Yield what is to be printed for each of `outputs`, and the digest of all that goes in."""
    from handbook.render import pdf

    fonts = press.font_folders()
    fonts_conf = str(pdf.write_fonts_conf(cache, fonts))
    fonts_digest, engine = pdf.fonts_digest(fonts), pdf.engine_version()
    for output in outputs:
        style = press.print_style(output.profile.brand)
        html, form = press.printed_html(output), press.form(output)
        job = pdf.PdfJob(output.path, html, style, fonts_conf, press.spans(output), form)
        yield job, job.key(fonts_digest, engine)


def epoch_of(handbook: Handbook) -> int:
    """Return the time that documents carry: the day of the book's version, in seconds."""
    return int(datetime.combine(handbook.date, time(), UTC).timestamp())


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
