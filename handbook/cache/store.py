"""Files kept by the digest of everything that they were made from."""

from __future__ import annotations

from pathlib import Path

from handbook.cache.digest import digest


class Store:
    """A folder of files, each under a key and with a seal that tells whether it is whole.

    The seal makes careful writing needless: what a killed run, another build or a bad disk left
    half-written is not handed out, and made again.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def get(self, key: str) -> bytes | None:
        """Return what is kept under `key`, or None when nothing whole is."""
        try:
            seal, _, data = self._path(key).read_bytes().partition(b"\n")
        except OSError:
            return None
        return data if seal == _seal(key, data) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_seal(key, data) + b"\n" + data)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}{self._suffix}"


def _seal(key: str, data: bytes) -> bytes:
    return digest(key, data).encode()
