"""How values, results and events read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.charger.binding import Capability
from bridge.charger.contract import Identity
from bridge.charger.properties import CATALOGUE
from bridge.charger.property import Property
from bridge.charger.session import Event, EventType, SessionRecord
from bridge.charger.status import Status
from bridge.charger.values import ENUM, JSON, NOTHING, TEXT, Firmware, Json, Value
from bridge.engine.results import Outcome, Result
from bridge.engine.view import ChargerView
from bridge.errors import Code
from bridge.web import cards, details, words
from tests.web.conftest import PACE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN = Capability(property=Property(key="vendor/own", name="Own", type=TEXT, vendor=True), settable=False)
LIST = Capability(property=Property(key="vendor/list", name="List", type=JSON, vendor=True), settable=False)
WORD = Capability(
    property=Property(key="vendor/word", name="Word", type=ENUM, options=("a_b",), vendor=True), settable=False
)


def _ability(key: str, **more: Any) -> Capability:
    return Capability(property=CATALOGUE[key], settable=False, **more)


def _view(**values: Value) -> ChargerView:
    view = ChargerView(id="garage", name=None, vendor="go-e", pace=PACE, available=True)
    view.values = values
    view.capabilities = {key: _ability(key) for key in values if key in CATALOGUE}
    return view


@pytest.mark.parametrize(
    ("ability", "value", "text"),
    [
        (_ability("power"), 11_010.4, "11\u202f010 W"),
        (_ability("power"), -3000.0, "-3\u202f000 W"),
        (_ability("voltage_l1"), 230.0, "230 V"),
        (_ability("total_energy"), 1234.567, "1\u202f234.57 kWh"),
        (_ability("session_duration"), 3725, "1 h 2 min"),
        (_ability("session_cost", unit="EUR"), 3.5, "3.5 EUR"),
        (_ability("session_start"), NOON, "2026-11-20 12:00:00 UTC"),
        (_ability("session_start"), None, "none"),
        (_ability("power"), None, "unknown"),
        (_ability("locked"), True, "locked"),
        (_ability("vehicle_connected"), False, "not connected"),
        (_ability("charging_enabled"), True, "on"),
        (_ability("problem"), False, "no"),
        (_ability("limit_reason"), "dynamic", "dynamic"),
        (_ability("charge_mode"), "full_solar", "full solar"),
        (_ability("error_text"), "not_our_word", "not_our_word"),
        (_ability("error_text"), "", "(empty)"),
        (_ability("firmware"), Firmware("59.4", "60.1"), "59.4 (60.1 is out)"),
        (_ability("firmware"), Firmware(None, None), "unknown"),
        (OWN, NOTHING, "null"),
        (OWN, "x" * 700, "x" * 600 + "…"),
        (LIST, [1, {"a": None}], '[1,{"a":null}]'),
        (WORD, "a_b", "a_b"),
    ],
)
def test_values(ability: Capability, value: Value, text: str) -> None:
    """With their unit, and never an invented 0."""
    assert words.value(ability, value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_time_spans(seconds: float, text: str) -> None:
    """By their two largest units; a clock that was set back makes no negative one."""
    assert words.duration(seconds) == text
    assert words.ago(NOON - timedelta(seconds=seconds), NOON) == f"{text} ago"


@pytest.mark.parametrize("value", [None, True, "much"])
def test_what_is_no_number_is_unknown(value: Value) -> None:
    """In every place for a number."""
    assert {words.power(value), words.energy(value), words.current(value)} == {"unknown"}


def test_every_status_has_words() -> None:
    """Also one that comes later than this page, after a fashion."""
    assert set(words.STATUS) == set(Status)
    assert (words.status("brand_new"), words.status(None)) == ("brand new", "Status unknown")


def test_every_event_and_outcome_has_words() -> None:
    """Nothing that can happen breaks a page."""
    for type_ in EventType:
        assert details.events([Event(type=type_, moment=NOON, details={"x": "y"})])[0]["what"]
    for outcome in Outcome:
        assert details.command(_result(outcome=outcome), _view())["outcome"]


@pytest.mark.parametrize(
    ("type_", "told", "text"),
    [
        (EventType.STATUS_CHANGED, {"from": "charging", "to": "finished"}, "Charging → Finished"),
        (EventType.STATUS_CHANGED, {"from": None, "to": "finished"}, "unknown → Finished"),
        (EventType.SESSION_FINISHED, {"energy": 10, "duration": 4000}, "10.00 kWh in 1 h 6 min"),
        (EventType.SESSION_FINISHED, {"energy": None, "duration": None}, "unknown in unknown"),
        (EventType.FAULT, {"error_code": "E7", "error_text": None}, "E7"),
        (EventType.PLUGGED, {}, ""),
    ],
)
def test_events(type_: EventType, told: dict[str, Json], text: str) -> None:
    """What they say beyond their name."""
    assert details.events([Event(type=type_, moment=NOON, details=told)])[0]["told"] == text


def _result(**more: Any) -> Result:
    told: dict[str, Any] = {
        "id": "a",
        "key": "current_limit",
        "requested": 13,
        "applied": None,
        "outcome": Outcome.CONFIRMED,
    }
    told |= {"code": Code.OK, "message": None, "moment": NOON, "latency_ms": 1240}
    return Result(**(told | more))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (_result(), {"what": "Current limit", "wish": "13 A", "told": "", "took": "1.2 s", "tone": "active"}),
        (_result(outcome=Outcome.ACCEPTED), {"outcome": "on its way", "took": "", "final": ""}),
        (
            _result(outcome=Outcome.UNCONFIRMED, message="it shows another value", applied=10),
            {"outcome": "not confirmed", "told": "It shows another value; it shows 10."},
        ),
        (_result(key=None, requested="{"), {"what": "something that could not be read", "wish": "{"}),
        (_result(key="x" * 900), {"what": "x" * 600 + "…"}),
        (_result(key="locked", requested=True), {"what": "Lock", "wish": "locked"}),
        (_result(key="restart", requested="PRESS"), {"what": "restart", "wish": ""}),
    ],
)
def test_results(result: Result, expected: dict[str, str]) -> None:
    """What was asked for and what became of it."""
    told = details.command(result, _view(current_limit=10, locked=False))
    assert {key: told[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("cost", "text"),
    [(None, "1.50 kWh in 10 min, ended 1 min ago"), (2.5, "1.50 kWh in 10 min, ended 1 min ago, 2.5 EUR")],
)
def test_the_last_session(cost: float | None, text: str) -> None:
    """In one line."""
    record = SessionRecord(
        started_at=None, finished_at=NOON, energy=1.5, duration=600, cost=cost, currency="EUR", card=None
    )
    assert details.session(record, NOON + timedelta(seconds=61)) == text
    assert details.session(None, NOON) == "none seen since the start"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"problem": True, "error_code": "E7", "error_text": "earth fault"},
            "The charger reports a fault: earth fault, E7.",
        ),
        ({"problem": True}, "The charger has a fault."),
        ({"rate_limited": True}, "The vendor's cloud says that it is asked too often."),
        ({"problem": False, "rate_limited": False}, ""),
    ],
)
def test_trouble(values: dict[str, Value], told: str) -> None:
    """What the charger or its cloud says of itself, while it answers."""
    assert cards.trouble(_view(**values)) == told


@pytest.mark.parametrize(
    ("status", "more", "tone"),
    [
        ("charging", {}, "active"),
        ("discharging", {}, "active"),
        ("queued", {}, "busy"),
        ("finished", {"vehicle_connected": True}, "ready"),
        ("disconnected", {"vehicle_connected": False}, "idle"),
        ("error", {}, "problem"),
        ("offline", {}, "problem"),
        ("charging", {"problem": True}, "problem"),
        (None, {}, "idle"),
    ],
)
def test_tones(status: Value, more: dict[str, Value], tone: str) -> None:
    """A fault goes before whatever else is going on."""
    view = _view(status=status, **more)
    assert (cards.tone(view), cards.needs_attention(view)) == (tone, tone == "problem")


@pytest.mark.parametrize(
    ("maker", "model", "text"),
    [("go-e", "HOME+", "go-e HOME+"), ("Webasto", "Webasto Next", "Webasto Next"), ("x", None, "x")],
)
def test_the_maker_is_named_once(maker: str, model: str | None, text: str) -> None:
    """Whether or not the model begins with it."""
    view = _view()
    view.identity = Identity(serial="1", vendor="v", manufacturer=maker, model=model, name="Carport")
    assert (cards.model(view), cards.name(view)) == (text, "Carport")
