"""What the page of one charger says beyond its card: all values, what happened, what can be set. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bridge.charger.binding import Capability
from bridge.charger.session import Event, EventType, SessionRecord
from bridge.charger.values import Json, plain_number
from bridge.engine.checks import PRESS
from bridge.engine.results import Outcome, Result
from bridge.engine.view import ChargerView
from bridge.web import words

NEEDS_CONFIRMATION: Mapping[str, str] = {
    "restart": "The charger is away for a while, and a vehicle that charges now may stop.",
    "factory_reset": "All settings of the charger are lost, its network among them: it may not come back by itself.",
    "firmware_update": "The charger is away until the new firmware runs, and must not lose its power meanwhile.",
}
"""What people are asked about before it is done, with what it means."""

VALUE = "value:"
"""How the fields of values begin."""

Line: TypeAlias = dict[str, str]

_OUTCOME = {
    Outcome.ACCEPTED: ("on its way", "busy"),
    Outcome.CONFIRMED: ("confirmed", "active"),
    Outcome.REJECTED: ("rejected", "problem"),
    Outcome.FAILED: ("failed", "problem"),
    Outcome.UNCONFIRMED: ("not confirmed", "away"),
    Outcome.SUPERSEDED: ("replaced by a newer one", "idle"),
    Outcome.EXPIRED: ("too old", "away"),
}

_EVENT = {
    EventType.PLUGGED: "Vehicle plugged in",
    EventType.UNPLUGGED: "Vehicle unplugged",
    EventType.SESSION_STARTED: "Session started",
    EventType.SESSION_FINISHED: "Session finished",
    EventType.FAULT: "Fault",
    EventType.FAULT_CLEARED: "Fault cleared",
    EventType.STATUS_CHANGED: "Status changed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the table: its field, what people and programs call it, and its text."""

    key: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Control:
    """Something that can be set: how it is asked for (`number switch select text button`) and what may be said."""

    key: str
    name: str
    kind: str
    now: str
    value: str = ""
    unit: str = ""
    bounds: Mapping[str, str] | None = None
    options: Sequence[tuple[str, str]] = ()
    asks: bool = False
    of_vendor: bool = False


def groups(view: ChargerView) -> list[tuple[str, list[Row]]]:
    """Return all values, in groups; a vendor's own come last."""
    found: dict[str, list[Row]] = {"Values": [], "Settings": [], "Diagnostics": [], "Vendor's own values": []}
    for key, ability in view.capabilities.items():
        row = Row(key, ability.property.name, words.value(ability, view.values.get(key)))
        found[_group(ability)].append(row)
    return [(title, rows) for title, rows in found.items() if rows]


def values(view: ChargerView) -> Line:
    """Return the text of every value by its field."""
    return {VALUE + key: words.value(ability, view.values.get(key)) for key, ability in view.capabilities.items()}


def _group(ability: Capability) -> str:
    row = ability.property
    if row.vendor:
        return "Vendor's own values"
    if ability.settable or row.settable or row.category == "config":
        return "Settings"
    return "Diagnostics" if row.category == "diagnostic" or row.json_only else "Values"


def controls(view: ChargerView) -> list[Control]:
    """Return what can be set from the page: never a secret, and no documents."""
    found = [
        _control(key, ability, words.value(ability, view.values.get(key)), _plain(ability, view))
        for key, ability in view.capabilities.items()
        if ability.settable and ability.property.repeatable and ability.property.type.name != "json"
    ]
    return found + [
        Control(key=action.key, name=action.name, kind="button", now="", asks=action.key in NEEDS_CONFIRMATION)
        for action in view.actions
    ]


def _control(key: str, ability: Capability, now: str, value: str) -> Control:
    row, bounds = ability.property, ability.bounds
    options = [(word, word if row.vendor else words.plain(word)) for word in ability.options or row.options]
    kind = "text"
    if row.type.name == "boolean":
        kind, is_lock = "switch", row.device_class == "lock"
        options = [("true", "Lock" if is_lock else "On"), ("false", "Unlock" if is_lock else "Off")]
    elif options:
        kind = "select"
    elif row.type.name in {"number", "integer"}:
        kind = "number"
    limits = None
    if bounds is not None:
        limits = {"min": bounds.minimum, "max": bounds.maximum, "step": bounds.step}
    told = None if limits is None else {edge: str(plain_number(number)) for edge, number in limits.items()}
    return Control(key, row.name, kind, now, value, ability.unit or "", told, options, of_vendor=row.vendor)


def _plain(ability: Capability, view: ChargerView) -> str:
    found = view.values.get(ability.property.key)
    return "" if found is None else ability.property.type.text(found)


def commands(results: Sequence[Result], view: ChargerView) -> list[Line]:
    """Return what became of commands, newest first."""
    return [command(result, view) for result in reversed(results)]


def command(result: Result, view: ChargerView) -> Line:
    """Return what became of one command."""
    outcome, tone = _OUTCOME[result.outcome]
    told = result.message or ""
    if result.outcome is Outcome.UNCONFIRMED and result.applied is not None:
        told = f"{told or 'the charger shows another value'}; it shows {words.wish(result.applied)}"
    return {
        "id": result.id,
        "at": words.iso(result.moment),
        "clock": words.clock(result.moment),
        "what": _named(result.key, view),
        "wish": _wish(result, view),
        "outcome": outcome,
        "tone": tone,
        "told": words.sentence(words.shorten(told)),
        "took": f"{result.latency_ms / 1000:.1f} s" if result.final else "",
        "final": "yes" if result.final else "",
    }


def _wish(result: Result, view: ChargerView) -> str:
    ability = view.capabilities.get(result.key or "")
    if isinstance(result.requested, bool):
        return words.truth(ability, is_true=result.requested)
    if result.requested == PRESS:
        return ""
    unit = ability.unit if ability is not None and isinstance(result.requested, int | float) else None
    return f"{words.wish(result.requested)} {unit or ''}".strip()


def _named(key: str | None, view: ChargerView) -> str:
    if key is None:
        return "something that could not be read"
    ability = view.capabilities.get(key)
    action = next((action for action in view.actions if action.key == key), None)
    return ability.property.name if ability is not None else action.name if action is not None else words.shorten(key)


def events(found: Sequence[Event]) -> list[Line]:
    """Return what happened, newest first."""
    return [
        {
            "at": words.iso(event.moment),
            "clock": words.clock(event.moment),
            "what": _EVENT[event.type],
            "told": _event_text(event),
        }
        for event in reversed(found)
    ]


def _event_text(event: Event) -> str:
    told = event.details
    if event.type is EventType.STATUS_CHANGED:
        before, after = told.get("from"), told.get("to")
        return f"{_status(before)} → {_status(after)}"
    if event.type is EventType.SESSION_FINISHED:
        return _session_text(told.get("energy"), told.get("duration"))
    return ", ".join(words.wish(each) for each in told.values() if each is not None)


def _status(word: Json) -> str:
    return words.status(word) if isinstance(word, str) else words.UNKNOWN


def _session_text(energy: Json, seconds: Json) -> str:
    kwh = words.energy(energy) if isinstance(energy, int | float) else words.UNKNOWN
    span = words.duration(seconds) if isinstance(seconds, int | float) else words.UNKNOWN
    return f"{kwh} in {span}"


def session(record: SessionRecord | None, now: datetime) -> str:
    """Return the last session that was seen to end."""
    if record is None:
        return "none seen since the start"
    told = f"{_session_text(record.energy, record.duration)}, ended {words.ago(record.finished_at, now)}"
    return told if record.cost is None else f"{told}, {words.number(record.cost, 2)} {record.currency or ''}".rstrip()


def shape(view: ChargerView) -> str:
    """Return what the page of a charger is made of: when that changes, the page has to be made anew."""
    parts = [
        [key, ability.settable, *ability.options, ability.bounds is None] for key, ability in view.capabilities.items()
    ]
    return f"{zlib.crc32(json.dumps([parts, [action.key for action in view.actions]]).encode()):08x}"
