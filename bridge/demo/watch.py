"""What a newcomer sees of the demo: events, results, session records and a line of numbers now and then."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from bridge.mqtt.requests import Incoming

SECONDS_BETWEEN_NUMBERS = 3.0

_NUMBERS = {
    "status": "{}",
    "power": "{} W",
    "session_energy": "session {} kWh",
    "current_limit": "limit {} A",
}
"""What the line tells of a charger, as far as that has it."""


class Watch:
    """Turns messages of the broker into lines for a person."""

    def __init__(self, base: str, say: Callable[[str], None]) -> None:
        """Say nothing until something happens."""
        self._base = base
        self._say = say
        self._numbers_at: dict[str, float] = {}
        self._numbers: dict[str, str] = {}

    @property
    def topics(self) -> tuple[str, ...]:
        """What to listen to."""
        return tuple(f"{self._base}/+/{leaf}" for leaf in ("event", "result", "last_session", "state"))

    def show(self, message: Incoming) -> None:
        """Show one message."""
        charger, leaf = message.topic.removeprefix(self._base + "/").split("/", 1)
        if charger == "bridge":
            return
        text = message.payload.decode(errors="replace")
        if leaf == "state":
            self._show_numbers(charger, text)
        else:
            self._say(f"{charger}/{leaf}  {text}")

    def _show_numbers(self, charger: str, text: str) -> None:
        state = json.loads(text)
        line = f"{charger}  " + ", ".join(form.format(state[key]) for key, form in _NUMBERS.items() if key in state)
        now = time.monotonic()
        if line != self._numbers.get(charger) and now - self._numbers_at.get(charger, 0) >= SECONDS_BETWEEN_NUMBERS:
            self._numbers[charger], self._numbers_at[charger] = line, now
            self._say(line)
