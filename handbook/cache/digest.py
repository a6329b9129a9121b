"""Digests: short names for values, equal exactly when the values are."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path


def digest(*parts: str | bytes) -> str:
    """Return 32 hexadecimal digits that stand for `parts` in their order."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def digest_of_files(root: Path, files: list[Path]) -> str:
    """Return the digest of the names (below `root`) and the contents of `files`."""
    parts: list[bytes] = []
    for path in sorted(files):
        parts += [path.relative_to(root).as_posix().encode(), path.read_bytes()]
    return digest(*parts)


@cache
def program_digest() -> str:
    """Return the digest of this program, of Python and of every library beside it."""
    package = Path(__file__).parents[1]
    versions = sorted(f"{found.name} {found.version}" for found in distributions())
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".yaml")]
    code = digest_of_files(package, sorted(files))
    return digest(code, sys.version, "\n".join(versions))
