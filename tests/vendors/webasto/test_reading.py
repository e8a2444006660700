"""What is read when, and what one endpoint's failure costs the others: nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.charger.values import Firmware
from bridge.errors import BadAnswerError, NoAnswerError, RefusedError
from bridge.simulators.webasto import Manners, OcppState, TripleForm, WebastoSimulator
from bridge.vendors.webasto import fields, reading
from tests.vendors.webasto.conftest import Connect, paths, rows, values

EVERY_TIME = ["dashboard-information", "current-errors"]


async def test_a_next_is_told_by_what_it_has(sim: WebastoSimulator, connect: Connect) -> None:
    """The Unite's endpoint is missing there; all sections are read once."""
    charger = connect(sim)
    document = await charger.fetch()
    assert paths(sim) == [
        *("login", "system-information", "configuration-structure", *EVERY_TIME, "configuration-structure"),
        *(f"sections/{name}" for name in ("auth", "backend", "hems", "network", "power", "profile", "system")),
    ]
    found = charger.identify(document)
    assert (found.serial, found.model, found.firmware) == ("WS110064", "Webasto Next", "3.1.16")


async def test_a_unite_is_told_by_what_it_has(unite: WebastoSimulator, connect: Connect) -> None:
    """It says its model."""
    charger = connect(unite)
    found = charger.identify(await charger.fetch())
    assert (found.model, found.firmware) == ("Webasto Unite AC22", "v3.187.0")
    assert paths(unite) == ["login", "system-information", "system-information", "configuration-fields/"]


async def test_a_named_model_is_not_asked_for(sim: WebastoSimulator, connect: Connect) -> None:
    """One request less."""
    await connect(sim, model="next").fetch()
    assert "system-information" not in paths(sim)


async def test_something_else_is_neither(sim: WebastoSimulator, connect: Connect) -> None:
    """It says so."""
    charger = connect(sim)
    await charger.fetch()
    other = connect(sim)
    await sim.set_fault("404")
    with pytest.raises(BadAnswerError, match="neither a Webasto Next nor an Ampure Unite"):
        await other.fetch()


async def test_each_at_its_own_pace(sim: WebastoSimulator, connect: Connect) -> None:
    """A second read asks for what changes all the time, and for nothing else."""
    charger = connect(sim)
    await charger.fetch()
    before = len(sim.requests)
    await charger.fetch()
    assert paths(sim, before) == EVERY_TIME


async def test_a_change_of_state_wants_the_slow_section(sim: WebastoSimulator, connect: Connect) -> None:
    """Its currents and powers are those of before."""
    charger = connect(sim)
    await charger.fetch()
    before = len(sim.requests)
    sim.device.hold(OcppState.CHARGING)
    await charger.fetch()
    assert paths(sim, before) == [*EVERY_TIME, "sections/system"]


async def test_and_once_more_when_it_has_settled(
    sim: WebastoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A car takes its time to draw what it wants; after that the slow section is left alone again."""
    monkeypatch.setattr(reading, "SETTLED_S", 0.05)
    charger = connect(sim)
    await charger.fetch()
    sim.device.hold(OcppState.CHARGING)
    await charger.fetch()
    before = len(sim.requests)
    async with asyncio.timeout(20):
        while "sections/system" not in paths(sim, before):
            await charger.fetch()
    await charger.fetch()
    assert paths(sim, before)[-3:] == ["sections/system", *EVERY_TIME]


@pytest.mark.parametrize(("age_s", "value"), [(0, 16), (25, 16), (31, None)])
def test_how_long_an_answer_counts(age_s: float, value: int | None) -> None:
    """For three turns; then the value is unknown, and what can be set is still known."""
    endpoint = reading.Endpoint(path="/", every_s=10, take=lambda answer: answer)
    endpoint.answer = {"a": {"kind": "number", "value": 16, "writable": True, "max": 32}}
    endpoint.answered = time.monotonic() - age_s
    assert endpoint.fields() == {"a": {"kind": "number", "value": value, "writable": True, "max": 32}}


@pytest.mark.parametrize(
    "endpoint", ["current-errors", "configuration-structure", "sections/network", "sections/power"]
)
@pytest.mark.parametrize("fault", ["500", "404", "garbage", "reset", "empty"])
async def test_one_that_fails_costs_nothing_else(connect: Connect, endpoint: str, fault: str) -> None:
    """The status is there, and whatever the others tell; it is logged once."""
    async with WebastoSimulator(slow_s=0) as sim:
        charger = connect(sim, model="next")
        await sim.set_fault(fault, prefix=f"/api/{endpoint}")
        with capture_logs() as logs:
            for _ in range(2):
                found = values(charger, await charger.fetch())
        assert found["status"] == "disconnected"
        assert found["vendor/free-charging"] is True
        assert ("current_limit" in found) is (endpoint != "sections/power")
        said = [entry["endpoint"] for entry in logs if entry["event"] == "part not read"]
        assert said == ([f"/api/{endpoint}"] if endpoint != "current-errors" else [])


async def test_the_dashboard_fails_alone(sim: WebastoSimulator, connect: Connect) -> None:
    """The status is unknown then, not the last one; the rest is there, and it does not end the reading."""
    charger = connect(sim)
    await charger.fetch()
    await sim.set_fault("500", prefix="/api/dashboard-information")
    found = values(charger, await charger.fetch())
    assert found["status"] is None
    assert found["current_limit"] == 16
    await sim.clear_fault()
    assert values(charger, await charger.fetch())["status"] == "disconnected"


async def test_both_fail(sim: WebastoSimulator, connect: Connect) -> None:
    """Then the read has failed."""
    charger = connect(sim)
    await charger.fetch()
    await sim.set_fault("500")
    with pytest.raises(RefusedError, match="HTTP 500: The server encountered an internal error"):
        await charger.fetch()


async def test_the_slow_section_takes_too_long(connect: Connect) -> None:
    """Everything else is there; who it is, is known from an earlier run."""
    async with WebastoSimulator(slow_s=0) as sim:
        await connect(sim).fetch()
        await sim.set_fault("hang", prefix="/api/sections/system")
        charger = connect(sim, timeout=1, model="next")
        document = await charger.fetch()
        assert charger.identify(document).serial == "WS110064"
        found = values(charger, document)
        assert (found["status"], found["current_limit"]) == ("disconnected", 16)
        assert "power" not in found


async def test_who_it_is_must_be_known_once(connect: Connect) -> None:
    """Entity ids hang on the serial number: without one nothing is announced."""
    async with WebastoSimulator(slow_s=0) as sim:
        await sim.set_fault("500", prefix="/api/sections/system")
        charger = connect(sim)
        document = await charger.fetch()
        with pytest.raises(TypeError):
            charger.identify(document)
        assert connect(sim, serial="ABC123").identify(await connect(sim, serial="ABC123").fetch()).serial == "ABC123"


async def test_a_unite_without_a_serial_number_keeps_one(unite: WebastoSimulator, connect: Connect) -> None:
    """Made up once and kept in the state directory; the configuration goes before it."""
    charger = connect(unite)
    serial = charger.identify(await charger.fetch()).serial
    assert serial.startswith("unite-")
    again = connect(unite)
    assert again.identify(await again.fetch()).serial == serial
    named = connect(unite, serial="ABC123")
    assert named.identify(await named.fetch()).serial == "ABC123"


async def test_a_unite_whose_fields_fail(unite: WebastoSimulator, connect: Connect) -> None:
    """It is there, and its settings are unknown; when nothing answers, the read fails."""
    charger = connect(unite)
    await unite.set_fault("500", prefix="/api/configuration-fields")
    document = await charger.fetch()
    assert "current_limit" not in values(charger, document)
    await unite.set_fault("hang")
    with pytest.raises(NoAnswerError):
        await connect(unite, timeout=0.3).fetch()


# What is read of it


async def test_a_charge(connect: Connect) -> None:
    """Every measurement, converted once."""
    async with WebastoSimulator(slow_s=0, speed=60) as sim:
        charger = connect(sim)
        sim.car.plug(capacity_kwh=50)
        found = values(charger, await charger.fetch())
        while found["status"] != "charging" or not found["power"]:
            charger._reader.start_over()
            found = values(charger, await charger.fetch())
        meter = sim.device.charging.meter
    assert found["current_l1"] == pytest.approx(meter.current, abs=0.1)
    assert found["voltage_l1"] == pytest.approx(230, abs=3)
    assert found["power_l1"] == pytest.approx(meter.current * 230, rel=0.02)
    assert found["power"] == pytest.approx(3 * meter.current * 230, rel=0.02)
    assert found["firmware"] == Firmware("3.1.16", None)
    assert 0 <= float(str(found["session_energy"])) <= meter.session_wh / 1000 + 0.001


@pytest.mark.parametrize("form", TripleForm)
@pytest.mark.parametrize("comma", [False, True])
async def test_every_form_of_numbers(connect: Connect, form: TripleForm, *, comma: bool) -> None:
    """Points and commas, labels or none, an object."""
    manners = Manners(triples=form, decimal_comma=comma, flags_as_text=True, tag_key="free-charging-alias")
    async with WebastoSimulator(slow_s=0, manners=manners) as sim:
        charger = connect(sim)
        document = await charger.fetch()
        found = values(charger, document)
        assert 225 < float(str(found["voltage_l2"])) < 235
        assert (found["power"], found["session_energy"], found["session_duration"]) == (0, 0, 0)
        assert found["vendor/free-charging"] is True
        assert rows(charger, document)["vendor/free-charging-alias"].property.secret


@pytest.mark.parametrize(
    ("forced", "expected"),
    [
        ({"power": "500 Wh"}, {"session_energy": 0.5}),
        ({"power": "0,5 kWh"}, {"session_energy": 0.5}),
        ({"power": ""}, {"session_energy": None}),
        ({"power": "7 kW"}, {"session_energy": None}),
        ({"duration": "1,5 Stunden"}, {"session_duration": 5400}),
        ({"duration": ""}, {"session_duration": 0}),
        ({"signal-current": "odd"}, {"current_l1": None, "vendor/signal-current": "odd"}),
        ({"free-charging": "false"}, {"vendor/free-charging": False}),
        ({"led-brightness": "50"}, {"led_brightness": 50, "vendor/led-brightness": 50}),
        ({"mode-modbus": "NEW"}, {"vendor/mode-modbus": "NEW"}),
        ({"connection-uri": "wss://u:p@backend/ocpp"}, {"vendor/connection-uri": None}),
        ({"connection-uri": "wss://backend/ocpp?key=abc"}, {"vendor/connection-uri": None}),
        ({"connection-uri": "wss://backend/ocpp"}, {"vendor/connection-uri": "wss://backend/ocpp"}),
    ],
)
async def test_odd_values(sim: WebastoSimulator, connect: Connect, forced: dict[str, Any], expected: Any) -> None:
    """What cannot be understood is unknown, and shown as it is under the vendor's key."""
    sim.device.forced.update(forced)
    charger = connect(sim)
    found = values(charger, await charger.fetch())
    assert {key: found[key] for key in expected} == expected


async def test_errors_are_a_problem(sim: WebastoSimulator, connect: Connect) -> None:
    """With code and words."""
    sim.device.set_error("ConnectorLockFailure", "Lock mechanism failed")
    charger = connect(sim)
    found = values(charger, await charger.fetch())
    assert (found["error_code"], found["error_text"]) == ("ConnectorLockFailure", "Lock mechanism failed")
    assert found["status"] == "error"


# Leniency


@pytest.mark.parametrize("answer", [{}, None, "x", 5])
def test_what_is_no_list_of_fields(answer: Any) -> None:
    """Is a bad answer."""
    with pytest.raises(BadAnswerError):
        fields.of_section(answer, "auth")
    with pytest.raises(BadAnswerError):
        fields.of_unite(answer)
    with pytest.raises(BadAnswerError):
        fields.dashboard(answer)


def test_a_list_with_nonsense_in_it() -> None:
    """What makes sense of it counts."""
    told: list[Any] = [None, 5, {}, {"fieldKey": ""}, {"fieldKey": 3}, {"fieldKey": "a", "validation": {"min": "x"}}]
    assert fields.of_section(told, "auth") == {"a": {"kind": "", "value": None, "writable": False, "place": "auth"}}
    assert fields.dashboard([{"entries": [{"key": "a", "value": 1}, {"key": 4}, None]}, {"entries": None}]) == {"a": 1}
