"""A poller at a pretend charger, through which a test walks the whole table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from structlog.testing import capture_logs

from bridge.charger.contract import Charger
from bridge.charger.values import Json, plain_number
from bridge.engine.command import CommandLimits
from bridge.engine.intake import Received
from bridge.engine.poller import Poller
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.http import Http
from bridge.mqtt.address import BrokerAddress
from bridge.mqtt.feed import BrokerFeed
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.goe_mqtt import GoeBroker
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.connect import connect
from bridge.vendors.goe.keys import Key, table
from bridge.vendors.goe.settings import GoeSettings
from tests.engine.pretend import Notes
from tests.support.broker import MOSQUITTO
from tests.support.feeds import no_feed
from tests.support.waiting import until

FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)

SHOWS_AFTER_S = 0.1
"""Sooner than real chargers show a write, so that a walk does not take for ever."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """A charger on its way through the table."""

    sim: GoeSimulator
    poller: Poller
    notes: Notes
    logged: list[MutableMapping[str, Any]] = field(default_factory=list)
    _number: int = 0

    @property
    def view(self) -> ChargerView:
        """What is known of the charger."""
        return self.poller.view

    @property
    def family(self) -> FamilyName:
        """Which firmware the charger has."""
        return self.sim.device.family

    def has(self, row: Key) -> bool:
        """Tell whether this charger has the key."""
        return row.key in self.sim.device.rules.keys

    def kept(self, key: str) -> Json:
        """Return what the charger itself has under a key."""
        return self.sim.device.status().get(key)

    def writes(self) -> list[dict[str, str]]:
        """Return the query of every write that came over HTTP, decoded."""
        return [dict(request.query) for request in self.sim.requests if request.path == "/api/set"]

    def send(self, wishes: Iterable[tuple[str, Any]]) -> list[str]:
        """Send each wish as a command of its own, in JSON or as the bytes of a scalar; returns their ids."""
        ids = []
        for key, wish in wishes:
            self._number += 1
            id_ = f"w{self._number}"
            if isinstance(wish, bytes):
                received = Received(key=f"vendor/{key}", payload=wish, correlation=id_.encode())
            else:
                received = Received(key=None, payload=json.dumps({"id": id_, f"vendor/{key}": wish}).encode())
            self.poller.receive(received)
            ids.append(id_)
        return ids

    async def results(self, wishes: Iterable[tuple[str, Any]], within: float = 30) -> list[Result]:
        """Send each wish as a command of its own and return the final results, in order."""
        ids = self.send(wishes)
        final: dict[str, Result] = {}

        def all_there() -> bool:
            final.update({result.id: result for result in self.notes.results if result.final})
            return final.keys() >= set(ids)

        await until(all_there, within, f"final results of {len(ids)} commands")
        return [final[id_] for id_ in ids]

    async def carried_out(self, wishes: Mapping[str, Any], within: float = 30) -> dict[str, Result]:
        """Send each wish as a command of its own and return the final results by key."""
        return dict(zip(wishes, await self.results(wishes.items(), within), strict=True))


@asynccontextmanager
async def over_http(family: FamilyName = "055", **settings: Any) -> AsyncIterator[Walk]:
    """Walk over HTTP; `settings` are those of the configuration and, before them, what the simulator takes."""
    options = {
        key: settings.pop(key) for key in ("clock", "wall_clock", "visible_after_s", "reboot_s") if key in settings
    }
    async with GoeSimulator(family=family, **{"visible_after_s": SHOWS_AFTER_S, **options}) as sim, Http() as http:
        settings = {"vendor": "go-e", "host": sim.address, "vendor_keys": "all", **settings}
        charger = connect(GoeSettings.model_validate(settings), http, no_feed)
        async with _walking(sim, charger, settle_s=0.3, confirm_reads=3, settings=settings) as walk:
            yield walk


@asynccontextmanager
async def over_mqtt(
    port: int, prefix: str, family: FamilyName = "055", *, confirm_reads: int = 20, **settings: Any
) -> AsyncIterator[Walk]:
    """Walk over the broker on this port, with topics that no other test uses."""
    broker = GoeBroker(port=port, prefix=f"{prefix}/go-eCharger", period_s=SHOWS_AFTER_S, writable=True)
    protocol: Literal["auto", "3.1.1"] = "auto" if MOSQUITTO else "3.1.1"
    feed = BrokerFeed(BrokerAddress(host="127.0.0.1", port=port, client_id=f"{prefix}-feed", protocol=protocol))
    way = {"vendor": "go-e", "transport": "mqtt", "serial": "123456", "topic_prefix": f"{prefix}/go-eCharger"}
    settings = {**way, "vendor_keys": "all", **settings}
    listening = asyncio.create_task(feed.run(), name="feed")
    try:
        async with GoeSimulator(family=family, visible_after_s=SHOWS_AFTER_S, broker=broker) as sim, Http() as http:
            charger = connect(GoeSettings.model_validate(settings), http, lambda _: feed)
            async with _walking(sim, charger, settle_s=0.25, confirm_reads=confirm_reads, settings=settings) as walk:
                yield walk
            await charger.close()
    finally:
        feed.stop()
        async with asyncio.timeout(10):
            await listening


@asynccontextmanager
async def _walking(
    sim: GoeSimulator, charger: Charger, *, settle_s: float, confirm_reads: int, settings: Mapping[str, Any]
) -> AsyncIterator[Walk]:
    pace = replace(charger.pace, settle_s=settle_s, confirm_reads=confirm_reads)
    vars(charger)["pace"] = pace
    notes = Notes()
    with capture_logs() as logged:
        poller = Poller("garage", GoeSettings.model_validate(settings), charger, notes, CommandLimits(queue=1000))
        task = asyncio.create_task(poller.run(), name="poller")
        try:
            await until(lambda: poller.view.available or task.done(), 20, "the first answer")
            yield Walk(sim=sim, poller=poller, notes=notes, logged=logged)
        finally:
            poller.stop()
            async with asyncio.timeout(20):
                await task
    _nothing_told(notes, poller.view, logged)


def _nothing_told(notes: Notes, view: ChargerView, logged: Iterable[Mapping[str, Any]]) -> None:
    """No part of a secret is in anything that was published or logged."""
    assert SECRET not in repr(view)
    for kind, what in notes.told:
        shown = json.dumps(what.json()) if kind == "result" else repr(what)
        assert SECRET not in shown, shown
    for entry in logged:
        assert SECRET not in repr(entry), entry


def settable(walk: Walk, wanted: Callable[[Key], bool] = lambda _: True) -> list[Key]:
    """Return the rows of the table that this charger lets be set."""
    rules = walk.sim.device.rules.keys
    return [row for row in table().values() if row.key in rules and rules[row.key].rule is not None and wanted(row)]


def told(result: Result) -> tuple[str, str]:
    """Return how a command ended."""
    return result.outcome.value, result.code.value


def as_published(row: Key, kept: Any) -> Json:
    """Return what is published of what the charger has."""
    match row.kind:
        case "button" | "int":
            return int(kept)
        case "number":
            return plain_number(kept)
        case "schedule":
            ranges = [
                {end: {k: v for k, v in t.items() if k != "second"} for end, t in r.items()} for r in kept["ranges"]
            ]
            return {"control": kept["control"], "ranges": ranges}
    return kept  # type: ignore[no-any-return]
