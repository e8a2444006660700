"""Which keys the pretend go-e has."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FAMILIES, FamilyName
from bridge.simulators.goe_values import Rule
from bridge.simulators.secret import SECRET
from tests.simulators.fake_clock import FakeClock


def names(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


# The table of the first API v2 document, by access.
SEED_READ = names(
    """
    mod rfb alw acu adi tpa sse eto etop scas scan scaa wst wsms ccw host lwcf rssi lssfc lsstc ehs efh efh32
    efh8 fem sbe emfh emhb eci ecf efi eem esr rr fwan facwak ts tssm tssi tsss tsom loc led lbr lbp ffna lck
    fsp rbc rbt car err cbl pha wh trx fwv arv
    """
)
SEED_READ_WRITE = names(
    """
    dwo wifis wan wak wen tse tof tds utc lmo ama clp bac sdp amp fna cid cwc cch cfi ust sch_week sch_satur
    sch_sund nmo acs frc psm
    """
)
SEED_WRITE = names("delw pass lrn del")

# Keys of later documents that the bridge or its users rely on.
LATER_READ = names(
    """
    nrg modelStatus tma typ var cus cdi cll pnp amt oem fhz ffb rssi mmp lmsc lccfi lccfc lcctc pgrid ppv
    """
)
LATER_READ_WRITE = names(
    """
    cards fup spl3 mca hai hla lse tcl upo ate att awe awp pgt fst psh po sh zfo su loe mcu cak
    """
)
LATER_WRITE = names("rst ids oct")

# The table that the bridge goes by: read as a file, because pretend chargers know nothing of the bridge.
with (Path(__file__).parents[2] / "bridge/vendors/goe/keys.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {row["key"]: row for row in csv.DictReader(file, strict=True)}

TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "cardid": bool,
    "int": int,
    "button": int,
    "number": (int, float),
    "text": str,
    "colour": str,
    "list": list,
    "presets": list,
    "cards": list,
    "object": dict,
    "json": (int, list, dict, str),
    "schedule": dict,
}

WRITABLE_BY_NOW = {"lbr", "trx"}  # read-only in the first document, writable in later ones


def test_the_first_document_is_complete() -> None:
    """The lists above are the whole table."""
    assert len(SEED_READ + SEED_READ_WRITE + SEED_WRITE) == 90


def newest_rule(name: str) -> Rule | None:
    """What the newest firmware that has a key takes for it."""
    newest = [FAMILIES[family].keys[name] for family in ("60", "055", "051") if name in FAMILIES[family].keys]
    return newest[0].rule


@pytest.mark.parametrize("family", FAMILIES)
def test_the_status_has_every_readable_key(clock: FakeClock, family: FamilyName) -> None:
    """Nothing of the documents is missing, but for what CORE and PRO hardware lacks."""
    lacking = {"cus", "ffb", "lck", "upo", "sdp", "bac", "cbl", "ust"} if family == "60" else set()
    status = GoeDevice(clock=clock, family=family).status()
    documented = {*SEED_READ, *SEED_READ_WRITE, *LATER_READ, *LATER_READ_WRITE}
    assert documented - set(status) == lacking
    assert not {*SEED_WRITE, *LATER_WRITE} & set(status)


def test_access_is_as_documented() -> None:
    """Read-only keys have no rule, the others do; write-only keys are not readable."""
    keys = FAMILIES["055"].keys
    for name in [*SEED_READ, *LATER_READ]:
        assert (keys[name].rule is not None) == (name in WRITABLE_BY_NOW), name
    for name in [*SEED_READ_WRITE, *LATER_READ_WRITE, *SEED_WRITE, *LATER_WRITE]:
        assert keys[name].rule is not None, name
    assert [name for name in [*SEED_WRITE, *LATER_WRITE] if keys[name].readable] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_default_may_be_written_back(clock: FakeClock, family: FamilyName) -> None:
    """What a writable key has in the beginning is a value that its own rule allows."""
    device = GoeDevice(clock=clock, family=family)
    status = device.status()
    for key in device.rules.keys.values():
        # The id of a card is written as a text and read as a bool.
        if key.readable and key.rule is not None and not re.match(r"c\di", key.name):
            key.rule.check(status[key.name])


def test_the_status_is_plain_json(device: GoeDevice) -> None:
    """It survives a strict encoder and comes back the same."""
    status = device.status()
    assert json.loads(json.dumps(status, allow_nan=False)) == status


def test_identity(clock: FakeClock) -> None:
    """Serial, model, rating and firmware are those of the chosen unit."""
    status = GoeDevice(clock=clock, serial="007123", variant=11).status(["sse", "typ", "var", "fwv", "oem"])
    assert status == {"sse": "007123", "typ": "go-eCharger_V4", "var": 11, "fwv": "055.5", "oem": "go-e"}


def test_firmware_60_has_flat_cards_and_six_temperatures(clock: FakeClock) -> None:
    """CORE and PRO: cards twice, four dead temperature elements in front, an adapter that is none."""
    device = GoeDevice(clock=clock, family="60")
    for name, raw in {"c1n": '"Anna"', "c1i": '"04a1b2"', "c1e": "1500"}.items():
        device.write(name, raw)
    clock.pass_time(1)
    status = device.status()
    assert (status["c1n"], status["c1i"], status["c1e"]) == ("Anna", True, 1_500)
    cards = status["cards"]
    assert isinstance(cards, list)
    assert cards[1] == {"name": "Anna", "energy": 1_500, "cardId": True}
    assert isinstance(status["tma"], list)
    assert len(status["tma"]) == 6
    assert (status["adi"], status["acu"], status["typ"]) == (True, 16, "go-eCharger_Phoenix")


@pytest.mark.parametrize(
    ("family", "utc", "loc"),
    [
        ("055", "2023-03-01T09:13:06.298", "2023-03-01T10:13:06.298 +01:00"),
        ("051", "2023-03-01T09:13:06.298.125", "2023-03-01T10:13:06.298.125 +01:00"),
    ],
)
def test_time_stamps(clock: FakeClock, family: FamilyName, utc: str, loc: str) -> None:
    """Old firmware has three groups behind the seconds, which no standard knows."""
    device = GoeDevice(clock=clock, family=family, wall_clock=lambda: 1_677_661_986.298125)
    assert device.status(["utc", "loc"]) == {"utc": utc, "loc": loc}


def test_the_table_of_keys_has_every_key_and_no_other() -> None:
    """Each key of the bridge's table is in a family, may be read or written there, and the other way round."""
    access: dict[str, set[str]] = {}
    for family in FAMILIES.values():
        for key in family.keys.values():
            marks = {mark for mark, there in (("R", key.readable), ("W", key.rule is not None)) if there}
            access.setdefault(key.name, set()).update(marks)
    assert access == {name: set(row["access"]) for name, row in TABLE.items()}


def test_the_newest_keys_are_in_the_newest_family_alone() -> None:
    """What documents name from 59.4 on, older firmware does not have, unless a recording of it shows the key."""
    newest = {name for name, row in TABLE.items() if row["since"].startswith(("59", "60")) and "05" not in row["mqtt"]}
    assert {"c0n", "alwt", "whs", "txt"} <= newest
    assert newest <= set(FAMILIES["60"].keys)
    assert not newest & {*FAMILIES["051"].keys, *FAMILIES["055"].keys}


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row["low"]])
def test_a_setting_takes_the_bounds_of_the_table(name: str) -> None:
    """The lowest and the highest number of the table are values for the newest firmware that has the key."""
    rule = newest_rule(name)
    assert rule is not None
    number = int if TABLE[name]["type"] in {"int", "button"} else float
    rule.check(number(TABLE[name]["low"]))
    rule.check(number(TABLE[name]["high"]))


def test_null_is_for_the_keys_of_the_table() -> None:
    """Null is a value for them and for no other key, but for the reboot, which takes anything."""
    rules = {name: newest_rule(name) for name in TABLE}
    nullable = {name for name, rule in rules.items() if rule is not None and rule.nullable}
    assert nullable - {"rst"} == {name for name, row in TABLE.items() if row["null"] == "yes"}


@pytest.mark.parametrize("family", FAMILIES)
def test_values_are_of_the_types_of_the_table(clock: FakeClock, family: FamilyName) -> None:
    """Idle as well as charging with a card, each value is null or what the table says it is."""
    device = GoeDevice(clock=clock, family=family)
    idle = device.status()
    device.write("rde", "true")
    clock.pass_time(2)
    device.swipe_card(0)
    device.plug()
    clock.pass_time(90)
    charging = device.status()
    assert (charging["trx"], charging["car"]) == (1, 2)
    different = {"tls": bool} if family != "60" else {}
    for name, value in [*idle.items(), *charging.items()]:
        wanted = different.get(name, TYPES[TABLE[name]["type"]])
        if value is not None and not (isinstance(value, bool) and TABLE[name]["type"] == "button"):
            assert isinstance(value, wanted), (name, value)
            assert isinstance(value, bool) == (wanted is bool), (name, value)


@pytest.mark.parametrize("family", FAMILIES)
def test_secrets_can_be_recognised(clock: FakeClock, family: FamilyName) -> None:
    """Every secret of the table holds one word and nothing else does, so that a test can look for it anywhere."""
    device = GoeDevice(clock=clock, family=family)
    marked = {name for name, value in device.status().items() if SECRET in json.dumps(value)}
    secret = {name for name, row in TABLE.items() if row["secret"] == "yes" and "R" in row["access"]}
    assert marked == secret - {"lri", "tsi"}  # these are null until a card is read
