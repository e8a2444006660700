"""What the go-e answers over HTTP, as a pure function of device, request and fault."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import unquote_plus

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_values import WriteRefusedError
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest, raw_values

LONGEST_RAW_VALUE = 255  # still encoded; 229 have been seen to pass and 289 to fail (go-eCharger-API-v2 issue 303)
TOO_LONG = "httpd_query_key_value() failed with ESP_ERR_HTTPD_RESULT_TRUNC"
BUSY = "couldn't take api lock in 3s, please try again later"
SWITCHED_OFF = "This URI does not exist"
NO_SUCH_PATH = "Nothing matches the given URI"
NO_SUCH_METHOD = "Request method for this URI is not handled by server"
UNKNOWN_CODES: Json = {"car": 9, "modelStatus": 99, "err": 99}


def respond(device: GoeDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
    """The answer to one request; None where the charger closes the connection instead."""
    if device.away:
        return None
    device.advance()
    if (refusal := _refusal(device, request, active)) is not None:
        return refusal
    if request.path == "/api/status":
        return _status(device, request, active)
    return _set(device, request, active.fault if active is not None else None)


def _refusal(device: GoeDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
    """The answers that are no JSON, for requests that reach neither reading nor writing."""
    fault = active.fault if active is not None else None
    if fault == Fault.NOT_FOUND:
        return _text(404, SWITCHED_OFF)
    if fault == Fault.BUSY:
        return _text(500, BUSY)
    if request.path not in {"/api/status", "/api/set"}:
        return _text(404, NO_SUCH_PATH)
    if request.method != "GET":
        return _text(405, NO_SUCH_METHOD)
    if not device.settings.flag("hai"):
        return _text(404, device.rules.disabled_text)
    return None


def _status(device: GoeDevice, request: ReceivedRequest, active: ActiveFault | None) -> Answer:
    status, names = 200, None
    if "filter" in request.query:
        names = _filter_names(request.query["filter"])
        array_form = request.query["filter"].startswith("[")
        limit = device.rules.array_filter_limit
        if array_form and limit is not None and len(names) > limit:
            # The vendor says that this runs out of memory; what it answers then is a guess.
            return _text(500, "NoMemory")
        if not array_form and not device.rules.comma_filter:
            names = []
        known = device.rules.keys
        if device.rules.refuses_unknown_filter and not all(name in known and known[name].readable for name in names):
            status = 400
    document = device.status(names)
    if active is not None:
        document = spoiled(document, active)
        status = 400 if active.fault == Fault.BAD_REQUEST_WITH_BODY else status
    return _json(status, document, chunked=True)


def _filter_names(wanted: str) -> list[str]:
    if not wanted.startswith("["):
        return wanted.split(",")
    try:
        names = json.loads(wanted)
    except json.JSONDecodeError:
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def spoiled(document: Json, active: ActiveFault) -> Json:
    """A status as the faults make it that concern single keys."""
    if active.fault == Fault.MISSING_KEY:
        return {name: value for name, value in document.items() if name not in active.keys}
    if active.fault == Fault.NULL_KEY:
        return {name: None if name in active.keys else value for name, value in document.items()}
    if active.fault == Fault.UNKNOWN_CODE:
        codes = {name: UNKNOWN_CODES.get(name, 99) for name in active.keys or UNKNOWN_CODES}
        return {name: codes.get(name, value) for name, value in document.items()}
    return document


def _set(device: GoeDevice, request: ReceivedRequest, fault: Fault | None) -> Answer | None:
    raw = raw_values(request.raw_query)
    if any(len(value) > LONGEST_RAW_VALUE for value in raw.values()):
        return _text(500, TOO_LONG)
    outcome: dict[str, JsonValue] = {
        name: outcome_of_write(device, name, unquote_plus(raw[name]), fault) for name in raw
    }
    if device.away:
        return None  # one of the writes was a reboot
    return _json(200 if _all_true(outcome.values()) else 500, outcome)


def outcome_of_write(device: GoeDevice, name: str, value: str, fault: Fault | None) -> JsonValue:
    """Write one value, a JSON literal: true when the charger takes it, else what it says, with the key in front."""
    if fault == Fault.REFUSE_WRITES:
        return f"{name}: failed: not allowed now ({value})"
    if fault == Fault.IGNORE_WRITES:
        return True
    try:
        device.write(name, value)
    except WriteRefusedError as refused:
        return str(refused)
    return True


def _all_true(outcomes: Iterable[JsonValue]) -> bool:
    return all(outcome is True for outcome in outcomes)


def _json(status: int, document: Json, *, chunked: bool = False) -> Answer:
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status=status, body=body, chunked=chunked)


def _text(status: int, text: str) -> Answer:
    return Answer(status=status, body=text.encode(), content_type="text/plain")
