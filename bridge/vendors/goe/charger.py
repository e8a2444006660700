"""One go-e charger over its local HTTP API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import Identity, Pace, Question
from bridge.charger.document import Document, text
from bridge.charger.session import SessionRecord
from bridge.http import Http
from bridge.vendors.goe import keys
from bridge.vendors.goe.api import GoeApi
from bridge.vendors.goe.bindings import ACTIONS, BINDINGS
from bridge.vendors.goe.settings import GoeSettings

DEFAULT_TIMEOUT_S = 10.0

LIVE_KEYS = (
    *("car", "err", "modelStatus", "alw", "acu", "frc", "amp", "ama", "mca", "cbl", "psm", "dwo", "lmo"),
    *("wh", "eto", "nrg", "tma", "fhz", "pha", "cus", "trx", "lbr", "rssi", "tpa", "amt"),
)
"""Read at every poll."""

STATIC_KEYS = (
    *("sse", "typ", "var", "fwv", "fna", "ocu", "etop", "cards"),
    *(f"c{card}n" for card in range(10)),
)
"""Read at the start, once an hour, and after a restart."""

STATIC_EVERY_S = 3600.0

_MODELS = {
    "go-eCharger": "go-eCharger",
    "go-eCharger_V4": "go-eCharger Gemini",
    "go-eCharger_Phoenix": "go-eCharger CORE",
}


class GoeCharger:
    """Reads and writes one charger; see GoeApi for what can go wrong."""

    actions: Sequence[Action] = ACTIONS
    account = None
    member = 0
    questions: Mapping[str, Question] = {}
    # The vendor asks for about 5 s between reads; its charging logic shows a write after about one second.
    # Some firmware reports an error for a write that it carried out (issues 30 and 40).
    pace = Pace(idle_s=5.0, charging_s=5.0, settle_s=1.2, confirm_reads=4, refusals_may_be_wrong=True)

    def __init__(self, settings: GoeSettings, http: Http) -> None:
        """Remember where the charger is; nothing is opened yet."""
        rows = keys.chosen(settings.vendor_keys)
        self.bindings: Sequence[Binding[Any]] = (*BINDINGS, *keys.bindings(rows))
        self._live = tuple(dict.fromkeys([*LIVE_KEYS, *(row.key for row in rows if not row.static)]))
        self._rare = tuple(dict.fromkeys([*STATIC_KEYS, *(row.key for row in rows if row.static)]))
        self._host = settings.host
        self._api = GoeApi(http, settings.host, settings.timeout or DEFAULT_TIMEOUT_S)
        self._static: Document = {}
        self._static_due = 0.0

    async def fetch(self) -> Document:
        """Read the live keys, and the ones that hardly change once an hour or after a restart."""
        now = asyncio.get_running_loop().time()
        if now >= self._static_due:
            self._static = await self._api.read(self._rare)
            self._static_due = now + STATIC_EVERY_S
        return {**self._static, **await self._api.read(self._live)}

    def as_of(self, document: Document) -> datetime | None:  # noqa: ARG002 - it tells what it sees now
        """Return None: an answer is as old as the moment it is read."""
        return None

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the same: the charger keeps no record of sessions."""
        return seen

    def look(self, keys: Sequence[str], at: float) -> None:
        """Nothing: it is read by itself."""

    async def send(self, request: Request) -> None:
        """Carry out one write, once."""
        await self._api.write(request)
        if request.drops_connection:
            self._static_due = 0.0

    def identify(self, document: Document) -> Identity:
        """Tell who the charger is; raises one of the errors that the contract names without a serial number."""
        serial = text(document["sse"])
        if not serial:
            raise ValueError("the serial number is empty")
        model = document.get("typ")
        name = document.get("fna")
        firmware = document.get("fwv")
        return Identity(
            serial=serial,
            vendor="go-e",
            manufacturer="go-e",
            model=_MODELS.get(model, model) if isinstance(model, str) else None,
            firmware=firmware if isinstance(firmware, str) else None,
            name=name if isinstance(name, str) and name else None,
            url=f"http://{self._host}/",
        )

    async def close(self) -> None:
        """Nothing is held: every request has a connection of its own."""
