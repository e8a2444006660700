"""What changes with the language: only keys stay what they are.

English is the document's; the German words are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "de"]
Words: TypeAlias = Mapping[str, tuple[str, str]]

SECTIONS: Words = MappingProxyType(
    {
        "auth": ("AUTHORIZATION", "BERECHTIGUNG"),
        "backend": ("BACKEND", "ZENTRALE"),
        "hems": ("LOAD MANAGEMENT", "LASTMANAGEMENT"),
        "network": ("NETWORK", "NETZWERK"),
        "power": ("POWER", "LEISTUNG"),
        "profile": ("PROFILE", "PROFIL"),
        "system": ("SYSTEM", "ANLAGE"),
    }
)
GROUPS: Mapping[str, Words] = MappingProxyType(
    {
        "auth": {"free-charging": ("Free Charging", "Freies Laden")},
        "backend": {"connection": ("Connection", "Verbindung"), "ocpp": ("OCPP", "OCPP-Protokoll")},
        "hems": {
            "modbus": ("Modbus", "Modbus-Schnittstelle"),
            "hems": ("HEMS - DLM", "Energiemanagement"),
            "dlm": ("DLM", "Dynamisches Lastmanagement"),
        },
        "network": {"wlan": ("WiFi", "WLAN"), "lan": ("LAN", "Kabelnetz")},
        "power": {
            "installation": ("Installation", "Einbau"),
            "randomised-Delay": ("Randomised Delay", "Zufällige Verzögerung"),
            "Off-Peak-Charging": ("Off-Peak Charging", "Laden außerhalb der Spitzenzeit"),
        },
        "profile": {"change-password": ("Change Password", "Passwort ändern")},
        "system": {
            "general": ("General", "Allgemein"),
            "statistics": ("Statistics", "Statistik"),
            "system-information": ("System Information", "Systeminformation"),
            "system-status": ("System State", "Systemzustand"),
            "firmware-update": ("Firmware Update", "Firmware-Aktualisierung"),
        },
    }
)
DASHBOARD: Words = MappingProxyType(
    {
        "indicator": ("Status Indicator", "Statusanzeige"),
        "status-wallbox": ("Status Wallbox", "Zustand der Wallbox"),
        "free-charging": ("Free Charging", "Freies Laden"),
        "connectivity-status": ("Connectivity Status", "Verbindungszustand"),
        "summary": ("Summary", "Zusammenfassung"),
        "total-charging-sessions": ("Total Charging Sessions", "Ladevorgänge insgesamt"),
        "duration": ("Duration of current charging session", "Dauer des laufenden Ladevorgangs"),
        "power": ("Current Energy", "Aktuelle Energie"),
        "ocpp-status": ("OCPP Status", "OCPP-Zustand"),
        "charge-point-id": ("OCPP ChargeBoxIdentity (Charge PointID)", "OCPP-Kennung der Ladestation"),
        "ocpp-state": ("OCPP State", "OCPP-Betriebszustand"),
    }
)
WORDS: Words = MappingProxyType(
    {
        "sessions": ("Sessions", "Ladevorgänge"),
        "minutes": ("minutes", "Minuten"),
        "on": ("ON", "EIN"),
        "off": ("OFF", "AUS"),
        "enabled": ("Enabled", "Aktiviert"),
        "disabled": ("Disabled", "Deaktiviert"),
        "no-error": ("No Error", "Kein Fehler"),
    }
)


def word(words: Words, key: str, language: Language) -> str:
    """One label."""
    return words[key][language == "de"]


def asked_language(header: str, default: Language) -> Language:
    """The language that `Accept-Language` asks for, as far as a charger speaks it."""
    for part in header.lower().split(","):
        if part.strip().startswith("en"):
            return "en"
        if part.strip().startswith("de"):
            return "de"
    return default
