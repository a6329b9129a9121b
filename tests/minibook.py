"""The tests' own book: small, complete and right; each test plants its fault in a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
MINIBOOK = Path(__file__).parent / "minibook"


def copy_minibook(folder: Path) -> Path:
    """Return a copy of the minibook below `folder`, with this repository's default theme."""
    root = folder / "book"
    shutil.copytree(MINIBOOK, root)
    default = REPOSITORY / "themes" / "default"
    shutil.copytree(
        default, root / "themes" / "default", ignore=shutil.ignore_patterns("fonts", "content")
    )
    return root


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace `old`, which must occur once, by `new` in the file `path`."""
    file = root / path
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def write(root: Path, path: str, text: str) -> None:
    """Write `text` to the file `path`, in folders that need not exist."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
