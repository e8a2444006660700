"""Home Assistant's birth message: it has connected to the broker, perhaps with empty hands.

The answer is to send discovery, availability and states again from what is known, after a random while within
`DELAY_S`, so that not everything on the broker talks at once. A birth message heard meanwhile needs no second answer.
"""

from __future__ import annotations

DELAY_S = (1.0, 10.0)

BORN = "online"
"""The payload; `offline` is Home Assistant's will and asks for nothing."""

_DEFAULT_TOPIC = "homeassistant/status"


def birth_topics(prefix: str) -> tuple[str, ...]:
    """Return where to listen; the topic has a setting of its own, which stays when only the prefix is changed."""
    return tuple(dict.fromkeys((f"{prefix}/status", _DEFAULT_TOPIC)))
