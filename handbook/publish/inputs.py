"""Everything that a build reads, as one digest: equal digests, equal output.

Only the standard library is needed here, so that a build with nothing to do ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from handbook.cache.digest import digest, digest_of_files, program_digest

FOLDERS = ("content", "locales", "themes")


def input_files(root: Path) -> list[Path]:
    """Return every file of the project that a build may read."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def inputs_digest(root: Path, options: Iterable[object]) -> str:
    """Return the digest of the project, of this program and its libraries, and of `options`."""
    files = digest_of_files(root, input_files(root))
    return digest(files, program_digest(), repr(tuple(options)))
