"""The Wallbox table: from the cloud's fields to the catalogue's values, and from wished values to the wire."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger.binding import Binding, Request, capability, read_all
from bridge.charger.document import Document
from bridge.charger.property import Bounds
from bridge.charger.values import Firmware, Json, Value
from bridge.engine.checks import Known, check
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox.bindings import currency, is_bidirectional
from tests.vendors.wallbox.documents import (
    CHARGER,
    FULL,
    NOW,
    PARTS,
    changed,
    failure,
    only,
    rows,
    value,
    with_config,
    with_status,
    without,
)

CHARGING: dict[str, Value] = {
    "status": "charging",
    "status_reason": None,
    "status_raw": "194",
    "online": True,
    "error_code": None,
    "error_text": None,
    "charging_enabled": True,
    "charge_mode": "standard",
    "current_limit": 16,
    "locked": False,
    "power": 7360,
    "session_energy": 6.857,
    "session_energy_green": 1.5,
    "session_energy_grid": 5.357,
    "session_energy_discharged": 0,
    "session_duration": 85_072,
    "session_cost": None,
    "energy_price": 0.24,
    "added_range": 57,
    "house_current_limit": 25,
    "power_boost": True,
    "firmware": Firmware("5.17.59", "6.7.36"),
}
"""Of the full document. `vehicle_soc` is not supported: an AC charger cannot know it."""

OF_GROUPS = {
    *("status", "status_reason", "status_raw", "online", "error_code", "error_text", "charging_enabled"),
    *("current_limit", "locked", "power", "session_energy", "energy_price", "firmware"),
}

QUASAR = with_config(part_number="QSP1-0-2-4-9-002-E")


def known(document: Document) -> Known:
    """Return what the checks of the core know of this charger."""
    bindings = rows(document)
    return Known(
        bindings=bindings,
        actions={},
        capabilities={key: capability(binding, document) for key, binding in bindings.items()},
        document=document,
        read_only=False,
    )


def request(key: str, wished: Json, document: Document = FULL) -> Request:
    """Return what a command would send; it must pass every check."""
    return check(key, wished, known(document)).request(document)


def refusal(key: str, wished: Json, document: Document) -> CommandRejectedError:
    """Return why a command is not sent."""
    with pytest.raises(CommandRejectedError) as caught:
        check(key, wished, known(document))
    return caught.value


# Reading


def test_everything_there_is() -> None:
    """No row fails, and nothing is invented."""
    reading = read_all(rows().values(), FULL)
    assert (reading.values, reading.failures) == (CHARGING, {})


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("groups", OF_GROUPS),
        ("status", set(CHARGING)),
        (
            "record",
            {"status", "status_reason", "status_raw", "online", "error_code", "error_text", "charging_enabled"}
            | {"current_limit", "locked", "firmware"},
        ),
        ("config", {"charge_mode", "current_limit", "locked", "energy_price", "house_current_limit", "power_boost"}),
        ("schedules", set()),
    ],
)
def test_one_answer_alone(part: str, keys: set[str]) -> None:
    """Each answer gives what it carries, and the rest is not supported yet."""
    document = only(part)
    assert set(rows(document)) - {"firmware"} == keys - {"firmware"}
    reading = read_all(rows(document).values(), document)
    assert reading.failures == {}
    latest = None if part == "record" else "6.7.36"
    wanted = {key: CHARGING[key] for key in rows(document)}
    assert reading.values == wanted | ({"firmware": Firmware("5.17.59", latest)} if "firmware" in wanted else {})


@pytest.mark.parametrize("part", PARTS)
def test_any_answer_may_be_missing(part: str) -> None:
    """What the others carry stays."""
    document = without(part)
    assert read_all(rows(document).values(), document).failures == {}


def nulls(answer: Json) -> Json:
    """Return an answer with null in place of every value."""
    if isinstance(answer, dict):
        return {key: nulls(inner) for key, inner in answer.items()}
    return None


def test_nothing_but_nulls() -> None:
    """Every property is unknown or not supported; none is a made-up 0 and none is an older value."""
    document: dict[str, Json] = {part: nulls(FULL[part]) for part in PARTS}
    reading = read_all(rows(document).values(), document)
    assert {key: found for key, found in reading.values.items() if found is not None} == {"status_raw": "null"}


@pytest.mark.parametrize("nonsense", ["", "text", [], [1], {"a": 1}, True, 1e400, -5])
def test_nonsense_costs_its_row_alone(nonsense: Json) -> None:
    """Whatever the cloud sends, no row raises what the core does not expect."""
    for place in (f"{part}__{field}" for part in ("groups", "status") for field in _fields(part)):
        document = changed(only("groups", "status"), **{place: nonsense})
        reading = read_all(rows(document).values(), document)
        assert set(reading.values) <= {*CHARGING, "vehicle_soc"}
        for binding in rows(document).values():
            capability(binding, document)


def _fields(part: str) -> list[str]:
    answer = FULL[part]
    assert isinstance(answer, dict)
    return list(answer)


# Power and session


@pytest.mark.parametrize(
    ("changes", "watts"),
    [
        ({"groups__chargingPower": 11.04}, 11_040),
        ({"groups__chargingPower": 0.004}, 4),
        ({"groups__chargingPower": None}, None),
        # The list of all chargers lags behind: while both say that energy flows, the details know better.
        ({"groups__chargingPower": 0}, 7360),
        ({"groups__chargingPower": 0, "status__charging_power": 0}, 0),
        ({"groups__chargingPower": 0, "status__charging_power": None}, 0),
        ({"groups__chargingPower": 0, "groups__status": 182}, 0),
        ({"groups__chargingPower": 0, "status__status_id": 180}, 0),
        ({"groups__chargingPower": 5, "read_at__status": NOW + 1}, 7360),
        # Out of the car it is negative, however the cloud has it.
        ({"groups__chargingPower": 3.5, "groups__status": 196}, -3500),
        ({"groups__chargingPower": -3.5, "groups__status": 196}, -3500),
        ({"groups__chargingPower": 0, "groups__status": 196}, -7360),
        ({"groups__chargingPower": -3.5, "groups__status": 195}, -3500),
        ({"groups__chargingPower": 3.5, "groups__status": None}, 3500),
        ({"groups__chargingPower": 3.5, "groups__status": 999}, 3500),
    ],
)
def test_power(changes: dict[str, Json], watts: float | None) -> None:
    """In W; the cloud has kW."""
    found = value("power", changed(**changes))
    assert found is watts if watts is None else found == pytest.approx(watts)


@pytest.mark.parametrize(
    ("seconds", "duration"),
    [(0, 0), (585, 585), (345_997, 345_997), ("585", 585), (None, None), (-1_648_030_457, None), (1_648_030_457, None)],
)
def test_session_duration(seconds: Json, duration: int | None) -> None:
    """How long the car has been plugged in; the epoch, with or without a minus, is no duration."""
    assert value("session_duration", changed(status__charging_time=seconds)) == duration


@pytest.mark.parametrize(
    ("cost", "energy", "price", "found"),
    [
        (1.65, 6.857, 0.24, 1.65),
        (0, 6.857, 0.24, None),
        (0, 6.857, None, None),
        (0, 0, 0.24, 0),
        (0, 6.857, 0, 0),
        (0, None, 0.24, None),
        (None, 6.857, 0.24, None),
        (None, 0, 0.24, None),
    ],
)
def test_session_cost(cost: Json, energy: Json, price: Json, found: float | None) -> None:
    """The cloud's 0 has only ever meant that it does not know, unless nothing was charged or it is free."""
    document = changed(status__cost=cost, groups__addedEnergy=energy, groups__energyPrice=price)
    assert value("session_cost", document) == found


def test_range_may_be_older_than_the_session() -> None:
    """It is what the cloud says: 477 km with nothing charged has been recorded."""
    document = changed(status__added_range=477, groups__addedEnergy=0)
    assert (value("added_range", document), value("session_energy", document)) == (477, 0)


def test_charge_of_the_vehicle() -> None:
    """Supported from the first time that it is told."""
    assert "vehicle_soc" not in rows()
    assert value("vehicle_soc", changed(status__state_of_charge=81)) == 81
    assert value("vehicle_soc", changed(status__state_of_charge=81, record__stateOfCharge=None)) == 81


# Money


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (FULL, "EUR"),
        (only("groups"), "EUR"),
        (changed(only("groups"), groups__currency=48), "GBP"),
        (changed(only("groups"), groups__currency=148), "USD"),
        (changed(only("groups"), groups__currency=2), None),
        (with_config(currency={"id": 3, "code": "NOK"}), "NOK"),
        (only("record"), None),
        (changed(with_config(currency=None), groups__currency=None), None),
    ],
)
def test_money_is_in_the_currency_of_the_account(document: Document, code: str | None) -> None:
    """Its code is the unit of the cost, and per kWh that of the price."""
    assert currency(document) == code
    units = {key: capability(binding, document).unit for key, binding in rows(document).items()}
    assert units.get("session_cost", code) == code
    per_kwh = f"{code}/kWh" if code else None
    assert units.get("energy_price", per_kwh) == per_kwh


def test_the_price_of_the_charger_is_not_that_of_its_group() -> None:
    """Where it has none of its own, it is not known here; the group's is a vendor key."""
    document = without("groups.energyPrice", "groups.energyCost", document=only("groups"))
    assert "energy_price" not in rows(document)
    inherited = without("groups.energyPrice", document=only("groups"))
    assert value("energy_price", inherited) == 0.24


def test_price_is_written() -> None:
    """The way that most clients use; negative prices exist."""
    assert request("energy_price", "0.3") == Request(
        method="POST", path=f"chargers/config/{CHARGER}", body={"energyCost": 0.3}
    )
    assert request("energy_price", -1).body == {"energyCost": -1}
    assert "-10 to 10 EUR/kWh" in refusal("energy_price", 11, FULL).message


# Charging


def action(number: int) -> Request:
    """Return a remote action."""
    return Request(method="POST", path=f"v3/chargers/{CHARGER}/remote-action", body={"action": number})


@pytest.mark.parametrize("number", [4, 164, 177, 178, 179, 180, 182, 183, 185, 189, 194, 196, 999, None])
def test_pause_and_resume(number: int | None) -> None:
    """Sent wherever the cloud may take them; whether it does, it says itself."""
    document = with_status(number)
    assert request("charging_enabled", "on", document) == action(1)
    assert request("charging_enabled", "off", document) == action(2)


@pytest.mark.parametrize(
    ("number", "wished", "sentence"),
    [
        (0, True, "not connected to its cloud"),
        (5, False, "not connected to its cloud"),
        (163, True, "not connected to its cloud"),
        (14, True, "reports an error"),
        (187, False, "reports an error"),
        (166, True, "updating its firmware"),
        (161, False, "no car is connected"),
        (162, False, "no car is connected"),
        (165, True, "unlock it first"),
        (209, True, "unlock it first"),
        (210, True, "unlock it first"),
    ],
)
def test_where_charging_cannot_be_set(number: int, *, wished: bool, sentence: str) -> None:
    """The cloud answers 403 or 409 there, so that nothing is sent."""
    error = refusal("charging_enabled", wished, with_status(number))
    assert error.code is Code.WRONG_STATE
    assert sentence in error.message


@pytest.mark.parametrize(("number", "wished"), [(161, True), (209, False), (210, False)])
def test_what_is_so_already_is_not_refused(number: int, *, wished: bool) -> None:
    """An automation that makes sure of something gets no error for it."""
    assert check("charging_enabled", wished, known(with_status(number))).value is wished


@pytest.mark.parametrize(
    ("eco", "mode"),
    [
        ({"enabled": False, "mode": 0, "percentage": 100}, "standard"),
        ({"enabled": False, "mode": 1}, "standard"),
        ({"enabled": 0, "mode": 7}, "standard"),
        ({"enabled": True, "mode": 0, "percentage": 100}, "eco"),
        ({"enabled": 1, "mode": 1}, "full_solar"),
    ],
)
def test_charge_mode(eco: Json, mode: str) -> None:
    """Eco-smart off, with the grid, without it."""
    assert value("charge_mode", with_config(ecosmart=eco)) == mode


def test_charge_mode_is_not_guessed() -> None:
    """A third way to use the sun may come some day."""
    assert "eco-smart mode 2" in failure("charge_mode", with_config(ecosmart={"enabled": True, "mode": 2}))


@pytest.mark.parametrize(
    "document",
    [
        only("groups"),
        with_config(ecosmart=None),
        without("status.config_data.ecosmart", "config.ecosmart"),
        changed(without("status.config_data.ecosmart", "config.ecosmart"), status__config_data__eco_smart={}),
    ],
)
def test_chargers_without_the_sun(document: Document) -> None:
    """A Copper C has no `ecosmart` at all; it has no charge mode then."""
    assert "charge_mode" not in rows(document)


@pytest.mark.parametrize(
    ("word", "eco", "attributes"),
    [
        ("standard", {"enabled": True, "mode": 1, "percentage": 80}, {"percentage": 80, "enabled": 0, "mode": 0}),
        ("eco", {"enabled": False, "mode": 0, "percentage": 100}, {"percentage": 100, "enabled": 1, "mode": 0}),
        ("full_solar", {"enabled": False, "mode": 0}, {"percentage": 100, "enabled": 1, "mode": 1}),
        ("FULL_SOLAR", {"enabled": False, "mode": 0, "percentage": None}, {"percentage": 100, "enabled": 1, "mode": 1}),
    ],
)
def test_charge_mode_is_written(word: str, eco: Json, attributes: dict[str, Json]) -> None:
    """With the percentage that is set, else all of it."""
    sent = request("charge_mode", word, with_config(ecosmart=eco))
    assert (sent.method, sent.path) == ("PUT", f"v4/chargers/{CHARGER}/eco-smart")
    assert sent.body == {"data": {"attributes": attributes, "type": "eco_smart"}}
    assert refusal("charge_mode", "next_trip", FULL).code is Code.INVALID_VALUE


# The current


@pytest.mark.parametrize(
    ("document", "lowest", "highest"),
    [
        (FULL, 6, 32),
        (with_config(max_available_current=20), 6, 20),
        (with_config(max_available_current=40.0), 6, 40),
        (with_config(max_available_current=None), 6, 32),
        (changed(only("record"), record__maxAvailableCurrent=25), 6, 25),
        (changed(without("status.config_data", "config", "record"), status__max_available_power=25.0), 6, 25),
        (only("groups"), 6, 32),
        (changed(only("groups"), groups__maxChargingCurrent=48), 6, 48),
        (with_config(max_available_current=5), 5, 5),
        (QUASAR, -32, 32),
        (changed(QUASAR, status__config_data__max_available_current=25), -25, 25),
    ],
)
def test_bounds_of_the_current(document: Document, lowest: float, highest: float) -> None:
    """From 6 A to what the installation allows, and as much backwards with a bidirectional charger."""
    assert capability(rows(document)["current_limit"], document).bounds == Bounds(
        minimum=lowest, maximum=highest, step=1
    )


@pytest.mark.parametrize(
    ("part_number", "bidirectional"),
    [("QSX1-0-2-4-9-002-E", True), ("QSA", True), ("PLP1-M-2-4-9-002-F", False), ("PUP1-Q", False), (None, False)],
)
def test_a_quasar_is_known_by_its_part_number(part_number: Json, *, bidirectional: bool) -> None:
    """The cloud has no flag for it."""
    assert is_bidirectional(with_config(part_number=part_number)) is bidirectional


@pytest.mark.parametrize(
    ("document", "wished", "sent"),
    [(FULL, "6", 6), (FULL, 32, 32), (QUASAR, -32, -32), (QUASAR, "-6", -6), (QUASAR, 6, 6)],
)
def test_current_is_written(document: Document, wished: Json, sent: int) -> None:
    """A whole number of amperes; a negative one lets the car discharge."""
    body: dict[str, Json] = {"maxChargingCurrent": sent}
    written = request("current_limit", wished, document)
    assert written == Request(method="PUT", path=f"v2/charger/{CHARGER}", body=body)
    assert isinstance(body["maxChargingCurrent"], int)


@pytest.mark.parametrize(
    ("document", "wished", "code"),
    [
        (FULL, 5, Code.OUT_OF_RANGE),
        (FULL, -6, Code.OUT_OF_RANGE),
        (FULL, 33, Code.OUT_OF_RANGE),
        (FULL, 6.5, Code.INVALID_VALUE),
        (QUASAR, -33, Code.OUT_OF_RANGE),
        (QUASAR, 0, Code.OUT_OF_RANGE),
        (QUASAR, 5, Code.OUT_OF_RANGE),
        (QUASAR, -5, Code.OUT_OF_RANGE),
    ],
)
def test_currents_that_no_charger_takes(document: Document, wished: Json, code: Code) -> None:
    """Also those between -6 and 6 A of a bidirectional one."""
    assert refusal("current_limit", wished, document).code is code


# The lock


def test_lock() -> None:
    """As 0 and 1, which is also how it is read."""
    assert request("locked", "on") == Request(method="PUT", path=f"v2/charger/{CHARGER}", body={"locked": 1})
    assert request("locked", "off").body == {"locked": 0}
    assert value("locked", changed(groups__locked=1)) is True
    assert value("locked", changed(groups__locked=True)) is True


def test_unlocking_is_up_to_the_other_system() -> None:
    """The cloud would take it and nothing would happen; locking is tried."""
    document = changed(with_config(operation_mode="ocpp"), groups__operationMode="ocpp", groups__locked=1)
    error = refusal("locked", "off", document)
    assert (error.code, "OCPP" in error.message) == (Code.WRONG_STATE, True)
    assert request("locked", "on", document).body == {"locked": 1}


# The house


@pytest.mark.parametrize(
    ("icp", "sharing", "limit", "boost"),
    [
        (25, 1, 25, True),
        (-25, 0, 25, False),
        (25, 0, 25, False),
        (0, 0, 0, False),
        (0, 1, 0, True),
        (25, True, 25, True),
    ],
)
def test_limit_of_the_house(icp: int, sharing: Json, limit: int, *, boost: bool) -> None:
    """The limit is kept as a negative number while power boost is off; 0 is none."""
    document = with_config(icp_max_current=icp, home_sharing=sharing)
    assert (value("house_current_limit", document), value("power_boost", document)) == (limit, boost)


@pytest.mark.parametrize(
    ("key", "wished", "icp", "sharing", "body"),
    [
        ("house_current_limit", 30, 25, 1, {"icp_max_current": 30, "home_sharing": 1}),
        ("house_current_limit", 30, -25, 0, {"icp_max_current": -30, "home_sharing": 0}),
        ("house_current_limit", 255, 25, 1, {"icp_max_current": 255, "home_sharing": 1}),
        ("house_current_limit", 0, 25, 1, {"icp_max_current": 0, "home_sharing": 0}),
        ("house_current_limit", 0, -25, 0, {"icp_max_current": 0, "home_sharing": 0}),
        ("power_boost", True, -25, 0, {"icp_max_current": 25, "home_sharing": 1}),
        ("power_boost", False, 25, 1, {"icp_max_current": -25, "home_sharing": 0}),
        ("power_boost", False, 0, 1, {"icp_max_current": 0, "home_sharing": 0}),
    ],
)
def test_the_limit_and_power_boost_are_written_together(
    key: str, wished: Json, icp: int, sharing: int, body: dict[str, Json]
) -> None:
    """With the sign that the API document wants."""
    document = with_config(icp_max_current=icp, home_sharing=sharing)
    assert request(key, wished, document) == Request(method="POST", path=f"chargers/config/{CHARGER}", body=body)


def test_the_limit_of_chargers_that_do_not_tell_of_power_boost() -> None:
    """Is written alone, as the Python module does."""
    document = without("status.config_data.home_sharing", "config.home_sharing")
    assert "power_boost" not in rows(document)
    assert request("house_current_limit", 30, document).body == {"icp_max_current": 30}


def test_power_boost_needs_a_limit() -> None:
    """The sentence says where to set it."""
    error = refusal("power_boost", "on", with_config(icp_max_current=0, home_sharing=0))
    assert (error.code, "house_current_limit" in error.message) == (Code.WRONG_STATE, True)


@pytest.mark.parametrize("wished", [-1, 256, "-25"])
def test_limits_outside_what_the_app_takes(wished: Json) -> None:
    """The sign is not the user's business."""
    assert refusal("house_current_limit", wished, FULL).code is Code.OUT_OF_RANGE


@pytest.mark.parametrize(
    "document",
    [
        only("groups"),
        with_config(icp_max_current=None),
        with_config(plan={"plan_name": "Basic", "features": ["DEFAULT_FEATURE"]}),
    ],
)
def test_chargers_without_power_boost(document: Document) -> None:
    """No limit of the house, and none that could be switched on."""
    assert not {"house_current_limit", "power_boost"} & set(rows(document))


def test_features_that_are_not_told_forbid_nothing() -> None:
    """The charger may have power boost all the same."""
    document = with_config(plan=None)
    assert {"house_current_limit", "power_boost"} <= set(rows(document))


# Firmware


@pytest.mark.parametrize(
    ("document", "firmware"),
    [
        (FULL, Firmware("5.17.59", "6.7.36")),
        (changed(groups__software=None), Firmware("5.17.59", "6.7.36")),
        (only("record"), Firmware("5.17.59", None)),
        (changed(only("record"), groups={"software": {"latestVersion": "6.7.36"}}), Firmware("5.17.59", "6.7.36")),
    ],
)
def test_firmware(document: Document, firmware: Firmware) -> None:
    """Installed, and on offer."""
    assert value("firmware", document) == firmware


# All of them


def settable() -> list[str]:
    """Return the keys of what can be set on a full document."""
    return [key for key, binding in rows().items() if binding.write is not None]


def test_what_can_be_set() -> None:
    """And nothing else; vendor keys have their own test."""
    assert settable() == [
        *("charging_enabled", "charge_mode", "current_limit", "locked", "energy_price", "house_current_limit"),
        "power_boost",
    ]


@pytest.mark.parametrize("key", settable())
def test_without_the_number_of_the_charger_nothing_is_written(key: str) -> None:
    """The core refuses the command then."""
    binding: Binding[Any] = rows()[key]
    document = without("groups.id", "status.config_data.charger_id", "record.id", "config.charger_id")
    assert binding.write is not None
    with pytest.raises(LookupError):
        binding.write("eco" if key == "charge_mode" else 16, document)
