"""What differs between the firmware families of go-e chargers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from bridge.simulators.goe_keys import Key, read_write
from bridge.simulators.goe_keys_later import LATER_KEYS
from bridge.simulators.goe_keys_network import NETWORK_KEYS
from bridge.simulators.goe_keys_newest import NEWEST_KEYS
from bridge.simulators.goe_keys_seed import SEED_KEYS
from bridge.simulators.goe_values import boolean, uint8

FamilyName: TypeAlias = Literal["051", "055", "60"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One firmware family.

    Attributes:
        firmware: The version it reports.
        model: The device type it reports.
        keys: All its keys by name.
        comma_filter: Whether `filter=a,b` works; before 051.4 only `filter=["a","b"]` did.
        array_filter_limit: How many keys the array form takes; None for no limit. The old firmware ran out of memory.
        refuses_unknown_filter: Whether a filter with a key it lacks gives status 400 (with the full body).
        old_time_stamps: Whether `utc` and `loc` have three groups behind the seconds.
        card_transactions: Whether a transaction may be started for a card through the API.
        extra_sensors: Elements of `tma` in front of the two that measure something.
        adapter_always: Whether it always claims to have the 16 A adapter, without limiting anything.
        disabled_text: The body of 404 while the interface is switched off.
    """

    firmware: str
    model: str
    keys: Mapping[str, Key]
    comma_filter: bool = True
    array_filter_limit: int | None = None
    refuses_unknown_filter: bool = False
    old_time_stamps: bool = False
    card_transactions: bool = True
    extra_sensors: int = 0
    adapter_always: bool = False
    disabled_text: str = "This URI does not exist"


def _table(*rows: Key, without: frozenset[str] = frozenset()) -> Mapping[str, Key]:
    """All keys by name; of several rows for one key the last counts."""
    every = {key.name: key for key in (*SEED_KEYS, *LATER_KEYS, *NETWORK_KEYS, *rows)}
    return MappingProxyType({name: key for name, key in every.items() if name not in without})


_055 = Family(firmware="055.5", model="go-eCharger_V4", keys=_table())

# The state of the first API v2 document: buttons as bools, no automatic phases, the array filter alone.
_051 = replace(
    _055,
    firmware="051.3",
    keys=_table(
        read_write("psm", uint8(1, 2), 2),
        read_write("bac", boolean(), default=True),
        read_write("sdp", boolean(), default=True),
    ),
    comma_filter=False,
    array_filter_limit=10,
    old_time_stamps=True,
    card_transactions=False,
)

# CORE and PRO
_60 = replace(
    _055,
    firmware="60.4",
    model="go-eCharger_Phoenix",
    keys=_table(
        *NEWEST_KEYS,
        without=frozenset({"cus", "ffb", "lck", "upo", "sdp", "bac", "cbl", "ust"}),
    ),
    refuses_unknown_filter=True,
    extra_sensors=4,
    adapter_always=True,
    disabled_text="Nothing matches the given URI",
)

FAMILIES: Mapping[FamilyName, Family] = MappingProxyType({"051": _051, "055": _055, "60": _60})
