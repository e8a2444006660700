"""For every key of the table: a value to set that the charger does not have yet, and values that it must not take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.charger.values import Json
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.keys import Key

NIGHT: dict[str, Any] = {
    "control": 1,
    "ranges": [
        {"begin": {"hour": 22, "minute": 0}, "end": {"hour": 6, "minute": 30}},
        {"begin": {"hour": 12, "minute": 5}, "end": {"hour": 13, "minute": 59}},
    ],
}

NOT_KEPT = frozenset({"rst", "hai", "mcr", "delw", "lrn", "del", "cards", "oct", "awpl", "ocppfai", "utc", "ids"})
"""What does something, is forgotten, or cuts the way instead of being kept: each has a story of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A value to set: as it is wished, as it stands on the wire, as the charger then has it, and as it is published."""

    wish: Json
    sent: Json
    kept: Json
    applied: Json


def _same(value: Json) -> Sample:
    return Sample(wish=value, sent=value, kept=value, applied=value)


def awkward_text(key: str) -> str:
    """Return a text with everything that could get lost on the way."""
    return f'{key}: #1 & 50 % + "ü" = x?'


def hush(key: str) -> str:
    """Return a secret with everything that could make it hard to recognise; it has no word of the charger's in it."""
    return f'{SECRET}-{key[0]}{len(key)}  "ü" \\ #&%+/@'


def sample(row: Key, present: Json, family: FamilyName) -> Sample:
    """Return another value than the present one."""
    match row.kind:
        case "bool":
            return _same(present is not True)
        case "int" | "number":
            return _same(_other_number(row, present, family))
        case "text":
            text = hush(row.key) if row.secret else awkward_text(row.key)
            return Sample(wish=text, sent=text, kept=text, applied=None if row.secret else text)
        case "list" if row.secret:
            network: Json = [{}, {"ssid": hush("ssid"), "key": hush("key")}]
            kept: Json = [{"ssid": f"{SECRET}-ssid", "key": f"{SECRET}-wifi"}, network[1]]  # type: ignore[index]
            return Sample(wish=network, sent=network, kept=kept, applied=None)
        case "list":
            return _same([3, 1, 2])
        case "object":
            return _same({"power": 12.5})
        case "colour":
            return Sample(wish="#12ab3f", sent="#12AB3F", kept="#12AB3F", applied="#12AB3F")
    return _with_an_inside(row, present)


def _with_an_inside(row: Key, present: Json) -> Sample:
    match row.kind:
        case "button" if isinstance(present, bool):
            return Sample(wish=int(not present), sent=not present, kept=not present, applied=int(not present))
        case "button":
            return _same(3)
        case "presets":
            return _same([6, 11, 32])
        case "schedule":
            return Sample(wish=NIGHT, sent=NIGHT, kept=with_seconds(NIGHT), applied=NIGHT)
        case "cardid":
            return Sample(wish=hush(row.key), sent=hush(row.key), kept=True, applied=True)
        case "json":  # lot
            shown: Json = {"amp": 20, "dyn": 32, "sta": 20, "ts": 3}
            return Sample(wish=20, sent=20, kept=shown, applied=shown)
    raise AssertionError(f"no sample for {row.key} of kind {row.kind}")


def with_seconds(schedule: Any) -> Json:
    """Return a schedule as the charger tells it."""
    ranges = [{end: {**time, "second": 0} for end, time in each.items()} for each in schedule["ranges"]]
    return {**schedule, "ranges": ranges}


def _other_number(row: Key, present: Json, family: FamilyName) -> float:
    assert row.low is not None
    assert row.high is not None
    step = 1 if row.kind == "int" else 0.5
    lowest = 1 if row.key == "psm" and family == "051" else row.low
    return next(_whole(value) for value in (lowest, lowest + step) if value != present)


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def wrong(row: Key) -> Iterator[tuple[Any, str]]:
    """Yield values that must be refused, each with the code of the result."""
    if not row.nullable:
        yield None, "invalid_value"
    match row.kind:
        case "bool":
            yield from (("maybe", "invalid_value"), (2, "invalid_value"), ([], "invalid_value"))
        case "int" | "number":
            assert row.low is not None
            assert row.high is not None
            yield from (("much", "invalid_value"), (True, "invalid_value"), ({}, "invalid_value"))
            yield row.low - 1, "out_of_range"
            if row.high < 1e15:
                yield row.high + 1, "out_of_range"
            yield row.low + (0.5 if row.kind == "int" else 0.0001), "invalid_value" if row.kind == "int" else "ok"
        case "text" | "cardid":
            inside = hush(row.key) if row.secret or row.kind == "cardid" else "text"
            yield from ((5, "invalid_value"), ([inside], "invalid_value"), (inside + "\ud800", "invalid_value"))
        case "colour":
            yield from ((each, "invalid_value") for each in ("red", "#12345", "#1234567", "12AB34", "#GG0000", 1193046))
        case _:
            yield from ((each, code) for each, code in _wrong_inside(row))


def _wrong_inside(row: Key) -> Iterator[tuple[Any, str]]:
    values: tuple[Any, ...]
    match row.kind:
        case "list":
            inside = hush(row.key) if row.secret else "text"
            values = (inside, {"ssid": inside}, 5)
        case "object":
            values = ("text", [], 5)
        case "button":
            yield 4, "out_of_range"
            yield -1, "out_of_range"
            values = ("maybe", 1.5, [])
        case "presets":
            values = ([5], [33], [6, 7, 8, 9, 10, 11], [6.5], [True], ["6"], {}, 6, "six")
        case "schedule":
            values = tuple(_wrong_schedules())
        case "cards":
            card: dict[str, Any] = {"name": "Anna", "rfid": hush("rfid")}
            values = ([{}] * 11, [hush("rfid")], {"name": "Anna"}, [{**card, "cardId": True}])
            values += ([{**card, "energy": "5"}], [{**card, "name": 5}], [{"rfid": 5}], "Anna")
        case "solar":
            values = ({"pPv": 3000}, {"pGrid": "1"}, {"pGrid": True}, {"pGrid": 1, "pgrid": 2}, [1], "much", {})
        case _:
            values = ("text", '"text"')
    yield from ((value, "invalid_value") for value in values)


def _wrong_schedules() -> Iterator[Any]:
    noon: dict[str, Any] = {"hour": 12, "minute": 0}
    yield from ({}, [], 1, "night", {"control": 5}, {"control": -1}, {"control": "1"}, {"control": True})
    yield from ({"ranges": {}}, {"ranges": [1]}, {"control": 1, "days": 7}, {"ranges": [{"begin": noon}]})
    for end in (
        {"hour": 25, "minute": 0},
        {"hour": 12, "minute": 60},
        {"hour": 12},
        {**noon, "second": 1},
        {},
        "12:00",
    ):
        yield {"ranges": [{"begin": noon, "end": end}]}
    yield {"ranges": [{"begin": noon, "end": noon}] * 11}


def as_scalar(value: Any) -> str:
    """Return a value as people write it to a scalar topic."""
    return value if isinstance(value, str) else json.dumps(value)
