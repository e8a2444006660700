"""The whole daemon's life: everything runs, everything ends in order, and a bug ends it at once."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bridge.engine.daemon import SECONDS_FOR_POLLERS, SECONDS_FOR_SERVICES, Crew, Service, live
from bridge.engine.poller import SECONDS_TO_JUDGE_AT_STOP
from bridge.engine.results import Outcome
from tests.engine.pretend import Driven, Notes, PretendCharger, bugs, make_poller, pace, taken, told
from tests.support.waiting import until

LIMIT_S = 10.0
"""Within which the process is gone (contract section 8)."""


class Diary:
    """A service that notes what happens to it."""

    def __init__(self, lines: list[str], name: str = "service") -> None:
        self.name = name
        self._lines = lines
        self._told = asyncio.Event()

    async def run(self) -> None:
        """Live until stopped."""
        self._lines.append(f"{self.name} began")
        try:
            await self._told.wait()
        except asyncio.CancelledError:
            self._lines.append(f"{self.name} cut off")
            raise
        self.end()

    def end(self) -> None:
        """Note the end."""
        self._lines.append(f"{self.name} ended")

    def stop(self) -> None:
        """Make `run` return."""
        self._lines.append(f"{self.name} told")
        self._told.set()


class Deaf(Diary):
    """A service that does not hear that it should stop."""

    def stop(self) -> None:
        """Go on."""


class BrokenAtTheEnd(Diary):
    """A service with a bug that shows when it stops."""

    def end(self) -> None:
        """Fail."""
        raise ZeroDivisionError("a bug")


class Broken(Diary):
    """A service with a bug that shows as soon as the other one runs."""

    async def run(self) -> None:
        """Fail."""
        await until(lambda: self._lines)
        raise ZeroDivisionError("a bug")


class Daemon:
    """A daemon in the test's own loop, with one charger."""

    def __init__(self, charger: PretendCharger | None = None) -> None:
        self.lines: list[str] = []
        self.notes = Notes()
        self.charger = charger or PretendCharger()
        self.poller = make_poller(self.charger, self.notes)
        self.box = Driven(self.poller, self.notes)
        self.stop = asyncio.Event()

    def last_words(self) -> None:
        """Note what consumers have been told by then."""
        finals = sorted(str(result.key) for result in self.notes.results if result.final)
        self.lines.append(f"last words after {finals}")

    async def live(self, *services: Service) -> None:
        """Live until stopped, and no longer than is promised."""
        async with asyncio.timeout(LIMIT_S):
            await live(Crew({"box": self.poller}, services), self.stop, self.last_words)

    async def ready(self) -> None:
        """Wait for the charger's first answer."""
        await until(lambda: self.poller.view.available)


def test_the_times_fit_into_the_limit() -> None:
    """The commands' time lies within the pollers', and all of it within what is promised."""
    assert SECONDS_TO_JUDGE_AT_STOP < SECONDS_FOR_POLLERS
    assert SECONDS_FOR_POLLERS + SECONDS_FOR_SERVICES < LIMIT_S


async def test_everything_ends_in_order() -> None:
    """First every command gets its result, then come the last words, then the services are told and end."""
    daemon = Daemon(PretendCharger(pace(settle_s=0.1)))
    box, charger = daemon.box, daemon.charger
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            group.create_task(daemon.live(Diary(daemon.lines, "one"), Diary(daemon.lines, "two")))
            await daemon.ready()
            sent = box.command(current_limit=13)
            await taken(charger, 1)
            charger.hold_writes()
            writing = box.command(led_brightness=20)
            await until(lambda: charger.writing)
            waiting = box.command(phase_mode="single")
            daemon.stop.set()
            await box.notes.final(waiting)
            assert box.notes.course(sent) == box.notes.course(writing) == ["accepted"]
            assert daemon.lines == ["one began", "two began"]
            charger.let_go()

    assert daemon.lines == [
        *("one began", "two began"),
        "last words after ['current_limit', 'led_brightness', 'phase_mode']",
        *("one told", "two told", "one ended", "two ended"),
    ]
    assert told(box.notes.of(sent)[-1]) == (Outcome.CONFIRMED, "ok", 13)
    assert told(box.notes.of(writing)[-1]) == (Outcome.CONFIRMED, "ok", 20)
    assert told(box.notes.of(waiting)[-1]) == (Outcome.REJECTED, "shutting_down", None)
    assert "stopped without waiting any longer for an answer" not in [entry["event"] for entry in logged]


async def test_a_daemon_without_chargers_and_services_ends() -> None:
    """Nothing to wait for."""
    stop = asyncio.Event()
    stop.set()
    lines: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        await live(Crew({}), stop, lambda: lines.append("last words"))

    assert lines == ["last words"]


async def test_a_service_that_does_not_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others end in order, and the daemon ends well."""
    monkeypatch.setattr("bridge.engine.daemon.SECONDS_FOR_SERVICES", 0.2)
    daemon = Daemon()
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            group.create_task(daemon.live(Deaf(daemon.lines, "deaf"), Diary(daemon.lines, "other")))
            await daemon.ready()
            daemon.stop.set()

    assert daemon.lines == [
        *("deaf began", "other began"),
        "last words after []",
        *("other told", "other ended", "deaf cut off"),
    ]
    assert logged[-1]["event"] == "stopped without waiting any longer for an answer"


@pytest.mark.parametrize("hanging", ["reads", "writes"])
async def test_a_charger_that_hangs_is_cut_off(monkeypatch: pytest.MonkeyPatch, hanging: str) -> None:
    """Its commands have their results before the last words, and the services end in order."""
    monkeypatch.setattr("bridge.engine.poller.SECONDS_TO_JUDGE_AT_STOP", 0.1)
    monkeypatch.setattr("bridge.engine.daemon.SECONDS_FOR_POLLERS", 0.4)
    daemon = Daemon()
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            group.create_task(daemon.live(Diary(daemon.lines)))
            await daemon.ready()
            if hanging == "reads":
                daemon.charger.hold_reads()
            else:
                daemon.charger.hold_writes()
            id_ = daemon.box.command(current_limit=13)
            await until(lambda: daemon.charger.reading or (hanging == "writes" and daemon.charger.writing))
            daemon.stop.set()

    assert told(daemon.notes.of(id_)[-1]) == (Outcome.UNCONFIRMED, "shutting_down", None)
    assert daemon.lines == ["service began", "last words after ['current_limit']", "service told", "service ended"]
    assert logged[-1]["event"] == "stopped without waiting any longer for an answer"
    assert not daemon.charger.reading
    assert not daemon.charger.writing


async def test_a_bug_in_a_service_ends_everything_at_once() -> None:
    """With its own traceback, without a word to anybody: the service manager starts the process again."""
    daemon = Daemon()
    daemon.charger.hold_reads()
    with pytest.raises(ExceptionGroup) as caught:
        await daemon.live(Diary(daemon.lines, "other"), Broken(daemon.lines, "broken"))

    [bug] = bugs(caught.value)
    assert isinstance(bug, ZeroDivisionError)
    assert bug.__traceback__ is not None
    assert daemon.lines == ["other began", "other cut off"]


async def test_a_bug_in_a_charger_ends_everything_at_once() -> None:
    """As one in a service."""
    daemon = Daemon()
    daemon.charger.read_error = AttributeError("a bug")
    with pytest.raises(ExceptionGroup) as caught:
        await daemon.live(Diary(daemon.lines))

    [bug] = bugs(caught.value)
    assert isinstance(bug, AttributeError)
    assert daemon.lines == ["service began", "service cut off"]


async def test_a_bug_at_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where something else was cut off, it is the bug that counts."""
    monkeypatch.setattr("bridge.engine.daemon.SECONDS_FOR_SERVICES", 0.2)
    daemon = Daemon()
    daemon.stop.set()
    with pytest.raises(ExceptionGroup) as caught:
        await daemon.live(Deaf(daemon.lines, "deaf"), BrokenAtTheEnd(daemon.lines, "broken"))

    [bug] = bugs(caught.value)
    assert isinstance(bug, ZeroDivisionError)
    assert daemon.lines[-1] == "deaf cut off"
