"""The keys of a go-e that are measured or worked out rather than set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from bridge.simulators.goe_charging import CarState
from bridge.simulators.goe_meter import nrg
from bridge.simulators.goe_objects import CARDS
from bridge.simulators.meter import PHASES
from bridge.simulators.wire import Json, JsonValue

if TYPE_CHECKING:
    from bridge.simulators.goe_device import GoeDevice

UNLOCKED, LOCKED = 1, 3  # of `cus`
UNLOCK_WHEN_DONE = 1  # of `ust`


def readings(device: GoeDevice) -> Json:
    """All computed keys of a device as they are now, including some that its family may lack."""
    return {
        **_identity(device),
        **_state(device),
        **_measurements(device),
        **_solar(device),
        **_times(device),
        **_cards(device),
    }


def _identity(device: GoeDevice) -> Json:
    return {
        "sse": device.serial,
        "fwv": device.rules.firmware,
        "typ": device.rules.model,
        "var": device.variant,
        "host": f"go-echarger_{device.serial}",
        "ffna": f"go-eCharger_{device.serial}",
        "rbc": device.reboots,
    }


def _state(device: GoeDevice) -> Json:
    charging, settings = device.charging, device.settings
    car = charging.car
    closed = [charging.state == CarState.CHARGING and phase < charging.phases for phase in range(PHASES)]
    done = charging.state == CarState.COMPLETE and settings.whole("ust") == UNLOCK_WHEN_DONE
    limits: Json = dict(charging.limits())
    return {
        "car": charging.state.value,
        "err": charging.error,
        "modelStatus": charging.model,
        "alw": charging.allowed,
        "acu": charging.offered(),
        "cll": limits,
        "adi": device.rules.adapter_always or settings.flag("adi"),
        "cbl": car.cable_current if car else None,
        "pha": [*closed, *[True] * PHASES],  # to the car, then from the supply
        "fsp": charging.single_phase,
        "trx": charging.transaction,
        "lck": settings["ust"],
        "cus": LOCKED if car and not done else UNLOCKED,
    }


def _measurements(device: GoeDevice) -> Json:
    meter, second = device.charging.meter, int(device.uptime_s)
    warmth = min(1.0, meter.current / 32)
    inside: list[JsonValue] = [_sensor(21 + 16 * warmth), _sensor(26 + 22 * warmth)]
    return {
        "nrg": nrg(meter, second),
        "wh": round(meter.session_wh, 3),
        "eto": int(meter.total_wh),
        "etop": int(meter.total_wh) // 1_000 * 1_000,  # written to flash now and then only
        "tpa": round(meter.average_w, 1),
        "mmp": round(meter.highest_w, 1),
        "tma": [*[0] * device.rules.extra_sensors, *inside],
        "fhz": round(50 + 0.04 * meter.noise(second, 30), 3),
        "rssi": round(-55 + 3 * meter.noise(second, 31)),
    }


def _solar(device: GoeDevice) -> Json:
    sent = device.charging.surplus
    if sent is None:
        return {"pgrid": None, "ppv": None, "pakku": None}
    return {"pgrid": sent.get("pGrid"), "ppv": sent.get("pPv"), "pakku": sent.get("pAkku")}


def _times(device: GoeDevice) -> Json:
    wall = device.wall_clock()
    offset_min = device.settings.whole("tof")
    utc = datetime.fromtimestamp(wall, tz=UTC)
    local = utc.astimezone(timezone(timedelta(minutes=offset_min)))
    zone = f"{local:%z}"
    old = device.rules.old_time_stamps
    charged_ms = round(device.charging.charged_s * 1_000)
    # Type 0 counts up: its value is the time since boot, in ms, at which the counting began. A recording has type 0 and
    # 44 940 after 36 kWh at 9.7 kW and, when charging is over minutes later, type 1 and 13 413 609, a duration.
    counting = device.charging.state == CarState.CHARGING
    return {
        "rbt": device.uptime_ms,
        "utc": _stamp(utc, old=old),
        "loc": f"{_stamp(local, old=old)} {zone[:3]}:{zone[3:]}",
        "tab": round((wall - device.uptime_s) * 1_000),
        "lto": offset_min * 60_000,
        "cdi": {"type": 0, "value": device.uptime_ms - charged_ms} if counting else {"type": 1, "value": charged_ms},
        **device.stamps,
    }


def _cards(device: GoeDevice) -> Json:
    flat: Json = {}
    for index in range(CARDS):
        card = device.cards[index]
        energy = card["energy"]
        whole = int(energy) if isinstance(energy, int | float) else 0
        flat |= {f"c{index}n": card["name"], f"c{index}e": whole, f"c{index}i": card["cardId"]}
    return {"cards": [dict(card) for card in device.cards], **flat}


def _sensor(degrees: float) -> float:
    return round(degrees * 8) / 8  # the sensors have steps of an eighth of a degree


def _stamp(when: datetime, *, old: bool) -> str:
    text = f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1_000:03}"
    return f"{text}.{when.microsecond % 1_000:03}" if old else text
