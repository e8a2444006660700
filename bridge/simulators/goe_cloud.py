"""go-e's cloud in front of one pretend charger: `https://SERIAL.api.v3.go-e.io/api/status` and `/api/set`.

What is not in the vendor's document is from its issues: 401 for a wrong token and what 404 says (issue 122), what a
write is answered and that the cloud does not know which keys can be written (135), 502 now and then (219). Bodies that
nobody has published are empty here.
"""

from __future__ import annotations

import json
from email.utils import formatdate
from urllib.parse import unquote_plus

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.goe_api import outcome_of_write, spoiled
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_values import WriteRefusedError, parse_literal
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest, raw_values

MOST_AGE_S = 30.0  # of the data, unless the request names another
PATHS = frozenset({"/api/status", "/api/set"})


class GoeCloud:
    """What the cloud knows of a charger.

    Attributes:
        online: Whether the charger is connected to it.
        bad_gateways: How many of the next requests get 502.
        wrong_token_status: 401 has been seen; the document says 403.
    """

    def __init__(self, device: GoeDevice) -> None:
        """Be connected to a charger."""
        self._device = device
        self._kept: tuple[float, Json] | None = None
        self.online = True
        self.bad_gateways = 0
        self.wrong_token_status = 401

    @property
    def token(self) -> str:
        """Who shows this is let in. It is the charger's key `cak`."""
        token = self._device.settings["cak"]
        return token if isinstance(token, str) else ""

    def outdate(self, seconds: float = 60.0) -> None:
        """Let the charger send nothing from now on; its last data are so old already, and become older."""
        self._kept = self._device.clock() - seconds, self._device.status()

    def refresh(self) -> None:
        """Let the charger send again."""
        self._kept = None

    def respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
        """The answer to one request."""
        self._device.advance()
        if self.bad_gateways > 0:
            self.bad_gateways -= 1
            return Answer(status=502, body=b"", content_type="text/plain")
        if request.path not in PATHS or (active is not None and active.fault == Fault.NOT_FOUND):
            return Answer(status=404, body=b"", content_type="text/plain")
        if not self._shows_token(request):
            return Answer(status=self.wrong_token_status, body=b"", content_type="text/plain")
        if not self.online or self._device.away or not self._device.settings.flag("cae"):
            return Answer(status=403, body=b"", content_type="text/plain")
        if active is not None and active.fault == Fault.BUSY:
            return Answer(status=500, body=b"", content_type="text/plain")
        is_status = request.path == "/api/status"
        if (age := self._age()) > (_seconds(request.query.get("age")) if is_status else MOST_AGE_S):
            return _json(404, {"success": False, "reason": "Data is outdated", "age": age})
        return self._status(request, active) if is_status else self._set(request, active)

    def _shows_token(self, request: ReceivedRequest) -> bool:
        shown = (request.headers.get("authorization", "").removeprefix("Bearer "), request.query.get("token", ""))
        return bool(self.token) and self.token in shown

    def _age(self) -> float:
        """How old the newest data are, in s."""
        return 0.0 if self._kept is None else self._device.clock() - self._kept[0]

    def _status(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
        document = self._device.status() if self._kept is None else self._kept[1]
        if "filter" in request.query:
            wanted = request.query["filter"].split(",")
            document = {name: document[name] for name in wanted if name in document}
        if active is not None:
            document = spoiled(document, active)
        modified = formatdate(self._device.wall_clock() - self._age(), usegmt=True)
        return _json(200, document, headers={"Last-Modified": modified})

    def _set(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
        forwarded: list[JsonValue] = []
        rejected: list[JsonValue] = []
        fault = active.fault if active is not None else None
        for name, raw in raw_values(request.raw_query).items():
            if name == "token":
                continue
            literal = unquote_plus(raw)
            value = self._readable(name, literal)
            if value is None or fault == Fault.REFUSE_WRITES:
                rejected.append({name: literal})
            else:
                # Whether the charger takes it is not the cloud's business.
                outcome_of_write(self._device, name, literal, fault)
                forwarded.append({name: value[0]})
        return _json(202 if forwarded else 422, {"succeeded": forwarded, "failed": rejected})

    def _readable(self, name: str, literal: str) -> tuple[JsonValue] | None:
        """The value that the cloud forwards, None for what it rejects: that is documented, but not what it is."""
        if name not in self._device.rules.keys:
            return None
        try:
            return (parse_literal(literal),)
        except WriteRefusedError:
            return None


def _seconds(text: str | None) -> float:
    try:
        return MOST_AGE_S if text is None else float(text)
    except ValueError:
        return MOST_AGE_S


def _json(status: int, document: Json, *, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers=headers or {})
