"""What the configuration says of a Webasto Next or an Ampure Unite."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bridge.charger.contract import ChargerSettings

DIGEST_LENGTH = 64


def _host(value: str) -> str:
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?", value):
        raise ValueError("it must be a name or an address, perhaps with a port: 192.168.1.41 or depot.lan:8443")
    return value


def _fingerprint(value: str) -> str:
    digits = re.sub(r"^sha-?256[:=/ ]", "", value.strip(), flags=re.IGNORECASE)
    digits = re.sub(r"[:\s]", "", digits).lower()
    if len(digits) != DIGEST_LENGTH or re.search(r"[^0-9a-f]", digits):
        raise ValueError("it must be a SHA-256 fingerprint: 64 hexadecimal digits, colons between them do not matter")
    return digits


def _existing_file(value: Path) -> Path:
    try:
        is_file = value.is_file()
    except OSError:
        is_file = False
    if not is_file:
        raise ValueError("there is no such file")
    return value


class WebastoSettings(ChargerSettings):
    """A Webasto Next or Ampure Unite in the local network; `host` may carry a port.

    Its certificate is its own. Of `tls_fingerprint`, `tls_ca_file` and `verify: false` at most one can be given;
    without any the first certificate seen is pinned.
    """

    vendor: Literal["webasto"]
    host: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)]
    username: str = Field(default="admin", min_length=1, max_length=100, repr=False)
    password: SecretStr
    model: Literal["auto", "next", "unite"] = "auto"
    serial: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    tls_fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    tls_ca_file: Annotated[Path, AfterValidator(_existing_file)] | None = None
    verify: bool = True
    system_interval: float = Field(default=300, ge=10, le=86400)

    @model_validator(mode="after")
    def _one_trust(self) -> Self:
        given = [self.tls_fingerprint is not None, self.tls_ca_file is not None, not self.verify]
        if sum(given) > 1:
            raise ValueError("give only one of tls_fingerprint, tls_ca_file and verify: false")
        return self
