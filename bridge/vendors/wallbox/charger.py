"""One charger of a Wallbox account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import Identity, Pace, Question
from bridge.charger.document import Document, text
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json, parse_timestamp
from bridge.errors import BadAnswerError, Code, CommandRejectedError, LoginRefusedError, RefusedError, ThrottledError
from bridge.vendors.wallbox import keys, schedules, sessions, sources
from bridge.vendors.wallbox.account import WallboxAccount
from bridge.vendors.wallbox.actions import ACTIONS
from bridge.vendors.wallbox.bindings import BINDINGS
from bridge.vendors.wallbox.reading import Part
from bridge.vendors.wallbox.refusals import explained
from bridge.vendors.wallbox.settings import WallboxSettings
from bridge.vendors.wallbox.writes import shown_by

SETTLE_S = 5.0
"""The cloud passes a write on and hears of it again after some seconds."""
REPORTS_EVERY_S = 300.0
"""An idle charger reports to its cloud that often."""
USUAL_SPAN = timedelta(days=30)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""There are no sessions before; and none that are asked for by the span alone."""
MOST_PAGES = 5
SLACK = timedelta(minutes=15)
"""How far the cloud's times of a session may be from those that we saw."""


class WallboxCharger:
    """Reads and writes one charger through its account."""

    actions: Sequence[Action] = ACTIONS

    def __init__(self, settings: WallboxSettings, account: WallboxAccount, *, settle_s: float = SETTLE_S) -> None:
        """Join the account; nothing is sent yet. `settle_s` is the usual time until a write shows."""
        rows = keys.chosen(settings.vendor_keys)
        self.bindings: Sequence[Binding[Any]] = (*BINDINGS, *keys.bindings(rows))
        self.account = account
        self._read_only = settings.read_only
        self.member = settings.charger_id
        # Every second read is for all chargers at once.
        usual = 2 * account.spacing_s
        self.pace = Pace(
            idle_s=usual,
            charging_s=usual,
            settle_s=settle_s,
            confirm_reads=2,
            cloud=True,
            reports_every_s=REPORTS_EVERY_S,
        )
        self.questions: Mapping[str, Question] = {"sessions": self._sessions, "schedules": self._schedules}
        self._watched: dict[str, Part] = {}
        account.join(self.member, keys.parts_needed(rows))

    async def fetch(self) -> Document:
        """Read this charger by itself, without waiting for its turn among the account's."""
        return await self.account.read_one(self.member)

    async def send(self, request: Request) -> Document | None:
        """Carry out one write, once."""
        shown = await self._write(request)
        self._watched = {"next": shown_by(request)}
        return shown

    async def _write(self, request: Request) -> Document | None:
        try:
            return await self.account.write(self.member, schedules.stamped(request, time.time()))
        except LoginRefusedError:
            raise
        except RefusedError as error:
            raise explained(error, request, self.account.document(self.member)) from error

    def look(self, keys: Sequence[str], at: float) -> None:  # noqa: ARG002 - what was written tells where it shows
        """Have the part read that shows the last write; without one, what tells of all chargers."""
        self.account.look(self.member, self._watched.pop("next", Part.GROUPS), at)

    def as_of(self, document: Document) -> datetime | None:
        """Return when the charger last reported to its cloud."""
        return sources.told_at(document)

    def identify(self, document: Document) -> Identity:
        """Tell who the charger is; raises LookupError when nothing says so."""
        groups = document.get("groups")
        model = groups.get("chargerType") if isinstance(groups, dict) else None
        name = sources.NAME.newest(document) if sources.NAME.present(document) else None
        firmware = sources.FIRMWARE_INSTALLED.filled(document) and sources.FIRMWARE_INSTALLED.known(document)
        return Identity(
            serial=str(sources.charger_id(document)),
            vendor="wallbox",
            manufacturer="Wallbox",
            model=model if isinstance(model, str) else None,
            firmware=firmware if isinstance(firmware, str) else None,
            name=name if isinstance(name, str) and name else None,
        )

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the cloud's record of a session, which knows its cost; the same if the cloud has none (yet)."""
        since = (seen.started_at or seen.finished_at - USUAL_SPAN) - SLACK
        found = await self._session_list(since, seen.finished_at + SLACK)
        ended = [each.record for each in found if abs(each.record.finished_at - seen.finished_at) <= SLACK]
        return max(ended, key=lambda record: record.finished_at, default=seen)

    async def close(self) -> None:
        """Leave the account, which has the login."""
        self.account.leave(self.member)

    # Questions

    async def _sessions(self, arguments: Mapping[str, Json]) -> Json:
        """Return the sessions between `from` and `to` (ISO 8601), the oldest first; without them of 30 days."""
        until = _moment(arguments.get("to")) or datetime.now(UTC)
        since = _moment(arguments.get("from")) or max(until - EARLIEST, USUAL_SPAN) - USUAL_SPAN + EARLIEST
        if since >= until:
            raise CommandRejectedError(Code.INVALID_VALUE, "from must be before to")
        found = await self._session_list(since, until)
        return {"sessions": [session.json() for session in sessions.in_order(found)]}

    async def _session_list(self, since: datetime, until: datetime) -> list[sessions.CloudSession]:
        """Return the charger's own list of sessions, or its part of the group's where the cloud refuses that one."""
        try:
            return await self._pages(
                lambda offset: sessions.stats_page(self.member, since, until, offset=offset), sessions.read_stats
            )
        except RefusedError as error:
            group = sources.GROUP_ID.newest(self._known()) if sources.GROUP_ID.filled(self._known()) else None
            if isinstance(error, ThrottledError | LoginRefusedError) or not isinstance(group, int):
                raise
        return await self._pages(
            lambda offset: sessions.group_page(group, since, until, offset=offset), sessions.read_group
        )

    async def _pages(
        self, page: Callable[[int], Request], read: Callable[[Json, int], list[sessions.CloudSession]]
    ) -> list[sessions.CloudSession]:
        found: list[sessions.CloudSession] = []
        offset = 0
        for _ in range(MOST_PAGES):
            answer = await self._ask(page(offset))
            try:
                found += read(answer, self.member)
            except TypeError as error:
                raise BadAnswerError("the list of sessions is none") from error
            following = sessions.next_offset(answer, offset)
            if following is None:
                break
            offset = following
        return found

    def _known(self) -> Document:
        return self.account.document(self.member)

    async def _schedules(self, arguments: Mapping[str, Json]) -> Json:
        """Return the charger's schedules, read anew; `add`, `change` or `remove` one of them first.

        `add` takes a schedule, `change` one with its `position`, `remove` a position; all are replaced by the vendor
        key `schedules`.
        """
        present = await self._present_schedules()
        wanted = _changed(present, arguments)
        if wanted is not None:
            if self._read_only:
                raise CommandRejectedError(Code.READ_ONLY, "the configuration says read_only for this charger")
            request = self._replacement(wanted)
            # Again and again, because commands may use up the budget meanwhile.
            while (wait_s := self.account.may_write_at() - time.monotonic()) > 0:
                await self.account.rest(wait_s)
            await self._write(request)
            await self.account.rest(self.pace.settle_s)
            present = await self._present_schedules()
            if not schedules.are_shown(wanted, self.account.document(self.member)):
                raise RefusedError("the cloud took the schedules but does not show them")
        return {"schedules": present}

    async def _present_schedules(self) -> list[Json]:
        await self.account.ask_part(self.member, Part.SCHEDULES)
        try:
            return schedules.read(self.account.document(self.member))
        except (LookupError, TypeError, ValueError) as error:
            raise BadAnswerError("the list of schedules cannot be understood") from error

    def _replacement(self, wanted: list[Json]) -> Request:
        try:
            return schedules.write(wanted, self.account.document(self.member))
        except (LookupError, TypeError, ValueError) as error:
            raise BadAnswerError("the charger has not been read yet; ask again soon") from error

    async def _ask(self, request: Request) -> Json:
        return await self.account.ask(f"{request.path}?{urlencode(request.query)}")


def _changed(present: list[Json], arguments: Mapping[str, Json]) -> list[Json] | None:
    """Return the schedules that are wished for; None if nobody wishes anything."""
    if "add" in arguments:
        return schedules.added(present, arguments["add"])
    if "remove" in arguments:
        return schedules.removed(present, arguments["remove"])
    change = arguments.get("change")
    if change is None:
        return None
    if not isinstance(change, dict) or "position" not in change:
        raise CommandRejectedError(Code.INVALID_VALUE, "change must be a schedule with its position")
    schedule = {key: value for key, value in change.items() if key != "position"}
    return schedules.changed(present, change["position"], schedule)


def _moment(told: Json) -> datetime | None:
    return None if told is None else parse_timestamp(text(told) if isinstance(told, str) else told)
