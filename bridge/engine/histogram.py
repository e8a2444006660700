"""How long things took, counted in classes. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field


@dataclass(slots=True)
class Histogram:
    """Durations in seconds, by the smallest of `limits` that they do not exceed; the last class has no limit."""

    limits: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0
    """The sum of all durations."""

    def __post_init__(self) -> None:
        """Start with nothing counted."""
        self.counts = [0] * (len(self.limits) + 1)

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.limits, seconds)] += 1
        self.total += seconds

    @property
    def number(self) -> int:
        """How many were counted."""
        return sum(self.counts)


def of_reads() -> Histogram:
    """Return one for reads: a charger in the house takes some 50 ms, a cloud seconds, a time limit 10 s or more."""
    return Histogram((0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30))


def of_commands() -> Histogram:
    """Return one for commands: they are judged by a read, which a cloud's budget may put off for a minute."""
    return Histogram((0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120))


def of_lag() -> Histogram:
    """Return one for how late the event loop is."""
    return Histogram((0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5))
