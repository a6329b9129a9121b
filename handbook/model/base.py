"""What all models share: frozen, nothing unknown allowed, things that know their own id."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError


class Model(BaseModel):
    """A value read from content; never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""Name of a thing in all languages: small ASCII letters, digits and hyphens."""


def _check_code(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,3}[0-9]{1,2}", text):
        message = "“{text}” is not a sheet’s code, such as W05"
        raise PydanticCustomError("code", message, {"text": text})
    return text


Code = Annotated[str, AfterValidator(_check_code)]
"""Mark of a sheet, the same in all languages: trainers say “take W05”."""


class Keyed(Model):
    """Something that stands under its id in a mapping."""

    id: str = ""
    """Filled in from the key; never written in a file."""


K = TypeVar("K", bound=Keyed)


def _give_ids(things: dict[str, K]) -> dict[str, K]:
    return {key: thing.model_copy(update={"id": key}) for key, thing in things.items()}


Table = Annotated[dict[Id, K], AfterValidator(_give_ids)]
"""A mapping of ids to things that then know their id; keeps the order of the file."""
