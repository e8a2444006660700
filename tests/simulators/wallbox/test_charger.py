"""The pretend charger's statuses, orders, schedules and reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.simulators.wallbox import StatusId
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.bench import SETTLED_S, after, make, schedule, written
from tests.simulators.wallbox.client import NOW


@pytest.mark.parametrize("status", StatusId)
def test_every_status_can_be_held(clock: FakeClock, status: StatusId) -> None:
    """By name and by number, with a car and without; energy flows in the statuses that say so."""
    charger = make(clock)
    charger.hold(status.name.lower().replace("_", " "))
    assert charger.status == status
    charger.plug()
    after(charger, clock, 30)
    assert charger.status == status
    assert (charger.report.power_w > 0) == (status in {193, 194, 195})
    charger.hold(None)
    assert after(charger, clock, 10) == StatusId.CHARGING
    charger.hold(status.value)
    assert charger.status == status


def test_names_of_statuses() -> None:
    """All 28 of the documents, and two that one client knows; others are refused with the list."""
    assert len(StatusId) == 30
    charger = make(FakeClock())
    charger.hold(200)
    assert charger.status == 200
    with pytest.raises(ValueError, match="no status 'sleeping'; there are: disconnected"):
        charger.hold("sleeping")


def test_locking(clock: FakeClock) -> None:
    """It stops a car, and shows whether there is one."""
    charger = make(clock)
    assert written(charger, clock, "locked", 1) == StatusId.LOCKED
    charger.plug()
    assert after(charger, clock, 60) == StatusId.LOCKED_CAR
    assert charger.report.energy_wh == 0
    assert written(charger, clock, "locked", 0) == StatusId.WAITING_FOR_CAR
    assert after(charger, clock, 5) == StatusId.CHARGING


def test_pause_and_resume(clock: FakeClock) -> None:
    """Both take the time to settle; another car begins without an order."""
    charger = make(clock)
    charger.plug()
    after(charger, clock, 10)
    charger.write("action", 2)
    assert charger.status == StatusId.CHARGING
    assert after(charger, clock, SETTLED_S) == StatusId.PAUSED_BY_USER
    assert charger.report.power_w == 0
    written(charger, clock, "action", 1)
    assert after(charger, clock, 5) == StatusId.CHARGING
    written(charger, clock, "action", 2)
    charger.plug()
    assert after(charger, clock, 10) == StatusId.CHARGING


def test_schedules_decide_when(clock: FakeClock) -> None:
    """Before its time a car waits; after it as well, but shows another number; an order overrides that."""
    charger = make(clock)
    written(charger, clock, "schedules", [schedule("1100", "1200")])
    charger.plug(capacity_kwh=100)
    assert after(charger, clock, 10) == StatusId.SCHEDULED
    assert after(charger, clock, 3_660) == StatusId.CHARGING
    assert after(charger, clock, 3_600) == StatusId.SCHEDULED_AGAIN
    written(charger, clock, "action", 1)
    assert after(charger, clock, 10) == StatusId.CHARGING
    assert written(charger, clock, "action", 2) == StatusId.PAUSED_BY_USER
    assert written(charger, clock, "action", 9) == StatusId.SCHEDULED_AGAIN


@pytest.mark.parametrize(
    ("at", "entry", "expected"),
    [
        ("2026-11-20T23:30", schedule("2300", "0500"), True),
        ("2026-11-20T04:59", schedule("2300", "0500"), True),
        ("2026-11-20T05:00", schedule("2300", "0500"), False),
        ("2026-11-21T01:00", schedule("2300", "0500", days=("friday",)), True),
        ("2026-11-20T01:00", schedule("2300", "0500", days=("friday",)), False),
        ("2026-11-20T10:00", schedule("0900", "1100", days=("friday",)), True),
        ("2026-11-19T10:00", schedule("0900", "1100", days=("friday",)), False),
        ("2026-11-20T10:00", schedule("0900", "1100", enable=False), None),
    ],
)
def test_windows(clock: FakeClock, at: str, entry: dict[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    """Over midnight the day is the one on which it begins; what is disabled decides nothing."""
    charger = make(clock)
    written(charger, clock, "schedules", [entry])
    assert charger.schedules.in_window(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) is expected


def test_restarting(clock: FakeClock) -> None:
    """Ready for 10 s, away for 90 s, then as before; nothing is charged meanwhile."""
    charger = make(clock)
    charger.plug()
    after(charger, clock, 60)
    assert written(charger, clock, "action", 3) == StatusId.READY
    energy = charger.report.energy_wh
    assert after(charger, clock, 9.9) == StatusId.READY
    assert after(charger, clock, 0.2) == StatusId.DISCONNECTED
    assert charger.away
    last = charger.report.at
    assert after(charger, clock, 89) == StatusId.DISCONNECTED
    assert charger.report.at == last
    assert after(charger, clock, 1) == StatusId.WAITING_FOR_CAR_AGAIN
    assert charger.report.energy_wh == energy
    assert after(charger, clock, 5) == StatusId.CHARGING


def test_updating(clock: FakeClock) -> None:
    """It takes a while and then has the new firmware; without a new one nothing happens."""
    charger = make(clock, latest_version="6.7.36")
    assert written(charger, clock, "action", 5) == StatusId.UPDATING
    assert after(charger, clock, 60) == StatusId.READY
    assert charger.config.version == "6.7.36"
    assert written(charger, clock, "action", 5) == StatusId.READY


def test_factory_reset(clock: FakeClock) -> None:
    """What users set is gone."""
    charger = make(clock, icp_max_current=20, home_sharing=True)
    written(charger, clock, "name", "Garage")
    written(charger, clock, "schedules", [schedule("0900", "1100")])
    written(charger, clock, "max_charging_current", 10)
    written(charger, clock, "action", 4)
    assert after(charger, clock, 100) == StatusId.READY
    names = ("name", "max_charging_current", "icp_max_current", "home_sharing")
    assert [charger.config[name] for name in names] == ["PulsarPlus SN 234567", 32, 0, 0]
    assert charger.schedules.shown == []


def test_reports_come_now_and_then(clock: FakeClock) -> None:
    """Every 30 s while energy flows and every 300 s otherwise, and at once when the status changes."""
    charger = make(clock, {"live_refresh_s": 30.0})
    start = NOW.timestamp()
    after(charger, clock, 299)
    assert charger.report.at == start
    after(charger, clock, 302)
    assert charger.report.at == start + 600
    charger.plug()
    assert charger.report.at == start + 601
    after(charger, clock, 20)
    began = charger.report.at
    assert start + 601 < began < start + 610
    assert charger.report.power_w < 3_000, "the first report of charging comes before there is much power"
    after(charger, clock, 95)
    assert charger.report.at == began + 90
    assert charger.report.power_w > 10_000


def test_a_charger_that_loses_the_cloud(clock: FakeClock) -> None:
    """The cloud says so and keeps the last report, while the car charges on."""
    charger = make(clock)
    charger.plug()
    after(charger, clock, 60)
    last = charger.report
    charger.go_offline()
    assert after(charger, clock, 600) == StatusId.DISCONNECTED
    assert charger.report == last
    charger.go_offline(offline=False)
    assert charger.status == StatusId.CHARGING
    assert charger.report.energy_wh > 10 * last.energy_wh


def test_a_report_that_is_stuck(clock: FakeClock) -> None:
    """The cloud shows what was, without a word."""
    charger = make(clock)
    charger.stuck = True
    last = charger.report
    charger.plug()
    assert after(charger, clock, 600) == StatusId.READY
    assert charger.report == last
