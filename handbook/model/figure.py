"""Figures: what an entry asks to have drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from handbook.model.base import Id, Model
from handbook.model.words import Words

FigureKind = Literal["stairs", "levels", "phases", "gaps", "triangle", "shifts"]


class Figure(Model):
    """A drawing of the points of an entry; it adds no words but those that stand here."""

    kind: FigureKind
    items: tuple[Id, ...] = ()
    """Which points of the entry it draws; none means all."""
    labels: dict[Id, Words] = Field(default_factory=dict)
    """Under the id of a point, what stands beside it; the others name further parts in order."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of figure is drawn from."""

    least: int
    most: int
    """How many points it draws."""
    further: int = 0
    """How many labels it has besides those of its points."""
    columns: int | None = None
    """Of how many columns' table each point is a row; None where a point is no row."""
    joins: tuple[tuple[int, int], ...] = ()
    """Which two of the further labels each point lies between."""


FORMS: Mapping[FigureKind, Form] = {
    "stairs": Form(3, 6),
    "levels": Form(3, 3, further=1),
    "phases": Form(2, 4),
    "gaps": Form(5, 5, further=6, joins=((0, 1), (1, 2), (2, 3), (3, 4), (5, 0))),
    "triangle": Form(3, 3, further=3, joins=((0, 1), (0, 2), (1, 2))),
    "shifts": Form(2, 6, columns=2),
}
