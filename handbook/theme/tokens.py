"""Design tokens: what a company's design system says of its brand.

Reads the W3C community group's format (Design Tokens Format and Color Modules 2025.10): groups
with inherited `$type` and `$extends`, `$root`, aliases `{a.b}` and `$ref`, colours, dimensions,
font families. JSON is YAML, so the guarded reader of YAML serves, with places and limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from handbook.diagnostics import ContentError, Problem, Span, did_you_mean
from handbook.source.files import read_text
from handbook.source.nodes import Branch, Node, Scalar, Series, find
from handbook.source.yaml import read_yaml
from handbook.theme.colours import is_colour

WORDS = {
    "primary": ("primary", "brand", "main"),
    "accent": ("accent", "secondary", "highlight"),
}
"""What design systems call the two colours, the likeliest name first."""
_UNTOLD = ("default", "base", "root", "500", "600", "color", "colour")
"""Last parts of a name that tell nothing: `primary.default` is the primary colour."""
_SPACES = {
    **{name: (name, 1.0, 1.0) for name in ("srgb", "srgb-linear", "display-p3", "a98-rgb")},
    **{name: (name, 1.0, 1.0) for name in ("prophoto-rgb", "rec2020", "xyz-d65", "xyz-d50")},
    **{name: (name, 1.0, 1.0) for name in ("lab", "lch", "oklab", "oklch")},
    "hsl": ("hsl", 100.0, 100.0),
    "hwb": ("hwb", 100.0, 100.0),
}
"""The Color Module's spaces → the library's, and what its second and third component divide by."""
_MAXIMUM_CHAIN = 40
_MAXIMUM_GROUPS = 20_000
"""Groups and tokens, those that are extended each time."""
_ALIAS = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Token:
    """One token with its type, its value still to be looked up."""

    path: str
    kind: str
    value: Node
    span: Span


@dataclass
class Tokens:
    """The tokens of one file by their paths (`color.brand.primary`)."""

    file: str
    found: Mapping[str, Token]
    problems: list[Problem] = field(default_factory=list)

    def colours(self) -> dict[str, tuple[str, Span]]:
        """Return each colour as `#rrggbb` with its place.

        Raises `ContentError` with every token that cannot be read.
        """
        read: dict[str, tuple[str, Span]] = {}
        for token in self.found.values():
            try:
                target = self._resolved(token)
                if target.kind == "color":
                    read[token.path] = (_colour(target), token.span)
            except ContentError as error:
                self.problems.extend(error.problems)
        if self.problems:
            raise ContentError(self.problems)
        return read

    def _resolved(self, token: Token) -> Token:
        """Return the token at the end of the aliases, with the type that was told on the way."""
        seen = [token.path]
        kind = token.kind
        while target := _target(token.value):
            if target in seen or len(seen) > _MAXIMUM_CHAIN:
                chain = " → ".join((*seen, target)[:8])
                raise _wrong(token.span, f"the tokens refer to each other in a circle: {chain}")
            if target not in self.found:
                hint = did_you_mean(target, self.found)
                raise _wrong(token.span, f"there is no token “{target}”", hint)
            seen.append(target)
            token = self.found[target]
            kind = kind or token.kind
        return Token(token.path, kind, token.value, token.span)


def read_tokens(path: Path) -> Tokens:
    """Return the tokens of a file; raises `ContentError` with the place of what is wrong."""
    folder = path.resolve().parent
    tree = read_yaml(read_text(folder, path.resolve()), path.name, "und")
    found = _tokens(tree, tree, (), "", (), iter(range(_MAXIMUM_GROUPS)))
    return Tokens(path.name, {token.path: token for token in found})


def choose(
    colours: Mapping[str, tuple[str, Span]], name: str, asked: str = ""
) -> tuple[str, Span] | None:
    """Return the colour that is a brand's `name` (`primary` or `accent`), None when none says so.

    `asked` is the path of a token, if somebody named one; then `KeyError` where there is none.
    """
    if asked:
        return colours[asked]
    for word in WORDS[name]:
        for path, colour in colours.items():
            parts = [part for part in path.lower().split(".") if part not in _UNTOLD]
            if parts and parts[-1] == word:
                return colour
    return None


def _tokens(
    root: Branch,
    group: Branch,
    path: tuple[str, ...],
    kind: str,
    extended: tuple[str, ...],
    left: Iterator[int],
) -> Iterator[Token]:
    """Yield the tokens of a group; `extended` names the groups on the way through `$extends`.

    `left` has a member for each group that may still be looked at.
    """
    if next(left, None) is None:
        raise _wrong(group.span, f"there are more than {_MAXIMUM_GROUPS:,} groups, as extended")
    kind = _text(group, "$type") or kind
    if base := _target_of(_text(group, "$extends")):
        if base in extended:
            span = group.key_span("$extends")
            raise _wrong(span, f"the groups extend each other in a circle: {base}")
        below = find(root, base.split("."))
        if not isinstance(below, Branch):
            raise _wrong(group.key_span("$extends"), f"there is no group “{base}”")
        yield from _tokens(root, below, path, kind, (*extended, base), left)
    for key, node in group.children.items():
        if key == "$root" or not key.startswith("$"):
            if not isinstance(node, Branch):
                raise _wrong(group.key_span(key), f"“{key}” is neither a group nor a token")
            here = path if key == "$root" else (*path, key)
            value = node.children.get("$value", node.children.get("$ref"))
            if value is not None:
                own = _text(node, "$type") or kind
                yield Token(".".join(here), own, value, node.span)
            else:
                yield from _tokens(root, node, here, kind, extended, left)


def _text(branch: Branch, key: str) -> str:
    node = branch.children.get(key)
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def _target(value: Node) -> str:
    """Return the path of the token that a value refers to; empty for a value of its own."""
    return _target_of(value.raw) if isinstance(value, Scalar) else ""


def _target_of(text: str) -> str:
    """Return the path in `{a.b}` or in the pointer `#/a/b`; empty for anything else."""
    if found := _ALIAS.fullmatch(text.strip()):
        return found[1]
    if text.startswith("#/"):
        parts = text[2:].removesuffix("/$value").split("/")
        return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)
    return ""


def _colour(token: Token) -> str:
    """Return a colour token's value as `#rrggbb`."""
    value = token.value
    if isinstance(value, Scalar):  # what the format was before it had spaces
        if is_colour(value.raw):
            return value.raw.lower()
        raise _wrong(token.span, f"{token.path}: “{value.raw[:40]}” is not a colour")
    if not isinstance(value, Branch):
        raise _wrong(token.span, f"{token.path}: a colour is an object or a name in braces")
    alpha = value.children.get("alpha")
    if isinstance(alpha, Scalar) and alpha.value != 1:
        message = f"{token.path}: the colour is transparent"
        raise _wrong(token.span, message, "a brand's colours cover what is below them")
    from coloraide import Color

    name = _text(value, "colorSpace")
    if name not in _SPACES:
        message = f"{token.path}: there is no colour space “{name[:40]}”"
        raise _wrong(token.span, message, did_you_mean(name, _SPACES))
    space, second, third = _SPACES[name]
    first, *rest = _components(token, value.children.get("components"))
    coordinates = [first, rest[0] / second, rest[1] / third]
    colour = Color(space, coordinates).convert("srgb")
    given = _text(value, "hex")
    if not colour.in_gamut(tolerance=0.002) and is_colour(given):
        return given.lower()
    return str(colour.fit(method="oklch-chroma").to_string(hex=True))


def _components(token: Token, node: Node | None) -> list[float]:
    values = node.children if isinstance(node, Series) else ()
    numbers = [
        0.0 if scalar.raw == "none" else scalar.value
        for scalar in values
        if isinstance(scalar, Scalar)
    ]
    plain = [float(n) for n in numbers if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(values) != 3 or len(plain) != 3 or any(abs(n) > 1000 for n in plain):
        message = f"{token.path}: `components` must be three numbers"
        raise _wrong(token.span, message, 'such as [0.1, 0.2, 0.3]; "none" stands for zero')
    return plain


def _wrong(span: Span, message: str, hint: str = "") -> ContentError:
    return ContentError([Problem(span, "tokens", message, hint)])
