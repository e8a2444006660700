"""Numbers that stand in text: with a unit or without, with a point or a comma, alone or for three phases. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

from bridge.charger.values import Json

PHASES = 3
Triple: TypeAlias = tuple[float | None, float | None, float | None]

_DIGITS = r"[+-]?\d[\d.,']*"
_MEASURED = re.compile(rf"\s*({_DIGITS}(?<![.,']))\s*([A-Za-zµ%]*)")
_LABELLED = re.compile(rf"L\s?([123])\s*[:=]\s*({_DIGITS}(?<![.,']))\s*([A-Za-zµ]*)(?!\d)", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[;/|]\s*|\s*,\s+|\s*\n\s*")

KWH = {"kwh": 1.0, "wh": 0.001, "mwh": 1000.0}
"""To kWh. Nobody writes milliwatt-hours."""
WATT = {"w": 1.0, "kw": 1000.0, "mw": 0.001}
AMPERE = {"a": 1.0, "ma": 0.001}
VOLT = {"v": 1.0, "mv": 0.001, "kv": 1000.0}


def plain(value: Json) -> float:
    """Return a number that may stand in text; raises TypeError or ValueError."""
    return measured(value)[0]


def measured(value: Json) -> tuple[float, str]:
    """Return the number at the beginning, and the word after it; raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{type(value).__name__} where a number was expected")
    if not isinstance(value, str):
        if not math.isfinite(value):
            raise ValueError("a number that is not finite")
        return float(value), ""
    found = _MEASURED.match(value)
    if found is None:
        raise ValueError(f"{value[:40]!r} where a number was expected")
    return _number(found[1]), found[2]


def converted(value: Json, units: Mapping[str, float], usual: str) -> float:
    """Return a number in the base of `units`; without a unit it is in the usual one."""
    number, unit = measured(value)
    return number * _factor(units, unit or usual)


def seconds(value: Json) -> float:
    """Return a duration, which is in minutes where nothing else is said; the word may be in any language."""
    number, unit = measured(value)
    word = unit.lower()
    if not word or word.startswith("m"):
        return number * 60
    if word.startswith(("h", "st")):
        return number * 3600
    if word.startswith("s"):
        return number
    raise ValueError(f"{unit!r} is no unit of time that is known")


def triple(value: Json, units: Mapping[str, float], usual: str) -> Triple:
    """Return the values of three phases, None for one that is not named; raises TypeError or ValueError.

    Known are `L1: 230.5V, L2: ...`, `L1 = 230.5 V`, both with decimal comma, `228 V, 227 V, 229 V` and an object with
    `l1`, `l2`, `l3`.
    """
    if isinstance(value, dict):
        lower = {key.lower(): each for key, each in value.items()}
        found = [lower.get(f"l{phase}") for phase in range(1, PHASES + 1)]
        return _three([None if each is None else converted(each, units, usual) for each in found])
    if isinstance(value, list):
        return _three([converted(each, units, usual) for each in value])
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where the values of three phases were expected")
    named = {
        int(phase): _number(digits) * _factor(units, unit or usual) for phase, digits, unit in _LABELLED.findall(value)
    }
    if named:
        return _three([named.get(phase) for phase in range(1, PHASES + 1)])
    parts = _BETWEEN.split(value.strip())
    if len(parts) == 1:
        # Commas without blanks: only with three numbers is it clear which of them are decimal.
        parts = value.split(",")
    return _three([converted(part, units, usual) for part in parts])


def _three(found: list[float | None]) -> Triple:
    if len(found) != PHASES or all(each is None for each in found):
        raise ValueError("not the values of three phases")
    return found[0], found[1], found[2]


def _factor(units: Mapping[str, float], unit: str) -> float:
    # The case tells milli from mega, but only where both could be meant.
    if unit == "MW" and "mw" in units:
        return 1e6
    factor = units.get(unit.lower())
    if factor is None:
        raise ValueError(f"{unit!r} is not a unit that is known here")
    return factor


def _number(digits: str) -> float:
    """Read digits with a decimal sign and perhaps signs between thousands; the last sign is the decimal one."""
    digits = digits.replace("'", "")
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        thousands, decimal = (",", ".") if point > comma else (".", ",")
        digits = digits.replace(thousands, "").replace(decimal, ".")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    return float(digits.replace(",", "."))
