"""One Wallbox account: its login, its budget, and the newest answers about each of its chargers."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from bridge.account.budget import Budget, Throttle
from bridge.account.login import Login, Store
from bridge.charger.binding import Request
from bridge.charger.contract import AccountHealth
from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, LoginRefusedError, RefusedError, ThrottledError
from bridge.http import Http
from bridge.vendors.wallbox.api import WallboxApi
from bridge.vendors.wallbox.auth import WallboxAuth
from bridge.vendors.wallbox.reading import RARE_S, Call, Part, ReadingPlan
from bridge.vendors.wallbox.settings import WallboxAccountSettings

MOST_QUESTIONS = 10

STOPPING = "the bridge is stopping"

NOT_ABOUT_THE_PLACE = frozenset({"chargers", "customer", "billingInformation", "subscription"})
"""What a group tells of people, and what is told of each charger by itself."""

Answers: TypeAlias = dict[str, Json]

_PATHS = {
    Part.GROUPS: "v3/chargers/groups",
    Part.STATUS: "chargers/status/{charger}",
    Part.RECORD: "v2/charger/{charger}",
    Part.SCHEDULES: "chargers/{charger}/schedules",
}


class WallboxAccount:
    """Reads for all chargers of the account, one call at a time, and writes for each, within the account's budget."""

    def __init__(self, name: str, settings: WallboxAccountSettings, http: Http, store: Store) -> None:
        """Prepare; nothing is sent yet."""
        auth = WallboxAuth(name, settings, http)
        self.name = name
        self._login = Login(name, auth.credentials, auth.sign_in, auth.refresh, store)
        self._api = WallboxApi(settings, self._login, http)
        self._reads = Budget(settings.reads_per_minute)
        self._writes = Budget(settings.writes_per_minute)
        self._throttle = Throttle()
        self._plan = ReadingPlan()
        self._answers: dict[int, Answers] = {}
        self._last_read = float("-inf")
        self._questions: deque[tuple[str, asyncio.Future[Json]]] = deque()
        self._over = asyncio.Event()
        self.on_news: Callable[[], None] = lambda: None
        """Called when the next read is due sooner than it was."""

    @property
    def spacing_s(self) -> float:
        """How far apart the reads of the account are."""
        return self._reads.spacing_s

    def join(self, charger: int, parts: Collection[Part] = ()) -> None:
        """Read this charger, too, and of it also these parts."""
        if charger not in self._answers:
            self._plan.chargers.append(charger)
            self._answers[charger] = {"read_at": {}}
        self._plan.rare |= set(parts) & set(RARE_S)

    def leave(self, charger: int) -> None:
        """Ask nothing more for this charger."""
        if charger in self._plan.chargers:
            self._plan.chargers.remove(charger)
        self._answers.pop(charger, None)

    def document(self, charger: int) -> Document:
        """Return the newest answers about a charger."""
        return self._answers[charger]

    # Reading

    def next_read_at(self) -> float:
        """Return when the next read is due and permitted, by the monotonic clock."""
        routine = self._last_read + self._reads.spacing_s
        asked = self._plan.next_asked()
        wanted = routine if asked is None else min(routine, asked)
        wanted = float("-inf") if self._questions else wanted
        return max(wanted, self._reads.ready_at(), self._throttle.until)

    async def read(self) -> Mapping[int, Document | ChargerError]:
        """Make the next read; returns the newest documents of the chargers that it told of.

        Raises:
            LoginRefusedError: the credentials are wrong.
            ChargerError: the read failed, for all chargers alike.

        """
        if self._questions:
            await self._answer(*self._questions.popleft())
            return {}
        return await self._make(self._plan.choose(time.monotonic()))

    async def read_one(self, charger: int) -> Document:
        """Read all parts of one charger, as far as the budget permits that now; one that tells of it in any case.

        Raises:
            ChargerError: a read failed, or the account has no such charger.

        """
        document = await self._one(Call(Part.GROUPS, None), charger)
        for part in (Part.STATUS, *sorted(self._plan.rare)):
            if self._reads.ready_at() <= time.monotonic():
                document = await self._one(Call(part, charger), charger)
        return document

    async def _one(self, call: Call, charger: int) -> Document:
        found = (await self._make(call))[charger]
        if isinstance(found, ChargerError):
            raise found
        return found

    async def _make(self, call: Call) -> Mapping[int, Document | ChargerError]:
        self._plan.made(call, time.monotonic())
        try:
            found = await self._get(_PATHS[call.part].format(charger=call.charger))
        except (LoginRefusedError, ThrottledError):
            raise
        except RefusedError as error:
            if call.charger is None:
                raise
            return {call.charger: error}  # the others have nothing to do with it
        if call.charger is None:
            return self._take_groups(found)
        self._take(call.charger, call.part, _object(found))
        return {call.charger: self._answers[call.charger]}

    async def _answer(self, path: str, answer: asyncio.Future[Json]) -> None:
        try:
            found = await self._get(path)
        except ChargerError as error:
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(found)

    async def _get(self, path: str) -> Json:
        began = time.monotonic()
        self._reads.spend(began)
        self._last_read = began
        try:
            found = await self._api.read(path)
        except ThrottledError as error:
            self._throttle.hit(time.monotonic(), error.retry_after_s)
            raise
        # Not when a write was turned away meanwhile.
        if not self._throttle.active(began):
            self._throttle.passed()
        return found

    def _take_groups(self, found: Json) -> dict[int, Document | ChargerError]:
        entries = dict(charger_entries(found))
        missing = BadAnswerError("the account has no charger with this charger_id")
        # Asking for the details of others costs a read, and their refusal would look like throttling.
        self._plan.chargers = [charger for charger in self._answers if charger in entries]
        told: dict[int, Document | ChargerError] = {}
        for charger in self._answers:
            if charger in entries:
                self._take(charger, Part.GROUPS, entries[charger])
                told[charger] = self._answers[charger]
            else:
                told[charger] = missing
        return told

    def _take(self, charger: int, part: str, answer: Document) -> None:
        answers = self._answers[charger]
        before = answers["read_at"]
        read_at: Json = {**(before if isinstance(before, dict) else {}), part: time.time()}
        if part == Part.RECORD:
            data = _object(answer.get("data"))
            parts: Answers = {"record": data.get("chargerData"), "users": data.get("users")}
        else:
            parts = {part: dict(answer)}
        # A new object, so that what was handed out does not change any more.
        self._answers[charger] = {**answers, **parts, "read_at": read_at}

    def look(self, charger: int, part: Part, at: float) -> None:
        """Have a part of a charger read soon, but not before `at` (monotonic)."""
        self._plan.ask(Call(part, None if part is Part.GROUPS else charger), at)
        self.on_news()

    async def ask(self, path: str) -> Json:
        """Return the answer to a read that a person asked for; it takes the next place that the budget has.

        Raises:
            ThrottledError: too many questions wait already.
            ChargerError: the read failed.

        """
        if self._over.is_set():
            raise ChargerError(STOPPING)
        if len(self._questions) >= MOST_QUESTIONS:
            raise ThrottledError("too many questions wait for this account already")
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._questions.append((path, answer))
        self.on_news()
        return await answer

    def abandon(self) -> None:
        """Let whoever waits for an answer have none."""
        self._over.set()
        while self._questions:
            _, answer = self._questions.popleft()
            if not answer.done():
                answer.set_exception(ChargerError(STOPPING))

    async def rest(self, seconds: float) -> None:
        """Wait for a question's sake; raises ChargerError when the bridge stops meanwhile."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._over.wait()
        except TimeoutError:
            return
        raise ChargerError(STOPPING)

    async def ask_part(self, charger: int, part: Part) -> None:
        """Read a part of a charger that a person asked for."""
        self._take(charger, part, _object(await self.ask(_PATHS[part].format(charger=charger))))

    async def discover(self) -> list[Mapping[str, Json]]:
        """Return the settings of every charger of the account."""
        return [
            {"vendor": "wallbox", "account": self.name, "charger_id": number, "name": entry.get("name")}
            for number, entry in charger_entries(await self._get(_PATHS[Part.GROUPS]))
        ]

    # Writing

    def may_write_at(self) -> float:
        """Return when the next write is permitted, by the monotonic clock."""
        return max(self._writes.ready_at(), self._throttle.until)

    async def write(self, charger: int, request: Request) -> Document | None:
        """Send a write, once; returns the charger's document if the answer told of it."""
        self._writes.spend(time.monotonic())
        try:
            found = await self._api.write(request.method, request.path, request.body)
        except ThrottledError as error:
            self._throttle.hit(time.monotonic(), error.retry_after_s)
            raise
        if isinstance(found, dict) and isinstance(found.get("data"), dict) and "chargerData" in _object(found["data"]):
            self._take(charger, Part.RECORD, found)
            return self._answers[charger]
        if isinstance(found, dict) and request.path.startswith("chargers/config/"):
            self._take(charger, "config", found)
            return self._answers[charger]
        return None

    # Health

    def health(self) -> AccountHealth:
        """Return what is left of the budget, and how the login is."""
        now = time.monotonic()
        return AccountHealth(
            reads_left=0 if self._throttle.active(now) else self._reads.left(now),
            writes_left=0 if self._throttle.active(now) else self._writes.left(now),
            reset_in_s=max(self._reads.reset_in_s(now), self._writes.reset_in_s(now), self._throttle.until - now, 0.0),
            login=self._login.state,
            expires_at=self._login.expires_at,
        )


def charger_entries(found: Json) -> list[tuple[int, Document]]:
    """Return the chargers of all groups by their number, each with its group under `group`."""
    groups = _object(_object(found).get("result")).get("groups")
    if not isinstance(groups, list):
        raise BadAnswerError("the list of groups is missing in the answer")
    entries: list[tuple[int, Document]] = []
    for group in groups:
        chargers = _object(group).get("chargers")
        about = {key: value for key, value in _object(group).items() if key not in NOT_ABOUT_THE_PLACE}
        for charger in chargers if isinstance(chargers, list) else ():
            number = _object(charger).get("id")
            if isinstance(number, int):
                entries.append((number, {**_object(charger), "group": about}))
    return entries


def _object(found: Json) -> Mapping[str, Json]:
    return found if isinstance(found, dict) else {}
