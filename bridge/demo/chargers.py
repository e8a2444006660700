"""How the configuration names each pretend charger: one row per vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bridge.charger.values import Json

Named: TypeAlias = dict[str, dict[str, Json]]
"""Settings by the name that they have in the configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One charger of the demo: its id, and from its simulator the settings of it and, where it has one, its account."""

    id: str
    charger: Callable[[Any], dict[str, Json]]
    account: Callable[[Any], dict[str, Json]] | None = None

    @property
    def account_name(self) -> str:
        """The account's key in the configuration."""
        return f"{self.id}-account"

    def settings(self, vendor: str, simulator: Any) -> tuple[Named, Named]:  # noqa: ANN401 - each vendor's own
        """Return the `accounts` and the `chargers` of the configuration for this charger alone."""
        accounts: Named = {}
        charger: dict[str, Json] = {"vendor": vendor, **self.charger(simulator)}
        if self.account is not None:
            accounts[self.account_name] = {"vendor": vendor, **self.account(simulator)}
            charger["account"] = self.account_name
        return accounts, {self.id: charger}


CHARGERS: Mapping[str, Place] = {
    "go-e": Place(id="garage", charger=lambda simulator: {"host": simulator.address, "name": "Garage"}),
    "wallbox": Place(
        id="street",
        charger=lambda simulator: {"charger_id": simulator.charger().spec.id, "name": "Street"},
        account=lambda simulator: {
            "email": simulator.account().spec.email,
            "password": simulator.account().spec.password,
            "api_url": simulator.api_url,
            "auth_url": simulator.auth_url,
            # A pretend cloud has no limits; the real one does not permit this.
            "reads_per_minute": 60,
            "writes_per_minute": 60,
        },
    ),
    "podero": Place(
        id="flat",
        charger=lambda simulator: {
            "user_id": simulator.service.ids.user,
            "wallbox_id": simulator.service.ids.wallbox,
            "name": "Flat",
            # As often as it permits.
            "poll_interval": 30,
        },
        account=lambda simulator: {
            "client_id": simulator.service.ids.client,
            "client_secret": simulator.service.client_secret,
            "org_id": simulator.service.ids.org,
            "api_url": simulator.api_url,
            "token_url": simulator.token_url,
        },
    ),
    "webasto": Place(
        id="depot",
        charger=lambda simulator: {
            "host": simulator.address,
            "username": simulator.username,
            "password": simulator.password,
            "name": "Depot",
        },
    ),
}
"""By vendor."""
