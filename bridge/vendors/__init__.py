"""Every vendor the bridge speaks to: one folder each, one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.account.login import Store
from bridge.charger.contract import Account, AccountSettings, Charger, ChargerSettings
from bridge.http import Http
from bridge.vendors.goe.charger import GoeCharger
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.podero.account import PoderoAccount
from bridge.vendors.podero.charger import PoderoCharger
from bridge.vendors.podero.settings import PoderoAccountSettings, PoderoSettings
from bridge.vendors.wallbox.account import WallboxAccount
from bridge.vendors.wallbox.charger import WallboxCharger
from bridge.vendors.wallbox.settings import WallboxAccountSettings, WallboxSettings
from bridge.vendors.webasto.charger import WebastoCharger
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


VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(name="go-e", settings=GoeSettings, connect=lambda settings, http, *_: GoeCharger(settings, http)),
        Vendor(
            name="wallbox",
            settings=WallboxSettings,
            connect=lambda settings, _, account, __: WallboxCharger(settings, account),
            account_settings=WallboxAccountSettings,
            open_account=WallboxAccount,
        ),
        Vendor(
            name="podero",
            settings=PoderoSettings,
            connect=lambda settings, _, account, __: PoderoCharger(settings, account),
            account_settings=PoderoAccountSettings,
            open_account=PoderoAccount,
        ),
        Vendor(
            name="webasto",
            settings=WebastoSettings,
            connect=lambda settings, http, _, store: WebastoCharger(settings, http, store),
        ),
    )
}
