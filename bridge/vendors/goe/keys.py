"""The vendor's own keys beyond the normalised properties: one row each.

Sources: go-eCharger-API-v2, README (2021) and apikeys-en.md. Values stay in the vendor's units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bridge.charger.binding import Binding
from bridge.charger.document import Document, boolean, optional_integer, optional_number, text
from bridge.charger.property import Bounds, Property, vendor_key
from bridge.charger.values import BOOLEAN, INTEGER, NUMBER, TEXT, Value, ValueType
from bridge.vendors.goe.api import set_key

Kind = Literal["bool", "int", "number", "text"]

_TYPES: dict[Kind, ValueType[Any]] = {"bool": BOOLEAN, "int": INTEGER, "number": NUMBER, "text": TEXT}
_READERS: dict[Kind, Callable[[Any], Value]] = {
    "bool": lambda value: None if value is None else boolean(value),
    "int": optional_integer,
    "number": optional_number,
    "text": lambda value: None if value is None else text(value),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the charger; `bounds` are those of a settable whole number, `usual` keys are read by default."""

    key: str
    name: str
    kind: Kind
    unit: str | None = None
    settable: bool = False
    bounds: tuple[int, int] | None = None
    usual: bool = False
    static: bool = False
    """Hardly ever changes."""


KEYS = (
    Key("modelStatus", "Why the charger charges or not", "int", usual=True),
    Key("acs", "Access control (0 open, 1 wait, 2 EVCMS)", "int", settable=True, bounds=(0, 2), usual=True),
    Key(
        "ust", "Cable unlock (0 normal, 1 automatic, 2 always locked)", "int", settable=True, bounds=(0, 2), usual=True
    ),
    Key("fna", "Friendly name", "text", settable=True, usual=True),
    Key("ama", "Installation limit", "int", "A", settable=True, bounds=(6, 32)),
    Key("mca", "Lowest charging current", "int", "A", settable=True, bounds=(6, 32)),
    Key("nmo", "Norway mode", "bool", settable=True),
    Key("upo", "Unlock on power outage", "bool", settable=True),
    Key("lse", "LED energy saving", "bool", settable=True),
    Key("adi", "16 A adapter", "bool"),
    Key("fsp", "Single phase forced", "bool"),
    Key("trx", "Transaction (0 without card, else card + 1)", "int"),
    Key("lck", "Effective lock setting", "int"),
    Key("pnp", "Number of phases", "int"),
    Key("tpa", "Average power of 30 s", "number", "W"),
    Key("amt", "Temperature limit", "int", "A"),
    Key("wst", "Wi-Fi state", "int"),
    Key("rbc", "Restarts", "int"),
    Key("rbt", "Time since start", "number", "ms"),
    Key("var", "Rating", "int", "kW", static=True),
    Key("mod", "Board version", "int", static=True),
)

BY_NAME = {row.key: row for row in KEYS}


def chosen(wanted: Literal["all"] | tuple[str, ...] | None) -> tuple[Key, ...]:
    """Return the rows that a configuration asks for; without a word the usual ones."""
    if wanted == "all":
        return KEYS
    return tuple(row for row in KEYS if (row.usual if wanted is None else row.key in wanted))


def bindings(rows: tuple[Key, ...]) -> tuple[Binding[Any], ...]:
    """Return the bindings of these keys."""
    return tuple(_binding(row) for row in rows)


def _binding(row: Key) -> Binding[Any]:
    bounds = None if row.bounds is None else Bounds(minimum=row.bounds[0], maximum=row.bounds[1], step=1)
    property_: Property[Any] = Property(
        key=vendor_key(row.key),
        name=row.name,
        type=_TYPES[row.kind],
        unit=row.unit,
        category="config" if row.settable else "diagnostic",
        settable=row.settable,
        bounds=bounds,
        vendor=True,
    )

    def read(document: Document) -> Value:
        return _READERS[row.kind](document[row.key])

    return Binding(
        property=property_,
        read=read,
        write=(lambda value, _: set_key(row.key, value)) if row.settable else None,
        supported=lambda document: row.key in document,
    )
