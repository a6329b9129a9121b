"""Look through every text of a project: content, translations, brands, interface words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from handbook.check.checks import CHECKS, Facts, Finding
from handbook.check.prose import Prose, read_prose
from handbook.diagnostics import Problem, Span, did_you_mean
from handbook.language.language import Language
from handbook.language.rules import letters_of
from handbook.model.book import Book
from handbook.resolve.decode import words_of
from handbook.source.files import read_text, span_at
from handbook.source.nodes import Branch, Scalar, find
from handbook.source.passages import Passage, comments, passages
from handbook.source.project import LOCALES, THEMES, Layer, Source
from handbook.source.yaml import read_yaml

_ALLOW = re.compile(r"allow\s+(?P<rule>[\w-]+)\s*(?::\s*(?P<reason>.*))?")
SHOWN = 12
"""Characters that are shown around what was found."""


@dataclass(frozen=True)
class Allowance:
    """`# allow RULE: reason` above a text."""

    rule: str
    reason: str
    span: Span
    above: int
    """The line of the text."""


@dataclass(frozen=True)
class File:
    """A file of the project, its texts and what it allows."""

    name: str
    text: str

    @cached_property
    def passages(self) -> Mapping[tuple[int, int], list[Passage]]:
        """The texts by line and column."""
        found = defaultdict(list)
        for passage in passages(self.name, self.text):
            found[passage.line, passage.column].append(passage)
        return found

    @cached_property
    def allowances(self) -> tuple[Allowance, ...]:
        """What comments allow."""
        if "allow" not in self.text:
            return ()
        texts = [passage for found in self.passages.values() for passage in found]
        return tuple(
            Allowance(match["rule"], match["reason"] or "", Span(self.name, c.line), c.above)
            for c in comments(self.text, texts)
            if (match := _ALLOW.fullmatch(c.text))
        )

    def offsets(self, source: Scalar) -> Sequence[int] | None:
        """Return where each character of the text `source` stands; None if that is unknown."""
        for passage in self.passages[source.span.line, source.span.column]:
            if passage.text == source.raw:
                return passage.offsets
        return None


@dataclass(frozen=True)
class Lint:
    """What the rules find in a project."""

    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    """What is behind the problems that can be mended, without what is allowed."""
    files: Mapping[str, File] = field(repr=False)


def lint(root: Path, source: Source, languages: Mapping[str, Language]) -> Lint:
    """Return what is wrong with the words of the project in `root`.

    `source` is its content, `languages` those whose rules are asked.
    """
    proses: dict[str, list[Prose]] = defaultdict(list)
    for prose in _texts(root, source, languages):
        proses[prose.source.language].append(prose)
    names = {prose.span.file for texts in proses.values() for prose in texts}
    files = {name: File(name, read_text(root, root / name)) for name in sorted(names)}
    found = [
        finding
        for tag, language in languages.items()
        for finding in findings(root, language, proses[tag])
    ]
    allowed = {
        (name, allowance.above, allowance.rule): allowance
        for name, file in files.items()
        for allowance in file.allowances
    }
    kept, used = [], set()
    for finding in found:
        place = (finding.prose.span.file, finding.prose.span.line, finding.rule.id)
        if place in allowed:
            used.add(allowed[place])
        else:
            kept.append(finding)
    problems = [_explain(finding, files[finding.prose.span.file]) for finding in kept]
    known = {rule.id for language in languages.values() for rule in language.typography.rules}
    for file in files.values():
        for allowance in file.allowances:
            problems += _check_allowance(allowance, known, allowance in used)
    return Lint(tuple(sorted(set(problems))), tuple(kept), files)


def _texts(root: Path, source: Source, languages: Mapping[str, Language]) -> Iterator[Prose]:
    for layer in (source.base, *source.sectors.values(), *source.brands.values()):
        yield from _layer_texts(layer)
    for brand in source.brands:
        yield from _company_names(root, brand)
    for language in languages.values():
        yield from _interface_words(language)


def _layer_texts(layer: Layer) -> Iterator[Prose]:
    originals = dict(words_of(layer.tree, Book))
    for node in originals.values():
        yield read_prose(node)
    for tree in layer.translations.values():
        for path, node in words_of(tree, Book):
            yield read_prose(node, originals.get(path))


def _company_names(root: Path, brand: str) -> Iterator[Prose]:
    name = f"{THEMES}/{brand}/theme.yaml"
    if not (root / name).is_file():
        return
    companies = find(read_yaml(read_text(root, root / name), name, ""), ["company"])
    for tag, forms in companies.children.items() if isinstance(companies, Branch) else ():
        for node in forms.children.values() if isinstance(forms, Branch) else ():
            if isinstance(node, Scalar):
                yield read_prose(Scalar(node.value, node.raw, node.span, tag, node.start))


def _interface_words(language: Language) -> Iterator[Prose]:
    name = f"{LOCALES}/{language.tag}/LC_MESSAGES/messages.po"
    original: Scalar | None = None
    for passage in passages(name, language.catalog_text):
        span = Span(name, passage.line, passage.column)
        node = Scalar(passage.text, passage.text, span, language.tag)
        if not passage.key.startswith("msgstr"):
            original = node if passage.text else None
        elif original is not None and passage.text:
            yield read_prose(node, original)


def findings(root: Path, language: Language, proses: Sequence[Prose]) -> Iterator[Finding]:
    """Yield where `proses`, all texts of a language, break one of its rules."""
    facts = Facts(language.typography.quotes, frozenset("".join(letters_of(root, language.tag))))
    for rule in language.typography.rules:
        if rule.level == "silent":
            continue
        if rule.check:
            yield from CHECKS[rule.check](rule, proses, facts)
            continue
        for prose in proses:
            for match in rule.matches(prose.text):
                edits = tuple(rule.edits(match)) if rule.mends else ()
                if edits or not rule.mends:
                    yield Finding(rule, prose, match.start(), match.end(), edits)


def _explain(finding: Finding, file: File) -> Problem:
    rule, prose = finding.rule, finding.prose
    raw, offsets = prose.source.raw, prose.offsets
    first, last = offsets[finding.start], offsets[max(finding.end - 1, finding.start)] + 1
    excerpt = _excerpt(raw, first, last, raw[first:last])
    hint = rule.hint
    if finding.edits:
        new, end = "", first
        for start, stop, text in finding.edits:
            new += raw[end : offsets[start]] + text
            end = offsets[stop] if stop > start else offsets[start]
        new += raw[end:last]
        hint = f"write “{_excerpt(raw, first, last, new)}”, or let `check --fix` do it"
    message = f"“{excerpt}”: {rule.says[0].lower()}{rule.says[1:].rstrip('.')}"
    return Problem(_place(finding, file), rule.id, message, hint, rule.level == "warning")


def _excerpt(text: str, first: int, last: int, middle: str) -> str:
    """Return `middle` with whole words of what stands before and behind it in `text`."""
    before, behind = text[max(first - SHOWN, 0) : first], text[last : last + SHOWN]
    if first > SHOWN:
        before = before.partition(" ")[2] or before
    if last + SHOWN < len(text):
        behind = behind.rpartition(" ")[0] or behind
    return " ".join(f"{before}{middle}{behind}".split())


def _place(finding: Finding, file: File) -> Span:
    """Return where in the file the finding begins, or else where its text does."""
    offset = finding.prose.offsets[finding.start]
    offsets = file.offsets(finding.prose.source)
    if offsets is None or offset >= len(offsets):
        return finding.prose.span
    return span_at(file.name, file.text, offsets[offset])


def _check_allowance(allowance: Allowance, known: Iterable[str], used: bool) -> Iterator[Problem]:
    rule, span = allowance.rule, allowance.span
    if rule not in set(known):
        message = f"there is no rule “{rule}”"
        yield Problem(span, "allow-unknown", message, did_you_mean(rule, known), True)
        return
    if not allowance.reason.strip():
        hint = f"write `# allow {rule}: why it is right here`"
        yield Problem(span, "allow-reason", f"{rule} is allowed without a reason", hint, True)
    if not used:
        message = f"the text below does not break {rule}"
        yield Problem(span, "allow-unused", message, "delete this line", True)
