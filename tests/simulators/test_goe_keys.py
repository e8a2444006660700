"""Which keys the pretend go-e has."""

from __future__ import annotations

import json
import re

import pytest

from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FAMILIES, FamilyName
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

WRITABLE_BY_NOW = {"lbr", "trx"}  # read-only in the first document, writable in later ones


def test_the_first_document_is_complete() -> None:
    """The lists above are the whole table."""
    assert len(SEED_READ + SEED_READ_WRITE + SEED_WRITE) == 90


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


def test_secrets_can_be_recognised(device: GoeDevice) -> None:
    """Every pretend secret holds one word, so that a test can look for it wherever it must not be."""
    status = device.status()
    for name in names("wifis ccw wak facwak cak mcu mck mqcc msc dll data"):
        assert SECRET in json.dumps(status[name]), name
