"""The fields of a Unite: those that other clients read or write; a real one has more that nobody has published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.simulators.secret import SECRET
from bridge.simulators.webasto.fields import json_name
from bridge.simulators.webasto.refusals import RefusedError
from bridge.simulators.wire import JsonValue

FREE = "ocppConfigurations.freeModeActive"
LIMIT = "installationSettings.currentLimiterValue"
PHASE = "installationSettings.currentLimiterPhase"
DELAY = "generalSettings.randomisedDelayMaximumDuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class UniteField:
    """One field. Everything is written as a string; numbers are read as such.

    Attributes:
        key: Its `fieldKey`.
        value: From the factory.
        form: What the string must be.
        options: Of a choice.
        least: Of a number.
        most: The same.
        writable: Whether it may be set.
    """

    key: str
    value: JsonValue
    form: Literal["flag", "number", "choice", "text"]
    options: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    writable: bool = True

    def taken(self, value: JsonValue) -> JsonValue:
        """What a written value becomes.

        Raises:
            RefusedError: It cannot be set, or not to this.
        """
        if not self.writable:
            raise RefusedError(403, f"{self.key} is read-only")
        if not isinstance(value, str):
            raise RefusedError(400, f"{json_name(value)} is not of type 'string' for {self.key}")
        if self.form == "number":
            if not value.isdecimal() or not self.least <= int(value) <= self.most:
                raise RefusedError(400, f"{self.key} must be between {self.least} and {self.most}")
            return int(value)
        allowed = ("TRUE", "FALSE") if self.form == "flag" else self.options
        if allowed and value not in allowed:
            raise RefusedError(400, f"{self.key} must be one of {', '.join(allowed)}")
        return value


UNITE: tuple[UniteField, ...] = (
    UniteField(key=FREE, value="TRUE", form="flag"),
    UniteField(key="ocppConfigurations.freeModeRfid", value=f"{SECRET}-tag", form="text"),
    # That this one cannot be set is a guess: it says what the charger can.
    UniteField(key="ocppConfigurations.connectorSwitch3To1PhaseSupported", value="FALSE", form="flag", writable=False),
    UniteField(
        key="generalSettings.ledDimmingLevel",
        value="mid",
        form="choice",
        options=("veryLow", "low", "mid", "high", "timeBased"),
    ),
    UniteField(key=DELAY, value=0, form="number", least=0, most=1_800),
    # The bounds are a guess.
    UniteField(key=LIMIT, value=16, form="number", least=6, most=32),
    UniteField(key=PHASE, value=1, form="number", least=0, most=1),
    UniteField(key="wifiSettings.ssid", value=f"{SECRET}-ssid", form="text"),
)

SYSTEM_INFORMATION: dict[str, JsonValue] = {
    "apiVersion": "1.12.0",
    "hmiVersion": "v3.187.0",
    "identifier": "Wallbox API",
    "model": "Webasto Unite AC22",
}
"""A sample of `system-information`."""
