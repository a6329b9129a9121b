"""Everything that a build reads, as one digest: equal digests, equal output.

Only the standard library is needed here, so that a build with nothing to do ends at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from handbook.cache.digest import digest, digest_of_files

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
    package = Path(__file__).parents[1]
    code = sorted(package.rglob("*.py"))
    versions = sorted(f"{found.name} {found.version}" for found in distributions())
    return digest(
        digest_of_files(root, input_files(root)),
        digest_of_files(package, code),
        "\n".join([sys.version, *versions]),
        repr(tuple(options)),
    )
