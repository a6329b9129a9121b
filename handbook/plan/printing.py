"""How documents are printed: on what, how, and for whom; one value from the command line down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a build that finds nothing to do must not wait for them
    from handbook.plan.documents import Document
    from handbook.theme import Paper, ThemeFile

Finish = Literal["standard", "office", "shop"]
"""`office` saves toner and needs black only, `shop` is for a print shop that trims the pages."""
Imposition = Literal["booklet", "two-up"]
"""How pages are put on larger sheets: in the order of a stapled booklet, or in reading order."""


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """What a build was asked for; None: as the brand does it."""

    paper: Paper | None = None
    duplex: bool | None = None
    """Whether both sides are printed; then books have left and right pages."""
    finish: Finish = "standard"
    imposition: Imposition | None = None
    """Adds a file with the pages of each imposable document on sheets."""
    archive: bool = False
    """Whether documents are PDF/A-3a as well."""
    whole_sheets: bool = False
    """Whether books end on blank pages until their number is a multiple of four."""

    def paper_of(self, theme: ThemeFile) -> Paper:
        """Return what the documents of a brand are printed on."""
        return self.paper or theme.paper

    def duplex_of(self, theme: ThemeFile) -> bool:
        """Return whether the documents of a brand are printed on both sides."""
        return theme.duplex if self.duplex is None else self.duplex

    def of(self, document: Document) -> PrintOptions:
        """Return what of this applies to `document`: a sheet for the screen is not trimmed."""
        return replace(self, finish="standard", archive=False) if document.fillable else self


AS_THE_BRAND = PrintOptions()
"""Nothing was asked for."""
