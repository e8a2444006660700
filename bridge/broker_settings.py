"""What the configuration says of an MQTT broker: our own, and one that chargers of a vendor talk to."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from bridge.complaint import complaint
from bridge.setting_types import ExistingFile, Section


def _host(value: str) -> str:
    """Check a host without scheme and port; brackets round an IPv6 address are taken off."""
    if re.fullmatch(r"\[[\w:.%]+\]", value):
        return value[1:-1]
    if "/" in value or value.count(":") == 1:
        raise ValueError("it must be the host alone; the port has a key of its own, and tls.enabled is for TLS")
    if not value.isprintable() or " " in value:
        raise ValueError("it must not hold blanks or control characters")
    return value


# YAML reads an unquoted `5` as a number.
_text_for_five = BeforeValidator(lambda value: "5" if type(value) is int and value == 5 else value)  # noqa: PLR2004


class Tls(Section):
    """Encryption to the broker; without `ca_file` the system's authorities count."""

    enabled: bool = False
    ca_file: ExistingFile | None = None
    cert_file: ExistingFile | None = None
    key_file: ExistingFile | None = None
    verify: bool = True

    @model_validator(mode="after")
    def _key_has_certificate(self) -> Self:
        if self.key_file and not self.cert_file:
            raise complaint((("key_file",), "it is of no use without cert_file"))
        return self


class BrokerSettings(Section):
    """Where an MQTT broker is, and who we are there."""

    host: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)] = "localhost"
    tls: Tls = Tls()
    port: int = Field(
        default_factory=lambda told: 8883 if "tls" in told and told["tls"].enabled else 1883, ge=1, le=65535
    )
    username: str | None = Field(default=None, min_length=1, max_length=1024)
    password: SecretStr | None = None
    protocol: Annotated[
        Literal["auto", "5", "3.1.1"], _text_for_five, WithJsonSchema({"enum": ["auto", 5, "5", "3.1.1"]})
    ] = "auto"

    @model_validator(mode="after")
    def _password_has_username(self) -> Self:
        if self.password and not self.username and self.protocol != "5":
            raise complaint((("username",), "it must be given, since there is a password (only MQTT 5 can do without)"))
        return self
