"""The go-e table: each property, the key it is read from, and the write that sets it.

Units on the wire: Wh, W, A, V, °C, `lbr` 0..255 (apikeys-en.md; units of `nrg` from recordings).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.charger import properties as p
from bridge.charger.binding import Action, Binding
from bridge.charger.document import Document, boolean, integer, items, number, optional_integer, optional_number, text
from bridge.charger.property import Bounds
from bridge.charger.values import Firmware, Json, plain_number
from bridge.vendors.goe.status import (
    FORCE_NEUTRAL,
    FORCE_OFF,
    FORCE_ON,
    firmware_number,
    read_error_code,
    read_error_text,
    read_reason,
    read_status,
    read_status_raw,
)
from bridge.vendors.goe.writes import set_key

WH_PER_KWH = 1000
LED_FULL = 255
LOWEST_CURRENT_A, HIGHEST_CURRENT_A = 6, 32
NRG_LENGTH = 16
PLAUSIBLE_TEMPERATURE_C = (-40, 125)
"""`tma` has been seen with -16843.01 and other glitches (issues 132, 161)."""

_OVERRIDES = {FORCE_NEUTRAL: "auto", FORCE_OFF: "off", FORCE_ON: "on"}
_MODES = {3: "standard", 4: "eco", 5: "next_trip"}
_PHASES = {0: "auto", 1: "single", 2: "three"}
_CABLE_LOCKED = {1: False, 2: True, 3: True, 4: False}
"""`cus`: unlocked, unlock failed, locked, lock failed; 0 and 5 do not say."""


def _has(*keys: str) -> Callable[[Document], bool]:
    return lambda document: all(key in document for key in keys)


def _nrg(index: int) -> Callable[[Document], float]:
    def read(document: Document) -> float:
        values = items(document["nrg"])
        if len(values) != NRG_LENGTH:
            msg = f"nrg has {len(values)} elements instead of {NRG_LENGTH}"
            raise ValueError(msg)
        return number(values[index])

    return read


def _coded(key: str, words: dict[int, str]) -> Callable[[Document], str]:
    def read(document: Document) -> str:
        code = integer(document[key])
        if code not in words:
            msg = f"{key} {code} is not in the vendor's list"
            raise ValueError(msg)
        return words[code]

    return read


def _code(words: dict[int, str], word: str) -> int:
    return next(code for code, known in words.items() if known == word)


def _charging_enabled(document: Document) -> bool:
    force = integer(document["frc"])
    return boolean(document["alw"]) if force == FORCE_NEUTRAL else force == FORCE_ON


def _total_energy(document: Document) -> float | None:
    # `etop` is the persisted copy of `eto`, without the live part.
    wh = optional_number(document["eto"] if "eto" in document else document["etop"])
    return None if wh is None else wh / WH_PER_KWH


def _limits(document: Document) -> dict[str, float]:
    """Return every upper limit on the current that the charger tells of, in A."""
    found: dict[str, float] = {}
    # `var` is the unit's rating in kW: 11 is 16 A, 22 is 32 A.
    if document.get("var") is not None:
        found["hardware"] = 16 if integer(document["var"]) <= 11 else HIGHEST_CURRENT_A  # noqa: PLR2004
    for name, key in (("installation", "ama"), ("cable", "cbl")):
        if document.get(key) is not None:
            found[name] = number(document[key])
    return found


def _current_bounds(document: Document) -> Bounds:
    lowest = optional_number(document.get("mca")) or LOWEST_CURRENT_A
    highest = min([HIGHEST_CURRENT_A, *(limit for limit in _limits(document).values() if limit > 0)])
    return Bounds(minimum=min(lowest, highest), maximum=highest, step=1)


def _limit_reason(document: Document) -> str:
    limits = {"setting": number(document["amp"]), **_limits(document)}
    if document.get("amt") is not None:
        limits["temperature"] = number(document["amt"])
    return min(limits, key=limits.__getitem__)


def _temperature(document: Document) -> float | None:
    sensors = items(document["tma"])
    # CORE and PRO report six elements, of which the first two are no sensors.
    sensors = sensors[2:] if len(sensors) == 6 else sensors  # noqa: PLR2004
    low, high = PLAUSIBLE_TEMPERATURE_C
    plausible = [
        float(t) for t in sensors if isinstance(t, int | float) and not isinstance(t, bool) and low <= t <= high
    ]
    return max(plausible, default=None)


def _phases_active(document: Document) -> int | None:
    # `pha`: three phases after the contactor, then three before it.
    phases = document["pha"]
    return None if phases is None else sum(boolean(phase) for phase in items(phases)[:3])


def _energy_limit(document: Document) -> float:
    wh = optional_number(document["dwo"])
    return 0.0 if wh is None else wh / WH_PER_KWH


def _wire_number(value: float) -> Json:
    return plain_number(value)


def _card(document: Document) -> str | None:
    """Return the name a person gave to the card, never its id; `trx` is the card's index + 1, 0 without card."""
    transaction = optional_integer(document["trx"])
    if not transaction:
        return None
    if "cards" in document:
        card = items(document["cards"])[transaction - 1]
        return text(card["name"]) if isinstance(card, dict) else None
    return text(document[f"c{transaction - 1}n"])


def _firmware(document: Document) -> Firmware:
    # `ocu` lists versions on offer, some with remarks such as "V 051.9 OUTDATED"; only bare versions count.
    offered = document.get("ocu")
    bare = (
        [v for v in offered if isinstance(v, str) and v.replace(".", "").isdigit()] if isinstance(offered, list) else []
    )
    return Firmware(text(document["fwv"]), max(bare, key=firmware_number, default=None))


BINDINGS = (
    Binding(property=p.STATUS, read=read_status, supported=_has("car")),
    Binding(property=p.STATUS_REASON, read=read_reason, supported=_has("car")),
    Binding(property=p.STATUS_RAW, read=read_status_raw, supported=_has("car")),
    Binding(property=p.ERROR_CODE, read=read_error_code, supported=_has("err")),
    Binding(property=p.ERROR_TEXT, read=read_error_text, supported=_has("err")),
    Binding(
        property=p.CHARGING_ENABLED,
        read=_charging_enabled,
        write=lambda on, _: set_key("frc", FORCE_ON if on else FORCE_OFF),
        supported=_has("frc", "alw"),
    ),
    Binding(
        property=p.CHARGE_OVERRIDE,
        read=_coded("frc", _OVERRIDES),
        write=lambda word, _: set_key("frc", _code(_OVERRIDES, word)),
        supported=_has("frc"),
    ),
    Binding(
        property=p.CHARGE_MODE,
        read=_coded("lmo", _MODES),
        write=lambda word, _: set_key("lmo", _code(_MODES, word)),
        options=lambda _: tuple(_MODES.values()),
        supported=_has("lmo"),
    ),
    Binding(
        property=p.CURRENT_LIMIT,
        read=lambda doc: number(doc["amp"]),
        write=lambda amps, _: set_key("amp", int(amps)),
        bounds=_current_bounds,
        supported=_has("amp"),
    ),
    # Null while charging is not allowed: then nothing is offered, but the charger gives no number for it.
    Binding(property=p.CURRENT_OFFERED, read=lambda doc: optional_number(doc["acu"]), supported=_has("acu")),
    Binding(property=p.LIMIT_REASON, read=_limit_reason, supported=_has("amp")),
    Binding(
        property=p.PHASE_MODE,
        read=_coded("psm", _PHASES),
        write=lambda word, _: set_key("psm", _code(_PHASES, word)),
        supported=_has("psm"),
    ),
    Binding(property=p.PHASES_ACTIVE, read=_phases_active, supported=_has("pha")),
    Binding(property=p.CABLE_LOCKED, read=lambda doc: _CABLE_LOCKED.get(integer(doc["cus"])), supported=_has("cus")),
    # Without `nrg` (the original document does not list it) the 30 s average is the only power there is.
    Binding(property=p.POWER, read=_nrg(11), supported=_has("nrg")),
    Binding(
        property=p.POWER,
        read=lambda doc: optional_number(doc["tpa"]),
        supported=lambda doc: "tpa" in doc and "nrg" not in doc,
    ),
    Binding(property=p.VOLTAGE_L1, read=_nrg(0), supported=_has("nrg")),
    Binding(property=p.VOLTAGE_L2, read=_nrg(1), supported=_has("nrg")),
    Binding(property=p.VOLTAGE_L3, read=_nrg(2), supported=_has("nrg")),
    Binding(property=p.CURRENT_L1, read=_nrg(4), supported=_has("nrg")),
    Binding(property=p.CURRENT_L2, read=_nrg(5), supported=_has("nrg")),
    Binding(property=p.CURRENT_L3, read=_nrg(6), supported=_has("nrg")),
    Binding(property=p.POWER_L1, read=_nrg(7), supported=_has("nrg")),
    Binding(property=p.POWER_L2, read=_nrg(8), supported=_has("nrg")),
    Binding(property=p.POWER_L3, read=_nrg(9), supported=_has("nrg")),
    Binding(property=p.POWER_FACTOR_L1, read=_nrg(12), supported=_has("nrg")),
    Binding(property=p.POWER_FACTOR_L2, read=_nrg(13), supported=_has("nrg")),
    Binding(property=p.POWER_FACTOR_L3, read=_nrg(14), supported=_has("nrg")),
    # 0 Hz means not known.
    Binding(property=p.FREQUENCY, read=lambda doc: optional_number(doc["fhz"]) or None, supported=_has("fhz")),
    Binding(property=p.TEMPERATURE, read=_temperature, supported=_has("tma")),
    Binding(property=p.WIFI_RSSI, read=lambda doc: optional_integer(doc["rssi"]), supported=_has("rssi")),
    Binding(property=p.SESSION_ENERGY, read=lambda doc: number(doc["wh"]) / WH_PER_KWH, supported=_has("wh")),
    Binding(property=p.TOTAL_ENERGY, read=_total_energy, supported=lambda doc: "eto" in doc or "etop" in doc),
    Binding(
        property=p.SESSION_ENERGY_LIMIT,
        read=_energy_limit,
        write=lambda kwh, _: set_key("dwo", _wire_number(kwh * WH_PER_KWH) if kwh else None),
        supported=_has("dwo"),
    ),
    Binding(property=p.SESSION_CARD, read=_card, supported=_has("trx")),
    Binding(
        property=p.LED_BRIGHTNESS,
        read=lambda doc: round(number(doc["lbr"]) * 100 / LED_FULL),
        write=lambda percent, _: set_key("lbr", round(percent * LED_FULL / 100)),
        supported=_has("lbr"),
    ),
    Binding(property=p.FIRMWARE_VERSIONS, read=_firmware, supported=_has("fwv")),
)

OF_THE_CLOUD: tuple[Binding[Any], ...] = (Binding(property=p.REAUTH_REQUIRED, read=lambda _: False),)
"""What there is only where a token is shown."""

ACTIONS = (
    # Only the value true works everywhere (issues 165 and 315).
    Action(
        key="restart",
        name="Restart",
        request=lambda _: set_key("rst", value=True),
        device_class="restart",
        category="config",
    ),
)
