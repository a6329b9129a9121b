"""How documents are printed: on what, how, and for whom; one value from the command line down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from handbook.diagnostics import UsageError
from handbook.plan.documents import BY_ID, Document
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

    def check(self, documents: Iterable[str]) -> None:
        """Raise `UsageError` for options that exclude each other or one of `documents`.

        Only documents that were named are told; among all of them, those that cannot be imposed
        or archived are printed as ever.
        """
        if self.finish == "shop" and self.imposition:
            why = "a print shop puts the pages on its sheets itself"
            raise UsageError(f"--finish shop --imposition {self.imposition}: {why}; give one")
        if self.finish == "shop" and self.archive:
            why = "the black plate of a print shop is no colour that an archive allows"
            raise UsageError(f"--finish shop --archive: {why}; make two builds")
        for name in documents:
            if name not in BY_ID:
                continue  # told with the others that there are not
            if self.imposition and not BY_ID[name].imposable:
                why = "its pages keep their size, or it is no book"
                option = f"--imposition {self.imposition}"
                raise UsageError(f"--document {name} {option}: {why}; name a book or leave it out")
            if self.archive and BY_ID[name].fillable:
                why = "an archive allows no scripts, and this sheet adds up by one"
                raise UsageError(f"--document {name} --archive: {why}; leave one of them out")


AS_THE_BRAND = PrintOptions()
"""Nothing was asked for."""
