"""The coordinates of an edition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Profile:
    """Which language, sector and brand an edition is for."""

    language: str
    sector: str
    brand: str

    def __str__(self) -> str:
        return f"{self.brand}/{self.language}/{self.sector}"
