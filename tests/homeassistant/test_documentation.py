"""What `docs/home-assistant.md` says is so."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.charger.properties import CATALOGUE
from bridge.charger.values import BOOLEAN, ENUM, INTEGER, JSON, NUMBER, TEXT, TIMESTAMP
from tests.homeassistant.chargers import TIME, components, own

PAGE = Path(__file__).parents[2] / "docs" / "home-assistant.md"


def section(title: str) -> str:
    """Return the text below a heading."""
    (_, _, rest) = PAGE.read_text(encoding="utf-8").partition(f"# {title}\n")
    return rest.partition("\n#")[0]


def test_page_lists_what_is_disabled_at_first() -> None:
    """All of it and nothing else."""
    told = set(re.findall(r"`(\w+)`", section("Disabled at first")))
    assert told == {key for key, row in CATALOGUE.items() if not row.enabled and not row.json_only}


def test_page_lists_what_needs_the_bridge_alone() -> None:
    """These stay while a charger is away."""
    told = re.search(r"((?:`\w+`(?:, | and )?)+) and the refresh button", section("Availability"))
    assert told is not None
    assert set(re.findall(r"`(\w+)`", told[1])) == {key for key, row in CATALOGUE.items() if row.about_connection}


def test_page_says_what_becomes_of_a_vendors_own_keys() -> None:
    """By type: the platform to set it and the one to read it."""
    told = {
        name: tuple(re.findall(r"`(\w+)`", line)[-2:])
        for line in section("The vendor's own keys").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line)[:-2]
    }
    shown = {}
    for type_ in (BOOLEAN, NUMBER, INTEGER, ENUM, TEXT, TIME, TIMESTAMP, JSON):
        options = ("low", "high") if type_ is ENUM else ()
        rows = (own("key", type_, settable=settable, options=options) for settable in (True, False))
        shown[type_.name] = tuple(components(row)["vendor_key"]["platform"] for row in rows)
    assert told == shown
