"""The files beside the pages: style sheet, scripts, fonts, logo."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from handbook.language.language import Language
from handbook.render.styles import style_sheet
from handbook.theme import Theme

SCRIPTS = ("site.js", "calculator.js", "scoring.js", "assessment.js")
"""The first for every page, the others for pages that compute something."""
_KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def site_assets(theme: Theme, languages: Iterable[Language]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file that the pages of a brand's site refer to."""
    yield "site.css", style_sheet(theme, languages, "site").encode()
    for name in SCRIPTS:
        yield name, theme.find(name).read_bytes()
    if theme.logo_name:
        yield theme.logo_name, theme.logo
    for path in theme.web_fonts():
        yield path.name, path.read_bytes()


def with_logo(html: str, theme: Theme) -> str:
    """Return `html` with the theme's logo in the place of its name, for a printer without files."""
    if not theme.logo_name:
        return html
    kind = _KINDS[Path(theme.logo_name).suffix]
    data = base64.b64encode(theme.logo).decode()
    return html.replace(f'src="logo:{theme.logo_name}"', f'src="data:{kind};base64,{data}"')
