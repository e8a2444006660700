"""A go-e that tells of itself: what is believed, for how long, and where writes go. The stories are in tests/mqtt."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import Charger, Telling
from bridge.charger.feed import Feed, Heard
from bridge.charger.values import Json
from bridge.errors import ChargerError, NoAnswerError, RefusedError, UnreachableError
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from bridge.vendors.goe.connect import connect
from bridge.vendors.goe.memory import Memory
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.goe.telling import TellingCharger
from bridge.vendors.goe.writes import set_key
from tests.support.feeds import no_feed
from tests.support.waiting import until

ROOT = "go-eCharger/012345"
PATIENT_S = 30.0
SHORT = 0.2
"""A time limit for what does not come."""


class Wire:
    """Where a charger speaks, by hand: a test says its words, and sees what is said to it."""

    def __init__(self) -> None:
        self.connected = True
        self.listeners: dict[str, Heard] = {}
        self.said: list[tuple[str, str]] = []
        self.answer: str | None = "success"
        self.brokers: list[BrokerSettings | None] = []

    def __call__(self, broker: BrokerSettings | None) -> Feed:
        """Be the feed of this broker."""
        self.brokers.append(broker)
        return self

    def hear(self, root: str, heard: Heard) -> Callable[[], None]:
        """Remember who listens below a root."""
        self.listeners[root] = heard
        return lambda: self.listeners.pop(root, None) and None

    async def say(self, path: str, text: str) -> None:
        """Take a write and answer it."""
        self.said.append((path, text))
        if self.answer is not None:
            root, key = path.removesuffix("/set").rsplit("/", 1)
            later = partial(self.tell_bytes, f"{key}/result", self.answer.encode(), root=root)
            asyncio.get_running_loop().call_soon(later)

    def tell(self, key: str, value: Json, *, kept: bool = False, root: str = ROOT) -> None:
        """Say a word of the charger."""
        self.tell_bytes(key, json.dumps(value).encode(), kept=kept, root=root)

    def tell_bytes(self, key: str, payload: bytes, *, kept: bool = False, root: str = ROOT) -> None:
        """Say anything."""
        self.listeners[root](key, payload, kept)


@pytest.fixture
def wire() -> Wire:
    """Where the charger speaks."""
    return Wire()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes less long, in the same proportions."""
    for name, seconds in (("QUIET_S", 0.1), ("ANSWER_S", 0.3), ("FILL_EVERY_S", 0.5), ("LOOK_EVERY_S", 0.1)):
        monkeypatch.setattr(f"bridge.vendors.goe.telling.{name}", seconds)


def telling(wire: Wire, http: Http, **settings: Any) -> TellingCharger:
    """Return a charger with these settings."""
    document = {"vendor": "go-e", "transport": "mqtt", "serial": "012345", "timeout": PATIENT_S, **settings}
    found = connect(GoeSettings.model_validate(document), http, wire)
    assert isinstance(found, TellingCharger)
    assert isinstance(found, Telling)
    return found


def fall_silent(charger: TellingCharger) -> None:
    """Let so much time pass since its last word as if it had said nothing for long."""
    assert charger._heard_at is not None
    charger._heard_at -= 2 * PATIENT_S


@asynccontextmanager
async def running(charger: TellingCharger) -> AsyncIterator[list[float]]:
    """Run it for the time of the context; gives the times at which it had news."""
    news: list[float] = []
    charger.on_news = lambda: news.append(asyncio.get_running_loop().time())
    task = asyncio.create_task(charger.run())
    try:
        yield news
    finally:
        charger.stop()
        async with asyncio.timeout(5):
            await task
        await charger.close()


# What is known


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        ([("kept", 1)], 1),
        ([("kept", 1), ("told", 2)], 2),
        ([("kept", 1), ("learnt", 2)], 2),
        ([("learnt", 1), ("told", 2)], 2),
        ([("told", 1), ("learnt", 2)], 2),
        ([("told", 1), ("silent", 0), ("learnt", 2)], 2),
        ([("learnt", 1), ("told", 2), ("silent", 0)], 2),
        # What the broker kept from long ago, once more: after our own connection was lost.
        ([("kept", 1), ("told", 2), ("kept", 1)], 2),
        ([("kept", 1), ("learnt", 2), ("kept", 1)], 2),
        # Something else is kept now: the charger has had a new session.
        ([("kept", 1), ("told", 2), ("kept", 3)], 3),
        ([("kept", 1), ("learnt", 2), ("kept", 3)], 3),
        ([("kept", 1), ("told", 2), ("kept", 3), ("told", 4)], 4),
    ],
)
def test_the_newest_word_counts(steps: list[tuple[str, int]], value: int) -> None:
    """Whether the charger told it, was asked for it, or the broker had kept it."""
    memory = Memory()
    for kind, what in steps:
        before = memory.document().get("car")
        if kind == "silent":
            memory.fell_silent()
        elif kind == "learnt":
            assert memory.learn({"car": what}) is (memory.document().get("car") != before)
        else:
            assert memory.take("car", what, kept=kind == "kept") is (memory.document().get("car") != before)
    assert memory.document() == {"car": value}
    assert "car" in memory
    assert "amp" not in memory


def test_nothing_and_null_are_different() -> None:
    """A charger tells null at times; the first time that is news."""
    memory = Memory()
    assert memory.take("trx", None, kept=False)
    assert not memory.take("trx", None, kept=False)
    assert memory.document() == {"trx": None}


# What is believed


async def test_at_first_everything_is_waited_for(wire: Wire, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """One key comes after the other; nothing is returned before no new one comes."""
    monkeypatch.setattr("bridge.vendors.goe.telling.QUIET_S", 1.0)
    charger = telling(wire, http)
    fetching = asyncio.create_task(charger.fetch())
    for number, key in enumerate(("acs", "amp", "car", "frc", "wh", "eto")):
        wire.tell(key, number)
        await asyncio.sleep(0.01)
        assert not fetching.done()
    assert await fetching == {"acs": 0, "amp": 1, "car": 2, "frc": 3, "wh": 4, "eto": 5}


async def test_a_charger_that_comes_late_is_waited_for_as_well(
    wire: Wire, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when an earlier read has failed; but a change of what is known must show at once."""
    charger = telling(wire, http, timeout=SHORT)
    with pytest.raises(NoAnswerError, match=r"^the charger has said nothing on its broker for 0.2 s$"):
        await charger.fetch()
    charger._silent_after_s = PATIENT_S
    wire.tell("acs", 0)
    fetching = asyncio.create_task(charger.fetch())
    await asyncio.sleep(0.01)
    wire.tell("amp", 16)
    assert await fetching == {"acs": 0, "amp": 16}
    monkeypatch.setattr("bridge.vendors.goe.telling.QUIET_S", PATIENT_S)
    charger._new_key_at -= PATIENT_S
    wire.tell("amp", 10)
    async with asyncio.timeout(5):
        assert await charger.fetch() == {"acs": 0, "amp": 10}


async def test_what_is_kept_is_no_sign_of_life(wire: Wire, http: Http) -> None:
    """However much of it there is; one live word makes it count."""
    charger = telling(wire, http, timeout=SHORT)
    wire.tell("amp", 16, kept=True)
    wire.tell("car", 2, kept=True)
    with pytest.raises(NoAnswerError):
        await charger.fetch()
    charger._silent_after_s = PATIENT_S
    wire.tell("rbt", 1000)
    assert await charger.fetch() == {"amp": 16, "car": 2}


async def test_its_last_will_is_believed_at_once(wire: Wire, http: Http) -> None:
    """Newer firmware has the broker say that it is gone, retained or not."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    wire.tell("mcc", value=True)
    assert await charger.fetch() == {"amp": 16}
    async with running(charger) as news:
        for kept in (False, True):
            wire.tell("mcc", value=False, kept=kept)
            assert news
            with pytest.raises(NoAnswerError):
                await charger.fetch()
            wire.tell("mcc", value=True)
            assert await charger.fetch() == {"amp": 16}


async def test_without_a_session_it_is_the_broker_that_is_away(wire: Wire, http: Http) -> None:
    """That is another sentence; until the time is up, what it told still holds."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    assert await charger.fetch() == {"amp": 16}
    wire.connected = False
    assert await charger.fetch() == {"amp": 16}
    fall_silent(charger)
    with pytest.raises(UnreachableError, match=r"^there is no connection to the charger's broker$"):
        await charger.fetch()


async def test_news_are_what_is_new(wire: Wire, http: Http) -> None:
    """The same again, and what nobody has asked for, is none."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    await charger.fetch()
    async with running(charger) as news:
        for key, value in (("amp", 16), ("utc", "2026"), ("rbt", 5), ("nosuch", 1)):
            wire.tell(key, value)
        assert news == []
        wire.tell("amp", 10)
        assert len(news) == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no JSON",
        b"NaN",
        b"-Infinity",
        b"[1, NaN]",
        b"1e999",
        b"1" * 5000,
        b"[" * 60_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'"' + b"x" * 70_000 + b'"',
        bytes(range(256)),
    ],
)
async def test_what_is_no_value_is_passed_over(wire: Wire, http: Http, payload: bytes) -> None:
    """The last value that was one still holds; the charger lives."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    wire.tell_bytes("amp", payload)
    assert (await charger.fetch())["amp"] == 16


async def test_any_number_of_topics_is_bounded(wire: Wire, http: Http) -> None:
    """Only keys of the table are kept, and only those that are wanted; others are no sign of life either."""
    charger = telling(wire, http, vendor_keys="all", timeout=SHORT)
    for number in range(100_000):
        wire.tell(f"key{number}", 1)
        wire.tell(f"key{number}/result", 1)
    with pytest.raises(NoAnswerError):
        await charger.fetch()
    charger._silent_after_s = PATIENT_S
    wire.tell("amp", 16)
    assert await charger.fetch() == {"amp": 16}
    assert sys.getsizeof(charger._answers) < 1000


async def test_secrets_are_not_even_kept(wire: Wire, http: Http) -> None:
    """The network and the link with a token are told to the broker, and forgotten here at once."""
    charger = telling(wire, http, vendor_keys="all", allow=["credentials"])
    wire.tell("ccw", {"ssid": "do-not-publish"})
    wire.tell("dll", "https://data.v3.go-e.io/?e=do-not-publish")
    wire.tell("amp", 16)
    assert "do-not-publish" not in str(await charger.fetch())


# Where it listens


@pytest.mark.parametrize(
    ("prefix", "roots"),
    [
        ("go-eCharger", {"go-eCharger/012345", "/go-eCharger/012345"}),
        ("/go-eCharger/", {"go-eCharger/012345", "/go-eCharger/012345"}),
        ("home/ev", {"home/ev/012345", "/home/ev/012345", "home/ev", "/home/ev"}),
    ],
)
async def test_where_it_listens(wire: Wire, http: Http, prefix: str, roots: set[str]) -> None:
    """And writes go where it speaks; afterwards nobody listens any more."""
    for root in sorted(roots):
        charger = telling(wire, http, topic_prefix=prefix)
        assert set(wire.listeners) == roots
        wire.tell("amp", 16, root=root)
        await charger.send(set_key("amp", 10))
        assert wire.said.pop() == (f"{root}/amp/set", "10")
        await charger.close()
        assert wire.listeners == {}


async def test_its_own_broker(wire: Wire, http: Http) -> None:
    """Where the settings name none it is ours."""
    telling(wire, http)
    telling(wire, http, broker={"host": "192.168.1.6"})
    assert [broker and broker.host for broker in wire.brokers] == [None, "192.168.1.6"]


# Writing


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("success", None, ""),
        (" success\n", None, ""),
        ("value must be string 0", RefusedError, "value must be string 0"),
        ("invalid json IncompleteInput: x", RefusedError, "invalid json IncompleteInput: x"),
        ("x" * 1000, RefusedError, "x" * 200),
        (None, NoAnswerError, "the charger did not answer on its broker: writing may be switched off there"),
    ],
)
async def test_what_it_says_to_a_write(
    wire: Wire, http: Http, answer: str | None, error: type[ChargerError] | None, words: str
) -> None:
    """`success` is a yes, anything else a no in its own words, and silence is neither."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    wire.answer = answer
    if error is None:
        await charger.send(set_key("amp", 10))
    else:
        with pytest.raises(error) as caught:
            await charger.send(set_key("amp", 10))
        assert caught.value.message.startswith(words)
        assert len(caught.value.message) < 400
    assert wire.said == [(f"{ROOT}/amp/set", "10")]


async def test_an_answer_of_an_earlier_time_is_no_answer(wire: Wire, http: Http) -> None:
    """Nor is one to another key, or one that nobody waits for."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    wire.answer = None
    wire.tell_bytes("amp/result", b"success")
    sending = asyncio.create_task(charger.send(set_key("amp", 10)))
    await until(lambda: wire.said)
    wire.tell_bytes("frc/result", b"success")
    wire.tell_bytes("amp/set", b"success")
    with pytest.raises(NoAnswerError):
        await sending


async def test_a_restart_needs_no_answer(wire: Wire, http: Http) -> None:
    """It has no time left to give one."""
    charger = telling(wire, http)
    wire.tell("amp", 16)
    wire.answer = None
    await charger.send(charger.actions[0].request({}))
    assert wire.said == [(f"{ROOT}/rst/set", "true")]


@pytest.mark.parametrize("why", ["never spoke", "silent", "no session", "kept only"])
async def test_a_charger_that_does_not_speak_is_not_spoken_to(wire: Wire, http: Http, why: str) -> None:
    """Certain that nothing was sent."""
    charger = telling(wire, http)
    if why != "never spoke":
        wire.tell("amp", 16, kept=why == "kept only")
    if why == "silent":
        fall_silent(charger)
    wire.connected = why != "no session"
    with pytest.raises(UnreachableError):
        await charger.send(set_key("amp", 10))
    assert wire.said == []


# With an address, too


async def test_what_is_not_told_is_asked_for_now_and_then(wire: Wire, http: Http) -> None:
    """What it told is not; after a write of such a key it is looked at until it shows."""
    async with GoeSimulator(serial="012345", visible_after_s=0.3) as sim:
        charger = telling(wire, http, host=sim.address, vendor_keys=["fna"])
        for key, value in sim.device.status(("car", "frc")).items():
            wire.tell(key, value)
        wire.tell("amp", 11)
        document = await charger.fetch()
        assert (document["amp"], document["fna"], document["sse"]) == (11, "go-eCharger", "012345")
        asked = {key for request in sim.requests for key in request.query["filter"].split(",")}
        assert {"fna", "sse", "nrg"} <= asked
        assert not {"amp", "car", "frc"} & asked
        async with running(charger) as news:
            before = sim.counts["/api/status"]
            await until(lambda: sim.counts["/api/status"] > before)
            sim.device.settings["fna"] = "New"
            await until(lambda: news)
            assert (await charger.fetch())["fna"] == "New"
            sim.requests.clear()
            await charger.send(set_key("fna", "Newer"))
            sim.device.write("fna", '"Newer"')
            await until(lambda: len(sim.requests) >= 3)
            assert {request.raw_query for request in sim.requests} == {"filter=fna"}
            wire.tell("amp", 12)
        assert wire.said == [(f"{ROOT}/fna/set", '"Newer"')]


async def test_a_silent_charger_is_asked_for_everything(wire: Wire, http: Http) -> None:
    """What it answers counts more than what it told; when it speaks again it is believed again."""
    async with GoeSimulator(serial="012345") as sim:
        charger = telling(wire, http, host=sim.address)
        wire.tell("amp", 11)
        assert (await charger.fetch())["amp"] == 11
        fall_silent(charger)
        assert (await charger.fetch())["amp"] == 16
        await charger.send(set_key("amp", 10))
        assert (sim.counts["/api/set"], wire.said) == (1, [])
        wire.tell("rbt", 1)
        assert (await charger.fetch())["amp"] == 16, "what it was asked is newer than what it told"
        wire.tell("amp", 12)
        assert (await charger.fetch())["amp"] == 12


async def test_what_it_told_before_a_silence_is_asked_for(wire: Wire, http: Http) -> None:
    """It may have changed meanwhile, and is not told again until it changes once more."""
    async with GoeSimulator(serial="012345") as sim:
        charger = telling(wire, http, host=sim.address)
        wire.tell("amp", 11)
        assert (await charger.fetch())["amp"] == 11
        async with running(charger) as news:
            fall_silent(charger)
            wire.tell("rbt", 1)
            news.clear()
            await until(lambda: news)
            assert (await charger.fetch())["amp"] == 16


async def test_when_the_address_does_not_answer_the_broker_is_enough(wire: Wire, http: Http) -> None:
    """HTTP may be switched off in the app: failures there are not the charger's."""
    async with GoeSimulator(serial="012345") as sim:
        sim.device.settings["hai"] = False
        charger = telling(wire, http, host=sim.address)
        wire.tell("amp", 11)
        assert await charger.fetch() == {"amp": 11}
        fall_silent(charger)
        with pytest.raises(RefusedError, match="switched off in the app"):
            await charger.fetch()


async def test_a_charger_that_is_asked_needs_no_broker(http: Http) -> None:
    """The other transports open none."""
    settings = GoeSettings.model_validate({"vendor": "go-e", "host": "a"})
    charger: Charger = connect(settings, http, no_feed)
    assert not isinstance(charger, Telling)


async def test_stopping_ends_the_wait_for_the_first_word(wire: Wire, http: Http) -> None:
    """However long its time limit is."""
    charger = telling(wire, http, timeout=300)
    fetching = asyncio.create_task(charger.fetch())
    await asyncio.sleep(0.05)
    assert not fetching.done(), "it waits"
    charger.stop()
    async with asyncio.timeout(5):
        with pytest.raises(NoAnswerError):
            await fetching
