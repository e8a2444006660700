"""What the configuration says of a Wallbox account and of its chargers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator

from bridge.charger.contract import AccountChargerSettings, AccountSettings
from bridge.vendors.wallbox.key_table import KEYS

API_URL = "https://api.wall-box.com"
AUTH_URL = "https://user-api.wall-box.com"


KEY_NAMES = frozenset(row.key for row in KEYS)


def _url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("it must begin with https:// (or http://)")
    return value.rstrip("/")


Url = Annotated[str, Field(max_length=500), AfterValidator(_url)]


class WallboxAccountSettings(AccountSettings):
    """An account with an e-mail address and a password of its own; sign-in by Google or Apple does not work.

    The limits are those that the vendor announced or enforced (2025): reads and writes are counted apart.
    """

    vendor: Literal["wallbox"]
    email: str = Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$", repr=False)
    password: SecretStr
    reads_per_minute: float = Field(default=1, gt=0, le=600)
    writes_per_minute: float = Field(default=4, gt=0, le=600)
    timeout: float = Field(default=20, gt=0, le=300)
    api_url: Url = API_URL
    auth_url: Url = AUTH_URL


class WallboxSettings(AccountChargerSettings):
    """A charger of a Wallbox account; `charger_id` is the number that is printed on it."""

    vendor: Literal["wallbox"]
    charger_id: int = Field(gt=0)

    @field_validator("vendor_keys")
    @classmethod
    def _known_keys(cls, value: Literal["all"] | tuple[str, ...] | None) -> Literal["all"] | tuple[str, ...] | None:
        unknown = [key for key in value if key not in KEY_NAMES] if isinstance(value, tuple) else []
        if unknown:
            raise ValueError(f"there is no key {unknown[0]!r}; docs/vendors/wallbox.md lists them")
        return value
