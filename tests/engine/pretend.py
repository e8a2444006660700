"""A charger in memory that keeps to the engine's contract, and an outlet that remembers what it was told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bridge.charger import properties as p
from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import Charger, ChargerSettings, Identity, Pace
from bridge.charger.document import Document, number, text
from bridge.charger.property import Bounds
from bridge.charger.session import Event, SessionRecord
from bridge.charger.values import Json, Value
from bridge.engine.abilities import Abilities
from bridge.engine.checks import Known
from bridge.engine.command import CommandLimits
from bridge.engine.intake import Received
from bridge.engine.poller import Poller
from bridge.engine.results import Outcome, Result
from bridge.engine.view import ChargerView
from bridge.errors import ChargerError
from tests.support.waiting import until

RARE = Pace(idle_s=60.0, charging_s=60.0, settle_s=0.02, confirm_reads=2)
"""Read only at the start and to judge commands, soon after them."""

PATIENT = replace(RARE, confirm_reads=1000)
"""What was sent and does not show stays on its way for as long as a test takes."""

FACTORY: Mapping[str, Json] = {
    "serial": "P-1",
    "status": "connected",
    "amp": 10,
    "min": 6,
    "max": 16,
    "force": 0,
    "led": 50,
    "phases": "three",
    "phases_possible": ["single", "three"],
    "kwh": 0,
    "locked": False,
    "pin": "0000",
    "watt": 0,
    "session": 0,
}

_FORCE = {0: "auto", 1: "off", 2: "on"}


def _set(key: str, value: Json) -> Request:
    return Request(method="PUT", path="/settings", body={key: value})


def _override(word: str) -> Request:
    return _set("force", next(code for code, known in _FORCE.items() if known == word))


BINDINGS: Sequence[Binding[Any]] = (
    Binding(property=p.STATUS, read=lambda doc: text(doc["status"])),
    Binding(property=p.POWER, read=lambda doc: round(10 * number(doc["watt"])) / 10),
    Binding(property=p.SESSION_ENERGY, read=lambda doc: number(doc["session"])),
    Binding(
        property=p.CURRENT_LIMIT,
        read=lambda doc: number(doc["amp"]),
        write=lambda amps, _: _set("amp", amps),
        bounds=lambda doc: Bounds(minimum=number(doc["min"]), maximum=number(doc["max"]), step=0.5),
        forbidden=lambda _, doc: "the charger is locked" if doc["locked"] else None,
    ),
    Binding(
        property=p.CHARGING_ENABLED,
        read=lambda doc: doc["force"] == 2,
        write=lambda on, _: _set("force", 2 if on else 1),
    ),
    Binding(
        property=p.CHARGE_OVERRIDE,
        read=lambda doc: _FORCE[int(number(doc["force"]))],
        write=lambda word, _: _override(word),
    ),
    Binding(property=p.LED_BRIGHTNESS, read=lambda doc: number(doc["led"]), write=lambda led, _: _set("led", led)),
    Binding(
        property=p.PHASE_MODE,
        read=lambda doc: text(doc["phases"]),
        write=lambda word, _: _set("phases", word),
        options=lambda doc: [text(word) for word in _list(doc["phases_possible"])],
    ),
    Binding(
        property=p.SESSION_ENERGY_LIMIT,
        read=lambda doc: number(doc["kwh"]),
        write=lambda kwh, _: _set("kwh", kwh),
    ),
    Binding(
        property=p.LOCKED,
        read=lambda doc: doc["locked"] is True,
        write=lambda locked, doc: Request(method="PUT", path="/lock", body={"locked": locked, "pin": doc["pin"]}),
    ),
)

ACTIONS = (
    Action(key="restart", name="Restart", request=lambda _: Request(method="POST", path="/restart")),
    Action(
        key="factory_reset",
        name="Factory reset",
        request=lambda _: Request(method="POST", path="/reset"),
        needs_allow=True,
    ),
)


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


@dataclass(frozen=True, slots=True)
class Write:
    """A request as it arrived."""

    request: Request
    at: float

    @property
    def body(self) -> Json:
        """What was to be set."""
        return self.request.body


class PretendCharger:
    """A charger in memory. What goes wrong is set by the test; every request is remembered."""

    account = None

    def __init__(self, pace: Pace = RARE, **settings: Json) -> None:
        self.pace = pace
        self.bindings = BINDINGS
        self.actions: Sequence[Action] = ACTIONS
        self.questions: Mapping[str, Any] = {}
        self.member = 0
        self.settings: dict[str, Json] = {**FACTORY, **settings}
        self.writes: list[Write] = []
        self.reads: list[float] = []
        self.read_error: Exception | None = None
        self.write_error: ChargerError | None = None
        self.takes = True
        """Whether a write changes anything, whatever is said of it."""
        self.on_write: Mapping[str, Json] = {}
        """What else changes by itself with a write."""
        self.later: list[Mapping[str, Json]] = []
        """What changes by itself with each of the next reads."""
        self.reading = self.writing = False
        self._may_read, self._may_write = asyncio.Event(), asyncio.Event()
        self.let_go()

    def hold_reads(self) -> None:
        """Answer no read until `let_go`."""
        self._may_read.clear()

    def hold_writes(self) -> None:
        """Answer no write until `let_go`."""
        self._may_write.clear()

    def let_go(self) -> None:
        """Answer again."""
        self._may_read.set()
        self._may_write.set()

    def identify(self, document: Document) -> Identity:
        """Tell who it is."""
        return Identity(serial=text(document["serial"]), vendor="pretend", manufacturer="Pretend")

    async def fetch(self) -> Document:
        """Answer with the settings."""
        assert not self.reading
        assert not self.writing
        self.reading = True
        self.reads.append(time.monotonic())
        try:
            await self._may_read.wait()
            if self.read_error is not None:
                raise self.read_error
            if self.later:
                self.settings |= self.later.pop(0)
            return dict(self.settings)
        finally:
            self.reading = False

    async def send(self, request: Request) -> None:
        """Take a write."""
        assert not self.reading
        assert not self.writing
        self.writing = True
        self.writes.append(Write(request, time.monotonic()))
        try:
            await self._may_write.wait()
            if self.takes and isinstance(request.body, dict):
                self.settings |= request.body
            self.settings |= self.on_write
            if self.write_error is not None:
                raise self.write_error
        finally:
            self.writing = False

    def as_of(self, document: Document) -> None:
        """What it tells is of the moment."""

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """It keeps no records."""
        return seen

    def look(self, keys: Sequence[str], at: float) -> None:
        """It has no account."""

    async def close(self) -> None:
        """Nothing is held."""


_keeps_to_the_contract: type[Charger] = PretendCharger


class Notes:
    """An outlet that remembers everything in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def changed(self, charger: ChargerView) -> None:
        """Remember the values."""
        self.told.append(("values", dict(charger.values)))

    def event(self, charger: ChargerView, event: Event) -> None:  # noqa: ARG002 - there is one charger
        """Remember an event."""
        self.told.append(("event", event))

    def session(self, charger: ChargerView, record: SessionRecord) -> None:  # noqa: ARG002 - there is one charger
        """Remember a session."""
        self.told.append(("session", record))

    def result(self, charger_id: str, result: Result) -> None:  # noqa: ARG002 - there is one charger
        """Remember a result."""
        self.told.append(("result", result))

    @property
    def results(self) -> list[Result]:
        """Every result, oldest first."""
        return [what for kind, what in self.told if kind == "result"]

    @property
    def events(self) -> list[Event]:
        """Every event, oldest first."""
        return [what for kind, what in self.told if kind == "event"]

    @property
    def sessions(self) -> list[SessionRecord]:
        """Every finished session, oldest first."""
        return [what for kind, what in self.told if kind == "session"]

    def shown(self, key: str) -> list[Value]:
        """Return the values that were published of a property, each time it changed."""
        values: list[Value] = []
        for kind, what in self.told:
            if kind == "values" and key in what and (not values or values[-1] != what[key]):
                values.append(what[key])
        return values

    def of(self, id_: str) -> list[Result]:
        """Return the results of one command."""
        return [result for result in self.results if result.id == id_]

    def course(self, id_: str) -> list[str]:
        """Return the outcomes of one command, in order."""
        return [result.outcome.value for result in self.of(id_)]

    async def final(self, id_: str, within: float = 10.0) -> Result:
        """Wait for the final result of a command."""
        await until(lambda: any(r.final for r in self.of(id_)), within, f"final result of {id_}: {self.results}")
        return self.of(id_)[-1]


class Driven:
    """A charger with its poller running, as the broker's side sees it."""

    def __init__(self, poller: Poller, notes: Notes) -> None:
        self.poller = poller
        self.notes = notes
        self._number = 0

    @property
    def view(self) -> ChargerView:
        """What is known of the charger."""
        return self.poller.view

    def command(self, **values: Json) -> str:
        """Send one JSON command with an id of its own and return that id."""
        self._number += 1
        id_ = str(values.pop("id", f"c{self._number}"))
        self.poller.receive(Received(key=None, payload=json.dumps({"id": id_, **values}).encode()))
        return id_

    async def result(self, **values: Json) -> Result:
        """Send a command and wait for its final result."""
        return await self.notes.final(self.command(**values))


def make_poller(
    charger: Charger, notes: Notes, limits: CommandLimits | None = None, *, id_: str = "box", **settings: Any
) -> Poller:
    """Return the poller of a pretend charger; `settings` are those of the configuration."""
    return Poller(id_, ChargerSettings(vendor="pretend", **settings), charger, notes, limits or CommandLimits())


@asynccontextmanager
async def driven(
    charger: PretendCharger, limits: CommandLimits | None = None, *, answers: bool = True, **settings: Any
) -> AsyncIterator[Driven]:
    """Run the charger's poller for the time of the context, which begins with its first good answer if it `answers`."""
    notes = Notes()
    poller = make_poller(charger, notes, limits, **settings)
    task = asyncio.create_task(poller.run(), name="poller")
    try:
        if answers:
            await until(lambda: poller.view.available or task.done(), what="the first answer")
        yield Driven(poller, notes)
    finally:
        charger.let_go()
        poller.stop()
        async with asyncio.timeout(10):
            await task
    for id_ in {result.id for result in notes.results}:
        keys = [(result.key, result.final) for result in notes.of(id_)]
        finals = [key for key, final in keys if final]
        assert len(set(finals)) == len(finals), f"more than one final result: {notes.of(id_)}"
        assert {key for key, _ in keys} == set(finals), f"no final result: {notes.of(id_)}"


def known(*, read_only: bool = False, allow: tuple[str, ...] = (), **settings: Json) -> Known:
    """Return what is known of a pretend charger after its first answer."""
    document = {**FACTORY, **settings}
    rules = ChargerSettings.model_validate({"vendor": "pretend", "read_only": read_only, "allow": allow})
    abilities = Abilities(BINDINGS, ACTIONS, rules)
    abilities.learn(document)
    return Known(
        bindings=abilities.bindings,
        actions=abilities.actions,
        capabilities=abilities.capabilities,
        document=document,
        read_only=read_only,
    )


def pace(**changes: Any) -> Pace:
    """Return the usual pace of a pretend charger with changes."""
    return replace(RARE, **changes)


async def taken(charger: PretendCharger, writes: int) -> None:
    """Wait until the charger has taken so many writes."""
    await until(lambda: len(charger.writes) == writes and not charger.writing, what=f"{writes} writes")


def bugs(error: BaseException) -> list[BaseException]:
    """Return what went wrong, out of all the groups it is wrapped in."""
    if isinstance(error, BaseExceptionGroup):
        return [bug for inner in error.exceptions for bug in bugs(inner)]
    return [error]


def told(result: Result) -> tuple[Outcome, str, Json]:
    """Return what matters most of a result."""
    return result.outcome, result.code.value, result.applied
