"""The whole daemon's life: everything runs until it is told to stop, and then ends in order.

Nothing is cancelled from outside: Python 3.11 and 3.12 can lose a cancellation that meets a failing task group. Only
what does not end by itself in time is cancelled, from inside the group.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import structlog

from bridge.engine.accounts import AccountReader
from bridge.engine.poller import SECONDS_TO_JUDGE_AT_STOP, Poller
from bridge.engine.view import ChargerView

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


class Crew:
    """The pollers and the services beside them. Both may come and go while the daemon lives.

    Attributes:
        pollers: By the charger's id, always as it is now.
        services: In the order in which they began.
    """

    def __init__(self, pollers: Mapping[str, Poller], services: Iterable[Service] = ()) -> None:
        """Take who is there at the start; nobody works before `begin`."""
        self.pollers = dict(pollers)
        self.services = list(services)
        self._group: asyncio.TaskGroup | None = None
        self._stopping = False
        self._tasks: dict[Poller | Service, asyncio.Task[None]] = {}

    def views(self) -> list[ChargerView]:
        """Return what is known of the chargers, as they are now."""
        return [poller.view for poller in self.pollers.values()]

    def stuck(self) -> list[str]:
        """Return who reads chargers and has not been heard of for longer than anything may take."""
        now = time.monotonic()
        sharing = Counter(id(poller.account) for poller in self.pollers.values() if poller.account is not None)
        pollers = [
            f"charger {id_}"
            for id_, poller in self.pollers.items()
            if poller.pulse.is_stuck(now, others=sharing[id(poller.account)])
        ]
        readers = [service for service in self.services if isinstance(service, AccountReader)]
        return pollers + [each.name for each in readers if each.pulse.is_stuck(now, others=len(each.members))]

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Let everyone work, and whoever comes later."""
        self._group = group
        for service in self.services:
            self._start(service, service.name)
        for id_, poller in self.pollers.items():
            self._start(poller, f"charger {id_}")

    def hire(self, id_: str, poller: Poller) -> None:
        """Put a poller to work, in the place of one of the same name that has left."""
        self.pollers[id_] = poller
        self._start(poller, f"charger {id_}")

    def serve(self, service: Service) -> None:
        """Put a service to work."""
        self.services.append(service)
        self._start(service, service.name)

    async def leave(self, id_: str) -> None:
        """Let a poller end in order; it stays known until someone takes its place, or `forget`."""
        poller = self.pollers[id_]
        poller.stop()
        await self._ended([poller], SECONDS_FOR_POLLERS)
        await poller.close()

    def forget(self, id_: str) -> None:
        """Know nothing of a poller that has left."""
        del self.pollers[id_]

    async def dismiss(self, service: Service) -> None:
        """Let a service end."""
        self.services.remove(service)
        service.stop()
        await self._ended([service], SECONDS_FOR_SERVICES)

    async def stop_pollers(self) -> bool:
        """Let all pollers end in order; False if one did not in time."""
        self._stopping = True
        accounts = {id(poller.account): poller.account for poller in self.pollers.values()}
        for poller in self.pollers.values():
            poller.stop()
        for account in accounts.values():
            if account is not None:
                account.abandon()
        return await self._ended(self.pollers.values(), SECONDS_FOR_POLLERS)

    async def stop_services(self) -> bool:
        """Let all services end; False if one did not in time."""
        for service in self.services:
            service.stop()
        return await self._ended(self.services, SECONDS_FOR_SERVICES)

    def _start(self, who: Poller | Service, name: str) -> None:
        if self._group is not None and not self._stopping:
            self._tasks[who] = self._group.create_task(who.run(), name=name)

    async def _ended(self, who: Iterable[Poller | Service], seconds: float) -> bool:
        """Wait for their tasks; one that is late is cut off, from inside the group."""
        tasks = [self._tasks.pop(each) for each in who if each in self._tasks]
        if not tasks:
            return True
        _, late = await asyncio.wait(tasks, timeout=seconds)
        return not late


async def live(crew: Crew, stop: asyncio.Event, last_words: Callable[[], None]) -> None:
    """Run everything until `stop` is set.

    Then commands get their results, `last_words` queues what the broker is told at the end, and the services end.
    """
    try:
        async with asyncio.TaskGroup() as group:
            crew.begin(group)
            await stop.wait()
            log.info("stopping")
            on_time = await crew.stop_pollers()
            last_words()
            _insist(on_time & await crew.stop_services())
    except* _TooSlowError:
        log.warning("stopped without waiting any longer for an answer")


def _insist(on_time: bool) -> None:  # noqa: FBT001 - the one thing it is about
    if not on_time:
        raise _TooSlowError
