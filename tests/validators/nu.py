"""HTML and CSS validity with the Nu checker. Nothing is filtered, warnings included."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from .tools import java, package

HTML = {".html", ".htm", ".xhtml"}

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True, slots=True)
class HtmlMessage:
    """One remark about one place in a file; line 0 stands for the whole file."""

    path: Path
    line: int
    severity: Severity
    text: str
    extract: str


def check(folder: Path, step: int = 1) -> list[HtmlMessage]:
    """What the checker says about every HTML file below the folder, or each `step`-th of them."""
    pages = sorted(path for path in folder.rglob("*") if path.suffix in HTML)
    if not pages:
        raise ValueError(f"no HTML below {folder}")
    return _run(pages[::step])


def check_css(files: Iterable[Path]) -> list[HtmlMessage]:
    """What the checker says about the style sheets.

    It does not know all of CSS: `@container`, `@property`, `@starting-style` and the words of
    paged media (`bookmark-level`, `string-set`, `float: footnote`) come back as errors.
    """
    return _run([*files], "--css")


def _run(files: Sequence[Path], *options: str) -> list[HtmlMessage]:
    """Name every file: given a folder, vnu reads JSON and CSS in it as HTML too.

    It passes a file it cannot find; `--verbose` lists on stderr those it has read.
    """
    if not files:
        return []
    paths = [str(path.absolute()) for path in files]
    jar = package("vnu-jar", "build", "dist", "vnu.jar")
    done = java("-jar", jar, *options, "--format", "json", "--stdout", "--verbose", *paths)
    if unread := set(paths) - set(done.stderr.split("\n")):
        raise RuntimeError(f"vnu did not read {sorted(unread)}: {done.stderr}")
    return sorted(_message(fields) for fields in json.loads(done.stdout)["messages"])


def _message(fields: dict[str, Any]) -> HtmlMessage:
    severity: Severity = "error"  # "fatal" and "non-document-error" included
    if fields["type"] == "info":
        severity = "warning" if fields.get("subType") == "warning" else "info"
    return HtmlMessage(
        path=Path(unquote(fields["url"].removeprefix("file:"))),
        line=fields.get("lastLine", 0),
        severity=severity,
        text=fields["message"],
        extract=fields.get("extract", ""),
    )
