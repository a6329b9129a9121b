"""HTML to PDF with WeasyPrint, in processes of their own.

A worker keeps the parsed style sheet and the fonts between documents, which halves the cost of a
short sheet. It may fail, hang or eat memory without harm to the build: it has limits on processor
time and memory, and after some documents a fresh process takes its place.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from handbook.cache.digest import digest, digest_of_files
from handbook.diagnostics import ContentError, HandbookError, Problem, Span

VARIANT = "pdf/ua-1"
"""Tagged PDF for assistive technology, ISO 14289-1."""
SECONDS = 300
"""Processor time that one document may take."""
MEMORY = 3 * 1024**3
"""Bytes of address space that a worker may take; Chinese fonts alone ask for some 300 MB."""
DOCUMENTS_PER_WORKER = 40


@dataclass(frozen=True, slots=True)
class PdfJob:
    """One document to print: everything that its bytes depend on but the machine's engine."""

    path: str
    """Where it will be published; names it in messages."""
    html: str
    css: str
    fonts: str
    """Path of the fontconfig file; not part of the key, what it names is."""

    def key(self, fonts_digest: str, engine: str) -> str:
        """Return the digest of everything that goes into the document."""
        return digest(self.html, self.css, fonts_digest, engine, VARIANT)


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished document."""

    job: PdfJob
    data: bytes
    warnings: tuple[str, ...]
    """What the engine complained about; any is an error."""


class PrintError(HandbookError):
    """A document could not be printed at all."""


def engine_version() -> str:
    """Return the versions of all that draws: the same input gives the same bytes only under it."""
    import ctypes.util
    from importlib.metadata import version

    parts = [f"{name} {version(name)}" for name in ("weasyprint", "pydyf", "fonttools", "pyphen")]
    for library, function in (
        ("pango-1.0", "pango_version_string"),
        ("harfbuzz", "hb_version_string"),
    ):
        found = ctypes.util.find_library(library)
        if found:
            call = getattr(ctypes.CDLL(found), function)
            call.restype = ctypes.c_char_p
            parts.append(f"{library} {call().decode()}")
    return ", ".join(parts)


def write_fonts_conf(folder: Path, fonts: Sequence[Path]) -> Path:
    """Write a fontconfig file that knows the folders `fonts` and nothing else of the machine."""
    folder.mkdir(parents=True, exist_ok=True)
    folders = "".join(f"<dir>{escape(str(path))}</dir>" for path in fonts)
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"{folders}<cachedir>{escape(str(folder / 'fontconfig'))}</cachedir>"
        "<selectfont><rejectfont><glob>*/web/*</glob></rejectfont></selectfont></fontconfig>"
    )
    path = folder / "fonts.conf"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def fonts_digest(fonts: Sequence[Path]) -> str:
    """Return the digest of all fonts that may be embedded."""
    files = [path for folder in fonts for path in sorted(folder.glob("*.[to]tf"))]
    return digest(*(digest_of_files(path.parent, [path]) for path in files))


def print_all(
    jobs: Sequence[PdfJob], workers: int, epoch: int, done: Callable[[Printed], None]
) -> None:
    """Print `jobs` on `workers` processes and hand over each document as soon as it is there.

    `epoch` is the time that documents carry, in seconds since 1970. Raises `ContentError` with
    all that the engine complained about, and `PrintError` when a worker dies.
    """
    problems: list[Problem] = []
    with _executor(workers, jobs[0].fonts, epoch) as executor:
        futures = {executor.submit(print_one, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                printed = future.result()
                problems.extend(_problems(printed))
                if not printed.warnings:
                    done(printed)
        except BrokenProcessPool as error:
            waiting = [job.path for future, job in futures.items() if not future.done()]
            suspects = waiting or [job.path for f, job in futures.items() if f.exception()]
            message = (
                f"a printing process died, at one of: {', '.join(suspects[:workers])}; "
                f"it may have needed more than {MEMORY // 1024**3} GB or {SECONDS} s"
            )
            raise PrintError(message) from error
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise
    if problems:
        raise ContentError(problems)


def print_one(job: PdfJob) -> Printed:
    """Print one document in this process."""
    from weasyprint import HTML

    _limit_seconds(SECONDS)
    warnings: list[str] = []
    handler = _Collector(warnings)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        style, fonts = _style(job.css)
        document = HTML(string=job.html, url_fetcher=_fetcher())
        data = document.write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant=VARIANT, dpi=150
        )
    except TimeoutError as error:
        raise PrintError(f"{job.path} took more than {SECONDS} s to print") from error
    except MemoryError as error:
        raise PrintError(f"{job.path} needed more than {MEMORY // 1024**3} GB") from error
    finally:
        logger.removeHandler(handler)
    return Printed(job, data, tuple(dict.fromkeys(warnings)))


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())


def _problems(printed: Printed) -> Iterator[Problem]:
    for warning in printed.warnings:
        hint = ""
        if ".notdef" in warning:
            hint = "the fonts of the theme do not have this character; use another"
        yield Problem(Span(printed.job.path), "print", warning, hint)


def _executor(workers: int, fonts: str, epoch: int) -> Executor:
    # The fork server inherits these before it loads the engine; fontconfig reads them only once.
    os.environ["FONTCONFIG_FILE"] = fonts
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    if sys.platform == "win32":
        context = multiprocessing.get_context("spawn")
    else:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["weasyprint"])
    return ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_start_worker,
        max_tasks_per_child=DOCUMENTS_PER_WORKER,
    )


def _start_worker() -> None:
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us in its own order
    logging.getLogger("weasyprint").propagate = False
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
        signal.signal(signal.SIGXCPU, _out_of_time)
    gc.freeze()


def _limit_seconds(seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _out_of_time(signal_number: int, frame: object) -> None:
    raise TimeoutError


@cache
def _style(css: str) -> tuple[Any, Any]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return CSS(string=css, font_config=fonts, url_fetcher=_fetcher()), fonts


@cache
def _fetcher() -> Any:
    """Return a fetcher that opens nothing but what the HTML itself carries."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
