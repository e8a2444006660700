"""Who reads chargers and hangs is noticed, and nobody else ever is."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bridge.charger.contract import Charger
from bridge.charger.document import Document
from bridge.charger.pulse import QUIET_S, Pulse
from bridge.engine.accounts import AccountReader
from bridge.engine.daemon import Crew
from bridge.errors import ChargerError, NoAnswerError
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from tests.engine.pretend import RARE, Notes, PretendCharger, driven, make_poller
from tests.support.waiting import until

DAY_S = 86400.0


def working(pulse: Pulse) -> None:
    """Begin something at 0."""
    pulse.working(0)


def calling(pulse: Pulse) -> None:
    """Make one call of 300 s at 0."""
    pulse.working(0)
    pulse.takes_until(300)


def calling_often(pulse: Pulse) -> None:
    """Make a hundred calls of 300 s, one after the other."""
    pulse.working(0)
    for number in range(1, 101):
        pulse.takes_until(300 * number)


def calling_beside(pulse: Pulse) -> None:
    """Wait for a day, while a question is asked that takes 10 s."""
    pulse.waiting(DAY_S)
    pulse.takes_until(10)


def told_by_others(pulse: Pulse) -> None:
    """Wait to be woken."""
    pulse.waiting(math.inf)


@pytest.mark.parametrize(
    ("life", "others", "at_the_latest"),
    [
        (working, 0, QUIET_S),
        (calling, 0, 300 + QUIET_S),
        (calling_often, 0, 30000 + QUIET_S),
        (calling_beside, 0, DAY_S + QUIET_S),
        (lambda pulse: pulse.waiting(DAY_S), 0, DAY_S + QUIET_S),
        (working, 99, 100 * QUIET_S),
        (told_by_others, 0, math.inf),
        (lambda pulse: pulse.resting(), 0, math.inf),
        (lambda _: None, 0, math.inf),
    ],
)
def test_by_when_something_must_be_heard(life: Callable[[Pulse], None], others: int, at_the_latest: float) -> None:
    """Six minutes after what was said of it, and as long again for each other that it may have to wait for."""
    pulse = Pulse()
    life(pulse)
    assert not pulse.is_stuck(min(at_the_latest, 1e12), others)
    assert pulse.is_stuck(at_the_latest + 1, others) == (at_the_latest < math.inf)


def test_work_that_goes_on_is_no_hang() -> None:
    """What was promised before counts no more."""
    pulse = Pulse()
    pulse.working(0)
    pulse.takes_until(300)
    pulse.working(100)
    assert pulse.is_stuck(101 + QUIET_S)


def later(seconds: float) -> float:
    """Return a moment from now."""
    return time.monotonic() + seconds


async def test_a_charger_that_is_read_once_a_day() -> None:
    """Waiting for its next turn it is never stuck; when it does not come to its turn, it is."""
    async with driven(PretendCharger(), poll_interval=DAY_S) as found:
        pulse = found.poller.pulse
        await until(lambda: not pulse.is_stuck(later(DAY_S)), what="waiting for tomorrow")
        assert not pulse.is_stuck(later(DAY_S + QUIET_S - 60))
        assert pulse.is_stuck(later(DAY_S + QUIET_S + 60))


@pytest.mark.parametrize("held", [PretendCharger.hold_reads, PretendCharger.hold_writes])
async def test_a_read_or_a_write_that_never_ends(held: Callable[[PretendCharger], None]) -> None:
    """It is noticed after six minutes, whatever the poll interval, and forgotten when it does end."""
    charger = PretendCharger()
    async with driven(charger, poll_interval=DAY_S) as found:
        held(charger)
        found.command(refresh="PRESS")
        found.command(current_limit=12)
        await until(lambda: charger.reading or charger.writing)
        assert not found.poller.pulse.is_stuck(later(QUIET_S - 60))
        assert found.poller.pulse.is_stuck(later(QUIET_S + 60))
        charger.let_go()
        await until(lambda: not found.poller.pulse.is_stuck(later(QUIET_S + 60)))


async def test_a_poller_that_has_ended_rests() -> None:
    """Nobody waits for it any more."""
    async with driven(PretendCharger()) as found:
        pulse = found.poller.pulse
    assert not pulse.is_stuck(later(10 * DAY_S))


async def test_a_call_says_how_long_it_may_take(simulator: GoeSimulator) -> None:
    """So a charger with a long time limit that does not answer is not stuck, and with a short one sooner."""

    async def ask(http: Http, pulse: Pulse, timeout_s: float) -> None:
        pulse.begin()
        pulse.working(time.monotonic())
        await http.call("GET", f"http://{simulator.address}/api/status", timeout_s=timeout_s)

    await simulator.set_fault("hang")
    patient, hasty = Pulse(), Pulse()
    async with Http() as http:
        waits = asyncio.create_task(ask(http, patient, 300))
        with pytest.raises(NoAnswerError):
            await ask(http, hasty, 0.1)
        assert not patient.is_stuck(later(300 + QUIET_S - 60))
        assert patient.is_stuck(later(300 + QUIET_S + 60))
        assert hasty.is_stuck(later(QUIET_S + 60))
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)


class ReadAsAWhole:
    """An account whose next read never ends, once it is to hang."""

    name = "home"

    def __init__(self) -> None:
        self.on_news: Callable[[], None] = lambda: None
        self.due = math.inf
        self.hangs = asyncio.Event()

    def next_read_at(self) -> float:
        """Return when the test says."""
        return self.due

    async def read(self) -> Mapping[int, Document | ChargerError]:
        """Never answer."""
        self.due = math.inf
        self.hangs.set()
        await asyncio.Event().wait()
        return {}


async def test_the_crew_names_who_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A charger's poller by the charger's id, an account's reader by the account; nobody else."""
    monkeypatch.setattr("bridge.charger.pulse.QUIET_S", 0.3)
    hanging, fine, account = PretendCharger(), PretendCharger(replace(RARE, idle_s=0.02)), ReadAsAWhole()
    hanging.hold_reads()
    chargers: dict[str, Charger] = {"garage": hanging, "street": fine}
    crew = Crew({id_: make_poller(charger, Notes(), id_=id_) for id_, charger in chargers.items()})
    crew.services = [AccountReader("home", account, {})]
    async with asyncio.TaskGroup() as group:
        crew.begin(group)
        await until(lambda: crew.stuck() == ["charger garage"], what="the poller")
        account.due = 0
        account.on_news()
        await account.hangs.wait()
        assert crew.stuck() == ["charger garage"]
        await until(lambda: crew.stuck() == ["charger garage", "account home"], what="the reader")
        hanging.let_go()
        await until(lambda: crew.stuck() == ["account home"], what="the poller alive again")
        await crew.stop_pollers()
        for task in asyncio.all_tasks():
            if task.get_name() == "account home":
                task.cancel()


async def test_an_account_that_waits_for_its_budget() -> None:
    """However far away its next read is."""
    account = ReadAsAWhole()
    reader = AccountReader("home", account, {})
    task = asyncio.create_task(reader.run())
    await until(lambda: reader.pulse.is_stuck(later(QUIET_S + 120)), what="its first look")
    assert not reader.pulse.is_stuck(later(QUIET_S + 30)), "it looks once a minute"
    reader.stop()
    await task
    assert not reader.pulse.is_stuck(later(10 * DAY_S))
