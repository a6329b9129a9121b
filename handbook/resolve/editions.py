"""Lay the layers over each other and give each edition its order.

1. A layer first takes its own language (the English of a sector must not hide under the Greek of
   the base), then the layers go one over the other: base, sector, brand.
2. The tree becomes the typed book.
3. The outline names the entries in reading order; what a layer took out appears nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean, raise_all
from handbook.model.book import Book, Chapter, Part
from handbook.model.entries import Entry
from handbook.model.profile import Profile
from handbook.model.worksheet import Worksheet
from handbook.resolve.decode import decode, words_of
from handbook.resolve.translation import check_translation
from handbook.source.nodes import Branch, Node, Scalar, Series, descend, empty_branch, overlay
from handbook.source.project import Layer, Source


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the outline."""

    part: Part
    chapter: Chapter
    number: int
    """The chapter's number, from one through all parts."""


@dataclass(frozen=True)
class Edition:
    """The book as the reader of one profile gets it."""

    profile: Profile
    book: Book
    borrowed: int
    """How many texts stand here in the source language for want of a translation."""

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The entries in reading order."""
        known = self.book.entries()
        return {
            key: known[key]
            for part in self.parts
            for keys in part.chapters.values()
            for key in keys
        }

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The outline, without the chapters and entries that a layer took out."""
        entries, chapters = self.book.entries(), self.book.chapters
        outlines = (
            {
                chapter: tuple(key for key in keys if key in entries)
                for chapter, keys in part.chapters.items()
                if chapter in chapters
            }
            for part in self.book.handbook.parts.values()
        )
        return tuple(
            part.model_copy(update={"chapters": outline})
            for part, outline in zip(self.book.handbook.parts.values(), outlines, strict=True)
            if outline
        )

    @cached_property
    def chapters(self) -> Mapping[str, Place]:
        """The chapters in reading order and where they stand."""
        listed = ((part, key) for part in self.parts for key in part.chapters)
        return {
            key: Place(part, self.book.chapters[key], number)
            for number, (part, key) in enumerate(listed, start=1)
        }

    @cached_property
    def worksheets(self) -> Mapping[str, Worksheet]:
        """The worksheets that an entry of this edition uses, in reading order."""
        used = (entry.worksheet for entry in self.entries.values())
        return {key: self.book.worksheets[key] for key in used if key in self.book.worksheets}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Where each entry stands."""
        return {
            key: self.chapters[chapter]
            for part in self.parts
            for chapter, keys in part.chapters.items()
            for key in keys
        }

    def entries_of(self, chapter: str) -> tuple[Entry, ...]:
        """Return the entries of a chapter in order."""
        keys = self.chapters[chapter].part.chapters[chapter]
        return tuple(self.entries[key] for key in keys)


def source_handbook(source: Source) -> Book:
    """Return the general edition in the source language, the measure of all others."""
    return decode(source.base.tree)


def check_translations(source: Source) -> None:
    """Raise `ContentError` with everything that translations set and must not, or lack in form."""
    layers = [source.base, *source.sectors.values(), *source.brands.values()]
    raise_all(
        problem
        for layer in layers
        for words in layer.translations.values()
        for problem in check_translation(layer.tree, words, Book)
    )


def resolve(source: Source, profile: Profile, *, allow_missing: bool = False) -> Edition:
    """Return the edition of `profile`.

    Raises `ContentError` for what does not fit the models, for an outline that names what there
    is not, and, unless `allow_missing`, for each text that has no translation.
    """
    tree = merge(source, profile)
    foreign = [
        (path, node)
        for path, node in words_of(tree, Book)
        if node.language != profile.language and node.raw.strip()
    ]
    problems = [] if allow_missing else [_untranslated(*text, profile) for text in foreign]
    try:
        book = decode(tree)
    except ContentError as error:
        raise ContentError([*problems, *error.problems]) from error
    if profile.language == book.handbook.languages[0]:  # the outline is the same in all
        problems += [*_check_sectors(tree, source), *_check_outline(book, tree, source)]
        problems += _check_removals(source, profile)
    raise_all(problems)
    return Edition(profile, book, len(foreign))


def merge(source: Source, profile: Profile) -> Branch:
    """Return base, sector and brand as one tree, each in the language of `profile`."""
    tree = _in_language(source.base, profile.language)
    for layer in (source.sectors.get(profile.sector), source.brands.get(profile.brand)):
        if layer is not None:
            tree = overlay(tree, _in_language(layer, profile.language))
    return tree


def _in_language(layer: Layer, language: str) -> Branch:
    return overlay(layer.tree, layer.translations.get(language, empty_branch(layer.folder)))


def _untranslated(path: tuple[str, ...], node: Scalar, profile: Profile) -> Problem:
    folder, _, file = node.span.file.partition("/")
    where = f"locales/{profile.language}/{file}"
    if folder == "themes":
        where = node.span.file.replace("/content/", f"/locales/{profile.language}/")
    return Problem(
        node.span,
        "untranslated",
        f"{'.'.join(path)} is not translated into {profile.language}",
        f"write it in {where}, or build with --allow-missing to show the original",
    )


def _check_sectors(tree: Branch, source: Source) -> Iterator[Problem]:
    sectors = descend(tree, ("handbook", "sectors"))
    assert isinstance(sectors, Series)
    for node in sectors.children[1:]:
        if isinstance(node, Scalar) and node.raw not in source.sectors:
            message = f"there is no folder {source.base.folder}/sectors/{node.raw}"
            hint = did_you_mean(node.raw, source.sectors)
            yield Problem(node.span, "outline", message, hint)


def _check_removals(source: Source, profile: Profile) -> Iterator[Problem]:
    """Yield what the layers of `profile` take out though there is nothing of that name."""
    sectors = [layer.tree for layer in source.sectors.values()]
    if profile.sector in source.sectors:
        yield from _missing_removals(source.sectors[profile.sector].tree, [source.base.tree])
    if profile.brand in source.brands:
        yield from _missing_removals(
            source.brands[profile.brand].tree, [source.base.tree, *sectors]
        )


def _missing_removals(tree: Branch, below: Sequence[Branch]) -> Iterator[Problem]:
    for key, node in tree.children.items():
        present = [layer.children[key] for layer in below if key in layer.children]
        if isinstance(node, Branch):
            lower = [child for child in present if isinstance(child, Branch)]
            yield from _missing_removals(node, lower)
        elif isinstance(node, Scalar) and node.value is None and not present:
            message = f"“{key}” is to be left out, but there is no such thing"
            hint = did_you_mean(key, {known for layer in below for known in layer.children})
            yield Problem(tree.key_span(key), "left-out", message, hint)


def _check_outline(book: Book, tree: Branch, source: Source) -> Iterator[Problem]:
    entries, listed = book.entries(), dict[str, Span]()
    known_entries = _ids_of_any_layer(source, book.folders())
    known_chapters = _ids_of_any_layer(source, ("chapters",))
    for chapter, key, span in _outline(tree):
        if key in listed:
            message = f"“{key}” stands in the outline twice"
            yield Problem(span, "outline", message, f"it stands already at {listed[key]}")
        elif chapter is None and key not in known_chapters:
            message = f"there is no chapter “{key}”"
            yield Problem(span, "outline", message, did_you_mean(key, book.chapters))
        elif chapter is not None and key not in known_entries:
            message = f"chapter “{chapter}” names “{key}”, which there is not"
            yield Problem(span, "outline", message, did_you_mean(key, entries))
        listed.setdefault(key, span)
    for key in book.chapters.keys() - listed:
        message, hint = f"“{key}” stands in no part", "add its id to a part in handbook.yaml"
        yield Problem(book.chapters[key].title.span, "outline", message, hint)
    for key in entries.keys() - listed:
        message, hint = f"“{key}” stands in no chapter", "add its id to a chapter in handbook.yaml"
        yield Problem(entries[key].title.span, "outline", message, hint)


def _outline(tree: Branch) -> Iterator[tuple[str | None, str, Span]]:
    """Yield each chapter's id, then its entries' ids with the chapter's, and where they stand."""
    parts = descend(tree, ("handbook", "parts"))
    for part in _members(parts):
        chapters = part.children.get("chapters") if isinstance(part, Branch) else None
        if not isinstance(chapters, Branch):
            continue
        for chapter, keys in chapters.children.items():
            yield None, chapter, chapters.key_span(chapter)
            for key in _members(keys):
                if isinstance(key, Scalar):
                    yield chapter, key.raw, key.span


def _members(node: Node) -> Iterable[Node]:
    match node:
        case Branch():
            return node.children.values()
        case Series():
            return node.children
    return ()


def _ids_of_any_layer(source: Source, folders: Iterable[str]) -> frozenset[str]:
    """Return the ids of any layer, so that what was left out is told from what never was."""
    layers = [source.base, *source.sectors.values(), *source.brands.values()]
    found = [layer.tree.children.get(folder) for folder in folders for layer in layers]
    return frozenset(key for node in found if isinstance(node, Branch) for key in node.children)
