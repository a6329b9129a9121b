"""Cross-references, as authors write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"(?P<id>[a-z0-9-]+)(?:#(?P<item>[a-z0-9-]+))?(?P<elsewhere>(?:@[A-Za-z0-9-]+)*)"
)
_OUTSIDE = re.compile(r"(https?://|mailto:|tel:).+")


@dataclass(frozen=True, slots=True)
class Reference:
    """`id#item@elsewhere`: an entry, chapter or term; maybe in another document or edition."""

    id: str
    item: str = ""
    elsewhere: tuple[str, ...] = ()
    """Ids of a document, a sector, a language."""


def is_outside(target: str) -> bool:
    """Tell whether a link leads out of the handbook, by a scheme that is safe to print."""
    return bool(_OUTSIDE.fullmatch(target))


def parse_reference(target: str) -> Reference | None:
    """Return the reference that a link's `target` spells, or None when it spells none."""
    match = _REFERENCE.fullmatch(target)
    if match is None:
        return None
    elsewhere = tuple(filter(None, match["elsewhere"].split("@")))
    return Reference(match["id"], match["item"] or "", elsewhere)
