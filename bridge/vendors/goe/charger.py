"""One go-e charger: what is the same on every way to it, and the charger that is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import Identity, Pace, Question
from bridge.charger.document import Document
from bridge.charger.session import SessionRecord
from bridge.charger.values import parse_timestamp
from bridge.vendors.goe.bindings import ACTIONS, BINDINGS, OF_THE_CLOUD
from bridge.vendors.goe.cloud import AS_OF
from bridge.vendors.goe.keys import table
from bridge.vendors.goe.reading import Reader
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.goe.vendor_keys import binding, chosen, read_from
from bridge.vendors.goe.wire import Wire

DEFAULT_TIMEOUT_S = 10.0

# The vendor asks for about 5 s between reads; its charging logic shows a write after about one second.
# Some firmware reports an error for a write that it carried out (issues 30 and 40).
LOCAL_PACE = Pace(idle_s=5.0, charging_s=5.0, settle_s=1.2, confirm_reads=4, refusals_may_be_wrong=True)

# Faster than once a second is pointless (cloudapi-en.md); the charger itself reports at its own pace.
CLOUD_PACE = Pace(idle_s=10.0, charging_s=10.0, settle_s=2.0, confirm_reads=5, cloud=True)

MODELS = {
    "go-eCharger": "go-eCharger",
    "go-eCharger_V4": "go-eCharger Gemini",
    "go-eCharger_Phoenix": "go-eCharger CORE",
}


class GoeCharger:
    """A go-e charger, however it is reached."""

    actions: Sequence[Action] = ACTIONS
    account = None
    member = 0
    questions: Mapping[str, Question] = {}

    def __init__(self, settings: GoeSettings, pace: Pace) -> None:
        """Take the configured keys; nothing is opened yet."""
        self.pace = pace
        self._settings = settings
        self._rows = chosen(settings.vendor_keys, credentials="credentials" in settings.allow)
        of_the_way = OF_THE_CLOUD if settings.transport == "cloud" else ()
        vendor_rows = (binding(row.key) for row in self._rows)
        self.bindings: Sequence[Binding[Any]] = (*BINDINGS, *of_the_way, *vendor_rows)

    def as_of(self, document: Document) -> datetime | None:
        """Return when the charger told the cloud; None where it is asked itself."""
        told = document.get(AS_OF)
        return parse_timestamp(told) if isinstance(told, str) else None

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the same: the charger keeps no record of sessions."""
        return seen

    def look(self, keys: Sequence[str], at: float) -> None:
        """Nothing: it is read by itself."""

    def identify(self, document: Document) -> Identity:
        """Tell who the charger is; raises one of the errors that the contract names without a serial number."""
        serial = document.get("sse") or self._settings.serial
        if not isinstance(serial, str) or not serial:
            raise ValueError("the charger does not tell its serial number")
        model, name, firmware = (document.get(key) for key in ("typ", "fna", "fwv"))
        return Identity(
            serial=serial,
            vendor="go-e",
            manufacturer="go-e",
            model=MODELS.get(model, model) if isinstance(model, str) else None,
            firmware=firmware if isinstance(firmware, str) else None,
            name=name if isinstance(name, str) and name else None,
            url=f"http://{self._settings.host}/" if self._settings.host else None,
        )

    async def close(self) -> None:
        """Nothing is held: every request has a connection of its own."""


class AskedCharger(GoeCharger):
    """A charger that is asked, over its own HTTP API or the cloud's."""

    def __init__(self, settings: GoeSettings, wire: Wire, pace: Pace) -> None:
        """Take the way to the charger."""
        super().__init__(settings, pace)
        self._wire = wire
        self._reader = Reader(wire, self._rows)

    async def fetch(self) -> Document:
        """Read the charger once; raises ChargerError."""
        return await self._reader.read(asyncio.get_running_loop().time())

    async def send(self, request: Request) -> None:
        """Carry out one write, once."""
        await self._wire.write(request)
        if request.drops_connection:
            self._reader.start_over()
        self._reader.look_at(key for name in request.touches for key in read_from(table()[name]))
