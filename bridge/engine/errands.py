"""What is asked for on the broker and takes a while: carried out beside everything else, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bridge.charger.values import Json
from bridge.engine.poller import Answered
from bridge.errors import BridgeError
from bridge.waiting import wait_for

log = structlog.get_logger()

MOST_WAITING = 10
"""How many may ask at a time."""

LONG_S = 3600.0


class Errand:
    """A service that carries out one kind of request; `carry_out` returns the data of the answer.

    It raises BridgeError when there is none; the message says why.
    """

    def __init__(self, name: str, carry_out: Callable[[Mapping[str, Json]], Awaitable[Json]]) -> None:
        """Prepare; nothing is carried out before `run`."""
        self.name = name
        self._carry_out = carry_out
        self._asked: list[tuple[Mapping[str, Json], Answered]] = []
        self._wanted = asyncio.Event()
        self._stopping = False

    def ask(self, arguments: Mapping[str, Json], answered: Answered) -> None:
        """Have it carried out soon; `answered` is called with what came of it."""
        if self._stopping or len(self._asked) >= MOST_WAITING:
            answered(None, "the bridge is stopping" if self._stopping else f"too many ask for a {self.name} already")
            return
        self._asked.append((arguments, answered))
        self._wanted.set()

    async def run(self) -> None:
        """Carry out what is asked for, until stopped."""
        while not self._stopping:
            await wait_for(self._wanted, LONG_S)
            self._wanted.clear()
            while self._asked and not self._stopping:
                arguments, answered = self._asked.pop(0)
                try:
                    data = await self._carry_out(arguments)
                except BridgeError as error:
                    log.warning("request refused", request=self.name, reason=str(error))
                    answered(None, str(error))
                else:
                    answered(data, None)

    @property
    def stopping(self) -> bool:
        """Whether what is being carried out should end soon."""
        return self._stopping

    def stop(self) -> None:
        """Make `run` return when what is being carried out is done."""
        self._stopping = True
        self._wanted.set()
        asked, self._asked = self._asked, []
        for _, answered in asked:
            answered(None, "the bridge is stopping")
