"""What style sheets need to know of theme and languages, as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from handbook.language.language import Language
from handbook.theme import Paper, Theme
from handbook.theme.palette import Palette

PAPERS: dict[Paper, tuple[str, float, float]] = {
    "a4": ("A4", 210, 297),
    "letter": ("letter", 215.9, 279.4),
}
"""CSS's name of each paper, its width and its height in mm."""
BLOCKS = {"": (168, 251, 22 / 42), "sheet, leaf": (182, 249, 1 / 2)}
"""What is printed on pages of a book and on sheets: width and height in mm, and the share of the
spare width that goes to the left. The same on all papers, so that pages break in the same places;
a whole leaf fits on either."""
HEADINGS = "h1,h2,h3,h4,h5,.cover-company,.cover-title"
"""What a brand's heading font sets."""
TOP = 24 / 46
"""The share of the spare height that goes to the top."""


def page_rules(paper: Paper) -> str:
    """Return the size and the margins of pages on `paper`."""
    name, width, height = PAPERS[paper]
    rules = [f"@page{{size:{name}}}", f"@page chart{{size:{name} landscape}}"]
    for pages, (block_width, block_height, share) in BLOCKS.items():
        left, top = (width - block_width) * share, (height - block_height) * TOP
        right, bottom = width - block_width - left, height - block_height - top
        margins = " ".join(f"{side:.3f}mm" for side in (top, right, bottom, left))
        names = [f"@page {page}".rstrip() for page in pages.split(", ")]
        rules += [f"{page}{{margin:{margins}}}" for page in names]
    return "\n".join(rules) + "\n"


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
            rules.append(
                f'[lang="{tag}"] :is({HEADINGS})'
                f"{{font-family:{_families([heading], facts.fonts)};font-weight:{weight}}}\n"
            )
        if facts.emphasis == "bold":
            # A slanted ideograph is a fake; readers of Chinese expect weight or dots.
            rules.append(f":lang({tag}) :is(em,i,cite,dfn){{font-style:normal;font-weight:700}}\n")
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


def print_style_sheet(theme: Theme, languages: Iterable[Language], paper: Paper | None) -> str:
    """Return the style sheet of printed documents on `paper`, or on the theme's own."""
    return page_rules(paper or theme.file.paper) + style_sheet(theme, languages, "print")
