"""Put a finished folder in the place of another, in one step where the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def exchange(stage: Path, target: Path) -> None:
    """Swap the folders `stage` and `target`: afterwards each is where the other was.

    On Linux both names change in one system call, so that nobody ever sees neither or half of
    them (renameat2(2)). Elsewhere it takes three renames; a run that is stopped between them is
    mended by `recover`.
    """
    if not _renameat2(stage, target):
        aside = _aside(target)
        target.rename(aside)
        stage.rename(target)
        with suppress(OSError):  # the new site is in its place; the old one is cleared away later
            aside.rename(stage)


def recover(target: Path) -> None:
    """Put the old site back when an exchange was stopped before the new one was in its place."""
    aside = _aside(target)
    if aside.is_dir() and not target.exists():
        aside.rename(target)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.stage-old")  # left-over stages are cleared away


def _renameat2(first: Path, second: Path) -> bool:
    """Return whether the system swapped the two names; raise `OSError` when it failed at it."""
    if not sys.platform.startswith("linux"):
        return False
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    paths = os.fsencode(first), os.fsencode(second)
    if function(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        return False  # a file system or a container that cannot
    raise OSError(number, os.strerror(number), str(second))
