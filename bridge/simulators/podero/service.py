"""What the pretend service answers, as a function of itself, request and fault."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.podero.shown import Snapshot, described
from bridge.simulators.podero.spoiling import spoiled
from bridge.simulators.podero.wallbox import BoostRefusedError, Wallbox
from bridge.simulators.secret import SECRET
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest

API = "/api/partners/v2.0"
TOKEN_PATH = "/oauth2/token/"  # noqa: S105 - a path
JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
WRITABLE = {"is_smart_optimization_active": bool}
"""The one field that a guide of Podero shows in a PUT; what others do is not documented, so they are refused here."""

MOST_TOKENS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Who is who."""

    org: str = "0a1b2c3d-1111-4222-8333-444455556666"
    user: str = "1a1b2c3d-1111-4222-8333-444455556666"
    wallbox: str = "2a1b2c3d-1111-4222-8333-444455556666"
    client: str = "pretend-client"


@dataclass(slots=True)
class Counters:
    """How many requests of each kind there were."""

    tokens: int = 0
    refused_clients: int = 0
    refused_forms: int = 0
    unauthorized: int = 0
    reads: int = 0
    puts: int = 0
    boosts: int = 0
    cancels: int = 0


class _RefusedError(Exception):
    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(slots=True, kw_only=True)
class Service:
    """Tokens and one wallbox.

    Attributes:
        token_life_s: How long tokens live, on the clock.
        takes: How the token address takes its request; what other forms it takes than JSON is not documented.
        snapshot: Which form of the description it gives.
    """

    wallbox: Wallbox
    ids: Ids = field(default_factory=Ids)
    client_secret: str = f"client-secret-{SECRET}"
    token_life_s: float = 36_000.0
    takes: frozenset[str] = frozenset({JSON_TYPE, FORM_TYPE})
    snapshot: Snapshot = "newest"
    counters: Counters = field(default_factory=Counters)
    _tokens: dict[str, float] = field(default_factory=dict)

    @property
    def wallbox_path(self) -> str:
        """Of the description."""
        return f"{API}/org/{self.ids.org}/users/{self.ids.user}/wallboxes/{self.ids.wallbox}"

    def expire_tokens(self) -> None:
        """Take none of the tokens any more that were given so far."""
        self._tokens.clear()

    def respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
        """Answer one request."""
        fault = active.fault if active is not None else None
        # Nothing is documented of errors but those of a boost: these have the form of Django Ninja's.
        if fault == Fault.NOT_FOUND:
            return _answer({"detail": "Not Found"}, 404)
        if fault == Fault.BUSY:
            return _answer({"detail": "Internal Server Error"}, 500)
        try:
            document = self._handler(request)(request, fault)
        except _RefusedError as refused:
            return _answer(refused.body, refused.status)
        if document is None:
            return Answer(status=204, body=b"")
        status = 400 if fault == Fault.BAD_REQUEST_WITH_BODY else 200
        return _answer(document if active is None else spoiled(document, active), status)

    def _handler(self, request: ReceivedRequest) -> Callable[[ReceivedRequest, Fault | None], Json | None]:
        routes: dict[str, dict[str, Callable[[ReceivedRequest, Fault | None], Json | None]]] = {
            TOKEN_PATH: {"POST": self._token},
            self.wallbox_path: {"GET": self._get, "PUT": self._put},
            f"{self.wallbox_path}/boost": {"POST": self._boost, "DELETE": self._cancel_boost},
        }
        found = routes.get(request.path)
        if found is None:
            if request.path.startswith(API):
                self._check(request)
            raise _RefusedError(404, {"detail": "Not Found"})
        if request.method not in found:
            raise _RefusedError(405, {"detail": "Method Not Allowed"})
        return found[request.method]

    # Tokens

    def _token(self, request: ReceivedRequest, _: Fault | None) -> Json:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in self.takes or _grant(request, kind) != "client_credentials":
            self.counters.refused_forms += 1
            raise _RefusedError(400, {"error": "unsupported_grant_type"})
        if _basic(request) != (self.ids.client, self.client_secret):
            self.counters.refused_clients += 1
            raise _RefusedError(401, {"error": "invalid_client"})
        self.counters.tokens += 1
        token = f"token-{self.counters.tokens}-{SECRET}"
        while len(self._tokens) >= MOST_TOKENS:
            self._tokens.pop(next(iter(self._tokens)))
        self._tokens[token] = self.wallbox.times.clock() + self.token_life_s
        life = int(self.token_life_s) if self.token_life_s >= 1 else self.token_life_s
        return {"access_token": token, "expires_in": life, "token_type": "Bearer", "scope": "read write"}

    def _check(self, request: ReceivedRequest) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, float("-inf")) <= self.wallbox.times.clock():
            self.counters.unauthorized += 1
            raise _RefusedError(401, {"detail": "Unauthorized"})

    # The wallbox

    def _get(self, request: ReceivedRequest, _: Fault | None) -> Json:
        self._check(request)
        self.counters.reads += 1
        return self.description()

    def _put(self, request: ReceivedRequest, fault: Fault | None) -> Json:
        self._check(request)
        self.counters.puts += 1
        changes = _changes(request)
        self._refuse(fault)
        if fault != Fault.IGNORE_WRITES:
            self.wallbox.advance()
            self.wallbox.smart = bool(changes.get("is_smart_optimization_active", self.wallbox.smart))
        return self.description()

    def _boost(self, request: ReceivedRequest, fault: Fault | None) -> None:
        self._check(request)
        self.counters.boosts += 1
        self._refuse(fault)
        if fault == Fault.IGNORE_WRITES:
            return
        try:
            self.wallbox.boost()
        except BoostRefusedError as error:
            raise _RefusedError(409, {"state": str(error.state), "reason": error.reason}) from error

    def _cancel_boost(self, request: ReceivedRequest, fault: Fault | None) -> None:
        self._check(request)
        self.counters.cancels += 1
        self._refuse(fault)
        if fault != Fault.IGNORE_WRITES:
            self.wallbox.cancel_boost()

    @staticmethod
    def _refuse(fault: Fault | None) -> None:
        if fault == Fault.REFUSE_WRITES:
            # With what must not be repeated to anyone.
            raise _RefusedError(422, {"detail": f"{SECRET}@example.com may not"})

    def description(self) -> Json:
        """The wallbox as GET and PUT answer it."""
        self.wallbox.advance()
        return described(self.wallbox, self.ids.wallbox, self.ids.user, self.snapshot)


def _answer(document: Json, status: int = 200) -> Answer:
    return Answer(body=json.dumps(document).encode(), status=status)


def _grant(request: ReceivedRequest, kind: str) -> JsonValue:
    if kind == FORM_TYPE:
        return parse_qs(request.body.decode(errors="replace")).get("grant_type", [""])[0]
    try:
        found = request.json()
    except ValueError:
        return None
    return found.get("grant_type") if isinstance(found, dict) else None


def _basic(request: ReceivedRequest) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (name, secret) if scheme.lower() == "basic" else ("", "")


def _changes(request: ReceivedRequest) -> Json:
    try:
        found = request.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _RefusedError(422, {"detail": "a JSON object was expected"})
    for name, value in found.items():
        if name not in WRITABLE or not isinstance(value, WRITABLE[name]):
            raise _RefusedError(422, {"detail": [{"loc": ["body", name], "msg": "not a valid value", "type": "value"}]})
    return found
