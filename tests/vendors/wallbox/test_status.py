"""What a status number means."""

from __future__ import annotations

import pytest

from bridge.charger.binding import read_all
from bridge.charger.snapshot import complete
from bridge.charger.status import Status
from bridge.charger.values import Json
from bridge.vendors.wallbox.status import STATES, forbids, is_flowing
from tests.vendors.wallbox.documents import failure, rows, value, with_status

TABLE: list[tuple[int, str, str | None, bool | None, bool | None]] = [
    # number, status, reason, charging_enabled, vehicle_connected
    (0, "offline", None, None, None),
    (4, "finished", None, True, True),
    (5, "offline", None, None, None),
    (14, "error", "fault", None, None),
    (15, "error", "fault", None, None),
    (161, "disconnected", None, True, False),
    (162, "disconnected", None, True, False),
    (163, "offline", None, None, None),
    (164, "connected", None, True, True),
    (165, "locked", None, False, False),
    (166, "unavailable", "maintenance", None, None),
    (177, "scheduled", "schedule", False, True),
    (178, "paused", None, False, True),
    (179, "scheduled", "schedule", False, True),
    (180, "suspended_ev", "vehicle", True, True),
    (181, "suspended_ev", "vehicle", True, True),
    (182, "paused", "user", False, True),
    (183, "queued", "load_balancing", True, True),
    (184, "queued", "load_balancing", True, True),
    (185, "queued", "grid_limit", True, True),
    (186, "queued", "grid_limit", True, True),
    (187, "error", "meter", None, None),
    (188, "error", "meter", None, None),
    (189, "queued", "surplus", False, True),
    (193, "charging", None, True, True),
    (194, "charging", None, True, True),
    (195, "charging", None, True, True),
    (196, "discharging", None, True, True),
    (209, "locked", None, False, False),
    (210, "awaiting_authorization", "authorization", False, True),
]

API_DOCUMENT = {0, 14, 15, 161, 162, 163, 164, 165, 166, *range(177, 190), 193, 194, 195, 196, 209, 210}
"""The 28 numbers of the API document's table."""


def test_the_table_is_complete() -> None:
    """All of the API document and the two that only one client knows, and no other."""
    assert len(API_DOCUMENT) == 28
    assert set(STATES) == {row[0] for row in TABLE} == API_DOCUMENT | {4, 5}


@pytest.mark.parametrize(("number", "status", "reason", "enabled", "connected"), TABLE)
def test_what_each_number_means(
    number: int, status: str, reason: str | None, *, enabled: bool | None, connected: bool | None
) -> None:
    """Status, reason, whether a car may charge, and whether one is plugged in, which follows from the status."""
    document = with_status(number)
    reading = read_all(rows(document).values(), document)
    assert reading.failures == {}
    values = dict(reading.values)
    complete(values, {})
    assert values["status_raw"] == str(number)
    assert (values["status"], values["status_reason"]) == (status, reason)
    assert values["charging_enabled"] is enabled
    assert values["vehicle_connected"] is connected
    assert values["online"] is (status != "offline")
    assert values["problem"] is (status == "error")
    assert values["error_code"] == (str(number) if status == "error" else None)
    assert (values["error_text"] is None) is (status != "error")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (14, "error"),
        (15, "error (the charger cannot work)"),
        (187, "the MID meter failed"),
        (188, "the safety margin of the MID meter is exceeded"),
    ],
)
def test_errors_in_words(number: int, words: str) -> None:
    """There is no text in the cloud's answers since 2022."""
    assert value("error_text", with_status(number)) == words


OF_STATUS = ("status", "status_reason", "online", "charging_enabled", "error_code", "error_text")


@pytest.mark.parametrize("number", [1, 200, 999, -1])
def test_an_unknown_number_is_named(number: int) -> None:
    """The status is unknown then, the number stands in `status_raw` and in the log."""
    document = with_status(number)
    assert value("status_raw", document) == str(number)
    for key in OF_STATUS:
        assert failure(key, document) == f"ValueError: status {number} is not in the vendor's list"
    assert forbids(document) is None


def test_null_is_unknown() -> None:
    """Not disconnected, as the Python module takes it, and not the status of an older answer."""
    document = with_status(None)
    assert value("status_raw", document) == "null"
    assert [value(key, document) for key in OF_STATUS] == [None] * len(OF_STATUS)
    assert forbids(document) is None


@pytest.mark.parametrize("nonsense", ["charging", 194.5, True, [], {}])
def test_nonsense_is_unknown(nonsense: Json) -> None:
    """It costs these rows alone."""
    document = with_status(nonsense)
    assert {key for key in OF_STATUS if failure(key, document)} == set(OF_STATUS)
    assert value("status_raw", document) is not None
    assert value("locked", document) is False


SENTENCES = {
    Status.OFFLINE: "not connected to its cloud",
    Status.UNAVAILABLE: "updating its firmware",
    Status.ERROR: "reports an error",
    Status.LOCKED: "unlock it first",
    Status.AWAITING_AUTHORIZATION: "unlock it first",
    Status.DISCONNECTED: "no car is connected",
}


@pytest.mark.parametrize("number", STATES)
def test_where_the_cloud_refuses_remote_actions(number: int) -> None:
    """In exactly the states in which clients were answered 403 or 409; the sentence says what to do."""
    found, wanted = forbids(with_status(number)), SENTENCES.get(STATES[number].status)
    assert (found is None) is (wanted is None)
    assert wanted is None or wanted in (found or "")
    assert forbids(with_status(number), frozenset()) is None


@pytest.mark.parametrize(("number", "flows"), [(193, True), (196, True), (182, False), (None, False), ("194", False)])
def test_energy_flows(number: object, *, flows: bool) -> None:
    """While charging and while discharging."""
    assert is_flowing(number) is flows
