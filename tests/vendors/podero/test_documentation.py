"""`docs/vendors/podero.md` names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.vendors.podero.bindings import BINDINGS
from bridge.vendors.podero.charger import CONFIRM_READS, SETTLE_S, PoderoCharger
from bridge.vendors.podero.keys import KEYS
from bridge.vendors.podero.reading import NEVER_KEPT
from bridge.vendors.podero.refusals import REASONS
from bridge.vendors.podero.settings import LEAST_INTERVAL_S, PoderoAccountSettings

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "vendors" / "podero.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return the text below a heading."""
    return re.split(r"\n##+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of a table whose first cell is code."""
    return [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]


def in_code(text: str) -> list[str]:
    """Return every word that stands between backticks."""
    return [word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split()]


def test_every_property_has_a_row() -> None:
    """With what it is read from; `W` stands in the rows that have a write, and in no other."""
    found = {key: "W" in row[3].split() for row in rows(section("Properties")) for key in in_code(row[0])}
    assert found == {binding.property.key: binding.write is not None for binding in BINDINGS}


def test_every_field_has_a_row() -> None:
    """In the order of the program."""
    table = rows(section("Podero's own fields"))
    assert [key for row in table for key in in_code(row[0])] == [row.key for row in KEYS]


WORDS = {
    "bool": "boolean",
    "int": "integer",
    "number": "number",
    "text": "text",
    "time": "time",
    "deadline": "text",
    "codes": "list",
}


def test_every_field_has_its_type_and_unit() -> None:
    """As it is published."""
    kinds = {key: row[1] for row in rows(section("Podero's own fields")) for key in in_code(row[0])}
    for row in KEYS:
        assert kinds[row.key].strip().startswith(WORDS[row.kind]), row.key
        assert row.unit is None or row.unit in kinds[row.key], row.key


@pytest.mark.parametrize("name", sorted(NEVER_KEPT))
def test_what_is_never_kept_is_said(name: str) -> None:
    """So that nobody looks for it."""
    assert re.search(rf"`[^`]*{name}`", section("Podero's own fields"))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_explained(reason: str) -> None:
    """In the words of the result."""
    assert f"| `{reason}` | {REASONS[reason]}" in section("Boost")


def test_defaults_are_those_of_the_program() -> None:
    """Settings and times."""
    needs = section("What it needs")
    usual = " ".join(row.key for row in KEYS if row.usual)
    fields = PoderoAccountSettings.model_fields
    assert f"| `vendor_keys` | `{usual}` |" in needs
    assert f"| `poll_interval` | {PoderoCharger.pace.idle_s:g} s | at least {LEAST_INTERVAL_S:g} s" in needs
    assert f"| `timeout` | {fields['timeout'].default:g} s |" in needs
    assert f"| `api_url` | `{fields['api_url'].default}` |" in needs
    assert f"| `token_url` | `{fields['token_url'].default}` |" in needs
    assert f"{SETTLE_S:g} s after a boost" in section("Boost")
    assert CONFIRM_READS == 5
    assert "up to four times more" in section("Boost")
