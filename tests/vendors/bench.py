"""Any vendor's charger on the bench: its simulator, connected, and the checks that hold for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bridge.charger.binding import Binding, Capability, capability, read_all
from bridge.charger.contract import Charger
from bridge.charger.document import Document
from bridge.charger.values import NOTHING, Firmware, Json, Value
from bridge.demo.chargers import CHARGERS
from bridge.fleet import Fleet
from bridge.http import Http
from bridge.settings import Settings
from bridge.simulators import SIMULATORS, Simulator
from bridge.vendors import VENDORS

OFTEN = 600
"""Calls per minute that no test reaches."""

PATIENT_S = 30.0
"""A time limit that is never meant to be reached."""

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d{1,3})?")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "number": (int, float),
    "integer": int,
    "enum": str,
    "text": str,
    "timestamp": datetime,
    "firmware": Firmware,
    "json": (list, dict, int, float, str),
    "time": str,
}


@asynccontextmanager
async def simulated(vendor: str, *, speed: float = 1.0) -> AsyncIterator[Simulator]:
    """Run the vendor's simulator for the time of the context."""
    simulator = SIMULATORS[vendor](speed=speed, control_port=None)
    await simulator.start()
    try:
        yield simulator
    finally:
        await simulator.stop()


@asynccontextmanager
async def connected(
    vendor: str, simulator: Simulator, http: Http, *, timeout_s: float = PATIENT_S, **settings: Json
) -> AsyncIterator[Charger]:
    """Connect to it with the settings that the demo would use, and all of the vendor's own keys."""
    accounts, chargers = CHARGERS[vendor].settings(vendor, simulator)
    limits = {"timeout": timeout_s, "reads_per_minute": OFTEN, "writes_per_minute": OFTEN}
    known = getattr(VENDORS[vendor].account_settings, "model_fields", {})
    for account in accounts.values():
        account |= {name: limit for name, limit in limits.items() if name in known}
    ((charger_id, charger_settings),) = chargers.items()
    charger_settings |= {"vendor_keys": "all", "timeout": timeout_s, **settings}
    document = {"accounts": accounts, "chargers": chargers}
    with TemporaryDirectory() as folder:
        charger = Fleet(Settings.model_validate(document), http, Path(folder)).charger(charger_id)
        try:
            yield charger
        finally:
            await charger.close()


def supported(charger: Charger, document: Document) -> dict[str, Binding[Any]]:
    """Return the rows that this charger has, one for each property."""
    found = [binding for binding in charger.bindings if binding.supported(document)]
    by_key = {binding.property.key: binding for binding in found}
    assert len(by_key) == len(found), "two rows for one property"
    return by_key


def values_of(charger: Charger, document: Document) -> dict[str, Value]:
    """Return every value of a document, which must be read without a failing row, as far as it can be published."""
    rows = supported(charger, document)
    reading = read_all(rows.values(), document)
    assert reading.failures == {}
    check_values(rows, reading.values.items())
    return dict(reading.values)


def check_values(rows: dict[str, Binding[Any]], values: Iterable[tuple[str, Value]]) -> None:
    """Check that values have the type of their row and survive the way to a topic and back."""
    for key, value in values:
        row = rows[key].property
        if value is None:
            continue
        if value is NOTHING:
            assert (row.type.json(value), row.type.text(value)) == (None, "None"), key
            assert row.type.parse("None") is NOTHING, key
            continue
        assert isinstance(value, _TYPES[row.type.name]), (key, value)
        assert isinstance(value, bool) is (row.type.name == "boolean"), (key, value)
        assert not row.options or value in row.options, (key, value)
        assert not isinstance(value, datetime) or value.tzinfo is not None, (key, value)
        told, text = row.type.json(value), row.type.text(value)
        assert json.loads(json.dumps(told, allow_nan=False)) == told, (key, value)
        if row.type.name in {"number", "integer"}:
            assert _PLAIN_NUMBER.fullmatch(text), (key, text)
        elif row.type.name != "text":
            assert text, (key, value)
        if row.settable and not row.confidential:
            assert row.type.json(row.type.parse(text)) == told, (key, value)


def check_capability(binding: Binding[Any], document: Document, value: Value) -> Capability:
    """Check that what can be set now makes sense, and return it."""
    row, found = binding.property, capability(binding, document)
    assert found.settable is (binding.write is not None), row.key
    assert set(found.options) <= set(row.options), row.key
    if found.settable and row.type.name == "enum":
        assert found.options, row.key
    if found.settable and row.type.name in {"number", "integer"}:
        bounds = found.bounds
        assert bounds is not None, row.key
        assert row.bounds is not None, row.key
        assert row.bounds.minimum <= bounds.minimum <= bounds.maximum <= row.bounds.maximum, (row.key, bounds)
        assert bounds.step > 0, (row.key, bounds)
        if not row.vendor or isinstance(value, int | float):
            assert isinstance(value, int | float), (row.key, value)
            assert bounds.minimum <= value <= bounds.maximum, (row.key, bounds, value)
    return found


def wishes(able: Capability) -> list[Value]:
    """Return values worth trying for what can be set: every choice, and both ends and the middle of a range."""
    name, bounds = able.property.type.name, able.bounds
    if name == "boolean":
        return [True, False]
    if name == "enum":
        return list(able.options)
    if name == "time":
        return ["07:30", "23:59"]
    if name == "text":
        return ["Straße 1", "\"a\" & 'b' #1 100% +,:;=?/\\"]
    assert bounds is not None
    middle = bounds.minimum + bounds.step * round((bounds.maximum - bounds.minimum) / bounds.step / 2)
    return list(dict.fromkeys([bounds.minimum, middle, bounds.maximum]))


def shows(binding: Binding[Any], wish: Value, document: Document) -> bool:
    """Whether the charger shows the wished value; numbers to within half a step."""
    found, bounds = read_all([binding], document).values[binding.property.key], binding.property.bounds
    if isinstance(wish, int | float) and isinstance(found, int | float) and bounds is not None:
        return abs(found - wish) <= bounds.step / 2
    return type(found) is type(wish) and found == wish
