"""The go-e table: from the keys to the catalogue's values, and from wished values to the wire."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger.binding import Binding, Request, capability, read_all
from bridge.charger.values import Firmware, Json, Value
from bridge.vendors.goe.bindings import ACTIONS
from tests.vendors.goe.documents import GEMINI, ORIGINAL_KEYS, changed, failure, rows, value

CHARGING: dict[str, Value] = {
    "status": "charging",
    "status_reason": None,
    "status_raw": "2",
    "error_code": None,
    "error_text": None,
    "charging_enabled": True,
    "charge_override": "auto",
    "charge_mode": "standard",
    "current_limit": 16,
    "current_offered": 16,
    "limit_reason": "setting",
    "phase_mode": "three",
    "phases_active": 3,
    "cable_locked": True,
    "power": 10459.25,
    "voltage_l1": 227,
    "voltage_l2": 228,
    "voltage_l3": 229,
    "current_l1": 15.3,
    "current_l2": 15.4,
    "current_l3": 15.5,
    "power_l1": 3484.5,
    "power_l2": 3471.4,
    "power_l3": 3503.1,
    "power_factor_l1": 100,
    "power_factor_l2": 99.8,
    "power_factor_l3": 99.9,
    "frequency": 49.987,
    "temperature": 28.125,
    "wifi_rssi": -61,
    "session_energy": 12.345678,
    "total_energy": 1234.567,
    "session_energy_limit": 0,
    "session_card": None,
    "led_brightness": 100,
    "firmware": Firmware("055.5", "056.1"),
}


def test_a_charging_gemini() -> None:
    """Every row of the table, with units converted: Wh to kWh, 0 to 255 to %."""
    reading = read_all(rows(GEMINI).values(), GEMINI)
    assert reading.failures == {}
    assert reading.values == CHARGING


def test_a_charger_of_the_original_document() -> None:
    """It has no `nrg`, so the average of 30 s is the power; what it does not have is absent."""
    document = {key: known for key, known in {**GEMINI, "etop": 1_234_000}.items() if key in ORIGINAL_KEYS}
    found = read_all(rows(document).values(), document)
    assert found.failures == {}
    later = {"temperature", "frequency", "cable_locked"}
    phases = {f"{what}_l{n}" for what in ("voltage", "current", "power", "power_factor") for n in (1, 2, 3)}
    assert set(CHARGING) - set(found.values) == later | phases
    assert found.values["power"] == 10_400.1


@pytest.mark.parametrize("key", ["car", "err", "alw", "frc", "lmo", "amp", "psm", "nrg", "wh", "trx", "lbr", "fwv"])
def test_a_missing_key_costs_its_own_rows(key: str) -> None:
    """They are not supported; everything else is read."""
    document = changed(key)
    found = read_all(rows(document).values(), document)
    assert found.failures == {}
    assert 0 < len(set(CHARGING) - set(found.values)) <= 13


@pytest.mark.parametrize("key", sorted(set(GEMINI) - {"sse", "typ", "fna"}))
@pytest.mark.parametrize("nonsense", [None, "x", [], {}, [None], True, -1, 1e300, 10**400, 1.5, "", [["a"]]], ids=repr)
def test_nonsense_never_stops_the_reading(key: str, nonsense: Json) -> None:
    """Whatever one key has, at most its own rows fail, and what is read can be published."""
    document = changed(**{key: nonsense})
    supported = rows(document)
    reading = read_all(supported.values(), document)
    assert len(reading.failures) <= 13
    for name, found in reading.values.items():
        if found is not None:
            type_ = supported[name].property.type
            type_.json(found)
            assert isinstance(type_.text(found), str)
    for binding in supported.values():
        capability(binding, document)


# Control


@pytest.mark.parametrize(
    ("force", "allowed", "enabled", "override"),
    [
        (0, True, True, "auto"),
        (0, False, False, "auto"),
        (1, True, False, "off"),
        (1, False, False, "off"),
        (2, True, True, "on"),
        (2, False, True, "on"),
    ],
)
def test_charging_enabled_and_override(*, force: int, allowed: bool, enabled: bool, override: str) -> None:
    """On is `frc` 2, off is `frc` 1; in neutral it is what the charger decided."""
    document = changed(frc=force, alw=allowed)
    assert value("charging_enabled", document) is enabled
    assert value("charge_override", document) == override


@pytest.mark.parametrize(
    ("key", "wire", "words"),
    [
        ("charge_mode", "lmo", {3: "standard", 4: "eco", 5: "next_trip"}),
        ("charge_override", "frc", {0: "auto", 1: "off", 2: "on"}),
        ("phase_mode", "psm", {0: "auto", 1: "single", 2: "three"}),
    ],
)
def test_codes_and_words(key: str, wire: str, words: dict[int, str]) -> None:
    """Both ways; the words are all that can be chosen, and a code without a word is unknown."""
    for code, word in words.items():
        assert value(key, changed(**{wire: code})) == word
        assert written(key, word) == Request(method="GET", path="/api/set", query=((wire, str(code)),))
    assert set(capability(rows(GEMINI)[key], GEMINI).options) == set(words.values())
    assert failure(key, changed(**{wire: 9})) == f"ValueError: {wire} 9 is not in the vendor's list"


def written(key: str, wish: Value, document: dict[str, Json] | None = None) -> Request:
    """Return the request that a wish becomes."""
    write = rows(GEMINI)[key].write
    assert write is not None
    return write(wish, document or GEMINI)


@pytest.mark.parametrize(
    ("key", "wish", "wire"),
    [
        ("charging_enabled", True, ("frc", "2")),
        ("charging_enabled", False, ("frc", "1")),
        ("current_limit", 6, ("amp", "6")),
        ("current_limit", 13.0, ("amp", "13")),
        ("session_energy_limit", 0, ("dwo", "null")),
        ("session_energy_limit", 0.0, ("dwo", "null")),
        ("session_energy_limit", 12.5, ("dwo", "12500")),
        ("session_energy_limit", 0.001, ("dwo", "1")),
        ("session_energy_limit", 1.1, ("dwo", "1100")),
        ("session_energy_limit", 1000, ("dwo", "1000000")),
        ("led_brightness", 0, ("lbr", "0")),
        ("led_brightness", 50, ("lbr", "128")),
        ("led_brightness", 100, ("lbr", "255")),
    ],
)
def test_what_a_wish_becomes_on_the_wire(key: str, wish: Value, wire: tuple[str, str]) -> None:
    """One key with a JSON literal; whole amperes, Wh, 0 to 255; no limit is null."""
    assert written(key, wish) == Request(method="GET", path="/api/set", query=(wire,))


def test_only_these_can_be_set() -> None:
    """Everything else is a reading here."""
    settable = {key for key, binding in rows(GEMINI).items() if binding.write is not None}
    assert settable == {
        "charging_enabled",
        "charge_override",
        "charge_mode",
        "current_limit",
        "phase_mode",
        "session_energy_limit",
        "led_brightness",
    }


@pytest.mark.parametrize("percent", range(101))
def test_brightness_survives_the_way_there_and_back(percent: int) -> None:
    """No step of 1 % is lost in 256 steps."""
    ((_, raw),) = written("led_brightness", percent).query
    assert value("led_brightness", changed(lbr=int(raw))) == percent


def test_restart() -> None:
    """`rst` true, and a lost connection is what success looks like."""
    (restart,) = ACTIONS
    assert restart.key == "restart"
    assert not restart.needs_allow
    wanted = Request(method="GET", path="/api/set", query=(("rst", "true"),), drops_connection=True)
    assert restart.request(GEMINI) == wanted


def test_nothing_else_drops_the_connection() -> None:
    """A write whose answer is lost is in doubt."""
    assert not written("current_limit", 6).drops_connection


# Limits


@pytest.mark.parametrize(
    ("keys", "lowest", "highest"),
    [
        ({}, 6, 32),
        ({"var": 11}, 6, 16),
        ({"var": 22}, 6, 32),
        ({"var": None}, 6, 32),
        ({"ama": 20}, 6, 20),
        ({"ama": None}, 6, 32),
        ({"cbl": 13}, 6, 13),
        ({"cbl": None}, 6, 32),
        ({"cbl": 0}, 6, 32),
        ({"mca": 10}, 10, 32),
        ({"mca": None}, 6, 32),
        ({"mca": 0}, 6, 32),
        ({"var": 11, "ama": 20, "cbl": 13}, 6, 13),
        ({"ama": 8, "mca": 10}, 8, 8),
        ({"ama": 64}, 6, 32),
    ],
)
def test_the_bounds_of_the_current_are_live(keys: dict[str, Json], lowest: int, highest: int) -> None:
    """The smallest of rating, installation and cable; what is not known does not limit."""
    document = changed(**keys)
    bounds = capability(rows(document)["current_limit"], document).bounds
    assert bounds is not None
    assert (bounds.minimum, bounds.maximum, bounds.step) == (lowest, highest, 1)


def test_without_any_of_the_keys_the_bounds_are_those_of_the_standard() -> None:
    """CORE has no `cbl`; the original document has neither `mca` nor `var`."""
    document = changed("ama", "mca", "cbl", "var")
    bounds = capability(rows(document)["current_limit"], document).bounds
    assert bounds is not None
    assert (bounds.minimum, bounds.maximum) == (6, 32)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({}, "setting"),
        ({"amp": 32}, "setting"),
        ({"amp": 32, "ama": 20}, "installation"),
        ({"amp": 32, "cbl": 13}, "cable"),
        ({"amp": 32, "var": 11}, "hardware"),
        ({"amp": 32, "amt": 10}, "temperature"),
        ({"amp": 32, "amt": None, "cbl": None, "ama": None, "var": None}, "setting"),
        ({"amp": 13, "cbl": 13}, "setting"),
    ],
)
def test_what_limits_the_current(keys: dict[str, Json], reason: str) -> None:
    """The smallest limit; the setting, where others are the same."""
    assert value("limit_reason", changed(**keys)) == reason


# Measurements

OF_NRG = [key for key in CHARGING if key == "power" or key.endswith(("_l1", "_l2", "_l3"))]


@pytest.mark.parametrize(
    "nrg", [None, [], [1] * 15, [1] * 17, "text", {}, 0, [None] * 16, ["x"] * 16, [True] * 16, [[]] * 16, [1e999] * 16]
)
def test_measurements_that_are_none(nrg: Json) -> None:
    """All unknown, and nothing else is."""
    document = changed(nrg=nrg)
    reading = read_all(rows(document).values(), document)
    assert set(reading.failures) == set(OF_NRG)
    assert len(OF_NRG) == 13


def test_one_measurement_that_is_none() -> None:
    """The others are read."""
    nrg: list[Json] = [*range(16)]
    nrg[7] = "n/a"
    document = changed(nrg=nrg)
    reading = read_all(rows(document).values(), document)
    assert set(reading.failures) == {"power_l1"}
    assert (reading.values["power_l2"], reading.values["power"]) == (8, 11)


def test_measurements_in_strings_are_read() -> None:
    """As the first API had them."""
    assert value("power", changed(nrg=[str(number) for number in range(16)])) == 11


@pytest.mark.parametrize(
    ("tma", "degrees"),
    [
        ([24.125, 28.125], 28.125),
        ([28.125, 24.125], 28.125),
        ([24], 24),
        ([-16843.01, 24.125], 24.125),
        ([24.125, -16843.01], 24.125),
        ([24.125, "nan"], 24.125),
        ([None, 24.125], 24.125),
        ([True, False], None),
        ([0, 0, 0, 0, 23.5, 31.25], 31.25),
        ([99, 99, 20, 21, 22, 23], 23),
        ([-40, -41], -40),
        ([126, 125], 125),
        ([1e999, 20], 20),
        ([-16843.01], None),
        ([], None),
    ],
    ids=str,
)
def test_temperature(tma: Json, degrees: float | None) -> None:
    """The warmest sensor that can be true; the first two of six measure nothing."""
    assert value("temperature", changed(tma=tma)) == degrees


@pytest.mark.parametrize("tma", [None, 24.5, "24.5", {"a": 1}])
def test_a_temperature_in_another_form(tma: Json) -> None:
    """Unknown."""
    assert failure("temperature", changed(tma=tma)).startswith("TypeError")


@pytest.mark.parametrize(
    ("key", "wire", "raw", "wanted"),
    [
        ("current_offered", "acu", 13, 13),
        ("current_offered", "acu", None, None),
        ("frequency", "fhz", 50.01, 50.01),
        ("frequency", "fhz", 0, None),
        ("frequency", "fhz", None, None),
        ("wifi_rssi", "rssi", -71, -71),
        ("wifi_rssi", "rssi", None, None),
        ("phases_active", "pha", None, None),
        ("phases_active", "pha", [False] * 3 + [True] * 3, 0),
        ("phases_active", "pha", [True, False, False, True, True, True], 1),
        ("phases_active", "pha", [True, True, True, False, False, False], 3),
        ("phases_active", "pha", [1, 1, 0, 1, 1, 1], 2),
        ("cable_locked", "cus", 0, None),
        ("cable_locked", "cus", 1, False),
        ("cable_locked", "cus", 2, True),
        ("cable_locked", "cus", 3, True),
        ("cable_locked", "cus", 4, False),
        ("cable_locked", "cus", 5, None),
        ("cable_locked", "cus", 9, None),
        ("led_brightness", "lbr", 0, 0),
        ("led_brightness", "lbr", 1, 0),
        ("led_brightness", "lbr", 127, 50),
        ("session_energy", "wh", 0, 0),
        ("session_energy", "wh", 1.5, 0.0015),
        ("total_energy", "eto", 0, 0),
        ("total_energy", "eto", None, None),
        ("total_energy", "eto", 10**9, 10**6),
        ("session_energy_limit", "dwo", None, 0),
        ("session_energy_limit", "dwo", 0, 0),
        ("session_energy_limit", "dwo", 3.14, 0.00314),
        ("session_energy_limit", "dwo", 20_000, 20),
    ],
)
def test_one_key_one_value(key: str, wire: str, raw: Json, wanted: Value) -> None:
    """Null is unknown, or off for the energy limit; 0 Hz is unknown too."""
    assert value(key, changed(**{wire: raw})) == wanted


@pytest.mark.parametrize(
    ("key", "wire"),
    [("session_energy", "wh"), ("current_limit", "amp"), ("cable_locked", "cus"), ("led_brightness", "lbr")],
)
def test_null_where_the_documents_do_not_allow_it(key: str, wire: str) -> None:
    """Unknown, never 0, and worth a line in the log."""
    document = changed(**{wire: None})
    assert read_all([rows(document)[key]], document).values == {key: None}
    assert failure(key, document).startswith("TypeError")


def test_the_persisted_total_is_the_second_choice() -> None:
    """`etop` lags behind `eto`, and is better than nothing."""
    assert value("total_energy", changed(etop=1_000)) == 1234.567
    assert value("total_energy", changed("eto", etop=1_000)) == 1
    assert "total_energy" not in rows(changed("eto"))


# Cards

FLAT: dict[str, Json] = {f"c{number}n": f"flat {number}" for number in range(10)}


@pytest.mark.parametrize(
    ("transaction", "name"), [(None, None), (0, None), (1, "card 0"), (2, "card 1"), (10, "card 9")]
)
def test_the_card_by_its_name(transaction: Json, name: str | None) -> None:
    """Card index + 1; 0 is a session without a card; the name is what a person gave it."""
    assert value("session_card", changed(trx=transaction)) == name


@pytest.mark.parametrize(("transaction", "name"), [(None, None), (0, None), (1, "flat 0"), (10, "flat 9")])
def test_the_card_where_cards_are_keys_of_their_own(transaction: Json, name: str | None) -> None:
    """Firmware 60.0 to 60.2 have no `cards`."""
    assert value("session_card", {**changed("cards", trx=transaction), **FLAT}) == name


def test_where_both_forms_are_there_the_list_counts() -> None:
    """From 60.3 on; both say the same."""
    assert value("session_card", {**changed(trx=1), **FLAT}) == "card 0"


@pytest.mark.parametrize(
    "document",
    [
        changed(trx=11),
        changed(trx=200),
        changed("cards", trx=1),
        changed(trx=1, cards=None),
        changed(trx=1, cards=[{}]),
        changed(trx=1, cards=[{"name": None}]),
        changed(trx="x"),
        {**changed("cards", trx=11), **FLAT},
    ],
)
def test_a_card_that_is_not_in_the_answer(document: dict[str, Json]) -> None:
    """Unknown; the id is never shown instead."""
    assert failure("session_card", document)


def test_no_row_shows_the_id_of_a_card() -> None:
    """Whatever the charger puts into its list."""
    cards: list[Json] = [{"name": "Anna", "energy": 1, "cardId": True, "rfid": "04a1b2c3"}]
    document = {**changed(trx=1, cards=cards), "c0i": "04a1b2c3", "lri": "04a1b2c3"}
    assert "04a1b2c3" not in repr(read_all(rows(document).values(), document))


# Firmware


@pytest.mark.parametrize(
    ("offered", "latest"),
    [
        (["055.5", "056.1", "V 054.11 OUTDATED"], "056.1"),
        (["056.10", "056.9"], "056.10"),
        (["V 051.9 OUTDATED"], None),
        (["59.4", "060.1", "060.1-beta"], "060.1"),
        ([], None),
        (None, None),
        ("055.5", None),
        ([None, 55, {"a": 1}, "", "."], None),
    ],
)
def test_the_latest_firmware(offered: Json, latest: str | None) -> None:
    """The highest version on offer; those with a remark do not count, and without a list it is unknown."""
    assert value("firmware", changed(ocu=offered)) == Firmware("055.5", latest)


def test_firmware_without_a_list() -> None:
    """The installed one is known all the same."""
    assert value("firmware", changed("ocu")) == Firmware("055.5", None)


def test_every_row_reads_from_the_document_alone() -> None:
    """Read twice it says the same, and the document is as it was."""
    before = repr(GEMINI)
    table: list[Binding[Any]] = list(rows(GEMINI).values())
    assert read_all(table, GEMINI) == read_all(table, GEMINI)
    assert repr(GEMINI) == before
