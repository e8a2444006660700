"""What the pretend go-e takes, and how it refuses the rest."""

from __future__ import annotations

import json

import pytest

from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FAMILIES
from bridge.simulators.goe_values import WriteRefusedError
from bridge.simulators.wire import JsonValue
from tests.simulators.fake_clock import FakeClock

SCHEDULE = '{"control":1,"ranges":[{"begin":{"hour":6,"minute":0},"end":{"hour":14,"minute":30}}]}'

ACCEPTED: list[tuple[str, str, JsonValue]] = [
    ("dwo", "3.14", 3.14),
    ("dwo", "null", None),
    ("dwo", "5000", 5_000),
    ("wan", '"box"', "box"),
    ("wak", '"something"', "something"),
    ("wen", "true", True),
    ("tse", "false", False),
    ("tof", "120", 120),
    ("tds", "1", 1),
    ("lbr", "0", 0),
    ("lmo", "5", 5),
    ("ama", "16", 16),
    ("clp", "[6,8,10]", [6, 8, 10]),
    ("bac", "false", 0),
    ("bac", "3", 3),
    ("sdp", "true", 1),
    ("amp", "6", 6),
    ("amp", "32", 32),
    ("fna", '"mein charger"', "mein charger"),
    ("cid", '"#12aBcd"', "#12aBcd"),
    ("cwc", '"#000000"', "#000000"),
    ("cch", '"#FFFFFF"', "#FFFFFF"),
    ("cfi", '"#00FF00"', "#00FF00"),
    ("ust", "2", 2),
    ("nmo", "true", True),
    ("acs", "1", 1),
    ("frc", "2", 2),
    ("trx", "3", 3),
    ("trx", "null", None),
    ("psm", "0", 0),
    ("psm", "1", 1),
    ("mca", "8", 8),
    ("tcl", "10", 10),
    ("tcl", "null", None),
    ("spl3", "4140.5", 4_140.5),
    ("fup", "false", False),
    ("lse", "true", True),
    ("upo", "true", True),
    ("ate", "20000", 20_000),
    ("att", "25200", 25_200),
    ("awp", "-1.5", -1.5),
    ("lot", "50", {"amp": 50, "dyn": 32, "sta": 50, "ts": 3}),
    ("lot", '{"dyn":20}', {"amp": 32, "dyn": 20, "sta": 32, "ts": 3}),
    ("mcu", '"mqtt://192.0.2.9"', "mqtt://192.0.2.9"),
    ("mtp", "null", None),
    ("ct", '"vwID3_4"', "vwID3_4"),
]

REFUSED: list[tuple[str, str, str]] = [
    ("amp", "0", "amp: failed: Value 0 exceeds range 6 to 32 (0)"),
    ("amp", "5", "amp: failed: Value 5 exceeds range 6 to 32 (5)"),
    ("amp", "33", "amp: failed: Value 33 exceeds range 6 to 32 (33)"),
    ("amp", "-1", "amp: failed: value must be uint8_t (-1)"),
    ("amp", "300", "amp: failed: value must be uint8_t (300)"),
    ("amp", "16.0", "amp: failed: value must be uint8_t (16.0)"),
    ("amp", "true", "amp: failed: value must be uint8_t (true)"),
    ("amp", '"16"', "amp: failed: value must be uint8_t (16)"),
    ("amp", "null", "amp: failed: null not allowed (null)"),
    ("amp", "", "amp: tried to set api key with invalid json EmptyInput ()"),
    ("amp", "NaN", "amp: tried to set api key with invalid json InvalidInput (NaN)"),
    ("amp", "06", "amp: tried to set api key with invalid json InvalidInput (06)"),
    ("alw", "true", "alw: tried to set api key without setter (true)"),
    ("fsp", "true", "fsp: tried to set api key without setter (true)"),
    ("nrg", "[]", "nrg: tried to set api key without setter ([])"),
    ("mcu", "mqtt://192.0.2.1", "mcu: tried to set api key with invalid json InvalidInput (mqtt://192.0.2.1)"),
    ("cch", "", "cch: tried to set api key with invalid json EmptyInput ()"),
    ("cch", '"', 'cch: tried to set api key with invalid json IncompleteInput (")'),
    ("cch", '"blue"', "cch: failed: value must be #RRGGBB (blue)"),
    ("fna", "12", "fna: failed: value must be string (12)"),
    ("fna", '"open', 'fna: tried to set api key with invalid json IncompleteInput ("open)'),
    ("frc", "3", "frc: failed: Value 3 exceeds range 0 to 2 (3)"),
    ("lmo", "2", "lmo: failed: Value 2 exceeds range 3 to 5 (2)"),
    ("psm", "3", "psm: failed: Value 3 exceeds range 0 to 2 (3)"),
    ("lrn", "10", "lrn: failed: Value 10 exceeds range 0 to 9 (10)"),
    ("dwo", '"a"', "dwo: failed: value must be null or double (a)"),
    ("dwo", "true", "dwo: failed: value must be null or double (true)"),
    ("nmo", "1", "nmo: failed: value must be bool (1)"),
    ("ids", "5", "ids: failed: value must be null or JsonObject (5)"),
    ("ids", '{"pPv":1}', 'ids: failed: pGrid must be float ({"pPv":1})'),
    ("clp", "[1]", "clp: failed: Value 1 exceeds range 6 to 32 ([1])"),
    ("clp", "[6,7,8,9,10,11]", "clp: failed: Value 6 exceeds range 0 to 5 ([6,7,8,9,10,11])"),
    ("sch_week", "[]", "sch_week: failed: value must be JsonObject ([])"),
    ("sch_week", '{"control":3}', 'sch_week: failed: Value 3 exceeds range 0 to 2 ({"control":3})'),
    ("sch_satur", '{"ranges":[1]}', 'sch_satur: failed: value must be JsonArray ({"ranges":[1]})'),
    ("sch_satur", '{"ranges":[{},{},{}]}', 'sch_satur: failed: Value 3 exceeds range 0 to 2 ({"ranges":[{},{},{}]})'),
    ("sch_satur", '{"ranges":[{}]}', 'sch_satur: failed: value must be uint8_t ({"ranges":[{}]})'),
    (
        "cards",
        "[{},{},{},{},{},{},{},{},{},{},{}]",
        f"cards: failed: Value 11 exceeds range 0 to 10 ([{'{},' * 10}{{}}])",
    ),
    ("ids", '{"pGrid":1,"pPv":"x"}', 'ids: failed: pPv must be float ({"pGrid":1,"pPv":"x"})'),
    ("ct", f'"{"x" * 65}"', f"ct: failed: string longer than 64 ({'x' * 65})"),
    ("cards", "[1]", "cards: failed: value must be JsonObject ([1])"),
    ("amx", "10", "amx: tried to set unknown api key (10)"),
]


@pytest.mark.parametrize(("name", "raw", "read_back"), ACCEPTED)
def test_a_write_shows_one_second_later(
    device: GoeDevice, clock: FakeClock, name: str, raw: str, read_back: JsonValue
) -> None:
    """Every documented setting can be written; the status has it a second after it was accepted."""
    before = device.status([name])
    device.write(name, raw)
    clock.pass_time(0.99)
    assert device.status([name]) == before
    clock.pass_time(0.02)
    after = device.status([name])
    assert json.dumps(after) == json.dumps({name: read_back})


@pytest.mark.parametrize(("name", "raw", "words"), REFUSED)
def test_a_refusal_is_in_the_chargers_words(
    device: GoeDevice, clock: FakeClock, name: str, raw: str, words: str
) -> None:
    """What is wrong is said as real chargers say it, and nothing changes."""
    watched = ["amp", "cch", "fna", "frc", "lmo", "psm", "dwo", "nmo", "pgrid", "clp", "sch_week", "cards"]
    before = device.status(watched)
    with pytest.raises(WriteRefusedError) as refused:
        device.write(name, raw)
    assert str(refused.value) == words
    clock.pass_time(2)
    assert device.status(watched) == before


def test_every_writable_key_is_written_at_least_once(clock: FakeClock) -> None:
    """Each key takes a value of its own type, in every family, and the status stays complete."""
    for name, family in FAMILIES.items():
        device = GoeDevice(clock=clock, family=name)
        samples: list[str] = ["6", "3", "1", "0", "true", "null", '"#123456"', "[]", '{"pGrid":1.5}']
        for key in family.keys.values():
            if key.rule is None or key.name in {"rst", "hai"}:
                continue
            taken = [sample for sample in samples if _takes(device, key.name, sample)]
            assert taken, key.name
        clock.pass_time(2)
        assert set(device.status()) == {key.name for key in family.keys.values() if key.readable}


def _takes(device: GoeDevice, name: str, raw: str) -> bool:
    try:
        device.write(name, raw)
    except WriteRefusedError:
        return False
    return True


def test_the_last_of_several_writes_stays(device: GoeDevice, clock: FakeClock) -> None:
    """Writes take effect in the order in which they came."""
    device.write("amp", "10")
    clock.pass_time(0.5)
    device.write("amp", "12")
    clock.pass_time(0.6)
    assert device.status(["amp"]) == {"amp": 10}
    clock.pass_time(0.5)
    assert device.status(["amp"]) == {"amp": 12}


def test_a_schedule_is_merged(device: GoeDevice, clock: FakeClock) -> None:
    """One range leaves the second empty, `control` alone leaves the ranges, and reading adds seconds."""
    device.write("sch_week", SCHEDULE)
    device.write("sch_week", '{"control":2}')
    clock.pass_time(1)
    assert device.status(["sch_week"])["sch_week"] == {
        "control": 2,
        "ranges": [
            {"begin": {"hour": 6, "minute": 0, "second": 0}, "end": {"hour": 14, "minute": 30, "second": 0}},
            {"begin": {"hour": 0, "minute": 0, "second": 0}, "end": {"hour": 0, "minute": 0, "second": 0}},
        ],
    }


def test_cards_and_networks_are_changed_one_by_one(device: GoeDevice, clock: FakeClock) -> None:
    """An empty object leaves its entry alone."""
    device.write("cards", '[{},{"name":"Anna","energy":1500,"rfid":"04a1"}]')
    device.write("wifis", '[{},{"ssid":"garden","key":"flowers"}]')
    clock.pass_time(1)
    status = device.status(["cards", "wifis"])
    cards, networks = status["cards"], status["wifis"]
    assert isinstance(cards, list)
    assert cards[:2] == [
        {"name": "n/a", "energy": 0, "cardId": False},
        {"name": "Anna", "energy": 1_500, "cardId": True},
    ]
    assert isinstance(networks, list)
    assert networks[1] == {"ssid": "garden", "key": "flowers"}
    device.write("delw", "1")
    clock.pass_time(1)
    emptied = device.status(["wifis"])["wifis"]
    assert isinstance(emptied, list)
    assert emptied[0] == networks[0]
    assert emptied[1] == {"ssid": "", "key": ""}


def test_the_first_firmware_knew_less(clock: FakeClock) -> None:
    """Firmware 051.3: buttons are bools, there is no automatic phase mode, and no transaction for a card."""
    device = GoeDevice(clock=clock, family="051")
    device.write("bac", "false")
    device.write("trx", "0")
    clock.pass_time(1)
    assert json.dumps(device.status(["bac", "sdp", "trx"])) == '{"bac": false, "sdp": true, "trx": 0}'
    for name, raw, words in [
        ("bac", "1", "bac: failed: value must be bool (1)"),
        ("psm", "0", "psm: failed: Value 0 exceeds range 1 to 2 (0)"),
        ("trx", "1", "trx: failed: starting transaction for 1 is not allowed (1)"),
    ]:
        with pytest.raises(WriteRefusedError) as refused:
            device.write(name, raw)
        assert str(refused.value) == words


@pytest.mark.parametrize(("raw", "reboots"), [("true", True), ("1", True), ("false", False), ('"yes"', False)])
def test_only_true_reboots(device: GoeDevice, raw: str, reboots: bool) -> None:  # noqa: FBT001  a row of the table
    """`rst` takes anything, and reboots on true (and on 1, as has been reported)."""
    device.write("rst", raw)
    assert device.away == reboots


def test_a_reboot_loses_what_is_not_visible_yet(device: GoeDevice, clock: FakeClock) -> None:
    """A write that was accepted within the last second is gone."""
    device.write("amp", "10")
    device.write("rst", "true")
    clock.pass_time(10)
    assert device.status(["amp"]) == {"amp": 16}
