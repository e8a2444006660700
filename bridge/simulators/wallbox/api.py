"""What the pretend cloud answers, as a function of cloud, request and fault."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal, TypeAlias

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.wallbox import auth_api
from bridge.simulators.wallbox.call import Call, RefusedError
from bridge.simulators.wallbox.cloud import Cloud
from bridge.simulators.wallbox.shown_charger import all_groups, basic, detailed, models
from bridge.simulators.wallbox.shown_config import config_data
from bridge.simulators.wallbox.shown_sessions import charging_sessions, last_sessions, stats
from bridge.simulators.wallbox.spoiling import spoiled
from bridge.simulators.wallbox.writes import post_config, post_schedules, put_charger, put_eco_smart, remote_action
from bridge.simulators.wire import Answer, Json, ReceivedRequest

Handler: TypeAlias = Callable[[Call], Json | None]
AuthHandler: TypeAlias = Callable[[Cloud, ReceivedRequest], Json]
ErrorForm: TypeAlias = Literal["msg", "message", "title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path and what it does.

    Attributes:
        path: Expression for it; its group says which charger or group.
        methods: What answers which method.
        error: Under which key this part of the cloud explains an error; it is not the same everywhere.
    """

    path: re.Pattern[str]
    methods: dict[str, Handler]
    error: ErrorForm


def _schedules(call: Call) -> Json:
    schedules = call.place().charger.schedules
    return {"schedules": list(schedules.shown), "lastSchedule": schedules.last}


def _basic(call: Call) -> Json:
    return basic(call.cloud, call.place())


def _route(path: str, error: ErrorForm, **methods: Handler) -> Route:
    # Some documents end paths with a slash.
    return Route(path=re.compile(rf"{path}/?"), methods=methods, error=error)


_CHARGER = r"(\d{1,15})"
_ROUTES: tuple[Route, ...] = (
    _route("/v3/chargers/groups", "msg", GET=lambda call: all_groups(call.cloud, call.account)),
    _route(f"/chargers/status/{_CHARGER}", "msg", GET=lambda call: detailed(call.cloud, call.place())),
    _route(f"/chargers/config/{_CHARGER}", "msg", GET=lambda call: config_data(call.place()), POST=post_config),
    _route(f"/v2/charger/{_CHARGER}", "message", GET=_basic, PUT=put_charger),
    _route(f"/v3/chargers/{_CHARGER}/remote-action", "msg", POST=remote_action),
    _route(f"/v4/chargers/{_CHARGER}/eco-smart", "title", PUT=put_eco_smart),
    _route(f"/chargers/{_CHARGER}/schedules", "msg", GET=_schedules, POST=post_schedules),
    _route("/v4/sessions/stats", "title", GET=stats),
    _route(r"/v4/groups/(\d+)/charger-charging-sessions", "title", GET=charging_sessions),
    _route("/v4/charger-last-sessions", "title", GET=last_sessions),
    _route("/v4/groups/([0-9a-f-]+)/chargers", "title", GET=lambda call: models(call.group())),
)
_LEGACY_SIGN_IN = "/auth/token/user"
_AUTH_ROUTES: tuple[tuple[re.Pattern[str], AuthHandler], ...] = (
    (re.compile("/users/signin"), auth_api.sign_in),
    (re.compile("/users/refresh-token"), auth_api.refresh),
    (re.compile("/users/me"), auth_api.me),
    (re.compile("/users/emails/[^/]+"), auth_api.email),
)


def respond_auth(cloud: Cloud, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
    """The answer of the server that knows people."""
    handler = next((handler for path, handler in _AUTH_ROUTES if path.fullmatch(request.path)), None)
    return _carefully(partial(_auth, cloud, request, handler, ("GET",)), active, "msg")


def respond(cloud: Cloud, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
    """The answer of the server that knows chargers."""
    if request.path == _LEGACY_SIGN_IN:
        handler = auth_api.legacy_sign_in if cloud.manners.legacy_sign_in else None
        return _carefully(partial(_auth, cloud, request, handler, ("GET", "POST")), active, "msg")
    found = ((route, route.path.fullmatch(request.path)) for route in _ROUTES)
    route, match = next(((route, match) for route, match in found if match), (None, None))
    target = match.group(1) if match is not None and match.re.groups else ""
    answer = partial(_data, cloud, request, route, target, active.fault if active is not None else None)
    return _carefully(answer, active, "msg" if route is None else route.error)


def _auth(cloud: Cloud, request: ReceivedRequest, handler: AuthHandler | None, methods: tuple[str, ...]) -> Json:
    if handler is None:
        raise RefusedError(404, "Not Found")
    if request.method not in methods:
        raise RefusedError(405, "Method Not Allowed")
    return handler(cloud, request)


def _data(cloud: Cloud, request: ReceivedRequest, route: Route | None, target: str, fault: Fault | None) -> Json | None:
    if route is None:
        raise RefusedError(404, "Not Found")
    handler = route.methods.get(request.method)
    if handler is None:
        raise RefusedError(405, "Method Not Allowed")
    account = cloud.account_with("access", auth_api.bearer(request))
    if account is None:
        cloud.counters.unauthorized += 1
        raise RefusedError(401, "Unauthorized")
    reading = request.method == "GET"
    for counters in cloud.counted(account):
        counters.reads += reading
        counters.writes += not reading
    limits = cloud.limits
    limit, window = (limits.reads_per_minute, account.reads) if reading else (limits.writes_per_minute, account.writes)
    wait_s = window.admit(cloud.times.clock(), limit)
    if wait_s is not None:
        for counters in cloud.counted(account):
            counters.too_many += 1
        raise TooManyError(limits.status, wait_s if limits.retry_after else None)
    if not reading and fault == Fault.REFUSE_WRITES:
        raise RefusedError(403, "Forbidden")
    ignores = fault == Fault.IGNORE_WRITES
    return handler(Call(cloud=cloud, request=request, account=account, target=target, ignores_writes=ignores))


class TooManyError(RefusedError):
    """A limit turned the request away."""

    def __init__(self, status: int, wait_s: float | None) -> None:
        super().__init__(status, "Too Many Requests")
        self.wait_s = wait_s


def _carefully(answer: Callable[[], Json | None], active: ActiveFault | None, error: ErrorForm) -> Answer:
    """The answer, or what explains that there is none, spoiled by a fault."""
    fault = active.fault if active is not None else None
    if fault == Fault.NOT_FOUND:
        return _refusal(RefusedError(404, "Not Found"), error)
    if fault == Fault.BUSY:
        return _refusal(RefusedError(500, "Internal Server Error"), error)
    try:
        document = answer()
    except RefusedError as refused:
        return _refusal(refused, error)
    if document is None:
        return Answer(body=b"")
    body = json.dumps(document if active is None else spoiled(document, active)).encode()
    return Answer(body=body, status=400 if fault == Fault.BAD_REQUEST_WITH_BODY else 200)


def _refusal(refused: RefusedError, error: ErrorForm) -> Answer:
    # Only the keys are known, each from one client that reads it; the words are made up.
    words = str(refused)
    document: Json = {"error": True, "msg": words} if error == "msg" else {error: words}
    wait_s = refused.wait_s if isinstance(refused, TooManyError) else None
    headers = {} if wait_s is None else {"Retry-After": str(ceil(wait_s))}
    return Answer(status=refused.status, body=json.dumps(document).encode(), headers=headers)
