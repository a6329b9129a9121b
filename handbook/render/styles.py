"""What style sheets need to know of theme and languages, as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from handbook.language.language import Language
from handbook.theme import Theme


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
    return "".join(rules)


def _css_string(text: str) -> str:
    return '"' + re.sub(r'(["\\\n<])', lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def style_sheet(theme: Theme, languages: Iterable[Language], name: str) -> str:
    """Return the whole style sheet `name` (`site` or `print`) of a theme."""
    path: Path = theme.find(f"styles/{name}.css")
    return tokens(theme) + language_rules(languages) + path.read_text(encoding="utf-8")
