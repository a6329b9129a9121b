"""How work tells what it does; the edges decide how that looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears of phases and their steps."""

    def phase(self, name: str, total: int) -> None:
        """A phase of `total` steps begins."""

    def step(self, name: str) -> None:
        """One step of the phase is done."""
