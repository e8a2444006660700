"""What `docs/vendors/wallbox.md` says is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.vendors.wallbox.actions import ACTIONS
from bridge.vendors.wallbox.bindings import BINDINGS
from bridge.vendors.wallbox.key_table import KEYS, WITHHELD
from bridge.vendors.wallbox.keys import bindings
from bridge.vendors.wallbox.status import STATES

PAGE = (Path(__file__).parents[3] / "docs" / "vendors" / "wallbox.md").read_text(encoding="utf-8")

METHODS = (
    *("authenticate", "getChargersList", "getChargerStatus", "unlockCharger", "lockCharger", "setMaxChargingCurrent"),
    *("pauseChargingSession", "resumeChargingSession", "resumeSchedule", "getSessionList", "setEnergyCost"),
    *("restartCharger", "setIcpMaxCurrent", "getChargerSchedules", "setChargerSchedules", "updateFirmware"),
    *("enableEcoSmart", "disableEcoSmart"),
)

OF_API_DOCUMENT = (
    *("auth/token/user", "v2/charger/", "v3/chargers/", "v4/chargers/", "chargers/status/", "chargers/config/"),
    *("/remote-action", "/eco-smart", "locked", "maxChargingCurrent", "energy_price", "currency_id"),
    *("max_charging_current", "home_sharing", "icp_max_current", "percentage", "enabled", "mode"),
)


def section(title: str) -> list[list[str]]:
    """Return the cells of the tables below a heading, row by row."""
    (_, _, rest) = PAGE.partition(f"# {title}\n")
    lines = rest.partition("\n#")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def named(cells: str) -> set[str]:
    """Return what stands in back quotes."""
    return set(re.findall(r"`([^`]+)`", cells))


def test_every_property_has_a_row() -> None:
    """And no other; those that follow from the bounds are there as well."""
    told = {key for row in section("Properties")[2:] for key in named(row[0])}
    assert told == {row.property.key for row in BINDINGS} | {"current_limit_min", "current_limit_max"}


def test_every_status_number_has_a_row() -> None:
    """With the status, the reason and what it means for charging."""
    told: dict[int, list[str]] = {}
    for numbers, _, *meaning in section("Status")[2:]:
        told |= {int(number): [cell.strip("`") for cell in meaning] for number in re.findall(r"\d+", numbers)}
    words = {True: "true", False: "false", None: "unknown"}
    assert told == {
        number: [state.status.value, state.reason or "", words[state.enabled]] for number, state in STATES.items()
    }


def test_every_vendor_key_has_its_row() -> None:
    """Name, type, unit, fields, whether it can be set, and whether it is read without being asked for."""
    told = [tuple(row) for row in section("The vendor's own keys")[2:]]
    wanted = []
    for key, binding in zip(KEYS, bindings(KEYS), strict=True):
        row, usual = binding.property, "**" if key.usual else ""
        places = [place.replace("status.config_data.", "config_data.") for place in key.field.places]
        fields = ", ".join(f"`{place}`" for place in places if not place.startswith("config."))
        bounds = "yes" if row.bounds is None else f"{row.bounds.minimum:g} to {row.bounds.maximum:g}"
        type_ = f"{row.type.name}, {row.unit}" if row.unit else row.type.name
        wanted.append((f"{usual}`{key.key}`{usual}", key.name, type_, fields, bounds if binding.write else ""))
    assert told == wanted


def test_everything_that_is_withheld_is_named() -> None:
    """With a reason."""
    told = {key for row in section("Never published")[2:] for key in named(row[0])}
    assert {place.rpartition(".")[2] for place in WITHHELD} <= told


def test_every_button_has_a_row() -> None:
    """By its name in the topics."""
    assert {key for row in section("Actions")[2:] for key in named(row[0])} == {action.key for action in ACTIONS}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_module_has_a_row(method: str) -> None:
    """Saying which topic does it."""
    rows = [row for row in section("The Python module, method by method") if f"`{method}(" in row[0]]
    assert len(rows) == 1
    assert rows[0][1]


@pytest.mark.parametrize("name", OF_API_DOCUMENT)
def test_everything_of_the_api_document_has_a_row(name: str) -> None:
    """Endpoints, and the keys that are written."""
    rows = [row for row in section("The API document, line by line") if name in row[0]]
    assert rows
    assert all(row[1] for row in rows)
