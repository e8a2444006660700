"""The fields of the section `system` of a Next, in the order of the document."""

from __future__ import annotations

from bridge.simulators.webasto.fields import Field, Kind
from bridge.simulators.wire import JsonValue

_GENERAL, _STATISTICS, _INFORMATION, _STATE = "general", "statistics", "system-information", "system-status"
LOG_LEVEL = "INFO"


def _set(key: str, kind: Kind, label: str, german: str, value: JsonValue = None, group: str = _GENERAL) -> Field:
    return Field(key=key, group=group, kind=kind, label=label, german=german, value=value)


def _told(group: str, key: str, label: str, german: str, value: JsonValue = None, *, kind: Kind = "readonly") -> Field:
    return Field(key=key, group=group, kind=kind, label=label, german=german, value=value, writable=False)


SYSTEM: tuple[Field, ...] = (
    Field(
        key="led-brightness",
        group=_GENERAL,
        kind="number",
        label="LED brightness [%]",
        german="LED-Helligkeit [%]",
        value=10,
        least=0,
        most=100,
    ),
    _told(_GENERAL, "system-time-setting", "System Time-UTC", "Systemzeit (UTC)", kind="datetime"),
    _set("local-system-time-setting", "datetime", "Local System Time", "Lokale Systemzeit"),
    _set("time-zone", "select", "Time zone", "Zeitzone", "Europe/Berlin"),
    Field(
        key="time-source",
        group=_GENERAL,
        kind="select",
        label="Time source",
        german="Zeitquelle",
        value="NTP,HeartBeat",
    ),
    _set("ntp-server-uri", "simple-string", "NTP server URI", "URI des NTP-Servers", "pool.ntp.org"),
    _set("restart-system", "button", "Restart system", "System neu starten"),
    _set("factory-reset", "button", "Factory reset", "Auf Werkseinstellungen zurücksetzen"),
    _set("download-logfile", "download", "Download Logfile", "Protokoll herunterladen"),
    _set("volatile-loglevel", "select", "Volatile log level", "Flüchtige Protokollstufe", LOG_LEVEL),
    _set("persistent-loglevel", "select", "Persistent log level", "Dauerhafte Protokollstufe", LOG_LEVEL),
    _told(_STATISTICS, "total-charging-sessions", "Charging session counter", "Anzahl der Ladevorgänge"),
    _told(_STATISTICS, "duration-of-current-charging-session", "Duration [s]", "Dauer [s]"),
    _told(_STATISTICS, "power-of-current-charging-session", "Power [mW]", "Leistung [mW]"),
    _told(_STATISTICS, "error-counter", "Error counter", "Anzahl der Fehler"),
    _told(_STATISTICS, "plug-cycles", "Plug cycles", "Steckvorgänge"),
    _told(_INFORMATION, "manufacturer-serial-number", "Serial number", "Seriennummer", "WS110064"),
    _told(_INFORMATION, "comboard-sw-version", "Comboard SW version", "Comboard-Softwarestand", "3.1.16"),
    _told(_INFORMATION, "powerboard-sw-version", "Powerboard SW version", "Powerboard-Softwarestand", "213.5.8.0"),
    _told(_INFORMATION, "comboard-hw-version", "Comboard HW version", "Comboard-Hardwarestand", "1.0"),
    _told(_INFORMATION, "powerboard-hw-version", "Powerboard HW version", "Powerboard-Hardwarestand", "1.0"),
    _told(_INFORMATION, "licensing-information", "Licensing information", "Lizenzhinweise", kind="download"),
    _told(_INFORMATION, "local-ca-cert", "Local CA certificate", "Lokales CA-Zertifikat", kind="download"),
    _told(_INFORMATION, "used-ocpp-version", "Used OCPP version", "Verwendeter OCPP-Stand", "V1.6J"),
    _told(
        _INFORMATION,
        "ocpp-charge-box-identity-charge-point-id",
        "Charge point identity",
        "Kennung der Ladestation",
        "NEXT-WS110064",
    ),
    _told(_STATE, "ocpp-state", "OCPP state", "OCPP-Zustand"),
    _told(_STATE, "type-2-state", "Type2 state", "Typ-2-Zustand"),
    _told(_STATE, "signal-current", "Signal current [A]", "Strom [A]"),
    _told(_STATE, "signal-voltage", "Signal voltage [V]", "Spannung [V]"),
    _told(_STATE, "ocpp-connection-state-backend", "OCPP connection state", "OCPP-Verbindung"),
    _told(_STATE, "connected-interface-backend", "Connected interface", "Verbundene Schnittstelle"),
    _told(_STATE, "free-charging-mode", "Free charging", "Freies Laden"),
    _told(_STATE, "errors", "List of active errors", "Liste der aktiven Fehler"),
    _told(_STATE, "interfaces", "List of interfaces", "Liste der Schnittstellen"),
    _told(_STATE, "MAC-Address WiFi", "MAC Address WiFi", "MAC-Adresse WLAN", "02:00:00:00:00:01"),
    _told(_STATE, "MAC-Address Eth0", "MAC Address Ethernet", "MAC-Adresse Ethernet", "02:00:00:00:00:02"),
    _set("upload-new-firmware", "upload", "Upload new firmware", "Neue Firmware hochladen", group="firmware-update"),
)
