"""The pretend go-e's state machine: cars, permission, current, energy."""

from __future__ import annotations

import pytest

from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.wire import JsonValue
from tests.simulators.fake_clock import FakeClock

IDLE, CHARGING, WAITING, COMPLETE, ERROR = 1, 2, 3, 4, 5


def set_keys(device: GoeDevice, clock: FakeClock, **values: str) -> None:
    """Write values and wait until they are in effect."""
    for name, raw in values.items():
        device.write(name, raw)
    clock.pass_time(device.visible_after_s)


def number(value: JsonValue) -> float:
    """The value, which has to be a number."""
    assert isinstance(value, int | float)
    assert not isinstance(value, bool)
    return value


def total_power(device: GoeDevice) -> float:
    """Element 11 of `nrg`, W."""
    return number(nrg(device)[11])


def nrg(device: GoeDevice) -> list[JsonValue]:
    """All 16 readings."""
    readings = device.status(["nrg"])["nrg"]
    assert isinstance(readings, list)
    assert len(readings) == 16
    return readings


def charging_device(clock: FakeClock) -> GoeDevice:
    """A charger with a car that has been charging for a minute."""
    device = GoeDevice(clock=clock)
    device.plug(capacity_kwh=40)
    clock.pass_time(60)
    assert device.status(["car"]) == {"car": CHARGING}
    return device


def test_without_a_car_it_is_idle_and_would_charge(device: GoeDevice) -> None:
    """As recorded from a unit with firmware 055.5: idle, allowed, and everything about a car empty."""
    assert device.status(["car", "alw", "acu", "modelStatus", "trx", "cbl", "wh", "cus", "frc", "err", "pha"]) == {
        "car": IDLE,
        "alw": True,
        "acu": 16,
        "modelStatus": 15,
        "trx": None,
        "cbl": None,
        "wh": 0,
        "cus": 1,
        "frc": 0,
        "err": 0,
        "pha": [False, False, False, True, True, True],
    }
    assert nrg(device)[4:] == [0] * 12


def test_a_car_waits_for_a_moment_and_then_charges(device: GoeDevice, clock: FakeClock) -> None:
    """Plugged in, the car is waited for; then the current climbs over a few seconds to what is offered."""
    device.plug(capacity_kwh=40, max_current=16)
    assert device.status(["car", "trx", "cbl", "cus", "wh"]) == {"car": WAITING, "trx": 0, "cbl": 32, "cus": 3, "wh": 0}

    powers = []
    for _ in range(10):
        clock.pass_time(1)
        powers.append(total_power(device))
    assert device.status(["car", "modelStatus", "acu"]) == {"car": CHARGING, "modelStatus": 15, "acu": 16}
    assert powers[0] == 0
    assert len({round(power, -3) for power in powers}) > 3, "a ramp, not a jump"
    assert powers[-1] == pytest.approx(3 * 230 * 16, rel=0.03)
    assert device.status(["pha"]) == {"pha": [True] * 6}


def test_the_readings_fit_together(clock: FakeClock) -> None:
    """Power is voltage times current on each phase, and the total is the sum."""
    device = charging_device(clock)
    values = [number(value) for value in nrg(device)]
    for phase in range(3):
        assert values[7 + phase] == pytest.approx(values[phase] * values[4 + phase], abs=0.01)
    assert values[11] == pytest.approx(sum(values[7:10]), abs=0.02)
    assert all(99 <= factor <= 100 for factor in values[12:15])
    assert number(device.status(["tpa"])["tpa"]) == pytest.approx(values[11], rel=0.15)


def test_noise_is_the_same_on_every_run(clock: FakeClock) -> None:
    """Two chargers with one seed read the same, others do not."""
    devices = [GoeDevice(clock=clock, seed=seed) for seed in (1, 1, 2)]
    for device in devices:
        device.plug()
    clock.pass_time(30)
    first, same, other = [nrg(device) for device in devices]
    assert first == same
    assert first != other


def test_energy_follows_power(clock: FakeClock) -> None:
    """An hour at 11 kW is 11 kWh, in this session and in the lifetime."""
    device = charging_device(clock)
    before = device.status(["wh", "eto"])
    clock.pass_time(3_600)
    after = device.status(["wh", "eto"])
    gained = number(after["wh"]) - number(before["wh"])
    assert gained == pytest.approx(11_040, rel=0.01)
    assert number(after["eto"]) - number(before["eto"]) == pytest.approx(gained, abs=1)
    assert isinstance(after["eto"], int)


def test_a_full_car_completes(clock: FakeClock) -> None:
    """Nearly full it slows down, then it stops by itself: still allowed, complete, and exactly its energy."""
    device = GoeDevice(clock=clock)
    device.plug(capacity_kwh=5)
    powers = []
    for _ in range(120):
        clock.pass_time(30)
        powers.append(total_power(device))
    assert any(1_000 < power < 5_000 for power in powers), "it slows down"
    assert device.status(["car", "alw", "acu", "wh"]) == {"car": COMPLETE, "alw": True, "acu": 16, "wh": 5_000}
    assert powers[-1] == 0


def test_speed_fills_a_car_in_a_minute(clock: FakeClock) -> None:
    """Under speed the car lives faster, while the charger's own clock does not."""
    device = GoeDevice(clock=clock, speed=100)
    device.plug(capacity_kwh=10)
    clock.pass_time(5)
    assert number(device.status(["wh"])["wh"]) > 1_000
    clock.pass_time(55)
    assert device.status(["car", "wh", "rbt"]) == {"car": COMPLETE, "wh": 10_000, "rbt": 60_000}


def test_a_car_can_be_filled_at_once(clock: FakeClock) -> None:
    """Filling ends charging without inventing energy."""
    device = charging_device(clock)
    before = device.status(["wh"])
    device.fill()
    assert device.status(["car"]) == {"car": COMPLETE}
    assert device.status(["wh"]) == before


def test_a_car_can_pause_by_itself(clock: FakeClock) -> None:
    """A car with a timer of its own stops although it is allowed, and goes on."""
    device = charging_device(clock)
    device.car_pauses(pausing=True)
    assert device.status(["car", "alw"]) == {"car": COMPLETE, "alw": True}
    device.car_pauses(pausing=False)
    clock.pass_time(5)
    assert device.status(["car"]) == {"car": CHARGING}


def test_unplugging_keeps_the_energy_until_the_next_car(clock: FakeClock) -> None:
    """What was charged can be read until the next session begins; the rest of the session is gone."""
    device = charging_device(clock)
    charged = device.status(["wh"])
    assert number(charged["wh"]) > 0
    device.unplug()
    assert device.status(["car", "trx", "cbl", "cus"]) == {"car": IDLE, "trx": None, "cbl": None, "cus": 1}
    clock.pass_time(100)
    assert device.status(["wh"]) == charged
    device.plug()
    assert device.status(["wh"]) == {"wh": 0}


@pytest.mark.parametrize(
    ("limits", "car_current", "offered", "drawn"),
    [
        ({"amp": "10"}, 16, 10, 10),
        ({"amp": "32"}, 16, 32, 16),
        ({"amp": "32"}, 32, 32, 32),
        ({"amp": "32", "ama": "20"}, 32, 20, 20),
        ({"amp": "16", "tcl": "8"}, 16, 8, 8),
    ],
)
def test_the_smallest_limit_counts(
    clock: FakeClock, limits: dict[str, str], car_current: float, offered: int, drawn: float
) -> None:
    """What is offered is the smallest of all limits, and the car draws no more than it can."""
    device = GoeDevice(clock=clock)
    device.plug(capacity_kwh=60, max_current=car_current)
    set_keys(device, clock, **limits)
    clock.pass_time(30)
    assert device.status(["acu"]) == {"acu": offered}
    assert number(nrg(device)[4]) == pytest.approx(drawn, rel=0.01)


def test_cable_and_unit_limit_the_current(clock: FakeClock) -> None:
    """A thin cable, the adapter for 16 A and an 11 kW unit offer less than was asked for."""
    device = GoeDevice(clock=clock)
    device.plug(cable_current=13)
    assert device.status(["acu", "cbl"]) == {"acu": 13, "cbl": 13}
    device.settings["adi"] = True
    device.plug(cable_current=32)
    device.write("amp", "32")
    clock.pass_time(1)
    assert device.status(["acu", "adi"]) == {"acu": 16, "adi": True}
    small = GoeDevice(clock=clock, variant=11)
    small.write("amp", "32")
    clock.pass_time(1)
    assert small.status(["acu", "amp"]) == {"acu": 16, "amp": 32}


def test_a_temporary_limit_lapses_after_ten_minutes(clock: FakeClock) -> None:
    """`tcl` has to be written again, or it falls back to null."""
    device = charging_device(clock)
    set_keys(device, clock, tcl="8")
    clock.pass_time(500)
    set_keys(device, clock, tcl="8")
    clock.pass_time(500)
    assert device.status(["tcl", "acu"]) == {"tcl": 8, "acu": 8}
    clock.pass_time(101)
    assert device.status(["tcl", "acu"]) == {"tcl": None, "acu": 16}


def test_forcing_off_and_on(clock: FakeClock) -> None:
    """`frc` 1 stops, 2 charges, 0 leaves it to the logic, and unplugging ends it."""
    device = charging_device(clock)
    seen = ["car", "modelStatus", "alw", "acu", "frc"]
    set_keys(device, clock, frc="1")
    assert device.status(seen) == {"car": COMPLETE, "modelStatus": 4, "alw": False, "acu": None, "frc": 1}
    assert total_power(device) == 0

    set_keys(device, clock, frc="2")
    clock.pass_time(10)
    assert device.status(seen) == {"car": CHARGING, "modelStatus": 3, "alw": True, "acu": 16, "frc": 2}

    set_keys(device, clock, frc="0")
    clock.pass_time(10)
    assert device.status(["car", "modelStatus"]) == {"car": CHARGING, "modelStatus": 15}

    set_keys(device, clock, frc="1")
    device.unplug()
    assert device.status(["frc", "car", "modelStatus"]) == {"frc": 0, "car": IDLE, "modelStatus": 15}


def test_waiting_for_authorisation(clock: FakeClock) -> None:
    """With `acs` 1 a car waits until someone authorises it, and forcing it on does not help."""
    device = GoeDevice(clock=clock)
    set_keys(device, clock, acs="1")
    device.plug()
    set_keys(device, clock, frc="2")
    clock.pass_time(20)
    assert device.status(["car", "modelStatus", "trx", "alw"]) == {
        "car": WAITING,
        "modelStatus": 2,
        "trx": None,
        "alw": False,
    }
    set_keys(device, clock, trx="0", frc="0")
    clock.pass_time(10)
    assert device.status(["car", "modelStatus", "trx"]) == {"car": CHARGING, "modelStatus": 15, "trx": 0}
    set_keys(device, clock, trx="null")
    assert device.status(["car", "modelStatus", "trx"]) == {"car": WAITING, "modelStatus": 2, "trx": None}


def test_a_card_authorises_and_collects_the_energy(clock: FakeClock) -> None:
    """The transaction is the card's index + 1, and the card counts the energy."""
    device = GoeDevice(clock=clock)
    set_keys(device, clock, acs="1", lrn="2", rde="true")
    device.plug()
    device.swipe_card(2)
    clock.pass_time(600)
    status = device.status(["trx", "cards", "wh", "lrc", "lri"])
    assert status["trx"] == 3
    assert status["lrc"] == 2
    assert status["lri"] is not None
    cards = status["cards"]
    assert isinstance(cards, list)
    assert len(cards) == 10
    card = cards[2]
    assert isinstance(card, dict)
    assert card["cardId"] is True
    assert number(card["energy"]) == pytest.approx(number(status["wh"]), abs=0.01)
    set_keys(device, clock, **{"del": "2"})
    remaining = device.status(["cards"])["cards"]
    assert isinstance(remaining, list)
    assert remaining[2] == {"name": "n/a", "energy": 0, "cardId": False}


def test_a_transaction_without_a_car_lapses(device: GoeDevice, clock: FakeClock) -> None:
    """Authorised and then nobody plugs in: after a minute it is over."""
    set_keys(device, clock, trx="0")
    clock.pass_time(59)
    assert device.status(["trx"]) == {"trx": 0}
    clock.pass_time(2)
    assert device.status(["trx"]) == {"trx": None}


def test_the_energy_limit_stops_a_session(clock: FakeClock) -> None:
    """`dwo` in Wh stops the session when it is reached; null lets it go on."""
    device = GoeDevice(clock=clock)
    set_keys(device, clock, dwo="1000")
    device.plug(capacity_kwh=40)
    clock.pass_time(600)
    status = device.status(["car", "modelStatus", "alw", "wh"])
    assert (status["car"], status["modelStatus"], status["alw"]) == (COMPLETE, 6, False)
    assert number(status["wh"]) == pytest.approx(1_000, abs=20)
    set_keys(device, clock, dwo="null")
    clock.pass_time(10)
    assert device.status(["car"]) == {"car": CHARGING}


def test_switching_phases_stops_and_starts_again(clock: FakeClock) -> None:
    """`psm` 1 while charging: a few seconds without current, then one phase."""
    device = charging_device(clock)
    set_keys(device, clock, psm="1")
    assert device.status(["modelStatus", "fsp", "psm"]) == {"modelStatus": 23, "fsp": True, "psm": 1}
    assert total_power(device) == 0
    clock.pass_time(30)
    assert device.status(["car", "modelStatus"]) == {"car": CHARGING, "modelStatus": 15}
    assert total_power(device) == pytest.approx(230 * 16, rel=0.03)
    assert device.status(["pha"]) == {"pha": [True, False, False, True, True, True]}
    set_keys(device, clock, psm="2")
    clock.pass_time(30)
    assert total_power(device) == pytest.approx(3 * 230 * 16, rel=0.03)


def test_a_car_with_one_phase_uses_one(clock: FakeClock) -> None:
    """The car's own charger counts too."""
    device = GoeDevice(clock=clock)
    device.plug(phases=1)
    clock.pass_time(30)
    assert [number(value) > 0 for value in nrg(device)[4:7]] == [True, False, False]


def test_solar_surplus_in_eco_mode(clock: FakeClock) -> None:
    """In eco mode it charges with what is left over, and only while someone keeps telling how much that is."""
    device = GoeDevice(clock=clock)
    device.plug(capacity_kwh=40)
    set_keys(device, clock, lmo="4", psm="0")
    assert device.status(["modelStatus", "alw"]) == {"modelStatus": 17, "alw": False}

    for _ in range(8):
        set_keys(device, clock, ids='{"pGrid":-7000.0,"pPv":8000.0}')
        clock.pass_time(4)
    assert device.status(["car", "modelStatus", "acu", "pgrid", "ppv", "pakku"]) == {
        "car": CHARGING,
        "modelStatus": 12,
        "acu": 10,
        "pgrid": -7_000.0,
        "ppv": 8_000.0,
        "pakku": None,
    }
    clock.pass_time(11)
    assert device.status(["modelStatus", "pgrid"]) == {"modelStatus": 17, "pgrid": None}


def test_the_next_trip_mode_charges_up_to_its_energy(clock: FakeClock) -> None:
    """In next-trip mode it charges until `ate` Wh are reached."""
    device = GoeDevice(clock=clock)
    device.plug(capacity_kwh=40)
    set_keys(device, clock, lmo="5", ate="1000")
    clock.pass_time(60)
    assert device.status(["car", "modelStatus"]) == {"car": CHARGING, "modelStatus": 10}
    clock.pass_time(600)
    assert device.status(["modelStatus", "alw"]) == {"modelStatus": 18, "alw": False}


@pytest.mark.parametrize(
    "model_status", [1, 2, 4, 5, 6, 16, 17, 18, 22, 23, 24, 26, 27, 28, 29, 30, 31, 32, 34, 35, 41]
)
def test_every_reason_not_to_charge_can_be_forced(clock: FakeClock, model_status: int) -> None:
    """A forced reason stops a car that charges and keeps one waiting that did not."""
    device = GoeDevice(clock=clock)
    device.hold(model_status)
    device.plug()
    clock.pass_time(20)
    assert device.status(["car", "modelStatus", "alw", "acu"]) == {
        "car": WAITING,
        "modelStatus": model_status,
        "alw": False,
        "acu": None,
    }
    device.hold(None)
    clock.pass_time(20)
    assert device.status(["car", "modelStatus"]) == {"car": CHARGING, "modelStatus": 15}
    device.hold(model_status)
    expected = WAITING if model_status == 2 else COMPLETE
    assert device.status(["car", "alw"]) == {"car": expected, "alw": False}


@pytest.mark.parametrize("model_status", [3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 33])
def test_every_reason_to_charge_can_be_forced(clock: FakeClock, model_status: int) -> None:
    """A forced reason to charge lets the car charge."""
    device = GoeDevice(clock=clock)
    device.hold(model_status)
    device.plug()
    clock.pass_time(20)
    assert device.status(["car", "modelStatus", "alw"]) == {"car": CHARGING, "modelStatus": model_status, "alw": True}


def test_any_car_state_can_be_forced(clock: FakeClock) -> None:
    """Numbers that need a broken or a newer charger, and null, can be reported."""
    device = charging_device(clock)
    for value in (0, 1, 3, 4, 5, 6, None):
        device.car_state(value)
        assert device.status(["car"]) == {"car": value}
    device.release()
    assert device.status(["car"]) == {"car": CHARGING}


def test_an_error_stops_charging_until_it_is_over(clock: FakeClock) -> None:
    """The code is reported, the car state is error, and afterwards the session goes on."""
    device = charging_device(clock)
    device.set_error(8)
    assert device.status(["car", "err", "modelStatus", "alw"]) == {
        "car": ERROR,
        "err": 8,
        "modelStatus": 26,
        "alw": False,
    }
    assert total_power(device) == 0
    device.set_error(None)
    assert device.status(["err"]) == {"err": None}
    device.set_error(0)
    clock.pass_time(10)
    assert device.status(["car", "err"]) == {"car": CHARGING, "err": 0}


def test_the_cable_is_let_go_when_it_is_told_to(clock: FakeClock) -> None:
    """`ust` 1 unlocks at the end of charging, 0 only without a car; `lck` is the setting in effect."""
    device = charging_device(clock)
    set_keys(device, clock, ust="1")
    assert device.status(["lck", "cus"]) == {"lck": 1, "cus": 3}
    device.fill()
    assert device.status(["cus"]) == {"cus": 1}
    set_keys(device, clock, ust="0")
    assert device.status(["lck", "cus"]) == {"lck": 0, "cus": 3}


def test_charging_time(clock: FakeClock) -> None:
    """`cdi` counts from a moment since boot while charging, and is a duration in ms when it is over."""
    device = charging_device(clock)
    status = device.status(["cdi", "rbt", "lcctc", "lccfi"])
    counting = status["cdi"]
    assert isinstance(counting, dict)
    assert counting["type"] == 0
    assert number(status["rbt"]) - number(counting["value"]) == pytest.approx(58_000, abs=1_500)
    assert number(status["lcctc"]) >= number(status["lccfi"])
    device.fill()
    over = device.status(["cdi", "lccfc"])
    assert isinstance(over["cdi"], dict)
    assert over["cdi"]["type"] == 1
    assert number(over["cdi"]["value"]) == pytest.approx(58_000, abs=1_500)
    assert over["lccfc"] == 60_000


def test_a_reboot(clock: FakeClock) -> None:
    """It is away for a moment; then its uptime has begun again, and settings, car and energy are as before."""
    device = charging_device(clock)
    set_keys(device, clock, amp="10")
    before = device.status(["rbc", "wh"])
    device.write("rst", "true")
    away = [device.away]
    clock.pass_time(device.reboot_s)
    assert [*away, device.away] == [True, False]
    clock.pass_time(20)
    after = device.status(["rbc", "wh", "amp", "rbt", "car"])
    assert after["rbc"] == number(before["rbc"]) + 1
    assert number(after["wh"]) >= number(before["wh"])
    assert after["amp"] == 10
    assert after["rbt"] == 20_000
    assert after["car"] == CHARGING


def test_session_energy_can_be_lost(clock: FakeClock) -> None:
    """Some firmware sets `wh` back in the middle of a session; the lifetime energy goes on."""
    device = charging_device(clock)
    before = number(device.status(["eto"])["eto"])
    device.forget_session_energy()
    assert device.status(["wh"]) == {"wh": 0}
    assert number(device.status(["eto"])["eto"]) >= before
