"""Where values come from: the newest answer that has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.vendors.wallbox import sources
from bridge.vendors.wallbox.sources import Field, charger_id, moment, read_at, told_at
from tests.vendors.wallbox.documents import CHARGER, FULL, changed, only, without

PAIR = Field(("status.x", "record.inner.x"))


def _answers(*, status: Json, record: Json, read: dict[str, Json] | None = None) -> Document:
    return {"status": status, "record": record, "read_at": read}


INNER: dict[str, Json] = {"inner": {"x": 2}}


@pytest.mark.parametrize(
    ("status", "record", "read", "newest"),
    [
        ({"x": 1}, INNER, {"status": 20, "record": 10}, 1),
        ({"x": 1}, INNER, {"status": 10, "record": 20}, 2),
        ({"x": 1}, INNER, {"status": 10.5, "record": 10.6}, 2),
        ({"x": 1}, INNER, {"status": 10, "record": 10}, 1),
        ({"x": 1}, INNER, {"record": 10}, 2),
        ({"x": 1}, INNER, {}, 1),
        ({"x": 1}, INNER, None, 1),
        ({}, INNER, {"status": 20, "record": 10}, 2),
        ({"x": 1}, {"inner": {}}, {"status": 10, "record": 20}, 1),
        ({"x": 1}, {"inner": None}, {"status": 10, "record": 20}, 1),
        ({"x": 1}, {"inner": 5}, {"status": 10, "record": 20}, 1),
        ({"x": 1}, {"inner": [{"x": 2}]}, {"status": 10, "record": 20}, 1),
        ({"x": 1}, None, {"status": 10, "record": 20}, 1),
        ({"x": None}, INNER, {"status": 20, "record": 10}, None),
    ],
)
def test_the_newest_part_that_has_the_field_counts(
    status: Json, record: Json, read: dict[str, Json] | None, newest: Json
) -> None:
    """Its null counts too: the cloud knew the value once and does not any more."""
    assert PAIR.newest(_answers(status=status, record=record, read=read)) == newest


def test_what_no_charger_forgets_is_taken_from_an_older_answer() -> None:
    """Null says nothing about a part number or a limit of the installation."""
    document = _answers(status={"x": None}, record=INNER, read={"status": 20, "record": 10})
    assert PAIR.known(document) == 2
    with pytest.raises(KeyError, match=r"status\.x"):
        PAIR.known({"status": {"x": None}})


@pytest.mark.parametrize(
    ("document", "present", "filled"),
    [
        ({"status": {"x": 0}}, True, True),
        ({"status": {"x": None}}, True, False),
        ({"status": {"x": None}, "record": INNER}, True, True),
        ({"status": {}}, False, False),
        ({"status": "x"}, False, False),
        ({}, False, False),
    ],
)
def test_present_and_filled(document: Document, present: bool, filled: bool) -> None:  # noqa: FBT001 - what is known
    """A field that is null is there; what it would hold is not."""
    assert (PAIR.present(document), PAIR.filled(document)) == (present, filled)
    if not present:
        with pytest.raises(KeyError, match=r"status\.x"):
            PAIR.newest(document)


def test_a_part_without_a_time_is_older_than_any_other() -> None:
    """So is one that was never read."""
    assert read_at({"read_at": {"groups": 5}}, "groups") == 5
    assert read_at({"read_at": {"groups": 5}}, "status") == float("-inf")


@pytest.mark.parametrize("part", ["groups", "status", "record", "config"])
def test_any_part_tells_the_number_of_the_charger(part: str) -> None:
    """The path of every write needs it."""
    assert charger_id(only(part)) == CHARGER


def test_no_part_no_number() -> None:
    """A command is refused then, with a sentence of the core's."""
    with pytest.raises(LookupError):
        charger_id(only("schedules"))


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        ("record", {"locked": 77}, sources.LOCKED),
        ("record", {"maxChargingCurrent": 77}, sources.CURRENT),
        ("record", {"status": 77}, sources.STATUS),
        ("record", {"name": 77}, sources.NAME),
        ("config", {"locked": 77}, sources.LOCKED),
        ("config", {"max_charging_current": 77}, sources.CURRENT),
        ("config", {"energy_price": 77}, sources.PRICE),
        ("config", {"energyCost": {"value": 77}}, sources.PRICE),
        ("config", {"icp_max_current": 77}, sources.HOUSE_CURRENT),
        ("config", {"home_sharing": 77}, sources.HOME_SHARING),
        ("config", {"currency": {"id": 77}}, sources.CURRENCY_ID),
    ],
)
def test_the_answer_of_a_write_is_the_newest_read(place: str, value: dict[str, Json], field: Field) -> None:
    """The cloud answers with the whole record or configuration, so that no read is spent to see it."""
    written: Document = {**only("groups", "status"), place: value, "read_at": {"groups": 10, "status": 20, place: 30}}
    assert field.newest(written) == 77


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, None),
        (0, None),
        (1_692_341_408, datetime(2023, 8, 18, 6, 50, 8, tzinfo=UTC)),
        ("2023-08-18 06:50:26", datetime(2023, 8, 18, 6, 50, 26, tzinfo=UTC)),
        ("2023-08-18T08:50:26+02:00", datetime(2023, 8, 18, 6, 50, 26, tzinfo=UTC)),
        (
            {"date": "2023-08-17 20:01:46.000000", "timezone_type": 3, "timezone": "UTC"},
            datetime(2023, 8, 17, 20, 1, 46, tzinfo=UTC),
        ),
    ],
)
def test_times_in_all_forms(value: Json, found: datetime | None) -> None:
    """All of them are UTC; 0 is never."""
    assert moment(value) == found


@pytest.mark.parametrize(
    "value", ["yesterday", "", 1e300, -1e300, float("inf"), True, [], {}, {"date": "2023-08-17 20:01:46"}]
)
def test_what_is_no_time(value: Json) -> None:
    """Costs the row and not the charger; a time in an unknown zone is none."""
    with pytest.raises((TypeError, ValueError)):
        moment(value)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (FULL, datetime(2026, 10, 18, 16, 36, 50, tzinfo=UTC)),
        (only("groups"), datetime(2026, 10, 18, 16, 36, 48, tzinfo=UTC)),
        (only("record"), datetime(2026, 10, 18, 16, 36, 48, tzinfo=UTC)),
        (without("groups.lastConnection", document=only("groups")), datetime(2026, 10, 18, 16, 36, 40, tzinfo=UTC)),
        (changed(status__last_sync="garbage"), datetime(2026, 10, 18, 16, 36, 48, tzinfo=UTC)),
        (changed(status__last_sync=None), datetime(2026, 10, 18, 16, 36, 48, tzinfo=UTC)),
        (only("config"), None),
        ({}, None),
    ],
)
def test_when_the_charger_last_told_its_cloud(document: Document, found: datetime | None) -> None:
    """The latest that any answer speaks of: that, and not the time of our read, is how old the values are."""
    assert told_at(document) == found
