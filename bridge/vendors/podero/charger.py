"""One wallbox of a Podero partner account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import Identity, Pace, Question
from bridge.charger.document import Document
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, RefusedError
from bridge.vendors.podero import keys
from bridge.vendors.podero.account import PoderoAccount
from bridge.vendors.podero.bindings import BINDINGS
from bridge.vendors.podero.reading import at, kept, moment, word
from bridge.vendors.podero.settings import PoderoSettings

SETTLE_S = 3.0
"""How often Podero's guide permits to look while something that was asked for is under way."""
CONFIRM_READS = 5
INTERVAL_S = 60.0
REPORTS_EVERY_S = 900.0
"""Podero hears of a device every 5 to 15 minutes, depending on its maker."""

USED = frozenset(
    {
        *("is_smart_optimization_active", "charge_rate_w", "charge_target_min", "charge_target_max"),
        *("consumption_last_day_kwh", "consumption_last_week_kwh", "consumption_last_month_kwh"),
        *(row.key.partition(".")[0] for row in keys.KEYS),
    }
)
"""The fields that are kept of an answer; all others are dropped."""

_TOLD_AT = ("charge_state_last_updated_at", "current_state_last_updated_at")


class PoderoCharger:
    """Reads and writes one wallbox through its account."""

    actions: Sequence[Action] = ()
    member = 0
    questions: Mapping[str, Question] = {}
    pace = Pace(
        idle_s=INTERVAL_S,
        charging_s=INTERVAL_S,
        settle_s=SETTLE_S,
        confirm_reads=CONFIRM_READS,
        cloud=True,
        reports_every_s=REPORTS_EVERY_S,
    )

    def __init__(self, settings: PoderoSettings, account: PoderoAccount) -> None:
        """Remember which wallbox it is; nothing is sent yet."""
        self.bindings: Sequence[Binding[Any]] = (*BINDINGS, *keys.bindings(keys.chosen(settings.vendor_keys)))
        self.account = account
        self._id = settings.wallbox_id
        self._path = f"users/{settings.user_id}/wallboxes/{settings.wallbox_id}"
        self._timeout_s = settings.timeout

    async def fetch(self) -> Document:
        """Read the wallbox's description."""
        return self._document(await self.account.read(self._path, self._timeout_s))

    async def send(self, request: Request) -> Document | None:
        """Carry out one write, once; a change of the description answers with the whole of it.

        Raises:
            RefusedError: Podero says no, or answers with a description that does not have the change.
            ChargerError: anything else that can go wrong.

        """
        path = f"{self._path}/{request.path}" if request.path else self._path
        answer = await self.account.write(request.method, path, request.body, self._timeout_s)
        if not isinstance(request.body, dict):
            return None
        shown = self._document(answer.json())
        for name, wanted in request.body.items():
            if name in shown and shown[name] != wanted:
                raise RefusedError(f"Podero took the call but left {name} as it was")
        return shown

    def _document(self, found: Json) -> Document:
        document = kept(found, USED) if isinstance(found, dict) else {}
        if not document:
            raise BadAnswerError("Podero's answer does not describe a wallbox")
        told = word(document, "id")
        if told is not None and told.lower() != self._id:
            raise BadAnswerError("Podero's answer describes another wallbox")
        return document

    def as_of(self, document: Document) -> datetime | None:
        """Return when Podero last heard of the wallbox."""
        found: list[datetime] = []
        for name in _TOLD_AT:
            try:
                when = moment(document.get(name))
            except (TypeError, ValueError):
                continue
            if when is not None:
                found.append(when)
        return max(found, default=None)

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the same: of wallboxes, unlike cars, no record of sessions is documented."""
        return seen

    def look(self, keys: Sequence[str], at: float) -> None:
        """Nothing: it is read by itself."""

    def identify(self, document: Document) -> Identity:
        """Tell who the wallbox is; raises LookupError where the document describes none.

        Its id is that of the configuration, because the description may lack it.
        """
        if not any(name in document for name in ("id", "device_model")):
            raise LookupError("neither an id nor a model")
        manufacturer, model = (_text(document, f"device_model.{name}") for name in ("manufacturer", "model"))
        return Identity(serial=self._id, vendor="podero", manufacturer=manufacturer or "Podero", model=model)

    async def close(self) -> None:
        """Nothing is held: the account has the login."""


def _text(document: Document, place: str) -> str | None:
    try:
        found = at(document, place)
    except LookupError:
        return None
    return found if isinstance(found, str) and found else None
