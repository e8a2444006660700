"""The configuration while it is put together: what was said, where, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from bridge.charger.values import Json

Place: TypeAlias = tuple[str, ...]
"""The keys that lead to a value, from the outside in."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """Raw values with the place and the origin of each, and every fault found so far.

    Faults are collected rather than raised one by one, so that a person can mend the whole file at once.
    """

    folder: Path = field(default_factory=Path)
    """Where relative paths in the file start."""
    data: dict[str, Json] = field(default_factory=dict)
    origins: dict[Place, str] = field(default_factory=dict)
    """Where a value was said: `config.yaml line 7`, `from CHARGER2MQTT_MQTT__PORT`."""
    known_keys: dict[Place, set[str]] = field(default_factory=dict)
    """What may stand in each mapping that the settings know."""
    has_plain_secret: bool = False
    """Whether the file itself holds a secret."""
    faults: dict[Place, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def fault(self, place: Place, message: str, *, shown: Place | None = None) -> None:
        """Add a fault; only the first of a place counts, since later ones follow from it.

        `shown` is told instead of `place` where a key must not be shown.
        """
        self.faults.setdefault(place, self._line(place, message, shown))

    def warn(self, place: Place, message: str) -> None:
        """Add something that works, but not as it should."""
        self.warnings.append(self._line(place, message))

    def _line(self, place: Place, message: str, shown: Place | None = None) -> str:
        # What is missing has no origin of its own: then the one of what should hold it is told.
        origins = (self.origins.get(place[:length]) for length in range(len(place), 0, -1))
        origin = next(filter(None, origins), None)
        said = f" ({origin})" if origin else ""
        return f"{place_text(place if shown is None else shown)}: {message}{said}"


def place_text(place: Place) -> str:
    """Return the place with dots, such as `chargers.garage.host`."""
    return ".".join(map(_shown, place)) or "configuration"


def _shown(key: str) -> str:
    # A quote or blank forgotten can make a key out of a secret: `{password:hunter2}` has the key `password:hunter2`.
    # So a key is shown only if it looks like one; the line is told anyway.
    return key if re.fullmatch(r"[A-Za-z0-9_. -]{1,64}", key) else "?"
