"""Drives the pretend go-e with somebody else's client, `goecharger-api-lite`, which shares no code with the bridge.

Usage: goe_client.py HOST:PORT, with the interpreter of an environment in which that client is installed (run.sh makes
one). Prints one line per check and exits 1 when one has failed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from goecharger_api_lite.exception import GoeChargerError  # type: ignore[import-not-found]
from goecharger_api_lite.goecharger_api_lite import GoeCharger  # type: ignore[import-not-found]

VISIBLE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.2

Modes = GoeCharger.SettableValueEnum


def expect(actual: object, expected: object) -> None:
    """Raise when something is not as it should be."""
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def expect_true(what: str, *, holds: bool) -> None:
    """Raise when something does not hold."""
    if not holds:
        raise AssertionError(f"not so: {what}")


def expect_soon(charger: Any, key: str, expected: object) -> None:
    """Read one key until it is as it should be; the charger needs a second."""
    between_looks = threading.Event()
    for _ in range(int(VISIBLE_WITHIN_S / LOOK_EVERY_S)):
        actual = next(iter(charger.get_status(key).values()))
        if actual == expected:
            return
        between_looks.wait(LOOK_EVERY_S)
    raise AssertionError(f"{key} is {actual!r} instead of {expected!r}")


def default_status(charger: Any) -> None:
    """The client understands each key of its own default selection."""
    status = charger.get_status(GoeCharger.STATUS_DEFAULT)
    expect(status["car_state"], "Idle")
    expect(status["device_model"], "22KW/32A")
    expect(status["charging_mode"], "neutral")
    expect(sorted(status["energy"]), ["current", "power", "power_factor", "voltage"])
    expect_true("it is above freezing", holds=status["temperature"] > 0)


def full_status(charger: Any) -> None:
    """Without a filter everything comes."""
    expect_true("there are many keys", holds=len(charger.get_status(GoeCharger.STATUS_FULL)) > 150)


def one_key(charger: Any) -> None:
    """A filter with one key gives one key."""
    expect(charger.get_status("sse"), {"sse": "123456"})


def key_writer(key: str, value: object) -> Callable[[Any], None]:
    """A check that writes a value and reads it back."""

    def check(charger: Any) -> None:
        charger.set_key(key, value)
        expect_soon(charger, key, value)

    return check


def ampere(charger: Any) -> None:
    """The short cut for the current reads `var` first, then writes."""
    charger.set_ampere(13)
    expect_soon(charger, "amp", 13)


def charging_modes(charger: Any) -> None:
    """All force states."""
    for mode in (Modes.ChargingMode.off, Modes.ChargingMode.on, Modes.ChargingMode.neutral):
        charger.set_charging_mode(mode)
        expect_soon(charger, "frc", mode.name)


def phase_modes(charger: Any) -> None:
    """All phase modes."""
    for mode in (Modes.PhaseMode.one, Modes.PhaseMode.auto, Modes.PhaseMode.three):
        charger.set_phase_mode(mode)
        expect_soon(charger, "psm", mode.name)


def refuser(key: str, value: object, words: str) -> Callable[[Any], None]:
    """A check that writes what the charger refuses."""

    def check(charger: Any) -> None:
        try:
            charger.set_key(key, value)
        except GoeChargerError as error:
            expect_true(f"{error} says {words}", holds=words in str(error))
        else:
            raise AssertionError("was accepted")

    return check


CHECKS: dict[str, Callable[[Any], None]] = {
    "default status": default_status,
    "full status": full_status,
    "one key": one_key,
    "set a number": key_writer("dwo", 3.14),
    "set null": key_writer("dwo", None),
    "set a text with a blank": key_writer("fna", "mein charger"),
    "set a bool": key_writer("nmo", value=True),
    "set the current": ampere,
    "set the charging mode": charging_modes,
    "set the phase mode": phase_modes,
    "refusal: out of range": refuser("amp", 5, "Value 5 exceeds range 6 to 32"),
    "refusal: read-only": refuser("alw", value=True, words="tried to set api key without setter"),
}


def main() -> int:
    """Run all checks against the address on the command line."""
    charger = GoeCharger(sys.argv[1], timeout=3.0)
    failed = 0
    for name, check in CHECKS.items():
        try:
            check(charger)
        except (AssertionError, GoeChargerError, LookupError) as error:
            failed += 1
            print(f"FAILED  {name}: {error}")
        else:
            print(f"ok      {name}")
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
