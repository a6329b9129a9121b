"""Options that several commands have."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from handbook.plan.plan import Selection

PROCESSORS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
"""How many this process may use; a container may have fewer than its host."""

Languages = Annotated[
    list[str] | None,
    typer.Option("--language", "-l", help="Only this language, such as nb. Can be repeated."),
]
Sectors = Annotated[
    list[str] | None, typer.Option("--sector", "-s", help="Only this sector, such as bank.")
]
Brands = Annotated[
    list[str] | None, typer.Option("--brand", "-b", help="Only this brand: a folder of themes/.")
]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", "-d", help="Only this document, such as site or handbook."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Every document of every edition, not only the deliverables.")
]
PaperOption = Annotated[
    Literal["a4", "letter"] | None,
    typer.Option("--paper", help="For all documents. Default: what the brand prints on."),
]
Duplex = Annotated[
    bool | None,
    typer.Option(
        "--duplex/--single-sided",
        help="Left and right pages, or all alike. Default: as the brand prints.",
        show_default=False,
    ),
]
FinishOption = Annotated[
    Literal["standard", "office", "shop"],
    typer.Option(
        "--finish",
        metavar="<finish>",  # the names would push the help off the line
        help="standard; office: black letters and lines, saves toner; shop: bleed and crop marks.",
    ),
]
PackFinish = Annotated[
    Literal["standard", "office"],
    typer.Option("--finish", help="office: black lines and letters, no colour, saves toner."),
]
ImpositionOption = Annotated[
    Literal["booklet", "two-up"] | None,
    typer.Option(
        "--imposition",
        help="Also a file of each book to print as a booklet, or with two pages on a sheet.",
    ),
]
Archive = Annotated[
    bool, typer.Option("--archive", help="Documents that are also PDF/A-3a, for an archive.")
]
WholeSheets = Annotated[
    bool,
    typer.Option(
        "--whole-sheets", help="Books end on blank pages, up to a multiple of four pages."
    ),
]
AllowMissing = Annotated[
    bool,
    typer.Option("--allow-missing", help="Show texts without translation in the source language."),
]
Folder = Annotated[
    Path, typer.Option("--project", help="Folder with content/, locales/ and themes/.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        show_default=False,
        help="Printing processes at the same time. Default: one for each processor.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where the site goes. Default: public/")
]


def selection_of(
    language: list[str] | None,
    sector: list[str] | None,
    brand: list[str] | None,
    document: list[str] | None,
    everything: bool,
) -> Selection:
    """Return what the options of a command ask for."""
    from handbook.plan.plan import Selection

    return Selection(
        documents=tuple(document or ()),
        languages=tuple(language or ()),
        sectors=tuple(sector or ()),
        brands=tuple(brand or ()),
        everything=everything,
    )
