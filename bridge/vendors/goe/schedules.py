"""`sch_week`, `sch_satur`, `sch_sund`: when the car may charge.

`{"control": 1, "ranges": [{"begin": {"hour": 22, "minute": 0}, "end": {"hour": 6, "minute": 0}}, ...]}`

Sources: apikeys-en.md and the lists per firmware; that `second` must not be written back, and how long a value may be:
issue 303; more than two ranges: changelog of 60.5.
"""

from __future__ import annotations

from bridge.charger.document import integer, items
from bridge.charger.values import Json
from bridge.vendors.goe.forms import Form
from bridge.vendors.goe.inside import Inside, an_object, mapping, parsed_object, whole, wrong

MOST_RANGES = 10
"""Two in all firmware but the newest, which takes more; the charger says no to what is too much."""


class _Schedule(Inside):
    """`control` and `ranges`, of which one may be missing; `second`, which the charger tells, must be 0."""

    def parse(self, raw: Json) -> dict[str, Json]:
        given = parsed_object(raw, ("control", "ranges"), "a schedule")
        schedule: dict[str, Json] = {}
        if not given:
            raise wrong("a schedule has control, ranges, or both")
        if "control" in given:
            schedule["control"] = whole(given["control"], 0, 4, "control")
        if "ranges" in given:
            ranges = given["ranges"]
            if not isinstance(ranges, list) or len(ranges) > MOST_RANGES:
                raise wrong(f"ranges must be a list of at most {MOST_RANGES}")
            schedule["ranges"] = [_range(each) for each in ranges]
        return schedule


def _range(raw: Json) -> Json:
    given = an_object(raw, ("begin", "end"), "a range")
    return {end: _time(given.get(end), end) for end in ("begin", "end")}


def _time(raw: Json, what: str) -> Json:
    given = an_object(raw, ("hour", "minute", "second"), what)
    whole(given.get("second", 0), 0, 0, f"second of {what}")
    return {
        "hour": whole(given.get("hour"), 0, 24, f"hour of {what}"),
        "minute": whole(given.get("minute"), 0, 59, f"minute of {what}"),
    }


def _read_schedule(value: Json) -> dict[str, Json]:
    """Return a schedule as it can be written: without `second`, which makes it too long."""
    told = mapping(value)
    ranges = [mapping(each) for each in items(told["ranges"])]
    return {
        "control": integer(told["control"]),
        "ranges": [{end: _read_time(each[end]) for end in ("begin", "end")} for each in ranges],
    }


def _read_time(value: Json) -> Json:
    told = mapping(value)
    return {unit: integer(told[unit]) for unit in ("hour", "minute")}


def _schedule_wire(value: dict[str, Json], shown: Json) -> Json:
    # Whether the charger keeps what a write leaves out is not documented.
    return value if len(value) > 1 else {**_read_schedule(shown), **value}


def _shows_schedule(wished: dict[str, Json], observed: object) -> bool:
    if not isinstance(observed, dict):
        return False
    ranges, shown = wished.get("ranges", observed["ranges"]), observed["ranges"]
    if not isinstance(ranges, list) or not isinstance(shown, list):
        return False
    # Chargers fill the places that are left with empty ranges.
    rest = [each for each in shown[len(ranges) :] if each["begin"] != each["end"]]
    return (
        wished.get("control", observed["control"]) == observed["control"]
        and shown[: len(ranges)] == ranges
        and not rest
    )


SCHEDULE = Form(type=_Schedule(), read=_read_schedule, wire=_schedule_wire, shows=_shows_schedule)
