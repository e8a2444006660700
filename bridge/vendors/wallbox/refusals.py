"""What a refused write means, which the cloud's bare 403 or 409 does not tell. Pure.

A 403 comes when the account has too few rights, when the charger is locked, and when another system (OCPP) has it;
which of them it was follows from what is known of the charger. Sources: docs/vendors/wallbox.md.
"""

from __future__ import annotations

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.errors import Code, RefusedError
from bridge.vendors.wallbox import sources
from bridge.vendors.wallbox.status import forbids

OCPP = "ocpp"
"""`operation_mode` of a charger that another system than the vendor's controls."""

BY_OTHERS = "another system controls the charger (OCPP); disconnect it in the vendor's app, or use that system"
NO_RIGHTS = "the account may not change this charger; its owner must make it an administrator in the vendor's app"
NOT_NOW = "the charger cannot do that in its present state"


def by_others(document: Document) -> bool:
    """Tell whether another system than the vendor's controls the charger."""
    return sources.OPERATION_MODE.present(document) and sources.OPERATION_MODE.newest(document) == OCPP


def explained(error: RefusedError, request: Request, document: Document) -> RefusedError:
    """Return the refusal of a write with its likely cause before the cloud's own words.

    One with another code than those of 403 and 409 is returned as it is.
    """
    if error.code not in {Code.NOT_PERMITTED, Code.WRONG_STATE}:
        return error
    code, cause = error.code, NOT_NOW
    state = _state_against(request, document)
    if state is not None:
        code, cause = Code.WRONG_STATE, state
    elif code is Code.NOT_PERMITTED:
        cause = BY_OTHERS if by_others(document) else NO_RIGHTS
    return RefusedError(f"{cause} (the cloud says: {error.message})", code)


def _state_against(request: Request, document: Document) -> str | None:
    if not request.path.endswith("/remote-action"):
        return None
    try:
        return forbids(document)
    except (LookupError, TypeError, ValueError):
        return None
