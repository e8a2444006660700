"""What the configuration says of a Webasto Next or an Ampure Unite."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bridge.charger.contract import ChargerSettings
from bridge.setting_types import DeviceAddress, ExistingFile

DIGEST_LENGTH = 64


def _fingerprint(value: str) -> str:
    digits = re.sub(r"^sha-?256[:=/ ]", "", value.strip(), flags=re.IGNORECASE)
    digits = re.sub(r"[:\s]", "", digits).lower()
    if len(digits) != DIGEST_LENGTH or re.search(r"[^0-9a-f]", digits):
        raise ValueError("it must be a SHA-256 fingerprint: 64 hexadecimal digits, colons between them do not matter")
    return digits


class WebastoSettings(ChargerSettings):
    """A Webasto Next or Ampure Unite in the local network; `host` may carry a port.

    Its certificate is its own. Of `tls_fingerprint`, `tls_ca_file` and `verify: false` at most one can be given;
    without any the first certificate seen is pinned.
    """

    vendor: Literal["webasto"]
    host: DeviceAddress
    username: str = Field(default="admin", min_length=1, max_length=100, repr=False)
    password: SecretStr
    model: Literal["auto", "next", "unite"] = "auto"
    serial: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    tls_fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    tls_ca_file: ExistingFile | None = None
    verify: bool = True
    system_interval: float = Field(default=300, ge=10, le=86400)

    @model_validator(mode="after")
    def _one_trust(self) -> Self:
        given = [self.tls_fingerprint is not None, self.tls_ca_file is not None, not self.verify]
        if sum(given) > 1:
            raise ValueError("give only one of tls_fingerprint, tls_ca_file and verify: false")
        return self
