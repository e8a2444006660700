"""Reading each charger once, and telling what it said, what was made of that, and what went wrong."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bridge.charger.binding import read_all
from bridge.charger.session import Event, SessionRecord
from bridge.charger.values import Json
from bridge.disguise import Disguise
from bridge.engine.poller import Poller
from bridge.engine.results import Result
from bridge.engine.view import ChargerView
from bridge.fleet import Fleet
from bridge.mqtt import documents
from bridge.settings import Settings
from bridge.watched_http import Exchange, WatchedHttp

MOST_CHARGERS = 20
"""Who has more knows which of them are meant."""
MOST_EXCHANGES = 100
MOST_DOCUMENT = 200_000
"""Characters of JSON of one charger's document."""
VENDOR = "vendor/"

_whose: ContextVar[str] = ContextVar("whose")
"""The charger that the present task reads."""


@dataclass(slots=True)
class Findings:
    """What came of reading the chargers, as it is: private things and all."""

    pollers: list[Poller] = field(default_factory=list)
    exchanges: dict[str, list[Exchange]] = field(default_factory=lambda: defaultdict(list))
    bugs: dict[str, str] = field(default_factory=dict)
    """By charger: the traceback of what should not have happened."""

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange with the charger that it was for."""
        mine = self.exchanges[_whose.get("")]
        if len(mine) < MOST_EXCHANGES:
            mine.append(exchange)


class _Nobody:
    """An outlet for those who look at the view."""

    def changed(self, charger: ChargerView) -> None:
        """The view has it."""

    def event(self, charger: ChargerView, event: Event) -> None:
        """Nobody asked for it."""

    def session(self, charger: ChargerView, record: SessionRecord) -> None:
        """Nobody asked for it."""

    def result(self, charger_id: str, result: Result) -> None:
        """Nobody asked for it."""


async def read(settings: Settings, state_dir: Path, ids: Iterable[str]) -> Findings:
    """Read chargers once, side by side; whatever goes wrong is a finding."""
    findings = Findings()
    async with WatchedHttp(findings.note) as http:
        fleet = Fleet(settings, http, state_dir, visiting=True)
        findings.pollers = [fleet.poller(id_, _Nobody()) for id_ in list(ids)[:MOST_CHARGERS]]
        async with fleet.listening(), asyncio.TaskGroup() as group:
            for poller in findings.pollers:
                group.create_task(_read(poller, findings), name=f"report {poller.view.id}")
        for poller in findings.pollers:
            await poller.close()
    return findings


async def _read(poller: Poller, findings: Findings) -> None:
    _whose.set(poller.view.id)
    try:
        await poller.read()
    except Exception:  # noqa: BLE001 - a bug is what the report is for
        findings.bugs[poller.view.id] = traceback.format_exc(limit=30)


# What is told


def learn(disguise: Disguise, findings: Findings) -> None:
    """Note what is private in everything that came."""
    for exchanges in findings.exchanges.values():
        for exchange in exchanges:
            if exchange.answer is not None:
                disguise.learn(_json(exchange.answer.body))
    for poller in findings.pollers:
        known = poller.known
        if known is not None:
            disguise.learn(dict(known.document))
        for key, value in _values(poller.view).items():
            disguise.learn(value, key.removeprefix(VENDOR))
        if poller.view.identity is not None:
            disguise.learn(dict(asdict(poller.view.identity)))


def told(poller: Poller, findings: Findings, disguise: Disguise) -> dict[str, Json]:
    """Return everything about one charger, fit for strangers."""
    view, known = poller.view, poller.known
    error = view.health.last_error
    reading = None if known is None else read_all(known.bindings.values(), known.document)
    failures = {} if reading is None else reading.failures
    bug = findings.bugs.get(view.id)
    lines: list[Json] = [] if bug is None else [*disguise.text(bug).splitlines()]
    identity: dict[str, Json] | None = None if view.identity is None else {**asdict(view.identity), "url": None}
    abilities: dict[str, Json] = {
        key: {
            name: value
            for name, value in documents.capability(ability, 0, view.pace.settle_s).items()
            if value is not None and name != "api_cost"
        }
        for key, ability in view.capabilities.items()
    }
    not_understood: dict[str, Json] = {key: disguise.text(reason) for key, reason in failures.items()}
    return {
        "vendor": view.vendor,
        "ok": view.available,
        "error": None if error is None else {"code": error.code.value, "message": disguise.text(error.message)},
        "exception": lines or None,
        "identity": disguise.document(identity),
        "as_of": None if view.as_of is None else view.as_of.isoformat(),
        "latency_ms": view.health.latency_ms,
        "requests": [_request(each, disguise) for each in findings.exchanges.get(view.id, ())],
        "values": _shown(_values(view), disguise),
        "not_understood": not_understood,
        "abilities": abilities,
        "document": None if known is None else _bounded(disguise.document(dict(known.document))),
    }


def _values(view: ChargerView) -> dict[str, Json]:
    return {
        key: None if value is None else view.capabilities[key].property.type.json(value)
        for key, value in view.values.items()
    }


def _shown(values: Mapping[str, Json], disguise: Disguise) -> dict[str, Json]:
    return {key: disguise.document(value, key.removeprefix(VENDOR)) for key, value in values.items()}


def _request(exchange: Exchange, disguise: Disguise) -> Json:
    parts = urlsplit(exchange.url)
    said: dict[str, Json] = {
        "method": exchange.method,
        "target": disguise.target(parts.path + (f"?{parts.query}" if parts.query else "")),
        "took_ms": round(exchange.took_s * 1000),
    }
    if exchange.answer is None:
        error = exchange.error
        return {**said, "failed": f"{type(error).__name__}: {disguise.text(str(error))}"}
    said |= {"status": exchange.answer.status, "bytes": len(exchange.answer.body)}
    if exchange.answer.status // 100 == 2 and _json(exchange.answer.body) is not None:  # noqa: PLR2004 - all is well
        return said
    kind, body = disguise.body(exchange.answer.body[:4000])
    return {**said, kind: body}


def _bounded(document: Json) -> Json:
    size = len(json.dumps(document, ensure_ascii=False))
    if size <= MOST_DOCUMENT or not isinstance(document, dict):
        return document
    keys: list[Json] = [*sorted(document)[:1000]]
    return {"too large to be shown": size, "keys": keys}


def _json(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found
