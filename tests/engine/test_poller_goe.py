"""The poller with a pretend go-e charger on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.engine.command import CommandLimits
from bridge.engine.intake import Received
from bridge.engine.outlet import Outlet
from bridge.engine.poller import Poller
from bridge.engine.results import Outcome
from bridge.http import Http
from bridge.mqtt.outbox import Outbox
from bridge.mqtt.publisher import Damping, Publisher
from bridge.mqtt.topics import Topics
from bridge.simulators.goe import GoeSimulator
from bridge.vendors.goe.connect import connect
from bridge.vendors.goe.settings import GoeSettings
from tests.engine.pretend import Driven, Notes, told
from tests.support.feeds import no_feed
from tests.support.waiting import until


def _poller(simulator: GoeSimulator, http: Http, outlet: Outlet, **changes: Any) -> Poller:
    settings = GoeSettings.model_validate(
        {"vendor": "go-e", "host": simulator.address, "poll_interval": 0.2, "timeout": 10, **changes}
    )
    return Poller("garage", settings, connect(settings, http, no_feed), outlet, CommandLimits())


@asynccontextmanager
async def _running(poller: Poller) -> AsyncIterator[None]:
    task = asyncio.create_task(poller.run(), name="poller")
    try:
        await until(lambda: poller.view.available or task.done(), 10, "the first answer")
        yield
    finally:
        poller.stop()
        async with asyncio.timeout(20):
            await task


@asynccontextmanager
async def _garage(simulator: GoeSimulator, **changes: Any) -> AsyncIterator[Driven]:
    notes = Notes()
    async with Http() as http:
        poller = _poller(simulator, http, notes, **changes)
        async with _running(poller):
            yield Driven(poller, notes)


async def test_the_pace_follows_the_car(simulator: GoeSimulator) -> None:
    """Another interval while it charges, and back when it has gone."""
    async with _garage(simulator, poll_interval_idle=0.4, poll_interval_charging=0.2) as garage:
        await until(lambda: garage.view.health.interval_s == 0.4)
        simulator.device.plug()
        await until(lambda: garage.view.values["charging"] is True and garage.view.health.interval_s == 0.2, 20)
        simulator.device.unplug()
        await until(lambda: garage.view.values["charging"] is False and garage.view.health.interval_s == 0.4, 20)


async def test_a_charger_gets_one_request_at_a_time(simulator: GoeSimulator) -> None:
    """While it takes its time, commands and refreshes wait for their turn."""
    async with _garage(simulator) as garage:
        await simulator.set_fault("slow", seconds=0.2)
        start = len(simulator.requests)
        for led in (10, 20):
            garage.command(led_brightness=led)
            garage.command(current_limit=6 + led // 10)
            garage.poller.refresh()
            seen = len(simulator.requests)
            await until(lambda seen=seen: len(simulator.requests) > seen + 2, 20)  # type: ignore[misc]
        times = [request.at for request in list(simulator.requests)[start + 1 :]]
        await simulator.clear_fault()

    assert len(times) >= 4
    assert all(later - earlier > 0.15 for earlier, later in pairwise(times))


async def test_a_charger_that_hangs_holds_up_nobody(simulator: GoeSimulator) -> None:
    """Nonsense is answered at once, and another charger's commands are carried out."""
    async with GoeSimulator() as other, _garage(simulator) as garage, _garage(other) as second:
        await simulator.set_fault("hang")
        seen = len(simulator.requests)
        await until(lambda: len(simulator.requests) > seen)
        for payload in (b"nonsense", b"99", b"\xff"):
            before = len(garage.notes.results)
            garage.poller.receive(Received(key="current_limit", payload=payload))
            assert [result.final for result in garage.notes.results[before:]] == [True]
        result = await second.result(led_brightness=20)
        assert told(result) == (Outcome.CONFIRMED, "ok", 20)
        await simulator.clear_fault()


async def test_a_write_and_what_the_charger_makes_of_it(simulator: GoeSimulator) -> None:
    """Confirmed by its own answer; refused with its own words; each written once."""
    async with _garage(simulator) as garage:
        confirmed = await garage.result(current_limit=13)
        await simulator.set_fault("refuse_writes")
        refused = await garage.result(current_limit=14)
        await simulator.clear_fault()
        writes = [request.query for request in simulator.requests if request.path == "/api/set"]

    assert told(confirmed) == (Outcome.CONFIRMED, "ok", 13)
    assert told(refused) == (Outcome.REJECTED, "vendor_refused", 13)
    assert refused.message == "amp: failed: not allowed now (14)"
    assert writes == [{"amp": "13"}, {"amp": "14"}]
    assert garage.notes.shown("current_limit") == [16, 13]


async def test_a_write_without_an_answer_is_looked_at(simulator: GoeSimulator) -> None:
    """The connection broke in the middle of the answer; the charger had taken it."""
    async with _garage(simulator) as garage:
        await simulator.set_fault("reset")
        id_ = garage.command(current_limit=13)
        await until(lambda: simulator.counts["/api/set"] == 1)
        await simulator.clear_fault()
        result = await garage.notes.final(id_)

    assert told(result) == (Outcome.CONFIRMED, "ok", 13)
    assert simulator.counts["/api/set"] == 1


async def test_a_charger_that_is_switched_off_and_on_again(simulator: GoeSimulator) -> None:
    """Unavailable after three failures, said once, waits that grow, and back by itself."""
    with capture_logs() as logged:
        async with _garage(simulator) as garage:
            await simulator.set_fault("unreachable")
            await until(lambda: not garage.view.available)
            assert garage.view.health.consecutive_failures == 3
            assert (garage.view.values["online"], garage.view.values["stale"]) == (False, True)
            refused = await garage.result(current_limit=13)
            await until(lambda: garage.view.health.consecutive_failures >= 5)
            assert garage.view.health.interval_s >= 0.2 * 2 * 0.9
            await simulator.clear_fault()
            await until(lambda: garage.view.available)
            assert (garage.view.values["online"], garage.view.values["stale"]) == (True, False)

    assert told(refused) == (Outcome.REJECTED, "vendor_unreachable", None)
    names = [entry["event"] for entry in logged if entry["event"] != "command failed"]
    assert names == ["charger available", "read failed", "charger unavailable", "charger available"]


async def test_a_missing_key_costs_one_property(simulator: GoeSimulator) -> None:
    """Unknown, told once; everything else goes on."""
    with capture_logs() as logged:
        async with _garage(simulator) as garage:
            await simulator.set_fault("missing_key", keys=["lbr"])
            await until(lambda: garage.view.values["led_brightness"] is None)
            reads = garage.view.health.reads.number
            await until(lambda: garage.view.health.reads.number > reads + 2)
            assert garage.view.available
            assert garage.view.values["current_limit"] == 16

    warnings = [entry for entry in logged if entry["log_level"] == "warning"]
    assert [(entry["event"], entry["property"]) for entry in warnings] == [("value not understood", "led_brightness")]


async def test_a_code_that_nobody_knows(simulator: GoeSimulator) -> None:
    """No status rather than a wrong one; the vendor's code is shown as it is, and told once."""
    with capture_logs() as logged:
        async with _garage(simulator) as garage:
            await simulator.set_fault("unknown_code", keys=["car"])
            await until(lambda: garage.view.values["status_raw"] == "9")
            reads = garage.view.health.reads.number
            await until(lambda: garage.view.health.reads.number > reads + 2)
            values = garage.view.values
            assert (values["status"], values["vehicle_connected"], values["charging"]) == (None, None, None)
            await simulator.clear_fault()
            await until(lambda: garage.view.values["status"] == "disconnected")

    warnings = [entry for entry in logged if entry["log_level"] == "warning"]
    assert [(entry["event"], entry["property"]) for entry in warnings] == [("value not understood", "status")]
    assert "9" in warnings[0]["reason"]


async def test_a_fault_and_its_end(simulator: GoeSimulator) -> None:
    """Both are events, and the values tell which fault it is."""
    async with _garage(simulator) as garage:
        simulator.device.set_error(8)
        await until(lambda: garage.view.values["problem"] is True)
        assert (garage.view.values["error_code"], garage.view.values["error_text"]) == ("8", "no earth")
        simulator.device.set_error(0)
        await until(lambda: garage.view.values["problem"] is False)

    events = [event.json() for event in garage.notes.events if event.type.value.startswith("fault")]
    assert [event["event_type"] for event in events] == ["fault", "fault_cleared"]
    assert (events[0]["error_code"], events[0]["error_text"]) == ("8", "no earth")


async def test_a_session_is_recorded_while_no_consumer_listens() -> None:
    """The broker is away the whole time: the record is there for when it is back."""
    outbox, topics = Outbox(), Topics("base")
    publisher = Publisher(outbox, topics, output="both", damping=Damping(), announce=lambda _: True)
    async with GoeSimulator(speed=200.0) as simulator, Http() as http:
        poller = _poller(simulator, http, publisher)
        publisher.add(poller.view)
        async with _running(poller):
            simulator.device.plug()
            await until(lambda: poller.view.values["session_energy"], 20)
            simulator.device.unplug()
            await until(lambda: topics.last_session("garage") in outbox.retained, 20)
        energy = poller.view.values["session_energy"]

    record = json.loads(outbox.retained[topics.last_session("garage")].payload)
    assert isinstance(energy, float)
    assert energy > 0
    assert record["energy"] == pytest.approx(energy, abs=0.001)
    assert record["started_at"] < record["finished_at"]
