"""What the bridge publishes: topics, flags, documents and the forms of values (contract sections 1 and 2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bridge import __version__
from bridge.charger.properties import CATALOGUE
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.probe import Heard, Probe
from tests.support.waiting import until

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d{0,2}[1-9])?")
JSON_ONLY = {"schema", "ts", "stale", "data_age_s"}
NOISY = dict.fromkeys(("frequency", "wifi_rssi", "voltage_l1", "voltage_l2", "voltage_l3", "temperature"), 1000)
"""Damped so much that an idle charger is quiet."""


def scalars(ear: Probe, charger: str = "garage") -> dict[str, str]:
    """Return the newest text of every property's own topic."""
    beginning = ear.full(f"{charger}/")
    below = [(heard.topic.removeprefix(beginning), heard.text) for heard in ear.heard if beginning in heard.topic]
    return {key: text for key, text in below if key in CATALOGUE or key.startswith("vendor/")}


def written(value: Any) -> str:
    """Return how a value of the `state` document stands on its scalar topic."""
    match value:
        case None:
            return "None"
        case bool():
            return "true" if value else "false"
        case dict():
            return written(value["installed"])
    return str(value)


async def told_of_charging(ear: Probe) -> None:
    """Wait until a reading of a car that charges on all phases was published, document and scalars."""
    state = await ear.until("garage/state", lambda heard: heard.json["phases_active"] == 3, within=10)
    await ear.until("garage/last_update", lambda heard: heard.text >= state.json["last_update"])


async def test_info_says_what_this_bridge_is(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """`bridge/info` has the contract's fields and no other."""
    async with run({"garage": goe(simulator)}, instance="cellar", homeassistant={"discovery": "component"}):
        info = (await ear.until("bridge/info")).json
        assert TIMESTAMP.fullmatch(info.pop("started_at"))
        assert info.pop("protocol") in {"5", "3.1.1"}
        assert info == {
            "version": __version__,
            "schema": 1,
            "discovery": "component",
            "instance": "cellar",
            "shard": {"index": 0, "count": 1},
        }


async def test_chargers_are_listed_with_their_capabilities(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """`bridge/chargers` says who each charger is and what each property takes; one that never answered is there too."""
    async with GoeSimulator() as absent:
        await absent.set_fault("unreachable")
        async with run({"garage": goe(simulator), "street": goe(absent)}):
            found = await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"])
            garage, street = found.json
            state = (await ear.until("garage/state")).json
    capabilities = garage.pop("capabilities")
    who = {"vendor": "go-e", "model": "go-eCharger Gemini", "serial": "123456", "firmware": "055.5"}
    assert garage == {"id": "garage", **who}
    assert street == {"id": "street", "vendor": "go-e"} | dict.fromkeys(("model", "serial", "firmware")) | {
        "capabilities": {}
    }
    properties = {key for key in capabilities if not key.startswith("vendor/")} - {"refresh", "restart"}
    assert properties == set(state) - {"schema", "ts"}
    fields = {"type", "unit", "min", "max", "step", "options", "settable", "settle_s", "api_cost"}
    assert {frozenset(capability) for capability in capabilities.values()} == {frozenset(fields)}
    nothing = dict.fromkeys(fields)
    setting = {"settable": True, "settle_s": 1.2, "api_cost": 2}
    amps = {"type": "number", "unit": "A", "min": 6, "max": 32, "step": 1}
    assert capabilities["current_limit"] == nothing | amps | setting
    assert capabilities["charging_enabled"] == nothing | {"type": "boolean"} | setting
    modes = ["standard", "eco", "next_trip"]
    assert capabilities["charge_mode"] == nothing | {"type": "enum", "options": modes} | setting
    assert capabilities["power"] == nothing | {"type": "number", "unit": "W", "settable": False}
    access = {"type": "integer", "min": 0, "max": 2, "step": 1}
    assert capabilities["vendor/acs"] == nothing | access | setting
    button = {"type": "action", "options": ["PRESS"], "settable": True, "api_cost": 1}
    assert capabilities["restart"] == nothing | button


async def test_health_tells_how_it_goes(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """`bridge/health` comes at its interval, with process, broker and every charger."""
    async with GoeSimulator() as absent:
        await absent.set_fault("unreachable")
        async with run({"garage": goe(simulator), "street": goe(absent)}, publish={"health_interval": 0.2}):
            heard = await ear.until("bridge/health", lambda heard: heard.json["chargers"]["street"]["last_error"])
            await ear.until("bridge/health", lambda later: later.json["ts"] > heard.json["ts"])
            await ear.until("bridge/health", lambda later: later.json["mqtt"]["published"] > 50)
    health = heard.json
    assert set(health) == {"ts", "uptime_s", "memory_bytes", "mqtt", "chargers", "accounts"}
    assert TIMESTAMP.fullmatch(health["ts"])
    assert isinstance(health["uptime_s"], int)
    assert 1e6 < health["memory_bytes"] < 1e9
    assert (set(health["mqtt"]), health["mqtt"]["connected"], health["mqtt"]["reconnects"]) == (
        {"connected", "received", "published", "reconnects"},
        True,
        0,
    )
    assert health["accounts"] == {}
    fields = {"last_success", "last_error", "consecutive_failures", "latency_ms", "next_poll", "interval_s"}
    assert {frozenset(charger) for charger in health["chargers"].values()} == {frozenset(fields)}
    well, away = health["chargers"]["garage"], health["chargers"]["street"]
    assert (well["last_error"], well["consecutive_failures"], well["interval_s"]) == (None, 0, 0.2)
    assert TIMESTAMP.fullmatch(well["last_success"])
    assert TIMESTAMP.fullmatch(well["next_poll"])
    assert well["latency_ms"] >= 0
    assert (away["last_success"], away["latency_ms"]) == (None, None)
    assert away["consecutive_failures"] >= 1
    assert set(away["last_error"]) == {"code", "message", "ts"}
    assert away["last_error"]["code"] == "vendor_unreachable"


@pytest.mark.parametrize(
    ("fault", "keys", "unknown"),
    [
        ("missing_key", ["tma"], "temperature"),
        ("null_key", ["frc"], "charge_override"),
        ("unknown_code", ["car"], "status"),
        ("null_key", ["nrg"], "power"),
        ("null_key", ["acs"], "vendor/acs"),
    ],
)
async def test_unknown_is_null_and_none(
    run: Run, ear: Probe, simulator: GoeSimulator, fault: str, keys: list[str], unknown: str
) -> None:
    """A value that the charger does not say any more is unknown, neither 0 nor the last one; then it is back."""
    async with run({"garage": goe(simulator)}):
        await ear.until(f"garage/{unknown}")
        await simulator.set_fault(fault, keys=keys)
        await ear.until(f"garage/{unknown}", "None")
        if not unknown.startswith("vendor/"):
            await ear.until("garage/state", lambda heard: heard.json[unknown] is None)
        ear.forget()
        await simulator.clear_fault()
        await ear.until(f"garage/{unknown}", lambda heard: heard.text != "None")


async def test_what_a_charger_lacks_is_absent_from_everything(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """A property without its key is on no topic, in no document and not announced."""
    await simulator.set_fault("missing_key", keys=["lbr", "tma"])
    async with run({"garage": goe(simulator)}):
        state = (await ear.until("garage/state")).json
        chargers = (await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"])).json
        known = set(state) | set(chargers[0]["capabilities"]) | set(scalars(ear))
        assert not known & {"led_brightness", "temperature"}
        announced = [heard.text for heard in ear.heard if heard.topic.startswith(f"{ear.base}-ha/")]
        assert announced
        assert not any("led_brightness" in text for text in announced)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (None, {"modelStatus", "acs", "ust", "fna", "trx", "tcl", "fup", "ids"}),
        (["tpa", "var"], {"tpa", "var"}),
        ([], set()),
    ],
)
async def test_vendor_keys_have_topics_of_their_own(
    run: Run, ear: Probe, simulator: GoeSimulator, wanted: list[str] | None, keys: set[str]
) -> None:
    """The vendor's own keys that the configuration asks for are below `vendor/`, and not in `state`."""
    chosen = {} if wanted is None else {"vendor_keys": wanted}
    async with run({"garage": goe(simulator, **chosen)}, publish={"output": "json"}):
        state = (await ear.until("garage/state")).json
    await ear.until("bridge/state", "offline")
    assert set(scalars(ear)) == {f"vendor/{key}" for key in keys}
    assert not set(state) & keys


@pytest.mark.parametrize(("output", "document", "single"), [("json", 1, 0), ("scalar", 0, 1), ("both", 1, 1)])
async def test_output_chooses_between_document_and_scalars(
    run: Run, ear: Probe, simulator: GoeSimulator, output: str, document: int, single: int
) -> None:
    """`publish.output` says whether there is the `state` document, a topic per property, or both."""
    async with run({"garage": goe(simulator)}, publish={"output": output}):
        await ear.until("garage/availability", "online")
    await ear.until("bridge/state", "offline")
    told = {key for key in scalars(ear) if not key.startswith("vendor/")}
    assert (bool(ear.all("garage/state")), "power" in told, len(told) > 40) == (document, single, single)


# When


async def test_an_idle_charger_is_quiet(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """What moves with time alone (`last_update`, `session_duration`, `data_age_s`) is no reason to publish."""
    simulator.car.plug()
    simulator.car.car_pauses(pausing=True)
    async with run({"garage": goe(simulator)}, publish={"min_change": NOISY}):
        await ear.until("garage/status", "suspended_ev")
        polls = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] > polls + 3)
        assert len(ear.all("garage/state")) == len(ear.all("garage/last_update")) == 1


async def test_heartbeat_repeats_the_document(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Without any change `state` comes at every heartbeat, newer and older at once: the data ages. Scalars stay."""
    async with run({"garage": goe(simulator, poll_interval=60)}, publish={"heartbeat": 0.5}):
        await ear.until("garage/state", lambda _: len(ear.all("garage/state")) == 3)
    states = [heard.json for heard in ear.all("garage/state")]
    assert [state["ts"] for state in states] == sorted({state["ts"] for state in states})
    assert len({state["last_update"] for state in states}) == 1
    assert states[-1]["data_age_s"] >= 1
    same = [{key: state[key] for key in state if key not in {"ts", "data_age_s"}} for state in states]
    assert same[0] == same[-1]
    assert len(ear.all("garage/last_update")) == len(ear.all("garage/power")) == 1


# Damping


async def test_small_changes_are_held_back(run: Run, ear: Probe) -> None:
    """Below `min_change` a measurement stays as it was told, in the document as on its own topic; others go on."""
    async with GoeSimulator(speed=20) as simulator:
        simulator.car.plug(capacity_kwh=50)
        damped = {"power": 1e6, "power_l1": 0}
        async with run({"garage": goe(simulator)}, publish={"min_change": damped}):
            await told_of_charging(ear)
            ear.forget()
            await ear.until("garage/power_l1", lambda _: len(ear.all("garage/power_l1")) > 1, within=10)
            told = {heard.json["power"] for heard in ear.all("garage/state")}
            assert len(ear.all("garage/power")) == 0
            assert len(told) == 1
            assert len({heard.json["power_l1"] for heard in ear.all("garage/state")}) > 1


async def test_a_change_of_status_brings_everything_up_to_date(run: Run, ear: Probe) -> None:
    """Settings and states are never damped, and beside them stand the measurements of the same moment."""
    async with GoeSimulator(speed=20) as simulator:
        simulator.car.plug(capacity_kwh=50)
        async with run({"garage": goe(simulator)}, publish={"min_interval": 3600, "min_change": {"power": 1e6}}):
            await told_of_charging(ear)
            simulator.car.unplug()
            gone = (await ear.until("garage/state", lambda heard: heard.json["status"] == "disconnected")).json
            assert gone["power"] == 0
            assert gone["session_energy"] > 0
            await ear.until("garage/session_energy", written(gone["session_energy"]))
            assert scalars(ear)["power"] == "0"


async def test_settings_are_never_damped(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """A setting that changes at the charger shows at once, whatever the damping of measurements."""
    async with run({"garage": goe(simulator)}, publish={"min_interval": 3600}):
        await ear.until("garage/state")
        simulator.device.settings["amp"] = 15
        await ear.until("garage/current_limit", "15")
        await ear.until("garage/state", lambda heard: heard.json["current_limit"] == 15)
        simulator.device.settings["amp"] = 14
        await ear.until("garage/current_limit", "14")


async def test_measurements_keep_their_distance(run: Run, ear: Probe) -> None:
    """Within `min_interval` measurements alone publish nothing."""
    async with GoeSimulator(speed=20) as simulator:
        simulator.car.plug(capacity_kwh=50)
        async with run({"garage": goe(simulator)}, publish={"min_interval": 3600}):
            await told_of_charging(ear)
            polls = simulator.counts["/api/status"]
            ear.forget()
            await until(lambda: simulator.counts["/api/status"] > polls + 3)
            assert ear.all("garage/state") == []


# A charger that is away


async def test_availability_follows_the_charger(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """After three failed reads the charger is offline and its data grows old; with the first good one it is back."""

    def went(heard: Heard) -> bool:
        return heard.json["online"] is False and heard.json["stale"] is True

    async with run({"garage": goe(simulator)}):
        await ear.until("garage/availability", "online")
        before = (await ear.until("garage/state")).json
        await simulator.set_fault("unreachable")
        await ear.until("garage/availability", "offline")
        state = (await ear.until("garage/state", went)).json
        assert state["last_update"] >= before["last_update"]
        assert state["total_energy"] == before["total_energy"]
        await ear.until("garage/online", "false")
        await simulator.clear_fault()
        ear.forget()
        await ear.until("garage/availability", "online", within=10)
        back = (await ear.until("garage/state", lambda heard: heard.json["online"])).json
        assert (back["stale"], back["data_age_s"]) == (False, 0)
        assert back["last_update"] > state["last_update"]


async def test_a_charger_that_never_answered_is_silent(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Until the first good read there is `offline` and no state at all; then everything."""
    await simulator.set_fault("unreachable")
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/availability", "offline")
        await ear.until("bridge/health", lambda heard: heard.json["chargers"]["garage"]["consecutive_failures"])
        assert (ear.all("garage/state"), scalars(ear)) == ([], {})
        await simulator.clear_fault()
        await ear.until("garage/availability", "online", within=10)
        await ear.until("garage/state")
