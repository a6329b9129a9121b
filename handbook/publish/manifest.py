"""The list of what a build made, kept in the output folder: what is ours, and from what it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NAME = ".handbook.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Made:
    """One published file."""

    key: str
    """Digest of everything that it was made from."""
    digest: str
    """Digest of its bytes."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that one build published."""

    inputs: str = ""
    """Digest of all that the build read, and of what was asked for."""
    files: Mapping[str, Made] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of the manifest; the same for the same files."""
        files = {path: [made.key, made.digest] for path, made in sorted(self.files.items())}
        return json.dumps(
            {"format": _FORMAT, "inputs": self.inputs, "files": files}, indent=0, sort_keys=True
        )


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest in `folder`, or None when there is none that can be read."""
    try:
        data = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            return Manifest(files={path: Made("", "") for path in data["files"]})
        files = {path: Made(*values) for path, values in data["files"].items()}
        return Manifest(data["inputs"], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
