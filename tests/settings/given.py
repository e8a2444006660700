"""What the tests of the configuration share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from bridge.settings import Loaded

Load: TypeAlias = Callable[..., Loaded]
Faults: TypeAlias = Callable[..., list[str]]

GARAGE = "chargers: {garage: {vendor: go-e, host: 192.168.1.40}}\n"
"""The least that a configuration must say."""
