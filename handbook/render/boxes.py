"""What WeasyPrint has laid out, as plain values: lines, tables, pictures, colours, glyphs.

The only module that reads the engine's private tree of boxes, besides `folios`, which writes page
numbers into it. `tests/test_preflight.py` compares what is read with the finished PDF, so that an
engine that changes its tree is noticed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Colour = tuple[float, float, float]
"""Red, green and blue of sRGB, from 0 to 1."""
WHITE: Colour = (1.0, 1.0, 1.0)
_SEEN = 1.0
"""Pixels of font size below which a text is not meant for eyes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page; pixels of 1/96 inch from the page's left and top edge."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Room:
    """What the boxes around a text leave it, and what they make of it."""

    ids: tuple[str, ...] = ()
    """Ids of the elements around, nearest first."""
    left: float = float("-inf")
    right: float = float("inf")
    bottom: float = float("inf")
    """Where a box of fixed height, or the page's block, ends."""
    ground: Colour = WHITE
    flows: bool = True
    """Whether it moves from page to page with what stands before it."""
    item: bool = False
    """Whether it is part of an item of a list."""
    columns: bool = False
    heading: bool = False
    hyphenates: bool = False
    block: int = 0
    """Tells the lines of one block from those of another."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    box: Box
    room: Room
    text: str
    """Ends with a line feed where the author broke the line."""
    language: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or the part of it that stands on one page."""

    box: Box
    room: Room


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of pixels."""

    box: Box
    room: Room
    pixels: int
    """In its width."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How a text stands out from what lies behind it."""

    colour: Colour
    ground: Colour
    large: bool
    """At least 18 point, or 14 point bold."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and the face that draws it."""

    character: str
    language: str
    family: str
    """Empty when no face has it."""
    families: tuple[str, ...]
    """What the style names, first choice first."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and how far down it is filled."""

    top: float
    bottom: float
    """Of the block within its margins."""
    filled: float
    """Lower edge of the last thing that flows."""
    name: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A laid-out document."""

    pages: list[Page] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    inks: dict[Ink, Line] = field(default_factory=dict)
    """Each pair of colours and the first line that has it."""
    glyphs: dict[Glyph, Line] = field(default_factory=dict)
    """Each character of each face and the first line that has it."""


def read(document: Any) -> Layout:
    """Return what stands where in a WeasyPrint `document` that is laid out."""
    reader = _Reader()
    for number, page in enumerate(document.pages, start=1):
        reader.read_page(number, page._page_box)
    reader.read_glyphs()
    return reader.layout


class _Reader:
    """Walks the tree once."""

    def __init__(self) -> None:
        from weasyprint.formatting_structure import boxes

        self.layout = Layout()
        self._kinds = boxes
        self._number = 0
        self._filled = 0.0
        self._blocks = 0
        self._texts: dict[tuple[Any, ...], tuple[Any, dict[str, Line]]] = {}

    def read_page(self, number: int, page: Any) -> None:
        self._number, self._filled = number, page.content_box_y()
        bottom = page.content_box_y() + page.height
        paper = Room(left=0, right=page.margin_width(), bottom=page.margin_height(), flows=False)
        for child in page.children:
            margin = isinstance(child, self._kinds.MarginBox)
            room = paper if margin else replace(paper, bottom=bottom, flows=True)
            self._read(child, room)
        name = page.page_type.name or ""
        self.layout.pages.append(Page(page.content_box_y(), bottom, self._filled, name))

    def _read(self, box: Any, room: Room) -> None:
        if isinstance(box, self._kinds.LineBox):
            self._read_line(box, room)
            return
        if isinstance(box, self._kinds.TextBox):
            return
        if box.is_absolutely_positioned():
            room = replace(room, left=0, right=float("inf"), bottom=float("inf"), flows=False)
        inner = self._within(box, room)
        if isinstance(box, self._kinds.TableBox):
            table = self._border(box)
            self.layout.tables.append(Table(table, room))
            # Its cells are in their own columns, wherever these end.
            inner = replace(inner, right=max(room.right, table.right))
        elif isinstance(box, self._kinds.ReplacedBox):
            self._read_picture(box, room)
        children = getattr(box, "children", ())
        if inner.flows and not children and box.height:
            self._filled = max(self._filled, box.border_box_y() + box.border_height())
        for child in children:
            self._read(child, inner)

    def _within(self, box: Any, room: Room) -> Room:
        """Return the room that `box` leaves to what it holds."""
        style, element = box.style, box.element
        changes: dict[str, Any] = {"ground": _over(style["background_color"], room.ground)}
        name = element.get("id") if element is not None else None
        if name and (not room.ids or room.ids[0] != name):
            changes["ids"] = (name, *room.ids)
        if isinstance(box, self._kinds.BlockContainerBox):
            self._blocks += 1
            changes["block"] = self._blocks
            if not room.item:  # an item hangs its mark to the left of what stands in it
                changes["left"] = max(room.left, box.border_box_x())
            changes["item"] = room.item or box.element_tag == "li"
            changes["right"] = min(room.right, box.content_box_x() + box.width)
            changes["hyphenates"] = style["hyphens"] == "auto"
            changes["heading"] = room.heading or box.element_tag in _HEADINGS
            changes["columns"] = room.columns or style["column_count"] != "auto"
            # A row or a cell grows with what stands in it, whatever its height says.
            grows = isinstance(box, self._kinds.TableCellBox | self._kinds.MarginBox)
            if style["height"] != "auto" and not grows:
                edge = box.border_box_y() + box.border_height()
                changes["bottom"] = min(room.bottom, edge)
        return replace(room, **changes)

    def _read_line(self, line: Any, room: Room) -> None:
        texts: list[tuple[Any, Colour]] = []
        others: list[tuple[Any, Room]] = []
        for child in line.children:
            self._part(child, room, texts, others)
        texts = [(box, ground) for box, ground in texts if box.style["font_size"] >= _SEEN]
        text = "".join(box.text for box, _ in texts)
        if any(child.element_tag == "br" for child in line.children):
            text += "\n"
        if text.strip():
            seen = [box for box, _ in texts if box.text.strip()]  # spaces may hang out of the line
            box = Box(
                self._number,
                min(box.position_x for box in seen),
                line.position_y,
                max(box.position_x + box.width for box in seen),
                line.position_y + line.height,
            )
            language = texts[0][0].style["lang"] or ""
            found = Line(box, room, text, language)
            self.layout.lines.append(found)
            if room.flows:
                self._filled = max(self._filled, box.bottom)
            for part, ground in texts:
                self._read_text(part, ground, found)
        for box, inner in others:
            self._read(box, inner)

    def _part(self, box: Any, room: Room, texts: list[Any], others: list[Any]) -> None:
        """Sort the parts of a line: texts with what lies behind them, and boxes of their own."""
        if isinstance(box, self._kinds.TextBox):
            texts.append((box, room.ground))
        elif isinstance(box, self._kinds.InlineBox) and box.is_in_normal_flow():
            inner = self._within(box, room)
            for child in box.children:
                self._part(child, inner, texts, others)
        else:
            others.append((box, room))

    def _read_text(self, box: Any, ground: Colour, line: Line) -> None:
        style = box.style
        points, weight = style["font_size"] * 0.75, style["font_weight"]
        ink = Ink(
            _over(style["color"], ground), ground, points >= 18 or (points >= 14 and weight >= 700)
        )
        self.layout.inks.setdefault(ink, line)
        key = (style["font_family"], weight, style["font_style"], style["lang"])
        _, characters = self._texts.setdefault(key, (style, {}))
        for character in box.text:
            if character not in characters:
                characters[character] = line

    def _read_picture(self, box: Any, room: Room) -> None:
        from weasyprint.images import RasterImage

        if isinstance(box.replacement, RasterImage):
            picture = Picture(self._border(box), room, box.replacement.width)
            self.layout.pictures.append(picture)

    def _border(self, box: Any) -> Box:
        left, top = box.border_box_x(), box.border_box_y()
        right, bottom = left + box.border_width(), top + box.border_height()
        return Box(self._number, left, top, right, bottom)

    def read_glyphs(self) -> None:
        """Ask Pango for the face of each character, once for each style."""
        for style, characters in self._texts.values():
            families, language = tuple(style["font_family"]), style["lang"] or ""
            shown = "".join(c for c in characters if not _is_invisible(c))
            for character, family in _faces(style, shown):
                glyph = Glyph(character, language, family, families)
                self.layout.glyphs.setdefault(glyph, characters[character])


_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cf", "Cc", "Mn")


def _over(colour: Any, ground: Colour) -> Colour:
    """Return `colour` laid over `ground`."""
    if colour == "currentcolor":
        return ground
    alpha = colour.alpha
    mixed = [
        upper * alpha + lower * (1 - alpha)
        for upper, lower in zip(_srgb(colour), ground, strict=True)
    ]
    return mixed[0], mixed[1], mixed[2]


def _srgb(colour: Any) -> Colour:
    """Return a colour as a screen shows it; one of plates by the formula of CSS Color 5, 9."""
    if colour.space == "device-cmyk":
        cyan, magenta, yellow, black = colour[:4]
        red, green, blue = ((1 - ink) * (1 - black) for ink in (cyan, magenta, yellow))
    else:
        red, green, blue = colour.to("srgb")[:3]
    return red, green, blue


def _faces(style: Any, text: str) -> Iterator[tuple[str, str]]:
    """Yield each character of `text` and the family of the face that Pango draws it with."""
    from weasyprint.text.ffi import ffi, pango
    from weasyprint.text.line_break import Layout as PangoLayout

    if not text:
        return
    layout = PangoLayout(style)
    layout.set_text(text)
    line, _ = layout.get_first_line()
    data = text.encode()
    run = line.runs[0]
    while run != ffi.NULL:
        item, glyphs = run.data.item, run.data.glyphs
        family = _family(item.analysis.font)
        missing = set(_missing(glyphs, pango.PANGO_GLYPH_UNKNOWN_FLAG))
        for character in data[item.offset : item.offset + item.length].decode():
            yield character, "" if character in missing else family
        run = run.next


def _family(font: Any) -> str:
    from weasyprint.text.ffi import ffi, pango

    if font == ffi.NULL:
        return ""  # there is no font at all
    description = pango.pango_font_describe_with_absolute_size(font)
    family: str = ffi.string(pango.pango_font_description_get_family(description)).decode()
    pango.pango_font_description_free(description)
    return family


def _missing(glyphs: Any, flag: int) -> Sequence[str]:
    marked = (glyphs.glyphs[i].glyph for i in range(glyphs.num_glyphs))
    # A flagged glyph is the number of its character; an empty one has all other bits set.
    return [chr(g - flag) for g in marked if g & flag and g - flag < 0x110000]
