"""The session with a broker on which chargers tell of themselves: what is heard there, what is said, and outages."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.broker_settings import BrokerSettings
from bridge.demo.broker import free_port
from bridge.errors import NoAnswerError, UnreachableError
from bridge.mqtt.address import BrokerAddress, address_of
from bridge.mqtt.feed import BrokerFeed
from bridge.mqtt.waits import Waits
from tests.mqtt.test_access import PASSWORD, Authority, encrypted_broker, needs_openssl
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.fake_broker import NOT_AUTHORIZED, UNSUPPORTED_VERSION, FakeBroker, Greeting
from tests.support.probe import Probe, probe
from tests.support.waiting import until

PROTOCOL: dict[str, Any] = {} if MOSQUITTO else {"protocol": "3.1.1"}
READY = b"ready?"


class Ears:
    """What a charger's part of the bridge hears below one root."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.ready: set[str] = set()

    def __call__(self, below: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 - what the feed calls
        """Remember a message; those of `until_heard_from` apart from the others."""
        if payload == READY:
            self.ready.add(below)
        else:
            self.heard.append((below, payload, kept))

    async def until(self, below: str, payload: bytes, within: float = 10.0) -> None:
        """Wait for a message."""
        await until(lambda: (below, payload) in [each[:2] for each in self.heard], within, f"{below} {payload!r}")


def feeding(port: int, *, wait: bool = True, **address: Any) -> AbstractAsyncContextManager[BrokerFeed]:
    """Run a feed from a broker on this port; see `feeding_at`."""
    where: dict[str, Any] = {"host": "127.0.0.1", "port": port, "client_id": f"f{uuid.uuid4().hex}", "timeout_s": 2.0}
    return feeding_at(BrokerAddress(**where | address), wait=wait)


@asynccontextmanager
async def feeding_at(where: BrokerAddress, *, wait: bool = True) -> AsyncIterator[BrokerFeed]:
    """Run a feed for the time of the context; `wait` until its session stands."""
    feed = BrokerFeed(where, Waits(first_s=0.02, longest_s=0.1))
    task = asyncio.create_task(feed.run(), name="feed")
    try:
        if wait:
            await until(lambda: feed.connected, within=10)
        yield feed
    finally:
        feed.stop()
        async with asyncio.timeout(10):
            await task


async def until_heard_from(ear: Probe, ears: Ears, root: str) -> None:
    """Wait until what is said below a root arrives, which means that it is subscribed to at both levels."""
    ears.ready.clear()
    async with asyncio.timeout(10):
        while ears.ready != {"ready", "ready/ready"}:
            await ear.send(f"/{root}/ready", READY)
            await ear.send(f"/{root}/ready/ready", READY)
            await asyncio.sleep(0.02)


# What is heard


async def test_one_and_two_levels_below_a_root_are_heard(shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """Keys and their results, with the path below the root; nothing above, beside or deeper."""
    ears = Ears()
    async with feeding(shared_broker.port, **PROTOCOL) as feed:
        feed.hear(f"{base}/1", ears)
        await until_heard_from(ear, ears, f"{base}/1")
        for topic in ("1", "2/amp", "1/amp", "1/amp/result", "1/amp/set/x", "1/amp/set", "1/last"):
            await ear.send(topic, topic)
        await ears.until("last", b"1/last")
    assert [(below, payload) for below, payload, _ in ears.heard] == [
        ("amp", b"1/amp"),
        ("amp/result", b"1/amp/result"),
        ("amp/set", b"1/amp/set"),
        ("last", b"1/last"),
    ]


async def test_a_slash_in_front_is_another_root(shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """Firmware before 054.6 begins its topics with one."""
    with_slash, without = Ears(), Ears()
    async with feeding(shared_broker.port, **PROTOCOL) as feed:
        feed.hear(f"/{base}", with_slash)
        feed.hear(base, without)
        await until_heard_from(ear, with_slash, f"/{base}")
        await until_heard_from(ear, without, base)
        await ear.send(f"//{base}/amp", "16")
        await with_slash.until("amp", b"16")
        await ear.send(f"/{base}/amp", "17")
        await without.until("amp", b"17")
    assert ("amp", b"17") not in [each[:2] for each in with_slash.heard]
    assert ("amp", b"16") not in [each[:2] for each in without.heard]


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_what_was_kept_is_told_from_what_is_news(
    shared_broker: TestBroker, ear: Probe, base: str, protocol: str
) -> None:
    """A broker hands out what it kept with a flag; the same message live has none, whatever its sender set."""
    ears = Ears()
    await ear.send("old", "1", retain=True)
    async with feeding(shared_broker.port, protocol=protocol) as feed:
        feed.hear(base, ears)
        await ears.until("old", b"1")
        await until_heard_from(ear, ears, base)
        await ear.send("new", "2", retain=True)
        await ears.until("new", b"2")
        assert ears.heard == [("old", b"1", True), ("new", b"2", False)]
    again = Ears()
    async with feeding(shared_broker.port, protocol=protocol) as feed:
        feed.hear(base, again)
        await again.until("new", b"2")
        await again.until("old", b"1")
    assert sorted(again.heard) == [("new", b"2", True), ("old", b"1", True)]


async def test_two_listeners_on_one_root_are_one_subscription() -> None:
    """Chargers on the same broker share one session, and nothing is asked for twice."""
    async with FakeBroker() as broker, feeding(broker.port) as feed:
        for root in ("us/1", "us/1", "us/2"):
            feed.hear(root, Ears())
        await until(lambda: sum("us/2" in line for line in broker.heard) == 2)
        wanted = [f"subscribe us/{number}/{below}" for number in "12" for below in ("+", "+/+")]
        assert sorted(broker.heard) == ["connect", *sorted(wanted)]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_the_last_listener_that_leaves_ends_the_subscription(protocol: str) -> None:
    """Then the broker sends no more; the others on the same session stay."""
    async with FakeBroker() as broker, feeding(broker.port, protocol=protocol) as feed:
        leave = [feed.hear("us/1", Ears()), feed.hear("us/1", Ears())]
        feed.hear("us/2", Ears())
        await until(lambda: len(broker.heard) == 5)
        leave[0]()
        feed.hear("us/3", Ears())
        await until(lambda: len(broker.heard) == 7)
        assert not [line for line in broker.heard if line.startswith("unsubscribe")]
        leave[1]()
        await until(lambda: len(broker.heard) == 9)
        assert broker.heard[-2:] == ["unsubscribe us/1/+", "unsubscribe us/1/+/+"]


async def test_nothing_is_heard_after_the_last_listener_left(shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """The first one that leaves takes nothing from the other; one that comes later hears again."""
    one, two, beside = Ears(), Ears(), Ears()
    async with feeding(shared_broker.port, **PROTOCOL) as feed:
        leave_one, leave_two = feed.hear(f"{base}/1", one), feed.hear(f"{base}/1", two)
        feed.hear(f"{base}/2", beside)
        await until_heard_from(ear, two, f"{base}/1")
        await until_heard_from(ear, beside, f"{base}/2")
        leave_one()
        await ear.send("1/amp", "1")
        await two.until("amp", b"1")
        leave_two()
        await until(lambda: f"{base}/1" not in feed._subscribed)
        await ear.send("1/amp", "2")
        await ear.send("2/amp", "2")
        await beside.until("amp", b"2")
        feed.hear(f"{base}/1", one)
        await until_heard_from(ear, one, f"{base}/1")
        await ear.send("1/amp", "3")
        await one.until("amp", b"3")
    assert [each[1] for each in two.heard] == [b"1"]
    assert [each[1] for each in one.heard] == [b"3"]


async def test_a_refused_subscription_is_said_and_survived() -> None:
    """The broker's rights may not be enough: one line for each, and what can be heard is heard."""
    with capture_logs() as logs:
        async with FakeBroker(refuse_subscriptions=True) as broker, feeding(broker.port) as feed:
            feed.hear("us", Ears())
            await until(lambda: sum("subscription" in line["event"] for line in logs) == 2)
            assert feed.connected
            await feed.say("us/amp/set", "1")
            assert broker.heard[-1] == "publish us/amp/set"
    assert [(line["log_level"], line["topic"]) for line in logs if "subscription" in line["event"]] == [
        ("error", "us/+"),
        ("error", "us/+/+"),
    ]


# What is said


async def test_what_is_said_arrives_once(shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """As it stands, not retained."""
    async with feeding(shared_broker.port, **PROTOCOL) as feed:
        await feed.say(f"{base}/amp/set", '"ä"')
        await feed.say(f"{base}/amp/set", "")
        await ear.until("amp/set", "")
    assert [(heard.text, heard.qos, heard.retained) for heard in ear.all("amp/set")] == [
        ('"ä"', 1, False),
        ("", 1, False),
    ]


async def test_without_a_session_nothing_is_said_now_or_later(own_broker: TestBroker, base: str) -> None:
    """It fails at once and is certain not to have been sent; the broker that comes back does not get it."""
    async with feeding(own_broker.port, **PROTOCOL) as feed:
        own_broker.kill()
        await until(lambda: not feed.connected, within=10)
        with pytest.raises(UnreachableError, match=r"^there is no connection to the charger's broker$"):
            await feed.say(f"{base}/amp/set", "6")
        own_broker.start()
        async with probe(own_broker.port, base) as ear:
            await until(lambda: feed.connected, within=10)
            await feed.say(f"{base}/amp/set", "7")
            await ear.until("amp/set", "7")
            assert [heard.text for heard in ear.all("amp/set")] == ["7"]


async def test_before_the_first_session_nothing_is_said() -> None:
    """The same holds while nobody has been reached yet, and when it has not even been tried."""
    async with feeding(free_port(), wait=False) as feed:
        assert not feed.connected
        with pytest.raises(UnreachableError):
            await feed.say("us/amp/set", "6")


async def test_a_broker_that_does_not_answer_leaves_it_open_whether_it_was_said() -> None:
    """That is another error: the charger may have been told."""
    async with FakeBroker() as broker, feeding(broker.port, timeout_s=0.2) as feed:
        broker.mute = True
        with pytest.raises(NoAnswerError, match=r"^the connection to the charger's broker was lost$"):
            await feed.say("us/amp/set", "6")


@pytest.mark.parametrize(("path", "text"), [("us/" + "x" * 70_000, "6"), ("us/+/set", "6"), ("us/amp/set", "\ud800")])
async def test_what_cannot_be_said_is_an_error(path: str, text: str) -> None:
    """Topics and texts that MQTT has no form for; the session goes on."""
    async with FakeBroker() as broker, feeding(broker.port) as feed:
        with pytest.raises(UnreachableError, match=r"^the charger's broker cannot take this message$"):
            await feed.say(path, text)
        await feed.say("us/after", "")
        assert (broker.heard[-1], len(broker.sessions)) == ("publish us/after", 1)


# How it goes on, and how it ends


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_broker_that_comes_back_is_heard_again(own_broker: TestBroker, base: str, end: str) -> None:
    """With the same subscriptions, and those that were added and dropped meanwhile."""
    stays, goes, comes = Ears(), Ears(), Ears()
    with capture_logs() as logs:
        async with feeding(own_broker.port, **PROTOCOL) as feed:
            feed.hear(f"{base}/1", stays)
            leave = feed.hear(f"{base}/2", goes)
            getattr(own_broker, end)()
            await until(lambda: not feed.connected, within=10)
            leave()
            feed.hear(f"{base}/3", comes)
            own_broker.start()
            async with probe(own_broker.port, base) as ear:
                await until_heard_from(ear, stays, f"{base}/1")
                await until_heard_from(ear, comes, f"{base}/3")
                await ear.send("2/amp", "16")
                await ear.send("3/amp", "16")
                await comes.until("amp", b"16")
    assert goes.heard == []
    events = [line["event"] for line in logs if line["event"].startswith("feed")]
    assert events[:2] == ["feed connected", "feed unavailable"]
    assert events[-1] == "feed connected"


@pytest.mark.parametrize("greetings", [["silent"], [NOT_AUTHORIZED], ["silent", "closed"] * 20])
async def test_a_broker_that_does_not_want_us_is_said_once(greetings: list[Greeting]) -> None:
    """However often it is tried, one line tells of it, without the password."""
    with capture_logs() as logs:
        async with FakeBroker(greetings) as broker:
            login = {"username": "us", "password": "not-to-be-seen", "timeout_s": 0.2}
            async with feeding(broker.port, wait=False, **login) as feed:
                await until(lambda: len(broker.sessions) > 2, within=10)
                assert not feed.connected
    assert [line["event"] for line in logs] == ["feed unavailable"]
    assert "not-to-be-seen" not in str(logs)


@pytest.mark.parametrize("greeting", [UNSUPPORTED_VERSION, "old", "closed", "silent"])
async def test_a_broker_without_mqtt_5_is_spoken_to_in_the_old_way(greeting: Greeting) -> None:
    """The same as for the broker of the bridge itself."""
    with capture_logs() as logs:
        async with FakeBroker([greeting, 0]) as broker, feeding(broker.port, timeout_s=0.5) as feed:
            feed.hear("us", Ears())
            await until(lambda: "subscribe us/+/+" in broker.heard)
            await feed.say("us/amp/set", "1")
            assert [each.version for each in broker.sessions] == [5, 4]
    assert [line["protocol"] for line in logs if line["event"] == "feed connected"] == ["3.1.1"]


@pytest.mark.parametrize("moment", ["connected", "waiting", "connecting"])
async def test_stopping_ends_it(moment: str) -> None:
    """In a session, which is ended with a DISCONNECT; between two attempts; and while a broker does not answer."""
    async with FakeBroker(["silent"] if moment == "connecting" else [0]) as broker:
        port = free_port() if moment == "waiting" else broker.port
        feed = BrokerFeed(
            BrokerAddress(host="127.0.0.1", port=port, client_id="us", timeout_s=0.3), Waits(first_s=30, longest_s=30)
        )
        with capture_logs() as logs:
            task = asyncio.create_task(feed.run(), name="feed")
            if moment == "waiting":
                await until(lambda: logs)
            else:
                await until(lambda: broker.heard == ["connect"] and feed.connected is (moment == "connected"))
            feed.stop()
            async with asyncio.timeout(5):
                await task
        assert not feed.connected
        if moment == "connected":
            await until(lambda: broker.heard[-1] == "disconnect")
            assert [line["event"] for line in logs] == ["feed connected"], "an end that was wanted is no trouble"


# Who may come


def configured(port: int, **settings: Any) -> BrokerAddress:
    """Return the address that a configuration names."""
    document = {"host": "127.0.0.1", "port": port, **PROTOCOL, **settings}
    return address_of(BrokerSettings.model_validate(document), "us")


def password_file(folder: Path) -> Path:
    """Make Mosquitto's file of users, with the one that we are."""
    users = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(users), "us", PASSWORD], check=True, capture_output=True)
    users.chmod(0o644)
    return users


@pytest.mark.mosquitto
async def test_credentials_of_the_configuration_are_shown(tmp_path: Path, base: str) -> None:
    """Only with the right name and password a session stands."""
    users = password_file(tmp_path)
    with TestBroker(tmp_path, "allow_anonymous false", f"password_file {users}") as broker:
        async with feeding_at(configured(broker.port, username="us", password=PASSWORD)) as feed:
            await feed.say(f"{base}/x", "1")
        with capture_logs() as logs:
            wrong = configured(broker.port, username="us", password=PASSWORD + "x")
            async with feeding_at(wrong, wait=False) as feed:
                await until(lambda: logs, within=10)
                assert not feed.connected
    assert "Not authorized" in logs[0]["reason"]
    assert PASSWORD not in str(logs)


@needs_openssl
@pytest.mark.mosquitto
async def test_an_encrypted_broker_of_the_configuration_is_verified(tmp_path: Path, base: str) -> None:
    """`tls` of the settings of a broker counts here, too: its authority and our own certificate."""
    authority = Authority(tmp_path, "ours")
    authority.found()
    certificate, key = authority.sign("bridge")
    tls = {"enabled": True, "ca_file": str(authority.file), "cert_file": str(certificate), "key_file": str(key)}
    async with (
        encrypted_broker(authority, "require_certificate true") as broker,
        probe(broker.plain_port, base) as ear,
        feeding_at(configured(broker.port, tls=tls)) as feed,
    ):
        await feed.say(f"{base}/x", "1")
        await ear.until("x", "1")
