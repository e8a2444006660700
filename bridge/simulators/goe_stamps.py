"""The time stamps that a pretend go-e keeps of its own changes, in ms since boot."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.goe_charging import CarState, Charging
from bridge.simulators.wire import Json


@dataclass(frozen=True, slots=True)
class Moment:
    """What is compared to see a change."""

    state: CarState
    model: int
    single_phase: bool


def moment_of(charging: Charging) -> Moment:
    """What is the case now."""
    return Moment(charging.state, charging.model, charging.single_phase)


def no_stamps() -> Json:
    """The stamps after a boot."""
    return {"lmsc": 0, "lccfi": None, "lccfc": None, "lcctc": None, "lfspt": None}


def new_stamps(before: Moment, after: Moment, uptime_ms: int) -> Json:
    """The stamps that a change makes; empty when nothing changed."""
    stamps: Json = {}
    if after.model != before.model:
        stamps["lmsc"] = uptime_ms
    if after.single_phase != before.single_phase:
        stamps["lfspt"] = uptime_ms
    if after.state != before.state:
        if before.state == CarState.IDLE:
            stamps["lccfi"] = uptime_ms
        if before.state == CarState.CHARGING:
            stamps["lccfc"] = uptime_ms
        if after.state == CarState.CHARGING:
            stamps["lcctc"] = uptime_ms
    return stamps
