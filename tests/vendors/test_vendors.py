"""The list of vendors is complete: what is in it can be simulated, shown and tested."""

from __future__ import annotations

import pytest

from bridge.demo.chargers import CHARGERS
from bridge.simulators import SIMULATORS
from bridge.vendors import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_is_complete(vendor: str) -> None:
    """Settings, a simulator and a charger in the demo, all under one name; the contract is tested with them."""
    assert VENDORS[vendor].name == vendor
    assert vendor in SIMULATORS
    assert vendor in CHARGERS


def test_nothing_is_left_of_a_vendor_that_went() -> None:
    """What can be simulated and shown is in the list."""
    assert set(SIMULATORS) | set(CHARGERS) <= set(VENDORS)
