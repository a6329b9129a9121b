"""A logo: checked, and built anew with nothing in it but the picture.

A drawing is rebuilt from an allow-list, so that comments and the notes of drawing programs stay
behind; what it repeats is drawn where it is repeated; what does or fetches something, or grows
without end, is refused. A picture of points is written again without what cameras and programs put
into it: places, profiles, previews.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from handbook.diagnostics import ContentError, Problem, Span, raise_all

MAXIMUM_BYTES = 1_000_000
MAXIMUM_SHAPES = 3_000
MAXIMUM_SIDE = 10_000
"""Units of a drawing, points of a picture."""
MAXIMUM_POINTS = 16_000_000

KINDS = {".svg": "SVG", ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""Ending of a logo's file → what must be in it."""

_SVG = "{http://www.w3.org/2000/svg}"
_USE = f"{_SVG}use"
_SHAPES = frozenset(
    [
        *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("title", "desc", "defs", "text", "tspan", "clipPath", "mask", "style"),
        *("linearGradient", "radialGradient", "stop"),
    ]
)
"""What a logo may consist of; leaves out scripts, links, embedded pages and repeated parts."""
_ATTRIBUTES = frozenset(
    [
        *("id", "class", "style", "transform", "viewBox", "preserveAspectRatio", "opacity", "d"),
        *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx", "dy"),
        *("width", "height", "points", "offset", "clip-path", "clip-rule", "mask", "display"),
        *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity"),
        *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray"),
        *("stroke-dashoffset", "stop-color", "stop-opacity", "color", "visibility"),
        *("gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits"),
        *("maskContentUnits", "font-family", "font-size", "font-weight", "font-style"),
        *("text-anchor", "letter-spacing", "mask-type", "vector-effect"),
    ]
)
_OF_THE_PLACE = frozenset(["id", "x", "y", "width", "height"])
"""What says where a repeated part is drawn, and not how."""
_LINK = "{http://www.w3.org/1999/xlink}href"
_EDITORS = (
    "http://www.inkscape.org/",
    "http://sodipodi.sourceforge.net/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns",
    "http://creativecommons.org/",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/",
    "http://ns.adobe.com/",
    "http://www.bohemiancoding.com/sketch",
    "http://www.figma.com/",
    "http://www.serif.com/",
    "http://www.corel.com/",
    "https://boxy-svg.com",
)
"""Where the names begin that drawing programs put into a file for themselves."""
_HINT = "save the logo as plain SVG: shapes, no scripts, no links"
_LETTERS = "turn text into paths where the logo is drawn (Inkscape: Path > Object to Path)"
_ENTITIES = "export the logo without the drawing program's own data (Illustrator: Export As > SVG)"
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+svg(?:\s+(?:PUBLIC|SYSTEM)(?:\s+(?:"[^"\[<]*"|'[^'\[<]*')){1,2})?\s*>"""
)
"""The document type that drawing programs write; it says nothing, and nobody looks it up."""
_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_CUT = re.compile(r"(?:mask|clip-path)\s*:[^;]*?#([\w.-]+)", re.IGNORECASE)
"""What a style cuts a shape out with: the id of a mask or of a clipping path."""
_DEEPEST = 20
"""Masks within masks that are followed."""


def clean(data: bytes, file: str, suffix: str) -> bytes:
    """Return the picture in `data` and nothing else of it, the same bytes for the same input.

    `suffix` is a key of `KINDS`, `file` names it in messages. Raises `ContentError` for what is no
    such picture, is too large or does something.
    """
    if len(data) > MAXIMUM_BYTES:
        message = f"the logo has {len(data):,} bytes"
        raise _refused(file, message, f"{MAXIMUM_BYTES:,} are enough; make it smaller")
    kind = KINDS[suffix]
    return _clean_drawing(data, file) if kind == "SVG" else _clean_picture(data, file, kind)


def _refused(file: str, message: str, hint: str) -> ContentError:
    return ContentError([Problem(Span(file), "logo", message, hint)])


# -- drawings ------------------------------------------------------------------------------


def _clean_drawing(data: bytes, file: str) -> bytes:
    from lxml import etree

    # Emptied and not cut out, so that what follows stays on its line.
    data = _DOCTYPE.sub(lambda found: re.sub(rb"[^\r\n]", b" ", found[0]), data, count=1)
    # Before the parser sees it: it would already work through the declarations.
    if found := re.search(rb"<!\s*(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        line = data.count(b"\n", 0, found.start()) + 1
        span = Span(file, line, found.start() - data.rfind(b"\n", 0, found.start()))
        raise ContentError([Problem(span, "logo", "a document type declares words", _ENTITIES)])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        span = Span(file, line or 1, max(column, 1))
        message = f"no valid SVG: {error.msg}"
        raise ContentError([Problem(span, "logo", message, _HINT)]) from error
    _draw_what_is_repeated(tree)
    raise_all(_faults(tree, file))
    root = _rebuilt(tree)
    if "viewBox" not in root.attrib:  # or it would not grow and shrink with its place
        root.set("viewBox", f"0 0 {_number(root.get('width'))} {_number(root.get('height'))}")
    return bytes(etree.tostring(root, encoding="utf-8")) + b"\n"


def _draw_what_is_repeated(tree: Any) -> None:
    """Put in the place of each `<use>` of `tree` the part that it repeats.

    What repeats a part that there is not, one elsewhere, one that itself repeats another, or more
    than a logo may hold, stays.
    """
    from lxml import etree

    uses = list(tree.iter(_USE))
    parts = {part.get("id"): part for part in tree.iter("*") if next(part.iter(_USE), None) is None}
    drawn = 0
    for use in uses:
        name = use.get("href") or use.get(_LINK) or ""
        part = parts.get(name[1:]) if name.startswith("#") else None
        if part is not None and use.getparent() is not None:
            drawn += len(etree.tostring(part))
            if drawn > MAXIMUM_BYTES:
                return
            new = _drawn_at(use, deepcopy(part))
            new.tail = use.tail
            use.getparent().replace(use, new)


def _drawn_at(use: Any, part: Any) -> Any:
    """Return `part`, a copy, as `use` has it drawn.

    In a group, except in a clipping path, which may hold no groups (SVG 2, 5.6 and CSS Masking 1).
    """
    from lxml import etree

    for each in part.iter("*"):
        each.attrib.pop("id", None)
    part.tail = None
    wishes = {key: use.attrib[key] for key in use.attrib if key in _ATTRIBUTES - _OF_THE_PLACE}
    move = f"translate({_number(use.get('x'))} {_number(use.get('y'))})"
    wishes["transform"] = f"{use.get('transform', '')} {move}".strip()
    if use.getparent().tag == f"{_SVG}clipPath":
        wishes["transform"] += f" {part.get('transform', '')}"
        part.attrib.update({key: part.get(key, value) for key, value in wishes.items()})
        part.set("transform", wishes["transform"].strip())
        return part
    group = etree.Element(f"{_SVG}g", wishes)
    group.append(part)
    return group


def _faults(tree: Any, file: str) -> Iterator[Problem]:
    """Yield what a drawing must not hold."""

    def fault(element: Any, message: str, hint: str = _HINT) -> Problem:
        return Problem(Span(file, int(element.sourceline or 1)), "logo", message, hint)

    if tree.tag != f"{_SVG}svg":
        yield fault(tree, "this is no SVG drawing")
        return
    yield from (fault(tree, message) for message in _size_faults(tree))
    for instruction in tree.xpath("//processing-instruction()"):
        yield fault(instruction, f"<?{instruction.target}?> is not allowed")
    if _Drawn(tree).shapes > MAXIMUM_SHAPES:
        message = f"more than {MAXIMUM_SHAPES:,} shapes are drawn, those of a mask at each use"
        yield fault(tree, message)
        return
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.removeprefix(_SVG)
        if _is_of_an_editor(element.tag) or name == "metadata":
            continue
        if name not in _SHAPES:
            yield fault(element, f"<{name}> is not allowed")
        if name == "text" and "".join(element.itertext()).strip():
            # A picture on a page gets none of its fonts: each reader would see another logo.
            yield fault(element, "its letters need a font that is not in the file", _LETTERS)
        if name == "style" and not _is_plain("".join(element.itertext())):
            yield fault(element, "<style> fetches something")
        for key, value in element.attrib.items():
            local = key.rsplit("}", 1)[-1]
            acts = local.lower().startswith("on") or local.lower() in ("href", "src", "base")
            if not _is_of_an_editor(key) and (acts or not _is_plain(value)):
                yield fault(element, f"the attribute {local} is not allowed")


class _Drawn:
    """Counts the shapes that are drawn: masks that use masks twice each soon are endless."""

    def __init__(self, tree: Any) -> None:
        self._parts = {part.get("id"): part for part in tree.iter("*") if part.get("id")}
        sheet = _plain_style("".join("".join(s.itertext()) for s in tree.iter(f"{_SVG}style")))
        self._rules = [
            (re.findall(r"[.#]?[\w-]+|\*", selectors), _CUT.findall(body))
            for selectors, body in _RULE.findall(sheet)
        ]
        self._known: dict[str, int] = {}
        self.shapes = self._count(tree, 0)

    def _count(self, element: Any, depth: int) -> int:
        """Return the shapes of `element`, at most one more than there may be."""
        shapes = 0
        for part in element.iter("*"):
            shapes += 1 + sum(self._of(name, depth + 1) for name in self._cuts(part))
            if shapes > MAXIMUM_SHAPES:
                return MAXIMUM_SHAPES + 1
        return shapes

    def _of(self, name: str, depth: int) -> int:
        """Return the shapes of the mask `name`; too many where it is a part of itself."""
        if name not in self._known and name in self._parts:
            self._known[name] = MAXIMUM_SHAPES + 1
            if depth <= _DEEPEST:
                self._known[name] = self._count(self._parts[name], depth)
        return self._known.get(name, 0)

    def _cuts(self, part: Any) -> Iterator[str]:
        """Yield the masks and clipping paths of an element, rather one too many."""
        for key in ("mask", "clip-path"):
            yield from _CUT.findall(f"{key}:{part.get(key, '')}")
        yield from _CUT.findall(_plain_style(part.get("style", "")))
        names = {"*", part.tag.rpartition("}")[2], f"#{part.get('id')}"}
        names.update(f".{name}" for name in part.get("class", "").split())
        for selectors, cuts in self._rules:
            if names.intersection(selectors):
                yield from cuts


def _plain_style(style: str) -> str:
    """Return a style without its comments."""
    return re.sub(r"/\*.*?(\*/|\Z)", "", style, flags=re.DOTALL)


def _size_faults(tree: Any) -> Iterator[str]:
    """Yield what is wrong with the size of a drawing."""
    sides = _NUMBER.findall(tree.get("viewBox") or "")[2:] or [
        _number(tree.get("width")),
        _number(tree.get("height")),
    ]
    if len(sides) != 2 or not all(0 < float(side) <= MAXIMUM_SIDE for side in sides):
        yield f"it has no size, or none between 0 and {MAXIMUM_SIDE:,}; set `viewBox`"


def _number(length: str | None) -> str:
    """Return the number of a length such as `96px`; 0 for none and for a percentage."""
    text = (length or "").strip()
    found = _NUMBER.match(text)
    return found[0] if found and not text.endswith("%") else "0"


def _is_plain(text: str) -> bool:
    """Return whether a value or a style sheet fetches nothing and hides nothing."""
    text = text.lower()
    pointed = re.sub(r"url\(\s*['\"]?#[\w.-]+['\"]?\s*\)", "", text)
    return not any(sign in pointed for sign in ("url(", "\\", "@", "javascript:", "expression("))


def _is_of_an_editor(name: str) -> bool:
    return name.startswith("{") and name[1:].startswith(_EDITORS)


def _rebuilt(element: Any) -> Any:
    """Return a new element with the allowed parts of `element`, and nothing else."""
    from lxml import etree

    new = etree.Element(element.tag, nsmap={None: _SVG[1:-1]})
    for key, value in element.attrib.items():
        if key in _ATTRIBUTES:
            new.set(key, value)
    new.text = element.text
    for child in element:
        if isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _SHAPES:
            new.append(_rebuilt(child))
            new[-1].tail = child.tail
        elif child.tail and child.tail.strip():
            _append_text(new, child.tail)
    return new


def _append_text(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


# -- pictures of points --------------------------------------------------------------------


def _clean_picture(data: bytes, file: str, kind: str) -> bytes:
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

    # WeasyPrint, where it is loaded, lets Pillow pass over what is missing from a picture.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        # Named, because Pillow would hand other formats to other programs.
        with _unwarned(), Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if fault := _picture_fault(picture):
                raise _refused(file, *fault)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _written(upright, kind)
    except UnidentifiedImageError as error:
        raise _refused(file, f"this is no {kind} picture", "save it again") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(file, f"the picture cannot be read: {error}", "save it again") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


@contextmanager
def _unwarned() -> Iterator[None]:
    """Keep Pillow quiet about the size of a picture, which is looked at here."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _picture_fault(picture: Any) -> tuple[str, str] | None:
    """Return what is wrong with a picture that is not yet unpacked, and how to mend it."""
    width, height = picture.size
    if width * height > MAXIMUM_POINTS or max(width, height) > MAXIMUM_SIDE:
        message = f"the picture has {width:,} × {height:,} points"
        return message, f"{MAXIMUM_POINTS // 1_000_000} million are enough; make it smaller"
    if getattr(picture, "n_frames", 1) > 1:
        return "the picture moves", "save one picture of it"
    if picture.mode in ("CMYK", "YCCK"):
        return "the picture's colours are those of a press (CMYK)", "save it in RGB"
    return None


def _written(picture: Any, kind: str) -> bytes:
    """Return a picture as a file that holds its points alone."""
    picture.info = {key: value for key, value in picture.info.items() if key == "transparency"}
    stream = io.BytesIO()
    options: dict[str, object] = {"quality": 92} if kind == "JPEG" else {"compress_level": 9}
    picture.save(stream, kind, **options)
    return stream.getvalue()
