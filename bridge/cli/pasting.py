"""Chargers that were found, as YAML to paste; whatever they call themselves, each stays in its line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import yaml

from bridge.charger.search import Found
from bridge.charger.values import Json
from bridge.settings import Settings

LONGEST_NAME = 100
"""Of a charger, in the configuration."""
LONGEST_LINE = 500


def as_yaml(found: Sequence[Found], settings: Settings, same: Mapping[str, str]) -> str:
    """Return the section `chargers`: one line each, a comment where it would be the second for the same charger.

    `same` are ids of configured chargers by their serial numbers.
    """
    lines = ["chargers:"]
    taken = set(settings.chargers)
    shown: dict[tuple[Json, str], str] = {}
    for charger in found:
        own = _settings_of(charger)
        key = (own["vendor"], charger.serial or "")
        known = configured_as(charger, settings) or same.get(charger.serial or "")
        twin = shown.get(key) if charger.serial else None
        id_ = known or _free_id(str(own.get("name") or own["vendor"]), taken)
        taken.add(id_)
        if charger.serial:
            shown.setdefault(key, id_)
        # As a whole, because an id such as 12_30 or off needs quotes.
        text = yaml.safe_dump({id_: own}, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf)
        line = text.strip().removeprefix("{").removesuffix("}")
        marks = ["configured already"] if known else [f"the same serial number as {twin}"] if twin else []
        comment = "; ".join([*_facts(charger), *marks])
        lines.append(("  # " if marks else "  ") + line + (f"   # {comment}" if comment else ""))
    return "\n".join(lines)


def _facts(charger: Found) -> list[str]:
    """Return who it is, and what is to be done before it works."""
    named = {"": charger.model, "serial ": charger.serial, "firmware ": charger.firmware}
    who = ", ".join(f"{name}{one_line(fact)}" for name, fact in named.items() if fact and one_line(fact))
    return [fact for fact in (who, one_line(charger.hint or "")) if fact]


def one_line(text: str, limit: int = LONGEST_LINE) -> str:
    """Return a text without anything that a terminal could take for more than letters."""
    words = " ".join(text[: 4 * limit].split())
    return "".join(letter for letter in words if letter.isprintable())[:limit].strip()


def _settings_of(charger: Found) -> dict[str, Json]:
    """Return what the configuration takes: the name in one line, and left out where the charger has none."""
    own: dict[str, Json] = {key: told for key, told in charger.settings.items() if told is not None and key != "name"}
    name = charger.settings.get("name")
    if isinstance(name, str) and (line := one_line(name, LONGEST_NAME)):
        own["name"] = line
    return own


def configured_as(charger: Found, settings: Settings) -> str | None:
    """Return the id under which a charger is configured: by its serial number, or with all that it was found with."""
    own = {key: value for key, value in charger.settings.items() if key != "name"}
    for id_, known in settings.chargers.items():
        same_serial = charger.serial is not None and getattr(known, "serial", None) == charger.serial
        if known.vendor == own["vendor"] and same_serial:
            return id_
        if all(getattr(known, key, None) == value for key, value in own.items()):
            return id_
    return None


def _free_id(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower().strip())[:50].strip("_") or "charger"
    number = 1
    id_ = base
    while id_ in taken or id_ == "bridge":
        number += 1
        id_ = f"{base}_{number}"
    return id_
