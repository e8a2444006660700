"""Commands by MQTT, from the message to exactly one final result (contract section 4).

Not reachable with a go-e charger over its local HTTP API: `wrong_state` and `not_permitted` (it answers every refusal
alike, and none of its properties depends on a state), `rate_limited` (only accounts have budgets).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import MOSQUITTO
from tests.support.probe import Heard, Probe
from tests.support.waiting import until

FIELDS = ["id", "property", "requested", "applied", "status", "code", "message", "ts", "latency_ms"]


def results(ear: Probe, charger: str = "garage") -> list[dict[str, Any]]:
    """Return every result, oldest first."""
    return [heard.json for heard in ear.all(f"{charger}/result")]


def finals(ear: Probe, charger: str = "garage") -> list[dict[str, Any]]:
    """Return every final result, oldest first."""
    return [result for result in results(ear, charger) if result["status"] != "accepted"]


def writes(simulator: GoeSimulator) -> list[str]:
    """Return what was written to the charger, as it came."""
    return [request.raw_query for request in simulator.requests if request.path == "/api/set"]


def obj(**document: Any) -> str:
    """Return the JSON form of a command."""
    return json.dumps(document)


async def be_busy(simulator: GoeSimulator, seconds: float) -> None:
    """Let the next read take so long; returns when it has begun."""
    polls = simulator.counts["/api/status"]
    await simulator.set_fault("slow", seconds=seconds)
    await until(lambda: simulator.counts["/api/status"] > polls)
    await simulator.clear_fault()


# Refused at once

REFUSED = [
    ("charge_mode/set", "party", "charge_mode", "party", "invalid_value"),
    ("charge_mode/set", "full_solar", "charge_mode", "full_solar", "invalid_value"),
    ("current_limit/set", "ten", "current_limit", "ten", "invalid_value"),
    ("current_limit/set", "10.5", "current_limit", 10.5, "invalid_value"),
    ("current_limit/set", "", "current_limit", "", "invalid_value"),
    ("current_limit/set", "null", "current_limit", "null", "invalid_value"),
    ("current_limit/set", "NaN", "current_limit", "nan", "invalid_value"),
    ("current_limit/set", "1" * 300, "current_limit", "1" * 200 + "...", "invalid_value"),
    ("charging_enabled/set", "maybe", "charging_enabled", "maybe", "invalid_value"),
    ("charging_enabled/set", "2", "charging_enabled", 2, "invalid_value"),
    ("restart/set", "please", "restart", "please", "invalid_value"),
    ("current_limit/set", "5", "current_limit", 5, "out_of_range"),
    ("current_limit/set", "33", "current_limit", 33, "out_of_range"),
    ("current_limit/set", "-1e3", "current_limit", -1000, "out_of_range"),
    ("vendor/acs/set", "3", "vendor/acs", 3, "out_of_range"),
    ("nonsense/set", "1", "nonsense", 1, "unknown_property"),
    ("state/set", "1", "state", 1, "unknown_property"),
    ("vendor/nonsense/set", "1", "vendor/nonsense", None, "unknown_property"),
    ("power/set", "1", "power", 1, "not_supported"),
    ("last_update/set", "now", "last_update", "now", "not_supported"),
    ("vendor/modelStatus/set", "1", "vendor/modelStatus", 1, "not_supported"),
    ("current_limit/set", "1" * 4097, "current_limit", None, "too_large"),
    ("set", " " * 65537, None, None, "too_large"),
    ("set", "10", None, "10", "invalid_value"),
    ("set", '{"current_limit": 10', None, '{"current_limit": 10', "invalid_value"),
    ("set", "[]", None, "[]", "invalid_value"),
    ("set", "{}", None, "{}", "invalid_value"),
    ("set", obj(current_limit=99), "current_limit", 99, "out_of_range"),
    ("set", obj(current_limit="11 A"), "current_limit", "11 A", "invalid_value"),
    ("set", obj(current_limit=None), "current_limit", None, "invalid_value"),
    ("set", obj(current_limit=[10]), "current_limit", "[10]", "invalid_value"),
    ("set", obj(current_limit=10**400), "current_limit", "1" + "0" * 199 + "...", "invalid_value"),
    ("set", obj(ts="yesterday", current_limit=10), "current_limit", 10, "invalid_value"),
    ("set", obj(ts="2026-01-01T00:00:00", current_limit=10), "current_limit", 10, "invalid_value"),
    ("set", obj(ts="2020-01-01T00:00:00Z", current_limit=10), "current_limit", 10, "expired"),
]


@pytest.mark.mosquitto
async def test_what_cannot_be_is_refused_at_once(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Each refusal has its code, repeats what was asked, says a sentence and comes alone; nothing is written."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        for number, (topic, payload, *_) in enumerate(REFUSED):
            await ear.send(f"garage/{topic}", payload, correlation=f"case {number}".encode())
        await until(lambda: len(finals(ear)) >= len(REFUSED), what="a result for each")
    told = {result["id"]: result for result in results(ear)}
    assert [
        (
            topic,
            payload,
            told[f"case {number}"]["property"],
            told[f"case {number}"]["requested"],
            told[f"case {number}"]["code"],
        )
        for number, (topic, payload, *_) in enumerate(REFUSED)
    ] == REFUSED
    assert len(results(ear)) == len(told) == len(REFUSED)
    for result in told.values():
        assert list(result) == FIELDS
        assert result["status"] == ("expired" if result["code"] == "expired" else "rejected")
        assert (result["applied"], " " in result["message"]) == (None, True), result
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", result["ts"])
        assert 0 <= result["latency_ms"] < 1000
    assert writes(simulator) == []


async def test_read_only_comes_after_the_checks_of_the_value(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """The order is property, type, range, read_only."""
    async with run({"garage": goe(simulator, read_only=True)}):
        await ear.until("garage/state")
        wishes = {"nonsense": 1, "charge_mode": "party", "current_limit": 99, "phase_mode": "single", "power": 1}
        await ear.send("garage/set", obj(**wishes))
        await until(lambda: len(finals(ear)) == len(wishes))
        assert {result["property"]: result["code"] for result in finals(ear)} == {
            "nonsense": "unknown_property",
            "charge_mode": "invalid_value",
            "current_limit": "out_of_range",
            "phase_mode": "read_only",
            "power": "not_supported",
        }
        assert writes(simulator) == []


async def test_a_charger_that_never_answered_takes_no_command(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Before the first good answer nobody knows what the charger can do."""
    await simulator.set_fault("unreachable")
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state")
        await ear.send("garage/current_limit/set", "10")
        result = await ear.result("garage", property="current_limit")
        assert (result["status"], result["code"]) == ("rejected", "vendor_unreachable")


async def test_an_unknown_charger_is_answered_on_its_own_topic(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Whoever mistypes the charger's name is told, for each property, which ones there are."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garag/set", obj(id="x", current_limit=10, phase_mode="single"))
        await until(lambda: len(results(ear, "garag")) == 2)
        assert {(r["id"], r["property"], r["status"], r["code"]) for r in results(ear, "garag")} == {
            ("x", "current_limit", "rejected", "unknown_property"),
            ("x", "phase_mode", "rejected", "unknown_property"),
        }
        assert results(ear, "garag")[0]["message"] == "no charger is called 'garag'; these are configured: garage"


# Carried out


TAKEN = [
    ("current_limit", " 1.3e1 ", 13, "amp=13"),
    ("charging_enabled", "OFF", False, "frc=1"),
    ("phase_mode", '"Single"', "single", "psm=1"),
    ("session_energy_limit", "1,5", 1.5, "dwo=1500"),
    ("led_brightness", "50.0", 50, "lbr=128"),
    ("vendor/acs", "1", 1, "acs=1"),
    ("vendor/fna", "Käfig 1", "Käfig 1", "fna=%22K%C3%A4fig%201%22"),
]


async def test_a_command_is_accepted_then_confirmed(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """`accepted` comes first; the charger is read again, the new value published, and only then it is confirmed."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/vendor/fna")
        before = {key: ear.all(f"garage/{key}")[-1] for key, *_ in TAKEN}
        for key, payload, *_ in TAKEN:
            await ear.send(f"garage/{key}/set", payload, response="answers/me" if MOSQUITTO else None)
        for key, _, requested, _ in TAKEN:
            final = await ear.result("garage", property=key)
            first, last = [result for result in results(ear) if result["property"] == key]
            assert list(first) == list(last) == FIELDS
            assert (first["status"], first["code"], first["requested"], first["applied"]) == (
                "accepted",
                "ok",
                requested,
                None,
            )
            changed = {"status": "confirmed", "applied": requested, "ts": last["ts"], "latency_ms": last["latency_ms"]}
            assert last == final == first | changed
            assert last["latency_ms"] >= first["latency_ms"]
            old, new = ear.all(f"garage/{key}")
            assert (old, new.text != old.text) == (before[key], True), "it never went back"
            (said,) = [one for one in ear.all("garage/result") if one.json == last]
            assert ear.heard.index(new) < ear.heard.index(said)
        assert sorted(writes(simulator)) == sorted(written for *_, written in TAKEN)
        answered = len(TAKEN if MOSQUITTO else ())
        await until(lambda: len(ear.all("answers/me")) >= answered, what="the answers")
        told = [heard.json["status"] for heard in ear.all("answers/me")]
        assert told == ["confirmed"] * len(TAKEN if MOSQUITTO else ()), "that it was accepted is no answer"


async def test_the_present_value_is_confirmed_without_a_write(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Nothing to do is a final result alone."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/current_limit/set", "16.0")
        result = await ear.result("garage", property="current_limit")
        assert (result["status"], result["code"], result["applied"]) == ("confirmed", "ok", 16)
        assert (len(results(ear)), writes(simulator)) == (1, [])


@pytest.mark.parametrize(("action", "written"), [("restart", ["rst=true"]), ("refresh", [])])
async def test_a_button_is_pressed(
    run: Run, ear: Probe, simulator: GoeSimulator, action: str, written: list[str]
) -> None:
    """An action takes PRESS and is confirmed when the charger said yes."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send(f"garage/{action}/set", "press")
        result = await ear.result("garage", property=action)
        assert (result["status"], result["requested"], result["applied"]) == ("confirmed", "press", None)
        assert writes(simulator) == written


async def test_several_properties_in_one_message(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Each gets a final result of its own, under the one id."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/set", obj(id=7, current_limit=99, phase_mode="three", power=1, charge_mode="standard"))
        await until(lambda: len(finals(ear)) == 4)
        assert {(r["id"], r["property"], r["status"], r["code"]) for r in finals(ear)} == {
            ("7", "current_limit", "rejected", "out_of_range"),
            ("7", "phase_mode", "confirmed", "ok"),
            ("7", "power", "rejected", "not_supported"),
            ("7", "charge_mode", "confirmed", "ok"),
        }


async def test_the_last_of_many_wins(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """While the charger is busy, newer commands for a property replace older ones; one write is made."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await be_busy(simulator, 0.4)
        for amps in range(10, 15):
            await ear.send("garage/set", obj(id=str(amps), current_limit=amps))
        await until(lambda: writes(simulator))
        replaced = [(r["id"], r["status"], r["code"]) for r in finals(ear)]
        assert replaced == [(str(amps), "superseded", "superseded") for amps in range(10, 14)]
        assert writes(simulator) == ["amp=14"]


# What a charger can do to a command


@pytest.mark.mosquitto
async def test_how_commands_end_badly(run: Run, ear: Probe) -> None:
    """Refused, unreachable, no answer and no effect are told apart, and in each case what the charger shows."""
    names = ("refusing", "gone", "silent", "deaf")
    simulators = {name: GoeSimulator(serial=f"{number:06}") for number, name in enumerate(names)}
    simulators["deaf"] = GoeSimulator(serial="000009", visible_after_s=60)
    for simulator in simulators.values():
        await simulator.start()
    try:
        async with run({name: goe(simulator, timeout=1) for name, simulator in simulators.items()}):
            for name in names:
                await ear.until(f"{name}/state")
            await simulators["refusing"].set_fault("refuse_writes")
            await simulators["gone"].set_fault("unreachable")
            await simulators["silent"].set_fault("hang")
            for name in names:
                await ear.send(f"{name}/current_limit/set", "10")
            await until(lambda: writes(simulators["silent"]))
            await ear.until("silent/result", lambda _: writes(simulators["silent"]))
            await simulators["silent"].clear_fault()
            ends = {name: await ear.result(name, within=20) for name in names}
            assert ends["gone"].pop("applied") in {None, 16}, "it depends on whether a read failed before"
            told = {name: (end["status"], end["code"], end.get("applied")) for name, end in ends.items()}
            assert told == {
                "refusing": ("rejected", "vendor_refused", 16),
                "gone": ("rejected", "vendor_unreachable", None),
                "silent": ("failed", "vendor_unreachable", 16),
                "deaf": ("unconfirmed", "not_confirmed", 16),
            }
            assert "amp: failed: not allowed now" in ends["refusing"]["message"]
            assert {name: len(writes(simulator)) for name, simulator in simulators.items()} == {
                "refusing": 1,
                "gone": 0,
                "silent": 1,
                "deaf": 1,
            }, "nothing is repeated"
            assert all(len(finals(ear, name)) == 1 for name in names)
            assert all(results(ear, name)[0]["status"] == "accepted" for name in names)
    finally:
        for simulator in simulators.values():
            await simulator.stop()


async def test_a_full_queue_takes_no_more(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Beyond `commands.queue` waiting commands the next is refused; one for a property that waits is no further one."""
    async with run({"garage": goe(simulator)}, commands={"queue": 1}):
        await ear.until("garage/state")
        await be_busy(simulator, 0.4)
        for id_, key, value in (("a", "current_limit", 10), ("b", "phase_mode", "single"), ("c", "current_limit", 11)):
            await ear.send("garage/set", obj(**{"id": id_, key: value}))
        await ear.until("garage/result", lambda heard: heard.json["id"] == "c")
        assert [(r["id"], r["status"], r["code"]) for r in results(ear)] == [
            ("a", "accepted", "ok"),
            ("b", "rejected", "queue_full"),
            ("a", "superseded", "superseded"),
            ("c", "accepted", "ok"),
        ]


async def test_a_command_that_waited_too_long_is_not_carried_out(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """A charger that is busy for longer than `commands.max_age` does not get it any more."""
    async with run({"garage": goe(simulator)}, commands={"max_age": 1}):
        await ear.until("garage/state")
        await be_busy(simulator, 1.2)
        await ear.send("garage/current_limit/set", "10")
        result = await ear.result("garage", property="current_limit")
        assert (result["status"], result["code"], writes(simulator)) == ("expired", "expired", [])


async def test_a_stop_ends_every_command(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """What was sent is still judged, what waits is refused, and both are told before the bridge says offline."""
    async with run({"garage": goe(simulator)}) as stop:
        await ear.until("garage/state")
        await ear.send("garage/current_limit/set", "10")
        await until(lambda: writes(simulator))
        await until(lambda: simulator.requests[-1].path == "/api/status")
        await be_busy(simulator, 0.4)
        await ear.send("garage/phase_mode/set", "single")
        await ear.until("garage/result", lambda heard: heard.json["property"] == "phase_mode")
        stop.set()
        await ear.until("garage/result", lambda heard: heard.json["code"] == "shutting_down")
    await ear.until("bridge/state", "offline")
    assert {r["property"]: (r["status"], r["code"]) for r in finals(ear)} == {
        "current_limit": ("confirmed", "ok"),
        "phase_mode": ("rejected", "shutting_down"),
    }
    assert ear.heard.index(ear.all("garage/result")[-1]) < ear.heard.index(ear.all("bridge/state")[-1])
    assert writes(simulator) == ["amp=10"]


@pytest.mark.mosquitto
async def test_two_hundred_at_once_get_one_final_result_each(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """However many commands come, each has exactly one end, and the last value of each property is what stays."""
    values: dict[str, Callable[[int], object]] = {
        "current_limit": lambda number: 6 + number % 20,
        "phase_mode": lambda number: ("auto", "single", "three")[number % 3],
        "led_brightness": lambda number: number % 100,
        "charge_mode": lambda number: ("standard", "eco", "party")[number % 3],
        "power": lambda number: number,
        "vendor/acs": lambda number: number % 4,
    }
    async with run({"garage": goe(simulator)}, commands={"queue": 2}):
        await ear.until("garage/state")
        for number in range(200):
            key = list(values)[number % len(values)]
            await ear.send("garage/set", obj(**{"id": str(number), key: values[key](number)}))
        await until(lambda: len({r["id"] for r in finals(ear)}) == 200, within=20)
    await ear.until("bridge/state", "offline")
    ends = Counter(r["id"] for r in finals(ear))
    assert (len(ends), set(ends.values())) == (200, {1})
    accepted = Counter(r["id"] for r in results(ear) if r["status"] == "accepted")
    assert set(accepted.values()) == {1}
    assert simulator.device.settings["amp"] == values["current_limit"](198)


# Answers of MQTT 5


@pytest.mark.mosquitto
@pytest.mark.parametrize(
    ("correlation", "id_"),
    [(b"7f3c", "7f3c"), (b"\xff\x00\x10", "ff0010"), (b"a\nb", "610a62"), ("ä".encode(), "ä")],
)
async def test_the_final_result_goes_where_the_sender_wants_it(
    run: Run, ear: Probe, simulator: GoeSimulator, correlation: bytes, id_: str
) -> None:
    """With a response topic the final result alone goes there too, with the same correlation data; that is the id."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/led_brightness/set", "400", response="answers/me", correlation=correlation)
        answer = await ear.until("answers/me")
        await ear.result("garage", id=id_)
        assert answer.json == finals(ear)[0]
        assert (answer.json["id"], answer.json["code"]) == (id_, "out_of_range")
        assert (answer.correlation, answer.retained, answer.qos) == (correlation, False, 1)


@pytest.mark.mosquitto
async def test_an_id_of_its_own_wins_over_correlation_data(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """The JSON form names the command itself; the answer still carries the correlation data."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/set", obj(id="mine", power=1), response="answers/me", correlation=b"theirs")
        answer = await ear.until("answers/me")
        assert (answer.json["id"], answer.correlation) == ("mine", b"theirs")


@pytest.mark.mosquitto
async def test_impossible_response_topics_do_no_harm(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Whatever a sender names there, the result is on the result topic, and the session with the broker stays."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        for number, topic in enumerate(("/", "/a/#", "/+/b", "/$SYS/broker/uptime", "/" + "x" * 60_000, "answers/me")):
            await ear.send("garage/current_limit/set", "99", response=topic, correlation=str(number).encode())
            await ear.result("garage", id=str(number))
        await ear.until("answers/me")
        await ear.send("garage/current_limit/set", "98")
        await ear.result("garage", requested=98)
        assert len(ear.all("bridge/info")) == 1


# Retained, and late


def is_cleared(heard: Heard) -> bool:
    """Match the removal of a retained message."""
    return heard.text == ""


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_retained_command_is_refused_and_cleared(
    run: Run, ear: Probe, simulator: GoeSimulator, protocol: str
) -> None:
    """What is retained when the bridge starts is never carried out; the removal itself is no command."""
    await ear.send("garage/current_limit/set", "10", retain=True)
    await ear.send("garage/set", obj(id="j", phase_mode="single"), retain=True)
    await ear.send("garage/led_brightness/set", b"\xff", retain=True)
    async with run({"garage": goe(simulator)}, mqtt={"protocol": protocol}):
        for topic in ("garage/current_limit/set", "garage/set", "garage/led_brightness/set"):
            await ear.until(topic, is_cleared)
        await until(lambda: len(finals(ear)) == 3)
        assert {(r["property"], r["status"], r["code"]) for r in finals(ear)} == {
            ("current_limit", "rejected", "retained"),
            ("phase_mode", "rejected", "retained"),
            ("led_brightness", "rejected", "retained"),
        }
        await ear.until("garage/state")
        ear.forget()
        await ear.send("garage/current_limit/set", "")
        await ear.result("garage", property="current_limit", code="invalid_value")
        await ear.send("garage/current_limit/set", "99")
        await ear.result("garage", code="out_of_range")
        assert len(finals(ear)) == 2
        assert writes(simulator) == []


@pytest.mark.mosquitto
async def test_a_command_that_comes_live_with_the_flag_is_refused_too(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """MQTT 5 shows the flag also while the message is live; it is cleared, so that no restart finds it."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/current_limit/set", "10", retain=True)
        result = await ear.result("garage", property="current_limit")
        assert (result["status"], result["code"], result["requested"]) == ("rejected", "retained", 10)
        await ear.until("garage/current_limit/set", is_cleared)
        await ear.send("garage/current_limit/set", "")
        await ear.result("garage", property="current_limit", code="invalid_value")
        assert (len(results(ear)), writes(simulator)) == (2, [])


@pytest.mark.mosquitto
async def test_commands_sent_while_the_bridge_was_away_are_not_delivered(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """The broker keeps nothing for us: what nobody heard is not carried out later."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
    await ear.until("bridge/state", "offline")
    await ear.send("garage/current_limit/set", "10")
    ear.forget()
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/power/set", "1")
        await ear.result("garage", property="power")
        assert [r["property"] for r in finals(ear)] == ["power"]
        assert writes(simulator) == []
