"""The command line: the only place, with the server, that prints and exits.

Heavy modules are imported inside the commands that need them, so that `--help` and a build with
nothing to do answer at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from handbook import __version__
from handbook.diagnostics import ContentError, HandbookError, MachineError, Problem, UsageError

if TYPE_CHECKING:
    from handbook.exchange.packs import PackReport
    from handbook.pipeline import Report
    from handbook.plan.plan import Selection

SHOWN = 50
"""Most problems that are printed at once."""
PROCESSORS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
"""How many this process may use; a container may have fewer than its host."""

app = typer.Typer(
    help="Make multilingual training handbooks: websites and PDFs in every language, sector and "
    "brand, from one tree of content.",
    epilog="Begin with `handbook build`, then `handbook serve` while you write. "
    "`handbook doctor` tells what this computer lacks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Languages = Annotated[
    list[str] | None,
    typer.Option("--language", "-l", help="Only this language, such as nb. Can be repeated."),
]
Sectors = Annotated[
    list[str] | None, typer.Option("--sector", "-s", help="Only this sector, such as bank.")
]
Brands = Annotated[
    list[str] | None, typer.Option("--brand", "-b", help="Only this brand: a folder of themes/.")
]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", "-d", help="Only this document, such as site or handbook."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Every document of every edition, not only the deliverables.")
]
Sheet = Annotated[
    Literal["a4", "letter"] | None,
    typer.Option("--paper", help="For all documents. Default: what the brand prints on."),
]
AllowMissing = Annotated[
    bool,
    typer.Option("--allow-missing", help="Show texts without translation in the source language."),
]
Folder = Annotated[
    Path, typer.Option("--project", help="Folder with content/, locales/ and themes/.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        show_default=False,
        help="Printing processes at the same time. Default: one for each processor.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where the site goes. Default: public/")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"handbook {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Tell the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the program something failed.")
    ] = False,
) -> None:
    # No docstring: it would replace the help of the whole. `--debug` is read by `_run`.
    pass


@app.command()
def build(
    language: Languages = None,
    sector: Sectors = None,
    brand: Brands = None,
    document: Documents = None,
    everything: Everything = False,
    output: Output = None,
    paper: Sheet = None,
    jobs: Jobs = PROCESSORS,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Make the sites and PDFs and publish them in public/, all or nothing.

    Without options: what `deliverables` in content/handbook.yaml names. If anything is wrong,
    every problem is listed and what was published before stays as it is.
    """
    from handbook.publish.inputs import inputs_digest
    from handbook.publish.stage import check_target, is_current

    started = time.monotonic()
    root = project.resolve()
    target = Path(os.path.abspath(output or root / "public"))
    asked = (language, sector, brand, document, everything, allow_missing, paper)
    check_target(target)
    inputs = inputs_digest(root, asked)
    if is_current(target, inputs):
        typer.echo(f"Nothing has changed; {_shown(target)} is up to date.")
        return
    from handbook import pipeline

    selection = _selection(language, sector, brand, document, everything)
    with _progress() as progress:
        while True:
            loaded = pipeline.load(root, allow_missing=allow_missing)
            expected, inputs = inputs, inputs_digest(root, asked)
            if inputs == expected:
                break  # else somebody saved a file while we read: never mix old and new
        report = pipeline.build(
            loaded, selection, target, root / ".cache", jobs, inputs, progress, paper
        )
    _tell(report, target, time.monotonic() - started)


@app.command()
def check(
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Read everything and list every problem, with its place and how to mend it."""
    from handbook import pipeline
    from handbook.plan.plan import Selection

    loaded = pipeline.load(project.resolve(), allow_missing=allow_missing)
    plan = pipeline.plan_of(loaded, Selection(everything=True))
    editions = len(loaded.editions)
    typer.echo(f"All is well: {editions} editions, {len(plan.outputs)} files can be made.")
    borrowed = {p: e.borrowed for p, e in loaded.editions.items() if e.borrowed}
    for profile, count in borrowed.items():
        typer.echo(f"{profile}: {count} texts are not translated")


@app.command()
def plan(
    language: Languages = None,
    sector: Sectors = None,
    brand: Brands = None,
    document: Documents = None,
    everything: Everything = False,
    as_json: Annotated[bool, typer.Option("--json", help="For other programs.")] = False,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """List every file that a build would make, without making it."""
    import json
    from dataclasses import asdict

    from handbook import pipeline

    loaded = pipeline.load(project.resolve(), allow_missing=allow_missing)
    selection = _selection(language, sector, brand, document, everything)
    made = pipeline.plan_of(loaded, selection)
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

    selection = _selection(language, sector, brand, document or ["site"], False)
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
        Path, typer.Option("--output", "-o", help="Folder of the pack; empty, new or an old pack.")
    ] = Path("pack"),
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
            help="Also one file for the printer for each group, language and kind of sheet; "
            "each sheet begins on a front page.",
        ),
    ] = False,
    paper: Sheet = None,
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
    from handbook import pipeline
    from handbook.exchange import packs
    from handbook.exchange.participants import Wanted, numbered_orders, read_orders

    started = time.monotonic()
    root = project.resolve()
    target = Path(os.path.abspath(output))
    wanted = Wanted(tuple(document or ()), language, sector, brand, test, worksheet)
    loaded = pipeline.load(root, allow_missing=allow_missing)
    if participants is not None:
        orders = read_orders(loaded, wanted, participants)
    else:
        orders = numbered_orders(loaded, wanted, numbered or 0)
    with _progress() as progress:
        report = packs.make_pack(
            loaded, orders, target, root / ".cache", jobs, one_file, progress, paper
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
        typer.Option("--output", "-o", help="Default: scores/<test>-<language>/"),
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
    from handbook import pipeline
    from handbook.exchange import group
    from handbook.model.profile import Profile

    root = project.resolve()
    loaded = pipeline.load(root)
    sectors, brands = loaded.handbook.sectors, loaded.handbook.brands
    profile = Profile(language, sector or sectors[0], brand or brands[0])
    _selection([language], [profile.sector], [profile.brand], None, False).check(loaded.handbook)
    instrument = group.find_instrument(loaded, profile, test)
    target = output or root / "scores" / f"{instrument.code}-{language}"
    made = (day or datetime.now()).date()
    files = group.score_group(loaded, profile, instrument, responses, made, minimum)
    group.write_files(target, files)
    typer.echo(f"{', '.join(files)} are in {_shown(target)}.")


@app.command()
def words(project: Folder = Path()) -> None:
    """Bring the interface words of every language up to date with the templates.

    New words get an empty line in locales/<language>/LC_MESSAGES/messages.po to be filled in.
    """
    from handbook.words import update_catalogs

    for tag, missing in update_catalogs(project.resolve()):
        typer.echo(f"{tag}: {missing} to translate" if missing else f"{tag}: complete")


bank = typer.Typer(
    help="Take a test to a spreadsheet and back: all of it in every language.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(bank, name="bank")


@bank.command("export")
def export_bank(
    test: Annotated[str, typer.Argument(help="Id of the test, such as test-empathy.")],
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
    from handbook.exchange.bank import read_bank
    from handbook.exchange.sheets import to_csv, to_workbook

    makers = {".xlsx": to_workbook, ".csv": to_csv}
    if output.suffix.lower() not in makers:
        raise UsageError(f"“{output.name}” ends neither in .xlsx nor in .csv")
    found = read_bank(project.resolve(), test, language or ())
    output.write_bytes(makers[output.suffix.lower()](found))
    typer.echo(f"{_shown(output.resolve())} holds {test} in {', '.join(found.leaves)}.")


@bank.command("import")
def import_bank(
    table: Annotated[Path, typer.Argument(help="The workbook, or the CSV table of the items.")],
    test: Annotated[
        str, typer.Option("--as", help="Id of the test, where it is not the table's own.")
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Do it; else it is only shown.")] = False,
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Show what a workbook changes in a test; with `--write`, change it.

    If anything is wrong, every problem is listed with its cell and nothing is written.
    """
    from handbook.exchange.bank import read_import, write_import

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
    if found.rescored:
        typer.echo("Answers score differently, but the version is the same; raise it.")
    if write:
        write_import(root, found)
    count = "1 change" if len(found.changes) == 1 else f"{len(found.changes)} changes"
    files = "1 file" if len(found.files) == 1 else f"{len(found.files)} files"
    done = "Written" if write else "Nothing is written yet; add --write to write"
    typer.echo(f"{done}: {count} in {files}.")


answered = typer.Typer(
    help="Take up what people have answered on fillable sheets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(answered, name="responses")


@answered.command("collect")
def collect_responses(
    sheets: Annotated[list[Path], typer.Argument(help="Filled-in sheets of one test (PDF).")],
    csv: Annotated[Path, typer.Option("--csv", help="The table of answers that is written.")],
    allow_missing: AllowMissing = False,
    project: Folder = Path(),
) -> None:
    """Collect the answers of filled-in sheets in a table, with the results worked out anew.

    Sheets that are not of this handbook, damaged, encrypted or of another version are named and
    left out; then the exit code is 1. What people wrote besides their answers is not read.
    """
    from handbook import pipeline
    from handbook.exchange.collect import collect, to_csv

    found = collect(pipeline.load(project.resolve(), allow_missing=allow_missing), sheets)
    for path, why in found.refused.items():
        typer.echo(f"{path}: {why}", err=True)
    if found.filled:
        csv.write_bytes(to_csv(found.filled))
        typer.echo(f"{_shown(csv.resolve())} holds {len(found.filled)} of {len(sheets)} sheets.")
    if found.refused:
        raise typer.Exit(1)


def main() -> NoReturn:
    """Run the command line; end with 0, or with the code of what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    received = _heed_signals()
    try:
        code = _run(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        typer.echo("stopped; what is published is whole", err=True)
        code = 128 + (received or [signal.SIGINT])[0]
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    """Run one command and say what went wrong; return the exit code."""
    command = typer.main.get_command(app)
    debug = False
    try:
        with command.make_context("handbook", list(arguments)) as context:
            debug = bool(context.params.get("debug"))
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        message = error.format_message()
        help_asked = message.startswith("Usage:")
        typer.echo(message if help_asked else f"error: {message}\n    see --help", err=True)
        return error.exit_code
    except ContentError as error:
        _list(error.problems)
        return error.exit_code
    except BrokenPipeError:
        raise
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _explain(error)
    return 0


def _explain(error: Exception) -> int:
    if isinstance(error, HandbookError):
        typer.echo(f"error: {error}", err=True)
        return error.exit_code
    if isinstance(error, OSError):
        typer.echo(f"error: {error}", err=True)
        return MachineError.exit_code
    typer.echo(f"error: the program is at fault: {type(error).__name__}: {error}", err=True)
    typer.echo("    put --debug first behind `handbook` and report what it says", err=True)
    return HandbookError.exit_code


def _heed_signals() -> list[int]:
    """Make the first signal that asks us to stop an interruption; return where it is noted."""
    received: list[int] = []
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:  # cleaning up is quick; let nothing break into it
            signal.signal(each, signal.SIG_IGN)
        received.append(number)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, stop)
    return received


def _selection(
    language: list[str] | None,
    sector: list[str] | None,
    brand: list[str] | None,
    document: list[str] | None,
    everything: bool,
) -> Selection:
    from handbook.plan.plan import Selection

    return Selection(
        documents=tuple(document or ()),
        languages=tuple(language or ()),
        sectors=tuple(sector or ()),
        brands=tuple(brand or ()),
        everything=everything,
    )


def _list(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:SHOWN]:
        typer.echo(str(problem), err=True)
    if len(problems) > SHOWN:
        typer.echo(f"… and {len(problems) - SHOWN} more", err=True)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    typer.echo(f"\n{count}; nothing was published.", err=True)


def _tell(report: Report, target: Path, seconds: float) -> None:
    made, kept = len(report.made), report.kept
    typer.echo(f"{made} files made, {kept} unchanged, in {seconds:.1f} s.")
    if report.dropped:
        typer.echo(f"{report.dropped} files of the build before were not asked for and are gone.")
    if report.borrowed:
        typer.echo(f"{report.borrowed} texts are shown in the source language.")
    typer.echo(f"Open {_shown(target / 'index.html')} in a browser.")


def _tell_of_pack(report: PackReport, target: Path, seconds: float) -> None:
    typer.echo(f"{report.made} files made, {report.kept} unchanged, in {seconds:.1f} s.")
    if report.removed:
        typer.echo(f"{report.removed} files of the pack before were not asked for and are gone.")
    typer.echo(f"{_shown(target / 'manifest.csv')} tells which file is whose.")


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class _Lines:
    """Progress for logs: a line a phase, and one for every document."""

    def phase(self, name: str, total: int) -> None:
        self._name = name
        typer.echo(f"{name}: {total}")

    def step(self, name: str) -> None:
        if self._name == "documents":
            typer.echo(f"  {name}")


class _Bars:
    """Progress for people at a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn()
        self.bars = Progress(*columns, TextColumn("{task.fields[name]}", style="dim"))

    def phase(self, name: str, total: int) -> None:
        self._task = self.bars.add_task(name, total=total, name="")

    def step(self, name: str) -> None:
        self.bars.update(self._task, advance=1, name=name[-50:])


@contextmanager
def _progress() -> Iterator[_Lines | _Bars]:
    if sys.stdout.isatty():
        bars = _Bars()
        with bars.bars:
            yield bars
    else:
        yield _Lines()


if __name__ == "__main__":
    main()
