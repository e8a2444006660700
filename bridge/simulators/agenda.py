"""What is still to happen to a pretend charger at a known time."""

from __future__ import annotations

from collections import deque

from bridge.simulators.wire import JsonValue

MOST_PENDING_WRITES = 4_096
NEVER = float("inf")


class Agenda:
    """Accepted writes that are not visible yet, and values that lapse unless they are renewed.

    All times are seconds on the device's clock.
    """

    def __init__(self) -> None:
        self._writes: deque[tuple[float, str, JsonValue]] = deque(maxlen=MOST_PENDING_WRITES)
        self._lapses: dict[str, float] = {}

    def add_write(self, due: float, name: str, value: JsonValue) -> None:
        """Remember a write; they become due in the order in which they are added."""
        self._writes.append((due, name, value))

    def renew(self, name: str, due: float) -> None:
        """Let a value lapse at `due` and not earlier."""
        self._lapses[name] = due

    def keep(self, name: str) -> None:
        """Let a value not lapse any more."""
        self._lapses.pop(name, None)

    def clear(self) -> None:
        """Forget everything."""
        self._writes.clear()
        self._lapses.clear()

    def next_due(self) -> float:
        """When the next thing happens; infinity when nothing does."""
        first_write = self._writes[0][0] if self._writes else NEVER
        return min([first_write, *self._lapses.values()])

    def due_writes(self, now: float) -> list[tuple[str, JsonValue]]:
        """Take out the writes that are due."""
        due = []
        while self._writes and self._writes[0][0] <= now:
            _, name, value = self._writes.popleft()
            due.append((name, value))
        return due

    def lapsed(self, now: float) -> list[str]:
        """Take out the names of what has lapsed."""
        names = [name for name, end in self._lapses.items() if end <= now]
        for name in names:
            del self._lapses[name]
        return names
