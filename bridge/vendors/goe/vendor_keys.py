"""The vendor's own keys as properties: from a row of the table to a binding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from bridge.charger.binding import Binding, Request
from bridge.charger.document import Document
from bridge.charger.nullable import Nullable
from bridge.charger.property import Bounds, Property, vendor_key
from bridge.charger.values import NOTHING, Nothing, Value
from bridge.vendors.goe.cards import CARD_ID, CARDS
from bridge.vendors.goe.forms import ANYTHING, BOOL, BUTTON, COLOUR, FLOAT, INT, LIST, OBJECT, WORDS, Form
from bridge.vendors.goe.inside import PRESETS
from bridge.vendors.goe.keys import Key, Kind, table
from bridge.vendors.goe.schedules import SCHEDULE
from bridge.vendors.goe.solar import LASTS_S, NOT_FASTER_THAN_S, SOLAR, SOLAR_KEYS, read_solar
from bridge.vendors.goe.writes import set_key

Wanted: TypeAlias = Literal["all"] | tuple[str, ...] | None

USUAL = ("modelStatus", "acs", "ust", "fna", "trx", "tcl", "fup", "ids")
"""What is published without a word in the configuration."""

SOLAR_KEY = "ids"

LAPSING = frozenset({SOLAR_KEY, "tcl"})
"""What the charger forgets: a surplus after about 10 s, the temporary limit after 10 min (apikeys-en.md)."""

RUNNING = frozenset({"utc"})
"""What does not stay as it was set."""

LATER_UNREADABLE = frozenset({"hsa", "ocppao"})
"""Written only since 59.4 and 60.1, so that a charger that does not tell them may have them all the same."""

FORMS: Mapping[Kind, Form] = {
    "bool": BOOL,
    "int": INT,
    "number": FLOAT,
    "text": WORDS,
    "list": LIST,
    "object": OBJECT,
    "json": ANYTHING,
    "button": BUTTON,
    "cardid": CARD_ID,
    "cards": CARDS,
    "colour": COLOUR,
    "presets": PRESETS,
    "schedule": SCHEDULE,
    "solar": SOLAR,
}


def chosen(wanted: Wanted, *, credentials: bool) -> tuple[Key, ...]:
    """Return the rows that a configuration asks for; secrets only where they may be set."""
    names = USUAL if wanted is None else table() if wanted == "all" else wanted
    rows = (row for key, row in table().items() if key in names)
    return tuple(row for row in rows if row.offered and (credentials or not row.secret))


def read_from(row: Key) -> tuple[str, ...]:
    """Return the keys that are asked for to show this one; none for what cannot be read."""
    if row.key == SOLAR_KEY:
        return tuple(SOLAR_KEYS.values())
    return (row.key,) if row.readable else ()


@lru_cache(maxsize=1024)
def binding(key: str) -> Binding[Any]:
    """Return the binding of a key of the table; the same one for every charger."""
    row = table()[key]
    form = FORMS[row.kind]
    readings = read_from(row)
    return Binding(
        property=_property(row, form),
        read=_reader(row, form),
        write=_writer(row, form) if row.settable else None,
        supported=lambda document: not readings or key in LATER_UNREADABLE or readings[0] in document,
        bounds=_button_bounds(key) if row.kind == "button" else None,
        shows=_shows(form),
        lapses=key in LAPSING,
        answer_decides=(row.access == "W" and not readings and not row.secret) or key in RUNNING,
        min_interval_s=NOT_FASTER_THAN_S if key == SOLAR_KEY else None,
        max_age_s=LASTS_S if key == SOLAR_KEY else None,
    )


def _property(row: Key, form: Form) -> Property[Any]:
    bounds = None
    if row.low is not None and row.high is not None:
        bounds = Bounds(minimum=row.low, maximum=row.high, step=1 if form.type.name == "integer" else 0.001)
    return Property(
        key=vendor_key(row.key),
        name=row.name,
        type=Nullable(form.type) if row.nullable else form.type,
        unit=row.unit,
        category="config" if row.settable else "diagnostic",
        settable=row.settable,
        bounds=bounds,
        measured=row.category == "Status" and row.kind in {"int", "number"} and not row.settable,
        vendor=True,
        write_only=not read_from(row),
        secret=row.secret,
        confidential=form.confidential,
    )


def _reader(row: Key, form: Form) -> Callable[[Document], Value]:
    nothing = NOTHING if row.nullable else None
    if row.key == SOLAR_KEY:
        return lambda document: read_solar(document) or nothing
    if not row.readable:
        return lambda _: None

    def read(document: Document) -> Value:
        if row.key in LATER_UNREADABLE and row.key not in document:
            return None
        told = document[row.key]
        return nothing if told is None else form.read(told)

    return read


def _writer(row: Key, form: Form) -> Callable[[Any, Document], Request]:
    def write(value: Any, document: Document) -> Request:  # noqa: ANN401 - of the form's own type
        return set_key(row.key, None if isinstance(value, Nothing) else form.wire(value, document.get(row.key)))

    return write


def _shows(form: Form) -> Callable[[Any, Any], bool] | None:
    shows = form.shows
    if shows is None:
        return None
    return lambda wished, observed: (
        wished is observed if NOTHING in (wished, observed) else observed is not None and shows(wished, observed)
    )


def _button_bounds(key: str) -> Callable[[Document], Bounds]:
    return lambda document: Bounds(minimum=0, maximum=1 if isinstance(document.get(key), bool) else 3, step=1)
