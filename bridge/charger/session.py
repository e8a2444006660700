"""What happened at a charger, told from one reading to the next: events, the running session, energy that never lies.

A session lasts from the moment a vehicle is plugged in until it is unplugged, which is also what vendors count energy
over. `session_energy` keeps its last value after that, and a new session begins with one real 0, so that consumers see
the counter start again even when the first reading of the session is already higher than the last one of the old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.charger.counter import Counter
from bridge.charger.status import Status
from bridge.charger.values import Json, Value, plain_number, timestamp_text


class EventType(StrEnum):
    """The closed list of `event_type`."""

    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"
    SESSION_STARTED = "session_started"
    SESSION_FINISHED = "session_finished"
    FAULT = "fault"
    FAULT_CLEARED = "fault_cleared"
    STATUS_CHANGED = "status_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened between two readings."""

    type: EventType
    moment: datetime
    details: Mapping[str, Json] = field(default_factory=dict)

    def json(self) -> dict[str, Json]:
        """Return the payload of the event topic."""
        return {"event_type": self.type.value, "ts": timestamp_text(self.moment), **self.details}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A finished session; None where it is not known. Energy in kWh, duration in seconds."""

    started_at: datetime | None
    finished_at: datetime
    energy: float | None
    duration: int | None
    cost: float | None
    currency: str | None
    card: str | None

    def json(self) -> dict[str, Json]:
        """Return the payload of `last_session`."""
        return {
            "started_at": None if self.started_at is None else timestamp_text(self.started_at),
            "finished_at": timestamp_text(self.finished_at),
            "energy": None if self.energy is None else plain_number(self.energy),
            "duration": self.duration,
            "cost": None if self.cost is None else plain_number(self.cost),
            "currency": self.currency,
            "card": self.card,
        }


@dataclass(slots=True)
class SessionTracker:
    """Follows one charger's readings. `update` is called with every good reading, in order."""

    currency: str | None = None
    finished: SessionRecord | None = None
    """The last session that ended while we looked."""
    _connected: bool | None = None
    _status: str | None = None
    _faulty: bool | None = None
    _started_at: datetime | None = None
    _session: Counter = field(default_factory=Counter)
    _before_resets: float = 0.0
    _cost: float | None = None
    _card: str | None = None
    _total: Counter = field(default_factory=Counter)

    def update(self, values: dict[str, Value], moment: datetime, *, gap: bool) -> list[Event]:
        """Correct the values of a reading in place and return what happened since the one before.

        `gap` says that readings failed in between: a session counter that fell over a gap belongs to another session.
        Fills `session_energy`, `total_energy`, and, where the vendor does not tell them, `session_start` and
        `session_duration`.
        """
        events: list[Event] = []
        connected = values.get("vehicle_connected")
        energy = _number(values.get("session_energy"))
        if "total_energy" in values:
            values["total_energy"] = self._total.update(_number(values["total_energy"]))
        unseen_change = gap and self._connected is True and connected is True and self._fell(energy)
        if self._connected is True and (connected is False or unseen_change):
            if not self._fell(energy):
                self._count(energy)  # what the last session took since the reading before
            events += self._finish(moment)
        started = connected is True and (self._connected is False or unseen_change)
        if started:
            events += self._start(moment)
        if isinstance(connected, bool):
            self._connected = connected
        self._fill(values, moment, energy, started=started)
        events += self._status_events(values, moment)
        return events

    def _fell(self, energy: float | None) -> bool:
        return energy is not None and self._session.value is not None and energy < self._session.value

    def _start(self, moment: datetime) -> list[Event]:
        self._started_at, self._before_resets, self._cost, self._card = moment, 0.0, None, None
        self._session = Counter()
        return [Event(type=EventType.PLUGGED, moment=moment), Event(type=EventType.SESSION_STARTED, moment=moment)]

    def _finish(self, moment: datetime) -> list[Event]:
        energy = self._energy()
        duration = None if self._started_at is None else max(0, int((moment - self._started_at).total_seconds()))
        self.finished = SessionRecord(
            started_at=self._started_at,
            finished_at=moment,
            energy=energy,
            duration=duration,
            cost=self._cost,
            currency=self.currency,
            card=self._card,
        )
        told: dict[str, Json] = {"energy": None if energy is None else plain_number(energy), "duration": duration}
        return [
            Event(type=EventType.SESSION_FINISHED, moment=moment, details=told),
            Event(type=EventType.UNPLUGGED, moment=moment),
        ]

    def _energy(self) -> float | None:
        return None if self._session.value is None else self._before_resets + self._session.value

    def _fill(self, values: dict[str, Value], moment: datetime, energy: float | None, *, started: bool) -> None:
        if "session_energy" in values and not started:
            # Between sessions the last value stays, whatever the vendor shows meanwhile.
            if self._connected is not False or self._session.value is None:
                self._count(energy)
            values["session_energy"] = self._energy() if energy is not None or self._connected is False else None
        elif started and "session_energy" in values:
            values["session_energy"] = 0.0
        if self._connected is True:
            self._cost = _number(values.get("session_cost")) if values.get("session_cost") is not None else self._cost
            card = values.get("session_card")
            self._card = card if isinstance(card, str) else self._card
            start = values.get("session_start")
            if isinstance(start, datetime):
                self._started_at = start
        values.setdefault("session_start", self._started_at if self._connected else None)
        running = self._connected is True and self._started_at is not None
        values.setdefault(
            "session_duration",
            max(0, int((moment - self._started_at).total_seconds())) if running and self._started_at else None,
        )

    def _count(self, energy: float | None) -> None:
        before = self._session.value
        after = self._session.update(energy)
        if before is not None and after is not None and after < before:
            # The charger began to count anew within a session (go-e does after a phase switch).
            self._before_resets += before

    def _status_events(self, values: Mapping[str, Value], moment: datetime) -> list[Event]:
        events: list[Event] = []
        status = values.get("status")
        if isinstance(status, str):
            if self._status is not None and status != self._status:
                change: dict[str, Json] = {"from": self._status, "to": status}
                events.append(Event(type=EventType.STATUS_CHANGED, moment=moment, details=change))
            self._status = status
        faulty = values.get("problem")
        if isinstance(faulty, bool):
            if self._faulty is not None and faulty != self._faulty:
                events.append(_fault_event(values, moment, faulty=faulty))
            self._faulty = faulty
        return events


def _fault_event(values: Mapping[str, Value], moment: datetime, *, faulty: bool) -> Event:
    if not faulty:
        return Event(type=EventType.FAULT_CLEARED, moment=moment)
    told: dict[str, Json] = {key: _text(values.get(key)) for key in ("error_code", "error_text")}
    return Event(type=EventType.FAULT, moment=moment, details=told)


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def is_faulty(values: Mapping[str, Value]) -> bool | None:
    """Tell whether a reading reports a fault: status error or an error code; None when neither is known."""
    status = values.get("status")
    if status == Status.ERROR or values.get("error_code") is not None:
        return True
    return None if status is None else False
