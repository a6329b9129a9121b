"""Lay the layers over each other and give each edition its order.

1. A layer first takes its own language (the English of a sector must not hide under the Greek of
   the base), then the layers go one over the other: base, sector, brand.
2. The tree becomes the typed book.
3. The outline names the entries in reading order; what a layer took out appears nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from handbook.diagnostics import Problem, did_you_mean, raise_all
from handbook.model.book import Book, Chapter, Part
from handbook.model.entries import Entry
from handbook.model.profile import Profile
from handbook.model.worksheet import Worksheet
from handbook.resolve.decode import decode, words_of
from handbook.resolve.translation import check_translation
from handbook.source.nodes import Branch, Scalar, empty_branch, overlay
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
        listed = (key for part in self.parts for keys in part.chapters.values() for key in keys)
        return {key: known[key] for key in listed if key in known}

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have chapters."""
        return tuple(part for part in self.book.handbook.parts.values() if part.chapters)

    @cached_property
    def chapters(self) -> Mapping[str, Place]:
        """The chapters in reading order and where they stand."""
        listed = ((part, key) for part in self.parts for key in part.chapters)
        return {
            key: Place(part, self.book.chapters[key], number)
            for number, (part, key) in enumerate(listed, start=1)
            if key in self.book.chapters
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
        return tuple(self.entries[key] for key in keys if key in self.entries)


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
    if foreign and not allow_missing:
        raise_all(_untranslated(path, node, profile) for path, node in foreign)
    book = decode(tree)
    edition = Edition(profile, book, len(foreign))
    raise_all(_check_outline(book, tree, source))
    return edition


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


def _check_outline(book: Book, tree: Branch, source: Source) -> Iterator[Problem]:
    entries = book.entries()
    known = _ids_of_any_layer(source)
    parts = tree.children["handbook"]
    listed: set[str] = set()
    for part in book.handbook.parts.values():
        for chapter, keys in part.chapters.items():
            if chapter not in book.chapters and chapter not in known:
                hint = did_you_mean(chapter, book.chapters)
                yield Problem(parts.span, "outline", f"there is no chapter “{chapter}”", hint)
            for key in keys:
                if key not in entries and key not in known:
                    hint = did_you_mean(key, entries)
                    message = f"chapter “{chapter}” names “{key}”, which there is not"
                    yield Problem(parts.span, "outline", message, hint)
                if key in listed:
                    message = f"“{key}” stands in the outline twice"
                    yield Problem(parts.span, "outline", message, "keep one")
                listed.add(key)
    for key in entries.keys() - listed:
        entry = entries[key]
        message = f"“{key}” stands in no chapter"
        hint = "add its id to a chapter in handbook.yaml"
        yield Problem(entry.title.span, "outline", message, hint)


def _ids_of_any_layer(source: Source) -> frozenset[str]:
    """Return every id of any layer, so that what was left out is told from what never was."""
    layers = [source.base, *source.sectors.values(), *source.brands.values()]
    return frozenset(
        key
        for layer in layers
        for folder in layer.tree.children.values()
        if isinstance(folder, Branch)
        for key in folder.children
    )
