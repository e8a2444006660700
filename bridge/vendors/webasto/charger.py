"""One Webasto Next or Ampure Unite."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from bridge.account.login import Store
from bridge.charger.binding import Action, Binding, Request
from bridge.charger.contract import FileKind, Identity, Pace, Question, SentFile
from bridge.charger.document import Document, text
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.errors import ChargerError, LoginRefusedError
from bridge.http import Http
from bridge.vendors.webasto.api import PushedOutError, WebastoApi
from bridge.vendors.webasto.bindings import ACTIONS, BINDINGS
from bridge.vendors.webasto.fields import blank, value_of
from bridge.vendors.webasto.keys import Rows
from bridge.vendors.webasto.memory import Part
from bridge.vendors.webasto.reading import Reader
from bridge.vendors.webasto.settings import WebastoSettings
from bridge.vendors.webasto.status import RESTARTING

log = structlog.get_logger()

AWAY_S = 300.0
"""A restart takes two to three minutes; for so long nobody is alarmed."""
NEXT_SERIAL = "manufacturer-serial-number"
FILES = {
    "upload-new-firmware": FileKind(most_bytes=512 * 1024 * 1024, needs="firmware_update"),
    "local-ca-cert": FileKind(most_bytes=64 * 1024),
}
"""The two keys that the API document knows; the sizes are ours, against mistakes."""


class WebastoCharger:
    """Reads and writes one charger; see WebastoApi for what can go wrong."""

    actions: Sequence[Action] = ACTIONS
    account = None
    member = 0
    questions: Mapping[str, Question] = {}
    files: Mapping[str, FileKind] = FILES
    pace = Pace(idle_s=10.0, charging_s=10.0, settle_s=1.0, confirm_reads=4)

    def __init__(self, settings: WebastoSettings, http: Http, store: Store) -> None:
        """Remember where the charger is; nothing is opened yet."""
        self._host = settings.host
        self._serial = settings.serial
        self._api = WebastoApi(settings, http, store)
        model = None if settings.model == "auto" else settings.model
        self._reader = Reader(self._api, settings.host, model, settings.system_interval)
        self._rows = Rows(BINDINGS, settings.vendor_keys, credentials="credentials" in settings.allow)
        self._memory = Part(store, "identity")
        self._identity: dict[str, Json] | None = None
        self._last: Document = {}
        self._last_at = 0.0
        self._away_until = float("-inf")
        self._gone = False
        """Whether it has been silent since it was told to restart."""

    @property
    def bindings(self) -> Sequence[Binding[Any]]:
        """The table, which grows while the charger tells of its fields."""
        return self._rows.bindings

    async def fetch(self) -> Document:
        """Read what is due; while it restarts, or a person has pushed us out, say what can be said."""
        try:
            document = await self._reader.read()
        except PushedOutError:
            if not self._last:
                raise
            return {**self._last, "as_of": self._last_at}
        except LoginRefusedError:
            raise
        except ChargerError:
            if time.monotonic() >= self._away_until or not self._last:
                raise
            self._gone = True
            return self._away()
        if self._gone and not self._reader.tells_all(document):
            return self._away()  # it is just coming back
        if self._gone:
            self._gone, self._away_until = False, float("-inf")
            self._reader.start_over()
        self._rows.learn(document)
        self._last = {**document, "identity": self._known_identity(document)}
        self._last_at = time.time()
        return self._last

    def _away(self) -> Document:
        known = {name: self._last[name] for name in ("model", "identity")}
        return {**known, "fields": blank(self._last["fields"]), "away": RESTARTING}

    async def send(self, request: Request) -> None:
        """Carry out one write, once."""
        await self._api.post(request.path, request.body, drops_connection=request.drops_connection)
        self._reader.look_again(request.names)
        if request.drops_connection:
            self._away_until, self._gone = time.monotonic() + AWAY_S, False

    async def upload(self, key: str, file: SentFile) -> None:
        """Send a file, once; what the charger does with it, it does by itself."""
        await self._api.upload(f"/api/files/{key}", file)

    def as_of(self, document: Document) -> datetime | None:
        """Return when an answer was read that is shown again because a person uses the web interface."""
        moment = document.get("as_of")
        return datetime.fromtimestamp(moment, UTC) if isinstance(moment, float) else None

    async def record_of(self, seen: SessionRecord) -> SessionRecord:
        """Return the same: the charger keeps no record of sessions that could be read."""
        return seen

    def look(self, keys: Sequence[str], at: float) -> None:
        """Nothing: it is read by itself."""

    def identify(self, document: Document) -> Identity:
        """Tell who the charger is; raises one of the errors that the contract names where nothing says so."""
        told = document["identity"]
        if not isinstance(told, dict):
            raise TypeError("nothing says who the charger is")
        firmware, hardware = told.get("firmware"), told.get("hardware")
        return Identity(
            serial=text(told["serial"]),
            vendor="webasto",
            manufacturer="Webasto",
            model=text(told["model"]),
            firmware=firmware if isinstance(firmware, str) else None,
            hardware=hardware if isinstance(hardware, str) else None,
            url=f"https://{self._host}/",
        )

    def _known_identity(self, document: Document) -> Json:
        """Return who it is, with what is remembered of earlier runs; None where nothing has ever said so."""
        if self._identity is None:
            kept = self._memory.read()
            self._identity = kept if isinstance(kept, dict) else {}
        found = {key: value for key, value in self._told_identity(document).items() if isinstance(value, str) and value}
        identity = {**self._identity, **found}
        if "serial" not in identity and document["model"] == "unite":
            # Nobody knows where a Unite tells its serial number, and entity ids need something that stays.
            identity["serial"] = f"unite-{uuid.uuid4().hex[:12]}"
            log.info("no serial number is told, made one; `serial` in the configuration sets it", host=self._host)
        if identity != self._identity:
            self._identity = identity
            self._memory.write(identity)
        return dict(identity) if "serial" in identity else None

    def _told_identity(self, document: Document) -> dict[str, Json]:
        if document["model"] == "next":
            return {
                "serial": self._serial or value_of(document, NEXT_SERIAL),
                "model": "Webasto Next",
                "firmware": value_of(document, "comboard-sw-version"),
                "hardware": value_of(document, "comboard-hw-version"),
            }
        system = document.get("system")
        told = system if isinstance(system, dict) else {}
        name = told.get("model")
        return {
            "serial": self._serial,
            "model": name if isinstance(name, str) and name else "Ampure Unite",
            "firmware": told.get("hmiVersion"),
        }

    async def close(self) -> None:
        """Nothing is held: the connections are the HTTP client's."""
