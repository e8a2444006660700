"""The Podero table: each property, where it is read from, and the write that sets it.

Units on the wire: W, kWh, %. Sources are in docs/vendors/podero.md.
"""

from __future__ import annotations

from bridge.charger import properties as p
from bridge.charger.binding import Binding, Request
from bridge.charger.document import Document, boolean, optional_number
from bridge.charger.property import Property
from bridge.vendors.podero import status
from bridge.vendors.podero.reading import flag, has, word

SMART = "is_smart_optimization_active"
BOOST_PATH = "boost"

BOOSTING = frozenset({"requested", "ongoing"})
"""Podero passes a boost on to the wallbox: `requested` first, `ongoing` when that took it."""

NOT_BOOSTING = frozenset({"available", "unavailable"})


def set_smart(on: bool) -> Request:  # noqa: FBT001 - the value itself
    """Hand the wallbox to Podero's optimisation, or back to its own behaviour."""
    return Request(method="PUT", path="", body={SMART: on})


def set_boost(on: bool) -> Request:  # noqa: FBT001 - the value itself
    """Charge at once at the full rate (without a car: as soon as one comes), or leave that off again."""
    return Request(method="POST" if on else "DELETE", path=BOOST_PATH)


def _smart(document: Document) -> bool | None:
    found = document[SMART]
    return None if found is None else boolean(found)


def _boost(document: Document) -> bool | None:
    """Tell whether a boost runs or is armed for the next car; None in descriptions that do not say it."""
    state, armed = word(document, "boost_state"), flag(document, "boost_for_next_session")
    if armed or state in BOOSTING:
        return True
    if state is not None and state not in NOT_BOOSTING:
        raise ValueError(f"boost state {state[:40]!r} is not in the vendor's list")
    return None if state is None and armed is None else False


def _measured(row: Property[float], name: str) -> Binding[float]:
    return Binding(property=row, read=lambda document: optional_number(document[name]), supported=has(name))


BINDINGS = (
    Binding(property=p.STATUS, read=status.read_status),
    Binding(property=p.STATUS_REASON, read=status.read_reason),
    Binding(property=p.STATUS_RAW, read=status.read_status_raw),
    Binding(property=p.ONLINE, read=status.read_online, supported=status.says_online),
    Binding(property=p.ERROR_CODE, read=status.read_error_code),
    Binding(property=p.ERROR_TEXT, read=status.read_error_text),
    _measured(p.POWER, "charge_rate_w"),
    Binding(property=p.SMART_CHARGING, read=_smart, write=lambda on, _: set_smart(on), supported=has(SMART)),
    # The calls are documented apart from the description, which may not tell what became of them.
    Binding(property=p.BOOST, read=_boost, write=lambda on, _: set_boost(on)),
    _measured(p.SOC_TARGET_MIN, "charge_target_min"),
    _measured(p.SOC_TARGET_MAX, "charge_target_max"),
    # Rolling windows of 24 hours, 7 and 30 days: they fall as well as rise.
    _measured(p.ENERGY_LAST_DAY, "consumption_last_day_kwh"),
    _measured(p.ENERGY_LAST_WEEK, "consumption_last_week_kwh"),
    _measured(p.ENERGY_LAST_MONTH, "consumption_last_month_kwh"),
)
