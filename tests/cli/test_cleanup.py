"""`charger2mqtt cleanup` as a process, beside a bridge and without one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from bridge.demo.broker import free_port
from bridge.simulators.goe import GoeSimulator
from tests.support.bridges import goe, make_settings, running
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.probe import Probe, probe


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int | None
    out: list[str]
    err: list[str]


class Place:
    """A configuration, in a file and as a running bridge has it."""

    def __init__(self, folder: Path, port: int, base: str) -> None:
        self.folder, self.port, self.base = folder, port, base
        self.file = folder / "config.yaml"
        self.state = folder / "state"

    def sections(self) -> dict[str, Any]:
        """Return all but the chargers."""
        mqtt = {"base_topic": self.base, "client_id": self.base}
        return {"mqtt": mqtt, "homeassistant": {"prefix": f"{self.base}-ha"}}

    def write(self, chargers: dict[str, Any], protocol: str = "auto" if MOSQUITTO else "3.1.1") -> None:
        """Write the file."""
        sections = self.sections()
        sections["mqtt"] |= {"host": "127.0.0.1", "port": self.port, "protocol": protocol}
        self.file.write_text(yaml.safe_dump({**sections, "chargers": chargers}))

    async def cleanup(self, *options: str) -> Outcome:
        """Run the command."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("CHARGER2MQTT_")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge", "cleanup", "--state-dir", str(self.state), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env={**environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        async with asyncio.timeout(40):
            out, err = await process.communicate()
        return Outcome(process.returncode, out.decode().splitlines(), err.decode().splitlines())


@pytest.fixture
def place(tmp_path: Path, shared_broker: TestBroker, base: str) -> Place:
    """A configuration for the shared broker."""
    return Place(tmp_path, shared_broker.port, base)


async def kept(place: Place) -> set[str]:
    """Return what the broker holds, as a client that comes now sees it."""
    async with probe(place.port, place.base, topics=(f"{place.base}/#", f"{place.base}-ha/#")) as ear:
        await ear.send("end", "of what is kept")
        await ear.until("end")
        return {heard.topic for heard in ear.heard if heard.retained}


async def published(place: Place, ear: Probe, chargers: dict[str, Any]) -> None:
    """Let a bridge publish these chargers, and stop."""
    settings = make_settings(place.port, chargers, **place.sections())
    async with running(settings, place.state):
        for id_ in chargers:
            await ear.until(f"{id_}/last_update", within=10)


@pytest.mark.mosquitto
async def test_chargers_that_are_gone(place: Place, ear: Probe, simulator: GoeSimulator) -> None:
    """Shown first, then removed; the last charger may go, too, and the manifest alone is enough."""
    await published(place, ear, {"street": goe(simulator)})
    for topic in ("street/note", "street/power/set", f"/{place.base}-ha/device/theirs/config"):
        await ear.send(topic, "{}", retain=True)
    device = f"{place.base}-ha/device/charger2mqtt_123456/config"
    await ear.send(f"/{device}", "", retain=True)
    await ear.until(f"/{device}", "")
    before = await kept(place)
    theirs = [ear.full("street/note"), ear.full("street/power/set")]
    gone = {topic for topic in before if topic.startswith(f"{place.base}/street/")} - set(theirs)
    place.write({})
    shown = await place.cleanup("--dry-run")
    assert (shown.code, shown.err) == (0, [])
    assert shown.out[0] == f"would remove {place.base}/street/availability"
    assert set(shown.out) == {f"would remove {topic}" for topic in gone} | {f"left {topic}" for topic in theirs}
    assert await kept(place) == before
    done = await place.cleanup("--config", str(place.file))
    assert done == (0, [line.replace("would remove", "removed") for line in shown.out], [])
    assert await kept(place) == before - gone
    assert await place.cleanup() == (0, [*(f"left {topic}" for topic in theirs), "nothing to remove"], [])


@pytest.mark.mosquitto
async def test_beside_a_bridge_that_runs(place: Place, ear: Probe, simulator: GoeSimulator) -> None:
    """It keeps its session and its chargers; what it still serves is left until it has read its configuration."""
    async with GoeSimulator(serial="000002") as other, GoeSimulator(serial="000003") as third:
        both = {"garage": goe(simulator), "street": goe(other)}
        await published(place, ear, both | {"yard": goe(third)})
        (place.state / "topics.json").unlink()
        ear.forget()
        settings = make_settings(place.port, both, **place.sections())
        async with running(settings, place.state):
            for id_ in both:
                await ear.until(f"{id_}/last_update", within=10)
            place.write({"garage": goe(simulator)})
            before = await kept(place)
            ear.forget()
            done = await place.cleanup()
            assert done.code == 0
            assert done.err == [
                "a bridge that runs still serves street, which is not configured: reload it, then clean up again"
            ]
            gone = {topic for topic in before if topic.startswith(f"{place.base}/yard/") or "000003" in topic}
            assert {line.removeprefix("removed ") for line in done.out if line.startswith("removed ")} == gone
            assert await kept(place) == before - gone
            await ear.send("street/current_limit/set", "9")
            assert (await ear.result("street", property="current_limit"))["status"] == "confirmed"
            assert ear.all("bridge/state") == []


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_broker_that_lets_nobody_read(
    place: Place, simulator: GoeSimulator, tmp_path: Path, protocol: str
) -> None:
    """What the manifest has is removed all the same, and it is said that nothing could be heard."""
    rights = tmp_path / "acl"
    rights.write_text("topic write #\nuser all\ntopic readwrite #\n")
    rights.chmod(0o644)
    place.state.mkdir()
    topics = [f"{place.base}/street/{leaf}" for leaf in ("power", "availability")]
    manifest = {"format": 1, "owners": {"street": {"discovery": {}, "topics": topics}}}
    (place.state / "topics.json").write_text(json.dumps(manifest))
    with TestBroker(tmp_path, "allow_anonymous true", f"acl_file {rights}") as broker:
        place.port = broker.port
        place.write({"garage": goe(simulator)}, protocol)
        done = await place.cleanup()
        assert (done.code, done.out) == (0, [f"removed {topic}" for topic in reversed(topics)])
        assert len(done.err) == 2
        assert all(line.startswith("nothing retained was heard on ") for line in done.err)
        async with probe(broker.port, place.base, username="all") as ear:
            await ear.send("end", "of what is kept")
            await ear.until("end")
            assert [heard.topic for heard in ear.heard if heard.retained] == []


async def test_no_broker(place: Place, simulator: GoeSimulator) -> None:
    """Exit code 1, and one sentence that says which."""
    place.port = free_port()
    place.write({"garage": goe(simulator)})
    done = await place.cleanup()
    assert (done.code, done.out) == (1, [])
    assert len(done.err) == 1
    assert done.err[0].startswith(f"error: no session with the broker 127.0.0.1:{place.port}: ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("chargers: {garage: {vendor: nobody}}", "chargers.garage"),
        (None, "configuration: there is no file, and whatever it does not name would be removed"),
    ],
)
async def test_a_faulty_configuration(place: Place, text: str | None, shown: str) -> None:
    """Exit code 2. Without a file every charger on the broker would be one that is gone."""
    if text is not None:
        place.file.write_text(text)
    done = await place.cleanup()
    assert (done.code, done.out) == (2, [])
    assert done.err[0].startswith(shown)
