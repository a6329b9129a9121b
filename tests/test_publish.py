"""What was published stays whole, and what is not ours is never touched."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handbook.diagnostics import MachineError, UsageError
from handbook.publish import exchange as exchanging
from handbook.publish.exchange import exchange, recover
from handbook.publish.lock import locked
from handbook.publish.manifest import NAME
from handbook.publish.stage import Stage, check_target, is_current, staging
from tests.command import ENVIRONMENT, leftovers, snapshot

FIRST = {"index.html": "home", "en/listen.html": "listen", "en/speak.html": "speak"}
SECOND = {"index.html": "home", "en/listen.html": "listen well", "en/ask.html": "ask"}


def fill(stage: Stage, pages: dict[str, str]) -> None:
    for path, text in pages.items():
        if not stage.keep(path, text):
            stage.write(path, text.encode(), text)


def publish(target: Path, pages: dict[str, str]) -> list[str]:
    """Publish `pages`; return the paths of those that were made anew."""
    with staging(target) as stage:
        fill(stage, pages)
        stage.publish("inputs")
    return stage.made


def pages_of(target: Path) -> dict[str, str]:
    return {path: data.decode() for path, data in snapshot(target).items() if path != NAME}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanging, "_renameat2", lambda first, second: False)


# -- publishing


def test_the_first_build_makes_every_page(target: Path) -> None:
    assert publish(target, FIRST) == list(FIRST)
    assert pages_of(target) == FIRST
    assert leftovers(target) == []


def test_the_first_build_may_use_an_empty_folder(target: Path) -> None:
    target.mkdir()
    publish(target, FIRST)
    assert pages_of(target) == FIRST


def test_the_folders_above_are_made(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "down" / "public"
    publish(target, FIRST)
    assert pages_of(target) == FIRST


def test_a_second_build_makes_only_what_changed_and_drops_what_went(target: Path) -> None:
    publish(target, FIRST)
    kept = (target / "index.html").stat().st_ino
    assert publish(target, SECOND) == ["en/listen.html", "en/ask.html"]
    assert pages_of(target) == SECOND
    assert (target / "index.html").stat().st_ino == kept


def test_unchanged_files_are_copied_where_links_are_impossible(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    publish(target, FIRST)
    monkeypatch.setattr(os, "link", refuse)
    assert publish(target, SECOND) == ["en/listen.html", "en/ask.html"]
    assert pages_of(target) == SECOND


@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_a_published_page_that_was_harmed_is_made_again(target: Path, harm: str) -> None:
    publish(target, FIRST)
    page = target / "en/listen.html"
    page.write_text("defaced") if harm == "changed" else page.unlink()
    assert not is_current(target, "inputs")
    assert publish(target, FIRST) == ["en/listen.html"]
    assert is_current(target, "inputs")


def test_a_site_is_current_only_for_the_inputs_it_was_made_from(target: Path) -> None:
    publish(target, FIRST)
    assert is_current(target, "inputs")
    assert not is_current(target, "others")


def test_a_manifest_of_another_format_still_tells_which_files_are_ours(target: Path) -> None:
    publish(target, FIRST)
    manifest = target / NAME
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    assert not is_current(target, "inputs")
    assert publish(target, SECOND) == list(SECOND)
    assert pages_of(target) == SECOND


def test_files_and_folders_can_be_read_by_a_web_server(target: Path) -> None:
    mask = os.umask(0o077)
    try:
        publish(target, FIRST)
    finally:
        restored = os.umask(mask)
    modes = {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_file()}
    assert modes == {0o644}
    assert {folder.stat().st_mode & 0o777 for folder in (target, target / "en")} == {0o755}
    assert restored == 0o077


# -- what is not ours


def test_files_of_others_survive(target: Path) -> None:
    publish(target, FIRST)
    (target / "CNAME").write_text("example.org")
    (target / "en" / "photo.jpg").write_bytes(b"\xff\xd8")
    (target / ".well-known").mkdir()
    (target / ".well-known" / "security.txt").write_text("Contact:")
    publish(target, SECOND)
    others = {"CNAME": b"example.org", "en/photo.jpg": b"\xff\xd8"}
    others[".well-known/security.txt"] = b"Contact:"
    assert {path: snapshot(target)[path] for path in others} == others
    assert publish(target, SECOND) == []
    assert {path: snapshot(target)[path] for path in others} == others


def test_links_of_others_survive_as_links(target: Path, tmp_path: Path) -> None:
    publish(target, FIRST)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("keep me")
    (target / "shared").symlink_to(elsewhere)
    (target / "dangling").symlink_to("nowhere")
    publish(target, SECOND)
    assert (target / "shared").readlink() == elsewhere
    assert str((target / "dangling").readlink()) == "nowhere"
    assert (elsewhere / "precious.txt").read_text() == "keep me"


def test_a_file_that_comes_while_the_build_runs_survives(target: Path) -> None:
    publish(target, FIRST)
    with staging(target) as stage:
        fill(stage, SECOND)
        (target / "late.txt").write_text("here I am")
        stage.publish("inputs")
    assert (target / "late.txt").read_text() == "here I am"


@pytest.mark.parametrize("name", ["very-late.txt", "folder/very-late.txt"])
def test_a_file_that_comes_in_the_moment_of_the_exchange_survives(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def late(stage: Path, site: Path) -> None:
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("here I am")
        exchange(stage, site)

    publish(target, FIRST)
    monkeypatch.setattr("handbook.publish.stage.exchange", late)
    publish(target, SECOND)
    assert (target / name).read_text() == "here I am"
    assert leftovers(target) == []


def test_a_file_of_others_that_is_replaced_in_that_moment_stays_new(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(stage: Path, site: Path) -> None:
        (site / "new").write_text("second")
        os.utime(site / "new", (2e9, 2e9))
        (site / "new").replace(site / "note.txt")
        exchange(stage, site)

    publish(target, FIRST)
    (target / "note.txt").write_text("first")
    monkeypatch.setattr("handbook.publish.stage.exchange", late)
    publish(target, SECOND)
    assert (target / "note.txt").read_text() == "second"


@pytest.mark.parametrize("name", ["en/ask.html", "en/ask.html/inner.txt", "el"])
def test_a_file_of_others_in_the_place_of_a_page_stops_the_build(target: Path, name: str) -> None:
    publish(target, FIRST)
    (target / name).parent.mkdir(exist_ok=True)
    (target / name).write_text("mine")
    before = snapshot(target)
    with pytest.raises(UsageError, match="is not ours"):
        publish(target, {**SECOND, "el/listen.html": "άκου"})
    assert snapshot(target) == before
    assert leftovers(target) == []


# -- where nothing must be published


def test_the_root_home_and_working_folders_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, work = tmp_path / "home", tmp_path / "outer" / "work"
    home.mkdir()
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    for place in (Path("/"), home, work, work.parent, tmp_path):
        with pytest.raises(UsageError, match="holds more than the site"):
            check_target(place)


@pytest.mark.parametrize("mark", [".git", "content", "locales", "themes", "pyproject.toml"])
def test_the_folder_of_a_project_is_refused(tmp_path: Path, mark: str) -> None:
    project = tmp_path / "project"
    (project / mark).mkdir(parents=True)
    with pytest.raises(UsageError, match="holds a project"):
        check_target(project)


@pytest.mark.parametrize("name", ["content", "content/en/public", "locales/public", "themes/x"])
def test_the_sources_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "project" / "content").mkdir(parents=True)
    with pytest.raises(UsageError, match="lies inside the sources"):
        check_target(tmp_path / "project" / name)


def test_a_folder_above_a_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shelf" / "project" / "content").mkdir(parents=True)
    with pytest.raises(UsageError, match="did not make"):
        check_target(tmp_path / "shelf")


def test_a_folder_full_of_other_things_is_refused_and_kept(target: Path) -> None:
    target.mkdir()
    (target / "thesis.txt").write_text("ten years")
    with pytest.raises(UsageError, match="did not make"):
        publish(target, FIRST)
    assert snapshot(target) == {"thesis.txt": b"ten years"}
    assert leftovers(target) == []


def test_a_file_or_a_link_is_refused(target: Path, tmp_path: Path) -> None:
    target.write_text("a file")
    link = tmp_path / "link"
    (tmp_path / "empty").mkdir()
    link.symlink_to(tmp_path / "empty")
    for place in (target, link):
        with pytest.raises(UsageError, match="is not a folder"):
            check_target(place)


# -- two builds, and builds that were killed


@contextmanager
def process_that(code: str, *arguments: Path) -> Iterator[subprocess.Popen[str]]:
    """A Python process that runs `code`, which prints a line when it is where it should be."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        process.kill()


HOLD = """
import sys, time
from pathlib import Path
from handbook.publish.stage import staging
with staging(Path(sys.argv[1])) as stage:
    stage.write("index.html", b"half", "key")
    print("there", flush=True)
    time.sleep(60)
"""


def test_a_second_build_of_the_same_folder_ends_with_one_line(target: Path) -> None:
    publish(target, FIRST)
    with process_that(HOLD, target), pytest.raises(MachineError) as caught:
        publish(target, SECOND)
    assert str(caught.value) == "another build is writing public; wait for it to end"
    assert pages_of(target) == FIRST


def test_a_killed_build_leaves_the_old_site_and_no_lock(target: Path) -> None:
    publish(target, FIRST)
    with process_that(HOLD, target) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert pages_of(target) == FIRST
    assert len(leftovers(target)) == 2
    publish(target, SECOND)
    assert pages_of(target) == SECOND
    assert leftovers(target) == []


def test_the_lock_is_not_lost_when_its_file_is_removed_meanwhile(target: Path) -> None:
    lock = target.with_name(".public.lock")
    with locked(target), lock.open("ab"):
        lock.unlink()
        with locked(target):
            pass
    with locked(target), pytest.raises(MachineError, match="another build"), locked(target):
        pass


@pytest.mark.usefixtures("without_exchange")
def test_where_the_system_cannot_exchange_folders_they_are_renamed(target: Path) -> None:
    publish(target, FIRST)
    (target / "CNAME").write_text("example.org")
    assert publish(target, SECOND) == ["en/listen.html", "en/ask.html"]
    assert pages_of(target) == {**SECOND, "CNAME": "example.org"}
    assert leftovers(target) == []


RENAME = """
import os, sys, time
from pathlib import Path
from handbook.publish import exchange
renames = 0
def rename(self, other):
    global renames
    if renames == int(sys.argv[2]):
        print("there", flush=True)
        time.sleep(60)
    renames += 1
    os.rename(self, other)
    return other
exchange._renameat2 = lambda first, second: False
from handbook.publish.stage import staging
with staging(Path(sys.argv[1])) as stage:
    stage.write("index.html", b"home, new", "key")
    Path.rename = rename
    stage.publish("inputs")
"""


@pytest.mark.parametrize(("renames", "after"), [(0, "home"), (1, "home"), (2, "home, new")])
def test_a_build_killed_between_its_renames_is_mended(
    target: Path, renames: int, after: str
) -> None:
    publish(target, FIRST)
    (target / "CNAME").write_text("example.org")
    with process_that(RENAME, target, Path(str(renames))) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    recover(target)
    assert (target / "index.html").read_text() == after
    publish(target, SECOND)
    assert pages_of(target) == {**SECOND, "CNAME": "example.org"}
    assert leftovers(target) == []


def test_an_interruption_between_the_renames_is_mended_at_once(
    target: Path, without_exchange: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(stage: Path, site: Path) -> None:
        site.rename(site.with_name(".public.stage-old"))
        raise KeyboardInterrupt

    publish(target, FIRST)
    before = snapshot(target)
    monkeypatch.setattr("handbook.publish.stage.exchange", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(target, SECOND)
    assert snapshot(target) == before
    assert leftovers(target) == []


# -- machines that do not let us


def test_a_parent_that_is_a_file_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot be written") as caught:
        publish(tmp_path / "file" / "public", FIRST)
    assert caught.value.exit_code == 3


def test_a_file_system_that_refuses_folders_is_the_machines_fault() -> None:
    with pytest.raises(MachineError, match="cannot be written"):
        publish(Path("/proc/handbook-public"), FIRST)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of 256 KB at `folder`, where this process may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


FULL = """
import resource, sys
from pathlib import Path
from handbook.diagnostics import MachineError
from handbook.publish.stage import staging
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    with staging(Path(sys.argv[1])) as stage:
        stage.write("small.html", b"small", "small")
        stage.write("large.html", b"x" * 300_000, "large")
        stage.publish("inputs")
except MachineError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("kind", ["disk", "limit"])
def test_a_full_disk_leaves_the_old_site_and_nothing_else(tmp_path: Path, kind: str) -> None:
    # Where no disk can be mounted, the limit on the size of a file stands in for it.
    with small_disk(tmp_path) as mounted:
        target = tmp_path / "public"
        publish(target, FIRST)
        before = snapshot(target)
        way = kind if mounted else "limit"
        command = [sys.executable, "-c", FULL, str(target), way]
        ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (3, "")
        reason = "No space left on device" if way == "disk" else "File too large"
        assert ended.stdout.startswith(f"public cannot be written: {reason}")
        assert snapshot(target) == before
        assert leftovers(target) == []
