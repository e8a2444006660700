"""Every key that a charger tells on its broker, through the same path of commands as over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.charger.values import NOTHING, Json
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.keys import Key, table
from bridge.vendors.goe.solar import SOLAR_KEYS
from bridge.vendors.goe.vendor_keys import LATER_UNREADABLE
from tests.support.broker import TestBroker
from tests.support.waiting import until
from tests.vendors.goe.samples import NIGHT, NOT_KEPT, as_scalar, hush, sample, wrong
from tests.vendors.goe.walking import FAMILIES, Walk, as_published, over_mqtt, settable, told


@pytest.fixture(scope="module")
def quick_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    """A broker that sends each message at once: by default Mosquitto lets a second one wait up to 40 ms."""
    with TestBroker(tmp_path_factory.mktemp("broker"), "allow_anonymous true", "set_tcp_nodelay true") as broker:
        yield broker


DONE = ("confirmed", "ok")
RUNNING = frozenset({"utc", "loc", "rbt", "fhz", "rssi", "tab", "lto", "nrg"})
TAKEN = ("unconfirmed", "not_confirmed")


def told_and_settable(walk: Walk) -> dict[str, Key]:
    """Return the rows that this charger tells of by itself and lets be set."""
    rows = settable(walk, lambda row: row.key in walk.sim.mqtt.keys and row.key not in NOT_KEPT and not row.secret)
    return {row.key: row for row in rows}


def all_told(walk: Walk) -> set[str]:
    """Return the vendor keys that the charger tells: on a slow machine with pauses that look like an end."""
    return {f"vendor/{row.key}" for row in table().values() if row.readable and row.key in walk.sim.mqtt.keys}


def everything_is_published(walk: Walk) -> None:
    """As the charger has it; what it does not tell is no property of it, and secrets are none either."""
    status, values = walk.sim.device.status(), walk.view.values
    types = {key: capability.property.type for key, capability in walk.view.capabilities.items()}
    for row in table().values():
        key = f"vendor/{row.key}"
        if row.readable and row.key in walk.sim.mqtt.keys:
            kept = status[row.key]
            shown = None if values[key] is None else types[key].json(values[key])
            if row.key in RUNNING:
                assert shown is not None
            else:
                assert shown == (None if kept is None else as_published(row, kept)), key
        elif row.readable and row.key not in LATER_UNREADABLE:
            assert key not in values, key
    assert set(SOLAR_KEYS.values()) <= set(walk.sim.mqtt.keys)
    assert values["vendor/ids"] is NOTHING
    assert "value not understood" not in {entry["event"] for entry in walk.logged}


@pytest.mark.parametrize("family", FAMILIES)
async def test_everything_that_it_tells(family: FamilyName, quick_broker: TestBroker, base: str) -> None:
    """Published, and set: another value as JSON, the first one back as a scalar, confirmed by what it tells then."""
    async with over_mqtt(quick_broker.port, base, family) as walk:
        await until(lambda: all_told(walk) <= walk.view.values.keys(), 20, "everything that it tells")
        everything_is_published(walk)
        rows = told_and_settable(walk)
        first = {key: walk.kept(key) for key in rows}
        samples = {key: sample(row, first[key], family) for key, row in rows.items()}
        written = await walk.carried_out({key: each.wish for key, each in samples.items()})
        assert {key: told(result) for key, result in written.items()} == dict.fromkeys(rows, DONE)
        assert {key: result.applied for key, result in written.items()} == {k: s.applied for k, s in samples.items()}
        assert {key: walk.kept(key) for key in rows} == {key: each.kept for key, each in samples.items()}

        back = {key: value for key, value in first.items() if rows[key].kind != "cardid" and value != ""}
        again = await walk.carried_out({key: as_scalar(value).encode() for key, value in back.items()})
        assert {key: told(result) for key, result in again.items()} == dict.fromkeys(back, DONE)
        assert {key: walk.kept(key) for key in back} == back
        assert walk.sim.counts["/api/set"] + walk.sim.counts["/api/status"] == 0


@pytest.mark.parametrize("family", ["055", "60"])
async def test_nonsense_and_refusals(family: FamilyName, quick_broker: TestBroker, base: str) -> None:
    """The same codes as over HTTP; the charger's words are those of its results."""
    async with over_mqtt(quick_broker.port, base, family) as walk:
        rows = told_and_settable(walk)
        cases = [(row.key, raw, code) for row in rows.values() for raw, code in wrong(row) if code != "ok"]
        await walk.sim.set_fault("refuse_writes")
        for (key, raw, code), result in zip(
            cases, await walk.results((key, raw) for key, raw, _ in cases), strict=True
        ):
            assert told(result) == ("rejected", code), (key, raw, result)
        read_only = [row.key for row in table().values() if row.access == "R"]
        for key, result in (await walk.carried_out(dict.fromkeys(read_only, 1))).items():
            has = key in walk.sim.mqtt.keys and not table()[key].secret
            assert told(result) == ("rejected", "not_supported" if has else "unknown_property"), key

        wishes = {key: sample(row, walk.kept(key), family) for key, row in rows.items()}
        refused = await walk.carried_out({key: each.wish for key, each in wishes.items()})
        for result in refused.values():
            assert told(result) == ("rejected", "vendor_refused"), result
            assert str(result.message).startswith("not allowed now "), result


async def test_secrets_reach_the_charger_and_nobody_else(quick_broker: TestBroker, base: str) -> None:
    """Also those that are refused, whose words have been cut; `walking` looks for them everywhere."""
    async with over_mqtt(quick_broker.port, base, "60", confirm_reads=3, allow=["credentials"]) as walk:
        rows = settable(walk, lambda row: row.secret)
        wishes = {row.key: sample(row, None, "60") for row in rows}
        results = await walk.carried_out({key: each.wish for key, each in wishes.items()})
        assert {key: told(result) for key, result in results.items()} == dict.fromkeys(wishes, TAKEN)
        kept = {key: each.kept for key, each in wishes.items() if key != "pass"}
        assert {key: walk.kept(key) for key in kept} == kept
        await walk.sim.set_fault("refuse_writes")
        long = {key: f"{SECRET}-" * 30 for key in wishes if key != "wifis"} | {"cards": [{"rfid": hush("rfid") * 9}]}
        for result in (await walk.carried_out(long)).values():
            assert told(result) == ("rejected", "vendor_refused"), result
            assert str(result.message).startswith("not allowed now "), result


async def test_single_stories(quick_broker: TestBroker, base: str) -> None:
    """A meter, cards in both forms, a name that is too long for HTTP, and what the firmware does not take."""
    solar: Any = {"pGrid": -1400, "pPv": 3000.5, "pAkku": 0}
    name = "x" * 400
    async with over_mqtt(quick_broker.port, base, "60") as walk:
        cards: Json = [{}, {"name": "Anna", "rfid": hush("rfid")}]
        wishes = {"ids": solar, "cards": cards, "c2n": "Bob", "c2i": hush("i"), "c3n": name, "trx": 3}
        results = await walk.carried_out(wishes)
        assert {key: told(result) for key, result in results.items()} == dict.fromkeys(wishes, DONE)
        assert [results[key].applied for key in ("ids", "c2n", "c3n", "trx")] == [solar, "Bob", name, 3]
        assert [card["name"] for card in walk.sim.device.cards[:4]] == ["n/a", "Anna", "Bob", name]
        assert [card["cardId"] for card in walk.sim.device.cards[:4]] == [False, True, True, False]

        three = {"ranges": [*NIGHT["ranges"], NIGHT["ranges"][0]], "control": 1}
        refused = await walk.carried_out({"sch_week": three, "awpl": [1]})
        assert told(refused["sch_week"]) == ("rejected", "unknown_property"), "it tells no schedules"
        assert (*told(refused["awpl"]), refused["awpl"].message) == (
            *("rejected", "vendor_refused"),
            "value must be JsonObject [1]",
        )


# When it does not listen


async def test_a_charger_that_may_only_be_read(
    quick_broker: TestBroker, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers nothing and shows nothing: failed, with what to look for; closing that way oneself works once."""
    async with over_mqtt(quick_broker.port, base, "60", confirm_reads=4) as walk:
        assert told((await walk.carried_out({"mcr": True}))["mcr"]) == DONE
        assert walk.kept("mcr") is True
        monkeypatch.setattr("bridge.vendors.goe.telling.ANSWER_S", 0.3)
        results = await walk.carried_out({"mcr": False})
        assert told(results["mcr"]) == ("failed", "vendor_unreachable")
        assert "key mcr" in str(results["mcr"].message)
        assert walk.kept("mcr") is True


async def test_a_charger_that_answers_nothing_is_looked_at(
    quick_broker: TestBroker, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As firmware before 051.5 does: it carries writes out, and what it tells decides."""
    monkeypatch.setattr("bridge.vendors.goe.telling.ANSWER_S", 0.3)
    async with over_mqtt(quick_broker.port, base, "051") as walk:
        walk.sim.mqtt.drop_results = True
        result = (await walk.carried_out({"ama": 20}))["ama"]
        assert (*told(result), result.applied) == (*DONE, 20)


async def test_a_restart(quick_broker: TestBroker, base: str) -> None:
    """It has no time to answer, so the message being sent is all there is to know."""
    async with over_mqtt(quick_broker.port, base) as walk:
        reboots = walk.sim.device.reboots
        assert told((await walk.carried_out({"rst": True}))["rst"]) == DONE
        await until(lambda: walk.sim.device.reboots == reboots + 1)
