"""Finished charging sessions out of the three places where the cloud tells them. Pure.

`v4/sessions/stats` has one charger's sessions in kWh, `v4/groups/{id}/charger-charging-sessions` a whole group's in Wh,
`v4/charger-last-sessions` the last or running one of each charger in kWh. Sources: docs/vendors/wallbox.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.charger.binding import Request
from bridge.charger.document import integer, items, number, optional_number, text
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.vendors.wallbox.sources import moment

PAGE = 1000
"""Sessions asked for at once; the cloud's own usual number."""

_KWH_OF_UNIT = {"kwh": 1.0, "wh": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSession:
    """A finished session as the cloud recorded it; never with the card, the plate or the person."""

    id: str
    record: SessionRecord

    def json(self) -> dict[str, Json]:
        """Return the form of `last_session`, with the cloud's id."""
        return {"id": self.id, **self.record.json()}


# Asking


def stats_page(charger: int, since: datetime, until: datetime, *, offset: int = 0) -> Request:
    """Ask for a page of one charger's sessions."""
    query = {
        "charger": str(charger),
        "start_date": str(int(since.timestamp())),
        "end_date": str(int(until.timestamp())),
        "limit": str(PAGE),
        "offset": str(offset),
    }
    return Request(method="GET", path="v4/sessions/stats", query=tuple(query.items()))


def group_page(group: int, since: datetime, until: datetime, *, offset: int = 0) -> Request:
    """Ask for a page of the sessions of a group's chargers."""
    bounds = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    filters = [{"field": "start_time", "operator": word, "value": value} for word, value in bounds.items()]
    query = {
        "filters": json.dumps({"filters": filters}, separators=(",", ":")),
        "fields[charger_charging_session]": "",
        "limit": str(PAGE),
        "offset": str(offset),
    }
    path = f"v4/groups/{group}/charger-charging-sessions"
    return Request(method="GET", path=path, query=tuple(query.items()))


def last_page() -> Request:
    """Ask for the last or running session of each charger of the account."""
    return Request(method="GET", path="v4/charger-last-sessions")


def next_offset(answer: Json, offset: int) -> int | None:
    """Return where the next page begins, None when this was the last one.

    `meta.count` is not known to be the number of all sessions, so that a full page is always followed by another look.
    """
    here = len(_data(answer))
    meta = answer.get("meta") if isinstance(answer, dict) else None
    count = meta.get("count") if isinstance(meta, dict) else None
    more = here >= PAGE or (isinstance(count, int) and count > offset + here)
    return offset + here if here and more else None


# Reading


def read_stats(answer: Json, charger: int) -> list[CloudSession]:
    """Read a page of `v4/sessions/stats`; raises TypeError when it is none, leaves out what is no session."""
    return _read(answer, charger, "charger_log_session", _of_stats)


def read_group(answer: Json, charger: int) -> list[CloudSession]:
    """Read one charger's sessions from a page of `charger-charging-sessions`; see `read_stats`."""
    return _read(answer, charger, "charger_charging_session", _of_group)


def read_last(answer: Json, charger: int) -> list[CloudSession]:
    """Read one charger's last session from `charger-last-sessions`; see `read_stats`.

    Without an end it still runs and is left out. Whether a running one can have an end is not known.
    """
    return _read(answer, charger, None, _of_last)


def in_order(sessions: Iterable[CloudSession]) -> list[CloudSession]:
    """Return each session once, the oldest first."""
    return sorted(
        {session.id: session for session in sessions}.values(), key=lambda session: session.record.finished_at
    )


_Entry = Mapping[str, Json]


def _read(
    answer: Json, charger: int, type_: str | None, read: Callable[[_Entry, _Entry], CloudSession]
) -> list[CloudSession]:
    found: list[CloudSession] = []
    for entry in _data(answer):
        attributes = entry.get("attributes") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(attributes, dict):
            continue
        if type_ is not None and entry.get("type") != type_:
            continue
        try:
            if integer(attributes.get("charger_id", attributes.get("charger"))) == charger:
                found.append(read(entry, attributes))
        except (LookupError, TypeError, ValueError):
            continue  # one session that cannot be understood does not cost the others
    return found


def _of_stats(entry: _Entry, about: _Entry) -> CloudSession:
    currency = about.get("currency")
    return _session(
        entry["id"],
        started=about["start"],
        finished=about["end"],
        kwh=_kwh(about["energy"], about.get("energy_unit"), usual="kwh"),
        cost=about.get("cost"),
        currency=currency.get("code") if isinstance(currency, dict) else None,
    )


def _of_group(entry: _Entry, about: _Entry) -> CloudSession:
    return _session(
        about.get("id", entry.get("id")),
        started=about["start_time"],
        finished=about["end_time"],
        kwh=_kwh(about["energy"], about.get("energy_unit"), usual="wh"),
        cost=about.get("total_cost"),
        currency=about.get("currency_code"),
    )


def _of_last(entry: _Entry, about: _Entry) -> CloudSession:
    return _session(
        entry["id"],
        started=about["start_time"],
        finished=about["end_time"],
        kwh=_kwh(about["charging_energy"], about.get("charging_energy_unit"), usual="kwh"),
    )


def _session(
    id_: Json, *, started: Json, finished: Json, kwh: float | None, cost: Json = None, currency: Json = None
) -> CloudSession:
    start, end = moment(started), moment(finished)
    if end is None or (start is not None and end < start):
        raise ValueError("a session that is not over")
    record = SessionRecord(
        started_at=start,
        finished_at=end,
        energy=kwh,
        # From plug to plug, as the bridge's own record has it; the cloud's `time` counts only while energy flows.
        duration=None if start is None else int((end - start).total_seconds()),
        cost=optional_number(cost),
        currency=currency if isinstance(currency, str) else None,
        card=None,
    )
    return CloudSession(id=text(id_) if isinstance(id_, str) else str(integer(id_)), record=record)


def _kwh(energy: Json, unit: Json, *, usual: str) -> float | None:
    if energy is None:
        return None
    return number(energy) * _KWH_OF_UNIT[unit.lower() if isinstance(unit, str) else usual]


def _data(answer: Json) -> list[Json]:
    if not isinstance(answer, dict):
        raise TypeError("a list of sessions that is no object")
    return items(answer.get("data"))
