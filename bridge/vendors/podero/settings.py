"""What the configuration says of a Podero partner account and of its wallboxes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, field_validator

from bridge.charger.contract import AccountChargerSettings, AccountSettings
from bridge.vendors.podero.keys import BY_NAME

API_URL = "https://app.podero.com/api/partners/v2.0"
TOKEN_URL = "https://app.podero.com/oauth2/token/"  # noqa: S105 - an address
LEAST_INTERVAL_S = 30.0
"""Podero's guide calls answers of that age fresh, and states no limit of its own."""


def _address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("it must begin with https:// (or http://)")
    return value.rstrip("/")


def _token_address(value: str) -> str:
    # The slash at the end is a part of the documented path.
    return _address(value) + "/"


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("it must be a UUID, such as 3c90c3cc-0d44-4b50-8888-8dd25736052a") from None


Uuid = Annotated[str, Field(max_length=60), AfterValidator(_uuid)]


class PoderoAccountSettings(AccountSettings):
    """An organisation's confidential application with the grant type client credentials."""

    vendor: Literal["podero"]
    client_id: str = Field(min_length=1, max_length=300, pattern=r"^[^:\s]+$", repr=False)
    client_secret: SecretStr
    org_id: Uuid
    timeout: float = Field(default=20, gt=0, le=300)
    api_url: Annotated[str, Field(max_length=500), AfterValidator(_address)] = API_URL
    token_url: Annotated[str, Field(max_length=500), AfterValidator(_token_address)] = TOKEN_URL


class PoderoSettings(AccountChargerSettings):
    """A wallbox of one of the organisation's users."""

    vendor: Literal["podero"]
    user_id: Uuid
    wallbox_id: Uuid

    @field_validator("poll_interval", "poll_interval_idle", "poll_interval_charging")
    @classmethod
    def _not_too_often(cls, value: float | None) -> float | None:
        if value is not None and value < LEAST_INTERVAL_S:
            raise ValueError(f"it must be at least {LEAST_INTERVAL_S:g}: Podero is not to be asked more often")
        return value

    @field_validator("vendor_keys")
    @classmethod
    def _known_keys(cls, value: Literal["all"] | tuple[str, ...] | None) -> Literal["all"] | tuple[str, ...] | None:
        unknown = [key for key in value if key not in BY_NAME] if isinstance(value, tuple) else []
        if unknown:
            raise ValueError(f"there is no key {unknown[0]!r}; known are: {', '.join(BY_NAME)}")
        return value
