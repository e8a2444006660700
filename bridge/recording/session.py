"""Reading one charger as usual for a while, with the recorder running."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from pathlib import Path

from bridge.charger.properties import DATA_AGE
from bridge.charger.session import Event, SessionRecord
from bridge.charger.values import Json
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.fleet import Fleet, account_readers
from bridge.recording import tape
from bridge.recording.recorder import Recorder
from bridge.settings import Settings
from bridge.waiting import wait_for
from bridge.watched_http import WatchedHttp

USUAL_READS = 3
LONGEST_USUAL_S = 200.0
"""For clouds that may be asked once a minute, and chargers that do not answer."""
OF_THE_MOMENT = frozenset({"last_update", "stale", DATA_AGE.key})
"""What tells when something was read rather than what."""


class _Listener:
    """Notes what is seen first, and how often it was read."""

    def __init__(self) -> None:
        self.seen: Json = None
        self.enough = asyncio.Event()

    def changed(self, charger: ChargerView) -> None:
        error = charger.health.last_error
        if charger.available and charger.identity is not None and not _has_values(self.seen):
            values = {
                key: None if value is None else charger.capabilities[key].property.type.json(value)
                for key, value in charger.values.items()
                if key not in OF_THE_MOMENT
            }
            # The address is another one wherever it is played back.
            identity: dict[str, Json] = {**asdict(charger.identity), "url": None}
            self.seen = {"identity": identity, "values": values}
        elif error is not None and self.seen is None:
            self.seen = {"error": {"code": error.code.value, "message": error.message}}

    def event(self, charger: ChargerView, event: Event) -> None:
        """Nobody asked for it."""

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Nobody asked for it."""

    def result(self, charger_id: str, result: Result) -> None:
        """Nobody asked for it."""


async def record(
    settings: Settings, state_dir: Path, charger_id: str, seconds: float | None, stop: asyncio.Event
) -> dict[str, Json]:
    """Record a charger for so many seconds, without a word for a few reads, or until `stop` is set."""
    recorder, listener = Recorder(), _Listener()
    async with WatchedHttp(recorder.exchange) as http:
        fleet = Fleet(settings, http, state_dir, visiting=True)
        poller = fleet.poller(charger_id, listener)
        for feed in fleet.feeds.values():
            feed.overheard = recorder.message
        readers = account_readers([poller])
        async with fleet.listening(), asyncio.TaskGroup() as group:
            first = group.create_task(poller.read(), name=f"record {charger_id}")
            await _either(first, stop)
            for reader in readers:
                group.create_task(reader.run(), name=reader.name)
            group.create_task(poller.run(), name=f"charger {charger_id}")
            deadline = recorder.began + (LONGEST_USUAL_S if seconds is None else seconds)
            while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
                if seconds is None and poller.view.health.reads.number >= USUAL_READS:
                    break
                await wait_for(stop, min(left, 0.2))
            poller.stop()
            for reader in readers:
                reader.stop()
        await poller.close()
    return tape.make(recorder, settings, charger_id, listener.seen, ended=time.monotonic())


async def _either(reading: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for a read, or for somebody who has waited long enough."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _has_values(seen: Json) -> bool:
    return isinstance(seen, dict) and "values" in seen
