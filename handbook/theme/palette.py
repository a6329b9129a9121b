"""A full palette from a brand's colours: what the style sheets may use, on each medium.

Every name is a custom property of the style sheets (`--soft`). What is derived passes WCAG 2.2 by
construction; what a brand gives itself is checked. Contrast is a matter of luminance alone, so
what passes in colour passes on a printer without colours too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from handbook.theme.colours import (
    BLACK,
    GRAPHIC,
    TEXT,
    WHITE,
    contrast,
    from_oklch,
    hue_and_chroma,
    mix,
    passes,
    readable,
)

Medium = Literal["light", "dark", "print"]
Palette = Mapping[str, str]
"""Token → colour `#rrggbb`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens that the style sheets lay over each other."""

    foreground: str
    background: str
    least: float
    where: str


PAIRS = (
    Pair("text", "ground", TEXT, "running text"),
    Pair("text", "soft", TEXT, "boxes, table heads, the chosen page or answer"),
    Pair("quiet", "ground", TEXT, "small print, captions"),
    Pair("quiet", "soft", TEXT, "small print in boxes"),
    Pair("strong", "ground", TEXT, "headings, links; bars and frames of results"),
    Pair("strong", "soft", TEXT, "headings and links in boxes"),
    Pair("mark", "ground", TEXT, "eyebrows, numbers; frames of notices, the focus"),
    Pair("mark", "soft", TEXT, "numbers in boxes"),
    Pair("ground", "strong", TEXT, "the reader's own band"),
    Pair("on-fill", "fill", TEXT, "buttons, covers, headings as blocks"),
    Pair("on-fill-hover", "fill-hover", TEXT, "a button under the pointer"),
    Pair("on-fill", "deep", TEXT, "the darker half of a cover"),
    Pair("fill", "ground", GRAPHIC, "the shape of a button"),
    Pair("fill-hover", "ground", GRAPHIC, "the shape of a button under the pointer"),
)
"""Every pair of colours that the style sheets use; tests/test_palette.py compares them."""

DECORATION = frozenset({"line", "deep"})
"""Tokens that draw what may go unseen: rules between rows, the edge of a card."""


def derive(primary: str, accent: str, ink: str, paper: str) -> dict[Medium, Palette]:
    """Return the palette of each medium; the brand's own colours must be readable on `paper`."""
    given = {"primary": primary, "accent": accent, "ink": ink, "paper": paper}
    on_white = {"primary": primary, "accent": accent, "ink": readable(ink, WHITE), "paper": WHITE}
    return {
        "light": given | _palette(**given),
        "dark": given | _palette(**_by_night(primary, accent)),
        "print": given | _palette(**on_white) | {"line": mix(WHITE, on_white["ink"], 0.45)},
    }


def failures(palettes: Mapping[Medium, Palette]) -> Iterator[tuple[Medium, Pair, float]]:
    """Yield each pair that cannot be told apart well enough, its medium, and its contrast."""
    for medium, palette in palettes.items():
        for pair in PAIRS:
            ratio = contrast(palette[pair.foreground], palette[pair.background])
            if ratio < pair.least:
                yield medium, pair, ratio


def _palette(primary: str, accent: str, ink: str, paper: str) -> dict[str, str]:
    soft = _tint(paper, primary, ink)
    strong, mark = readable(primary, paper, soft), readable(accent, paper, soft)
    fill = readable(primary, paper)
    return {
        "text": ink,
        "ground": paper,
        "soft": soft,
        "line": mix(paper, ink, 0.2),
        "quiet": readable(mix(paper, ink, 0.72), paper, soft),
        "strong": strong,
        "mark": mark,
        "fill": fill,
        "on-fill": paper,
        "fill-hover": readable(accent, paper),
        "on-fill-hover": paper,
        "deep": _shade(fill, paper),
    }


def _tint(paper: str, colour: str, ink: str) -> str:
    """Return `paper` with as much of `colour` as `ink` can be read on, a little at the most."""
    tints = (mix(paper, colour, share) for share in (0.07, 0.04, 0.02))
    return next((tint for tint in tints if passes(ink, tint)), paper)


def _shade(colour: str, paper: str) -> str:
    """Return `colour` further away from `paper`."""
    return mix(colour, max((BLACK, WHITE), key=lambda end: contrast(end, paper)), 0.28)


def _by_night(primary: str, accent: str) -> dict[str, str]:
    """Return the colours of a dark screen: a ground and an ink with a breath of the brand's hue."""
    hue, chroma = hue_and_chroma(primary)
    breath = min(chroma, 0.12)
    return {
        "primary": _lit(primary),
        "accent": _lit(accent),
        "ink": from_oklch(0.93, breath * 0.05, hue),
        "paper": from_oklch(0.21, breath * 0.15, hue),
    }


def _lit(colour: str) -> str:
    """Return a colour as light as what shines on a dark ground should be, in its own hue."""
    hue, chroma = hue_and_chroma(colour)
    return from_oklch(0.78, min(chroma, 0.13), hue)
