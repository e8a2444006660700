"""What consumers are told of one property."""

from __future__ import annotations

import pytest

from bridge.charger import properties as p
from bridge.charger.binding import Capability
from bridge.charger.property import Property
from bridge.charger.values import JSON, Json
from bridge.mqtt.documents import capability

AGENDA: Property[list[Json] | dict[str, Json]] = Property(
    key="vendor/agenda", name="Agenda", type=JSON, settable=True, vendor=True
)


@pytest.mark.parametrize(
    ("ability", "type_", "unit"),
    [
        (Capability(property=p.POWER, settable=False), "number", "W"),
        (Capability(property=p.ENERGY_PRICE, settable=True), "number", None),
        (Capability(property=p.ENERGY_PRICE, settable=True, unit="EUR/kWh"), "number", "EUR/kWh"),
        (Capability(property=AGENDA, settable=True), "json", None),
    ],
)
def test_type_and_unit(ability: Capability, type_: str, unit: str | None) -> None:
    """The unit is the charger's where it has one of its own."""
    told = capability(ability, 2, 1.0)
    assert (told["type"], told["unit"]) == (type_, unit)
