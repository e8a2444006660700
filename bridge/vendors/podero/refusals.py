"""What Podero's refusals mean, in sentences without anything of its users. Pure."""

from __future__ import annotations

import re

from bridge.account.throttling import throttled
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, Code, RefusedError
from bridge.http import Answer

FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY_REQUESTS = 403, 404, 409, 429
GOOD = range(200, 300)
WHO = "Podero"

REASONS = {
    "already_charging": "a boost runs or is requested already",
    "fully_charged": "the car is fully charged",
    "internal_error": "Podero could not pass it on to the wallbox; try again later",
    "no_active_session": "no charging session is active",
}
"""Of a 409 to a boost; the last one is documented for cars."""

_SENTENCES = {
    FORBIDDEN: "Podero does not permit it: the application may not use this organisation, user or wallbox",
    NOT_FOUND: "Podero knows no such wallbox: check org_id, user_id and wallbox_id",
    CONFLICT: "the wallbox cannot do that in its present state",
}
_CODES = {FORBIDDEN: Code.NOT_PERMITTED, CONFLICT: Code.WRONG_STATE}

_CODE_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")
_HARMLESS = re.compile(r"[\w ,.;:'()-]{1,120}")
"""What an error text may look like to be shown: no e-mail address, no link, no token in it."""


def refusal(answer: Answer, where: str = "Podero") -> RefusedError:
    """Return the error for an answer that is no good one."""
    if answer.status == TOO_MANY_REQUESTS or (answer.status == FORBIDDEN and "Retry-After" in answer.headers):
        return throttled(answer, WHO)
    found = _json(answer)
    if answer.status == CONFLICT:
        return _conflict(found)
    if where != "Podero":
        return RefusedError(f"{where} answers HTTP {answer.status}", _CODES.get(answer.status, Code.VENDOR_REFUSED))
    sentence = _SENTENCES.get(answer.status, f"Podero answers HTTP {answer.status}")
    words = _words(found)
    return RefusedError(f"{sentence} ({words})" if words else sentence, _CODES.get(answer.status, Code.VENDOR_REFUSED))


def _conflict(found: Json) -> RefusedError:
    told = found.get("detail") if isinstance(found, dict) and isinstance(found.get("detail"), dict) else found
    reason = _code(told, "reason")
    state = _code(told, "state")
    sentence = REASONS.get(reason, _SENTENCES[CONFLICT])
    facts = ", ".join(fact for fact in (reason, f"boost_state {state}" if state else "") if fact)
    return RefusedError(f"{sentence} ({facts})" if facts else sentence, Code.WRONG_STATE)


def _code(told: Json, name: str) -> str:
    found = told.get(name) if isinstance(told, dict) else None
    return found if isinstance(found, str) and _CODE_WORD.fullmatch(found) else ""


def _words(found: Json) -> str:
    """Return Podero's own words where they are harmless; the form of its errors is not documented."""
    if not isinstance(found, dict):
        return ""
    told = found.get("detail")
    if isinstance(told, list) and told and isinstance(told[0], dict):
        told = told[0].get("msg")
    return told if isinstance(told, str) and _HARMLESS.fullmatch(told) else ""


def _json(answer: Answer) -> Json:
    try:
        return answer.json()
    except BadAnswerError:
        return None
