"""What differs between two configurations, and so what a reload touches."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.fleet import shard_of
from bridge.reload import Changes, changes
from bridge.settings import Settings

GARAGE = {"vendor": "go-e", "host": "192.0.2.1"}
STREET = {"vendor": "wallbox", "account": "home", "charger_id": 1}
DRIVE = {"vendor": "wallbox", "account": "office", "charger_id": 2}
HOME = {"vendor": "wallbox", "email": "a@example.com", "password": "one"}
OFFICE = {"vendor": "wallbox", "email": "b@example.com", "password": "two"}


def settings(**sections: Any) -> Settings:
    """Return three chargers on two accounts, changed."""
    usual = {
        "accounts": {"home": HOME, "office": OFFICE},
        "chargers": {"garage": GARAGE, "street": STREET, "drive": DRIVE},
    }
    return Settings.model_validate(usual | sections)


def compared(new: Settings) -> Changes:
    """Return what differs from the usual settings, for a daemon that serves all chargers."""
    return changes(settings(), new, lambda _: True)


NOTHING = Changes(added=(), removed=(), restarted=(), accounts=(), needs_restart=())


def test_the_same_again() -> None:
    """Nothing happens."""
    assert compared(settings()) == NOTHING


@pytest.mark.parametrize(
    ("chargers", "added", "removed", "restarted"),
    [
        ({"garage": GARAGE, "street": STREET, "drive": DRIVE, "new": GARAGE}, ("new",), (), ()),
        ({"garage": GARAGE, "street": STREET}, (), ("drive",), ()),
        ({"garage": GARAGE | {"name": "G"}, "street": STREET, "drive": DRIVE}, (), (), ("garage",)),
        ({"carport": GARAGE, "street": STREET, "drive": DRIVE}, ("carport",), ("garage",), ()),
        ({"drive": DRIVE, "garage": GARAGE, "street": STREET}, (), (), ()),
    ],
)
def test_chargers(
    chargers: dict[str, Any], added: tuple[str, ...], removed: tuple[str, ...], restarted: tuple[str, ...]
) -> None:
    """New, gone, different; their order does not matter."""
    found = compared(settings(chargers=chargers))
    assert (found.added, found.removed, found.restarted) == (added, removed, restarted)
    assert (found.accounts, found.needs_restart) == ((), ())


def test_an_account_takes_its_chargers_along() -> None:
    """A new password is used by all of its chargers, and by no others."""
    found = compared(settings(accounts={"home": HOME | {"password": "new"}, "office": OFFICE}))
    assert (found.accounts, found.restarted) == (("home",), ("street",))


def test_an_account_that_is_gone() -> None:
    """Its chargers are gone, too, or the configuration would be refused."""
    found = compared(settings(accounts={"home": HOME}, chargers={"garage": GARAGE, "street": STREET}))
    assert (found.accounts, found.removed, found.restarted) == (("office",), ("drive",), ())


def test_what_needs_a_new_start_is_said() -> None:
    """The broker, the page and the like; nothing else is held up by it."""
    found = compared(settings(mqtt={"host": "other"}, publish={"heartbeat": 5}, instance="b"))
    assert found.needs_restart == ("mqtt", "publish", "instance")
    assert found.restarted == ()


def test_of_several_daemons_each_minds_its_own() -> None:
    """A charger of another shard is none of ours, however it changes."""
    mine = shard_of("garage", 2)
    new = settings(chargers={"garage": GARAGE | {"name": "G"}, "street": STREET, "drive": DRIVE})
    for index, restarted in ((mine, ("garage",)), (1 - mine, ())):
        found = changes(settings(), new, lambda id_, index=index: shard_of(id_, 2) == index)  # type: ignore[misc]
        assert found.restarted == restarted
