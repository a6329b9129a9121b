"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from handbook.cache.digest import digest, program_digest
from handbook.cache.store import Store
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
    check_options,
    check_references,
    make_plan,
)
from handbook.plan.printing import AS_THE_BRAND, Imposition, PrintOptions
from handbook.publish.stage import Stage, staging
from handbook.publish.verify import FactsStore, check_links
from handbook.render.assets import site_assets
from handbook.render.folios import Folios, cited
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
from handbook.theme import Theme, read_theme

if TYPE_CHECKING:
    from handbook.render import pdf


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


def plan_of(project: Project, selection: Selection, imposition: Imposition | None = None) -> Plan:
    """Return what `selection` makes of `project`; `imposition` adds sheets of the books."""
    return make_plan(project.handbook, project.editions, selection, imposition)


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
    options: PrintOptions = AS_THE_BRAND,
) -> Report:
    """Make what `selection` asks for and publish it in `target`.

    `cache` is a folder for what later builds can use again, `inputs` the digest of all that was
    read. Documents are printed as `options` say. Raises `HandbookError`; then `target`
    is as it was.
    """
    check_options(options, selection.documents)
    plan = plan_of(project, selection, options.imposition)
    press = Press(plan, project.themes, project.languages, cache / "templates", options)
    with staging(target) as stage:
        make_site(project, plan, press, stage, progress)
        make_prints(project, plan, press, stage, cache, workers, progress)
        make_imposed(project, plan, stage, progress)
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
    outputs = [
        output
        for output in plan.outputs
        if BY_ID[output.document].media == "print" and not output.imposed
    ]
    if not outputs:
        return
    books = list(dict.fromkeys(filter(None, map(plan.cited_by, outputs))))
    others = [output for output in outputs if output not in books]
    progress.phase("documents", len(books) + len(others))
    epoch = epoch_of(project.handbook)
    printing = _Printing(press, stage, cache, workers, epoch, progress, {*outputs}, {*books})
    # Books whose pages others cite come first, also those that nobody asked for.
    pages = printing.make(books, {})
    found = ((output, plan.cited_by(output)) for output in others)
    printing.make(others, {o: cited(book.document, pages[book]) for o, book in found if book})


@dataclass(frozen=True)
class _Printing:
    """Prints documents, and keeps what was printed for later builds."""

    press: Press
    stage: Stage
    cache: Path
    workers: int
    epoch: int
    progress: Progress
    published: Collection[Output]
    """What goes onto the stage."""
    cited: Collection[Output]
    """Whose pages have to be known."""

    def make(
        self, outputs: Sequence[Output], folios: Mapping[Output, Folios]
    ) -> dict[Output, Folios]:
        """Print `outputs`, each with the page numbers that it cites; return those of the cited."""
        from handbook.render import pdf  # heavy: only where something is printed

        store, sidecars = Store(self.cache / "pdf", ".pdf"), Store(self.cache / "pages", ".json")
        pages: dict[Output, Folios] = {}
        missing: dict[pdf.PdfJob, tuple[Output, str]] = {}
        jobs = print_jobs(self.press, outputs, self.cache, folios)
        for output, (job, key) in zip(outputs, jobs, strict=True):
            sidecar = sidecars.get(key) if output in self.cited else b"{}"
            if sidecar is None or not self._has(output, key, store):
                missing[job] = output, key
                continue
            pages[output] = json.loads(sidecar)
            self.progress.step(job.path)

        def done(printed: pdf.Printed) -> None:
            output, key = missing[printed.job]
            store.put(key, printed.data)
            if output in self.cited:
                pages[output] = printed.pages
                sidecars.put(key, json.dumps(printed.pages).encode())
            if output in self.published:
                self.stage.write(printed.job.path, printed.data, key)
            self.progress.step(printed.job.path)

        if missing:
            # The longest first, so that no worker is left with a book when the others are done.
            due = sorted(missing, key=lambda job: len(job.html), reverse=True)
            pdf.print_all(due, min(self.workers, len(due)), self.epoch, done)
        return pages

    def _has(self, output: Output, key: str, store: Store) -> bool:
        """Return whether `output` need not be printed; then it is where it belongs."""
        if output not in self.published or self.stage.keep(output.path, key):
            return True
        data = store.get(key)
        if data is not None:
            self.stage.write(output.path, data, key)
        return data is not None


def make_imposed(project: Project, plan: Plan, stage: Stage, progress: Progress) -> None:
    """Put the sheets of every imposed document on the stage, made of the document there."""
    outputs = [(output, output.imposed) for output in plan.outputs if output.imposed]
    if not outputs:
        return
    from handbook.render.imposition import impose, label_of

    progress.phase("sheets", len(outputs))
    for output, imposition in outputs:
        book = plan.find(output.document, output.subject, output.profile)
        assert book is not None  # planned together
        label = label_of(imposition, book, project.languages[output.profile.language])
        key = digest(program_digest(), stage.files[book.path].digest, imposition, repr(label))
        if not stage.keep(output.path, key):
            data = (stage.folder / book.path).read_bytes()
            stage.write(output.path, impose(data, imposition, label), key)
        progress.step(output.path)


def print_jobs(
    press: Press,
    outputs: Iterable[Output],
    cache: Path,
    folios: Mapping[Output, Folios] = MappingProxyType({}),
) -> Iterator[tuple[pdf.PdfJob, str]]:
    """Yield what is to be printed for each of `outputs`, and the digest of all that goes in.

    `folios` has the page numbers that an output cites from other documents.
    """
    from handbook.render import pdf

    fonts = press.font_folders()
    fonts_conf = str(pdf.write_fonts_conf(cache, fonts))
    fonts_digest, engine = pdf.fonts_digest(fonts), pdf.engine_version()
    for output in outputs:
        style, delivery = press.print_style(output), press.delivery(output)
        html, form = press.printed_html(output), press.form(output)
        cited_numbers = tuple(folios.get(output, {}).items())
        spans = press.spans(output)
        job = pdf.PdfJob(output.path, html, style, fonts_conf, spans, form, delivery, cited_numbers)
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
