"""The house plan as a test: who may import whom, who may print, what must stand nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbook.loading import Project
from handbook.model.book import Handbook
from tests.conftest import ROOT

PACKAGE = ROOT / "handbook"
FLOORS = (
    {"__main__"},
    {"cli"},
    {"serve", "doctor", "words", "brand", "exchange", "__init__"},
    {"pipeline"},
    {"loading", "prints"},
    {"publish"},
    {"render"},
    {"plan"},
    {"check"},
    {"resolve"},
    {"theme"},
    {"language"},
    {"source"},
    {"cache", "model"},
    {"diagnostics", "progress"},
)
"""From the roof to the ground; imports point down, or stay within a room."""
MAY_PRINT = {"cli"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            deeper = [f"{node.module}.{alias.name}" for alias in node.names]
            names = deeper if node.module == "handbook" else [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("handbook.") and not name.endswith("__version__"):
                yield getattr(node, "lineno", 0), name.split(".")[1]


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in modules()}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    upward = [
        f"line {line}: {room} imports {other}"
        for line, other in imported_rooms(path)
        if other != room and floor_of(other) <= floor_of(room)
    ]
    assert upward == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_the_edges_speak(path: Path) -> None:
    speaks = re.compile(r"\bprint\(|typer\.echo\(|\binput\(|sys\.exit\(")
    if room_of(path) not in MAY_PRINT:
        assert speaks.findall(path.read_text(encoding="utf-8")) == []


def test_no_language_sector_or_brand_stands_in_the_code(project: Project) -> None:
    handbook: Handbook = project.handbook
    names = {*handbook.languages, *handbook.sectors, *handbook.brands}
    # `en` is the language in which the templates themselves are written.
    literal = re.compile(r"[\"'](" + "|".join(map(re.escape, names - {"en"})) + r")[\"']")
    files = [*modules(), *(ROOT / "themes").rglob("*.html"), *(ROOT / "themes").rglob("*.js")]
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files
        for match in literal.finditer(path.read_text(encoding="utf-8"))
    }
    assert found <= KNOWN_HOMONYMS


KNOWN_HOMONYMS = {
    'handbook/cli/training.py: "bank"',
    'handbook/plan/plan.py: "default"',
    'handbook/model/book.py: "default"',
    'handbook/theme/tokens.py: "default"',
}
"""Words that are an id and something else as well: `bank`, the command for question banks."""


def test_templates_ask_and_never_compute_scores() -> None:
    text = "".join(path.read_text() for path in (ROOT / "themes").rglob("*.html"))
    assert "language ==" not in text
    assert "sector ==" not in text
    assert not re.search(r"\|\s*sum\b", text)
