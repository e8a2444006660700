"""What to read of an account next: one call at a time, spread over its chargers. Pure: times are handed in, in seconds.

One call for all groups tells the state of every charger. Details are read charger by charger in turn with it, so that
the age of each charger's data stays even, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Part(StrEnum):
    """The parts of a charger's document, by the call that reads them."""

    GROUPS = "groups"
    STATUS = "status"
    RECORD = "record"
    SCHEDULES = "schedules"


HOUR_S = 3600.0
RARE_S = {Part.RECORD: 6 * HOUR_S, Part.SCHEDULES: 6 * HOUR_S}
"""What hardly ever changes takes the place of a detail read that often."""


@dataclass(frozen=True, slots=True)
class Call:
    """One read: of the whole account (`charger` None), or of one charger."""

    part: Part
    charger: int | None


@dataclass(slots=True)
class ReadingPlan:
    """Decides which call is next. Chargers are known by the number of the cloud."""

    chargers: list[int] = field(default_factory=list)
    rare: set[Part] = field(default_factory=set)
    """The rare parts that anybody wants to see."""
    _read_at: dict[Call, float] = field(default_factory=dict)
    _asked: dict[Call, float] = field(default_factory=dict)
    """Calls that somebody waits for, and when they are worth making."""
    _details_next: bool = False

    def ask(self, call: Call, at: float) -> None:
        """Have a call made soon, but not before `at`: a command wants to see whether it worked."""
        self._asked[call] = min(at, self._asked.get(call, at))

    def next_asked(self) -> float | None:
        """Return when the next call that somebody waits for is due; None if nobody waits."""
        return min(self._asked.values(), default=None)

    def choose(self, now: float) -> Call:
        """Return the next call."""
        due = [call for call, at in self._asked.items() if at <= now]
        if due:
            return min(due, key=self._asked.__getitem__)
        if not self._details_next or not self.chargers:
            return Call(Part.GROUPS, None)
        rare = [
            Call(part, charger)
            for part, every in RARE_S.items()
            for charger in self.chargers
            if part in self.rare and now - self._read_at.get(Call(part, charger), float("-inf")) >= every
        ]
        details = [Call(Part.STATUS, charger) for charger in self.chargers]
        unread = [call for call in details if call not in self._read_at]
        # First everything that is shown at once, then what is rare, then in turn.
        candidates = unread or rare or details
        return min(candidates, key=lambda call: self._read_at.get(call, float("-inf")))

    def made(self, call: Call, now: float) -> None:
        """Note that a call was made, whatever came of it."""
        self._read_at[call] = now
        self._asked.pop(call, None)
        self._details_next = call.part is Part.GROUPS
