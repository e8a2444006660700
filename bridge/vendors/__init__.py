"""Every vendor the bridge speaks to: one folder each, one row here.

A vendor's settings are there from the start; its client is imported by those who have a charger of it.
"""

# ruff: noqa: PLC0415 - that is what the imports in functions are for
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.account.login import Store
from bridge.charger.contract import Account, AccountSettings, Charger, ChargerSettings
from bridge.http import Http
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.podero.settings import PoderoAccountSettings, PoderoSettings
from bridge.vendors.wallbox.settings import WallboxAccountSettings, WallboxSettings
from bridge.vendors.webasto.settings import WebastoSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How the rest of the bridge gets at one vendor.

    `connect` makes a charger from its settings, its account (None where there are none) and where it may keep something
    of its own; `open_account` makes an account from its name, its settings and where its tokens are kept. Neither opens
    anything.
    """

    name: str
    settings: type[ChargerSettings]
    connect: Callable[[Any, Http, Any, Store], Charger]
    account_settings: type[AccountSettings] | None = None
    open_account: Callable[[str, Any, Http, Store], Account] | None = None


def _goe(settings: GoeSettings, http: Http, _: None, __: Store) -> Charger:
    from bridge.vendors.goe.charger import GoeCharger

    return GoeCharger(settings, http)


def _wallbox(settings: WallboxSettings, _: Http, account: Any, __: Store) -> Charger:  # noqa: ANN401 - its own account
    from bridge.vendors.wallbox.charger import WallboxCharger

    return WallboxCharger(settings, account)


def _wallbox_account(name: str, settings: WallboxAccountSettings, http: Http, store: Store) -> Account:
    from bridge.vendors.wallbox.account import WallboxAccount

    return WallboxAccount(name, settings, http, store)


def _podero(settings: PoderoSettings, _: Http, account: Any, __: Store) -> Charger:  # noqa: ANN401 - its own account
    from bridge.vendors.podero.charger import PoderoCharger

    return PoderoCharger(settings, account)


def _podero_account(name: str, settings: PoderoAccountSettings, http: Http, store: Store) -> Account:
    from bridge.vendors.podero.account import PoderoAccount

    return PoderoAccount(name, settings, http, store)


def _webasto(settings: WebastoSettings, http: Http, _: None, store: Store) -> Charger:
    from bridge.vendors.webasto.charger import WebastoCharger

    return WebastoCharger(settings, http, store)


VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(name="go-e", settings=GoeSettings, connect=_goe),
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
