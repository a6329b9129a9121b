"""Lay the layers over each other and give each edition its order.

1. A layer first takes its own language (the English of a sector must not hide under the Greek of
   the base), then the layers go one over the other: base, sector, brand.
2. The tree becomes the typed book.
3. The outline names the entries in reading order; what a layer took out appears nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from handbook.diagnostics import ContentError, Problem, raise_all
from handbook.model.book import Book, Chapter, Handbook, Page, Part
from handbook.model.entries import Assessment, Entry
from handbook.model.instrument import Instrument
from handbook.model.profile import Profile
from handbook.model.words import Words
from handbook.model.worksheet import Worksheet
from handbook.resolve.decode import decode, words_of
from handbook.resolve.outline import check_outline, check_removals
from handbook.resolve.translation import check_translation
from handbook.source.nodes import Branch, Scalar, empty_branch, find, overlay
from handbook.source.project import Source


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
    left_out: Mapping[str, Words] = field(default_factory=dict)
    """Id → title of what the brand does without; others may still mention it."""

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
    def front(self) -> tuple[Page, ...]:
        """The pages before the first part, without what a layer took out."""
        pages = self.book.pages
        return tuple(pages[key] for key in self.book.handbook.front if key in pages)

    @cached_property
    def back(self) -> tuple[Page, ...]:
        """The pages behind the last part."""
        pages = self.book.pages
        return tuple(pages[key] for key in self.book.handbook.back if key in pages)

    @cached_property
    def worksheets(self) -> Mapping[str, Worksheet]:
        """The worksheets that an entry of this edition uses, in reading order, and `evaluation`."""
        entries = (entry.worksheet for entry in self.entries.values())
        used = (*entries, *self.book.handbook.evaluation)
        return {key: self.book.worksheets[key] for key in used if key in self.book.worksheets}

    @cached_property
    def instruments(self) -> Mapping[str, Instrument]:
        """The questionnaires of this edition: its tests, and its worksheets with scales."""
        tests = {key: e for key, e in self.entries.items() if isinstance(e, Assessment)}
        sheets = {key: sheet.instrument for key, sheet in self.worksheets.items()}
        return {**tests, **{key: found for key, found in sheets.items() if found is not None}}

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The code of each test and worksheet of this edition, such as TS1 or W04."""
        tests = {key: e.code for key, e in self.entries.items() if isinstance(e, Assessment)}
        return {**tests, **{key: sheet.code for key, sheet in self.worksheets.items()}}

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


def read_handbook(source: Source) -> Handbook:
    """Return the book's name and outline in the source language, the measure of all editions."""
    tree = source.base.tree.children.get("handbook")
    if not isinstance(tree, Branch):
        message, hint = "`handbook.yaml` is missing", "see content/README.md"
        raise ContentError([Problem(source.base.tree.span, "missing", message, hint)])
    try:
        return decode(tree, Handbook)
    except ContentError:
        decode(source.base.tree, Book)  # without an outline, tell at least the whole base's faults
        raise


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
        book = decode(tree, Book)
    except ContentError as error:
        raise ContentError([*problems, *error.problems]) from error
    if profile.language == book.handbook.languages[0]:  # the outline is the same in all
        problems += check_outline(book, tree, source)
        problems += check_removals(source, profile)
    raise_all(problems)
    return Edition(profile, book, len(foreign), _left_out(source, profile))


def content_profile(source: Source, profile: Profile) -> Profile:
    """Return the profile that names the content of `profile`; the brand only if it has words."""
    layer = source.brands.get(profile.brand)
    trees = (layer.tree, *layer.translations.values()) if layer else ()
    return profile if any(tree.children for tree in trees) else replace(profile, brand="")


def merge(source: Source, profile: Profile) -> Branch:
    """Return base, sector and brand as one tree, each in the language of `profile`."""
    tree = source.base.in_language(profile.language)
    for layer in (source.sectors.get(profile.sector), source.brands.get(profile.brand)):
        if layer is not None:
            tree = overlay(tree, layer.in_language(profile.language))
    return tree


def _left_out(source: Source, profile: Profile) -> dict[str, Words]:
    """Return the id and title of each thing that the brand's layer takes out."""
    brand = source.brands.get(profile.brand)
    folders = brand.tree.children.items() if brand else ()
    taken = [
        (folder, key)
        for folder, things in folders
        if isinstance(things, Branch)
        for key, node in things.children.items()
        if isinstance(node, Scalar) and node.value is None
    ]
    below = merge(source, replace(profile, brand="")) if taken else empty_branch("")
    titles = ((key, find(below, (folder, key, "title"))) for folder, key in taken)
    return {
        key: Words(node.raw, node.language, node.span, node.start)
        for key, node in titles
        if isinstance(node, Scalar)
    }


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
