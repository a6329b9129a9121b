"""HTML to PDF with WeasyPrint, in processes of their own.

A worker keeps the parsed style sheet and the fonts between documents, which halves the cost of a
short sheet. It may fail, hang or eat memory without harm to the build: it has limits on processor
time and memory, and after some documents a fresh process takes its place.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from handbook.cache.digest import digest, digest_of_files
from handbook.diagnostics import ContentError, HandbookError, MachineError, Problem, Span
from handbook.render import boxes, delivery, folios, forms, lengths, measure, preflight
from handbook.render.delivery import Delivery
from handbook.render.forms import Form, FormError, complete
from handbook.render.lengths import Record
from handbook.render.preflight import ADVICE, Finding
from handbook.theme.fonts import font_files

_CODE = [
    Path(__file__),
    *(
        Path(str(module.__file__))
        for module in (boxes, delivery, folios, forms, lengths, measure, preflight)
    ),
]
"""What is done to a document besides laying it out, and what is kept of it."""
DPI = 150
"""Dots per inch that pictures keep."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a printing process may use."""

    seconds: int = 300
    """Processor time for one document."""
    memory: int = 3 * 1024**3
    """Bytes of address space; Chinese fonts alone ask for some 300 MB."""
    documents: int = 40
    """After about so many, fresh processes take over."""
    silence: int = 1200
    """Seconds within which some document must be done; one that sleeps uses no processor time."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class PdfJob:
    """One document to print: everything that its bytes depend on but the machine's engine."""

    path: str
    """Where it will be published; names it in messages."""
    html: str
    css: str
    fonts: str
    """Path of the fontconfig file; not part of the key, what it names is."""
    spans: tuple[tuple[str, Span], ...] = ()
    """Where the words of each item or field of a sheet stand, to tell what does not fit."""
    form: Form | None = None
    """What makes the document fillable; None for paper."""
    delivery: Delivery = Delivery()  # noqa: RUF009  it is frozen
    cited: tuple[tuple[str, int], ...] = ()
    """Page numbers of other documents, by the names under which this one cites them."""

    def key(self, fonts_digest: str, engine: str) -> str:
        """Return the digest of everything that goes into the document."""
        code = digest_of_files(Path(__file__).parent, _CODE)
        parts = map(repr, (self.form, self.delivery, self.cited))
        return digest(self.html, self.css, fonts_digest, engine, code, *parts)


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished document."""

    job: PdfJob
    data: bytes
    warnings: tuple[str, ...]
    """What the engine complained about; any is an error."""
    problems: tuple[Problem, ...] = ()
    """What does not fit its page or its hand."""
    faults: tuple[Finding, ...] = ()
    """What preflight found wrong on the pages."""
    record: Record = field(default_factory=Record)
    """How long it is, and what preflight would rather have otherwise."""


class PrintError(HandbookError):
    """A document could not be printed at all."""


Locate = Callable[[PdfJob, Finding], Problem]
"""Tells which line of the content a finding in a document is about."""


def at_document(job: PdfJob, finding: Finding) -> Problem:
    """Return `finding` at the document itself, of which nothing more is known."""
    return Problem(Span(job.path), finding.rule, finding.message, finding.hint)


def engine_version() -> str:
    """Return the versions of all that draws: the same input gives the same bytes only under it."""
    import ctypes.util
    from importlib.metadata import version

    parts = [
        f"{name} {version(name)}"
        for name in ("weasyprint", "pydyf", "fonttools", "pyphen", "pikepdf")
    ]
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
    """Write a fontconfig file that knows the fonts in the folders `fonts`, and nothing else."""
    # Made here, because several printing processes that make it at once get in each other's way.
    (folder / "fontconfig").mkdir(parents=True, exist_ok=True)
    folders = "".join(f"<dir>{escape(str(path))}</dir>" for path in fonts)
    # It would take any file in them or below for a font, whatever it is called.
    others = "".join(_glob("reject", path / "*") for path in fonts)
    files = "".join(_glob("accept", path) for folder in fonts for path in font_files(folder))
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"{folders}<cachedir>{escape(str(folder / 'fontconfig'))}</cachedir>"
        f"<selectfont>{others}{files}</selectfont></fontconfig>"
    )
    path = folder / "fonts.conf"
    if not path.is_file() or path.read_bytes() != text.encode():
        path.write_bytes(text.encode())
    return path


def _glob(verb: str, path: Path) -> str:
    return f"<{verb}font><glob>{escape(str(path))}</glob></{verb}font>"


def fonts_digest(fonts: Sequence[Path]) -> str:
    """Return the digest of all fonts that may be embedded."""
    files = [path for folder in fonts for path in font_files(folder)]
    return digest(*(digest_of_files(path.parent, [path]) for path in files))


def print_all(
    jobs: Sequence[PdfJob],
    workers: int,
    epoch: int,
    done: Callable[[Printed], None],
    limits: Limits = LIMITS,
    locate: Locate = at_document,
) -> None:
    """Print `jobs` on `workers` processes and hand over each document as soon as it is there.

    `epoch` is the time that documents carry, in seconds since 1970. Raises `ContentError` with
    all that preflight found wrong or the engine complained about, and `PrintError` when a document
    breaks a limit or a process dies.
    """
    problems: list[Problem] = []

    def take(printed: Printed) -> None:
        faults = [locate(printed.job, fault) for fault in printed.faults]
        found = [*_problems(printed), *printed.problems, *faults]
        problems.extend(found)
        if not found:
            done(printed)

    # Fresh processes come by the round: `max_tasks_per_child` hangs in Python 3.11 to 3.14
    # (python/cpython#115634).
    size = workers * limits.documents
    for start in range(0, len(jobs), size):
        _print_round(jobs[start : start + size], workers, epoch, take, limits)
    if problems:
        raise ContentError(problems)


def _print_round(
    jobs: Sequence[PdfJob],
    workers: int,
    epoch: int,
    take: Callable[[Printed], None],
    limits: Limits,
) -> None:
    with ProcessPoolExecutor(
        workers,
        mp_context=_context(),
        initializer=_start_worker,
        initargs=(jobs[0].fonts, epoch, limits.memory),
    ) as executor:
        waiting: dict[Future[Printed], PdfJob] = {}
        try:
            with _undisturbed():
                for job in jobs:
                    waiting[executor.submit(print_one, job, limits)] = job
            while waiting:
                ended, _ = wait(waiting, limits.silence, FIRST_COMPLETED)
                if not ended:
                    raise PrintError(_suspicion("does not answer", waiting, workers, limits))
                for future in ended:
                    take(future.result())
                    del waiting[future]
        except BrokenProcessPool as error:
            raise PrintError(_suspicion("died", waiting, workers, limits)) from error
        finally:
            if waiting:  # something went wrong: nobody waits for a long document now
                # By the executor itself: its thread falls over futures that others have cancelled,
                # and leaves a full pipe behind, at which this process then hangs.
                executor.shutdown(wait=False, cancel_futures=True)
                for child in multiprocessing.active_children():
                    child.kill()
                    child.join()


def _suspicion(
    what: str, waiting: Mapping[Future[Printed], PdfJob], workers: int, limits: Limits
) -> str:
    """Say that a process died or hangs, and at which documents it may have been."""
    paths = [job.path for future, job in waiting.items() if not future.done() or future.exception()]
    return (
        f"a printing process {what}, at one of: {', '.join(paths[:workers])}; "
        f"it may have needed more than {limits.memory // 1024**2} MB or {limits.seconds} s"
    )


def print_one(job: PdfJob, limits: Limits = LIMITS) -> Printed:
    """Print one document in this process."""
    try:
        from weasyprint.urls import FatalURLFetchingError
    except OSError as error:
        message = f"a library that sets PDFs is missing: {error}; `handbook doctor` tells the cure"
        raise MachineError(message) from error

    warnings: list[str] = []
    with _heard(warnings), _within(limits, job):
        try:
            printed = _print(job)
        except FatalURLFetchingError as error:
            warnings.append(f"only what is part of the page can be printed: {error}")
            printed = Printed(job, b"", ())
    return replace(printed, warnings=tuple(dict.fromkeys((*warnings, *printed.warnings))))


def _print(job: PdfJob) -> Printed:
    """Lay out a document, look it through, fill in its page numbers, and write it."""
    document = _lay_out(job, "")
    found = measure.places(document)
    rows = measure.register(found)
    if rows:
        document = _lay_out(job, rows)
        found = measure.places(document)
    problems = tuple(measure.check_layout(found, dict(job.spans))) if job.spans else ()
    findings = list(preflight.inspect(boxes.read(document)))
    starts = folios.folios_of(document)
    lost = folios.fill(document, {**starts, **dict(job.cited)})
    data = document.write_pdf(
        finisher=lambda _, pdf: delivery.complete(pdf, job.delivery), **_options(job)
    )
    if job.form:
        try:
            data = complete(data, job.form)
        except FormError as error:
            findings.append(error.finding)
    warnings = tuple(f"no page is known for “{name}”" for name in lost)
    faults = tuple(dict.fromkeys(finding for finding in findings if finding.rule not in ADVICE))
    advice = tuple(finding for finding in findings if finding.rule in ADVICE)
    record = Record(len(document.pages), starts, advice)
    return Printed(job, data, warnings, problems, faults, record)


@contextmanager
def _heard(warnings: list[str]) -> Iterator[None]:
    """Take down what the engine complains about."""
    handler = _Collector(warnings)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def _within(limits: Limits, job: PdfJob) -> Iterator[None]:
    """Hold the work on a document to its limits; raise `PrintError` for all that ends it."""
    try:
        _limit_seconds(limits.seconds)
        yield
    except TimeoutError as error:
        raise PrintError(f"{job.path} took more than {limits.seconds} s to print") from error
    except (MemoryError, SystemError) as error:  # the latter when not even an error finds room
        needed = f"needed more than {limits.memory // 1024**2} MB"
        raise PrintError(f"{job.path} {needed} to print") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise PrintError(f"{job.path} could not be printed: {what}") from error


def _lay_out(job: PdfJob, rules: str) -> Any:
    """Return the laid-out document, with `rules` laid over its style sheet."""
    from weasyprint import CSS, HTML

    style, fonts = _style(job.css)
    styles = [style, CSS(string=rules, font_config=fonts)] if rules else [style]
    html = HTML(string=job.html, url_fetcher=_fetcher())
    forms = job.form is not None
    return html.render(stylesheets=styles, font_config=fonts, pdf_forms=forms, **_options(job))


def _options(job: PdfJob) -> dict[str, Any]:
    return {"pdf_variant": job.delivery.variant, "dpi": DPI}


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())


def _problems(printed: Printed) -> Iterator[Problem]:
    told = {fault.text for fault in printed.faults if fault.rule == preflight.MISSING_GLYPH}
    for warning in printed.warnings:
        hint = ""
        if ".notdef" in warning:
            if any(f'"{character}"' in warning for character in told):
                continue  # preflight knows the place
            hint = "the fonts of the theme do not have this character; use another"
        yield Problem(Span(printed.job.path), "print", warning, hint)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold signals back while processes start: one half started could not be found and ended.

    The fork server inherits the mask, so that Ctrl+C at the terminal does not reach it.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(number, lambda n, frame: held.append(n)) for number in numbers]
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler or signal.SIG_DFL)
        if held:
            signal.raise_signal(held[0])


def _context() -> multiprocessing.context.BaseContext:
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["handbook.render.preload"])
    return context


def _start_worker(fonts: str, epoch: int, memory: int) -> None:
    import gc

    # Not set before the processes start: one fork server may serve builds of several projects.
    os.environ["FONTCONFIG_FILE"] = fonts
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us in its own order
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.getLogger("weasyprint").propagate = False
    if sys.platform != "win32":
        import resource

        if sys.platform == "linux":  # others do not know this limit, or not as we mean it
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            least = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
            resource.setrlimit(resource.RLIMIT_AS, (least, hard))
        signal.signal(signal.SIGXCPU, _out_of_time)
    gc.freeze()


def _end_with_parent() -> None:
    """End this process when the build is gone; one that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit_seconds(seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
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
