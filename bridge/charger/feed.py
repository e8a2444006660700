"""Messages that chargers send by themselves, as the vendors see them: where they come from is others' business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

Heard: TypeAlias = Callable[[str, bytes, bool], None]
"""Takes a message: its path below the root that was asked for, what it says, and whether it was kept from before."""


class Feed(Protocol):
    """Where chargers tell and are told, by paths such as `go-eCharger/123456/amp`."""

    @property
    def connected(self) -> bool:
        """Whether messages can come and go at present."""

    def hear(self, root: str, heard: Heard) -> Callable[[], None]:
        """Have `heard` called for every message one or two levels below `root`, until what is returned is called."""

    async def say(self, path: str, text: str) -> None:
        """Send one message, once.

        Raises:
            UnreachableError: it was not sent.
            NoAnswerError: whether it was sent is not known.

        """
