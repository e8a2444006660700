"""Looking for chargers in the local network: how to look, and what there was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.charger.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How long to listen, and where: the address of one of this machine's own interfaces, None for all of them."""

    seconds: float
    interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A charger that somebody could configure. Everything may come from a stranger in the network: never trust it.

    `settings` are those of the configuration, `hint` is what is to be done before it works; None is not known.
    """

    settings: Mapping[str, Json]
    serial: str | None = None
    model: str | None = None
    firmware: str | None = None
    hint: str | None = None
