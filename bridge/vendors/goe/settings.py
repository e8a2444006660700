"""What the configuration says of a go-e charger."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bridge.charger.contract import ChargerSettings


class GoeSettings(ChargerSettings):
    """A go-e charger in the local network; `host` may carry a port."""

    vendor: Literal["go-e"]
    host: str = Field(min_length=1, max_length=255, pattern=r"^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$")
    transport: Literal["http"] = "http"
