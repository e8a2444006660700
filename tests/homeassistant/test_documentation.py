"""What `docs/home-assistant.md` says is so."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.charger.properties import CATALOGUE

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
