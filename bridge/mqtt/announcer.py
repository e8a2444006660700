"""Discovery messages on their way out: changes of what was announced before come in steps with pauses between.

Home Assistant drops what follows too soon on the same device, so a changed announcement waits; what an earlier run
announced differently (another mode, an entity that is gone) is taken back first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bridge.mqtt.outbox import Outbox, Rank

Steps = Callable[[Mapping[str, str], Mapping[str, str]], Sequence[Mapping[str, str]]]
"""From held to wanted messages by topic: what to send, in steps."""


class Announcer:
    """Announces each charger, and the bridge, under the owner's name."""

    def __init__(self, outbox: Outbox, steps: Steps, pause_s: float) -> None:
        """Start with nothing announced."""
        self._outbox = outbox
        self._steps = steps
        self._pause_s = pause_s
        self._held: dict[str, Mapping[str, str]] = {}
        self._wanted: dict[str, Mapping[str, str]] = {}
        self._busy_until: dict[str, float] = {}

    def held_before(self, owner: str, messages: Mapping[str, str]) -> None:
        """Tell what an earlier run announced for this owner."""
        self._held[owner] = messages

    def forget(self, owner: str) -> None:
        """Take note that nothing is announced for this owner any more."""
        self._held.pop(owner, None)
        self._wanted.pop(owner, None)
        self._busy_until.pop(owner, None)

    def claimed(self, topic: str, *, besides: str) -> bool:
        """Tell whether someone else is announced on this topic, or is about to be: a charger that was renamed."""
        return any(topic in wanted for owner, wanted in self._wanted.items() if owner != besides)

    def messages(self, owner: str) -> Mapping[str, str]:
        """Return what consumers have been told, or what an earlier run told them."""
        return self._held.get(owner, {})

    def announce(self, owner: str, wanted: Mapping[str, str]) -> bool:
        """Announce; False if it is too soon after the last time, and nothing was sent."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._busy_until.get(owner, 0.0):
            return False
        self._wanted[owner] = wanted
        held = self._held.get(owner, {})
        # Most of the time there is one step: the announcement itself.
        before = [step for step in self._steps(held, wanted) if not set(step.items()) <= set(wanted.items())]
        for number, step in enumerate(before):
            loop.call_later(number * self._pause_s, self._send_once, step)
        if held != wanted:
            self._busy_until[owner] = loop.time() + (len(before) + 1) * self._pause_s
        if before:
            loop.call_later(len(before) * self._pause_s, self._keep, owner, wanted)
        else:
            self._keep(owner, wanted)
        return True

    def _keep(self, owner: str, wanted: Mapping[str, str]) -> None:
        # Not before: whoever ends in the middle must take the steps again at the next start.
        self._held[owner] = wanted
        for topic, payload in wanted.items():
            self._outbox.keep(topic, payload.encode(), rank=Rank.DISCOVERY)

    def _send_once(self, step: Mapping[str, str]) -> None:
        for topic, payload in step.items():
            self._outbox.replace(topic, payload.encode())
