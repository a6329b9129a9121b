"""Read a folder of YAML and Markdown files as one tree.

1. A folder and a file are mappings like any other: `a/b.yaml` and the key `b` in `a.yaml` are one.
2. A Markdown file is a mapping whose `body` is the text below its front matter.
3. Every file is read, whatever is wrong with others; all problems are reported together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from handbook.diagnostics import ContentError, Problem, Span
from handbook.source.files import read_bytes, read_text, relative, span_at
from handbook.source.nodes import Branch, Node, Scalar
from handbook.source.yaml import read_yaml

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_tree(
    root: Path, folder: Path, language: str, skip: frozenset[str] = frozenset()
) -> tuple[Branch, list[Problem]]:
    """Return the tree below `folder` and what is wrong in it.

    `skip` names files and folders of the first level that are no content. Names that begin with
    `.` or `_` and `README.md` are never content.
    """
    problems: list[Problem] = []
    tree = _read_folder(root, folder, language, skip, problems)
    return tree, problems


def _read_folder(
    root: Path, folder: Path, language: str, skip: frozenset[str], problems: list[Problem]
) -> Branch:
    branch = Branch({}, Span(relative(root, folder)))
    for path in _listing(folder):
        if path.name in skip:
            continue
        try:
            if path.is_symlink():
                read_bytes(root, path)  # refuses it
            if path.is_dir():
                child = _read_folder(root, path, language, frozenset(), problems)
                name = path.name
            else:
                child = _read_file(root, path, language)
                name = path.stem
            if not _NAME.fullmatch(name):
                message = f"“{name}” cannot be an id"
                hint = "use small letters a–z, digits and hyphens"
                problems.append(Problem(child.span, "file-name", message, hint))
                continue
            branch = _join(branch, name, child, child.span, problems)
        except ContentError as error:
            problems.extend(error.problems)
    return branch


def _listing(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name[0] not in "._" and path.name != "README.md":
                yield path


def _read_file(root: Path, path: Path, language: str) -> Branch:
    name = relative(root, path)
    match path.suffix:
        case ".yaml" | ".yml":
            return read_yaml(read_text(root, path), name, language)
        case ".md":
            return _read_markdown(read_text(root, path), name, language)
        case _:
            hint = "content is .md and .yaml; pictures belong to the theme"
            message = "a file of this kind is not read"
            raise ContentError([Problem(Span(name), "file-kind", message, hint)])


def _read_markdown(text: str, name: str, language: str) -> Branch:
    if not text.startswith("---\n"):
        message, hint = "the front matter is missing", "begin with a line `---`"
        raise ContentError([Problem(Span(name), "front-matter", message, hint)])
    parts = front_matter(text)
    if parts is None:
        message, hint = "the front matter does not end", "close it with a line `---`"
        raise ContentError([Problem(Span(name), "front-matter", message, hint)])
    head, body = (text[part] for part in parts)
    branch = Branch({}, Span(name))
    if head.strip():
        branch = read_yaml(head, name, language, first_line=2)
    if not body:
        return branch
    span = span_at(name, text, parts[1].start)
    if "body" in branch.children:
        message, hint = "the text stands twice", "delete `body:` or the text below the front matter"
        raise ContentError([Problem(branch.key_span("body"), "duplicate-key", message, hint)])
    children = {**branch.children, "body": Scalar(body, body, span, language, span)}
    return Branch(children, branch.span, {**branch.keys, "body": span})


def front_matter(text: str) -> tuple[slice, slice] | None:
    """Return where the front matter and the body of a Markdown file stand in its text."""
    end = re.compile(r"^---[ ]*$", re.MULTILINE).search(text, 4)
    if end is None:
        return None
    start, stop = end.end(), len(text)
    if text[start:].strip():
        start += len(text[start:]) - len(text[start:].lstrip("\n"))
        stop = len(text.rstrip("\n"))
    else:
        stop = start
    return slice(4, end.start()), slice(start, stop)


def _join(branch: Branch, name: str, child: Node, span: Span, problems: list[Problem]) -> Branch:
    """Return `branch` with `child` under `name`; two files may share a mapping but not a value.

    `span` is where the name stands.
    """
    present = branch.children.get(name)
    if isinstance(present, Branch) and isinstance(child, Branch):
        joined = present
        for key, node in child.children.items():
            joined = _join(joined, key, node, child.key_span(key), problems)
        child = joined
    elif present is not None:
        hint = f"it stands already at {branch.key_span(name)}; keep one"
        problems.append(Problem(span, "duplicate-key", f"“{name}” is there twice", hint))
    return Branch({**branch.children, name: child}, branch.span, {**branch.keys, name: span})
