"""A theme, read and checked: its own folder, and what it extends below it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from handbook.diagnostics import (
    ContentError,
    Gathered,
    Problem,
    Span,
    did_you_mean,
    raise_all,
)
from handbook.model.base import Id, Model
from handbook.source.files import MAXIMUM_TEXT, read_bytes, read_text, relative
from handbook.source.nodes import Branch, Node, Scalar, overlay, to_plain
from handbook.source.project import THEMES
from handbook.source.yaml import read_yaml
from handbook.theme import logo as logos
from handbook.theme.colours import TEXT, contrast, is_colour, readable
from handbook.theme.company import check_lines, missing_names, place_of
from handbook.theme.folder import RESERVED, check_folder
from handbook.theme.fonts import BOLD, Coverage, Face, coverage, read_faces
from handbook.theme.palette import Medium, Palette, derive

Paper = Literal["a4", "letter"]


class Colours(Model):
    """The colours that all others are derived from, as `#rrggbb`."""

    primary: str
    """Headings, links, the cover."""
    accent: str
    """What should catch the eye: boxes, marks."""
    ink: str
    paper: str


class Fonts(Model):
    """Families of the brand's own, whose files lie in its `fonts/`; empty for the theme's."""

    heading: str = ""
    text: str = ""


class Style(Model):
    """What makes brands look unlike each other besides their colours."""

    corner: Literal["round", "square"] = "round"
    cover: Literal["band", "frame", "plain", "split"] = "band"
    heading: Literal["plain", "ruled", "block"] = "plain"

    @property
    def classes(self) -> str:
        """The choices as classes of a page, such as `brand-cover-frame`."""
        return " ".join(f"brand-{name}-{choice}" for name, choice in self.model_dump().items())


class ThemeFile(Model):
    """`theme.yaml`, with what it extends laid below it."""

    extends: Id | None = None
    company: dict[str, dict[Id, str]]
    """Language tag → grammatical form → the company's name in a sentence; `name` stands alone."""
    colours: Colours
    fonts: Fonts = Fonts()
    style: Style = Style()
    logo: str = ""
    contact: tuple[str, ...] = Field(default=(), max_length=6)
    """Lines for the cover and the foot of pages."""
    paper: Paper = "a4"
    """What its documents are printed on."""
    duplex: bool = True
    """Whether its documents are printed on both sides."""
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    address: str = Field(default="", pattern=r"^(https?://[^\s<>\"{}|\\^`]*/)?$")
    """Where the site will stand; search engines need it in links between languages."""


@dataclass(frozen=True)
class Theme:
    """One theme, checked and complete."""

    id: str
    file: ThemeFile
    folders: tuple[Path, ...]
    """Its own folder first, then those that it extends."""
    tree: Branch
    """What `file` was read from, with its places."""
    logo: bytes
    logo_name: str
    """File name with which the logo is published, or empty."""
    faces: tuple[Face, ...] = ()
    """Fonts of its own."""
    coverage: tuple[Coverage, ...] = ()
    """What its fonts have of each language's letters."""

    def company(self, language: str) -> dict[str, str]:
        """Return the forms of the company's name in `language`."""
        return self.file.company.get(language, {})

    def company_span(self, language: str) -> Span:
        """Return where the forms of the company's name in `language` stand."""
        return place_of(self.tree, language)

    @cached_property
    def palettes(self) -> Mapping[Medium, Palette]:
        """Every colour that the style sheets use, on each medium."""
        return derive(**self.file.colours.model_dump())

    def covered(self, letters: Mapping[str, frozenset[str]]) -> Theme:
        """Return the theme that knows what its fonts have of the `letters` of each language."""
        wanted = {use: family for use, family in self.file.fonts.model_dump().items() if family}
        return replace(self, coverage=coverage(self.faces, wanted, letters))

    def family(self, use: str, language: str) -> str:
        """Return the family of the brand's own for `heading` or `text`; empty for the theme's."""
        found = (
            item.family
            for item in self.coverage
            if (item.use, item.language) == (use, language) and not item.missing
        )
        return next(found, "")

    @property
    def heading_weight(self) -> int:
        """The weight of headings: the heading font's boldest, so that none has to be faked."""
        weights = [face.weight for face in self.faces if face.family == self.file.fonts.heading]
        return max(weights, default=BOLD)

    def find(self, name: str) -> Path:
        """Return the file `name` of the nearest theme that has it; `KeyError` when none has."""
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise KeyError(name)

    def web_fonts(self) -> Iterator[Path]:
        """Yield the fonts that pages load, the nearest theme's of each name."""
        seen: set[str] = set()
        for folder in self.folders:
            for path in sorted((folder / "fonts" / "web").glob("*.woff2")):
                if path.name not in seen:
                    yield path
                seen.add(path.name)
        yield from (face.path for face in self.faces)


def read_theme(root: Path, brand: str, languages: Iterable[str]) -> Theme:
    """Return the theme in `themes/<brand>/`; raises `ContentError` with all that is wrong in it."""
    trees = _chain(root, brand, ())
    tree = trees[-1][1]
    for _, upper in reversed(trees[:-1]):
        tree = overlay(tree, upper)
    folders = tuple(root / THEMES / name for name, _ in trees)
    for folder in folders:
        raise_all(check_folder(root, folder, is_brand=folder != folders[-1]))
    raise_all(_check_colours_given(trees[0][1]))
    try:
        file = ThemeFile.model_validate(to_plain(tree))
    except ValidationError as error:
        raise ContentError(
            _explain(tree, item["loc"], item["type"], item["msg"]) for item in error.errors()
        ) from error
    gathered = Gathered()
    gathered.problems += [
        *_check_colours(tree, file.colours),
        *missing_names(tree, languages),
        *check_lines(tree),
    ]
    logo, logo_name, faces = b"", "", tuple[Face, ...]()
    with gathered.errors():
        logo, logo_name = _read_logo(root, folders, tree, file.logo)
    with gathered.errors():
        faces = _read_fonts(root, folders, tree, file.fonts)
    raise_all(gathered.problems)
    return Theme(brand, file, folders, tree, logo, logo_name, faces)


def colour_problem(name: str, value: str, paper: str, span: Span) -> Problem | None:
    """Return what is wrong with a brand's colour `name`, which stands at `span`."""
    if not is_colour(value):
        return Problem(span, "colour", f"“{value}” is not a colour", 'write "#1a2b3c"')
    ratio = contrast(value, paper)
    if ratio >= TEXT:
        return None
    message = f"{name} {value} has a contrast of {ratio:.2f} to the paper"
    hint = f'text needs {TEXT}; the nearest that can be read is "{readable(value, paper)}"'
    return Problem(span, "contrast", message, hint)


def check_families(themes: Iterable[Theme], families: Iterable[str]) -> Iterator[Problem]:
    """Yield each family of a brand that another theme has too: a printer could not tell them.

    `families` are those that the languages are set in.
    """
    own = {family.casefold() for family in families}
    first: dict[str, Path] = {}
    for theme in themes:
        for face in theme.faces:
            span = Span(f"{THEMES}/{face.path.parent.parent.name}/fonts/{face.path.name}")
            family = face.family.casefold()
            other = first.setdefault(family, face.path.parent)
            if family in own:
                message = f"languages are set in the theme's own “{face.family}”"
                hint = "take this one out, or give its family another name"
                yield Problem(span, "font", message, hint)
            elif other != face.path.parent:
                message = f"the theme “{other.parent.name}” has a font “{face.family}” too"
                hint = "let one brand extend the other, or take another font"
                yield Problem(span, "font", message, hint)


def _check_colours_given(tree: Branch) -> Iterator[Problem]:
    colours = tree.children.get("colours")
    if not isinstance(colours, Branch):
        return
    for name, node in colours.children.items():
        if isinstance(node, Scalar) and node.value is None:
            hint = f'put the colour in quotes: {name}: "#1a2b3c"; a bare # begins a comment'
            yield Problem(colours.key_span(name), "colour", f"“{name}” is empty", hint)


def check_brand_id(brand: str, span: Span) -> Iterator[Problem]:
    """Yield why `brand` cannot be the folder of a theme."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", brand) or brand in RESERVED:
        message = f"“{brand}” cannot be the name of a theme"
        hint = "write the name of a folder in themes/: small letters, digits, hyphens"
        yield Problem(span, "theme", message, hint)


def _chain(
    root: Path, brand: str, below: tuple[str, ...], named: Span | None = None
) -> list[tuple[str, Branch]]:
    """Return the themes from `brand` up to the one that extends none; `named` says where."""
    path = root / THEMES / brand / "theme.yaml"
    raise_all(check_brand_id(brand, named or Span(THEMES)))
    name = relative(root, path)
    if brand in below:
        circle = " → ".join((*below[below.index(brand) :], brand))
        message = f"the themes extend each other in a circle: {circle}"
        raise ContentError([Problem(named or Span(name), "theme", message, "remove one `extends`")])
    if not path.is_file():
        known = [folder.name for folder in (root / THEMES).iterdir() if folder.is_dir()]
        message = f"there is no theme “{brand}”"
        hint = did_you_mean(brand, known)
        raise ContentError([Problem(named or Span(name), "theme", message, hint)])
    tree = read_yaml(read_text(root, path), name, "und")
    extends = tree.children.get("extends")
    if isinstance(extends, Scalar) and isinstance(extends.value, str):
        return [(brand, tree), *_chain(root, extends.value, (*below, brand), extends.span)]
    return [(brand, tree)]


def _explain(tree: Branch, location: tuple[int | str, ...], kind: str, message: str) -> Problem:
    node: Node = tree
    span = tree.span
    for part in location:
        if isinstance(node, Branch) and part in node.children:
            span, node = node.key_span(str(part)), node.children[str(part)]
    key = str(location[-1])
    if kind == "extra_forbidden":
        models = (ThemeFile, Colours, Fonts, Style)
        hint = did_you_mean(key, [name for model in models for name in model.model_fields])
        return Problem(span, "unknown-key", f"unknown key “{key}”", hint)
    if kind == "missing":
        return Problem(node.span, "missing", f"“{key}” is missing", "add it")
    hint = "see “A brand of your own” in README.md"
    return Problem(node.span, "theme", f"{key}: {message[0].lower()}{message[1:]}", hint)


def _check_colours(tree: Branch, colours: Colours) -> list[Problem]:
    nodes = tree.children["colours"]
    assert isinstance(nodes, Branch)
    values = colours.model_dump()
    paper = values["paper"]
    if not is_colour(paper):  # then nothing can be told of the others
        paper = "#ffffff"
    names = [name for name in values if name != "paper" or not is_colour(values["paper"])]
    found = (colour_problem(name, values[name], paper, nodes.key_span(name)) for name in names)
    return [problem for problem in found if problem]


def _read_logo(root: Path, folders: tuple[Path, ...], tree: Branch, name: str) -> tuple[bytes, str]:
    """Return the logo, cleaned, and the name under which it is published."""
    if not name:
        return b"", ""
    span = tree.children["logo"].span
    if "/" in name or "\\" in name or name.startswith("."):
        message, hint = "the logo must lie beside theme.yaml", "write its file name only"
        raise ContentError([Problem(span, "logo", message, hint)])
    suffix = Path(name).suffix.lower()
    if suffix not in logos.KINDS:
        message, hint = "a logo is .svg, .png or .jpg", "save it in one of these formats"
        raise ContentError([Problem(span, "logo", message, hint)])
    path = next((folder / name for folder in folders if (folder / name).exists()), None)
    if path is None:
        raise ContentError([Problem(span, "logo", f"there is no file “{name}”", "copy it here")])
    data = read_bytes(root, path, MAXIMUM_TEXT)
    return logos.clean(data, relative(root, path), suffix), f"logo{suffix}"


def _read_fonts(
    root: Path, folders: tuple[Path, ...], tree: Branch, fonts: Fonts
) -> tuple[Face, ...]:
    """Return the fonts of a brand; raises `ContentError` when one that it names has no file."""
    faces = [face for folder in folders[:-1] for face in read_faces(root, folder / "fonts")]
    known = {face.family for face in faces}
    nodes = tree.children.get("fonts")
    problems = []
    for use, family in fonts.model_dump().items():
        if family and family not in known:
            assert isinstance(nodes, Branch)
            message = f"no file in fonts/ has the family “{family}”"
            hint = did_you_mean(family, known) or "put its .ttf or .otf files into fonts/"
            problems.append(Problem(nodes.key_span(use), "font", message, hint))
    raise_all(problems)
    return tuple(faces)
