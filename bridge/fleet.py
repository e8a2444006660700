"""From the settings to accounts, feeds and chargers, connected and driven."""

from __future__ import annotations

from collections.abc import Iterable
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
            own = self.settings.mqtt
            client_id = getattr(settings, "client_id", None) or f"{own.client_id}-feed"
            self.feeds[settings] = BrokerFeed(address_of(settings or own, client_id))
        return self.feeds[settings]

    def poller(self, charger_id: str, outlet: Outlet, *, start_after_s: float = 0) -> Poller:
        """Return the poller of a configured charger. `start_after_s` delays its first read."""
        settings = self.settings.chargers[charger_id]
        limits = CommandLimits(
            max_age_s=self.settings.commands.max_age,
            queue=self.settings.commands.queue,
            min_write_interval_s=settings.min_write_interval,
        )
        return Poller(charger_id, settings, self.charger(charger_id), outlet, limits, start_after_s=start_after_s)


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
