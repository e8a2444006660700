"""What the configuration says of a go-e charger."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator, model_validator

from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import ChargerSettings
from bridge.complaint import complaint
from bridge.setting_types import DeviceAddress
from bridge.vendors.goe.keys import table

SMALLEST_WITHOUT_ZERO, LARGEST = 100_000, 999_999
"""Serial numbers have six digits."""


def _text_for_digits(value: object) -> object:
    # YAML reads an unquoted serial number as a number, one with a zero in front even as an octal one: 072246 is 29862.
    if type(value) is not int:
        return value
    if not SMALLEST_WITHOUT_ZERO <= value <= LARGEST:
        raise ValueError('it must be in quotes, because YAML changes numbers that begin with 0: "012345"')
    return str(value)


def _prefix(value: str) -> str:
    if any(character in value for character in "+#") or not value.isprintable():
        raise ValueError("it must not hold the wildcards + and #, nor control characters")
    if not value.strip("/"):
        raise ValueError("it must not be empty")
    return value.strip("/")


def _url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("it must begin with https:// (or http://)")
    return value.rstrip("/")


class ChargerBroker(BrokerSettings):
    """The broker that a charger talks to, where it is not ours."""

    client_id: str | None = Field(default=None, min_length=1, max_length=128)


class GoeSettings(ChargerSettings):
    """A go-e charger; which settings are needed depends on `transport`.

    `http`: `host`. `mqtt`: `serial`; with `host` too, HTTP fills in what the charger does not tell. `cloud`: `serial`
    and `token`.
    """

    vendor: Literal["go-e"]
    transport: Literal["http", "mqtt", "cloud"] = "http"
    host: DeviceAddress | None = None
    serial: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,32}$"), BeforeValidator(_text_for_digits)] | None = None
    topic_prefix: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_prefix)] = "go-eCharger"
    broker: ChargerBroker | None = None
    token: SecretStr | None = None
    api_url: Annotated[str, Field(max_length=500), AfterValidator(_url)] | None = None

    @field_validator("token")
    @classmethod
    def _one_word(cls, value: SecretStr | None) -> SecretStr | None:
        # It goes into the head of a request, where an end of line would be another one.
        text = "x" if value is None else value.get_secret_value()
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("it must be one word of letters, digits and signs, as the app shows it")
        return value

    @field_validator("vendor_keys")
    @classmethod
    def _known_keys(cls, value: Literal["all"] | tuple[str, ...] | None) -> Literal["all"] | tuple[str, ...] | None:
        for key in value if isinstance(value, tuple) else ():
            row = table().get(key)
            if row is None:
                raise ValueError(f"there is no key {key!r}; docs/vendors/go-e.md lists them all")
            if not row.offered:
                raise ValueError(f"{key} is a secret that cannot be set, so there is nothing to publish")
        return value

    @model_validator(mode="after")
    def _what_the_transport_needs(self) -> Self:
        needs = {"http": ("host",), "mqtt": ("serial",), "cloud": ("serial", "token")}
        missing = [name for name in needs[self.transport] if getattr(self, name) is None]
        of_others = {"broker": "mqtt", "token": "cloud", "api_url": "cloud"}
        useless = [name for name, way in of_others.items() if getattr(self, name) is not None and way != self.transport]
        faults = [((name,), f"it must be given for transport: {self.transport}") for name in missing]
        faults += [((name,), f"it is only for transport: {of_others[name]}") for name in useless]
        if faults:
            raise complaint(*faults)
        return self
