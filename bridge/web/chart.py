"""The last hour's power as lines to draw and as words. Pure.

Paths are made of numbers alone and lie in a box of 600 by 100, which the page stretches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from bridge.web import words
from bridge.web.history import SECONDS_KEPT

WIDTH, HEIGHT = 600, 100
_SMALLEST_TOP_W = 1000.0
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""What the top of a scale may be, times a power of ten."""

Samples: TypeAlias = Iterable[tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and what it says; `text` is for who does not see it."""

    line: str
    area: str
    top: str
    middle: str
    bottom: str
    text: str


def draw(samples: Samples, now: float) -> Chart:
    """Draw every sample; `now` is the right edge, an hour before it the left one."""
    recent = [(at, watts) for at, watts in samples if at >= now - SECONDS_KEPT]
    known = [watts for _, watts in recent if watts is not None]
    low, high = _scale(known)
    pieces = _pieces(recent, now, low, high)
    zero = _y(0, low, high)
    return Chart(
        line="".join(_path(piece) for piece in pieces),
        area="".join(f"{_path(piece)}V{zero}H{piece[0][0]:g}Z" for piece in pieces),
        top=_mark(high),
        middle=_mark((high + low) / 2),
        bottom=_mark(low),
        text=_told(known, recent),
    )


def spark(samples: Samples, now: float, every_s: float = 60.0) -> str:
    """Return the line alone, with a point a minute: many of them stand on one page."""
    chosen: list[tuple[float, float | None]] = []
    for at, watts in samples:
        if at < now - SECONDS_KEPT:
            continue
        if not chosen or at - chosen[-1][0] >= every_s or (watts is None) != (chosen[-1][1] is None):
            chosen.append((at, watts))
    low, high = _scale([watts for _, watts in chosen if watts is not None])
    return "".join(_path(piece) for piece in _pieces(chosen, now, low, high))


def _scale(known: Sequence[float]) -> tuple[float, float]:
    high, low = max(known, default=0.0), min(known, default=0.0)
    return (-_round_up(-low) if low < 0 else 0.0), _round_up(max(high, _SMALLEST_TOP_W))


def _mark(watts: float) -> str:
    return f"{words.number(watts / 1000, 2)} kW"


def _round_up(watts: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(watts))
    return next(step * power for step in _STEPS if step * power >= watts * (1 - 1e-9))


def _pieces(samples: Samples, now: float, low: float, high: float) -> list[list[tuple[float, float]]]:
    """Return the points of each stretch in which the power was known, without a break."""
    samples = list(samples)
    pieces = []
    for unknown, group in groupby(samples, key=lambda sample: sample[1] is None):
        if not unknown:
            pieces.append([(_x(at, now), _y(watts or 0.0, low, high)) for at, watts in group])
    if pieces and samples[-1][1] is not None:
        pieces[-1].append((float(WIDTH), pieces[-1][-1][1]))  # what was measured last still holds
    return pieces


def _x(at: float, now: float) -> float:
    return round(max(0.0, WIDTH * (1 - (now - at) / SECONDS_KEPT)), 1)


def _y(watts: float, low: float, high: float) -> float:
    return round(HEIGHT * (high - watts) / (high - low), 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    # A single point would not be seen; a line of no length with round ends is a dot.
    first, *rest = points
    return f"M{first[0]:g} {first[1]:g}" + "".join(f"L{x:g} {y:g}" for x, y in rest or [first])


def _told(known: Sequence[float], recent: Sequence[tuple[float, float | None]]) -> str:
    if not known:
        return "Nothing is known of the last hour's power."
    latest = "now unknown" if recent[-1][1] is None else f"{words.power(recent[-1][1])} at the end"
    return f"Between {words.power(min(known))} and {words.power(max(known))} in the last hour, {latest}."
