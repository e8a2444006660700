"""What is read from Podero's description of a wallbox: right, odd and wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.charger.binding import Binding, Reading, read_all
from bridge.charger.properties import CATALOGUE
from bridge.charger.values import Json
from bridge.vendors.podero import keys
from bridge.vendors.podero.bindings import BINDINGS
from bridge.vendors.podero.charger import USED
from bridge.vendors.podero.reading import NEVER_KEPT, deadline, kept, moment, words
from tests.vendors.podero.documents import ID, NEWEST, PAGE

ROWS: tuple[Binding[Any], ...] = (*BINDINGS, *keys.bindings(keys.KEYS))

EARLY = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)


def read(document: Mapping[str, Json]) -> Reading:
    """Read what is kept of an answer, with the rows that it supports."""
    own = kept(document, USED)
    return read_all([row for row in ROWS if row.supported(own)], own)


def values(base: Mapping[str, Json] = NEWEST, /, **changes: Any) -> dict[str, Any]:
    """Return the values of a description with changes; no row may fail."""
    found = read({**base, **changes})
    assert found.failures == {}
    return dict(found.values)


def without(*names: str) -> dict[str, Json]:
    """Return the newest description without some fields."""
    return {name: value for name, value in NEWEST.items() if name not in names}


def test_the_documented_sample() -> None:
    """Every value of the page's own example, in the catalogue's terms."""
    found = values(PAGE)
    assert {key: found[key] for key in found if key in CATALOGUE} == {
        "status": "offline",
        "status_reason": "authorization",
        "status_raw": "no flag is set",
        "online": False,
        "error_code": None,
        "error_text": None,
        "power": 123,
        "smart_charging": False,
        "boost": None,
        "soc_target_min": 50,
        "soc_target_max": 80,
        "energy_last_day": 123,
        "energy_last_week": 123,
        "energy_last_month": 123,
    }
    assert found["vendor/charge_deadline_at"] == "2023-11-07T05:31:56.000Z"
    assert found["vendor/created_at"] == EARLY
    assert found["vendor/inverter_forced_mode_since"] is None
    assert found["vendor/device_model_year"] == 123
    assert found["vendor/device_model_device_type_short_name"] == "<string>"


def test_a_newer_description() -> None:
    """What came later is read, too."""
    found = values()
    assert (found["status"], found["status_raw"], found["online"]) == ("charging", "CHARGING", True)
    assert (found["power"], found["boost"]) == (7400.5, True)
    assert found["vendor/charge_deadline_at"] == "07:30"
    assert found["vendor/optimization_score"] == 0.75
    assert found["vendor/actions"] == ["reauthenticate"]
    assert "vendor/is_forecasting_enabled" not in found


def test_every_documented_field_has_a_place() -> None:
    """In a normalised property or below `vendor/`, but for the owner and links."""
    assert set(PAGE) | set(NEWEST) == USED | (NEVER_KEPT & set(PAGE))
    model = PAGE["device_model"]
    assert isinstance(model, dict)
    assert {f"device_model.{name}" for name in model} - set(keys.BY_NAME) == {
        "device_model.device_type",
        "device_model.cloud_service_signup_link",
    }


# Status

AT_REST: dict[str, Json] = {"mode": None, "is_charging": False, "is_plugged_in": True, "boost_state": None}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"is_charging": True, "is_plugged_in": True}, "charging"),
        ({"is_charging": True, "is_plugged_in": None}, "charging"),
        ({"is_plugged_in": False}, "disconnected"),
        ({}, "connected"),
        ({"is_fully_charged": True}, "finished"),
        ({"is_pause_power_active": True}, "paused"),
        ({"is_pause_power_active": True, "is_charging": True}, "charging"),
        ({"is_pause_power_active": True, "is_plugged_in": False}, "disconnected"),
        ({"is_fully_charged": True, "is_plugged_in": False}, "disconnected"),
        ({"is_authenticated": False, "is_charging": True}, "offline"),
        ({"is_authenticated": None}, "connected"),
        ({"connection": "offline"}, "offline"),
        ({"connection": "never_connected"}, "offline"),
        ({"connection": "sideways"}, "connected"),
        ({"connection_status": "error"}, "error"),
        ({"connection_status": "warning"}, "connected"),
        ({"lifecycle_state": "error"}, "error"),
        ({"steering_status": "error"}, "connected"),
        ({"deleted_at": "2025-01-01T00:00:00Z"}, "offline"),
        # Flags that say nothing: the mode does.
        ({"is_plugged_in": None, "mode": "READY"}, "disconnected"),
        ({"is_plugged_in": None, "mode": "PLUGGED_IN"}, "connected"),
        ({"is_plugged_in": None, "mode": "PLUGGED_IN", "is_fully_charged": True}, "finished"),
        ({"is_plugged_in": None, "mode": "charging"}, "charging"),
        ({"is_plugged_in": None, "mode": "UNAVAILABLE"}, "offline"),
        ({"is_plugged_in": None, "mode": "UNKNOWN"}, None),
        ({"is_plugged_in": None}, None),
        # Flags that do: they go before.
        ({"mode": "LEVITATING"}, "connected"),
        ({"is_plugged_in": 1, "is_charging": 0}, "connected"),
    ],
    ids=repr,
)
def test_status(changes: dict[str, Json], status: str | None) -> None:
    """The order of docs/vendors/podero.md."""
    assert values(**{**AT_REST, **changes})["status"] == status


def test_status_without_any_flag() -> None:
    """An old or thin description costs the status and nothing else."""
    bare = without("is_plugged_in", "is_charging", "mode", "is_authenticated", "connection")
    found = values(bare)
    assert (found["status"], found["power"]) == (None, 7400.5)
    assert "online" not in found


@pytest.mark.parametrize("mode", ["LEVITATING", 5, ["READY"], {}], ids=repr)
def test_a_mode_that_no_document_lists(mode: Json) -> None:
    """Status is unknown then, the code is told, and the reason names it."""
    found = read({**NEWEST, "is_plugged_in": "perhaps", "is_charging": None, "mode": mode})
    assert found.values["status"] is None
    assert found.values["status_raw"] == str(mode)
    assert str(mode) in found.failures["status"]


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({}, None, None),
        ({"connection_status": "unknown", "steering_status": "warning"}, None, None),
        ({"steering_status": "error"}, "steering_status", "Podero reports an error in the steering of the wallbox"),
        (
            {"monitoring_status": "error", "lifecycle_state": "error"},
            "monitoring_status lifecycle_state",
            "Podero reports an error in the monitoring of the wallbox, the wallbox's registration",
        ),
        ({"deleted_at": "2025-01-01T00:00:00Z"}, "deleted", "the wallbox was deleted at Podero"),
    ],
    ids=repr,
)
def test_errors(changes: dict[str, Json], code: str | None, text: str | None) -> None:
    """Which part is faulty, for programs and for people."""
    found = values(**changes)
    assert (found["error_code"], found["error_text"]) == (code, text)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({}, None), ({"is_authenticated": False}, "authorization"), ({"connection_status": "error"}, "fault")],
    ids=repr,
)
def test_reasons(changes: dict[str, Json], reason: str | None) -> None:
    """As far as Podero says one."""
    assert values(**changes)["status_reason"] == reason


@pytest.mark.parametrize(
    ("authenticated", "connection", "online"),
    [
        (True, None, True),
        (None, "online", True),
        (None, None, None),
        (True, "offline", False),
        (False, "online", False),
        ("perhaps", "sideways", None),
    ],
)
def test_online(authenticated: Json, connection: Json, online: Json) -> None:
    """False as soon as one of them says so, unknown where neither does."""
    document = {**NEWEST, "is_authenticated": authenticated, "connection": connection}
    assert read(document).values["online"] is online


@pytest.mark.parametrize(
    ("state", "armed", "boost"),
    [
        ("available", False, False),
        ("unavailable", False, False),
        ("unavailable", True, True),
        ("requested", False, True),
        ("ongoing", None, True),
        (None, False, False),
        (None, None, None),
    ],
)
def test_boost(state: Json, armed: Json, boost: Json) -> None:
    """True while one runs, is requested, or is armed."""
    assert values(boost_state=state, boost_for_next_session=armed)["boost"] is boost


def test_a_boost_state_that_no_document_lists() -> None:
    """Is unknown, and costs `boost` alone."""
    found = read({**NEWEST, "boost_state": "thinking"})
    assert (found.values["boost"], set(found.failures)) == (None, {"boost"})
    assert found.values["vendor/boost_state"] == "thinking"


# Lenient


@pytest.mark.parametrize("name", sorted(NEWEST))
def test_any_field_may_be_missing(name: str) -> None:
    """Nothing else suffers, and no row fails."""
    full, thin = values(), values(without(name))
    assert all(thin[key] == full[key] for key in thin if full[key] is not None and key in _not_of(name, full))


def _not_of(name: str, full: dict[str, Any]) -> set[str]:
    """Return the keys that do not depend on a field, as far as the field is read by one row alone."""
    shared = {"status", "status_raw", "status_reason", "online", "error_code", "error_text", "boost"}
    return {key for key in full if key not in shared and not key.startswith(f"vendor/{name}")}


@pytest.mark.parametrize("name", sorted(set(NEWEST)))
def test_any_field_may_be_null(name: str) -> None:
    """No row fails."""
    if name != "device_model":
        values(**{name: None})
    else:
        assert not read({**NEWEST, name: None}).failures


@pytest.mark.parametrize("name", sorted(USED))
@pytest.mark.parametrize("nonsense", ["x", [], {}, [None], True, -1, 1e300, 10**400, 1.5, "", [["a"]]], ids=repr)
def test_nonsense_never_stops_the_reading(name: str, nonsense: Json) -> None:
    """Whatever one field has, at most its own rows fail, and what is read can be published."""
    found = read({**NEWEST, name: nonsense})
    own = {f"vendor/{row.key.replace('.', '_')}" for row in keys.KEYS if row.key.partition(".")[0] == name}
    row_of = {row.property.key: row.property for row in ROWS}
    normal = {key for key in found.failures if not key.startswith("vendor/")}
    assert set(found.failures) - normal <= own
    assert len(normal) <= 1
    for key, value in found.values.items():
        if value is not None:
            row_of[key].type.text(value)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (None, None),
        ("", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2023-11-07T05:31:56Z", EARLY),
        ("2023-11-07T07:31:56+02:00", EARLY),
        ("2023-11-07T05:31:56", EARLY),
        ("2023-11-07T05:31:56.250Z", EARLY.replace(microsecond=250_000)),
    ],
)
def test_times(told: Json, found: datetime | None) -> None:
    """With a zone, without one (UTC), and the year 1, which stands for never."""
    assert moment(told) == found


@pytest.mark.parametrize("told", ["soon", 5, True, "9999-12-31T23:59:59-14:00", []], ids=repr)
def test_no_times(told: Json) -> None:
    """Cost their own row alone."""
    with pytest.raises((TypeError, ValueError)):
        moment(told)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (None, None),
        ("07:30", "07:30"),
        ("23:59:00", "23:59:00"),
        ("2023-11-07T07:31:56+02:00", "2023-11-07T05:31:56.000Z"),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_deadlines(told: Json, found: str | None) -> None:
    """Both forms that the documents name."""
    assert deadline(told) == found


@pytest.mark.parametrize("told", ["24:00", "7:30", "tomorrow", 7])
def test_no_deadlines(told: Json) -> None:
    """Are not passed on as if they were."""
    with pytest.raises((TypeError, ValueError)):
        deadline(told)


# What must not leave


def test_owner_and_links_are_dropped_at_any_depth() -> None:
    """Also in fields that are kept, and fields that nobody knows are dropped as a whole."""
    found = kept({**NEWEST, "owner_phone": "1", "nickname": "x"}, USED | {"owner", "embeddable_url"})
    assert not {"owner", "embeddable_url", "authorization_url", "owner_phone", "nickname"} & set(found)
    assert "link" not in repr(found)


@pytest.mark.parametrize("told", ["https://x", "see www.x.y", "you@example.com", "ask you@x", "x://y"])
def test_text_with_a_link_or_an_address_is_not_read(told: str) -> None:
    """And the reason does not repeat it."""
    with pytest.raises(ValueError, match="not published") as caught:
        words(told)
    assert told not in str(caught.value)
    found = read({**NEWEST, "comment": told, "lifecycle_error": told, "actions": [{"code": told}]})
    assert told not in repr(found)


def test_usual_keys() -> None:
    """Without a word the usual ones, by name the named ones, and all."""
    assert [row.key for row in keys.chosen(None)] == [row.key for row in keys.KEYS if row.usual] != []
    assert [row.key for row in keys.chosen(("mode", "id"))] == ["mode", "id"]
    assert keys.chosen("all") == keys.KEYS
    assert kept(NEWEST, USED)["id"] == ID
