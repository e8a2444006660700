"""The vendor's own keys: every field is a property, a key, or withheld for a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.charger.binding import Binding, Request, capability, read_all
from bridge.charger.document import Document
from bridge.charger.property import Bounds
from bridge.charger.values import Json, Value
from bridge.engine.checks import Known, check
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import sources
from bridge.vendors.wallbox.bindings import BINDINGS
from bridge.vendors.wallbox.key_table import KEYS, WITHHELD
from bridge.vendors.wallbox.keys import BY_NAME, bindings, chosen, parts_needed
from bridge.vendors.wallbox.reading import Part
from tests.vendors.wallbox.documents import CHARGER, FULL, PARTS, USERS, changed, only, with_config, without

ROWS = {binding.property.key: binding for binding in bindings(KEYS)}


def row(key: str) -> Binding[Any]:
    """Return the binding of a key."""
    return ROWS[f"vendor/{key}"]


def value(key: str, document: Document = FULL) -> Value:
    """Return what a key reads, which must not fail."""
    reading = read_all([row(key)], document)
    assert reading.failures == {}
    return reading.values[f"vendor/{key}"]


def checked(key: str, raw: Json, document: Document) -> Request:
    """Return what a command would send; raises CommandRejectedError."""
    full_key = f"vendor/{key}"
    known = Known(
        bindings=ROWS,
        actions={},
        capabilities={full_key: capability(ROWS[full_key], document)},
        document=document,
        read_only=False,
    )
    return check(full_key, raw, known).request(document)


# Completeness


def leaves(found: Json, place: str) -> Iterator[str]:
    """Name every place of an answer that holds a value."""
    if isinstance(found, dict) and found:
        for name, inner in found.items():
            yield from leaves(inner, f"{place}.{name}")
    else:
        yield place


PLACES = {place for field in [*sources.FIELDS, *(key.field for key in KEYS)] for place in field.places}
BESIDE = {"record.lastSync.date", "record.lastSync.timezone_type", "record.lastSync.timezone"}
"""Read as one time."""


def reason(place: str) -> str | None:
    """Return why a field is on no topic, None if it may be."""
    place = place.replace("status.config_data.", "config.")
    return next((why for held, why in WITHHELD.items() if place == held or place.startswith(f"{held}.")), None)


EVERY_FIELD = sorted(place for part in PARTS for place in leaves(FULL[part], part))


@pytest.mark.parametrize("place", EVERY_FIELD)
def test_every_known_field_is_somewhere(place: str) -> None:
    """Read for a property or a key, or kept back; never both."""
    parents = {place[: found.start()] for found in re.finditer(r"\.", place)}
    is_read = place in BESIDE or bool(({place} | parents) & PLACES)
    assert is_read is (reason(place) is None)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_no_field_is_made_up(place: str) -> None:
    """Each place that is read is known from a client or a recording."""
    assert any(known == place or known.startswith(f"{place}.") for known in EVERY_FIELD)


@pytest.mark.parametrize("place", sorted(set(WITHHELD) - {"users", "schedules.schedules.user_uid"}))
def test_nothing_is_kept_back_that_does_not_exist(place: str) -> None:
    """Each of these fields is in the answers."""
    assert any(known == place or known.startswith(f"{place}.") for known in EVERY_FIELD)
    assert WITHHELD[place]


SECRETS = ("person", "secret", "B-XY", "8949", "zip code", "286113", "a state")


def test_no_person_is_on_any_topic() -> None:
    """Neither name, address, plate, card nor the number of a user, in whatever the charger publishes."""
    document = changed(users=USERS)
    table: dict[str, Binding[Any]] = {**ROWS, **{binding.property.key: binding for binding in BINDINGS}}
    reading = read_all(table.values(), document)
    assert reading.failures == {}
    for key, found in reading.values.items():
        text = "" if found is None else table[key].property.type.text(found)
        for secret in SECRETS:
            assert secret.lower() not in text.lower(), key


# The table


def test_each_key_is_one() -> None:
    """And has a name that is safe on every broker, so that the configuration calls it as the topic does."""
    assert len(BY_NAME) == len(KEYS) == len(ROWS)
    for key in KEYS:
        assert re.fullmatch(r"[A-Za-z0-9_]+", key.key)
        assert row(key.key).property.key == f"vendor/{key.key}"
        assert key.name[0].isupper()
    assert len({key.name for key in KEYS}) == len(KEYS)


@pytest.mark.parametrize("key", BY_NAME)
def test_each_key_is_read(key: str) -> None:
    """From the full document, in the type that it has; without its field it is not supported."""
    binding = row(key)
    assert binding.supported(FULL)
    found = value(key)
    kinds: dict[str, Any] = {
        "bool": bool,
        "int": int,
        "number": (int, float),
        "text": str,
        "label": str,
        "time": datetime,
        "json": (list, dict),
    }
    assert found is None or isinstance(found, kinds[BY_NAME[key].kind])
    assert isinstance(found, bool) is (BY_NAME[key].kind == "bool" and found is not None)
    assert not binding.supported({})
    assert binding.property.vendor


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("name", "Street"),
        ("charger_id", CHARGER),
        ("chargingTime", 4028),
        ("charging_time", 85_072),
        ("cost", 0),
        ("wifiSignal", 75),
        ("auto_lock", True),
        ("available", True),
        ("last_sync", datetime(2026, 10, 18, 16, 36, 50, tzinfo=UTC)),
        ("lastConnection", datetime(2026, 10, 18, 16, 36, 48, tzinfo=UTC)),
        ("softwareUpdatedAt", datetime(2023, 7, 18, 21, 26, 28, tzinfo=UTC)),
        ("resume_totalEnergy", 56_677),
        ("resume_totalMidEnergy", 0),
        ("resume_chargingTime", 123_456),
        ("plan_features", ["DEFAULT_FEATURE", "POWER_BOOST"]),
        ("tariffs", []),
        ("group_profile_name", "super-admin"),
        ("depot_price", 0.2),
        ("home_power_export_setpoint", None),
        ("mid_serial_number", ""),
    ],
)
def test_values_stay_as_the_vendor_has_them(key: str, found: Value) -> None:
    """In its units: the month's energy is in Wh, whatever it says itself. Times are times."""
    assert value(key) == found


@pytest.mark.parametrize(("told", "found"), [("basic", "basic"), (7, "7"), (None, None)])
def test_a_label_is_text_or_a_number(told: Json, found: Value) -> None:
    """As which it comes is not known."""
    assert value("group_plan_product_id", changed(groups__group__plan__product_id=told)) == found


def test_a_negative_time_stays_visible() -> None:
    """The property hides it, the vendor's key shows what the cloud says."""
    assert value("charging_time", changed(status__charging_time=-1_648_030_457)) == -1_648_030_457


@pytest.mark.parametrize(
    ("key", "place"), [("lastSync", "groups__lastSync"), ("plan_plan_name", "status__config_data__plan__plan_name")]
)
def test_an_older_answer_has_it_too(key: str, place: str) -> None:
    """One key for what several answers tell."""
    assert row(key).supported(without(place.replace("__", ".")))
    assert value(key, without(place.replace("__", "."))) is not None


@pytest.mark.parametrize(
    ("key", "place", "nonsense"),
    [
        ("auto_lock", "config__auto_lock", "yes"),
        ("wifiSignal", "groups__wifiSignal", "strong"),
        ("chargerType", "groups__chargerType", 5),
        ("last_sync", "status__last_sync", "yesterday"),
        ("tariffs", "config__tariffs", "none"),
        ("tariffs", "config__tariffs", [{"price": 1e400}]),
        ("gesture_status", "config__gesture_status", 1.5),
    ],
)
def test_nonsense_is_unknown(key: str, place: str, nonsense: Json) -> None:
    """It costs this key alone; what JSON cannot say is never published."""
    document = changed(**{place: nonsense, place.replace("config__", "status__config_data__"): nonsense})
    reading = read_all([row(key)], document)
    assert (reading.values[f"vendor/{key}"], len(reading.failures)) == (None, 1)


# Which are read


def test_which_keys_a_configuration_asks_for() -> None:
    """All, a list in the table's order, or without a word a few."""
    assert chosen("all") == KEYS
    assert [key.key for key in chosen(("wifiSignal", "name", "nonsense"))] == ["name", "wifiSignal"]
    assert chosen(()) == ()
    assert [key.key for key in chosen(None)] == [
        *("name", "last_sync", "wifiSignal", "operation_mode", "ocpp_status", "chargingTime", "current_mode"),
        *("resume_totalEnergy", "resume_totalSessions", "ecosmart_percentage", "schedules"),
    ]


@pytest.mark.parametrize(
    ("wanted", "parts"),
    [
        (None, {Part.RECORD, Part.SCHEDULES}),
        ("all", {Part.RECORD, Part.SCHEDULES}),
        ((), set()),
        (("name", "wifiSignal", "auto_lock"), set()),
        (("connectorType",), {Part.RECORD}),
        (("schedules", "wifiSignal"), {Part.SCHEDULES}),
    ],
)
def test_which_answers_they_need(wanted: Any, parts: set[Part]) -> None:
    """A read that nobody wants is not made: the account has few."""
    assert parts_needed(chosen(wanted)) == parts
    rows = bindings(chosen(wanted))
    document = only("groups", "status", *parts)
    assert all(binding.supported(document) for binding in rows)


# Writing


def test_what_can_be_set() -> None:
    """Where the documents have a write."""
    assert {key for key in BY_NAME if row(key).write} == {"name", "ecosmart_percentage", "currency_id", "schedules"}


@pytest.mark.parametrize(
    ("key", "raw", "method", "path", "body"),
    [
        ("name", "Größe 1", "PUT", f"v2/charger/{CHARGER}", {"name": "Größe 1"}),
        ("currency_id", "48", "POST", f"chargers/config/{CHARGER}", {"energy_price": 0.24, "currency_id": 48}),
        (
            "ecosmart_percentage",
            80,
            "PUT",
            f"v4/chargers/{CHARGER}/eco-smart",
            {"data": {"attributes": {"percentage": 80, "enabled": 1, "mode": 1}, "type": "eco_smart"}},
        ),
    ],
)
def test_writes(key: str, raw: Json, method: str, path: str, body: Json) -> None:
    """What belongs together goes together, as it is now."""
    document = with_config(ecosmart={"enabled": True, "mode": 1, "percentage": 100})
    assert checked(key, raw, document) == Request(method=method, path=path, body=body)


def test_schedules_are_written_whole() -> None:
    """The rest of it has tests of its own."""
    sent = checked("schedules", '[{"start":"22:00","stop":"06:00","days":["monday"]}]', FULL)
    assert (sent.method, sent.path) == ("POST", f"chargers/{CHARGER}/schedules")


@pytest.mark.parametrize(
    ("key", "raw", "code"),
    [
        ("name", "", Code.INVALID_VALUE),
        ("name", "  ", Code.INVALID_VALUE),
        ("name", 5, Code.INVALID_VALUE),
        ("ecosmart_percentage", 101, Code.OUT_OF_RANGE),
        ("ecosmart_percentage", -1, Code.OUT_OF_RANGE),
        ("currency_id", 0, Code.OUT_OF_RANGE),
        ("schedules", "{}", Code.INVALID_VALUE),
        ("schedules", "nonsense", Code.INVALID_VALUE),
        ("wifiSignal", 5, Code.NOT_SUPPORTED),
    ],
)
def test_what_is_refused(key: str, raw: Json, code: Code) -> None:
    """Before anything is sent."""
    with pytest.raises(CommandRejectedError) as caught:
        checked(key, raw, FULL)
    assert caught.value.code is code


def test_bounds_of_settable_keys() -> None:
    """Consumers are told them."""
    assert capability(row("ecosmart_percentage"), FULL).bounds == Bounds(minimum=0, maximum=100, step=1)
    assert capability(row("schedules"), FULL).settable
    assert capability(row("schedules"), FULL).property.type.name == "json"
