"""The one place that says what is private, against every vendor's own list."""

from __future__ import annotations

import pytest

from bridge.private_names import Private, is_secret, why_private
from bridge.simulators.webasto.fields_next import AUTH, BACKEND, HEMS, NETWORK, POWER
from bridge.simulators.webasto.fields_system import SYSTEM
from bridge.simulators.webasto.fields_unite import UNITE
from bridge.vendors.goe.keys import table
from bridge.vendors.podero.reading import NEVER_KEPT
from bridge.vendors.wallbox.key_table import WITHHELD
from bridge.vendors.webasto.fields import is_secret as is_secret_field

SECRET_KEYS = [key for key, row in table().items() if row.secret]
OF_NEXT = [field.key for field in (*AUTH, *BACKEND, *HEMS, *NETWORK, *POWER, *SYSTEM)]
SECRET_FIELDS = [key for key in (*OF_NEXT, *(field.key for field in UNITE)) if is_secret_field(key)]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_every_secret_key_of_a_goe_charger_is_known(key: str) -> None:
    """Those that its own table marks, be they texts, lists or objects."""
    assert is_secret(key, "text")
    assert is_secret(key, ["text"]) or table()[key].kind == "text"


@pytest.mark.parametrize("place", WITHHELD)
def test_whatever_the_wallbox_cloud_tells_of_people_is_known(place: str) -> None:
    """By the last name of its place, and what holds it."""
    *_, holder, name = ("", *place.split("."))
    assert why_private(name, holder, "text") is not None


@pytest.mark.parametrize("name", sorted(NEVER_KEPT))
def test_what_is_never_kept_of_poderos_answers_is_known(name: str) -> None:
    """Owners, and links that may carry tokens."""
    assert why_private(name) in {Private.SECRET, Private.PERSONAL}


@pytest.mark.parametrize("key", SECRET_FIELDS)
def test_every_secret_field_of_a_webasto_is_known(key: str) -> None:
    """Keys, names of networks, ids of cards."""
    assert why_private(key) is Private.SECRET


def test_the_lists_are_not_empty() -> None:
    """Else the tests above would say nothing."""
    assert len(SECRET_KEYS) >= 27
    assert len(WITHHELD) >= 18
    assert len(SECRET_FIELDS) >= 5


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        *[
            (name, "")
            for name in (
                "status",
                "amp",
                "typ",
                "fwv",
                "status_id",
                "plan_name",
                "phone_code",
                "show_email",
                "token_type",
            )
        ],
        *[
            (name, "")
            for name in ("card", "frequency", "data", "valid", "session_segment_length", "cid", "value_template")
        ],
        *[("name", holder) for holder in ("currency", "country", "plan", "led")],
    ],
)
def test_what_is_not_private_stays(name: str, holder: str) -> None:
    """A document without anything in it would help nobody."""
    assert why_private(name, holder, 1) in {None, Private.ID}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *[
            (name, Private.SECRET)
            for name in ("user_id", "user_uid", "owner_id", "latitude", "lon", "bssid", "car_plate")
        ],
        *[
            (name, Private.SECRET)
            for name in ("wlan-password-2", "change-password", "gsmSettings.pin", "apn-username-2")
        ],
        *[(name, Private.PERSONAL) for name in ("zipcode", "connection-uri", "street", "billingInformation", "users")],
        *[(name, Private.NAME) for name in ("fna", "c3n", "name", "hostname-wlan", "session_card")],
        *[
            (name, Private.ID)
            for name in ("sse", "serialNumber", "serial_number", "uid", "groupUid", "charge-point-id")
        ],
    ],
)
def test_why_something_is_private(name: str, why: Private) -> None:
    """Which decides what becomes of it."""
    assert why_private(name, "", "text") is why
