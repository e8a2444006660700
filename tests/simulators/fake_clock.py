"""A clock that stands still unless a test moves it."""

from __future__ import annotations


class FakeClock:
    """Gives the same seconds until `pass_time`."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The seconds it stands at."""
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds
