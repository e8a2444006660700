"""The settings, typed and frozen (contract section 5). Times are in seconds."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from bridge.broker_settings import BrokerSettings
from bridge.charger.contract import AccountSettings, ChargerSettings
from bridge.charger.properties import CATALOGUE
from bridge.complaint import complaint
from bridge.setting_types import Section
from bridge.settings.vendor_choice import ByVendor
from bridge.vendors import VENDORS


def _topic(value: str) -> str:
    """Check a topic, or the beginning of one."""
    if any(character in value for character in "+#"):
        raise ValueError("it must not hold the wildcards + and #")
    if "" in value.split("/"):
        raise ValueError("it must neither begin nor end with / nor hold //")
    if value.startswith("$"):
        raise ValueError("it must not begin with $, which brokers keep for themselves")
    if not value.isprintable():
        raise ValueError("it must not hold control characters")
    return value


def _listen_address(value: str) -> str:
    """Check `HOST:PORT`, where an IPv6 address stands in brackets."""
    match = re.fullmatch(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})", value)
    if not match or int(match[1]) > 65535:  # noqa: PLR2004 - the highest port
        raise ValueError("it must be HOST:PORT, such as 127.0.0.1:8099 or [::1]:8099")
    return value


SHORTEST_TOKEN = 16
"""Nobody guesses that many characters from outside, at the rate of attempts that the page permits."""

_NAME = "[a-z0-9_-]{1,64}"


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        raise ValueError("a name consists of 1 to 64 of the characters a-z 0-9 _ -")
    return value


def _charger_id(value: str) -> str:
    if value == "bridge":
        raise ValueError("a charger cannot be called bridge, because the bridge's own topics are")
    return _name(value)


# YAML 1.1 reads an unquoted `off` as false.
_off_for_false = BeforeValidator(lambda value: "off" if value is False else value)

_name_schema = WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})

AccountName = Annotated[str, AfterValidator(_name), _name_schema]
ChargerId = Annotated[str, AfterValidator(_charger_id), _name_schema]
Topic = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_topic)]


class Mqtt(BrokerSettings):
    """The broker and our place on it."""

    client_id: str = Field(default="charger2mqtt", min_length=1, max_length=128)
    base_topic: Topic = "charger2mqtt"


class HomeAssistant(Section):
    """How Home Assistant is told of the chargers."""

    discovery: Annotated[Literal["device", "component", "off"], _off_for_false] = "device"
    prefix: Topic = "homeassistant"


class HttpServer(Section):
    """The status page, health and metrics; `listen` None switches them off. `control` needs the token."""

    listen: Annotated[str, AfterValidator(_listen_address)] | None = "127.0.0.1:8099"
    control: bool = False
    token: SecretStr | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Host (without brackets) and port."""
        if self.listen is None:
            return None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"it must have at least {SHORTEST_TOKEN} characters")
        return value

    @model_validator(mode="after")
    def _control_has_token(self) -> Self:
        if self.control and self.token is None:
            raise complaint((("token",), "it must be given, since control lets people command chargers from the page"))
        return self


class Publish(Section):
    """What is published, and how often."""

    output: Literal["both", "json", "scalar"] = "both"
    heartbeat: float = Field(default=300, ge=0.1, le=86400)
    health_interval: float = Field(default=60, ge=0.1, le=86400)
    min_interval: float = Field(default=0, ge=0, le=3600)
    min_change: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default={})

    @field_validator("min_change")
    @classmethod
    def _only_measurements(cls, value: dict[str, float]) -> dict[str, float]:
        faults = []
        for key in value:
            if key not in CATALOGUE:
                faults.append(((key,), "there is no such property"))
            elif not CATALOGUE[key].measured:
                faults.append(((key,), "only measurements can be damped, and this is none"))
        if faults:
            raise complaint(*faults)
        return value


class Commands(Section):
    """What happens to commands: how old they may be, and how many may wait for one charger."""

    max_age: float = Field(default=60, ge=1, le=3600)
    queue: int = Field(default=32, ge=1, le=1000)


class Shard(Section):
    """Which part of the chargers this daemon serves, where several share one configuration."""

    index: int = Field(default=0, ge=0, le=999)
    count: int = Field(default=1, ge=1, le=1000)

    @model_validator(mode="after")
    def _index_below_count(self) -> Self:
        if self.index >= self.count:
            raise complaint((("index",), f"it must be less than shard.count, which is {self.count}"))
        return self


class Settings(Section):
    """The whole configuration."""

    mqtt: Mqtt = Mqtt()
    homeassistant: HomeAssistant = HomeAssistant()
    http: HttpServer = HttpServer()
    publish: Publish = Publish()
    commands: Commands = Commands()
    shard: Shard = Shard()
    instance: str = Field(default="charger2mqtt", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    accounts: dict[AccountName, Annotated[AccountSettings, ByVendor(AccountSettings)]] = Field(default={})
    chargers: dict[ChargerId, Annotated[ChargerSettings, ByVendor(ChargerSettings)]]

    @field_validator("chargers")
    @classmethod
    def _some_charger(cls, value: dict[str, ChargerSettings], info: ValidationInfo) -> dict[str, ChargerSettings]:
        if not value and (info.context or {}).get("chargers_needed", True):
            raise ValueError("none is configured")
        return value

    @model_validator(mode="after")
    def _topics_apart(self) -> Self:
        base, prefix = self.mqtt.base_topic + "/", self.homeassistant.prefix + "/"
        if base.startswith(prefix) or prefix.startswith(base):
            message = "it and homeassistant.prefix must be different, and neither may lie below the other"
            raise complaint((("mqtt", "base_topic"), message))
        return self

    @model_validator(mode="after")
    def _accounts_exist(self) -> Self:
        faults = []
        for name, charger in self.chargers.items():
            if VENDORS[charger.vendor].account_settings is None:
                continue
            account = getattr(charger, "account", None)
            theirs = sorted(key for key, known in self.accounts.items() if known.vendor == charger.vendor)
            if account not in theirs:
                known = f"known are: {', '.join(theirs)}" if theirs else "there is none under accounts"
                faults.append((("chargers", name, "account"), f"it must name an account of {charger.vendor}; {known}"))
        if faults:
            raise complaint(*faults)
        return self
