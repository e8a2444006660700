"""Outcomes of commands (contract section 4)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bridge.charger.values import Json, timestamp_text
from bridge.errors import Code


class Outcome(StrEnum):
    """`accepted` comes first or not at all; exactly one of the others ends every command."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Where the sender also wants the final result (MQTT 5 response topic), with the data that identifies it."""

    topic: str
    correlation: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one property of one command."""

    id: str
    key: str | None
    """The property, action or `vendor/<key>`; None when the message could not be read at all."""
    requested: Json
    applied: Json
    outcome: Outcome
    code: Code
    message: str | None
    moment: datetime
    latency_ms: int
    reply: Reply | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more will be said of this command."""
        return self.outcome is not Outcome.ACCEPTED

    def json(self) -> dict[str, Json]:
        """Return the payload of the result topic."""
        return {
            "id": self.id,
            "property": self.key,
            "requested": self.requested,
            "applied": self.applied,
            "status": self.outcome.value,
            "code": self.code.value,
            "message": self.message,
            "ts": timestamp_text(self.moment),
            "latency_ms": self.latency_ms,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a result belongs: one property of one message. `received` is a time of the monotonic clock, in seconds."""

    id: str
    key: str | None
    requested: Json
    received: float
    reply: Reply | None

    def result(self, outcome: Outcome, code: Code, message: str | None = None, applied: Json = None) -> Result:
        """Return what became of it, as of now."""
        return Result(
            id=self.id,
            key=self.key,
            requested=self.requested,
            applied=applied,
            outcome=outcome,
            code=code,
            message=message,
            moment=datetime.now(UTC),
            latency_ms=round((time.monotonic() - self.received) * 1000),
            reply=self.reply,
        )
