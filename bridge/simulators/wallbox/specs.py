"""What a pretend cloud is made of: its accounts, its groups and their chargers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox.models import ModelName

Profile: TypeAlias = Literal["super-admin", "admin", "user"]
Snapshot: TypeAlias = Literal["2022", "2023", "2026"]
"""How the answers looked in a year: which fields there were."""

DEFAULT_EMAIL = f"{SECRET}@example.com"
DEFAULT_FEATURES = (
    "DEFAULT_FEATURE",
    "POWER_BOOST",
    "MOBILE_CONNECTIVITY",
    "CHARGER_SUBGROUPS",
    "USER_SUBGROUPS",
    "DYNAMIC_POWER_SHARING",
    "STATISTICS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSpec:
    """A person with an account; everything about them is a secret."""

    email: str = DEFAULT_EMAIL
    password: str = f"{SECRET}-password"
    id: int = 286113
    name: str = f"{SECRET}-name"
    surname: str = f"{SECRET}-surname"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerSpec:
    """A charger as it is delivered and set up.

    Attributes:
        id: Its number, which is also its serial number.
        model: What it is.
        name: What its owner calls it; None for the name from the factory.
        snapshot: Which fields its answers have.
        max_available: What the installer allows, in A; None for all that the model can.
        features: Of the plan; power boost needs `POWER_BOOST`.
        eco_smart: Whether it knows eco-smart; None as its model does.
        energy_price: Per kWh.
        icp_max_current: What the house may draw, in A; 0 for no limit.
        home_sharing: Whether power boost is on.
        ocpp: Whether another system than the vendor's controls it.
        locked: Whether it starts locked.
        latest_version: Of the firmware; None when the charger has it.
        past_sessions: How many finished sessions it has had, one each day.
    """

    id: int = 234567
    model: ModelName = "Pulsar Plus"
    name: str | None = None
    snapshot: Snapshot = "2026"
    max_available: int | None = None
    features: Sequence[str] = DEFAULT_FEATURES
    eco_smart: bool | None = None
    energy_price: float = 0.24
    icp_max_current: int = 0
    home_sharing: bool = False
    ocpp: bool = False
    locked: bool = False
    latest_version: str | None = None
    past_sessions: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """A location.

    Attributes:
        id: Its number.
        name: What it is called.
        chargers: What stands there.
        members: Who may do what, by e-mail address; None when every account is a super-admin.
    """

    id: int = 289814
    name: str = "Family"
    chargers: Sequence[ChargerSpec] = (ChargerSpec(),)
    members: Mapping[str, Profile] | None = field(default=None)
