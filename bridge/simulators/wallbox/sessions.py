"""The finished sessions of a charger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bridge.simulators.wallbox.report import Report

MOST_SESSIONS = 1_000
SECONDS_PER_DAY = 86_400
SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """From plugging in to unplugging.

    Attributes:
        number: The charger's how-manieth it is.
        start: In s since 1970.
        end: The same.
        energy_wh: Into the car.
        green_wh: The part of it from the sun.
        discharged_wh: Out of the car.
        charged_s: How long energy flowed into it.
        discharged_s: How long it flowed out.
        price: Of a kWh at its end.
    """

    number: int
    start: int
    end: int
    energy_wh: float
    green_wh: float = 0.0
    discharged_wh: float = 0.0
    charged_s: int = 0
    discharged_s: int = 0
    price: float = 0.0

    @property
    def cost(self) -> float:
        """Of the energy into the car."""
        return round(self.energy_wh / 1_000 * self.price, 4)


Sessions = deque[Session]


def finished(last: Report, number: int, price: float) -> Session:
    """What is kept of a session after its last report."""
    return Session(
        number=number,
        start=int(last.started_at),
        end=int(last.at),
        energy_wh=last.energy_wh,
        green_wh=last.green_wh,
        discharged_wh=last.discharged_wh,
        charged_s=int(last.charged_s),
        discharged_s=int(last.discharged_s),
        price=price,
    )


def past_sessions(count: int, now: float, price: float) -> Sessions:
    """As many sessions as asked for, one each day before today, the last one yesterday."""
    today = int(now) // SECONDS_PER_DAY * SECONDS_PER_DAY
    made = Sessions(maxlen=MOST_SESSIONS)
    for number in range(1, count + 1):
        start = today - (count - number + 1) * SECONDS_PER_DAY + 18 * SECONDS_PER_HOUR
        made.append(
            Session(
                number=number,
                start=start,
                end=start + 4 * SECONDS_PER_HOUR,
                energy_wh=8_000.0 + 137 * (number % 40),
                charged_s=2 * SECONDS_PER_HOUR,
                price=price,
            )
        )
    return made


def of_this_month(sessions: Iterable[Session], now: float) -> list[Session]:
    """Those that the totals of the month count: begun in it, and ended before today."""
    today = datetime.fromtimestamp(now, tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first, midnight = today.replace(day=1).timestamp(), today.timestamp()
    return [session for session in sessions if session.start >= first and session.end <= midnight]
