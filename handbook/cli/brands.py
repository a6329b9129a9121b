"""Commands for brands: a new one, and a sheet that shows all of one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from handbook.cli.application import app
from handbook.cli.options import Folder
from handbook.cli.screen import shown

brand = typer.Typer(
    help="Make a brand from a logo and two colours, and look at it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(brand, name="brand")


@brand.command("new")
def new_brand(
    name: Annotated[str, typer.Argument(help="Name of the company.")] = "",
    identifier: Annotated[
        str, typer.Option("--id", help="Its folder in themes/. Default: made from the name.")
    ] = "",
    logo: Annotated[Path | None, typer.Option("--logo", help="An .svg, .png or .jpg file.")] = None,
    primary: Annotated[
        str, typer.Option("--primary", help="Colour of headings and covers, such as #123456.")
    ] = "",
    accent: Annotated[str, typer.Option("--accent", help="Colour that draws the eye.")] = "",
    tokens: Annotated[
        Path | None,
        typer.Option(
            "--tokens",
            help="Design tokens (W3C, .tokens.json) to take the colours from; --primary and "
            "--accent may then name tokens.",
        ),
    ] = None,
    project: Folder = Path(),
) -> None:
    """Make a brand from a name, a logo and two colours; at a terminal, ask for what is missing.

    Writes themes/<id>/ and adds the brand to content/handbook.yaml. If anything is wrong, every
    problem is listed and nothing is written.
    """
    from handbook.brand import new

    if sys.stdin.isatty():
        name = name or typer.prompt("Name of the company")
        identifier = identifier or typer.prompt("Folder in themes/", new.suggest_id(name))
        asked = logo or typer.prompt("Logo file (empty for none)", "", show_default=False)
        logo = Path(asked) if str(asked).strip() else None
        if tokens is None:
            primary = primary or typer.prompt("Main colour, such as #1d4f5c")
            accent = accent or typer.prompt("Second colour, such as #b4472e")
    root = project.resolve()
    wishes = new.Wishes(name.strip(), identifier, logo, primary, accent, tokens)
    made = new.draft(root, wishes)
    new.write(root, made)
    typer.echo(f"{shown(root / 'themes' / made.id)} holds {', '.join(made.files)}.")
    typer.echo(f"content/handbook.yaml lists “{made.id}” among its brands.")
    if made.to_look_at:
        typer.echo("Let a native speaker look at these lines of theme.yaml:")
    for tag, line in made.to_look_at:
        typer.echo(f"    {tag}: {line}")
    typer.echo(f"Next: handbook brand preview {made.id}")


@brand.command("preview")
def preview_brand(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A folder of themes/.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder. Default: preview/ID/")
    ] = None,
    project: Folder = Path(),
) -> None:
    """Show everything that a brand decides on one sheet, as a page and as a PDF.

    Logo, colours with their contrasts, every language, the forms of the name, test items, covers.
    """
    from handbook import loading
    from handbook.brand.preview import preview
    from handbook.cache.digest import digest
    from handbook.publish.stage import check_target, staging

    root = project.resolve()
    target = Path(os.path.abspath(output or root / "preview" / identifier))
    check_target(target)
    loaded = loading.load(root)
    with staging(target) as stage:
        for file, data in preview(loaded, identifier):
            stage.write(file, data, digest(data))
        stage.publish("")
    for sentence in loading.explain_fonts(loaded.themes[identifier], loaded.languages):
        typer.echo(sentence)
    typer.echo(f"Open {shown(target / 'index.html')} or {shown(target / 'preview.pdf')}.")
