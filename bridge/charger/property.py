"""What a row of the catalogue says: key, type, unit, bounds, and what the value is in the field's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from bridge.charger.values import INTEGER, NUMBER, Value, ValueType

T = TypeVar("T", bound=Value)

Category = Literal["config", "diagnostic"]

RESERVED_NAMES = frozenset(
    {"state", "set", "availability", "result", "event", "refresh", "last_session", "vendor", "request", "response"},
)
"""Fixed leaves of the topic tree, which no property may be named like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a settable number may be, in the property's unit; `step` counts from `minimum`."""

    minimum: float
    maximum: float
    step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Generic[T]):
    """One row of the catalogue.

    `device_class`, `state_class` and `category` are Home Assistant's words for what the value is, the widest used
    vocabulary of the field. `enabled` says whether a newcomer should see it without asking for it.
    """

    key: str
    name: str
    type: ValueType[T]
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    category: Category | None = None
    enabled: bool = False
    settable: bool = False
    bounds: Bounds | None = None
    options: tuple[str, ...] = ()
    display_decimals: int | None = None
    """How many decimals a person wants to see."""
    measured: bool = False
    """Noisy by nature: publishing may be damped (`publish.min_change`, `publish.min_interval`)."""
    about_connection: bool = False
    """Stays visible while the charger is away, because it tells of exactly that."""
    ticks: bool = False
    """Moves with time alone: published along with other changes and at every heartbeat."""
    json_only: bool = False
    """Stands in the `state` document alone."""
    vendor: bool = False
    """A vendor's own: its key is `vendor/<key>`, in its own unit, and it is not in `state`."""
    write_only: bool = False
    """Can be set but never read: there is no value to show."""
    secret: bool = False
    """Can be set but never read, and only where the configuration allows `credentials`; no result repeats it."""
    confidential: bool = False
    """What is set may hold what must not be shown, although what is read does not: no result repeats it."""

    @property
    def readable(self) -> bool:
        """Whether it can have a value that is shown."""
        return not (self.secret or self.write_only)

    @property
    def repeatable(self) -> bool:
        """Whether results and logs may repeat what was to be set."""
        return not (self.secret or self.confidential)

    def __post_init__(self) -> None:
        """Refuse rows that would collide with the topic tree or cannot be checked."""
        if not self.vendor and self.key in RESERVED_NAMES:
            msg = f"{self.key} is a fixed name of the topic tree"
            raise ValueError(msg)
        if self.settable and self.type in {NUMBER, INTEGER} and self.bounds is None:
            msg = f"{self.key} is a settable number without bounds"
            raise ValueError(msg)


_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def vendor_key(key: str) -> str:
    """Return the property key for a vendor's own key; some brokers mangle or refuse dots, blanks and the like."""
    return f"vendor/{_UNSAFE.sub('_', key)}"
