"""One build at a time for one output folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handbook.diagnostics import MachineError


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of the output folder `target`.

    The system frees it when the process ends, however it ends, so no lock outlives its build.
    Raises `MachineError` when another build holds it.
    """
    path = target.with_name(f".{target.name}.lock")
    with path.open("ab") as stream:
        try:
            _lock(stream.fileno())
        except OSError as error:
            message = f"another build is writing {target.name}; wait for it to end"
            raise MachineError(message) from error
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
