"""Keys that do something instead of being kept, are forgotten, or cut the way to the charger: one story each."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from bridge.charger.values import NOTHING, Json, timestamp_text
from bridge.engine.intake import Received
from bridge.simulators.goe_family import FamilyName
from tests.simulators.fake_clock import FakeClock
from tests.support.waiting import until
from tests.vendors.goe.samples import hush
from tests.vendors.goe.walking import FAMILIES, Walk, over_http, told

DONE = ("confirmed", "ok")


async def test_a_restart() -> None:
    """The connection drops, which is what success looks like; then the charger is back, and read anew."""
    async with over_http(reboot_s=0.3) as walk:
        reboots = walk.sim.device.reboots
        assert told((await walk.carried_out({"rst": True}))["rst"]) == DONE
        assert walk.writes() == [{"rst": "true"}]
        assert walk.sim.device.reboots == reboots + 1
        await until(lambda: not walk.sim.device.away)
        walk.poller.refresh()
        await until(lambda: walk.view.values["vendor/rbc"] == reboots + 1, 20)


async def test_switching_off_the_way_to_the_charger() -> None:
    """It was taken, and after that nothing can be read any more: nobody can confirm it, and the log says why."""
    async with over_http() as walk:
        result = (await walk.carried_out({"hai": False}))["hai"]
        assert told(result) == ("unconfirmed", "not_confirmed")
        assert walk.sim.device.settings["hai"] is False
        last = walk.view.health.last_error
        assert last is not None
        assert "the HTTP API v2 is switched off in the app" in last.message


@pytest.mark.parametrize("key", ["wen", "mce", "hws", "cwe"])
async def test_what_may_cut_other_ways_is_written_as_asked(key: str) -> None:
    """Whoever asks for it gets it; this charger keeps its address."""
    async with over_http() as walk:
        wish = not walk.kept(key)
        result = (await walk.carried_out({key: wish}))[key]
        assert (*told(result), result.applied) == (*DONE, wish)
        assert walk.kept(key) is wish


async def test_wifi_networks_are_deleted_and_cards_learnt_and_deleted() -> None:
    """What the charger answers is all there is to know."""
    async with over_http(visible_after_s=0.0) as walk:
        assert walk.sim.device.settings["wifis"] != [{"ssid": "", "key": ""}] * 2
        results = await walk.carried_out({"delw": 0, "lrn": 3})
        assert {key: told(result) for key, result in results.items()} == {"delw": DONE, "lrn": DONE}
        assert walk.kept("wifis") == [{"ssid": "", "key": ""}] * 2
        assert _known_cards(walk) == [3]
        assert told((await walk.carried_out({"del": 3}))["del"]) == DONE
        assert _known_cards(walk) == []


def _known_cards(walk: Walk) -> list[int]:
    walk.sim.device.advance()
    return [place for place, card in enumerate(walk.sim.device.cards) if card["cardId"]]


@pytest.mark.parametrize(
    ("family", "key", "wish"),
    [("055", "oct", "055.5"), ("055", "awpl", [{"start": 1}]), ("60", "awpl", {"prices": [1]}), ("60", "ocppfai", 60)],
)
async def test_what_is_only_taken(family: FamilyName, key: str, wish: Json) -> None:
    """A yes is a yes; each time anew."""
    async with over_http(family) as walk:
        for _ in range(2):
            result = (await walk.carried_out({key: wish}))[key]
            assert (*told(result), result.applied) == (*DONE, None)
        assert len(walk.writes()) == 2
        assert walk.view.values[f"vendor/{key}"] is None


async def test_the_time_does_not_stay_as_it_was_set() -> None:
    """So the answer decides."""
    async with over_http() as walk:
        assert told((await walk.carried_out({"utc": "2026-01-01T00:00:00"}))["utc"]) == DONE


@pytest.mark.parametrize("family", FAMILIES)
async def test_cards_are_changed_by_their_places(family: FamilyName) -> None:
    """Empty objects leave theirs alone; ids are written, and nobody is told them."""
    change: Json = [{}, {"name": "Anna", "energy": 5, "rfid": hush("rfid")}, {"name": "Bob"}]
    async with over_http(family) as walk:
        result = (await walk.carried_out({"cards": change}))["cards"]
        assert told(result) == DONE, result
        assert result.requested is None
        assert walk.sim.device.cards[:4] == [
            {"name": "n/a", "energy": 0, "cardId": False},
            {"name": "Anna", "energy": 5, "cardId": True},
            {"name": "Bob", "energy": 0, "cardId": False},
            {"name": "n/a", "energy": 0, "cardId": False},
        ]


async def test_another_card_in_the_same_place() -> None:
    """What is read is only that there is a card, so its id is written each time."""
    async with over_http("60", visible_after_s=0.0) as walk:
        for id_ in ("04a1", "04b2"):
            for wishes in ({"c0i": id_}, {"cards": [{"rfid": id_}]}):
                assert [told(result) for result in (await walk.carried_out(wishes)).values()] == [DONE]
        assert [json.loads(next(iter(write.values()))) for write in walk.writes()] == [
            *("04a1", [{"rfid": "04a1"}], "04b2", [{"rfid": "04b2"}]),
        ]


# What a meter tells


def _surplus(grid: float) -> Json:
    return {"pGrid": grid, "pPv": 3000.5, "pAkku": 0}


async def test_what_a_meter_tells_is_used_and_forgotten() -> None:
    """An object; what the charger uses of it is read back, until it was too long ago."""
    clock = FakeClock()
    async with over_http(clock=clock, visible_after_s=0.0) as walk:
        result = (await walk.carried_out({"ids": _surplus(-1400)}))["ids"]
        assert (*told(result), result.applied) == (*DONE, _surplus(-1400))
        assert walk.writes() == [{"ids": '{"pGrid":-1400,"pPv":3000.5,"pAkku":0}'}]
        assert walk.view.values["vendor/ids"] == _surplus(-1400)
        clock.pass_time(9.9)
        walk.poller.refresh()
        reads = walk.view.health.reads.number
        await until(lambda: walk.view.health.reads.number > reads)
        assert walk.view.values["vendor/ids"] == _surplus(-1400)
        clock.pass_time(0.2)
        walk.poller.refresh()
        await until(lambda: walk.view.values["vendor/ids"] is NOTHING)


async def test_a_meter_may_tell_the_same_again_but_not_too_often() -> None:
    """An equal value is sent again, 2 s after the last one; of what comes meanwhile the newest counts."""
    async with over_http(visible_after_s=0.0) as walk:
        began = time.monotonic()
        assert told((await walk.carried_out({"ids": -1400}))["ids"]) == DONE
        first, second = walk.send([("ids", -1400), ("ids", -1400.0)])
        assert told(await walk.notes.final(first)) == ("superseded", "superseded")
        assert told(await walk.notes.final(second)) == DONE
        assert time.monotonic() - began >= 2.0
        assert walk.writes() == [{"ids": '{"pGrid":-1400}'}] * 2


@pytest.mark.parametrize(("age_s", "ended"), [(8, DONE), (11, ("expired", "expired"))])
async def test_what_a_meter_told_too_long_ago_is_not_sent(age_s: float, ended: tuple[str, str]) -> None:
    """After 10 s the surplus is another one; other commands may be a minute old."""
    moment = timestamp_text(datetime.now(UTC) - timedelta(seconds=age_s))
    async with over_http(visible_after_s=0.0) as walk:
        payload = json.dumps({"id": "old", "ts": moment, "vendor/ids": -1400, "vendor/ama": 20})
        walk.poller.receive(Received(key=None, payload=payload.encode()))
        await until(lambda: sum(result.final for result in walk.notes.of("old")) == 2, 20)
        finals = {result.key: told(result) for result in walk.notes.of("old") if result.final}
        assert finals == {"vendor/ids": ended, "vendor/ama": DONE}
        assert ({"ids": '{"pGrid":-1400}'} in walk.writes()) is (ended == DONE)


async def test_a_temporary_limit_is_refreshed_although_it_shows() -> None:
    """It lapses after ten minutes, so an equal value is written again."""
    async with over_http() as walk:
        for _ in range(2):
            assert told((await walk.carried_out({"tcl": 10}))["tcl"]) == DONE
        assert walk.writes() == [{"tcl": "10"}] * 2
        assert told((await walk.carried_out({"tcl": None}))["tcl"]) == DONE
        assert walk.kept("tcl") is None
