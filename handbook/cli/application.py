"""The program itself: its options, how it ends, and what it says when something went wrong."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer

from handbook import __version__
from handbook.cli.screen import SHOWN, counted
from handbook.diagnostics import ContentError, HandbookError, MachineError, Problem

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


def _list(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:SHOWN]:
        typer.echo(str(problem), err=True)
    if len(problems) > SHOWN:
        typer.echo(f"… and {len(problems) - SHOWN} more", err=True)
    typer.echo(f"\n{counted(len(problems), 'problem')}; nothing was written.", err=True)
