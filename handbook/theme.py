"""Themes and brands: how the book looks and whose it is.

A brand is a theme that `extends` another and brings data only: the company's name with its
grammatical forms, colours, a logo, contact lines, and if it likes words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lxml import etree
from pydantic import Field, ValidationError

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean, raise_all
from handbook.model.base import Id, Model
from handbook.source.files import MAXIMUM_TEXT, read_bytes, read_text, relative
from handbook.source.nodes import Branch, Node, Scalar, overlay, to_plain
from handbook.source.project import THEMES
from handbook.source.yaml import read_yaml

READABLE = 4.5
"""Least contrast of text, WCAG 2.2, criterion 1.4.3."""

_SVG = "{http://www.w3.org/2000/svg}"
_DRAWING = frozenset(
    [
        *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("title", "desc", "defs", "text", "tspan", "clipPath"),
        *("linearGradient", "radialGradient", "stop"),
    ]
)
"""What a logo may consist of; leaves out scripts, links, embedded pages and repeated parts."""


Paper = Literal["a4", "letter"]


class Colours(Model):
    """The colours that the style sheets use, as `#rrggbb`."""

    primary: str
    """Headings, links, the cover."""
    accent: str
    """What should catch the eye: boxes, marks."""
    ink: str
    paper: str


class ThemeFile(Model):
    """`theme.yaml`, with what it extends laid below it."""

    extends: Id | None = None
    company: dict[str, dict[Id, str]]
    """Language tag → grammatical form → the company's name in a sentence; `name` stands alone."""
    colours: Colours
    logo: str = ""
    contact: tuple[str, ...] = ()
    """Lines for the cover and the foot of pages."""
    paper: Paper = "a4"
    """What its documents are printed on."""
    duplex: bool = True
    """Whether its documents are printed on both sides."""
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    address: str = Field(default="", pattern=r"^(https?://.*/)?$")
    """Where the site will stand; search engines need it in links between languages."""


@dataclass(frozen=True)
class Theme:
    """One theme, checked and complete."""

    id: str
    file: ThemeFile
    folders: tuple[Path, ...]
    """Its own folder first, then those that it extends."""
    logo: bytes
    logo_name: str
    """File name with which the logo is published, or empty."""

    def company(self, language: str) -> dict[str, str]:
        """Return the forms of the company's name in `language`."""
        return self.file.company.get(language, {})

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


def read_theme(root: Path, brand: str, languages: tuple[str, ...]) -> Theme:
    """Return the theme in `themes/<brand>/`; raises `ContentError` with all that is wrong in it."""
    trees = _chain(root, brand, ())
    tree = trees[-1][1]
    for _, upper in reversed(trees[:-1]):
        tree = overlay(tree, upper)
    raise_all(_check_colours_given(trees[0][1]))
    try:
        file = ThemeFile.model_validate(to_plain(tree))
    except ValidationError as error:
        raise ContentError(
            _explain(tree, item["loc"], item["type"], item["msg"]) for item in error.errors()
        ) from error
    folders = tuple(root / THEMES / name for name, _ in trees)
    raise_all(_check_files(root, folders))
    problems = [*_check_colours(tree, file.colours), *_check_company(tree, file, languages)]
    logo, logo_name = b"", ""
    if file.logo:
        try:
            logo, logo_name = _read_logo(root, folders, tree, file.logo)
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return Theme(brand, file, folders, logo, logo_name)


def _check_files(root: Path, folders: tuple[Path, ...]) -> Iterator[Problem]:
    """Yield links to elsewhere, and templates of a brand: a brand is data, not a program."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                hint = "put the file itself here"
                yield Problem(Span(relative(root, path)), "file", "this is a link", hint)
    for folder in folders[:-1]:
        for path in (folder / "templates", *folder.glob("*.js")):
            if path.exists():
                message = "a theme that extends another brings data only"
                hint = "change the template in the theme that it extends"
                yield Problem(Span(relative(root, path)), "theme", message, hint)


def _check_colours_given(tree: Branch) -> Iterator[Problem]:
    colours = tree.children.get("colours")
    if not isinstance(colours, Branch):
        return
    for name, node in colours.children.items():
        if isinstance(node, Scalar) and node.value is None:
            hint = f'put the colour in quotes: {name}: "#1a2b3c"; a bare # begins a comment'
            yield Problem(colours.key_span(name), "colour", f"“{name}” is empty", hint)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours `#rrggbb`, from 1 to 21.

    Formula: WCAG 2.2, “contrast ratio” and “relative luminance”.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, paper: str) -> str:
    """Return the nearest darker (or, on dark paper, lighter) `colour` that can be read."""
    target = 0 if _luminance(paper) > 0.18 else 255
    for percent in range(0, 101):
        mixed = [round(c + (target - c) * percent / 100) for c in _channels(colour)]
        candidate = "#" + "".join(f"{c:02x}" for c in mixed)
        if contrast(candidate, paper) >= READABLE:
            return candidate
    return colour


def _chain(
    root: Path, brand: str, below: tuple[str, ...], named: Span | None = None
) -> list[tuple[str, Branch]]:
    """Return the themes from `brand` up to the one that extends none; `named` says where."""
    path = root / THEMES / brand / "theme.yaml"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", brand):
        message = f"“{brand}” cannot be the name of a theme"
        hint = "write the name of a folder in themes/"
        raise ContentError([Problem(named or Span(THEMES), "theme", message, hint)])
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
        hint = did_you_mean(key, [*ThemeFile.model_fields, *Colours.model_fields])
        return Problem(span, "unknown-key", f"unknown key “{key}”", hint)
    if kind == "missing":
        return Problem(node.span, "missing", f"“{key}” is missing", "add it")
    return Problem(node.span, "theme", f"{key}: {message[0].lower()}{message[1:]}")


def _check_colours(tree: Branch, colours: Colours) -> list[Problem]:
    nodes = tree.children["colours"]
    assert isinstance(nodes, Branch)
    problems = []
    values = colours.model_dump()
    for name, value in values.items():
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            message = f"“{value}” is not a colour"
            problems.append(Problem(nodes.key_span(name), "colour", message, 'write "#1a2b3c"'))
    if problems:
        return problems
    for name in ("primary", "accent", "ink"):
        ratio = contrast(values[name], values["paper"])
        if ratio < READABLE:
            better = readable(values[name], values["paper"])
            message = f"{name} {values[name]} has a contrast of {ratio:.2f} to the paper"
            hint = f'text needs {READABLE}; the nearest that can be read is "{better}"'
            problems.append(Problem(nodes.key_span(name), "contrast", message, hint))
    return problems


def _check_company(tree: Branch, file: ThemeFile, languages: tuple[str, ...]) -> list[Problem]:
    span = tree.children["company"].span
    return [
        Problem(
            span,
            "company",
            f"the company's name is missing in {tag}",
            f"add `{tag}: {{nominative: …}}`",
        )
        for tag in languages
        if "nominative" not in file.company.get(tag, {})
    ]


def _read_logo(root: Path, folders: tuple[Path, ...], tree: Branch, name: str) -> tuple[bytes, str]:
    span = tree.children["logo"].span
    if "/" in name or "\\" in name or name.startswith("."):
        message, hint = "the logo must lie beside theme.yaml", "write its file name only"
        raise ContentError([Problem(span, "logo", message, hint)])
    path = next((folder / name for folder in folders if (folder / name).exists()), None)
    if path is None:
        raise ContentError([Problem(span, "logo", f"there is no file “{name}”", "copy it here")])
    data = read_bytes(root, path, MAXIMUM_TEXT)
    file = relative(root, path)
    match path.suffix.lower():
        case ".svg":
            _check_svg(data, file)
        case ".png" | ".jpg" | ".jpeg" as suffix:
            _check_picture(data, file, "PNG" if suffix == ".png" else "JPEG")
        case _:
            message, hint = "a logo is .svg, .png or .jpg", "save it in one of these formats"
            raise ContentError([Problem(span, "logo", message, hint)])
    return data, f"logo{path.suffix.lower()}"


def _check_svg(data: bytes, file: str) -> None:
    """Raise `ContentError` for a drawing that does or fetches something."""
    hint = "save the logo as plain SVG: shapes, no scripts, no links"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        span = Span(file, line or 1, column or 1)
        raise ContentError([Problem(span, "logo", f"no valid SVG: {error.msg}", hint)]) from error
    problems = []
    if tree.getroottree().docinfo.doctype:
        problems.append(Problem(Span(file), "logo", "a document type is declared", hint))
    if tree.tag != f"{_SVG}svg":
        problems.append(Problem(Span(file), "logo", "this is no SVG drawing", hint))
    for instruction in tree.xpath("//processing-instruction()"):
        span = Span(file, int(instruction.sourceline or 1))
        problems.append(Problem(span, "logo", f"<?{instruction.target}?> is not allowed", hint))
    for element in tree.iter():
        span = Span(file, int(element.sourceline or 1))
        if not isinstance(element.tag, str):
            continue
        name = element.tag.removeprefix(_SVG)
        if name not in _DRAWING:
            problems.append(Problem(span, "logo", f"<{name}> is not allowed", hint))
        for key, value in element.attrib.items():
            text = str(value).lower()
            calls = str(key).lower().startswith("on") or str(key).endswith("href")
            fetches = "url(" in text.replace("url(#", "") or "\\" in text or "@import" in text
            if calls or fetches or "javascript:" in text:
                name = etree.QName(key).localname
                problems.append(Problem(span, "logo", f"the attribute {name} is not allowed", hint))
    if problems:
        raise ContentError(problems)


def _check_picture(data: bytes, file: str, kind: str) -> None:
    import io

    from PIL import Image, ImageFile, UnidentifiedImageError

    # WeasyPrint, where it is loaded, lets Pillow pass over what is missing from a picture.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        # Named, because Pillow would hand other formats to other programs.
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > 40_000_000:
                raise OSError("it has more than 40 million pixels")
            picture.load()
    except UnidentifiedImageError as error:
        message = f"this is no {kind} picture"
        raise ContentError([Problem(Span(file), "logo", message, "save it again")]) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        message = f"the picture cannot be read: {error}"
        raise ContentError([Problem(Span(file), "logo", message, "save it again")]) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
