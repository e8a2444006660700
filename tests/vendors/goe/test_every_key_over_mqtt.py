"""Every key that a charger tells on its broker, through the same path of commands as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.charger.values import NOTHING, Json
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.keys import Key, table
from bridge.vendors.goe.solar import SOLAR_KEYS
from tests.support.broker import TestBroker
from tests.support.waiting import until
from tests.vendors.goe.samples import NOT_KEPT, as_scalar, hush, sample, wrong
from tests.vendors.goe.test_every_key import FAMILIES, as_published, told
from tests.vendors.goe.walking import Walk, over_mqtt, settable


@pytest.fixture(scope="module")
def quick_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    """A broker that sends each message at once: by default Mosquitto lets a second one wait up to 40 ms."""
    with TestBroker(tmp_path_factory.mktemp("broker"), "allow_anonymous true", "set_tcp_nodelay true") as broker:
        yield broker


DONE = ("confirmed", "ok")
TAKEN = ("unconfirmed", "not_confirmed")


def told_and_settable(walk: Walk) -> dict[str, Key]:
    """Return the rows that this charger tells of by itself and lets be set."""
    rows = settable(walk, lambda row: row.key in walk.sim.mqtt.keys and row.key not in NOT_KEPT and not row.secret)
    return {row.key: row for row in rows}


@pytest.mark.parametrize("family", FAMILIES)
async def test_everything_that_it_tells_is_published(family: FamilyName, quick_broker: TestBroker, base: str) -> None:
    """As the charger has it; what it does not tell is no property of it, and secrets are none either."""
    async with over_mqtt(quick_broker.port, base, family) as walk:
        status, values = walk.sim.device.status(), walk.view.values
        types = {key: capability.property.type for key, capability in walk.view.capabilities.items()}
        running = {"utc", "loc", "rbt", "fhz", "rssi", "tab", "lto", "nrg"}
        for row in table().values():
            key = f"vendor/{row.key}"
            if row.readable and not row.secret and row.key in walk.sim.mqtt.keys:
                kept = status[row.key]
                shown = None if values[key] is None else types[key].json(values[key])
                if row.key in running:
                    assert shown is not None
                else:
                    assert shown == (None if kept is None else as_published(row, kept)), key
            elif row.readable and row.key not in {"hsa", "ocppao"}:
                assert key not in values, key
        assert set(SOLAR_KEYS.values()) <= set(walk.sim.mqtt.keys)
        assert values["vendor/ids"] is NOTHING
        assert not [entry for entry in walk.logged if entry["log_level"] == "warning"]


@pytest.mark.parametrize("family", FAMILIES)
async def test_everything_that_it_tells_is_set(family: FamilyName, quick_broker: TestBroker, base: str) -> None:
    """Confirmed by what it tells afterwards: another value as JSON, the first one back as a scalar."""
    async with over_mqtt(quick_broker.port, base, family) as walk:
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


@pytest.mark.parametrize("family", FAMILIES)
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


async def test_its_own_words(quick_broker: TestBroker, base: str) -> None:
    """What the firmware does not take is the charger's to say."""
    older: dict[str, Json] = {"acs": 2, "trx": None}
    async with over_mqtt(quick_broker.port, base) as walk:
        results = await walk.carried_out(older)
        assert (*told(results["acs"]), results["acs"].message) == (
            *("rejected", "vendor_refused"),
            "Value 2 exceeds range 0 to 1 2",
        )
        assert told(results["trx"]) == DONE


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


async def test_what_is_too_long_for_http_is_not_for_mqtt(quick_broker: TestBroker, base: str) -> None:
    """There is no address that it would have to fit into."""
    name = "x" * 400
    async with over_mqtt(quick_broker.port, base, "60") as walk:
        result = (await walk.carried_out({"c3n": name}))["c3n"]
        assert (*told(result), result.applied) == (*DONE, name)


async def test_what_a_meter_tells(quick_broker: TestBroker, base: str) -> None:
    """Read back from the keys that it becomes, as over HTTP."""
    solar: Any = {"pGrid": -1400, "pPv": 3000.5, "pAkku": 0}
    async with over_mqtt(quick_broker.port, base) as walk:
        result = (await walk.carried_out({"ids": solar}))["ids"]
        assert (*told(result), result.applied) == (*DONE, solar)


async def test_cards(quick_broker: TestBroker, base: str) -> None:
    """The old form and the flat one; ids are written only."""
    async with over_mqtt(quick_broker.port, base, "60") as walk:
        cards: Json = [{}, {"name": "Anna", "rfid": hush("rfid")}]
        results = await walk.carried_out({"cards": cards, "c2n": "Bob", "c2i": hush("i")})
        assert {key: told(result) for key, result in results.items()} == dict.fromkeys(results, DONE)
        assert [card["name"] for card in walk.sim.device.cards[:3]] == ["n/a", "Anna", "Bob"]
        assert [card["cardId"] for card in walk.sim.device.cards[:3]] == [False, True, True]


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


def test_literals_are_text() -> None:
    """What `as_scalar` makes of a value is what people write."""
    assert [as_scalar(value) for value in ("a", 1, True, None, [1])] == ["a", "1", "true", "null", "[1]"]
    assert json.loads(as_scalar({"a": 1})) == {"a": 1}
