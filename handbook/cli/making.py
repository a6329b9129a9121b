"""Commands that make the book: build, check, plan, serve, doctor, words."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handbook.cli.application import app
from handbook.cli.options import (
    PROCESSORS,
    AllowMissing,
    Archive,
    Brands,
    Documents,
    Duplex,
    Everything,
    FinishOption,
    Folder,
    ImpositionOption,
    Jobs,
    Languages,
    Output,
    PaperOption,
    Sectors,
    WholeSheets,
    selection_of,
)
from handbook.cli.screen import SHOWN, counted, shown, shown_progress

if TYPE_CHECKING:
    from handbook.diagnostics import Problem
    from handbook.pipeline import Report
    from handbook.render.lengths import Length


ADVICE_SHOWN = 10
"""Most pieces of advice that are printed at the end of a build; a file has the others."""


@app.command()
def build(
    language: Languages = None,
    sector: Sectors = None,
    brand: Brands = None,
    document: Documents = None,
    everything: Everything = False,
    output: Output = None,
    paper: PaperOption = None,
    duplex: Duplex = None,
    finish: FinishOption = "standard",
    imposition: ImpositionOption = None,
    archive: Archive = False,
    whole_sheets: WholeSheets = False,
    jobs: Jobs = PROCESSORS,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Make the sites and PDFs and publish them in public/, all or nothing.

    Without options: what `deliverables` in content/handbook.yaml names. If anything is wrong,
    every problem is listed and what was published before stays as it is.
    """
    from handbook.plan.printing import PrintOptions
    from handbook.publish.inputs import inputs_digest
    from handbook.publish.stage import check_target, is_current

    started = time.monotonic()
    root = project.resolve()
    target = Path(os.path.abspath(output or root / "public"))
    options = PrintOptions(paper, duplex, finish, imposition, archive, whole_sheets)
    asked = (language, sector, brand, document, everything, allow_missing, options)
    check_target(target)
    inputs = inputs_digest(root, asked)
    if is_current(target, inputs):
        typer.echo(f"Nothing has changed; {shown(target)} is up to date.")
        return
    from handbook import loading, pipeline

    selection = selection_of(language, sector, brand, document, everything)
    with shown_progress() as progress:
        while True:
            loaded = loading.load(root, allow_missing=allow_missing)
            expected, inputs = inputs, inputs_digest(root, asked)
            if inputs == expected:
                break  # else somebody saved a file while we read: never mix old and new
        report = pipeline.build(
            loaded, selection, target, root / ".cache", jobs, inputs, progress, options
        )
    _tell(report, target, time.monotonic() - started)
    _tell_lengths(report.lengths, root / ".cache" / "pages.json")
    _tell_advice(report.advice, root / ".cache" / "advice.txt")


@app.command()
def check(
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend in the files what can be mended for certain.")
    ] = False,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Read everything and list every problem, with its place and how to mend it.

    `handbook explain RULE` tells more about the rule in the brackets.
    """
    from handbook import loading, pipeline
    from handbook.diagnostics import raise_all
    from handbook.plan.plan import Selection

    root = project.resolve()
    for change in loading.mend_words(root) if fix else ():
        typer.echo(f"mended {change}")
    loaded, warnings = loading.inspect(root, allow_missing=allow_missing)
    raise_all(warnings if strict else ())
    plan = pipeline.plan_of(loaded, Selection(everything=True))
    editions = len(loaded.editions)
    for warning in warnings[:SHOWN]:
        typer.echo(str(warning).partition("\n")[0])
    if warnings:
        typer.echo(f"{counted(len(warnings), 'warning')}; `--fix` mends what it can.")
    typer.echo(f"All is well: {editions} editions, {len(plan.outputs)} files can be made.")
    for name, theme in loaded.themes.items():
        for sentence in loading.explain_fonts(theme, loaded.languages):
            typer.echo(f"{name}: {sentence}")
    borrowed = {p: e.borrowed for p, e in loaded.editions.items() if e.borrowed}
    for profile, count in borrowed.items():
        typer.echo(f"{profile}: {count} texts are not translated")


@app.command()
def explain(
    rule: Annotated[
        str | None, typer.Argument(help="Id of a rule, as it stands in brackets.")
    ] = None,
    project: Folder = Path(),
) -> None:
    """Tell what a rule says, why, and what to do; without a rule, list them all."""
    from handbook.check.explain import explain as explanation
    from handbook.check.explain import overview

    root = project.resolve()
    for line in explanation(root, rule) if rule else overview(root):
        typer.echo(line)


@app.command()
def plan(
    language: Languages = None,
    sector: Sectors = None,
    brand: Brands = None,
    document: Documents = None,
    everything: Everything = False,
    imposition: ImpositionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """List every file that a build would make, without making it."""
    import json
    from dataclasses import asdict

    from handbook import loading, pipeline

    loaded = loading.load(project.resolve(), allow_missing=allow_missing)
    selection = selection_of(language, sector, brand, document, everything)
    made = pipeline.plan_of(loaded, selection, imposition)
    if as_json:
        typer.echo(json.dumps([asdict(output) for output in made.outputs], indent=1))
        return
    for output in made.outputs:
        typer.echo(output.path)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="First port to try.")] = 8000,
    language: Languages = None,
    sector: Sectors = None,
    brand: Brands = None,
    document: Documents = None,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Show the site in your browser and make it again whenever you save a file.

    Errors appear in the page, over the last good one. Only this computer can see it.
    """
    from handbook.serve import serve as run

    selection = selection_of(language, sector, brand, document or ["site"], False)
    run(project.resolve(), selection, port, allow_missing, typer.echo)


@app.command()
def doctor(project: Folder = Path()) -> None:
    """Check this computer: Python, libraries, fonts, rights; each with its cure."""
    from handbook.doctor import examine

    findings = list(examine(project.resolve()))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.what}")
        if not finding.good:
            typer.echo(f"     {finding.cure}")
    if not all(finding.good for finding in findings):
        raise typer.Exit(3)


@app.command()
def words(project: Folder = Path()) -> None:
    """Bring the interface words of every language up to date with the templates.

    New words get an empty line in locales/<language>/LC_MESSAGES/messages.po to be filled in.
    """
    from handbook.words import update_catalogs

    for tag, missing in update_catalogs(project.resolve()):
        typer.echo(f"{tag}: {missing} to translate" if missing else f"{tag}: complete")


def _tell(report: Report, target: Path, seconds: float) -> None:
    made, kept = len(report.made), report.kept
    typer.echo(f"{made} files made, {kept} unchanged, in {seconds:.1f} s.")
    if report.dropped:
        typer.echo(f"{report.dropped} files of the build before were not asked for and are gone.")
    if report.borrowed:
        typer.echo(f"{report.borrowed} texts are shown in the source language.")
    typer.echo(f"Open {shown(target / 'index.html')} in a browser.")


def _tell_lengths(lengths: Sequence[Length], path: Path) -> None:
    """Say how many pages each book has, and write those of its chapters into a file."""
    import json
    from dataclasses import asdict

    books: dict[str, list[str]] = {}
    for length in lengths:
        profile = length.output.profile
        book = f"{length.output.document}, {profile.sector}, {profile.brand}"
        books.setdefault(book, []).append(f"{profile.language} {length.pages}")
    for book, pages in books.items():
        typer.echo(f"Pages of {book}: {', '.join(pages)}")
    if books:
        path.write_text(json.dumps([asdict(length) for length in lengths], indent=1))
        typer.echo(f"The pages of each chapter: {shown(path)}")


def _tell_advice(advice: Sequence[Problem], path: Path) -> None:
    """Say what the pages would rather have otherwise; if it is much, in a file."""
    lines = [f"{one.span}: advice[{one.rule}]: {one.message}" for one in advice]
    for line in lines[:ADVICE_SHOWN]:
        typer.echo(line)
    path.unlink(missing_ok=True)  # what an earlier build wrote is not about these pages
    if len(lines) > ADVICE_SHOWN:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo(f"All {len(lines)} pieces of advice: {shown(path)}")
