"""What changed at the chargers -> messages. The engine's outlet on the MQTT side.

Nothing here waits: messages go to the outbox, which keeps what the broker should hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bridge.charger.binding import Capability
from bridge.charger.contract import Identity
from bridge.charger.property import Bounds, Property
from bridge.charger.session import Event, SessionRecord
from bridge.charger.values import UNKNOWN_TEXT, Value
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.mqtt import documents
from bridge.mqtt.outbox import Outbox, Rank
from bridge.mqtt.results import send_result
from bridge.mqtt.topics import Topics

Output = Literal["both", "json", "scalar"]

Announce = Callable[[ChargerView], bool]
"""Announces a charger to consumers that discover; False if that has to wait, and its state with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damping:
    """How much noisy measurements must move before they are published; control values always are.

    `min_change` is in the property's unit, `min_interval_s` in seconds.
    """

    min_change: Mapping[str, float] = field(default_factory=dict)
    min_interval_s: float = 0.0


@dataclass(slots=True)
class _Published:
    """What the consumers of one charger have been told."""

    values: dict[str, Value] = field(default_factory=dict)
    moved_at: dict[str, float] = field(default_factory=dict)
    state_at: float = 0.0
    identity: Identity | None = None
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    outside: Mapping[str, Value] = field(default_factory=dict)
    """Settable numbers that lie outside their bounds: Home Assistant must be told wider bounds first."""
    held_back: bool = False
    """The state waits for an announcement that has to wait."""


class Publisher:
    """Turns views of chargers into retained topics, and what happens into messages."""

    def __init__(self, outbox: Outbox, topics: Topics, *, output: Output, damping: Damping, announce: Announce) -> None:
        """Start with nothing published."""
        self._outbox = outbox
        self._topics = topics
        self._output = output
        self._damping = damping
        self._announce = announce
        self._published: dict[str, _Published] = {}
        self._entries: dict[str, bytes] = {}
        self._entries_changed = False

    def add(self, charger: ChargerView) -> None:
        """Make a charger known: its availability must be there before anything refers to it."""
        self._published[charger.id] = _Published()
        self._entries[charger.id] = documents.encode(documents.charger(charger))
        self._entries_changed = True
        self._keep_availability(charger)

    def remove(self, charger_id: str) -> None:
        """Know nothing of a charger any more; what the broker keeps of it is housekeeping's business."""
        del self._published[charger_id], self._entries[charger_id]
        self._entries_changed = True

    def changed(self, charger: ChargerView) -> None:
        """Publish what differs from what consumers know."""
        told = self._published[charger.id]
        now = time.monotonic()
        self._keep_availability(charger)
        told.held_back = not self._announced(charger, told)
        if told.held_back:
            return
        moved = [key for key in charger.values if self._moved(charger, told, key, now)]
        if not all(charger.capabilities[key].property.measured for key in moved):
            # A change of status must not stand beside the power of a minute ago.
            moved = _differing(charger, told)
        if moved:
            self._publish(charger, told, moved, now)

    def heartbeat(self, charger: ChargerView, every_s: float) -> None:
        """Publish the state again if nothing has for so long, or what was held back. Called at short intervals."""
        told = self._published[charger.id]
        if told.held_back:
            self.changed(charger)
            return
        now = time.monotonic()
        if charger.values and now - told.state_at >= every_s:
            self._publish(charger, told, _differing(charger, told), now)

    def event(self, charger: ChargerView, event: Event) -> None:
        """Publish something that happened."""
        self._outbox.send(self._topics.event(charger.id), documents.encode(event.json()))

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Publish a finished session."""
        self._outbox.keep(self._topics.last_session(charger.id), documents.encode(record.json()), rank=Rank.STATE)

    def result(self, charger_id: str, result: Result) -> None:
        """Publish the outcome of a command."""
        send_result(self._outbox, self._topics, charger_id, result)

    def publish_chargers(self) -> None:
        """Publish the list of chargers if it changed. Called at intervals, because one change often follows another."""
        if self._entries_changed:
            self._entries_changed = False
            payload = b"[" + b",".join(self._entries.values()) + b"]"
            self._outbox.keep(self._topics.bridge_chargers, payload, rank=Rank.CHARGERS)

    def announced(self, charger_id: str) -> bool:
        """Whether the charger has been announced since the start."""
        return self._published[charger_id].identity is not None

    def _keep_availability(self, charger: ChargerView) -> None:
        payload = b"online" if charger.available else b"offline"
        self._outbox.keep(self._topics.availability(charger.id), payload, rank=Rank.AVAILABILITY)

    def _announced(self, charger: ChargerView, told: _Published) -> bool:
        """See to it that consumers know what the next state needs, such as wider bounds; False if that has to wait."""
        if charger.identity is None:
            # Nobody can be told of a charger that has not said who it is; that its login is refused can be said.
            return bool(charger.values)
        outside = {
            key: charger.values[key]
            for key, ability in charger.capabilities.items()
            if ability.bounds is not None and _is_outside(ability.bounds, charger.values.get(key))
        }
        if charger.identity == told.identity and charger.capabilities is told.capabilities and outside == told.outside:
            return True
        if not self._announce(charger):
            # A new name can wait, and nothing waits for it.
            return charger.capabilities is told.capabilities and outside == told.outside
        told.identity, told.capabilities, told.outside = charger.identity, charger.capabilities, outside
        entry = documents.encode(documents.charger(charger))
        if entry != self._entries[charger.id]:
            self._entries[charger.id] = entry
            self._entries_changed = True
        return True

    def _moved(self, charger: ChargerView, told: _Published, key: str, now: float) -> bool:
        value, before = charger.values[key], told.values.get(key)
        if value == before and key in told.values:
            return False
        row = charger.capabilities[key].property
        if row.ticks and before is not None and value is not None:
            return False
        if not row.measured or not _both_numbers(value, before):
            return True
        change = abs(float(value) - float(before))  # type: ignore[arg-type]
        return (
            change >= self._damping.min_change.get(key, 0)
            and now - told.moved_at.get(key, -1e9) >= self._damping.min_interval_s
        )

    def _publish(self, charger: ChargerView, told: _Published, moved: Iterable[str], now: float) -> None:
        told.state_at = now
        keys = (*moved, *(key for key in charger.values if charger.capabilities[key].property.ticks))
        for key in keys:
            told.values[key], told.moved_at[key] = charger.values[key], now
        if self._output != "scalar":
            # What is damped stays as it was told, so that the document and the scalar topics agree.
            values = {key: told.values[key] for key in charger.values}
            payload = documents.encode(documents.state(charger, datetime.now(UTC), values))
            self._outbox.keep(self._topics.state(charger.id), payload, rank=Rank.STATE)
        for key in keys:
            self._keep_scalar(charger.id, charger.capabilities[key].property, charger.values[key])

    def _keep_scalar(self, charger_id: str, row: Property[Value], value: Value) -> None:
        if row.json_only or (self._output == "json" and not row.vendor):
            return
        text = UNKNOWN_TEXT if value is None else row.type.text(value) or '""'
        self._outbox.keep(
            self._topics.scalar(charger_id, row.key), text.encode(errors="replace"), rank=Rank.STATE, qos=0
        )


def _differing(charger: ChargerView, told: _Published) -> list[str]:
    return [key for key, value in charger.values.items() if key not in told.values or told.values[key] != value]


def _is_outside(bounds: Bounds, value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not bounds.minimum <= value <= bounds.maximum


def _both_numbers(one: Value, other: Value) -> bool:
    return isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool)
