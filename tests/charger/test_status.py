"""The closed list of statuses, and what follows from each."""

from __future__ import annotations

import pytest

from bridge.charger.status import FLOWING, IEC_LETTERS, Status, iec_letter, vehicle_connected

FOLLOWS: dict[str, tuple[str | None, bool | None]] = {
    "disconnected": ("A", False),
    "connected": ("B", True),
    "awaiting_authorization": ("B", True),
    "scheduled": ("B", True),
    "queued": ("B", True),
    "charging": ("C", True),
    "discharging": ("C", True),
    "paused": ("B", True),
    "suspended_ev": ("B", True),
    "finished": ("B", True),
    "locked": ("A", False),
    "reserved": ("A", False),
    "unavailable": ("F", None),
    "error": ("E", None),
    "offline": (None, None),
}
"""By status: the IEC 61851 letter, and whether a vehicle is plugged in."""


def test_every_status_has_a_row() -> None:
    """In the order of the contract."""
    assert [status.value for status in Status] == list(FOLLOWS)


@pytest.mark.parametrize("status", FOLLOWS)
def test_what_follows_from_a_status(status: str) -> None:
    """Letter and plug; where the status does not say, the plug is unknown and not free."""
    assert (iec_letter(status), vehicle_connected(status)) == FOLLOWS[status]


def test_an_unknown_status_says_nothing() -> None:
    """Unknown is never guessed."""
    assert (iec_letter(None), vehicle_connected(None)) == (None, None)


@pytest.mark.parametrize("word", ["", "Charging", "unknown", "none", "fully_charged"])
def test_the_list_is_closed(word: str) -> None:
    """A vendor that invents a status has a bug."""
    with pytest.raises(ValueError, match="is not a valid Status"):
        iec_letter(word)


def test_letters_are_those_of_the_standard() -> None:
    """A to F; evcc reads them."""
    assert IEC_LETTERS == ("A", "B", "C", "D", "E", "F")
    assert {letter for letter, _ in FOLLOWS.values()} - {None} == set("ABCEF")


def test_energy_flows_in_two_of_them() -> None:
    """They set the pace of reading, and have the letter C."""
    assert {"charging", "discharging"} == FLOWING
    assert {status for status in Status if iec_letter(status) == "C"} == FLOWING
