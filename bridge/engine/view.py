"""What is known of one charger right now, for everyone who tells others about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.charger.binding import Action, Capability
from bridge.charger.contract import Identity, Pace
from bridge.charger.values import Value
from bridge.engine.histogram import Histogram, of_commands, of_reads
from bridge.errors import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class LastError:
    """The newest failed read."""

    code: Code
    message: str
    moment: datetime


@dataclass(slots=True, kw_only=True)
class Health:
    """How the reading goes. Times of the loop's clock are in seconds; counts are since the start."""

    last_success: datetime | None = None
    last_error: LastError | None = None
    consecutive_failures: int = 0
    latency_ms: int | None = None
    next_poll: datetime | None = None
    interval_s: float = 0.0
    reads: Histogram = field(default_factory=of_reads)
    """How long reads took, good and failed."""
    read_failures: Counter[Code] = field(default_factory=Counter)
    commands: Counter[tuple[str, Code]] = field(default_factory=Counter)
    command_times: Histogram = field(default_factory=of_commands)
    """From the message to the final result."""


@dataclass(slots=True, kw_only=True)
class ChargerView:
    """One charger as the bridge knows it. Only its poller writes here; everyone else reads.

    `identity` is None until the first good answer; `values` holds every supported property by key.
    """

    id: str
    name: str | None
    vendor: str
    pace: Pace
    available: bool = False
    as_of: datetime | None = None
    """When the charger itself last told what `values` hold; None until it did."""
    identity: Identity | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    actions: Sequence[Action] = ()
    health: Health = field(default_factory=Health)
