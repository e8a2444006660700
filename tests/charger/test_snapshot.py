"""What follows from a vendor's values, where the vendor does not say it itself."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger import properties as p
from bridge.charger.binding import Capability
from bridge.charger.property import Bounds
from bridge.charger.snapshot import complete
from bridge.charger.status import Status
from bridge.charger.values import Value


def completed(values: dict[str, Value], capabilities: dict[str, Capability] | None = None) -> dict[str, Value]:
    """Return the values with what follows from them."""
    found = dict(values)
    complete(found, capabilities or {})
    return found


@pytest.mark.parametrize(
    ("status", "letter", "plugged", "charging", "problem"),
    [
        ("disconnected", "A", False, False, False),
        ("connected", "B", True, False, False),
        ("finished", "B", True, False, False),
        ("charging", "C", True, True, False),
        ("discharging", "C", True, False, False),
        ("unavailable", "F", None, False, False),
        ("error", "E", None, False, True),
        ("offline", None, None, False, False),
        (None, None, None, None, None),
    ],
)
def test_what_follows_from_the_status(
    status: str | None, letter: str | None, plugged: Value, charging: Value, problem: Value
) -> None:
    """Letter, plug, charging and problem; an unknown status makes all of them unknown."""
    assert completed({"status": status}) == {
        "status": status,
        "iec61851": letter,
        "vehicle_connected": plugged,
        "charging": charging,
        "problem": problem,
    }


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_completed(status: Status) -> None:
    """Whatever a vendor reports out of the list."""
    found = completed({"status": status})
    assert found["charging"] is (status is Status.CHARGING)
    assert found["problem"] is (status is Status.ERROR)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"status": "connected", "error_code": "3"}, True),
        ({"status": None, "error_code": "3"}, True),
        ({"status": "connected", "error_code": None}, False),
        ({"status": None, "error_code": None}, None),
        ({"status": "error", "error_code": None}, True),
        ({"error_code": None}, None),
        ({}, None),
    ],
)
def test_a_problem_is_an_error_status_or_an_error_code(values: dict[str, Value], problem: Value) -> None:
    """Neither known: unknown, and not false."""
    assert completed(values)["problem"] is problem


@pytest.mark.parametrize(
    ("key", "value"), [("iec61851", "D"), ("vehicle_connected", False), ("charging", True), ("problem", None)]
)
def test_what_the_vendor_says_itself_stays(key: str, value: Value) -> None:
    """It knows better, also that it does not know."""
    assert completed({"status": "connected", key: value})[key] == value


def limited(**options: Any) -> dict[str, Capability]:
    """Return the capability of the current limit."""
    return {"current_limit": Capability(property=p.CURRENT_LIMIT, settable=True, **options)}


def test_live_limits_become_readings() -> None:
    """The same bounds that commands are checked against."""
    found = completed({"current_limit": 16}, limited(bounds=Bounds(minimum=6, maximum=20, step=1)))
    assert (found["current_limit_min"], found["current_limit_max"]) == (6, 20)


def test_a_vendors_own_limits_stay() -> None:
    """They are not written over."""
    capabilities = limited(bounds=Bounds(minimum=6, maximum=20, step=1))
    found = completed({"current_limit_min": 8, "current_limit_max": None}, capabilities)
    assert (found["current_limit_min"], found["current_limit_max"]) == (8, None)


@pytest.mark.parametrize("capabilities", [{}, limited()])
def test_without_bounds_there_are_no_limits(capabilities: dict[str, Capability]) -> None:
    """Absent, not null: nobody supports them."""
    assert not {"current_limit_min", "current_limit_max"} & set(completed({"status": "connected"}, capabilities))
