"""From the settings to accounts, feeds and chargers, connected and driven."""

from __future__ import annotations

import asyncio
import secrets
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import Account, AccountChargerSettings, Charger, SharedReading
from bridge.engine.accounts import AccountReader
from bridge.engine.command import CommandLimits
from bridge.engine.outlet import Outlet
from bridge.engine.poller import Poller
from bridge.http import Http
from bridge.mqtt.address import address_of
from bridge.mqtt.feed import BrokerFeed
from bridge.settings import Settings
from bridge.state_files import StateFile
from bridge.vendors import VENDORS, Means


@dataclass(slots=True)
class Fleet:
    """Makes accounts and pollers; an account is shared by its chargers. Nothing is opened by it."""

    settings: Settings
    http: Http
    state_dir: Path
    accounts: dict[str, Account] = field(default_factory=dict)
    feeds: dict[BrokerSettings | None, BrokerFeed] = field(default_factory=dict)
    visiting: bool = False
    """Whether it is there for a moment only, beside a daemon whose sessions it must not take over."""

    def serves(self, charger_id: str) -> bool:
        """Tell whether a charger of that name would be ours, among the daemons that share the configuration."""
        shard = self.settings.shard
        return shard_of(charger_id, shard.count) == shard.index

    def account(self, name: str) -> Account:
        """Return an account by its name in the configuration; its tokens are those of earlier runs."""
        if name not in self.accounts:
            settings = self.settings.accounts[name]
            open_account = VENDORS[settings.vendor].open_account
            if open_account is None:
                raise ValueError(f"{settings.vendor} has no accounts")
            store = StateFile(self.state_dir / "tokens" / f"{name}.json")
            self.accounts[name] = open_account(name, settings, self.http, store)
        return self.accounts[name]

    def charger(self, charger_id: str) -> Charger:
        """Return a configured charger."""
        settings = self.settings.chargers[charger_id]
        account = self.account(settings.account) if isinstance(settings, AccountChargerSettings) else None
        store = StateFile(self.state_dir / "chargers" / f"{charger_id}.json")
        means = Means(http=self.http, account=account, store=store, feed=self.feed)
        return VENDORS[settings.vendor].connect(settings, means)

    def feed(self, settings: BrokerSettings | None) -> BrokerFeed:
        """Return the feed from a broker; None is ours. Chargers on the same broker share one, which others run."""
        if settings not in self.feeds:
            client_id = getattr(settings, "client_id", None) or self._free_client_id()
            if self.visiting:
                client_id = f"{client_id}-{secrets.token_hex(4)}"
            self.feeds[settings] = BrokerFeed(address_of(settings or self.settings.mqtt, client_id))
        return self.feeds[settings]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear what chargers tell by themselves, for the time of the context."""
        async with asyncio.TaskGroup() as group:
            for feed in self.feeds.values():
                group.create_task(feed.run(), name=feed.name)
            try:
                yield
            finally:
                for feed in self.feeds.values():
                    feed.stop()

    def _free_client_id(self) -> str:
        """Return a name for another feed: brokers throw out whoever has the name of one that comes."""
        taken = {feed.client_id for feed in self.feeds.values()}
        name = f"{self.settings.mqtt.client_id}-feed"
        return next(each for each in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)

    def poller(self, charger_id: str, outlet: Outlet, *, start_after_s: float = 0) -> Poller:
        """Return the poller of a configured charger. `start_after_s` delays its first read."""
        settings = self.settings.chargers[charger_id]
        limits = CommandLimits(
            max_age_s=self.settings.commands.max_age,
            queue=self.settings.commands.queue,
            min_write_interval_s=settings.min_write_interval,
        )
        return Poller(charger_id, settings, self.charger(charger_id), outlet, limits, start_after_s=start_after_s)


def shard_of(charger_id: str, count: int) -> int:
    """Return which of `count` daemons serves a charger: the same everywhere and at every start."""
    # Names come from messages, too, and those can hold half a character.
    return zlib.crc32(charger_id.encode(errors="replace")) % count


def account_readers(pollers: Iterable[Poller]) -> list[AccountReader]:
    """Return what reads the accounts that are read as a whole, for these chargers."""
    members: dict[str, dict[int, Poller]] = {}
    accounts: dict[str, SharedReading] = {}
    for poller in pollers:
        account = poller.account
        if account is not None and isinstance(account, SharedReading):
            accounts[account.name] = account
            members.setdefault(account.name, {})[poller.member] = poller
    return [AccountReader(name, account, members[name]) for name, account in accounts.items()]
