"""One device with all its entities, as the messages of either discovery mode.

Both modes give the same entities under the same unique ids. `device` is one message for the whole device (Home
Assistant 2024.12 and newer); `component` is one message for each entity, for older ones and for other readers of the
format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from bridge.charger.values import Json
from bridge.homeassistant.naming import PRODUCT, Component

Mode = Literal["device", "component", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device: what it is (`about`), options that all its entities share, and the entities by key."""

    node: str
    about: dict[str, Json]
    components: Mapping[str, Component]
    shared: dict[str, Json] = field(default_factory=dict)

    def messages(self, mode: Mode, *, prefix: str, version: str) -> dict[str, str]:
        """Return the retained discovery messages by topic."""
        common: dict[str, Json] = {
            "device": self.about,
            "origin": {"name": PRODUCT, "sw_version": version},
            **self.shared,
        }
        if mode == "device":
            whole = common | {"components": dict(self.components)}
            return {f"{prefix}/device/{self.node}/config": _json(whole)}
        if mode == "component":
            return {
                f"{prefix}/{component['platform']}/{self.node}/{key}/config": _json(common | component)
                for key, component in self.components.items()
            }
        return {}


def web_address(url: str | None) -> str | None:
    """Return the address if it is one: with any other, Home Assistant refuses the whole device."""
    try:
        parts = urlsplit(url or "")
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return url if usable and not any(character.isspace() for character in url or "") else None


def _json(payload: dict[str, Json]) -> str:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
