"""Bindings for the vendor's own keys, and which of them a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from bridge.charger.binding import Binding, Request
from bridge.charger.document import Document, boolean, integer, number, optional_integer, optional_number, text
from bridge.charger.property import Bounds, Property, vendor_key
from bridge.charger.values import BOOLEAN, INTEGER, JSON, NUMBER, TEXT, TIMESTAMP, Json, Value, ValueType, is_finite
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import schedules, sources, writes
from bridge.vendors.wallbox.key_table import KEYS, Key, Kind
from bridge.vendors.wallbox.reading import Part
from bridge.vendors.wallbox.sources import charger_id, moment

BY_NAME = {row.key: row for row in KEYS}

_TYPES: dict[Kind, ValueType[Any]] = {
    "bool": BOOLEAN,
    "int": INTEGER,
    "number": NUMBER,
    "text": TEXT,
    "label": TEXT,
    "time": TIMESTAMP,
    "json": JSON,
}


def _label(value: Json) -> Value:
    if value is None or isinstance(value, str):
        return value
    return str(integer(value))


def _list_or_object(value: Json) -> Value:
    if value is not None and not isinstance(value, list | dict):
        raise TypeError(f"{type(value).__name__} where a list or an object was expected")
    if not is_finite(value):
        raise ValueError("a number that is not finite")
    return value


_READERS: dict[Kind, Callable[[Json], Value]] = {
    "bool": lambda value: None if value is None else boolean(value),
    "int": optional_integer,
    "number": optional_number,
    "text": lambda value: None if value is None else text(value),
    "label": _label,
    "time": moment,
    "json": _list_or_object,
}


def chosen(wanted: Literal["all"] | tuple[str, ...] | None) -> tuple[Key, ...]:
    """Return the rows that a configuration asks for; without a word the usual ones."""
    if wanted == "all":
        return KEYS
    return tuple(row for row in KEYS if (row.usual if wanted is None else row.key in wanted))


def parts_needed(rows: Sequence[Key]) -> frozenset[Part]:
    """Return the parts that these keys need beyond `groups` and `status`, which are read in any case."""
    always = {"groups", "status"}
    found = ({place.partition(".")[0] for place in row.field.places} for row in rows)
    return frozenset(Part(part) for parts in found if not parts & always for part in parts)


def bindings(rows: Sequence[Key]) -> tuple[Binding[Any], ...]:
    """Return the bindings of these keys."""
    return tuple(_SPECIAL[row.key](row) if row.key in _SPECIAL else _reading(row) for row in rows)


def _property(
    row: Key, *, type_: ValueType[Any] | None = None, settable: bool = False, bounds: tuple[int, int] | None = None
) -> Property[Any]:
    return Property(
        key=vendor_key(row.key),
        name=row.name,
        type=type_ or _TYPES[row.kind],
        unit=row.unit,
        category="config" if settable else "diagnostic",
        settable=settable,
        bounds=None if bounds is None else Bounds(minimum=bounds[0], maximum=bounds[1], step=1),
        vendor=True,
    )


def _read(row: Key) -> Callable[[Document], Value]:
    return lambda document: _READERS[row.kind](row.field.newest(document))


def _reading(row: Key) -> Binding[Any]:
    return Binding(property=_property(row), read=_read(row), supported=row.field.present)


# Those that can be set


def _name(row: Key) -> Binding[Any]:
    def empty(name: str, _: Document) -> str | None:
        if not name.strip():
            raise CommandRejectedError(Code.INVALID_VALUE, "a charger's name needs at least one character")
        return None

    return Binding(
        property=_property(row, settable=True),
        read=_read(row),
        write=lambda name, document: writes.set_name(charger_id(document), name),
        forbidden=empty,
        supported=row.field.present,
    )


def _percentage(row: Key) -> Binding[Any]:
    def write(percent: int, document: Document) -> Request:
        return writes.set_eco_smart(
            charger_id(document),
            enabled=boolean(sources.ECO_SMART_ENABLED.newest(document)),
            mode=integer(sources.ECO_SMART_MODE.newest(document)),
            percentage=percent,
        )

    return Binding(
        property=_property(row, settable=True, bounds=(0, 100)),
        read=_read(row),
        write=write,
        supported=row.field.filled,
    )


def _currency(row: Key) -> Binding[Any]:
    def write(currency: int, document: Document) -> Request:
        # The document knows the currency only beside a price.
        price = number(sources.PRICE.newest(document))
        return writes.set_energy_price_and_currency(charger_id(document), price, currency)

    return Binding(
        property=_property(row, settable=True, bounds=(1, 999)),
        read=_read(row),
        write=write,
        supported=row.field.filled,
    )


def _schedules(row: Key) -> Binding[Any]:
    return Binding(
        property=_property(row, type_=schedules.SCHEDULES, settable=True),
        read=schedules.read,
        write=schedules.write,
        supported=row.field.filled,
    )


_SPECIAL: dict[str, Callable[[Key], Binding[Any]]] = {
    "name": _name,
    "ecosmart_percentage": _percentage,
    "currency_id": _currency,
    "schedules": _schedules,
}
