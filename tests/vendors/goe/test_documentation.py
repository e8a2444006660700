"""`docs/vendors/go-e.md` names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.vendors.goe.bindings import ACTIONS, BINDINGS
from bridge.vendors.goe.charger import DEFAULT_TIMEOUT_S, LIVE_KEYS, STATIC_KEYS, GoeCharger
from bridge.vendors.goe.keys import KEYS
from bridge.vendors.goe.local import SWITCHED_OFF
from bridge.vendors.goe.settings import GoeSettings

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


@pytest.mark.parametrize("key", [*LIVE_KEYS, *STATIC_KEYS, *(action.key for action in ACTIONS)])
def test_every_key_is_named(key: str) -> None:
    """Whoever looks for a key of the charger finds what becomes of it."""
    flat = re.fullmatch(r"c\dn", key)
    assert key in in_code(PAGE) or (flat and {"c0n", "c9n"} <= in_code(PAGE))


def test_the_vendors_keys_are_those_of_the_table() -> None:
    """The usual ones first; what can be set is said."""
    lines = [line.split("|")[1:3] for line in section("The vendor's own keys").splitlines() if line.startswith("| `")]
    usual, *_ = lines
    assert in_code(usual[0]) == {key.key for key in KEYS if key.usual}
    assert {word for keys, _ in lines for word in in_code(keys)} == {key.key for key in KEYS}
    said = set()
    for keys, settable in lines:
        said |= in_code(settable) or (in_code(keys) if "yes" in settable else set())
    assert said == {key.key for key in KEYS if key.settable}


def test_defaults_are_those_of_the_program() -> None:
    """Settings, times, and the sentence that a 404 becomes."""
    settings = section("Settings")
    usual = " ".join(key.key for key in KEYS if key.usual)
    assert f"| `vendor_keys` | `{usual}` |" in settings
    assert f"| `poll_interval` | {GoeCharger.pace.idle_s:g} s |" in settings
    assert f"| `timeout` | {DEFAULT_TIMEOUT_S:g} s |" in settings
    assert f"| `transport` | `{GoeSettings.model_fields['transport'].default}` |" in settings
    assert SWITCHED_OFF.split(":")[0] in PAGE
