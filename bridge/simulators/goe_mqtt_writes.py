"""Writes that come to the pretend go-e over MQTT, and what it says to them: text, not JSON."""

from __future__ import annotations

from bridge.simulators.faults import Fault
from bridge.simulators.goe_api import outcome_of_write
from bridge.simulators.goe_device import GoeDevice


def written(device: GoeDevice, name: str, payload: str, fault: Fault | None) -> str | None:
    """Carry out one write and return the charger's answer, None for nothing."""
    if device.away or device.settings.flag("mcr"):
        return None  # read-only: what it really answers then, if anything, is not known
    reboots = device.reboots
    outcome = outcome_of_write(device, name, payload, fault)
    if device.reboots != reboots:
        return None  # it has no time left to say so
    return "success" if outcome is True else _in_words_of_mqtt(name, payload, str(outcome))


def _in_words_of_mqtt(name: str, payload: str, refusal: str) -> str:
    """What HTTP says to a refused write, as MQTT says it.

    Two answers are documented: `invalid json IncompleteInput: new_name` and `value must be string 0`. The rest follows
    their pattern.
    """
    if refusal.startswith(f"{name}: tried to set api key with invalid json "):
        return f"invalid json {'IncompleteInput' if payload.strip() else 'EmptyInput'}: {payload}"
    reason = refusal.removeprefix(f"{name}: ").removeprefix("failed: ")
    return f"{reason.removesuffix(f' ({payload})').removesuffix(f' ({payload[1:-1]})')} {payload}"
