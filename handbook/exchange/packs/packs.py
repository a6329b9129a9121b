"""Packs: a folder of sheets for a group, each with its participant's name or number on top.

The folder holds exactly the pack, and its manifest lists every file, one line as soon as the file
is there. So a run that was stopped has lost only the sheet under way, and the next one makes what
is missing, changed or damaged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from handbook.cache.digest import digest, program_digest
from handbook.cache.store import Store
from handbook.diagnostics import MachineError, UsageError
from handbook.exchange.files import write_files
from handbook.exchange.packs.participants import FOR_THE_PRINTER, Order, file_name, width_of
from handbook.exchange.tables import unescaped, write_csv
from handbook.language.language import Language
from handbook.loading import Project
from handbook.plan.documents import BY_ID
from handbook.plan.plan import Output, Plan
from handbook.plan.printing import AS_THE_BRAND, PrintOptions
from handbook.prints import epoch_of, print_jobs
from handbook.progress import Progress
from handbook.publish.lock import locked
from handbook.publish.stage import check_target
from handbook.render.press import Press
from handbook.render.styles import language_rules

if TYPE_CHECKING:
    from handbook.render.pdf import PdfJob, Printed

MANIFEST = "manifest.csv"
HEADS = (
    *("file", "participant", "group", "language", "sector", "brand"),
    *("document", "sheet", "version", "pages", "input", "digest"),
)
"""`sheet` is the mark on paper, `input` the digest of all that a file is made from, `digest` that
of its bytes."""
AT_ONCE = 500
"""Participants whose lines are held in memory at the same time."""
TOGETHER = 200
"""Sheets in one file for the printer at the most."""
ROOM = "<!-- name -->"
"""What stands in a template where a name belongs."""
_SHORT = 40
"""Letters of a name that fit on one line above a sheet."""
_SHORT_IN_ROOM = 30
"""Letters of a name that fit in large print on the line of a certificate."""
_LINE = """
@page { size: 100mm 9mm; margin: 0 }
html, body { margin: 0 }
body { display: flex; height: 9mm; align-items: flex-start; font-size: 11pt; line-height: 1.2 }
body.long { font-size: 8.5pt }
p { margin: 0; width: 100%; text-align: right; font-weight: 700 }
p { hyphens: none; overflow-wrap: anywhere }
"""


@dataclass(frozen=True, slots=True)
class PackReport:
    """What making a pack has come to."""

    made: int
    kept: int
    """Files that were there already, whole and from the same input."""
    removed: int
    """Files of an earlier pack in the same folder that belong to this one no more."""


def make_pack(
    project: Project,
    orders: Sequence[Order],
    folder: Path,
    cache: Path,
    workers: int,
    together: bool,
    progress: Progress,
    options: PrintOptions = AS_THE_BRAND,
) -> PackReport:
    """Make the sheets of `orders` in `folder`, and `together` also the files for the printer.

    They are printed as `options` say. `cache` is a folder for what later builds
    can use again. Raises `UsageError` before anything is made where sheets to fill in on a screen
    should be put `together`, and other `HandbookError`s; what is done until then stays, and counts
    when it is tried again.
    """
    if together:
        _check_for_paper(orders)
    if not _is_pack(folder):
        check_target(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            pack = _Pack(folder)
            _make_sheets(project, orders, pack, cache, workers, progress, options)
            batches = dict(_batches(orders)) if together else {}
            if batches:
                _join_sheets(batches, pack, progress)
            return pack.finish([*map(path_of, orders), *batches])
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"{folder.name} cannot be written: {error.strerror or error}"
        raise MachineError(message) from error


def _check_for_paper(orders: Sequence[Order]) -> None:
    documents = (order.output.document for order in orders)
    document = next((name for name in documents if BY_ID[name].fillable), None)
    if document:
        why = "a file for the printer has no use for the fields of a sheet to fill in on a screen"
        raise UsageError(f"--document {document} --one-file: {why}; leave --one-file out")


class _Pack:
    """The folder and its manifest, which grows by a line with every file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = read_manifest(folder)
        self._files: dict[str, Mapping[str, str]] = {}
        """What belongs to this pack."""
        self._made = 0
        for part in folder.rglob(".*.part"):  # of a run that was stopped
            part.unlink(missing_ok=True)
        self._rewrite(self._known.values())

    def keeps(self, path: str, key: str) -> bool:
        """Tell whether the file is there, whole, from this input; it then stays."""
        row = self._known.get(path)
        if row is None or row["input"] != key or not self._is_whole(row):
            return False
        self._files[path] = row
        return True

    def write(self, row: Mapping[str, object], data: bytes) -> None:
        """Write a file, and then its line."""
        texts = {**{key: str(value) for key, value in row.items()}, "digest": digest(data)}
        path = self._folder / texts["file"]
        write_files(path.parent, {path.name: data})
        self._known[texts["file"]] = self._files[texts["file"]] = texts
        self._made += 1
        with (self._folder / MANIFEST).open("ab") as stream:
            stream.write(_lines([texts]))

    def rows(self) -> Mapping[str, Mapping[str, str]]:
        """Return the lines of the files that this pack has so far."""
        return self._files

    def path(self, file: str) -> Path:
        """Return where a file of the pack stands."""
        return self._folder / file

    def finish(self, order: Iterable[str]) -> PackReport:
        """Remove what belongs to the pack no more; leave a manifest in the `order` of paths."""
        stale = [row for path, row in self._known.items() if path not in self._files]
        ours = [row for row in stale if self._is_whole(row)]  # what somebody changed is not ours
        for row in ours:
            (self._folder / row["file"]).unlink()
            with suppress(OSError):
                (self._folder / row["file"]).parent.rmdir()
        self._rewrite(self._files[path] for path in order)
        return PackReport(self._made, len(self._files) - self._made, len(ours))

    def _is_whole(self, row: Mapping[str, str]) -> bool:
        path = self._folder / row["file"]
        try:
            inside = path.resolve().is_relative_to(self._folder.resolve())
            return inside and digest(path.read_bytes()) == row["digest"]
        except OSError:
            return False

    def _rewrite(self, rows: Iterable[Mapping[str, str]]) -> None:
        write_files(self._folder, {MANIFEST: write_csv(HEADS, []) + _lines(rows)})


def _is_pack(folder: Path) -> bool:
    """Tell whether the manifest in `folder` is there and one of ours."""
    return tuple(_manifest(folder).fieldnames or ()) == HEADS


def read_manifest(folder: Path) -> dict[str, Mapping[str, str]]:
    """Return the lines of the manifest in `folder` by file; a line cut off is as if not there."""
    whole = [r for r in _manifest(folder) if r.keys() == {*HEADS} and None not in r.values()]
    return {row["file"]: {head: unescaped(row[head]) for head in HEADS} for row in whole}


def _manifest(folder: Path) -> csv.DictReader[str]:
    data = b""
    with suppress(OSError):
        data = (folder / MANIFEST).read_bytes()
    text = data[: data.rfind(b"\n") + 1].decode("utf-8-sig", "replace")
    return csv.DictReader(io.StringIO(text, newline=""))


def _lines(rows: Iterable[Mapping[str, str]]) -> bytes:
    table = write_csv(HEADS, ([row[head] for head in HEADS] for row in rows))
    return table.partition(b"\n")[2]


# -- the sheets ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Task:
    """A sheet to be made."""

    order: Order
    sheet: PdfJob | None
    """What everybody gets; None for what is printed for each one."""
    own: PdfJob
    """The line above the sheet, or all that this one gets."""
    key: str
    """Digest of everything that goes into it."""


def _make_sheets(
    project: Project,
    orders: Sequence[Order],
    pack: _Pack,
    cache: Path,
    workers: int,
    progress: Progress,
    options: PrintOptions,
) -> None:
    progress.phase("sheets", len(orders))
    epoch = epoch_of(project.handbook)
    laid_out: dict[str, bytes] = {}
    tasks = _tasks(project, orders, cache, options)
    while chunk := [*islice(tasks, AT_ONCE)]:
        due, sheets = [], {}
        for task, sheet_key in chunk:
            if pack.keeps(path_of(task.order), task.key):
                progress.step(path_of(task.order))
                continue
            due.append(task)
            if task.sheet and task.sheet.path not in laid_out:
                sheets[task.sheet] = sheet_key
        laid_out |= _lay_out(sheets, cache, workers, epoch)
        if due:
            _stamp_sheets(due, laid_out, pack, workers, epoch, progress)


def _tasks(
    project: Project, orders: Sequence[Order], cache: Path, options: PrintOptions
) -> Iterator[tuple[_Task, str]]:
    """Yield what is to be done, and the key of the sheet as everybody would get it."""
    from handbook.render import pdf

    outputs = tuple(dict.fromkeys(order.output for order in orders))
    plan = Plan(outputs, project.editions)
    press = Press(plan, project.themes, project.languages, cache / "templates", options)
    jobs = dict(zip(outputs, print_jobs(press, outputs, cache), strict=True))
    styles = {
        brand: language_rules(theme, project.languages.values()) + _LINE
        for brand, theme in project.themes.items()
    }
    for order in orders:
        sheet, sheet_key = jobs[order.output]
        style = styles[order.output.profile.brand]
        if BY_ID[order.output.document].names and order.name:
            own = replace(sheet, path=path_of(order), html=_with_name(sheet.html, order.name))
            yield _Task(order, None, own, digest(program_digest(), sheet_key, own.html)), sheet_key
            continue
        html = _line(order, project.languages[order.output.profile.language])
        line = pdf.PdfJob(path_of(order), html, style, sheet.fonts)
        yield _Task(order, sheet, line, digest(program_digest(), sheet_key, style, html)), sheet_key


def _stamp_sheets(
    tasks: Sequence[_Task],
    laid_out: Mapping[str, bytes],
    pack: _Pack,
    workers: int,
    epoch: int,
    progress: Progress,
) -> None:
    """Print what is each one's own, and put lines on their sheets as soon as they are there."""
    from handbook.exchange.packs.stamping import pages_in, stamp
    from handbook.render import pdf

    by_job = {task.own: task for task in tasks}

    def done(printed: Printed) -> None:
        task = by_job[printed.job]
        sheet = task.sheet and laid_out[task.sheet.path]
        data = stamp(sheet, printed.data) if sheet else printed.data
        pack.write(_row(task.order, pages_in(data), task.key), data)
        progress.step(path_of(task.order))

    # Lines are so small that fresh processes would cost more than they give back.
    limits = replace(pdf.LIMITS, documents=AT_ONCE)
    pdf.print_all(list(by_job), min(workers, len(by_job)), epoch, done, limits)


def _lay_out(keys: Mapping[PdfJob, str], cache: Path, workers: int, epoch: int) -> dict[str, bytes]:
    """Return the sheets that everybody gets, by path; each is laid out once, or known already."""
    from handbook.render import pdf

    store = Store(cache / "pdf", ".pdf")
    known = {job: store.get(key) for job, key in keys.items()}
    found = {job.path: data for job, data in known.items() if data is not None}

    def done(printed: Printed) -> None:
        store.put(keys[printed.job], printed.data)
        found[printed.job.path] = printed.data

    missing = [job for job, data in known.items() if data is None]
    if missing:
        pdf.print_all(missing, min(workers, len(missing)), epoch, done)
    return found


def _line(order: Order, language: Language) -> str:
    """Return the HTML of the line above a sheet: for whom it is, in the sheet's language."""
    text = recipient(order, language)
    look = ' class="long"' if width_of(text) > _SHORT else ""
    return (
        f'<!doctype html><html lang="{language.tag}"><head><title>{escape(text)}</title></head>'
        f"<body{look}><p>{escape(text)}</p></body></html>"
    )


def _with_name(html: str, name: str) -> str:
    """Return a document with the name of a participant where its template keeps room for it."""
    look = " long" if width_of(name) > _SHORT_IN_ROOM else ""
    return html.replace(ROOM, f'<p class="recipient{look}">{escape(name)}</p>')


def recipient(order: Order, language: Language) -> str:
    """Return for whom a sheet is: a name, or a number of three digits."""
    _ = language.gettext
    if order.name:
        return _("For: %(name)s", name=order.name)
    return _("No. %(number)s", number=f"{order.number:03}")


def path_of(order: Order) -> str:
    """Return the path of a sheet below the pack's folder: a folder for each group."""
    folder = f"{order.folder}/" if order.folder else ""
    name = "-".join(filter(None, (f"{order.number:03}", file_name(order.name))))
    return f"{folder}{name}-{PurePosixPath(order.output.path).name}"


def _row(order: Order, pages: int, key: str) -> dict[str, object]:
    profile = order.output.profile
    return {
        "file": path_of(order),
        "participant": order.name or f"{order.number:03}",
        "group": order.group,
        "language": profile.language,
        "sector": profile.sector,
        "brand": profile.brand,
        "document": order.output.document,
        "sheet": order.code,
        "version": order.version,
        "pages": pages,
        "input": key,
    }


# -- files for the printer -------------------------------------------------------------------


def _join_sheets(batches: Mapping[str, Sequence[Order]], pack: _Pack, progress: Progress) -> None:
    """Make the files for the printer: a key never stands in one with the sheets to answer."""
    from handbook.exchange.packs.stamping import join, pages_in

    progress.phase("together", len(batches))
    for path, batch in batches.items():
        rows = [pack.rows()[path_of(order)] for order in batch]
        key = digest(program_digest(), *(row["digest"] for row in rows))
        if not pack.keeps(path, key):
            data = join([pack.path(row["file"]) for row in rows])
            shared = {head: _shared(rows, head) for head in HEADS}
            row = {**shared, "file": path, "pages": pages_in(data), "input": key}
            pack.write(row, data)
        progress.step(path)


def _batches(orders: Sequence[Order]) -> Iterator[tuple[str, list[Order]]]:
    """Yield path and sheets of each file: of one group one sheet of one edition, and no other."""
    batches: dict[tuple[str, Output], list[Order]] = {}
    for order in orders:
        batches.setdefault((order.folder, order.output), []).append(order)
    for (folder, output), batch in batches.items():
        sheet = PurePosixPath(output.path).stem
        name = "-".join(filter(None, (folder, sheet, output.profile.brand)))
        for start in range(0, len(batch), TOGETHER):
            number = f"-{start // TOGETHER + 1}" if len(batch) > TOGETHER else ""
            yield f"{FOR_THE_PRINTER}/{name}{number}.pdf", batch[start : start + TOGETHER]


def _shared(rows: Sequence[Mapping[str, str]], head: str) -> str:
    """Return what all `rows` say under a head; nothing where they differ."""
    texts = {row[head] for row in rows}
    return texts.pop() if len(texts) == 1 else ""
