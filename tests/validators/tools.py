"""Where the validators' tools are, and how Java is run."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALL = "python -m tests.validators.install"
JAXB = Path("/usr/share/java/jaxb-runtime.jar")  # Debian's libjaxb-java; pulls in its own parts


class ToolMissing(RuntimeError):  # noqa: N818 - it names the state, not a fault of the caller
    """A tool a validator needs is absent; `cure` is the one line to run."""

    def __init__(self, what: str, cure: str = INSTALL) -> None:
        super().__init__(f"{what} is missing; run: {cure}")
        self.what = what
        self.cure = cure


def program(name: str) -> str:
    """The path of an installed program."""
    if found := shutil.which(name):
        return found
    raise ToolMissing(name)


def present(path: Path) -> Path:
    """The path itself, once it is known to be there."""
    if path.exists():
        return path
    raise ToolMissing(path.name)


def package(name: str, *parts: str) -> Path:
    """A file of an npm package."""
    return present(HERE.joinpath("node_modules", name, *parts))


def java(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Java and capture what it says; the caller judges the exit status.

    The locale must be UTF-8: elsewhere Java cannot open a file with a Greek or Chinese name, and
    vnu then passes it without a word.
    """
    return subprocess.run(
        [program("java"), *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
    )
