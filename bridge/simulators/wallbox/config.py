"""What is set for a charger, by the vendor's names."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.wallbox.models import MODELS
from bridge.simulators.wallbox.specs import ChargerSpec
from bridge.simulators.wire import Json, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class EcoSmart:
    """The solar setting: mode 0 takes sun and grid, mode 1 the sun alone."""

    enabled: bool = False
    mode: int = 0
    percentage: int = 100

    def shown(self) -> Json:
        """The form it has in `config_data`."""
        return {"enabled": self.enabled, "mode": self.mode, "percentage": self.percentage}


class Config:
    """The settings of one charger that can be written, and a few that an installer sets.

    Attributes:
        eco_smart: None for a charger that does not know it.
        version: Of the firmware.
        latest_version: What an update would bring.
    """

    def __init__(self, spec: ChargerSpec) -> None:
        model = MODELS[spec.model]
        self._spec = spec
        self.eco_smart: EcoSmart | None = None
        self.version, self.firmware_file = model.firmware
        self.latest_version = spec.latest_version or self.version
        self._values: Json = {}
        most = spec.max_available or model.max_current
        self._values |= {
            "max_available_current": most,
            "energy_price": spec.energy_price,
            "currency_id": 148 if spec.model.endswith("US") else 1,
            "locked": int(spec.locked),
            "operation_mode": "ocpp" if spec.ocpp else "wallbox",
        }
        self.reset()
        self._values |= {"icp_max_current": spec.icp_max_current, "home_sharing": int(spec.home_sharing)}

    def __getitem__(self, name: str) -> JsonValue:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __setitem__(self, name: str, value: JsonValue) -> None:
        if name == "ecosmart" and isinstance(value, dict):
            enabled, mode, percentage = (value[key] for key in ("enabled", "mode", "percentage"))
            if isinstance(mode, int) and isinstance(percentage, int):
                self.eco_smart = EcoSmart(enabled=bool(enabled), mode=mode, percentage=percentage)
        else:
            self._values[name] = value

    def number(self, name: str) -> float:
        """A value that is a number."""
        value = self._values[name]
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is {value!r}")
        return value

    def text(self, name: str) -> str:
        """A value that is a text."""
        return str(self._values[name])

    def whole(self, name: str) -> int:
        """A value that is a whole number."""
        value = self._values[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is {value!r}")
        return value

    def flag(self, name: str) -> bool:
        """A value that is 0 or 1."""
        return self.whole(name) == 1

    def reset(self) -> None:
        """Go back to what the factory set."""
        model = MODELS[self._spec.model]
        knows_eco = model.solar if self._spec.eco_smart is None else self._spec.eco_smart
        self.eco_smart = EcoSmart() if knows_eco else None
        self._values |= {
            "name": self._spec.name or f"{model.charger_type} SN {self._spec.id}",
            "max_charging_current": self.whole("max_available_current"),
            "icp_max_current": 0,
            "home_sharing": 0,
        }
