"""Every vendor the bridge speaks to: one folder each, one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.charger.contract import AccountSettings, Charger, ChargerSettings
from bridge.http import Http
from bridge.vendors.goe.charger import GoeCharger
from bridge.vendors.goe.settings import GoeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """How the rest of the bridge gets at one vendor.

    `connect` makes a charger from its settings; it opens nothing before the first `fetch`.
    """

    name: str
    settings: type[ChargerSettings]
    connect: Callable[[Any, Http], Charger]
    account_settings: type[AccountSettings] | None = None


VENDORS: dict[str, Vendor] = {
    vendor.name: vendor for vendor in (Vendor(name="go-e", settings=GoeSettings, connect=GoeCharger),)
}
