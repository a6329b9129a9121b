"""A new brand from a name, a logo and two colours: its folder, and its line in handbook.yaml."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handbook.diagnostics import (
    ContentError,
    Gathered,
    Problem,
    Span,
    UsageError,
    raise_all,
)
from handbook.language.language import Language, read_language
from handbook.model.book import Handbook
from handbook.resolve.editions import read_handbook
from handbook.source.files import MAXIMUM_TEXT, read_bytes, read_text
from handbook.source.nodes import Series, scalars
from handbook.source.project import CONTENT, THEMES, read_project
from handbook.source.yaml import read_yaml
from handbook.theme import Theme, read_theme
from handbook.theme import logo as logos
from handbook.theme.company import NAME, check_lines
from handbook.theme.theme import check_brand_id, colour_problem
from handbook.theme.tokens import choose, read_tokens

HANDBOOK = f"{CONTENT}/handbook.yaml"

_HEAD = """\
# The brand of {name}: data only. `handbook check` tells what is wrong here, and how to mend it;
# `handbook brand preview {id}` shows everything on one sheet.
extends: {base}

# How the name stands in a sentence of each language. `name` stands alone, on covers; a text takes
# the form that it needs: {{company}}, {{company:genitive}}. Let a native speaker look at each line.
company:
{company}
# Two colours; all others are derived from them, also for dark screens and for paper. `accent` draws
# the eye. A text's own colour (`ink`) and the page's (`paper`) may be set here too.
colours:
  primary: "{primary}"
  accent: "{accent}"
"""
_LOGO = """
# Beside this file: .svg, .png or .jpg.
logo: {logo}
"""
_TAIL = """
# corner: round or square; cover: band, frame, plain or split; heading: plain, ruled or block.
style:
  corner: round
  cover: band
  heading: plain

# Fonts of your own: put .ttf or .otf files into fonts/ and name their families.
# fonts: {{heading: Family Name, text: Family Name}}

# Lines for the cover and the foot of pages.
# contact:
#   - Street 1, Town
#   - hello@example.org

# paper: letter
# currency: EUR
# address: https://example.org/handbook/
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants their brand to be."""

    name: str
    id: str = ""
    """Folder of the theme; made from the name where it is empty."""
    logo: Path | None = None
    primary: str = ""
    """A colour `#rrggbb`, or the path of a token."""
    accent: str = ""
    tokens: Path | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A brand that is checked and not yet written."""

    id: str
    name: str
    files: Mapping[str, bytes]
    """Name in the brand's folder → bytes."""
    handbook: str
    """The new text of handbook.yaml."""
    to_look_at: tuple[tuple[str, str], ...]
    """Language and line that a native speaker should look at."""


def suggest_id(name: str) -> str:
    """Return the folder's name for a company of any script: `Nordlys Bank` → `nordlys-bank`."""
    from anyascii import anyascii

    words = re.sub(r"[^a-z0-9]+", "-", re.sub("['’]", "", anyascii(name).lower())).strip("-")
    return words[:40].strip("-")


def draft(root: Path, wishes: Wishes) -> Draft:
    """Return the brand that `wishes` ask for in the project `root`.

    Raises `ContentError` with everything that is wrong with it; nothing is written.
    """
    handbook = read_handbook(read_project(root))
    brand = wishes.id or suggest_id(wishes.name)
    languages = [read_language(root, tag) for tag in handbook.languages]
    gathered = Gathered()
    gathered.problems += _check_id(root, brand, handbook)
    gathered.problems += _check_name(wishes.name)
    below = _base(root, handbook)
    colours: dict[str, str] = {}
    files: dict[str, bytes] = {}
    with gathered.errors():
        colours = _read_colours(wishes, below.file.colours.paper)
    with gathered.errors():
        files = _read_logo(wishes.logo)
    raise_all(gathered.problems)
    lines = [(language.tag, _company_line(language, wishes.name)) for language in languages]
    text = _theme_text(
        {"name": wishes.name, "id": brand, "base": below.id, **colours},
        lines,
        next(iter(files), ""),
    )
    files = {"theme.yaml": text.encode(), **files}
    declined = {language.tag for language in languages if len(language.typography.company) > 1}
    to_look_at = tuple((tag, line) for tag, line in lines if tag in declined)
    return Draft(brand, wishes.name, files, with_brand(root, brand), to_look_at)


def write(root: Path, made: Draft) -> None:
    """Put a drafted brand into the project: its folder in one step, then its line."""
    staged, folder = root / THEMES / f".{made.id}.new", root / THEMES / made.id
    handbook = root / HANDBOOK
    copy = handbook.with_name(".handbook.yaml.new")
    shutil.rmtree(staged, ignore_errors=True)  # of a run that was broken off
    try:
        staged.mkdir()
        for name, data in made.files.items():
            (staged / name).write_bytes(data)
        copy.write_bytes(made.handbook.encode())
        staged.rename(folder)
        os.replace(copy, handbook)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        copy.unlink(missing_ok=True)


def with_brand(root: Path, brand: str) -> str:
    """Return handbook.yaml with `brand` at the end of `brands`, all else letter for letter."""
    text = read_text(root, root / HANDBOOK)
    tree = read_yaml(text, HANDBOOK, "und")
    series = tree.children.get("brands")
    if not isinstance(series, Series) or not series.children:
        raise UsageError(f"{HANDBOOK} has no list `brands: […]` to add “{brand}” to")
    last = list(scalars(series))[-1]
    lines = text.split("\n")
    line, start = lines[last.span.line - 1], last.span.column - 1
    end = start + len(last.raw) + (2 if line[start] in "'\"" else 0)
    if lines[series.span.line - 1][series.span.column - 1] == "[":
        lines[last.span.line - 1] = f"{line[:end]}, {brand}{line[end:]}"
    else:
        lines.insert(last.span.line, f"{line[:start]}{brand}")
    changed = "\n".join(lines)
    expected = [*(scalar.raw for scalar in scalars(series)), brand]
    found = [s.raw for s in scalars(read_yaml(changed, HANDBOOK, "und").children["brands"])]
    if found != expected:
        raise UsageError(f"add “{brand}” to `brands` in {HANDBOOK} by hand; its list is unusual")
    of_windows = b"\r\n" in read_bytes(root, root / HANDBOOK, MAXIMUM_TEXT)
    return changed.replace("\n", "\r\n") if of_windows else changed


def _check_id(root: Path, brand: str, handbook: Handbook) -> Iterator[Problem]:
    span = Span("--id", 0)
    if not brand:
        yield Problem(span, "theme", "the name gives no folder", "name one: --id my-company")
        return
    yield from check_brand_id(brand, span)
    there = (path.name.casefold() for path in (root / THEMES).iterdir())
    if brand in there or brand in handbook.brands:
        message = f"there is a brand “{brand}” already"
        yield Problem(span, "theme", message, "choose another: --id …; nothing is overwritten")


def _check_name(name: str) -> Iterator[Problem]:
    """Yield why `name` cannot stand in a text, told as of the command line."""
    try:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        tree = read_yaml(f'company: {{und: {{name: "{quoted}"}}}}', "NAME", "und")
    except ContentError as error:
        yield from (Problem(Span("NAME", 0), p.rule, p.message, p.hint) for p in error.problems)
        return
    for problem in check_lines(tree):
        yield Problem(Span("NAME", 0), problem.rule, problem.message, problem.hint)


def _base(root: Path, handbook: Handbook) -> Theme:
    """Return the theme that brings templates, which the brands of the project extend."""
    first = read_theme(root, handbook.brands[0], handbook.languages)
    return read_theme(root, first.folders[-1].name, handbook.languages)


def _read_colours(wishes: Wishes, paper: str) -> dict[str, str]:
    """Return the two colours; raises `ContentError` with each that is none or cannot be read."""
    known = read_tokens(wishes.tokens).colours() if wishes.tokens else {}
    problems: list[Problem] = []
    colours: dict[str, str] = {}
    for name, asked in (("primary", wishes.primary), ("accent", wishes.accent)):
        span = Span(f"--{name}", 0)
        value = asked
        if wishes.tokens and not asked.startswith("#"):
            try:
                found = choose(known, name, asked)
            except KeyError:
                found = None
            if found is None:
                paths = ", ".join(list(known)[:12]) or "none"
                message = f"no token is {asked or f'the {name} colour'}"
                hint = f"say which: --{name} PATH; colours in {wishes.tokens.name}: {paths}"
                problems.append(Problem(span, "tokens", message, hint))
                continue
            value, span = found
        if not value:
            problems.append(Problem(span, "colour", f"the {name} colour is missing", "name it"))
            continue
        problem = colour_problem(name, value, paper, span)
        problems += [problem] if problem else []
        colours[name] = value.lower()
    raise_all(problems)
    return colours


def _read_logo(path: Path | None) -> dict[str, bytes]:
    """Return the logo, cleaned, under the name that it gets in the brand's folder."""
    if path is None:
        return {}
    suffix = path.suffix.lower()
    if suffix not in logos.KINDS:
        message, hint = "a logo is .svg, .png or .jpg", "save it in one of these formats"
        raise ContentError([Problem(Span(path.name), "logo", message, hint)])
    place = Path(os.path.abspath(path))
    data = read_bytes(place.parent, place, MAXIMUM_TEXT)
    return {f"logo{suffix}": logos.clean(data, path.name, suffix)}


def _company_line(language: Language, name: str) -> str:
    """Return the company's forms in a language, as one line of theme.yaml."""
    patterns = dict(language.typography.company) or {"nominative": "{name}"}
    for ending in reversed(language.typography.company_endings):
        if re.search(f"(?:{ending.after})$", name):
            patterns[ending.form] = ending.pattern
    forms = {NAME: name, **{form: p.replace("{name}", name) for form, p in patterns.items()}}
    return ", ".join(f"{form}: {_quoted(text)}" for form, text in forms.items())


def _quoted(text: str) -> str:
    """Return a text as YAML takes it anywhere."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _theme_text(draft: Mapping[str, str], lines: Iterable[tuple[str, str]], logo: str) -> str:
    company = "".join(f"  {tag}: {{{line}}}\n" for tag, line in lines)
    text = _HEAD.format(company=company, **draft)
    return text + (_LOGO.format(logo=logo) if logo else "") + _TAIL.format()
