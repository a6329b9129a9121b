"""What style sheets need to know of theme and languages, as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from handbook.language.language import Language
from handbook.plan.printing import PrintOptions
from handbook.theme import Paper, Theme
from handbook.theme.palette import Palette

PAPERS: dict[Paper, tuple[str, float, float]] = {
    "a4": ("A4", 210, 297),
    "letter": ("letter", 215.9, 279.4),
}
"""CSS's name of each paper, its width and its height in mm."""
BOOK = (168, 251)
SHEET = (182, 249)
"""What is printed on a page of a book and on a sheet: width and height in mm. The same however it
is printed, so that pages break in the same places; a whole leaf fits on either paper."""
BINDING = 24 / 42
"""The share of the spare width of a book's page that goes to the side where it is bound: room for
the holes of ISO 838, 15 mm, and for the fold."""
HEADINGS = "h1,h2,h3,h4,h5,.cover-company,.cover-title"
"""What a brand's heading font sets."""
TOP = 24 / 46
"""The share of the spare height that goes to the top."""
GREY = 12
"""How far apart, of 255, the channels of a colour may be that counts as a grey."""
HEADS = ("top-left", "top-center", "top-right")
FEET = ("bottom-left", "bottom-center", "bottom-right")
CLEAR = 6
"""How far in mm a running head or foot is kept from the edge; it stands in the middle of what is
left of its margin, 8 mm from the edge at least, which printers leave white."""
BELOW_NAME = 9.5
"""How far the head of a sheet is: a participant's name may stand above it."""


def page_rules(paper: Paper, duplex: bool) -> str:
    """Return the size and the margins of pages on `paper`, and how far their heads stand from it.

    In `duplex` books are bound at the left of right pages and at the right of left ones.
    """
    name, _, height = PAPERS[paper]
    book, sheet = _margins(paper, BOOK, BINDING), _margins(paper, SHEET, 1 / 2)
    heads = "".join(f"@{head}{{padding-top:{CLEAR}mm}}" for head in HEADS)
    lower = "".join(f"@{head}{{padding-top:{BELOW_NAME}mm}}" for head in HEADS)
    feet = "".join(f"@{foot}{{padding-bottom:{CLEAR}mm}}" for foot in FEET)
    rules = [
        f":root{{--page-height:{height}mm}}",
        f"@page{{size:{name};margin:{book};{heads}{feet}}}",
        f"@page sheet{{margin:{sheet};{lower}}}",
        f"@page leaf{{margin:{sheet};{lower}}}",
        f"@page chart{{size:{name} landscape}}",
    ]
    if duplex:
        rules.insert(2, f"@page :left{{margin:{_margins(paper, BOOK, 1 - BINDING)}}}")
    return "\n".join(rules) + "\n"


def _margins(paper: Paper, block: tuple[float, float], share: float) -> str:
    """Return the margins around `block` when `share` of the spare width goes to the left."""
    _, width, height = PAPERS[paper]
    left, top = (width - block[0]) * share, (height - block[1]) * TOP
    right, bottom = width - block[0] - left, height - block[1] - top
    return " ".join(f"{side:.3f}mm" for side in (top, right, bottom, left))


def tokens(theme: Theme, name: str) -> str:
    """Return the theme's palette as custom properties of the style sheet `name`.

    What is printed knows the colours of paper alone; only the site follows a dark screen.
    """
    palettes = theme.palettes
    if name == "print":
        return f":root{{{_properties(palettes['print'])}}}\n"
    rules = f":root{{{_properties(palettes['light'])}}}\n"
    if name == "site":
        dark = _properties(palettes["dark"])
        rules += f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return rules + f"@media print{{:root{{{_properties(palettes['print'])}}}}}\n"


def _properties(palette: Palette) -> str:
    return "".join(f"--{token}:{colour};" for token, colour in palette.items())


def shape(theme: Theme) -> str:
    """Return how round the corners of a theme are, as a custom property: all of it or nothing."""
    return f":root{{--round:{int(theme.file.style.corner == 'round')}}}\n"


def face_rules(theme: Theme) -> str:
    """Return where pages find the fonts that a brand brings."""
    return "".join(
        f"@font-face{{font-family:{_css_string(face.family)};"
        f'src:url("{quote(face.path.name)}");font-weight:{face.weight};'
        f"font-style:{'italic' if face.italic else 'normal'};font-display:swap}}\n"
        for face in theme.faces
    )


def language_rules(theme: Theme, languages: Iterable[Language]) -> str:
    """Return the fonts, quotes, hyphenation, line height and emphasis of each language."""
    rules = []
    for language in languages:
        tag, facts = language.tag, language.typography
        own = theme.family("text", tag)
        fonts = _families([own] if own else [], facts.fonts)
        quotes = " ".join(map(_css_string, facts.quotes))
        hyphens = "auto" if facts.hyphenate else "manual"
        rules.append(
            f'[lang="{tag}"]{{font-family:{fonts};quotes:{quotes};'
            f"line-height:{facts.line_height};hyphens:{hyphens}}}\n"
        )
        if heading := theme.family("heading", tag):
            weight = theme.heading_weight
            # The heading's own language counts, not one around it: a face may lack its letters.
            rules.append(
                f":is({HEADINGS}):lang({tag})"
                f"{{font-family:{_families([heading], facts.fonts)};font-weight:{weight}}}\n"
            )
        if facts.emphasis == "bold":
            # A slanted ideograph is a fake; readers of Chinese expect weight or dots.
            rules.append(f":lang({tag}) :is(em,i,cite,dfn){{font-style:normal;font-weight:700}}\n")
        if not facts.spaced:
            # The last two characters of a text: see handbook/render/html.py.
            rules.append(f":lang({tag}) .tail{{white-space:nowrap}}\n")
    return "".join(rules)


def _families(first: Iterable[str], then: Iterable[str]) -> str:
    return ",".join([*map(_css_string, (*first, *then)), "sans-serif"])


def _css_string(text: str) -> str:
    return '"' + re.sub(r'(["\\\n<])', lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def style_sheet(theme: Theme, languages: Iterable[Language], name: str) -> str:
    """Return the whole style sheet `name` (`site` or `print`) of a theme."""
    path: Path = theme.find(f"styles/{name}.css")
    faces = face_rules(theme) if name == "site" else ""  # printers know the folder of the fonts
    rules = (tokens(theme, name), shape(theme), faces, language_rules(theme, languages))
    return "".join(rules) + path.read_text(encoding="utf-8")


def print_style_sheet(theme: Theme, languages: Iterable[Language], options: PrintOptions) -> str:
    """Return the style sheet of printed documents: the pages, how they look, what `options` add."""
    pages = page_rules(options.paper_of(theme.file), options.duplex_of(theme.file))
    added = [options.finish] * (options.finish != "standard") + ["archive"] * options.archive
    extra = (theme.find(f"styles/{name}.css").read_text(encoding="utf-8") for name in added)
    style = pages + style_sheet(theme, languages, "print") + "".join(extra)
    return in_black(style) if options.finish == "shop" else style


def in_black(style: str) -> str:
    """Return a style sheet with each grey `#rgb` or `#rrggbb` as a share of the black plate.

    A print shop would mix it of four colours, which never lie quite over each other.
    """
    return re.sub(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", _black, style)


def _black(colour: re.Match[str]) -> str:
    digits = colour[1] if len(colour[1]) == 6 else "".join(digit * 2 for digit in colour[1])
    channels = [int(digits[place : place + 2], 16) for place in (0, 2, 4)]
    if max(channels) - min(channels) > GREY:
        return colour[0]
    return f"device-cmyk(0 0 0 {1 - sum(channels) / (3 * 255):.2f})"
