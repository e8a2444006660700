"""What is read when: each endpoint at its own pace, and one that fails costs the others nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import structlog

from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, CertificateError, ChargerError, LoginRefusedError, RefusedError
from bridge.vendors.webasto import fields
from bridge.vendors.webasto.api import NotThereError, PushedOutError, WebastoApi

log = structlog.get_logger()

Model = Literal["next", "unite"]

SECTIONS = ("auth", "backend", "hems", "network", "power", "profile", "system")
"""Those of the API document, for when the charger does not tell its own."""
SYSTEM = "system"
OFTEN_S = 60.0
SELDOM_S = 900.0
STRUCTURE_S = 3600.0
SECTION_S = {"auth": OFTEN_S, "power": OFTEN_S}
"""What people change in the web interface and see here; the other sections are read seldom."""
UNITE_FIELDS_S = 60.0
AGAIN_S = 60.0
"""After it failed, an endpoint is asked again so much later, or at its next turn if that is sooner."""
SETTLED_S = 30.0
"""So long after a change of state the slow section is read once more: a car takes its time to draw what it wants."""
KEPT_TURNS = 3
"""For how many of its turns the last good answer of an endpoint that is not asked every time counts."""
MOST_SECTIONS = 30

Take = Callable[[Json], Json]


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """One thing to read. Times are those of the monotonic clock."""

    path: str
    every_s: float
    take: Take
    due: float = float("-inf")
    answer: Json = None
    answered: float = float("-inf")
    failing: bool = False

    def fields(self) -> fields.Fields:
        """Return the fields of the newest good answer, without values if that is too old to count."""
        if not isinstance(self.answer, dict):
            return {}
        fresh = time.monotonic() - self.answered <= KEPT_TURNS * self.every_s
        return self.answer if fresh else fields.blank(self.answer)


class Reader:
    """Reads one charger; `model` is None until it is known."""

    def __init__(self, api: WebastoApi, host: str, model: Model | None, system_s: float) -> None:
        """Prepare; nothing is sent yet. `system_s` is how often the slow section is read."""
        self.model = model
        self._api = api
        self._host = host
        self._system_s = system_s
        self._dashboard = _endpoint("/api/dashboard-information", 0.0, fields.dashboard)
        self._errors = _endpoint("/api/current-errors", 0.0, _errors)
        self._structure = _endpoint("/api/configuration-structure", STRUCTURE_S, _sections)
        self._sections: dict[str, Endpoint] = {}
        self._information = _endpoint("/api/system-information", 0.0, _object)
        self._unite = _endpoint("/api/configuration-fields/", UNITE_FIELDS_S, fields.of_unite)
        self._state: Json = None
        self._settled_at = float("inf")

    async def read(self) -> Document:
        """Read what is due.

        Raises:
            ChargerError: nothing of what tells how the charger is could be read.

        """
        if self.model is None:
            self.model = await self._ask_model()
        return await (self._read_next() if self.model == "next" else self._read_unite())

    def look_again(self, names: Iterable[str]) -> None:
        """Have the fields of these names, or everything for names that are no fields, read at the next read."""
        for name in names:
            for endpoint in (*self._sections.values(), self._unite):
                if isinstance(endpoint.answer, dict) and name in endpoint.answer:
                    endpoint.due = float("-inf")

    def start_over(self) -> None:
        """Have everything read again, as after a restart."""
        for endpoint in (*self._sections.values(), self._structure, self._unite):
            endpoint.due = float("-inf")

    @staticmethod
    def tells_all(document: Document) -> bool:
        """Whether a read brought what every read should."""
        wanted = ("dashboard", "errors") if document["model"] == "next" else ("system",)
        return all(name in document for name in wanted)

    async def _ask_model(self) -> Model:
        """Tell the models apart by what they have: a Next has no `system-information`, a Unite no `sections`."""
        try:
            await self._api.get("/api/system-information")
        except NotThereError:
            pass
        else:
            return "unite"
        try:
            await self._api.get("/api/configuration-structure")
        except NotThereError as error:
            raise BadAnswerError("this is neither a Webasto Next nor an Ampure Unite") from error
        return "next"

    # Next

    async def _read_next(self) -> Document:
        first = await self._try(self._dashboard)
        second = await self._try(self._errors)
        if first is not None and second is not None:
            raise first
        document: dict[str, Json] = {"model": "next"}
        if first is None:
            document["dashboard"] = self._dashboard.answer
            self._notice_state(fields.entry_of(document, "ocpp-state"))
        if second is None:
            document["errors"] = self._errors.answer
        await self._read_sections()
        document["fields"] = {key: field for each in self._sections.values() for key, field in each.fields().items()}
        return document

    def _notice_state(self, state: Json) -> None:
        """Read the slow section after a change, at once and once more: its currents and powers are those of before."""
        now = time.monotonic()
        changed = self._state is not None and state != self._state
        if SYSTEM in self._sections and (changed or now >= self._settled_at):
            self._sections[SYSTEM].due = float("-inf")
            self._settled_at = now + SETTLED_S if changed else float("inf")
        self._state = state

    async def _read_sections(self) -> None:
        await self._try_if_due(self._structure)
        told = self._structure.answer
        names = [name for name in told if isinstance(name, str)] if isinstance(told, list) else []
        for name in names or SECTIONS:
            if name not in self._sections:
                every_s = self._system_s if name == SYSTEM else SECTION_S.get(name, SELDOM_S)
                self._sections[name] = _endpoint(f"/api/sections/{quote(name, safe='')}", every_s, _section(name))
        # The slow one last, so that what is fast is not older than it need be.
        for endpoint in sorted(self._sections.values(), key=lambda each: each.path.endswith(f"/{SYSTEM}")):
            await self._try_if_due(endpoint)

    # Unite

    async def _read_unite(self) -> Document:
        error = await self._try(self._information)
        failed = await self._try_if_due(self._unite)
        if error is not None and (failed is not None or not self._unite.fields()):
            raise error
        document: dict[str, Json] = {"model": "unite"}
        if error is None:
            document["system"] = self._information.answer
        document["fields"] = self._unite.fields()
        return document

    # Each by itself

    async def _try_if_due(self, endpoint: Endpoint) -> ChargerError | None:
        return await self._try(endpoint) if time.monotonic() >= endpoint.due else None

    async def _try(self, endpoint: Endpoint) -> ChargerError | None:
        """Read one; returns what went wrong, which is logged once until it goes well again.

        Raises:
            LoginRefusedError: nothing can be read.
            CertificateError: somebody else answers.
            PushedOutError: nothing may be read.

        """
        began = time.monotonic()
        try:
            answer = endpoint.take(await self._api.get(endpoint.path))
        except (LoginRefusedError, PushedOutError, CertificateError):
            raise
        except ChargerError as error:
            if not endpoint.failing and endpoint.every_s:
                told = {"host": self._host, "endpoint": endpoint.path, "reason": error.message}
                # A model that lacks something is no trouble.
                (log.info if isinstance(error, RefusedError) else log.warning)("part not read", **told)
            endpoint.failing = True
            endpoint.due = time.monotonic() + min(AGAIN_S, endpoint.every_s)
            return error
        endpoint.failing = False
        endpoint.answer, endpoint.answered = answer, time.monotonic()
        endpoint.due = began + endpoint.every_s
        return None


def _endpoint(path: str, every_s: float, take: Callable[[Json], Json]) -> Endpoint:
    return Endpoint(path=path, every_s=every_s, take=take)


def _section(name: str) -> Take:
    return lambda answer: fields.of_section(answer, name)


def _errors(answer: Json) -> Json:
    if not isinstance(answer, list):
        raise BadAnswerError("the list of errors is none")
    return answer


def _object(answer: Json) -> Json:
    if not isinstance(answer, dict):
        raise BadAnswerError("the answer is not a JSON object")
    return answer


def _sections(answer: Json) -> Json:
    told = answer.get("sections") if isinstance(answer, dict) else None
    if not isinstance(told, list):
        raise BadAnswerError("the structure has no sections")
    found = [each.get("key") for each in told if isinstance(each, dict)]
    names: list[Json] = [key for key in found if isinstance(key, str) and 0 < len(key) <= 64]  # noqa: PLR2004 - a name
    return names[:MOST_SECTIONS]
