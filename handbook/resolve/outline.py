"""Whether the outline in `handbook.yaml` and what there is agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from handbook.diagnostics import Problem, Span, did_you_mean
from handbook.model.book import Book
from handbook.model.profile import Profile
from handbook.source.nodes import Branch, Node, Scalar, Series, descend
from handbook.source.project import Source


def _check_sectors(tree: Branch, source: Source) -> Iterator[Problem]:
    sectors = descend(tree, ("handbook", "sectors"))
    assert isinstance(sectors, Series)
    for node in sectors.children[1:]:
        if isinstance(node, Scalar) and node.raw not in source.sectors:
            message = f"there is no folder {source.base.folder}/sectors/{node.raw}"
            hint = did_you_mean(node.raw, source.sectors)
            yield Problem(node.span, "outline", message, hint)


def check_removals(source: Source, profile: Profile) -> Iterator[Problem]:
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


def check_outline(book: Book, tree: Branch, source: Source) -> Iterator[Problem]:
    """Yield what the outline names and there is not, or names twice, or does not name."""
    yield from _check_sectors(tree, source)
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
