"""What all tests share: the real project, read once, and its site and prints, made once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from handbook import loading, pipeline
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


@pytest.fixture(scope="session")
def make(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Selection], Path]:
    """Build what a selection asks for from the real project; return the output folder."""
    cache = tmp_path_factory.mktemp("cache")

    def build(selection: Selection) -> Path:
        target = tmp_path_factory.mktemp("made") / "public"
        pipeline.build(project, selection, target, cache, 2, "", Quiet())
        return target

    return build


@pytest.fixture(scope="session")
def site(make: Callable[[Selection], Path]) -> Path:
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
def prints(make: Callable[[Selection], Path], printed: Selection) -> Path:
    """A branded edition of a sector; with `--all` also the general editions."""
    return make(printed)
