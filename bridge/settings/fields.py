"""Walking through raw configuration along the models it is meant for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from bridge.charger.values import Json
from bridge.settings.draft import Place
from bridge.settings.vendor_choice import settings_class

_CONTAINERS = {dict, list, tuple, set, frozenset}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a model or entry of a mapping, and what holds its value, or would."""

    place: Place
    name: str
    holder: dict[str, Json]
    types: tuple[Any, ...]
    """What the field may be, unions and annotations taken apart."""

    @property
    def is_section(self) -> bool:
        """Whether the value must be a mapping, so that nothing at all means an empty one."""
        return type(None) not in self.types and any(_is_model(kind) or get_origin(kind) is dict for kind in self.types)

    @property
    def has_parts(self) -> bool:
        """Whether the value may be a list or a mapping."""
        return any(_is_model(kind) or get_origin(kind) in _CONTAINERS for kind in self.types)


def fields(model: type[BaseModel], holder: dict[str, Json], place: Place = ()) -> Iterator[Field]:
    """Yield every field of the model and of the models inside it, in order.

    A field is yielded before anything below it is looked at, so the caller may change its value in `holder` meanwhile.
    A section that is missing or empty but not optional is put in as `{}`.
    """
    for name, info in model.model_fields.items():
        yield from _field(Field(place=(*place, name), name=name, holder=holder, types=tuple(_types(info.annotation))))


def _field(field: Field) -> Iterator[Field]:
    yield field
    if field.is_section and field.holder.get(field.name) is None:
        field.holder[field.name] = {}
    yield from _below(field.types, field.holder.get(field.name), field.place)


def _below(types: tuple[Any, ...], value: Json, place: Place) -> Iterator[Field]:
    for kind in types:
        origin = get_origin(kind)
        if isinstance(value, dict) and _is_model(kind):
            model = settings_class(kind, value)
            if model is not None:
                yield from fields(model, value, place)
        elif isinstance(value, dict) and origin is dict:
            types_inside = tuple(_types(get_args(kind)[1]))
            for key in value:
                yield from _field(Field(place=(*place, key), name=key, holder=value, types=types_inside))
        elif isinstance(value, list) and origin in {list, tuple}:
            types_inside = tuple(_types(get_args(kind)[0]))
            for index, item in enumerate(value):
                yield from _below(types_inside, item, (*place, str(index)))


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _types(annotation: object) -> Iterator[object]:
    """Yield the members of unions, without their annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _types(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _types(member)
    else:
        yield annotation
