"""What a pretend Webasto answers, as a function of device, request and fault."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import unquote

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.http_bytes import MOST_BODY_BYTES
from bridge.simulators.webasto import next_api, unite_api
from bridge.simulators.webasto.actions import act, upload
from bridge.simulators.webasto.call import Call
from bridge.simulators.webasto.device import Model, WebastoDevice
from bridge.simulators.webasto.refusals import NO_SUCH_METHOD, NO_SUCH_URL, RefusedError, page, problem
from bridge.simulators.webasto.spoiling import spoiled
from bridge.simulators.wire import Answer, JsonValue, ReceivedRequest

Handler: TypeAlias = Callable[[Call], JsonValue]

_START_PAGE = b'<!DOCTYPE html><html><head><title>Wallbox</title></head><body><div id="root"></div></body></html>\n'
_LANGUAGES: JsonValue = [{"localeID": "en", "languageName": "English"}, {"localeID": "de", "languageName": "Deutsch"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path and what it does.

    Attributes:
        path: Expression for it; a group names a section, an action or a file.
        method: The only one it takes.
        handler: Makes the answer; None for an empty one.
        open: Whether it needs no token.
        slow: Whether it takes its time.
        large: Whether it takes large bodies.
    """

    path: re.Pattern[str]
    method: str
    handler: Handler
    open: bool = False
    slow: bool = False
    large: bool = False


def _enter(call: Call) -> JsonValue:
    sent = call.object()
    username, password = sent.get("username"), sent.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        raise RefusedError(400, "'username' and 'password' are required properties")
    return _token(call.device.login.enter(username, password))


def _refresh(call: Call) -> JsonValue:
    if call.device.manners.refresh == "missing":
        raise RefusedError(404, NO_SUCH_URL)
    return _token(call.device.login.refresh(_bearer(call.request)))


def _token(token: str) -> JsonValue:
    return {"access_token": token, "token_type": "bearer"}


def _route(path: str, method: str, handler: Handler, **more: bool) -> Route:
    return Route(path=re.compile(f"/api/{path}"), method=method, handler=handler, **more)


_NAME = "([^/]+)"
_BOTH = (
    _route("login", "POST", _enter, open=True),
    # That a Unite has this too is a guess; see `Manners.refresh`.
    _route("refresh-token", "POST", _refresh, open=True),
    _route(f"custom-actions/{_NAME}", "POST", act),
)
_ROUTES: Mapping[Model, tuple[Route, ...]] = MappingProxyType(
    {
        "next": (
            *_BOTH,
            _route("dashboard-information", "GET", next_api.dashboard_information),
            _route("current-errors", "GET", next_api.current_errors),
            _route("configuration-structure", "GET", next_api.configuration_structure),
            _route("sections/(system)", "GET", next_api.section, slow=True),
            _route(f"sections/{_NAME}", "GET", next_api.section),
            _route("configuration-updates", "POST", next_api.configuration_updates),
            _route(f"files/{_NAME}", "POST", upload, large=True),
        ),
        "unite": (
            *_BOTH,
            _route("system-information", "GET", unite_api.system_information),
            _route("configuration-fields/?", "GET", unite_api.configuration_fields, slow=True),
            _route("configuration-updates", "POST", unite_api.configuration_updates),
        ),
    }
)


def respond(device: WebastoDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
    """The answer to one request; None where the charger closes the connection instead."""
    if device.away:
        return None
    device.advance()
    restarts = device.restarts
    answer = _answer(device, request, active)
    just_restarted = device.restarts != restarts
    return None if just_restarted and not device.manners.restart_answers else answer


def _answer(device: WebastoDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
    fault = active.fault if active is not None else None
    if fault == Fault.NOT_FOUND:
        return problem(404, NO_SUCH_URL)
    if fault == Fault.BUSY:
        return problem(500, "The server encountered an internal error.")
    if not request.path.startswith("/api/"):
        return _static(request)
    try:
        return _api(device, request, active)
    except RefusedError as refused:
        if refused.status == HTTPStatus.UNAUTHORIZED and device.manners.unauthorized == "page":
            return page(refused.status)
        return problem(refused.status, str(refused))


def _static(request: ReceivedRequest) -> Answer:
    if request.method == "GET" and request.path == "/":
        return Answer(body=_START_PAGE, content_type="text/html")
    if request.method == "GET" and request.path == "/static/translations/available-languages.json":
        return _json(200, _LANGUAGES)
    return page(404)


def _api(device: WebastoDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
    fault = active.fault if active is not None else None
    route, target = _routed(device, request)
    if len(request.body) > MOST_BODY_BYTES and not route.large:
        raise RefusedError(413, "The data value transmitted exceeds the capacity limit.")
    if not route.open:
        device.login.check(_bearer(request))
        if route.method == "POST" and fault == Fault.REFUSE_WRITES:
            raise RefusedError(403, "Insufficient permissions")
    ignores = fault == Fault.IGNORE_WRITES
    document = route.handler(Call(device=device, request=request, target=target, ignores_writes=ignores))
    status = device.manners.login_status if route.handler is _enter else 200
    answer = _json(400 if fault == Fault.BAD_REQUEST_WITH_BODY else status, spoiled(document, active))
    return replace(answer, after_s=device.times.slow_s) if route.slow else answer


def _routed(device: WebastoDevice, request: ReceivedRequest) -> tuple[Route, str]:
    found = [
        (route, match) for route in _ROUTES[device.model] if (match := route.path.fullmatch(unquote(request.path)))
    ]
    if not found:
        raise RefusedError(404, NO_SUCH_URL)
    route, match = found[0]
    if route.method != request.method:
        raise RefusedError(405, NO_SUCH_METHOD)
    return route, match.group(1) if match.re.groups else ""


def _bearer(request: ReceivedRequest) -> str:
    """The token of a request, empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _json(status: int, document: JsonValue) -> Answer:
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=status, body=body)
