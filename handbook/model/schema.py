"""The shape of the models, for those who walk a tree of nodes beside its types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from handbook.model.words import Words


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one place of the content."""

    kind: Literal["words", "fields", "values", "items", "value"]
    words: type[Words] = Words
    """For `words`: which kind of words."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """For `fields`: the type of each key."""
    inner: Any = None
    """For `values` (a mapping of ids) and `items` (a list): the type of each member."""
    kinds: bool = False
    """For `fields`: whether they are those of several models, told apart by `kind`."""


@cache
def shape_of(annotation: Any) -> Shape:
    """Return the shape that the type `annotation` describes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(arguments[0])
    if origin in (Union, UnionType):
        members = [member for member in arguments if member is not NoneType]
        if len(members) == 1:
            return shape_of(members[0])
        shapes = [shape_of(member) for member in members]
        if all(shape.kind == "fields" for shape in shapes):
            fields = {key: inner for shape in shapes for key, inner in shape.fields.items()}
            return Shape("fields", fields=fields, kinds=True)
        return Shape("value")
    if origin is dict:
        return Shape("values", inner=arguments[1])
    if origin is tuple:
        return Shape("items", inner=arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, Words):
        return Shape("words", words=annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {
            info.alias or name: info.annotation
            for name, info in annotation.model_fields.items()
            if name != "id"
        }
        return Shape("fields", fields=fields)
    return Shape("value")
