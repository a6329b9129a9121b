"""What is measured in the laid-out pages of a sheet: room to write, rows, pages."""

from __future__ import annotations

from handbook.model.by_hand import blocks
from handbook.model.instrument import ChoiceScale, Instrument, RatingScale

WIDEST = 112.0
"""Millimetres that the column of answers may take, so that room is left for statements."""


def strip(instrument: Instrument) -> float:
    """Return the width in mm of the column of answers at the right edge of an answer leaf."""
    return max(_column(block.scale) for block in blocks(instrument))


def _column(scale: ChoiceScale | RatingScale) -> float:
    mark = 8.0 if isinstance(scale, RatingScale) else 9.0 if scale.lettered else 14.0
    return min(mark * len(scale.options), WIDEST) + 2
