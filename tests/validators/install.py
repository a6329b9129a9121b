"""Bring everything the validators need: `python -m tests.validators.install`."""

import importlib.metadata
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .tools import JAXB, ToolMissing

PROGRAMS = {  # Debian package: a program of it
    "chromium": "chromium",
    "default-jdk-headless": "javac",
    "default-jre-headless": "java",
    "hunspell": "hunspell",
    "npm": "npm",
    "poppler-utils": "pdftotext",
    "qpdf": "qpdf",
}
DICTIONARIES = {  # Debian package: a dictionary of it
    "hunspell-el": "el_GR",
    "hunspell-no": "nb_NO",
    "hunspell-ro": "ro_RO",
    "hunspell-ru": "ru_RU",
}
NO_BROWSERS = {"PUPPETEER_SKIP_DOWNLOAD": "1", "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}


def install(root: Path) -> None:
    """Install what is missing below the repository root; quick when nothing is."""
    folder = root / "tests" / "validators"
    if packages := _missing_packages():
        _apt(packages)
    requirements = folder / "requirements.txt"
    if not _pip_is_done(requirements):
        _run([sys.executable, "-m", "pip", "install", "--quiet", "-r", str(requirements)])
    if not _npm_is_done(folder):
        quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        # pdf.js brings a canvas for Node, which a browser has of its own.
        _run(["npm", "install", *quiet, "--omit=optional", "--prefix", str(folder)])


def _missing_packages() -> list[str]:
    missing = [package for package, name in PROGRAMS.items() if not shutil.which(name)]
    folder = Path("/usr/share/hunspell")
    missing += [p for p, name in DICTIONARIES.items() if not (folder / f"{name}.dic").exists()]
    return missing if JAXB.exists() else [*missing, "libjaxb-java"]


def _apt(packages: Sequence[str]) -> None:
    if not shutil.which("apt-get") or (sudo := _sudo()) is None:
        cure = f"sudo apt-get update && sudo apt-get install {' '.join(packages)}"
        raise ToolMissing(", ".join(packages), cure)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    patient = ["-o", "DPkg::Lock::Timeout=600"]  # another installation may be under way
    _run([*apt, "update"])
    _run([*apt, *patient, "install", "--yes", "--no-install-recommends", *packages])


def _sudo() -> list[str] | None:
    """What to put before a command to run it as root; None when that takes a password."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True)
    return sudo if allowed and allowed.returncode == 0 else None


def _pip_is_done(requirements: Path) -> bool:
    lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if "==" in line)
    try:
        return all(importlib.metadata.version(name) == version for name, version in pins)
    except importlib.metadata.PackageNotFoundError:
        return False


def _npm_is_done(folder: Path) -> bool:
    modules = folder / "node_modules"
    try:
        return all(
            _manifest(modules / name)["version"] == version
            for name, version in _manifest(folder)["dependencies"].items()
        )
    except FileNotFoundError:
        return False


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "package.json").read_bytes())
    return manifest


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, env={**os.environ, **NO_BROWSERS}, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        what = f"what {Path(command[0]).name} was to bring"
        raise ToolMissing(what, shlex.join(command)) from error


if __name__ == "__main__":
    try:
        install(Path.cwd())
    except ToolMissing as error:
        raise SystemExit(str(error)) from error
