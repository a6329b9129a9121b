"""A company's name in the sentences of each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from handbook.diagnostics import Problem, Span, did_you_mean
from handbook.source.nodes import Branch, find, scalars

NAME = "name"
"""The form that stands alone, on covers; all others are grammatical."""
FORM = "nominative"
"""The form that a text takes when it names none."""
LONGEST = 120
"""Characters of a name or a contact line."""

_MARKUP = re.compile(r"[{}<>\n\t]")


def missing_names(tree: Branch, languages: Iterable[str]) -> Iterator[Problem]:
    """Yield each language in which the company of a theme has no name."""
    for tag in languages:
        if find(tree, ("company", tag, FORM)) is None:
            span = place_of(tree, tag)
            message = f"the company's name is missing in {tag}"
            yield Problem(span, "company", message, f"add `{tag}: {{{FORM}: …}}`")


def place_of(tree: Branch, tag: str) -> Span:
    """Return where the forms of the company's name in a language stand, or should."""
    company = tree.children["company"]
    if isinstance(company, Branch) and tag in company.children:
        return company.key_span(tag)
    return tree.key_span("company")


def check_lines(tree: Branch) -> Iterator[Problem]:
    """Yield each name and contact line of a theme that cannot stand in a line of text."""
    for key in ("company", "contact"):
        for scalar in scalars(tree.children.get(key)):
            text, fault = scalar.raw, ""
            if found := _MARKUP.search(text):
                sign = "a line break" if found[0] == "\n" else f"“{found[0]}”"
                fault, hint = f"holds {sign}", "write words only, in one line"
            elif not text.strip():
                fault, hint = "is empty", "write it, or take the line out"
            elif len(text) > LONGEST:
                fault = f"has {len(text)} characters"
                hint = f"write {LONGEST} at the most; a sheet has no room for more"
            if fault:
                yield Problem(scalar.span, "company", f"a line of `{key}` {fault}", hint)


def check_forms(tree: Branch, forms: Mapping[str, Iterable[str]]) -> Iterator[Problem]:
    """Yield each form of the company's name that its language does not have.

    `forms` maps the tag of a language to its grammatical forms; none means any.
    """
    for tag, known in forms.items():
        node = find(tree, ("company", tag))
        if isinstance(node, Branch) and known:
            for form in node.children.keys() - {NAME, *known}:
                message = f"a name has no form “{form}” in {tag}"
                hint = did_you_mean(form, [NAME, *known])
                yield Problem(node.key_span(form), "company", message, hint)
