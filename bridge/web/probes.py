"""What `/healthz` and `/readyz` say. Pure.

Neither names an address, a serial number or the text of an error: whoever reaches the port may read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.charger.values import Json
from bridge.engine.view import ChargerView
from bridge.web.broker_watch import BrokerWatch

BROKER_GRACE_S = 60.0
"""A broker that restarts must not make a service manager restart the bridge too; attempts to reach it are up to 30 s
apart."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether all is well, and the document that says so."""

    good: bool
    document: dict[str, Json]


def health(broker: BrokerWatch, stuck: Iterable[str]) -> Verdict:
    """Judge process and broker. The process answers, so its event loop lives; `stuck` are tasks that do not.

    Chargers that do not answer do not count here.
    """
    away_s = broker.look()
    hanging = sorted(stuck)
    if hanging:
        status, reasons = "error", [f"{who} does not go on" for who in hanging]
    elif away_s is None or (broker.seen and away_s <= BROKER_GRACE_S):
        status, reasons = "ok", []
    elif away_s <= BROKER_GRACE_S:
        status, reasons = "starting", ["no connection to the broker yet"]
    else:
        status, reasons = "error", [f"the broker has been away for {away_s:.0f} s"]
    return Verdict(
        status == "ok",
        {
            "status": status,
            "reasons": list(reasons),
            "broker": {"connected": away_s is None, "away_s": None if away_s is None else round(away_s)},
        },
    )


def readiness(broker: BrokerWatch, views: Iterable[ChargerView]) -> Verdict:
    """Judge whether the broker is there now and each charger has answered at least once."""
    reasons = [] if broker.look() is None else ["no connection to the broker"]
    waiting = [view for view in views if view.health.last_success is None]
    reasons += [_why(view) for view in waiting]
    return Verdict(
        not reasons,
        {
            "status": "waiting" if reasons else "ok",
            "reasons": list(reasons),
            "waiting_for": [view.id for view in waiting],
        },
    )


def _why(view: ChargerView) -> str:
    error = view.health.last_error
    if error is None:
        return f"charger {view.id} has not been read yet"
    return f"charger {view.id} has not answered yet: {error.code.value}"
