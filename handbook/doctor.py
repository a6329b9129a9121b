"""What this computer has and lacks, each lack with its cure."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PANGO = {
    "linux": "sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "darwin": "brew install pango",
    "win32": "install MSYS2, then in its window: pacman -S mingw-w64-ucrt-x86_64-pango; and set "
    "WEASYPRINT_DLL_DIRECTORIES to its folder ucrt64\\bin",
}
"""The line that installs WeasyPrint's libraries, by `sys.platform`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    cure: str = ""


def examine(root: Path) -> Iterator[Finding]:
    """Yield what was found out about the computer and about the project in `root`."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(f"Python {version}", sys.version_info >= (3, 11), "install Python 3.11 or newer")
    yield _pango()
    yield from _fonts(root)
    for folder in (root, root / "public", root / ".cache"):
        if folder.exists():
            name = folder.name or str(folder)
            cure = "give yourself the right to write there, or choose another --output"
            yield Finding(f"{name} can be written", os.access(folder, os.W_OK), cure)


def _pango() -> Finding:
    try:
        import weasyprint  # noqa: F401
        from weasyprint.text.ffi import pango
    except OSError as error:
        cure = PANGO.get(sys.platform, PANGO["linux"])
        return Finding(f"Pango, the library that sets PDFs: {error}", False, cure)
    number = pango.pango_version()
    version = f"{number // 10000}.{number // 100 % 100}.{number % 100}"
    cure = f"a newer Pango is needed: {PANGO.get(sys.platform, PANGO['linux'])}"
    return Finding(f"Pango {version}", number >= 14400, cure)


def _fonts(root: Path) -> Iterator[Finding]:
    """Look for every letter of every text in the fonts that its language names."""
    from handbook import loading
    from handbook.diagnostics import HandbookError
    from handbook.resolve.coherence import edition_texts

    try:
        project = loading.load(root, allow_missing=True)
    except HandbookError as error:
        yield Finding(f"the project in {root.name or root}", False, str(error).splitlines()[0])
        return
    letters: dict[str, set[str]] = {}
    for edition in project.editions.values():
        for text in edition_texts(edition):
            letters.setdefault(edition.profile.language, set()).update(text.text)
    for brand, theme in project.themes.items():
        covered = _coverage(theme.folders)
        for tag, used in letters.items():
            families = project.languages[tag].typography.fonts
            known = set[int]().union(*(covered.get(family, set()) for family in families))
            missing = sorted(c for c in used if ord(c) not in known and not c.isspace())
            what = f"fonts of {brand} for {project.languages[tag].name}"
            shown = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:12])
            cure = f"no font has {shown}: change the text, or add a font to themes/{brand}/fonts"
            yield Finding(what, not missing, cure)


def _coverage(folders: tuple[Path, ...]) -> dict[str, set[int]]:
    from fontTools.ttLib import TTFont

    from handbook.theme.fonts import font_files

    covered: dict[str, set[int]] = {}
    for folder in folders:
        for path in font_files(folder / "fonts"):
            with TTFont(path, lazy=True) as font:
                family = font["name"].getBestFamilyName() or path.stem
                covered.setdefault(family, set()).update(font.getBestCmap())
    return covered
