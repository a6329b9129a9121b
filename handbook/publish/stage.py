"""Build beside the published folder, then take its place in one step.

1. The stage is a new folder beside the target; what is unchanged is linked into it.
2. Files of the target that no build of ours made are carried over, never deleted.
3. The finished stage and the target are exchanged. Until then readers see the old site, whole.
4. What is then the old folder goes away, file by file of its manifest.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from handbook.cache.digest import digest
from handbook.diagnostics import MachineError, UsageError
from handbook.publish.exchange import exchange, recover
from handbook.publish.lock import locked
from handbook.publish.manifest import NAME, Made, Manifest, read_manifest


class Stage:
    """The folder in which a build gathers its files."""

    def __init__(self, folder: Path, target: Path, previous: Manifest) -> None:
        self.folder = folder
        self._target = target
        self._previous = previous
        self.files: dict[str, Made] = {}
        self.made: list[str] = []
        """Paths that were made anew."""

    @property
    def dropped(self) -> int:
        """How many files of the build before are not on this stage."""
        return len(self._previous.files.keys() - self.files.keys())

    def keep(self, path: str, key: str) -> bool:
        """Take `path` over from the published folder if it is there, whole, under this `key`."""
        made = self._previous.files.get(path)
        if made is None or made.key != key:
            return False
        published = self._target / path
        try:
            if digest(published.read_bytes()) != made.digest:
                return False
            _link(published, self._prepare(path))
        except OSError:
            return False
        self.files[path] = made
        return True

    def write(self, path: str, data: bytes, key: str) -> None:
        """Write a file that was made now."""
        self._prepare(path).write_bytes(data)
        self.files[path] = Made(key, digest(data))
        self.made.append(path)

    def _prepare(self, path: str) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _seal(self, inputs: str) -> None:
        manifest = Manifest(inputs, self.files)
        (self.folder / NAME).write_text(manifest.to_json(), encoding="utf-8")

    def publish(self, inputs: str) -> None:
        """Take the target's place.

        Raises `UsageError` when a file that is not ours stands where one that we made belongs.
        """
        folders = {str(folder) for path in self.files for folder in PurePosixPath(path).parents}
        for path in strangers(self._target, self._previous):
            way = {path, *map(str, PurePosixPath(path).parents)}
            if path in folders or not way.isdisjoint(self.files):
                message = f"{self._target.name}/{path} is not ours, and a page needs its place"
                raise UsageError(f"{message}; move it away")
            _link(self._target / path, self._prepare(path))
        self._seal(inputs)
        if hasattr(os, "sync"):
            os.sync()  # after a power cut the new name must not lead to empty files
        if self._target.exists():
            exchange(self.folder, self._target)
        else:
            self.folder.rename(self._target)


@contextmanager
def staging(target: Path) -> Iterator[Stage]:
    """Give a stage for `target`; whatever happens inside, nothing of it is left behind.

    Raises `UsageError` for a folder that is not ours or too dangerous to write into, and
    `MachineError` when another build is at it or the folder cannot be written.
    """
    check_target(target)
    mask = os.umask(0o022)  # the web server must be able to read what a careful user made
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target):
            _mend(target)
            folder = target.with_name(f".{target.name}.stage-{os.getpid()}")
            try:
                folder.mkdir()
                yield Stage(folder, target, read_manifest(target) or Manifest())
            finally:
                try:
                    _mend(target)
                except KeyboardInterrupt:  # that comes just now: half a stage must not stay
                    _mend(target)
                    raise
    except BrokenPipeError:  # nobody listens to the progress; the site is not at fault
        raise
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        message = f"{target.name} cannot be written: {error.strerror or error}{place}"
        raise MachineError(message) from error
    finally:
        os.umask(mask)


def check_target(target: Path) -> None:
    """Raise `UsageError` when `target` must not be written to."""
    place = target.resolve()
    if target.is_symlink() or (place.exists() and not place.is_dir()):
        raise UsageError(f"{target.name} is not a folder; choose another --output")
    holy = [Path.home().resolve(), Path.cwd().resolve()]
    if place.parent == place or any(place == path or place in path.parents for path in holy):
        raise UsageError(f"{target} holds more than the site; choose an empty folder as --output")
    for mark in (".git", "content", "locales", "themes", "pyproject.toml"):
        if (place / mark).exists():
            raise UsageError(f"{target.name} holds a project ({mark}); choose another --output")
    inside = [path for path in (place, *place.parents) if (path.parent / "content").is_dir()]
    if any(path.name in ("content", "locales", "themes", "handbook") for path in inside):
        raise UsageError(f"{target} lies inside the sources; choose another --output")
    if place.is_dir() and read_manifest(place) is None and any(place.iterdir()):
        raise UsageError(
            f"{target.name} holds files that this program did not make; "
            "choose an empty folder as --output"
        )


def strangers(folder: Path, manifest: Manifest) -> list[str]:
    """Return the paths in `folder` that `manifest` does not list."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if name != NAME and name not in manifest.files)


def is_current(target: Path, inputs: str) -> bool:
    """Tell whether `target` is whole and was made from exactly these `inputs`."""
    manifest = read_manifest(target)
    if manifest is None or manifest.inputs != inputs:
        return False
    try:
        return all(
            digest((target / path).read_bytes()) == made.digest
            for path, made in manifest.files.items()
        )
    except OSError:
        return False


def _mend(target: Path) -> None:
    """Leave nothing but a whole site in `target`, whenever this or an earlier run was stopped."""
    recover(target)
    for folder in target.parent.glob(f".{glob.escape(target.name)}.stage-*"):
        _discard(folder, target)


def _discard(folder: Path, target: Path) -> None:
    """Remove a stage or an old site, but rescue what somebody else put into it meanwhile."""
    manifest, current = read_manifest(folder), read_manifest(target)
    if manifest is not None and current is not None:
        for path in strangers(folder, manifest):
            if path not in current.files and _is_newer(folder / path, target / path):
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).replace(target / path)
    shutil.rmtree(folder, ignore_errors=True)


def _is_newer(path: Path, other: Path) -> bool:
    return not os.path.lexists(other) or path.lstat().st_mtime_ns > other.lstat().st_mtime_ns


def _link(source: Path, place: Path) -> None:
    """Make `place` the same file as `source`, or a copy where links are not possible."""
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, place, follow_symlinks=False)
