"""Colours `#rrggbb`: contrast after WCAG 2.2, and the nearest colour that reaches it."""

from __future__ import annotations

import re
from typing import Any

TEXT = 4.5
"""Least contrast of text, WCAG 2.2, criterion 1.4.3."""
GRAPHIC = 3.0
"""Least contrast of what must be seen but not read, WCAG 2.2, criterion 1.4.11."""
BLACK, WHITE = "#000000", "#ffffff"

_STEPS = 12
"""Halvings of the lightness: finer than the 256 values of a channel."""


def is_colour(text: str) -> bool:
    """Return whether `text` is a colour as this program writes it."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours `#rrggbb`, from 1 to 21.

    Formula: WCAG 2.2, “contrast ratio” and “relative luminance”.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def passes(colour: str, *grounds: str, least: float = TEXT) -> bool:
    """Return whether `colour` has at least that contrast to each of `grounds`."""
    return all(contrast(colour, ground) >= least for ground in grounds)


def readable(colour: str, *grounds: str, least: float = TEXT) -> str:
    """Return the nearest colour of the same hue that has the contrast `least` to all `grounds`.

    Only the lightness changes (OKLCH, Ottosson 2020), and the chroma where the screen has no such
    colour. Where black and white both fail, the better of them.
    """
    if passes(colour, *grounds, least=least):
        return colour
    end = max((BLACK, WHITE), key=lambda end: min(contrast(end, ground) for ground in grounds))
    lightness, chroma, hue = _oklch(colour)
    far, near, found = float(end == WHITE), lightness, end
    for _ in range(_STEPS):
        middle = (far + near) / 2
        candidate = from_oklch(middle, chroma, hue)
        if passes(candidate, *grounds, least=least):
            far, found = middle, candidate
        else:
            near = middle
    return found


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with the `share` (0 to 1) of `other` in it, mixed as eyes see it (OKLab)."""
    from coloraide import Color

    return _hex(Color(colour).mix(other, share, space="oklab"))


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the nearest colour of a screen: lightness from 0 to 1, hue in degrees."""
    from coloraide import Color

    return _hex(Color("oklch", [lightness, chroma, hue]))


def hue_and_chroma(colour: str) -> tuple[float, float]:
    """Return the hue in degrees and the chroma of a colour, in OKLCH."""
    _, chroma, hue = _oklch(colour)
    return hue, chroma


def _oklch(colour: str) -> tuple[float, float, float]:
    from coloraide import Color

    lightness, chroma, hue = Color(colour).convert("oklch").coords(nans=False)
    return lightness, chroma, hue


def _hex(colour: Any) -> str:
    fitted = colour.convert("srgb").fit(method="oklch-chroma")
    return str(fitted.to_string(hex=True, comma=False))


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
