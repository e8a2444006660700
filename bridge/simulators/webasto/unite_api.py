"""What a Unite answers with a good token."""

from __future__ import annotations

from bridge.simulators.webasto.call import Call
from bridge.simulators.webasto.fields import json_name
from bridge.simulators.webasto.fields_unite import SYSTEM_INFORMATION, UNITE
from bridge.simulators.webasto.refusals import RefusedError
from bridge.simulators.wire import JsonValue


def system_information(_: Call) -> JsonValue:
    """`system-information`."""
    return dict(SYSTEM_INFORMATION)


def configuration_fields(call: Call) -> JsonValue:
    """`configuration-fields`.

    That there is something about permission is known, in which words is not; here they are those of a Next.
    """
    device = call.device
    values = {**device.settings, **device.forced}
    return [
        {
            "fieldKey": field.key,
            "value": values[field.key],
            "permission": {"permissionLevel": "WRITE" if field.writable else "READ"},
        }
        for field in UNITE
    ]


def configuration_updates(call: Call) -> JsonValue:
    """`configuration-updates`; a type may stand in them or not."""
    updates = call.json()
    if not isinstance(updates, list):
        raise RefusedError(400, f"{json_name(updates)} is not of type 'array'")
    fields = {field.key: field for field in UNITE}
    taken = {}
    for update in updates:
        if not isinstance(update, dict) or not {"fieldKey", "value"} <= set(update):
            raise RefusedError(400, "'fieldKey' and 'value' are required properties")
        field = fields.get(str(update["fieldKey"]))
        if field is None:
            raise RefusedError(400, "Unknown field")
        taken[field.key] = field.taken(update["value"])
    if not call.ignores_writes:
        call.device.set(taken)
    return {"success": True, "updatedFields": list(taken)}
