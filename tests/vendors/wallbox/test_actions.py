"""The buttons."""

from __future__ import annotations

import pytest

from bridge.charger.binding import Action, Request
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox.actions import ACTIONS
from tests.vendors.wallbox.documents import CHARGER, FULL, changed, with_config, with_status, without

BY_KEY = {action.key: action for action in ACTIONS}


@pytest.mark.parametrize(
    ("key", "number", "needs_allow"),
    [("restart", 3, False), ("factory_reset", 4, True), ("firmware_update", 5, True), ("resume_schedule", 9, False)],
)
def test_what_each_button_sends(key: str, number: int, *, needs_allow: bool) -> None:
    """What can ruin something must be named in the configuration first."""
    action = BY_KEY[key]
    sent = Request(method="POST", path=f"v3/chargers/{CHARGER}/remote-action", body={"action": number})
    assert (action.request(FULL), action.needs_allow) == (sent, needs_allow)
    assert action.supported(FULL)


def test_there_are_no_others() -> None:
    """Pause and resume are a property: they have a value to read back."""
    assert set(BY_KEY) == {"restart", "factory_reset", "firmware_update", "resume_schedule"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
@pytest.mark.parametrize(("number", "sentence"), [(166, "updating its firmware"), (0, "not connected"), (5, "cloud")])
def test_no_button_works_while_the_charger_updates_or_is_away(action: Action, number: int, sentence: str) -> None:
    """A restart in the middle of an update can ruin the charger."""
    with pytest.raises(CommandRejectedError, match=sentence) as caught:
        action.request(with_status(number))
    assert caught.value.code is Code.WRONG_STATE


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
@pytest.mark.parametrize("number", [14, 161, 182, 194, 209, 999, None])
def test_elsewhere_the_cloud_decides(action: Action, number: int | None) -> None:
    """Nothing is known against it."""
    assert action.request(with_status(number)).method == "POST"


def test_an_update_needs_a_newer_firmware() -> None:
    """The sentence says that there is none; where that is not told, the cloud decides."""
    none_there = changed(with_config(software={"updateAvailable": False}), groups__software={"updateAvailable": False})
    with pytest.raises(CommandRejectedError, match="no newer firmware") as caught:
        BY_KEY["firmware_update"].request(none_there)
    assert caught.value.code is Code.WRONG_STATE
    untold = without("groups.software", "status.config_data.software", "config.software")
    assert BY_KEY["firmware_update"].request(untold).body == {"action": 5}
