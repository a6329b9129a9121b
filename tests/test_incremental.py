"""A second build makes what has changed, all of it and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handbook import loading, pipeline
from handbook.cache.store import Store
from handbook.plan.plan import Selection
from tests.command import ENVIRONMENT, book_with_fonts, handbook, snapshot
from tests.conftest import ROOT, Quiet
from tests.minibook import edit

EN = ("--language", "en", "--sector", "general", "--brand", "default", "--allow-missing")
HEAVY = {"weasyprint", "handbook.pipeline", "jinja2", "lxml", "babel", "markdown_it", "yaml", "PIL"}

RUN = """
import atexit, json, sys
modules = sys.argv.pop(1)
atexit.register(lambda: open(modules, "w").write(json.dumps(sorted(sys.modules))))
from handbook.cli import main
main()
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real project with its site and its sheets built, in English."""
    root = tmp_path_factory.mktemp("real")
    for folder in ("content", "locales", "themes"):
        shutil.copytree(ROOT / folder, root / folder)
    build(root)
    return root


def build(root: Path) -> str:
    """Build the English site and sheets as one does; return what was said."""
    said, _ = build_and_tell_modules(root)
    return said


def build_and_tell_modules(root: Path) -> tuple[str, set[str]]:
    modules = root / "modules.json"
    command = [sys.executable, "-c", RUN, str(modules), "build", *EN]
    ended = subprocess.run(
        [*command, "-d", "site", "-d", "worksheet"],
        cwd=root,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout, set(json.loads(modules.read_text()))


def test_when_nothing_has_changed_it_says_so_at_once(real: Path) -> None:
    before = snapshot(real / "public")
    started = time.monotonic()
    said, modules = build_and_tell_modules(real)
    sys.stdout.write(f"a build with nothing to do: {time.monotonic() - started:.2f} s\n")
    assert said == "Nothing has changed; public is up to date.\n"
    assert modules & HEAVY == set()
    assert snapshot(real / "public") == before


def test_other_options_are_another_build(real: Path) -> None:
    before = snapshot(real / "public")
    ended = handbook("build", *EN, "-d", "site", cwd=real)
    assert ended.stdout.startswith("pages: ")
    assert not list((real / "public").rglob("*.pdf"))
    assert build(real).startswith("pages: ")
    assert snapshot(real / "public") == before


def english(*names: str) -> set[str]:
    """Return the paths of files of the English edition."""
    return {f"default/en/general/{name}" for name in names}


class Desk:
    """A small book at which somebody edits and builds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.target = root / "public"
        self.selection = Selection(languages=("en",), sectors=("general",), brands=("default",))

    def build(self) -> set[str]:
        """Build everything of one edition; return what was made anew."""
        project = loading.load(self.root, allow_missing=True)
        cache = self.root / ".cache"
        report = pipeline.build(project, self.selection, self.target, cache, 2, "", Quiet())
        return set(report.made)

    def printed(self) -> Path:
        """Return one document in the store."""
        return sorted((self.root / ".cache" / "pdf").rglob("*.pdf"))[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book of which the sheets are printed."""
    root = book_with_fonts(tmp_path_factory.mktemp("built"))
    edit(root, "content/handbook.yaml", "documents: [site]", "documents: [site, worksheet]")
    Desk(root).build()
    return root


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Desk:
    shutil.copytree(built, tmp_path / "book")
    return Desk(tmp_path / "book")


def test_without_a_change_nothing_is_made(desk: Desk) -> None:
    assert desk.build() == set()


def test_a_body_remakes_the_pages_that_show_it(desk: Desk) -> None:
    edit(desk.root, "content/principles/principle-listen.md", "learns what", "knows what")
    assert desk.build() == english("principle-listen.html")


def test_a_summary_remakes_also_the_lists_that_show_it(desk: Desk) -> None:
    edit(desk.root, "content/principles/principle-listen.md", "before you speak", "before speaking")
    assert desk.build() == english("principle-listen.html", "chapter-start.html")


def test_a_title_remakes_every_page_with_the_navigation(desk: Desk) -> None:
    edit(desk.root, "content/principles/principle-listen.md", "title: Listen", "title: Hear")
    pages = {path for path in snapshot(desk.target) if path.endswith(".html")}
    assert desk.build() == pages


def test_what_only_the_trainer_sees_remakes_nothing_else(desk: Desk) -> None:
    path = desk.root / "content" / "facilitation.yaml"
    path.write_text(path.read_text().replace(".", "!", 1))
    assert desk.build() == set()


def test_the_style_of_prints_remakes_prints_only(desk: Desk) -> None:
    with (desk.root / "themes/default/styles/print.css").open("a") as stream:
        stream.write("p { orphans: 3 }\n")
    assert desk.build() == english("pdf/worksheet-W01-notes-general-en.pdf")


def test_the_style_of_the_site_is_a_file_of_its_own(desk: Desk) -> None:
    with (desk.root / "themes/default/styles/site.css").open("a") as stream:
        stream.write("p { color: red }\n")
    assert desk.build() == {"default/assets/site.css"}


def test_a_worksheet_remakes_its_print(desk: Desk) -> None:
    path = desk.root / "content/worksheets/worksheet-notes.yaml"
    path.write_text(re.sub(r"(instruction: \S+)", r"\1 then", path.read_text(), count=1))
    assert desk.build() == english("pdf/worksheet-W01-notes-general-en.pdf")


def test_prints_come_from_the_store_when_the_site_is_gone(desk: Desk) -> None:
    before = snapshot(desk.target)
    kept = desk.printed().stat().st_mtime_ns
    shutil.rmtree(desk.target)
    desk.build()
    assert snapshot(desk.target) == before
    assert desk.printed().stat().st_mtime_ns == kept


def test_what_went_bad_in_the_store_is_not_published(desk: Desk) -> None:
    before = snapshot(desk.target)
    shutil.rmtree(desk.target)
    bad = bytearray(desk.printed().read_bytes())
    bad[len(bad) // 2] ^= 1
    desk.printed().write_bytes(bad)
    desk.build()
    assert snapshot(desk.target) == before


@pytest.mark.parametrize("junk", [b"", b"[]", b"{", b'{"x": 1}', b"\xff"])
def test_a_cache_of_junk_does_no_harm(desk: Desk, junk: bytes) -> None:
    for path in (desk.root / ".cache").rglob("*"):
        if path.is_file() and "fontconfig" not in path.parts:
            path.write_bytes(junk)
    edit(desk.root, "content/principles/principle-listen.md", "learns what", "knows what")
    pages = {path for path in desk.build() if path.endswith(".html")}
    assert pages == english("principle-listen.html")  # what is printed is laid out again


# -- the store


def test_the_store_hands_out_what_it_was_given(tmp_path: Path) -> None:
    store = Store(tmp_path, ".pdf")
    store.put("a1", b"line\nline")
    assert store.get("a1") == b"line\nline"
    assert store.get("b2") is None


@pytest.mark.parametrize("harm", [b"", b"line", b"\n", b"0" * 32 + b"\nline\nline"])
def test_the_store_does_not_hand_out_what_was_harmed(tmp_path: Path, harm: bytes) -> None:
    store = Store(tmp_path, ".pdf")
    store.put("a1", b"line\nline")
    (tmp_path / "a1" / "a1.pdf").write_bytes(harm)
    assert store.get("a1") is None


def test_the_store_does_not_take_one_file_for_another(tmp_path: Path) -> None:
    store = Store(tmp_path, ".pdf")
    store.put("a1", b"mine")
    (tmp_path / "a2").mkdir()
    shutil.copy2(tmp_path / "a1" / "a1.pdf", tmp_path / "a2" / "a2.pdf")
    assert store.get("a2") is None
