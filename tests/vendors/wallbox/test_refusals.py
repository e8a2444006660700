"""What a refused write means."""

from __future__ import annotations

import pytest

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.errors import Code, RefusedError
from bridge.vendors.wallbox import writes
from bridge.vendors.wallbox.refusals import explained
from bridge.vendors.wallbox.writes import Action
from tests.vendors.wallbox.documents import FULL, changed, with_config, with_status

PAUSE = writes.remote_action(1, Action.PAUSE)
LOCK = writes.set_locked(1, locked=True)
OCPP = changed(with_config(operation_mode="ocpp"), groups__operationMode="ocpp")


@pytest.mark.parametrize(
    ("code", "request_", "document", "wanted", "words"),
    [
        (Code.NOT_PERMITTED, LOCK, FULL, Code.NOT_PERMITTED, "must make it an administrator"),
        (Code.NOT_PERMITTED, PAUSE, FULL, Code.NOT_PERMITTED, "must make it an administrator"),
        (Code.NOT_PERMITTED, LOCK, OCPP, Code.NOT_PERMITTED, "another system controls the charger"),
        (Code.NOT_PERMITTED, PAUSE, with_status(210), Code.WRONG_STATE, "unlock it first"),
        (Code.NOT_PERMITTED, LOCK, with_status(210), Code.NOT_PERMITTED, "must make it an administrator"),
        (Code.NOT_PERMITTED, PAUSE, with_status(999), Code.NOT_PERMITTED, "must make it an administrator"),
        (Code.NOT_PERMITTED, PAUSE, {}, Code.NOT_PERMITTED, "must make it an administrator"),
        (Code.WRONG_STATE, PAUSE, with_status(161), Code.WRONG_STATE, "no car is connected"),
        (Code.WRONG_STATE, PAUSE, FULL, Code.WRONG_STATE, "in its present state"),
        (Code.WRONG_STATE, LOCK, with_status(161), Code.WRONG_STATE, "in its present state"),
        (Code.WRONG_STATE, PAUSE, {}, Code.WRONG_STATE, "in its present state"),
    ],
)
def test_the_likely_cause(code: Code, request_: Request, document: Document, wanted: Code, words: str) -> None:
    """A 403 has three causes for a write and a 409 as many as there are states; the cloud's own words stay."""
    found = explained(RefusedError("Forbidden", code), request_, document)
    assert found.code is wanted
    assert words in found.message
    assert found.message.endswith("(the cloud says: Forbidden)")


@pytest.mark.parametrize("code", [Code.VENDOR_REFUSED, Code.RATE_LIMITED])
def test_other_refusals_speak_for_themselves(code: Code) -> None:
    """Such as a 400."""
    error = RefusedError("Bad Request", code)
    assert explained(error, PAUSE, with_status(210)) is error
