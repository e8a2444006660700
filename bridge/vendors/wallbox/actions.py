"""The buttons of a Wallbox charger."""

from __future__ import annotations

from collections.abc import Callable

from bridge.charger.binding import Action, Request
from bridge.charger.document import Document
from bridge.charger.status import Status
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import sources, writes
from bridge.vendors.wallbox.status import forbids

_OUT_OF_REACH = frozenset({Status.OFFLINE, Status.UNAVAILABLE})
"""Away, or updating its firmware: a restart in the middle of that can ruin the charger (module's document)."""


def _button(action: writes.Action) -> Callable[[Document], Request]:
    def request(document: Document) -> Request:
        reason = forbids(document, _OUT_OF_REACH)
        if reason is not None:
            raise CommandRejectedError(Code.WRONG_STATE, reason)
        return writes.remote_action(sources.charger_id(document), action)

    return request


def _update(document: Document) -> Request:
    if sources.UPDATE_AVAILABLE.present(document) and sources.UPDATE_AVAILABLE.newest(document) is False:
        raise CommandRejectedError(Code.WRONG_STATE, "there is no newer firmware for this charger")
    return _button(writes.Action.UPDATE_FIRMWARE)(document)


ACTIONS = (
    Action(
        key="restart",
        name="Restart",
        request=_button(writes.Action.RESTART),
        device_class="restart",
        category="config",
    ),
    # Back to schedule and eco-smart after someone paused or started by hand.
    Action(
        key="resume_schedule",
        name="Resume schedule",
        request=_button(writes.Action.RESUME_SCHEDULE),
        enabled=True,
    ),
    Action(
        key="firmware_update",
        name="Update firmware",
        request=_update,
        device_class="update",
        category="config",
        needs_allow=True,
    ),
    Action(
        key="factory_reset",
        name="Factory reset",
        request=_button(writes.Action.FACTORY_RESET),
        category="config",
        needs_allow=True,
    ),
)
