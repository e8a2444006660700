"""Where the broker is, who we are there, and how the connection is protected."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from bridge.broker_settings import BrokerSettings

TIMEOUT_S = 5.0


class Protocol(Enum):
    """MQTT versions; the value is what `bridge/info` says."""

    V5 = "5"
    V311 = "3.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the connection is encrypted; file names, None for the system's authorities."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where a broker is and who we are there. `will_topic`, if any, gets `offline` when we vanish."""

    host: str
    port: int
    client_id: str
    will_topic: str | None = None
    username: str | None = None
    password: str | None = None
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    tls: Tls | None = None
    timeout_s: float = TIMEOUT_S
    """For each answer of the broker."""


def address_of(settings: BrokerSettings, client_id: str, will_topic: str | None = None) -> BrokerAddress:
    """Return the address that the configuration names."""
    tls = settings.tls
    return BrokerAddress(
        host=settings.host,
        port=settings.port,
        client_id=client_id,
        will_topic=will_topic,
        username=settings.username,
        password=None if settings.password is None else settings.password.get_secret_value(),
        protocol=settings.protocol,
        tls=Tls(ca_file=tls.ca_file, cert_file=tls.cert_file, key_file=tls.key_file, verify=tls.verify)
        if tls.enabled
        else None,
    )


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Return what protects the connection; raises OSError if a file cannot be used."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
