"""What can be wrong with a handbook, as values.

A `Problem` says where, what and how to mend it. Every stage gathers all its problems and raises
them together in one `ContentError`; only the command line prints them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file; line and column count from one."""

    file: str
    """Path relative to the project, with forward slashes; or an option, on line 0."""
    line: int = 1
    column: int = 1
    cell: str = ""
    """What a spreadsheet calls the place, such as C7; `file` is then `[book.xlsx]Sheet`."""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}!{self.cell}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with the handbook."""

    span: Span
    rule: str
    """Id of the check that found it, kebab-case."""
    message: str
    hint: str = ""
    warning: bool = False
    """Whether the handbook can be made all the same."""

    def __str__(self) -> str:
        kind = "warning" if self.warning else "error"
        text = f"{self.span}: {kind}[{self.rule}]: {self.message}"
        return f"{text}\n    {self.hint}" if self.hint else text


class HandbookError(Exception):
    """An error that the command line explains in one sentence and ends with `exit_code`."""

    exit_code = 4


class ContentError(HandbookError):
    """The content, locales or themes are wrong; carries every problem that one stage found."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(HandbookError):
    """The command line or the project's settings ask for something impossible."""

    exit_code = 2


class MachineError(HandbookError):
    """The machine lacks something: a library, rights, space."""

    exit_code = 3


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one `ContentError` with all `problems`; return when there are none."""
    found = tuple(problems)
    if found:
        raise ContentError(found)


class Gathered:
    """The problems of several steps that do not depend on each other."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Take up the problems of the step inside and go on."""
        try:
            yield
        except ContentError as error:
            self.problems.extend(error.problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest of the `known` words, or all of them when few."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean “{close[0]}”?"
    return f"known: {', '.join(choices)}" if 0 < len(choices) <= 12 else ""
