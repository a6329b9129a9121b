"""Where everything stands: a pure function for each kind of figure, words and a width → a drawing.

Every figure is as high as its words ask for. On a phone the same words stand below each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from handbook.model.figure import FigureKind
from handbook.render.figures.lettering import LEAST_SIZE, Block, Hand, Text
from handbook.render.figures.shapes import (
    Box,
    Circle,
    Drawing,
    Frame,
    Label,
    Line,
    Polygon,
    Shape,
    Spot,
    Tone,
)

WIDE = 476.0
"""Points: the text's width in a book, 168 mm."""
NARROW = 204.0
"""Points: a phone's width; its screen shows them a third larger."""
TITLE, NOTE = 9.5, 8.5
"""Letter sizes in points."""
PAD, GAP, TIP = 6.0, 4.0, 11.0
"""Between words and edge; between shapes; how far a chevron points."""
BADGE = 7.5
"""Radius of the disc around a number."""
MARKS = 5
"""Places to mark on a scale."""
_ALTERNATING: tuple[Tone, Tone] = ("soft", "plain")


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a figure, in finished words."""

    title: Text
    notes: tuple[tuple[Text | None, Text], ...] = ()
    """What stands beside it, with a heading or without."""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure shows."""

    kind: FigureKind
    points: tuple[Point, ...]
    further: tuple[Text, ...] = ()
    """The names of further parts."""

    @property
    def titles(self) -> tuple[Text, ...]:
        """The titles of all points."""
        return tuple(point.title for point in self.points)

    @property
    def texts(self) -> tuple[Text, ...]:
        """All words in it."""
        notes = (text for point in self.points for note in point.notes for text in note if text)
        return (*self.titles, *notes, *self.further)


@lru_cache(maxsize=20_000)
def lay_out(subject: Subject, hand: Hand, width: float) -> Drawing:
    """Return the drawing of `subject`, `width` points wide."""
    shapes = tuple(_LAYOUTS[subject.kind](subject, hand, width))
    return Drawing(width, max(_bottom(shape) for shape in shapes) + 1, shapes)


def _bottom(shape: Shape) -> float:
    match shape:
        case Box(frame=frame) | Label(frame=frame):
            return frame.bottom
        case Circle(middle=middle, radius=radius):
            return middle[1] + radius
        case Polygon(spots=spots) | Line(spots=spots):
            return max(y for _, y in spots)


def _is_wide(width: float) -> bool:
    return width > (WIDE + NARROW) / 2


def _columns(count: int, width: float, gap: float, left: float = 0.0) -> list[tuple[float, float]]:
    """Return the left edge and the width of each of `count` columns."""
    each = (width - gap * (count - 1)) / count
    return [(left + number * (each + gap), each) for number in range(count)]


def _height(blocks: Iterable[Block]) -> float:
    return max((block.height for block in blocks), default=0.0)


def _badge(number: int, middle: Spot, hand: Hand, tone: Tone = "plain") -> Iterator[Shape]:
    x, y = middle
    frame = Frame(x - BADGE, y - BADGE, 2 * BADGE, 2 * BADGE)
    yield Circle(middle, BADGE, tone)
    yield Label(hand.set([Text(str(number))], 2 * BADGE, NOTE, bold=True)[0], frame, tone)


def _notes(subject: Subject, hand: Hand, room: float, size: float = NOTE) -> list[list[Block]]:
    """Return the notes of each point in lines; a heading leads its note."""
    return [
        hand.set([text for _, text in point.notes], room, size) if point.notes else []
        for point in subject.points
    ]


# -- steps that rise ---------------------------------------------------------------------------


def _stairs(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    return (_rising if _is_wide(width) else _growing)(subject, hand, width)


def _rising(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    count = len(subject.points)
    columns = _columns(count, width, GAP)
    room = columns[0][1] - 2 * PAD
    titles, notes = hand.set(subject.titles, room, TITLE, bold=True), _notes(subject, hand, room)
    words = [
        title.height + sum(block.height for block in note)
        for title, note in zip(titles, notes, strict=True)
    ]
    lowest, rise = max(words) + 2 * BADGE + 3 * PAD, 64 / count
    bottom = lowest + rise * (count - 1)
    for number, (point, (left, each)) in enumerate(zip(subject.points, columns, strict=True)):
        top = rise * (count - 1 - number) + 1.5
        tone: Tone = "strong" if point.here else "soft"
        yield Box(Frame(left, top, each, bottom - top), tone)
        yield Line(((left, top), (left + each, top)), "bold")
        yield from _badge(number + 1, (left + PAD + BADGE, top + PAD + 1 + BADGE), hand)
        below = top + 2 * BADGE + 2 * PAD - 1
        for block in (titles[number], *notes[number]):
            yield Label(block, Frame(left + PAD, below, room, block.height), tone, "start")
            below += block.height


def _growing(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    count, shortest = len(subject.points), 0.72 * width
    lead = 2 * BADGE + 2 * PAD
    room = shortest - lead - PAD
    titles, notes = hand.set(subject.titles, room, TITLE, bold=True), _notes(subject, hand, room)
    top = 1.0
    for number, point in enumerate(subject.points):
        blocks = (titles[number], *notes[number])
        height = max(sum(block.height for block in blocks), 2 * BADGE) + PAD
        tone: Tone = "strong" if point.here else "soft"
        length = shortest + (width - shortest) * number / (count - 1)
        yield Box(Frame(0.5, top, length - 1, height), tone)
        yield from _badge(number + 1, (PAD + BADGE, top + height / 2), hand)
        below = top + (height - sum(block.height for block in blocks)) / 2
        for block in blocks:
            yield Label(block, Frame(lead, below, room, block.height), tone, "start")
            below += block.height
        top += height + GAP


# -- levels against a line ---------------------------------------------------------------------


def _levels(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    """Columns that fall short of a line, meet it and rise above it."""
    wide = _is_wide(width)
    columns = _columns(len(subject.points), width, 3 * GAP if wide else 1.5 * GAP)
    room = columns[0][1]
    titles = hand.set(subject.titles, room - PAD, TITLE, bold=True)
    notes = _notes(subject, hand, room)
    [line] = hand.set(subject.further, room - 2 * GAP if wide else room, NOTE)
    unit = max(_height(titles) + PAD, 24.0)
    ground = max(3.4 * unit, 2.2 * unit + line.height + PAD) + 1
    level = ground - 2.2 * unit
    yield Line(((0, level), (width, level)), "dashed")
    yield Label(line, Frame(0, level - line.height - 2, room, line.height), anchor="start")
    tones: tuple[Tone, ...] = ("plain", "soft", "strong")
    for number, (left, each) in enumerate(columns):
        top = ground - (1.1, 2.2, 3.4)[number] * unit
        frame = Frame(left + 0.5, top, each - 1, ground - top)
        yield Box(frame, tones[number], "dashed" if number == 0 else "solid")
        yield Label(titles[number], frame.inset(PAD / 2), tones[number])
        below = ground + 3
        for block in notes[number]:
            yield Label(block, Frame(left, below, each, block.height))
            below += block.height
    yield Line(((0, ground), (width, ground)), "bold")
    left, each = columns[0]
    middle = left + each / 2
    yield Line.arrow((middle, ground - 1.1 * unit - 2), (middle, level + 2), both=True)


# -- phases that follow each other -------------------------------------------------------------


def _phases(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    return (_in_a_row if _is_wide(width) else _in_a_column)(subject, hand, width)


def _tone_of(number: int, count: int) -> Tone:
    """The first is open, the last is full."""
    return "strong" if number == count - 1 else "plain" if number == 0 else "soft"


def _in_a_row(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    count = len(subject.points)
    headings = [heading for heading, _ in subject.points[0].notes if heading]
    lead = 92.0 if headings else 0.0
    columns = _columns(count, width - lead, -TIP + GAP, lead)
    room = columns[0][1] - 2 * TIP - GAP
    titles = hand.set(subject.titles, room, TITLE + 1, bold=True)
    notes = _notes(subject, hand, room)
    heads = hand.set(headings, lead - 2 * GAP, NOTE)
    height = _height(titles) + 3 * PAD
    for number, (left, each) in enumerate(columns):
        tone = _tone_of(number, count)
        spots = _chevron(Frame(left, 1, each, height), open_=number == 0)
        yield Polygon(spots, tone, "dashed" if number == 0 else "solid")
        yield Label(titles[number], Frame(left + TIP + 2, 1, room, height), tone)
    below = height + 1 + PAD
    rows = max(map(len, notes))
    for row in range(rows):
        cells = [note[row] for note in notes]
        tall = _height([*cells, *heads[row : row + 1]])
        if row:
            yield Line(((0, below - PAD / 2), (width, below - PAD / 2)), "thin")
        for head in heads[row : row + 1]:
            yield Label(head, Frame(0, below, lead - 2 * GAP, tall), anchor="start")
        for block, (left, _) in zip(cells, columns, strict=True):
            yield Label(block, Frame(left + TIP + 2, below, room, tall))
        below += tall + PAD


def _chevron(frame: Frame, open_: bool) -> tuple[Spot, ...]:
    """Return an arrow to the right; it begins flat or, where another points at it, notched."""
    _, middle = frame.middle
    spots = [
        (frame.left, frame.top),
        (frame.right - TIP, frame.top),
        (frame.right, middle),
        (frame.right - TIP, frame.bottom),
        (frame.left, frame.bottom),
    ]
    return tuple(spots if open_ else [*spots, (frame.left + TIP, middle)])


def _in_a_column(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    count, room = len(subject.points), width - 2 * PAD
    titles = hand.set(subject.titles, room, TITLE + 0.5, bold=True)
    top = 1.0
    for number, point in enumerate(subject.points):
        tone = _tone_of(number, count)
        last = number == count - 1
        frame = Frame(0.5, top, width - 1, titles[number].height + 2 * PAD)
        tip = (frame.middle[0], frame.bottom + (0 if last else TIP / 1.6))
        corners = ((frame.left, frame.top), (frame.right, frame.top), (frame.right, frame.bottom))
        spots = (*corners, tip, (frame.left, frame.bottom))
        yield Polygon(spots, tone, "dashed" if number == 0 else "solid")
        yield Label(titles[number], frame.inset(PAD - 0.5), tone)
        top = tip[1] + GAP
        for heading, text in point.notes:
            blocks = hand.set([heading], 0.36 * room, NOTE) if heading else []
            lead = 0.36 * room + GAP if heading else 0.0
            [note] = hand.set([text], room - lead, NOTE)
            tall = _height([note, *blocks])
            for block in blocks:
                yield Label(block, Frame(PAD, top, 0.36 * room, tall), anchor="start")
            frame = Frame(PAD + lead, top, room - lead, tall)
            yield Label(note, frame, anchor="start" if heading else "middle")
            top += tall + 2
        top += PAD


# -- gaps between what follows from each other ---------------------------------------------------


def _gaps(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    return (_around if _is_wide(width) else _along)(subject, hand, width)


def _around(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    """Down on the left and up on the right: six parts, five gaps, one border."""
    side, between = 0.36 * width, 0.28 * width
    right = side + between
    parts = hand.set(subject.further, side - 2 * PAD, TITLE, bold=True)
    beside = hand.set(subject.titles, side - 3 * PAD - 2 * BADGE, NOTE)
    across = hand.set(subject.titles, between - 2 * PAD, NOTE)
    tall = _height(parts) + 2 * PAD
    apart = max(_height([beside[1], beside[3]]), 2 * BADGE) + 2 * PAD
    above = max(beside[0].height + 2 * PAD, BADGE + across[4].height - tall / 2 + PAD)
    border = 1 + tall + above
    rows = [1.0, border + 1.5 * PAD, border + 1.5 * PAD + tall + apart]
    places = [(0.5, 0), (0.5, 1), (0.5, 2), (right, 2), (right, 1), (right, 0)]
    frames = [Frame(left, rows[row], side - 0.5, tall) for left, row in places]
    yield Line(((0, border), (width, border)), "dashed")
    for number, (part, frame) in enumerate(zip(parts, frames, strict=True)):
        tone: Tone = "strong" if number in (0, 5) else "soft"
        yield Box(frame, tone)
        yield Label(part, frame.inset(PAD), tone)
    for number, (first, second) in enumerate(pairwise(frames)):
        if number == 2:
            yield from _level_gap(3, across[2], first, second, hand)
        elif number == 4:
            x = first.left + PAD + BADGE
            yield Line.arrow((x, first.top - 1), (x, second.bottom + 1))
        else:
            upper, lower = sorted((first, second), key=lambda frame: frame.top)
            end = border if number == 0 else lower.top
            yield from _upright_gap(number + 1, beside[number], upper, lower, end, hand)
    yield from _level_gap(5, across[4], frames[0], frames[5], hand)


def _upright_gap(
    number: int, block: Block, upper: Frame, lower: Frame, end: float, hand: Hand
) -> Iterator[Shape]:
    """Words stand between `upper` and `end`, the arrow goes on to `lower`."""
    x, middle = upper.left + PAD + BADGE, (upper.bottom + end) / 2
    yield Line.arrow((x, upper.bottom + 1), (x, lower.top - 1), both=True)
    yield from _badge(number, (x, middle), hand, "mark")
    left = x + BADGE + PAD
    frame = Frame(left, middle - block.height / 2, upper.right - left, block.height)
    yield Label(block, frame, anchor="start")


def _level_gap(
    number: int, block: Block, first: Frame, second: Frame, hand: Hand
) -> Iterator[Shape]:
    left, right = first.right, second.left
    _, y = first.middle
    yield Line.arrow((left + 1, y), (right - 1, y), both=True)
    yield from _badge(number, ((left + right) / 2, y), hand, "mark")
    frame = Frame(left + PAD, y + BADGE + 2, right - left - 2 * PAD, block.height)
    yield Label(block, frame)


def _along(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    """One below the other; the last gap leads back to the first part."""
    back = 2 * BADGE + PAD
    left, room = back, width - back
    parts = hand.set(subject.further, room - 2 * PAD, TITLE, bold=True)
    gaps = hand.set(subject.titles, room - 3 * PAD - 2 * BADGE, NOTE)
    top, frames = 1.0, []
    for number, part in enumerate(parts):
        tone: Tone = "strong" if number in (0, 5) else "soft"
        frame = Frame(left, top, room - 0.5, part.height + 1.5 * PAD)
        yield Box(frame, tone)
        yield Label(part, frame.inset(PAD), tone)
        frames.append(frame)
        block = gaps[number] if number < 4 else None
        top = frame.bottom + (max(block.height, 2 * BADGE) + 2 * PAD if block else 3 * PAD)
    for number, (upper, lower) in enumerate(pairwise(frames)):
        if number < 4:
            yield from _upright_gap(number + 1, gaps[number], upper, lower, lower.top, hand)
        else:
            x = upper.left + PAD + BADGE
            yield Line.arrow((x, upper.bottom + 1), (x, lower.top - 1))
    first, last = frames[0].middle[1], frames[-1].middle[1]
    x = BADGE + 0.5
    yield Line.arrow((left - 1, first), (x, first), (x, last), (left - 1, last), both=True)
    yield from _badge(5, (x, (first + last) / 2), hand, "mark")
    block = gaps[4]
    top = frames[-1].bottom + PAD
    yield from _badge(5, (x, top + max(block.height / 2, BADGE)), hand, "mark")
    yield Label(block, Frame(left, top, room, max(block.height, 2 * BADGE)), anchor="start")


# -- three parts, each bound to both others --------------------------------------------------------


def _triangle(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    """Corners are the further parts, sides the points: left, right, below."""
    wide = _is_wide(width)
    corner, side = (0.26 * width, 0.32 * width) if wide else (0.4 * width, 0.48 * width)
    corners = hand.set(subject.further, corner - 2 * PAD, TITLE, bold=True)
    upper = hand.set(subject.titles[:2], side - 2 * PAD, NOTE)
    [lower] = hand.set(subject.titles[2:], (side if wide else width) - 2 * PAD, NOTE)
    tall, deep = _height(corners) + 2 * PAD, _height(upper) + 1.5 * PAD
    apart = deep + (40 if wide else 28)
    base = 1 + tall + apart
    top = Frame((width - corner) / 2, 1, corner, tall)
    left, right = Frame(0, base, corner, tall), Frame(width - corner, base, corner, tall)
    y = left.middle[1]
    yield Line.arrow(_down(top, -0.25), _up(left, 0.25), both=True)
    yield Line.arrow(_down(top, 0.25), _up(right, -0.25), both=True)
    yield Line.arrow((left.right + 1, y), (right.left - 1, y), both=True)
    for block, frame in zip(corners, (top, left, right), strict=True):
        yield Box(frame, "strong")
        yield Label(block, frame.inset(PAD), "strong")
    over = 1 + tall + (apart - deep) / 2
    away = 0.12 * width if wide else 0
    bottom = lower.height + 1.5 * PAD
    below = Frame((width - side) / 2, y - bottom / 2, side, bottom)
    if not wide:
        below = Frame(0, base + tall + 3 * PAD, width, bottom)
        yield Line(((width / 2, y), (width / 2, below.top)))
    sides = (Frame(away, over, side, deep), Frame(width - side - away, over, side, deep), below)
    for block, frame in zip((*upper, lower), sides, strict=True):
        yield Box(frame, "plain")
        yield Label(block, frame.inset(PAD))


def _down(frame: Frame, share: float) -> Spot:
    """Return a point just below `frame`, `share` of its width from the middle."""
    return frame.middle[0] + share * frame.width, frame.bottom + 1


def _up(frame: Frame, share: float) -> Spot:
    return frame.middle[0] + share * frame.width, frame.top - 1


# -- from here to there ------------------------------------------------------------------------


def _shifts(subject: Subject, hand: Hand, width: float) -> Iterator[Shape]:
    """Each point moves from its first note to its second; readers mark how far they are."""
    wide = _is_wide(width)
    lead, scale = (0.2 * width, 92.0) if wide else (0.0, 12.0)
    each = (width - lead - scale) / 2
    columns = (lead, lead + each + scale)
    titles = hand.set(subject.titles, (lead or width) - PAD, TITLE, bold=True)
    cells = [
        hand.set([point.notes[side][1] for point in subject.points], each - 2 * PAD, NOTE)
        for side in (0, 1)
    ]
    heads = hand.set([h for h, _ in subject.points[0].notes if h], each, NOTE, bold=True)
    for head, left in zip(heads, columns, strict=True):
        yield Label(head, Frame(left, 0, each, head.height))
    top = _height(heads) + 3
    for title, first, second in zip(titles, *cells, strict=True):
        tall = _height([first, second]) + 1.5 * PAD
        if wide:
            tall = max(tall, title.height)
            yield Label(title, Frame(0, top, lead - PAD, tall), anchor="start")
        else:
            yield Label(title, Frame(0, top, width - PAD, title.height), anchor="start")
            top += title.height + 1
        tones: Sequence[Tone] = ("plain", "soft")
        for block, left, tone in zip((first, second), columns, tones, strict=True):
            frame = Frame(left, top, each, tall)
            yield Box(frame, tone, "dashed" if tone == "plain" else "solid")
            yield Label(block, frame.inset(PAD), tone)
        if wide:
            yield from _scale(lead + each + 6, columns[1] - 6, top + tall / 2)
        else:
            top += tall
            yield from _scale(PAD, width - PAD, top + PAD + 2)
            top += 2 * PAD
        top += tall * wide + GAP + PAD * (not wide)


def _scale(left: float, right: float, y: float) -> Iterator[Shape]:
    """An arrow with places to mark."""
    yield Line.arrow((left, y), (right, y), stroke="bold")
    for x, each in _columns(MARKS, right - left - TIP, 0, left):
        yield Circle((x + each / 2, y), 4, "plain")


# -- the number line of a test -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of a number line, both ends included."""

    title: Text
    """Its ends and what it is called."""
    first: int
    last: int


@lru_cache(maxsize=1000)
def lay_out_bands(bands: tuple[Band, ...], hand: Hand, width: float) -> Drawing:
    """Return a number line on which a total can be marked, with what each stretch is called."""
    shapes = tuple(_number_line(bands, hand, width))
    return Drawing(width, max(map(_bottom, shapes)) + 1, shapes)


def _number_line(bands: tuple[Band, ...], hand: Hand, width: float) -> Iterator[Shape]:
    lowest, highest = bands[0].first, bands[-1].last
    unit = width / (highest - lowest + 1)
    blocks = [
        hand.set([band.title], unit * (band.last - band.first + 1) - PAD, LEAST_SIZE, bold=True)[0]
        for band in bands
    ]
    axis = 1 + _height(blocks) + PAD / 2
    for number, (band, block) in enumerate(zip(bands, blocks, strict=True)):
        left, room = unit * (band.first - lowest), unit * (band.last - band.first + 1)
        frame, tone = Frame(left, 1, room, axis - 1), _ALTERNATING[number % 2]
        yield Box(frame, tone)
        yield Label(block, frame.inset(PAD / 2, PAD / 4), tone)
    yield Line(((0, axis), (width, axis)), "bold")
    near, far = (_step(unit, room) for room in (5, 16))
    for value in range(lowest, highest + 1):
        x, is_far = unit * (value - lowest + 0.5), value % far == 0
        if is_far or value % near == 0:
            yield Line(((x, axis), (x, axis + (4 if is_far else 2.5))), "thin")
        if is_far:
            [digits] = hand.set([Text(str(value))], far * unit, LEAST_SIZE)
            left = min(max(x - digits.width / 2, 0), width - digits.width)
            yield Label(digits, Frame(left, axis + 2, digits.width, digits.height))


def _step(unit: float, room: float) -> int:
    """Return the least round number of values that takes `room`."""
    return next(step for step in (1, 2, 5, 10, 20, 50, 100) if step * unit >= room)


_LAYOUTS: Mapping[FigureKind, Callable[[Subject, Hand, float], Iterable[Shape]]] = {
    "stairs": _stairs,
    "levels": _levels,
    "phases": _phases,
    "gaps": _gaps,
    "triangle": _triangle,
    "shifts": _shifts,
}
