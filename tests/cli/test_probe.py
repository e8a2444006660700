"""The table that `probe` prints."""

from __future__ import annotations

import pytest

from bridge.charger import properties as p
from bridge.charger.binding import Capability
from bridge.charger.contract import Identity, Pace
from bridge.charger.property import Property
from bridge.charger.values import JSON, TEXT, Value
from bridge.cli.probe import _table
from bridge.engine.view import ChargerView


def line(ability: Capability, value: Value) -> str:
    """Return the line of one property."""
    key = ability.property.key
    view = ChargerView(
        id="garage", name=None, vendor="pretend", pace=Pace(idle_s=1, charging_s=1, settle_s=1, confirm_reads=1)
    )
    view.identity = Identity(serial="1", vendor="pretend", manufacturer="pretend")
    view.available, view.values, view.capabilities = True, {key: value}, {key: ability}
    return " ".join(_table(view).splitlines()[-1].split())


@pytest.mark.parametrize(
    ("ability", "value", "shown"),
    [
        (Capability(property=p.POWER, settable=False), 7360.4, "power 7360.4 W"),
        (Capability(property=p.SESSION_COST, settable=False, unit="EUR"), 1.5, "session_cost 1.5 EUR"),
        (Capability(property=p.SESSION_COST, settable=False, unit="EUR"), None, "session_cost None"),
        (Capability(property=p.BOOST, settable=True), True, "boost true (set: true, false)"),
        (
            Capability(property=p.PHASE_MODE, settable=True, options=("auto", "single")),
            "auto",
            "phase_mode auto (set: auto, single)",
        ),
        (
            Capability(property=Property(key="vendor/fna", name="Name", type=TEXT, vendor=True), settable=True),
            "Garage",
            "vendor/fna Garage (set: text)",
        ),
        (
            Capability(property=Property(key="vendor/plan", name="Plan", type=JSON, vendor=True), settable=True),
            [{"start": "21:00"}],
            'vendor/plan [{"start":"21:00"}] (set: json)',
        ),
    ],
)
def test_a_line_says_value_unit_and_what_can_be_set(ability: Capability, value: Value, shown: str) -> None:
    """In the words of the topics."""
    assert line(ability, value) == shown
