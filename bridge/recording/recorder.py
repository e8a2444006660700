"""Keeps what a charger answered and told, as it came, for as long as there is room."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bridge.watched_http import Exchange

MOST_BYTES = 8 * 1024 * 1024
MOST_PIECES = 10_000
A_PIECE_BYTES = 200
"""What each takes beside its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a charger on its broker, `at` a time of the monotonic clock; `kept` by the broker from before."""

    at: float
    topic: str
    payload: bytes
    kept: bool


@dataclass(slots=True)
class Recorder:
    """Takes exchanges and messages until it is full."""

    began: float = field(default_factory=time.monotonic)
    exchanges: list[Exchange] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    full: bool = False
    """Whether there was no room for something."""
    _room: int = MOST_BYTES

    def exchange(self, exchange: Exchange) -> None:
        """Keep one."""
        if self._fits(0 if exchange.answer is None else len(exchange.answer.body)):
            self.exchanges.append(exchange)

    def message(self, topic: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 - what a feed calls
        """Keep one."""
        if self._fits(len(payload)):
            self.messages.append(Message(at=time.monotonic(), topic=topic, payload=payload, kept=kept))

    def _fits(self, size: int) -> bool:
        self._room -= size + A_PIECE_BYTES
        self.full = self.full or self._room < 0 or len(self.exchanges) + len(self.messages) >= MOST_PIECES
        return not self.full
