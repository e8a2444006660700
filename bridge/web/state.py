"""The bridge as the pages tell of it: chargers by id, and what is said on every page, not made anew for each viewer."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime

from bridge.charger.contract import Account
from bridge.charger.properties import POWER
from bridge.charger.values import Json
from bridge.engine.view import ChargerView
from bridge.web import cards, chart, details, words
from bridge.web.broker_watch import BrokerWatch, Traffic
from bridge.web.history import SECONDS_BETWEEN_SAMPLES, History
from bridge.web.live import Scopes

SECONDS_UNTIL_LOOKED_AGAIN = 0.5
"""Adding up thousands of chargers takes milliseconds, and every viewer asks every second."""
MOST_ACCOUNTS = 100


class BridgeState:
    """Reads the chargers, the accounts and the session with the broker."""

    def __init__(
        self,
        views: Callable[[], Iterable[ChargerView]],
        accounts: Callable[[], Iterable[Account]],
        traffic: Traffic,
        broker: BrokerWatch,
        started: float,
        history: History,
    ) -> None:
        """Keep where to look; `started` is in Unix time."""
        self.history = history
        self._all_views = views
        self._all_accounts = accounts
        self._traffic = traffic
        self._broker = broker
        self._started = started
        self._looked_at = -SECONDS_UNTIL_LOOKED_AGAIN
        self._views: dict[str, ChargerView] = {}
        self._bridge: cards.Fields = {}
        self._accounts: dict[str, cards.Fields] = {}

    @property
    def views(self) -> Mapping[str, ChargerView]:
        """The chargers by id, as they are configured this moment."""
        return {view.id: view for view in self._all_views()}

    @property
    def bridge(self) -> cards.Fields:
        """What is said of the bridge itself."""
        self._look()
        return self._bridge

    @property
    def accounts(self) -> Mapping[str, cards.Fields]:
        """What is said of each account, up to as many as fit on a page."""
        self._look()
        return self._accounts

    def overview(self, changed: Collection[str]) -> Scopes:
        """Return what the overview says of the bridge, the accounts, and these chargers."""
        scopes: dict[str, Mapping[str, Json]] = self._everywhere()
        now = datetime.now(UTC)
        for id_ in changed:
            if id_ in self._views:
                scopes[f"charger:{id_}"] = {**cards.card(self._views[id_], now), "spark": self.spark(id_)}
        return scopes

    def charger(self, changed: Collection[str]) -> Scopes:
        """Return what the page of one charger says, where it changed."""
        scopes: dict[str, Mapping[str, Json]] = self._everywhere()
        for id_ in changed:
            if id_ in self._views:
                scopes[f"charger:{id_}"] = self._details(self._views[id_])
        return scopes

    def spark(self, charger_id: str) -> str:
        """Return the line of a charger's last hour."""
        return chart.spark(self.history.of(charger_id).power.samples(), self._edge())

    def chart(self, charger_id: str) -> chart.Chart:
        """Return the drawing of a charger's last hour."""
        return chart.draw(self.history.of(charger_id).power.samples(), self._edge())

    def _edge(self) -> float:
        """Return the end of the charts: it moves on with the samples, so that nothing is drawn anew without need."""
        return math.ceil(self.history.clock() / SECONDS_BETWEEN_SAMPLES) * SECONDS_BETWEEN_SAMPLES

    def _details(self, view: ChargerView) -> dict[str, Json]:
        now, history, drawn = datetime.now(UTC), self.history.of(view.id), self.chart(view.id)
        asked = details.controls(view)
        return {
            **cards.card(view, now),
            **details.values(view),
            **{f"now:{control.key}": control.now for control in asked},
            **{f"input:{control.key}": {"value": control.value, **(control.bounds or {})} for control in asked},
            "chart_line": drawn.line,
            "chart_area": drawn.area,
            "chart_top": drawn.top,
            "chart_middle": drawn.middle,
            "chart_bottom": drawn.bottom,
            "chart_text": drawn.text,
            "last_session": details.session(history.session, now),
            "commands": list[Json](dict(line) for line in details.commands(history.commands, view)),
            "events": list[Json](dict(line) for line in details.events(history.events)),
            "shape": details.shape(view),
        }

    def _everywhere(self) -> dict[str, Mapping[str, Json]]:
        self._look()
        return {
            "bridge": self._bridge,
            **{f"account:{name}": fields for name, fields in self._accounts.items()},
        }

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < SECONDS_UNTIL_LOOKED_AGAIN:
            return
        self._looked_at = now
        self._views = {view.id: view for view in self._all_views()}
        accounts = list(self._all_accounts())
        self._accounts = {account.name: cards.account(account.health()) for account in accounts[:MOST_ACCOUNTS]}
        names = "\n".join([*self._views, "", *self._accounts])
        self._bridge = {**self._sums(), **self._connection(), "shape": f"{zlib.crc32(names.encode()):08x}"}

    def _sums(self) -> cards.Fields:
        views = self._views.values()
        watts = [view.values.get(POWER.key) for view in views if view.available]
        known = [each for each in watts if isinstance(each, int | float)]
        attention = sum(1 for view in views if cards.needs_attention(view))
        return {
            "chargers": str(len(views)),
            "active": str(sum(1 for view in views if cards.tone(view) == "active")),
            "power": words.power(sum(known)) if known else words.UNKNOWN,
            "attention": str(attention),
            "attention_tone": "away" if attention else "idle",
        }

    def _connection(self) -> cards.Fields:
        away_s = self._broker.look()
        if away_s is None:
            told, tone = "connected", "ready"
        elif self._broker.seen:
            told, tone = f"away for {words.duration(away_s)}", "problem"
        else:
            told, tone = "not reached yet", "away"
        return {
            "broker": told,
            "broker_tone": tone,
            "received": words.number(self._traffic.received),
            "published": words.number(self._traffic.published),
            "reconnects": words.number(self._traffic.reconnects),
            "uptime": words.duration(time.time() - self._started),
        }
