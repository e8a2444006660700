"""Every vendor the bridge speaks to: one folder each, one row here.

A vendor's settings are there from the start; its client is imported by those who have a charger of it.
"""

# ruff: noqa: PLC0415 - that is what the imports in functions are for
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bridge.account.login import Store
from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import Account, AccountSettings, Charger, ChargerSettings
from bridge.charger.feed import Feed
from bridge.charger.search import Found, Search
from bridge.http import Http
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.podero.settings import PoderoAccountSettings, PoderoSettings
from bridge.vendors.wallbox.settings import WallboxAccountSettings, WallboxSettings
from bridge.vendors.webasto.settings import WebastoSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a charger may use.

    `account` is None where there are none, in `store` it may keep something of its own, `feed` gives the messages on a
    broker, ours where no other is named.
    """

    http: Http
    account: Any
    store: Store
    feed: Callable[[BrokerSettings | None], Feed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How the rest of the bridge gets at one vendor.

    `connect` makes a charger from its settings and what it may use; `open_account` makes an account from its name, its
    settings and where its tokens are kept. Neither opens anything. `discover` looks for the vendor's chargers in the
    local network, and raises ChargerError if it cannot.
    """

    name: str
    settings: type[ChargerSettings]
    connect: Callable[[Any, Means], Charger]
    account_settings: type[AccountSettings] | None = None
    open_account: Callable[[str, Any, Http, Store], Account] | None = None
    discover: Callable[[Http, Search], Awaitable[list[Found]]] | None = None


def _goe(settings: GoeSettings, means: Means) -> Charger:
    from bridge.vendors.goe.connect import connect

    return connect(settings, means.http, means.feed)


async def _goe_discover(http: Http, search: Search) -> list[Found]:
    from bridge.vendors.goe.discovery import discover

    return await discover(http, search)


def _wallbox(settings: WallboxSettings, means: Means) -> Charger:
    from bridge.vendors.wallbox.charger import WallboxCharger

    return WallboxCharger(settings, means.account)


def _wallbox_account(name: str, settings: WallboxAccountSettings, http: Http, store: Store) -> Account:
    from bridge.vendors.wallbox.account import WallboxAccount

    return WallboxAccount(name, settings, http, store)


def _podero(settings: PoderoSettings, means: Means) -> Charger:
    from bridge.vendors.podero.charger import PoderoCharger

    return PoderoCharger(settings, means.account)


def _podero_account(name: str, settings: PoderoAccountSettings, http: Http, store: Store) -> Account:
    from bridge.vendors.podero.account import PoderoAccount

    return PoderoAccount(name, settings, http, store)


def _webasto(settings: WebastoSettings, means: Means) -> Charger:
    from bridge.vendors.webasto.charger import WebastoCharger

    return WebastoCharger(settings, means.http, means.store)


VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(name="go-e", settings=GoeSettings, connect=_goe, discover=_goe_discover),
        Vendor(
            name="wallbox",
            settings=WallboxSettings,
            connect=_wallbox,
            account_settings=WallboxAccountSettings,
            open_account=_wallbox_account,
        ),
        Vendor(
            name="podero",
            settings=PoderoSettings,
            connect=_podero,
            account_settings=PoderoAccountSettings,
            open_account=_podero_account,
        ),
        Vendor(name="webasto", settings=WebastoSettings, connect=_webasto),
    )
}
