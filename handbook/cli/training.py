"""Commands for trainers and authors of tests: pack, responses, score, bank."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handbook.cli.application import app
from handbook.cli.options import (
    PROCESSORS,
    AllowMissing,
    Folder,
    Jobs,
    Languages,
    PackFinish,
    PaperOption,
    selection_of,
)
from handbook.cli.screen import SHOWN, shown, shown_progress
from handbook.diagnostics import UsageError

if TYPE_CHECKING:
    from handbook.exchange.packs.packs import PackReport


@app.command()
def pack(
    participants: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or XLSX with the columns name, language, sector, brand, test, group; "
            "what a row leaves empty is as the options say.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Empty, new or an old pack. Default: pack/ in the project."
        ),
    ] = None,
    numbered: Annotated[
        int | None, typer.Option(help="So many sheets with numbers instead of names.")
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option(
            "--document", "-d", help="A kind of sheet, such as answer-sheet. Can be repeated."
        ),
    ] = None,
    test: Annotated[str, typer.Option(help="Id or code of a test, such as TS1.")] = "",
    worksheet: Annotated[str, typer.Option(help="Id or code of a worksheet.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", help="Such as nb.")] = "",
    sector: Annotated[str, typer.Option("--sector", "-s", help="Such as bank.")] = "",
    brand: Annotated[str, typer.Option("--brand", "-b", help="A folder of themes/.")] = "",
    one_file: Annotated[
        bool,
        typer.Option(
            "--one-file",
            help="Also one file for the printer for each group, edition and sheet; "
            "each copy begins on a front page.",
        ),
    ] = False,
    paper: PaperOption = None,
    finish: PackFinish = "standard",
    jobs: Jobs = PROCESSORS,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Make a sheet for each participant, with the name or a number on top.

    A run that was stopped goes on where it was: only what is missing, changed or damaged is made.
    manifest.csv in the folder lists every file and whose it is.
    """
    if (participants is None) == (numbered is None):
        raise UsageError("name a table of participants, or give --numbered a number")
    from handbook import loading
    from handbook.exchange.packs import packs
    from handbook.exchange.packs.participants import Wanted, numbered_orders, read_orders
    from handbook.plan.printing import PrintOptions

    started = time.monotonic()
    root = project.resolve()
    target = Path(os.path.abspath(output or root / "pack"))
    options = PrintOptions(paper, finish=finish)
    wanted = Wanted(tuple(document or ()), language, sector, brand, test, worksheet)
    loaded = loading.load(root, allow_missing=allow_missing)
    if participants is not None:
        orders = read_orders(loaded, wanted, participants)
    else:
        orders = numbered_orders(loaded, wanted, numbered or 0)
    with shown_progress() as progress:
        report = packs.make_pack(
            loaded, orders, target, root / ".cache", jobs, one_file, progress, options
        )
    _tell_of_pack(report, target, time.monotonic() - started)


@app.command()
def score(
    responses: Annotated[
        Path, typer.Argument(help="CSV or XLSX: one person a row, one item a column.")
    ],
    test: Annotated[str, typer.Option("--test", "-t", help="Id or code of a test, such as TS1.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Language of the report.")],
    sector: Annotated[
        str | None, typer.Option("--sector", "-s", help="Default: the first.")
    ] = None,
    brand: Annotated[str | None, typer.Option("--brand", "-b", help="Default: the first.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Default: scores/<test>-<language>-<table>/"),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Date of the report. Default: today."),
    ] = None,
    minimum: Annotated[
        int, typer.Option(min=3, help="People below which nothing but their number is told.")
    ] = 5,
    project: Folder = Path(),
) -> None:
    """Score the answers of a group: each person's results, and a report on all.

    The heads of the table are `respondent` and `group` (both may be left out) and the numbers or
    ids of the items; the cells hold the answers as they are printed. Writes results.csv,
    report.html and report.pdf, or nothing if any cell is wrong.
    """
    from handbook import loading
    from handbook.exchange.files import write_files
    from handbook.exchange.packs.participants import match_language
    from handbook.exchange.responses import group
    from handbook.exchange.tables import match_name
    from handbook.model.profile import Profile

    root = project.resolve()
    loaded = loading.load(root)
    sectors, brands = loaded.handbook.sectors, loaded.handbook.brands
    tag = match_language(language, loaded.handbook.languages) or language
    profile = Profile(tag, sector or sectors[0], brand or brands[0])
    selection_of([tag], [profile.sector], [profile.brand], None, False).check(loaded.handbook)
    codes = {key: each.code for key, each in loaded.editions[profile].instruments.items()}
    instrument = group.find_instrument(loaded, profile, match_name(test, codes) or test)
    target = output or root / "scores" / f"{instrument.code}-{tag}-{responses.stem}"
    made = (day or datetime.now()).date()
    files = group.score_group(loaded, profile, instrument, responses, made, minimum)
    write_files(target, files)
    typer.echo(f"{', '.join(files)} are in {shown(target)}.")


answered = typer.Typer(
    help="Take up what people have answered on fillable sheets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(answered, name="responses")


@answered.command("collect")
def collect_responses(
    sheets: Annotated[
        list[Path], typer.Argument(help="Filled-in sheets of one test (PDF), or a folder.")
    ],
    csv: Annotated[Path, typer.Option("--csv", help="The table of answers that is written.")],
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Collect the answers of filled-in sheets in a table, with the results worked out anew.

    Sheets that are not of this handbook, damaged, encrypted or of another version are named and
    left out; then the exit code is 1. What people wrote besides their answers is not read.
    """
    from handbook import loading
    from handbook.exchange.responses.collect import collect, to_csv

    if csv.exists():
        raise UsageError(f"{csv} is there already, and may have been added to; name another")
    found = collect(loading.load(project.resolve(), allow_missing=allow_missing), _files(sheets))
    for path, why in found.refused.items():
        typer.echo(f"{path}: {why}", err=True)
    if found.filled:
        _write_whole(csv, to_csv(found.filled))
        count = len(found.filled) + len(found.refused)
        typer.echo(f"{shown(csv.resolve())} holds {len(found.filled)} of {count} sheets.")
    if found.refused:
        raise typer.Exit(1)


bank = typer.Typer(
    help="Take a test to a spreadsheet and back: all of it in every language.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(bank, name="bank")


@bank.command("export")
def export_bank(
    test: Annotated[str, typer.Argument(help="Id or code of a test, such as TS3.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A workbook (.xlsx), or a table of the items (.csv)."),
    ],
    language: Languages = None,
    project: Folder = Path(),
) -> None:
    """Write a test as a workbook, or its items as a CSV table.

    With `--language` it has the columns of that language and of the source language only.
    """
    from handbook.exchange.bank.sheets import to_csv, to_workbook
    from handbook.exchange.bank.transfer import read_bank

    makers = {".xlsx": to_workbook, ".csv": to_csv}
    if output.suffix.lower() not in makers:
        raise UsageError(f"“{output.name}” ends neither in .xlsx nor in .csv")
    found = read_bank(project.resolve(), test, language or ())
    _write_whole(output, makers[output.suffix.lower()](found))
    typer.echo(f"{shown(output.resolve())} holds {found.id} in {', '.join(found.leaves)}.")


@bank.command("import")
def import_bank(
    table: Annotated[Path, typer.Argument(help="The workbook, or the CSV table of the items.")],
    test: Annotated[
        str, typer.Option("--as", help="Id or code of the test, where it is not the table's own.")
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Do it; else it is only shown.")] = False,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Show what a workbook changes in a test; with `--write`, change it.

    If anything is wrong, every problem is listed with its cell and nothing is written.
    """
    from handbook.exchange.bank.transfer import read_import, write_import

    root = project.resolve()
    found = read_import(root, table, test, allow_missing=allow_missing)
    if not found.changes:
        typer.echo(f"Nothing changes; {found.id} says all of this already.")
        return
    for file in found.files:
        changes = [str(change) for change in found.changes if change.file == file]
        typer.echo("\n    ".join([file, *changes[:SHOWN]]))
        if len(changes) > SHOWN:
            typer.echo(f"    … and {len(changes) - SHOWN} more")
    for file in found.commented:
        typer.echo(f"{file} holds comments, which are lost when it is written.")
    if found.rescored and write:
        raise UsageError("answers would score differently: raise the version of the test too")
    if found.rescored:
        typer.echo("Answers score differently, but the version is the same; raise it.")
    if write:
        write_import(root, found)
    count = "1 change" if len(found.changes) == 1 else f"{len(found.changes)} changes"
    files = "1 file" if len(found.files) == 1 else f"{len(found.files)} files"
    done = "Written" if write else "Nothing is written yet; add --write to write"
    typer.echo(f"{done}: {count} in {files}.")


def _files(named: list[Path]) -> list[Path]:
    """Return the files that were named, those of a folder, those of a pattern left to us."""
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            found += sorted(path.glob("*.pdf"))
        elif "*" in path.name and not path.exists():
            found += sorted(path.parent.glob(path.name))
        else:
            found.append(path)
    return found


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that people name so that it is never seen half written."""
    from handbook.exchange.files import write_files

    if path.exists() and not path.is_file():
        raise UsageError(f"“{path}” is no file; name another")
    place = path.resolve()  # a link stays one
    write_files(place.parent, {place.name: data})


def _tell_of_pack(report: PackReport, target: Path, seconds: float) -> None:
    typer.echo(f"{report.made} files made, {report.kept} unchanged, in {seconds:.1f} s.")
    if report.removed:
        typer.echo(f"{report.removed} files of the pack before were not asked for and are gone.")
    typer.echo(f"{shown(target / 'manifest.csv')} tells which file is whose.")
