"""Topic names, built and parsed in one place (contract section 1). Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetTopic:
    """A command: for one property, an action, a vendor key (`vendor/<key>`), or None for the JSON form."""

    charger: str
    property: str | None


@dataclass(frozen=True, slots=True)
class RefreshTopic:
    """Read this charger now."""

    charger: str


@dataclass(frozen=True, slots=True)
class RequestTopic:
    """A question to the bridge (`charger` None) or to one charger."""

    charger: str | None
    command: str


Incoming = SetTopic | RefreshTopic | RequestTopic


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics below one base."""

    base: str

    @property
    def bridge_state(self) -> str:
        """`online` or `offline`, also the last will."""
        return f"{self.base}/bridge/state"

    @property
    def bridge_info(self) -> str:
        """What this bridge is."""
        return f"{self.base}/bridge/info"

    @property
    def bridge_chargers(self) -> str:
        """All chargers with their capabilities."""
        return f"{self.base}/bridge/chargers"

    @property
    def bridge_health(self) -> str:
        """How it is going, at every health interval."""
        return f"{self.base}/bridge/health"

    @property
    def bridge_event(self) -> str:
        """What happened to the bridge itself."""
        return f"{self.base}/bridge/event"

    def bridge_response(self, command: str) -> str:
        """Answer to a request to the bridge."""
        return f"{self.base}/bridge/response/{command}"

    def response(self, charger: str, command: str) -> str:
        """Answer to a request to a charger."""
        return f"{self.base}/{charger}/response/{command}"

    def availability(self, charger: str) -> str:
        """`online` or `offline` of one charger."""
        return f"{self.base}/{charger}/availability"

    def state(self, charger: str) -> str:
        """The JSON snapshot of one charger."""
        return f"{self.base}/{charger}/state"

    def scalar(self, charger: str, key: str) -> str:
        """One property's value; `key` is `vendor/<key>` for a vendor's own."""
        return f"{self.base}/{charger}/{key}"

    def set(self, charger: str, key: str) -> str:
        """Where a property or an action takes commands."""
        return f"{self.base}/{charger}/{key}/set"

    def result(self, charger: str) -> str:
        """Outcome of each command."""
        return f"{self.base}/{charger}/result"

    def event(self, charger: str) -> str:
        """What happened at one charger."""
        return f"{self.base}/{charger}/event"

    def last_session(self, charger: str) -> str:
        """The last finished session."""
        return f"{self.base}/{charger}/last_session"

    def subscriptions(self) -> tuple[str, ...]:
        """Everything this bridge listens to below its base."""
        # No two of them overlap: some brokers would deliver a message once for each.
        below = (
            "+/set",
            "+/+/set",
            "+/vendor/+/set",
            "+/refresh",
            "+/request/+",
        )
        return tuple(f"{self.base}/{topic}" for topic in below)

    def parse(self, topic: str) -> Incoming | None:
        """Tell what an incoming topic asks for; None if it is none of ours."""
        if not topic.startswith(self.base + "/"):
            return None
        match topic.removeprefix(self.base + "/").split("/"):
            case ["bridge", "request", command]:
                return RequestTopic(None, command)
            case ["bridge", *_]:
                return None
            case [charger, "set"]:
                return SetTopic(charger, None)
            case [charger, "refresh"]:
                return RefreshTopic(charger)
            case [charger, "request", command]:
                return RequestTopic(charger, command)
            case [charger, "vendor", key, "set"]:
                return SetTopic(charger, f"vendor/{key}")
            case [charger, key, "set"]:
                return SetTopic(charger, key)
        return None
