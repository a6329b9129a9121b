"""One build at a time for one output folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from handbook.diagnostics import MachineError


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of the output folder `target`.

    The system frees it when the process ends, however it ends, so no lock outlives its build.
    Raises `MachineError` when another build holds it.
    """
    path = target.with_name(f".{target.name}.lock")
    with _acquire(path, target.name):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps a file that is open
                path.unlink()


def _acquire(path: Path, name: str) -> BinaryIO:
    """Return the lock file, open and locked."""
    while True:
        stream = path.open("ab")
        try:
            _lock(stream.fileno())
        except OSError as error:
            stream.close()
            message = f"another build is writing {name}; wait for it to end"
            raise MachineError(message) from error
        # The build before may have removed the file after we opened it; then ours guards nothing.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                return stream
        stream.close()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
