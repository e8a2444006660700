"""The Wallbox table: each property, where it is read from, and the write that sets it.

Units on the wire: kW, kWh, A, s, km, %. Why some readings are not simply passed on is said where they are made; the
sources are in docs/vendors/wallbox.md.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.charger import properties as p
from bridge.charger.binding import Binding, Request
from bridge.charger.document import Document, boolean, integer, items, number, optional_integer, optional_number, text
from bridge.charger.property import Bounds, Property
from bridge.charger.values import Firmware
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import sources as s
from bridge.vendors.wallbox import status, writes
from bridge.vendors.wallbox.refusals import BY_OTHERS, by_others
from bridge.vendors.wallbox.sources import Field, charger_id

W_PER_KW = 1000
LOWEST_CURRENT_A = 6
USUAL_HIGHEST_CURRENT_A = 32
"""Until the charger has told its own limit; 32 A is what the API document knows."""
HIGHEST_HOUSE_CURRENT_A = 255
"""What the vendor's app takes (Home Assistant issue 134062); the API document knows 1 to 64."""
LONGEST_SESSION_S = 366 * 24 * 3600
ALL_OF_THE_SUN = 100
POWER_BOOST = "POWER_BOOST"

STANDARD = "standard"
_MODES = {0: "eco", 1: "full_solar"}
_CURRENCIES = {1: "EUR", 48: "GBP", 148: "USD"}
"""Numbers of currencies that have been recorded together with their code."""


def _number(field: Field) -> Callable[[Document], float | None]:
    return lambda document: optional_number(field.newest(document))


def _power(document: Document) -> float | None:
    kilowatts = optional_number(s.POWER.newest(document))
    if kilowatts == 0 and status.is_flowing(status.status_id(document)):
        # The list of all chargers has been recorded with 0 kW during a charge; the details know better.
        detailed = s.DETAILED_POWER.filled(document) and status.is_flowing(s.DETAILED_STATUS.newest(document))
        kilowatts = number(s.DETAILED_POWER.newest(document)) if detailed else kilowatts
    if kilowatts is None:
        return None
    return W_PER_KW * (-abs(kilowatts) if status.is_discharging(document) else kilowatts)


def _duration(document: Document) -> int | None:
    """Return how long the car has been plugged in; it has been recorded as the epoch with a minus before it."""
    seconds = optional_integer(s.PLUGGED_TIME.newest(document))
    return seconds if seconds is not None and 0 <= seconds <= LONGEST_SESSION_S else None


def _cost(document: Document) -> float | None:
    """Return what the cloud has reckoned: its 0 means that it has not, unless nothing was charged or it is free."""
    cost = optional_number(s.COST.newest(document))
    free = s.ENERGY.newest(document) == 0 or (s.PRICE.present(document) and s.PRICE.newest(document) == 0)
    return cost if cost or free else None


def currency(document: Document) -> str | None:
    """Return the ISO code of the money that the account reckons in, None if it is not known."""
    if s.CURRENCY_CODE.filled(document):
        return text(s.CURRENCY_CODE.known(document))
    return _CURRENCIES.get(integer(s.CURRENCY_ID.known(document))) if s.CURRENCY_ID.filled(document) else None


def _price_unit(document: Document) -> str | None:
    code = currency(document)
    return None if code is None else f"{code}/kWh"


def is_bidirectional(document: Document) -> bool:
    """Tell whether it can discharge a car: Quasar, by its part number; the cloud has no flag for it."""
    return s.PART_NUMBER.filled(document) and text(s.PART_NUMBER.known(document)).startswith("QS")


def _current_bounds(document: Document) -> Bounds:
    if s.HIGHEST_CURRENT.filled(document):
        highest = number(s.HIGHEST_CURRENT.known(document))
    else:
        highest = max(USUAL_HIGHEST_CURRENT_A, abs(number(s.CURRENT.known(document))))
    lowest = -highest if is_bidirectional(document) else min(LOWEST_CURRENT_A, highest)
    return Bounds(minimum=lowest, maximum=highest, step=1)


def _current_forbidden(amps: float, _: Document) -> str | None:
    # A hole in the middle of a bidirectional charger's range, which bounds cannot say (hesselonline/wallbox 20).
    if abs(amps) < LOWEST_CURRENT_A:
        message = (
            f"{amps:g} is between -{LOWEST_CURRENT_A} and {LOWEST_CURRENT_A} A, where no car charges or discharges"
        )
        raise CommandRejectedError(Code.OUT_OF_RANGE, message)
    return None


def _charging_forbidden(on: bool, document: Document) -> str | None:  # noqa: FBT001 - the value itself
    present = status.state(document) if status.status_id(document) in status.STATES else None
    return None if present is not None and present.enabled is on else status.forbids(document)


def _lock_forbidden(locked: bool, document: Document) -> str | None:  # noqa: FBT001 - the value itself
    # Seen live: the cloud takes it and nothing happens.
    return BY_OTHERS if not locked and by_others(document) else None


def _mode(document: Document) -> str:
    if not boolean(s.ECO_SMART_ENABLED.newest(document)):
        return STANDARD
    mode = integer(s.ECO_SMART_MODE.newest(document))
    if mode not in _MODES:
        raise ValueError(f"eco-smart mode {mode} is not in the vendor's list")
    return _MODES[mode]


def _set_mode(word: str, document: Document) -> Request:
    told = s.ECO_SMART_PERCENTAGE.filled(document)
    return writes.set_eco_smart(
        charger_id(document),
        enabled=word != STANDARD,
        mode=next((mode for mode, known in _MODES.items() if known == word), 0),
        percentage=integer(s.ECO_SMART_PERCENTAGE.known(document)) if told else ALL_OF_THE_SUN,
    )


def _has_power_boost(document: Document) -> bool:
    without = s.FEATURES.filled(document) and POWER_BOOST not in items(s.FEATURES.known(document))
    return s.HOUSE_CURRENT.filled(document) and not without


def _house_current(document: Document) -> int:
    # Negative while power boost is off.
    return abs(integer(s.HOUSE_CURRENT.newest(document)))


def _set_house_current(amps: float, document: Document) -> Request:
    boost = boolean(s.HOME_SHARING.newest(document)) if s.HOME_SHARING.filled(document) else None
    # No limit is said as both being 0.
    return writes.set_house_current(charger_id(document), int(amps), power_boost=boost and amps > 0)


def _power_boost_forbidden(on: bool, document: Document) -> str | None:  # noqa: FBT001 - the value itself
    without_limit = on and _house_current(document) == 0
    return "power boost needs the limit of the house; set house_current_limit first" if without_limit else None


def _firmware(document: Document) -> Firmware:
    def version(field: Field) -> str | None:
        return text(field.known(document)) if field.filled(document) else None

    return Firmware(version(s.FIRMWARE_INSTALLED), version(s.FIRMWARE_LATEST))


def _measured(property_: Property[float], field: Field) -> Binding[float]:
    return Binding(property=property_, read=_number(field), supported=field.present)


BINDINGS = (
    Binding(property=p.STATUS, read=status.read_status, supported=s.STATUS.present),
    Binding(property=p.STATUS_REASON, read=status.read_reason, supported=s.STATUS.present),
    Binding(property=p.STATUS_RAW, read=status.read_status_raw, supported=s.STATUS.present),
    Binding(property=p.ONLINE, read=status.read_online, supported=s.STATUS.present),
    Binding(property=p.ERROR_CODE, read=status.read_error_code, supported=s.STATUS.present),
    Binding(property=p.ERROR_TEXT, read=status.read_error_text, supported=s.STATUS.present),
    Binding(
        property=p.CHARGING_ENABLED,
        read=status.read_charging_enabled,
        write=lambda on, doc: writes.remote_action(
            charger_id(doc), writes.Action.RESUME if on else writes.Action.PAUSE
        ),
        forbidden=_charging_forbidden,
        supported=s.STATUS.present,
    ),
    Binding(
        property=p.CHARGE_MODE,
        read=_mode,
        write=_set_mode,
        options=lambda _: (STANDARD, *_MODES.values()),
        supported=s.ECO_SMART.filled,
    ),
    Binding(
        property=p.CURRENT_LIMIT,
        read=_number(s.CURRENT),
        write=lambda amps, doc: writes.set_current(charger_id(doc), int(amps)),
        bounds=_current_bounds,
        forbidden=_current_forbidden,
        supported=s.CURRENT.present,
    ),
    Binding(
        property=p.LOCKED,
        read=lambda doc: boolean(s.LOCKED.newest(doc)),
        write=lambda on, doc: writes.set_locked(charger_id(doc), locked=on),
        forbidden=_lock_forbidden,
        supported=s.LOCKED.present,
    ),
    Binding(property=p.POWER, read=_power, supported=s.POWER.present),
    _measured(p.SESSION_ENERGY, s.ENERGY),
    _measured(p.SESSION_ENERGY_GREEN, s.GREEN_ENERGY),
    _measured(p.SESSION_ENERGY_GRID, s.GRID_ENERGY),
    _measured(p.SESSION_ENERGY_DISCHARGED, s.DISCHARGED_ENERGY),
    Binding(property=p.SESSION_DURATION, read=_duration, supported=s.PLUGGED_TIME.present),
    Binding(property=p.SESSION_COST, read=_cost, unit=currency, supported=s.COST.present),
    Binding(
        property=p.ENERGY_PRICE,
        read=_number(s.PRICE),
        write=lambda price, doc: writes.set_energy_price(charger_id(doc), price),
        unit=_price_unit,
        supported=s.PRICE.present,
    ),
    _measured(p.ADDED_RANGE, s.ADDED_RANGE),
    # Null on chargers that cannot know it.
    Binding(property=p.VEHICLE_SOC, read=_number(s.CHARGE_LEVEL), supported=s.CHARGE_LEVEL.filled),
    Binding(
        property=p.HOUSE_CURRENT_LIMIT,
        read=_house_current,
        write=_set_house_current,
        bounds=lambda _: Bounds(minimum=0, maximum=HIGHEST_HOUSE_CURRENT_A, step=1),
        supported=_has_power_boost,
    ),
    Binding(
        property=p.POWER_BOOST,
        read=lambda doc: boolean(s.HOME_SHARING.newest(doc)),
        write=lambda on, doc: writes.set_house_current(charger_id(doc), _house_current(doc), power_boost=on),
        forbidden=_power_boost_forbidden,
        supported=lambda doc: _has_power_boost(doc) and s.HOME_SHARING.filled(doc),
    ),
    Binding(property=p.FIRMWARE_VERSIONS, read=_firmware, supported=s.FIRMWARE_INSTALLED.filled),
)
