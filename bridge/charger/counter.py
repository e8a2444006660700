"""Counters that must not fall by accident.

A meter that reads 0 for one poll makes the consumer's statistics jump by its whole reading, so a drop is believed only
when several readings in a row agree on it.
"""

from __future__ import annotations

from dataclasses import dataclass

READINGS_TO_BELIEVE_A_DROP = 3


@dataclass(slots=True)
class Counter:
    """Follows one rising counter, in kWh."""

    value: float | None = None
    _lower: float | None = None
    _agreeing: int = 0

    def update(self, reading: float | None) -> float | None:
        """Take a reading and return what to publish: the reading, or the last value while a drop is held back.

        Readings agree on a drop when they stay below the last value and do not fall any further.
        An unknown reading is returned as unknown and changes nothing.
        """
        if reading is None:
            return None
        if self.value is None or reading >= self.value:
            return self._accept(reading)
        agrees = self._lower is not None and reading >= self._lower
        self._agreeing = self._agreeing + 1 if agrees else 1
        self._lower = reading
        if self._agreeing >= READINGS_TO_BELIEVE_A_DROP:
            return self._accept(reading)
        return self.value

    def _accept(self, reading: float) -> float:
        self.value, self._lower, self._agreeing = reading, None, 0
        return reading
