"""Chargers driven from the command line, without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from bridge.charger.session import Event, SessionRecord
from bridge.engine.intake import Received
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.errors import ConfigError
from bridge.fleet import Fleet, account_readers
from bridge.http import Http
from bridge.settings import Settings


class Listener:
    """An outlet that waits for the result of one command."""

    def __init__(self) -> None:
        """Start with no result."""
        self.final: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def changed(self, charger: ChargerView) -> None:
        """The view has it."""

    def event(self, charger: ChargerView, event: Event) -> None:
        """Nobody asked for it."""

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Nobody asked for it."""

    def result(self, charger_id: str, result: Result) -> None:  # noqa: ARG002 - there is one charger
        """Keep the final result."""
        if result.final and not self.final.done():
            self.final.set_result(result)


def chosen(settings: Settings, ids: Iterable[str]) -> list[str]:
    """Return the chargers that were named, all when none was; raises ConfigError for one that is not configured."""
    wanted = list(ids)
    for id_ in wanted:
        if id_ not in settings.chargers:
            known = ", ".join(settings.chargers)
            raise ConfigError([f"chargers.{id_}: there is no such charger; these are configured: {known}"])
    return wanted or list(settings.chargers)


async def read_once(settings: Settings, state_dir: Path, ids: Iterable[str]) -> list[ChargerView]:
    """Read chargers once, side by side."""
    async with Http() as http:
        fleet = Fleet(settings, http, state_dir, visiting=True)
        pollers = [fleet.poller(id_, Listener()) for id_ in ids]
        async with fleet.listening(), asyncio.TaskGroup() as group:
            for poller in pollers:
                group.create_task(poller.read(), name=f"probe {poller.view.id}")
    return [poller.view for poller in pollers]


async def carry_out(settings: Settings, state_dir: Path, id_: str, key: str, value: str) -> Result | ChargerView:
    """Send one command and wait for its result; the view if the charger could not be read first."""
    outlet = Listener()
    async with Http() as http:
        fleet = Fleet(settings, http, state_dir, visiting=True)
        poller = fleet.poller(id_, outlet)
        async with fleet.listening(), asyncio.TaskGroup() as group:
            await poller.read()
            if not poller.view.available:
                return poller.view
            poller.receive(Received(key=key, payload=value.encode()))
            readers = account_readers([poller])
            for reader in readers:
                group.create_task(reader.run(), name=reader.name)
            group.create_task(poller.run(), name=f"charger {id_}")
            result = await outlet.final
            poller.stop()
            for reader in readers:
                reader.stop()
    return result
