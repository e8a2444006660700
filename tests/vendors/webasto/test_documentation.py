"""`docs/vendors/webasto.md` names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.charger.property import vendor_key
from bridge.simulators.webasto import WebastoSimulator
from bridge.vendors.webasto import keys
from bridge.vendors.webasto.api import DEFAULT_TIMEOUT_S
from bridge.vendors.webasto.bindings import ACTIONS, BINDINGS
from bridge.vendors.webasto.charger import WebastoCharger
from bridge.vendors.webasto.fields import UNITE_KNOWN, UNITE_READ_ONLY, is_secret
from bridge.vendors.webasto.settings import WebastoSettings
from bridge.vendors.webasto.status import _BY_NAME, _BY_NUMBER, _ENABLED
from tests.vendors.webasto.conftest import Connect, rows, values

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "vendors" / "webasto.md").read_text(encoding="utf-8")


def section(heading: str, level: str = "##") -> str:
    """Return the text below a heading, with the smaller headings in it."""
    return re.split(rf"\n#{{2,{len(level)}}} ", PAGE.split(f"\n{level} {heading}\n", 1)[1], maxsplit=1)[0]


def table(text: str) -> list[list[str]]:
    """Return the cells of every row of a table whose first cell is code."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]


def in_code(text: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def test_every_property_has_a_row() -> None:
    """`W` stands in the rows that have a write, and in no other."""
    properties = section("Properties").split("### Status")[0]
    found = {key: "W" in row[4].split() for row in table(properties) for key in in_code(row[0])}
    del found["current_limit_min"], found["current_limit_max"]
    written = {row.property.key: False for row in BINDINGS}
    written |= {row.property.key: True for row in BINDINGS if row.write is not None}
    assert found == written


def test_every_state_has_a_row() -> None:
    """With the status that it becomes, and whether a session runs."""
    found = table(section("Status", "###"))
    words = {True: "yes", False: "no", None: "unknown"}
    assert {in_code(row[0])[0].lower(): in_code(row[2])[0] for row in found} == _BY_NAME
    assert {row[1]: in_code(row[2])[0] for row in found if row[1]} == _BY_NUMBER
    assert {in_code(row[2])[0]: row[3] for row in found} == {
        status: words[_ENABLED.get(status)] for status in _BY_NAME.values()
    }


def test_every_action_has_a_row() -> None:
    """With its call, and what the configuration must allow."""
    found = {in_code(row[0])[0]: row[1] for row in table(section("Actions"))}
    assert set(found) == {action.key for action in ACTIONS}
    for action in ACTIONS:
        assert action.request({}).path.removeprefix("/api/") in found[action.key]
        assert ("allow" in found[action.key]) is action.needs_allow


async def test_every_field_of_a_next_has_a_row(sim: WebastoSimulator, connect: Connect) -> None:
    """In the order of the document; with its topic, its unit, and whether it can be set."""
    charger = connect(sim)
    document = await charger.fetch()
    there = rows(charger, document)
    found = {in_code(row[0])[0]: row for row in table(section("Next", "###"))}
    fields = [field.key for fields in sim.device.sections.values() for field in fields]
    assert list(found) == fields
    for key in fields:
        row = there.get(vendor_key(key))
        _, topic, kind, settable, tested = found[key]
        if row is None:
            assert re.search("button|upload|download", kind), key
            continue
        property_ = row.property
        assert in_code(topic)[0] == property_.key.removeprefix("vendor/"), key
        assert property_.unit is None or kind.endswith(f", {property_.unit}"), key
        assert bool(settable) is (row.write is not None), key
        assert ("W" in tested.split()) is (row.write is not None), key
        assert (kind == "secret") is property_.secret, key
        kinds = {"number": "number", "boolean": "boolean", "enum": "choice", "time": "time"}
        assert property_.secret or kind.startswith(kinds.get(property_.type.name, "text")), key
        assert property_.type.name != "enum" or in_code(kind) == list(keys.CHOICES[key]), key


async def test_every_entry_of_the_dashboard_is_named(sim: WebastoSimulator, connect: Connect) -> None:
    """Those that are published beside the fields."""
    charger = connect(sim)
    document = await charger.fetch()
    fields = document["fields"]
    assert isinstance(fields, dict)
    entries = [key for key in values(charger, document) if key.startswith("vendor/")]
    entries = [key for key in entries if key not in {vendor_key(field) for field in fields}]
    beside = PAGE.split("Entries of the dashboard beside those fields")[1].split("(D)")[0]
    assert [vendor_key(key) for key in in_code(beside)] == entries


def test_every_field_of_a_unite_has_a_row() -> None:
    """With its topic, and whether it can be set."""
    found = {in_code(row[0])[0]: row for row in table(section("Unite", "###"))}
    assert set(found) == set(UNITE_KNOWN)
    for key, (_, topic, kind, settable, _) in found.items():
        assert in_code(topic)[0] == vendor_key(key).removeprefix("vendor/")
        assert bool(settable) is (key not in UNITE_READ_ONLY)
        assert (kind == "secret") is is_secret(key)


@pytest.mark.parametrize("model", ["next", "unite"])
async def test_every_call_has_a_row(connect: Connect, model: str) -> None:
    """Whatever the charger was asked."""
    async with WebastoSimulator(model=model, slow_s=0) as simulator:  # type: ignore[arg-type]
        charger = connect(simulator)
        await charger.fetch()
        made = {(request.method, request.path) for request in simulator.requests}
    told = [
        re.escape(call).replace(r"\{key\}", "[^/]+")
        for row in table(section("On the wire"))
        for call in in_code(row[0])
    ]
    for method, path in made:
        # Each model is asked for what the other one has, to tell them apart.
        assert any(
            re.fullmatch(call, f"{method} {path}".replace(" ", r" ")) for call in (c.replace(r"\ ", " ") for c in told)
        )


def test_defaults_are_those_of_the_program() -> None:
    """Settings and times."""
    needs = section("What it needs").split("### ")[0]
    named = {in_code(row[0])[0]: row[1] for row in table(needs)}
    fields = WebastoSettings.model_fields
    assert named["username"] == f"`{fields['username'].default}`"
    assert named["model"] == f"`{fields['model'].default}`"
    assert named["system_interval"] == f"{fields['system_interval'].default:g} s"
    assert named["poll_interval"] == f"{WebastoCharger.pace.idle_s:g} s"
    assert named["timeout"] == f"{DEFAULT_TIMEOUT_S:g} s"
    assert {key for code in in_code(named["vendor_keys"]) for key in code.split()} == keys.USUAL
