"""The pretend charger's state machine: cars, statuses, reports, orders, without any socket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.simulators.wallbox import Charger, ChargerSpec, StatusId
from bridge.simulators.wallbox.schedules import DAYS
from bridge.simulators.wallbox.times import Times
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import NOW

SETTLED_S = 2.0


def make(clock: FakeClock, times: dict[str, Any] | None = None, **spec: Any) -> Charger:
    """A charger that reports whenever somebody looks, unless it is told otherwise."""
    options = {"live_refresh_s": 0.0, **(times or {})}
    return Charger(ChargerSpec(**spec), Times(clock=clock, epoch=NOW.timestamp(), **options), "01OWNER")


def after(charger: Charger, clock: FakeClock, seconds: float) -> int:
    """The status some time later."""
    clock.pass_time(seconds)
    charger.advance()
    return charger.status


def written(charger: Charger, clock: FakeClock, name: str, value: Any) -> int:
    """The status as soon as a write shows."""
    charger.write(name, value)
    return after(charger, clock, SETTLED_S)


def schedule(start: str, stop: str, *, enable: bool = True, days: tuple[str, ...] = DAYS) -> dict[str, Any]:
    """One that takes effect."""
    return {
        "id": 0,
        "enable": enable,
        "start": start,
        "stop": stop,
        "days": {day: day in days for day in DAYS},
        "max_current": 1,
        "created_at": int(NOW.timestamp()) + 1,
    }


def test_a_day(clock: FakeClock) -> None:
    """Ready, waiting for the car, charging with a ramp up and a taper, waiting again, ready; the energy stays."""
    charger = make(clock, past_sessions=0)
    assert charger.status == StatusId.READY
    charger.plug(capacity_kwh=5, max_current=16, phases=3)
    assert charger.status == StatusId.WAITING_FOR_CAR
    powers = []
    for _ in range(8):
        after(charger, clock, 1)
        powers.append(charger.report.power_w)
    assert charger.status == StatusId.CHARGING
    assert powers[0] == 0
    assert powers == sorted(powers[:5]) + powers[5:], "it climbs"
    assert powers[-1] == pytest.approx(3 * 230 * 16, rel=0.01)
    after(charger, clock, 26 * 60)
    assert 0 < charger.report.power_w < 8_000, "it slows down when it is nearly full"
    assert after(charger, clock, 3_600) == StatusId.WAITING_FOR_CAR_AGAIN
    assert charger.report.energy_wh == pytest.approx(5_000)
    charger.unplug()
    assert charger.status == StatusId.READY
    assert charger.report.energy_wh == pytest.approx(5_000)
    (session,) = charger.sessions
    assert session.energy_wh == pytest.approx(5_000)
    assert session.end - session.start == pytest.approx(8 + 26 * 60 + 3_600, abs=1)
    assert session.charged_s < session.end - session.start
    assert session.cost == pytest.approx(5 * 0.24)
    charger.plug()
    assert charger.report.energy_wh == 0


def test_speed(clock: FakeClock) -> None:
    """A faster simulator charges as many kWh sooner; durations are those of the clock."""
    charger = make(clock, {"speed": 100.0})
    charger.plug(capacity_kwh=3)
    assert after(charger, clock, 15) == StatusId.WAITING_FOR_CAR_AGAIN
    assert charger.report.energy_wh == pytest.approx(3_000)
    assert charger.report.plugged_s == 15


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


@pytest.mark.parametrize(("amps", "expected"), [(6, 6), (10, 10), (32, 16)])
def test_the_current_that_is_set(clock: FakeClock, amps: int, expected: int) -> None:
    """The car draws that, or what it can."""
    charger = make(clock)
    charger.plug(max_current=16, phases=3)
    written(charger, clock, "max_charging_current", amps)
    after(charger, clock, 20)
    assert charger.report.power_w == pytest.approx(3 * 230 * expected, rel=0.01)


def test_too_little_current_pauses(clock: FakeClock) -> None:
    """Below 6 A no car charges."""
    charger = make(clock)
    charger.plug()
    assert written(charger, clock, "max_charging_current", 5) == StatusId.PAUSED


@pytest.mark.parametrize(("model", "phases", "expected"), [("Pulsar Plus", 1, 1), ("Pulsar Plus US", 3, 1)])
def test_phases(clock: FakeClock, model: Any, phases: int, expected: int) -> None:
    """As many as both have."""
    charger = make(clock, model=model)
    charger.plug(max_current=16, phases=phases)
    after(charger, clock, 20)
    assert charger.report.phases == expected
    assert charger.report.power_w == pytest.approx(expected * 230 * 16, rel=0.01)


def test_a_car_with_a_mind_of_its_own(clock: FakeClock) -> None:
    """It pauses and goes on, or is full at once."""
    charger = make(clock)
    charger.plug()
    after(charger, clock, 20)
    charger.car_pauses(pausing=True)
    assert after(charger, clock, 1) == StatusId.WAITING_FOR_CAR_AGAIN
    charger.car_pauses(pausing=False)
    assert after(charger, clock, 5) == StatusId.CHARGING
    charger.fill()
    assert after(charger, clock, 1) == StatusId.WAITING_FOR_CAR_AGAIN


def test_discharging(clock: FakeClock) -> None:
    """A negative current takes energy out of the car until it is nearly empty; the charger knows how full it is."""
    charger = make(clock, model="Quasar")
    assert charger.report.charge_level is None
    charger.plug(capacity_kwh=20, max_current=32)
    assert charger.report.charge_level == pytest.approx(0.5)
    written(charger, clock, "max_charging_current", -16)
    assert after(charger, clock, 60) == StatusId.DISCHARGING
    assert charger.report.power_w == pytest.approx(-230 * 16, rel=0.01)
    assert after(charger, clock, 10 * 3_600) == StatusId.WAITING_FOR_CAR_AGAIN
    assert charger.report.charge_level == pytest.approx(0.2, abs=0.01)
    assert charger.report.discharged_wh == pytest.approx(12_000, rel=0.01)
    charger.unplug()
    assert charger.sessions[-1].discharged_s > 0


def test_full_solar_waits_for_the_sun(clock: FakeClock) -> None:
    """It charges with what there is to spare, and all of it is green; an order to charge overrides it."""
    charger = make(clock)
    written(charger, clock, "ecosmart", {"enabled": 1, "mode": 1, "percentage": 100})
    charger.plug(phases=1)
    assert after(charger, clock, 10) == StatusId.QUEUE_ECO_SMART
    charger.surroundings(solar_a=9)
    after(charger, clock, 60)
    assert charger.report.power_w == pytest.approx(230 * 9, rel=0.01)
    assert charger.report.green_wh == pytest.approx(charger.report.energy_wh)
    charger.surroundings(solar_a=0)
    assert after(charger, clock, 1) == StatusId.QUEUE_ECO_SMART
    written(charger, clock, "action", 1)
    assert after(charger, clock, 10) == StatusId.CHARGING
    assert written(charger, clock, "action", 9) == StatusId.QUEUE_ECO_SMART


def test_eco_takes_the_least_from_the_grid(clock: FakeClock) -> None:
    """6 A, and more when the sun gives more; the rest of the energy is from the grid."""
    charger = make(clock)
    charger.plug(phases=1)
    written(charger, clock, "ecosmart", {"enabled": 1, "mode": 0, "percentage": 100})
    charger.surroundings(solar_a=3)
    after(charger, clock, 60)
    assert charger.report.power_w == pytest.approx(230 * 6, rel=0.01)
    charger.surroundings(solar_a=12)
    after(charger, clock, 60)
    assert charger.report.power_w == pytest.approx(230 * 12, rel=0.01)
    assert 0 < charger.report.green_wh < charger.report.energy_wh


def test_power_boost_leaves_the_house_its_share(clock: FakeClock) -> None:
    """The car gets what is left, and waits when that is too little; switched off, it gets what it wants."""
    charger = make(clock, home_sharing=True, icp_max_current=25)
    charger.plug(max_current=16, phases=1)
    charger.surroundings(house_a=15)
    after(charger, clock, 20)
    assert charger.report.power_w == pytest.approx(230 * 10, rel=0.01)
    charger.surroundings(house_a=20)
    assert after(charger, clock, 1) == StatusId.QUEUE_POWER_BOOST
    assert written(charger, clock, "home_sharing", 0) == StatusId.WAITING_FOR_CAR_AGAIN
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
    assert [charger.config[name] for name in names] == ["PulsarPlus SN 123456", 32, 0, 0]
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


def test_a_long_absence_is_caught_up_with_cheaply(clock: FakeClock) -> None:
    """A year without a look takes no noticeable time, and the car is full."""
    charger = make(clock, {"live_refresh_s": 30.0})
    charger.plug(capacity_kwh=40)
    after(charger, clock, 365 * 86_400)
    assert charger.report.energy_wh == pytest.approx(40_000, rel=0.01)
    assert NOW.timestamp() + 365 * 86_400 - charger.report.at <= 300


def test_two_of_a_kind_are_the_same(clock: FakeClock) -> None:
    """Readings depend on number and time alone."""
    first, second = make(clock), make(clock)
    for charger in (first, second):
        charger.plug()
    after(first, clock, 60)
    second.advance()
    assert first.report == second.report
