"""The chargers that the pretend Wallbox cloud knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

ModelName: TypeAlias = Literal["Pulsar", "Pulsar Plus", "Pulsar Plus US", "Copper SB", "Quasar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One kind of charger.

    Attributes:
        charger_type: What `chargerType` says.
        part_number: What `part_number` says; `QS` at its beginning stands for bidirectional.
        max_current: In A.
        phases: How many it has.
        solar: Whether it knows eco-smart.
        connector: What `connectorType` says.
        firmware: The version it is delivered with, and the file it came in.
        bidirectional: Whether it can discharge a car.
    """

    charger_type: str
    part_number: str
    max_current: int
    phases: int
    solar: bool
    connector: str
    firmware: tuple[str, str]
    bidirectional: bool = False


_TYPE_2 = "Type 2/Socket"

# From recordings: both Pulsar Plus. Of a Quasar only the first letters of its part number are known, and nothing at all
# of Pulsar and Copper SB: their part numbers and types are guesses. Units without eco-smart exist (core issue 146839).
MODELS: Mapping[ModelName, Model] = MappingProxyType(
    {
        "Pulsar": Model(
            charger_type="Pulsar",
            part_number="PLS1-0-2-4-9-002-A",
            max_current=32,
            phases=3,
            solar=False,
            connector=_TYPE_2,
            firmware=("5.5.10", "pls1_5.5.10.tar"),
        ),
        "Pulsar Plus": Model(
            charger_type="PulsarPlus",
            part_number="PLP1-M-2-4-9-002-F",
            max_current=32,
            phases=3,
            solar=True,
            connector=_TYPE_2,
            firmware=("5.17.59", "plp1_5.17.59.tar"),
        ),
        "Pulsar Plus US": Model(
            charger_type="Pulsar Plus US",
            part_number="PUP1-U-1-5-N-002-A",
            max_current=40,
            phases=1,
            solar=True,
            connector="Type 1",
            firmware=("5.11.14", "pup1.tar"),
        ),
        "Copper SB": Model(
            charger_type="CopperSB",
            part_number="CPB1-S-2-4-8-002-A",
            max_current=32,
            phases=3,
            solar=True,
            connector=_TYPE_2,
            firmware=("5.17.59", "cpb1_5.17.59.tar"),
        ),
        "Quasar": Model(
            charger_type="Quasar",
            part_number="QSX1-0-2-1-9-002-A",
            max_current=32,
            phases=1,
            solar=True,
            connector="CHAdeMO",
            firmware=("5.17.59", "qsx1_5.17.59.tar"),
            bidirectional=True,
        ),
    }
)
