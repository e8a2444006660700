"""`docs/vendors/go-e.md` names what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.vendors.goe.bindings import ACTIONS, BINDINGS
from bridge.vendors.goe.charger import CLOUD_PACE, DEFAULT_TIMEOUT_S, LOCAL_PACE
from bridge.vendors.goe.keys import table
from bridge.vendors.goe.local import SWITCHED_OFF
from bridge.vendors.goe.reading import LIVE_KEYS, RARE_KEYS
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.goe.vendor_keys import USUAL

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "goe_key_table.py"
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "vendors" / "go-e.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return the text below a heading."""
    return re.split(r"\n##+ ", PAGE.split(f" {heading}\n", 1)[1], maxsplit=1)[0]


def in_code(text: str) -> set[str]:
    """Return every word that stands between backticks."""
    return {word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split()}


def test_every_property_has_a_row() -> None:
    """With what it is read from."""
    named = set()
    for line in section("Properties").splitlines():
        if line.startswith("| `"):
            named |= in_code(line.split("|")[1])
    assert named == {binding.property.key for binding in BINDINGS} | {"current_limit_min", "current_limit_max"}


def test_what_can_be_set_is_marked_as_tested_so() -> None:
    """`W` stands in the rows that have a write, and in no other."""
    settable = {binding.property.key for binding in BINDINGS if binding.write is not None}
    marked = set()
    for line in section("Properties").splitlines():
        if line.startswith("| `") and "W" in line.split("|")[4].split():
            marked |= in_code(line.split("|")[1])
    assert marked == settable


@pytest.mark.parametrize("key", [*LIVE_KEYS, *RARE_KEYS, *(action.key for action in ACTIONS)])
def test_every_key_is_named(key: str) -> None:
    """Whoever looks for a key of the charger finds what becomes of it."""
    flat = re.fullmatch(r"c\dn", key)
    assert key in in_code(PAGE) or (flat and {"c0n", "c9n"} <= in_code(PAGE))


def test_the_table_of_keys_is_that_of_the_program() -> None:
    """Every key, as scripts/goe_key_table.py writes it."""
    assert subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False).returncode == 0
    assert f"All {len(table())} keys" in section("The vendor's own keys")


def test_defaults_are_those_of_the_program() -> None:
    """Settings, times, and the sentence that a 404 becomes."""
    settings = section("Settings")
    assert f"| `vendor_keys` | `{' '.join(USUAL)}` |" in settings
    assert f"| `poll_interval` | {LOCAL_PACE.idle_s:g} s |" in settings
    assert f"`cloud`: {CLOUD_PACE.idle_s:g} s |" in settings
    assert f"| `timeout` | {DEFAULT_TIMEOUT_S:g} s |" in settings
    assert f"| `transport` | `{GoeSettings.model_fields['transport'].default}` |" in settings
    assert SWITCHED_OFF.split(":")[0] in PAGE
