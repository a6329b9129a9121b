"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handbook.cache.digest import digest
from handbook.diagnostics import Problem, Span, raise_all
from handbook.loading import Project
from handbook.plan.documents import BY_ID
from handbook.plan.plan import (
    Output,
    Plan,
    Selection,
    check_options,
    make_plan,
)
from handbook.plan.printing import AS_THE_BRAND, Imposition, PrintOptions
from handbook.prints import Printing, epoch_of, make_imposed, make_prints
from handbook.progress import Progress
from handbook.publish.stage import Stage, staging
from handbook.publish.verify import FactsStore, check_links
from handbook.render.assets import site_assets
from handbook.render.lengths import Length, Record, compare, length_of
from handbook.render.press import Press
from handbook.render.views import ASSETS


def plan_of(project: Project, selection: Selection, imposition: Imposition | None = None) -> Plan:
    """Return what `selection` makes of `project`; `imposition` adds sheets of the books."""
    return make_plan(project.handbook, project.editions, selection, imposition)


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
    lengths: tuple[Length, ...] = ()
    """The printed books and how many pages they have."""
    advice: tuple[Problem, ...] = ()
    """What preflight would rather have otherwise on the printed pages."""


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
    epoch = epoch_of(project.handbook)
    with staging(target) as stage:
        make_site(project, plan, press, stage, progress)
        records = make_prints(plan, Printing(press, stage, cache, workers, epoch, progress))
        make_imposed(plan, stage, project.languages, progress)
        progress.phase("check", 1)
        verify(plan, stage, cache)
        stage.publish(inputs)
        progress.step("published")
    return _report(project, press, stage, records)


def _report(
    project: Project, press: Press, stage: Stage, records: Mapping[Output, Record]
) -> Report:
    lengths = tuple(
        length_of(output, record, project.editions[output.profile])
        for output, record in records.items()
        if output.page == "book"
    )
    advice = [press.locate(o, found) for o, record in records.items() for found in record.advice]
    advice += compare(lengths, project.editions)
    return Report(
        made=tuple(stage.made),
        kept=len(stage.files) - len(stage.made),
        dropped=stage.dropped,
        borrowed=sum(edition.borrowed for edition in project.editions.values()),
        lengths=lengths,
        advice=tuple(sorted(set(advice))),
    )


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
