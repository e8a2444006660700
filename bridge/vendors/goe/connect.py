"""From the settings to a charger, on the way that they name."""

from __future__ import annotations

from collections.abc import Callable

from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import Charger
from bridge.charger.feed import Feed
from bridge.http import Http
from bridge.vendors.goe.charger import CLOUD_PACE, DEFAULT_TIMEOUT_S, LOCAL_PACE, AskedCharger
from bridge.vendors.goe.cloud import API_URL, CloudApi
from bridge.vendors.goe.local import LocalApi
from bridge.vendors.goe.settings import GoeSettings


def connect(settings: GoeSettings, http: Http, feed: Callable[[BrokerSettings | None], Feed]) -> Charger:
    """Return a charger; nothing is opened. `feed` gives the messages on a broker, ours where no other is named."""
    timeout_s = settings.timeout or DEFAULT_TIMEOUT_S
    local = None if settings.host is None else LocalApi(http, settings.host, timeout_s)
    if settings.transport == "mqtt":
        from bridge.vendors.goe.telling import TellingCharger  # noqa: PLC0415 - few need it

        return TellingCharger(settings, feed(settings.broker), local)
    if settings.token is not None:
        url = settings.api_url or API_URL.format(serial=settings.serial)
        return AskedCharger(settings, CloudApi(http, url, settings.token.get_secret_value(), timeout_s), CLOUD_PACE)
    if local is None:
        raise ValueError("there is neither an address nor a token")
    return AskedCharger(settings, local, LOCAL_PACE)
