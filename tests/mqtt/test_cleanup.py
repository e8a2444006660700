"""What chargers that are gone left on the broker is removed where it is proven to be ours; the rest is listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest

from bridge.homeassistant.announced import announced
from bridge.mqtt.address import BrokerAddress
from bridge.mqtt.cleanup import Cleaned, Place, Retained, plan
from bridge.mqtt.listener import visit
from bridge.mqtt.requests import Incoming
from bridge.mqtt.topics import Topics
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker
from tests.support.probe import Probe, probe

TOPICS = Topics("home")
KEPT = ("garage",)


def announcement(charger: str, *, base: str = "home", origin: str = "charger2mqtt", **changes: Any) -> str:
    """Return a discovery message as the bridge writes it, cut down to a few entities."""
    own = f"{base}/{charger}"
    document = {
        "device": {"identifiers": [f"charger2mqtt_{charger}"], "name": charger},
        "origin": {"name": origin, "sw_version": "1"},
        "availability": [{"topic": f"{base}/bridge/state"}, {"topic": f"{own}/availability"}],
        "components": {
            "power": {"platform": "sensor", "state_topic": f"{own}/state"},
            "current_limit": {"platform": "number", "command_topic": f"{own}/current_limit/set"},
            "vendor_rbc": {"platform": "sensor", "state_topic": f"{own}/vendor/rbc"},
        },
    }
    return json.dumps(document | changes)


def stored(**owners: tuple[dict[str, str], list[str]]) -> Any:
    """Return a manifest with discovery messages and other topics by owner."""
    entries = {owner: {"discovery": found, "topics": topics} for owner, (found, topics) in owners.items()}
    return {"format": 1, "owners": entries}


def cleaned(retained: dict[str, str], manifest: Any = None, live: dict[str, str] | None = None) -> Cleaned:
    """Plan a cleanup of a broker that retains this, below `home` and `ha`, with `garage` configured."""
    place = Place(
        topics=TOPICS,
        kept=KEPT,
        manifest=manifest,
        patterns=("ha/+/+/config",),
        proof=lambda topic, payload: announced(topic, payload, TOPICS),
    )
    heard = Retained(place)
    for topic, payload in {"home/bridge/info": "{}", "ha/sensor/theirs/config": "{}", **retained}.items():
        assert heard.take(Incoming(topic=topic, payload=payload.encode(), retained=True))
    for topic, payload in (live or {}).items():
        assert heard.take(Incoming(topic=topic, payload=payload.encode(), retained=False))
    return plan(place, heard)


DEVICE = "ha/device/charger2mqtt_street/config"
STREET = stored(street=({}, ["home/street/state"]))


def test_an_announcement_proves_a_charger() -> None:
    """It goes first, then availability, then the values that it speaks of; a stranger and a command are left."""
    ours = ["availability", "current_limit", "last_session", "power", "state", "vendor/rbc"]
    theirs = ["current_limit/set", "note", "vendor/other"]
    found = cleaned({DEVICE: announcement("street"), **{f"home/street/{leaf}": "1" for leaf in (*ours, *theirs)}})
    assert found.removed == (DEVICE, *(f"home/street/{leaf}" for leaf in ours))
    assert found.left == tuple(f"home/street/{leaf}" for leaf in theirs)
    assert found.notes == ()


def test_an_announcement_of_one_entity_proves_as_much() -> None:
    """In the other mode each entity has its message, and some have an availability of their own."""
    refresh = {
        "origin": {"name": "charger2mqtt"},
        "command_topic": "home/street/refresh",
        "availability": [{"topic": "home/bridge/state"}],
    }
    power = {
        "origin": {"name": "charger2mqtt"},
        "state_topic": "home/street/state",
        "availability": [{"topic": "home/bridge/state"}, {"topic": "home/street/availability"}],
    }
    messages = {
        "ha/button/charger2mqtt_1/refresh/config": json.dumps(refresh),
        "ha/sensor/charger2mqtt_1/power/config": json.dumps(power),
    }
    found = cleaned({**messages, "home/street/power": "1", "home/street/refresh": "x"})
    assert found.removed == (*messages, "home/street/power")
    assert found.left == ("home/street/refresh",)


@pytest.mark.parametrize(
    "payload",
    [
        announcement("street", origin="zigbee2mqtt"),
        announcement("street", origin="charger2mqtt", availability=[]),
        announcement("street", base="home/new"),
        announcement("street", base="hom"),
        announcement("street", base="other"),
        announcement("street", components={"power": {"state_topic": "home/third/state"}}),
        announcement("garage"),
        announcement("bridge"),
        announcement("str eet"),
        announcement("street").replace('"charger2mqtt"', '["charger2mqtt"]'),
        announcement("street")[:-1],
        '{"origin": "charger2mqtt"}',
        '["charger2mqtt"]',
        "[" * 100_000,
        "\ud800".encode(errors="replace").decode(),
        "",
    ],
)
def test_what_is_no_proof(payload: str) -> None:
    """Another product's, another base topic's (also one below ours), a configured charger's, and nonsense."""
    found = cleaned({DEVICE: payload, "home/street/state": "{}", "home/new/street/state": "{}"})
    assert found.removed == ()
    assert found.left == ("home/new/street/state", "home/street/state")


@pytest.mark.parametrize("deep", [500, 800, 900, 960, 5000, 100_000])
def test_a_message_may_be_deep(deep: int) -> None:
    """However deep it is, nobody comes to harm by it; whether it is still a proof does not matter."""
    payload = announcement("street", more=0).replace("0}", "[" * deep + "]" * deep + "}")
    assert announced(DEVICE, payload.encode(), TOPICS) in {
        None,
        announced(DEVICE, announcement("street").encode(), TOPICS),
    }


def test_the_manifest_proves_a_charger() -> None:
    """Only what is still there goes; what lies below an earlier base topic cannot be seen and goes without a look."""
    owned = ["home/street/availability", "home/street/current_limit/set", "home/street/power", "home/street/odd"]
    manifest = stored(
        street=({DEVICE: "{}", "ha/sensor/1/old/config": "{}"}, [*owned, "earlier/street/state"]),
        garage=({}, ["home/garage/odd"]),
        bridge=({}, ["home/bridge/odd", "earlier/bridge/state"]),
    )
    there = {"home/street/availability", "home/street/odd", "home/garage/odd", "home/bridge/odd", DEVICE}
    found = cleaned(dict.fromkeys(there, "1"), manifest)
    assert found.removed == (DEVICE, "home/street/availability", "earlier/street/state", "home/street/odd")
    assert found.left == ("home/bridge/odd",)


def test_a_renamed_charger_keeps_its_announcement() -> None:
    """It is on the same topic, whatever the manifest says of the old name."""
    manifest = stored(street=({DEVICE: "{}"}, ["home/street/state"]))
    found = cleaned({DEVICE: announcement("garage"), "home/street/state": "{}"}, manifest)
    assert found.removed == ("home/street/state",)
    manifest = stored(street=({DEVICE: "{}"}, []), garage=({DEVICE: "{}"}, []))
    assert cleaned({DEVICE: "in between"}, manifest).removed == ()
    assert cleaned({DEVICE: "in between"}, stored(street=({DEVICE: "{}"}, []))).removed == (DEVICE,)


def test_what_a_bridge_that_runs_serves_is_left() -> None:
    """It has not read the changed configuration yet; one that has stopped serves nobody."""
    there = {
        DEVICE: announcement("street"),
        "home/street/state": "{}",
        "home/bridge/state": "online",
        "home/bridge/chargers": '[{"id": "garage"}, {"id": "street"}, 5, {"id": []}]',
    }
    found = cleaned(there)
    assert (found.removed, found.left) == ((), ("home/street/state",))
    assert found.notes == (
        "a bridge that runs still serves street, which is not configured: reload it, then clean up again",
    )
    assert cleaned(there | {"home/bridge/state": "offline"}).removed == (DEVICE, "home/street/state")


def test_what_is_said_meanwhile_counts() -> None:
    """A bridge that has just read its configuration again tells that it serves someone else; values are not kept."""
    there = {"home/street/state": "{}", "home/bridge/state": "online", "home/bridge/chargers": '[{"id": "street"}]'}
    assert cleaned(there, STREET).removed == ()
    assert cleaned(there, STREET, live={"home/bridge/chargers": "[]"}).removed == ("home/street/state",)
    assert cleaned(there, STREET, live={"home/bridge/state": "offline"}).removed == ("home/street/state",)
    assert cleaned({}, live={"home/street/event": "{}", DEVICE: announcement("street")}) == cleaned({})


def test_commands_that_are_retained_are_listed() -> None:
    """Also those to a configured charger and to the bridge; they are for the daemon, or their sender, to clear."""
    commands = ("home/bridge/request/restart", "home/garage/power/set", "home/garage/refresh", "home/garage/set")
    found = cleaned({**dict.fromkeys(commands, "1"), "home/garage/state": "{}", "home/note": "", "home/bridge/x": ""})
    assert (found.removed, found.left) == ((), tuple(sorted((*commands, "home/note", "home/bridge/x"))))


@pytest.mark.parametrize(
    "manifest",
    [None, 5, {"format": 99, "owners": {}}, stored(street=({"#": "", "": ""}, ["", "a/+", "a\0b"]))],
)
def test_a_damaged_manifest_proves_nothing(manifest: Any) -> None:
    """Nor does it name topics that nobody can publish to."""
    assert cleaned({"home/street/state": "{}"}, manifest).removed == ()


def test_a_broker_that_tells_nothing() -> None:
    """Then the manifest is believed, and a sentence says so."""
    place = Place(
        topics=TOPICS,
        kept=KEPT,
        manifest=stored(street=({DEVICE: "{}"}, ["home/street/state", "home/street/availability"])),
        patterns=("ha/+/+/config",),
        proof=lambda *_: None,
    )
    found = plan(place, Retained(place))
    assert found.removed == (DEVICE, "home/street/availability", "home/street/state")
    assert [note.split(":")[0] for note in found.notes] == [
        "nothing retained was heard on home/#",
        "nothing retained was heard on ha/+/+/config",
    ]


# The session


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_thousands_of_topics(shared_broker: TestBroker, base: str, protocol: Literal["5", "3.1.1"]) -> None:
    """More than Mosquitto queues for a client (1000) are heard; what is left out for want of room or time is said."""
    topics = [f"{base}/{number}" for number in range(2500)]
    address = BrokerAddress(host="127.0.0.1", port=shared_broker.port, client_id=base, protocol=protocol)
    async with visit(address) as session, probe(shared_broker.port, base, topics=()) as ear:
        for topic in topics:
            await ear.send(f"/{topic}", "1", retain=True)
        heard: list[str] = []

        async def hear(most: int, **limits: float) -> bool:
            heard.clear()

            def take(message: Incoming) -> bool:
                heard.append(message.topic)
                return len(heard) < most

            return await session.hear_retained([f"{base}/#"], take, **({"quiet_s": 0.5, "longest_s": 20} | limits))

        assert await hear(5000)
        assert sorted(heard) == sorted(topics)
        assert not await hear(10)
        assert len(heard) == 10
        assert not await hear(5000, longest_s=0)
        await session.empty(topics)
        await hear(5000)
        assert await hear(5000)
        assert heard == []


# The request


async def ask(ear: Probe, payload: object) -> dict[str, Any]:
    """Ask for a cleanup and return the answer."""
    ear.forget()
    await ear.send("bridge/request/cleanup", json.dumps(payload))
    answer: dict[str, Any] = (await ear.until("bridge/response/cleanup", within=20)).json
    return answer


async def kept(broker: TestBroker, base: str) -> set[str]:
    """Return what the broker holds, as a client that comes now sees it."""
    async with probe(broker.port, base, topics=(f"{base}/#", f"{base}-ha/#")) as ear:
        await ear.send("end", "of what is kept")
        await ear.until("end")
        return {heard.topic for heard in ear.heard if heard.retained}


@pytest.mark.mosquitto
@pytest.mark.parametrize("mode", ["device", "component"])
async def test_the_bridge_cleans_up_when_it_is_asked(
    run: Run, ear: Probe, shared_broker: TestBroker, simulator: GoeSimulator, tmp_path: Path, mode: str
) -> None:
    """After the state directory was lost, everything of a charger that is gone is found by its announcement."""
    base = ear.base
    async with GoeSimulator(serial="000002") as other:
        both = {"garage": goe(simulator), "street": goe(other, vendor_keys=["rbc"])}
        async with run(both, homeassistant={"discovery": mode}):
            for charger in both:
                await ear.until(f"{charger}/last_update", within=10)
            await ear.until("street/vendor/rbc")
    shutil.rmtree(tmp_path / "state")
    await ear.send("street/note", "theirs", retain=True)
    before = await kept(shared_broker, base)
    gone = {topic for topic in before if topic.startswith(f"{base}/street/") or "000002" in topic}
    gone.discard(ear.full("street/note"))
    ear.forget()
    async with run({"garage": goe(simulator)}, homeassistant={"discovery": mode}):
        await ear.until("garage/last_update", within=10)
        would = await ask(ear, {"dry_run": True, "transaction": 1})
        assert (would["status"], would["transaction"]) == ("ok", 1)
        assert set(would["data"]["removed"]) == gone
        assert would["data"]["left"] == [ear.full("street/note")]
        assert would["data"]["notes"] == []
        assert not [heard for heard in ear.heard if heard.retained and not heard.text]
        did = await ask(ear, {})
        assert did["data"] == would["data"]
        emptied = [heard.topic for heard in ear.heard if not heard.text]
        assert emptied == did["data"]["removed"]
        assert (await ask(ear, {}))["data"] == {"removed": [], "left": [ear.full("street/note")], "notes": []}
        assert await kept(shared_broker, base) == before - gone
        await ear.send("garage/current_limit/set", "9")
        assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
    assert len({heard.topic for heard in ear.heard if heard.topic.endswith("bridge/state")}) <= 1


@pytest.mark.parametrize("payload", [{"dry-run": True}, {"dry_run": "yes"}, {"dry_run": None}, "dry_run"])
async def test_a_misspelt_request_removes_nothing(
    run: Run, ear: Probe, simulator: GoeSimulator, payload: object
) -> None:
    """Whoever wants to look first must not lose something by a slip."""
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state", "online")
        answer = await ask(ear, payload)
        assert (answer["status"], answer["error"]) == ("error", 'it takes {"dry_run": true}, or nothing')


async def test_a_stop_does_not_wait_for_a_cleanup(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """It is left where it is, and the daemon ends in order."""
    async with run({"garage": goe(simulator)}) as stop:
        await ear.until("garage/state")
        for _ in range(3):
            await ear.send("bridge/request/cleanup", "{}")
        await ear.send("bridge/request/health", "")
        await ear.until("bridge/response/health")
        stop.set()
        await ear.until("bridge/state", "offline")
    answers = [heard.json for heard in ear.all("bridge/response/cleanup")]
    assert {answer["error"] for answer in answers} == {"the bridge is stopping"}
