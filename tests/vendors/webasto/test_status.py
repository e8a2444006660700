"""What a Next is doing, from the words that it tells."""

from __future__ import annotations

import pytest

from bridge.charger.values import Json
from bridge.simulators.webasto import OcppState
from bridge.vendors.webasto import status

BY_STATE = {
    OcppState.AVAILABLE: ("disconnected", None, None),
    OcppState.PREPARING: ("connected", None, False),
    OcppState.CHARGING: ("charging", None, True),
    OcppState.SUSPENDED_EVSE: ("queued", None, True),
    OcppState.SUSPENDED_EV: ("suspended_ev", "vehicle", True),
    OcppState.FINISHING: ("finished", None, False),
    OcppState.RESERVED: ("reserved", None, None),
    OcppState.UNAVAILABLE: ("unavailable", None, None),
    OcppState.FAULTED: ("error", "fault", None),
}


@pytest.mark.parametrize("state", OcppState)
def test_every_name_of_ocpp(state: OcppState) -> None:
    """Status, reason, and whether a session runs, by the contract's table."""
    document: dict[str, Json] = {"dashboard": {"ocpp-state": state.value}}
    found = (status.read_status(document), status.read_reason(document), status.read_enabled(document))
    assert found == BY_STATE[state]
    assert status.read_status_raw(document) == state.value


@pytest.mark.parametrize("word", ["suspendedev", "SUSPENDED_EV", "Suspended EV", " SuspendedEV "])
def test_the_spelling_does_not_matter(word: str) -> None:
    """Case, blanks and underscores."""
    assert status.read_status({"dashboard": {"ocpp-state": word}}) == "suspended_ev"


@pytest.mark.parametrize(
    ("number", "found"),
    [(0, "disconnected"), ("1", "connected"), (3, "charging"), (7, "error"), ("8", "reserved")],
)
def test_the_numbers_of_the_registers(number: Json, found: str) -> None:
    """Where a number stands in place of a name."""
    assert status.read_status({"dashboard": {"ocpp-state": number}}) == found


@pytest.mark.parametrize("word", ["Bewildered", "4", 99, "OK"])
def test_a_word_that_no_document_lists(word: Json) -> None:
    """Is an error that names it, and stays to be seen as it is."""
    document: dict[str, Json] = {"dashboard": {"ocpp-state": word}}
    with pytest.raises(ValueError, match=str(word)):
        status.read_status(document)
    assert status.read_status_raw(document) == str(word)


@pytest.mark.parametrize("document", [{}, {"dashboard": {}}, {"dashboard": {"ocpp-state": None}}])
def test_without_a_word_it_is_unknown(document: dict[str, Json]) -> None:
    """Never the last one: the section that has it, too, is minutes old."""
    assert status.read_status(document) is None
    assert status.read_status_raw(document) is None
    assert status.read_reason(document) is None
    assert status.read_enabled(document) is None


@pytest.mark.parametrize(
    ("told", "code", "text"),
    [
        ([], None, None),
        (None, None, None),
        (["No Error"], None, None),
        (
            [{"errorCode": "ConnectorLockFailure", "errorDescription": "Lock mechanism failed", "timestamp": "2025"}],
            "ConnectorLockFailure",
            "Lock mechanism failed",
        ),
        ([{"errorCode": "PB27"}], "PB27", "ground failure"),
        ([{"errorCode": "PB99"}], "PB99", "PB99"),
        ([{"errorDescription": "something"}], "something", "something"),
        (["PB02", {"errorCode": "PB29", "errorDescription": "hot"}], "PB02", "power switch failure; hot"),
        ([None, 5, []], None, None),
    ],
)
def test_errors(told: Json, code: str | None, text: str | None) -> None:
    """The first one's code, and all of them in words."""
    assert status.read_error_code({"errors": told}) == code
    assert status.read_error_text({"errors": told}) == text


def test_a_restart_is_told() -> None:
    """While nobody answers."""
    document: dict[str, Json] = {"away": "restarting"}
    assert (status.read_status(document), status.read_reason(document)) == ("unavailable", "restarting")
