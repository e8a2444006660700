"""Whether a wished value may be sent: the same rows that publish a property also check it. Pure.

The order is that of contract section 4: property, type, live bounds or options, read_only, state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.charger.binding import Action, Binding, Capability, Request
from bridge.charger.document import Document
from bridge.charger.property import Property
from bridge.charger.values import Json, Value, plain_number
from bridge.engine.abilities import REFRESH
from bridge.errors import Code, CommandRejectedError

PRESS = "PRESS"
"""What a button sends."""

NOISE = 1e-9
"""Numbers closer than that are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a charger after its first good answer."""

    bindings: Mapping[str, Binding[Any]]
    actions: Mapping[str, Action]
    capabilities: Mapping[str, Capability]
    document: Document
    read_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A value that passed every check. `binding` is None for an action, `action` for a property."""

    value: Value
    binding: Binding[Any] | None = None
    action: Action | None = None
    step: float = 0.0
    """How far apart the values are that the charger takes now."""

    def request(self, document: Document) -> Request:
        """Return the write, from the charger's newest document; raises CommandRejectedError where that lacks a key."""
        try:
            return self._request(document)
        except (LookupError, TypeError, ValueError) as error:
            raise _lacking() from error

    def _request(self, document: Document) -> Request:
        if self.action is not None:
            return self.action.request(document)
        if self.binding is None or self.binding.write is None:
            raise LookupError("nothing to write")
        return self.binding.write(self.value, document)

    def equals(self, observed: Value) -> bool:
        """Tell whether the charger shows the wished value; numbers within less than half a step."""
        if self.binding is not None and self.binding.shows is not None:
            return self.binding.shows(self.value, observed)
        if isinstance(self.value, bool) or isinstance(observed, bool):
            return self.value is observed
        if isinstance(self.value, int | float) and isinstance(observed, int | float):
            return abs(self.value - observed) <= max(self.step / 2 - NOISE, NOISE)
        return self.value == observed


def check(key: str, raw: Json, known: Known) -> Checked:
    """Check one wish; raises CommandRejectedError."""
    action = known.actions.get(key)
    if action is not None:
        return _check_action(action, raw, known)
    binding = known.bindings.get(key)
    row_known = key in known.capabilities
    if binding is None and not row_known:
        raise CommandRejectedError(Code.UNKNOWN_PROPERTY, _unknown(key, known))
    if binding is None or binding.write is None:
        raise CommandRejectedError(Code.NOT_SUPPORTED, f"{key} is a reading and cannot be set")
    value = _parsed(binding.property, raw)
    allowed = known.capabilities[key]
    _check_range(value, raw, allowed)
    _check_read_only(known)
    if binding.property.secret and not allowed.settable:
        message = f"{key} is a secret; it can be set where the configuration says allow: [credentials] for this charger"
        raise CommandRejectedError(Code.NOT_PERMITTED, message)
    try:
        reason = binding.forbidden(value, known.document) if binding.forbidden is not None else None
    except (LookupError, TypeError, ValueError) as error:
        raise _lacking() from error
    if reason is not None:
        raise CommandRejectedError(Code.WRONG_STATE, reason)
    return Checked(value=value, binding=binding, step=0.0 if allowed.bounds is None else allowed.bounds.step)


def _parsed(row: Property[Any], raw: Json) -> Value:
    try:
        value: Value = row.type.parse(raw)
    except CommandRejectedError as error:
        if row.repeatable:
            raise
        message = f"it is not a valid {row.type.name}; it is not shown, because it may hold a secret"
        raise CommandRejectedError(error.code, message) from None
    return value


def _check_action(action: Action, raw: Json, known: Known) -> Checked:
    if not isinstance(raw, str) or raw.strip().strip('"').upper() != PRESS:
        raise CommandRejectedError(Code.INVALID_VALUE, f"{action.key} is a button and takes {PRESS}")
    if action is not REFRESH:  # it writes nothing
        _check_read_only(known)
    return Checked(value=PRESS, action=action)


def _check_read_only(known: Known) -> None:
    if known.read_only:
        raise CommandRejectedError(Code.READ_ONLY, "the configuration says read_only for this charger")


def _lacking() -> CommandRejectedError:
    return CommandRejectedError(Code.WRONG_STATE, "the charger's last answer lacks what this command needs")


def _check_range(value: Value, raw: Json, allowed: Capability) -> None:
    if isinstance(value, str) and allowed.property.options:
        options = allowed.options or allowed.property.options
        if value not in options:
            shown = raw if isinstance(raw, str) and len(raw) <= 60 else "that"  # noqa: PLR2004 - one line
            raise CommandRejectedError(Code.INVALID_VALUE, f"{shown!r} is not one of {', '.join(options)}")
    if isinstance(value, bool) or not isinstance(value, int | float) or allowed.bounds is None:
        return
    low, high, step = allowed.bounds.minimum, allowed.bounds.maximum, allowed.bounds.step
    if not low <= value <= high:
        unit = f" {allowed.unit}" if allowed.unit else ""
        span = f"{plain_number(low)} to {plain_number(high)}{unit}"
        raise CommandRejectedError(Code.OUT_OF_RANGE, f"{value} is outside {span}, what the charger takes now")
    steps = (value - low) / step
    if not math.isclose(steps, round(steps), abs_tol=1e-6):
        raise CommandRejectedError(Code.INVALID_VALUE, f"{value} is not a step of {step:g} from {plain_number(low)}")


def _unknown(key: str, known: Known) -> str:
    settable = sorted(key for key, capability in known.capabilities.items() if capability.settable)
    shown = key if len(key) <= 60 else key[:60] + "..."  # noqa: PLR2004 - one line
    return f"{shown!r} is no property of this charger; these can be set: {', '.join([*settable, *known.actions])}"
