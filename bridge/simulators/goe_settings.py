"""The values behind the keys of one charger, read with the type that its rule has already made sure of."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from bridge.simulators.goe_keys import Key
from bridge.simulators.wire import Json, JsonValue


class Settings:
    """What users and the factory have set; measurements and states are not in here."""

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self._values: Json = {key.name: deepcopy(key.default) for key in keys.values() if key.readable}

    def __setitem__(self, name: str, value: JsonValue) -> None:
        self._values[name] = value

    def __getitem__(self, name: str) -> JsonValue:
        return self._values.get(name)

    def all(self) -> Json:
        """A new object with every readable key."""
        return dict(self._values)

    def number_or_none(self, name: str) -> float | None:
        """A number, or None when it is null or this family lacks the key."""
        value = self[name]
        return float(value) if isinstance(value, int | float) else None

    def number(self, name: str) -> float:
        """A number; 0 when this family lacks the key."""
        return self.number_or_none(name) or 0.0

    def whole(self, name: str) -> int:
        """A whole number; 0 when this family lacks the key."""
        return int(self.number(name))

    def flag(self, name: str) -> bool:
        """A bool; false when this family lacks the key."""
        return self[name] is True
