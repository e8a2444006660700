"""All fields of a Next but those of its section `system`, in the order of the document.

Keys, English labels and permissions are the document's; so are the groups, but which field is in which group is mostly
a guess, as are most values. The German labels are made up, so that nobody can rely on labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.simulators.secret import SECRET
from bridge.simulators.webasto.fields import Field, Kind
from bridge.simulators.wire import JsonValue


def _rows(group: str, *rows: tuple[str, Kind, str, str, JsonValue]) -> tuple[Field, ...]:
    return tuple(
        Field(key=key, group=group, kind=kind, label=label, german=german, value=value)
        for key, kind, label, german, value in rows
    )


def _choice(group: str, key: str, label: str, german: str, *options: str) -> Field:
    return Field(key=key, group=group, kind="select", label=label, german=german, value=options[0], options=options)


AUTH = _rows(
    "free-charging",
    ("free-charging", "boolean", "Off/On", "Aus/Ein", True),
    ("free-charging-alais", "simple-string", "ID tag for free charging", "ID-Tag für freies Laden", f"{SECRET}-tag"),
    ("local-remote-start", "button", "Local Remote Start/Stop", "Lokaler Start/Stopp", None),
)

BACKEND = (
    _choice("connection", "connection-type", "Connection type", "Verbindungsart", "no-backend", "ocpp"),
    *_rows("connection", ("connection-uri", "simple-string", "Connection URI", "Verbindungs-URI", "")),
)

HEMS = (
    _choice("modbus", "mode-modbus", "Mode", "Betriebsart", "OFF", "HEMS", "DLM"),
    *_rows(
        "modbus",
        ("communication-timeout-modbus", "number", "Communication timeout [s]", "Zeitüberschreitung [s]", 60),
        ("port-modbus", "number", "Port", "Anschluss", 502),
    ),
    _choice("modbus", "connection-type-modbus", "Connection type", "Verbindungsart", "auto", "tcp", "rtu"),
    *_rows(
        "hems",
        ("safe-current-modbus-l1", "number", "Safe current L1 [A]", "Sicherer Strom L1 [A]", 6),
        ("safe-current-modbus-l2", "number", "Safe current L2 [A]", "Sicherer Strom L2 [A]", 6),
        ("safe-current-modbus-l3", "number", "Safe current L3 [A]", "Sicherer Strom L3 [A]", 6),
    ),
    *_rows(
        "dlm",
        ("external-meter-ip-modbus", "simple-string", "External Meter IP", "IP des externen Zählers", ""),
        ("external-meter-port-modbus", "number", "External Meter port", "Anschluss des externen Zählers", 502),
        ("external-meter-module-modbus", "select", "External Meter Module", "Typ des externen Zählers", ""),
    ),
    _choice(
        "dlm",
        "external-meter-position-modbus",
        "External Meter position",
        "Lage des externen Zählers",
        "including wallbox",
        "excluding wallbox",
    ),
    *_rows(
        "dlm",
        ("free-buffer-modbus", "number", "Free buffer [%]", "Freier Puffer [%]", 10),
        ("register-refresh-interval-modbus", "number", "Register refresh interval [s]", "Abfrage alle [s]", 5),
        ("recalculation-interval-modbus", "number", "Recalculation interval [s]", "Neuberechnung alle [s]", 10),
        ("current-limit-external-meter-modbus-l1", "number", "Current limit L1 [A]", "Höchststrom L1 [A]", 32),
        ("current-limit-external-meter-modbus-l2", "number", "Current limit L2 [A]", "Höchststrom L2 [A]", 32),
        ("current-limit-external-meter-modbus-l3", "number", "Current limit L3 [A]", "Höchststrom L3 [A]", 32),
    ),
)

NETWORK = (
    *_rows(
        "wlan",
        ("on-off-wlan", "boolean", "WiFi Off/On", "WLAN Aus/Ein", True),
        ("wlan-ssid", "simple-string", "WiFi SSID", "WLAN-Name", f"{SECRET}-ssid"),
        # Whether a real one tells it is not known; a client must be ready for the worst.
        ("wlan-pre-shared-key", "password", "Password", "Passwort", f"{SECRET}-wlan-key"),
    ),
    _choice("wlan", "encryption-wlan", "Encryption", "Verschlüsselung", "WPA2", "WPA3"),
    *_rows(
        "wlan",
        ("dhcp-on-off-wlan", "boolean", "DHCP Off/On", "DHCP Aus/Ein", True),
        ("hostname-wlan", "simple-string", "Hostname", "Rechnername", "NEXT-WS110064"),
        ("ip-address-wlan", "simple-string", "IP address (static)", "IP-Adresse (fest)", ""),
        ("ip-subnet-wlan", "simple-string", "Subnet mask", "Subnetzmaske", ""),
        ("gateway-wlan", "simple-string", "Gateway", "Standardgateway", ""),
        ("dns-wlan", "simple-string", "DNS", "DNS-Server", ""),
    ),
    *_rows(
        "lan",
        ("on-off-lan", "boolean", "LAN Off/On", "LAN Aus/Ein", True),
        ("dhcp-on-off-lan", "boolean", "DHCP Off/On", "DHCP Aus/Ein", True),
        ("hostname-lan", "simple-string", "Hostname", "Rechnername", "NEXT-WS110064"),
        ("ip-address-lan", "simple-string", "IP address (static)", "IP-Adresse (fest)", ""),
        ("ip-subnet-lan", "simple-string", "Subnet mask", "Subnetzmaske", ""),
        ("gateway-lan", "simple-string", "Gateway", "Standardgateway", ""),
        ("dns-lan", "simple-string", "DNS", "DNS-Server", ""),
    ),
)

POWER = (
    *_rows(
        "installation",
        ("operator-current-limit", "number", "Operator current limit [A]", "Strombegrenzung des Betreibers [A]", 16),
    ),
    Field(
        key="phases-connected-to-charge-point",
        group="installation",
        label="Phases connected",
        german="Angeschlossene Phasen",
        value=3,
        writable=False,
    ),
    *_rows("installation", ("installation-region", "select", "Installation Region", "Region der Installation", "EU")),
    Field(
        key="randomised-delay-range",
        group="randomised-Delay",
        kind="number",
        label="Maximum Duration [s]",
        german="Höchstdauer [s]",
        value=0,
        least=0,
        most=1_800,  # of the Unite; those of the Next are not known
    ),
    *_rows(
        "randomised-Delay",
        ("skip-randomized-delay", "button", "Skip randomised Delay", "Zufällige Verzögerung überspringen", None),
    ),
    *_rows(
        "Off-Peak-Charging",
        ("enable-off-peak", "boolean", "Off-Peak Charging", "Laden außerhalb der Spitzenzeit", False),
        ("enable-off-peak-weekend", "boolean", "Off-Peak on weekends", "Auch am Wochenende", False),
        ("off-peak-period1-start", "time", "Peak period 1 - Start", "Spitzenzeit 1 - Beginn", "08:00"),
        ("off-peak-period1-stop", "time", "Peak period 1 - Finish", "Spitzenzeit 1 - Ende", "11:00"),
        ("off-peak-period2-start", "time", "Peak period 2 - Start", "Spitzenzeit 2 - Beginn", "16:00"),
        ("off-peak-period2-stop", "time", "Peak period 2 - Finish", "Spitzenzeit 2 - Ende", "22:00"),
    ),
)

PROFILE: tuple[Field, ...] = ()
"""The document has no table of this section."""

SECTIONS_BUT_SYSTEM: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {"auth": AUTH, "backend": BACKEND, "hems": HEMS, "network": NETWORK, "power": POWER, "profile": PROFILE}
)
