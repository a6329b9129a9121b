"""Markdown to HTML, with the quotes, signs and spaces of each language.

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
from handbook.language.rules import Edit, Rule
from handbook.model.reference import is_outside
from handbook.model.words import OPAQUE, Placeholder, masked, replace_placeholders

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
    silent = [rule for rule in typography.rules if rule.level == "silent"]
    rules = sorted(silent, key=lambda rule: rule.bind)  # spaces bind when all else is in place
    parser.core.ruler.push("typeset", lambda state: _typeset(state, rules))
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


def _alternate_quotes(state: StateCore, quotes: Sequence[str]) -> None:
    for token in state.tokens:
        opened = {'"': False, "'": False}

        def turn(match: re.Match[str], opened: dict[str, bool] = opened) -> str:
            straight = match[0]
            opened[straight] = not opened[straight]
            return quotes[2 * (straight == "'") + (not opened[straight])]

        for child in token.children or ():
            if child.type == "text":
                child.content = _APOSTROPHE.sub("’", child.content)
                child.content = _STRAIGHT.sub(turn, child.content)


_APOSTROPHE = re.compile(r"(?<=[A-Za-z])'(?=[A-Za-z])")
_STRAIGHT = re.compile("[\"']")


def _typeset(state: StateCore, rules: Sequence[Rule]) -> None:
    for token in state.tokens:
        if token.children:
            typeset(token.children, rules)


def typeset(tokens: Sequence[Token], rules: Sequence[Rule]) -> None:
    """Apply `rules` to the text of inline `tokens`, as if no mark-up stood within it."""
    text = _text_of(tokens)
    for rule in rules:
        if rule.pattern.search(text):  # seldom, and quickly told
            edits = [edit for match in rule.matches(text) for edit in rule.edits(match)]
            for edit in reversed(edits):
                _replace(tokens, edit)
            text = _text_of(tokens)


def _text_of(tokens: Sequence[Token]) -> str:
    return masked("".join(_seen(tokens)))


def _seen(tokens: Sequence[Token]) -> list[str]:
    """Return what the rules see: texts as they are, all else that is printed as one mark."""
    following = [token.type for token in tokens[1:]]
    return [
        token.content if token.type == "text" else OPAQUE * _is_printed(token.type, after)
        for token, after in zip(tokens, [*following, ""], strict=True)
    ]


def _is_printed(token: str, following: str) -> bool:
    if token == "link_open":
        return following == "link_close"  # takes the title of its target
    return not token.endswith(("_open", "_close"))


def _replace(tokens: Sequence[Token], edit: Edit) -> None:
    """Make one change; what is new stands in the text in which the change begins."""
    end, new = 0, edit.text
    for token, seen in zip(tokens, _seen(tokens), strict=True):
        start, end = end, end + len(seen)
        touched = start < edit.end and edit.start < end
        if token.type == "text" and (touched or start <= edit.start == edit.end <= end):
            first, last = max(edit.start - start, 0), min(edit.end, end) - start
            token.content = token.content[:first] + new + token.content[last:]
            new = ""


_OPTIONS = MarkdownIt("js-default").options
