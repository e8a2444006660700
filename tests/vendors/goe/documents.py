"""Answers of go-e chargers, as documents."""

from __future__ import annotations

from typing import Any

from bridge.charger.binding import Binding, read_all
from bridge.charger.document import Document
from bridge.charger.values import Json, Value
from bridge.vendors.goe.bindings import BINDINGS

GEMINI: dict[str, Json] = {
    "sse": "012345",
    "typ": "go-eCharger_V4",
    "var": 22,
    "fwv": "055.5",
    "fna": "Garage",
    "ocu": ["055.5", "056.1", "V 054.11 OUTDATED"],
    "cards": [{"name": f"card {number}", "energy": 0, "cardId": number < 2} for number in range(10)],
    "car": 2,
    "err": 0,
    "modelStatus": 15,
    "alw": True,
    "acu": 16,
    "frc": 0,
    "amp": 16,
    "ama": 32,
    "mca": 6,
    "cbl": 32,
    "psm": 2,
    "dwo": None,
    "lmo": 3,
    "wh": 12_345.678,
    "eto": 1_234_567,
    "nrg": [227, 228, 229, 3, 15.3, 15.4, 15.5, 3484.5, 3471.4, 3503.1, 0, 10459.25, 100, 99.8, 99.9, 50],
    "tma": [24.125, 28.125],
    "fhz": 49.987,
    "pha": [True, True, True, True, True, True],
    "cus": 3,
    "trx": 0,
    "lbr": 255,
    "rssi": -61,
    "tpa": 10_400.1,
    "amt": 32,
}
"""A Gemini with firmware 055.5 that charges on three phases."""

ORIGINAL_KEYS = frozenset(
    {"sse", "fwv", "fna", "car", "err", "alw", "acu", "frc", "amp", "ama", "cbl", "psm", "dwo", "lmo"}
    | {"wh", "eto", "etop", "pha", "trx", "lbr", "rssi", "tpa"}
)
"""Of the keys that we ask for, those of the original document; it knows neither `nrg` nor `modelStatus`."""


def changed(*without: str, **keys: Json) -> dict[str, Json]:
    """Return the document with other values, and without some keys."""
    return {key: value for key, value in {**GEMINI, **keys}.items() if key not in without}


def rows(document: Document) -> dict[str, Binding[Any]]:
    """Return the rows that this charger supports."""
    found = [binding for binding in BINDINGS if binding.supported(document)]
    by_key = {binding.property.key: binding for binding in found}
    assert len(by_key) == len(found), "two rows for one property"
    return by_key


def value(key: str, document: Document) -> Value:
    """Return what a row reads, which must not fail."""
    reading = read_all([rows(document)[key]], document)
    assert reading.failures == {}
    return reading.values[key]


def failure(key: str, document: Document) -> str:
    """Return why a row cannot be read."""
    return read_all([rows(document)[key]], document).failures[key]
