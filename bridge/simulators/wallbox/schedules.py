"""The schedules of a charger, and the peculiar way in which new ones are taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.simulators.wallbox.names import ulid
from bridge.simulators.wire import Json, JsonValue

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST = 50


class BadScheduleError(Exception):
    """The whole request is refused; the text says why."""


@dataclass(kw_only=True)
class Schedules:
    """The list of one charger.

    Attributes:
        user_uid: Who makes new ones.
        shown: As the cloud answers them.
        last: The value of `lastSchedule`, s since 1970; 0 when there has never been one.
    """

    user_uid: str
    shown: list[Json] = field(default_factory=list)
    last: int = 0

    def after(self, entries: list[Json], now: float) -> Schedules:
        """What a request with these entries makes of the list.

        The entries replace the whole list. One that is not news keeps what was there before it, and says nothing: one
        with a `uid` that is known, and one whose `created_at` is missing or not later than all there has been. When
        no entry is news, everything stays. An entry with no day is dropped.

        Raises:
            BadScheduleError: An entry has not the right form.
        """
        if len(entries) > MOST:
            raise BadScheduleError("too many schedules")
        for entry in entries:
            _check(entry)
        newest = max([self.last, *(_whole(old, "created_at") for old in self.shown)])
        known = {old["uid"]: old for old in self.shown}
        places = {old["id"]: old for old in self.shown}
        taken: list[Json] = []
        any_news = not entries
        for entry in entries:
            old = known.get(entry.get("uid")) or places.get(entry["id"])
            if entry.get("uid") not in known and _whole(entry, "created_at") > newest:
                any_news = True
                if any(_days(entry).values()):
                    taken.append(self._new(entry))
            elif old is not None and old not in taken:
                taken.append(old)
        if not any_news:
            return self
        last = max([int(now), newest, *(_whole(new, "created_at") for new in taken)])
        return Schedules(user_uid=self.user_uid, shown=taken, last=last)

    def in_window(self, now: float) -> bool | None:
        """Whether one wants the car to charge at this time; None without any that is enabled.

        Whether the times are local or UTC is not established; here they are UTC.
        """
        enabled = [schedule for schedule in self.shown if schedule["enable"] is True]
        if not enabled:
            return None
        at = datetime.fromtimestamp(now, tz=UTC)
        return any(_wants(schedule, at) for schedule in enabled)

    def _new(self, entry: Json) -> Json:
        created = _whole(entry, "created_at")
        return {
            "uid": ulid(f"schedule/{created}/{entry['id']}"),
            "id": entry["id"],
            "enable": entry["enable"] is not False,  # a number is read as true, 0 as well
            "start": entry["start"],
            "stop": entry["stop"],
            "days": dict(_days(entry)),
            "max_current": entry["max_current"],
            "max_energy": entry.get("max_energy", 0),
            "name": entry.get("name"),
            "type": entry.get("type", 0),
            "created_at": created,
            "user_uid": self.user_uid,
        }


def _check(entry: Json) -> None:
    for name in ("id", "max_current"):
        if not _is_whole(entry.get(name)):
            raise BadScheduleError(f"{name} has to be a whole number")
    if not isinstance(entry.get("uid"), str | None):
        raise BadScheduleError("uid has to be a text")
    if "enable" not in entry:
        raise BadScheduleError("enable is missing")
    for name in ("start", "stop"):
        if _minutes(entry.get(name)) is None:
            raise BadScheduleError(f"{name} has to be HHMM")
    days = entry.get("days")
    if not isinstance(days, dict) or set(days) != set(DAYS) or not all(isinstance(on, bool) for on in days.values()):
        raise BadScheduleError("days has to have all seven days")
    if "max_energy" in entry and not _is_whole(entry["max_energy"]):
        raise BadScheduleError("max_energy has to be a whole number")


def _wants(schedule: Json, at: datetime) -> bool:
    start, stop = _minutes(schedule["start"]), _minutes(schedule["stop"])
    if start is None or stop is None:
        return False
    minute, today = at.hour * 60 + at.minute, at.weekday()
    days = _days(schedule)
    if start < stop:
        return days[DAYS[today]] and start <= minute < stop
    # Over midnight: the day is the one on which it starts.
    return (days[DAYS[today]] and minute >= start) or (days[DAYS[today - 1]] and minute < stop)


def _minutes(text: JsonValue) -> int | None:
    if not isinstance(text, str) or len(text) != 4 or not text.isascii() or not text.isdigit():  # noqa: PLR2004  HHMM
        return None
    hours, minutes = int(text[:2]), int(text[2:])
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None  # noqa: PLR2004  of a clock


def _days(schedule: Json) -> dict[str, bool]:
    days = schedule["days"]
    return {name: on is True for name, on in days.items()} if isinstance(days, dict) else {}


def _whole(entry: Json, name: str) -> int:
    value = entry.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _is_whole(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
