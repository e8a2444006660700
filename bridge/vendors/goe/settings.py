"""What the configuration says of a go-e charger."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from bridge.charger.contract import ChargerSettings
from bridge.vendors.goe.keys import BY_NAME


class GoeSettings(ChargerSettings):
    """A go-e charger in the local network; `host` may carry a port."""

    vendor: Literal["go-e"]
    host: str = Field(min_length=1, max_length=255, pattern=r"^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$")
    transport: Literal["http"] = "http"

    @field_validator("vendor_keys")
    @classmethod
    def _known_keys(cls, value: Literal["all"] | tuple[str, ...] | None) -> Literal["all"] | tuple[str, ...] | None:
        unknown = [key for key in value if key not in BY_NAME] if isinstance(value, tuple) else []
        if unknown:
            known = ", ".join(BY_NAME)
            raise ValueError(f"there is no key {unknown[0]!r}; known are: {known}")
        return value
