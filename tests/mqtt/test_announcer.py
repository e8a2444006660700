"""Discovery messages on their way out: at once where possible, in steps with pauses where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from bridge.homeassistant.transition import LET_GO, steps
from bridge.mqtt.announcer import Announcer
from bridge.mqtt.outbox import Outbox
from tests.support.waiting import until

PAUSE_S = 0.1
ONE = {"ha/sensor/node/power/config": "{}"}
WHOLE = {"ha/device/node/config": '{"components":{"power":{"platform":"sensor"}}}'}
WIDER = {"ha/device/node/config": '{"components":{"power":{"platform":"sensor"}},"max":32}'}


def sent(outbox: Outbox) -> list[tuple[str, str]]:
    """Send everything that waits and return it."""
    found = []
    while not outbox.empty:
        key, message = outbox.peek()
        outbox.done(key, message)
        found.append((message.topic, message.payload.decode()))
    return found


@pytest.fixture
def outbox() -> Outbox:
    """An empty one."""
    return Outbox()


@pytest.fixture
def announcer(outbox: Outbox) -> Announcer:
    """One with short pauses and Home Assistant's rules."""
    return Announcer(outbox, steps, PAUSE_S)


async def test_the_first_announcement_goes_at_once(announcer: Announcer, outbox: Outbox) -> None:
    """A new charger is announced without a pause, and again in a new session."""
    assert announcer.announce("garage", WHOLE)
    assert sent(outbox) == list(WHOLE.items())
    assert announcer.messages("garage") == WHOLE
    outbox.renew()
    assert sent(outbox) == list(WHOLE.items())


async def test_a_change_right_after_has_to_wait(announcer: Announcer, outbox: Outbox) -> None:
    """Home Assistant drops what follows too soon on one device; other devices need not wait."""
    announcer.announce("garage", WHOLE)
    assert not announcer.announce("garage", WIDER)
    assert announcer.announce("street", WHOLE)
    sent(outbox)
    assert announcer.messages("garage") == WHOLE
    await until(lambda: announcer.announce("garage", WIDER))
    assert sent(outbox) == list(WIDER.items())


async def test_the_same_again_costs_nothing(announcer: Announcer, outbox: Outbox) -> None:
    """What consumers know already is neither sent nor does it make a later change wait."""
    announcer.announce("garage", WHOLE)
    sent(outbox)
    await until(lambda: announcer.announce("garage", WHOLE))
    assert outbox.empty
    assert announcer.announce("garage", WIDER)


async def test_another_mode_comes_in_steps(announcer: Announcer, outbox: Outbox) -> None:
    """The old topics let go first; only then they are emptied and the new one speaks, which is what stays."""
    announcer.held_before("garage", ONE)
    assert announcer.announce("garage", WHOLE)
    (old,) = ONE
    await until(lambda: not outbox.empty)
    assert sent(outbox) == [(old, LET_GO)]
    assert announcer.messages("garage") == ONE, "whoever ends now must take the steps again"
    await until(lambda: not outbox.empty)
    assert sent(outbox) == [(old, ""), *WHOLE.items()]
    await until(lambda: outbox.retained)
    assert [*outbox.retained] == [*WHOLE]
    assert announcer.messages("garage") == WHOLE


async def test_what_an_earlier_run_announced_is_taken_back(announcer: Announcer, outbox: Outbox) -> None:
    """With discovery switched off nothing is left of it."""
    announcer.held_before("garage", WHOLE)
    assert announcer.announce("garage", {})
    await until(lambda: not outbox.empty)
    (old,) = WHOLE
    assert sent(outbox) == [(old, "")]
    await until(lambda: not announcer.messages("garage"))


async def test_steps_are_sent_in_their_order_though_nobody_takes_them_meanwhile(outbox: Outbox) -> None:
    """While the broker is away steps gather, and the newest word on each topic is what remains."""

    def three(_held: Mapping[str, str], wanted: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        return [{"a": "1"}, {"a": "2", "b": ""}, wanted]

    announcer = Announcer(outbox, three, PAUSE_S / 10)
    announcer.announce("garage", {"c": "3"})
    await until(lambda: "c" in outbox.retained)
    assert sent(outbox) == [("a", "2"), ("b", ""), ("c", "3")]
