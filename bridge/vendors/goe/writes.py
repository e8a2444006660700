"""Writing a key of the charger, as a value."""

from __future__ import annotations

import json

from bridge.charger.binding import Request
from bridge.charger.values import Json

RESTART_KEY = "rst"


def set_key(key: str, value: Json) -> Request:
    """Return the write of one key; on every wire a value is a JSON literal."""
    literal = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Request(method="GET", path="/api/set", query=((key, literal),), drops_connection=key == RESTART_KEY)
