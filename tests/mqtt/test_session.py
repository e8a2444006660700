"""The session with the broker: how it comes about, in which order, how it ends, and what a broker can do to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.demo.broker import free_port
from bridge.mqtt.address import BrokerAddress, Protocol
from bridge.mqtt.broker import Broker
from bridge.mqtt.outbox import Outbox, Rank
from bridge.mqtt.requests import Incoming
from bridge.mqtt.traffic import Traffic
from bridge.mqtt.waits import STEADY_S, Waits
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker, listens
from tests.support.fake_broker import NOT_AUTHORIZED, UNSUPPORTED_VERSION, FakeBroker, Greeting
from tests.support.probe import probe
from tests.support.waiting import until


class Side:
    """What the broker session is given, and what it tells."""

    def __init__(self, port: int, **address: Any) -> None:
        self.outbox = Outbox()
        self.traffic = Traffic()
        self.protocols: list[Protocol] = []
        self.heard: list[Incoming] = []
        where = BrokerAddress(
            host="127.0.0.1", port=port, client_id="us", will_topic="us/state", timeout_s=0.2, **address
        )
        waits = Waits(first_s=0.02, longest_s=0.1)
        self.broker = Broker(
            where, self.outbox, ("us/+/set",), self.protocols.append, self.heard.append, self.traffic, waits
        )


@asynccontextmanager
async def session(port: int, **address: Any) -> AsyncIterator[Side]:
    """Hold a session for the time of the context."""
    side = Side(port, **address)
    task = asyncio.create_task(side.broker.run(), name="session")
    try:
        yield side
    finally:
        side.broker.stop()
        async with asyncio.timeout(10):
            await task


# How it comes about


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_nothing_is_said_before_everything_is_subscribed(
    run: Run, simulator: GoeSimulator, base: str, protocol: str
) -> None:
    """First the subscriptions, then bridge/state, bridge/info, availability, announcements, the list, and states."""
    async with FakeBroker() as broker:
        async with run({"garage": goe(simulator)}, port=broker.port, mqtt={"protocol": protocol}):
            await until(lambda: any("last_update" in line for line in broker.heard))
        heard = broker.heard
    kinds = [line.split()[0] for line in heard]
    assert kinds[0] == "connect"
    subscribed = kinds.count("subscribe")
    assert kinds[1 : 1 + subscribed] == ["subscribe"] * subscribed
    assert {f"subscribe {base}/+/set", f"subscribe {base}-ha/status"} <= set(heard)
    told = [line.removeprefix("publish ") for line in heard[1 + subscribed :]]
    assert told[:3] == [f"{base}/bridge/state", f"{base}/bridge/info", f"{base}/garage/availability"]
    first = {topic: told.index(topic) for topic in reversed(told)}
    announced = first[f"{base}-ha/device/charger2mqtt_123456/config"]
    bridge_announced = first[f"{base}-ha/device/charger2mqtt_charger2mqtt/config"]
    assert 3 <= bridge_announced < announced < first[f"{base}/garage/state"] < first[f"{base}/garage/status"]
    assert told[-2:] == [f"{base}/bridge/state", "disconnect"]


async def test_refused_subscriptions_are_said_and_survived() -> None:
    """A broker that forbids a subscription costs the commands on it, and nothing else."""
    with capture_logs() as logs:
        async with FakeBroker(refuse_subscriptions=True) as broker, session(broker.port) as side:
            side.outbox.keep("us/x", b"1", rank=Rank.STATE)
            await until(lambda: "publish us/x" in broker.heard)
    assert [(line["log_level"], line["topic"]) for line in logs if "subscription" in line["event"]] == [
        ("error", "us/+/set")
    ]


@pytest.mark.parametrize("greeting", [UNSUPPORTED_VERSION, "old", "closed", "silent"])
async def test_a_broker_without_mqtt_5_is_spoken_to_in_the_old_way(greeting: Greeting) -> None:
    """A refused MQTT 5, or one that is met with silence or the end of the connection, is followed by MQTT 3.1.1."""
    async with FakeBroker([greeting, 0]) as broker, session(broker.port) as side:
        side.outbox.keep("us/x", b"1", rank=Rank.STATE)
        await until(lambda: "publish us/x" in broker.heard)
        assert [each.version for each in broker.sessions] == [5, 4]
        assert side.protocols == [Protocol.V311]
        assert side.traffic.protocol is Protocol.V311


@pytest.mark.parametrize("greeting", [UNSUPPORTED_VERSION, "old"])
async def test_a_refusal_of_mqtt_5_is_remembered(greeting: Greeting) -> None:
    """A broker that said no in so many words is not asked again when the connection was lost."""
    async with FakeBroker([greeting, 0], fatal="us/fatal") as broker, session(broker.port) as side:
        await until(lambda: side.protocols)
        side.outbox.send("us/fatal", b"")
        await until(lambda: len(side.protocols) > 1)
        assert {each.version for each in broker.sessions[1:]} == {4}


@pytest.mark.parametrize(("wanted", "version"), [("5", 5), ("3.1.1", 4)])
async def test_a_fixed_protocol_is_kept_to(wanted: str, version: int) -> None:
    """With `protocol` set, the other one is never tried."""
    async with FakeBroker([UNSUPPORTED_VERSION]) as broker, session(broker.port, protocol=wanted):
        await until(lambda: len(broker.sessions) > 2)
        assert {each.version for each in broker.sessions} == {version}


async def test_mqtt_5_that_worked_once_is_not_given_up() -> None:
    """After a lost connection the same protocol is spoken again, even while the broker is not itself yet."""
    async with FakeBroker([0, "closed", 0], fatal="us/fatal") as broker, session(broker.port) as side:
        await until(lambda: side.protocols)
        side.outbox.send("us/fatal", b"")
        await until(lambda: len(side.protocols) > 1)
        assert {each.version for each in broker.sessions} == {5}


@pytest.mark.parametrize("greetings", [["silent"], [NOT_AUTHORIZED], [0x88], ["silent", "closed"] * 20])
async def test_a_broker_that_does_not_want_us_is_said_once(greetings: list[Greeting]) -> None:
    """However often we try, one line tells of it, and not more than one connection is ever open."""
    open_at_once = []
    with capture_logs() as logs:
        async with FakeBroker(greetings) as broker, session(broker.port, username="us", password="not-to-be-seen"):

            def enough() -> bool:
                open_at_once.append(broker.open_connections)
                return len(broker.sessions) > 2

            await until(enough, within=10)
    assert max(open_at_once) <= 1
    assert [line["event"] for line in logs] == ["broker unavailable"]
    assert "not-to-be-seen" not in str(logs)


async def test_a_broker_that_is_not_there_is_tried_again_and_again() -> None:
    """Nobody listens at first: said once, and `tried` tells that an attempt was made; later the session stands."""
    port = free_port()
    with capture_logs() as logs:
        async with session(port) as side:
            await asyncio.wait_for(side.broker.tried(), 10)
            assert not side.traffic.connected
            async with FakeBroker(port=port):
                await until(lambda: side.traffic.connected)
                assert side.traffic.reconnects == 0
                side.broker.stop()
    assert [line["event"] for line in logs] == ["broker unavailable", "broker connected"]
    assert logs[-1]["failed_attempts"] >= 1


def test_waits_grow_and_have_limits() -> None:
    """Absent brokers are tried at growing distances; steady sessions come back soon; short ones each time later."""
    waits = Waits()
    assert all(0.5 <= waits.after_failure() <= most for most in (2, 4, 8, 16, 30, 30, 30))
    assert 0.5 <= waits.after_session(STEADY_S) <= 1
    assert waits.after_failure() <= 2
    for least in (1, 2, 4, 8, 15, 15, 15):
        assert least <= waits.after_session(STEADY_S / 2) <= 2 * least
    assert waits.after_session(STEADY_S) <= 1
    assert waits.after_session(0) <= 2


# How it goes on


async def test_a_new_session_sends_what_waited() -> None:
    """What was in the outbox when a connection broke goes out in the next one; reconnects are counted."""
    async with FakeBroker(fatal="us/fatal") as broker, session(broker.port) as side:
        await until(lambda: side.protocols)
        side.outbox.send("us/fatal", b"")
        side.outbox.send("us/after", b"")
        await until(lambda: any("publish us/after" in each.heard for each in broker.sessions))
        assert side.traffic.reconnects >= 1


async def test_a_broker_that_does_not_answer_any_more_is_left() -> None:
    """A message that is not acknowledged in time ends the session; it is sent again in the next one."""
    async with FakeBroker() as broker, session(broker.port) as side:
        await until(lambda: side.traffic.connected)
        broker.mute = True
        side.outbox.send("us/x", b"")
        await until(lambda: not side.traffic.connected)
        broker.mute = False
        await until(lambda: side.outbox.empty)
        assert side.traffic.reconnects >= 1
        assert "publish us/x" in broker.heard


async def test_a_message_that_costs_the_connection_twice_is_dropped() -> None:
    """Some brokers throw out whoever publishes where it must not: one such response topic must not end everything."""
    with capture_logs() as logs:
        async with FakeBroker(fatal="us/fatal") as broker, session(broker.port) as side:
            await until(lambda: side.protocols)
            side.outbox.send("us/fatal", b"1")
            side.outbox.send("us/after", b"")
            await until(lambda: "publish us/after" in broker.heard)
            assert len(broker.sessions) == 3
            assert side.outbox.empty
    assert [line["topic"] for line in logs if line["event"].startswith("message dropped")] == ["us/fatal"]


async def test_a_retained_message_is_never_dropped() -> None:
    """What the broker should hold stays, whatever happened while it was sent."""
    async with FakeBroker(fatal="us/fatal") as broker, session(broker.port) as side:
        side.outbox.keep("us/fatal", b"1", rank=Rank.STATE)
        await until(lambda: len(broker.sessions) > 3)
        assert not side.outbox.empty
        side.outbox.forget("us/fatal")
        side.outbox.retained.clear()
        side.outbox.done("us/fatal", side.outbox.peek()[1])


@pytest.mark.parametrize("response_topic", ["", "a/#", "a/+/b"])
async def test_an_impossible_response_topic_is_none(response_topic: str) -> None:
    """Brokers pass on what senders make up; publishing there would end the connection."""
    async with FakeBroker() as broker, session(broker.port) as side:
        await until(lambda: side.traffic.connected)
        broker.send("us/x/set", b"1", response_topic=response_topic)
        broker.send("us/y/set", b"2", response_topic="them/answer")
        await until(lambda: side.heard and side.heard[-1].topic == "us/y/set")
        assert side.heard[-1].response_topic == "them/answer"
        assert [message.response_topic for message in side.heard[:-1]] in ([], [None])


async def test_a_topic_that_is_none_does_no_harm() -> None:
    """What cannot be published is said and left, and the session goes on."""
    async with FakeBroker() as broker, session(broker.port) as side:
        with capture_logs() as logs:
            side.outbox.send("us/" + "x" * 70_000, b"1")
            side.outbox.send("us/after", b"")
            await until(lambda: "publish us/after" in broker.heard)
        assert len(broker.sessions) == 1
    assert "message not sent" in [line["event"] for line in logs]


async def test_stopping_sends_what_waits_and_says_goodbye() -> None:
    """`stop` ends the session after the outbox is empty, with a DISCONNECT, so that the will is not published."""
    async with FakeBroker() as broker:
        async with session(broker.port) as side:
            await until(lambda: side.protocols)
            for number in range(50):
                side.outbox.send(f"us/{number}", b"")
        heard = broker.heard
    assert heard[-2:] == ["publish us/49", "disconnect"]


# Two with one name


@pytest.mark.mosquitto
async def test_a_second_daemon_with_the_same_client_id_is_noticed(shared_broker: TestBroker) -> None:
    """Each throws the other out when it comes; the log says what that may be, and they stay away longer each time."""
    with capture_logs() as logs:
        async with session(shared_broker.port), session(shared_broker.port) as other:
            await until(lambda: other.traffic.reconnects > 1, within=20)
    reasons = [line["reason"] for line in logs if line["event"] == "broker unavailable"]
    hint = "; perhaps another client calls itself us, and each needs a client_id of its own"
    assert any(reason.startswith("connection lost: ") and reason.endswith(hint) for reason in reasons), reasons


async def test_a_broker_that_says_that_we_were_taken_over_is_believed() -> None:
    """With MQTT 5 a broker can say that another client came with our name."""
    with capture_logs() as logs:
        async with FakeBroker() as broker, session(broker.port) as side:
            await until(lambda: side.traffic.connected)
            broker.kick(0x8E)
            await until(lambda: side.traffic.reconnects)
    assert [line["reason"] for line in logs if line["event"] == "broker unavailable"] == [
        "another client calls itself us, and each needs a client_id of its own"
    ]


async def test_a_lost_connection_is_said_each_time_with_its_reason() -> None:
    """Every loss is news, since a session stood in between; there is no traceback and nothing more."""
    with capture_logs() as logs:
        async with FakeBroker() as broker, session(broker.port) as side:
            while side.traffic.reconnects < 2:
                before = len(broker.sessions)
                await until(lambda: side.traffic.connected)
                broker.kick(0x8B)
                await until(lambda: len(broker.sessions) > before and side.traffic.connected)  # noqa: B023 - at once
    said = [line["reason"] for line in logs if line["event"] == "broker unavailable"]
    assert [reason.split(";")[0] for reason in said] == ["connection lost: [code:139] Server shutting down"] * 2


# The embedded broker


async def test_the_embedded_broker_is_spoken_to_in_the_old_way(run: Run, simulator: GoeSimulator, base: str) -> None:
    """A broker from the package index leaves MQTT 5 without an answer and gets everything by MQTT 3.1.1."""
    port = free_port()
    command = [sys.executable, "-m", "bridge.demo.embedded_broker", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            await until(lambda: listens(port), within=30, what="the embedded broker")
            async with session(port) as side:
                await until(lambda: side.protocols == [Protocol.V311])
            async with (
                run({"garage": goe(simulator)}, port=port, mqtt={"protocol": "3.1.1"}),
                probe(port, base, five=False) as ear,
            ):
                await ear.until("garage/state", within=20)
                assert (await ear.until("bridge/info")).json["protocol"] == "3.1.1"
                await ear.send("garage/current_limit/set", "99")
                assert (await ear.result("garage", property="current_limit"))["code"] == "out_of_range"
        finally:
            process.kill()
