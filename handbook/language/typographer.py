"""Markdown to HTML, with the quotes and no-break spaces of each language.

A text is parsed once for each language and kept; what depends on the edition (links, placeholders)
is put in while the tokens are printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from handbook.language.language import Typography
from handbook.model.reference import is_outside
from handbook.model.words import Placeholder, replace_placeholders

NO_BREAK_SPACE = "\u00a0"

Link = tuple[str, str]
"""Address (empty: not to be reached from here) and title of a link's target."""


@lru_cache(maxsize=100_000)
def parse(text: str, typography: Typography) -> tuple[Token, ...]:
    """Return the block tokens of a Markdown text."""
    return tuple(_parser(typography).parse(text))


@lru_cache(maxsize=100_000)
def parse_inline(text: str, typography: Typography) -> tuple[Token, ...]:
    """Return the tokens of a text without blocks."""
    return tuple(_parser(typography).parseInline(text))


def render(
    tokens: Sequence[Token],
    links: Mapping[str, Link],
    value: Callable[[Placeholder], str],
    heading: int = 2,
) -> str:
    """Return the HTML of `tokens`.

    `links` gives address and title for each link's target as written; `value` what a placeholder
    stands for; `heading` is the level that a text's own `##` takes.
    """
    environment = {"links": links, "value": value, "heading": heading}
    return str(_renderer().render(tokens, _OPTIONS, environment))


def plain(
    text: str,
    typography: Typography,
    links: Mapping[str, Link],
    value: Callable[[Placeholder], str],
) -> str:
    """Return a text without its Markdown, for titles, attributes and PDF bookmarks."""
    parts: list[str] = []
    children = [child for token in parse_inline(text, typography) for child in token.children or ()]
    for child, following in zip(children, [*children[1:], None], strict=True):
        if child.type in ("text", "code_inline"):
            parts.append(replace_placeholders(child.content, value))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "link_open" and following and following.type == "link_close":
            _, title = links.get(str(child.attrGet("href") or ""), ("", ""))
            parts.append(title)  # an empty link takes the title of its target
    return "".join(parts)


class _Renderer(RendererHTML):
    """markdown-it's own printing, but for links, placeholders and heading levels."""

    def text(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return escape(replace_placeholders(tokens[index].content, env["value"]), quote=False)

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        target = str(tokens[index].attrGet("href") or "")
        address, title = _link(target, env)
        opening = f'<a href="{escape(address)}">' if address else '<span class="reference">'
        empty = tokens[index + 1].type == "link_close"
        return opening + (escape(title, quote=False) if empty else "")

    def link_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        opened = next(t for t in reversed(tokens[:index]) if t.type == "link_open")
        target = str(opened.attrGet("href") or "")
        address, _ = _link(target, env)
        return "</a>" if address else "</span>"

    def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"<{_heading(tokens[index], env)}>"

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return f"</{_heading(tokens[index], env)}>\n"

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>\n"


def _link(target: str, env: Mapping[str, Any]) -> Link:
    """Return where a link leads; what the page does not know leads nowhere within the book."""
    address = target if is_outside(target) else ""
    link: Link = env["links"].get(target, (address, ""))
    return link


@cache
def _renderer() -> _Renderer:
    return _Renderer()  # holds no state, and is slow to set up


def _heading(token: Token, env: MutableMapping[str, Any]) -> str:
    return f"h{min(max(int(token.tag[1]), 2) - 2 + int(env['heading']), 6)}"


@cache
def _parser(typography: Typography) -> MarkdownIt:
    quotes = list(typography.quotes)
    parser = MarkdownIt("js-default", {"typographer": True, "quotes": quotes})
    # Pictures belong to the theme; a link's target must stand where the checks see it.
    parser.disable(["replacements", "image", "reference", "autolink"])
    parser.inline.ruler.before("link", "foreign", _foreign)
    if not typography.spaced:
        # Without spaces between words nothing tells an opening from a closing mark but the order.
        parser.disable("smartquotes")
        parser.core.ruler.push("quotes", lambda state: _alternate_quotes(state, quotes))
    patterns = [re.compile(pattern) for pattern in (*_NO_BREAK, *typography.no_break)]
    parser.core.ruler.push("no_break", lambda state: _bind(state, patterns))
    return parser


_LANGUAGE = re.compile(r"\{lang=([a-z]{2,3}(?:-[A-Za-z]{2,4})*)\}")


def _foreign(state: StateInline, silent: bool) -> bool:
    """Take `[words]{lang=en}`: words of another language than the text around them."""
    if state.src[state.pos] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    match = _LANGUAGE.match(state.src, end + 1) if end >= 0 else None
    if match is None:
        return False
    if not silent:
        start, limit = state.pos + 1, state.posMax
        state.push("foreign_open", "span", 1).attrSet("lang", match[1])
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.posMax = limit
        state.push("foreign_close", "span", -1)
    state.pos = match.end()
    return True


_NO_BREAK = (
    r"\d (?=[%‰°€$₽])",  # a number and its sign
    r"(?<=[\d}]) (?=\d{3}\b)",  # groups of three, where somebody typed them
)


def _bind(state: StateCore, patterns: Sequence[re.Pattern[str]]) -> None:
    for child in _texts(state):
        for pattern in patterns:
            child.content = pattern.sub(
                lambda match: match[0].replace(" ", NO_BREAK_SPACE), child.content
            )
        child.content = child.content.replace("...", "…")


def _alternate_quotes(state: StateCore, quotes: Sequence[str]) -> None:
    for token in state.tokens:
        opening = True
        for child in token.children or ():
            while child.type == "text" and '"' in child.content:
                child.content = child.content.replace('"', quotes[0 if opening else 1], 1)
                opening = not opening


def _texts(state: StateCore) -> list[Token]:
    return [
        child for token in state.tokens for child in token.children or () if child.type == "text"
    ]


_OPTIONS = MarkdownIt("js-default").options
