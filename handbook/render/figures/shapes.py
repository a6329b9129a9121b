"""What a drawing consists of: frozen values, in points from its left and top edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from typing import ClassVar, Literal, Self

from handbook.render.figures.lettering import LEADING, Block

Tone = Literal["plain", "soft", "strong", "mark"]
"""How a shape is painted: paper, a tint, the full colour, what catches the eye."""
Stroke = Literal["solid", "dashed", "bold", "thin"]
Spot = tuple[float, float]

_CAP = 0.36
"""Height of the middle of letters above their line, in letter sizes."""
_HEAD = 5.5
"""Length of an arrow's head."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> Spot:
        """The point in its middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def inset(self, sides: float, ends: float = 0.0) -> Frame:
        """Return what is left of it when its edges move inwards."""
        width, height = self.width - 2 * sides, self.height - 2 * ends
        return Frame(self.left + sides, self.top + ends, width, height)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    name: ClassVar[str] = "box"
    frame: Frame
    tone: Tone
    stroke: Stroke = "solid"


@dataclass(frozen=True, slots=True)
class Polygon:
    """A chevron, or whatever else straight lines enclose."""

    name: ClassVar[str] = "polygon"
    spots: tuple[Spot, ...]
    tone: Tone
    stroke: Stroke = "solid"


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc; a number stands in it."""

    name: ClassVar[str] = "circle"
    middle: Spot
    radius: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line:
    """A line through `spots`, with arrow heads where they are given."""

    name: ClassVar[str] = "line"
    spots: tuple[Spot, ...]
    stroke: Stroke = "solid"
    heads: tuple[tuple[Spot, Spot, Spot], ...] = ()

    @classmethod
    def arrow(cls, *spots: Spot, both: bool = False, stroke: Stroke = "solid") -> Self:
        """Return a line with a head at its end, or at both."""
        heads = [_head(spots[-2], spots[-1])]
        if both:
            heads.append(_head(spots[1], spots[0]))
        return cls(spots, stroke, tuple(heads))


def _head(start: Spot, tip: Spot) -> tuple[Spot, Spot, Spot]:
    angle = atan2(tip[1] - start[1], tip[0] - start[0])
    left, right = (
        (tip[0] - _HEAD * cos(angle + turn), tip[1] - _HEAD * sin(angle + turn))
        for turn in (pi / 7, -pi / 7)
    )
    return left, tip, right


@dataclass(frozen=True, slots=True)
class Label:
    """Words within a frame, on a ground of some tone."""

    name: ClassVar[str] = "label"
    block: Block
    frame: Frame
    on: Tone = "plain"
    anchor: Literal["start", "middle", "end"] = "middle"

    @property
    def x(self) -> float:
        """Where lines begin, have their middle or end, as `anchor` says."""
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.frame.left + share * self.frame.width

    @property
    def baselines(self) -> tuple[float, ...]:
        """Where the lines stand, in the middle of the frame."""
        size = self.block.size
        first = self.frame.middle[1] - (len(self.block.lines) - 1) * size * LEADING / 2
        return tuple(
            first + number * size * LEADING + _CAP * size for number in range(len(self.block.lines))
        )


Shape = Box | Polygon | Circle | Line | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    @property
    def view_box(self) -> str:
        """What of the plane it shows: half a line more than its own size on each side."""
        return f"-1 -1 {self.width + 2:g} {self.height + 2:.1f}"

    @property
    def labels(self) -> tuple[Label, ...]:
        """All words in it."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Label))


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one tone, as `#rrggbb`."""

    fill: str
    stroke: str
    text: str
    width: float = 0.8
    """Of the stroke, in points."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, ready for the template."""

    number: str
    """Chapter and place in it, such as 3.1."""
    title: str
    description: str
    """All its words, for those who do not see it."""
    wide: Drawing
    narrow: Drawing
    """The same for a phone."""
    paints: Mapping[Tone, Paint]
    line: str
    """The colour of lines and of letters on no ground."""
