"""Questions to the bridge and to chargers, and what is asked without a question: `refresh`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.probe import Probe
from tests.support.waiting import until

SELDOM = {"poll_interval": 60}
"""So that a read is one that was asked for."""


@pytest.fixture
def log_level() -> Iterator[logging.Logger]:
    """The logger whose level the bridge sets, as it was afterwards."""
    root = logging.getLogger()
    before = root.level
    yield root
    root.setLevel(before)


async def ask(ear: Probe, question: str, payload: object = "") -> dict[str, Any]:
    """Ask the bridge and return its answer."""
    ear.forget()
    await ear.send(f"bridge/request/{question}", payload if isinstance(payload, str) else json.dumps(payload))
    answer: dict[str, Any] = (await ear.until(f"bridge/response/{question}")).json
    assert list(answer) == ["status", "data", "error", "transaction"]
    return answer


def ok(data: object = None, transaction: object = None) -> dict[str, object]:
    """Return the answer to a question that was understood."""
    return {"status": "ok", "data": data, "error": None, "transaction": transaction}


def error(sentence: str, transaction: object = None) -> dict[str, object]:
    """Return the answer to one that was not."""
    return {"status": "error", "data": None, "error": sentence, "transaction": transaction}


# To the bridge


async def test_refresh_reads_the_chargers_that_were_named(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """All, or the one named by `id` or by the bare word; one that is not there is an error that says so."""
    async with (
        GoeSimulator(serial="000002") as other,
        run({"garage": goe(simulator, **SELDOM), "street": goe(other, **SELDOM)}),
    ):
        await ear.until("garage/state")
        await ear.until("street/state")

        async def polls(payload: object, answer: dict[str, object], read: tuple[GoeSimulator, ...]) -> None:
            before = {each: each.counts["/api/status"] for each in (simulator, other)}
            assert await ask(ear, "refresh", payload) == answer
            await until(lambda: all(each.counts["/api/status"] > before[each] for each in read))
            assert all(each.counts["/api/status"] == before[each] for each in before if each not in read)

        both = {"chargers": ["garage", "street"]}
        await polls("", ok(both), (simulator, other))
        await polls({}, ok(both), (simulator, other))
        await polls({"id": "street", "transaction": 1}, ok({"chargers": ["street"]}, 1), (other,))
        await polls("garage", ok({"chargers": ["garage"]}), (simulator,))
        nobody = "no charger is called 'cellar'"
        await polls({"id": "cellar", "transaction": "t"}, error(nobody, "t"), ())
        no_name = "id must be the name of a charger; without it all are read"
        await polls({"id": ["garage"]}, error(no_name), ())
        await polls({"id": 5}, error(no_name), ())


async def test_health_is_the_health_document(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """The answer has what `bridge/health` has."""
    async with run({"garage": goe(simulator)}):
        published = (await ear.until("bridge/health")).json
        answer = await ask(ear, "health", {"transaction": {"any": ["thing"]}})
        assert answer["transaction"] == {"any": ["thing"]}
        assert list(answer["data"]) == list(published)
        assert answer["data"]["chargers"]["garage"]["consecutive_failures"] == 0
        assert answer["data"]["mqtt"]["received"] >= 1


@pytest.mark.parametrize("payload", ["debug", '{"level": "DEBUG"}', " Debug "])
async def test_log_level_changes_what_is_logged(
    run: Run, ear: Probe, simulator: GoeSimulator, log_level: logging.Logger, payload: str
) -> None:
    """The level is set at once, by name in any case."""
    log_level.setLevel(logging.ERROR)
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state")
        assert await ask(ear, "log_level", payload) == ok({"level": "debug"})
        assert log_level.level == logging.DEBUG


async def test_an_unknown_log_level_changes_nothing(
    run: Run, ear: Probe, simulator: GoeSimulator, log_level: logging.Logger
) -> None:
    """The error names what there is."""
    log_level.setLevel(logging.ERROR)
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state")
        for payload in ("loud", "", {"level": None}, {"level": ["debug"]}):
            assert await ask(ear, "log_level", payload) == error("level must be one of debug, info, warning, error")
        assert log_level.level == logging.ERROR


@pytest.mark.mosquitto
async def test_discovery_is_sent_again(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """The announcements come again, for whoever lost them, and nothing else."""
    async with run({"garage": goe(simulator, **SELDOM)}):
        await ear.until("garage/last_update")
        await ear.until("bridge/health")
        told = {heard.topic: heard.text for heard in ear.heard if heard.topic.endswith("/config")}
        assert await ask(ear, "discovery") == ok()
        again = [heard for heard in ear.heard if heard.retained]
        assert {heard.topic: heard.text for heard in again} == told
        assert len(again) == 2


async def test_what_the_bridge_does_not_know_it_says(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """An unknown question names the known ones; one that cannot be read is said to be so."""
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state")
        known = "unknown request; these are known: cleanup, discovery, health, log_level, refresh"
        assert await ask(ear, "reload", {"transaction": 3}) == error(known, 3)
        assert await ask(ear, "refresh", '{"transaction": 3') == error("the request is not valid JSON")
        assert await ask(ear, "refresh", "x" * 70_000) == error("the request has 70000 bytes, more than 65536")
        assert await ask(ear, "health", '{"transaction": 1e999}') | {"data": None} == ok()


@pytest.mark.mosquitto
async def test_the_answer_goes_where_the_asker_wants_it(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """With MQTT 5 it also goes to the response topic, with the correlation data."""
    async with run({"garage": goe(simulator)}):
        await ear.until("bridge/state")
        await ear.send("bridge/request/discovery", "", response="answers/me", correlation=b"\0\1")
        answer = await ear.until("answers/me")
        assert (answer.json, answer.correlation, answer.qos, answer.retained) == (ok(), b"\0\1", 1, False)
        await ear.until("bridge/response/discovery")


# To a charger


async def test_refresh_of_one_charger(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """Anything on its `refresh` topic reads it now; for a charger that is not there it is nothing."""
    async with run({"garage": goe(simulator, **SELDOM)}):
        await ear.until("garage/state")
        before = simulator.counts["/api/status"]
        await ear.send("cellar/refresh", "x")
        await ear.send("garage/refresh", b"\xff")
        await until(lambda: simulator.counts["/api/status"] == before + 1)


@pytest.mark.parametrize(
    ("charger", "sentence"),
    [
        ("garage", "go-e chargers answer no request called sessions"),
        ("cellar", "no charger is called 'cellar'; these are configured: garage"),
    ],
)
async def test_a_question_to_a_charger_is_answered(
    run: Run, ear: Probe, simulator: GoeSimulator, charger: str, sentence: str
) -> None:
    """What a charger does not know, and a charger that does not exist, is said in the answer."""
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send(f"{charger}/request/sessions", '{"from": "2026-01-01T00:00:00Z", "transaction": "t"}')
        assert (await ear.until(f"{charger}/response/sessions")).json == error(sentence, "t")


# Retained


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_retained_questions_are_ignored(run: Run, ear: Probe, simulator: GoeSimulator, protocol: str) -> None:
    """A question that the broker keeps would be asked at every start: it is none."""
    kept = ("bridge/request/refresh", "bridge/request/nonsense", "garage/request/sessions", "garage/refresh")
    for topic in kept:
        await ear.send(topic, "", retain=True)
        await ear.send(topic, "x", retain=True)
    async with run({"garage": goe(simulator, **SELDOM)}, mqtt={"protocol": protocol}):
        await ear.until("garage/state")
        polls = simulator.counts["/api/status"]
        assert (await ask(ear, "discovery")) == ok()
        assert simulator.counts["/api/status"] == polls
    answers = [heard.topic for heard in ear.heard if "/response/" in heard.topic]
    assert answers == [ear.full("bridge/response/discovery")]
    for topic in kept:
        await ear.send(topic, "", retain=True)
