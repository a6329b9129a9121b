"""What may lie in the folder of a theme: a brand is data, not a program."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from handbook.diagnostics import Problem, Span
from handbook.source.files import relative

DATA = {".yaml", ".md", ".txt", ".svg", ".png", ".jpg", ".jpeg", ".ttf", ".otf", ".json"}
"""Endings of the files that a brand may bring; a file without one is taken for a licence."""
MAXIMUM_FILES = 2_000
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}
"""Names that Windows keeps for devices, whatever stands behind the dot."""


def check_folder(root: Path, folder: Path, *, is_brand: bool) -> Iterator[Problem]:
    """Yield each file of a theme that is no plain file, that some computers cannot hold, or that,
    in a brand, does something.
    """
    paths = sorted(path for path in folder.rglob("*") if not path.name.startswith("._"))
    if len(paths) > MAXIMUM_FILES:
        message, hint = f"there are {len(paths):,} files here", "take out what no book needs"
        yield Problem(Span(relative(root, folder)), "file", message, hint)
        return
    first: dict[str, Path] = {}
    for path in paths:
        span = Span(relative(root, path))
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield Problem(span, "file", "this is a link", "put the file itself here")
        elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            yield Problem(span, "file", "this is a device, not a file", "delete it")
        elif is_brand and stat.S_ISREG(mode) and not _is_data(path):
            message = f"a theme that extends another brings data only, no {path.suffix} file"
            hint = "take it out; logos are .svg, .png, .jpg, fonts .ttf, .otf, words .md, .yaml"
            yield Problem(span, "theme", message, hint)
        other = first.setdefault(str(path.relative_to(folder)).casefold(), path)
        if other != path:
            message = f"on many computers this is the same file as “{other.name}”"
            yield Problem(span, "file", message, "give one of them another name")
        if path.name.split(".")[0].casefold() in RESERVED or path.name != path.name.rstrip(" ."):
            message, hint = "Windows cannot hold a file of this name", "give it another name"
            yield Problem(span, "file", message, hint)


def _is_data(path: Path) -> bool:
    return path.suffix.lower() in DATA or not path.suffix or path.name.startswith(".")
