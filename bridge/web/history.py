"""What happened lately at each charger, for the status page: an outlet that remembers a little, and tells who watches.

Nothing here grows with time: a charger costs some kilobytes, and is forgotten when it is no longer configured.
"""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from bridge.charger.properties import POWER
from bridge.charger.session import Event, SessionRecord
from bridge.engine.results import Result
from bridge.engine.view import ChargerView

MOST_COMMANDS = 20
MOST_EVENTS = 50
SECONDS_KEPT = 3600.0
SECONDS_BETWEEN_SAMPLES = 10.0


class PowerHistory:
    """The power of the last hour in W, one sample per 10 s; packed, because there may be thousands of chargers."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._times = array("d")
        self._watts = array("f")  # to a tenth of a W up to a MW

    def add(self, moment: float, watts: float | None) -> None:
        """Take what is known at a time in seconds; of those within 10 s the first counts."""
        value = math.nan if watts is None else watts
        if self._times and moment - self._times[-1] < SECONDS_BETWEEN_SAMPLES:
            if math.isnan(value) != math.isnan(self._watts[-1]):  # it went away or came back, which must show
                self._watts[-1] = value
            return
        self._times.append(moment)
        self._watts.append(value)
        old = next((n for n, at in enumerate(self._times) if at >= moment - SECONDS_KEPT), 0)
        del self._times[:old], self._watts[:old]

    def samples(self) -> Iterator[tuple[float, float | None]]:
        """Yield time and power, oldest first; None where it was not known."""
        for moment, watts in zip(self._times, self._watts, strict=True):
            yield moment, None if math.isnan(watts) else watts


@dataclass(slots=True)
class ChargerHistory:
    """What happened lately at one charger, newest last. `revision` grows with every command and event."""

    commands: deque[Result] = field(default_factory=lambda: deque(maxlen=MOST_COMMANDS))
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    power: PowerHistory = field(default_factory=PowerHistory)
    session: SessionRecord | None = None
    """The last one that ended while we looked."""
    revision: int = 0


class Watcher:
    """Somebody who wants to know which of some chargers changed; what is not fetched in time comes together."""

    def __init__(self, chargers: Collection[str]) -> None:
        """Watch these chargers."""
        self.chargers = frozenset(chargers)
        self.changed = set(self.chargers)
        """Those that changed since it was emptied last; at first all."""
        self.wake = asyncio.Event()


class History:
    """Remembers what happens at the chargers, and wakes who watches them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing known; `clock` says when a sample was taken, in seconds that never go back."""
        self.watchers: set[Watcher] = set()
        self.clock = clock
        self._chargers: dict[str, ChargerHistory] = {}

    def of(self, charger_id: str) -> ChargerHistory:
        """Return what happened at a charger."""
        return self._chargers.get(charger_id) or ChargerHistory()

    def keep_only(self, configured: Collection[str]) -> None:
        """Forget the chargers that are not configured any more. Called at intervals."""
        for gone in self._chargers.keys() - configured:
            del self._chargers[gone]

    def changed(self, charger: ChargerView) -> None:
        """Take a sample of the power; what was measured before the charger went away says nothing of now."""
        watts = charger.values.get(POWER.key) if charger.available else None
        known = watts if isinstance(watts, int | float) else None
        self._at(charger.id).power.add(self.clock(), known)
        self._wake(charger.id)

    def event(self, charger: ChargerView, event: Event) -> None:
        """Keep an event."""
        history = self._at(charger.id)
        history.events.append(event)
        history.revision += 1
        self._wake(charger.id)

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Keep the session that ended last."""
        history = self._at(charger.id)
        history.session = record
        history.revision += 1
        self._wake(charger.id)

    def result(self, charger_id: str, result: Result) -> None:
        """Keep a result in the place of what was said of the same command before."""
        history = self._at(charger_id)
        history.revision += 1
        for place, earlier in enumerate(history.commands):
            if not earlier.final and (earlier.id, earlier.key) == (result.id, result.key):
                history.commands[place] = result
                break
        else:
            history.commands.append(result)
        self._wake(charger_id)

    def wake_all(self) -> None:
        """Wake everyone who watches, whatever happened."""
        for watcher in self.watchers:
            watcher.wake.set()

    def _at(self, charger_id: str) -> ChargerHistory:
        return self._chargers.setdefault(charger_id, ChargerHistory())

    def _wake(self, charger_id: str) -> None:
        for watcher in self.watchers:
            if charger_id in watcher.chargers:
                watcher.changed.add(charger_id)
                watcher.wake.set()
