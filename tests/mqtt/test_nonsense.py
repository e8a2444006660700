"""Any bytes on a `set` topic, and on the others: one final result within a second, and the bridge goes on."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.probe import Probe
from tests.support.waiting import until

pytestmark = pytest.mark.mosquitto


def nested(depth: int) -> bytes:
    """Return a JSON object of that depth."""
    return b'{"current_limit":' * depth + b"1" + b"}" * depth


BYTES: list[bytes] = [
    *(b"", b" ", b"\0", b"\0" * 100, b"\xff", b"\xff\xfe1\x000\x00", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf10"),
    *b"None null NULL undefined nan -Infinity 1e999 -1e-999 0x10 1_0 10,5,5 +-10 '10' \x1b[31m".split(),
    *(text.encode() for text in ("\uff11\uff10", "\u0663", "\u2177", "10\u200b", "\u221210")),
    *(b"9" * 400, b"9" * 5000, b"9" * 70_000, b"." * 39, b"10 A", b"10\0", b"true false", b"{{ states.x }}"),
    *rb"""" "" "\ [[]] [10] {" {"a" {"a": {}} {'a':1} {"a":1,} {"a":NaN} {1:1} {} [] 1""".split(),
    b"[" * 5000,
    *(nested(depth) for depth in (2, 20, 21, 22, 100, 400, 480, 490, 900, 990, 1500)),
    b'{"\\ud800": 1}',
    b'{"a": "\\udfff"}',
    b'{"id": "\\ud800", "a": 1}',
    b'{"id": {}, "a": 1}',
    b'{"id": true, "a": 1}',
    b'{"id": 1e400, "a": 1}',
    b'{"id": ' + b"9" * 4000 + b', "a": 1}',
    b'{"id": "' + b"x" * 5000 + b'", "a": 1}',
    b'{"id": [], "ts": []}',
    b'{"ts": 0, "a": 1}',
    b'{"ts": "0001-01-01T00:00:00+23:59", "a": 1}',
    b'{"ts": "9999-12-31T23:59:59-23:59", "a": 1}',
    b'{"ts": "2026-02-30T00:00:00Z", "a": 1}',
    b'{"": 1}',
    b'{"' + b"k" * 60_000 + b'": 1}',
    b'{"a/b": 1}',
    b'{"set": 1}',
    b'{"refresh": 1}',
    b'{"current_limit": ' + b"9" * 4300 + b"}",
    b'{"current_limit": -1e400}',
    b'{"current_limit": {"current_limit": 10}}',
    b'{"charging_enabled": "\\u0000"}',
    b'{"charging_enabled": 10000000000000000000000}',
    b'{"charge_mode": ["eco"]}',
    b'{"charge_mode": {"eco": true}}',
    b'{"restart": true}',
]

TOPICS = (
    *(
        "set",
        "current_limit/set",
        "charging_enabled/set",
        "charge_mode/set",
        "restart/set",
        "power/set",
        "vendor/fna/set",
    ),
    *(
        "nonsense/set",
        "vendor/nonsense/set",
        "state/set",
        "request/x/set",
        " /set",
        "ä/set",
        "$a/set",
        "vendor/set",
        "/set",
    ),
)
"""Below a charger. Not all of them are `set` topics."""

ANSWERED = [topic for topic in TOPICS if topic != "request/x/set"]


def random_bytes(count: int) -> list[bytes]:
    """Return payloads of all lengths and kinds, the same ones in every run."""
    dice = random.Random(20_260_101)
    alphabets = [bytes(range(256)), b'{}[]":,.0123456789eE+-truefalsn \\u', b"0123456789.,-+eE ", b"onfyestruea \"'"]
    return [bytes(dice.choices(dice.choice(alphabets), k=dice.choice((1, 2, 3, 8, 40, 300)))) for _ in range(count)]


def means_something(payload: bytes) -> bool:
    """Tell whether a payload could be a real command to one of the topics, which takes its time."""
    return payload.decode(errors="replace").strip().strip('"').lower() in {
        *("press", "on", "off", "yes", "no", "true", "false", "1", "0", "auto", "eco", "standard", "next_trip"),
        *(str(amps) for amps in range(6, 33)),
    }


async def test_each_gets_exactly_one_final_result_within_a_second(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """No payload on any `set` topic is met with silence, with two results, or with the end of the bridge."""
    cases = [(topic, payload) for topic in ANSWERED for payload in BYTES] + [
        (ANSWERED[number % len(ANSWERED)], payload) for number, payload in enumerate(random_bytes(300))
    ]
    cases = [(topic, payload) for topic, payload in cases if topic != "vendor/fna/set" and not means_something(payload)]
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        for number, (topic, payload) in enumerate(cases):
            await ear.send(f"garage/{topic}", payload, response="answers/me", correlation=str(number).encode())

        def missing() -> set[int]:
            return set(range(len(cases))) - {int(heard.correlation or b"-1") for heard in ear.all("answers/me")}

        try:
            await until(lambda: not missing(), within=20)
        except AssertionError:
            lost = {number: cases[number] for number in sorted(missing())[:5]}
            raise AssertionError(f"no answer to {len(missing())} cases, such as {lost}") from None
        await ear.send("garage/current_limit/set", "99")
        await ear.result("garage", requested=99)
        counts = Counter(heard.correlation for heard in ear.all("answers/me"))
        many = {cases[int(number or 0)]: count for number, count in counts.items() if count != 1}
        assert many == {}
        answers = [heard.json for heard in ear.all("answers/me")]
        assert {answer["status"] for answer in answers} <= {"rejected", "expired"}
        assert max(answer["latency_ms"] for answer in answers) < 1000
        assert len(ear.all("bridge/info")) == 1, "the session with the broker was never lost"
        assert simulator.counts["/api/set"] == 0


async def test_any_text_is_a_name(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """A property that takes text takes any, and of many at once each has one end; bytes that are none are refused."""
    payloads = [payload for payload in BYTES if len(payload) < 300][:40]
    async with run({"garage": goe(simulator, vendor_keys=["fna"])}, commands={"queue": 1}):
        await ear.until("garage/state")
        for number, payload in enumerate(payloads):
            await ear.send("garage/vendor/fna/set", payload, response="answers/me", correlation=str(number).encode())
        await until(lambda: len(ear.all("answers/me")) == len(payloads), within=20)
        ends = Counter(heard.json["status"] for heard in ear.all("answers/me"))
        assert set(ends) <= {"superseded", "rejected", "confirmed"}


async def test_properties_by_the_thousand(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """One message may name as many properties as fit into it: each gets its result."""
    names = [f"p{number}" for number in range(2000)]
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/set", json.dumps(dict.fromkeys(names, 1), separators=(",", ":")))
        await until(lambda: len(ear.all("garage/result")) >= len(names), within=30)
        told = Counter(heard.json["property"] for heard in ear.all("garage/result"))
        assert told == Counter(names)


@pytest.mark.parametrize("topic", ["bridge/request/{0}", "garage/request/{0}"])
async def test_nonsense_questions_are_answered(run: Run, ear: Probe, simulator: GoeSimulator, topic: str) -> None:
    """Every question gets one answer, whatever bytes it is made of; the transaction comes back where it can."""
    questions = ("refresh", "health", "discovery", "log_level", "sessions", "nonsense", "")
    async with run({"garage": goe(simulator, poll_interval=60)}):
        await ear.until("garage/state")
        sent = 0
        for question in questions if topic.startswith("bridge") else ("sessions", "nonsense"):
            for payload in (*BYTES, *random_bytes(20)):
                if question != "log_level" or not is_a_level(payload):
                    await ear.send(topic.format(question), payload, response="answers/me")
                    sent += 1
        await until(lambda: len(ear.all("answers/me")) >= sent, within=30)
        assert len(ear.all("answers/me")) == sent
        for heard in ear.all("answers/me"):
            answer: dict[str, Any] = heard.json
            assert list(answer) == ["status", "data", "error", "transaction"]
            assert (answer["status"] == "ok") == (answer["error"] is None)
        assert len(ear.all("bridge/info")) == 1


def is_a_level(payload: bytes) -> bool:
    """Tell whether it would change how much the tests log."""
    return payload.strip().lower() in {b"debug", b"info", b"warning", b"error"}
