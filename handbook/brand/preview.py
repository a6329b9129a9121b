"""One sheet with everything on it that a brand decides, to look at before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from handbook import loading
from handbook.cache.digest import program_digest
from handbook.diagnostics import UsageError, did_you_mean
from handbook.language.typographer import Link
from handbook.loading import Project
from handbook.model.instrument import ChoiceScale, Instrument
from handbook.model.profile import Profile
from handbook.model.scoring import spans
from handbook.pipeline import plan_of
from handbook.plan.plan import Selection
from handbook.plan.printing import AS_THE_BRAND
from handbook.prints import epoch_of
from handbook.render.assets import site_assets, with_logo
from handbook.render.compose import BarePage, Composer
from handbook.render.html import Printer, environment, render_view
from handbook.render.press import Press, read_templates
from handbook.render.styles import print_style_sheet
from handbook.render.views import Frame
from handbook.theme.colours import contrast
from handbook.theme.palette import PAIRS, Medium, Pair, Palette
from handbook.theme.theme import Theme

TEMPLATE = "brand/preview.html"
ITEMS = 1
"""How many items of a test are shown."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one language looks like; every text is finished."""

    tag: str
    name: str
    frame: Frame
    title: Markup
    subtitle: Markup
    heading: Markup
    text: Markup
    items: tuple[tuple[Markup, tuple[Markup, ...]], ...]
    """Stem and answers of some items of a test."""
    bands: tuple[tuple[str, Markup], ...]
    """Range and title of each band of that test."""
    forms: Mapping[str, str]
    """The company's name by grammatical form."""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The sheet."""

    frame: Frame
    theme: Theme
    on_paper: bool
    palettes: Mapping[Medium, Palette]
    pairs: tuple[tuple[Pair, tuple[float, ...]], ...]
    """Each pair of colours and its contrast on each medium."""
    samples: tuple[Sample, ...]
    fonts: tuple[str, ...]
    """What the brand's own fonts lack, in sentences."""
    links: Mapping[str, Link] = field(default_factory=dict)


def preview(project: Project, brand: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file of the preview of `brand`: `index.html`, `preview.pdf`,
    and what the page refers to.

    Raises `UsageError` for a brand that there is not.
    """
    if brand not in project.themes:
        hint = did_you_mean(brand, project.themes)
        raise UsageError(f"there is no brand “{brand}” in content/handbook.yaml; {hint}")
    theme, cache = project.themes[brand], project.root / ".cache"
    style = theme.find("styles/preview.css").read_text(encoding="utf-8")
    for name, data in site_assets(theme, project.languages.values()):
        yield f"assets/{name}", data
    yield "assets/preview.css", style.encode()
    yield "index.html", _html(project, theme, cache, on_paper=False).encode()
    yield "preview.pdf", _pdf(project, theme, cache, style)


def _html(project: Project, theme: Theme, cache: Path, *, on_paper: bool) -> str:
    page = _page(project, theme, on_paper)
    jinja = environment(read_templates(theme), cache / "templates" / program_digest())
    return render_view(jinja, TEMPLATE, page, project.languages)


def _pdf(project: Project, theme: Theme, cache: Path, style: str) -> bytes:
    from handbook.render import pdf  # heavy

    press = Press(plan_of(project, _SITE), project.themes, project.languages, cache / "templates")
    fonts = pdf.write_fonts_conf(cache, press.font_folders())
    html = with_logo(_html(project, theme, cache, on_paper=True), theme)
    sheet = print_style_sheet(theme, project.languages.values(), AS_THE_BRAND)
    job = pdf.PdfJob("preview.pdf", html, sheet + style, str(fonts))
    printed: list[bytes] = []
    epoch = epoch_of(project.handbook)
    pdf.print_all([job], 1, epoch, lambda done: printed.append(done.data))
    return printed[0]


_SITE = Selection(documents=("site",))


def _page(project: Project, theme: Theme, on_paper: bool) -> PreviewPage:
    composer = Composer(plan_of(project, _SITE), project.themes, project.languages)
    sector = project.handbook.sectors[0]
    frames = {
        tag: composer.frame(Profile(tag, sector, theme.id)) for tag in project.handbook.languages
    }
    samples = tuple(_sample(project, frame, theme) for frame in frames.values())
    palettes = theme.palettes
    return PreviewPage(
        frame=frames[project.handbook.languages[0]],
        theme=theme,
        on_paper=on_paper,
        palettes=palettes,
        pairs=tuple((pair, tuple(_contrasts(pair, palettes.values()))) for pair in PAIRS),
        samples=samples,
        fonts=tuple(loading.explain_fonts(theme, project.languages)),
    )


def _contrasts(pair: Pair, palettes: Iterable[Palette]) -> Iterator[float]:
    for palette in palettes:
        yield contrast(palette[pair.foreground], palette[pair.background])


def _sample(project: Project, frame: Frame, theme: Theme) -> Sample:
    edition = project.editions[frame.profile]
    language = project.languages[frame.profile.language]
    chapter = next(iter(edition.chapters.values())).chapter
    test = next((test for test in edition.instruments.values() if test.bands), None)
    words = (chapter.opening, *(item.stem for item in (test.items.values() if test else ())))
    links = {target: ("", "") for text in words for target in text.links}
    printer = Printer(BarePage(frame, links), language, project.languages)
    return Sample(
        tag=language.tag,
        name=language.name,
        frame=frame,
        title=printer.words(frame.handbook.title),
        subtitle=printer.words(frame.handbook.subtitle),
        heading=printer.words(chapter.title),
        text=printer.markdown(chapter.opening),
        items=tuple(_items(test, printer)) if test else (),
        bands=tuple(_bands(test, printer)) if test else (),
        forms=theme.company(language.tag),
    )


def _bands(test: Instrument, printer: Printer) -> Iterator[tuple[str, Markup]]:
    """Yield what each band of a test reaches from and to, and its name."""
    for band, lowest, highest in spans(test):
        yield f"{lowest}–{highest}", printer.words(band.title)


def _items(test: Instrument, printer: Printer) -> Iterator[tuple[Markup, tuple[Markup, ...]]]:
    """Yield stem and answers of the first items of a test."""
    for item in list(test.items.values())[:ITEMS]:
        scale = test.scales[item.scale] if item.scale else next(iter(test.scales.values()))
        labels = item.options or (scale.labels if isinstance(scale, ChoiceScale) else {})
        yield printer.words(item.stem), tuple(map(printer.words, labels.values()))
