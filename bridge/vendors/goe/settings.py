"""What the configuration says of a go-e charger."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from bridge.charger.contract import ChargerSettings
from bridge.vendors.goe.keys import BY_NAME


def _host(value: str) -> str:
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?", value):
        raise ValueError("it must be a name or an address, perhaps with a port: 192.168.1.40 or charger.lan:8080")
    return value


def _available(value: object) -> object:
    if value in ("mqtt", "cloud"):
        raise ValueError("only http is available in this version")
    return value


class GoeSettings(ChargerSettings):
    """A go-e charger in the local network; `host` may carry a port."""

    vendor: Literal["go-e"]
    host: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)]
    transport: Annotated[Literal["http"], BeforeValidator(_available)] = "http"

    @field_validator("vendor_keys")
    @classmethod
    def _known_keys(cls, value: Literal["all"] | tuple[str, ...] | None) -> Literal["all"] | tuple[str, ...] | None:
        unknown = [key for key in value if key not in BY_NAME] if isinstance(value, tuple) else []
        if unknown:
            known = ", ".join(BY_NAME)
            raise ValueError(f"there is no key {unknown[0]!r}; known are: {known}")
        return value
