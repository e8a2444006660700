"""The queue to the broker, and the memory of what is retained there."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge.mqtt.outbox import MAX_LIVE, Outbox, Rank


def drain(outbox: Outbox) -> list[tuple[str, bytes]]:
    """Send everything and return what that was, in order."""
    sent = []
    while not outbox.empty:
        key, message = outbox.peek()
        outbox.done(key, message)
        sent.append((message.topic, message.payload))
    return sent


@pytest.fixture
def outbox() -> Outbox:
    """An empty one."""
    return Outbox()


def test_messages_leave_in_order(outbox: Outbox) -> None:
    """Retained messages and others go out in the order in which they were written."""
    outbox.keep("a/state", b"1", rank=Rank.STATE)
    outbox.send("a/event", b"plugged")
    outbox.keep("a/power", b"2", rank=Rank.STATE)
    assert drain(outbox) == [("a/state", b"1"), ("a/event", b"plugged"), ("a/power", b"2")]


def test_a_topic_written_again_is_sent_once_in_its_newest_place(outbox: Outbox) -> None:
    """Wider bounds that were announced meanwhile precede the state that needs them."""
    outbox.keep("a/state", b"old", rank=Rank.STATE)
    outbox.keep("ha/config", b"wider", rank=Rank.DISCOVERY)
    outbox.keep("a/state", b"new", rank=Rank.STATE)
    assert drain(outbox) == [("ha/config", b"wider"), ("a/state", b"new")]


def test_availability_keeps_its_place(outbox: Outbox) -> None:
    """That a charger is there is told before anything about it, even if it comes up while other things wait."""
    outbox.keep("a/availability", b"offline", rank=Rank.AVAILABILITY)
    outbox.keep("ha/config", b"{}", rank=Rank.DISCOVERY)
    outbox.keep("a/availability", b"online", rank=Rank.AVAILABILITY)
    assert drain(outbox) == [("a/availability", b"online"), ("ha/config", b"{}")]


def test_messages_that_are_not_retained_do_not_replace_each_other(outbox: Outbox) -> None:
    """Two equal events are two events."""
    outbox.send("a/event", b"x")
    outbox.send("a/event", b"x")
    assert drain(outbox) == [("a/event", b"x")] * 2


def test_what_the_broker_holds_already_is_not_sent(outbox: Outbox) -> None:
    """`keep` says whether there was anything to do."""
    assert outbox.keep("a/power", b"1", rank=Rank.STATE)
    drain(outbox)
    assert not outbox.keep("a/power", b"1", rank=Rank.STATE)
    assert outbox.empty
    assert outbox.keep("a/power", b"2", rank=Rank.STATE)


@pytest.mark.parametrize("rank", [Rank.STATE, Rank.AVAILABILITY])
def test_a_payload_that_came_while_the_old_one_was_on_its_way_is_sent_too(outbox: Outbox, rank: Rank) -> None:
    """`done` ends the message that was sent, not the newer one that took its place."""
    outbox.keep("a/x", b"1", rank=rank)
    key, message = outbox.peek()
    outbox.keep("a/x", b"2", rank=rank)
    outbox.done(key, message)
    assert drain(outbox) == [("a/x", b"2")]


def test_a_new_session_gets_everything_in_the_order_of_ranks(outbox: Outbox) -> None:
    """What is retained comes first and by rank, in the order of writing within one; then what else waits."""
    for rank in reversed(Rank):
        outbox.keep(f"{rank.name}/b", b"1", rank=rank)
        outbox.keep(f"{rank.name}/a", b"1", rank=rank)
    drain(outbox)
    outbox.send("a/event", b"during the outage")
    outbox.keep("STATE/a", b"2", rank=Rank.STATE)
    outbox.renew()
    expected = [(f"{rank.name}/{leaf}", b"1") for rank in Rank for leaf in "ba"]
    expected[-1] = ("STATE/a", b"2")
    assert drain(outbox) == [*expected, ("a/event", b"during the outage")]


def test_some_ranks_alone_can_be_renewed(outbox: Outbox) -> None:
    """A request for discovery does not repeat states."""
    outbox.keep("a/state", b"1", rank=Rank.STATE)
    outbox.keep("ha/config", b"{}", rank=Rank.DISCOVERY)
    drain(outbox)
    outbox.renew((Rank.DISCOVERY,))
    assert drain(outbox) == [("ha/config", b"{}")]


def test_a_forgotten_topic_is_emptied_and_stays_away(outbox: Outbox) -> None:
    """The broker is told to drop it, once; a new session does not bring it back, writing it again does."""
    outbox.keep("a/state", b"1", rank=Rank.STATE)
    drain(outbox)
    outbox.forget("a/state")
    _, message = outbox.peek()
    assert (message.payload, message.retain, message.qos) == (b"", True, 1)
    drain(outbox)
    outbox.renew()
    assert outbox.empty
    assert outbox.keep("a/state", b"1", rank=Rank.STATE)


def test_a_removal_survives_an_outage(outbox: Outbox) -> None:
    """What was to be emptied while the broker was away is emptied at the next session."""
    outbox.forget("gone/state")
    outbox.keep("a/state", b"1", rank=Rank.STATE)
    outbox.renew()
    assert drain(outbox) == [("a/state", b"1"), ("gone/state", b"")]


def test_a_step_on_the_way_is_not_repeated(outbox: Outbox) -> None:
    """A retained payload that is to be replaced soon is not what a new session gets."""
    outbox.keep("ha/config", b"old", rank=Rank.DISCOVERY)
    outbox.replace("ha/config", b"let go")
    assert drain(outbox) == [("ha/config", b"let go")]
    outbox.renew()
    assert outbox.empty


def test_the_queue_is_bounded(outbox: Outbox) -> None:
    """Beyond the limit the oldest of what is not retained goes, which is said once; retained messages stay."""
    outbox.keep("a/state", b"1", rank=Rank.STATE)
    with capture_logs() as logs:
        for number in range(MAX_LIVE + 3):
            outbox.send("a/event", str(number).encode())
    sent = drain(outbox)
    assert sent[:2] == [("a/state", b"1"), ("a/event", b"3")]
    assert len(sent) == MAX_LIVE + 1
    assert [line["event"] for line in logs] == ["messages dropped while the broker is away"]


def test_what_was_sent_makes_room(outbox: Outbox) -> None:
    """Only what waits counts."""
    with capture_logs() as logs:
        for _ in range(3):
            for number in range(MAX_LIVE):
                outbox.send("a/event", str(number).encode())
            assert len(drain(outbox)) == MAX_LIVE
    assert logs == []


def test_a_dropped_message_that_was_on_its_way_is_counted_once(outbox: Outbox) -> None:
    """The limit holds also after the message at the head was dropped and then sent."""
    for number in range(MAX_LIVE):
        outbox.send("a/event", str(number).encode())
    key, message = outbox.peek()
    outbox.send("a/event", b"one too many")
    outbox.done(key, message)
    outbox.send("a/event", b"another one")
    assert len(drain(outbox)) == MAX_LIVE


async def test_waiting_ends_with_a_message_or_a_wake_up(outbox: Outbox) -> None:
    """`wait` returns at once when something waits, when something comes, and when it is told to."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(5):
        loop.call_soon(outbox.send, "a/event", b"x")
        await outbox.wait()
        await outbox.wait()
        drain(outbox)
        loop.call_soon(outbox.wake)
        await outbox.wait()
    assert outbox.empty
