"""What one charger supports, learnt from its own answers. Pure.

Support only grows: a key that is missing from one answer makes its property unknown, not unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.charger.binding import Action, Binding, Capability, Request, capability
from bridge.charger.contract import ChargerSettings
from bridge.charger.document import Document
from bridge.charger.properties import (
    CHARGING,
    CURRENT_LIMIT,
    CURRENT_LIMIT_MAX,
    CURRENT_LIMIT_MIN,
    DATA_AGE,
    IEC61851,
    LAST_UPDATE,
    ONLINE,
    PROBLEM,
    RATE_LIMITED,
    REAUTH_REQUIRED,
    SESSION_DURATION,
    SESSION_START,
    STALE,
    VEHICLE_CONNECTED,
)
from bridge.charger.property import Property

REFRESH = Action(
    key="refresh", name="Refresh", request=lambda _: Request(method="GET", path="refresh"), category="diagnostic"
)
"""The one action that every charger has: the bridge reads it anew, no write is sent."""


def _readings(*rows: Property[Any]) -> dict[str, Capability]:
    return {row.key: Capability(property=row, settable=False) for row in rows}


_ALWAYS = _readings(
    IEC61851,
    VEHICLE_CONNECTED,
    CHARGING,
    PROBLEM,
    SESSION_START,
    SESSION_DURATION,
    ONLINE,
    LAST_UPDATE,
    STALE,
    DATA_AGE,
)
"""Properties that the bridge fills for every charger."""

_OF_AN_ACCOUNT = _readings(REAUTH_REQUIRED, RATE_LIMITED)

_OF_A_LIMIT = _readings(CURRENT_LIMIT_MIN, CURRENT_LIMIT_MAX)


class Abilities:
    """The bindings, actions and capabilities of one charger."""

    def __init__(
        self,
        bindings: Sequence[Binding[Any]],
        actions: Sequence[Action],
        settings: ChargerSettings,
        *,
        shared: bool = False,
    ) -> None:
        """Remember what the vendor offers and what the configuration permits; `shared` chargers have an account.

        `bindings` may grow at its end while the charger tells of more.
        """
        own = _readings(*(binding.property for binding in bindings if binding.property.about_connection))
        self._of_the_bridge = {**_ALWAYS, **(_OF_AN_ACCOUNT if shared else {}), **own}
        self._table = bindings
        self._seen = 0
        """How many rows of the table have been looked at."""
        self._offered: list[Binding[Any]] = []
        self._credentials = "credentials" in settings.allow
        self.read_only = settings.read_only
        self._possible = [a for a in actions if not a.needs_allow or a.key in settings.allow]
        self.bindings: dict[str, Binding[Any]] = {}
        self.actions: dict[str, Action] = {REFRESH.key: REFRESH}
        self.capabilities: Mapping[str, Capability] = {}

    @property
    def before_any_answer(self) -> Mapping[str, Capability]:
        """What can be said of a charger that has not answered yet."""
        return self._of_the_bridge

    @property
    def offered_actions(self) -> tuple[Action, ...]:
        """The actions that people are shown: where the configuration says read_only, only what writes nothing."""
        return (REFRESH,) if self.read_only else tuple(self.actions.values())

    def learn(self, document: Document) -> None:
        """Take an answer: add what it shows to be supported, and bring live bounds and options up to date."""
        self._offered += self._table[self._seen :]
        self._seen = len(self._table)
        found = [b for b in self._offered if b.supported(document)]
        for binding in found:
            self.bindings.setdefault(binding.property.key, binding)
            self._offered.remove(binding)
        for action in [a for a in self._possible if a.supported(document)]:
            self.actions[action.key] = action
            self._possible.remove(action)
        before = self.capabilities
        now: dict[str, Capability] = {}
        for key, binding in self.bindings.items():
            live = any(limit is not None for limit in (binding.bounds, binding.options, binding.unit))
            known = before.get(key)
            closed = self.read_only or (binding.property.secret and not self._credentials)
            now[key] = known if known and not live else capability(binding, document, read_only=closed)
        now = {**self._of_the_bridge, **now}
        if CURRENT_LIMIT.key in now:
            now = {**_OF_A_LIMIT, **now}
        if now != before:
            self.capabilities = now
