"""What a Next tells about itself: the live fields of the section `system`, the dashboard, the errors."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.simulators.meter import MAINS_V, PHASES
from bridge.simulators.webasto.device import WebastoDevice
from bridge.simulators.webasto.labels import DASHBOARD, WORDS, Language, word
from bridge.simulators.webasto.numbers import decimal, triple
from bridge.simulators.webasto.states import OcppState
from bridge.simulators.wire import Json, JsonValue

# No value of `type-2-state` has been published. These are the states of IEC 61851, which the plug is named for.
TYPE_2 = {
    OcppState.AVAILABLE: "A",
    OcppState.PREPARING: "B1",
    OcppState.CHARGING: "C2",
    OcppState.SUSPENDED_EVSE: "B1",
    OcppState.SUSPENDED_EV: "B2",
    OcppState.FINISHING: "B1",
    OcppState.RESERVED: "A",
    OcppState.UNAVAILABLE: "F",
    OcppState.FAULTED: "F",
}
INTERFACES = """eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:02
          inet 192.0.2.17  netmask 255.255.255.0
lo        Link encap:Local Loopback
          inet 127.0.0.1  netmask 255.0.0.0
wlan0     Link encap:Ethernet  HWaddr 02:00:00:00:00:01
          inet 172.20.0.1  netmask 255.255.255.0
"""


def readings(device: WebastoDevice, language: Language) -> Json:
    """The values of the fields that are not set but measured, by key."""
    charging, form = device.charging, device.manners.triples
    online = device.settings["connection-type"] == "ocpp"
    moment = datetime.fromtimestamp(device.times.since_1970(), UTC)
    volts = voltages(device)
    amps = currents(device)
    local = device.settings["local-system-time-setting"]
    milliwatts = [volt * amp * 1_000 for volt, amp in zip(volts, amps, strict=True)]
    errors = ", ".join(str(error["errorCode"]) for error in device.errors)
    return {
        "system-time-setting": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local-system-time-setting": local or moment.strftime("%Y-%m-%dT%H:%M:%S"),
        "total-charging-sessions": charging.sessions,
        "duration-of-current-charging-session": int(charging.duration_s),
        "power-of-current-charging-session": triple(milliwatts, "mW", form, 0),
        "error-counter": device.error_count,
        "plug-cycles": charging.plug_cycles,
        "ocpp-state": charging.state.value,
        "type-2-state": TYPE_2[charging.state],
        "signal-current": triple(amps, "A", form),
        "signal-voltage": triple(volts, "V", form),
        # The words of these two are made up.
        "ocpp-connection-state-backend": "connected" if online else "disconnected",
        "connected-interface-backend": "eth0" if online else "none",
        "free-charging-mode": word(WORDS, "enabled" if charging.rules.free else "disabled", language),
        "errors": errors or word(WORDS, "no-error", language),
        "interfaces": INTERFACES,
    }


def currents(device: WebastoDevice) -> list[float]:
    """In A by phase."""
    meter = device.charging.meter
    return [meter.current if phase < meter.phases else 0.0 for phase in range(PHASES)]


def voltages(device: WebastoDevice) -> list[float]:
    """In V by phase, with a little noise that changes every second."""
    second = int(device.times.clock())
    return [MAINS_V + device.charging.meter.noise(second, phase) for phase in range(PHASES)]


def dashboard(device: WebastoDevice, language: Language) -> list[JsonValue]:
    """What a person sees first; every value is text in the person's language."""
    manners, charging = device.manners, device.charging
    comma = language == "de" if manners.decimal_comma is None else manners.decimal_comma
    minutes = decimal(charging.duration_s / 60, 2, comma=comma)
    energy = decimal(charging.meter.session_wh / 1_000, 3, comma=comma)
    # What stands here during an error has not been published.
    well = not device.errors
    status: Json = {
        "dashboardInformationEntryType": "simple-string-dashboard-information-entry",
        **_entry("status-wallbox", "OK" if well else "ERROR", language),
        "color": "green" if well else "red",
        "isMainStatusEntry": True,
    }
    free = word(WORDS, "on" if charging.rules.free else "off", language)
    indicator = [status, _entry("free-charging", free, language), _entry("connectivity-status", "", language)]
    summary = [
        _entry("total-charging-sessions", f"{charging.sessions} {word(WORDS, 'sessions', language)}", language),
        _entry("duration", f"{minutes} {word(WORDS, 'minutes', language)}", language),
        _entry("power", f"{energy} kWh", language),
    ]
    ocpp = [
        _entry("charge-point-id", device.settings["ocpp-charge-box-identity-charge-point-id"], language),
        _entry("ocpp-state", charging.state.value, language),
    ]
    groups = {"indicator": indicator, "summary": summary, "ocpp-status": ocpp}
    return [
        {"key": key, "label": word(DASHBOARD, key, language), "entries": [_forced(device, each) for each in entries]}
        for key, entries in groups.items()
    ]


def _entry(key: str, value: JsonValue, language: Language) -> Json:
    return {"key": key, "label": word(DASHBOARD, key, language), "value": value}


def _forced(device: WebastoDevice, entry: Json) -> JsonValue:
    key = str(entry["key"])
    return {**entry, "value": device.forced[key]} if key in device.forced else entry
