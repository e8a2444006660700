"""What the bridge made the broker retain and does not need any more goes; everything else stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.fleet import shard_of
from bridge.mqtt.announcer import Announcer
from bridge.mqtt.housekeeping import Housekeeping
from bridge.mqtt.outbox import Outbox, Rank
from bridge.mqtt.topics import Topics
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker
from tests.support.probe import Probe, probe
from tests.support.waiting import until

QUICK = {"health_interval": 0.2}
"""So that the bridge looks after its topics soon."""


async def kept(broker: TestBroker, base: str) -> dict[str, str]:
    """Return what the broker holds below the base and the discovery prefix, as a client that comes now sees it."""
    async with probe(broker.port, base, topics=(f"{base}/#", f"{base}-ha/#")) as ear:
        end = f"{base}/end"
        await ear.send("end", "of what is kept")
        await ear.until("end")
        return {heard.topic: heard.text for heard in ear.heard if heard.topic != end}


def below(found: dict[str, str], *beginnings: str) -> set[str]:
    """Return the topics that begin so."""
    return {topic for topic in found if topic.startswith(beginnings)}


@pytest.mark.mosquitto
async def test_a_removed_charger_goes_in_order(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """First its announcement is emptied, so that no entity is shown as unavailable, then availability, then states."""
    base = ear.base
    async with GoeSimulator(serial="000002") as other:
        async with run({"garage": goe(simulator), "street": goe(other)}):
            other.car.plug()
            await ear.until("street/vehicle_connected", "true")
            other.car.unplug()
            await ear.until("street/last_session")
            await ear.until("garage/last_update")
        before = await kept(shared_broker, base)
        ear.forget()
        async with run({"garage": goe(simulator)}, publish=QUICK):
            gone = await ear.until("bridge/event")
        await ear.until("bridge/state", "offline")
    assert (gone.json["event_type"], gone.json["charger"]) == ("charger_removed", "street")
    config = f"{base}-ha/device/charger2mqtt_000002/config"
    emptied = [heard.topic for heard in ear.heard if not heard.text]
    assert emptied[:2] == [config, f"{base}/street/availability"]
    assert set(emptied) == below(before, f"{base}/street/") | {config}
    assert f"{base}/street/last_session" in emptied
    after = await kept(shared_broker, base)
    assert set(after) == set(before) - set(emptied)
    assert [entry["id"] for entry in json.loads(after[f"{base}/bridge/chargers"])] == ["garage"]


@pytest.mark.mosquitto
async def test_topics_that_are_not_published_any_more_go(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """With another `output` the old topics are emptied, once; the record of the last session stays."""
    base = ear.base
    async with run({"garage": goe(simulator)}):
        simulator.car.plug()
        await ear.until("garage/vehicle_connected", "true")
        simulator.car.unplug()
        await ear.until("garage/last_session")
    for _ in range(2):
        ear.forget()
        async with run({"garage": goe(simulator)}, publish={"output": "json", **QUICK}):
            await ear.until("garage/state")
            await ear.until("bridge/health", lambda heard: heard.json["chargers"]["garage"]["last_success"])
        await ear.until("bridge/state", "offline")
    assert [heard.topic for heard in ear.heard if not heard.text] == [], "the second time there is nothing left to do"
    after = await kept(shared_broker, base)
    leaves = {topic.removeprefix(f"{base}/garage/") for topic in below(after, f"{base}/garage/")}
    assert {leaf for leaf in leaves if not leaf.startswith("vendor/")} == {"availability", "state", "last_session"}


@pytest.mark.mosquitto
async def test_another_base_topic_leaves_nothing_behind(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """After a move to another base topic the old one is empty: charger, bridge and all."""
    base = ear.base
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/last_update")
        await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"])
    before = await kept(shared_broker, base)
    assert f"{base}/bridge/state" in before
    async with run({"garage": goe(simulator)}, mqtt={"base_topic": f"{base}/new"}, publish=QUICK):
        await ear.until("new/garage/last_update")
        await ear.until("bridge/state", "")
    after = await kept(shared_broker, base)
    below_new = {topic.removeprefix(f"{base}/new/") for topic in below(after, f"{base}/new/")}
    assert below(after, f"{base}/") == below(after, f"{base}/new/")
    assert below_new == {topic.removeprefix(f"{base}/") for topic in below(before, f"{base}/")}


@pytest.mark.mosquitto
async def test_a_renamed_charger_takes_its_entities_along(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """The same charger under another id keeps its announcement; only the topics of the old id go."""
    base = ear.base
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
    ear.forget()
    async with run({"depot": goe(simulator)}, publish=QUICK):
        await ear.until("bridge/event", lambda heard: heard.json["event_type"] == "charger_removed")
    await ear.until("bridge/state", "offline")
    assert all(heard.text for heard in ear.heard if heard.topic.startswith(f"{base}-ha/"))
    after = await kept(shared_broker, base)
    assert below(after, f"{base}/garage/") == set()
    config = json.loads(after[f"{base}-ha/device/charger2mqtt_123456/config"])
    assert config["components"]["power"]["state_topic"] == f"{base}/depot/state"


@pytest.mark.mosquitto
async def test_a_charger_that_is_away_keeps_everything(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """What a configured charger published earlier stays while it does not answer, also when others are gone."""
    base = ear.base
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/last_update")
        await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"])
    before = await kept(shared_broker, base)
    await simulator.set_fault("unreachable")
    async with run({"garage": goe(simulator)}, publish=QUICK):
        await ear.until("bridge/health", lambda heard: heard.json["chargers"]["garage"]["consecutive_failures"])
        await ear.until("garage/availability", "offline")
    after = await kept(shared_broker, base)
    changed = {f"{base}/{leaf}" for leaf in ("bridge/info", "bridge/chargers", "garage/availability")}
    assert {topic for topic in before if after.get(topic) != before[topic]} <= changed


@pytest.mark.mosquitto
async def test_strangers_are_left_alone(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """Topics that others keep below our base, even in a removed charger's place, are not ours to empty."""
    base = ear.base
    theirs = ("garage/note", "street/note", "cellar/availability", "cellar/state", "note", "bridge/note")
    async with GoeSimulator(serial="000002") as other:
        async with run({"garage": goe(simulator), "street": goe(other)}):
            await ear.until("garage/state")
            await ear.until("street/state")
        for topic in (*theirs, f"/{base}-ha/device/theirs/config"):
            await ear.send(topic, "{}", retain=True)
        async with run({"garage": goe(simulator)}, publish=QUICK):
            await ear.until("bridge/event", lambda heard: heard.json["event_type"] == "charger_removed")
    after = await kept(shared_broker, base)
    assert {f"{base}/{topic}" for topic in theirs} | {f"{base}-ha/device/theirs/config"} <= set(after)
    assert below(after, f"{base}/street/") == {f"{base}/street/note"}


@pytest.mark.mosquitto
async def test_a_removed_announcement_is_taken_back(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator
) -> None:
    """With discovery switched off, what an earlier run announced of bridge and chargers is emptied."""
    base = ear.base
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/last_update")
    assert len(below(await kept(shared_broker, base), f"{base}-ha/")) == 2
    async with run({"garage": goe(simulator)}, homeassistant={"discovery": "off"}):
        await until(lambda: sum(not heard.text for heard in ear.heard) == 2)
    assert below(await kept(shared_broker, base), f"{base}-ha/") == set()


# The manifest


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff not JSON",
        b"",
        b"[]",
        b"{}",
        b'{"format": 99, "owners": {"street": {"discovery": {}, "topics": ["x"]}}}',
        b'{"format": 1, "owners": ["street"]}',
        b'{"format": 1, "owners": {"street": 5, "garage": {"discovery": [], "topics": {}}}}',
        b'{"format": 1, "owners": {"garage": {"discovery": {"a/b": 1}, "topics": [1, null, "#", "a/+"]}}}',
        b'{"format": 1, "owners": {"garage": {"discovery": {"x/device/y/config": "}"}, "topics": []}}}',
    ],
)
async def test_a_damaged_manifest_is_no_reason_to_stop(
    run: Run, ear: Probe, simulator: GoeSimulator, tmp_path: Path, content: bytes
) -> None:
    """Whatever the file holds, the bridge starts, publishes, takes commands, and writes a good one."""
    manifest = tmp_path / "state" / "topics.json"
    manifest.parent.mkdir()
    manifest.write_bytes(content)
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/last_update")
        await ear.send("garage/current_limit/set", "99")
        await ear.result("garage", property="current_limit")
        assert len(ear.all("bridge/info")) == 1
    written = json.loads(manifest.read_bytes())
    assert written["format"] == 1
    assert ear.full("garage/state") in written["owners"]["garage"]["topics"]
    assert manifest.stat().st_mode & 0o777 == 0o600


async def test_a_manifest_that_cannot_be_stored_is_said(
    run: Run, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """A state directory that is none costs the memory, not the bridge."""
    (tmp_path / "state").write_text("a file in its place")
    with capture_logs() as logs:
        async with run({"garage": goe(simulator)}):
            await ear.until("garage/state")
    said = [line for line in logs if line["log_level"] == "warning"]
    assert said
    assert all("state" in line["event"] for line in said)


# Several daemons


def of_shard(index: int, name: str = "c") -> str:
    """Return a charger id, beginning with this name, that belongs to this one of two daemons."""
    return next(id_ for id_ in (f"{name}{number}" for number in range(100)) if shard_of(id_, 2) == index)


async def test_each_daemon_serves_its_own_chargers(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Two daemons with one configuration share the chargers; an unknown one is answered once, by its owner alone."""
    mine, theirs = of_shard(0), of_shard(1)
    ids = (mine, theirs, of_shard(0, "unknown"), of_shard(1, "unknown"))
    async with GoeSimulator(serial="000002") as other:
        both = {mine: goe(simulator), theirs: goe(other)}
        one = run(both, shard={"index": 0, "count": 2}, state="one", instance="one")
        two = run(
            both, shard={"index": 1, "count": 2}, state="two", instance="two", mqtt={"client_id": f"{ear.base}-2"}
        )
        async with one, two:
            await ear.until(f"{mine}/state")
            await ear.until(f"{theirs}/state")
            shards = {heard.json["instance"]: heard.json["shard"]["index"] for heard in ear.all("bridge/info")}
            assert shards == {"one": 0, "two": 1}
            for id_ in ids:
                await ear.send(f"{id_}/power/set", "1")
                await ear.result(id_, property="power")
                await ear.send(f"{id_}/request/sessions", "")
                await ear.until(f"{id_}/response/sessions")
                await ear.send("bridge/request/refresh", json.dumps({"id": id_, "transaction": id_}))
                await until(lambda: ear.all("bridge/response/refresh")[-1:])
                await until(lambda id_=id_: ear.all("bridge/response/refresh")[-1].json["transaction"] == id_)  # type: ignore[misc]
            for id_ in ids:
                assert len(ear.all(f"{id_}/result")) == len(ear.all(f"{id_}/response/sessions")) == 1
            asked = [heard.json["transaction"] for heard in ear.all("bridge/response/refresh")]
            assert len(asked) == len(set(asked))
        assert (len(simulator.requests) > 2, len(other.requests) > 2) == (True, True)


def drained(outbox: Outbox) -> list[tuple[str, bytes]]:
    """Send everything and return what that was, in order."""
    sent = []
    while not outbox.empty:
        key, message = outbox.peek()
        outbox.done(key, message)
        sent.append((message.topic, message.payload))
    return sent


def test_a_charger_of_another_daemon_is_left_alone() -> None:
    """A charger that moved to another daemon is still configured: the one that served it before removes nothing."""
    outbox = Outbox()
    told: list[tuple[str, str]] = []
    owners: dict[str, Any] = {
        owner: {"discovery": {f"ha/{owner}": "{}"}, "topics": [f"home/{owner}/availability", f"home/{owner}/state"]}
        for owner in ("mine", "theirs", "gone")
    }
    saved: list[Any] = []
    housekeeping = Housekeeping(
        outbox,
        Topics("home"),
        Announcer(outbox, lambda held, wanted: [held, wanted], 0),
        configured=("mine", "theirs"),
        stored={"format": 1, "owners": owners},
        save=saved.append,
        tell=lambda what, charger: told.append((what, charger)),
        patience_s=0,
    )
    housekeeping.tick(connected=False)
    assert drained(outbox) == [], "without a broker nothing can be removed"
    housekeeping.tick(connected=True)
    assert drained(outbox) == [("ha/gone", b""), ("home/gone/availability", b""), ("home/gone/state", b"")]
    assert told == [("charger_removed", "gone")]
    housekeeping.store()
    del owners["gone"]
    assert saved[-1]["owners"] == owners


def test_a_removed_charger_waits_for_the_others() -> None:
    """A renamed charger takes its entities along: while one of the configured ones is missing, nothing is removed."""
    outbox = Outbox()
    owners: dict[str, Any] = {owner: {"discovery": {}, "topics": [f"home/{owner}/state"]} for owner in ("mine", "gone")}
    housekeeping = Housekeeping(
        outbox,
        Topics("home"),
        Announcer(outbox, lambda held, wanted: [held, wanted], 0),
        configured=("mine",),
        stored={"format": 1, "owners": owners},
        save=lambda _: None,
        tell=lambda *_: None,
    )
    housekeeping.tick(connected=True)
    assert drained(outbox) == []
    outbox.keep("home/mine/state", b"{}", rank=Rank.STATE)
    housekeeping.announced("mine")
    housekeeping.tick(connected=True)
    assert drained(outbox) == [("home/mine/state", b"{}"), ("home/gone/state", b"")]


async def test_an_announcement_that_someone_else_is_about_to_make_stays() -> None:
    """Two names for one charger share it: the one that goes does not take it from the one that is being announced."""
    outbox = Outbox()
    announcer = Announcer(outbox, lambda _, wanted: [{"ha/box": "a step"}, wanted], 60)
    owners: dict[str, Any] = {"gone": {"discovery": {"ha/box": "{}", "ha/own": "{}"}, "topics": ["home/gone/state"]}}
    housekeeping = Housekeeping(
        outbox,
        Topics("home"),
        announcer,
        configured=("mine",),
        stored={"format": 1, "owners": owners},
        save=lambda _: None,
        tell=lambda *_: None,
        patience_s=0,
    )
    assert announcer.announce("mine", {"ha/box": "mine"})
    housekeeping.tick(connected=True)
    assert drained(outbox) == [("ha/own", b""), ("home/gone/state", b"")]
