"""When to read a charger next. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bridge.charger.contract import ChargerSettings, Pace

FAILURES_UNTIL_UNAVAILABLE = 3
CLOUD_SECONDS_UNTIL_UNAVAILABLE = 300.0
LONGEST_BACK_OFF = 10
"""Times the interval, for a charger in the house."""
LONGEST_CLOUD_BACK_OFF_S = 900.0
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Intervals:
    """The waits of one charger: the vendor's, unless the configuration says otherwise."""

    idle_s: float
    charging_s: float
    cloud: bool

    @classmethod
    def of(cls, settings: ChargerSettings, pace: Pace) -> Intervals:
        """Combine what the configuration and the vendor say."""
        return cls(
            idle_s=settings.poll_interval_idle or settings.poll_interval or pace.idle_s,
            charging_s=settings.poll_interval_charging or settings.poll_interval or pace.charging_s,
            cloud=pace.cloud,
        )

    def usual(self, *, charging: bool) -> float:
        """Return the wait between two good reads, in seconds."""
        return self.charging_s if charging else self.idle_s

    def after_failures(self, failures: int, *, charging: bool) -> float:
        """Return the wait after so many failed reads in a row: doubling once the charger counts as away."""
        usual = self.usual(charging=charging)
        longest = max(usual, LONGEST_CLOUD_BACK_OFF_S) if self.cloud else usual * LONGEST_BACK_OFF
        doublings = min(max(0, failures - FAILURES_UNTIL_UNAVAILABLE + 1), 30)
        wait = min(usual * float(2**doublings), longest)
        return wait * random.uniform(1 - JITTER, 1)  # noqa: S311 - spreads load, keeps no secret

    def is_away(self, failures: int, silent_s: float) -> bool:
        """Tell whether a charger counts as unavailable after so many failures and seconds without a good answer."""
        if failures < FAILURES_UNTIL_UNAVAILABLE:
            return False
        return not self.cloud or silent_s >= CLOUD_SECONDS_UNTIL_UNAVAILABLE
