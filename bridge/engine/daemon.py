"""The whole daemon's life: everything runs until it is told to stop, and then ends in order.

Nothing is cancelled from outside: Python 3.11 and 3.12 can lose a cancellation that meets a failing task group. Only
what does not end by itself in time is cancelled, from inside the group.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from bridge.engine.poller import SECONDS_TO_JUDGE_AT_STOP, Poller

log = structlog.get_logger()

SECONDS_FOR_POLLERS = SECONDS_TO_JUDGE_AT_STOP + 1.0
SECONDS_FOR_SERVICES = 3.0
"""Together they leave room below the 10 s within which the process is gone."""


class Service(Protocol):
    """Something that runs beside the chargers: the broker session, the web server, clocks."""

    name: str

    async def run(self) -> None:
        """Live until stopped."""

    def stop(self) -> None:
        """Make `run` return soon."""


class _TooSlowError(Exception):
    """Something did not end in time."""


async def live(
    pollers: Mapping[str, Poller], services: Sequence[Service], stop: asyncio.Event, last_words: Callable[[], None]
) -> None:
    """Run everything until `stop` is set.

    Then commands get their results, `last_words` queues what the broker is told at the end, and the services end.
    """
    try:
        async with asyncio.TaskGroup() as group:
            serving = [group.create_task(service.run(), name=service.name) for service in services]
            polling = [group.create_task(poller.run(), name=f"charger {id_}") for id_, poller in pollers.items()]
            await stop.wait()
            log.info("stopping")
            for poller in pollers.values():
                poller.stop()
            on_time = await _ended(polling, SECONDS_FOR_POLLERS)
            last_words()
            for service in services:
                service.stop()
            _insist(on_time & await _ended(serving, SECONDS_FOR_SERVICES))
    except* _TooSlowError:
        log.warning("stopped without waiting any longer for an answer")


def _insist(on_time: bool) -> None:  # noqa: FBT001 - the one thing it is about
    if not on_time:
        raise _TooSlowError


async def _ended(tasks: Sequence[asyncio.Task[None]], seconds: float) -> bool:
    if not tasks:
        return True
    _, late = await asyncio.wait(tasks, timeout=seconds)
    return not late
