"""What style sheets need to know of theme and languages, as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from handbook.language.language import Language
from handbook.theme import Paper, Theme

PAPERS: dict[Paper, tuple[str, float, float]] = {
    "a4": ("A4", 210, 297),
    "letter": ("letter", 215.9, 279.4),
}
"""CSS's name of each paper, its width and its height in mm."""
BLOCKS = {"": (168, 251, 22 / 42), "sheet, leaf": (182, 249, 1 / 2)}
"""What is printed on pages of a book and on sheets: width and height in mm, and the share of the
spare width that goes to the left. The same on all papers, so that pages break in the same places;
a whole leaf fits on either."""
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


def tokens(theme: Theme) -> str:
    """Return the theme's colours as custom properties."""
    colours = theme.file.colours.model_dump().items()
    return ":root{" + "".join(f"--{name}:{value};" for name, value in colours) + "}\n"


def language_rules(languages: Iterable[Language]) -> str:
    """Return the fonts, quotes, hyphenation, line height and emphasis of each language."""
    rules = []
    for language in languages:
        facts = language.typography
        fonts = ",".join(map(_css_string, facts.fonts))
        quotes = " ".join(map(_css_string, facts.quotes))
        hyphens = "auto" if facts.hyphenate else "manual"
        rules.append(
            f'[lang="{language.tag}"]{{font-family:{fonts},sans-serif;quotes:{quotes};'
            f"line-height:{facts.line_height};hyphens:{hyphens}}}\n"
        )
        if facts.emphasis == "bold":
            # A slanted ideograph is a fake; readers of Chinese expect weight or dots.
            rules.append(
                f":lang({language.tag}) :is(em,i,cite,dfn){{font-style:normal;font-weight:700}}\n"
            )
        if not facts.spaced:
            # The last two characters of a text: see handbook/render/html.py.
            rules.append(f":lang({language.tag}) .tail{{white-space:nowrap}}\n")
    return "".join(rules)


def _css_string(text: str) -> str:
    return '"' + re.sub(r'(["\\\n<])', lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def style_sheet(theme: Theme, languages: Iterable[Language], name: str) -> str:
    """Return the whole style sheet `name` (`site` or `print`) of a theme."""
    path: Path = theme.find(f"styles/{name}.css")
    return tokens(theme) + language_rules(languages) + path.read_text(encoding="utf-8")


def print_style_sheet(theme: Theme, languages: Iterable[Language], paper: Paper | None) -> str:
    """Return the style sheet of printed documents on `paper`, or on the theme's own."""
    return page_rules(paper or theme.file.paper) + style_sheet(theme, languages, "print")
