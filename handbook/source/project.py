"""Read a whole project: the base, the sectors, the brands, and each of them in every language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean
from handbook.source.files import read_text, relative
from handbook.source.nodes import Branch, Scalar, Series, overlay, scalars
from handbook.source.tree import read_tree
from handbook.source.yaml import read_yaml

CONTENT = "content"
LOCALES = "locales"
THEMES = "themes"
_NOT_CONTENT = frozenset(
    {"sectors", "LC_MESSAGES", "language.yaml", "typography.yaml", "cldr.yaml", "STYLE.md"}
)


@dataclass(frozen=True)
class Layer:
    """A tree of content in the source language, and the same places in other languages."""

    folder: str
    """Where it stands in the project."""
    tree: Branch
    translations: Mapping[str, Branch]
    """Language tag → the tree of its words."""

    def in_language(self, language: str) -> Branch:
        """Return the tree with the words of `language`, where there are any."""
        return self._translated.get(language, self.tree)

    @cached_property
    def _translated(self) -> Mapping[str, Branch]:
        return {tag: overlay(self.tree, words) for tag, words in self.translations.items()}


@dataclass(frozen=True, slots=True)
class Source:
    """All content of a project, parsed."""

    base: Layer
    sectors: Mapping[str, Layer]
    brands: Mapping[str, Layer]

    def texts(self, language: str) -> Iterator[str]:
        """Yield everything that is written in `language`, or in the source language for it."""
        for layer in (self.base, *self.sectors.values(), *self.brands.values()):
            for scalar in scalars(layer.translations.get(language, layer.tree)):
                yield scalar.raw


def read_project(root: Path) -> Source:
    """Return the content of the project in the folder `root`.

    Raises `ContentError` with everything that is wrong in any file.
    """
    problems: list[Problem] = []
    source_language = _source_language(root)
    tags = [path.name for path in _folders(root / LOCALES) if path.name != source_language]

    def layer(content: Path, words: Mapping[str, Path]) -> Layer:
        tree, found = read_tree(root, content, source_language, _NOT_CONTENT)
        problems.extend(found)
        translations = {}
        for tag, folder in words.items():
            translations[tag], found = read_tree(root, folder, tag, _NOT_CONTENT)
            problems.extend(found)
        return Layer(content.relative_to(root).as_posix(), tree, translations)

    locales = root / LOCALES
    problems.extend(_strays(root, tags))
    base = layer(root / CONTENT, {tag: locales / tag for tag in tags})
    sectors = {
        folder.name: layer(folder, {tag: locales / tag / "sectors" / folder.name for tag in tags})
        for folder in _folders(root / CONTENT / "sectors")
    }
    brands = {
        folder.name: layer(folder / "content", {tag: folder / "locales" / tag for tag in tags})
        for folder in _folders(root / THEMES)
    }
    if problems:
        raise ContentError(problems)
    return Source(base, sectors, brands)


def _strays(root: Path, tags: list[str]) -> Iterator[Problem]:
    """Yield every folder of translations that belongs to nothing and would never be read."""
    sectors = [folder.name for folder in _folders(root / CONTENT / "sectors")]
    for tag in tags:
        for folder in _folders(root / LOCALES / tag / "sectors"):
            if folder.name not in sectors:
                message = f"there is no sector “{folder.name}” in {CONTENT}/sectors"
                hint = did_you_mean(folder.name, sectors)
                yield Problem(Span(relative(root, folder)), "stray-folder", message, hint)
    for brand in _folders(root / THEMES):
        for folder in _folders(brand / LOCALES):
            if folder.name not in tags:
                message = f"there is no language “{folder.name}” in {LOCALES}"
                hint = did_you_mean(folder.name, tags)
                yield Problem(Span(relative(root, folder)), "stray-folder", message, hint)


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if path.is_dir() and path.name[0] not in "._")


def _source_language(root: Path) -> str:
    path = root / CONTENT / "handbook.yaml"
    if not path.is_file():
        message = "there is no handbook here"
        hint = "run this in the folder that holds content/, locales/ and themes/"
        raise ContentError([Problem(Span(f"{CONTENT}/handbook.yaml"), "project", message, hint)])
    try:
        tree = read_yaml(read_text(root, path), f"{CONTENT}/handbook.yaml", "und")
    except ContentError:
        return "und"  # the reader of all content finds the same and tells it with the rest
    languages = tree.children.get("languages")
    if isinstance(languages, Series) and languages.children:
        first = languages.children[0]
        if isinstance(first, Scalar):
            return first.raw
    message = "`languages` is missing"
    hint = "write `languages: [en, …]`, the source language first"
    raise ContentError([Problem(tree.span, "missing", message, hint)])
