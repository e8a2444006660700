"""The go-e values that have an inside: schedules, cards, current presets, solar readings, colours."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bridge.simulators.goe_values import Rule, WriteRefusedError, array, check_range, is_number, is_whole, json_object
from bridge.simulators.wire import Json, JsonValue

CARDS = 10
MAX_PRESETS = 5
MAX_RANGES = 2

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")


def colour() -> Rule:
    """A text such as `#00FFFF`; the charger's own words for anything else are not known."""

    def wrong(value: JsonValue) -> str | None:
        return None if isinstance(value, str) and _COLOUR.match(value) else "value must be #RRGGBB"

    return Rule(kind="string", fits=lambda value: isinstance(value, str), fault_inside=wrong)


def presets() -> Rule:
    """Up to five currents for the button."""

    def wrong(value: JsonValue) -> str | None:
        currents = value if isinstance(value, list) else []
        if len(currents) > MAX_PRESETS:
            return f"Value {len(currents)} exceeds range 0 to {MAX_PRESETS}"
        return _first_fault(("uint8_t", current, 6, 32) for current in currents)

    return array(wrong)


def schedule(highest_control: int) -> Rule:
    """A week, a Saturday or a Sunday: `control` and up to two `ranges` of hours and minutes; each may be left out."""

    def wrong(value: JsonValue) -> str | None:
        wanted = value if isinstance(value, dict) else {}
        ranges = wanted.get("ranges", [])
        if not isinstance(ranges, list) or not all(isinstance(each, dict) for each in ranges):
            return "value must be JsonArray"
        if len(ranges) > MAX_RANGES:
            return f"Value {len(ranges)} exceeds range 0 to {MAX_RANGES}"
        ends = [each.get(end) for each in ranges if isinstance(each, dict) for end in ("begin", "end")]
        times = [end if isinstance(end, dict) else {} for end in ends]
        numbers = [("uint8_t", wanted.get("control", 0), 0, highest_control)]
        numbers += [("uint8_t", time.get("hour"), 0, 24) for time in times]
        numbers += [("uint8_t", time.get("minute"), 0, 59) for time in times]
        return _first_fault(numbers)

    return json_object(wrong)


def empty_schedule() -> Json:
    """A schedule that is off, as it is read: with seconds, which make it too long to be written back unchanged."""
    midnight: Json = {"hour": 0, "minute": 0, "second": 0}
    return {"control": 0, "ranges": [{"begin": dict(midnight), "end": dict(midnight)} for _ in range(MAX_RANGES)]}


def merged_schedule(old: JsonValue, new: JsonValue) -> Json:
    """The schedule after a write: what was not mentioned stays; times have seconds again when they are read."""
    merged: Json = dict(old) if isinstance(old, dict) else empty_schedule()
    if isinstance(new, dict):
        merged.update({name: new[name] for name in ("control", "ranges") if name in new})
    ranges = merged["ranges"] if isinstance(merged["ranges"], list) else []
    full: list[JsonValue] = [_with_seconds(each) for each in ranges if isinstance(each, dict)]
    empty = empty_schedule()["ranges"]
    merged["ranges"] = [*full, *(empty[len(full) :] if isinstance(empty, list) else [])]
    return merged


def solar_reading() -> Rule:
    """`pGrid` and, when there are any, `pPv` and `pAkku`, all in W."""

    def wrong(value: JsonValue) -> str | None:
        reading = value if isinstance(value, dict) else {}
        # Which text the charger has for this is not known.
        if not is_number(reading.get("pGrid")):
            return "pGrid must be float"
        return next((f"{name} must be float" for name in ("pPv", "pAkku") if not _number_or_none(reading, name)), None)

    return json_object(wrong)


def cards_update() -> Rule:
    """A list with one object per card; an empty object leaves a card as it is."""

    def wrong(value: JsonValue) -> str | None:
        cards = value if isinstance(value, list) else []
        if len(cards) > CARDS:
            return f"Value {len(cards)} exceeds range 0 to {CARDS}"
        return None if all(isinstance(card, dict) for card in cards) else "value must be JsonObject"

    return array(wrong)


def load_total() -> Rule:
    """The current that several chargers share: a number, or an object of numbers in A."""

    def wrong(value: JsonValue) -> str | None:
        parts = value if isinstance(value, dict) else {"amp": value}
        return _first_fault(("uint32_t", part, 0, 2**32 - 1) for part in parts.values())

    return Rule(
        kind="JsonVariantConst", fits=lambda value: is_number(value) or isinstance(value, dict), fault_inside=wrong
    )


def merged_load_total(old: JsonValue, new: JsonValue) -> Json:
    """The shared current after a write; a mere number is taken for the one in effect and the fixed one."""
    merged: Json = dict(old) if isinstance(old, dict) else {}
    wanted: Json = new if isinstance(new, dict) else {"amp": new, "sta": new}
    merged.update({name: wanted[name] for name in ("amp", "dyn", "sta", "ts") if name in wanted})
    return merged


def empty_card() -> Json:
    """A place for a card that has not been taught."""
    return {"name": "n/a", "energy": 0, "cardId": False}


def updated_card(old: Json, new: JsonValue) -> Json:
    """A card after a write; the id itself is never read back, only whether there is one."""
    card = dict(old)
    if isinstance(new, dict):
        card.update({name: new[name] for name in ("name", "energy") if name in new})
        if "rfid" in new:
            card["cardId"] = bool(new["rfid"])
    return card


def _with_seconds(time_range: Json) -> Json:
    full: Json = {}
    for end in ("begin", "end"):
        time = time_range.get(end)
        hour_and_minute = {name: time.get(name, 0) for name in ("hour", "minute")} if isinstance(time, dict) else {}
        full[end] = {**hour_and_minute, "second": 0}
    return full


def _number_or_none(reading: Json, name: str) -> bool:
    return reading.get(name) is None or is_number(reading[name])


def _first_fault(numbers: Iterable[tuple[str, JsonValue, int, int]]) -> str | None:
    for kind, value, low, high in numbers:
        if not is_whole(value):
            return f"value must be {kind}"
        try:
            check_range(value, low, high)
        except WriteRefusedError as refused:
            return str(refused)
    return None
