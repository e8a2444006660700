"""For chargers that need no broker of their own."""

from __future__ import annotations

from bridge.broker_settings import BrokerSettings
from bridge.charger.feed import Feed


def no_feed(_: BrokerSettings | None) -> Feed:
    """Nobody asks for it."""
    raise AssertionError("a charger that is asked was given a broker")
