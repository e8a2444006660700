"""Every key of the table over HTTP, with every family of firmware, through the bridge's own path of commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.charger.values import NOTHING, Json
from bridge.engine.results import Outcome
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.keys import table
from bridge.vendors.goe.vendor_keys import LATER_UNREADABLE
from tests.simulators.fake_clock import FakeClock
from tests.vendors.goe.samples import NIGHT, NOT_KEPT, as_scalar, hush, sample, wrong
from tests.vendors.goe.walking import FAMILIES, as_published, over_http, settable, told

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "number": (int, float),
    "text": (str,),
    "list": (list,),
    "object": (dict,),
    "button": (int,),
    "cardid": (bool,),
    "cards": (list,),
    "colour": (str,),
    "presets": (list,),
    "schedule": (dict,),
}


@pytest.mark.parametrize("family", FAMILIES)
async def test_everything_that_can_be_read_is_published(family: FamilyName) -> None:
    """As the charger tells it, each in its type; unknown where it is null, and absent what this firmware lacks."""
    clock = FakeClock()
    async with over_http(family, clock=clock, wall_clock=clock) as walk:
        status, values = walk.sim.device.status(), walk.view.values
        types = {key: capability.property.type for key, capability in walk.view.capabilities.items()}
        for row in table().values():
            key = f"vendor/{row.key}"
            if row.secret or (row.access != "W" and not walk.has(row)):
                assert key not in values, key
            elif row.readable and row.key in status:
                kept = status[row.key]
                shown = None if values[key] is None else types[key].json(values[key])
                assert shown == (None if kept is None else as_published(row, kept)), key
                assert kept is None or type(shown) in PYTHON_TYPES.get(row.kind, (type(shown),)), key
            else:
                assert values[key] is (NOTHING if key == "vendor/ids" else None), key
        assert not [entry for entry in walk.logged if entry["log_level"] == "warning"]


@pytest.mark.parametrize("family", FAMILIES)
async def test_everything_that_can_be_set_is_set(family: FamilyName) -> None:
    """Confirmed, and the charger has it: another value as JSON, the first one back as a scalar, and null."""
    async with over_http(family) as walk:
        rows = {row.key: row for row in settable(walk, lambda row: row.key not in NOT_KEPT and not row.secret)}
        for key in LATER_UNREADABLE if family == "60" else ():
            del rows[key]
        first = {key: walk.kept(key) for key in rows}
        samples = {key: sample(row, first[key], family) for key, row in rows.items()}
        written = await walk.carried_out({key: each.wish for key, each in samples.items()})
        assert {key: told(result) for key, result in written.items()} == dict.fromkeys(rows, ("confirmed", "ok"))
        assert {key: result.applied for key, result in written.items()} == {k: s.applied for k, s in samples.items()}
        assert {key: walk.kept(key) for key in rows} == {key: each.kept for key, each in samples.items()}
        literals = {key: json.loads(value) for query in walk.writes() for key, value in query.items()}
        assert literals == {key: each.sent for key, each in samples.items()}
        values = walk.view.values
        types = {key: capability.property.type for key, capability in walk.view.capabilities.items()}
        assert {key: types[f"vendor/{key}"].json(values[f"vendor/{key}"]) for key in rows} == {
            key: each.applied for key, each in samples.items()
        }

        back = {key: value for key, value in first.items() if rows[key].kind != "cardid" and value != ""}
        again = await walk.carried_out({key: as_scalar(_writable(value)).encode() for key, value in back.items()})
        assert {key: told(result) for key, result in again.items()} == dict.fromkeys(back, ("confirmed", "ok"))
        assert {key: walk.kept(key) for key in back} == back

        nullable = [key for key, row in rows.items() if row.nullable and first[key] is not None]
        assert set(nullable) == {"mht", "mtp"}
        nulls = await walk.carried_out(dict.fromkeys(nullable))
        assert {key: told(result) for key, result in nulls.items()} == dict.fromkeys(nullable, ("confirmed", "ok"))
        assert {key: walk.kept(key) for key in nullable} == dict.fromkeys(nullable)


def _writable(value: Any) -> Json:
    return as_published(table()["sch_week"], value) if isinstance(value, dict) and "ranges" in value else value


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_makes_no_sense_is_refused_at_once(family: FamilyName) -> None:
    """Each wrong value with the right code, and nothing is sent; what may be a secret is not repeated."""
    async with over_http(family, allow=["credentials"]) as walk:
        rows = settable(walk)
        cases = [(row, raw, code) for row in rows for raw, code in wrong(row) if code != "ok"]
        assert len(cases) > 3 * len(rows)
        ids = walk.send((row.key, raw) for row, raw, _ in cases)
        results = [result for id_ in ids for result in walk.notes.of(id_)]
        assert len(results) == len(cases)
        for (row, raw, code), result in zip(cases, results, strict=True):
            assert told(result) == ("rejected", code), (row.key, raw, result)
            assert (result.key, bool(result.message)) == (f"vendor/{row.key}", True)
            if row.secret or row.kind in {"cards", "cardid"}:
                assert result.requested is None
        assert walk.writes() == []


async def test_numbers_may_be_as_fine_as_three_places() -> None:
    """Finer ones are rounded, as everywhere."""
    async with over_http() as walk:
        result = (await walk.carried_out({"ufa": 49.80004}))["ufa"]
        assert (*told(result), result.applied) == ("confirmed", "ok", 49.8)


async def test_what_does_not_fit_into_an_address_is_not_sent() -> None:
    """255 bytes of a value as it is encoded: two ranges of a schedule fit, and not a letter more of a name."""
    third = {**NIGHT, "ranges": [*NIGHT["ranges"], NIGHT["ranges"][0]]}
    async with over_http("60") as walk:
        fits = await walk.carried_out({"fna": "x" * 249, "c1n": "ü" * 41, "sch_week": NIGHT})
        assert {told(result) for result in fits.values()} == {("confirmed", "ok")}
        sent = [len(request.raw_query.partition("=")[2]) for request in walk.sim.requests if request.path == "/api/set"]
        assert sent[:2] == [255, 252]
        assert sent[2] <= 255
        refused = await walk.carried_out({"fna": "x" * 250, "c1n": "ü" * 42, "sch_week": third})
        assert {told(result) for result in refused.values()} == {("rejected", "too_large")}
        assert refused["fna"].message == "fna needs 256 bytes on its way, more than the 255 the charger takes"
        assert len(walk.writes()) == 3


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_can_only_be_read_is_refused(family: FamilyName) -> None:
    """A reading cannot be set; what this firmware lacks, and secrets that cannot be set, are no properties of it."""
    async with over_http(family, allow=["credentials"]) as walk:
        rows = [row for row in table().values() if row.access == "R"]
        results = await walk.carried_out({row.key: 1 for row in rows})
        for row in rows:
            has = walk.has(row) and not row.secret
            assert told(results[row.key]) == ("rejected", "not_supported" if has else "unknown_property"), row.key
        assert walk.writes() == []


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_the_charger_refuses_is_told_in_its_words(family: FamilyName) -> None:
    """Whatever the key: it is not allowed now; of secrets and of ids of cards nothing is repeated."""
    async with over_http(family, allow=["credentials"]) as walk:
        rows = {row.key: row for row in settable(walk, lambda row: row.key not in NOT_KEPT)}
        wishes = {key: sample(row, walk.kept(key), family) for key, row in rows.items()}
        await walk.sim.set_fault("refuse_writes")
        results = await walk.carried_out({key: each.wish for key, each in wishes.items()})
        for key, result in results.items():
            assert told(result) == ("rejected", "vendor_refused"), result
            assert str(result.message).startswith(f"{key}: failed: not allowed now ("), result
            requested = wishes[key].sent if key == "lot" else wishes[key].applied
            assert result.requested == (None if SECRET in str(wishes[key].wish) else requested)


OLDER: list[tuple[FamilyName, str, Json, str]] = [
    ("051", "psm", 0, "psm: failed: Value 0 exceeds range 1 to 2 (0)"),
    ("051", "trx", 3, "trx: failed: starting transaction for 3 is not allowed (3)"),
    ("051", "acs", 2, "acs: failed: Value 2 exceeds range 0 to 1 (2)"),
    ("055", "acs", 2, "acs: failed: Value 2 exceeds range 0 to 1 (2)"),
    ("055", "tds", 3, "tds: failed: Value 3 exceeds range 0 to 2 (3)"),
    ("055", "smd", {"a": 1}, 'smd: tried to set api key without setter ({"a":1})'),
    ("055", "sch_week", {"control": 4}, "sch_week: failed: Value 4 exceeds range 0 to 2 ("),
    ("055", "ocppfai", 60, "ocppfai: tried to set unknown api key (60)"),
    ("055", "awpl", {"a": 1}, 'awpl: failed: value must be JsonArray ({"a":1})'),
    ("60", "awpl", [1], "awpl: failed: value must be JsonObject ([1])"),
]


@pytest.mark.parametrize("family", FAMILIES)
async def test_what_this_firmware_does_not_take_is_the_chargers_to_say(family: FamilyName) -> None:
    """The table has what the newest takes; the words are the charger's."""
    async with over_http(family) as walk:
        cases = [(key, wish, words) for name, key, wish, words in OLDER if name == family]
        results = await walk.results((key, wish) for key, wish, _ in cases)
        for (key, _, words), result in zip(cases, results, strict=True):
            assert told(result) == ("rejected", "vendor_refused"), result
            assert str(result.message).startswith(words), (key, result.message)


async def test_what_newer_firmware_only_takes_cannot_be_seen_afterwards() -> None:
    """It is taken, and the result says that nothing shows it."""
    async with over_http("60") as walk:
        results = await walk.carried_out(dict.fromkeys(sorted(LATER_UNREADABLE), True))
        for result in results.values():
            assert (*told(result), result.applied) == ("unconfirmed", "not_confirmed", None)
        assert walk.writes() == [{"hsa": "true"}, {"ocppao": "true"}]


# Secrets


@pytest.mark.parametrize("family", ["055", "60"])
async def test_secrets_reach_the_charger_and_nobody_else(family: FamilyName) -> None:
    """Nothing shows what became of them, so that is what the result says; `walking` looks for them everywhere."""
    async with over_http(family, allow=["credentials"]) as walk:
        rows = {row.key: row for row in settable(walk, lambda row: row.secret)}
        assert {"wifis", "wak", "pass", "cak", "mcu", "ocppu", "pco"} <= set(rows)
        wishes = {key: sample(row, None, family) for key, row in rows.items()}
        results = await walk.carried_out({key: each.wish for key, each in wishes.items()})
        for result in results.values():
            assert (result.outcome, result.code.value) == (Outcome.UNCONFIRMED, "not_confirmed"), result
            assert (result.requested, result.applied) == (None, None)
        kept = {key: each.kept for key, each in wishes.items() if key != "pass"}
        assert {key: walk.kept(key) for key in kept} == kept
        assert {"pass": json.dumps(hush("pass"), ensure_ascii=False)} in walk.writes()


async def test_secrets_need_a_word_in_the_configuration() -> None:
    """Without it they are no properties of the charger, and not asked for."""
    async with over_http() as walk:
        secrets = [row.key for row in settable(walk, lambda row: row.secret)]
        for result in (await walk.carried_out(dict.fromkeys(secrets, f"{SECRET}-new"))).values():
            assert (*told(result), result.requested) == ("rejected", "unknown_property", None)
        assert walk.writes() == []
