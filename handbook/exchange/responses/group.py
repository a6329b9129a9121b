"""Score a group: from a table of answers to each person's results and a report on all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from handbook.diagnostics import UsageError, did_you_mean
from handbook.exchange.responses.table import read_responses
from handbook.exchange.tables import write_csv
from handbook.language.typographer import Link
from handbook.loading import Project
from handbook.model.cohort import MINIMUM, Respondent, cohort
from handbook.model.instrument import LETTERS, Instrument
from handbook.model.profile import Profile
from handbook.model.scoring import Scores, score
from handbook.plan.plan import Plan
from handbook.render.compose import Composer
from handbook.render.html import Printer
from handbook.render.report import print_report
from handbook.render.styles import style_sheet
from handbook.render.views import Frame


@dataclass(frozen=True, slots=True)
class _Edition:
    """Stands for a page where words are printed without one."""

    frame: Frame
    links: Mapping[str, Link] = field(default_factory=dict)


def find_instrument(project: Project, profile: Profile, name: str) -> Instrument:
    """Return the test or sheet of an edition with the id or the code `name`.

    Raises `UsageError` when there is none.
    """
    instruments = project.editions[profile].instruments
    by_code = {each.code.casefold(): each for each in instruments.values()}
    found = instruments.get(name) or by_code.get(name.casefold())
    if found is None:
        hint = did_you_mean(name, [each.code for each in instruments.values()])
        raise UsageError(f"--test {name}: the edition {profile} has no such test; {hint}")
    return found


def score_group(
    project: Project,
    profile: Profile,
    instrument: Instrument,
    responses: Path,
    made: date,
    minimum: int = MINIMUM,
) -> Mapping[str, bytes]:
    """Return the files that tell what the people in the table `responses` reached, by name.

    `results.csv` has a row for each person, `report.html` and `report.pdf` tell of all together;
    `made` is the date that they carry. Raises `ContentError` with every cell that is wrong.
    """
    composer = Composer(Plan((), project.editions), project.themes, project.languages)
    frame = composer.frame(profile)
    language = project.languages[profile.language]
    printer = Printer(_Edition(frame), language, project.languages)
    people = read_responses(responses, instrument, printer.plain)
    html = print_report(
        frame,
        project.themes[profile.brand],
        project.languages,
        instrument,
        cohort(instrument, people, minimum),
        made,
        project.root / ".cache" / "templates",
    )
    return {
        "results.csv": write_csv(*_results(instrument, people, printer)),
        "report.html": html.encode(),
        "report.pdf": _print(project, profile, html, made),
    }


def _results(
    instrument: Instrument, people: Sequence[Respondent], printer: Printer
) -> tuple[list[str], list[list[object]]]:
    """Return the heads and the rows of the table of results."""
    _ = printer.language.gettext
    percent = _("Percent of the maximum")
    heads = [_("Respondent"), _("Team or group"), _("Answered"), _("Items")]
    if instrument.key:
        heads += [_("Total"), percent, _("Meaning"), _("Remark")]
        for letter, section in zip(LETTERS, instrument.sections.values(), strict=False):
            title = f"{letter} {printer.plain(section.title)}"
            heads += [title, f"{title} ({percent})"]
    return heads, [[*_result(instrument, person, printer)] for person in people]


def _result(instrument: Instrument, person: Respondent, printer: Printer) -> Iterator[object]:
    yield from (person.name, person.group, len(person.answers), len(instrument.items))
    if not instrument.key:
        return
    scores = score(instrument, person.answers)
    band = instrument.bands.get(scores.total.band or "")
    yield from (scores.total.points, scores.total.percent)
    yield printer.plain(band.title) if band else None
    yield _remark(instrument, scores, printer)
    for section in scores.sections.values():
        yield from (section.points, section.percent)


def _remark(instrument: Instrument, scores: Scores, printer: Printer) -> str | None:
    """Return why there is no total or no band, if there is none."""
    _ = printer.language.gettext
    if scores.unscored and instrument.unscored:
        return printer.plain(instrument.unscored.text)
    if scores.total.points is None:
        return _("Too many answers are missing.")
    return None


def _print(project: Project, profile: Profile, html: str, made: date) -> bytes:
    from handbook.render import pdf  # heavy

    theme = project.themes[profile.brand]
    fonts = [folder / "fonts" for folder in theme.folders if (folder / "fonts").is_dir()]
    fonts_conf = pdf.write_fonts_conf(project.root / ".cache", fonts)
    style = style_sheet(theme, project.languages.values(), "print")
    job = pdf.PdfJob("report.pdf", html, style, str(fonts_conf))
    printed: list[bytes] = []
    epoch = int(datetime.combine(made, time(), UTC).timestamp())
    pdf.print_all([job], 1, epoch, lambda done: printed.append(done.data))
    return printed[0]
