"""How tests print a few outputs with options of their own, and look at the pages as pictures."""

from __future__ import annotations

import io
import math
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from handbook.loading import Project
from handbook.plan.plan import Output, Plan
from handbook.plan.printing import PrintOptions
from handbook.prints import Printing, epoch_of, make_prints
from handbook.publish.stage import staging
from handbook.render.press import Press
from tests.conftest import Quiet

Picture = Any
"""Rows of pixels, grey from 0 to 255 or of three channels."""


def print_with(
    project: Project, outputs: Sequence[Output], options: PrintOptions, folder: Path
) -> dict[Output, Path]:
    """Print `outputs` with `options` into `folder`; return the file of each."""
    plan = Plan(tuple(outputs), project.editions)
    cache, target = folder / "cache", folder / "made"
    press = Press(plan, project.themes, project.languages, cache / "templates", options)
    with staging(target) as stage:
        make_prints(plan, Printing(press, stage, cache, 2, epoch_of(project.handbook), Quiet()))
        stage.publish("")
    return {output: target / output.path for output in outputs}


def text_by_page(path: Path) -> list[str]:
    """Return the text of each page without spaces."""
    run = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return [re.sub(r"\s", "", page) for page in run.stdout.decode().split("\f")[:-1]]


def pictures(path: Path, dots: int, *options: str) -> Iterator[Picture]:
    """Yield each page as a picture of so many dots an inch; `-gray` makes it grey."""
    command = ["pdftoppm", "-r", str(dots), *options, str(path)]
    data = io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)
    while kind := data.readline().strip():
        width, height = map(int, data.readline().split())
        data.readline()  # the greatest value, 255
        shape = (height, width, 3) if kind == b"P6" else (height, width)
        pixels = data.read(math.prod(shape))
        yield numpy.frombuffer(pixels, dtype=numpy.uint8).reshape(shape)


@dataclass(frozen=True)
class Word:
    """A word on a page, in points from the left and top edge."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_by_page(path: Path, least: float = 3) -> list[list[Word]]:
    """Return the words of each page that are higher than `least` points, to be seen."""
    run = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    pages = []
    for page in run.stdout.decode().split("<page ")[1:]:
        found = re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<',
            page,
        )
        words = [Word(text, *map(float, box)) for *box, text in found]
        pages.append([word for word in words if word.bottom - word.top > least])
    return pages
