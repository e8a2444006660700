"""The pretend charger's energy: ramps, limits, sun, house, and the way back out of the car."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.simulators.wallbox import StatusId
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.bench import after, make, written
from tests.simulators.wallbox.client import NOW


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
