"""A changed configuration, applied while the daemon runs: only what differs begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from bridge.charger.contract import AccountChargerSettings
from bridge.charger.values import Json
from bridge.engine.accounts import AccountReader
from bridge.engine.daemon import Crew
from bridge.engine.outlet import Outlet
from bridge.engine.poller import Answered, Poller
from bridge.errors import ConfigError
from bridge.fleet import Fleet, account_readers
from bridge.mqtt.bridge import MqttBridge
from bridge.mqtt.housekeeping import Housekeeping
from bridge.settings import Settings
from bridge.waiting import wait_for

log = structlog.get_logger()

APPLIED = frozenset({"accounts", "chargers"})
"""The sections that can change while the daemon runs."""

MOST_WAITING = 10
"""How many requests for a reload may wait at a time."""

LONG_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between two configurations, for this daemon."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    restarted: tuple[str, ...]
    accounts: tuple[str, ...]
    """Accounts that differ or are gone."""
    needs_restart: tuple[str, ...]
    """Sections that only a new start applies."""

    def json(self) -> dict[str, Json]:
        """Return what the sender of the request is told."""
        told = {"added": self.added, "removed": self.removed, "restarted": self.restarted}
        return {key: list[Json](names) for key, names in (told | {"needs_restart": self.needs_restart}).items()}


def changes(old: Settings, new: Settings, serves: Callable[[str], bool]) -> Changes:
    """Compare; `serves` tells which chargers are ours, among daemons that share the configuration."""
    accounts = tuple(name for name in old.accounts if old.accounts[name] != new.accounts.get(name))
    before, after = ({id_ for id_ in settings.chargers if serves(id_)} for settings in (old, new))

    def differs(id_: str) -> bool:
        charger = new.chargers[id_]
        moved = isinstance(charger, AccountChargerSettings) and charger.account in accounts
        return moved or charger != old.chargers[id_]

    return Changes(
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
        restarted=tuple(sorted(id_ for id_ in before & after if differs(id_))),
        accounts=accounts,
        needs_restart=tuple(
            name for name in Settings.model_fields if name not in APPLIED and getattr(old, name) != getattr(new, name)
        ),
    )


class Reloading:
    """Reads the configuration again when asked to, one reload at a time.

    `read` returns the settings anew and raises ConfigError; `hangup` is set by SIGHUP. `begin` and `end` are called
    around each reload, `end` with the faults for which it was refused, and `tell` with what became of it.
    """

    name = "reload"

    def __init__(  # noqa: PLR0913 - it takes the daemon apart and puts it together again
        self,
        *,
        read: Callable[[], Settings],
        hangup: asyncio.Event,
        fleet: Fleet,
        crew: Crew,
        side: MqttBridge,
        housekeeping: Housekeeping,
        outlet: Outlet,
        readers: list[AccountReader],
        begin: Callable[[], None],
        end: Callable[[tuple[str, ...]], None],
        tell: Callable[[str, Mapping[str, Json]], None],
    ) -> None:
        """Take all that a changed charger touches."""
        self._read = read
        self._wanted = hangup
        self._fleet = fleet
        self._crew = crew
        self._side = side
        self._housekeeping = housekeeping
        self._outlet = outlet
        self._readers = readers
        self._begin, self._end, self._tell = begin, end, tell
        self._asking: list[Answered] = []
        self._stopping = False

    def ask(self, _: Mapping[str, Json], answered: Answered) -> None:
        """Reload soon, and say what became of it."""
        if self._stopping or len(self._asking) >= MOST_WAITING:
            answered(None, "the bridge is stopping" if self._stopping else "too many reloads are asked for already")
            return
        self._asking.append(answered)
        self._wanted.set()

    async def run(self) -> None:
        """Reload whenever it is wanted, until stopped."""
        while not self._stopping:
            if await wait_for(self._wanted, LONG_S) and not self._stopping:
                self._wanted.clear()
                await self._reload()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping = True
        self._wanted.set()

    async def _reload(self) -> None:
        asking, self._asking = self._asking, []
        faults: tuple[str, ...] = ()
        self._begin()
        try:
            done = await self._apply(await asyncio.to_thread(self._read))
        except ConfigError as error:
            faults = error.faults
            self._refused(asking, faults)
        else:
            log.info("reloaded", **done)
            self._tell("reloaded", done)
            for answered in asking:
                answered(done, None)
        finally:
            self._end(faults)

    def _refused(self, asking: Iterable[Answered], faults: tuple[str, ...]) -> None:
        log.error("reload refused, the old configuration stays", faults=faults)
        message = "\n".join(faults)
        self._tell("reload_refused", {"error": message})
        for answered in asking:
            answered(None, message)

    async def _apply(self, new: Settings) -> dict[str, Json]:
        old = self._fleet.settings
        what = changes(old, new, self._fleet.serves)
        leaving = (*what.removed, *what.restarted)
        # Side by side: each has its commands to end, which may take seconds.
        await asyncio.gather(*(self._crew.leave(id_) for id_ in leaving))
        for id_ in leaving:
            self._leave_reader(id_)
        for id_ in what.removed:
            self._crew.forget(id_)
            self._side.remove(id_)
        for name in what.accounts:
            self._fleet.accounts.pop(name, None)
        self._fleet.settings = old.model_copy(update={name: getattr(new, name) for name in APPLIED})
        self._housekeeping.configure(new.chargers, what.restarted)
        for id_ in (*what.restarted, *what.added):
            poller = self._fleet.poller(id_, self._outlet)
            self._crew.hire(id_, poller)
            self._side.add(id_)
            self._join_reader(poller)
        await self._tidy()
        return what.json()

    def _leave_reader(self, charger_id: str) -> None:
        poller = self._crew.pollers[charger_id]
        for reader in self._readers:
            if reader.reads(poller.account):
                reader.members.pop(poller.member, None)

    def _join_reader(self, poller: Poller) -> None:
        for reader in self._readers:
            if reader.reads(poller.account):
                reader.members[poller.member] = poller
                return
        for reader in account_readers([poller]):
            self._readers.append(reader)
            self._crew.serve(reader)

    async def _tidy(self) -> None:
        """Let go of what no charger uses any more, and begin with what is used for the first time."""
        for reader in [reader for reader in self._readers if not reader.members]:
            self._readers.remove(reader)
            await self._crew.dismiss(reader)
        for settings, feed in list(self._fleet.feeds.items()):
            at_work = feed in self._crew.services
            if feed.unused:
                del self._fleet.feeds[settings]
                if at_work:
                    await self._crew.dismiss(feed)
            elif not at_work:
                self._crew.serve(feed)
