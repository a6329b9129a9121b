#!/usr/bin/env python3
"""Set everything up, then run the handbook command line.

    python3 build.py              makes the book
    python3 build.py COMMAND …    runs `handbook COMMAND …`, such as serve, check, doctor
    python3 build.py test         runs the tests; `test --all` also the slow proofs
    python3 build.py bench        measures what builds cost

Needs nothing but Python 3.11 or newer. What is missing goes into .venv/, and the system libraries
that set PDFs are installed where this program may do so; otherwise it says what to type and stops.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Sequence
from contextlib import suppress
from ctypes.util import find_library
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
REQUIREMENTS = ROOT / "requirements.txt"
TEST_REQUIREMENTS = ROOT / "tests" / "requirements.txt"

LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
CURES = {
    "linux": f"sudo apt install {' '.join(PACKAGES)}",
    "darwin": "brew install pango",
    "win32": "pacman -S mingw-w64-ucrt-x86_64-pango   (in the window of MSYS2, from msys2.org)",
}
ENVIRONMENT_PROBLEM = 3
SHARED_OUT = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
"""How pytest shares the tests out to the processors."""


def main(arguments: Sequence[str]) -> int:
    """Run the command in `arguments`; return its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have an older one
        return fail("Python 3.11 or newer is needed", "python.org, or your system's packages")
    command = arguments[0] if arguments else "build"
    try:
        prepare_libraries()
        prepare_environment(REQUIREMENTS)
        if command in ("test", "bench"):
            prepare_environment(TEST_REQUIREMENTS)
        if command == "test":
            return run_tests(arguments[1:])
        if command == "bench":
            return run([PYTHON, "-m", "tests.bench", *arguments[1:]])
    except subprocess.CalledProcessError as error:
        shown = " ".join(map(str, error.cmd[:6]))
        return fail(f"the set-up stopped at: {shown}", "mend what it says above and run again")
    except KeyboardInterrupt:
        return 130
    return run([PYTHON, "-m", "handbook", *(arguments or ["build"])])


def prepare_libraries() -> None:
    """Install the libraries of WeasyPrint where they are missing and this process may."""
    if sys.platform == "win32" or all(map(find_library, LIBRARIES)):
        return
    install_packages(PACKAGES, CURES.get(sys.platform, CURES["linux"]))


def prepare_environment(requirements: Path) -> None:
    """Make .venv hold exactly what `requirements` pins; quick when it does already."""
    stamp = VENV / f".{requirements.parent.name}-{requirements.stem}"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if PYTHON.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Setting up .venv from {requirements.relative_to(ROOT)} …", flush=True)
    if not PYTHON.is_file():
        make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)
    stamp.write_text(wanted)


def make_venv() -> None:
    """Make an empty .venv; Debian keeps what that needs in a package of its own."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        install_packages([package], f"sudo apt install {package}")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except BaseException:  # half of one would be taken for a whole one next time
        shutil.rmtree(VENV, ignore_errors=True)
        raise


def install_packages(packages: Sequence[str], cure: str) -> None:
    """Install Debian packages as root or with passwordless sudo; else say `cure` and stop."""
    sudo = privileges()
    if shutil.which("apt-get") is None or sudo is None:
        sys.exit(fail("some system libraries are missing", cure))
    print(f"Installing {', '.join(packages)} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", *packages]):
        subprocess.run([*sudo, "apt-get", *step], check=True, env=environment)


def privileges() -> list[str] | None:
    """Return what to put before a command to run it as root, or None when that is not allowed."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if shutil.which("sudo") is None:
        return None
    return sudo if subprocess.run([*sudo, "true"], capture_output=True).returncode == 0 else None


def run_tests(arguments: Sequence[str]) -> int:
    """Install the validators and run pytest; `--all` includes what is marked slow."""
    code = run([PYTHON, "-m", "tests.validators.install"])
    if code:
        return code
    everything = ["-m", ""] if "--all" in arguments else []
    rest = [argument for argument in arguments if argument != "--all"]
    # A file of tests shares what it has built, so it stays with one of the processes.
    return run([PYTHON, "-m", "pytest", *SHARED_OUT, *everything, *rest])


def run(command: Sequence[str | Path]) -> int:
    """Run `command` with this project's package on its path; return its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    with subprocess.Popen(list(command), env=environment) as process:
        signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
        while True:
            with suppress(KeyboardInterrupt):  # the command hears it too, and ends in its own order
                return process.wait()


def fail(what: str, cure: str) -> int:
    """Say what is wrong and how to mend it; return the exit code."""
    print(f"{what}\n    {cure}", file=sys.stderr)
    return ENVIRONMENT_PROBLEM


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
