"""What all tests share: the real project, read once, and its site and prints, made once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from handbook import loading, pipeline
from handbook.cache.digest import digest
from handbook.loading import Project
from handbook.plan.plan import Selection

ROOT = Path(__file__).resolve().parents[1]

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts commands in the background so, and the programs under test would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Quiet:
    """Progress that nobody sees."""

    def phase(self, name: str, total: int) -> None:
        """Say nothing."""

    def step(self, name: str) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def project() -> Project:
    """The real project; everything in it must be complete and right."""
    return loading.load(ROOT)


def whole_brands(project: Project) -> tuple[str, ...]:
    """Return the brands whose sites the deliverables make in every language and sector."""
    outputs = pipeline.plan_of(project, Selection(documents=("site",))).outputs
    made = {output.profile for output in outputs}
    partly = {profile.brand for profile in project.editions if profile not in made}
    return tuple(brand for brand in project.handbook.brands if brand not in partly)


Make = Callable[[Selection], Path]


@pytest.fixture(scope="session")
def make(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Build what a selection asks for from the real project; return the output folder.

    The processes of one run share it: who first asks for a selection builds it for all.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def build(selection: Selection) -> Path:
        target = shared / "made" / digest(repr(selection)) / "public"
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(shared / "made" / "lock"):
            if not target.exists():  # a build publishes all or nothing
                pipeline.build(project, selection, target, shared / "cache", 2, "", Quiet())
        return target

    return build


@pytest.fixture(scope="session")
def site(make: Make) -> Path:
    """The sites that the deliverables make."""
    return make(Selection(documents=("site",)))


@pytest.fixture(scope="session")
def printed(request: pytest.FixtureRequest, project: Project) -> Selection:
    """What the deliverables print: with `--all` everything, else what the last of them names."""
    *others, last = project.handbook.deliverables
    documents = {document for line in (*others, last) for document in line.documents} - {"site"}
    selection = Selection(tuple(sorted(documents)))
    if "not slow" not in request.config.getoption("markexpr"):
        return selection
    one = last.languages[-1:]
    return replace(selection, languages=one, sectors=last.sectors, brands=last.brands)


@pytest.fixture(scope="session")
def prints(make: Make, printed: Selection) -> Path:
    """A branded edition of a sector; with `--all` also the general editions."""
    return make(printed)
