"""Which keys to ask a charger for, and when: the device is small, so not everything at every turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.vendors.goe.keys import Key
from bridge.vendors.goe.vendor_keys import read_from
from bridge.vendors.goe.wire import KEYS_PER_REQUEST, Wire, in_parts

LIVE_KEYS = (
    *("car", "err", "modelStatus", "alw", "acu", "frc", "amp", "ama", "mca", "cbl", "psm", "dwo", "lmo"),
    *("wh", "eto", "nrg", "tma", "fhz", "pha", "cus", "trx", "lbr", "rssi", "tpa", "amt"),
)
"""Read at every turn."""

RARE_KEYS = (
    *("sse", "typ", "var", "fwv", "fna", "ocu", "etop", "cards"),
    *(f"c{card}n" for card in range(10)),
)
"""Read at the start, once an hour, and after a restart."""

ALWAYS_THERE = "sse"
"""Asked for with every part: a charger may lack all the rest of one, and an answer without any key is none."""

RARELY_S = 3600.0

LOOKS_AFTER_A_WRITE = 6
"""For how many turns a key is read that was written."""


def every_key(rows: Iterable[Key]) -> tuple[str, ...]:
    """Return all keys that the properties and the chosen rows are read from."""
    return tuple(dict.fromkeys([*LIVE_KEYS, *RARE_KEYS, *(key for row in rows for key in read_from(row))]))


class Reader:
    """Reads one charger: at every turn what is live and one part of the rest, once an hour what hardly changes."""

    def __init__(self, wire: Wire, rows: Sequence[Key]) -> None:
        """Divide the keys; nothing is read yet."""
        self._wire = wire
        rare = {key for row in rows if row.rare for key in read_from(row)}
        chosen = [key for row in rows if not row.rare for key in read_from(row) if key not in LIVE_KEYS]
        chosen = list(dict.fromkeys(chosen))
        room = KEYS_PER_REQUEST - len(LIVE_KEYS)
        self._live = (*LIVE_KEYS, *chosen[:room])
        self._parts = [(ALWAYS_THERE, *part) for part in in_parts(chosen[room:], KEYS_PER_REQUEST - 1)]
        self._rare = tuple(dict.fromkeys(key for key in (*RARE_KEYS, *rare) if key not in chosen))
        self._turn = 0
        self._rare_due = 0.0
        self._written: Counter[str] = Counter()
        self._known: dict[str, Json] = {}
        """What was read in other turns."""

    async def read(self, now: float) -> Document:
        """Return what the charger tells now, with what it told in other turns; raises ChargerError.

        `now` is a time of the monotonic clock. The first turn reads everything.
        """
        if now >= self._rare_due:
            self._known |= await self._wire.read(self._rare)
            for part in self._parts:
                self._known |= await self._wire.read(part)
            self._rare_due = now + RARELY_S
        elif self._parts:
            self._known |= await self._wire.read(self._parts[self._turn])
            self._turn = (self._turn + 1) % len(self._parts)
        written = [key for key in self._written if key not in self._live]
        document = await self._wire.read((*self._live, *written))
        self._known |= {key: document[key] for key in written if key in document}
        self._written -= Counter(list(self._written))
        return {**self._known, **document}

    def look_at(self, keys: Iterable[str]) -> None:
        """Read these at every turn for a while: they were written."""
        for key in keys:
            self._written[key] = LOOKS_AFTER_A_WRITE

    def start_over(self) -> None:
        """Read everything at the next turn: the charger restarts."""
        self._rare_due = 0.0
