"""A car comes, charges, is full, meets a fault and goes: everything that was heard of it on the broker."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from typing import Any

import pytest

from bridge.charger.properties import CATALOGUE
from bridge.simulators.goe import GoeSimulator
from tests.support.bridges import goe, make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Heard, Probe, probe

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d{0,2}[1-9])?")
JSON_ONLY = {"schema", "ts", "stale", "data_age_s"}
CAPACITY_KWH = 0.3
VENDOR_KEYS = ("modelStatus", "acs", "ust", "fna", "trx", "tcl", "fup", "ids")
ASKED = ("garage/current_limit/set", "garage/request/nonsense", "bridge/request/nonsense")
"""What the test itself sends."""


@pytest.fixture(scope="module")
def heard(shared_broker: TestBroker, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """All that a client heard, from the start of the bridge to its end."""

    async def record() -> Probe:
        topics = ("session/#", "session-ha/#")
        async with GoeSimulator(speed=100) as simulator, probe(shared_broker.port, "session", topics=topics) as ear:
            settings = make_settings(
                shared_broker.port,
                {"garage": goe(simulator)},
                mqtt={"base_topic": "session", "client_id": "session"},
                homeassistant={"prefix": "session-ha"},
            )
            async with running(settings, tmp_path_factory.mktemp("session")):
                await live_through(simulator, ear)
            await ear.until("bridge/state", "offline")
            return ear

    return asyncio.run(record())


async def live_through(simulator: GoeSimulator, ear: Probe) -> None:
    """Let it happen."""
    await ear.until("garage/state")
    simulator.car.plug(capacity_kwh=CAPACITY_KWH)
    await ear.until("garage/state", lambda heard: heard.json["power"] > 10_000, within=10)
    await ear.until("garage/state", lambda heard: heard.json["session_energy"] == CAPACITY_KWH, within=20)
    simulator.device.set_error(1)
    await ear.until("garage/event", lambda heard: heard.json["event_type"] == "fault")
    simulator.device.set_error(0)
    await ear.until("garage/event", lambda heard: heard.json["event_type"] == "fault_cleared")
    simulator.car.unplug()
    await ear.until("garage/last_session")
    for topic in ASKED:
        await ear.send(topic, "99")
    await ear.result("garage", property="current_limit")
    await ear.until("garage/response/nonsense")
    await ear.until("bridge/response/nonsense")
    await ear.until("bridge/health")
    await ear.until("bridge/event")


def scalars(heard: Probe) -> dict[str, str]:
    """Return the newest text of every property's own topic, without the vendor's keys."""
    beginning = heard.full("garage/")
    below = [(one.topic.removeprefix(beginning), one.text) for one in heard.heard if beginning in one.topic]
    return {key: text for key, text in below if key in CATALOGUE}


def written(value: Any) -> str:
    """Return how a value of the `state` document stands on its scalar topic."""
    match value:
        case None:
            return "None"
        case bool():
            return "true" if value else "false"
        case dict():
            return written(value["installed"])
    return str(value)


def states(heard: Probe) -> list[dict[str, Any]]:
    """Return every `state` document."""
    return [one.json for one in heard.all("garage/state")]


@pytest.mark.mosquitto
def test_every_topic_has_its_flag_and_quality(heard: Probe) -> None:
    """Retained and QoS are those of the contract's table, for every topic that the bridge publishes on."""
    ours = [one for one in heard.heard if one.topic not in {heard.full(topic) for topic in ASKED}]
    kept, passing = (True, 1), (False, 1)
    expected = dict.fromkeys(("bridge/state", "bridge/info", "bridge/chargers"), kept)
    expected |= dict.fromkeys(("garage/availability", "garage/state", "garage/last_session"), kept)
    expected |= dict.fromkeys(("garage/event", "garage/result", "bridge/event"), passing)
    expected |= dict.fromkeys(("garage/response/nonsense", "bridge/response/nonsense"), passing)
    expected |= {"bridge/health": (False, 0)}
    expected |= {f"garage/{key}": (True, 0) for key in (*scalars(heard), *("vendor/" + k for k in VENDOR_KEYS))}
    whole = {heard.full(topic): flags for topic, flags in expected.items()}
    whole |= dict.fromkeys((one.topic for one in ours if one.topic.startswith("session-ha/device/")), kept)
    assert {one.topic: (one.retained, one.qos) for one in ours} == whole
    assert all((one.retained, one.qos) == whole[one.topic] for one in ours)


def test_values_have_the_forms_of_their_types(heard: Probe) -> None:
    """Every value of every document has the form that the property's capability promises, or is null."""
    capabilities = heard.all("bridge/chargers")[-1].json[0]["capabilities"]
    wrong = [
        (key, value)
        for state in states(heard)
        for key, value in state.items()
        if key not in {"schema", "ts"} and value is not None and not is_of_type(capabilities[key], value)
    ]
    assert wrong == []
    assert all(state["schema"] == 1 and TIMESTAMP.fullmatch(state["ts"]) for state in states(heard))


def is_of_type(capability: dict[str, Any], value: Any) -> bool:
    """Tell whether a value has the form that its capability promises."""
    match capability["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and NUMBER.fullmatch(str(value)) is not None
        case "integer":
            return type(value) is int
        case "enum":
            return value in capability["options"]
        case "timestamp":
            return TIMESTAMP.fullmatch(value) is not None
        case "firmware":
            return isinstance(value, dict) and set(value) == {"installed", "latest"}
    return isinstance(value, str) and bool(value)


def test_every_kind_of_value_was_seen(heard: Probe) -> None:
    """The session shows what the other tests rely on: true, false, fractions, negatives, texts, nothing at all."""
    found = [value for state in states(heard) for value in state.values() if not isinstance(value, dict)]
    assert {True, False, None} <= set(found)
    assert any(isinstance(value, float) for value in found)
    assert any(isinstance(value, int) and value < 0 for value in found)


def test_scalars_say_what_the_document_says(heard: Probe) -> None:
    """At the end each property's topic has the value of the last document, and there are no other ones."""
    last = states(heard)[-1]
    assert scalars(heard) == {key: written(value) for key, value in last.items() if key not in JSON_ONLY}


def test_scalars_come_on_change_only(heard: Probe) -> None:
    """No topic of a property repeats itself, however often the charger was read."""
    for key in scalars(heard):
        texts = [one.text for one in heard.all(f"garage/{key}")]
        assert all(one != other for one, other in pairwise(texts)), (key, texts)


def test_last_update_moves_with_each_document(heard: Probe) -> None:
    """Each published document carries the time of its reading, and the scalar topic follows."""
    moments = [state["last_update"] for state in states(heard)]
    assert moments == sorted(set(moments))
    assert [one.text for one in heard.all("garage/last_update")] == moments


def test_energy_is_in_kwh(heard: Probe) -> None:
    """The charger counts in Wh; what it had, and what the session added."""
    totals = [state["total_energy"] for state in states(heard)]
    assert totals[0] == 1234.567
    assert totals[-1] == pytest.approx(1234.567 + CAPACITY_KWH, abs=0.0015)
    assert totals == sorted(totals)


def test_the_session_energy_stays_until_the_next_session(heard: Probe) -> None:
    """It rises from 0 and keeps its last value when the car has gone."""
    told = [state["session_energy"] for state in states(heard)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, CAPACITY_KWH)
    assert states(heard)[-1]["vehicle_connected"] is False


def events(heard: Probe) -> list[dict[str, Any]]:
    """Return every event of the charger."""
    return [one.json for one in heard.all("garage/event")]


def test_events_come_in_order(heard: Probe) -> None:
    """Plug and session frame everything; each is told once, with its time."""
    assert [event["event_type"] for event in events(heard) if event["event_type"] != "status_changed"] == [
        "plugged",
        "session_started",
        "fault",
        "fault_cleared",
        "session_finished",
        "unplugged",
    ]
    assert all(TIMESTAMP.fullmatch(event["ts"]) for event in events(heard))


def test_changes_of_status_tell_from_where(heard: Probe) -> None:
    """Each one begins where the one before ended, and they agree with what the documents say."""
    steps = [(event["from"], event["to"]) for event in events(heard) if event["event_type"] == "status_changed"]
    assert all(one[1] == other[0] for one, other in pairwise(steps))
    said = [state["status"] for state in states(heard)]
    assert [status for status, after in pairwise([*said, None]) if status != after] == [
        steps[0][0],
        *(to for _, to in steps),
    ]
    assert {"disconnected", "charging", "error"} <= set(said)


def test_a_fault_says_which(heard: Probe) -> None:
    """The event has code and text, as the document has meanwhile; vehicle_connected is not known then."""
    (fault,) = [event for event in events(heard) if event["event_type"] == "fault"]
    assert (fault["error_code"], fault["error_text"]) == ("1", "residual current (AC)")
    during = [state for state in states(heard) if state["status"] == "error"]
    assert {(state["problem"], state["error_code"], state["vehicle_connected"]) for state in during} == {
        (True, "1", None)
    }


def test_the_record_of_the_session(heard: Probe) -> None:
    """`last_session` has the contract's fields; the events of the session carry the same times and figures."""
    (record,) = [one.json for one in heard.all("garage/last_session")]
    by_type = {event["event_type"]: event for event in events(heard)}
    finished = by_type["session_finished"]
    assert record == {
        "started_at": by_type["session_started"]["ts"],
        "finished_at": finished["ts"],
        "energy": CAPACITY_KWH,
        "duration": finished["duration"],
        "cost": None,
        "currency": None,
        "card": None,
    }
    assert finished["energy"] == CAPACITY_KWH
    assert type(finished["duration"]) is int


def test_the_charger_was_new(heard: Probe) -> None:
    """The first time a charger is announced, `bridge/event` says so."""
    (event,) = [one.json for one in heard.all("bridge/event")]
    assert TIMESTAMP.fullmatch(event.pop("ts"))
    assert event == {"event_type": "charger_added", "charger": "garage"}


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("garage", "go-e chargers answer no request called nonsense"),
        ("bridge", "unknown request; these are known: cleanup, discovery, health, log_level, refresh"),
    ],
)
def test_unknown_questions_are_answered(heard: Probe, who: str, error: str) -> None:
    """A question that nobody understands gets an error that says so."""
    (answer,) = [one.json for one in heard.all(f"{who}/response/nonsense")]
    assert answer == {"status": "error", "data": None, "error": error, "transaction": None}


def test_the_end_is_told_last(heard: Probe) -> None:
    """A normal stop says offline after everything else, and takes nothing back."""
    last: Heard = heard.heard[-1]
    assert (last.topic, last.text) == (heard.full("bridge/state"), "offline")
    assert all(one.text for one in heard.heard)
    assert [one.text for one in heard.all("garage/availability")] == ["online"]
