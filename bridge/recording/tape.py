"""The file of a recording: JSON that holds everything needed to play it back, and nothing that is private.

It tells how to configure the bridge for it, what came, and what the bridge made of the first good answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bridge import __version__
from bridge.charger.contract import AccountChargerSettings
from bridge.charger.values import Json, is_finite
from bridge.disguise import Disguise, configuration
from bridge.disguise.stand_ins import UUID
from bridge.recording.recorder import Message, Recorder
from bridge.settings import Settings
from bridge.watched_http import Exchange

FORMAT = 1
VENDOR = "vendor/"
ADDRESS = "{address}"
"""Stands for where it is played back."""
CHARGER, ACCOUNT = "recorded", "recorded-account"
PRETEND = "recorded"
"""Whatever a login needs: the player lets everybody in."""

HEADERS = ("Content-Type", "Last-Modified", "Retry-After")
"""Of an answer those that mean something to anybody."""

NEVER_S = 4_102_444_800
"""The year 2100, as the end of tokens that are told as a time: else they would be over when it is played back."""
_TOKEN_ENDS = ("ttl", "refresh_token_ttl")
_EARLIEST_S, _EARLIEST_MS = 1_000_000_000, 1_000_000_000_000

_NOT_KEPT = frozenset({"name", "account", "allow", "read_only", "min_write_interval"})
_TRUST = "tls_"
"""Begins the settings about the certificate of the original."""


def make(recorder: Recorder, settings: Settings, charger_id: str, seen: Json, *, ended: float) -> dict[str, Json]:
    """Return the recording of one charger; `seen` is what the bridge made of it."""
    disguise = Disguise()
    charger = settings.chargers[charger_id]
    account = settings.accounts[charger.account] if isinstance(charger, AccountChargerSettings) else None
    for each in (charger, *((account,) if account else ())):
        configuration.learn(disguise, each)
    for exchange in recorder.exchanges:
        disguise.learn(_json(b"" if exchange.answer is None else exchange.answer.body))
    for message in recorder.messages:
        disguise.learn(_json(message.payload), _key(message))
    for key, value in _seen_parts(seen):
        disguise.learn(value, key)
    accounts: dict[str, Json] = {} if account is None else {ACCOUNT: _playable(account, disguise)}
    recorded: dict[str, Json] = {**_playable(charger, disguise), **({"account": ACCOUNT} if account else {})}
    host = getattr(charger, "host", None) or ""
    told_serial = _serial(seen)
    if "serial" in type(charger).model_fields and "serial" not in recorded and told_serial:
        # Nothing but this computer may have known it.
        recorded["serial"] = disguise.text(told_serial)
    return {
        "format": FORMAT,
        "vendor": charger.vendor,
        "made_by": f"charger2mqtt {__version__}",
        "lasted_s": round(ended - recorder.began, 3),
        "complete": not recorder.full,
        "tls": any(_is_device(exchange.url, charger) for exchange in recorder.exchanges),
        "configuration": {"accounts": accounts, "chargers": {CHARGER: recorded}},
        "exchanges": [_exchange(each, recorder.began, disguise, host) for each in recorder.exchanges],
        "messages": [_message(each, recorder.began, disguise) for each in recorder.messages],
        "seen": _shown(seen, disguise, host),
    }


# What the bridge made of it


def _seen_parts(seen: Json) -> Iterator[tuple[str, Json]]:
    """Yield each value by its own name, without what stands before those of a vendor's keys."""
    for part in seen.values() if isinstance(seen, dict) else ():
        for key, value in part.items() if isinstance(part, dict) else ():
            yield key.removeprefix(VENDOR), value


def _shown(seen: Json, disguise: Disguise, host: str) -> Json:
    if not isinstance(seen, dict):
        return seen
    error = seen.get("error")
    if isinstance(error, dict):
        return {"error": {**error, "message": disguise.text(_without(host, str(error["message"])))}}
    return {
        part: {key: disguise.document(value, key.removeprefix(VENDOR)) for key, value in about.items()}
        for part, about in seen.items()
        if isinstance(about, dict)
    }


# What the bridge must be told


def _playable(settings: BaseModel, disguise: Disguise) -> dict[str, Json]:
    """Return settings for whoever plays it back."""
    found: dict[str, Json] = {}
    for name, info in type(settings).model_fields.items():
        value = getattr(settings, name)
        if name in _NOT_KEPT or name.startswith(_TRUST) or isinstance(value, Path | BaseModel):
            continue
        if value == info.default and not (isinstance(value, str) and "://" in value):
            continue
        if isinstance(value, SecretStr) or (isinstance(value, str) and not info.repr):
            pretend = str(value)
            found[name] = f"{PRETEND}@example.com" if "@" in pretend else PRETEND
        elif isinstance(value, str):
            found[name] = _text(name, value, disguise)
        elif isinstance(value, Iterable):
            found[name] = [str(each) for each in value]
        else:
            found[name] = disguise.document(value, name)
    return found


def _text(name: str, value: str, disguise: Disguise) -> str:
    if name == "host":
        return ADDRESS
    if "://" in value:
        return f"http://{ADDRESS}{disguise.text(urlsplit(value).path)}"
    return disguise.stand_ins.id(value) if UUID.fullmatch(value) else disguise.text(value)


def _is_device(url: str, charger: BaseModel) -> bool:
    """Tell whether this went, encrypted, to the charger itself: then the player must have a certificate."""
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.netloc == getattr(charger, "host", None)


def _serial(seen: Json) -> str | None:
    identity = seen.get("identity") if isinstance(seen, dict) else None
    serial = identity.get("serial") if isinstance(identity, dict) else None
    return serial if isinstance(serial, str) else None


# What came


def _exchange(exchange: Exchange, began: float, disguise: Disguise, host: str) -> Json:
    parts = urlsplit(exchange.url)
    told: dict[str, Json] = {
        "at": round(exchange.began - began, 3),
        "took_s": round(exchange.took_s, 3),
        "method": exchange.method,
        "target": disguise.target(parts.path + (f"?{parts.query}" if parts.query else "")),
    }
    answer = exchange.answer
    if answer is None:
        error = exchange.error
        return {**told, "failed": type(error).__name__, "reason": disguise.text(_without(host, str(error)))}
    kind, body = disguise.body(answer.body)
    headers: dict[str, Json] = {name: disguise.text(answer.headers[name]) for name in HEADERS if name in answer.headers}
    return {**told, "status": answer.status, "headers": headers, kind: _tokens_never_end(body)}


def _without(host: str, text: str) -> str:
    """Return a sentence without the place of the charger."""
    return text.replace(host, ADDRESS) if host else text


def _tokens_never_end(body: Json) -> Json:
    if isinstance(body, dict):
        return {
            name: _never(value) if name in _TOKEN_ENDS else _tokens_never_end(value) for name, value in body.items()
        }
    return body


def _never(value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < _EARLIEST_S:
        return value
    return NEVER_S * 1000 if value >= _EARLIEST_MS else NEVER_S


def _message(message: Message, began: float, disguise: Disguise) -> Json:
    told: dict[str, Json] = {
        "at": round(message.at - began, 3),
        "topic": disguise.text(message.topic),
        "kept": message.kept,
    }
    found = _json(message.payload)
    if found is None and message.payload != b"null":
        return {**told, "text": disguise.text(message.payload.decode(errors="replace"))}
    return {**told, "json": disguise.document(found, _key(message))}


def _key(message: Message) -> str:
    return message.topic.rpartition("/")[2]


def _json(body: bytes) -> Json:
    """Return JSON, None where it is none or cannot be shown as such."""
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if is_finite(found) else None
