"""Which keys a charger is asked for, and when."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import get_args

import pytest

from bridge.errors import ChargerError, RefusedError
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.vendors.goe.keys import Key
from bridge.vendors.goe.local import LocalApi
from bridge.vendors.goe.reading import LIVE_KEYS, LOOKS_AFTER_A_WRITE, RARELY_S, Reader, every_key
from bridge.vendors.goe.vendor_keys import chosen, read_from
from bridge.vendors.goe.wire import KEYS_PER_REQUEST
from tests.simulators.fake_clock import FakeClock

EVERYTHING = chosen("all", credentials=True)


class Turns:
    """A reader at a charger, turn by turn; what was asked for in each request of the last turn is kept."""

    def __init__(self, sim: GoeSimulator, http: Http, rows: Sequence[Key]) -> None:
        self.reader = Reader(LocalApi(http, sim.address, 30), rows)
        self.asked: list[list[str]] = []
        self._sim = sim

    async def take(self, now: float) -> dict[str, object]:
        """Read once, at this time."""
        self._sim.requests.clear()
        try:
            return dict(await self.reader.read(now))
        finally:
            self.asked = [request.query["filter"].split(",") for request in self._sim.requests]

    @property
    def keys(self) -> set[str]:
        """All that was asked for in the last turn."""
        return {key for keys in self.asked for key in keys}


async def test_everything_at_first_and_then_one_part_at_a_time(http: Http) -> None:
    """No filter is longer than the device takes; after as many turns as there are parts all was read again."""
    async with GoeSimulator(clock=FakeClock()) as sim:
        turns = Turns(sim, http, EVERYTHING)
        document = await turns.take(0)
        assert turns.keys == set(every_key(EVERYTHING))
        assert not {row.key for row in EVERYTHING if row.secret or not row.readable} & turns.keys
        assert all(len(keys) <= KEYS_PER_REQUEST for keys in turns.asked)
        known = {key for key in every_key(EVERYTHING) if key in sim.device.rules.keys}
        assert known <= set(document)

        rest = {key for row in EVERYTHING if not row.rare for key in read_from(row)} - set(LIVE_KEYS)
        seen: set[str] = set()
        turn = 0
        while not rest <= seen:
            turn += 1
            assert turn <= len(rest) / (KEYS_PER_REQUEST - 1) + 1, f"never asked for: {rest - seen}"
            assert known <= set(await turns.take(turn)), "what was read before stays"
            assert len(turns.asked) == 2
            assert all(len(keys) <= KEYS_PER_REQUEST for keys in turns.asked)
            assert set(LIVE_KEYS) <= set(turns.asked[-1])
            assert not ({row.key for row in EVERYTHING if row.rare} - {"sse"}) & turns.keys
            seen |= turns.keys


async def test_what_was_read_in_another_turn_is_as_old_as_that(http: Http) -> None:
    """It changes when its turn comes again; what is live is of the moment."""
    async with GoeSimulator(clock=FakeClock(), visible_after_s=0.0) as sim:
        turns = Turns(sim, http, EVERYTHING)
        await turns.take(0)
        sim.device.write("zfo", "250")
        sim.device.write("amp", "9")
        for turn in range(1, 20):
            document = await turns.take(turn)
            assert document["amp"] == 9
            assert document["zfo"] == (250 if "zfo" in turns.keys else 200)
            if "zfo" in turns.keys:
                break
        else:
            pytest.fail("its turn did not come")


@pytest.mark.parametrize("rows", [(), EVERYTHING])
async def test_what_hardly_changes_is_read_once_an_hour(http: Http, rows: Sequence[Key]) -> None:
    """Also what the configuration asks for of it."""
    async with GoeSimulator(clock=FakeClock()) as sim:
        turns = Turns(sim, http, rows)
        asked = {}
        for now in (0.0, 1.0, RARELY_S - 1, RARELY_S, RARELY_S + 1):
            await turns.take(now)
            asked[now] = {"typ", "sse", *(row.key for row in rows if row.rare)} - {"sse"} <= turns.keys
        assert list(asked.values()) == [True, False, False, True, False]


async def test_a_few_keys_are_read_with_the_rest(http: Http) -> None:
    """They fit into the request that is made anyway."""
    rows = chosen(None, credentials=False)
    async with GoeSimulator(clock=FakeClock()) as sim:
        turns = Turns(sim, http, rows)
        await turns.take(0)
        await turns.take(1)
        assert len(turns.asked) == 1
        assert {key for row in rows for key in read_from(row)} <= turns.keys


async def test_what_was_written_is_looked_at(http: Http) -> None:
    """For some turns, although it is not its turn; then not any more."""
    async with GoeSimulator(clock=FakeClock(), visible_after_s=0.0) as sim:
        turns = Turns(sim, http, EVERYTHING)
        await turns.take(0)
        written = ["zfo", "ocpptt", "amp", "fna"]
        sim.device.write("zfo", "250")
        turns.reader.look_at(written)
        for turn in range(LOOKS_AFTER_A_WRITE):
            assert (await turns.take(1 + turn))["zfo"] == 250
            assert set(written) <= {key for keys in turns.asked[-2:] for key in keys}
        later: list[set[str]] = []
        for turn in range(10):
            assert (await turns.take(20 + turn))["zfo"] == 250
            later.append(turns.keys)
        assert sum("zfo" in keys for keys in later) <= 2
        assert sum("fna" in keys for keys in later) <= 2


async def test_a_restart_begins_anew(http: Http) -> None:
    """The charger may have another firmware then."""
    async with GoeSimulator(clock=FakeClock()) as sim:
        turns = Turns(sim, http, EVERYTHING)
        await turns.take(0)
        await turns.take(1)
        assert "typ" not in turns.keys
        turns.reader.start_over()
        await turns.take(2)
        assert turns.keys == set(every_key(EVERYTHING))
        await turns.take(3)
        assert len(turns.asked) == 2


async def test_a_turn_that_failed_comes_again(http: Http) -> None:
    """Nothing is left out because of it."""
    async with GoeSimulator(clock=FakeClock()) as sim:
        turns = Turns(sim, http, EVERYTHING)
        await sim.set_fault("500")
        with pytest.raises(RefusedError):
            await turns.take(0)
        await sim.clear_fault()
        await turns.take(1)
        assert turns.keys == set(every_key(EVERYTHING))
        await sim.set_fault("500")
        with suppress(ChargerError):
            await turns.take(2)
        missed = turns.keys
        await sim.clear_fault()
        await turns.take(3)
        assert missed <= turns.keys


@pytest.mark.parametrize("family", get_args(FamilyName))
async def test_keys_that_it_does_not_have_cost_nothing(http: Http, family: FamilyName) -> None:
    """Also when there are so many that they fill a request of their own: missing keys are no failure."""
    async with GoeSimulator(family=family, clock=FakeClock()) as sim:
        usual = [row for row in EVERYTHING if row.readable and not row.rare and row.key not in LIVE_KEYS]
        has = [row for row in usual if row.key in sim.device.rules.keys][: KEYS_PER_REQUEST - len(LIVE_KEYS)]
        lacks = [row for row in usual if row.key not in sim.device.rules.keys]
        assert lacks
        turns = Turns(sim, http, [*has, *lacks])
        for now in range(4):
            assert (await turns.take(now))["car"] == 1
