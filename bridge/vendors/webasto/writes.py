"""Every write as a value. Pure. Sources: docs/vendors/webasto.md."""

from __future__ import annotations

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json, plain_number
from bridge.vendors.webasto.fields import TYPE_ENDING, field_of

UNITE = "unite"
UPDATES = "/api/configuration-updates"
_GUESSES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "simple-string"),
)
"""The three types of updates that other clients send, by the type of the value."""


def set_field(document: Document, key: str, value: bool | float | str) -> Request:  # noqa: FBT001 - the value itself
    """Set one field in the manner of the model; a number or a truth value goes in the field's own form."""
    update: dict[str, Json]
    if document.get("model") == UNITE:
        # Everything is text there, and the newest client that writes sends no type.
        update = {"fieldKey": key, "value": _unite_text(value)}
    else:
        value = plain_number(value) if isinstance(value, float) else value
        update = {"fieldKey": key, "value": value, "configurationFieldUpdateType": _update_type(document, key, value)}
    return Request(method="POST", path=UPDATES, body=[update], names=(key,))


def act(action: str, body: Json = None, *, drops_connection: bool = False) -> Request:
    """Tell the charger to do something."""
    path = f"/api/custom-actions/{action}"
    return Request(method="POST", path=path, body=body, drops_connection=drops_connection, names=(action,))


def _update_type(document: Document, key: str, value: Json) -> str:
    field = field_of(document, key)
    kind = "" if field is None else str(field.get("kind") or "")
    if not kind or kind == "readonly":
        kind = next(name for types, name in _GUESSES if isinstance(value, types))
    return f"{kind}{TYPE_ENDING}-update"


def _unite_text(value: bool | float | str) -> str:  # noqa: FBT001 - the value itself
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else str(plain_number(value))
