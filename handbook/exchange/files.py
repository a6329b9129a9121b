"""Files that people asked for, written whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` into `folder`; none of them takes its place before all are on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {folder / f".{name}.part": folder / name for name in files}
    try:
        for part, data in zip(parts, files.values(), strict=True):
            part.write_bytes(data)
        for part, path in parts.items():
            os.replace(part, path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
