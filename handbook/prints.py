"""The printed documents of a plan: each made once, books whose pages others cite before those."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from handbook.cache.digest import digest, program_digest
from handbook.cache.store import Store
from handbook.diagnostics import Gathered, Problem, raise_all
from handbook.language.language import Language
from handbook.model.book import Handbook
from handbook.plan.documents import BY_ID
from handbook.plan.plan import Output, Plan
from handbook.progress import Progress
from handbook.publish.stage import Stage
from handbook.render.folios import Folios, cited
from handbook.render.lengths import Record
from handbook.render.preflight import Finding
from handbook.render.press import Press

if TYPE_CHECKING:
    from handbook.render import pdf


@dataclass(frozen=True)
class Printing:
    """What printing needs besides the documents: who makes them, and where they go."""

    press: Press
    stage: Stage
    cache: Path
    """A folder for what later builds can use again."""
    workers: int
    epoch: int
    """The time that documents carry, in seconds since 1970."""
    progress: Progress


def make_prints(plan: Plan, printing: Printing) -> dict[Output, Record]:
    """Put every printed document on the stage; what is known already comes from the cache.

    Returns what is known of the pages of each. Raises `ContentError` with all that is wrong on
    the pages, and `PrintError` when a document cannot be printed.
    """
    outputs = [
        output
        for output in plan.outputs
        if BY_ID[output.document].media == "print" and not output.imposed
    ]
    if not outputs:
        return {}
    books = list(dict.fromkeys(filter(None, map(plan.cited_by, outputs))))
    citing = {output: plan.cited_by(output) for output in outputs if output not in books}
    printing.progress.phase("documents", len(books) + len(citing))
    run, found = _Run(printing, outputs), Gathered()
    # Books whose pages others cite come first, also those that nobody asked for.
    with found.errors():
        run.make(books, {})
    numbers = {book: cited(book.document, record.starts) for book, record in run.records.items()}
    # What cites a book that is at fault waits for a build in which the pages are known.
    ready = [output for output, book in citing.items() if book is None or book in numbers]
    with found.errors():
        run.make(ready, {output: numbers[book] for output in ready if (book := citing[output])})
    raise_all(found.problems)
    return {output: run.records[output] for output in outputs}


class _Run:
    """The printing of one build, and what is known of the documents that are done."""

    def __init__(self, printing: Printing, published: Collection[Output]) -> None:
        """Take how to print, and what is to be `published` of all that is printed."""
        self._printing = printing
        self._published = frozenset(published)
        self._store = Store(printing.cache / "pdf", ".pdf")
        self._notes = Store(printing.cache / "pdf", ".json")
        self.records: dict[Output, Record] = {}

    def make(self, outputs: Sequence[Output], folios: Mapping[Output, Folios]) -> None:
        """Print `outputs` with the page numbers that they cite, those known from the cache."""
        from handbook.render import pdf  # heavy: only where something is printed

        printing = self._printing
        missing: dict[pdf.PdfJob, tuple[Output, str]] = {}
        jobs = print_jobs(printing.press, outputs, printing.cache, folios)
        for output, (job, key) in zip(outputs, jobs, strict=True):
            if not self._is_known(output, key):
                missing[job] = output, key

        def done(printed: pdf.Printed) -> None:
            self._keep(*missing[printed.job], printed)

        def locate(job: pdf.PdfJob, finding: Finding) -> Problem:
            return printing.press.locate(missing[job][0], finding)

        if missing:
            # The longest first, so that no worker is left with a book when the others are done.
            due = sorted(missing, key=lambda job: len(job.html), reverse=True)
            pdf.print_all(due, min(printing.workers, len(due)), printing.epoch, done, locate=locate)

    def _is_known(self, output: Output, key: str) -> bool:
        """Return whether a build before made the document; then it is taken over."""
        note = self._notes.get(key)
        if note is None or not self._is_staged(output, key):
            return False
        self.records[output] = Record.from_json(note)
        self._printing.progress.step(output.path)
        return True

    def _is_staged(self, output: Output, key: str) -> bool:
        """Put the document on the stage where it belongs there; return whether all is well."""
        stage = self._printing.stage
        if output not in self._published or stage.keep(output.path, key):
            return True
        data = self._store.get(key)
        if data is not None:
            stage.write(output.path, data, key)
        return data is not None

    def _keep(self, output: Output, key: str, printed: pdf.Printed) -> None:
        """Keep a document for later builds and put it on the stage where it belongs there."""
        self._store.put(key, printed.data)
        self._notes.put(key, printed.record.to_json())
        self.records[output] = printed.record
        if output in self._published:
            self._printing.stage.write(output.path, printed.data, key)
        self._printing.progress.step(output.path)


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
        html = press.printed_html(output)
        numbers = folios.get(output, {}).items()
        job = pdf.PdfJob(
            output.path,
            html,
            press.print_style(output),
            fonts_conf,
            press.spans(output),
            press.form(output),
            press.delivery(output),
            # Only those that it names, so that other pages may move without it.
            tuple(sorted(number for number in numbers if f'"{number[0]}"' in html)),
        )
        yield job, job.key(fonts_digest, engine)


def make_imposed(
    plan: Plan, stage: Stage, languages: Mapping[str, Language], progress: Progress
) -> None:
    """Put the sheets of every imposed document on the stage, made of the document there."""
    outputs = [(output, output.imposed) for output in plan.outputs if output.imposed]
    if not outputs:
        return
    from handbook.render.imposition import impose, label_of

    progress.phase("sheets", len(outputs))
    for output, imposition in outputs:
        book = plan.find(output.document, output.subject, output.profile)
        assert book is not None  # planned together
        label = label_of(imposition, book, languages[output.profile.language])
        key = digest(program_digest(), stage.files[book.path].digest, imposition, repr(label))
        if not stage.keep(output.path, key):
            data = (stage.folder / book.path).read_bytes()
            stage.write(output.path, impose(data, imposition, label), key)
        progress.step(output.path)


def epoch_of(handbook: Handbook) -> int:
    """Return the time that documents carry: the day of the book's version, in seconds."""
    return int(datetime.combine(handbook.date, time(), UTC).timestamp())
