"""Why a go-e charges or does not: the number it reports as `modelStatus`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from bridge.simulators.goe_settings import Settings


class Reason(IntEnum):
    """The numbers that this simulator comes to by itself; any other can be forced."""

    ACCESS_CONTROL = 2
    FORCED_ON = 3
    FORCED_OFF = 4
    ENERGY_LIMIT = 6
    NEXT_TRIP = 10
    SOLAR_SURPLUS = 12
    DEFAULT = 15
    PRICE_TOO_HIGH = 17
    NEXT_TRIP_REACHED = 18
    PHASE_SWITCH = 23
    ERROR = 26


CHARGING_REASONS = frozenset({3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 33})
"""The numbers that stand for a charger that lets the car charge; 0 is told differently by different documents."""

MODE_ECO = 4
MODE_NEXT_TRIP = 5
FORCE_OFF = 1
FORCE_ON = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the decision is made from.

    Attributes:
        settings: What users have set.
        error: The present error code; None when the charger does not know itself.
        transaction: None until someone is authorised.
        session_wh: Energy since a car was plugged in.
        switching_phases: Whether the contactor is changing over.
        surplus_w: Solar power to spare, None when nobody says.
    """

    settings: Settings
    error: int | None
    transaction: int | None
    session_wh: float
    switching_phases: bool
    surplus_w: float | None

    @property
    def at_energy_limit(self) -> bool:
        """Whether `dwo` is set and reached."""
        limit = self.settings.number_or_none("dwo")
        return limit is not None and self.session_wh >= limit

    @property
    def enough_surplus(self) -> bool:
        """Whether there is solar power to spare and the charger is told to use it."""
        surplus = self.surplus_w
        return self.settings.flag("fup") and surplus is not None and surplus >= self.settings.number("fst")

    def mode_is(self, mode: int) -> bool:
        """Whether `lmo` is that mode."""
        return self.settings.whole("lmo") == mode

    def force_is(self, force: int) -> bool:
        """Whether `frc` is that."""
        return self.settings.whole("frc") == force


# The first that holds counts. Authorisation stands before the force state (go-eCharger-API-v2 issue 218). Whether the
# energy limit stops a charger that is forced on is not documented; here it does.
_RULES: tuple[tuple[Reason, Callable[[Situation], bool]], ...] = (
    (Reason.ERROR, lambda now: now.error != 0),
    (Reason.ACCESS_CONTROL, lambda now: now.settings.whole("acs") > 0 and now.transaction is None),
    (Reason.FORCED_OFF, lambda now: now.force_is(FORCE_OFF)),
    (Reason.ENERGY_LIMIT, lambda now: now.at_energy_limit),
    (Reason.PHASE_SWITCH, lambda now: now.switching_phases),
    (Reason.FORCED_ON, lambda now: now.force_is(FORCE_ON)),
    (Reason.SOLAR_SURPLUS, lambda now: now.mode_is(MODE_ECO) and now.enough_surplus),
    (Reason.PRICE_TOO_HIGH, lambda now: now.mode_is(MODE_ECO)),
    (
        Reason.NEXT_TRIP_REACHED,
        lambda now: now.mode_is(MODE_NEXT_TRIP) and now.session_wh >= now.settings.number("ate"),
    ),
    (Reason.NEXT_TRIP, lambda now: now.mode_is(MODE_NEXT_TRIP)),
)


def model_status(now: Situation) -> int:
    """The number for a situation."""
    return next((reason.value for reason, holds in _RULES if holds(now)), Reason.DEFAULT.value)
