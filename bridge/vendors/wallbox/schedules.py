"""Charging schedules: as people see and write them, and as the cloud takes them. Pure.

A list of objects, in the charger's order:

    {"enabled": true, "start": "21:00", "stop": "05:00", "days": ["monday", "friday"], "max_current": 1}

The times are passed on as they are. `max_current` was 1 in everything that has been recorded.

A POST replaces the whole list, and the cloud says 200 also to what it then ignores. What takes effect was found out by
users of the Python client (its issues 72 and 81 and pull request 82): no `uid`, `enable` as a truth value, all seven
days, and `created_at` newer than now and than everything the cloud knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from bridge.charger.binding import Request
from bridge.charger.document import Document, boolean, integer, items, number, text
from bridge.charger.values import JSON, Json, ValueType
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import sources, writes

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_MAX_CURRENT = 1

_KEYS = ("enabled", "start", "stop", "days", "max_current")
_CARRIED = ("type", "repeat", "target")
"""What the app sends along and nobody has explained: taken over from the schedule that was there."""

_TIME = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)", re.ASCII)


class _Schedules:
    name = "json"

    def parse(self, raw: Json) -> list[Json]:
        found = JSON.parse(raw)
        if not isinstance(found, list):
            _refuse("schedules are a list, such as []")
        return [_parse_one(f"schedule {position}", entry) for position, entry in enumerate(found)]

    def json(self, value: list[Json]) -> Json:
        return value

    def text(self, value: list[Json]) -> str:
        return JSON.text(value)


SCHEDULES: ValueType[list[Json]] = _Schedules()
"""The type of the list. `parse` raises CommandRejectedError for what the cloud would refuse or misunderstand."""


# As people see them


def read(document: Document) -> list[Json]:
    """Return the charger's schedules; the list's order is that of the cloud's `id`, which is a position."""
    return [_shown(entry) for entry in _entries(document)]


def are_shown(wanted: list[Json], document: Document) -> bool:
    """Tell whether the schedules read last are the wanted ones: only that says that a write took effect."""
    try:
        return read(document) == wanted
    except (LookupError, TypeError, ValueError):
        return False


def _entries(document: Document) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = []
    for entry in items(sources.SCHEDULES.newest(document)):
        if not isinstance(entry, dict):
            raise TypeError("a schedule that is no object")
        found.append(entry)
    return sorted(found, key=lambda entry: integer(entry["id"]))


def _shown(entry: Mapping[str, Json]) -> dict[str, Json]:
    days = entry["days"]
    if not isinstance(days, dict):
        raise TypeError("the days of a schedule are no object")
    return {
        "enabled": boolean(entry["enable"]),
        "start": _clock(text(entry["start"])),
        "stop": _clock(text(entry["stop"])),
        "days": [day for day in DAYS if boolean(days.get(day, False))],
        "max_current": integer(entry.get("max_current", USUAL_MAX_CURRENT)),
    }


def _clock(told: str) -> str:
    parts = _TIME.fullmatch(told)
    if parts is None:
        raise ValueError("a schedule's time that is none")
    return f"{parts[1]}:{parts[2]}"


# As people write them


def added(present: list[Json], raw: Json) -> list[Json]:
    """Return the list with another schedule at its end; raises CommandRejectedError."""
    return [*present, _parse_one("the schedule", raw)]


def changed(present: list[Json], position: Json, raw: Json) -> list[Json]:
    """Return the list with another schedule in this place; the first one is 0. Raises CommandRejectedError."""
    index = _position(present, position)
    return [*present[:index], _parse_one("the schedule", raw), *present[index + 1 :]]


def removed(present: list[Json], position: Json) -> list[Json]:
    """Return the list without the schedule in this place; the first one is 0. Raises CommandRejectedError."""
    index = _position(present, position)
    return [*present[:index], *present[index + 1 :]]


def _position(present: Sequence[Json], position: Json) -> int:
    if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < len(present):
        there = f"there are {len(present)}, the first one is 0" if present else "there is none"
        _refuse(f"there is no schedule in that position; {there}")
    return position


def _parse_one(which: str, raw: Json) -> dict[str, Json]:
    if not isinstance(raw, dict):
        _refuse(f"{which} is no object with {', '.join(_KEYS)}")
    for key in raw:
        if key not in _KEYS:
            _refuse(f"{which}: {key[:40]!r} is not known; known are {', '.join(_KEYS)}")
    enabled = raw.get("enabled", True)
    if not isinstance(enabled, bool):
        _refuse(f"{which}: enabled must be true or false")
    return {
        "enabled": enabled,
        "start": _parse_time(which, "start", raw),
        "stop": _parse_time(which, "stop", raw),
        "days": _parse_days(which, raw.get("days")),
        "max_current": _parse_max_current(which, raw.get("max_current", USUAL_MAX_CURRENT)),
    }


def _parse_time(which: str, key: str, raw: Mapping[str, Json]) -> Json:
    told = raw.get(key)
    try:
        return _clock(told.strip() if isinstance(told, str) else "")
    except ValueError:
        _refuse(f"{which}: {key} must be a time such as 21:00")


def _parse_days(which: str, raw: Json) -> list[Json]:
    chosen = [day for day, on in raw.items() if on is not False] if isinstance(raw, dict) else raw
    if isinstance(raw, dict) and not all(isinstance(on, bool) for on in raw.values()):
        _refuse(f"{which}: each of the days must be true or false")
    words = (
        {day.strip().lower() if isinstance(day, str) else "" for day in chosen} if isinstance(chosen, list) else {""}
    )
    if not words <= set(DAYS):
        _refuse(f"{which}: days must be a list of {', '.join(DAYS)}")
    if not words:
        _refuse(f"{which}: it needs at least one day; the cloud drops a schedule without")
    return [day for day in DAYS if day in words]


def _parse_max_current(which: str, raw: Json) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 80:  # noqa: PLR2004 - no charger has more
        _refuse(f"{which}: max_current must be a whole number from 0 to 80")
    return raw


def _refuse(sentence: str) -> NoReturn:
    raise CommandRejectedError(Code.INVALID_VALUE, sentence)


# As the cloud takes them


def write(wanted: list[Json], document: Document) -> Request:
    """Return the write that makes these the charger's schedules; raises KeyError while the present ones are not known.

    Pass it through `stamped` when it is sent, which may be long after the document was read.
    """
    present = _entries(document)
    created_at = _newest(document, present) + 1
    entries = [
        _taken(position, entry, present, created_at) for position, entry in enumerate(wanted) if isinstance(entry, dict)
    ]
    return writes.set_schedules(sources.charger_id(document), entries)


def stamped(request: Request, now: float) -> Request:
    """Return a write of schedules with `created_at` newer than now (seconds since the epoch); any other as it is."""
    if not isinstance(request.body, dict) or not isinstance(request.body.get("schedules"), list):
        return request
    entries: list[Json] = [
        {**entry, "created_at": max(int(now) + 1, integer(entry["created_at"]))} if isinstance(entry, dict) else entry
        for entry in items(request.body["schedules"])
    ]
    return replace(request, body={**request.body, "schedules": entries})


def _taken(
    position: int, entry: Mapping[str, Json], present: list[dict[str, Json]], created_at: int
) -> dict[str, Json]:
    same = [old for old in present if _shown(old) == entry]
    before = same[0] if same else present[position] if position < len(present) else {}
    days = items(entry["days"])
    return {
        "id": position,
        "enable": entry["enabled"],
        "start": text(entry["start"]).replace(":", ""),
        "stop": text(entry["stop"]).replace(":", ""),
        "days": {day: day in days for day in DAYS},
        "max_current": entry["max_current"],
        "type": 0,
        **{key: before[key] for key in _CARRIED if before.get(key) is not None},
        "created_at": created_at,
    }


def _newest(document: Document, present: Sequence[Mapping[str, Json]]) -> int:
    """Return the latest time that anything in the document speaks of, in whole seconds since the epoch."""
    stamps = [entry.get("created_at") for entry in present]
    if sources.LAST_SCHEDULE.present(document):
        stamps.append(sources.LAST_SCHEDULE.newest(document))
    read_at = document.get("read_at")
    stamps += read_at.values() if isinstance(read_at, dict) else ()
    return int(max([0.0, *(number(stamp) for stamp in stamps if stamp is not None)]))
