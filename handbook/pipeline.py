"""The verbs in their order: load, resolve, plan, render, publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from handbook.cache.digest import digest
from handbook.check.lint import lint
from handbook.check.mend import Change, mend
from handbook.diagnostics import Gathered, Problem, Span, raise_all
from handbook.language.language import Language, read_language, untranslated
from handbook.model.book import Handbook
from handbook.model.profile import Profile
from handbook.plan.documents import BY_ID
from handbook.plan.plan import (
    Output,
    Plan,
    Selection,
    check_deliverables,
    check_options,
    check_references,
    make_plan,
)
from handbook.plan.printing import AS_THE_BRAND, Imposition, PrintOptions
from handbook.prints import Printing, epoch_of, make_imposed, make_prints
from handbook.progress import Progress
from handbook.publish.stage import Stage, staging
from handbook.publish.verify import FactsStore, check_links
from handbook.render.assets import site_assets
from handbook.render.compose import check_pictures
from handbook.render.lengths import Length, Record, compare, length_of
from handbook.render.press import Press
from handbook.render.views import ASSETS
from handbook.resolve.coherence import check_company, check_edition, company_forms
from handbook.resolve.editions import (
    Edition,
    check_translations,
    content_profile,
    read_handbook,
    resolve,
)
from handbook.resolve.translation import without_echoes
from handbook.source.project import Source, read_project
from handbook.theme import Theme, read_theme
from handbook.theme.company import check_forms
from handbook.theme.fonts import explain, letters_of
from handbook.theme.theme import check_families

MAXIMUM_ROUNDS = 5
"""How often the files are looked through for what can be mended."""


@dataclass(frozen=True)
class Project:
    """A project, read and checked."""

    root: Path
    handbook: Handbook
    editions: Mapping[Profile, Edition]
    languages: Mapping[str, Language]
    themes: Mapping[str, Theme]


def load(root: Path, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root`: every edition, every language, every theme.

    Raises `ContentError` with all that is wrong, of as many stages as can be looked at.
    """
    return check(root, read_project(root), allow_missing=allow_missing)


def check(root: Path, source: Source, *, allow_missing: bool = False) -> Project:
    """Return the project in the folder `root` with the content `source`; raises as `load`."""
    handbook = read_handbook(source)
    gathered, originals = Gathered(), Gathered()
    languages: dict[str, Language] = {}
    themes: dict[str, Theme] = {}
    resolved: dict[Profile, Edition] = {}
    editions: dict[Profile, Edition] = {}
    for tag in handbook.languages:
        with gathered.errors():
            languages[tag] = read_language(root, tag)
            raise_all(() if allow_missing else untranslated(languages[tag]))
    for brand in handbook.brands:
        with gathered.errors():
            themes[brand] = read_theme(root, brand, handbook.languages)
    forms = {tag: dict(language.typography.company) for tag, language in languages.items()}
    for theme in themes.values():
        gathered.problems.extend(check_forms(theme.tree, forms))
    gathered.problems.extend(check_families(themes.values()))
    with gathered.errors():
        check_translations(source)
    for brand, tag, sector in product(handbook.brands, handbook.languages, handbook.sectors):
        profile = Profile(tag, sector, brand)
        content = content_profile(source, profile)
        with (originals if tag == handbook.languages[0] else gathered).errors():
            if content not in resolved:
                resolved[content] = resolve(source, content, allow_missing=allow_missing)
            editions[profile] = replace(resolved[content], profile=profile)
    gathered.problems.extend(check_deliverables(handbook))
    raise_all(without_echoes(gathered.problems, originals.problems))
    company: dict[int, list[tuple[str, str, Span]]] = {}
    for profile, edition in editions.items():
        theme, tag = themes[profile.brand], profile.language
        found = originals if tag == handbook.languages[0] else gathered
        if id(edition.book) not in company:  # several brands may share one book
            found.problems.extend(check_edition(edition))
            found.problems.extend(check_references(edition, editions))
            company[id(edition.book)] = list(company_forms(edition))
        uses = company[id(edition.book)]
        found.problems.extend(check_company(uses, theme.company(tag), theme.company_span(tag)))
    # Only what holds together can be drawn.
    raise_all(without_echoes(gathered.problems, originals.problems))
    for profile, edition in editions.items():
        found = originals if profile.language == handbook.languages[0] else gathered
        found.problems.extend(check_pictures(edition, themes[profile.brand], languages))
    raise_all(without_echoes(gathered.problems, originals.problems))
    return Project(root, handbook, editions, languages, _covered(themes, source, languages))


def _covered(
    themes: Mapping[str, Theme], source: Source, languages: Mapping[str, Language]
) -> dict[str, Theme]:
    """Return the themes that know for which languages the fonts that they bring will do."""
    letters: dict[str, frozenset[str]] = {}
    if any(theme.faces for theme in themes.values()):
        for tag, language in languages.items():
            names = (form for theme in themes.values() for form in theme.company(tag).values())
            letters[tag] = letters_of((*source.texts(tag), language.words, *names))
    return {brand: theme.covered(letters) for brand, theme in themes.items()}


def inspect(root: Path, *, allow_missing: bool = False) -> tuple[Project, tuple[Problem, ...]]:
    """Return the project as `load` does, and the warnings that its words deserve.

    Raises `ContentError` with all errors, those of the words too.
    """
    source = read_project(root)
    gathered, advice = Gathered(), tuple[Problem, ...]()
    with gathered.errors():
        advice = lint(root, source, _languages(root, source)).problems
        gathered.problems.extend(problem for problem in advice if not problem.warning)
    with gathered.errors():
        project = check(root, source, allow_missing=allow_missing)
    raise_all(gathered.problems)
    return project, tuple(problem for problem in advice if problem.warning)


def mend_words(root: Path) -> list[Change]:
    """Mend in the files of the project what its typographic rules can; return what changed."""
    changes: list[Change] = []
    for _ in range(MAXIMUM_ROUNDS):  # what is mended may show what else is to be
        source = read_project(root)
        made = mend(root, lint(root, source, _languages(root, source)))
        if not made:
            break
        changes += made
    return changes


def _languages(root: Path, source: Source) -> dict[str, Language]:
    return {tag: read_language(root, tag) for tag in read_handbook(source).languages}


def explain_fonts(theme: Theme, languages: Mapping[str, Language]) -> Iterator[str]:
    """Yield what a brand's own fonts lack, and what is used instead of them."""
    instead = {
        tag: (language.english_name, language.typography.fonts[0])
        for tag, language in languages.items()
    }
    return explain(theme.faces, theme.coverage, instead)


def plan_of(project: Project, selection: Selection, imposition: Imposition | None = None) -> Plan:
    """Return what `selection` makes of `project`; `imposition` adds sheets of the books."""
    return make_plan(project.handbook, project.editions, selection, imposition)


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did."""

    made: tuple[str, ...]
    """Paths of the files that were made anew."""
    kept: int
    """How many files were taken over unchanged."""
    dropped: int
    """How many files of the build before were not asked for this time, and are gone."""
    borrowed: int
    """How many texts stand in the source language, over all editions."""
    lengths: tuple[Length, ...] = ()
    """The printed books and how many pages they have."""
    advice: tuple[Problem, ...] = ()
    """What preflight would rather have otherwise on the printed pages."""


def build(
    project: Project,
    selection: Selection,
    target: Path,
    cache: Path,
    workers: int,
    inputs: str,
    progress: Progress,
    options: PrintOptions = AS_THE_BRAND,
) -> Report:
    """Make what `selection` asks for and publish it in `target`.

    `cache` is a folder for what later builds can use again, `inputs` the digest of all that was
    read. Documents are printed as `options` say. Raises `HandbookError`; then `target`
    is as it was.
    """
    check_options(options, selection.documents)
    plan = plan_of(project, selection, options.imposition)
    press = Press(plan, project.themes, project.languages, cache / "templates", options)
    epoch = epoch_of(project.handbook)
    with staging(target) as stage:
        make_site(project, plan, press, stage, progress)
        records = make_prints(plan, Printing(press, stage, cache, workers, epoch, progress))
        make_imposed(plan, stage, project.languages, progress)
        progress.phase("check", 1)
        verify(plan, stage, cache)
        stage.publish(inputs)
        progress.step("published")
    return _report(project, press, stage, records)


def _report(
    project: Project, press: Press, stage: Stage, records: Mapping[Output, Record]
) -> Report:
    lengths = tuple(
        length_of(output, record, project.editions[output.profile])
        for output, record in records.items()
        if output.page == "book"
    )
    advice = [press.locate(o, found) for o, record in records.items() for found in record.advice]
    advice += compare(lengths, project.editions)
    return Report(
        made=tuple(stage.made),
        kept=len(stage.files) - len(stage.made),
        dropped=stage.dropped,
        borrowed=sum(edition.borrowed for edition in project.editions.values()),
        lengths=lengths,
        advice=tuple(sorted(set(advice))),
    )


def make_site(project: Project, plan: Plan, press: Press, stage: Stage, progress: Progress) -> None:
    """Put every page of every site on the stage, and the files beside the pages."""
    outputs = [output for output in plan.outputs if BY_ID[output.document].media == "screen"]
    progress.phase("pages", len(outputs))
    for output in outputs:
        sheet = press.prepare(output)
        if not stage.keep(output.path, sheet.key):
            stage.write(output.path, sheet.html().encode(), sheet.key)
        progress.step(output.path)
    for brand in plan.brands if outputs else ():
        for name, data in site_assets(project.themes[brand], project.languages.values()):
            path = f"{brand}/{ASSETS}/{name}"
            if not stage.keep(path, digest(data)):
                stage.write(path, data, digest(data))


def verify(plan: Plan, stage: Stage, cache: Path) -> None:
    """Raise `ContentError` when a planned file is missing or a link of a page leads nowhere."""
    missing = [output for output in plan.outputs if output.path not in stage.files]
    raise_all(Problem(Span(output.path), "missing-file", "not made") for output in missing)
    store = FactsStore(cache / "facts.json")
    pages = {
        path: store.get(made.digest, stage.folder / path)
        for path, made in stage.files.items()
        if path.endswith(".html")
    }
    raise_all(check_links(pages, stage.files))
    store.save()
