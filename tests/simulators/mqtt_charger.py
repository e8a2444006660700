"""A pretend go-e that is a client of the tests' broker."""

from __future__ import annotations

from typing import Any

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.goe_mqtt import GoeBroker
from tests.simulators.fake_clock import FakeClock
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until

ROOT = "go-eCharger/123456"  # below the test's own base
NEVER_S = 3_600.0


def charger(
    broker: TestBroker, base: str, *, family: FamilyName = "055", clock: FakeClock | None = None, **options: Any
) -> GoeSimulator:
    """A charger that may be written to and publishes ten times per second, unless `options` of its broker differ."""
    usual = {"port": broker.port, "prefix": f"{base}/go-eCharger", "period_s": 0.1, "retry_s": 0.1, "writable": True}
    times: dict[str, Any] = {} if clock is None else {"clock": clock, "wall_clock": clock}
    return GoeSimulator(
        broker=GoeBroker(**{**usual, **options}), family=family, visible_after_s=0.0, reboot_s=0.1, **times
    )


async def write(ear: Probe, key: str, payload: str) -> str:
    """Write a key and return the result."""
    before = len(ear.all(f"{ROOT}/{key}/result"))
    await ear.send(f"{ROOT}/{key}/set", payload)
    await until(lambda: len(ear.all(f"{ROOT}/{key}/result")) > before, what=f"a result for {key}")
    return ear.all(f"{ROOT}/{key}/result")[-1].text


async def has_said_everything(ear: Probe, sim: GoeSimulator) -> None:
    """Wait for the last key of the first round, and for one of the second."""
    await ear.until(f"{ROOT}/{sim.mqtt.keys[-1]}")
    await ear.until(f"{ROOT}/rbt", lambda _: len(ear.all(f"{ROOT}/rbt")) > 1)
